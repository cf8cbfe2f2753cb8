//! Changes that can be taken back, and what a change of roles needs.

use chrono::TimeDelta;
use domain::{
    MembershipStatus,
    id::{AssignmentId, ChangeId, InvitationId},
    invitation::{Delivery, InvitationStatus},
    membership::ChangedThing,
};
use serde_json::json;
use store::{AssignmentRow, ChangeRow, InvitationRow, MembershipRow, Store, UserRow};

use crate::harness::{Ward, id, membership, morning, user, ward};

mod on {
    use crate::harness::scenarios;
    scenarios!(
        the_newest_change_that_stands_can_be_taken_back,
        lasting_holders_are_counted,
        roles_are_replaced_with_their_seats,
        a_role_that_has_ended_frees_its_seat,
        what_somebody_sent_and_waits_is_counted,
    );
}

async fn member(store: &Store, ward: &Ward, n: u128) -> (UserRow, MembershipRow) {
    let mut tx = store.write().await.unwrap();
    let person = user(n, &format!("Jane{n}"), "Carlton");
    tx.insert_user(&person).await.unwrap();
    let member = membership(n + 1, ward.organisation, &person, MembershipStatus::Active);
    tx.insert_memberships(std::slice::from_ref(&member))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    (person, member)
}

fn assignment(ward: &Ward, member: &MembershipRow, n: u128) -> AssignmentRow {
    AssignmentRow {
        id: AssignmentId::from_uuid(id(n)),
        organisation_id: ward.organisation,
        membership_id: member.id,
        role_id: ward.administrator,
        area_id: None,
        starts_at: None,
        ends_at: None,
        granted_by: None,
        granted_at: morning(),
    }
}

/// ux 6.5: of each thing the newest change that stands, once, and only where it belongs.
async fn the_newest_change_that_stands_can_be_taken_back(store: Store) {
    let here = ward(&store, 1).await;
    let other = ward(&store, 2).await;
    let (person, member) = member(&store, &here, 10).await;
    let row = |n, thing, minutes| ChangeRow {
        id: ChangeId::from_uuid(id(n)),
        organisation_id: here.organisation,
        membership_id: member.id,
        thing,
        state_before: json!({ "n": n.to_string() }),
        reason: "On leave".to_owned(),
        message_id: None,
        changed_by: Some(person.id),
        changed_at: morning() + TimeDelta::minutes(minutes),
        undone_at: None,
    };
    let mut tx = store.write().await.unwrap();
    let (first, second) = (
        row(21, ChangedThing::Status, 0),
        row(22, ChangedThing::Status, 1),
    );
    let other_thing = row(23, ChangedThing::Access, 2);
    let cancelled = row(24, ChangedThing::Invitation, 3);
    tx.insert_changes(&[
        first.clone(),
        second.clone(),
        other_thing,
        cancelled.clone(),
    ])
    .await
    .unwrap();
    let organisation = here.organisation;
    let found = tx.change(organisation, first.id).await.unwrap().unwrap();
    assert_eq!(found.state_before, first.state_before);
    assert_eq!(found.reason, "On leave");
    assert!(
        tx.change(other.organisation, first.id)
            .await
            .unwrap()
            .is_none()
    );
    let newest = async |tx: &mut store::Tx, thing| {
        let row = tx.newest_change(organisation, member.id, thing).await;
        row.unwrap().map(|row| row.id)
    };
    let status = ChangedThing::Status;
    assert_eq!(newest(&mut tx, status).await, Some(second.id));
    assert_eq!(newest(&mut tx, ChangedThing::Details).await, None);
    let invitation = ChangedThing::Invitation;
    assert_eq!(newest(&mut tx, invitation).await, Some(cancelled.id));
    assert!(
        !tx.undo_change(other.organisation, second.id, morning())
            .await
            .unwrap()
    );
    assert!(
        tx.undo_change(organisation, second.id, morning())
            .await
            .unwrap()
    );
    assert!(
        !tx.undo_change(organisation, second.id, morning())
            .await
            .unwrap()
    );
    assert_eq!(newest(&mut tx, status).await, Some(first.id));
    let newest = tx
        .newest_change(other.organisation, member.id, status)
        .await;
    assert!(newest.unwrap().is_none());
}

/// R71: who can still manage when somebody goes.
async fn lasting_holders_are_counted(store: Store) {
    let here = ward(&store, 1).await;
    let (_, lasting) = member(&store, &here, 10).await;
    let (_, ending) = member(&store, &here, 20).await;
    let (_, limited) = member(&store, &here, 30).await;
    let (_, later) = member(&store, &here, 40).await;
    let now = morning();
    let mut rows = [&lasting, &ending, &limited, &later]
        .map(|member| assignment(&here, member, member.id.uuid().as_u128() + 100));
    rows[1].ends_at = Some(now + TimeDelta::days(9));
    rows[2].area_id = Some(here.area);
    rows[3].starts_at = Some(now + TimeDelta::days(1));
    let mut tx = store.write().await.unwrap();
    tx.insert_assignments(&rows).await.unwrap();
    for (at, expected) in [(now, 1), (now + TimeDelta::days(1), 2)] {
        let roles = [here.administrator];
        let count = tx.count_lasting_holders(here.organisation, &roles, at);
        assert_eq!(count.await.unwrap(), expected);
    }
    let viewer = [here.viewer];
    let count = tx.count_lasting_holders(here.organisation, &viewer, now);
    assert_eq!(count.await.unwrap(), 0);
    let none = tx.count_lasting_holders(here.organisation, &[], now);
    assert_eq!(none.await.unwrap(), 0);
}

