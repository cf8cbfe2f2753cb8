//! The work behind a batch: entries become invitations, some hundred in one transaction, each with
//! its message and its audit event. Whoever is killed in the middle leaves nothing half done; the
//! next one goes on with the entries that have no outcome (R107).

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    EmailAddress, MembershipStatus, Permission, RoleSummary,
    audit::AuditEventKind,
    id::{AreaId, BatchId, OrganisationId},
    invitation::{EntryOutcome, EntryWish},
};
use serde_json::json;
use store::{AddressRow, BatchRow, OrganisationRow, RoleRow, Settled, Tx, UserRow};

use super::{
    DAY, MOST_IN_TEN_MINUTES, TEN_MINUTES, area_tree, entries::Offer, journey::check::quota_left,
    send::AT_ONCE,
};
use crate::{
    By, RequestInfo, Result, Services,
    audit::Event,
    authorisation::Access,
    outbox::{MessageContent, MessageKind, Outgoing},
};

/// How long a worker has a batch to itself. A step takes well under a second; whoever has not come
/// back by then is gone.
pub(crate) const LEASE: TimeDelta = TimeDelta::seconds(30);
/// Entries in one transaction: short enough that nobody else waits long for the database.
const STEP: i64 = 200;

/// What a step works with: the batch, and what its sender may do at this moment.
pub(super) struct Work {
    pub batch: BatchRow,
    pub organisation: OrganisationRow,
    pub sender: UserRow,
    pub access: Access,
    pub role: RoleRow,
    pub summary: RoleSummary,
    /// None: the whole organisation.
    pub areas: Vec<AreaId>,
    pub area_labels: Vec<String>,
    /// For the audit: the sender, through this program.
    pub by: By,
    pub now: DateTime<Utc>,
}

