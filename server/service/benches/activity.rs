//! How long the server takes for a page of activity, with 100,000 events and 5,000 people in one
//! organisation; SQLite in a file, and PostgreSQL when `LANYARD_TEST_POSTGRES` names a server. Prints
//! medians; the goal is at most 20 ms for each.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark that cannot go on has failed"
)]

use std::time::Instant;

use chrono::TimeDelta;
use domain::{
    MembershipStatus,
    activity::ActivityQuery,
    id::{AreaId, AssignmentId, AuditEventId, MembershipId, OrganisationId, UserId},
    search::index_words,
};
use service::{Actor, testing::Harness};
use store::{AreaRow, AssignmentRow, AuditEventRow, MembershipRow, Store, Tx, UserRow};
use uuid::Uuid;

const ROUNDS: usize = 15;
const GOAL: f64 = 20.0;
const PEOPLE: u128 = 5_000;
/// Every area has as many people; the last one has a tenth of all.
const AREAS: u128 = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let most: i64 = std::env::args()
        .find_map(|text| text.parse().ok())
        .unwrap_or(100_000);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("bench.db").display());
    let store = Store::connect(&url).await.unwrap();
    let mut worst = vec![("SQLite", bench("SQLite", &store, most).await)];
    #[allow(
        clippy::disallowed_methods,
        reason = "the bench command tells where its server is"
    )]
    match std::env::var("LANYARD_TEST_POSTGRES") {
        Err(_) => println!("PostgreSQL: LANYARD_TEST_POSTGRES is not set"),
        Ok(server) => {
            let base = Store::connect(&server).await.unwrap();
            let drop = "DROP DATABASE IF EXISTS activity_bench";
            base.run_for_test(drop).await.unwrap();
            let create = "CREATE DATABASE activity_bench";
            base.run_for_test(create).await.unwrap();
            let (front, query) = server.split_once('?').unwrap_or((&server, ""));
            let front = front.rsplit_once('/').map_or(front, |(front, _)| front);
            let url = format!("{front}/activity_bench?{query}");
            let store = Store::connect(&url).await.unwrap();
            worst.push(("PostgreSQL", bench("PostgreSQL", &store, most).await));
            store.close().await;
            base.run_for_test(drop).await.unwrap();
        }
    }
    println!();
    for (name, median) in worst {
        let what = format!("activity of {most} events on {name}, slowest question");
        let verdict = if median <= GOAL { "met" } else { "MISSED" };
        println!("{what:<62} {median:>6.1} ms    goal: at most {GOAL:.0} ms    {verdict}");
    }
}

async fn bench(name: &str, store: &Store, most: i64) -> f64 {
    store.migrate().await.unwrap();
    let tools = Harness::over(store.clone());
    let organisation = tools.organisation("RX1", "Hollybrook Hospital").await;
    let sam = tools.administrator("rx1", "sam.okoro@nhs.net").await;
    let manager = tools.administrator("rx1", "mia.jones@nhs.net").await;
    let wide = tools.administrator("rx1", "amy.cole@nhs.net").await;
    let mut tx = store.write().await.unwrap();
    people(&mut tx, &tools, organisation).await;
    limit(&mut tx, organisation, &manager, 3).await;
    limit(&mut tx, organisation, &wide, AREAS - 1).await;
    events(&mut tx, organisation, most, &sam).await;
    tx.commit().await.unwrap();
    if name == "PostgreSQL" {
        // What the database does by itself, a minute later.
        store.run_for_test("VACUUM ANALYZE").await.unwrap();
    }
    let (by, rare) = ("by=sam.okoro%40nhs.net", "type=organisation");
    let days = "from-day=1&from-month=12&from-year=2026&to-day=3&to-month=12&to-year=2026";
    let middle = format!("before={}", most / 2);
    let mut worst: f64 = 0.0;
    for (who, actor, query) in [
        ("all", &sam, String::new()),
        ("all", &sam, middle.clone()),
        ("all", &sam, "after=7".to_owned()),
        ("all", &sam, "person=p77".to_owned()),
        ("all", &sam, by.to_owned()),
        ("all", &sam, "by=p5".to_owned()),
        ("all", &sam, rare.to_owned()),
        ("all", &sam, format!("{rare}&{by}")),
        ("all", &sam, format!("type=invitations&{days}")),
        ("all", &sam, days.to_owned()),
        ("all", &sam, format!("type=refusals&{middle}")),
        ("all", &sam, format!("type=refusals&{by}")),
        ("50 people", &manager, String::new()),
        ("50 people", &manager, format!("{middle}&type=access")),
        ("500 people", &wide, String::new()),
        ("500 people", &wide, middle.clone()),
        ("500 people", &wide, format!("type=organisation&{by}")),
    ] {
        let asked = ActivityQuery::parse(&query);
        let mut times = Vec::with_capacity(ROUNDS);
        let mut found = 0;
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let page = tools
                .services
                .activity_page(actor, "rx1", None, &asked)
                .await;
            times.push(started.elapsed().as_secs_f64() * 1e3);
            found = page.unwrap().events.len();
        }
        times.sort_by(f64::total_cmp);
        let median = times[ROUNDS / 2];
        worst = worst.max(median);
        println!("{name:10} {median:7.2} ms  {who:10} {query:60} {found}");
    }
    worst
}

