//! A forgotten password.

use chrono::TimeDelta;
use domain::{
    MembershipStatus,
    SecondFactorKind::{Authenticator, Email},
    sign_in::{ForgotPasswordForm, ResetPasswordForm},
};

use super::{EMAIL, Next, PASSWORD, Place, app_code, is_slow_down, violation};
use crate::{Error, Result, request::Authentication};

const NEW: &str = "kettle orchard ribbon";

impl Place {
    async fn forget(&self, email: &str) -> Result<()> {
        let form = ForgotPasswordForm {
            email: email.to_owned(),
        };
        self.services()
            .request_password_reset(&form, &self.request())
            .await
    }

    /// The token of the newest link.
    async fn link(&self) -> String {
        self.forget(EMAIL).await.unwrap();
        let messages = self.messages("password_reset").await;
        messages.last().unwrap().secret.clone().unwrap()
    }

    async fn reset(&self, token: &str, password: &str) -> Result<()> {
        let form = ResetPasswordForm {
            new_password: password.to_owned(),
        };
        self.services()
            .reset_password(token, &form, &self.request())
            .await
    }

    async fn can_open(&self, token: &str) -> bool {
        match self.services().reset_rules(token, &self.request()).await {
            Ok(rules) => rules.email == EMAIL,
            Err(Error::Expired("reset")) => false,
            Err(other) => panic!("{other}"),
        }
    }
}

/// R12, R27, R60: the link sets a password, ends everything that was started before, and signs
/// nobody in.
#[tokio::test]
async fn a_link_sets_a_new_password() {
    let place = Place::new(&[Authenticator]).await;
    let half = place.try_password(EMAIL, PASSWORD).await.unwrap();
    let step = place.step(&half).await;
    let code = app_code(place.services().now());
    let whole = place.answer(&step, &code).await.unwrap();
    let half = place.try_password(EMAIL, PASSWORD).await.unwrap();
    let other_link = place.link().await;
    let token = place.link().await;
    // R27: asking changed nothing.
    place.actor(&whole).await;
    place.reset(&token, NEW).await.unwrap();
    for session in [&whole, &half] {
        assert!(matches!(
            place.who(session).await,
            Authentication::Anonymous
        ));
    }
    assert!(!place.can_open(&other_link).await);
    assert!(place.reset(&other_link, NEW).await.is_err());
    assert_eq!(place.messages("password_changed").await.len(), 1);
    assert_eq!(place.events("password_reset").await, 1);
    let refused = place.try_password(EMAIL, PASSWORD).await;
    assert_eq!(violation(refused), "sign_in.failed");
    let again = place.try_password(EMAIL, NEW).await.unwrap();
    assert_eq!(again.next, Next::Code);
}

/// R31: known and unknown addresses get the same answer in the same time, and only the known one
/// gets mail, at its stored spelling (R26).
#[tokio::test]
async fn asking_tells_nothing() {
    let place = Place::new(&[Email]).await;
    let mut times = Vec::new();
    for email in ["JANE.CARLTON@nhs.net", "nobody@nhs.net"] {
        let start = tokio::time::Instant::now();
        place.forget(email).await.unwrap();
        times.push(start.elapsed().as_millis());
    }
    assert!(times.iter().all(|time| *time >= 100), "{times:?}");
    let sent = place.h.outbox().await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].recipient, EMAIL);
    assert_eq!(place.events("password_reset_requested").await, 2);
    assert_eq!(violation(place.forget("jane").await), "email.format");
    assert_eq!(violation(place.forget(" ").await), "email.empty_own");
}

/// R16: one hour, to the second.
#[tokio::test]
async fn a_link_works_for_an_hour() {
    let place = Place::new(&[Email]).await;
    let token = place.link().await;
    place.h.clock.advance(TimeDelta::seconds(3_599));
    assert!(place.can_open(&token).await);
    place.h.clock.advance(TimeDelta::seconds(1));
    assert!(!place.can_open(&token).await);
    assert!(matches!(
        place.reset(&token, NEW).await,
        Err(Error::Expired("reset"))
    ));
}

/// R18: opening the link, however often, uses nothing up; a refused password neither.
#[tokio::test]
async fn looking_uses_nothing_up() {
    let place = Place::new(&[Email]).await;
    let token = place.link().await;
    for _ in 0..20 {
        assert!(place.can_open(&token).await);
        place.h.clock.advance(TimeDelta::seconds(3));
    }
    for (password, code) in [
        ("", "password.empty"),
        ("elevenchars", "password.too_short"),
        ("jane carlton 1", "password.personal"),
        ("hollybrook hospital", "password.personal"),
        ("Lanyard lanyard!", "password.personal"),
        ("Password123456", "password.common"),
    ] {
        assert_eq!(violation(place.reset(&token, password).await), code);
    }
    place.reset(&token, NEW).await.unwrap();
    // R17: once.
    assert!(!place.can_open(&token).await);
    assert!(place.reset(&token, "another ribbon kettle").await.is_err());
}

