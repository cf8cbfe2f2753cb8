//! Sessions and the gate.

use chrono::TimeDelta;
use domain::{SecondFactorKind::Email, id::UserId};

use super::{Cookies, EMAIL, Next, PASSWORD, Place, SignedIn};
use crate::{
    request::Authentication,
    secrets::{Token, TokenPurpose},
};

fn is_nobody(who: &Authentication) -> bool {
    matches!(who, Authentication::Anonymous)
}

/// R14, R62: only a cookie that was handed out is a session.
#[tokio::test]
async fn what_is_no_session_is_nobody() {
    let place = Place::new(&[Email]).await;
    let random = &place.services().random;
    let made_up = Token::generate(TokenPurpose::Cookie, random);
    let other = Token::generate(TokenPurpose::Reset, random);
    for token in ["", "ck_", "1", made_up.expose(), other.expose()] {
        assert!(is_nobody(&place.whose(Some(token)).await), "{token}");
    }
    assert!(is_nobody(&place.whose(None).await));
}

/// R55: 30 minutes of rest end a session, to the second; every request starts them anew.
#[tokio::test]
async fn a_session_ends_after_thirty_minutes_of_rest() {
    let place = Place::new(&[Email]).await;
    let signed_in = place.sign_in_by_email().await;
    let clock = &place.h.clock;
    for _ in 0..3 {
        clock.advance(TimeDelta::seconds(1_799));
        place.actor(&signed_in).await;
    }
    clock.advance(TimeDelta::seconds(1_800));
    assert!(is_nobody(&place.who(&signed_in).await));
}

/// R55: 12 hours end a session, however busy it is.
#[tokio::test]
async fn a_session_ends_after_twelve_hours() {
    let place = Place::new(&[Email]).await;
    let signed_in = place.sign_in_by_email().await;
    for _ in 0..47 {
        place.h.clock.advance(TimeDelta::minutes(15));
        place.actor(&signed_in).await;
    }
    place.h.clock.advance(TimeDelta::seconds(899));
    place.actor(&signed_in).await;
    place.h.clock.advance(TimeDelta::seconds(1));
    assert!(is_nobody(&place.who(&signed_in).await));
}

/// R55: of several organisations the strictest counts, and a stricter rule counts at once.
#[tokio::test]
async fn the_strictest_organisation_counts() {
    let place = Place::new(&[Email]).await;
    let signed_in = place.sign_in_by_email().await;
    place.h.clock.advance(TimeDelta::minutes(9));
    place.actor(&signed_in).await;
    place.h.organisation("RX2", "Rosebush Hospital").await;
    place.h.member("rx2", EMAIL, "viewer").await;
    place
        .policy(|policy| policy.session_idle_minutes = 10)
        .await;
    place.h.clock.advance(TimeDelta::seconds(599));
    place.actor(&signed_in).await;
    place.h.clock.advance(TimeDelta::seconds(600));
    assert!(is_nobody(&place.who(&signed_in).await));
}

/// R53: each step has a cookie of its own, and the one before is worth nothing after it.
#[tokio::test]
async fn every_step_has_a_session_of_its_own() {
    let place = Place::new(&[Email]).await;
    let first = place.try_password(EMAIL, PASSWORD).await.unwrap();
    let step = place.step(&first).await;
    let code = place.sent_code().await;
    let second = place.answer(&step, &code).await.unwrap();
    assert!(is_nobody(&place.who(&first).await));
    place.actor(&second).await;
    // Signing in again in the same browser ends the session before.
    let cookies = Cookies {
        session: second.session.as_ref().map(Token::expose),
        device: None,
    };
    let third = place.attempt(EMAIL, PASSWORD, "", cookies).await.unwrap();
    assert!(is_nobody(&place.who(&second).await));
    place.step(&third).await;
}

