//! The first step: address and password.

use chrono::TimeDelta;
use domain::{MembershipStatus, SecondFactorKind, sign_in::LostAccess};

use super::{Cookies, EMAIL, FAST_HASH, Next, PASSWORD, Place, is_slow_down, violation};
use crate::{Error, request::Authentication, secrets::Token};

/// R7, R31: an unknown address, a wrong password and a person without one get the same answer,
/// and each is one refused sign-in in the audit (R101).
#[tokio::test]
async fn every_wrong_pair_gets_the_same_answer() {
    let place = Place::new(&[SecondFactorKind::Email]).await;
    for (email, password) in [
        (EMAIL, "harbour lantern quilts"),
        (EMAIL, "Harbour lantern quilt"),
        ("nobody@nhs.net", PASSWORD),
    ] {
        let refused = place.try_password(email, password).await;
        assert_eq!(violation(refused), "sign_in.failed");
    }
    place.change(|user| user.password_hash = None).await;
    let refused = place.try_password(EMAIL, PASSWORD).await;
    assert_eq!(violation(refused), "sign_in.failed");
    assert_eq!(place.events("sign_in_failed").await, 4);
    assert!(place.h.outbox().await.is_empty());
}

/// R7: somebody who has not registered has no password that could be right.
#[tokio::test]
async fn who_has_not_registered_cannot_sign_in() {
    let place = Place::new(&[]).await;
    place.change(|user| user.registered_at = None).await;
    let refused = place.try_password(EMAIL, PASSWORD).await;
    assert_eq!(violation(refused), "sign_in.failed");
}

#[tokio::test]
async fn a_form_is_checked_before_anything_else() {
    let place = Place::new(&[]).await;
    for (email, password, code) in [
        ("", "x", "email.empty_own"),
        ("jane", "x", "email.format"),
        (EMAIL, "", "password.empty_own"),
    ] {
        assert_eq!(violation(place.try_password(email, password).await), code);
    }
    // R2: too long to be hashed, and so just wrong.
    let long = "x".repeat(2_000);
    let refused = place.try_password(EMAIL, &long).await;
    assert_eq!(violation(refused), "sign_in.failed");
    assert_eq!(place.events("sign_in_failed").await, 0);
}

/// R39, R53: the password alone gives a session for the second step and nothing else; the address
/// may be typed in any case.
#[tokio::test]
async fn a_right_password_leads_to_the_second_step() {
    let place = Place::new(&[SecondFactorKind::Email]).await;
    let signed_in = place.try_password("Jane.Carlton@NHS.net ", PASSWORD).await;
    let signed_in = signed_in.unwrap();
    assert_eq!(signed_in.next, Next::Code);
    assert!(signed_in.device.is_none());
    place.step(&signed_in).await;
    let sent = place.messages("code").await;
    assert_eq!(sent.len(), 1);
    // R26: to the stored address, whatever was typed.
    assert_eq!(sent[0].recipient, EMAIL);
}

/// R32: 5 at once, then one a minute; the right password is not looked at either, and the same
/// holds for an address that nobody has (R34).
#[tokio::test]
async fn guesses_are_slowed_down() {
    let place = Place::new(&[SecondFactorKind::Email]).await;
    for email in [EMAIL, "nobody@nhs.net"] {
        for _ in 0..5 {
            let refused = place.try_password(email, "wrong wrong wrong").await;
            assert_eq!(violation(refused), "sign_in.failed");
        }
        assert!(is_slow_down(&place.try_password(email, PASSWORD).await));
        // The same bucket however the address is written.
        let shouted = email.to_uppercase();
        assert!(is_slow_down(&place.try_password(&shouted, PASSWORD).await));
    }
    place.h.clock.advance(TimeDelta::seconds(59));
    assert!(is_slow_down(&place.try_password(EMAIL, PASSWORD).await));
    place.h.clock.advance(TimeDelta::seconds(1));
    place.half_way().await;
    // A success fills the bucket: 5 more may follow.
    for _ in 0..5 {
        let refused = place.try_password(EMAIL, "wrong wrong wrong").await;
        assert_eq!(violation(refused), "sign_in.failed");
    }
}

/// R32: after 100 failures without a success the password is no way in any more, however slowly
/// they came.
#[tokio::test]
async fn a_hundred_failures_close_the_password() {
    let place = Place::new(&[SecondFactorKind::Email]).await;
    let key = place.services().login_key("password", EMAIL);
    let mut tx = place.services().store.write().await.unwrap();
    for _ in 0..100 {
        place.services().take_guess(&mut tx, &key).await.unwrap();
        place.h.clock.advance(TimeDelta::seconds(60));
    }
    tx.commit().await.unwrap();
    place.h.clock.advance(TimeDelta::days(3));
    assert!(is_slow_down(&place.try_password(EMAIL, PASSWORD).await));
}

