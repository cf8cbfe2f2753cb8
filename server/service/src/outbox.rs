//! Queueing mail and text messages. What is queued is sent, or is seen to have failed (R108).

mod delivery;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::id::{InvitationId, MessageId, OrganisationId};
use serde::{Deserialize, Serialize};
use store::{OutboxRow, Tx};

use crate::{Result, Services};

pub use delivery::{Claimed, Delivery, Receipt};

/// Through what a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// Email.
    Email,
    /// Text message.
    Sms,
}

impl Channel {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

/// Every message that Lanyard sends; each has a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Come and register.
    Invitation,
    /// The invitation still waits.
    InvitationReminder,
    /// Somebody with an account got access to another organisation.
    NewAccess,
    /// A code for signing in or registering.
    Code,
    /// A link to choose a new password.
    PasswordReset,
    /// A reset was asked for somebody who cannot have one: ask your administrator (R27).
    PasswordResetUnavailable,
    /// The password was changed.
    PasswordChanged,
    /// The person changed something else of their own account.
    AccountChanged,
    /// A code for changing the email address; `subject` is the new one in the message to the old one,
    /// and empty in the message to the new one.
    EmailChangeCode,
    /// Somebody wants an address for their account that has one already (R31).
    EmailTaken,
    /// The email address was changed, to `subject`: told to the old one.
    EmailChanged,
    /// Somebody signed in from a device we have not seen.
    NewDevice,
    /// The password was right, the second step was not.
    SecondFactorFailed,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// The invited person said that it is not for them.
    InvitationDeclined,
    /// The invited person asks for a new invitation.
    NewInvitationRequested,
    /// A bulk send has ended.
    BatchFinished,
    /// A change of many members has ended.
    BulkFinished,
    /// Registration is complete.
    RegistrationComplete,
    /// The roles of a member are others now.
    AccessChanged,
    /// The membership was deactivated.
    Deactivated,
    /// The membership was reactivated.
    Reactivated,
    /// An administrator changed name or job title.
    DetailsChanged,
    /// An administrator did something about how the person signs in.
    SecurityChanged,
}

/// What the templates fill in. Empty where a template has no use for it. Never a secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MessageContent {
    /// Name of the person it goes to.
    pub recipient_name: String,
    /// Name of the organisation.
    pub organisation: String,
    /// Code of the organisation in addresses.
    pub organisation_slug: String,
    /// Who invited, changed or asked.
    pub by: String,
    /// Name of the role.
    pub role: String,
    /// What the role can do, as phrases that start with a verb.
    pub tasks: Vec<String>,
    /// Names of the areas; empty: the whole organisation.
    pub areas: Vec<String>,
    /// What was, in lines, before a change.
    pub before: Vec<String>,
    /// What is, in lines, after it.
    pub after: Vec<String>,
    /// The inviter's own words.
    pub message: String,
    /// When the link ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it happened.
    pub happened_at: Option<DateTime<Utc>>,
    /// Browser or device, as far as known.
    pub device: String,
    /// Whom it is about (declined, new invitation asked for).
    pub subject: String,
    /// A path of this installation for the action link, without a secret.
    pub path: String,
    /// How many were sent.
    pub sent: u32,
    /// How many were entered.
    pub total: u32,
}

/// A message to be queued.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Its name, where something must find it again; otherwise it gets a new one.
    pub id: Option<MessageId>,
    /// Through what.
    pub channel: Channel,
    /// Which template.
    pub kind: MessageKind,
    /// On behalf of which organisation.
    pub organisation: Option<OrganisationId>,
    /// The invitation that it carries.
    pub invitation: Option<InvitationId>,
    /// Address or number, from a stored row, never from a request (R26).
    pub recipient: String,
    /// Values for the template.
    pub content: MessageContent,
    /// Token or code: sealed in the row, wiped once sent (R15).
    pub secret: Option<String>,
    /// Pointless after.
    pub not_after: Option<DateTime<Utc>>,
    /// Not to be sent before; for changes that can be undone.
    pub hold_until: Option<DateTime<Utc>>,
}

impl Outgoing {
    /// An email with no organisation and no secret.
    pub fn email(kind: MessageKind, recipient: String, content: MessageContent) -> Self {
        Self {
            id: None,
            channel: Channel::Email,
            kind,
            organisation: None,
            invitation: None,
            recipient,
            content,
            secret: None,
            not_after: None,
            hold_until: None,
        }
    }
}

/// Wakes the worker when something was queued, so that nobody waits for its next look.
#[derive(Clone, Debug, Default)]
pub struct Wake(Arc<tokio::sync::Notify>);

impl Wake {
    /// Something is waiting.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits until something is waiting.
    pub async fn heard(&self) {
        self.0.notified().await;
    }
}

/// For whom a message's secret is sealed.
pub(crate) fn seal_owner(id: MessageId) -> String {
    format!("outbox:secret:{id}")
}

impl Services {
    /// Queues messages in the transaction that wants them sent.
    pub(crate) async fn queue(&self, tx: &mut Tx, messages: Vec<Outgoing>) -> Result<()> {
        let now = self.now();
        let mut rows = Vec::with_capacity(messages.len());
        for message in messages {
            let new = || MessageId::from_uuid(self.random.uuid(now));
            let id = message.id.unwrap_or_else(new);
            let secret = match &message.secret {
                Some(secret) => Some(self.keys.seal(
                    &seal_owner(id),
                    secret.as_bytes(),
                    &self.random,
                )?),
                None => None,
            };
            let kind = serde_json::to_value(message.kind)
                .ok()
                .and_then(|kind| kind.as_str().map(ToOwned::to_owned))
                .unwrap_or_default();
            rows.push(OutboxRow {
                id,
                channel: message.channel.as_str(),
                kind,
                organisation_id: message.organisation,
                invitation_id: message.invitation,
                recipient: message.recipient,
                content: serde_json::to_value(&message.content).map_err(store::StoreError::from)?,
                secret,
                created_at: now,
                next_attempt_at: message.hold_until.unwrap_or(now),
                not_after: message.not_after,
            });
        }
        tx.enqueue(&rows).await?;
        // The worker may look before the commit and find nothing; it looks again every second.
        self.wake.ring();
        Ok(())
    }

    /// Rung whenever something was queued.
    pub fn wake(&self) -> &Wake {
        &self.wake
    }
}
