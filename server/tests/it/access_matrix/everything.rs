//! The rest of the table: every page, server function and file, asked by everybody, so that there is
//! none without a row (R63, R64).

use app::{error::AppError, routes::PAGES};
use axum::http::Method;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use domain::{
    bulk::BulkAction,
    id::UserId,
    membership::{DatesForm, DetailsForm},
};
use service::{
    Actor,
    bulk::{At, Elsewhere},
};

use super::{ACTORS, Matrix, TABLE, calls::CALLS, page_word, word};
use crate::{browser::Browser, harness::link, live};

/// Somebody who has typed their password and nothing else (R39).
pub const PASSWORD_ONLY: &str = "administrator with the password only";

/// The person whom the questions are about.
const ABOUT: &str = "somebody in Nursing";

/// Files and streams, which are no pages.
const FILES: [&str; 4] = [
    "/o/:org/users.csv",
    "/o/:org/activity.csv",
    "/o/:org/jobs/:job/results.csv",
    "/o/:org/jobs/:job/events",
];

/// What stands in the place of everybody's password, to be looked for.
const HASH: &str = "canary-of-a-password-hash";

/// What the questions are about.
struct Facts(Vec<(&'static str, String)>);

impl Facts {
    async fn of(matrix: &Matrix, actor: Option<&Actor>) -> Self {
        let services = &matrix.lanyard.services;
        let target = matrix.target(ABOUT, actor).await.unwrap();
        let mut boss = matrix.browser(Some(&matrix.last)).await;
        let page = live::invite(&mut boss, "pat.new@nhs.net").await;
        let job = page.rsplit('/').next().unwrap().to_owned();
        let token = link(&*matrix.lanyard.newest_mail("pat.new@nhs.net").await);
        let token = token.rsplit('/').next().unwrap().to_owned();
        let (_, version) = matrix.facts(&target).await;
        let form = DetailsForm {
            first_name: "Tim".to_owned(),
            last_name: "Target".to_owned(),
            ..DetailsForm::default()
        };
        let version = version.parse().unwrap();
        let changed = services.change_details(&matrix.last, "rx1", target.user(), version, &form);
        let change = changed.await.unwrap().change.unwrap();
        let own = match actor {
            Some(actor) => services.start_invite(actor, "rx1").await.ok(),
            None => None,
        };
        let draft = match own {
            Some(own) => own,
            None => services.start_invite(&matrix.last, "rx1").await.unwrap(),
        };
        // Of whoever may, their own; for everybody else one of somebody else.
        let (boss, whom) = (&matrix.last, target.user());
        let own = match actor {
            Some(actor) => services.start_adding(actor, "rx1").await.ok(),
            None => None,
        };
        let adding = match own {
            Some(own) => own,
            None => services.start_adding(boss, "rx1").await.unwrap(),
        };
        let ask = BulkAction::Deactivate;
        let own = match actor {
            Some(actor) => services
                .start_bulk(actor, "rx1", ask, vec![whom], None)
                .await
                .ok(),
            None => None,
        };
        let bulk = match own {
            Some(own) => own,
            None => services
                .start_bulk(boss, "rx1", ask, vec![whom], None)
                .await
                .unwrap(),
        };
        let changes = matrix.changes(whom).await;
        let people = [Some(&target), actor, Some(&matrix.last)];
        for person in people.into_iter().flatten() {
            matrix.give_password(person).await;
        }
        let (assignment, version) = matrix.facts(&target).await;
        let (invited, invitation) = matrix.invited("pat.new@nhs.net").await;
        Self(vec![
            ("user", target.user().to_string()),
            ("invited", invited),
            ("invitation", invitation),
            ("token", token),
            ("job", job),
            ("draft", draft.to_string()),
            ("adding", adding.to_string()),
            ("bulk", bulk.draft.to_string()),
            ("changes", changes),
            ("role", matrix.role("contributor").await),
            ("assignment", assignment),
            ("version", version),
            ("change", change.to_string()),
        ])
    }

    /// R11, R74: whoever asks, no page and no answer has what opens an account: the hash of a password,
    /// the link of an invitation, a session.
    fn tells_no_secret(&self, what: &str, said: &str) {
        let token = self.0.iter().find(|(name, _)| *name == "token");
        let secrets = [HASH, "$argon2", token.map_or(HASH, |(_, token)| token)];
        let told = secrets.iter().find(|secret| said.contains(**secret));
        assert!(told.is_none(), "{what} tells {told:?}");
    }

    fn known(&self, wanted: &str) -> &str {
        let known = self.0.iter().find(|(name, _)| *name == wanted);
        known.map_or("", |(_, value)| value.as_str())
    }

    /// A question with `{user}` and the others filled in.
    fn question(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
    }

    /// An address with `:user` and the others filled in.
    fn address(&self, path: &str) -> String {
        let journey = match path {
            path if path.contains("/users/add/") => "adding",
            path if path.contains("/users/bulk/") => "bulk",
            _ => "draft",
        };
        let parts = path.split('/').map(|part| match part.strip_prefix(':') {
            Some("org") => "rx1",
            Some("step") => "check",
            Some("draft") => self.known(journey),
            Some(name) => {
                let known = self.0.iter().find(|(known, _)| *known == name);
                known.map_or(part, |(_, value)| value.as_str())
            }
            None => part,
        });
        parts.collect::<Vec<_>>().join("/")
    }
}

impl Matrix {
    async fn give_password(&self, person: &Actor) {
        let mut tx = self.lanyard.services.store().write().await.unwrap();
        let mut user = tx.user(person.user()).await.unwrap().unwrap();
        user.password_hash = Some(HASH.to_owned());
        tx.update_user(&user).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A bulk change that waits: a last day for what somebody has.
    async fn changes(&self, whom: UserId) -> String {
        let services = &self.lanyard.services;
        let started = services
            .start_bulk(&self.last, "rx1", BulkAction::EndDate, vec![whom], None)
            .await;
        let draft = started.unwrap().draft;
        let dates = DatesForm {
            end_day: "1".to_owned(),
            end_month: "2".to_owned(),
            end_year: "2028".to_owned(),
            ..DatesForm::default()
        };
        let answered = services.answer_bulk_dates(&self.last, "rx1", draft, dates);
        answered.await.map(drop).unwrap();
        let At::Here(page) = services.bulk_check(&self.last, "rx1", draft).await.unwrap() else {
            panic!("to be checked");
        };
        let confirmed = services.confirm_bulk(&self.last, "rx1", draft, &page.version, true);
        match confirmed.await.unwrap() {
            At::Elsewhere(Elsewhere::Job(job)) => job.to_string(),
            other => panic!("{other:?}"),
        }
    }

    async fn invited(&self, email: &str) -> (String, String) {
        let mut tx = self.lanyard.services.store().read().await.unwrap();
        let user = tx.user_by_email_key(email).await.unwrap().unwrap();
        let member = tx.membership_of(self.organisation, user.id).await;
        let member = member.unwrap().unwrap();
        let all = tx.invitations_of(self.organisation, member.id).await;
        (user.id.to_string(), all.unwrap()[0].id.to_string())
    }
}

/// Rows of every page, function and file that `known` does not name, for every kind of actor.
pub async fn rows(known: impl Fn(&str) -> bool) -> Vec<[String; 4]> {
    let mut rows = Vec::new();
    for kind in ACTORS.into_iter().chain([PASSWORD_ONLY]) {
        let matrix = Matrix::new().await;
        let actor = matrix.actor(kind.trim_end_matches(" with the password only"));
        let actor = actor.await;
        let facts = Facts::of(&matrix, actor.as_ref()).await;
        let mut browser = matrix.browser(actor.as_ref()).await;
        if let (Some(actor), PASSWORD_ONLY) = (&actor, kind) {
            browser.set_cookie("session", &matrix.tools.half_session(actor).await);
        }
        let pages = PAGES.iter().map(|(path, _)| *path).chain(FILES);
        for path in pages {
            let name = page_name(path);
            if known(&name) {
                continue;
            }
            let about = if path.contains(":user") { ABOUT } else { "" };
            let shown = browser.open(&facts.address(path)).await;
            facts.tells_no_secret(path, &shown.html);
            let led_away = shown.address.starts_with("/sign-in/") && !path.starts_with("/sign-in/");
            let answer = if led_away && kind == PASSWORD_ONLY {
                "second step first".to_owned()
            } else {
                page_word(&shown)
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
    }
    rows
}

fn page_name(path: &str) -> String {
    format!("GET {}", path.replace(":org", "rx1"))
}

async fn call(browser: &mut Browser, name: &str, question: &str, facts: &Facts) -> String {
    let (method, function) = name.split_once(' ').unwrap();
    let (status, error) = if method == "GET" {
        let answer = browser.ask(function, question).await;
        // Answers are bytes in base64.
        let bytes = STANDARD_NO_PAD.decode(&answer.body).unwrap_or_default();
        facts.tells_no_secret(name, &String::from_utf8_lossy(&bytes));
        (answer.status, answer.error())
    } else {
        let fields: Vec<(&str, &str)> = question
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        browser.call(function, &fields).await
    };
    match error {
        Some(AppError::StepUpRequired) => "password first",
        Some(AppError::SecondFactorRequired) => "second step first",
        _ => word(status),
    }
    .to_owned()
}

fn committed() -> Vec<Vec<String>> {
    let table = std::fs::read_to_string(TABLE).unwrap();
    let cells = |line: &str| line.split(',').map(ToOwned::to_owned).collect();
    table.lines().skip(1).map(cells).collect()
}

/// R63, R64: every page, server function and file has rows, and nothing else has.
#[test]
fn there_is_nothing_without_a_row() {
    let rows = committed();
    let named: std::collections::BTreeSet<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    let mut there: Vec<String> = PAGES
        .iter()
        .map(|(path, _)| *path)
        .chain(FILES)
        .map(page_name)
        .collect();
    there.extend(
        server::web::server_function_paths()
            .into_iter()
            .map(|(method, path)| {
                assert!([Method::GET, Method::POST].contains(&method));
                format!("{method} {}", path.trim_start_matches("/fn/"))
            }),
    );
    let missing: Vec<&String> = there
        .iter()
        .filter(|name| !named.contains(name.as_str()))
        .collect();
    assert!(
        missing.is_empty(),
        "no row for {missing:#?}: name them in CALLS (or where people are named in the other file), then \
         write the table anew with LANYARD_UPDATE=1 and read what was added"
    );
    let gone: Vec<&&str> = named
        .iter()
        .filter(|name| !there.iter().any(|there| there == *name))
        .collect();
    assert!(gone.is_empty(), "rows of what is not there: {gone:#?}");
}

/// J01: without an account nobody sees anything of an organisation, not even whether a page is there.
#[test]
fn nobody_sees_an_organisation() {
    for row in committed() {
        if row[1] == "nobody" && row[0].contains(" /o/rx1") {
            assert_eq!(row[3], "sign in", "{}", row[0]);
        }
    }
}

/// R39: whoever has only typed a password reaches what everybody reaches, and the second step.
#[test]
fn a_password_alone_opens_nothing() {
    let rows = committed();
    let answers = |kind: &str| -> std::collections::BTreeMap<&str, &str> {
        let of_kind = rows.iter().filter(|row| row[1] == kind);
        of_kind
            .map(|row| (row[0].as_str(), row[3].as_str()))
            .collect()
    };
    let nobody = answers("nobody");
    let with_password = answers(PASSWORD_ONLY);
    assert!(with_password.len() > 100);
    for (what, answer) in with_password {
        let second_step = ["sign-in", "session/", "set-up-codes"]
            .iter()
            .any(|part| what.contains(part));
        let open = ["yes", "mend it", "not now", "over", "not there"].contains(&answer);
        assert!(
            !open || second_step || nobody[what] == answer,
            "{what}: {answer}, and {} for nobody",
            nobody[what]
        );
    }
}
