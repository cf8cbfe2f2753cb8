//! How long the database takes for a page of the users list, with 100,000 people in one
//! organisation among 200. SQLite in a file; PostgreSQL when `LANYARD_TEST_POSTGRES` names a
//! server. Prints medians; the goal is at most 20 ms for each.
#![allow(clippy::unwrap_used, clippy::assigning_clones)]

#[path = "users_list/people.rs"]
mod people;

use std::time::Instant;

use domain::{
    ShownStatus,
    listing::{Direction, UsersSort},
    search::search_words,
};
use people::{People, now};
use sqlx::{Connection, Executor, PgConnection};
use store::{ListReach, MemberQuery, Store};

const ROUNDS: usize = 15;
const CURRENT: [ShownStatus; 4] = [
    ShownStatus::Active,
    ShownStatus::Pending,
    ShownStatus::Expired,
    ShownStatus::EmailFailed,
];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let most: usize = std::env::args()
        .find_map(|text| text.parse().ok())
        .unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("bench.db").display());
    let store = Store::connect(&url).await.unwrap();
    let people = fill("SQLite", &store, most).await;
    measure("SQLite", &store, &people, most).await;
    #[allow(
        clippy::disallowed_methods,
        reason = "the bench command tells where its server is"
    )]
    match std::env::var("LANYARD_TEST_POSTGRES") {
        Err(_) => println!("PostgreSQL: LANYARD_TEST_POSTGRES is not set"),
        Ok(server) => {
            let mut connection = PgConnection::connect(&server).await.unwrap();
            let _ = connection
                .execute("DROP DATABASE IF EXISTS users_list_bench")
                .await;
            connection
                .execute("CREATE DATABASE users_list_bench")
                .await
                .unwrap();
            let (base, query) = server.split_once('?').unwrap_or((&server, ""));
            let base = base.rsplit_once('/').map_or(base, |(front, _)| front);
            let url = format!("{base}/users_list_bench?{query}");
            let store = Store::connect(&url).await.unwrap();
            let people = fill("PostgreSQL", &store, most).await;
            // What the database does by itself, a minute later.
            let mut own = PgConnection::connect(&url).await.unwrap();
            own.execute("VACUUM ANALYZE").await.unwrap();
            drop(own);
            measure("PostgreSQL", &store, &people, most).await;
            store.close().await;
            connection
                .execute("DROP DATABASE users_list_bench")
                .await
                .unwrap();
        }
    }
}

async fn fill(name: &str, store: &Store, most: usize) -> People {
    store.migrate().await.unwrap();
    let started = Instant::now();
    let people = people::generate(store, most).await;
    println!(
        "{name}: {most} people added in {:.1} s",
        started.elapsed().as_secs_f64()
    );
    people
}

async fn measure(name: &str, store: &Store, people: &People, most: usize) {
    let mut worst: f64 = 0.0;
    for (what, query) in queries(people, most) {
        let mut times = Vec::with_capacity(ROUNDS);
        let mut outcome = String::new();
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let mut tx = store.read().await.unwrap();
            let counts = tx
                .member_counts(query.organisation, &query.reach, query.now)
                .await
                .unwrap();
            let page = tx.list_members(&query, &counts).await.unwrap();
            let ids: Vec<_> = page.rows.iter().map(|row| row.id).collect();
            tx.assignments_of_members(query.organisation, &ids, query.now)
                .await
                .unwrap();
            tx.open_invitations_of_members(query.organisation, &ids)
                .await
                .unwrap();
            drop(tx);
            times.push(started.elapsed().as_secs_f64() * 1e3);
            outcome = format!(
                "{} of {}{}",
                page.rows.len(),
                if page.more { "more than " } else { "" },
                page.total
            );
        }
        times.sort_by(f64::total_cmp);
        let median = times[ROUNDS / 2];
        worst = worst.max(median);
        let mark = if median > 20.0 { "  over 20 ms" } else { "" };
        println!(
            "{name:10} {median:7.2} ms  (best {:6.2})  {what:46} {outcome}{mark}",
            times[0]
        );
    }
    println!("{name}: slowest median {worst:.2} ms");
}

