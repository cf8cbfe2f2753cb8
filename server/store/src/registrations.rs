//! Registrations: the answers of somebody who is accepting an invitation. Nothing of them counts
//! before the last step, which uses the invitation up.

use chrono::{DateTime, Utc};
use domain::id::{DraftId, InvitationId, OrganisationId};
use serde_json::Value;
use uuid::Uuid;

use crate::{Result, Tx, sql::sql};

/// A row of `registrations`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RegistrationRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: DraftId,
    /// The organisation of the invitation.
    #[sqlx(try_from = "Uuid")]
    pub organisation_id: OrganisationId,
    /// The invitation that is being accepted.
    #[sqlx(try_from = "Uuid")]
    pub invitation_id: InvitationId,
    /// SHA-256 of the cookie that the journey hangs on (R29).
    pub flow_digest: Vec<u8>,
    /// The answers so far; never a password or a code.
    #[sqlx(json)]
    pub answers: Value,
    /// PHC string of the chosen password.
    pub password_hash: Option<String>,
    /// The sealed secret of an authenticator app that is being set up.
    pub factor_secret: Option<Vec<u8>>,
    /// When the answers are forgotten.
    pub expires_at: DateTime<Utc>,
    /// When the journey began.
    pub created_at: DateTime<Utc>,
}

impl Tx {
    /// Begins a journey.
    pub async fn insert_registration(&mut self, row: &RegistrationRow) -> Result<()> {
        sql(
            "INSERT INTO registrations (id, organisation_id, invitation_id, flow_digest, answers, \
             password_hash, factor_secret, expires_at, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(row.id)
        .bind(row.organisation_id)
        .bind(row.invitation_id)
        .bind(row.flow_digest.clone())
        .bind(row.answers.clone())
        .bind(row.password_hash.clone())
        .bind(row.factor_secret.clone())
        .bind(row.expires_at)
        .bind(row.created_at)
        .execute_one(self)
        .await
    }

    /// The journey that a cookie belongs to, while its time lasts.
    pub async fn registration(
        &mut self,
        flow_digest: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<RegistrationRow>> {
        sql("SELECT * FROM registrations WHERE flow_digest = $1 AND expires_at > $2")
            .bind(flow_digest)
            .bind(now)
            .fetch_optional(self)
            .await
    }

    /// The same, locked until the transaction ends: the steps of two windows with one cookie come
    /// one after the other.
    pub async fn lock_registration(
        &mut self,
        flow_digest: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<Option<RegistrationRow>> {
        // An update that changes nothing takes the row's lock in both databases.
        sql("UPDATE registrations SET expires_at = expires_at \
             WHERE flow_digest = $1 AND expires_at > $2 RETURNING *")
        .bind(flow_digest)
        .bind(now)
        .fetch_optional(self)
        .await
    }

    /// Writes the answers, the secrets and the end of a journey.
    pub async fn update_registration(&mut self, row: &RegistrationRow) -> Result<()> {
        sql(
            "UPDATE registrations SET answers = $3, password_hash = $4, factor_secret = $5, \
             expires_at = $6 WHERE organisation_id = $1 AND id = $2",
        )
        .bind(row.organisation_id)
        .bind(row.id)
        .bind(row.answers.clone())
        .bind(row.password_hash.clone())
        .bind(row.factor_secret.clone())
        .bind(row.expires_at)
        .execute_one(self)
        .await
    }

    /// Forgets the other journeys of an invitation that was used up.
    pub async fn delete_other_registrations(
        &mut self,
        organisation: OrganisationId,
        invitation: InvitationId,
        keep: DraftId,
    ) -> Result<u64> {
        sql("DELETE FROM registrations \
             WHERE organisation_id = $1 AND invitation_id = $2 AND id <> $3")
        .bind(organisation)
        .bind(invitation)
        .bind(keep)
        .execute(self)
        .await
    }

    /// Forgets journeys whose time is over.
    pub async fn delete_expired_registrations(&mut self, now: DateTime<Utc>) -> Result<u64> {
        sql("DELETE FROM registrations WHERE expires_at <= $1")
            .bind(now)
            .execute(self)
            .await
    }
}
