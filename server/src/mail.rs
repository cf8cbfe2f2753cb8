//! Messages as they leave: words, text and HTML twins, and the ways out.

mod folder;
pub mod letters;
mod mailbox;
mod smtp;

use std::{path::PathBuf, sync::Arc};

use askama::Template;
use chrono::{DateTime, Utc};
use domain::letter::{Letter, Part};
use serde::{Deserialize, Serialize};
use service::outbox::{Claimed, Delivery, MessageKind};

use crate::config::{Config, MailSetting, Origin, TextSetting};

pub use folder::Folder;
pub use mailbox::{Mailbox, Memory};
pub use smtp::Smtp;

/// A message as it leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The same for every attempt: it is the Message-ID.
    pub id: String,
    /// `email` or `sms`.
    pub channel: String,
    /// One address or number (R26).
    pub to: String,
    /// The sender's address; empty for a text message.
    pub from: String,
    /// Empty for a text message.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same words as HTML; empty for a text message.
    pub html: String,
    /// When it was handed over.
    pub sent_at: DateTime<Utc>,
    /// Which template, for example `invitation`.
    pub kind: String,
}

/// Writes messages: everything that a template needs besides the message's own content.
#[derive(Clone, Debug)]
pub struct Writer {
    /// The only source of links (R25).
    pub origin: Origin,
    /// The name of the service.
    pub service: String,
    /// The sender's address.
    pub sender: String,
}

#[derive(Template)]
#[template(path = "letter.html")]
struct LetterPage<'a> {
    letter: &'a Letter,
    link: &'a str,
    service: &'a str,
    closing: &'a str,
}

/// A code stands alone, and is shown large.
fn is_code(words: &str) -> bool {
    words.len() == 6 && words.bytes().all(|b| b.is_ascii_digit())
}

impl Writer {
    /// Writes a claimed message.
    pub fn write(&self, claimed: &Claimed, now: DateTime<Utc>) -> Message {
        let secret = claimed.secret.as_ref().map_or("", |secret| secret.as_str());
        let kind = serde_json::to_value(claimed.kind)
            .ok()
            .and_then(|kind| kind.as_str().map(ToOwned::to_owned))
            .unwrap_or_default();
        let mut message = Message {
            id: claimed.id.to_string(),
            channel: claimed.channel.clone(),
            to: claimed.recipient.clone(),
            from: String::new(),
            subject: String::new(),
            text: String::new(),
            html: String::new(),
            sent_at: now,
            kind,
        };
        if message.channel == "sms" {
            let (content, host) = (&claimed.content, self.origin.host());
            message.text =
                letters::text_message(claimed.kind, content, secret, &self.service, host);
            return message;
        }
        let letter = letters::letter(claimed.kind, &claimed.content, secret, &self.service);
        let link = self.link(claimed.kind, &claimed.content.path, secret);
        message.from.clone_from(&self.sender);
        message.subject = one_line(&letter.subject);
        message.text = self.text(&letter, &link);
        message.html = self.html(&letter, &link);
        message
    }

    /// Where the action leads.
    fn link(&self, kind: MessageKind, path: &str, secret: &str) -> String {
        let origin = self.origin.as_str();
        let invites = matches!(
            kind,
            MessageKind::Invitation | MessageKind::InvitationReminder | MessageKind::NewAccess
        );
        match kind {
            _ if invites && !secret.is_empty() => format!("{origin}/invitations/{secret}"),
            MessageKind::PasswordReset => format!("{origin}/reset-password/{secret}"),
            MessageKind::PasswordChanged
            | MessageKind::AccountChanged
            | MessageKind::EmailChangeCode
            | MessageKind::NewDevice
            | MessageKind::SecondFactorFailed
            | MessageKind::RecoveryCodeUsed => format!("{origin}/forgot-password"),
            MessageKind::EmailChanged => format!("{origin}/contact"),
            _ if path.is_empty() => format!("{origin}/sign-in"),
            _ => format!("{origin}{path}"),
        }
    }

    fn closing(&self) -> String {
        format!(
            "This email was sent by {} at {}. Nobody reads replies to it.",
            self.service,
            self.origin.as_str()
        )
    }

