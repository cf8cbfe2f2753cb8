//! The step that counts.

use chrono::TimeDelta;
use domain::{
    MembershipStatus, SecondFactorKind, id::TermsId, invitation::InvitationStatus,
    password::Password,
};
use store::{Store, TermsRow};

use super::{Hospital, PASSWORD, code_of};
use crate::{passwords::Verdict, testing::Harness};

/// B17, A13, B14: Active with everything that was answered, under the invitation's own address.
#[tokio::test]
async fn finishing_makes_the_account_and_the_membership() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    h.h.clock.advance(TimeDelta::hours(3));
    let flow = h.up_to_terms(&invited).await;
    let user = h.user(invited.user).await;
    assert!(user.registered_at.is_none() && user.password_hash.is_none());

    let finished = h.finish(&flow).await.unwrap();
    assert_eq!(finished.organisation_slug, "rx1");
    assert!(!finished.joined);
    let now = h.services().now();
    let user = h.user(invited.user).await;
    assert_eq!(user.email, "jane.carlton@nhs.net");
    assert_eq!(user.name(), "Jane Carlton");
    assert_eq!(user.mobile.as_deref(), Some("+447700900982"));
    assert_eq!(user.registered_at, Some(now));
    let password = Password::parse(PASSWORD).unwrap();
    let verdict = h
        .services()
        .hashing
        .verify(password, user.password_hash)
        .await;
    assert_eq!(verdict.unwrap(), Verdict::Right);
    let member = h.membership(invited.member).await;
    assert_eq!(member.status, MembershipStatus::Active);
    assert_eq!(member.activated_at, Some(now));
    assert_eq!(member.sort_name, "carlton jane");
    let row = h.invitation(invited.id).await;
    assert_eq!(row.status, InvitationStatus::Accepted);
    assert_eq!(row.closed_at, Some(now));
    let mut tx = h.services().store.read().await.unwrap();
    let factors = tx.second_factors(invited.user).await.unwrap();
    assert_eq!(factors.len(), 1);
    assert_eq!(factors[0].kind, SecondFactorKind::Email);
    drop(tx);
    assert_eq!(
        h.mail("registration_complete").await,
        ["jane.carlton@nhs.net"]
    );
}

/// B16: the version and the time of agreeing are kept; a version that was published since the page
/// was shown is shown first.
#[tokio::test]
async fn terms_are_agreed_to_in_their_version() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let flow = h.up_to_terms(&invited).await;
    let now = h.services().now();
    let mut tx = h.services().store.write().await.unwrap();
    let newer = TermsRow {
        id: TermsId::from_uuid(uuid::Uuid::from_u128(5)),
        key: "eula".to_owned(),
        version: "1.1".to_owned(),
        title: "End user licence agreement".to_owned(),
        body: "Be kind.".to_owned(),
        approved_by: "Sam Okoro".to_owned(),
        published_at: now,
    };
    tx.publish_terms(&newer).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(code_of(h.finish(&flow).await), "conflict.stale");
    for version in ["", "1.0", "1.1 ", "2"] {
        let request = h.h.request();
        let finished = h
            .services()
            .finish_registration(&flow, version, &super::NOBODY, &request)
            .await;
        assert_eq!(code_of(finished), "conflict.stale", "{version:?}");
    }
    let request = h.h.request();
    let finished = h
        .services()
        .finish_registration(&flow, "1.1", &super::NOBODY, &request)
        .await;
    assert_eq!(code_of(finished), "none");
    let mut tx = h.services().store.read().await.unwrap();
    let acceptance = tx.terms_acceptance(invited.user, newer.id).await.unwrap();
    assert_eq!(acceptance.unwrap().accepted_at, now);
}

/// R17, with one cookie and with many: of 50 at once exactly one succeeds, the others hear that
/// it was used; one membership, one acceptance in the audit.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_at_once_one_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let store = Store::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    let h = Hospital::over(Harness::over(store)).await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    // One journey whose form is posted many times, and two more that got as far.
    let mut flows = vec![h.up_to_terms(&invited).await];
    for _ in 0..2 {
        h.h.clock.advance(TimeDelta::minutes(10));
        flows.push(h.up_to_terms(&invited).await);
    }
    let tasks: Vec<_> = (0..50)
        .map(|n: usize| {
            let services = h.services().clone();
            let (flow, request) = (flows[n % 3].clone(), h.h.request());
            tokio::spawn(async move {
                let nobody = crate::request::Authentication::Anonymous;
                services
                    .finish_registration(&flow, "1.0", &nobody, &request)
                    .await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(code_of(task.await.unwrap()));
    }
    answers.sort();
    assert_eq!(answers.iter().filter(|code| *code == "none").count(), 1);
    // The journeys beside the one that won are gone with the invitation.
    assert!(
        answers.iter().all(|code| matches!(
            code.as_str(),
            "none" | "conflict.already_used" | "expired.registration"
        )),
        "{answers:?}"
    );
    let mut tx = h.services().store.read().await.unwrap();
    let places = tx.organisations_of(invited.user).await.unwrap();
    assert_eq!(places.len(), 1);
    assert_eq!(places[0].1.status, MembershipStatus::Active);
    drop(tx);
    assert_eq!(h.mail("registration_complete").await.len(), 1);
}
