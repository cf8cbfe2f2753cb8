//! Organisations: the tenants.

use chrono::{DateTime, Utc};
use domain::{Policy, id::OrganisationId, id::UserId};
use uuid::Uuid;

use crate::{Result, Tx, memberships::MembershipRow, sql::sql};

/// A row of `organisations`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OrganisationRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: OrganisationId,
    /// As shown (`RX1`).
    pub code: String,
    /// As in addresses (`rx1`); unique.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// The preset it was made from.
    pub preset: String,
    /// Its settings.
    #[sqlx(json)]
    pub policy: Policy,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Count {
    count: i64,
}

impl Tx {
    /// Adds an organisation. [`crate::Conflict::OrganisationCodeTaken`] when its code is in use.
    pub async fn insert_organisation(&mut self, row: &OrganisationRow) -> Result<()> {
        sql(
            "INSERT INTO organisations (id, code, slug, name, preset, policy, created_at, closed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(row.id)
        .bind(row.code.clone())
        .bind(row.slug.clone())
        .bind(row.name.clone())
        .bind(row.preset.clone())
        .bind(serde_json::to_value(&row.policy)?)
        .bind(row.created_at)
        .bind(row.closed_at)
        .execute_one(self)
        .await
    }

    /// An organisation by id.
    pub async fn organisation(&mut self, id: OrganisationId) -> Result<Option<OrganisationRow>> {
        sql("SELECT * FROM organisations WHERE id = $1")
            .bind(id)
            .fetch_optional(self)
            .await
    }

    /// An organisation by its code as in addresses.
    pub async fn organisation_by_slug(&mut self, slug: &str) -> Result<Option<OrganisationRow>> {
        sql("SELECT * FROM organisations WHERE slug = $1")
            .bind(slug)
            .fetch_optional(self)
            .await
    }

    /// Every organisation that a user has a membership in, of whatever status, by name.
    pub async fn organisations_of(
        &mut self,
        user: UserId,
    ) -> Result<Vec<(OrganisationRow, MembershipRow)>> {
        let memberships: Vec<MembershipRow> =
            sql("SELECT * FROM memberships WHERE user_id = $1 ORDER BY id")
                .bind(user)
                .fetch_all(self)
                .await?;
        let organisations: Vec<OrganisationRow> = sql(
            "SELECT o.* FROM organisations o JOIN memberships m ON m.organisation_id = o.id \
             WHERE m.user_id = $1 ORDER BY o.name, o.code",
        )
        .bind(user)
        .fetch_all(self)
        .await?;
        Ok(organisations
            .into_iter()
            .filter_map(|organisation| {
                let membership = memberships
                    .iter()
                    .find(|membership| membership.organisation_id == organisation.id)?;
                Some((organisation, membership.clone()))
            })
            .collect())
    }

    /// Replaces an organisation's settings.
    pub async fn update_policy(&mut self, id: OrganisationId, policy: &Policy) -> Result<()> {
        sql("UPDATE organisations SET policy = $2 WHERE id = $1")
            .bind(id)
            .bind(serde_json::to_value(policy)?)
            .execute_one(self)
            .await
    }

    /// How many organisations there are.
    pub async fn count_organisations(&mut self) -> Result<i64> {
        let row: Count = sql("SELECT count(*) AS count FROM organisations")
            .fetch_one(self)
            .await?;
        Ok(row.count)
    }

    /// Locks an organisation's row until the transaction ends, so that two changes to what must
    /// hold for the whole organisation come one after the other. Rows that only refer to it can
    /// still be added meanwhile: nobody who adds one waits for this.
    pub async fn lock_organisation(&mut self, id: OrganisationId) -> Result<()> {
        if self.dialect() == crate::Dialect::Postgres {
            let _: OrganisationRow =
                sql("SELECT * FROM organisations WHERE id = $1 FOR NO KEY UPDATE")
                    .bind(id)
                    .fetch_one(self)
                    .await?;
        }
        Ok(())
    }
}