/// R17: many requests at once with one link: one sets the password.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_requests_with_one_link_one_wins() {
    let place = std::sync::Arc::new(Place::new(&[Email]).await);
    let token = place.link().await;
    let mut tasks = Vec::new();
    for n in 0..6 {
        let (place, token) = (place.clone(), token.clone());
        tasks.push(tokio::spawn(async move {
            place.reset(&token, &format!("{NEW} {n}")).await.is_ok()
        }));
    }
    let mut won = 0;
    for task in tasks {
        won += u32::from(task.await.unwrap());
    }
    assert_eq!(won, 1);
    assert_eq!(place.user().await.security_epoch, 1);
}

/// R20: what is no reset link opens nothing here.
#[tokio::test]
async fn only_a_reset_link_is_one() {
    let place = Place::new(&[Email]).await;
    let token = place.link().await;
    let body = token.trim_start_matches("rst_");
    for wrong in [
        String::new(),
        " ".to_owned(),
        "rst_".to_owned(),
        body.to_owned(),
        format!("inv_{body}"),
        format!("set_{body}"),
        format!("{token}A"),
        token.to_uppercase(),
    ] {
        assert!(!place.can_open(&wrong).await, "{wrong}");
    }
}

/// R27, R28: somebody who has not registered, or was deactivated, gets no link, but is told whom
/// to ask.
#[tokio::test]
async fn who_cannot_sign_in_gets_no_link() {
    let place = Place::new(&[Email]).await;
    let link = place.link().await;
    place.set_status("rx1", MembershipStatus::Inactive).await;
    assert!(!place.can_open(&link).await);
    place.forget(EMAIL).await.unwrap();
    assert_eq!(place.messages("password_reset").await.len(), 1);
    let told = place.messages("password_reset_unavailable").await;
    assert_eq!(told.len(), 1);
    assert!(told[0].secret.is_none());
    place.set_status("rx1", MembershipStatus::Pending).await;
    place.change(|user| user.registered_at = None).await;
    place.forget(EMAIL).await.unwrap();
    assert_eq!(place.messages("password_reset").await.len(), 1);
    assert_eq!(place.messages("password_reset_unavailable").await.len(), 2);
}

/// R37: 3 links in 10 minutes to one address; more are not sent, and nobody is told. One address
/// of the net may ask 10 times in a row.
#[tokio::test]
async fn links_are_not_sent_without_end() {
    let place = Place::new(&[Email]).await;
    for _ in 0..10 {
        place.forget(EMAIL).await.unwrap();
    }
    // Each of these links works, so each is sent.
    assert_eq!(place.messages("password_reset").await.len(), 3);
    assert!(is_slow_down(&place.forget("somebody@nhs.net").await));
}

/// R33: whoever has to wait after wrong guesses gets in by a reset.
#[tokio::test]
async fn a_reset_ends_the_wait() {
    let place = Place::new(&[Email]).await;
    for _ in 0..6 {
        let _ = place.try_password(EMAIL, "wrong wrong wrong").await;
    }
    assert!(is_slow_down(&place.try_password(EMAIL, PASSWORD).await));
    let token = place.link().await;
    place.reset(&token, NEW).await.unwrap();
    assert!(place.try_password(EMAIL, NEW).await.is_ok());
}

/// R12: after a reset by email a code to the same mailbox is no second proof; a recovery code is,
/// and from then on the mailbox counts again.
#[tokio::test]
async fn the_mailbox_is_not_both_proofs() {
    let place = Place::new(&[Email]).await;
    let codes = place.recovery_codes().await;
    let token = place.link().await;
    place.reset(&token, NEW).await.unwrap();
    let signed_in = place.try_password(EMAIL, NEW).await.unwrap();
    assert_eq!(signed_in.next, Next::RecoveryCode);
    assert!(place.messages("code").await.is_empty());
    let step = place.step(&signed_in).await;
    let view = place.services().second_step(&step).await.unwrap();
    assert!(view.mailbox_spent && view.has_recovery_codes);
    assert_eq!(view.kind, None);
    let refused = place.services().choose_method(&step, "email").await;
    assert_eq!(violation(refused), "codes_method.empty");
    assert!(place.services().send_new_code(&step).await.is_err());
    place.recover(&step, &codes[0]).await.unwrap();
    let signed_in = place.try_password(EMAIL, NEW).await.unwrap();
    assert_eq!(signed_in.next, Next::Code);
}

/// R12: with an app the mailbox is not asked.
#[tokio::test]
async fn after_a_reset_the_app_is_enough() {
    let place = Place::new(&[Authenticator, Email]).await;
    let token = place.link().await;
    place.reset(&token, NEW).await.unwrap();
    let signed_in = place.try_password(EMAIL, NEW).await.unwrap();
    let step = place.step(&signed_in).await;
    let view = place.services().second_step(&step).await.unwrap();
    assert_eq!(view.kind, Some(Authenticator));
    assert!(view.others.is_empty());
    let code = app_code(place.services().now());
    place.answer(&step, &code).await.unwrap();
}
