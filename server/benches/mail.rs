//! How many invitations a second the worker hands to a mail server on this computer: from the
//! queue, through claiming, writing, SMTP and noting, to a queue that is empty. SQLite in a file,
//! and PostgreSQL when `LANYARD_TEST_POSTGRES` names a server. The goal is at least 300.

#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has failed"
)]

#[path = "../tests/it/smtp_sink.rs"]
mod smtp_sink;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use domain::id::InvitationId;
use server::{
    config::{MailSetting, Origin},
    mail::{Memory, Post, Smtp, Transport, Writer},
    worker::Worker,
};
use service::{
    outbox::{MessageContent, MessageKind, Outgoing},
    testing::Harness,
};
use store::Store;
use tokio::sync::watch;
use uuid::Uuid;

const MESSAGES: usize = 3_000;
const GOAL: f64 = 300.0;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("bench.db").display());
    let store = Store::connect(&url).await.unwrap();
    bench("SQLite", store).await;
    #[allow(
        clippy::disallowed_methods,
        reason = "the bench command tells where its server is"
    )]
    let Ok(server) = std::env::var("LANYARD_TEST_POSTGRES") else {
        println!("PostgreSQL: LANYARD_TEST_POSTGRES is not set");
        return;
    };
    let base = Store::connect(&server).await.unwrap();
    let drop = "DROP DATABASE IF EXISTS mail_bench";
    base.run_for_test(drop).await.unwrap();
    let create = "CREATE DATABASE mail_bench";
    base.run_for_test(create).await.unwrap();
    let (front, query) = server.split_once('?').unwrap_or((&server, ""));
    let front = front.rsplit_once('/').map_or(front, |(front, _)| front);
    let url = format!("{front}/mail_bench?{query}");
    let store = Store::connect(&url).await.unwrap();
    bench("PostgreSQL", store.clone()).await;
    store.close().await;
    base.run_for_test(drop).await.unwrap();
}

async fn bench(name: &str, store: Store) {
    store.migrate().await.unwrap();
    let tools = Harness::over(store);
    let now = tools.services.now();
    let organisation = tools.organisation("RX1", "Hollybrook Hospital").await;
    let messages = (0..MESSAGES).map(|number| {
        let content = MessageContent {
            organisation: "Hollybrook Hospital".to_owned(),
            by: "Sam Okoro".to_owned(),
            role: "Recorder".to_owned(),
            tasks: vec!["record and edit vaccinations".to_owned(); 5],
            areas: vec!["Community nursing".to_owned()],
            expires_at: Some(now + TimeDelta::days(7)),
            ..MessageContent::default()
        };
        let to = format!("person{number}@nhs.net");
        let mut message = Outgoing::email(MessageKind::Invitation, to, content);
        message.organisation = Some(organisation);
        message.invitation = Some(InvitationId::from_uuid(Uuid::from_u128(number as u128)));
        message.secret = Some(format!("inv_{number:043}"));
        message
    });
    tools
        .services
        .queue_for_test(messages.collect())
        .await
        .unwrap();

    let sink = smtp_sink::Sink::start().await;
    let setting = MailSetting::parse(&format!("smtp://{}", sink.address)).unwrap();
    let MailSetting::Smtp(server) = setting else {
        unreachable!()
    };
    let post = Post {
        writer: Arc::new(Writer {
            origin: Origin::parse("https://lanyard.example").unwrap(),
            service: "Lanyard".to_owned(),
            sender: "no-reply@lanyard.example".to_owned(),
        }),
        email: Transport::Smtp(Smtp::new(&server, "Lanyard", "lanyard.example").unwrap()),
        sms: Transport::Memory(Memory::default()),
    };
    let (stop, stopping) = watch::channel(false);
    let started = Instant::now();
    let worker = tokio::spawn(Worker::new(tools.services.clone(), post).run(stopping));
    while sink.state().received.len() < MESSAGES {
        assert!(started.elapsed() < Duration::from_secs(120), "too slow");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let seconds = started.elapsed().as_secs_f64();
    stop.send(true).unwrap();
    worker.await.unwrap();
    #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
    let rate = MESSAGES as f64 / seconds;
    let verdict = if rate >= GOAL { "met" } else { "MISSED" };
    let what = format!("{MESSAGES} messages handed to a mail server, from {name}");
    println!("{what:<62} {rate:>6.0} /s    goal: at least {GOAL:.0} /s    {verdict}");
}
