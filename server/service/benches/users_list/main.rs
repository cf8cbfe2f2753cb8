//! How long the server takes for the users list, from the question to the page as data: access,
//! filters, counts, rows. 100,000 people in one organisation among 200; SQLite in a file, and
//! PostgreSQL when `LANYARD_TEST_POSTGRES` names a server. Prints medians; the goal is at most
//! 20 ms for each.
//!
//! Three arguments make it quick to try something: a number is how many people there are, `--only
//! WORDS` asks the questions whose name contains the words, and `--keep FOLDER` leaves the filled
//! databases behind, to be found there by the next run.

#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has failed"
)]

mod people;
mod questions;

use std::{path::PathBuf, time::Instant};

use domain::listing::UsersQuery;
use people::People;
use questions::{Question, Who, questions};
use service::{Actor, testing::Harness};
use store::{AssignmentRow, Store};

const ROUNDS: usize = 15;
const GOAL: f64 = 20.0;

/// What was asked for.
struct Options {
    people: usize,
    only: Option<String>,
    keep: Option<PathBuf>,
}

impl Options {
    fn read() -> Self {
        let mut options = Self {
            people: 100_000,
            only: None,
            keep: None,
        };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--only" => options.only = arguments.next(),
                "--keep" => options.keep = arguments.next().map(PathBuf::from),
                // What `cargo bench` adds is no number.
                number => options.people = number.parse().unwrap_or(options.people),
            }
        }
        options
    }

    fn wants(&self, question: &Question) -> bool {
        let only = self.only.as_deref();
        only.is_none_or(|words| question.what.contains(words))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let options = Options::read();
    let most = options.people;
    let passing = tempfile::tempdir().unwrap();
    let folder = options.keep.as_deref().unwrap_or(passing.path());
    let url = format!("sqlite:{}", folder.join("bench.db").display());
    let store = Store::connect(&url).await.unwrap();
    let mut worst = vec![bench("SQLite", &store, &options).await];
    #[allow(
        clippy::disallowed_methods,
        reason = "the bench command tells where its server is"
    )]
    match std::env::var("LANYARD_TEST_POSTGRES") {
        Err(_) => println!("PostgreSQL: LANYARD_TEST_POSTGRES is not set"),
        Ok(server) => {
            let base = Store::connect(&server).await.unwrap();
            let (front, query) = server.split_once('?').unwrap_or((&server, ""));
            let front = front.rsplit_once('/').map_or(front, |(front, _)| front);
            let url = format!("{front}/users_list_bench?{query}");
            let drop = "DROP DATABASE IF EXISTS users_list_bench";
            if options.keep.is_none() || Store::connect(&url).await.is_err() {
                base.run_for_test(drop).await.unwrap();
                let create = "CREATE DATABASE users_list_bench";
                base.run_for_test(create).await.unwrap();
            }
            let store = Store::connect(&url).await.unwrap();
            worst.push(bench("PostgreSQL", &store, &options).await);
            store.close().await;
            if options.keep.is_none() {
                base.run_for_test(drop).await.unwrap();
            }
        }
    }
    println!();
    for (name, median) in worst {
        let what = format!("users list of {most} people on {name}, slowest question");
        let verdict = if median <= GOAL { "met" } else { "MISSED" };
        println!("{what:<62} {median:>6.1} ms    goal: at most {GOAL:.0} ms    {verdict}");
    }
}

async fn bench(name: &'static str, store: &Store, options: &Options) -> (&'static str, f64) {
    store.migrate().await.unwrap();
    let people = match People::found(store).await {
        Some(people) => people,
        None => fill(name, store, options.people).await,
    };
    let tools = Harness::over(store.clone());
    let mut worst: f64 = 0.0;
    let questions = questions(&people, options.people).into_iter();
    for question in questions.filter(|question| options.wants(question)) {
        let Question { who, what, query } = question;
        let actor = actor(&tools, &people, &who).await;
        let query = UsersQuery::parse(&query);
        let mut times = Vec::with_capacity(ROUNDS);
        let mut outcome = String::new();
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let page = tools.services.users_page(&actor, "rx0", &query).await;
            times.push(started.elapsed().as_secs_f64() * 1e3);
            let page = page.unwrap();
            let more = if page.more { "more than " } else { "" };
            outcome = format!("{} of {more}{}", page.rows.len(), page.total);
        }
        times.sort_by(f64::total_cmp);
        let median = times[ROUNDS / 2];
        worst = worst.max(median);
        let mark = if median > GOAL { "  OVER" } else { "" };
        let best = times[0];
        println!("{name:10} {median:7.2} ms  (best {best:6.2})  {what:46} {outcome}{mark}");
    }
    homes(name, &tools, &people, options).await;
    (name, worst)
}

/// The organisation's home, which counts as the list does, for whoever sees everybody and for managers. It
/// counts invitations too, and has no goal of its own.
async fn homes(name: &str, tools: &Harness, people: &People, options: &Options) {
    for (who, what) in [
        (Who::Administrator, "home of an administrator"),
        (
            Who::Manager(vec![people.areas[0]]),
            "home of the manager of a large area",
        ),
        (
            Who::Manager(vec![people.areas[7]]),
            "home of the manager of a small area",
        ),
    ] {
        if options
            .only
            .as_deref()
            .is_some_and(|words| !what.contains(words))
        {
            continue;
        }
        let actor = actor(tools, people, &who).await;
        let mut times = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let home = tools.services.home(&actor, "rx0").await;
            times.push(started.elapsed().as_secs_f64() * 1e3);
            home.unwrap();
        }
        times.sort_by(f64::total_cmp);
        let (median, best) = (times[ROUNDS / 2], times[0]);
        println!("{name:10} {median:7.2} ms  (best {best:6.2})  {what}");
    }
}

async fn fill(name: &'static str, store: &Store, most: usize) -> People {
    let started = Instant::now();
    let people = people::generate(store, most).await;
    println!(
        "{name}: {most} people added in {:.1} s",
        started.elapsed().as_secs_f64()
    );
    if name == "PostgreSQL" {
        // What the database does by itself, a minute later.
        store.run_for_test("VACUUM ANALYZE").await.unwrap();
    }
    people
}

/// Whoever asks, as a member of the large organisation; made when first asked for.
async fn actor(tools: &Harness, people: &People, who: &Who) -> Actor {
    let mut tx = tools.services.store().read().await.unwrap();
    let known = tx.user_by_email_key(&who.email()).await.unwrap();
    drop(tx);
    if let Some(user) = known {
        return tools.actor(user.id, "Sam Okoro", &user.email);
    }
    let Who::Manager(areas) = who else {
        return tools.administrator("rx0", &who.email()).await;
    };
    let actor = tools.member("rx0", &who.email(), "manager").await;
    let mut tx = tools.services.store().write().await.unwrap();
    let membership = tx
        .membership_of(people.organisation, actor.user())
        .await
        .unwrap();
    let membership = membership.unwrap().id;
    let everywhere = tx
        .assignments_of(people.organisation, membership)
        .await
        .unwrap();
    tx.delete_assignments_of(people.organisation, membership)
        .await
        .unwrap();
    let limited: Vec<AssignmentRow> = areas
        .iter()
        .enumerate()
        .map(|(index, area)| AssignmentRow {
            id: People::assignment(membership, index),
            area_id: Some(*area),
            ..everywhere[0].clone()
        })
        .collect();
    tx.insert_assignments(&limited).await.unwrap();
    tx.commit().await.unwrap();
    actor
}
