//! What an organisation's home shows.

use chrono::TimeDelta;
use domain::{
    MembershipStatus,
    id::{AreaId, AssignmentId, AuditEventId, RoleId},
};
use serde_json::json;
use store::{AssignmentRow, AttentionRow, AuditEventRow, MembershipRow, NewestActivity, Store, Tx};

use crate::harness::{Ward, id, membership, morning, user, ward};

mod on {
    use crate::harness::scenarios;
    scenarios!(
        what_needs_attention_is_counted_to_the_microsecond,
        people_without_a_role_that_holds_are_counted,
        holders_are_those_who_have_the_role_now,
        activity_is_that_of_one_organisation_newest_first,
    );
}

/// Adds a member with number `n`; `change` makes them what the scenario needs.
async fn add(
    tx: &mut Tx,
    ward: &Ward,
    n: u128,
    name: &str,
    status: MembershipStatus,
    change: impl FnOnce(&mut MembershipRow),
) -> MembershipRow {
    let person = user(n, name, "Test");
    tx.insert_user(&person).await.unwrap();
    let mut row = membership(n + 500, ward.organisation, &person, status);
    change(&mut row);
    tx.insert_memberships(std::slice::from_ref(&row))
        .await
        .unwrap();
    row
}

fn assignment(
    n: u128,
    member: &MembershipRow,
    role: RoleId,
    area: Option<AreaId>,
) -> AssignmentRow {
    AssignmentRow {
        id: AssignmentId::from_uuid(id(n)),
        organisation_id: member.organisation_id,
        membership_id: member.id,
        role_id: role,
        area_id: area,
        starts_at: None,
        ends_at: None,
        granted_by: None,
        granted_at: morning(),
    }
}

/// B20, J11: an invitation that ends at this moment has ended; R69: somebody limited to areas
/// counts the people of these areas.
async fn what_needs_attention_is_counted_to_the_microsecond(store: Store) {
    let (one, two) = (ward(&store, 1).await, ward(&store, 2).await);
    let now = morning();
    let soon = now + TimeDelta::days(2);
    let instant = TimeDelta::microseconds(1);
    let mut tx = store.write().await.unwrap();
    let pending = MembershipStatus::Pending;
    let ends = [now - instant, now, now + instant, soon, soon + instant];
    for (n, end) in (10..).zip(ends) {
        let row = add(&mut tx, &one, n, &format!("P{n}"), pending, |row| {
            row.invitation_expires_at = Some(end);
        })
        .await;
        if end == now || end == soon {
            let area = (end == now).then_some(one.inner_area);
            tx.insert_assignments(&[assignment(n + 700, &row, one.viewer, area)])
                .await
                .unwrap();
        }
    }
    let failed = add(&mut tx, &one, 20, "Failed", pending, |row| {
        row.invitation_expires_at = Some(soon);
        row.delivery_failed_at = Some(now);
    })
    .await;
    tx.insert_assignments(&[assignment(720, &failed, one.viewer, Some(one.area))])
        .await
        .unwrap();
    add(
        &mut tx,
        &one,
        21,
        "Left",
        MembershipStatus::Cancelled,
        |row| {
            row.invitation_expires_at = Some(now);
            row.delivery_failed_at = Some(now);
        },
    )
    .await;
    let organisation = one.organisation;
    let whole = tx.count_attention(organisation, None, now, soon).await;
    let expected = AttentionRow {
        ending: 2,
        expired: 2,
        email_failed: 1,
    };
    assert_eq!(whole.unwrap(), expected);
    let areas = [one.area, one.inner_area];
    let within = tx
        .count_attention(organisation, Some(&areas), now, soon)
        .await;
    let expected = AttentionRow {
        ending: 0,
        expired: 1,
        email_failed: 1,
    };
    assert_eq!(within.unwrap(), expected);
    for (organisation, areas) in [
        (organisation, Some(&[][..])),
        (two.organisation, None),
        (two.organisation, Some(&areas[..])),
    ] {
        let none = tx.count_attention(organisation, areas, now, soon).await;
        assert_eq!(none.unwrap(), AttentionRow::default());
    }
}

async fn people_without_a_role_that_holds_are_counted(store: Store) {
    let (one, two) = (ward(&store, 1).await, ward(&store, 2).await);
    let now = morning();
    let mut tx = store.write().await.unwrap();
    let active = MembershipStatus::Active;
    let mut rows = Vec::new();
    for (n, name) in (10..).zip(["None", "Ended", "Later", "Now"]) {
        rows.push(add(&mut tx, &one, n, name, active, |_| ()).await);
    }
    add(
        &mut tx,
        &one,
        20,
        "Pending",
        MembershipStatus::Pending,
        |_| (),
    )
    .await;
    let later = now + TimeDelta::days(1);
    tx.insert_assignments(&[
        AssignmentRow {
            ends_at: Some(now),
            ..assignment(701, &rows[1], one.viewer, None)
        },
        AssignmentRow {
            starts_at: Some(later),
            ..assignment(702, &rows[2], one.viewer, None)
        },
        assignment(703, &rows[3], one.viewer, Some(one.area)),
    ])
    .await
    .unwrap();
    let count = tx.count_without_role(one.organisation, now).await.unwrap();
    assert_eq!(count, 2);
    let count = tx.count_without_role(two.organisation, now).await.unwrap();
    assert_eq!(count, 0);
}

