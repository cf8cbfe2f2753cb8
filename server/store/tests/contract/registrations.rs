//! Registrations in progress, and the moment that uses an invitation up.

use chrono::TimeDelta;
use domain::{
    MembershipStatus,
    id::{AssignmentId, DraftId, InvitationId},
    invitation::{Delivery, InvitationStatus},
};
use serde_json::json;
use store::{AssignmentRow, InvitationRow, RegistrationRow, Store};

use crate::harness::{Ward, id, membership, morning, user, ward};

mod on {
    use crate::harness::scenarios;
    scenarios!(
        answers_belong_to_their_cookie_until_they_end,
        an_invitation_is_accepted_once_and_in_time,
        holders_of_a_role_are_those_who_have_it_now,
    );
}

/// A person who is invited for 7 days.
async fn invite(store: &Store, ward: &Ward, n: u128) -> InvitationRow {
    let mut tx = store.write().await.unwrap();
    let person = user(n, &format!("Jane{n}"), "Carlton");
    tx.insert_user(&person).await.unwrap();
    let member = membership(n + 1, ward.organisation, &person, MembershipStatus::Pending);
    tx.insert_memberships(std::slice::from_ref(&member))
        .await
        .unwrap();
    let row = InvitationRow {
        id: InvitationId::from_uuid(id(n + 2)),
        organisation_id: ward.organisation,
        membership_id: member.id,
        batch_id: None,
        invited_by: None,
        message: String::new(),
        token_digest: vec![u8::try_from(n % 251).unwrap(); 32],
        status: InvitationStatus::Open,
        delivery: Delivery::Sent,
        created_at: morning(),
        sent_at: Some(morning()),
        expires_at: morning() + TimeDelta::days(7),
        closed_at: None,
        new_one_asked_at: None,
    };
    tx.insert_invitations(std::slice::from_ref(&row))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    row
}

/// R29: the cookie's digest is the only way to the answers, and 30 minutes are 30 minutes.
async fn answers_belong_to_their_cookie_until_they_end(store: Store) {
    let ward = ward(&store, 1).await;
    let invitation = invite(&store, &ward, 10).await;
    let end = morning() + TimeDelta::minutes(30);
    let row = |n: u8, expires_at| RegistrationRow {
        id: DraftId::from_uuid(id(n.into())),
        organisation_id: ward.organisation,
        invitation_id: invitation.id,
        flow_digest: vec![n; 32],
        answers: json!({ "first_name": "Jane" }),
        password_hash: None,
        factor_secret: None,
        expires_at,
        created_at: morning(),
    };
    let mut tx = store.write().await.unwrap();
    tx.insert_registration(&row(1, end)).await.unwrap();
    tx.insert_registration(&row(2, end)).await.unwrap();
    tx.insert_registration(&row(3, morning())).await.unwrap();

    let just_before = end - TimeDelta::microseconds(1);
    let found = tx.registration(&[1; 32], just_before).await.unwrap();
    assert_eq!(found.unwrap().answers, json!({ "first_name": "Jane" }));
    assert!(tx.registration(&[1; 32], end).await.unwrap().is_none());
    assert!(
        tx.registration(&[9; 32], morning())
            .await
            .unwrap()
            .is_none()
    );

    let mut first = tx
        .lock_registration(&[1; 32], morning())
        .await
        .unwrap()
        .unwrap();
    first.answers = json!({ "first_name": "Janet" });
    first.password_hash = Some("$argon2id$".to_owned());
    first.factor_secret = Some(vec![1, 2, 3]);
    first.expires_at = end + TimeDelta::minutes(5);
    tx.update_registration(&first).await.unwrap();
    let again = tx.lock_registration(&[1; 32], end).await.unwrap().unwrap();
    assert_eq!(again.answers, first.answers);
    assert_eq!(again.password_hash.as_deref(), Some("$argon2id$"));
    assert_eq!(again.factor_secret, Some(vec![1, 2, 3]));

    let expired = tx.delete_expired_registrations(morning()).await.unwrap();
    assert_eq!(expired, 1);
    let others = tx
        .delete_other_registrations(ward.organisation, invitation.id, first.id)
        .await
        .unwrap();
    assert_eq!(others, 1);
    assert!(
        tx.registration(&[2; 32], morning())
            .await
            .unwrap()
            .is_none()
    );
    tx.commit().await.unwrap();
}

/// R16, R17, B21: good until the last microsecond, for one.
async fn an_invitation_is_accepted_once_and_in_time(store: Store) {
    let (one, two) = (ward(&store, 1).await, ward(&store, 2).await);
    let (first, second) = (
        invite(&store, &one, 10).await,
        invite(&store, &one, 20).await,
    );
    let end = morning() + TimeDelta::days(7);
    let mut tx = store.write().await.unwrap();
    // R65: not from another organisation.
    let elsewhere = tx.accept_invitation(two.organisation, first.id, morning());
    assert!(!elsewhere.await.unwrap());
    let late = tx.accept_invitation(one.organisation, first.id, end);
    assert!(!late.await.unwrap());
    for accepted in [true, false] {
        let at = end - TimeDelta::microseconds(1);
        let result = tx.accept_invitation(one.organisation, first.id, at).await;
        assert_eq!(result.unwrap(), accepted);
    }
    tx.close_invitation(
        one.organisation,
        second.id,
        InvitationStatus::Cancelled,
        morning(),
    )
    .await
    .unwrap();
    let cancelled = tx.accept_invitation(one.organisation, second.id, morning());
    assert!(!cancelled.await.unwrap());
    let row = tx.invitation(one.organisation, first.id).await.unwrap();
    assert_eq!(row.unwrap().status, InvitationStatus::Accepted);
    tx.commit().await.unwrap();
}

/// Who is written to when an invited person needs an administrator: active, whole organisation,
/// now.
async fn holders_of_a_role_are_those_who_have_it_now(store: Store) {
    let ward = ward(&store, 1).await;
    let mut tx = store.write().await.unwrap();
    for n in 1..=6_u128 {
        let person = user(n, &format!("Sam{n}"), "Okoro");
        tx.insert_user(&person).await.unwrap();
        let status = if n == 2 {
            MembershipStatus::Inactive
        } else {
            MembershipStatus::Active
        };
        let mut member = membership(n + 10, ward.organisation, &person, status);
        member.activated_at = Some(morning() - TimeDelta::days(i64::try_from(n).unwrap()));
        tx.insert_memberships(std::slice::from_ref(&member))
            .await
            .unwrap();
        let assignment = AssignmentRow {
            id: AssignmentId::from_uuid(id(n + 20)),
            organisation_id: ward.organisation,
            membership_id: member.id,
            role_id: if n == 3 {
                ward.viewer
            } else {
                ward.administrator
            },
            area_id: (n == 4).then_some(ward.area),
            starts_at: None,
            ends_at: (n == 5).then_some(morning()),
            granted_by: None,
            granted_at: morning(),
        };
        tx.insert_assignments(&[assignment]).await.unwrap();
    }
    let mut holders = async |most| -> Vec<String> {
        tx.active_holders(ward.organisation, ward.administrator, morning(), most)
            .await
            .unwrap()
            .into_iter()
            .map(|user| user.first_name)
            .collect()
    };
    assert_eq!(holders(10).await, ["Sam6", "Sam1"]);
    assert_eq!(holders(1).await, ["Sam6"]);
}
