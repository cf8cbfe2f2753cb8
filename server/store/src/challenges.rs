//! Questions for a code. One at a time for each session or registration (R42).

use chrono::{DateTime, Utc};
use domain::{SecondFactorKind, id::ChallengeId};
use uuid::Uuid;

use crate::{
    Result, Tx,
    sql::{Keyed, sql},
};

/// A row of `code_challenges`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ChallengeRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: ChallengeId,
    /// Digest of the session or registration that was asked; nobody else can answer.
    pub binding: Vec<u8>,
    /// How the code travels, or `authenticator` when the app shows it.
    #[sqlx(try_from = "Keyed")]
    pub kind: SecondFactorKind,
    /// Keyed digest of the code.
    pub digest: Vec<u8>,
    /// How many answers were given.
    pub attempts: i64,
    /// When the code was sent.
    pub sent_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

impl Tx {
    /// Asks, in the place of whatever was asked before: the old code no longer counts.
    pub async fn put_challenge(&mut self, row: &ChallengeRow) -> Result<()> {
        sql(
            "INSERT INTO code_challenges (id, binding, kind, digest, attempts, sent_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (binding) DO UPDATE SET \
             id = excluded.id, kind = excluded.kind, digest = excluded.digest, \
             attempts = excluded.attempts, sent_at = excluded.sent_at, \
             expires_at = excluded.expires_at",
        )
        .bind(row.id)
        .bind(row.binding.clone())
        .bind(row.kind.as_str())
        .bind(row.digest.clone())
        .bind(row.attempts)
        .bind(row.sent_at)
        .bind(row.expires_at)
        .execute_one(self)
        .await
    }

    /// What is being asked.
    pub async fn challenge(&mut self, binding: &[u8; 32]) -> Result<Option<ChallengeRow>> {
        sql(
            "SELECT id, binding, kind, digest, attempts, sent_at, expires_at \
             FROM code_challenges WHERE binding = $1",
        )
        .bind(binding)
        .fetch_optional(self)
        .await
    }

    /// Counts an answer and returns the question with it; nothing when `most` answers were given
    /// already. The row stays locked until the transaction ends, so that no two requests share a
    /// try (R36).
    pub async fn count_attempt(
        &mut self,
        binding: &[u8; 32],
        most: i64,
    ) -> Result<Option<ChallengeRow>> {
        sql("UPDATE code_challenges SET attempts = attempts + 1 \
             WHERE binding = $1 AND attempts < $2 \
             RETURNING id, binding, kind, digest, attempts, sent_at, expires_at")
        .bind(binding)
        .bind(most)
        .fetch_optional(self)
        .await
    }

    /// Ends a question. False when it was answered or replaced meanwhile.
    pub async fn delete_challenge(&mut self, binding: &[u8; 32]) -> Result<bool> {
        let gone = sql("DELETE FROM code_challenges WHERE binding = $1")
            .bind(binding)
            .execute(self)
            .await?;
        Ok(gone == 1)
    }

    /// Removes questions that ended before `before`.
    pub async fn delete_ended_challenges(&mut self, before: DateTime<Utc>) -> Result<u64> {
        sql("DELETE FROM code_challenges WHERE expires_at < $1")
            .bind(before)
            .execute(self)
            .await
    }
}
