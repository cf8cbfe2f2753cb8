//! Activity: audit events by person, kind, time and area, page by page, against the rule.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    MembershipStatus,
    id::{AssignmentId, AuditEventId, MembershipId, UserId},
    search::index_words,
};
use store::{
    ActivityEventRow, ActivityPlace, ActivityQuery, AssignmentRow, AuditEventRow, ListReach, Store,
    Tx,
};

use crate::harness::{Ward, id, membership, morning, user, ward};

mod on {
    use crate::harness::scenarios;
    scenarios! {
        /// J1: every filter, alone and with the others, newest first and page by page.
        every_page_of_activity_is_what_was_asked_for,
        /// R65: one organisation's events are never on another's page.
        activity_stays_in_its_organisation,
        /// R106: areas hold the events about people in them, however many those are.
        an_area_has_the_activity_of_its_people,
        /// A19: people are found by the beginnings of their words.
        people_are_found_for_a_filter,
    }
}

const KINDS: [&str; 4] = [
    "invitation_sent",
    "invitation_cancelled",
    "role_assigned",
    "users_exported",
];

fn person(n: u128) -> UserId {
    UserId::from_uuid(id(n))
}

/// Event `n` of an organisation; who, what and when are made from its number. Some happen at the
/// same moment, and some have a time before that of an earlier number.
fn event(ward: &Ward, n: i64) -> AuditEventRow {
    let number = n.unsigned_abs();
    let of = |people: u64| {
        (!number.is_multiple_of(people)).then(|| person(u128::from(100 + number % people)))
    };
    AuditEventRow {
        id: AuditEventId::from_uuid(id(
            ward.organisation.uuid().as_u128() * 1_000_000 + u128::from(number)
        )),
        organisation_id: Some(ward.organisation),
        sequence: n,
        kind: KINDS[usize::try_from(number * 7 % 11 % 4).unwrap()].to_owned(),
        actor_id: of(3),
        actor_name: "Sam Okoro".to_owned(),
        subject_id: of(5),
        subject_name: "Jane".to_owned(),
        details: serde_json::json!({ "n": n }),
        request_id: "r".to_owned(),
        ip: "127.0.0.1".to_owned(),
        method: "password".to_owned(),
        at: morning() + TimeDelta::hours(n / 2 - if n % 10 == 0 { 3 } else { 0 }),
        previous_hash: vec![0; 32],
        hash: vec![1; 32],
    }
}

async fn record(store: &Store, ward: &Ward, events: i64) -> Vec<AuditEventRow> {
    let rows: Vec<_> = (1..=events).map(|n| event(ward, n)).collect();
    let mut tx = store.write().await.unwrap();
    tx.audit_chain_end(Some(ward.organisation)).await.unwrap();
    tx.append_audit(&rows, &[1; 32]).await.unwrap();
    tx.commit().await.unwrap();
    rows
}

fn everything(ward: &Ward) -> ActivityQuery {
    ActivityQuery {
        organisation: ward.organisation,
        reach: ListReach::Whole,
        subjects: None,
        actors: None,
        kinds: None,
        from: None,
        to: None,
        place: ActivityPlace::Newest,
        limit: 7,
    }
}

/// The numbers of the events that match, newest first: the rule, without an index.
fn expected(rows: &[AuditEventRow], query: &ActivityQuery) -> Vec<i64> {
    let among = |wanted: &Option<Vec<UserId>>, who: Option<UserId>| {
        wanted
            .as_ref()
            .is_none_or(|wanted| who.is_some_and(|who| wanted.contains(&who)))
    };
    let mut found: Vec<(DateTime<Utc>, i64)> = rows
        .iter()
        .filter(|row| among(&query.subjects, row.subject_id))
        .filter(|row| among(&query.actors, row.actor_id))
        .filter(|row| {
            let kinds = query.kinds.as_ref();
            kinds.is_none_or(|kinds| kinds.contains(&row.kind.as_str()))
        })
        .filter(|row| query.from.is_none_or(|from| row.at >= from))
        .filter(|row| query.to.is_none_or(|to| row.at < to))
        .map(|row| (row.at, row.sequence))
        .collect();
    found.sort_unstable();
    found.reverse();
    found.into_iter().map(|(_, sequence)| sequence).collect()
}

