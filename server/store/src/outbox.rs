//! The outbox: mail and text messages as rows of the transaction that wants them sent (R108).

use chrono::{DateTime, Utc};
use domain::id::{InvitationId, MessageId, OrganisationId};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Result, Tx,
    sql::{MaybeId, insert_many, sql},
};

/// A message to be queued.
#[derive(Clone, Debug)]
pub struct OutboxRow {
    /// Primary key; also the message's id on the wire, so that a second delivery can be seen.
    pub id: MessageId,
    /// `email` or `sms`.
    pub channel: &'static str,
    /// Which template.
    pub kind: String,
    /// On behalf of which organisation.
    pub organisation_id: Option<OrganisationId>,
    /// The invitation that it carries.
    pub invitation_id: Option<InvitationId>,
    /// Address or number.
    pub recipient: String,
    /// Values for the template.
    pub content: Value,
    /// Sealed token or code; wiped once sent.
    pub secret: Option<Vec<u8>>,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// Not to be sent before.
    pub next_attempt_at: DateTime<Utc>,
    /// Pointless after.
    pub not_after: Option<DateTime<Utc>>,
}

/// A message that waits to be sent.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct WaitingRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: MessageId,
    /// `email` or `sms`.
    pub channel: String,
    /// Which template.
    pub kind: String,
    /// On behalf of which organisation.
    #[sqlx(try_from = "MaybeId")]
    pub organisation_id: Option<OrganisationId>,
    /// Address or number.
    pub recipient: String,
    /// Values for the template.
    #[sqlx(json)]
    pub content: Value,
    /// Sealed token or code.
    pub secret: Option<Vec<u8>>,
}

impl Tx {
    /// Everything that waits to be sent, oldest first.
    pub async fn waiting_messages(&mut self) -> Result<Vec<WaitingRow>> {
        sql(
            "SELECT id, channel, kind, organisation_id, recipient, content, secret FROM outbox \
             WHERE status = 'queued' ORDER BY created_at, id",
        )
        .fetch_all(self)
        .await
    }

    /// Queues messages.
    pub async fn enqueue(&mut self, rows: &[OutboxRow]) -> Result<()> {
        let rows = rows
            .iter()
            .map(|row| {
                vec![
                    row.id.into(),
                    row.channel.into(),
                    row.kind.clone().into(),
                    row.organisation_id.into(),
                    row.invitation_id.into(),
                    row.recipient.clone().into(),
                    row.content.clone().into(),
                    row.secret.clone().into(),
                    "queued".into(),
                    0_i64.into(),
                    "".into(),
                    row.created_at.into(),
                    row.next_attempt_at.into(),
                    row.not_after.into(),
                ]
            })
            .collect();
        insert_many(
            self,
            "INSERT INTO outbox (id, channel, kind, organisation_id, invitation_id, recipient, \
             content, secret, status, attempts, last_error, created_at, next_attempt_at, not_after)",
            rows,
            "",
        )
        .await?;
        Ok(())
    }
}