fn queries(people: &People, most: usize) -> Vec<(String, MemberQuery)> {
    let base = MemberQuery {
        organisation: people.organisation,
        now: now(),
        reach: ListReach::Whole,
        statuses: CURRENT.to_vec(),
        words: Vec::new(),
        person: None,
        roles: Vec::new(),
        without_role: false,
        areas: Vec::new(),
        sort: UsersSort::Name,
        direction: Direction::Ascending,
        offset: 0,
        limit: 25,
    };
    let mut list: Vec<(String, MemberQuery)> = vec![("first page".into(), base.clone())];
    let mut add = |what: &str, change: &dyn Fn(&mut MemberQuery)| {
        let mut query = base.clone();
        change(&mut query);
        list.push((what.to_owned(), query));
    };
    let deep = u32::try_from(most * 47 / 100).unwrap();
    add("deep page, near the middle", &|query| query.offset = deep);
    add("last pages", &|query| query.offset = deep * 9 / 5);
    add("page of 100", &|query| query.limit = 100);
    for text in [
        "j",
        "n",
        "z",
        "s",
        "x",
        "ja",
        "car",
        "smi",
        "nhs",
        "jan",
        "j s",
        "ja smi",
        "jane carl",
        "o'n",
        "sian eva",
        "zzzz",
        "jane zzzz",
        "jane.carlton5",
    ] {
        let words = search_words(text);
        add(&format!("search {text:?}"), &|query| {
            query.words = words.clone();
        });
        if ["j", "smi", "nhs"].contains(&text) {
            add(&format!("search {text:?}, Inactive"), &|query| {
                query.words = words.clone();
                query.statuses = vec![ShownStatus::Inactive];
            });
            add(&format!("search {text:?}, newest sign-in"), &|query| {
                query.words = words.clone();
                query.sort = UsersSort::LastSignIn;
                query.direction = Direction::Descending;
            });
        }
    }
    add("exact email", &|query| query.person = Some(people.somebody));
    for status in ShownStatus::ALL {
        add(&format!("status {status}"), &|query| {
            query.statuses = vec![*status];
        });
        add(&format!("status {status}, newest sign-in"), &|query| {
            query.statuses = vec![*status];
            query.sort = UsersSort::LastSignIn;
            query.direction = Direction::Descending;
        });
    }
    add("every status", &|query| {
        query.statuses = ShownStatus::ALL.to_vec();
    });
    for (index, role) in people.roles.iter().enumerate() {
        add(&format!("role {index}"), &|query| query.roles = vec![*role]);
        add(&format!("role {index}, Expired"), &|query| {
            query.roles = vec![*role];
            query.statuses = vec![ShownStatus::Expired];
        });
        add(
            &format!("role {index}, newest invited, page 40"),
            &|query| {
                query.roles = vec![*role];
                query.sort = UsersSort::Invited;
                query.direction = Direction::Descending;
                query.offset = 975;
            },
        );
    }
    add("role 2, deep page", &|query| {
        query.roles = vec![people.roles[2]];
        query.offset = deep / 2;
    });
    add("two roles", &|query| {
        query.roles = people.roles[1..3].to_vec();
    });
    for (index, area) in [people.areas[0], people.areas[7], people.inner[0]]
        .into_iter()
        .enumerate()
    {
        add(&format!("area {index}"), &|query| query.areas = vec![area]);
        add(&format!("area {index}, role 2"), &|query| {
            query.areas = vec![area];
            query.roles = vec![people.roles[2]];
        });
        add(&format!("area {index}, search \"ja\""), &|query| {
            query.areas = vec![area];
            query.words = vec!["ja".into()];
        });
        add(&format!("reach area {index}"), &|query| {
            query.reach = ListReach::Areas(vec![area]);
        });
        add(&format!("reach area {index}, search \"ja\""), &|query| {
            query.reach = ListReach::Areas(vec![area]);
            query.words = vec!["ja".into()];
        });
    }
    add("two areas", &|query| {
        query.areas = people.areas[1..3].to_vec();
    });
    add("reach of two areas", &|query| {
        query.reach = ListReach::Areas(people.areas[5..7].to_vec());
    });
    for sort in [UsersSort::LastSignIn, UsersSort::Invited] {
        for direction in [Direction::Ascending, Direction::Descending] {
            add(&format!("sort {sort} {direction}"), &|query| {
                query.sort = sort;
                query.direction = direction;
            });
        }
        add(&format!("sort {sort} desc, deep page"), &|query| {
            query.sort = sort;
            query.direction = Direction::Descending;
            query.offset = deep;
        });
    }
    list
}
