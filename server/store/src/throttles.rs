//! Buckets that slow guessing down. Their keys are keyed digests, never addresses (R34).

use chrono::{DateTime, Utc};

use crate::{Result, Tx, sql::sql};

/// The state of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ThrottleRow {
    /// When the bucket is full again.
    pub arrival_at: DateTime<Utc>,
    /// Failures since the last success.
    pub failures: i64,
}

impl Tx {
    /// The state of a bucket, a full one when it is new. It stays locked until the transaction
    /// ends: of many requests at once each counts (R32).
    pub async fn lock_throttle(
        &mut self,
        key: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<ThrottleRow> {
        sql(
            "INSERT INTO throttles (key, arrival_at, failures, updated_at) VALUES ($1, $2, 0, $2) \
             ON CONFLICT (key) DO UPDATE SET updated_at = excluded.updated_at \
             RETURNING arrival_at, failures",
        )
        .bind(key)
        .bind(now)
        .fetch_one(self)
        .await
    }

    /// Writes the state of a bucket.
    pub async fn save_throttle(&mut self, key: &[u8; 32], row: ThrottleRow) -> Result<()> {
        sql("UPDATE throttles SET arrival_at = $2, failures = $3 WHERE key = $1")
            .bind(key)
            .bind(row.arrival_at)
            .bind(row.failures)
            .execute_one(self)
            .await
    }

    /// Fills a bucket and forgets its failures.
    pub async fn delete_throttle(&mut self, key: &[u8; 32]) -> Result<()> {
        sql("DELETE FROM throttles WHERE key = $1")
            .bind(key)
            .execute(self)
            .await?;
        Ok(())
    }

    /// Removes buckets that say nothing any more: full, and without failures since `quiet_since`.
    pub async fn delete_full_throttles(
        &mut self,
        now: DateTime<Utc>,
        quiet_since: DateTime<Utc>,
    ) -> Result<u64> {
        sql("DELETE FROM throttles WHERE arrival_at <= $1 AND (failures = 0 OR updated_at <= $2)")
            .bind(now)
            .bind(quiet_since)
            .execute(self)
            .await
    }

    /// Keeps the number of buckets below `most` by removing full ones, those with the fewest
    /// failures and the longest rest first: a bucket in use is never reset (R34).
    pub async fn bound_throttles(&mut self, now: DateTime<Utc>, most: i64) -> Result<u64> {
        sql(
            "DELETE FROM throttles WHERE arrival_at <= $1 AND key NOT IN (SELECT key FROM throttles \
             ORDER BY CASE WHEN arrival_at > $1 THEN 0 ELSE 1 END, failures DESC, updated_at DESC \
             LIMIT $2)",
        )
        .bind(now)
        .bind(most)
        .execute(self)
        .await
    }
}
