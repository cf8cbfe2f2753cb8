//! Bulk jobs: one change of many members, its entries, and who works on it.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use domain::{
    bulk::{BulkAction, BulkOutcome},
    id::{BulkJobId, ChangeId, MembershipId, OrganisationId, UserId},
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Result, StoreError, Tx,
    sql::{Arg, Keyed, MaybeId, assembled, insert_many, sql},
};

/// A row of `bulk_jobs`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BulkJobRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: BulkJobId,
    /// Whose members it changes.
    #[sqlx(try_from = "Uuid")]
    pub organisation_id: OrganisationId,
    /// Who started it.
    #[sqlx(try_from = "Uuid")]
    pub created_by: UserId,
    /// What is done to each.
    #[sqlx(try_from = "Keyed")]
    pub action: BulkAction,
    /// The job whose changes this one takes back.
    #[sqlx(try_from = "MaybeId")]
    pub undoes: Option<BulkJobId>,
    /// What was answered, apart from who was selected.
    #[sqlx(json)]
    pub answers: Value,
    /// How many were selected.
    pub total: i64,
    /// For how many of them something was to be done.
    pub to_do: i64,
    /// When it was started.
    pub created_at: DateTime<Utc>,
    /// When every entry had its outcome.
    pub finished_at: Option<DateTime<Utc>>,
    /// When somebody stopped it.
    pub stopped_at: Option<DateTime<Utc>>,
    /// Until when a worker has it.
    pub leased_until: Option<DateTime<Utc>>,
}

/// A row of `bulk_job_entries`: somebody who was selected, and what became of them.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct BulkEntryRow {
    /// Their place in the job, from 0.
    pub position: i64,
    /// The member.
    #[sqlx(try_from = "Uuid")]
    pub membership_id: MembershipId,
    /// Whether something was to be done.
    pub planned: bool,
    outcome: Option<String>,
    /// What was changed; in a job that takes back, what is taken back.
    #[sqlx(try_from = "MaybeId")]
    pub change_id: Option<ChangeId>,
}

impl BulkEntryRow {
    /// Somebody for whom something is to be done, or with an outcome nothing.
    pub fn new(position: i64, membership_id: MembershipId, outcome: Option<BulkOutcome>) -> Self {
        Self {
            position,
            membership_id,
            planned: outcome.is_none(),
            outcome: outcome.map(|outcome| outcome.as_str().to_owned()),
            change_id: None,
        }
    }

    /// The entry of the job that takes this one back.
    #[must_use]
    pub fn to_be_undone(self, position: i64) -> Self {
        Self {
            change_id: self.change_id,
            ..Self::new(position, self.membership_id, None)
        }
    }

    /// What became of them; nothing while they wait.
    pub fn outcome(&self) -> Option<BulkOutcome> {
        self.outcome.as_deref().and_then(BulkOutcome::parse)
    }
}

/// An entry with what is known about its person now.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BulkResultRow {
    /// Its place in the job, from 0.
    pub position: i64,
    /// Whether something was to be done.
    pub planned: bool,
    outcome: Option<String>,
    /// When it got its outcome.
    pub processed_at: Option<DateTime<Utc>>,
    /// The person.
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    /// Of the person.
    pub first_name: String,
    /// Of the person.
    pub last_name: String,
    /// Of the person.
    pub email: String,
}

impl BulkResultRow {
    /// What became of them; nothing while they wait.
    pub fn outcome(&self) -> Option<BulkOutcome> {
        self.outcome.as_deref().and_then(BulkOutcome::parse)
    }
}

/// What became of an entry.
#[derive(Clone, Copy, Debug)]
pub struct BulkSettled {
    /// The entry.
    pub position: i64,
    /// Its outcome.
    pub outcome: BulkOutcome,
    /// What was changed; nothing leaves what is known already.
    pub change: Option<ChangeId>,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    planned: bool,
    outcome: Option<String>,
    count: i64,
}

#[derive(sqlx::FromRow)]
struct Number {
    count: i64,
}

