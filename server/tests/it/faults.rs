//! What happens when something breaks: the program killed in the middle of its work, a mail server
//! that says nothing, a database that cannot be written (R97, R107 to R109).

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use chrono::TimeDelta;
use domain::{
    id::BatchId,
    invitation::{EntryOutcome, JobView},
};
use service::testing::Harness;
use tokio::{net::TcpListener, sync::watch};
use tower::ServiceExt;

use crate::{
    harness::Lanyard,
    live::{invite, people, up_to_check},
    mail,
    process::{Server, Site},
    smtp_sink::Sink,
};

const PEOPLE: usize = 500;
/// So many may be handed over and not noted when the program dies: 16 on their way, and 16 that
/// are just being noted.
const ON_THEIR_WAY: usize = 32;

fn job_of(address: &str) -> BatchId {
    let last = address.rsplit('/').next().unwrap();
    last.parse().unwrap()
}

impl Site {
    async fn job(&self, job: BatchId) -> JobView {
        let services = &self.tools.services;
        services.job(&self.sam, "rx1", job).await.unwrap()
    }

    async fn health(&self, server: &Server) -> StatusCode {
        let answer = server.router().oneshot(health()).await;
        answer.unwrap().status()
    }

    /// Waits until the job is as wanted.
    async fn until(&self, job: BatchId, wanted: impl Fn(&JobView) -> bool) -> JobView {
        for _ in 0..3_000 {
            let view = self.job(job).await;
            if wanted(&view) {
                return view;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the job does not come that far: {:?}", self.job(job).await);
    }
}

/// R97, R107, R108: killed while it makes invitations and again while it sends them, a server that
/// is started anew goes on at once. Everybody has exactly one outcome and one link; a message that
/// was on its way comes twice at the most, under the same name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_goes_on_where_it_was() {
    let site = Site::new().await;
    let sink = Sink::start().await;
    let server = site.serve(sink.address).await;
    let mut browser = site.browser(&server);
    let page = invite(&mut browser, &people(PEOPLE)).await;
    let job = job_of(&page);
    site.until(job, |job| job.invited > 0).await;
    server.kill();
    let made = site.job(job).await.invited;

    let server = site.serve(sink.address).await;
    let before = sink.state().received.len();
    while sink.state().received.len() < before + 30 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    server.kill();

    let mut server = site.serve(sink.address).await;
    let done = site.until(job, |job| job.progress.finished).await;
    assert!(server.is_up());
    let counts: Vec<_> = done
        .counts
        .iter()
        .map(|it| (it.outcome, it.count as usize))
        .collect();
    assert_eq!(counts, [(EntryOutcome::Sent, PEOPLE)], "{made} at first");
    assert_eq!(done.entered as usize, PEOPLE);
    let page = site.browser(&server).open(&page).await;
    page.says(&format!("{PEOPLE} invitations sent"));

    let received = sink.state().received.clone();
    let mut names: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (recipient, message) in &received {
        let name = message
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with("message-id:"));
        names
            .entry(recipient.clone())
            .or_default()
            .insert(name.unwrap().to_owned());
    }
    names.remove("sam.okoro@nhs.net");
    assert_eq!(names.len(), PEOPLE);
    assert!(names.values().all(|names| names.len() == 1));
    assert!(received.len() <= PEOPLE + ON_THEIR_WAY + 1);
}

/// R107: a second server on an embedded database would send everything again; it says so and ends.
/// What the first had claimed is free once it is gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_database_has_one_server() {
    let site = Site::new().await;
    let sink = Sink::start().await;
    let server = site.serve(sink.address).await;
    let said = site.serve_in_vain(sink.address);
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("LANYARD_DATABASE_URL is sqlite:"), "{said}");
    assert!(said.contains("another running Lanyard uses it"), "{said}");
    server.kill();
    assert!(site.serve(sink.address).await.is_up());
}

/// R107: whoever is alive keeps what it has claimed, however slow the mail server is.
#[tokio::test]
async fn a_slow_mail_server_does_not_end_a_claim() {
    let lanyard = Lanyard::new().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let worker = mail::worker_to(&lanyard.services, silent.local_addr().unwrap())
        .renewing_every(Duration::from_millis(20));
    mail::queue_one(&lanyard.services).await;
    let (_keep, stopping) = watch::channel(false);
    let running = tokio::spawn(worker.run(stopping));
    let (_connection, _) = silent.accept().await.unwrap();
    for _ in 0..3 {
        lanyard.clock.advance(TimeDelta::seconds(25));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let claimed = lanyard.services.claim_messages(10).await.unwrap();
    assert!(claimed.is_empty(), "it is still the worker's");
    // Killed: nobody renews the claim.
    running.abort();
    lanyard.clock.advance(TimeDelta::seconds(31));
    let claimed = lanyard.services.claim_messages(10).await.unwrap();
    assert_eq!(claimed.len(), 1);
}

/// R108: a mail server that takes connections and says nothing holds nobody up: pages answer, what
/// is invited is kept, and the server can be stopped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_mail_server_holds_nobody_up() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = Site::new().await;
    let mut server: Server = site.serve(silent.local_addr().unwrap()).await;
    let mut browser = site.browser(&server);
    let page = invite(&mut browser, &people(5)).await;
    let started = tokio::time::Instant::now();
    let shown = browser.open(&page).await;
    shown.says("5 emails are waiting to be sent.");
    let shown = browser.open("/o/rx1/users?status=pending").await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(started.elapsed() < Duration::from_secs(5));
    assert!(server.is_up());
    server.kill();

    // A mail server that works gets everything.
    let sink = Sink::start().await;
    let _server = site.serve(sink.address).await;
    site.until(job_of(&page), |job| job.progress.finished).await;
    assert_eq!(sink.state().received.len(), 5);
}

