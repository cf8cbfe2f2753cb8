//! People who have an account already.

use domain::{MembershipStatus, SecondFactorKind, id::SecondFactorId};
use store::SecondFactorRow;

use super::{Hospital, NOBODY, code_of};
use crate::{Actor, presets::Preset, registration::join::Joining, request::Authentication};

impl Hospital {
    /// Jane is a recruiting manager of Rosebush Hospital, with codes by email.
    async fn jane_of_rosebush(&self) -> Actor {
        // Its terms are others than those of Hollybrook Hospital.
        self.h
            .organisation_of(Preset::NhsJobs, "RX2", "Rosebush Hospital")
            .await;
        let jane = self
            .h
            .member("rx2", "jane.carlton@nhs.net", "recruiting-manager")
            .await;
        self.give_factor(&jane, SecondFactorKind::Email).await;
        jane
    }

    async fn give_factor(&self, who: &Actor, kind: SecondFactorKind) {
        let mut tx = self.services().store.write().await.unwrap();
        tx.put_second_factor(&SecondFactorRow {
            id: SecondFactorId::from_uuid(self.uuid()),
            user_id: who.user(),
            kind,
            secret: None,
            last_step: 0,
            created_at: self.services().now(),
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    async fn join(&self, flow: &str, who: &Authentication) -> crate::Result<Joining> {
        self.services().join(flow, who, &self.h.request()).await
    }
}

/// R23, R24, B1a, J21: the owner signs in and joins; no password, name or number is asked or
/// changed; terms are shown when they are new to them.
#[tokio::test]
async fn the_owner_of_an_account_signs_in_and_joins() {
    let h = Hospital::new().await;
    let jane = h.jane_of_rosebush().await;
    let before = h.user(jane.user()).await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let begun = h.accept(&invited.token).await.unwrap();
    assert!(begun.has_user);
    let flow = begun.flow;

    // The link alone is not enough, nor is another account.
    assert_eq!(code_of(h.join(&flow, &NOBODY).await), "sign in required");
    assert_eq!(code_of(h.finish(&flow).await), "sign in required");
    let sam = Authentication::Complete(h.sam.clone());
    assert_eq!(code_of(h.join(&flow, &sam).await), "conflict.wrong_person");
    // None of the steps of a new account is open.
    let exists = "conflict.account_exists";
    assert_eq!(code_of(h.give_details(&flow).await), exists);
    let keep = h.services().keep_recovery_codes(&flow).await;
    assert_eq!(code_of(keep), exists);
    assert!(h.user(jane.user()).await.password_hash.is_none());

    let who = Authentication::Complete(jane.clone());
    let page = h.services().joining(&flow, invited.id, &who).await.unwrap();
    assert_eq!(page.invitation.organisation_name, "Hollybrook Hospital");
    assert!(page.has_terms && !page.needs_app);
    let next = h.join(&flow, &who).await.unwrap();
    assert_eq!(next, Joining::Terms(invited.id));
    let finished = h
        .services()
        .finish_registration(&flow, "1.0", &who, &h.h.request())
        .await
        .unwrap();
    assert!(finished.joined);
    let member = h.membership(invited.member).await;
    assert_eq!(member.status, MembershipStatus::Active);
    let after = h.user(jane.user()).await;
    assert_eq!(
        (after.name(), after.password_hash, after.version),
        (before.name(), before.password_hash, before.version)
    );
    assert_eq!(after.security_epoch, before.security_epoch);
    assert!(h.mail("registration_complete").await.is_empty());
}

/// Terms that were agreed to elsewhere are not asked for again.
#[tokio::test]
async fn known_terms_are_not_asked_for_again() {
    let h = Hospital::new().await;
    let jane = h.jane_of_rosebush().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let mut tx = h.services().store.write().await.unwrap();
    let now = h.services().now();
    let terms = tx.newest_terms("eula", now).await.unwrap().unwrap();
    tx.accept_terms(jane.user(), terms.id, h.id, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let flow = h.begin(&invited).await;
    let who = Authentication::Complete(jane);
    let joined = h.join(&flow, &who).await.unwrap();
    assert!(matches!(joined, Joining::Joined(_)));
    // A second click finds it done.
    assert_eq!(code_of(h.join(&flow, &who).await), "conflict.already_used");
}

/// R43: codes by email are not enough for a role over other people.
#[tokio::test]
async fn a_privileged_role_waits_for_an_app() {
    let h = Hospital::new().await;
    let jane = h.jane_of_rosebush().await;
    let invited = h.invite_as("jane.carlton@nhs.net", "manager", &[]).await;
    let flow = h.begin(&invited).await;
    let who = Authentication::Complete(jane.clone());
    let page = h.services().joining(&flow, invited.id, &who).await.unwrap();
    assert!(page.needs_app);
    let finish = async || {
        h.services()
            .finish_registration(&flow, "1.0", &who, &h.h.request())
            .await
    };
    assert_eq!(code_of(finish().await), "conflict.stronger_factor");
    h.give_factor(&jane, SecondFactorKind::Authenticator).await;
    assert_eq!(code_of(finish().await), "none");
}

/// R23: registered meanwhile through another organisation's invitation: this one is joined, and
/// sets no second password.
#[tokio::test]
async fn registering_twice_makes_one_account() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let flow = h.up_to_terms(&invited).await;
    let mut user = h.user(invited.user).await;
    user.registered_at = Some(h.services().now());
    let mut tx = h.services().store.write().await.unwrap();
    tx.update_user(&user).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(code_of(h.finish(&flow).await), "conflict.account_exists");
    assert_eq!(
        code_of(h.give_details(&flow).await),
        "conflict.account_exists"
    );
    assert!(h.user(invited.user).await.password_hash.is_none());
    assert!(h.accept(&invited.token).await.unwrap().has_user);
}

/// Declining after signing in.
#[tokio::test]
async fn joining_can_be_declined() {
    let h = Hospital::new().await;
    let jane = h.jane_of_rosebush().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let flow = h.begin(&invited).await;
    let request = h.h.request();
    let declined = h.services().decline_joining(&flow, &NOBODY, &request);
    assert_eq!(code_of(declined.await), "sign in required");
    let who = Authentication::Complete(jane);
    let declined = h.services().decline_joining(&flow, &who, &request);
    declined.await.unwrap();
    let member = h.membership(invited.member).await;
    assert_eq!(member.status, MembershipStatus::Cancelled);
    assert_eq!(h.mail("invitation_declined").await, ["sam.okoro@nhs.net"]);
}
