//! Who may do what to whom, over HTTP, for allow and deny (R64): the answers to every use case, by every kind
//! of actor, about every kind of person, stand in `access_matrix.csv` beside this file, to be read and
//! reviewed. A cell that is answered otherwise fails the test; with `LANYARD_UPDATE=1` the table is
//! written anew.
//!
//! `yes` is for what was shown or done. Whoever is led to another page than the one that they asked for,
//! as from a journey that is not theirs, is led `elsewhere`.

#![allow(
    clippy::disallowed_methods,
    reason = "the table is written anew when the environment says so"
)]

mod calls;
mod everything;
mod facts;
mod journeys;
mod people;
mod reading;

use std::fmt::Write as _;

use axum::http::StatusCode;
use domain::{AreaId, OrganisationId};
use service::{Actor, testing::Harness};
use store::AreaRow;

use crate::{
    browser::{Browser, Page},
    harness::Lanyard,
};
use people::{ACTORS, DEACTIVATED, TARGETS, Target};

/// The table.
const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/access_matrix.csv");

/// Pages about a person.
const PAGES: [&str; 6] = [
    "",
    "deactivate",
    "reactivate",
    "details",
    "roles/add",
    "invitation",
];

/// Pages of the organisation.
const PLACES: [&str; 5] = ["", "users", "roles", "users/add", "jobs"];

struct Matrix {
    lanyard: Lanyard,
    tools: Harness,
    organisation: OrganisationId,
    nursing: AreaId,
    surgery: AreaId,
    /// Inside Nursing.
    north: AreaId,
    /// Somebody must always be left who manages.
    last: Actor,
}

impl Matrix {
    async fn new() -> Self {
        let lanyard = Lanyard::new().await;
        let tools = Harness {
            services: lanyard.services.clone(),
            clock: lanyard.clock.clone(),
        };
        let organisation = tools.organisation("RX1", "Hollybrook Hospital").await;
        tools.organisation("RX2", "Rosebush Hospital").await;
        let id = |n| AreaId::from_uuid(uuid::Uuid::from_u128(n));
        let area = |n, parent: Option<u128>, name: &str| AreaRow {
            id: id(n),
            organisation_id: organisation,
            parent_id: parent.map(id),
            name: name.to_owned(),
            kind: "service area".to_owned(),
            position: 0,
            closed_at: None,
        };
        let mut tx = lanyard.services.store().write().await.unwrap();
        let areas = [
            area(1, None, "Nursing"),
            area(2, None, "Surgery"),
            area(3, Some(1), "North team"),
        ];
        tx.insert_areas(&areas).await.unwrap();
        tx.commit().await.unwrap();
        let last = tools.administrator("rx1", "last.one@nhs.net").await;
        Self {
            last,
            lanyard,
            tools,
            organisation,
            nursing: id(1),
            surgery: id(2),
            north: id(3),
        }
    }

    /// An assignment of somebody here and their version; of nobody where they are not here.
    async fn facts(&self, person: &Actor) -> (String, String) {
        let mut tx = self.lanyard.services.store().read().await.unwrap();
        let user = tx.user(person.user()).await.unwrap().unwrap();
        let Some(member) = tx.membership_of(self.organisation, user.id).await.unwrap() else {
            return (
                "g-0192f0c1a2b37c4d8e5f60718293a4b5".to_owned(),
                "0".to_owned(),
            );
        };
        let rows = tx
            .assignments_of(self.organisation, member.id)
            .await
            .unwrap();
        let assignment = rows.first().map(|row| row.id.to_string());
        (
            assignment.unwrap_or_else(|| "g-0192f0c1a2b37c4d8e5f60718293a4b5".to_owned()),
            (user.version + member.version).to_string(),
        )
    }

    async fn role(&self, key: &str) -> String {
        let mut tx = self.lanyard.services.store().read().await.unwrap();
        let roles = tx.roles(self.organisation).await.unwrap();
        let role = roles.iter().find(|role| role.key == key).unwrap();
        role.id.to_string()
    }

    /// The browser of somebody of this kind; whoever is deactivated had signed in before.
    async fn browser(&self, kind: &str, actor: Option<&Actor>) -> Browser {
        let mut browser = self.lanyard.browser();
        if let Some(actor) = actor {
            browser.set_cookie("session", &self.tools.session(actor).await);
            if kind == DEACTIVATED {
                self.deactivate(actor).await;
            }
        }
        browser
    }
}

/// A status in a word.
fn word(status: StatusCode) -> &'static str {
    match status {
        StatusCode::OK => "yes",
        StatusCode::UNAUTHORIZED => "sign in",
        StatusCode::FORBIDDEN => "no",
        StatusCode::NOT_FOUND => "not there",
        StatusCode::CONFLICT => "not now",
        StatusCode::UNPROCESSABLE_ENTITY => "mend it",
        StatusCode::GONE => "over",
        StatusCode::TOO_MANY_REQUESTS => "too often",
        _ => "broken",
    }
}

/// What a page that answers well says: an offer, or why it offers nothing. Another page than the one that
/// was asked for is no offer.
fn page_word(asked: &str, page: &Page) -> String {
    if page.status != StatusCode::OK {
        return word(page.status).to_owned();
    }
    let heading = page.heading();
    let refused = [
        ("You cannot change your own access", "own"),
        ("You cannot change this person’s access", "no"),
        ("This account is not deactivated", "not now"),
        ("This person is not active here", "not now"),
        ("This person is not waiting", "not now"),
        ("Sign in", "sign in"),
    ];
    let found = refused.iter().find(|(words, _)| heading.starts_with(words));
    let path = |address: &str| address.split('?').next().unwrap_or_default().to_owned();
    match found {
        // The page itself, not a page to sign in before it.
        Some((_, word)) if !asked.starts_with("/sign-in") => (*word).to_owned(),
        _ if path(asked) != path(&page.address) => "elsewhere".to_owned(),
        _ => "yes".to_owned(),
    }
}

