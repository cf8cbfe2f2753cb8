//! The work behind a job: some hundred people in one transaction, each with their change, message and
//! audit event. Whoever is killed in the middle leaves nothing half done; the next one goes on with
//! those who have no outcome (R107).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    MembershipStatus,
    audit::AuditEventKind,
    bulk::BulkOutcome,
    id::{BulkJobId, ChangeId, MembershipId, OrganisationId},
};
use serde_json::json;
use store::{BulkEntryRow, BulkJobRow, BulkSettled, Tx, UserRow};

use super::{
    AT_ONCE, Plan, check::stored_answers, count, judge::Verdict, outcome_of, selection::Candidate,
};
use crate::{
    Access, By, RequestInfo, Result, Services,
    invitations::{LEASE, Sending},
    outbox::{MessageContent, MessageKind, Outgoing},
};

/// People in one transaction who are changed with a few statements for all of them.
const TOGETHER: i64 = 500;
/// People in one transaction who are changed one after the other: short enough that nobody else waits
/// long for the database.
const ONE_BY_ONE: i64 = 100;

/// What a step works with: the job, and what whoever started it may do at this moment.
pub(super) struct Work {
    pub job: BulkJobRow,
    pub access: Access,
    pub starter: UserRow,
    /// For the audit: the starter, through this program.
    pub by: By,
}

