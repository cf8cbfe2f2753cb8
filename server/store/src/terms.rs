//! Terms documents, version by version, and who agreed to which (B16, A20).

use chrono::{DateTime, Utc};
use domain::id::{OrganisationId, TermsId, UserId};
use uuid::Uuid;

use crate::{Result, Tx, sql::sql};

/// A row of `terms`: one version of a document.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TermsRow {
    /// Primary key; another one for each version.
    #[sqlx(try_from = "Uuid")]
    pub id: TermsId,
    /// Which document it is a version of.
    pub key: String,
    /// Which version.
    pub version: String,
    /// Heading.
    pub title: String,
    /// Plain text with `## ` headings and `- ` items.
    pub body: String,
    /// Who approved this version.
    pub approved_by: String,
    /// From when on it counts.
    pub published_at: DateTime<Utc>,
}

/// A row of `terms_acceptances`: that a person agreed to a version.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TermsAcceptanceRow {
    /// Who.
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    /// To what.
    #[sqlx(try_from = "Uuid")]
    pub terms_id: TermsId,
    /// When.
    pub accepted_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Due {
    #[allow(dead_code, reason = "that there is one is all that counts")]
    id: Uuid,
}

impl Tx {
    /// Publishes a version, unless it is there already. Returns whether it was added.
    pub async fn publish_terms(&mut self, row: &TermsRow) -> Result<bool> {
        let added = sql(
            "INSERT INTO terms (id, key, version, title, body, approved_by, published_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (key, version) DO NOTHING",
        )
        .bind(row.id)
        .bind(row.key.clone())
        .bind(row.version.clone())
        .bind(row.title.clone())
        .bind(row.body.clone())
        .bind(row.approved_by.clone())
        .bind(row.published_at)
        .execute(self)
        .await?;
        Ok(added == 1)
    }

    /// A version.
    pub async fn terms(&mut self, id: TermsId) -> Result<Option<TermsRow>> {
        sql("SELECT * FROM terms WHERE id = $1")
            .bind(id)
            .fetch_optional(self)
            .await
    }

    /// The newest version of a document that counts at `now`.
    pub async fn newest_terms(
        &mut self,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<TermsRow>> {
        sql("SELECT * FROM terms WHERE key = $1 AND published_at <= $2 \
             ORDER BY published_at DESC, id DESC LIMIT 1")
        .bind(key)
        .bind(now)
        .fetch_optional(self)
        .await
    }

    /// Whether a person has not agreed yet to the newest version of a document that counts at `now`.
    pub async fn has_not_agreed(
        &mut self,
        user: UserId,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let due: Option<Due> = sql(
            "SELECT newest.id FROM (SELECT id FROM terms WHERE key = $1 AND published_at <= $2 \
             ORDER BY published_at DESC, id DESC LIMIT 1) AS newest \
             WHERE NOT EXISTS (SELECT 1 FROM terms_acceptances a \
             WHERE a.user_id = $3 AND a.terms_id = newest.id)",
        )
        .bind(key)
        .bind(now)
        .bind(user)
        .fetch_optional(self)
        .await?;
        Ok(due.is_some())
    }

    /// Whether, and when, a person agreed to a version.
    pub async fn terms_acceptance(
        &mut self,
        user: UserId,
        terms: TermsId,
    ) -> Result<Option<TermsAcceptanceRow>> {
        sql("SELECT * FROM terms_acceptances WHERE user_id = $1 AND terms_id = $2")
            .bind(user)
            .bind(terms)
            .fetch_optional(self)
            .await
    }

    /// Notes that a person agreed, on behalf of which organisation and when. The first time
    /// counts. Returns whether this was it.
    pub async fn accept_terms(
        &mut self,
        user: UserId,
        terms: TermsId,
        organisation: OrganisationId,
        at: DateTime<Utc>,
    ) -> Result<bool> {
        let added = sql(
            "INSERT INTO terms_acceptances (user_id, terms_id, organisation_id, accepted_at) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (user_id, terms_id) DO NOTHING",
        )
        .bind(user)
        .bind(terms)
        .bind(organisation)
        .bind(at)
        .execute(self)
        .await?;
        Ok(added == 1)
    }
}
