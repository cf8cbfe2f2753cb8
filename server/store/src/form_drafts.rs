//! Forms that were refused.

use chrono::{DateTime, Utc};
use domain::id::DraftId;
use serde_json::Value;

use crate::{Result, Tx, sql::sql};

#[derive(sqlx::FromRow)]
struct StateRow {
    state: sqlx::types::Json<Value>,
}

impl Tx {
    /// Keeps what was typed, for its owner alone.
    pub async fn insert_form_draft(
        &mut self,
        id: DraftId,
        owner_digest: &[u8; 32],
        state: Value,
        expires_at: DateTime<Utc>,
    ) -> Result<()> {
        sql("INSERT INTO form_drafts (id, owner_digest, state, expires_at) VALUES ($1, $2, $3, $4)")
            .bind(id)
            .bind(owner_digest)
            .bind(state)
            .bind(expires_at)
            .execute_one(self)
            .await
    }

    /// What was typed, when `owner_digest` typed it and it is not older than it may be.
    pub async fn form_draft(
        &mut self,
        id: DraftId,
        owner_digest: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<Value>> {
        let row: Option<StateRow> = sql(
            "SELECT state FROM form_drafts WHERE id = $1 AND owner_digest = $2 AND expires_at > $3",
        )
        .bind(id)
        .bind(owner_digest)
        .bind(now)
        .fetch_optional(self)
        .await?;
        Ok(row.map(|row| row.state.0))
    }

    /// Removes what nobody can see any more.
    pub async fn delete_expired_form_drafts(&mut self, now: DateTime<Utc>) -> Result<u64> {
        sql("DELETE FROM form_drafts WHERE expires_at <= $1")
            .bind(now)
            .execute(self)
            .await
    }
}
