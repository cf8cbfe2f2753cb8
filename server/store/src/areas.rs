//! Areas: the parts of an organisation, a tree.

use chrono::{DateTime, Utc};
use domain::id::{AreaId, OrganisationId};
use uuid::Uuid;

use crate::{
    Result, Tx,
    sql::{MaybeId, insert_many, sql},
};

/// A row of `areas`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AreaRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: AreaId,
    /// Whose area it is.
    #[sqlx(try_from = "Uuid")]
    pub organisation_id: OrganisationId,
    /// The area around it.
    #[sqlx(try_from = "MaybeId")]
    pub parent_id: Option<AreaId>,
    /// Its name.
    pub name: String,
    /// What kind of area it is (service area, ward, roster).
    pub kind: String,
    /// Its place among its siblings.
    pub position: i64,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
}

impl Tx {
    /// Every area of an organisation, closed ones too, in the order of siblings.
    pub async fn areas(&mut self, organisation: OrganisationId) -> Result<Vec<AreaRow>> {
        sql("SELECT * FROM areas WHERE organisation_id = $1 ORDER BY position, name, id")
            .bind(organisation)
            .fetch_all(self)
            .await
    }

    /// Adds areas; parents before children.
    pub async fn insert_areas(&mut self, rows: &[AreaRow]) -> Result<()> {
        let rows = rows
            .iter()
            .map(|row| {
                vec![
                    row.id.into(),
                    row.organisation_id.into(),
                    row.parent_id.into(),
                    row.name.clone().into(),
                    row.kind.clone().into(),
                    row.position.into(),
                    row.closed_at.into(),
                ]
            })
            .collect();
        insert_many(
            self,
            "INSERT INTO areas (id, organisation_id, parent_id, name, kind, position, closed_at)",
            rows,
            "",
        )
        .await?;
        Ok(())
    }

    /// Closes an area: nobody can be given access to it any more. [`crate::StoreError::Stale`]
    /// when there is no such open area.
    pub async fn close_area(
        &mut self,
        organisation: OrganisationId,
        id: AreaId,
        now: DateTime<Utc>,
    ) -> Result<()> {
        sql("UPDATE areas SET closed_at = $3 \
             WHERE organisation_id = $1 AND id = $2 AND closed_at IS NULL")
        .bind(organisation)
        .bind(id)
        .bind(now)
        .execute_one(self)
        .await
    }
}
