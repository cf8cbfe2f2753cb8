//! Audit events: only ever added, in a chain for each organisation (R101 to R103).

use chrono::{DateTime, Utc};
use domain::id::{AuditEventId, OrganisationId, UserId};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Result, Tx,
    sql::{Arg, MaybeId, insert_many, sql},
};

/// A row of `audit_events`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AuditEventRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: AuditEventId,
    /// The organisation; empty for what belongs to none.
    #[sqlx(try_from = "MaybeId")]
    pub organisation_id: Option<OrganisationId>,
    /// Its number in the chain, without gaps.
    pub sequence: i64,
    /// What happened; a key of `domain::audit`.
    pub kind: String,
    /// Who did it.
    #[sqlx(try_from = "MaybeId")]
    pub actor_id: Option<UserId>,
    /// Their name at the time.
    pub actor_name: String,
    /// Whom it is about.
    #[sqlx(try_from = "MaybeId")]
    pub subject_id: Option<UserId>,
    /// Their name at the time.
    pub subject_name: String,
    /// Before and after of what changed; never a secret.
    #[sqlx(json)]
    pub details: Value,
    /// Joins the log.
    pub request_id: String,
    /// The client's address.
    pub ip: String,
    /// How the actor was authenticated.
    pub method: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Hash of the event before it in the chain.
    pub previous_hash: Vec<u8>,
    /// Hash of this event.
    pub hash: Vec<u8>,
}

/// The end of a chain.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ChainEnd {
    /// Number of the newest event.
    pub sequence: i64,
    /// Its hash.
    pub hash: Vec<u8>,
    /// Who wrote it had the key of the installation.
    pub seal: Vec<u8>,
}

/// An organisation, as the keeper of its chain of events.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ChainOwner {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: OrganisationId,
    /// As shown (`RX1`).
    pub code: String,
    /// As in addresses (`rx1`).
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// The chain of events that belong to no organisation has a name of its own.
fn chain(organisation: Option<OrganisationId>) -> Vec<u8> {
    organisation.map_or_else(
        || b"platform".to_vec(),
        |organisation| organisation.uuid().as_bytes().to_vec(),
    )
}

#[derive(sqlx::FromRow)]
struct Count {
    count: i64,
}

impl Tx {
    /// The end of an organisation's chain, locked until the transaction ends. A new chain starts
    /// with 32 zero bytes.
    pub async fn audit_chain_end(
        &mut self,
        organisation: Option<OrganisationId>,
    ) -> Result<ChainEnd> {
        sql(
            "INSERT INTO audit_chains (chain, sequence, hash, seal) VALUES ($1, 0, $2, $3) \
             ON CONFLICT (chain) DO NOTHING",
        )
        .bind(chain(organisation))
        .bind(vec![0_u8; 32])
        .bind(Vec::new())
        .execute(self)
        .await?;
        // An update that changes nothing takes the row's lock in both databases.
        sql(
            "UPDATE audit_chains SET sequence = sequence WHERE chain = $1 \
             RETURNING sequence, hash, seal",
        )
        .bind(chain(organisation))
        .fetch_one(self)
        .await
    }

    /// The end of a chain as it is written down, without a lock; nothing before the first event.
    pub async fn audit_chain(
        &mut self,
        organisation: Option<OrganisationId>,
    ) -> Result<Option<ChainEnd>> {
        sql("SELECT sequence, hash, seal FROM audit_chains WHERE chain = $1")
            .bind(chain(organisation))
            .fetch_optional(self)
            .await
    }

    /// The next events of a chain in the order of their numbers, behind a number and an id (which
    /// tells apart what must not be there: two of one number). At the most `most`.
    pub async fn audit_events_after(
        &mut self,
        organisation: Option<OrganisationId>,
        after: (i64, AuditEventId),
        most: i64,
    ) -> Result<Vec<AuditEventRow>> {
        let statement = match organisation {
            Some(organisation) => sql(
                "SELECT * FROM audit_events WHERE (sequence, id) > ($1, $2) AND sequence >= $1 \
                 AND organisation_id = $4 ORDER BY sequence, id LIMIT $3",
            )
            .bind(after.0)
            .bind(after.1)
            .bind(most)
            .bind(organisation),
            None => sql(
                "SELECT * FROM audit_events WHERE (sequence, id) > ($1, $2) AND sequence >= $1 \
                 AND organisation_id IS NULL ORDER BY sequence, id LIMIT $3",
            )
            .bind(after.0)
            .bind(after.1)
            .bind(most),
        };
        statement.fetch_all(self).await
    }

    /// Organisations in the order of their codes in addresses, behind one of them, closed ones too.
    pub async fn chain_owners_after(&mut self, slug: &str, most: i64) -> Result<Vec<ChainOwner>> {
        sql("SELECT id, code, slug, name FROM organisations WHERE slug > $1 ORDER BY slug LIMIT $2")
            .bind(slug)
            .bind(most)
            .fetch_all(self)
            .await
    }

    /// How many events of a kind were written, whatever organisation they belong to.
    pub async fn count_audit_events(&mut self, kind: &str) -> Result<i64> {
        let row: Count = sql("SELECT count(*) AS count FROM audit_events WHERE kind = $1")
            .bind(kind)
            .fetch_one(self)
            .await?;
        Ok(row.count)
    }

    /// Adds events at the end of one organisation's chain, and the seal of its new end.
    pub async fn append_audit(&mut self, rows: &[AuditEventRow], seal: &[u8]) -> Result<()> {
        let Some(last) = rows.last() else {
            return Ok(());
        };
        sql("UPDATE audit_chains SET sequence = $2, hash = $3, seal = $4 WHERE chain = $1")
            .bind(chain(last.organisation_id))
            .bind(last.sequence)
            .bind(last.hash.clone())
            .bind(seal)
            .execute_one(self)
            .await?;
        let rows = rows
            .iter()
            .map(|row| {
                let arguments: Vec<Arg> = vec![
                    row.id.into(),
                    row.organisation_id.into(),
                    row.sequence.into(),
                    row.kind.clone().into(),
                    row.actor_id.into(),
                    row.actor_name.clone().into(),
                    row.subject_id.into(),
                    row.subject_name.clone().into(),
                    row.details.clone().into(),
                    row.request_id.clone().into(),
                    row.ip.clone().into(),
                    row.method.clone().into(),
                    row.at.into(),
                    row.previous_hash.clone().into(),
                    row.hash.clone().into(),
                ];
                arguments
            })
            .collect();
        insert_many(
            self,
            "INSERT INTO audit_events (id, organisation_id, sequence, kind, actor_id, actor_name, \
             subject_id, subject_name, details, request_id, ip, method, at, previous_hash, hash)",
            rows,
            "",
        )
        .await?;
        Ok(())
    }

    /// Puts other words into the place of an event, as somebody would who wants to deceive.
    ///
    /// # Errors
    /// When the database refuses it, as it does while its triggers are there.
    #[cfg(feature = "testing")]
    pub async fn forge_audit_for_test(&mut self, row: &AuditEventRow) -> Result<()> {
        sql(
            "UPDATE audit_events SET actor_name = $2, details = $3, previous_hash = $4, hash = $5 \
             WHERE id = $1",
        )
        .bind(row.id)
        .bind(row.actor_name.clone())
        .bind(row.details.clone())
        .bind(row.previous_hash.clone())
        .bind(row.hash.clone())
        .execute_one(self)
        .await
    }
}
