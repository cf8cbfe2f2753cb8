//! Adding: one transaction makes the user, the membership with what is kept of the person, the roles,
//! the places, the invitation, its messages and its event. A repeat finds what the first post did
//! (R98).

use chrono::TimeDelta;
use domain::{
    EmailAddress, MembershipStatus,
    area::AreaSelection,
    audit::AuditEventKind,
    id::{AreaId, AssignmentId, DraftId, MembershipId, UserId},
    membership::Details,
    one_person::{AddDraft, AddStep, RoleAnswer},
    search::index_words,
};
use store::{AssignmentRow, MembershipRow, RoleRow, StoreError, Tx, UserRow};

use super::{Adding, Known, answers::allowed, opened};
use crate::{
    Actor, By, Conflict, Error, Result, Services,
    invitations::{
        At,
        journey::{answers::chosen_areas, check::lifetime, here},
        resend::Sending,
    },
    memberships::{midnights, places, refuse_repeats, role_full},
};

/// How long a finished journey is kept, so that a repeat finds what it did.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

impl Services {
    /// Adds the person and sends the invitation, as the page of answers showed it. `version` is that
    /// of the page.
    ///
    /// # Errors
    /// [`Conflict::Stale`] when the page is older than the answers; `role.full`, `email.domain`;
    /// [`Conflict::OverQuota`], [`Conflict::TooSoon`], [`Conflict::TooMany`];
    /// [`Error::NotAllowed`].
    pub async fn add_person(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        version: i64,
    ) -> Result<At<()>> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let access = self.inviting_to_change(&mut tx, actor, slug).await?;
        let organisation = access.organisation_id();
        let row = tx.lock_journey(organisation, actor.user(), id, now).await?;
        let mut loaded = here!(opened(access, row)?);
        if loaded.draft.added.is_some() {
            // The first post has done it; this is its result.
            return Ok(At::Here(()));
        }
        let known = here!(
            self.reach_add_step(&mut tx, &mut loaded, AddStep::Check)
                .await?
        );
        if loaded.journey.version != version {
            return Err(Error::Conflict(Conflict::Stale));
        }
        let address = loaded.draft.address().ok_or(Error::NotFound)?;
        allowed(&loaded, &address)?;
        self.fits_together(&mut tx, &loaded, actor).await?;
        self.within_limits(&mut tx, &loaded.access.organisation, &address)
            .await?;
        let user = self.user_to_add(&mut tx, &address).await?;
        let membership = self
            .membership_to_add(&mut tx, &loaded, &known, &user)
            .await?;
        let rows = self.added_assignments(&loaded, &known.roles, &membership, actor)?;
        if rows.is_empty() && !loaded.may_skip_role() {
            return Err(Error::NotAllowed);
        }
        self.has_places(&mut tx, &known.roles, &rows).await?;
        tx.delete_assignments_of(organisation, membership.id)
            .await?;
        tx.insert_assignments(&rows).await?;
        let offered = self.offered_to(&mut tx, &loaded.access, user.id).await?;
        let sending = Sending {
            access: &loaded.access,
            by: &By::actor(actor),
            sender: (actor.user(), actor.name().to_owned()),
            batch: None,
            kind: AuditEventKind::InvitationSent,
            undoes: None,
            now,
        };
        self.send_offer(&mut tx, &sending, &offered).await?;
        // What was typed about the person lives on with the membership only.
        let draft = AddDraft {
            added: Some(user.id),
            ..loaded.draft.another()
        };
        loaded.journey.answers = serde_json::to_value(&draft).map_err(StoreError::from)?;
        loaded.journey.expires_at = now + REMEMBERED;
        tx.update_journey(&loaded.journey).await?;
        tx.commit().await?;
        self.wake.ring();
        Ok(At::Here(()))
    }

    /// The user with this address; a new one without a name when there is none (R24).
    pub(in crate::invitations) async fn user_to_add(
        &self,
        tx: &mut Tx,
        address: &EmailAddress,
    ) -> Result<UserRow> {
        let now = self.now();
        let id = UserId::from_uuid(self.random.uuid(now));
        let row = UserRow::unregistered(id, address.as_str(), address.key(), now);
        tx.insert_users(std::slice::from_ref(&row)).await?;
        let user = tx.user_by_email_key(address.key()).await?;
        user.ok_or_else(|| StoreError::Stale.into())
    }

    /// A membership that waits for the person.
    pub(super) fn new_membership(&self, loaded: &Adding, known: &Known) -> MembershipRow {
        let now = self.now();
        let user = UserRow::unregistered(UserId::from_uuid(self.random.uuid(now)), "", "", now);
        let id = MembershipId::from_uuid(self.random.uuid(now));
        let mut row = MembershipRow::invited(id, loaded.access.organisation_id(), &user, now, now);
        if let Some(form) = &loaded.draft.details
            && let Ok(details) = form.validate(&known.rules)
        {
            keep_details(&mut row, details);
        }
        row
    }

    /// The membership with what is kept of the person: a new one, or the one that was cancelled
    /// before.
    async fn membership_to_add(
        &self,
        tx: &mut Tx,
        loaded: &Adding,
        known: &Known,
        user: &UserRow,
    ) -> Result<MembershipRow> {
        let now = self.now();
        let organisation = &loaded.access.organisation;
        let form = loaded.draft.details.clone().unwrap_or_default();
        let details = if known.facts.asks_details || loaded.draft.details.is_some() {
            form.validate(&known.rules)?
        } else {
            Details {
                job_title: known.shared_title.clone(),
                ..Details::default()
            }
        };
        // Until the offer is sent, which knows whether its roles are privileged.
        let expires_at = now + lifetime(organisation, false);
        let id = MembershipId::from_uuid(self.random.uuid(now));
        let known_row = tx.membership_of(organisation.id, user.id).await?;
        let is_new = known_row.is_none();
        let mut row = known_row
            .unwrap_or_else(|| MembershipRow::invited(id, organisation.id, user, now, expires_at));
        if !is_new && row.status != MembershipStatus::Cancelled {
            // Added by somebody else in this moment.
            return Err(Error::Conflict(Conflict::Stale));
        }
        row.status = MembershipStatus::Pending;
        row.invited_at = Some(now);
        row.invitation_expires_at = Some(expires_at);
        row.delivery_failed_at = None;
        row.deactivated_at = None;
        let (mut first, mut last) = (details.first_name.clone(), details.last_name.clone());
        keep_details(&mut row, details);
        if user.registered_at.is_some() {
            first.clone_from(&user.first_name);
            last.clone_from(&user.last_name);
        }
        row.sort_name = domain::search::sort_name(&first, &last, &user.email);
        if is_new {
            tx.insert_memberships(std::slice::from_ref(&row)).await?;
        } else {
            tx.update_membership(&row).await?;
        }
        let words = index_words(&first, &last, &user.email);
        tx.replace_words(organisation.id, row.id, &words).await?;
        let row = tx.membership(organisation.id, row.id).await?;
        row.ok_or_else(|| StoreError::Stale.into())
    }

    /// Every role of the answers as rows.
    pub(super) fn added_assignments(
        &self,
        loaded: &Adding,
        roles: &[RoleRow],
        membership: &MembershipRow,
        actor: &Actor,
    ) -> Result<Vec<AssignmentRow>> {
        let mut rows = Vec::new();
        for answer in &loaded.draft.roles {
            let new = self.rows_of(loaded, roles, answer, membership.id, actor)?;
            refuse_repeats(&loaded.access, &rows, &new)?;
            rows.extend(new);
        }
        Ok(rows)
    }

    /// One role of the answers as rows, one for each place; none while it has no place yet.
    pub(super) fn rows_of(
        &self,
        loaded: &Adding,
        roles: &[RoleRow],
        answer: &RoleAnswer,
        membership: MembershipId,
        actor: &Actor,
    ) -> Result<Vec<AssignmentRow>> {
        let now = self.now();
        let access = &loaded.access;
        let role = roles.iter().find(|role| Some(role.id) == answer.role);
        let role = role.ok_or_else(|| Error::violation("role", "role.empty"))?;
        let selection = match &answer.areas {
            _ if !loaded.asks_areas(role) => AreaSelection::Whole,
            None => return Ok(Vec::new()),
            // Open still, and not taken from the form of somebody else.
            Some(areas) => chosen_areas(access, form_values(areas))?,
        };
        access.may_grant(role, selection.areas())?;
        let (starts_on, ends_on) = answer.dates.validate(now)?;
        let (starts_at, ends_at) = midnights(starts_on, ends_on);
        let row = |area_id: Option<AreaId>| AssignmentRow {
            id: AssignmentId::from_uuid(self.random.uuid(now)),
            organisation_id: access.organisation_id(),
            membership_id: membership,
            role_id: role.id,
            area_id,
            starts_at,
            ends_at,
            granted_by: Some(actor.user()),
            granted_at: now,
        };
        Ok(places(&selection).into_iter().map(row).collect())
    }

    /// Every limited role has a place left (J25): said before it is taken, on the page of answers.
    async fn has_places(
        &self,
        tx: &mut Tx,
        roles: &[RoleRow],
        rows: &[AssignmentRow],
    ) -> Result<()> {
        let Some(first) = rows.first() else {
            return Ok(());
        };
        let used = tx.seats_used(first.organisation_id, self.now()).await?;
        for role in roles {
            let wanted = rows.iter().any(|row| row.role_id == role.id);
            let taken = used.iter().find(|(id, _)| *id == role.id);
            let full = role
                .seat_limit
                .is_some_and(|limit| taken.is_some_and(|(_, taken)| *taken >= limit));
            if wanted && full {
                return Err(role_full(role));
            }
        }
        Ok(())
    }
}

/// Writes what is kept of a person into their membership.
fn keep_details(row: &mut MembershipRow, details: Details) {
    row.job_title = details.job_title;
    row.details = store::DetailsRow {
        known_first_name: details.first_name,
        known_last_name: details.last_name,
        clinician: details.clinician,
        registration_number: details.registration_number,
        notes: details.notes,
    };
}

/// A selection as a form would post it.
fn form_values(areas: &AreaSelection) -> Vec<String> {
    match areas {
        AreaSelection::Whole => vec![AreaSelection::ALL.to_owned()],
        AreaSelection::Areas(areas) => areas.iter().map(ToString::to_string).collect(),
    }
}