/// The doors, in an order in which each finds what it needs, with their fields.
async fn doors(
    matrix: &Matrix,
    (target, about): (&Actor, &Target),
    browser: &mut Browser,
    row: &mut Vec<(String, String)>,
) {
    let contributor = matrix.role("contributor").await;
    let nursing = matrix.nursing.to_string();
    let user = target.user().to_string();
    for door in [
        "bulk/start",
        "memberships/check-details",
        "memberships/change-details",
        "memberships/save-role",
        "memberships/deactivate",
        "memberships/reactivate",
        "memberships/reactivate-as",
        "memberships/remove-role",
        "invitations/resend",
        "invitations/cancel",
    ] {
        if door == "memberships/reactivate-as" && about.can_rest {
            matrix
                .set_status(target, domain::MembershipStatus::Inactive)
                .await;
        }
        let (assignment, version) = matrix.facts(target).await;
        let mut fields = vec![("org", "rx1"), ("user", user.as_str())];
        match door {
            "bulk/start" => {
                fields = vec![
                    ("org", "rx1"),
                    ("action", "deactivate"),
                    ("select[]", user.as_str()),
                ];
            }
            "memberships/check-details" => {
                fields.extend([("first_name", "Tom"), ("last_name", "Target")]);
            }
            "memberships/change-details" => fields.extend([
                ("version", version.as_str()),
                ("first_name", "Thomas"),
                ("last_name", "Target"),
            ]),
            "memberships/save-role" => fields.extend([
                ("version", version.as_str()),
                ("assignment", assignment.as_str()),
                ("role", contributor.as_str()),
                ("areas[]", nursing.as_str()),
            ]),
            "memberships/deactivate" => {
                fields.extend([("confirm", "yes"), ("reason", "on_leave")]);
            }
            "memberships/reactivate-as" => fields.extend([
                ("version", version.as_str()),
                ("role", contributor.as_str()),
                ("areas[]", nursing.as_str()),
            ]),
            "memberships/reactivate" => fields.extend([("confirm", "yes"), ("access", "same")]),
            "memberships/remove-role" => fields.push(("assignment", assignment.as_str())),
            _ => {}
        }
        let (status, _) = browser.call(door, &fields).await;
        row.push((format!("POST {door}"), word(status).to_owned()));
    }
}

/// The rows of the pages and doors that are asked about every kind of person, for one kind of actor.
async fn rows_about_people(kind: &'static str) -> Vec<[String; 4]> {
    let mut rows = Vec::new();
    let mut add = |what: String, about: &str, answer: String| {
        rows.push([what, kind.to_owned(), about.to_owned(), answer]);
    };
    let matrix = Matrix::new().await;
    let actor = matrix.actor(kind).await;
    let mut browser = matrix.browser(kind, actor.as_ref()).await;
    for place in PLACES {
        let path = format!("/o/rx1/{place}").trim_end_matches('/').to_owned();
        let page = browser.open(&path).await;
        add(format!("GET {path}"), "", page_word(&path, &page));
    }
    for about in &TARGETS {
        let matrix = Matrix::new().await;
        let actor = matrix.actor(kind).await;
        let Some(target) = matrix.target(about, actor.as_ref()).await else {
            continue;
        };
        let mut browser = matrix.browser(kind, actor.as_ref()).await;
        let mut row = Vec::new();
        for page in PAGES {
            let path = format!("/o/rx1/users/{}/{page}", target.user());
            let path = path.trim_end_matches('/');
            let shown = browser.open(path).await;
            let name = format!("GET /o/rx1/users/:user/{page}");
            let name = name.trim_end_matches('/').to_owned();
            row.push((name, page_word(path, &shown)));
        }
        doors(&matrix, (&target, about), &mut browser, &mut row).await;
        for (what, answer) in row {
            add(what, about.name, answer);
        }
    }
    rows
}

/// Whether a page has rows for every kind of person.
fn is_about_people(name: &str) -> bool {
    let of = |start: &str, part: &str| format!("{start}{part}").trim_end_matches('/') == name;
    PLACES.iter().any(|place| of("GET /o/rx1/", place))
        || PAGES.iter().any(|page| of("GET /o/rx1/users/:user/", page))
}

/// R63 to R68, R72, J05, J36: every cell of the committed table is what the server answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_committed_table_is_what_the_server_does() {
    // Every kind of actor has installations of their own; what is slow about them is the disk.
    let about_people = ACTORS.map(|kind| tokio::spawn(rows_about_people(kind)));
    let everybody = ACTORS.into_iter().chain([everything::PASSWORD_ONLY]);
    let others: Vec<_> = everybody
        .map(|kind| tokio::spawn(everything::rows(kind)))
        .collect();
    let mut table = "use case,actor,about,answer\n".to_owned();
    for rows in about_people.into_iter().chain(others) {
        for row in rows.await.unwrap() {
            let _ = writeln!(table, "{}", row.join(","));
        }
    }
    let broken: Vec<&str> = table
        .lines()
        .filter(|line| line.ends_with("broken"))
        .collect();
    assert!(broken.is_empty(), "no cell is a fault: {broken:#?}");
    if std::env::var("LANYARD_UPDATE").is_ok() {
        std::fs::write(TABLE, &table).unwrap();
    }
    let committed = std::fs::read_to_string(TABLE).unwrap_or_default();
    let different: Vec<_> = table
        .lines()
        .zip(committed.lines())
        .filter(|(now, then)| now != then)
        .collect();
    assert!(different.is_empty(), "{different:#?}");
    assert_eq!(table.lines().count(), committed.lines().count());
}