async fn holders_are_those_who_have_the_role_now(store: Store) {
    let (one, two) = (ward(&store, 1).await, ward(&store, 2).await);
    let now = morning();
    let mut tx = store.write().await.unwrap();
    let active = MembershipStatus::Active;
    let admin = one.administrator;
    let zoe = add(&mut tx, &one, 10, "Zoe", active, |_| ()).await;
    let amy = add(&mut tx, &one, 11, "Amy", active, |_| ()).await;
    let bob = add(&mut tx, &one, 12, "Bob", MembershipStatus::Inactive, |_| ()).await;
    let cat = add(&mut tx, &one, 13, "Cat", active, |_| ()).await;
    let dan = add(&mut tx, &one, 14, "Dan", active, |_| ()).await;
    tx.insert_assignments(&[
        assignment(701, &zoe, admin, None),
        assignment(702, &amy, admin, Some(one.area)),
        assignment(703, &bob, admin, None),
        assignment(704, &cat, one.viewer, None),
        AssignmentRow {
            starts_at: Some(now + TimeDelta::microseconds(1)),
            ..assignment(705, &dan, admin, None)
        },
        AssignmentRow {
            ends_at: Some(now),
            ..assignment(706, &cat, admin, None)
        },
    ])
    .await
    .unwrap();
    let found = tx.holders(one.organisation, &[admin], now, 10).await;
    let found: Vec<_> = found
        .unwrap()
        .into_iter()
        .map(|row| (row.first_name, row.area_id))
        .collect();
    let expected = [("Zoe".to_owned(), None), ("Amy".to_owned(), Some(one.area))];
    assert_eq!(found, expected);
    let first = tx.holders(one.organisation, &[admin], now, 1).await;
    assert_eq!(first.unwrap().len(), 1);
    let none = tx.holders(one.organisation, &[], now, 10).await;
    assert_eq!(none.unwrap(), []);
    let elsewhere = tx.holders(two.organisation, &[admin], now, 10).await;
    assert_eq!(elsewhere.unwrap(), []);
}

/// R65: the events of one organisation are not those of another. What was done to many at once is not told
/// one by one.
async fn activity_is_that_of_one_organisation_newest_first(store: Store) {
    let (one, two) = (ward(&store, 1).await, ward(&store, 2).await);
    let mut tx = store.write().await.unwrap();
    for ward in [&one, &two] {
        let events = [
            ("batch_finished", "batch"),
            ("invitation_sent", "password"),
            ("invitation_cancelled", "password"),
            ("invitation_cancelled", "bulk"),
        ];
        for (number, (kind, method)) in (1_i64..).zip(events) {
            tx.audit_chain_end(Some(ward.organisation)).await.unwrap();
            tx.append_audit(
                &[AuditEventRow {
                    id: AuditEventId::from_uuid(id(ward.organisation.uuid().as_u128()
                        + 50
                        + u128::from(number.unsigned_abs()))),
                    organisation_id: Some(ward.organisation),
                    sequence: number,
                    kind: kind.to_owned(),
                    actor_id: None,
                    actor_name: "Sam Okoro".to_owned(),
                    subject_id: None,
                    subject_name: "Jane".to_owned(),
                    details: json!({ "role": "Viewer" }),
                    request_id: "r".to_owned(),
                    ip: "127.0.0.1".to_owned(),
                    method: method.to_owned(),
                    at: morning() + TimeDelta::minutes(number),
                    previous_hash: vec![0; 32],
                    hash: vec![1; 32],
                }],
                &[1; 32],
            )
            .await
            .unwrap();
        }
    }
    let wanted = NewestActivity {
        kinds: &["batch_finished"],
        one_by_one: &["invitation_cancelled"],
        together: &["batch", "bulk"],
    };
    let found = tx
        .newest_activity(one.organisation, &wanted, 5)
        .await
        .unwrap();
    let kinds: Vec<&str> = found.iter().map(|row| row.kind.as_str()).collect();
    assert_eq!(kinds, ["invitation_cancelled", "batch_finished"]);
    assert_eq!(found[0].at, morning() + TimeDelta::minutes(3));
    assert_eq!(found[0].details["role"], "Viewer");
    let newest = tx.newest_activity(one.organisation, &wanted, 1).await;
    assert_eq!(newest.unwrap().len(), 1);
    let nothing = NewestActivity {
        kinds: &[],
        one_by_one: &[],
        ..wanted
    };
    let none = tx.newest_activity(one.organisation, &nothing, 5).await;
    assert!(none.unwrap().is_empty());
}
