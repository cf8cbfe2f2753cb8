//! A fault of the program itself, wherever in a request it is met (R105).

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use app::error::AppError;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use service::{
    Keys, Random, Services, Settings,
    clock::{Clock, FixedClock},
    testing::{Harness, morning},
};
use store::Store;

use crate::{
    browser::Browser,
    harness::{ORIGIN, router_over},
};

/// What a fault says of itself, and nobody is to read.
const FAULT: &str = "SELECT password_hash FROM users, at /server/src/secret.rs";

/// A clock that breaks down when it is looked at once too often.
struct BrittleClock {
    clock: Arc<FixedClock>,
    looks_left: AtomicI64,
}

impl BrittleClock {
    fn breaks_after(&self, looks: i64) {
        self.looks_left.store(looks, Ordering::SeqCst);
    }

    fn has_broken(&self) -> bool {
        self.looks_left.load(Ordering::SeqCst) < 0
    }
}

impl Clock for BrittleClock {
    fn now(&self) -> DateTime<Utc> {
        // It breaks once.
        assert!(
            self.looks_left.fetch_sub(1, Ordering::SeqCst) != 0,
            "{FAULT}"
        );
        self.clock.now()
    }
}

/// R105: whoever meets a fault of the program, at whatever point of a page, a question or a form, is told
/// so in plain words with something to quote, and nothing else; everybody else, and the next request,
/// are served as before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_ends_one_request_and_not_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("lanyard.db").display());
    let store = Store::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    let clock = Arc::new(BrittleClock {
        clock: Arc::new(FixedClock::at(morning())),
        looks_left: AtomicI64::new(i64::MAX),
    });
    let services = Services::new(
        store,
        clock.clone(),
        Random::from_seed([7; 32]),
        Keys::derive(&[1; 32]),
        Settings {
            public_origin: ORIGIN.to_owned(),
            service_name: "Lanyard".to_owned(),
        },
    );
    let tools = Harness {
        services: services.clone(),
        clock: clock.clock.clone(),
    };
    tools.organisation("RX1", "Hollybrook Hospital").await;
    let sam = tools.administrator("rx1", "sam.okoro@nhs.net").await;
    let mut browser = Browser::at(router_over(services));
    browser.set_cookie("session", &tools.session(&sam).await);
    let mut told = 0;
    for page in ["/o/rx1/users", "/o/rx1"] {
        let whole = browser.open(page).await;
        for looks in 0.. {
            clock.breaks_after(looks);
            let opened = tokio::time::timeout(Duration::from_secs(10), browser.open(page)).await;
            let opened = opened.unwrap_or_else(|_| panic!("{page} waits for ever: {looks}"));
            let broken = clock.has_broken();
            clock.breaks_after(i64::MAX);
            if opened.status == StatusCode::OK {
                // What stands around the page may be missing, the page itself not.
                assert_eq!(opened.heading(), whole.heading(), "{page} {looks}");
            } else {
                told += 1;
                let fault = StatusCode::INTERNAL_SERVER_ERROR;
                assert_eq!(opened.status, fault, "{page} {looks}");
                opened.says("Sorry, there is a problem with the service");
                // Inside the application, or around it where there was none yet.
                let words = opened.text();
                let quoted = [
                    "tell us this reference: q-",
                    "If you tell us about it, quote ",
                ];
                assert!(
                    quoted.iter().any(|quoted| words.contains(quoted)),
                    "{words}"
                );
            }
            opened.hides("password_hash").hides("secret.rs");
            let again = browser.open(page).await;
            assert_eq!(again.status, StatusCode::OK, "{page} after a fault");
            if !broken {
                break;
            }
        }
    }
    assert!(told >= 4, "{told} faults were told");
    let questions = [
        ("users/list", "organisation=rx1&query="),
        ("jobs/list", "org=rx1"),
    ];
    for (function, question) in questions {
        clock.breaks_after(1);
        let answer = browser.ask(function, question).await;
        clock.breaks_after(i64::MAX);
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
        let error = answer.error();
        assert!(
            matches!(&error, Some(AppError::Unexpected { incident }) if !incident.is_empty()),
            "{function}: {error:?}"
        );
    }
    clock.breaks_after(1);
    let fields = [("org", "rx1"), ("how", "several")];
    let (status, _) = browser.call("invitations/start", &fields).await;
    clock.breaks_after(i64::MAX);
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    let (status, _) = browser.call("invitations/start", &fields).await;
    assert!(status.is_success() || status.is_redirection(), "{status}");
    assert!(tools.broken_invariants(true).await.is_empty());
}
