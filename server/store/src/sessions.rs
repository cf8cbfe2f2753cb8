//! Sessions: what a cookie stands for. The database holds the digest of the cookie only (R53).

use chrono::{DateTime, Utc};
use domain::id::{OrganisationId, SessionId, UserId};
use uuid::Uuid;

use crate::{Result, Tx, sql::sql};

/// A row of `sessions`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SessionRow {
    /// The name under which a session may be shown; never its secret (R58).
    #[sqlx(try_from = "Uuid")]
    pub id: SessionId,
    /// SHA-256 of the cookie.
    pub token_digest: Vec<u8>,
    /// Whose session it is.
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    /// 1: the second step is missing (R39); 2: complete.
    pub assurance: i64,
    /// What was proved, for example `password+email`.
    pub methods: String,
    /// The user's epoch when the session began; another one ends it (R60).
    pub security_epoch: i64,
    /// When the session began.
    pub created_at: DateTime<Utc>,
    /// When the last proof was given.
    pub authenticated_at: DateTime<Utc>,
    /// When the last request came, to the minute.
    pub last_seen_at: DateTime<Utc>,
    /// How long it may rest.
    pub idle_minutes: i64,
    /// When it ends whatever happens.
    pub expires_at: DateTime<Utc>,
    /// The path that the person wanted when they were asked to sign in; empty for none.
    pub return_to: String,
    /// The organisation that was open last, as in addresses.
    pub last_organisation: Option<String>,
    /// Where from.
    pub ip: String,
    /// With what.
    pub user_agent: String,
}

const COLUMNS: &str = "SELECT id, token_digest, user_id, assurance, methods, security_epoch, \
     created_at, authenticated_at, last_seen_at, idle_minutes, expires_at, return_to, \
     last_organisation, ip, user_agent FROM sessions WHERE token_digest = $1";

