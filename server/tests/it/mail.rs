//! Messages from the queue to the mail server, the folder and the mailbox page.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use chrono::TimeDelta;
use server::{
    config::{MailSetting, Origin},
    mail::{Folder, Mailbox, Memory, Post, Smtp, Transport, Writer},
    worker::Worker,
};
use service::{
    Services,
    outbox::{Channel, MessageContent, MessageKind, Outgoing},
};
use tokio::sync::watch;

use crate::{
    browser::Browser,
    harness::{Lanyard, ORIGIN, code, link},
    html,
    smtp_sink::Sink,
};

mod folder;
mod letters;
mod sending;

const ALL: [MessageKind; 24] = [
    MessageKind::Invitation,
    MessageKind::InvitationReminder,
    MessageKind::NewAccess,
    MessageKind::Code,
    MessageKind::PasswordReset,
    MessageKind::PasswordResetUnavailable,
    MessageKind::PasswordChanged,
    MessageKind::AccountChanged,
    MessageKind::EmailChangeCode,
    MessageKind::EmailTaken,
    MessageKind::EmailChanged,
    MessageKind::NewDevice,
    MessageKind::SecondFactorFailed,
    MessageKind::RecoveryCodeUsed,
    MessageKind::InvitationDeclined,
    MessageKind::NewInvitationRequested,
    MessageKind::BatchFinished,
    MessageKind::BulkFinished,
    MessageKind::RegistrationComplete,
    MessageKind::AccessChanged,
    MessageKind::Deactivated,
    MessageKind::Reactivated,
    MessageKind::DetailsChanged,
    MessageKind::SecurityChanged,
];

/// Values that would do harm if they were not taken as words.
const EVIL: &str = "<img src=x onerror=alert(1)>\r\nBcc: everybody@example.uk";

fn content(services: &Services, word: &str) -> MessageContent {
    MessageContent {
        recipient_name: word.to_owned(),
        organisation: word.to_owned(),
        organisation_slug: "rx1".to_owned(),
        by: word.to_owned(),
        role: word.to_owned(),
        tasks: vec![word.to_owned()],
        areas: vec![word.to_owned()],
        before: vec![word.to_owned()],
        after: vec![word.to_owned()],
        message: word.to_owned(),
        expires_at: Some(services.now() + TimeDelta::days(7)),
        happened_at: Some(services.now()),
        device: word.to_owned(),
        subject: word.to_owned(),
        path: "/o/rx1".to_owned(),
        sent: 3,
        total: 5,
    }
}

fn message(services: &Services, kind: MessageKind, to: &str) -> Outgoing {
    let mut message = Outgoing::email(
        kind,
        to.to_owned(),
        content(services, "Hollybrook Hospital"),
    );
    message.secret = match kind {
        MessageKind::Code | MessageKind::EmailChangeCode => Some("123456".to_owned()),
        MessageKind::Invitation | MessageKind::InvitationReminder | MessageKind::NewAccess => {
            Some("inv_secret".to_owned())
        }
        MessageKind::PasswordReset => Some("rst_secret".to_owned()),
        _ => None,
    };
    message
}

async fn queue(services: &Services, messages: Vec<Outgoing>) {
    services.queue_for_test(messages).await.unwrap();
}

fn writer(origin: &str) -> Arc<Writer> {
    Arc::new(Writer {
        origin: Origin::parse(origin).unwrap(),
        service: "Lanyard".to_owned(),
        sender: "no-reply@lanyard.example".to_owned(),
    })
}

/// A worker that hands email to this server.
fn worker(services: &Services, sink: &Sink) -> Worker {
    worker_to(services, sink.address)
}

/// A worker that hands its messages to a mail server.
pub fn worker_to(services: &Services, server: SocketAddr) -> Worker {
    let setting = MailSetting::parse(&format!("smtp://{server}")).unwrap();
    let MailSetting::Smtp(server) = setting else {
        unreachable!()
    };
    let smtp = Smtp::new(&server, "Lanyard", "lanyard.example").unwrap();
    let post = Post {
        writer: writer(ORIGIN),
        email: Transport::Smtp(smtp),
        sms: Transport::Memory(Memory::default()),
    };
    Worker::new(services.clone(), post)
}

/// Queues a message.
pub async fn queue_one(services: &Services) {
    let message = message(services, MessageKind::NewDevice, "jane@nhs.net");
    queue(services, vec![message]).await;
}

async fn counts(services: &Services) -> Vec<(String, i64)> {
    let mut tx = services.store().read().await.unwrap();
    let rows = tx.count_messages().await.unwrap();
    rows.into_iter()
        .map(|row| (row.status, row.count))
        .collect()
}
