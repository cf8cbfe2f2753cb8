//! A mail server: proper messages, refusals, and what happens while it is away.

use super::*;

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
