//! Handing queued messages to whoever sends them, and noting what became of them (R108).
//!
//! A message is claimed for half a minute and sent outside of any transaction, at least once. Who
//! needs longer renews the claim. When the program dies in between, the claim ends and somebody
//! sends the message again, under the same id.

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::{InvitationId, MessageId, OrganisationId};
use serde_json::Value;
use store::{ClaimedMessageRow, Tx};
use zeroize::Zeroizing;

use super::{MessageContent, MessageKind, seal_owner};
use crate::{Result, Services, invitations::Delivered};

/// How long a claim holds unless it is renewed: nobody waits longer for the mail of a server that
/// died. Much longer than the clocks of several servers differ.
const CLAIM: TimeDelta = TimeDelta::seconds(30);
/// After a first refusal for now; doubled each time.
const FIRST_PAUSE: TimeDelta = TimeDelta::minutes(1);
/// The longest pause.
const LONGEST_PAUSE: TimeDelta = TimeDelta::hours(6);
/// A message that was put off again and again for so long is given up.
const PATIENCE: TimeDelta = TimeDelta::days(2);
/// What the other side says is kept this far.
const MOST_REASON: usize = 300;

/// A message to be sent now.
pub struct Claimed {
    /// Its name on the wire.
    pub id: MessageId,
    /// `email` or `sms`.
    pub channel: String,
    /// Which template.
    pub kind: MessageKind,
    /// Address or number.
    pub recipient: String,
    /// Values for the template.
    pub content: MessageContent,
    /// Token or code, opened.
    pub secret: Option<Zeroizing<String>>,
    /// What is needed to note the outcome.
    pub receipt: Receipt,
}

/// Ties an outcome to its message.
#[derive(Clone, Debug)]
pub struct Receipt {
    id: MessageId,
    organisation: Option<OrganisationId>,
    invitation: Option<InvitationId>,
    attempts: i64,
    created_at: DateTime<Utc>,
}

impl Receipt {
    /// The message.
    pub fn id(&self) -> MessageId {
        self.id
    }
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The other side took it.
    Sent,
    /// The other side will never take it, and said why.
    Refused(String),
    /// The other side does not take it now, and said why.
    Later(String),
    /// It was not tried: the other side is away, or the program ends.
    NotTried,
}