impl Services {
    /// Does some of the work of the oldest batch that nobody works on. True when there may be more
    /// to do at once. Several servers may call this; each works on another batch.
    ///
    /// # Errors
    /// When the database is away, or a fault: the batch is tried again when its lease is over.
    pub async fn process_batch_step(&self) -> Result<bool> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let claimed = tx.claim_batch(now, now + LEASE).await?;
        tx.commit().await?;
        let Some(batch) = claimed else {
            return Ok(false);
        };
        self.work_on_batch(batch.organisation_id, batch.id, batch.leased_until)
            .await?;
        Ok(true)
    }

    /// Handles the next entries of a batch, for whoever has the lease. True when there are more.
    pub(super) async fn work_on_batch(
        &self,
        organisation: OrganisationId,
        batch: BatchId,
        lease: Option<DateTime<Utc>>,
    ) -> Result<bool> {
        let mut tx = self.store.write().await?;
        // One step at a time in an organisation: limits and seats are counted for all of it.
        tx.lock_organisation(organisation).await?;
        let Some(batch) = tx.lock_batch(organisation, batch, lease).await? else {
            return Ok(false);
        };
        let more = self.batch_step(&mut tx, &batch).await?;
        if more {
            tx.release_batch(organisation, batch.id, None).await?;
        } else {
            self.finish_batch(&mut tx, &batch).await?;
        }
        tx.commit().await?;
        Ok(more)
    }

    async fn batch_step(&self, tx: &mut Tx, batch: &BatchRow) -> Result<bool> {
        let organisation = batch.organisation_id;
        let now = self.now();
        if batch.stopped_at.is_some() {
            tx.settle_waiting(organisation, batch.id, EntryOutcome::Stopped, now)
                .await?;
            return Ok(false);
        }
        let Some(work) = self.batch_work(tx, batch).await? else {
            tx.settle_waiting(organisation, batch.id, EntryOutcome::NotAllowed, now)
                .await?;
            return Ok(false);
        };
        let entries = tx.waiting_entries(organisation, batch.id, STEP).await?;
        let more = i64::try_from(entries.len()).unwrap_or(STEP) == STEP;
        let mut settled = Vec::with_capacity(entries.len());
        let mut offers = Vec::new();
        let mut grants = Vec::new();
        let mut known = self.known_entries(tx, organisation, &entries).await?;
        let mut limits = self.batch_limits(tx, &work, &known).await?;
        for entry in entries {
            let parsed = entry.email.as_deref().map(EmailAddress::parse);
            let Some(Ok(address)) = parsed else {
                settled.push(Settled {
                    entry: entry.id,
                    outcome: EntryOutcome::Invalid,
                    membership: None,
                });
                continue;
            };
            let row = known.remove(address.key());
            let membership = row.as_ref().and_then(|row| row.membership_id);
            let status = row.as_ref().and_then(AddressRow::status);
            let refusal = match (status, entry.wish) {
                (Some(MembershipStatus::Inactive), _) => Some(EntryOutcome::Inactive),
                (Some(MembershipStatus::Active), EntryWish::GiveRole) => {
                    grants.push((entry.id, row));
                    continue;
                }
                (Some(MembershipStatus::Active), _) => Some(EntryOutcome::AlreadyMember),
                (Some(MembershipStatus::Pending), EntryWish::SendAgain) => {
                    let outcome = self.send_again_in_batch(tx, &work, membership).await?;
                    Some(outcome)
                }
                (Some(MembershipStatus::Pending), _) => Some(EntryOutcome::AlreadyPending),
                (Some(MembershipStatus::Cancelled) | None, _) => {
                    limits.refuse(&work, &address, membership)
                }
            };
            if let Some(outcome) = refusal {
                settled.push(Settled {
                    entry: entry.id,
                    outcome,
                    membership,
                });
            } else {
                offers.push(Offer {
                    entry: entry.id,
                    name: entry.name,
                    address,
                    known: row,
                });
            }
        }
        settled.extend(self.give_roles(tx, &work, grants).await?);
        settled.extend(self.make_offers(tx, &work, offers).await?);
        tx.settle_entries(organisation, &settled, now).await?;
        Ok(more)
    }

    /// What the batch is allowed to do now; nothing when its sender may no longer send it, or its
    /// role or one of its areas is gone.
    async fn batch_work(&self, tx: &mut Tx, batch: &BatchRow) -> Result<Option<Work>> {
        let Some(organisation) = tx.organisation(batch.organisation_id).await? else {
            return Ok(None);
        };
        let membership = tx
            .membership_of(organisation.id, batch.created_by)
            .await?
            .filter(|membership| membership.status == MembershipStatus::Active);
        let (Some(membership), Some(sender)) = (membership, tx.user(batch.created_by).await?)
        else {
            return Ok(None);
        };
        let Some(role) = tx.role(organisation.id, batch.role_id).await? else {
            return Ok(None);
        };
        let areas = tx.batch_areas(organisation.id, batch.id).await?;
        let access = self.access_of(tx, organisation.clone(), membership).await?;
        let open = areas.iter().all(|area| {
            let row = access.areas.iter().find(|row| row.id == *area);
            row.is_some_and(|row| row.closed_at.is_none())
        });
        let bulk = access.has(Permission::UsersInviteInBulk);
        if organisation.closed_at.is_some()
            || !open
            || !bulk
            || access.may_grant(&role, &areas).is_err()
        {
            return Ok(None);
        }
        let summaries = self.role_summaries(tx, organisation.id).await?;
        let Some(summary) = summaries.into_iter().find(|one| one.id == role.id) else {
            return Ok(None);
        };
        let request = RequestInfo::internal(&batch.id.to_string());
        Ok(Some(Work {
            batch: batch.clone(),
            area_labels: area_tree(&access.areas).labels(&areas),
            by: By::person(sender.id, &sender.name(), &request, By::BATCH),
            organisation,
            sender,
            access,
            role,
            summary,
            areas,
            now: self.now(),
        }))
    }

    async fn known_entries(
        &self,
        tx: &mut Tx,
        organisation: OrganisationId,
        entries: &[store::EntryRow],
    ) -> Result<BTreeMap<String, AddressRow>> {
        let keys: Vec<String> = entries
            .iter()
            .filter_map(|entry| EmailAddress::parse(entry.email.as_deref()?).ok())
            .map(|address| address.key().to_owned())
            .collect();
        let rows = tx.known_addresses(organisation, &keys).await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.email_key.clone(), row))
            .collect())
    }

    /// What is left of the limits, for one step.
    async fn batch_limits(
        &self,
        tx: &mut Tx,
        work: &Work,
        known: &BTreeMap<String, AddressRow>,
    ) -> Result<Limits> {
        let organisation = work.organisation.id;
        let sent = tx
            .count_invitations_since(organisation, work.now - DAY)
            .await?;
        let memberships: Vec<_> = known.values().filter_map(|row| row.membership_id).collect();
        let lately = tx
            .count_invitations_of(organisation, &memberships, work.now - TEN_MINUTES)
            .await?;
        let today = tx
            .count_invitations_of(organisation, &memberships, work.now - DAY)
            .await?;
        let most = most_a_day(&work.organisation);
        let full = lately
            .into_iter()
            .filter(|(_, count)| *count >= MOST_IN_TEN_MINUTES)
            .chain(today.into_iter().filter(|(_, count)| *count >= most))
            .map(|(membership, _)| membership)
            .collect();
        Ok(Limits {
            left: quota_left(&work.organisation, sent),
            full,
        })
    }

    /// Ends a batch: every entry has its outcome. The sender of a large one is told.
    async fn finish_batch(&self, tx: &mut Tx, batch: &BatchRow) -> Result<()> {
        let now = self.now();
        tx.release_batch(batch.organisation_id, batch.id, Some(now))
            .await?;
        let counts: BTreeMap<EntryOutcome, i64> = tx
            .count_outcomes(batch.organisation_id, batch.id)
            .await?
            .into_iter()
            .filter_map(|(outcome, count)| Some((outcome?, count)))
            .collect();
        let done: i64 = counts
            .iter()
            .filter(|(outcome, _)| outcome.is_done())
            .map(|(_, count)| count)
            .sum();
        let event = Event {
            organisation: Some(batch.organisation_id),
            kind: AuditEventKind::BatchFinished,
            subject: None,
            details: json!({ "batch": batch.id, "outcomes": counts }),
        };
        let sender = tx.user(batch.created_by).await?;
        let request = RequestInfo::internal(&batch.id.to_string());
        let by = match &sender {
            Some(sender) => By::person(sender.id, &sender.name(), &request, By::BATCH),
            None => By::system(&request),
        };
        self.audit(tx, &by, event).await?;
        let organisation = tx.organisation(batch.organisation_id).await?;
        if let (Some(sender), Some(organisation)) = (sender, organisation)
            && batch.to_send >= AT_ONCE
        {
            let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
            let content = MessageContent {
                recipient_name: sender.name(),
                path: format!("/o/{}/jobs/{}", organisation.slug, batch.id),
                organisation: organisation.name,
                organisation_slug: organisation.slug,
                sent: count(done),
                total: count(batch.to_send),
                happened_at: Some(now),
                ..MessageContent::default()
            };
            let mut message = Outgoing::email(MessageKind::BatchFinished, sender.email, content);
            message.organisation = Some(batch.organisation_id);
            self.queue(tx, vec![message]).await?;
        }
        Ok(())
    }
}

/// As many messages to one address as the organisation may send in a day (R37, C18): the first
/// one, and as often again as its policy says.
pub(super) fn most_a_day(organisation: &OrganisationRow) -> i64 {
    i64::from(organisation.policy.max_resends_a_day) + 1
}

/// What is left of the limits, for one step.
struct Limits {
    left: usize,
    full: std::collections::BTreeSet<domain::MembershipId>,
}

impl Limits {
    /// Why an address cannot be invited; nothing when it can, and then it counts.
    fn refuse(
        &mut self,
        work: &Work,
        address: &EmailAddress,
        membership: Option<domain::MembershipId>,
    ) -> Option<EntryOutcome> {
        if !work.organisation.policy.email_domains.allows(address) {
            return Some(EntryOutcome::DomainNotAllowed);
        }
        if self.left == 0 || membership.is_some_and(|one| self.full.contains(&one)) {
            return Some(EntryOutcome::OverQuota);
        }
        self.left -= 1;
        None
    }
}