fn numbers(rows: &[ActivityEventRow]) -> Vec<i64> {
    rows.iter().map(|row| row.sequence).collect()
}

/// All pages from the newest to the oldest, and back.
async fn pages(tx: &mut Tx, query: &ActivityQuery) -> Vec<i64> {
    let mut found = Vec::new();
    let mut query = query.clone();
    loop {
        let page = numbers(&tx.activity(&query).await.unwrap());
        let Some(last) = page.last() else { break };
        query.place = ActivityPlace::Before(*last);
        found.extend(page);
    }
    if let Some(oldest) = found.last() {
        let mut back = vec![*oldest];
        query.place = ActivityPlace::After(*oldest);
        loop {
            let page = numbers(&tx.activity(&query).await.unwrap());
            let Some(first) = page.first() else { break };
            query.place = ActivityPlace::After(*first);
            back.splice(0..0, page);
        }
        assert_eq!(back, found, "{query:?}");
    }
    found
}

async fn every_page_of_activity_is_what_was_asked_for(store: Store) {
    let ward = ward(&store, 1).await;
    let rows = record(&store, &ward, 60).await;
    let mut tx = store.read().await.unwrap();
    let people = |numbers: &[u128]| Some(numbers.iter().copied().map(person).collect());
    let hours = |hours| Some(morning() + TimeDelta::hours(hours));
    for subjects in [None, people(&[101]), people(&[101, 103, 999]), people(&[])] {
        for actors in [None, people(&[102]), people(&[101, 102]), people(&[999])] {
            for kinds in [
                None,
                Some(vec![KINDS[1]]),
                Some(vec![KINDS[0], KINDS[3], "never"]),
            ] {
                for (from, to) in [
                    (None, None),
                    (hours(5), None),
                    (None, hours(20)),
                    (hours(5), hours(20)),
                ] {
                    let query = ActivityQuery {
                        subjects: subjects.clone(),
                        actors: actors.clone(),
                        kinds: kinds.clone(),
                        from,
                        to,
                        ..everything(&ward)
                    };
                    let found = pages(&mut tx, &query).await;
                    assert_eq!(found, expected(&rows, &query), "{query:?}");
                }
            }
        }
    }
    let newest = tx.activity(&everything(&ward)).await.unwrap();
    assert_eq!(newest.len(), 7);
    assert_eq!(newest[0].details["n"], newest[0].sequence);
    // An address that somebody changed leads to the newest.
    let nowhere = ActivityQuery {
        place: ActivityPlace::Before(10_000),
        ..everything(&ward)
    };
    let found = tx.activity(&nowhere).await.unwrap();
    assert_eq!(numbers(&found), numbers(&newest));
}

async fn activity_stays_in_its_organisation(store: Store) {
    let (one, two) = (ward(&store, 1).await, ward(&store, 2).await);
    record(&store, &one, 9).await;
    let mut tx = store.read().await.unwrap();
    for query in [
        everything(&two),
        ActivityQuery {
            subjects: Some(vec![person(101)]),
            ..everything(&two)
        },
        ActivityQuery {
            actors: Some(vec![person(101)]),
            ..everything(&two)
        },
        ActivityQuery {
            kinds: Some(KINDS.to_vec()),
            ..everything(&two)
        },
        ActivityQuery {
            reach: ListReach::Areas(vec![one.area]),
            ..everything(&two)
        },
    ] {
        assert!(tx.activity(&query).await.unwrap().is_empty(), "{query:?}");
    }
}

