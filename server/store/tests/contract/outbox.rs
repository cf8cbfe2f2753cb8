//! The outbox: claims, and what became of messages.

use chrono::TimeDelta;
use domain::id::{InvitationId, MessageId};
use store::{Dialect, OutboxRow, Store, StoreError};

use crate::harness::{id, morning};

mod on {
    use crate::harness::scenarios;
    scenarios!(
        a_message_is_claimed_once,
        what_somebody_waits_for_goes_first,
        two_servers_share_the_queue,
        outcomes_are_noted,
        a_claim_is_renewed_or_freed,
        one_server_alone,
    );
}

fn message(number: u128, invitation: Option<u128>) -> OutboxRow {
    OutboxRow {
        id: MessageId::from_uuid(id(number)),
        channel: "email",
        kind: "code".to_owned(),
        organisation_id: None,
        invitation_id: invitation.map(|number| InvitationId::from_uuid(id(number))),
        recipient: format!("person{number}@nhs.net"),
        content: serde_json::json!({ "by": "Sam" }),
        secret: Some(vec![1, 2, 3]),
        created_at: morning(),
        next_attempt_at: morning(),
        not_after: Some(morning() + TimeDelta::hours(1)),
    }
}

async fn enqueue(store: &Store, rows: &[OutboxRow]) {
    let mut tx = store.write().await.unwrap();
    tx.enqueue(rows).await.unwrap();
    tx.commit().await.unwrap();
}

async fn claim(store: &Store, minutes: i64, most: i64) -> Vec<MessageId> {
    let now = morning() + TimeDelta::minutes(minutes);
    let mut tx = store.write().await.unwrap();
    let rows = tx
        .claim_messages(now, now + TimeDelta::minutes(5), most)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

fn ids(numbers: &[u128]) -> Vec<MessageId> {
    numbers
        .iter()
        .map(|number| MessageId::from_uuid(id(*number)))
        .collect()
}

async fn counts(store: &Store) -> Vec<(String, i64)> {
    let mut tx = store.read().await.unwrap();
    let rows = tx.count_messages().await.unwrap();
    rows.into_iter()
        .map(|row| (row.status, row.count))
        .collect()
}

async fn a_message_is_claimed_once(store: Store) {
    let mut late = message(2, None);
    late.next_attempt_at = morning() + TimeDelta::minutes(2);
    enqueue(&store, &[message(1, None), late]).await;
    assert_eq!(claim(&store, 0, 10).await, ids(&[1]));
    assert_eq!(claim(&store, 1, 10).await, ids(&[]));
    assert_eq!(claim(&store, 2, 10).await, ids(&[2]));
    // The first claim has ended, the second has not.
    assert_eq!(claim(&store, 5, 10).await, ids(&[1]));
    let mut tx = store.write().await.unwrap();
    tx.release_messages(&ids(&[1])).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(&store, 6, 10).await, ids(&[1]));
}

async fn a_claim_is_renewed_or_freed(store: Store) {
    enqueue(&store, &[message(1, None), message(2, None)]).await;
    assert_eq!(claim(&store, 0, 10).await, ids(&[1, 2]));
    let mut tx = store.write().await.unwrap();
    // What is noted, or was never claimed, has no claim that could be renewed.
    tx.messages_sent(&ids(&[2]), morning()).await.unwrap();
    tx.enqueue(&[message(3, None)]).await.unwrap();
    let until = morning() + TimeDelta::minutes(8);
    tx.renew_claims(&ids(&[1, 2, 3]), until).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(&store, 7, 10).await, ids(&[3]));
    assert_eq!(claim(&store, 8, 10).await, ids(&[1]));
    let mut tx = store.write().await.unwrap();
    assert_eq!(tx.free_all_messages().await.unwrap(), 2);
    tx.commit().await.unwrap();
    assert_eq!(claim(&store, 9, 10).await, ids(&[1, 3]));
    // Late is not claimed, whoever gives it up.
    assert_eq!(claim(&store, 60, 10).await, ids(&[]));
}

/// SQLite has one server at a time, until that one is gone; PostgreSQL as many as come.
async fn one_server_alone(store: Store) {
    let first = store.hold_alone().unwrap();
    assert_eq!(first.is_certain(), store.dialect() == Dialect::Sqlite);
    if !first.is_certain() {
        return;
    }
    assert!(matches!(store.hold_alone(), Err(StoreError::InUse)));
    drop(first);
    assert!(store.hold_alone().unwrap().is_certain());
}

async fn what_somebody_waits_for_goes_first(store: Store) {
    enqueue(
        &store,
        &[
            message(1, Some(101)),
            message(2, Some(102)),
            message(3, None),
        ],
    )
    .await;
    assert_eq!(claim(&store, 0, 2).await, ids(&[3, 1]));
    assert_eq!(claim(&store, 0, 2).await, ids(&[2]));
}

async fn two_servers_share_the_queue(store: Store) {
    let rows: Vec<OutboxRow> = (1..=40).map(|number| message(number, None)).collect();
    enqueue(&store, &rows).await;
    let claims = (0..8).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { claim(&store, 0, 10).await })
    });
    let mut all = Vec::new();
    for claimed in claims.collect::<Vec<_>>() {
        all.extend(claimed.await.unwrap());
    }
    all.extend(claim(&store, 0, 40).await);
    all.sort();
    assert_eq!(all, rows.iter().map(|row| row.id).collect::<Vec<_>>());
}

async fn outcomes_are_noted(store: Store) {
    let rows: Vec<OutboxRow> = (1..=6).map(|number| message(number, None)).collect();
    enqueue(&store, &rows).await;
    assert_eq!(claim(&store, 0, 10).await.len(), 6);
    let at = morning() + TimeDelta::minutes(1);
    let mut tx = store.write().await.unwrap();
    tx.messages_sent(&ids(&[1, 2]), at).await.unwrap();
    tx.message_failed(rows[2].id, "550 no").await.unwrap();
    tx.postpone_message(rows[3].id, at + TimeDelta::minutes(1), "451 later")
        .await
        .unwrap();
    assert!(tx.cancel_message(rows[4].id).await.unwrap());
    assert!(!tx.cancel_message(rows[0].id).await.unwrap());
    tx.commit().await.unwrap();
    let expected = [("cancelled", 1), ("failed", 1), ("queued", 2), ("sent", 2)];
    let expected: Vec<_> = expected
        .map(|(status, count)| (status.to_owned(), count))
        .into();
    assert_eq!(counts(&store).await, expected);
    assert_eq!(claim(&store, 2, 10).await, ids(&[4]));

    let mut tx = store.write().await.unwrap();
    let end = morning() + TimeDelta::hours(1);
    assert_eq!(
        tx.cancel_late_messages(end - TimeDelta::seconds(1))
            .await
            .unwrap(),
        0
    );
    assert_eq!(tx.cancel_late_messages(end).await.unwrap(), 2);
    assert_eq!(tx.delete_old_messages(morning()).await.unwrap(), 0);
    assert_eq!(tx.delete_old_messages(end).await.unwrap(), 6);
    tx.touch_health_check(end).await.unwrap();
    tx.touch_health_check(end).await.unwrap();
}
