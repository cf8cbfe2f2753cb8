//! Sending: one transaction claims the journey and writes the batch with all its entries. What the
//! page promised is what is written; a repeat finds the same batch (R98).

use chrono::TimeDelta;
use domain::{
    audit::AuditEventKind,
    id::{BatchId, DraftId, EntryId},
    invitation::{EntryOutcome, EntryWish, InviteStep, Invitee, MembersChoice, PendingChoice},
};
use serde_json::json;
use store::{AddressRow, BatchRow, EntryRow, Tx};

use super::{
    At, Elsewhere, area_ids,
    journey::{self, Loaded, Standing, answers::still_grantable, here},
    process::LEASE,
};
use crate::{Actor, By, Conflict, Error, Result, Services, audit::Event, memberships::role_full};

/// Below this number the work is done before the answer (ux 6.25).
pub(super) const AT_ONCE: i64 = 10;
/// How long a finished journey is kept, so that a repeat finds its batch.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

impl Services {
    /// Sends what the page of answers showed. `version` is that of the page: when the answers have
    /// changed since, nothing is sent. Few invitations are made before this returns, many by
    /// [`Services::process_batch_step`].
    ///
    /// # Errors
    /// [`Conflict::Stale`] when the page is older than the answers; `role.full`;
    /// `emails.all_skipped`; [`Error::NotAllowed`].
    pub async fn send_invitations(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        version: i64,
    ) -> Result<At<BatchId>> {
        let mut tx = self.store.write().await?;
        let access = self.inviting(&mut tx, actor, slug).await?;
        let row = tx
            .lock_journey(access.organisation_id(), actor.user(), id, self.now())
            .await?;
        let loaded = match journey::open(access, row)? {
            At::Here(loaded) => loaded,
            // The first post has sent it; this is its result.
            At::Elsewhere(Elsewhere::Job(batch)) => return Ok(At::Here(batch)),
            At::Elsewhere(elsewhere) => return Ok(At::Elsewhere(elsewhere)),
        };
        let standing = here!(
            self.reach_invite_step(&mut tx, &loaded, InviteStep::Check)
                .await?
        );
        if loaded.journey.version != version {
            return Err(Error::Conflict(Conflict::Stale));
        }
        let batch = self.write_batch(&mut tx, actor, loaded, &standing).await?;
        tx.commit().await?;
        self.wake.ring();
        if batch.to_send < AT_ONCE {
            // Whatever goes wrong here, the batch is written: the worker takes over.
            let worked = self
                .work_on_batch(batch.organisation_id, batch.id, batch.leased_until)
                .await;
            if let Err(error) = worked {
                tracing::warn!(batch = %batch.id, %error, "left to the worker");
            }
        }
        Ok(At::Here(batch.id))
    }

    async fn write_batch(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        mut loaded: Loaded,
        standing: &Standing,
    ) -> Result<BatchRow> {
        let now = self.now();
        let role = self
            .chosen_role(tx, &loaded)
            .await?
            .ok_or(Error::NotAllowed)?;
        still_grantable(&loaded, &role)?;
        let to_send = standing.to_send(&loaded.draft);
        if to_send == 0 {
            return Err(Error::violation("problems", "emails.all_skipped"));
        }
        let organisation = loaded.access.organisation_id();
        if let Some(limit) = role.seat_limit {
            let used = tx.seats_used(organisation, now).await?;
            let used = used.iter().find(|(id, _)| *id == role.id);
            if used.is_some_and(|(_, used)| *used >= limit) {
                return Err(role_full(&role));
            }
        }
        let id = BatchId::from_uuid(self.random.uuid(now));
        let entries = self.batch_entries(&loaded, standing, id);
        let to_send = i64::try_from(to_send).unwrap_or(i64::MAX);
        let batch = BatchRow {
            id,
            organisation_id: organisation,
            created_by: actor.user(),
            role_id: role.id,
            message: loaded.draft.message.clone(),
            total: i64::try_from(entries.len()).unwrap_or(i64::MAX),
            to_send,
            created_at: now,
            finished_at: None,
            stopped_at: None,
            // A small batch is worked on by this request; nobody else is to begin meanwhile.
            leased_until: (to_send < AT_ONCE).then_some(now + LEASE),
        };
        let areas = area_ids(loaded.draft.areas.as_ref());
        tx.insert_batch(&batch, &areas).await?;
        tx.insert_entries(&entries).await?;
        let event = Event {
            organisation: Some(organisation),
            kind: AuditEventKind::BatchStarted,
            subject: None,
            details: json!({
                "batch": batch.id,
                "role": role.name,
                "areas": areas,
                "entered": batch.total,
                "to_send": batch.to_send,
            }),
        };
        self.audit(tx, &By::actor(actor), event).await?;
        // The addresses live on in the entries only.
        loaded.journey.answers = json!({});
        loaded.journey.batch_id = Some(batch.id);
        loaded.journey.expires_at = now + REMEMBERED;
        tx.update_journey(&loaded.journey).await?;
        Ok(batch)
    }