fn id(kind: u128, number: u128) -> Uuid {
    Uuid::from_u128(kind << 100 | number)
}

async fn people(tx: &mut Tx, tools: &Harness, organisation: OrganisationId) {
    let now = tools.services.now();
    let roles = tx.roles(organisation).await.unwrap();
    let viewer = roles.iter().find(|role| role.key == "viewer").unwrap().id;
    let areas: Vec<AreaRow> = (0..AREAS)
        .map(|number| AreaRow {
            id: AreaId::from_uuid(id(1, number)),
            organisation_id: organisation,
            parent_id: None,
            name: format!("Ward {number}"),
            kind: "service area".to_owned(),
            position: 0,
            closed_at: None,
        })
        .collect();
    tx.insert_areas(&areas).await.unwrap();
    for number in 0..PEOPLE {
        let email = format!("p{number}.carlton@nhs.net");
        let user = UserRow::unregistered(UserId::from_uuid(id(2, number)), &email, &email, now);
        tx.insert_user(&user).await.unwrap();
        let mut member = MembershipRow::invited(
            MembershipId::from_uuid(id(3, number)),
            organisation,
            &user,
            now,
            now + TimeDelta::days(7),
        );
        member.status = MembershipStatus::Active;
        tx.insert_memberships(std::slice::from_ref(&member))
            .await
            .unwrap();
        let words = index_words("", "", &email);
        tx.replace_words(organisation, member.id, &words)
            .await
            .unwrap();
        let area = if number % 10 == 0 {
            AREAS - 1
        } else {
            number % AREAS
        };
        tx.insert_assignments(&[AssignmentRow {
            id: AssignmentId::from_uuid(id(4, number)),
            organisation_id: organisation,
            membership_id: member.id,
            role_id: viewer,
            area_id: Some(AreaId::from_uuid(id(1, area))),
            starts_at: None,
            ends_at: None,
            granted_by: None,
            granted_at: now,
        }])
        .await
        .unwrap();
    }
}

/// Limits an administrator to one area.
async fn limit(tx: &mut Tx, organisation: OrganisationId, actor: &Actor, area: u128) {
    let member = tx.membership_of(organisation, actor.user()).await.unwrap();
    let member = member.unwrap().id;
    let held = tx.assignments_of(organisation, member).await.unwrap();
    tx.delete_assignments_of(organisation, member)
        .await
        .unwrap();
    tx.insert_assignments(&[AssignmentRow {
        area_id: Some(AreaId::from_uuid(id(1, area))),
        ..held[0].clone()
    }])
    .await
    .unwrap();
}

/// One administrator did most of it; most of it is about invitations.
async fn events(tx: &mut Tx, organisation: OrganisationId, most: i64, sam: &Actor) {
    let end = tx.audit_chain_end(Some(organisation)).await.unwrap();
    let start = service::testing::morning();
    let mut rows = Vec::new();
    for sequence in end.sequence + 1..=most {
        let number = u128::from(sequence.unsigned_abs());
        let who = number * 7919 % PEOPLE;
        let kind = match sequence % 1_000 {
            0 => "policy_changed",
            1..=300 => "role_assigned",
            _ => "invitation_sent",
        };
        rows.push(AuditEventRow {
            id: AuditEventId::from_uuid(id(5, number)),
            organisation_id: Some(organisation),
            sequence,
            kind: kind.to_owned(),
            actor_id: Some(if sequence % 10 == 0 {
                UserId::from_uuid(id(2, who))
            } else {
                sam.user()
            }),
            actor_name: "Sam Okoro".to_owned(),
            subject_id: Some(UserId::from_uuid(id(2, who))),
            subject_name: format!("P{who} Carlton"),
            details: serde_json::json!({ "role": "Viewer", "areas": ["Ward 1", "Ward 2"], "batch": id(6, number) }),
            request_id: "0123456789abcdef".to_owned(),
            ip: "192.0.2.1".to_owned(),
            method: "password+email".to_owned(),
            at: start + TimeDelta::seconds(sequence * 30),
            previous_hash: vec![0; 32],
            hash: vec![1; 32],
        });
    }
    tx.append_audit(&rows, &[1; 32]).await.unwrap();
}
