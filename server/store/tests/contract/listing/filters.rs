//! Filters by dates, second factors and clinicians.

use chrono::TimeDelta;
use domain::{MembershipStatus, SecondFactorKind, listing::Codes};
use store::{KeptCounts, ListReach, MemberQuery, Store};

use super::{
    model::{Person, add, assignments, everybody},
    names,
};
use crate::harness::{morning, ward};

mod on {
    use crate::harness::scenarios;
    scenarios! {
        /// D1, R65.
        other_filters_find_who_they_say,
    }
}

async fn other_filters_find_who_they_say(store: Store) {
    use MembershipStatus::{Active, Inactive, Pending};
    let ward = ward(&store, 1).await;
    let now = morning();
    let cutoff = now - TimeDelta::days(60);
    let week = now + TimeDelta::days(2);
    let instant = TimeDelta::microseconds(1);
    let named = ["ann", "ben", "cat", "dan", "eve"];
    let mut people: Vec<Person> = named
        .iter()
        .zip((2_000_u128..).step_by(10))
        .map(|(name, n)| Person::new(&ward, n, name, "x", &format!("{name}@nhs.net"), Active))
        .collect();
    let signed_in = [
        Some(cutoff + instant),
        Some(cutoff),
        Some(now),
        None,
        Some(cutoff),
    ];
    let ends = [week, week + instant, now, now + instant, week];
    for (n, person) in people.iter_mut().enumerate() {
        person.row.last_signed_in_at = signed_in[n];
        person.ends = Some(ends[n]);
        person.codes = n % 2 == 0;
        person.row.details.clinician = (n > 1).then_some(n < 4);
        person.roles = vec![(ward.viewer, Some([ward.inner_area, ward.area][n % 2]))];
    }
    people[2].row.status = Inactive;
    people[4].row.status = Pending;
    // A role that is held elsewhere ends later.
    people[0].roles.push((ward.administrator, None));
    add(&store, &people).await;
    let all = || everybody(ward.organisation);
    let until = MemberQuery {
        signed_in_until: Some(cutoff),
        ..all()
    };
    let never = MemberQuery {
        never_signed_in: true,
        ..all()
    };
    let ending = MemberQuery {
        ends_until: Some(week),
        ..all()
    };
    let codes = |codes: &[Codes]| MemberQuery {
        codes: codes.to_vec(),
        ..all()
    };
    let clinicians = MemberQuery {
        clinicians: true,
        ..all()
    };
    for (query, found) in [
        (until.clone(), &["ben", "eve"][..]),
        (never.clone(), &["dan"]),
        (
            MemberQuery {
                never_signed_in: true,
                ..until.clone()
            },
            &["ben", "dan", "eve"],
        ),
        // From just after now to the end itself.
        (ending.clone(), &["ann", "dan", "eve"]),
        // Whoever has not joined is not told about.
        (codes(&[Codes::On]), &["ann", "cat"]),
        (codes(&[Codes::Off]), &["ben", "dan"]),
        (
            codes(&[Codes::On, Codes::Off]),
            &["ann", "ben", "cat", "dan"],
        ),
        (clinicians.clone(), &["cat", "dan"]),
        (
            MemberQuery {
                codes: vec![Codes::Off],
                clinicians: true,
                never_signed_in: true,
                ends_until: Some(week),
                ..all()
            },
            &["dan"],
        ),
    ] {
        assert_eq!(names(&store, &query).await, found, "{query:?}");
    }
    // Within reach, only what is held there.
    let within = |area, query: &MemberQuery| MemberQuery {
        reach: ListReach::Areas(vec![area]),
        ..query.clone()
    };
    let inner = ward.inner_area;
    assert_eq!(names(&store, &within(inner, &ending)).await, ["ann", "eve"]);
    people[0].roles.reverse();
    let mut tx = store.write().await.unwrap();
    tx.delete_assignments_of(ward.organisation, people[0].row.id)
        .await
        .unwrap();
    tx.insert_assignments(&assignments(&people[0]))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(names(&store, &ending).await, ["ann", "dan", "eve"]);
    assert_eq!(names(&store, &within(inner, &ending)).await, ["eve"]);
    assert_eq!(
        names(&store, &within(ward.area, &ending)).await,
        ["dan", "eve"]
    );
    assert_eq!(
        names(&store, &within(inner, &codes(&[Codes::On]))).await,
        ["ann", "cat"]
    );
    // What changes is found as it is, and counted.
    let mut tx = store.write().await.unwrap();
    tx.put_second_factor(&people[1].factor()).await.unwrap();
    tx.put_second_factor(&people[1].factor()).await.unwrap();
    assert!(
        tx.delete_second_factor(people[0].user.id, SecondFactorKind::Email)
            .await
            .unwrap()
    );
    people[4].row.status = Active;
    people[2].row.status = MembershipStatus::Cancelled;
    people[3].row.details.clinician = None;
    people[1].row.details.clinician = Some(true);
    for person in &people[1..] {
        tx.update_membership(&person.row).await.unwrap();
    }
    tx.set_last_signed_in(ward.organisation, people[3].user.id, cutoff)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(names(&store, &never).await, [""; 0]);
    assert_eq!(
        names(&store, &within(ward.area, &until)).await,
        ["ben", "dan", "eve"]
    );
    assert_eq!(names(&store, &codes(&[Codes::On])).await, ["ben", "eve"]);
    assert_eq!(names(&store, &codes(&[Codes::Off])).await, ["ann", "dan"]);
    assert_eq!(names(&store, &clinicians).await, ["ben", "cat"]);
    let mut tx = store.read().await.unwrap();
    let kept = KeptCounts::default();
    let counts = tx.member_counts(ward.organisation, &ListReach::Whole, now, &kept);
    let counts = counts.await.unwrap();
    assert_eq!(counts.current_with_codes(Codes::On), 2);
    assert_eq!(counts.current_with_codes(Codes::Off), 2);
    assert_eq!(counts.current_clinicians(), 1);
    for query in [
        &until,
        &never,
        &ending,
        &codes(&[Codes::Off]),
        &clinicians,
        &all(),
    ] {
        let page = tx.list_members(query, &counts).await.unwrap();
        let counted = tx.count_members(query, &counts).await.unwrap();
        assert_eq!(counted, (page.total, page.more));
    }
    drop(tx);
    assert_eq!(broken(&store).await, Vec::<String>::new());
}

/// Whatever was kept beside the members is right, apart from what people in a test do not have.
async fn broken(store: &Store) -> Vec<String> {
    let mut tx = store.read().await.unwrap();
    let mut broken = tx.broken_invariants(morning()).await.unwrap();
    broken.retain(|what| what.starts_with("I11"));
    broken
}