    /// An entry for each thing that was entered, in the order of the list. What nothing is to be
    /// done about has its outcome from the start (R97).
    fn batch_entries(&self, loaded: &Loaded, standing: &Standing, batch: BatchId) -> Vec<EntryRow> {
        let now = self.now();
        let organisation = loaded.access.organisation_id();
        let sorted = &standing.sorted;
        let make = |line: u32, entered: &str, wish: EntryWish| {
            EntryRow::new(
                EntryId::from_uuid(self.random.uuid(now)),
                (organisation, batch),
                (0, i64::from(line)),
                entered.to_owned(),
                wish,
            )
        };
        let invitee = |invitee: &Invitee, wish| {
            let address = invitee.address.as_str();
            let mut entry = make(invitee.line, address, wish);
            entry.email = Some(address.to_owned());
            entry.name = invitee.name.clone().unwrap_or_default();
            entry
        };
        let known = |person: &(Invitee, AddressRow), wish| {
            let mut entry = invitee(&person.0, wish);
            entry.membership_id = person.1.membership_id;
            entry
        };
        let done = |entry: EntryRow, outcome| entry.settled(outcome, now);
        let nothing = EntryWish::Nothing;
        let mut entries: Vec<EntryRow> = Vec::new();
        entries.extend(
            sorted
                .ready
                .iter()
                .map(|one| invitee(one, EntryWish::Invite)),
        );
        entries.extend(sorted.members.iter().map(|one| match loaded.draft.members {
            MembersChoice::GiveRole => known(one, EntryWish::GiveRole),
            MembersChoice::Leave => done(known(one, nothing), EntryOutcome::AlreadyMember),
        }));
        entries.extend(sorted.pending.iter().map(|one| match loaded.draft.pending {
            PendingChoice::SendAgain => known(one, EntryWish::SendAgain),
            PendingChoice::Leave => done(known(one, nothing), EntryOutcome::AlreadyPending),
        }));
        entries.extend(
            sorted
                .inactive
                .iter()
                .map(|one| done(known(one, nothing), EntryOutcome::Inactive)),
        );
        entries.extend(
            sorted
                .not_allowed
                .iter()
                .map(|one| done(invitee(one, nothing), EntryOutcome::DomainNotAllowed)),
        );
        if let Some(mended) = &standing.mended {
            entries.extend(mended.skipped.iter().map(|line| {
                let outcome = if line.is_address {
                    EntryOutcome::Skipped
                } else {
                    EntryOutcome::Invalid
                };
                done(make(line.line, &line.text, nothing), outcome)
            }));
            entries.extend(
                mended
                    .repeated
                    .iter()
                    .map(|one| done(invitee(one, nothing), EntryOutcome::Repeated)),
            );
        }
        entries.sort_by_key(|entry| entry.line);
        for (position, entry) in (0..).zip(&mut entries) {
            entry.position = position;
        }
        entries
    }
}
