//! The demo holds what it promises.

use std::collections::{BTreeMap, BTreeSet};

use domain::{ShownStatus, sign_in::SignInForm};

use super::{HOSPITALS, PASSWORD};
use crate::{
    sign_in::{Attempt, Cookies, Next},
    testing::Harness,
};

/// Issue, part B: two hospitals with areas two levels deep and at least 40 people each in every
/// status, some in both; made once.
#[tokio::test]
async fn two_hospitals_with_people_in_every_status() {
    let h = Harness::new().await;
    let demo = h.services.seed_demo(&h.request()).await.unwrap();
    assert!(demo.is_new);
    let again = h.services.seed_demo(&h.request()).await.unwrap();
    assert!(!again.is_new);
    assert_eq!(
        (again.password, &again.people),
        (demo.password, &demo.people)
    );

    let everybody: BTreeSet<String> = HOSPITALS
        .iter()
        .flat_map(|hospital| hospital.people().unwrap())
        .map(|person| person.email)
        .collect();
    let mut places: BTreeMap<&String, u32> = BTreeMap::new();
    let now = h.services.now();
    let mut tx = h.services.store.read().await.unwrap();
    assert_eq!(tx.count_organisations().await.unwrap(), 2);
    for hospital in &HOSPITALS {
        let slug = hospital.code.to_lowercase();
        let organisation = tx.organisation_by_slug(&slug).await.unwrap().unwrap();
        let areas = tx.areas(organisation.id).await.unwrap();
        assert!(areas.len() >= 12);
        let inner = areas.iter().filter(|area| area.parent_id.is_some());
        assert!(inner.count() >= 12, "two levels deep");

        let known = tx.roles(organisation.id).await.unwrap();
        let mut counts: BTreeMap<ShownStatus, u32> = BTreeMap::new();
        let mut roles: BTreeMap<&str, u32> = BTreeMap::new();
        for email in &everybody {
            let user = tx.user_by_email_key(email).await.unwrap().unwrap();
            let member = tx.membership_of(organisation.id, user.id).await.unwrap();
            let Some(member) = member else { continue };
            *places.entry(email).or_default() += 1;
            let shown = ShownStatus::of(
                member.status,
                member.invitation_expires_at,
                member.delivery_failed_at.is_some(),
                now,
            );
            *counts.entry(shown).or_default() += 1;
            let held = tx.assignments_of(organisation.id, member.id).await.unwrap();
            assert!(!held.is_empty(), "{email} has a role, and its areas exist");
            let role = known.iter().find(|role| role.id == held[0].role_id);
            *roles.entry(role.unwrap().key.as_str()).or_default() += 1;
            if let Some(signed_in) = member.last_signed_in_at {
                assert!(signed_in <= now && Some(signed_in) >= member.activated_at);
            }
        }
        assert!(counts.values().sum::<u32>() >= 40, "{counts:?}");
        for status in [
            ShownStatus::Active,
            ShownStatus::Pending,
            ShownStatus::Expired,
            ShownStatus::Inactive,
            ShownStatus::EmailFailed,
        ] {
            assert!(counts.get(&status).is_some_and(|n| *n >= 3), "{counts:?}");
        }
        assert_eq!(roles.len(), 4, "{roles:?}");
        assert!(roles["administrator"] >= 2);
    }
    drop(tx);
    assert!(places.values().filter(|places| **places == 2).count() >= 3);
    assert!(h.outbox().await.is_empty());
}

/// Everybody to sign in as signs in with the printed password, and is asked for a code by email.
#[tokio::test]
async fn the_printed_password_signs_in() {
    let h = Harness::new().await;
    let demo = h.services.seed_demo(&h.request()).await.unwrap();
    assert_eq!(demo.people.len(), 7);
    assert_eq!(demo.people[0].email, "sam.okoro@hollybrook.example");
    for person in &demo.people {
        let form = SignInForm {
            email: person.email.clone(),
            password: PASSWORD.to_owned(),
        };
        let attempt = Attempt {
            form: &form,
            return_to: "",
            cookies: Cookies::default(),
        };
        let signed_in = h.services.sign_in(&attempt, &h.request()).await.unwrap();
        assert_eq!(signed_in.next, Next::Code, "{}", person.email);
        let message = h.outbox().await.pop().unwrap();
        assert_eq!(message.kind, "code");
    }
    let recipients: Vec<_> = h.outbox().await.into_iter().map(|m| m.recipient).collect();
    for person in &demo.people {
        assert!(recipients.contains(&person.email));
    }
}
