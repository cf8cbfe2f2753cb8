//! Bulk jobs, and what changing many members at once needs.

use chrono::TimeDelta;
use domain::{
    MembershipStatus,
    bulk::{BulkAction, BulkOutcome},
    id::{BulkJobId, ChangeId},
};
use serde_json::json;
use store::{BulkEntryRow, BulkJobRow, BulkSettled, MembershipRow, Store, StoreError, UserRow};

use crate::harness::{Ward, id, membership, morning, user, ward};

mod on {
    use crate::harness::scenarios;
    scenarios!(
        a_job_is_worked_on_by_one_and_every_entry_ends_once,
        a_job_belongs_to_its_organisation_and_is_undone_once,
        many_members_are_read_and_deactivated_together,
        a_part_is_taken_back_alone,
    );
}

/// So many members of a ward, who are registered; numbers from `first`.
async fn members(
    store: &Store,
    ward: &Ward,
    first: u128,
    count: u128,
) -> Vec<(UserRow, MembershipRow)> {
    let mut tx = store.write().await.unwrap();
    let mut all = Vec::new();
    for n in first..first + count {
        let person = user(n * 10, &format!("Jane{n}"), "Carlton");
        tx.insert_user(&person).await.unwrap();
        let member = membership(
            n * 10 + 1,
            ward.organisation,
            &person,
            MembershipStatus::Active,
        );
        tx.insert_memberships(std::slice::from_ref(&member))
            .await
            .unwrap();
        all.push((person, member));
    }
    tx.commit().await.unwrap();
    all
}

fn job(ward: &Ward, n: u128, by: &UserRow, people: i64) -> BulkJobRow {
    BulkJobRow {
        id: BulkJobId::from_uuid(id(n)),
        organisation_id: ward.organisation,
        created_by: by.id,
        action: BulkAction::Deactivate,
        undoes: None,
        answers: json!({ "reason": "On leave" }),
        total: people,
        to_do: people,
        created_at: morning(),
        finished_at: None,
        stopped_at: None,
        leased_until: None,
    }
}

fn entries(people: &[(UserRow, MembershipRow)]) -> Vec<BulkEntryRow> {
    (0..)
        .zip(people)
        .map(|(position, (_, member))| BulkEntryRow::new(position, member.id, None))
        .collect()
}

/// R107: leased by one at a time; each entry gets its outcome once.
async fn a_job_is_worked_on_by_one_and_every_entry_ends_once(store: Store) {
    let here = ward(&store, 1).await;
    let people = members(&store, &here, 10, 3).await;
    let row = job(&here, 7, &people[0].0, 4);
    let mut all = entries(&people);
    all[2] = BulkEntryRow::new(2, people[2].1.id, Some(BulkOutcome::OwnAccount));
    let (now, soon) = (morning(), morning() + TimeDelta::seconds(30));
    let mut tx = store.write().await.unwrap();
    tx.insert_bulk_job(&row, &all).await.unwrap();
    let claimed = tx.claim_bulk_job(now, soon).await.unwrap().unwrap();
    assert_eq!((claimed.id, claimed.leased_until), (row.id, Some(soon)));
    assert_eq!(claimed.answers, row.answers);
    assert!(tx.claim_bulk_job(now, soon).await.unwrap().is_none());
    assert!(tx.claim_bulk_job(soon, soon).await.unwrap().is_some());
    let organisation = here.organisation;
    assert!(
        tx.lock_bulk_job(organisation, row.id, None)
            .await
            .unwrap()
            .is_none()
    );
    let waiting = tx.waiting_bulk_entries(organisation, row.id, 10).await;
    let positions: Vec<i64> = waiting.unwrap().iter().map(|one| one.position).collect();
    assert_eq!(positions, [0, 1]);
    let settled = BulkSettled {
        position: 0,
        outcome: BulkOutcome::Done,
        change: Some(ChangeId::from_uuid(id(77))),
    };
    tx.settle_bulk_entries(organisation, row.id, &[settled], now)
        .await
        .unwrap();
    let again = [settled];
    let twice = tx.settle_bulk_entries(organisation, row.id, &again, now);
    assert!(matches!(twice.await, Err(StoreError::Stale)));
    let done = tx.done_bulk_entries(organisation, row.id).await.unwrap();
    assert_eq!(done[0].change_id, settled.change);
    assert_eq!(
        tx.count_standing_changes(organisation, row.id)
            .await
            .unwrap(),
        1
    );
    let rest = tx.settle_waiting_bulk_entries(organisation, row.id, BulkOutcome::Stopped, now);
    assert_eq!(rest.await.unwrap(), 1);
    let mut counts = tx.count_bulk_outcomes(organisation, row.id).await.unwrap();
    counts.sort();
    assert_eq!(
        counts,
        [
            (false, Some(BulkOutcome::OwnAccount), 1),
            (true, Some(BulkOutcome::Done), 1),
            (true, Some(BulkOutcome::Stopped), 1),
        ]
    );
    let results = tx.bulk_results(organisation, row.id, 0, 10).await.unwrap();
    let names: Vec<_> = results.iter().map(|row| row.first_name.as_str()).collect();
    assert_eq!(names, ["Jane11", "Jane12"]);
    let failed = tx
        .first_bulk_results(organisation, row.id, (true, false), 10)
        .await
        .unwrap();
    assert_eq!(failed[0].outcome(), Some(BulkOutcome::Stopped));
    tx.release_bulk_job(organisation, row.id, Some(now))
        .await
        .unwrap();
    assert!(!tx.stop_bulk_job(organisation, row.id, now).await.unwrap());
    assert_eq!(tx.free_all_bulk_jobs().await.unwrap(), 0);
}