/// R57: after signing out the cookie opens nothing, and signing out twice does no harm.
#[tokio::test]
async fn signing_out_ends_the_session() {
    let place = Place::new(&[Email]).await;
    let signed_in = place.sign_in_by_email().await;
    let other = place.sign_in_by_email().await;
    let who = place.who(&signed_in).await;
    place.services().sign_out(&who).await.unwrap();
    assert!(is_nobody(&place.who(&signed_in).await));
    place.services().sign_out(&who).await.unwrap();
    assert_eq!(place.events("signed_out").await, 1);
    // The session on another device goes on.
    place.actor(&other).await;
    let half = place.try_password(EMAIL, PASSWORD).await.unwrap();
    let who = place.who(&half).await;
    place.services().sign_out(&who).await.unwrap();
    assert!(is_nobody(&place.who(&half).await));
}

/// R59: the eleventh session ends the one that rested longest.
#[tokio::test]
async fn ten_sessions_at_a_time() {
    let place = Place::new(&[Email]).await;
    let mut sessions = Vec::new();
    for _ in 0..11 {
        sessions.push(place.sign_in_by_email().await);
        place.h.clock.advance(TimeDelta::seconds(61));
    }
    assert!(is_nobody(&place.who(&sessions[0]).await));
    for session in &sessions[1..] {
        place.actor(session).await;
    }
}

/// R60: another epoch of the user ends every session and every step in progress.
#[tokio::test]
async fn a_new_epoch_ends_everything() {
    let place = Place::new(&[Email]).await;
    let whole = place.sign_in_by_email().await;
    let half = place.try_password(EMAIL, PASSWORD).await.unwrap();
    place.change(|user| user.security_epoch += 1).await;
    assert!(is_nobody(&place.who(&whole).await));
    assert!(is_nobody(&place.who(&half).await));
}

/// R39: the second step may take 2 hours at most, however busy it is.
#[tokio::test]
async fn the_second_step_does_not_wait_for_ever() {
    let place = Place::new(&[Email]).await;
    let half = place.try_password(EMAIL, PASSWORD).await.unwrap();
    for _ in 0..5 {
        place.h.clock.advance(TimeDelta::minutes(20));
        place.step(&half).await;
    }
    place.h.clock.advance(TimeDelta::minutes(20));
    assert!(is_nobody(&place.who(&half).await));
}

/// R13: somebody who signs in on a new device is told, once; the cookie makes it known (R33).
#[tokio::test]
async fn a_new_device_is_news_once() {
    let place = Place::new(&[Email]).await;
    let first = place.sign_in_by_email().await;
    assert!(first.device.is_some());
    assert_eq!(place.messages("new_device").await.len(), 1);
    place.sign_in_by_email().await;
    assert_eq!(place.messages("new_device").await.len(), 1);
    place.h.clock.advance(TimeDelta::seconds(1));
    let step = place.half_way().await;
    let form = domain::sign_in::CodeForm {
        code: place.sent_code().await,
    };
    let cookies = Cookies {
        session: None,
        device: first.device.as_ref().map(Token::expose),
    };
    let again = place.services().answer_code(&step, &form, cookies).await;
    assert!(again.unwrap().device.is_none());
}