impl Tx {
    /// Adds a job with everybody who was selected.
    pub async fn insert_bulk_job(
        &mut self,
        row: &BulkJobRow,
        entries: &[BulkEntryRow],
    ) -> Result<()> {
        sql(
            "INSERT INTO bulk_jobs (id, organisation_id, created_by, action, undoes, answers, \
             total, to_do, created_at, finished_at, stopped_at, leased_until) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(row.id)
        .bind(row.organisation_id)
        .bind(row.created_by)
        .bind(row.action.as_str())
        .bind(row.undoes)
        .bind(row.answers.clone())
        .bind(row.total)
        .bind(row.to_do)
        .bind(row.created_at)
        .bind(row.finished_at)
        .bind(row.stopped_at)
        .bind(row.leased_until)
        .execute_one(self)
        .await?;
        let rows = entries
            .iter()
            .map(|entry| {
                let settled = entry.outcome.is_some().then_some(row.created_at);
                vec![
                    row.organisation_id.into(),
                    row.id.into(),
                    entry.position.into(),
                    entry.membership_id.into(),
                    entry.planned.into(),
                    entry.outcome.clone().into(),
                    entry.change_id.into(),
                    settled.into(),
                ]
            })
            .collect();
        insert_many(
            self,
            "INSERT INTO bulk_job_entries (organisation_id, job_id, position, membership_id, \
             planned, outcome, change_id, processed_at)",
            rows,
            "",
        )
        .await?;
        Ok(())
    }

    /// A job of an organisation.
    pub async fn bulk_job(
        &mut self,
        organisation: OrganisationId,
        id: BulkJobId,
    ) -> Result<Option<BulkJobRow>> {
        sql("SELECT * FROM bulk_jobs WHERE organisation_id = $1 AND id = $2")
            .bind(organisation)
            .bind(id)
            .fetch_optional(self)
            .await
    }

    /// The job that takes another one back.
    pub async fn bulk_job_undoing(
        &mut self,
        organisation: OrganisationId,
        id: BulkJobId,
    ) -> Result<Option<BulkJobRow>> {
        sql("SELECT * FROM bulk_jobs WHERE organisation_id = $1 AND undoes = $2")
            .bind(organisation)
            .bind(id)
            .fetch_optional(self)
            .await
    }

    /// The jobs that an organisation has started since `since`, newest first.
    pub async fn bulk_jobs(
        &mut self,
        organisation: OrganisationId,
        since: DateTime<Utc>,
        most: i64,
    ) -> Result<Vec<BulkJobRow>> {
        sql(
            "SELECT * FROM bulk_jobs WHERE organisation_id = $1 AND created_at > $2 \
             ORDER BY created_at DESC, id DESC LIMIT $3",
        )
        .bind(organisation)
        .bind(since)
        .bind(most)
        .fetch_all(self)
        .await
    }

    /// Gives the oldest job that nobody works on to the caller, until `until`. Several servers may
    /// ask at once; each gets another one.
    pub async fn claim_bulk_job(
        &mut self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<BulkJobRow>> {
        let text = format!(
            "UPDATE bulk_jobs SET leased_until = $2 WHERE id = ( \
                SELECT id FROM bulk_jobs WHERE finished_at IS NULL \
                  AND (leased_until IS NULL OR leased_until <= $1) \
                ORDER BY created_at, id LIMIT 1{}) RETURNING *",
            self.dialect().skip_locked()
        );
        assembled(text, vec![now.into(), until.into()])
            .fetch_optional(self)
            .await
    }

    /// The job, locked until the transaction ends, when it is not finished and `lease` is still the
    /// caller's.
    pub async fn lock_bulk_job(
        &mut self,
        organisation: OrganisationId,
        id: BulkJobId,
        lease: Option<DateTime<Utc>>,
    ) -> Result<Option<BulkJobRow>> {
        let row: Option<BulkJobRow> = sql("UPDATE bulk_jobs SET total = total \
             WHERE organisation_id = $1 AND id = $2 AND finished_at IS NULL RETURNING *")
        .bind(organisation)
        .bind(id)
        .fetch_optional(self)
        .await?;
        Ok(row.filter(|row| row.leased_until == lease))
    }

    /// Gives a job back before its lease ends; with `finished_at` it is done.
    pub async fn release_bulk_job(
        &mut self,
        organisation: OrganisationId,
        id: BulkJobId,
        finished_at: Option<DateTime<Utc>>,
    ) -> Result<()> {
        sql(
            "UPDATE bulk_jobs SET leased_until = NULL, finished_at = $3 \
             WHERE organisation_id = $1 AND id = $2 AND finished_at IS NULL",
        )
        .bind(organisation)
        .bind(id)
        .bind(finished_at)
        .execute_one(self)
        .await
    }

    /// Ends every lease; for whoever knows that nobody else is at work.
    pub async fn free_all_bulk_jobs(&mut self) -> Result<u64> {
        sql("UPDATE bulk_jobs SET leased_until = NULL \
             WHERE finished_at IS NULL AND leased_until IS NOT NULL")
        .execute(self)
        .await
    }

    /// Asks for a job to be stopped. False when it was stopped or finished already.
    pub async fn stop_bulk_job(
        &mut self,
        organisation: OrganisationId,
        id: BulkJobId,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let stopped = sql("UPDATE bulk_jobs SET stopped_at = $3 \
             WHERE organisation_id = $1 AND id = $2 AND finished_at IS NULL AND stopped_at IS NULL")
        .bind(organisation)
        .bind(id)
        .bind(now)
        .execute(self)
        .await?;
        Ok(stopped == 1)
    }

    /// The next entries of a job that have no outcome, in their order.
    pub async fn waiting_bulk_entries(
        &mut self,
        organisation: OrganisationId,
        job: BulkJobId,
        most: i64,
    ) -> Result<Vec<BulkEntryRow>> {
        sql(
            "SELECT position, membership_id, planned, outcome, change_id FROM bulk_job_entries \
             WHERE organisation_id = $1 AND job_id = $2 AND outcome IS NULL \
             ORDER BY position LIMIT $3",
        )
        .bind(organisation)
        .bind(job)
        .bind(most)
        .fetch_all(self)
        .await
    }

    /// The entries of a job that were done, in their order.
    pub async fn done_bulk_entries(
        &mut self,
        organisation: OrganisationId,
        job: BulkJobId,
    ) -> Result<Vec<BulkEntryRow>> {
        sql(
            "SELECT position, membership_id, planned, outcome, change_id FROM bulk_job_entries \
             WHERE organisation_id = $1 AND job_id = $2 AND outcome = 'done' ORDER BY position",
        )
        .bind(organisation)
        .bind(job)
        .fetch_all(self)
        .await
    }

    /// How many members were changed by a job and not changed back one by one since.
    pub async fn count_standing_changes(
        &mut self,
        organisation: OrganisationId,
        job: BulkJobId,
    ) -> Result<i64> {
        let row: Number = sql("SELECT count(*) AS count FROM bulk_job_entries e \
             LEFT JOIN membership_changes c \
               ON c.organisation_id = e.organisation_id AND c.id = e.change_id \
             WHERE e.organisation_id = $1 AND e.job_id = $2 AND e.outcome = 'done' \
               AND c.undone_at IS NULL")
        .bind(organisation)
        .bind(job)
        .fetch_one(self)
        .await?;
        Ok(row.count)
    }

    /// Gives entries their outcome, once and for all. [`StoreError::Stale`] when one of them has one.
    pub async fn settle_bulk_entries(
        &mut self,
        organisation: OrganisationId,
        job: BulkJobId,
        settled: &[BulkSettled],
        now: DateTime<Utc>,
    ) -> Result<()> {
        const CHUNK: usize = 500;
        for chunk in settled.chunks(CHUNK) {
            let mut arguments: Vec<Arg> = vec![organisation.into(), job.into(), now.into()];
            let mut text = String::from(
                "UPDATE bulk_job_entries SET outcome = v.column2, \
                 change_id = coalesce(v.column3, bulk_job_entries.change_id), \
                 processed_at = $3 FROM (VALUES ",
            );
            for (index, one) in chunk.iter().enumerate() {
                text.push_str(if index == 0 { "" } else { "," });
                let first = arguments.len() + 1;
                let _ = write!(text, "(${first},${},${})", first + 1, first + 2);
                arguments.push(one.position.into());
                arguments.push(one.outcome.as_str().into());
                arguments.push(one.change.into());
            }
            text.push_str(
                ") AS v WHERE bulk_job_entries.organisation_id = $1 \
                 AND bulk_job_entries.job_id = $2 AND bulk_job_entries.position = v.column1 \
                 AND bulk_job_entries.outcome IS NULL",
            );
            let changed = assembled(text, arguments)
                .kept_when(chunk.len() == CHUNK)
                .execute(self)
                .await?;
            if changed != chunk.len() as u64 {
                return Err(StoreError::Stale);
            }
        }
        Ok(())
    }

    /// Gives every entry that still waits the same outcome. Returns how many there were.
    pub async fn settle_waiting_bulk_entries(
        &mut self,
        organisation: OrganisationId,
        job: BulkJobId,
        outcome: BulkOutcome,
        now: DateTime<Utc>,
    ) -> Result<u64> {
        sql(
            "UPDATE bulk_job_entries SET outcome = $3, processed_at = $4 \
             WHERE organisation_id = $1 AND job_id = $2 AND outcome IS NULL",
        )
        .bind(organisation)
        .bind(job)
        .bind(outcome.as_str())
        .bind(now)
        .execute(self)
        .await
    }

    /// How many entries have which outcome (nothing for those that wait), apart for those for whom
    /// something was to be done and for the others.
    pub async fn count_bulk_outcomes(
        &mut self,
        organisation: OrganisationId,
        job: BulkJobId,
    ) -> Result<Vec<(bool, Option<BulkOutcome>, i64)>> {
        let rows: Vec<CountRow> = sql("SELECT planned, outcome, count(*) AS count \
             FROM bulk_job_entries WHERE organisation_id = $1 AND job_id = $2 \
             GROUP BY planned, outcome")
        .bind(organisation)
        .bind(job)
        .fetch_all(self)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let outcome = row.outcome.as_deref().and_then(BulkOutcome::parse);
                (row.planned, outcome, row.count)
            })
            .collect())
    }

    /// The entries of a job after `position` in their order, with their people as they are now.
    pub async fn bulk_results(
        &mut self,
        organisation: OrganisationId,
        job: BulkJobId,
        position: i64,
        most: i64,
    ) -> Result<Vec<BulkResultRow>> {
        sql(
            "SELECT e.position, e.planned, e.outcome, e.processed_at, u.id AS user_id, \
             u.first_name, u.last_name, u.email FROM bulk_job_entries e \
             JOIN memberships m ON m.organisation_id = e.organisation_id AND m.id = e.membership_id \
             JOIN users u ON u.id = m.user_id \
             WHERE e.organisation_id = $1 AND e.job_id = $2 AND e.position > $3 \
             ORDER BY e.position LIMIT $4",
        )
        .bind(organisation)
        .bind(job)
        .bind(position)
        .bind(most)
        .fetch_all(self)
        .await
    }

    /// The first entries of a job of one kind: done, planned and not done, or never planned.
    pub async fn first_bulk_results(
        &mut self,
        organisation: OrganisationId,
        job: BulkJobId,
        (planned, done): (bool, bool),
        most: i64,
    ) -> Result<Vec<BulkResultRow>> {
        sql(
            "SELECT e.position, e.planned, e.outcome, e.processed_at, u.id AS user_id, \
             u.first_name, u.last_name, u.email FROM bulk_job_entries e \
             JOIN memberships m ON m.organisation_id = e.organisation_id AND m.id = e.membership_id \
             JOIN users u ON u.id = m.user_id \
             WHERE e.organisation_id = $1 AND e.job_id = $2 AND e.planned = $3 \
               AND e.outcome IS NOT NULL AND (e.outcome = 'done') = $4 \
             ORDER BY e.position LIMIT $5",
        )
        .bind(organisation)
        .bind(job)
        .bind(planned)
        .bind(done)
        .bind(most)
        .fetch_all(self)
        .await
    }
}
