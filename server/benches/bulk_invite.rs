//! How long 10,000 pasted addresses take at the server's door, from the post to the redirect, on
//! SQLite in a file: the post of the box (recognised, compared with who is here, kept) and the post
//! of "Send" (the batch and one row for each address). The goal is at most 2 s for each. Then, for
//! information, how long the worker takes to make the people, their invitations and their mail.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on has failed"
)]

#[allow(dead_code, reason = "made for tests, which use all of it")]
#[path = "../tests/it/browser.rs"]
mod browser;
#[allow(dead_code, reason = "made for tests, which use all of it")]
#[path = "../tests/it/forms.rs"]
mod forms;
#[allow(dead_code, reason = "made for tests, which use all of it")]
#[path = "../tests/it/harness.rs"]
mod harness;
#[allow(dead_code, reason = "made for tests, which use all of it")]
#[path = "../tests/it/html.rs"]
mod html;

use std::{fmt::Write, time::Instant};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use forms::Form;
use harness::{Lanyard, ORIGIN};
use service::{Actor, testing::Harness};

const ADDRESSES: usize = 10_000;
const ROUNDS: usize = 5;
const GOAL: f64 = 2.0;

#[tokio::main]
async fn main() {
    let mut took: [Vec<f64>; 3] = Default::default();
    for _ in 0..ROUNDS {
        for (all, seconds) in took.iter_mut().zip(round().await) {
            all.push(seconds);
        }
    }
    let [pasted, sent, worked] = took.map(|mut all| {
        all.sort_by(f64::total_cmp);
        all[ROUNDS / 2]
    });
    for (what, seconds) in [("box", pasted), ("\"Send\"", sent)] {
        let what = format!("{ADDRESSES} addresses on SQLite, {what} from post to redirect");
        let verdict = if seconds <= GOAL { "met" } else { "MISSED" };
        println!("{what:<62} {seconds:>6.2}  s    goal: at most {GOAL:.0} s    {verdict}");
    }
    let what = format!("{ADDRESSES} addresses, the worker until each has its outcome");
    println!("{what:<62} {worked:>6.2}  s    (no goal)");
}

/// An installation of its own, with everything from the question to the outcomes.
async fn round() -> [f64; 3] {
    let lanyard = Lanyard::new().await;
    let tools = Harness {
        services: lanyard.services.clone(),
        clock: lanyard.clock.clone(),
    };
    tools.organisation("RX1", "Hollybrook Hospital").await;
    let sam = tools.administrator("rx1", "sam.okoro@nhs.net").await;
    let mut browser = lanyard.browser();
    let session = tools.session(&sam).await;
    browser.set_cookie("session", &session);
    browser.open("/o/rx1/users/add").await;
    let form = browser.current().form("invitations/start");
    browser.submit(&form.choose("how", "several"), "").await;

    let form = browser.current().form("invitations/answer-emails");
    let filled = form.fill("emails", &addresses());
    let (box_took, next) = post(&lanyard, &session, &filled, "Continue").await;
    browser.open(&next).await;
    let form = browser.current().form("invitations/answer-role");
    let viewer = role(&lanyard, "viewer").await;
    browser
        .submit(&form.choose("role", &viewer), "Continue")
        .await;
    let form = browser.current().form("invitations/answer-message");
    browser.submit(&form, "Continue").await;

    let form = browser.current().form("invitations/send");
    let (send_took, next) = post(&lanyard, &session, &form, "").await;
    let started = Instant::now();
    work(&lanyard, &sam, &next).await;
    [box_took, send_took, started.elapsed().as_secs_f64()]
}

/// Posts a form as a browser does: seconds until the redirect, and where to.
async fn post(lanyard: &Lanyard, session: &str, form: &Form, button: &str) -> (f64, String) {
    let body = forms::urlencoded(&form.pressed(button));
    let request = Request::post(&form.action)
        .header(header::ACCEPT, "text/html")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::CONTENT_LENGTH, body.len())
        .header(header::COOKIE, format!("__Host-session={session}"))
        .header(header::ORIGIN, ORIGIN)
        .header(header::REFERER, format!("{ORIGIN}/o/rx1/users"))
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body))
        .unwrap();
    let started = Instant::now();
    let answer = lanyard.send(request).await;
    let seconds = started.elapsed().as_secs_f64();
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    (seconds, answer.header(header::LOCATION).to_owned())
}

/// Works the batch as the worker does, to its end.
async fn work(lanyard: &Lanyard, sam: &Actor, result: &str) {
    let job = result.split('/').find_map(|part| part.parse().ok());
    let job = job.expect("the redirect names the job");
    while lanyard.services.process_batch_step().await.unwrap() {}
    let job = lanyard.services.job(sam, "rx1", job).await.unwrap();
    assert_eq!(job.invited as usize, ADDRESSES);
}

async fn role(lanyard: &Lanyard, key: &str) -> String {
    let mut tx = lanyard.services.store().read().await.unwrap();
    let organisation = tx.organisation_by_slug("rx1").await.unwrap().unwrap();
    let roles = tx.roles(organisation.id).await.unwrap();
    let role = roles.iter().find(|role| role.key == key).unwrap();
    role.id.to_string()
}

/// As copied out of a mail program: names and addresses.
fn addresses() -> String {
    (0..ADDRESSES).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "Person Number{number} <person{number}@nhs.net>");
        text
    })
}