impl Services {
    /// Claims up to `most` messages that are due. Those whose time is over are given up.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn claim_messages(&self, most: u32) -> Result<Vec<Claimed>> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let rows = tx.claim_messages(now, now + CLAIM, i64::from(most)).await?;
        // All that wait are looked at for this, so not while a bulk send is under way.
        if rows.len() < most as usize {
            tx.cancel_late_messages(now).await?;
        }
        let mut claimed = Vec::with_capacity(rows.len());
        for row in rows {
            let id = row.id;
            match self.open_message(row) {
                Some(message) => claimed.push(message),
                // Another key file, or a row of another version: no retry can help.
                None => tx.message_failed(id, "cannot be read").await?,
            }
        }
        tx.commit().await?;
        Ok(claimed)
    }

    fn open_message(&self, row: ClaimedMessageRow) -> Option<Claimed> {
        let kind = serde_json::from_value(Value::String(row.kind)).ok()?;
        let content = serde_json::from_value(row.content).ok()?;
        let secret = match row.secret {
            None => None,
            Some(sealed) => {
                let opened = self.keys.open(&seal_owner(row.id), &sealed).ok()?;
                let text = String::from_utf8(opened.to_vec()).ok()?;
                Some(Zeroizing::new(text))
            }
        };
        Some(Claimed {
            id: row.id,
            channel: row.channel,
            kind,
            recipient: row.recipient,
            content,
            secret,
            receipt: Receipt {
                id: row.id,
                organisation: row.organisation_id,
                invitation: row.invitation_id,
                attempts: row.attempts,
                created_at: row.created_at,
            },
        })
    }

    /// Holds claimed messages for longer; those whose outcome was noted are left alone.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn renew_claims(&self, ids: &[MessageId]) -> Result<()> {
        let mut tx = self.store.write().await?;
        tx.renew_claims(ids, self.now() + CLAIM).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Frees everything that is claimed, messages and bulk sends: for a server that has just
    /// started and is alone, so that whoever claimed it is gone.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn free_all_claims(&self) -> Result<()> {
        let mut tx = self.store.write().await?;
        tx.free_all_messages().await?;
        tx.free_all_batches().await?;
        tx.free_all_bulk_jobs().await?;
        tx.commit().await?;
        Ok(())
    }

    /// Notes what became of claimed messages, all in one transaction.
    ///
    /// # Errors
    /// When the database is away; then nothing was noted.
    pub async fn note_deliveries(&self, outcomes: &[(Receipt, Delivery)]) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let ids = |wanted: &Delivery| -> Vec<MessageId> {
            outcomes
                .iter()
                .filter(|(_, delivery)| delivery == wanted)
                .map(|(receipt, _)| receipt.id)
                .collect()
        };
        tx.messages_sent(&ids(&Delivery::Sent), now).await?;
        tx.release_messages(&ids(&Delivery::NotTried)).await?;
        for (receipt, delivery) in outcomes {
            match delivery {
                Delivery::NotTried => {}
                Delivery::Sent => {
                    self.note_invitation(&mut tx, receipt, Delivered::Yes, "")
                        .await?;
                }
                Delivery::Later(reason) if now < receipt.created_at + PATIENCE => {
                    let next = now + pause(receipt.attempts);
                    tx.postpone_message(receipt.id, next, &cut(reason)).await?;
                }
                Delivery::Later(reason) | Delivery::Refused(reason) => {
                    tx.message_failed(receipt.id, &cut(reason)).await?;
                    self.note_invitation(&mut tx, receipt, Delivered::Never, &cut(reason))
                        .await?;
                }
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// An invitation is told what became of its email.
    async fn note_invitation(
        &self,
        tx: &mut Tx,
        receipt: &Receipt,
        delivered: Delivered,
        reason: &str,
    ) -> Result<()> {
        if let (Some(organisation), Some(invitation)) = (receipt.organisation, receipt.invitation) {
            self.invitation_email(tx, organisation, invitation, delivered, reason)
                .await?;
        }
        Ok(())
    }
}

/// The pause after so many attempts: 1 minute, 2, 4, … 6 hours.
fn pause(attempts: i64) -> TimeDelta {
    let doublings = u32::try_from(attempts.clamp(1, 16) - 1).unwrap_or(0);
    (FIRST_PAUSE * 2_i32.pow(doublings)).min(LONGEST_PAUSE)
}

/// What the other side said, as it may be stored and shown.
fn cut(reason: &str) -> String {
    reason
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MOST_REASON)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Delivery, PATIENCE, pause};
    use crate::{
        Services,
        outbox::{MessageContent, MessageKind, Outgoing},
        testing::Harness,
    };
    use chrono::TimeDelta;

    async fn queue(services: &Services, kind: MessageKind, to: &str, secret: Option<&str>) {
        let mut message = Outgoing::email(kind, to.to_owned(), MessageContent::default());
        message.secret = secret.map(ToOwned::to_owned);
        message.not_after = secret.map(|_| services.now() + TimeDelta::minutes(10));
        let mut tx = services.store.write().await.unwrap();
        services.queue(&mut tx, vec![message]).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn counts(services: &Services) -> Vec<(String, i64)> {
        let mut tx = services.store.read().await.unwrap();
        let rows = tx.count_messages().await.unwrap();
        rows.into_iter()
            .map(|row| (row.status, row.count))
            .collect()
    }

    fn all(status: &str, count: i64) -> Vec<(String, i64)> {
        vec![(status.to_owned(), count)]
    }

    #[test]
    fn pauses_double_up_to_six_hours() {
        let minutes: Vec<i64> = (1..=11).map(|n| pause(n).num_minutes()).collect();
        assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]);
        assert_eq!(pause(i64::MAX), TimeDelta::hours(6));
    }

    /// R15: a secret is there for who sends the message, and gone once it is sent.
    #[tokio::test]
    async fn a_secret_is_opened_for_sending_and_wiped_after() {
        let h = Harness::new().await;
        queue(
            &h.services,
            MessageKind::Code,
            "jane@nhs.net",
            Some("123456"),
        )
        .await;
        let claimed = h.services.claim_messages(10).await.unwrap();
        assert_eq!(claimed.len(), 1);
        assert_eq!(claimed[0].secret.as_ref().unwrap().as_str(), "123456");
        // It is claimed: nobody else gets it.
        assert!(h.services.claim_messages(10).await.unwrap().is_empty());
        let outcome = (claimed[0].receipt.clone(), Delivery::Sent);
        h.services.note_deliveries(&[outcome]).await.unwrap();
        assert_eq!(counts(&h.services).await, all("sent", 1));
        h.clock.advance(TimeDelta::hours(1));
        assert!(h.services.claim_messages(10).await.unwrap().is_empty());
    }

    /// R108: refused for now is tried again later, refused for ever is seen to have failed.
    #[tokio::test]
    async fn a_message_is_tried_again_until_it_is_refused() {
        let h = Harness::new().await;
        queue(
            &h.services,
            MessageKind::PasswordChanged,
            "jane@nhs.net",
            None,
        )
        .await;
        for minutes in [1, 2, 4] {
            let claimed = h.services.claim_messages(10).await.unwrap();
            let outcome = (
                claimed[0].receipt.clone(),
                Delivery::Later("451 busy".into()),
            );
            h.services.note_deliveries(&[outcome]).await.unwrap();
            h.clock.advance(TimeDelta::seconds(minutes * 60 - 1));
            assert!(h.services.claim_messages(10).await.unwrap().is_empty());
            h.clock.advance(TimeDelta::seconds(1));
        }
        let claimed = h.services.claim_messages(10).await.unwrap();
        let outcome = (
            claimed[0].receipt.clone(),
            Delivery::Refused("550 no such user".into()),
        );
        h.services.note_deliveries(&[outcome]).await.unwrap();
        assert_eq!(counts(&h.services).await, all("failed", 1));
    }

    /// R108: nobody is refused for now for ever.
    #[tokio::test]
    async fn a_message_that_is_always_put_off_is_given_up() {
        let h = Harness::new().await;
        queue(
            &h.services,
            MessageKind::PasswordChanged,
            "jane@nhs.net",
            None,
        )
        .await;
        h.clock.advance(PATIENCE);
        let claimed = h.services.claim_messages(10).await.unwrap();
        let outcome = (
            claimed[0].receipt.clone(),
            Delivery::Later("451 busy".into()),
        );
        h.services.note_deliveries(&[outcome]).await.unwrap();
        assert_eq!(counts(&h.services).await, all("failed", 1));
    }

    /// R108: a code that no longer works is not mailed late.
    #[tokio::test]
    async fn an_expired_secret_is_not_sent() {
        let h = Harness::new().await;
        queue(
            &h.services,
            MessageKind::Code,
            "jane@nhs.net",
            Some("123456"),
        )
        .await;
        h.clock.advance(TimeDelta::minutes(10));
        assert!(h.services.claim_messages(10).await.unwrap().is_empty());
        assert_eq!(counts(&h.services).await, all("cancelled", 1));
    }

    /// R107, R115: what was claimed and not tried is there again, at once or when the claim ends.
    #[tokio::test]
    async fn a_claim_ends() {
        let h = Harness::new().await;
        queue(&h.services, MessageKind::NewDevice, "jane@nhs.net", None).await;
        let claimed = h.services.claim_messages(10).await.unwrap();
        let outcome = (claimed[0].receipt.clone(), Delivery::NotTried);
        h.services.note_deliveries(&[outcome]).await.unwrap();
        assert_eq!(h.services.claim_messages(10).await.unwrap().len(), 1);
        // Whoever needs longer says so in time.
        h.clock.advance(TimeDelta::seconds(29));
        h.services.renew_claims(&[claimed[0].id]).await.unwrap();
        h.clock.advance(TimeDelta::seconds(29));
        assert!(h.services.claim_messages(10).await.unwrap().is_empty());
        h.clock.advance(TimeDelta::seconds(1));
        let again = h.services.claim_messages(10).await.unwrap();
        assert_eq!(again[0].id, claimed[0].id);
        assert_eq!(again[0].receipt.attempts, 2);
        // Whoever is alone need not wait for what an earlier process had claimed.
        h.services.free_all_claims().await.unwrap();
        assert_eq!(h.services.claim_messages(10).await.unwrap().len(), 1);
    }

    /// A sealed secret opens with this installation's key only.
    #[tokio::test]
    async fn a_message_sealed_with_another_key_fails() {
        let h = Harness::new().await;
        queue(
            &h.services,
            MessageKind::Code,
            "jane@nhs.net",
            Some("123456"),
        )
        .await;
        let mut other = h.services.clone();
        other.keys = crate::Keys::derive(&[2; 32]);
        assert!(other.claim_messages(10).await.unwrap().is_empty());
        assert_eq!(counts(&h.services).await, all("failed", 1));
    }
}