/// J39, I3: a member has exactly what they are given, and gives a seat back with the role.
async fn roles_are_replaced_with_their_seats(store: Store) {
    let here = ward(&store, 1).await;
    let other = ward(&store, 2).await;
    let (_, member) = member(&store, &here, 10).await;
    let organisation = here.organisation;
    let mut tx = store.write().await.unwrap();
    tx.insert_assignments(&[assignment(&here, &member, 50)])
        .await
        .unwrap();
    let claimed = tx.claim_seat(organisation, here.administrator, member.id, morning());
    assert!(claimed.await.unwrap());
    let viewer = AssignmentRow {
        role_id: here.viewer,
        area_id: Some(here.inner_area),
        ..assignment(&here, &member, 51)
    };
    tx.replace_assignments(organisation, member.id, std::slice::from_ref(&viewer))
        .await
        .unwrap();
    let held = tx.assignments_of(organisation, member.id).await.unwrap();
    assert_eq!(held, [viewer]);
    let elsewhere = tx.release_seat(other.organisation, here.administrator, member.id);
    assert_eq!(elsewhere.await.unwrap(), 0);
    let released = tx.release_seat(organisation, here.administrator, member.id);
    assert_eq!(released.await.unwrap(), 1);
    let used = tx.seats_used(organisation, morning()).await.unwrap();
    assert_eq!(used, [(here.administrator, 0)]);
}

/// J45: what somebody leaves behind who is deactivated.
async fn what_somebody_sent_and_waits_is_counted(store: Store) {
    let here = ward(&store, 1).await;
    let other = ward(&store, 2).await;
    let (sam, _) = member(&store, &here, 10).await;
    let mut tx = store.write().await.unwrap();
    for (n, status, hours) in [
        (60, InvitationStatus::Open, 2),
        (70, InvitationStatus::Cancelled, 2),
        (80, InvitationStatus::Open, 1),
    ] {
        let person = user(n, &format!("Bo{n}"), "Ash");
        tx.insert_user(&person).await.unwrap();
        let row = membership(n + 1, here.organisation, &person, MembershipStatus::Pending);
        tx.insert_memberships(std::slice::from_ref(&row))
            .await
            .unwrap();
        tx.insert_invitations(&[InvitationRow {
            id: InvitationId::from_uuid(id(n + 2)),
            organisation_id: here.organisation,
            membership_id: row.id,
            batch_id: None,
            invited_by: Some(sam.id),
            message: String::new(),
            token_digest: vec![u8::try_from(n).unwrap(); 32],
            status,
            delivery: Delivery::Sent,
            created_at: morning(),
            sent_at: None,
            expires_at: morning() + TimeDelta::hours(hours),
            closed_at: None,
            new_one_asked_at: None,
        }])
        .await
        .unwrap();
    }
    let now = morning() + TimeDelta::hours(1);
    for (organisation, expected) in [(here.organisation, 1), (other.organisation, 0)] {
        let count = tx
            .count_open_invitations_by(organisation, sam.id, now)
            .await;
        assert_eq!(count.unwrap(), expected);
    }
}

/// R69, I3: after the last day of a role its place is free, without anything that runs, and is somebody
/// else's when they claim it.
async fn a_role_that_has_ended_frees_its_seat(store: Store) {
    let here = ward(&store, 1).await;
    let organisation = here.organisation;
    let now = morning();
    let ends = now + TimeDelta::days(1);
    for n in 0..8 {
        let (_, row) = member(&store, &here, 100 + 10 * n).await;
        let mut tx = store.write().await.unwrap();
        let held = AssignmentRow {
            ends_at: (n == 0).then_some(ends),
            ..assignment(&here, &row, 500 + n)
        };
        tx.insert_assignments(&[held]).await.unwrap();
        let claimed = tx.claim_seat(organisation, here.administrator, row.id, now);
        assert_eq!(claimed.await.unwrap(), n < 7);
        if n < 7 {
            tx.commit().await.unwrap();
            continue;
        }
        let used = async |tx: &mut store::Tx, at| {
            let used = tx.seats_used(organisation, at).await.unwrap()[0].1;
            let holders = tx.seat_holders(organisation, here.administrator, at);
            assert_eq!(i64::try_from(holders.await.unwrap().len()).unwrap(), used);
            used
        };
        let before = ends - TimeDelta::microseconds(1);
        assert_eq!(used(&mut tx, before).await, 7);
        let early = tx.claim_seat(organisation, here.administrator, row.id, before);
        assert!(!early.await.unwrap());
        assert_eq!(used(&mut tx, ends).await, 6);
        let claimed = tx.claim_seat(organisation, here.administrator, row.id, ends);
        assert!(claimed.await.unwrap());
        assert_eq!(used(&mut tx, ends).await, 7);
    }
}
