//! Audit events: only ever added, in a chain for each organisation (R101 to R103).

use chrono::{DateTime, Utc};
use domain::id::{AuditEventId, OrganisationId, UserId};
use serde_json::Value;

use crate::{
    Result, Tx,
    sql::{Arg, insert_many, sql},
};

/// A row of `audit_events`, ready to be written.
#[derive(Clone, Debug)]
pub struct AuditEventRow {
    /// Primary key.
    pub id: AuditEventId,
    /// The organisation; empty for what belongs to none.
    pub organisation_id: Option<OrganisationId>,
    /// Its number in the chain, without gaps.
    pub sequence: i64,
    /// What happened; a key of `domain::audit`.
    pub kind: String,
    /// Who did it.
    pub actor_id: Option<UserId>,
    /// Their name at the time.
    pub actor_name: String,
    /// Whom it is about.
    pub subject_id: Option<UserId>,
    /// Their name at the time.
    pub subject_name: String,
    /// Before and after of what changed; never a secret.
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
            "INSERT INTO audit_chains (chain, sequence, hash) VALUES ($1, 0, $2) \
             ON CONFLICT (chain) DO NOTHING",
        )
        .bind(chain(organisation))
        .bind(vec![0_u8; 32])
        .execute(self)
        .await?;
        // An update that changes nothing takes the row's lock in both databases.
        sql("UPDATE audit_chains SET sequence = sequence WHERE chain = $1 RETURNING sequence, hash")
            .bind(chain(organisation))
            .fetch_one(self)
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

    /// Adds events at the end of one organisation's chain.
    pub async fn append_audit(&mut self, rows: &[AuditEventRow]) -> Result<()> {
        let Some(last) = rows.last() else {
            return Ok(());
        };
        sql("UPDATE audit_chains SET sequence = $2, hash = $3 WHERE chain = $1")
            .bind(chain(last.organisation_id))
            .bind(last.sequence)
            .bind(last.hash.clone())
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
}