/// T-TIM-02: what was typed in a session that ran out is kept for its user, in whatever browser, and for
/// nobody else.
#[tokio::test]
async fn a_form_outlives_its_session_for_its_user_alone() {
    let place = Place::new(&[Email]).await;
    let services = place.services();
    let (first, second) = (
        place.sign_in_by_email().await,
        place.sign_in_by_email().await,
    );
    let token = |signed_in: &SignedIn| signed_in.session.as_ref().unwrap().expose().to_owned();
    let user = place.actor(&second).await.user();
    place.h.clock.advance(TimeDelta::minutes(25));
    place.actor(&second).await;
    place.h.clock.advance(TimeDelta::minutes(5));
    assert!(is_nobody(&place.who(&first).await));

    let typed = serde_json::json!({ "values": { "emails": ["jane@nhs.net"] } });
    let keep = async |session: Option<&str>| {
        let kept = services.keep_timed_out_form(session, typed.clone());
        kept.await.unwrap()
    };
    let kept = keep(Some(&token(&first))).await.unwrap();
    assert_eq!(kept.idle_minutes, 30);
    let draft = kept.draft.to_string();
    let read = async |visitor, user| services.form_draft(visitor, user, &draft).await.unwrap();
    assert_eq!(read(None, Some(user)).await, Some(typed.clone()));
    let other = UserId::from_uuid(uuid::Uuid::from_u128(7));
    assert_eq!(read(Some("somebody"), Some(other)).await, None);
    assert_eq!(read(Some("somebody"), None).await, None);

    // The page ends a session that still has time left, when its own time is up.
    assert!(keep(Some(&token(&second))).await.is_some());
    assert!(is_nobody(&place.who(&second).await));
    // Two pages of a browser end together: both keep their forms.
    assert!(keep(Some(&token(&second))).await.is_some());
    // The page says how long it was, by the rule as it is now.
    place
        .policy(|policy| policy.session_idle_minutes = 15)
        .await;
    let kept = keep(Some(&token(&second))).await.unwrap();
    assert_eq!(kept.idle_minutes, 15);
    // Half a session, none, and one that was ended by signing out or a new password keep nothing.
    let half = place.try_password(EMAIL, PASSWORD).await.unwrap();
    for session in [Some(token(&half)), Some("ck_made-up".to_owned()), None] {
        assert_eq!(keep(session.as_deref()).await, None);
    }
    place.h.clock.advance(TimeDelta::hours(26));
    assert_eq!(read(None, Some(user)).await, None);
    services.tidy_up().await.unwrap();
    assert_eq!(keep(Some(&token(&second))).await, None);
}

/// T-TIM-01: a page is told how long it may rest, never more than the session does.
#[tokio::test]
async fn a_page_knows_how_long_its_session_lasts() {
    let place = Place::new(&[Email]).await;
    let signed_in = place.sign_in_by_email().await;
    let time = async || {
        let who = place.who(&signed_in).await;
        let frame = place.services().frame(&who, "").await.unwrap();
        frame.viewer.unwrap().session
    };
    assert_eq!(time().await.idle_seconds, 1_790);
    assert_eq!(time().await.seconds_left, 43_200);
    place.h.clock.advance(TimeDelta::seconds(9));
    place.actor(&signed_in).await;
    place.h.clock.advance(TimeDelta::seconds(1_790));
    assert_eq!(time().await.seconds_left, 43_200 - 1_799);
    place
        .policy(|policy| policy.session_idle_minutes = 15)
        .await;
    assert_eq!(time().await.idle_seconds, 890);
}

/// Nothing depends on the cleaning, and it takes only what is over.
#[tokio::test]
async fn cleaning_takes_only_what_is_over() {
    let place = Place::new(&[Email]).await;
    let signed_in = place.sign_in_by_email().await;
    place.services().tidy_up().await.unwrap();
    let actor = place.actor(&signed_in).await;
    place.h.clock.advance(TimeDelta::hours(26));
    place.services().tidy_up().await.unwrap();
    let mut tx = place.services().store.read().await.unwrap();
    assert!(tx.session(actor.session()).await.unwrap().is_none());
}

/// R89: the path that was wanted survives both steps.
#[tokio::test]
async fn the_wanted_page_opens_at_the_end() {
    let place = Place::new(&[Email]).await;
    let wanted = "/o/rx1/users?q=carlton";
    let half = place
        .attempt(EMAIL, PASSWORD, wanted, Cookies::default())
        .await
        .unwrap();
    let step = place.step(&half).await;
    let code = place.sent_code().await;
    let signed_in = place.answer(&step, &code).await.unwrap();
    assert_eq!(signed_in.next, Next::Open(wanted.to_owned()));
}
