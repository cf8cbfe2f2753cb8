//! The rest of the table: every page, server function and file, asked by everybody, so that there is
//! none without a row (R63, R64).

use app::{error::AppError, routes::PAGES};
use axum::http::header;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

use super::{Matrix, calls::CALLS, facts::Facts, is_about_people, page_word, word};
use crate::browser::Browser;

/// Somebody who has typed their password and nothing else (R39).
pub const PASSWORD_ONLY: &str = "administrator with the password only";

/// The person whom the questions are about.
pub const ABOUT: &str = "somebody in Nursing";

/// Files and streams, which are no pages.
pub const FILES: [&str; 4] = [
    "/o/:org/users.csv",
    "/o/:org/activity.csv",
    "/o/:org/jobs/:job/results.csv",
    "/o/:org/jobs/:job/events",
];

/// Where journeys start: whoever is led there from the middle of one was not let in.
const STARTS: [&str; 2] = ["/o/rx1/users", "/o/rx1/users/add"];

/// Rows of every page, function and file that is not about every kind of person, for one kind of actor.
pub async fn rows(kind: &'static str) -> Vec<[String; 4]> {
    let mut rows = Vec::new();
    let matrix = Matrix::new().await;
    let actor = matrix.actor(kind.trim_end_matches(" with the password only"));
    let actor = actor.await;
    let facts = Facts::of(&matrix, actor.as_ref()).await;
    let mut browser = matrix.browser(kind, actor.as_ref()).await;
    if let (Some(actor), PASSWORD_ONLY) = (&actor, kind) {
        browser.set_cookie("session", &matrix.tools.half_session(actor).await);
    }
    let pages = PAGES.iter().map(|(path, _)| *path).chain(FILES);
    for path in pages {
        let name = page_name(path);
        if is_about_people(&name) {
            continue;
        }
        let about = if path.contains(":user") { ABOUT } else { "" };
        let address = facts.address(path);
        let shown = browser.open(&address).await;
        facts.tells_no_secret(path, &shown.html);
        let led_away = shown.address.starts_with("/sign-in/") && !path.starts_with("/sign-in/");
        let answer = if led_away && kind == PASSWORD_ONLY {
            "second step first".to_owned()
        } else {
            page_word(&address, &shown)
        };
        rows.push([name, kind.to_owned(), about.to_owned(), answer]);
    }
    for (name, question) in CALLS {
        let about = if question.contains("{user}") {
            ABOUT
        } else {
            ""
        };
        let answer = call(&mut browser, name, &facts.question(question), &facts).await;
        rows.push([
            (*name).to_owned(),
            kind.to_owned(),
            about.to_owned(),
            answer,
        ]);
    }
    rows
}

pub fn page_name(path: &str) -> String {
    format!("GET {}", path.replace(":org", "rx1"))
}

async fn call(browser: &mut Browser, name: &str, question: &str, facts: &Facts) -> String {
    let (method, function) = name.split_once(' ').unwrap();
    let (answer, error) = if method == "GET" {
        let answer = browser.ask(function, question).await;
        // Answers are bytes in base64.
        let bytes = STANDARD_NO_PAD.decode(&answer.body).unwrap_or_default();
        facts.tells_no_secret(name, &String::from_utf8_lossy(&bytes));
        let error = answer.error();
        (answer, error)
    } else {
        let fields: Vec<(&str, &str)> = question
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let answer = browser.tell(function, &fields).await;
        let error = app::wire::decode(answer.body.as_bytes()).ok();
        (answer, error)
    };
    let leads = answer.header(header::LOCATION);
    match error {
        Some(AppError::StepUpRequired) => "password first",
        Some(AppError::SecondFactorRequired) => "second step first",
        // Nothing was shown, or no answer was taken: somebody was sent away.
        _ if method == "GET" && !leads.is_empty() => "elsewhere",
        _ if is_of_a_journey(question) && STARTS.contains(&leads) => "elsewhere",
        _ => word(answer.status),
    }
    .to_owned()
}

/// Whether a form is a page of a journey, which has an id.
fn is_of_a_journey(question: &str) -> bool {
    question.contains("draft=") || question.contains("once=")
}
