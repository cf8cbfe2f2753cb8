//! The answers of a journey of several pages, kept until it is finished or its time is over.

use chrono::{DateTime, Utc};
use domain::id::{BatchId, BulkJobId, DraftId, OrganisationId, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Result, Tx,
    sql::{MaybeId, sql},
};

/// A row of `journeys`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct JourneyRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: DraftId,
    /// Where it takes place.
    #[sqlx(try_from = "Uuid")]
    pub organisation_id: OrganisationId,
    /// Whose it is: nobody else ever sees it.
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    /// Which journey it is.
    pub kind: String,
    /// What was answered so far.
    #[sqlx(json)]
    pub answers: Value,
    /// What came of it, once it is finished.
    #[sqlx(try_from = "MaybeId")]
    pub batch_id: Option<BatchId>,
    /// The same, where it changes many members.
    #[sqlx(try_from = "MaybeId")]
    pub job_id: Option<BulkJobId>,
    /// Raised by each change.
    pub version: i64,
    /// When it was started.
    pub created_at: DateTime<Utc>,
    /// When it is thrown away.
    pub expires_at: DateTime<Utc>,
}

impl Tx {
    /// Starts a journey.
    pub async fn insert_journey(&mut self, row: &JourneyRow) -> Result<()> {
        sql(
            "INSERT INTO journeys (id, organisation_id, user_id, kind, answers, batch_id, job_id, \
             version, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(row.id)
        .bind(row.organisation_id)
        .bind(row.user_id)
        .bind(row.kind.clone())
        .bind(row.answers.clone())
        .bind(row.batch_id)
        .bind(row.job_id)
        .bind(row.version)
        .bind(row.created_at)
        .bind(row.expires_at)
        .execute_one(self)
        .await
    }

    /// A journey of this person in this organisation that is not over.
    pub async fn journey(
        &mut self,
        organisation: OrganisationId,
        user: UserId,
        id: DraftId,
        now: DateTime<Utc>,
    ) -> Result<Option<JourneyRow>> {
        sql("SELECT * FROM journeys \
             WHERE organisation_id = $1 AND user_id = $2 AND id = $3 AND expires_at > $4")
        .bind(organisation)
        .bind(user)
        .bind(id)
        .bind(now)
        .fetch_optional(self)
        .await
    }

    /// The same, locked until the transaction ends: who finishes a journey does it alone (R98).
    pub async fn lock_journey(
        &mut self,
        organisation: OrganisationId,
        user: UserId,
        id: DraftId,
        now: DateTime<Utc>,
    ) -> Result<Option<JourneyRow>> {
        // An update that changes nothing takes the row's lock in both databases.
        sql("UPDATE journeys SET version = version \
             WHERE organisation_id = $1 AND user_id = $2 AND id = $3 AND expires_at > $4 \
             RETURNING *")
        .bind(organisation)
        .bind(user)
        .bind(id)
        .bind(now)
        .fetch_optional(self)
        .await
    }

    /// Writes the answers, the result and the end of a journey. [`crate::StoreError::Stale`] when
    /// it was changed meanwhile.
    pub async fn update_journey(&mut self, row: &JourneyRow) -> Result<()> {
        sql(
            "UPDATE journeys SET answers = $4, batch_id = $5, job_id = $6, expires_at = $7, \
             version = version + 1 WHERE organisation_id = $1 AND id = $2 AND version = $3",
        )
        .bind(row.organisation_id)
        .bind(row.id)
        .bind(row.version)
        .bind(row.answers.clone())
        .bind(row.batch_id)
        .bind(row.job_id)
        .bind(row.expires_at)
        .execute_one(self)
        .await
    }

    /// Throws a journey away. Finished ones stay, so that a repeat finds their result.
    pub async fn delete_journey(
        &mut self,
        organisation: OrganisationId,
        user: UserId,
        id: DraftId,
    ) -> Result<u64> {
        sql("DELETE FROM journeys \
             WHERE organisation_id = $1 AND user_id = $2 AND id = $3 AND batch_id IS NULL \
             AND job_id IS NULL")
        .bind(organisation)
        .bind(user)
        .bind(id)
        .execute(self)
        .await
    }

    /// Throws away what nobody can go on with any more.
    pub async fn delete_expired_journeys(&mut self, now: DateTime<Utc>) -> Result<u64> {
        sql("DELETE FROM journeys WHERE expires_at <= $1")
            .bind(now)
            .execute(self)
            .await
    }
}
