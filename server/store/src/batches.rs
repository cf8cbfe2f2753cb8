//! Invitation batches: one bulk send, its entries, and who works on it.

use chrono::{DateTime, Utc};
use domain::id::{AreaId, BatchId, OrganisationId, RoleId, UserId};
use uuid::Uuid;

use crate::{
    Result, Tx,
    sql::{assembled, insert_many, sql},
};

/// A row of `invitation_batches`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct BatchRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: BatchId,
    /// Whose batch it is.
    #[sqlx(try_from = "Uuid")]
    pub organisation_id: OrganisationId,
    /// Who sent it.
    #[sqlx(try_from = "Uuid")]
    pub created_by: UserId,
    /// The role that everybody gets.
    #[sqlx(try_from = "Uuid")]
    pub role_id: RoleId,
    /// What the inviter wrote.
    pub message: String,
    /// How many entries there were.
    pub total: i64,
    /// For how many of them something was to be done.
    pub to_send: i64,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// When every entry had its outcome.
    pub finished_at: Option<DateTime<Utc>>,
    /// When somebody stopped it.
    pub stopped_at: Option<DateTime<Utc>>,
    /// Until when a worker has it.
    pub leased_until: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct AreaIdRow {
    #[sqlx(try_from = "Uuid")]
    area_id: AreaId,
}

impl Tx {
    /// Adds a batch, with the areas that its role is limited to.
    pub async fn insert_batch(&mut self, row: &BatchRow, areas: &[AreaId]) -> Result<()> {
        sql(
            "INSERT INTO invitation_batches (id, organisation_id, created_by, role_id, message, \
             total, to_send, created_at, finished_at, stopped_at, leased_until) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(row.id)
        .bind(row.organisation_id)
        .bind(row.created_by)
        .bind(row.role_id)
        .bind(row.message.clone())
        .bind(row.total)
        .bind(row.to_send)
        .bind(row.created_at)
        .bind(row.finished_at)
        .bind(row.stopped_at)
        .bind(row.leased_until)
        .execute_one(self)
        .await?;
        let rows = areas
            .iter()
            .map(|area| vec![row.organisation_id.into(), row.id.into(), (*area).into()])
            .collect();
        insert_many(
            self,
            "INSERT INTO invitation_batch_areas (organisation_id, batch_id, area_id)",
            rows,
            "",
        )
        .await?;
        Ok(())
    }

    /// A batch of an organisation.
    pub async fn batch(
        &mut self,
        organisation: OrganisationId,
        id: BatchId,
    ) -> Result<Option<BatchRow>> {
        sql("SELECT * FROM invitation_batches WHERE organisation_id = $1 AND id = $2")
            .bind(organisation)
            .bind(id)
            .fetch_optional(self)
            .await
    }

    /// The batches that an organisation has sent since `since`, newest first.
    pub async fn batches(
        &mut self,
        organisation: OrganisationId,
        since: DateTime<Utc>,
        most: i64,
    ) -> Result<Vec<BatchRow>> {
        sql(
            "SELECT * FROM invitation_batches WHERE organisation_id = $1 AND created_at > $2 \
             ORDER BY created_at DESC, id DESC LIMIT $3",
        )
        .bind(organisation)
        .bind(since)
        .bind(most)
        .fetch_all(self)
        .await
    }

    /// The areas that the role of a batch is limited to; none: the whole organisation.
    pub async fn batch_areas(
        &mut self,
        organisation: OrganisationId,
        id: BatchId,
    ) -> Result<Vec<AreaId>> {
        let rows: Vec<AreaIdRow> = sql("SELECT area_id FROM invitation_batch_areas \
             WHERE organisation_id = $1 AND batch_id = $2 ORDER BY area_id")
        .bind(organisation)
        .bind(id)
        .fetch_all(self)
        .await?;
        Ok(rows.into_iter().map(|row| row.area_id).collect())
    }

    /// Gives the oldest batch that nobody works on to the caller, until `until`. Several servers
    /// may ask at once; each gets another one.
    pub async fn claim_batch(
        &mut self,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Option<BatchRow>> {
        let text = format!(
            "UPDATE invitation_batches SET leased_until = $2 WHERE id = ( \
                SELECT id FROM invitation_batches WHERE finished_at IS NULL \
                  AND (leased_until IS NULL OR leased_until <= $1) \
                ORDER BY created_at, id LIMIT 1{}) RETURNING *",
            self.dialect().skip_locked()
        );
        assembled(text, vec![now.into(), until.into()])
            .fetch_optional(self)
            .await
    }

    /// The batch, locked until the transaction ends, when it is not finished and `lease` is still
    /// the caller's (or there is none and the caller wants none).
    pub async fn lock_batch(
        &mut self,
        organisation: OrganisationId,
        id: BatchId,
        lease: Option<DateTime<Utc>>,
    ) -> Result<Option<BatchRow>> {
        let row: Option<BatchRow> = sql("UPDATE invitation_batches SET total = total \
             WHERE organisation_id = $1 AND id = $2 AND finished_at IS NULL RETURNING *")
        .bind(organisation)
        .bind(id)
        .fetch_optional(self)
        .await?;
        Ok(row.filter(|row| row.leased_until == lease))
    }

    /// Gives a batch back before its lease ends; with `finished_at` it is done.
    pub async fn release_batch(
        &mut self,
        organisation: OrganisationId,
        id: BatchId,
        finished_at: Option<DateTime<Utc>>,
    ) -> Result<()> {
        sql(
            "UPDATE invitation_batches SET leased_until = NULL, finished_at = $3 \
             WHERE organisation_id = $1 AND id = $2 AND finished_at IS NULL",
        )
        .bind(organisation)
        .bind(id)
        .bind(finished_at)
        .execute_one(self)
        .await
    }

    /// Ends every lease; for whoever knows that nobody else is at work.
    pub async fn free_all_batches(&mut self) -> Result<u64> {
        sql("UPDATE invitation_batches SET leased_until = NULL \
             WHERE finished_at IS NULL AND leased_until IS NOT NULL")
        .execute(self)
        .await
    }

    /// Asks for a batch to be stopped. False when it was stopped or finished already.
    pub async fn stop_batch(
        &mut self,
        organisation: OrganisationId,
        id: BatchId,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let stopped = sql("UPDATE invitation_batches SET stopped_at = $3 \
             WHERE organisation_id = $1 AND id = $2 AND finished_at IS NULL AND stopped_at IS NULL")
        .bind(organisation)
        .bind(id)
        .bind(now)
        .execute(self)
        .await?;
        Ok(stopped == 1)
    }
}