impl Tx {
    /// Adds a session.
    pub async fn insert_session(&mut self, row: &SessionRow) -> Result<()> {
        sql(
            "INSERT INTO sessions (id, token_digest, user_id, assurance, methods, security_epoch, \
             created_at, authenticated_at, last_seen_at, idle_minutes, expires_at, return_to, \
             last_organisation, ip, user_agent) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(row.id)
        .bind(row.token_digest.clone())
        .bind(row.user_id)
        .bind(row.assurance)
        .bind(row.methods.clone())
        .bind(row.security_epoch)
        .bind(row.created_at)
        .bind(row.authenticated_at)
        .bind(row.last_seen_at)
        .bind(row.idle_minutes)
        .bind(row.expires_at)
        .bind(row.return_to.clone())
        .bind(row.last_organisation.clone())
        .bind(row.ip.clone())
        .bind(row.user_agent.clone())
        .execute_one(self)
        .await
    }

    /// The session of a cookie, whether it still counts or not.
    pub async fn session_by_digest(&mut self, digest: &[u8; 32]) -> Result<Option<SessionRow>> {
        sql(COLUMNS).bind(digest).fetch_optional(self).await
    }

    /// A session by its name.
    pub async fn session(&mut self, id: SessionId) -> Result<Option<SessionRow>> {
        sql(
            "SELECT id, token_digest, user_id, assurance, methods, security_epoch, created_at, \
             authenticated_at, last_seen_at, idle_minutes, expires_at, return_to, \
             last_organisation, ip, user_agent FROM sessions WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(self)
        .await
    }

    /// Writes down that a request came.
    pub async fn touch_session(&mut self, id: SessionId, now: DateTime<Utc>) -> Result<()> {
        sql("UPDATE sessions SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2")
            .bind(id)
            .bind(now)
            .execute(self)
            .await?;
        Ok(())
    }

    /// Writes down which organisation is open.
    pub async fn set_session_organisation(&mut self, id: SessionId, slug: &str) -> Result<()> {
        sql("UPDATE sessions SET last_organisation = $2 WHERE id = $1")
            .bind(id)
            .bind(slug)
            .execute(self)
            .await?;
        Ok(())
    }

    /// Ends a session whose user may come back to what was typed in it: it stays until it is cleared away.
    pub async fn end_session(&mut self, id: SessionId, now: DateTime<Utc>) -> Result<()> {
        sql("UPDATE sessions SET expires_at = $2 WHERE id = $1 AND expires_at > $2")
            .bind(id)
            .bind(now)
            .execute(self)
            .await?;
        Ok(())
    }

    /// Ends a session. Returns whether it was there.
    pub async fn delete_session(&mut self, id: SessionId) -> Result<bool> {
        let gone = sql("DELETE FROM sessions WHERE id = $1")
            .bind(id)
            .execute(self)
            .await?;
        Ok(gone == 1)
    }

    /// The sessions of a user, the last used first: finished sign-ins that are not past their end.
    pub async fn sessions_of(
        &mut self,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<Vec<SessionRow>> {
        sql(
            "SELECT id, token_digest, user_id, assurance, methods, security_epoch, created_at, \
             authenticated_at, last_seen_at, idle_minutes, expires_at, return_to, \
             last_organisation, ip, user_agent FROM sessions \
             WHERE user_id = $1 AND assurance = 2 AND expires_at > $2 \
             ORDER BY last_seen_at DESC, id DESC",
        )
        .bind(user)
        .bind(now)
        .fetch_all(self)
        .await
    }

    /// Writes down when and by which methods the person proved who they are (R49).
    pub async fn set_session_proof(
        &mut self,
        id: SessionId,
        at: DateTime<Utc>,
        methods: &str,
    ) -> Result<()> {
        sql("UPDATE sessions SET authenticated_at = $2, methods = $3 WHERE id = $1")
            .bind(id)
            .bind(at)
            .bind(methods.to_owned())
            .execute(self)
            .await?;
        Ok(())
    }

    /// Ends a session, if it is this user's. Returns whether it was there.
    pub async fn delete_own_session(&mut self, user: UserId, id: SessionId) -> Result<bool> {
        let gone = sql("DELETE FROM sessions WHERE id = $1 AND user_id = $2")
            .bind(id)
            .bind(user)
            .execute(self)
            .await?;
        Ok(gone == 1)
    }

    /// Ends every session of a user but one, half ones too.
    pub async fn delete_other_sessions(&mut self, user: UserId, keep: SessionId) -> Result<u64> {
        sql("DELETE FROM sessions WHERE user_id = $1 AND id <> $2")
            .bind(user)
            .bind(keep)
            .execute(self)
            .await
    }

    /// Ends every session of a user.
    pub async fn delete_sessions_of(&mut self, user: UserId) -> Result<u64> {
        sql("DELETE FROM sessions WHERE user_id = $1")
            .bind(user)
            .execute(self)
            .await
    }

    /// Ends the sessions of a user that rested longest, so that at most `keep` stay (R59).
    pub async fn delete_oldest_sessions(&mut self, user: UserId, keep: i64) -> Result<u64> {
        sql(
            "DELETE FROM sessions WHERE user_id = $1 AND id NOT IN (SELECT id FROM sessions \
             WHERE user_id = $1 ORDER BY last_seen_at DESC, id DESC LIMIT $2)",
        )
        .bind(user)
        .bind(keep)
        .execute(self)
        .await
    }

    /// Removes sessions that are over: past their end, or resting since before `resting_since`.
    pub async fn delete_ended_sessions(
        &mut self,
        now: DateTime<Utc>,
        resting_since: DateTime<Utc>,
    ) -> Result<u64> {
        sql("DELETE FROM sessions WHERE expires_at <= $1 OR last_seen_at <= $2")
            .bind(now)
            .bind(resting_since)
            .execute(self)
            .await
    }

    /// Writes down that a member signed in and opened this organisation. Not an edit: the
    /// membership's version stays.
    pub async fn set_last_signed_in(
        &mut self,
        organisation: OrganisationId,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        sql("UPDATE memberships SET last_signed_in_at = $3 \
             WHERE organisation_id = $1 AND user_id = $2 AND status = 'active'")
        .bind(organisation)
        .bind(user)
        .bind(now)
        .execute(self)
        .await?;
        Ok(())
    }
}
