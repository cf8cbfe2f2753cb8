//! How long it takes to deactivate 5,000 people at once, on SQLite in a file and on PostgreSQL when
//! `LANYARD_TEST_POSTGRES` names a server: until the job is accepted (goal: at most 1 s), and until the
//! worker has given each of them their outcome, change, event and email (goal: at most 10 s). Then, for
//! information, how long it takes to show the page of answers and to take all of it back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on has failed"
)]

use std::time::Instant;

use domain::{
    MembershipStatus,
    bulk::{BulkAction, BulkOutcome},
    id::{AssignmentId, BulkJobId, MembershipId, OrganisationId, UserId},
    membership::DeactivateForm,
    search::index_words,
};
use service::{
    Actor,
    bulk::{At, Elsewhere},
    testing::Harness,
};
use store::{AssignmentRow, MembershipRow, Store, UserRow};
use uuid::Uuid;

const PEOPLE: u128 = 5_000;
const ACCEPTED: f64 = 1.0;
const DONE: f64 = 10.0;

/// What was measured, in seconds.
struct Took {
    checked: f64,
    accepted: f64,
    done: f64,
    undone: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("bench.db").display());
    let store = Store::connect(&url).await.unwrap();
    report("SQLite", &bench(&store).await);
    #[allow(
        clippy::disallowed_methods,
        reason = "the bench command tells where its server is"
    )]
    match std::env::var("LANYARD_TEST_POSTGRES") {
        Err(_) => println!("PostgreSQL: LANYARD_TEST_POSTGRES is not set"),
        Ok(server) => {
            let base = Store::connect(&server).await.unwrap();
            let drop = "DROP DATABASE IF EXISTS bulk_change_bench";
            base.run_for_test(drop).await.unwrap();
            let create = "CREATE DATABASE bulk_change_bench";
            base.run_for_test(create).await.unwrap();
            let (front, query) = server.split_once('?').unwrap_or((&server, ""));
            let front = front.rsplit_once('/').map_or(front, |(front, _)| front);
            let url = format!("{front}/bulk_change_bench?{query}");
            let store = Store::connect(&url).await.unwrap();
            report("PostgreSQL", &bench(&store).await);
            store.close().await;
            base.run_for_test(drop).await.unwrap();
        }
    }
}

fn report(name: &str, took: &Took) {
    for (what, seconds, goal) in [
        ("accepted", took.accepted, Some(ACCEPTED)),
        ("done", took.done, Some(DONE)),
        ("page of answers", took.checked, None),
        ("undone", took.undone, None),
    ] {
        let what = format!("{PEOPLE} people deactivated on {name}, {what}");
        let goal = match goal {
            None => "(no goal)".to_owned(),
            Some(goal) if seconds <= goal => format!("goal: at most {goal:.0} s    met"),
            Some(goal) => format!("goal: at most {goal:.0} s    MISSED"),
        };
        println!("{what:<62} {seconds:>6.2}  s    {goal}");
    }
}

async fn bench(store: &Store) -> Took {
    store.migrate().await.unwrap();
    let tools = Harness::over(store.clone());
    let organisation = tools.organisation("RX1", "Hollybrook Hospital").await;
    let sam = tools.administrator("rx1", "sam.okoro@nhs.net").await;
    let session = tools.session(&sam).await;
    let sam = tools.signed_in(&session).await.unwrap();
    people(&tools, organisation).await;
    if store.dialect() == store::Dialect::Postgres {
        // What the database does by itself, a minute later.
        store.run_for_test("VACUUM ANALYZE").await.unwrap();
    }
    let services = &tools.services;
    let all = Some("?role=viewer");
    let draft = services
        .start_bulk(&sam, "rx1", BulkAction::Deactivate, Vec::new(), all)
        .await
        .unwrap()
        .draft;
    let reason = DeactivateForm {
        confirm: "yes".to_owned(),
        reason: "left_organisation".to_owned(),
        reason_other: String::new(),
    };
    services
        .answer_bulk_reason(&sam, "rx1", draft, &reason)
        .await
        .unwrap();
    let started = Instant::now();
    let At::Here(page) = services.bulk_check(&sam, "rx1", draft).await.unwrap() else {
        panic!("not at the page of answers");
    };
    let checked = started.elapsed().as_secs_f64();
    assert_eq!(u128::from(page.people.total), PEOPLE);
    let started = Instant::now();
    let confirmed = services.confirm_bulk(&sam, "rx1", draft, &page.version, true);
    let At::Elsewhere(Elsewhere::Job(job)) = confirmed.await.unwrap() else {
        panic!("no job");
    };
    let accepted = started.elapsed().as_secs_f64();
    let done = worked(&tools, &sam, job).await;
    let undoing = services.undo_bulk_job(&sam, "rx1", job).await.unwrap();
    let undone = worked(&tools, &sam, undoing).await;
    Took {
        checked,
        accepted,
        done,
        undone,
    }
}

/// How long the worker takes until everybody has their outcome.
async fn worked(tools: &Harness, actor: &Actor, job: BulkJobId) -> f64 {
    let started = Instant::now();
    while tools.services.process_bulk_step().await.unwrap() {}
    let seconds = started.elapsed().as_secs_f64();
    let job = tools.services.bulk_job(actor, "rx1", job).await.unwrap();
    let done = job
        .counts
        .iter()
        .find(|count| count.outcome == BulkOutcome::Done);
    assert_eq!(done.map(|count| u128::from(count.count)), Some(PEOPLE));
    seconds
}

fn id(kind: u128, number: u128) -> Uuid {
    Uuid::from_u128(kind << 100 | number)
}

async fn people(tools: &Harness, organisation: OrganisationId) {
    let now = tools.services.now();
    let mut tx = tools.services.store().write().await.unwrap();
    let roles = tx.roles(organisation).await.unwrap();
    let viewer = roles.iter().find(|role| role.key == "viewer").unwrap().id;
    let mut users = Vec::new();
    let mut members = Vec::new();
    let mut words = Vec::new();
    let mut assignments = Vec::new();
    for number in 0..PEOPLE {
        let email = format!("p{number}.carlton@nhs.net");
        let mut user = UserRow::unregistered(UserId::from_uuid(id(2, number)), &email, &email, now);
        user.registered_at = Some(now);
        user.first_name = format!("Jane{number}");
        "Carlton".clone_into(&mut user.last_name);
        let mut member = MembershipRow::invited(
            MembershipId::from_uuid(id(3, number)),
            organisation,
            &user,
            now,
            now,
        );
        member.status = MembershipStatus::Active;
        member.activated_at = Some(now);
        words.push((
            member.id,
            index_words(&user.first_name, &user.last_name, &email),
        ));
        assignments.push(AssignmentRow {
            id: AssignmentId::from_uuid(id(4, number)),
            organisation_id: organisation,
            membership_id: member.id,
            role_id: viewer,
            area_id: None,
            starts_at: None,
            ends_at: None,
            granted_by: None,
            granted_at: now,
        });
        users.push(user);
        members.push(member);
    }
    tx.insert_users(&users).await.unwrap();
    tx.insert_memberships(&members).await.unwrap();
    tx.insert_words(organisation, &words).await.unwrap();
    tx.insert_assignments(&assignments).await.unwrap();
    tx.commit().await.unwrap();
}