/// Adds a member with a role in an area.
async fn add(tx: &mut Tx, ward: &Ward, n: u128, area: domain::id::AreaId) {
    let row = user(n, &format!("P{n}"), "Carlton");
    tx.insert_user(&row).await.unwrap();
    let member = membership(n, ward.organisation, &row, MembershipStatus::Active);
    tx.insert_memberships(std::slice::from_ref(&member))
        .await
        .unwrap();
    let words = index_words(&row.first_name, &row.last_name, &row.email);
    tx.replace_words(ward.organisation, member.id, &words)
        .await
        .unwrap();
    tx.insert_assignments(&[AssignmentRow {
        id: AssignmentId::from_uuid(id(n)),
        organisation_id: ward.organisation,
        membership_id: MembershipId::from_uuid(id(n)),
        role_id: ward.viewer,
        area_id: Some(area),
        starts_at: None,
        ends_at: None,
        granted_by: None,
        granted_at: morning(),
    }])
    .await
    .unwrap();
}

async fn an_area_has_the_activity_of_its_people(store: Store) {
    let ward = ward(&store, 1).await;
    let rows = record(&store, &ward, 40).await;
    let mut tx = store.write().await.unwrap();
    add(&mut tx, &ward, 101, ward.area).await;
    add(&mut tx, &ward, 102, ward.inner_area).await;
    tx.commit().await.unwrap();
    let within = |areas: Vec<_>| ActivityQuery {
        reach: ListReach::Areas(areas),
        ..everything(&ward)
    };
    let about = |people: &[u128]| {
        expected(
            &rows,
            &ActivityQuery {
                subjects: Some(people.iter().copied().map(person).collect()),
                ..everything(&ward)
            },
        )
    };
    // Few people are looked up; of many, the newest events are looked through.
    for crowd in [0, 320] {
        let mut tx = store.write().await.unwrap();
        for n in 0..crowd {
            add(&mut tx, &ward, 5_000 + n, ward.inner_area).await;
        }
        tx.commit().await.unwrap();
        let mut tx = store.read().await.unwrap();
        let found = pages(&mut tx, &within(vec![ward.area])).await;
        assert_eq!(found, about(&[101, 102]));
        let found = pages(&mut tx, &within(vec![ward.inner_area])).await;
        assert_eq!(found, about(&[102]));
        let found = pages(&mut tx, &within(vec![ward.area, ward.inner_area])).await;
        assert_eq!(found, about(&[101, 102]));
        assert!(pages(&mut tx, &within(Vec::new())).await.is_empty());
        let one = ActivityQuery {
            subjects: Some(vec![person(102), person(103)]),
            ..within(vec![ward.area])
        };
        assert_eq!(pages(&mut tx, &one).await, about(&[102]));
        let outside = ActivityQuery {
            subjects: Some(vec![person(103)]),
            ..within(vec![ward.area])
        };
        assert!(pages(&mut tx, &outside).await.is_empty());
        let kinds = ActivityQuery {
            kinds: Some(KINDS.to_vec()),
            ..within(vec![ward.area])
        };
        assert_eq!(pages(&mut tx, &kinds).await, about(&[101, 102]));
    }
}

async fn people_are_found_for_a_filter(store: Store) {
    let (one, two) = (ward(&store, 1).await, ward(&store, 2).await);
    let mut tx = store.write().await.unwrap();
    for n in 101..104 {
        add(&mut tx, &one, n, one.area).await;
    }
    add(&mut tx, &two, 105, two.area).await;
    let words = |words: &[&str]| {
        words
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<Vec<_>>()
    };
    let organisation = one.organisation;
    let carl = words(&["carl"]);
    let all = tx.people_with_words(organisation, &carl, 9).await.unwrap();
    assert_eq!(all, [person(101), person(102), person(103)]);
    let both = words(&["carl", "p102"]);
    let found = tx.people_with_words(organisation, &both, 9).await.unwrap();
    assert_eq!(found, [person(102)]);
    let some = tx.people_with_words(organisation, &carl, 2).await.unwrap();
    assert_eq!(some.len(), 2);
    let nobody = words(&["p105"]);
    let found = tx.people_with_words(organisation, &nobody, 9).await;
    assert!(found.unwrap().is_empty());
}