/// R109: a full disk or a file that may not be written: who wants to change something is told so,
/// nothing is half done, pages can be read, health tells, and it goes on once there is space again.
#[tokio::test]
async fn nothing_is_half_done_when_nothing_can_be_written() {
    for (fault, mended) in [
        (
            "PRAGMA max_page_count = 1",
            "PRAGMA max_page_count = 1000000",
        ),
        ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
    ] {
        let lanyard = Lanyard::new().await;
        let tools = Harness {
            services: lanyard.services.clone(),
            clock: lanyard.clock.clone(),
        };
        tools.organisation("RX1", "Hollybrook Hospital").await;
        let sam = tools.administrator("rx1", "sam.okoro@nhs.net").await;
        let mut browser = lanyard.browser();
        browser.set_cookie("session", &tools.session(&sam).await);
        let check = up_to_check(&mut browser, &people(300)).await;

        let store = lanyard.services.store();
        store.run_for_test(fault).await.unwrap();
        let send = check.form("invitations/send");
        let page = browser.submit(&send, "Send").await;
        // On a full disk there may be room to keep what was answered; then the page itself says it.
        let kept = page.status == StatusCode::OK && fault.contains("max_page_count");
        assert!(
            kept || page.status == StatusCode::SERVICE_UNAVAILABLE,
            "{fault}: {}",
            page.status
        );
        page.says("Sorry, the service is unavailable")
            .says("Nothing was changed. Try again in a few minutes.");
        // Whoever only looks is not concerned, also when their session would be prolonged.
        lanyard.clock.advance(chrono::TimeDelta::minutes(1));
        let page = browser.open("/o/rx1/users").await;
        assert_eq!(page.status, StatusCode::OK, "{fault}");
        page.says("Showing 1 current user");
        // Its own small write finds room in a file that may not grow.
        let health = lanyard.send(health()).await;
        let degraded = health.status == StatusCode::SERVICE_UNAVAILABLE;
        assert_eq!(degraded, fault.contains("query_only"), "{fault}");
        let jobs = lanyard.services.jobs(&sam, "rx1").await.unwrap();
        assert!(jobs.is_empty(), "{fault}");

        store.run_for_test(mended).await.unwrap();
        let page = browser.submit(&send, "Send").await;
        assert_eq!(page.status, StatusCode::OK, "{fault}");
        assert_eq!(lanyard.mail().await.len(), 301, "{fault}");
        let jobs = lanyard.services.jobs(&sam, "rx1").await.unwrap();
        assert_eq!(jobs.len(), 1);
    }
}

/// R109: the same with the program itself and a disk on which nothing can grow, before a bulk send
/// and in the middle of it: health tells, and once there is space everybody gets one message.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_holds_work_up_and_loses_nothing() {
    let site = Site::new().await;
    let sink = Sink::start().await;
    let server = site.serve(sink.address).await;
    let mut browser = site.browser(&server);
    let check = up_to_check(&mut browser, &people(PEOPLE)).await;
    if !server.disk("4096") {
        eprintln!("not run: there is no prlimit");
        return;
    }
    let send = check.form("invitations/send");
    for _ in 0..3 {
        let page = browser.submit(&send, "Send").await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
        page.says("Nothing was changed. Try again in a few minutes.")
            .hides("Start again");
    }
    assert_eq!(site.health(&server).await, StatusCode::SERVICE_UNAVAILABLE);
    let page = browser.open("/o/rx1/users").await;
    page.says("Showing 1 current user");
    let jobs = site.tools.services.jobs(&site.sam, "rx1").await.unwrap();
    assert!(jobs.is_empty());

    assert!(server.disk("unlimited"));
    let page = browser.submit(&send, "Send").await;
    let job = job_of(page.address.split('?').next().unwrap());
    while sink.state().received.len() < 30 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(server.disk("4096"));
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let stood = sink.state().received.len();
    assert!(stood < PEOPLE, "{stood}");
    assert_eq!(site.health(&server).await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(sink.state().received.len(), stood);
    // Whoever waits for it is told why nothing moves.
    let address = format!("/o/rx1/jobs/{job}");
    let page = browser.open(&address).await;
    page.says("Sending is on hold because the service cannot save anything at the moment.")
        .says("Nothing is lost, and it will continue by itself.");

    assert!(server.disk("unlimited"));
    let done = site.until(job, |job| job.progress.finished).await;
    browser.open(&address).await.hides("on hold");
    assert_eq!(done.counts.len(), 1);
    assert_eq!(done.counts[0].outcome, EntryOutcome::Sent);
    let received = sink.state().received.clone();
    let to: BTreeSet<&String> = received.iter().map(|(to, _)| to).collect();
    assert_eq!((to.len(), received.len()), (PEOPLE + 1, PEOPLE + 1));
}

fn health() -> Request<Body> {
    Request::get("/health").body(Body::empty()).unwrap()
}
