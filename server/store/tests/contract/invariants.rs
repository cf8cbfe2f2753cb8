//! What must always hold is looked at (`security.md` 3b): each thing that breaks it is named.

use domain::{MembershipStatus, id::AssignmentId};
use store::{AssignmentRow, OutboxRow, Store};

use crate::harness::{Ward, id, membership, morning, user, ward};

mod on {
    use crate::harness::scenarios;
    scenarios!(whatever_is_broken_is_named);
}

/// An administrator with a seat, and a viewer.
async fn people(store: &Store, ward: &Ward) {
    let mut tx = store.write().await.unwrap();
    let held = [
        ("Sam", ward.administrator, None),
        ("Jane", ward.viewer, Some(ward.inner_area)),
    ];
    for (n, (name, role_id, area_id)) in (10..).zip(held) {
        let user = user(n, name, "Okoro");
        tx.insert_users(&[user.clone()]).await.unwrap();
        let member = membership(n, ward.organisation, &user, MembershipStatus::Active);
        tx.insert_memberships(&[member.clone()]).await.unwrap();
        tx.insert_assignments(&[AssignmentRow {
            id: AssignmentId::from_uuid(id(n)),
            organisation_id: ward.organisation,
            membership_id: member.id,
            role_id,
            area_id,
            starts_at: None,
            ends_at: None,
            granted_by: None,
            granted_at: morning(),
        }])
        .await
        .unwrap();
        if role_id == ward.administrator {
            let claimed = tx.claim_seat(ward.organisation, role_id, member.id, morning());
            assert!(claimed.await.unwrap());
        }
    }
    tx.enqueue(&[OutboxRow {
        id: domain::id::MessageId::from_uuid(id(20)),
        channel: "email",
        kind: "code".to_owned(),
        organisation_id: None,
        invitation_id: None,
        recipient: "jane.okoro@nhs.net".to_owned(),
        content: serde_json::json!({}),
        secret: Some(vec![1]),
        created_at: morning(),
        next_attempt_at: morning(),
        not_after: None,
    }])
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

async fn broken(store: &Store) -> Vec<String> {
    let mut tx = store.read().await.unwrap();
    tx.broken_invariants(morning()).await.unwrap()
}

/// I3, I4, I8, I11, I12: nothing is wrong with what the store writes, and what somebody does to it behind
/// its back is found.
async fn whatever_is_broken_is_named(store: Store) {
    let ward = ward(&store, 1).await;
    people(&store, &ward).await;
    assert_eq!(broken(&store).await, Vec::<String>::new());
    for (statement, what) in [
        (
            "UPDATE role_seats SET membership_id = NULL",
            "I3: whoever has a limited role",
        ),
        (
            "UPDATE roles SET seat_limit = 8 WHERE seat_limit = 7",
            "I3: a limited role has as many",
        ),
        (
            "UPDATE users SET registered_at = NULL",
            "I8: whoever is active has registered",
        ),
        (
            "UPDATE outbox SET status = 'sent'",
            "I12: the secret of a message",
        ),
        (
            "UPDATE memberships SET status = 'inactive' WHERE sort_name = 'sam okoro'",
            "I4: an organisation with people",
        ),
        (
            "DELETE FROM membership_facets WHERE key NOT IN (SELECT id FROM roles)",
            "I11: who has joined is found by their second factors",
        ),
        (
            "DELETE FROM membership_facets",
            "I11: what members are filtered by",
        ),
        (
            "UPDATE membership_tallies SET people = people + 1",
            "I11: counts that are kept",
        ),
    ] {
        store.run_for_test(statement).await.unwrap();
        let found = broken(&store).await;
        assert!(
            found.iter().any(|one| one.starts_with(what)),
            "{what}: {found:?}"
        );
    }
}
