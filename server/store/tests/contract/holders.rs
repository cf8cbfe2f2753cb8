//! Who has a role.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    MembershipStatus,
    id::{AreaId, AssignmentId, MembershipId, RoleId},
};
use store::{AssignmentRow, MembershipRow, RoleCountRow, RoleHolderRow, Store, Tx};

use crate::harness::{Ward, id, membership, morning, user, ward};

mod on {
    use crate::harness::scenarios;
    scenarios!(
        those_who_have_a_role_now_are_counted_and_named,
        places_have_holders,
    );
}

struct Person<'a> {
    name: &'a str,
    status: MembershipStatus,
    expires: Option<DateTime<Utc>>,
    role: RoleId,
    area: Option<AreaId>,
    starts: Option<DateTime<Utc>>,
    ends: Option<DateTime<Utc>>,
}

fn person(name: &str, role: RoleId) -> Person<'_> {
    Person {
        name,
        status: MembershipStatus::Active,
        expires: None,
        role,
        area: None,
        starts: None,
        ends: None,
    }
}

/// Adds people with numbers from 100 on; returns their memberships.
async fn add(tx: &mut Tx, ward: &Ward, people: &[Person<'_>]) -> Vec<MembershipId> {
    let mut members = Vec::new();
    for (n, person) in (100..).zip(people) {
        let account = user(n, person.name, "Test");
        tx.insert_user(&account).await.unwrap();
        let row = MembershipRow {
            invitation_expires_at: person.expires,
            ..membership(n + 500, ward.organisation, &account, person.status)
        };
        tx.insert_memberships(std::slice::from_ref(&row))
            .await
            .unwrap();
        let given = AssignmentRow {
            id: AssignmentId::from_uuid(id(n)),
            organisation_id: ward.organisation,
            membership_id: row.id,
            role_id: person.role,
            area_id: person.area,
            starts_at: person.starts,
            ends_at: person.ends,
            granted_by: None,
            granted_at: morning(),
        };
        tx.insert_assignments(&[given]).await.unwrap();
        members.push(row.id);
    }
    members
}

fn names(rows: &[RoleHolderRow]) -> Vec<&str> {
    rows.iter().map(|row| row.first_name.as_str()).collect()
}

/// G: Active and Pending people whose role holds now, of one organisation, within areas or anywhere.
async fn those_who_have_a_role_now_are_counted_and_named(store: Store) {
    let (one, two) = (ward(&store, 1).await, ward(&store, 2).await);
    let now = morning();
    let moment = TimeDelta::microseconds(1);
    let viewer = |name| person(name, one.viewer);
    let mut tx = store.write().await.unwrap();
    add(
        &mut tx,
        &one,
        &[
            viewer("Zoe"),
            Person {
                area: Some(one.area),
                ..viewer("Adam")
            },
            Person {
                status: MembershipStatus::Pending,
                expires: Some(now + moment),
                ..viewer("Bea")
            },
            Person {
                status: MembershipStatus::Pending,
                expires: Some(now),
                ..viewer("Expired")
            },
            Person {
                status: MembershipStatus::Inactive,
                ..viewer("Gone")
            },
            Person {
                starts: Some(now + moment),
                ..viewer("Later")
            },
            Person {
                ends: Some(now),
                ..viewer("Ended")
            },
            Person {
                starts: Some(now),
                ends: Some(now + moment),
                area: Some(one.inner_area),
                ..viewer("Carl")
            },
            person("Other", one.administrator),
        ],
    )
    .await;
    let count = tx.count_role(one.organisation, one.viewer, now).await;
    let expected = RoleCountRow {
        active: 3,
        invited: 1,
    };
    assert_eq!(count.unwrap(), expected);
    let mut holders = async |areas: &[AreaId], most| {
        let rows = tx.role_holders(one.organisation, one.viewer, areas, now, most);
        rows.await.unwrap()
    };
    let all = holders(&[], 10).await;
    assert_eq!(names(&all), ["Adam", "Bea", "Carl", "Zoe"]);
    assert_eq!(all[1].status, MembershipStatus::Pending);
    assert_eq!(all[1].invitation_expires_at, Some(now + moment));
    assert_eq!(names(&holders(&[], 2).await), ["Adam", "Bea"]);
    assert_eq!(names(&holders(&[one.area], 10).await), ["Adam"]);
    let both = [one.area, one.inner_area];
    assert_eq!(names(&holders(&both, 10).await), ["Adam", "Carl"]);
    // R65: a role under another organisation's name has nobody.
    let elsewhere = tx.role_holders(two.organisation, one.viewer, &[], now, 10);
    assert!(elsewhere.await.unwrap().is_empty());
    let count = tx.count_role(two.organisation, one.viewer, now).await;
    assert_eq!(count.unwrap(), RoleCountRow::default());
}

/// J25, J27: those who hold the places are those who are counted as using them.
async fn places_have_holders(store: Store) {
    let ward = ward(&store, 1).await;
    let now = morning();
    let administrator = |name| person(name, ward.administrator);
    let mut tx = store.write().await.unwrap();
    let people = [
        administrator("Sam"),
        Person {
            status: MembershipStatus::Pending,
            expires: Some(now + TimeDelta::days(1)),
            ..administrator("Amy")
        },
        person("Viv", ward.viewer),
    ];
    let members = add(&mut tx, &ward, &people).await;
    for member in &members[..2] {
        let claimed = tx.claim_seat(ward.organisation, ward.administrator, *member, now);
        assert!(claimed.await.unwrap());
    }
    for (later, expected) in [(0, vec!["Amy", "Sam"]), (1, vec!["Sam"])] {
        let then = now + TimeDelta::days(later);
        let rows = tx.seat_holders(ward.organisation, ward.administrator, then);
        assert_eq!(names(&rows.await.unwrap()), expected);
        let used = tx.seats_used(ward.organisation, then).await.unwrap();
        assert_eq!(used[0].1, i64::try_from(expected.len()).unwrap());
    }
}
