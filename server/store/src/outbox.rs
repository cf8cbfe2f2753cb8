//! The outbox: mail and text messages as rows of the transaction that wants them sent (R108).

use chrono::{DateTime, Utc};
use domain::id::{InvitationId, MessageId, OrganisationId};
use serde_json::Value;

use uuid::Uuid;

use crate::{
    Result, Tx,
    sql::{MaybeId, assembled, insert_many, list, sql},
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

/// A queued message that was claimed for sending.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ClaimedMessageRow {
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
    /// The invitation that it carries.
    #[sqlx(try_from = "MaybeId")]
    pub invitation_id: Option<InvitationId>,
    /// Address or number.
    pub recipient: String,
    /// Values for the template.
    #[sqlx(json)]
    pub content: Value,
    /// Sealed token or code.
    pub secret: Option<Vec<u8>>,
    /// How often it was tried, this time included.
    pub attempts: i64,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// Pointless after.
    pub not_after: Option<DateTime<Utc>>,
}

/// How many messages are in which state.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct OutboxCount {
    /// `queued`, `sent`, `failed` or `cancelled`.
    pub status: String,
    /// How many.
    pub count: i64,
}

impl Tx {
    /// Claims up to `most` messages that are due and not late, until `leased_until`: nobody else
    /// gets them before. What somebody waits for comes before the invitations of a bulk send.
    pub async fn claim_messages(
        &mut self,
        now: DateTime<Utc>,
        leased_until: DateTime<Utc>,
        most: i64,
    ) -> Result<Vec<ClaimedMessageRow>> {
        let mut claimed: Vec<ClaimedMessageRow> = Vec::new();
        for which in ["invitation_id IS NULL", "invitation_id IS NOT NULL"] {
            let left = most - i64::try_from(claimed.len()).unwrap_or(most);
            if left <= 0 {
                break;
            }
            let skip = self.dialect().skip_locked();
            let text = format!(
                "UPDATE outbox SET leased_until = $1, attempts = attempts + 1 WHERE id IN (\
                 SELECT id FROM outbox WHERE status = 'queued' AND {which} \
                 AND next_attempt_at <= $2 AND (leased_until IS NULL OR leased_until <= $2) \
                 AND (not_after IS NULL OR not_after > $2) \
                 ORDER BY next_attempt_at LIMIT $3{skip}) \
                 RETURNING id, channel, kind, organisation_id, invitation_id, recipient, content, \
                 secret, attempts, created_at, not_after"
            );
            let arguments = vec![leased_until.into(), now.into(), left.into()];
            let mut rows: Vec<ClaimedMessageRow> = assembled(text, arguments)
                .kept_when(true)
                .fetch_all(self)
                .await?;
            rows.sort_by_key(|row| (row.created_at, row.id));
            claimed.append(&mut rows);
        }
        Ok(claimed)
    }

    /// Claims messages for longer that are claimed already.
    pub async fn renew_claims(
        &mut self,
        ids: &[MessageId],
        leased_until: DateTime<Utc>,
    ) -> Result<()> {
        for chunk in list::chunks(ids) {
            list::around(
                "UPDATE outbox SET leased_until = $1 WHERE status = 'queued' \
                 AND leased_until IS NOT NULL AND id IN (",
                vec![leased_until.into()],
                chunk,
                ")",
            )
            .execute(self)
            .await?;
        }
        Ok(())
    }

    /// Ends every claim; for whoever knows that nobody else is at work.
    pub async fn free_all_messages(&mut self) -> Result<u64> {
        sql("UPDATE outbox SET leased_until = NULL \
             WHERE status = 'queued' AND leased_until IS NOT NULL")
        .execute(self)
        .await
    }

    /// Gives up messages whose time is over: a link or code that no longer works is not mailed
    /// late (R108).
    pub async fn cancel_late_messages(&mut self, now: DateTime<Utc>) -> Result<u64> {
        sql("UPDATE outbox SET status = 'cancelled', secret = NULL \
             WHERE status = 'queued' AND not_after <= $1")
        .bind(now)
        .execute(self)
        .await
    }

    /// Gives up a message that something newer replaces, if it still waits (R42).
    pub async fn cancel_message(&mut self, id: MessageId) -> Result<bool> {
        let gone = sql("UPDATE outbox SET status = 'cancelled', secret = NULL \
             WHERE status = 'queued' AND id = $1")
        .bind(id)
        .execute(self)
        .await?;
        Ok(gone == 1)
    }

    /// Notes that messages were sent, and wipes their secrets (R15).
    pub async fn messages_sent(&mut self, ids: &[MessageId], at: DateTime<Utc>) -> Result<()> {
        for chunk in list::chunks(ids) {
            list::around(
                "UPDATE outbox SET status = 'sent', sent_at = $1, leased_until = NULL, \
                 secret = NULL, last_error = '' WHERE status = 'queued' AND id IN (",
                vec![at.into()],
                chunk,
                ")",
            )
            .execute(self)
            .await?;
        }
        Ok(())
    }

    /// Notes that a message can never be sent, and wipes its secret.
    pub async fn message_failed(&mut self, id: MessageId, error: &str) -> Result<()> {
        sql(
            "UPDATE outbox SET status = 'failed', leased_until = NULL, secret = NULL, \
             last_error = $2 WHERE status = 'queued' AND id = $1",
        )
        .bind(id)
        .bind(error)
        .execute(self)
        .await?;
        Ok(())
    }

    /// Puts a message off.
    pub async fn postpone_message(
        &mut self,
        id: MessageId,
        next_attempt_at: DateTime<Utc>,
        error: &str,
    ) -> Result<()> {
        sql(
            "UPDATE outbox SET next_attempt_at = $2, leased_until = NULL, last_error = $3 \
             WHERE status = 'queued' AND id = $1",
        )
        .bind(id)
        .bind(next_attempt_at)
        .bind(error)
        .execute(self)
        .await?;
        Ok(())
    }

    /// Gives claimed messages back as if they had not been claimed.
    pub async fn release_messages(&mut self, ids: &[MessageId]) -> Result<()> {
        for chunk in list::chunks(ids) {
            list::around(
                "UPDATE outbox SET leased_until = NULL, attempts = attempts - 1 \
                 WHERE status = 'queued' AND id IN (",
                Vec::new(),
                chunk,
                ")",
            )
            .execute(self)
            .await?;
        }
        Ok(())
    }

    /// Forgets messages that were sent or given up before `before`.
    pub async fn delete_old_messages(&mut self, before: DateTime<Utc>) -> Result<u64> {
        sql("DELETE FROM outbox WHERE status <> 'queued' AND created_at < $1")
            .bind(before)
            .execute(self)
            .await
    }

    /// How many messages are in which state.
    pub async fn count_messages(&mut self) -> Result<Vec<OutboxCount>> {
        sql("SELECT status, count(*) AS count FROM outbox GROUP BY status ORDER BY status")
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

    /// Everything that waits to be sent, oldest first.
    pub async fn waiting_messages(&mut self) -> Result<Vec<WaitingRow>> {
        sql(
            "SELECT id, channel, kind, organisation_id, recipient, content, secret FROM outbox \
             WHERE status = 'queued' ORDER BY created_at, id",
        )
        .fetch_all(self)
        .await
    }
}
