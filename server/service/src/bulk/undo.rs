//! Taking a whole job back (ux 6.5): within 24 hours, once, each change by the rules by which it could be
//! taken back alone. It is a job itself: what cannot be taken back is listed with the reason.

use chrono::{DateTime, Utc};
use domain::{
    bulk::{BulkOutcome, BulkUndo},
    id::{BulkJobId, ChangeId},
};
use store::{BulkEntryRow, BulkJobRow, BulkSettled, Tx};

use super::{AT_ONCE, count, outcome_of, process::Work};
use crate::{
    Access, Actor, Conflict, Error, Result, Services, invitations::LEASE, memberships::UNDO,
};

impl Services {
    /// Takes back everything that a job changed. A repeat leads to the same job.
    ///
    /// # Errors
    /// [`Conflict::CannotUndo`] when nothing of it can be, or any more; [`Error::NotFound`] when the
    /// actor may not see the job; [`Error::NotAllowed`].
    pub async fn undo_bulk_job(
        &self,
        actor: &Actor,
        slug: &str,
        job: BulkJobId,
    ) -> Result<BulkJobId> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let (access, done) = self.visible_bulk_job(&mut tx, actor, slug, job).await?;
        let organisation = access.organisation_id();
        // Of two who press at once, the second one finds the job of the first.
        tx.lock_organisation(organisation).await?;
        if let Some(undoing) = tx.bulk_job_undoing(organisation, job).await? {
            return Ok(undoing.id);
        }
        if !self.offers_bulk_undo(&done) {
            return Err(Error::Conflict(Conflict::CannotUndo));
        }
        let entries: Vec<BulkEntryRow> = tx
            .done_bulk_entries(organisation, job)
            .await?
            .into_iter()
            .zip(0..)
            .map(|(entry, position)| entry.to_be_undone(position))
            .collect();
        if entries.is_empty() {
            return Err(Error::Conflict(Conflict::CannotUndo));
        }
        let to_do = i64::try_from(entries.len()).unwrap_or(i64::MAX);
        let undoing = BulkJobRow {
            id: BulkJobId::from_uuid(self.random.uuid(now)),
            created_by: actor.user(),
            undoes: Some(job),
            total: to_do,
            to_do,
            created_at: now,
            finished_at: None,
            stopped_at: None,
            leased_until: (to_do < AT_ONCE).then_some(now + LEASE),
            ..done
        };
        self.insert_job(&mut tx, actor, &undoing, &entries).await?;
        tx.commit().await?;
        self.begin_bulk_job(&undoing).await;
        Ok(undoing.id)
    }

    /// Whether a job can be taken back at this moment, whatever became of its changes since.
    pub(super) fn offers_bulk_undo(&self, job: &BulkJobRow) -> bool {
        job.undoes.is_none()
            && job.action.can_undo()
            && job.finished_at.is_some()
            && self.now() < job.created_at + UNDO
    }

    /// Whether a job can be taken back, or was.
    pub(super) async fn bulk_undo(&self, tx: &mut Tx, job: &BulkJobRow) -> Result<BulkUndo> {
        let organisation = job.organisation_id;
        if let Some(undoing) = tx.bulk_job_undoing(organisation, job.id).await? {
            return Ok(BulkUndo::By(undoing.id));
        }
        if !self.offers_bulk_undo(job) {
            return Ok(BulkUndo::No);
        }
        let standing = tx.count_standing_changes(organisation, job.id).await?;
        Ok(match standing {
            0 => BulkUndo::No,
            standing => BulkUndo::Offered(count(standing)),
        })
    }

    /// Until when whoever has this access can take a job back from its page; nothing when they cannot.
    pub(crate) async fn bulk_undo_until(
        &self,
        tx: &mut Tx,
        access: &Access,
        job: BulkJobId,
    ) -> Result<Option<DateTime<Utc>>> {
        let Some(job) = tx.bulk_job(access.organisation_id(), job).await? else {
            return Ok(None);
        };
        let offered = access.has(job.action.permission())
            && matches!(self.bulk_undo(tx, &job).await?, BulkUndo::Offered(_));
        Ok(offered.then_some(job.created_at + UNDO))
    }

    /// Takes the next changes back. True when there are more.
    pub(super) async fn undo_step(&self, tx: &mut Tx, work: &Work, most: i64) -> Result<bool> {
        let organisation = work.job.organisation_id;
        let entries = tx
            .waiting_bulk_entries(organisation, work.job.id, most)
            .await?;
        let more = i64::try_from(entries.len()).unwrap_or(most) == most;
        let mut settled = Vec::with_capacity(entries.len());
        for entry in entries {
            tx.begin_part().await?;
            let undone = self.undo_one(tx, work, entry.change_id).await;
            tx.end_part(undone.is_ok()).await?;
            let outcome = match undone {
                Ok(()) => BulkOutcome::Done,
                Err(error) => outcome_of(&error).ok_or(error)?,
            };
            settled.push(BulkSettled {
                position: entry.position,
                outcome,
                change: None,
            });
        }
        tx.settle_bulk_entries(organisation, work.job.id, &settled, self.now())
            .await?;
        Ok(more)
    }

    async fn undo_one(&self, tx: &mut Tx, work: &Work, change: Option<ChangeId>) -> Result<()> {
        let change = change.ok_or(Error::Conflict(Conflict::CannotUndo))?;
        let by = (work.starter.id, &work.by);
        self.take_change_back(tx, &work.access, by, change).await
    }
}
