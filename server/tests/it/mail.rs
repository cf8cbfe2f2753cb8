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

const ALL: [MessageKind; 23] = [
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

/// `ux.md` 9: text and HTML say the same words, there is one link, the subject has no code in it.
#[tokio::test]
async fn every_message_has_text_and_html_twins() {
    let lanyard = Lanyard::new().await;
    let messages = ALL.map(|kind| message(&lanyard.services, kind, "jane@nhs.net"));
    queue(&lanyard.services, messages.into()).await;
    let sent = lanyard.mail().await;
    assert_eq!(sent.len(), ALL.len());
    for message in sent {
        let kind = &message.kind;
        assert_eq!(
            (message.channel.as_str(), message.to.as_str()),
            ("email", "jane@nhs.net")
        );
        let plain = |text: &str| -> Vec<String> {
            text.split_whitespace()
                .filter(|word| !matches!(*word, "#" | "*" | ">" | "--"))
                .map(|word| word.trim_end_matches(':').to_owned())
                .collect()
        };
        let body = message.html.split_once("<body").unwrap().1;
        let html = html::text(&format!("<body{body}"));
        let html = plain(html.strip_prefix("Lanyard ").unwrap());
        assert_eq!(html, plain(&message.text), "{kind}");
        let links = message
            .text
            .lines()
            .filter(|line| line.starts_with("http"))
            .count();
        let expected = usize::from(!matches!(
            kind.as_str(),
            // Whoever was deactivated has nowhere to go there.
            "code" | "password_reset_unavailable" | "email_taken" | "deactivated"
        ));
        assert_eq!(links, expected, "{kind}: {}", message.text);
        assert_eq!(message.html.matches("<a ").count(), expected, "{kind}");
        assert!(
            !message.subject.is_empty() && !message.subject.contains("123456"),
            "{kind}"
        );
        for word in ["please", "sorry", "successful", "valid", "click"] {
            assert!(
                !message.text.to_lowercase().contains(word),
                "{kind}: {word}"
            );
        }
        assert!(
            !message.html.contains("<img") && !message.html.contains("<script"),
            "{kind}"
        );
    }
}

/// R25: links lead to the configured origin, with the secret where it belongs.
#[tokio::test]
async fn links_lead_to_the_public_origin() {
    let lanyard = Lanyard::new().await;
    for (kind, expected) in [
        (MessageKind::Invitation, "/invitations/inv_secret"),
        (MessageKind::InvitationReminder, "/invitations/inv_secret"),
        (MessageKind::NewAccess, "/invitations/inv_secret"),
        (MessageKind::PasswordReset, "/reset-password/rst_secret"),
        (MessageKind::PasswordChanged, "/forgot-password"),
        (MessageKind::AccountChanged, "/forgot-password"),
        (MessageKind::BatchFinished, "/o/rx1"),
        (MessageKind::BulkFinished, "/o/rx1"),
    ] {
        queue(
            &lanyard.services,
            vec![message(&lanyard.services, kind, "jane@nhs.net")],
        )
        .await;
        assert_eq!(
            link(&*lanyard.newest_mail("jane@nhs.net").await),
            expected,
            "{kind:?}"
        );
    }
}

/// The end of a link is a date and a time in London, never a number of hours.
#[tokio::test]
async fn the_end_of_a_link_is_a_date() {
    let lanyard = Lanyard::new().await;
    queue(
        &lanyard.services,
        vec![message(
            &lanyard.services,
            MessageKind::Invitation,
            "jane@nhs.net",
        )],
    )
    .await;
    let sent = lanyard.newest_mail("jane@nhs.net").await;
    assert!(
        sent.text
            .contains("The link works until 28 November 2026 at 9:30am."),
        "{}",
        sent.text
    );
    assert!(
        sent.html.contains("until 28 November 2026 at 9:30am."),
        "{}",
        sent.html
    );
}

/// `ux.md` 6.23: a text message is bound to the site, so that browsers fill the code in only there.
#[tokio::test]
async fn a_text_message_is_bound_to_the_site() {
    let lanyard = Lanyard::new().await;
    let mut text = message(&lanyard.services, MessageKind::Code, "+447700900982");
    text.channel = Channel::Sms;
    queue(&lanyard.services, vec![text]).await;
    let sent = lanyard.newest_mail("+447700900982").await;
    assert_eq!(
        sent.text,
        "123456 is your Lanyard code\n\n@lanyard.example #123456"
    );
    assert_eq!((sent.channel.as_str(), sent.html.as_str()), ("sms", ""));
    assert_eq!(code(&sent), "123456");
}

/// R100: words stay words, in headers and in HTML.
#[tokio::test]
async fn what_people_typed_stays_words() {
    let lanyard = Lanyard::new().await;
    let sink = Sink::start().await;
    let messages = ALL.map(|kind| {
        let mut message = message(&lanyard.services, kind, "jane@nhs.net");
        message.content = content(&lanyard.services, EVIL);
        message
    });
    queue(&lanyard.services, messages.into()).await;
    assert_eq!(
        worker(&lanyard.services, &sink).send_all().await.unwrap(),
        ALL.len()
    );
    let state = sink.state();
    assert_eq!(state.received.len(), ALL.len());
    for (_, raw) in &state.received {
        let head = raw.split_once("\r\n\r\n").unwrap().0;
        assert!(!head.to_lowercase().contains("\r\nbcc:"), "{head}");
        assert_eq!(head.matches("\r\nTo: ").count(), 1, "{head}");
        // In the text it is text; in the HTML it must be too.
        let html = raw.split_once("text/html").unwrap().1;
        assert!(
            html.contains("&#60;img") || html.contains("&lt;img"),
            "{raw}"
        );
        assert!(!html.contains("<img"), "{raw}");
    }
}

/// R26, R108: one reader, our own Message-ID, nothing about who sends from which version.
#[tokio::test]
async fn a_mail_server_gets_proper_messages() {
    let lanyard = Lanyard::new().await;
    let sink = Sink::start().await;
    queue(
        &lanyard.services,
        vec![message(
            &lanyard.services,
            MessageKind::Invitation,
            "jane@nhs.net",
        )],
    )
    .await;
    assert_eq!(
        worker(&lanyard.services, &sink).send_all().await.unwrap(),
        1
    );
    let state = sink.state();
    let (to, raw) = &state.received[0];
    assert_eq!(to, "jane@nhs.net");
    for part in [
        "From: Lanyard <no-reply@lanyard.example>\r\n",
        "To: jane@nhs.net\r\n",
        "Message-ID: <x-",
        "@lanyard.example>\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Date: Sat, 21 Nov 2026 09:30:00 +0000\r\n",
        "Content-Type: multipart/alternative",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Type: text/html; charset=utf-8",
    ] {
        assert!(raw.contains(part), "{part} is not in {raw}");
    }
    assert!(!raw.to_lowercase().contains("user-agent"));
}

/// R108: refused for ever shows, refused for now is tried again, the rest is not held up.
#[tokio::test]
async fn refusals_concern_one_message() {
    let lanyard = Lanyard::new().await;
    let sink = Sink::start().await;
    sink.state().answers.extend([
        ("gone@nhs.net".to_owned(), "550 no such user".to_owned()),
        ("busy@nhs.net".to_owned(), "451 try again later".to_owned()),
    ]);
    let messages = ["gone@nhs.net", "busy@nhs.net", "jane@nhs.net"]
        .map(|to| message(&lanyard.services, MessageKind::NewDevice, to));
    queue(&lanyard.services, messages.into()).await;
    let worker = worker(&lanyard.services, &sink);
    assert_eq!(worker.send_all().await.unwrap(), 1);
    let status = |status: &str, count| (status.to_owned(), count);
    assert_eq!(
        counts(&lanyard.services).await,
        [status("failed", 1), status("queued", 1), status("sent", 1)]
    );
    sink.state().answers.clear();
    assert_eq!(worker.send_all().await.unwrap(), 0);
    lanyard.clock.advance(TimeDelta::minutes(1));
    assert_eq!(worker.send_all().await.unwrap(), 1);
    assert_eq!(
        counts(&lanyard.services).await,
        [status("failed", 1), status("sent", 2)]
    );
}

/// R108: a server that lets nobody in, or is not there, says nothing about any message: all are
/// sent when it is back.
#[tokio::test]
async fn nothing_is_lost_while_the_mail_server_is_away() {
    let lanyard = Lanyard::new().await;
    let sink = Sink::start().await;
    let address = sink.address;
    let worker = worker(&lanyard.services, &sink);
    let messages = (0..20).map(|n| {
        message(
            &lanyard.services,
            MessageKind::NewDevice,
            &format!("p{n}@nhs.net"),
        )
    });
    queue(&lanyard.services, messages.collect()).await;
    sink.state().greeting = Some("554 go away".to_owned());
    assert_eq!(worker.send_all().await.unwrap(), 0);
    assert_eq!(counts(&lanyard.services).await, [("queued".to_owned(), 20)]);
    drop(sink);
    assert_eq!(worker.send_all().await.unwrap(), 0);
    assert_eq!(counts(&lanyard.services).await, [("queued".to_owned(), 20)]);
    let sink = Sink::start_at(address).await;
    assert_eq!(worker.send_all().await.unwrap(), 20);
    assert_eq!(sink.state().received.len(), 20);
    assert_eq!(counts(&lanyard.services).await, [("sent".to_owned(), 20)]);
}

/// R108, R115: the worker notices by itself, goes on when the server is back, and ends when told.
#[tokio::test]
async fn the_worker_sends_what_is_queued_until_it_is_stopped() {
    let lanyard = Lanyard::new().await;
    let sink = Sink::start().await;
    let (stop, stopping) = watch::channel(false);
    let running = tokio::spawn(worker(&lanyard.services, &sink).run(stopping));
    tokio::time::sleep(Duration::from_millis(200)).await;
    let queued = std::time::Instant::now();
    queue(
        &lanyard.services,
        vec![message(
            &lanyard.services,
            MessageKind::Code,
            "jane@nhs.net",
        )],
    )
    .await;
    while sink.state().received.is_empty() {
        assert!(queued.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(5), running)
        .await
        .unwrap()
        .unwrap();
}

/// R15: what was sent leaves no secret in the database.
#[tokio::test]
async fn the_database_keeps_no_secret_of_what_was_sent() {
    let lanyard = Lanyard::new().await;
    let secret = "inv_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfG";
    let mut invitation = message(&lanyard.services, MessageKind::Invitation, "jane@nhs.net");
    invitation.secret = Some(secret.to_owned());
    queue(&lanyard.services, vec![invitation]).await;
    assert!(!lanyard.dump().contains(secret));
    assert!(
        lanyard
            .newest_mail("jane@nhs.net")
            .await
            .text
            .contains(secret)
    );
    assert!(!lanyard.dump().contains(secret));
}

/// The folder keeps messages across a restart; only its owner reads them.
#[cfg(unix)]
#[tokio::test]
async fn a_folder_keeps_messages() {
    use std::os::unix::fs::PermissionsExt;
    let lanyard = Lanyard::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail");
    let post = Post {
        writer: writer(ORIGIN),
        email: Transport::Folder(Folder::new(path.clone())),
        sms: Transport::Folder(Folder::new(folder.path().join("sms"))),
    };
    let mailbox = post.mailbox().unwrap();
    let worker = Worker::new(lanyard.services.clone(), post);
    for to in ["first@nhs.net", "second@nhs.net"] {
        queue(
            &lanyard.services,
            vec![message(&lanyard.services, MessageKind::Invitation, to)],
        )
        .await;
        worker.send_all().await.unwrap();
        lanyard.clock.advance(TimeDelta::seconds(1));
    }
    let to = |mailbox: &Mailbox| -> Vec<String> {
        mailbox
            .messages()
            .iter()
            .map(|message| message.to.clone())
            .collect()
    };
    assert_eq!(to(&mailbox), ["second@nhs.net", "first@nhs.net"]);
    let again = Mailbox::Folders(vec![Folder::new(path.clone())]);
    assert_eq!(to(&again), ["second@nhs.net", "first@nhs.net"]);
    let mode =
        |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    for file in std::fs::read_dir(&path).unwrap() {
        assert_eq!(mode(&file.unwrap().path()), 0o600);
    }
}

/// Captured messages can be read as a page and by programs, and nothing in them runs.
#[tokio::test]
async fn captured_messages_are_shown() {
    let lanyard = Lanyard::new().await;
    let mut browser = lanyard.browser();
    browser
        .open("/dev/mail")
        .await
        .is("Captured messages")
        .says("There are no messages yet");
    let mut invitation = message(&lanyard.services, MessageKind::Invitation, "jane@nhs.net");
    invitation.content.message = "<script>alert(1)</script>".to_owned();
    queue(
        &lanyard.services,
        vec![
            invitation,
            message(&lanyard.services, MessageKind::Code, "omar@nhs.net"),
        ],
    )
    .await;
    lanyard.mail().await;

    let page = browser.open("/dev/mail").await;
    page.is("Captured messages")
        .says("2 messages")
        .says("jane@nhs.net")
        .says("omar@nhs.net");
    assert_eq!(
        page.link("/invitations/inv_secret"),
        format!("{ORIGIN}/invitations/inv_secret")
    );
    assert!(!page.html.contains("<script>alert"));
    browser
        .open("/dev/mail?q=omar")
        .await
        .says("1 message")
        .hides("jane@nhs.net");
    browser
        .open("/dev/mail?q=nobody")
        .await
        .says("There are no messages for this search");

    let page = browser.open("/dev/mail?q=jane").await;
    page.says("Invitation to join Hollybrook Hospital on Lanyard");
    let page = browser.follow("as HTML").await;
    page.is("Invitation to join Hollybrook Hospital on Lanyard")
        .says("no-reply@lanyard.example");
    assert!(page.html.contains("sandbox"));
    let preview = browser.open(&format!("{}/preview", page.address)).await;
    assert!(!preview.html.contains("<script>alert"));
    let policy = preview
        .headers
        .get("content-security-policy")
        .unwrap()
        .to_str()
        .unwrap();
    assert!(
        policy.contains("sandbox")
            && policy.contains("default-src 'none'")
            && !policy.contains("script-src"),
        "{policy}"
    );
    assert_eq!(
        browser
            .open("/dev/mail/x-00000000000000000000000000000000")
            .await
            .status,
        404
    );

    let page = browser.open("/dev/mail.json").await;
    let messages: serde_json::Value = serde_json::from_str(&page.html).unwrap();
    assert_eq!(messages.as_array().unwrap().len(), 2);
    for name in [
        "id", "channel", "to", "from", "subject", "text", "html", "sent_at", "kind",
    ] {
        assert!(messages[0].get(name).is_some(), "{name}");
    }
}

/// With a mail server there is no mailbox.
#[tokio::test]
async fn there_is_no_mailbox_when_messages_are_sent() {
    let lanyard = Lanyard::new().await;
    let router = lanyard.router_without_mailbox();
    let mut browser = Browser::at(router);
    for path in ["/dev/mail", "/dev/mail.json"] {
        assert_eq!(browser.open(path).await.status, 404, "{path}");
    }
}
