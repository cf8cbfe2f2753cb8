//! How long the server takes for the users list, from the question to the page as data: access,
//! filters, counts, rows. 100,000 people in one organisation among 200; SQLite in a file, and
//! PostgreSQL when `LANYARD_TEST_POSTGRES` names a server. Prints medians; the goal is at most
//! 20 ms for each.

#![allow(
    clippy::unwrap_used,
    reason = "a benchmark that cannot go on has failed"
)]

mod people;
mod questions;

use std::time::Instant;

use domain::listing::UsersQuery;
use people::People;
use questions::{Question, Who, questions};
use service::{Actor, testing::Harness};
use store::{AssignmentRow, Store};

const ROUNDS: usize = 15;
const GOAL: f64 = 20.0;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let most: usize = std::env::args()
        .find_map(|text| text.parse().ok())
        .unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("bench.db").display());
    let store = Store::connect(&url).await.unwrap();
    let mut worst = vec![bench("SQLite", &store, most).await];
    #[allow(
        clippy::disallowed_methods,
        reason = "the bench command tells where its server is"
    )]
    match std::env::var("LANYARD_TEST_POSTGRES") {
        Err(_) => println!("PostgreSQL: LANYARD_TEST_POSTGRES is not set"),
        Ok(server) => {
            let base = Store::connect(&server).await.unwrap();
            let drop = "DROP DATABASE IF EXISTS users_list_bench";
            base.run_for_test(drop).await.unwrap();
            let create = "CREATE DATABASE users_list_bench";
            base.run_for_test(create).await.unwrap();
            let (front, query) = server.split_once('?').unwrap_or((&server, ""));
            let front = front.rsplit_once('/').map_or(front, |(front, _)| front);
            let url = format!("{front}/users_list_bench?{query}");
            let store = Store::connect(&url).await.unwrap();
            worst.push(bench("PostgreSQL", &store, most).await);
            store.close().await;
            base.run_for_test(drop).await.unwrap();
        }
    }
    println!();
    for (name, median) in worst {
        let what = format!("users list of {most} people on {name}, slowest question");
        let verdict = if median <= GOAL { "met" } else { "MISSED" };
        println!("{what:<62} {median:>6.1} ms    goal: at most {GOAL:.0} ms    {verdict}");
    }
}

async fn bench(name: &'static str, store: &Store, most: usize) -> (&'static str, f64) {
    store.migrate().await.unwrap();
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
    let tools = Harness::over(store.clone());
    let mut worst: f64 = 0.0;
    for Question { who, what, query } in questions(&people, most) {
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
    (name, worst)
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