impl Services {
    /// Does some of the work of the oldest job that nobody works on. True when there may be more to do
    /// at once. Several servers may call this; each works on another job.
    ///
    /// # Errors
    /// When the database is away, or a fault: the job is tried again when its lease is over.
    pub async fn process_bulk_step(&self) -> Result<bool> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let claimed = tx.claim_bulk_job(now, now + LEASE).await?;
        tx.commit().await?;
        let Some(job) = claimed else {
            return Ok(false);
        };
        self.work_on_bulk_job(job.organisation_id, job.id, job.leased_until)
            .await?;
        Ok(true)
    }

    /// Changes the next people of a job, for whoever has the lease. True when there are more.
    pub(super) async fn work_on_bulk_job(
        &self,
        organisation: OrganisationId,
        job: BulkJobId,
        lease: Option<DateTime<Utc>>,
    ) -> Result<bool> {
        let mut tx = self.store.write().await?;
        // One step at a time in an organisation: places and administrators are counted for all of it.
        tx.lock_organisation(organisation).await?;
        let Some(job) = tx.lock_bulk_job(organisation, job, lease).await? else {
            return Ok(false);
        };
        let more = self.bulk_step(&mut tx, &job).await?;
        if more {
            tx.release_bulk_job(organisation, job.id, None).await?;
        } else {
            self.finish_bulk_job(&mut tx, &job).await?;
        }
        tx.commit().await?;
        Ok(more)
    }

    async fn bulk_step(&self, tx: &mut Tx, job: &BulkJobRow) -> Result<bool> {
        let organisation = job.organisation_id;
        let now = self.now();
        let rest = if job.stopped_at.is_some() {
            Some(BulkOutcome::Stopped)
        } else {
            None
        };
        let work = match rest {
            Some(_) => None,
            None => self.work_of(tx, job).await?,
        };
        let Some(work) = work else {
            let outcome = rest.unwrap_or(BulkOutcome::NotAllowed);
            tx.settle_waiting_bulk_entries(organisation, job.id, outcome, now)
                .await?;
            return Ok(false);
        };
        if job.undoes.is_some() {
            return self.undo_step(tx, &work, ONE_BY_ONE).await;
        }
        let roles = tx.roles(organisation).await?;
        let answers = stored_answers(job)?;
        let Some(plan) = Plan::of(&work.access, &roles, job.action, &answers) else {
            tx.settle_waiting_bulk_entries(organisation, job.id, BulkOutcome::NotAllowed, now)
                .await?;
            return Ok(false);
        };
        let together = matches!(plan, Plan::Deactivate(_));
        let most = if together { TOGETHER } else { ONE_BY_ONE };
        let entries = tx.waiting_bulk_entries(organisation, job.id, most).await?;
        let more = i64::try_from(entries.len()).unwrap_or(most) == most;
        let settled = self.change_all(tx, &work, &plan, entries).await?;
        tx.settle_bulk_entries(organisation, job.id, &settled, now)
            .await?;
        Ok(more)
    }

    /// What the job is allowed to do now; nothing when whoever started it may no longer do it anywhere.
    async fn work_of(&self, tx: &mut Tx, job: &BulkJobRow) -> Result<Option<Work>> {
        let Some(organisation) = tx.organisation(job.organisation_id).await? else {
            return Ok(None);
        };
        let membership = tx
            .membership_of(organisation.id, job.created_by)
            .await?
            .filter(|membership| membership.status == MembershipStatus::Active);
        let (Some(membership), Some(starter)) = (membership, tx.user(job.created_by).await?) else {
            return Ok(None);
        };
        let open = organisation.closed_at.is_none();
        let access = self.access_of(tx, organisation, membership).await?;
        if !open || !access.has(job.action.permission()) {
            return Ok(None);
        }
        let request = RequestInfo::internal(&job.id.to_string());
        Ok(Some(Work {
            job: job.clone(),
            by: By::person(starter.id, &starter.name(), &request, By::BULK),
            access,
            starter,
        }))
    }

    /// Changes these people, and says what became of each.
    async fn change_all(
        &self,
        tx: &mut Tx,
        work: &Work,
        plan: &Plan,
        entries: Vec<BulkEntryRow>,
    ) -> Result<Vec<BulkSettled>> {
        let members: Vec<MembershipId> = entries.iter().map(|entry| entry.membership_id).collect();
        let about_invitations = matches!(plan, Plan::Resend | Plan::Cancel);
        let mut candidates: BTreeMap<MembershipId, Candidate> = self
            .candidates(tx, &work.access, &members, about_invitations)
            .await?
            .into_iter()
            .map(|candidate| (candidate.member.membership.id, candidate))
            .collect();
        let mut judge = self
            .judge(tx, &work.access, work.starter.id, (work.job.action, plan))
            .await?;
        let mut settled = Vec::with_capacity(entries.len());
        let mut leaving: Vec<(i64, Candidate)> = Vec::new();
        for entry in entries {
            let mut settle = |outcome, change| {
                settled.push(BulkSettled {
                    position: entry.position,
                    outcome,
                    change,
                });
            };
            let Some(candidate) = candidates.remove(&entry.membership_id) else {
                settle(BulkOutcome::Gone, None);
                continue;
            };
            let verdict = judge.judge(&candidate)?;
            match &verdict {
                Verdict::LeaveOut(outcome) => settle(*outcome, None),
                Verdict::Deactivate => {
                    judge.note(&candidate, &verdict);
                    leaving.push((entry.position, candidate));
                }
                _ => {
                    // Somebody who registers at this moment may take the last place.
                    tx.begin_part().await?;
                    let made = self.change_one(tx, work, plan, &candidate, &verdict).await;
                    tx.end_part(made.is_ok()).await?;
                    match made {
                        Ok(change) => {
                            judge.note(&candidate, &verdict);
                            settle(BulkOutcome::Done, change);
                        }
                        Err(error) => settle(outcome_of(&error).ok_or(error)?, None),
                    }
                }
            }
        }
        if let Plan::Deactivate(reason) = plan {
            settled.extend(self.deactivate_all(tx, work, &leaving, reason).await?);
        }
        Ok(settled)
    }

    /// Deactivates people who may be, with a few statements for all of them.
    async fn deactivate_all(
        &self,
        tx: &mut Tx,
        work: &Work,
        leaving: &[(i64, Candidate)],
        reason: &str,
    ) -> Result<Vec<BulkSettled>> {
        let members: Vec<_> = leaving.iter().map(|(_, one)| &one.member).collect();
        self.make_inactive(tx, &members).await?;
        let made = members
            .iter()
            .map(|member| self.deactivated(&work.access, &work.by, member, reason.to_owned()))
            .collect();
        let changes = self.record_all(tx, made).await?;
        Ok(leaving
            .iter()
            .zip(changes)
            .map(|((position, _), change)| BulkSettled {
                position: *position,
                outcome: BulkOutcome::Done,
                change: Some(change),
            })
            .collect())
    }

    /// Changes one person as the verdict says, by the use case of a single change.
    async fn change_one(
        &self,
        tx: &mut Tx,
        work: &Work,
        plan: &Plan,
        candidate: &Candidate,
        verdict: &Verdict,
    ) -> Result<Option<ChangeId>> {
        let (access, by, member) = (&work.access, &work.by, &candidate.member);
        match verdict {
            Verdict::Give(wanted) => {
                let kind = if member.assignments.is_empty() {
                    AuditEventKind::RoleAssigned
                } else {
                    AuditEventKind::RoleChanged
                };
                let reason = match plan {
                    Plan::Role { reason, .. } => reason.clone(),
                    _ => String::new(),
                };
                let change = self.give_exactly(tx, access, by, member, wanted, (kind, reason));
                Ok(change.await?.change)
            }
            Verdict::BringBack => {
                let rows = &member.assignments;
                let back = self.bring_back(tx, access, by, member, (rows, String::new()));
                let changed = back.await?;
                Ok(changed.change)
            }
            Verdict::SendAgain(offered) => {
                let again = Sending {
                    access,
                    by,
                    sender: (work.starter.id, work.starter.name()),
                    batch: None,
                    kind: AuditEventKind::InvitationResent,
                    undoes: None,
                    now: self.now(),
                };
                self.send_offer(tx, &again, offered).await?;
                Ok(None)
            }
            Verdict::Cancel(offered) => {
                let changed = self.cancel_offer(tx, by, offered).await?;
                Ok(changed.change)
            }
            Verdict::Deactivate | Verdict::LeaveOut(_) => Ok(None),
        }
    }

    /// Ends a job: every entry has its outcome. Whoever started a large one is told.
    async fn finish_bulk_job(&self, tx: &mut Tx, job: &BulkJobRow) -> Result<()> {
        let now = self.now();
        tx.release_bulk_job(job.organisation_id, job.id, Some(now))
            .await?;
        let mut outcomes: BTreeMap<BulkOutcome, i64> = BTreeMap::new();
        for (_, outcome, number) in tx.count_bulk_outcomes(job.organisation_id, job.id).await? {
            if let Some(outcome) = outcome {
                *outcomes.entry(outcome).or_default() += number;
            }
        }
        let done = outcomes
            .get(&BulkOutcome::Done)
            .copied()
            .unwrap_or_default();
        let mut event = self
            .about_job(tx, AuditEventKind::BulkFinished, job)
            .await?;
        event.details["outcomes"] = json!(outcomes);
        let starter = tx.user(job.created_by).await?;
        let request = RequestInfo::internal(&job.id.to_string());
        let by = match &starter {
            Some(starter) => By::person(starter.id, &starter.name(), &request, By::BULK),
            None => By::system(&request),
        };
        self.audit(tx, &by, event).await?;
        let organisation = tx.organisation(job.organisation_id).await?;
        if let (Some(starter), Some(organisation)) = (starter, organisation)
            && job.to_do >= AT_ONCE
        {
            let content = MessageContent {
                recipient_name: starter.name(),
                path: format!("/o/{}/jobs/{}", organisation.slug, job.id),
                organisation: organisation.name,
                organisation_slug: organisation.slug,
                sent: count(done),
                total: count(job.to_do),
                happened_at: Some(now),
                ..MessageContent::default()
            };
            let mut message = Outgoing::email(MessageKind::BulkFinished, starter.email, content);
            message.organisation = Some(job.organisation_id);
            self.queue(tx, vec![message]).await?;
        }
        Ok(())
    }
}
