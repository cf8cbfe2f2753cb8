//! One-time links that are not invitations: password resets and the first set-up.

use chrono::{DateTime, Utc};
use domain::id::UserId;
use uuid::Uuid;

use crate::{
    Result, StoreError, Tx,
    sql::{MaybeId, sql},
};

/// What a link opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// Choosing a new password.
    Reset,
    /// Setting up an empty installation.
    SetUp,
}

impl LinkPurpose {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::SetUp => "set_up",
        }
    }
}

impl TryFrom<String> for LinkPurpose {
    type Error = StoreError;

    fn try_from(text: String) -> Result<Self> {
        match text.as_str() {
            "reset" => Ok(Self::Reset),
            "set_up" => Ok(Self::SetUp),
            _ => Err(StoreError::Corrupt(text)),
        }
    }
}

/// A row of `account_links`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AccountLinkRow {
    /// Primary key.
    pub id: Uuid,
    /// What it opens.
    #[sqlx(try_from = "String")]
    pub purpose: LinkPurpose,
    /// For whom; empty for the set-up of an installation without users.
    #[sqlx(try_from = "MaybeId")]
    pub user_id: Option<UserId>,
    /// SHA-256 of the token (R15).
    pub token_digest: Vec<u8>,
    /// The user's epoch when it was made; another one ends it (R60).
    pub security_epoch: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// When it was used.
    pub consumed_at: Option<DateTime<Utc>>,
    /// When it stopped to count. For a used password reset: when the person gave a proof that the
    /// mailbox alone does not give (R12).
    pub revoked_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Count {
    count: i64,
}

impl Tx {
    /// Adds a link.
    pub async fn insert_account_link(&mut self, row: &AccountLinkRow) -> Result<()> {
        sql(
            "INSERT INTO account_links (id, purpose, user_id, token_digest, security_epoch, \
             created_at, expires_at, consumed_at, revoked_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(row.id)
        .bind(row.purpose.as_str())
        .bind(row.user_id)
        .bind(row.token_digest.clone())
        .bind(row.security_epoch)
        .bind(row.created_at)
        .bind(row.expires_at)
        .bind(row.consumed_at)
        .bind(row.revoked_at)
        .execute_one(self)
        .await
    }

    /// A link by the digest of its token, whether it still counts or not.
    pub async fn account_link(
        &mut self,
        purpose: LinkPurpose,
        digest: &[u8; 32],
    ) -> Result<Option<AccountLinkRow>> {
        sql("SELECT * FROM account_links WHERE purpose = $1 AND token_digest = $2")
            .bind(purpose.as_str())
            .bind(digest)
            .fetch_optional(self)
            .await
    }

    /// Uses a link up. False when it was used, revoked or over: of two requests one wins.
    pub async fn consume_account_link(&mut self, id: Uuid, now: DateTime<Utc>) -> Result<bool> {
        let used = sql(
            "UPDATE account_links SET consumed_at = $2 WHERE id = $1 AND consumed_at IS NULL \
             AND revoked_at IS NULL AND expires_at > $2",
        )
        .bind(id)
        .bind(now)
        .execute(self)
        .await?;
        Ok(used == 1)
    }

    /// Ends the unused links of a purpose; `None` those of an installation without users.
    pub async fn revoke_account_links(
        &mut self,
        purpose: LinkPurpose,
        user: Option<UserId>,
        now: DateTime<Utc>,
    ) -> Result<u64> {
        sql(
            "UPDATE account_links SET revoked_at = $3 WHERE purpose = $1 \
             AND user_id IS NOT DISTINCT FROM $2 AND consumed_at IS NULL AND revoked_at IS NULL",
        )
        .bind(purpose.as_str())
        .bind(user)
        .bind(now)
        .execute(self)
        .await
    }

    /// Whether the user's password came by email and they have not yet given a proof that the
    /// mailbox alone does not give (R12).
    pub async fn password_came_by_email(&mut self, user: UserId) -> Result<bool> {
        let row: Count = sql(
            "SELECT count(*) AS count FROM account_links WHERE user_id = $1 \
             AND purpose = 'reset' AND consumed_at IS NOT NULL AND revoked_at IS NULL",
        )
        .bind(user)
        .fetch_one(self)
        .await?;
        Ok(row.count > 0)
    }

    /// Writes down that such a proof was given.
    pub async fn settle_password_resets(&mut self, user: UserId, now: DateTime<Utc>) -> Result<()> {
        sql(
            "UPDATE account_links SET revoked_at = $2 WHERE user_id = $1 \
             AND purpose = 'reset' AND consumed_at IS NOT NULL AND revoked_at IS NULL",
        )
        .bind(user)
        .bind(now)
        .execute(self)
        .await?;
        Ok(())
    }

    /// Removes links that ended before `before` and say nothing any more.
    pub async fn delete_ended_account_links(&mut self, before: DateTime<Utc>) -> Result<u64> {
        sql("DELETE FROM account_links WHERE expires_at < $1 \
             AND (consumed_at IS NULL OR revoked_at IS NOT NULL)")
        .bind(before)
        .execute(self)
        .await
    }
}