/// R65; a job is taken back once.
async fn a_job_belongs_to_its_organisation_and_is_undone_once(store: Store) {
    let here = ward(&store, 1).await;
    let other = ward(&store, 2).await;
    let people = members(&store, &here, 10, 1).await;
    let row = job(&here, 7, &people[0].0, 1);
    let mut tx = store.write().await.unwrap();
    tx.insert_bulk_job(&row, &entries(&people)).await.unwrap();
    assert!(
        tx.bulk_job(other.organisation, row.id)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        !tx.stop_bulk_job(other.organisation, row.id, morning())
            .await
            .unwrap()
    );
    let undo = BulkJobRow {
        undoes: Some(row.id),
        ..job(&here, 8, &people[0].0, 1)
    };
    tx.insert_bulk_job(&undo, &[]).await.unwrap();
    let found = tx.bulk_job_undoing(here.organisation, row.id).await;
    assert_eq!(found.unwrap().map(|row| row.id), Some(undo.id));
    let since = morning() - TimeDelta::days(1);
    let listed = tx.bulk_jobs(here.organisation, since, 10).await.unwrap();
    assert_eq!(listed.len(), 2);
    let again = BulkJobRow {
        undoes: Some(row.id),
        ..job(&here, 9, &people[0].0, 1)
    };
    assert!(tx.insert_bulk_job(&again, &[]).await.is_err());
}

/// R56, I5: only those who have no other organisation are signed out; whoever was changed meanwhile stops
/// all of it.
async fn many_members_are_read_and_deactivated_together(store: Store) {
    let here = ward(&store, 1).await;
    let other = ward(&store, 2).await;
    let people = members(&store, &here, 10, 3).await;
    let organisation = here.organisation;
    let elsewhere = membership(
        900,
        other.organisation,
        &people[0].0,
        MembershipStatus::Active,
    );
    let mut tx = store.write().await.unwrap();
    tx.insert_memberships(std::slice::from_ref(&elsewhere))
        .await
        .unwrap();
    tx.claim_seat(organisation, here.administrator, people[0].1.id, morning())
        .await
        .unwrap();
    let ids: Vec<_> = people.iter().map(|(_, member)| member.id).collect();
    let users: Vec<_> = people.iter().map(|(user, _)| user.id).collect();
    assert_eq!(tx.users(&users).await.unwrap().len(), 3);
    assert_eq!(tx.memberships(organisation, &ids).await.unwrap().len(), 3);
    assert!(
        tx.memberships(other.organisation, &ids)
            .await
            .unwrap()
            .is_empty()
    );
    let found = tx.memberships_of(organisation, &users).await.unwrap();
    assert_eq!(found.len(), 3);
    let foreign = tx.memberships_of(other.organisation, &users).await.unwrap();
    assert_eq!(foreign.len(), 1);
    assert!(
        tx.invitations_of_many(organisation, &ids)
            .await
            .unwrap()
            .is_empty()
    );
    let rows: Vec<_> = people
        .iter()
        .map(|(_, member)| (member.id, member.version))
        .collect();
    tx.deactivate_memberships(organisation, &rows, morning())
        .await
        .unwrap();
    let again = tx.deactivate_memberships(organisation, &rows, morning());
    assert!(matches!(again.await, Err(StoreError::Stale)));
    let members = tx.memberships(organisation, &ids).await.unwrap();
    for member in &members {
        assert_eq!(member.status, MembershipStatus::Inactive);
        assert_eq!(member.deactivated_at, Some(morning()));
    }
    let seats = tx.seats_used(organisation, morning()).await.unwrap();
    assert_eq!(seats.iter().map(|(_, used)| used).sum::<i64>(), 0);
    let mut left = tx.active_somewhere(&users).await.unwrap();
    left.sort();
    assert_eq!(left, [people[0].0.id]);
    let gone: Vec<_> = people[1..]
        .iter()
        .map(|(user, _)| (user.id, user.version))
        .collect();
    tx.sign_out_everywhere(&gone).await.unwrap();
    let user = tx.user(people[1].0.id).await.unwrap().unwrap();
    assert_eq!((user.security_epoch, user.version), (1, 1));
    tx.sign_out_everywhere(&[]).await.unwrap();
}

/// What was written in a part goes with it, and nothing else.
async fn a_part_is_taken_back_alone(store: Store) {
    let mut tx = store.write().await.unwrap();
    let person = |n| user(n, &format!("Jane{n}"), "Carlton");
    tx.insert_user(&person(1)).await.unwrap();
    for (n, keep) in [(2, false), (3, true)] {
        tx.begin_part().await.unwrap();
        tx.insert_user(&person(n)).await.unwrap();
        tx.end_part(keep).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = store.read().await.unwrap();
    let users = tx.users(&[1, 2, 3].map(|n| person(n).id)).await.unwrap();
    let mut names: Vec<_> = users.into_iter().map(|user| user.first_name).collect();
    names.sort();
    assert_eq!(names, ["Jane1", "Jane3"]);
}
