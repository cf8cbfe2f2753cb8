//! How people change their codes themselves.

use chrono::TimeDelta;
use domain::{SecondFactorKind, sign_in::CodeForm};
use totp_rs::Builder;

use super::factors::app_owner;
use crate::{Actor, Conflict, Error, presets::Preset, request::Authentication, testing::Harness};

/// Jane's actor at her next request, with this cookie.
async fn actor(h: &Harness, cookie: &str) -> Option<Actor> {
    match h.services.authenticate(Some(cookie), &h.request()).await {
        Ok(Authentication::Complete(actor)) => Some(actor),
        _ => None,
    }
}

fn app_code(h: &Harness, actor: &Actor, sealed: &[u8]) -> CodeForm {
    let secret = h.services.keys.open(&app_owner(actor), sealed).unwrap();
    let app = Builder::new()
        .with_secret(secret.to_vec())
        .with_account_name("jane")
        .build()
        .unwrap();
    let now = u64::try_from(h.services.now().timestamp()).unwrap();
    CodeForm {
        code: app.generate(now).to_string(),
    }
}

/// R51, R60, R43: an app counts once its code was entered; other sessions end; an administrator,
/// whose role needs it, cannot remove it, and others can when they have another way.
#[tokio::test]
async fn an_app_is_set_up_and_removed() {
    let h = Harness::new().await;
    h.organisation_of(Preset::SelfRegistration, "RX1", "Hollybrook Hospital")
        .await;
    for (email, role, may_remove) in [
        ("jane.carlton@nhs.net", "administrator", false),
        ("omar.haddad@nhs.net", "viewer", true),
    ] {
        let member = h.member("rx1", email, role).await;
        let mut tx = h.services.store.write().await.unwrap();
        let user = tx.user(member.user()).await.unwrap().unwrap();
        let by = crate::By::actor(&member);
        h.services
            .add_codes_by(&mut tx, &by, &user, SecondFactorKind::Email)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let other = h.session(&member).await;
        let cookie = h.session(&member).await;
        let person = actor(&h, &cookie).await.unwrap();
        let sealed = h.services.begin_own_app(&person).await.unwrap();
        let wrong = CodeForm {
            code: "000000".to_owned(),
        };
        let refused = h.services.set_own_app(&person, &sealed, &wrong).await;
        assert!(matches!(refused, Err(Error::Invalid(_))));
        let right = app_code(&h, &person, &sealed);
        let renewed = h.services.set_own_app(&person, &sealed, &right).await;
        let renewed = renewed.unwrap();
        assert!(actor(&h, &other).await.is_none());
        assert!(actor(&h, &cookie).await.is_none());
        let person = actor(&h, renewed.session.expose()).await.unwrap();
        let security = h.services.own_security(&person).await.unwrap();
        assert!(security.kinds.contains(&SecondFactorKind::Authenticator));
        assert_eq!(security.can_remove_app, may_remove);
        // What was sealed for the session before opens nothing in this one.
        let stolen = h.services.own_app_set_up(&person, &sealed).await;
        assert!(matches!(stolen, Err(Error::NotFound)));
        let removed = h.services.remove_own_app(&person).await;
        if may_remove {
            let person = removed.unwrap().session;
            let person = actor(&h, person.expose()).await.unwrap();
            let security = h.services.own_security(&person).await.unwrap();
            assert_eq!(security.kinds, [SecondFactorKind::Email]);
        } else {
            assert!(matches!(removed, Err(Error::Conflict(Conflict::AppNeeded))));
        }
    }
}

/// R45: new recovery codes are shown in their session alone, after the password.
#[tokio::test]
async fn recovery_codes_are_made_anew() {
    let h = Harness::new().await;
    h.organisation("RX1", "Hollybrook Hospital").await;
    let jane = h.member("rx1", "jane.carlton@nhs.net", "viewer").await;
    let cookie = h.session(&jane).await;
    let other = h.session(&jane).await;
    let here = actor(&h, &cookie).await.unwrap();
    let there = actor(&h, &other).await.unwrap();
    let sealed = h.services.new_own_recovery_codes(&here).await.unwrap();
    assert_eq!(h.services.shown_recovery_codes(&here, &sealed).len(), 10);
    assert!(h.services.shown_recovery_codes(&there, &sealed).is_empty());
    let security = h.services.own_security(&here).await.unwrap();
    assert_eq!(security.recovery_codes_left, 10);
    h.clock.advance(TimeDelta::minutes(10));
    let late = h.services.new_own_recovery_codes(&here).await;
    assert!(matches!(late, Err(Error::StepUpRequired)));
}