    fn text(&self, letter: &Letter, link: &str) -> String {
        format!("{}\n-- \n{}\n", letter.text(link), self.closing())
    }

    fn html(&self, letter: &Letter, link: &str) -> String {
        let page = LetterPage {
            letter,
            link,
            service: &self.service,
            closing: &self.closing(),
        };
        page.render().unwrap_or_default()
    }
}

/// A header's value: one line, whatever went into it (R100).
fn one_line(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A way out for one kind of message.
#[derive(Clone)]
pub enum Transport {
    /// By a mail server.
    Smtp(Smtp),
    /// Into files.
    Folder(Folder),
    /// Into memory, for tests.
    Memory(Memory),
}

/// A message was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The other side will never take this message.
    Refused(String),
    /// The other side does not take this message now.
    Later(String),
    /// Nothing can be handed over now: the other side is away or does not let us in.
    Away(String),
}

impl Transport {
    /// Hands a message over.
    ///
    /// # Errors
    /// When it was not taken.
    pub async fn send(&self, message: &Message) -> Result<(), Trouble> {
        match self {
            Self::Smtp(smtp) => smtp.send(message).await,
            Self::Folder(folder) => folder
                .put(message)
                .await
                .map_err(|error| Trouble::Away(error.to_string())),
            Self::Memory(memory) => {
                memory.put(message.clone());
                Ok(())
            }
        }
    }

    /// Tries whether messages could be handed over.
    ///
    /// # Errors
    /// When they could not.
    pub async fn check(&self) -> Result<(), String> {
        match self {
            Self::Smtp(smtp) => smtp.check().await,
            Self::Folder(folder) => folder.check().await.map_err(|error| error.to_string()),
            Self::Memory(_) => Ok(()),
        }
    }
}

/// Writes and sends messages.
#[derive(Clone)]
pub struct Post {
    /// Writes them.
    pub writer: Arc<Writer>,
    /// The way out for email.
    pub email: Transport,
    /// The way out for text messages.
    pub sms: Transport,
}

impl Post {
    /// The ways out of a configuration. With `capture` nothing leaves the computer.
    ///
    /// # Errors
    /// When the mail server's name or TLS cannot be used.
    pub fn new(config: &Config, origin: &Origin, capture: bool) -> Result<Self, String> {
        let in_data = |name: &str| -> PathBuf { config.data_dir.join(name) };
        let email = match &config.mail {
            MailSetting::Folder(path) => Transport::Folder(Folder::new(path.clone())),
            MailSetting::Smtp(_) if capture => Transport::Folder(Folder::new(in_data("mail"))),
            MailSetting::Smtp(server) => {
                Transport::Smtp(Smtp::new(server, &config.service_name, origin.host())?)
            }
        };
        let TextSetting::Folder(path) = &config.sms;
        Ok(Self {
            writer: Arc::new(Writer {
                origin: origin.clone(),
                service: config.service_name.clone(),
                sender: config.sender(origin),
            }),
            email,
            sms: Transport::Folder(Folder::new(path.clone())),
        })
    }

    /// What was captured, when email does not leave the computer.
    pub fn mailbox(&self) -> Option<Mailbox> {
        match (&self.email, &self.sms) {
            (Transport::Folder(mail), Transport::Folder(sms)) => {
                Some(Mailbox::Folders(vec![mail.clone(), sms.clone()]))
            }
            (Transport::Memory(memory), _) => Some(Mailbox::Memory(memory.clone())),
            _ => None,
        }
    }

    /// Sends one message, and says what became of it and whether the way out is closed.
    pub async fn send(&self, claimed: &Claimed, now: DateTime<Utc>) -> (Delivery, Option<String>) {
        let message = self.writer.write(claimed, now);
        let transport = if message.channel == "sms" {
            &self.sms
        } else {
            &self.email
        };
        match transport.send(&message).await {
            Ok(()) => (Delivery::Sent, None),
            Err(Trouble::Refused(why)) => (Delivery::Refused(why), None),
            Err(Trouble::Later(why)) => (Delivery::Later(why), None),
            Err(Trouble::Away(why)) => (Delivery::NotTried, Some(why)),
        }
    }
}