/// R33: whatever strangers do, the owner gets in on a device that they know.
#[tokio::test]
async fn strangers_do_not_keep_the_owner_out() {
    let place = Place::new(&[SecondFactorKind::Email]).await;
    let signed_in = place.sign_in_by_email().await;
    let device = signed_in.device.as_ref().map(Token::expose);
    for _ in 0..20 {
        let _ = place.try_password(EMAIL, "wrong wrong wrong").await;
    }
    assert!(is_slow_down(&place.try_password(EMAIL, PASSWORD).await));
    let cookies = Cookies {
        session: None,
        device,
    };
    let owner = place.attempt(EMAIL, PASSWORD, "", cookies).await.unwrap();
    assert_eq!(owner.next, Next::Code);
    // A device that was made up, or is somebody else's, helps nobody.
    let made_up = Token::generate(
        crate::secrets::TokenPurpose::Cookie,
        &place.services().random,
    );
    let cookies = Cookies {
        session: None,
        device: Some(made_up.expose()),
    };
    let stranger = place.attempt(EMAIL, PASSWORD, "", cookies).await;
    assert!(is_slow_down(&stranger));
}

/// 5c: many people behind one address may sign in; one that tries many accounts may not.
#[tokio::test]
async fn one_address_cannot_try_everybody() {
    let place = Place::new(&[]).await;
    let mut refused = 0;
    for n in 0..60 {
        let email = format!("user{n}@nhs.net");
        let form = domain::sign_in::SignInForm {
            email,
            password: String::new(),
        };
        // Only the buckets: hashing 40 times would make a slow test.
        let key = form.email.clone();
        let admitted = place.services().admit(&key, None, &place.request()).await;
        refused += u32::from(matches!(admitted, Err(Error::SlowDown { .. })));
    }
    assert_eq!(refused, 20);
}

/// R6: a weaker hash is renewed when its owner signs in.
#[tokio::test]
async fn a_weak_hash_is_renewed() {
    use argon2::{Algorithm, Argon2, Params, Version, password_hash::PasswordHasher};
    let place = Place::new(&[SecondFactorKind::Email]).await;
    let weak = Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(1_024, 1, 1, None).unwrap(),
    )
    .hash_password_with_salt(PASSWORD.as_bytes(), &[3; 16])
    .unwrap()
    .to_string();
    assert!(weak.starts_with(FAST_HASH));
    place.change(|user| user.password_hash = Some(weak)).await;
    place.half_way().await;
    let renewed = place.user().await.password_hash.unwrap();
    assert!(renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    place.half_way().await;
}

/// A2, R7, V26: only the right password tells somebody who was deactivated everywhere that they were;
/// no session comes of it (R56).
#[tokio::test]
async fn somebody_who_belongs_nowhere_is_told_after_the_password() {
    let place = Place::new(&[SecondFactorKind::Email]).await;
    place.h.administrator("rx1", "sam.okoro@nhs.net").await;
    let before = place.sign_in_by_email().await;
    place.set_status("rx1", MembershipStatus::Inactive).await;
    // R56: the open session is nobody's at the next request.
    assert!(matches!(
        place.who(&before).await,
        Authentication::Anonymous
    ));
    let refused = place.try_password(EMAIL, "wrong wrong wrong").await;
    assert_eq!(violation(refused), "sign_in.failed");
    let refused = place.try_password(EMAIL, PASSWORD).await.unwrap();
    let lost = LostAccess {
        organisation: "Hollybrook Hospital".to_owned(),
        whom_to_ask: vec!["Sam Okoro (sam.okoro@nhs.net)".to_owned()],
    };
    assert_eq!(refused.next, Next::NoOrganisation(vec![lost.clone()]));
    let kept = crate::lost_access::encode(std::slice::from_ref(&lost));
    assert_eq!(crate::lost_access::decode(&kept), [lost]);
    assert!(crate::lost_access::decode("%").is_empty());
    assert!(refused.session.is_none());
    // R61: coming back revives nothing.
    place.set_status("rx1", MembershipStatus::Active).await;
    let again = place.try_password(EMAIL, PASSWORD).await.unwrap();
    assert_eq!(again.next, Next::Code);
}
