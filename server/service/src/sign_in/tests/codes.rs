//! The second step: codes by email, text message and app, and recovery codes.

use chrono::TimeDelta;
use domain::{
    SecondFactorKind::{Authenticator, Email, Sms},
    policy::SecondFactorRule,
};

use super::{EMAIL, Next, PASSWORD, Place, app_code, is_slow_down, other_than, violation};
use crate::{Conflict, Error, request::Authentication};

/// R42: a code by email signs in, once, and only the session that asked for it.
#[tokio::test]
async fn an_email_code_signs_in() {
    let place = Place::new(&[Email]).await;
    let (first, second) = (place.half_way().await, {
        place.h.clock.advance(TimeDelta::seconds(31));
        place.half_way().await
    });
    let codes = place.messages("code").await;
    let [one, two] = [&codes[0], &codes[1]].map(|it| it.secret.clone().unwrap());
    assert_eq!(violation(place.answer(&second, &one).await), "code.wrong");
    let signed_in = place.answer(&second, &two).await.unwrap();
    assert_eq!(signed_in.next, Next::Open("/o/rx1".to_owned()));
    let actor = place.actor(&signed_in).await;
    assert_eq!(actor.methods(), "password+email");
    assert_eq!(place.events("signed_in").await, 1);
    // The session of the first step is gone, and with it everything that it could do (R53).
    let again = place.answer(&second, &two).await;
    assert!(again.is_err());
    place.answer(&first, &one).await.unwrap();
}

/// R42: 10 minutes, to the second. After that a new code is on its way, and the page says so.
#[tokio::test]
async fn a_code_works_for_ten_minutes() {
    let place = Place::new(&[Email]).await;
    let step = place.half_way().await;
    let code = place.sent_code().await;
    place.h.clock.advance(TimeDelta::seconds(599));
    place.answer(&step, &code).await.unwrap();

    let step = place.half_way().await;
    let code = place.sent_code().await;
    place.h.clock.advance(TimeDelta::seconds(600));
    assert_eq!(violation(place.answer(&step, &code).await), "code.expired");
    let new = place.sent_code().await;
    assert_ne!(code, new);
    place.answer(&step, &new).await.unwrap();
}

/// R42, A4: a new code replaces the old one, and is not sent twice within 30 seconds.
#[tokio::test]
async fn a_new_code_replaces_the_old() {
    let place = Place::new(&[Email]).await;
    let step = place.half_way().await;
    let old = place.sent_code().await;
    let too_soon = place.services().send_new_code(&step).await;
    assert!(matches!(
        too_soon,
        Err(Error::Conflict(Conflict::CodeTooSoon))
    ));
    place.h.clock.advance(TimeDelta::seconds(30));
    place.services().send_new_code(&step).await.unwrap();
    let new = place.sent_code().await;
    assert_ne!(old, new);
    assert_eq!(violation(place.answer(&step, &old).await), "code.wrong");
    place.answer(&step, &new).await.unwrap();
}

/// R42: a newer code takes the place of the one that still waits to be sent; that of another session
/// of the same person is sent all the same, for whoever waits for it there.
#[tokio::test]
async fn a_waiting_code_is_withdrawn_by_its_own_session_only() {
    let place = Place::new(&[Email]).await;
    let first = place.half_way().await;
    place.h.clock.advance(TimeDelta::seconds(31));
    let second = place.half_way().await;
    let others = place.sent_code().await;
    place.h.clock.advance(TimeDelta::seconds(1));
    place.services().send_new_code(&first).await.unwrap();
    let newest = place.sent_code().await;
    let claimed = place.services().claim_messages(10).await.unwrap();
    let codes: Vec<String> = claimed
        .iter()
        .filter_map(|message| Some(message.secret.as_ref()?.to_string()))
        .collect();
    assert_eq!(codes, [others.clone(), newest.clone()]);
    place.answer(&second, &others).await.unwrap();
    place.answer(&first, &newest).await.unwrap();
}

/// R36: 5 tries for a code, however it is written; then the right one is worth nothing either, and
/// the owner is told (R13).
#[tokio::test]
async fn a_code_takes_five_wrong_answers() {
    let place = Place::new(&[Email]).await;
    let step = place.half_way().await;
    let code = place.sent_code().await;
    let wrong = other_than(&code);
    let (front, back) = wrong.split_at(3);
    for typed in [
        wrong.clone(),
        format!(" {wrong}"),
        format!("{front} {back}"),
        format!("{front}-{back}"),
    ] {
        assert_eq!(violation(place.answer(&step, &typed).await), "code.wrong");
    }
    assert_eq!(violation(place.answer(&step, &wrong).await), "code.used_up");
    assert_eq!(violation(place.answer(&step, &code).await), "code.used_up");
    assert_eq!(place.messages("second_factor_failed").await.len(), 1);
    assert_eq!(place.events("code_failed").await, 6);
    // A new code works again.
    place.h.clock.advance(TimeDelta::seconds(30));
    place.services().send_new_code(&step).await.unwrap();
    let code = place.sent_code().await;
    place.answer(&step, &code).await.unwrap();
}

/// R36: 10 wrong answers an hour for the account; neither a new code nor the password starts the
/// count anew.
#[tokio::test]
async fn an_account_takes_ten_wrong_answers_an_hour() {
    let place = Place::new(&[Email]).await;
    let mut step = place.half_way().await;
    for round in 0..2 {
        if round > 0 {
            place.h.clock.advance(TimeDelta::seconds(31));
            step = place.half_way().await;
        }
        let wrong = other_than(&place.sent_code().await);
        for _ in 0..5 {
            assert!(!is_slow_down(&place.answer(&step, &wrong).await));
        }
    }
    place.h.clock.advance(TimeDelta::seconds(31));
    let step = place.half_way().await;
    let code = place.sent_code().await;
    assert!(is_slow_down(&place.answer(&step, &code).await));
    place.h.clock.advance(TimeDelta::hours(1));
    let step = place.half_way().await;
    let code = place.sent_code().await;
    place.answer(&step, &code).await.unwrap();
}

#[tokio::test]
async fn what_is_no_code_is_not_counted() {
    let place = Place::new(&[Email]).await;
    let step = place.half_way().await;
    for (typed, code) in [
        ("", "code.empty"),
        ("12345", "code.too_few"),
        ("1234567", "code.too_many"),
        ("12345x", "code.characters"),
        ("１２３４５６", "code.characters"),
    ] {
        for _ in 0..3 {
            assert_eq!(violation(place.answer(&step, typed).await), code);
        }
    }
    let code = place.sent_code().await;
    place.answer(&step, &code).await.unwrap();
}

/// R37: at most 3 codes in 10 minutes to one address; who signs in with one may have more.
#[tokio::test]
async fn one_mailbox_is_not_flooded() {
    let place = Place::new(&[Email]).await;
    let step = place.half_way().await;
    for _ in 0..2 {
        place.h.clock.advance(TimeDelta::seconds(30));
        place.services().send_new_code(&step).await.unwrap();
    }
    place.h.clock.advance(TimeDelta::seconds(30));
    assert!(is_slow_down(&place.services().send_new_code(&step).await));
    assert!(is_slow_down(&place.try_password(EMAIL, PASSWORD).await));
    let code = place.sent_code().await;
    place.answer(&step, &code).await.unwrap();
    place.half_way().await;
    // What was replaced before it was sent is not sent any more; another session's code is.
    assert_eq!(place.messages("code").await.len(), 2);
}

/// R42: a text message goes to the stored number.
#[tokio::test]
async fn a_text_message_signs_in() {
    let place = Place::new(&[Sms]).await;
    let step = place.half_way().await;
    let view = place.services().second_step(&step).await.unwrap();
    assert_eq!((view.kind, view.ending.as_str()), (Some(Sms), "982"));
    assert!(view.others.is_empty() && !view.has_recovery_codes);
    let sent = place.messages("code").await;
    assert_eq!(sent[0].channel, "sms");
    assert_eq!(sent[0].recipient, "+447700900982");
    let signed_in = place.answer(&step, &place.sent_code().await).await;
    let actor = place.actor(&signed_in.unwrap()).await;
    assert_eq!(actor.methods(), "password+sms");
}

/// R41: the code of the app signs in; a step of 30 seconds to either side is let through, and
/// nothing is sent.
#[tokio::test]
async fn an_app_signs_in() {
    for (drift, fine) in [
        (-60, false),
        (-30, true),
        (0, true),
        (30, true),
        (60, false),
    ] {
        let place = Place::new(&[Authenticator, Email]).await;
        let step = place.half_way().await;
        let view = place.services().second_step(&step).await.unwrap();
        assert_eq!(view.kind, Some(Authenticator));
        assert_eq!(view.others, [Email]);
        assert!(place.messages("code").await.is_empty());
        let shown = app_code(place.services().now() + TimeDelta::seconds(drift));
        let answer = place.answer(&step, &shown).await;
        if fine {
            let actor = place.actor(&answer.unwrap()).await;
            assert_eq!(actor.methods(), "password+authenticator");
        } else {
            assert_eq!(violation(answer), "code.wrong");
        }
    }
}

/// R41: a code of the app is good once, and the older ones are spent with it.
#[tokio::test]
async fn an_app_code_is_good_once() {
    let place = Place::new(&[Authenticator]).await;
    let now = place.services().now();
    let (first, second) = (place.half_way().await, place.half_way().await);
    place.answer(&first, &app_code(now)).await.unwrap();
    for spent in [now, now - TimeDelta::seconds(30)] {
        let refused = place.answer(&second, &app_code(spent)).await;
        assert_eq!(violation(refused), "code.wrong");
    }
    let next = app_code(now + TimeDelta::seconds(30));
    place.answer(&second, &next).await.unwrap();
}

/// R41: many requests at once with one code: one signs in.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_requests_with_one_code_one_signs_in() {
    let place = std::sync::Arc::new(Place::new(&[Authenticator]).await);
    let code = app_code(place.services().now());
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let step = place.half_way().await;
        for _ in 0..2 {
            let (place, step, code) = (place.clone(), step.clone(), code.clone());
            tasks.push(tokio::spawn(async move {
                place.answer(&step, &code).await.is_ok()
            }));
        }
    }
    let mut signed_in = 0;
    for task in tasks {
        signed_in += u32::from(task.await.unwrap());
    }
    assert_eq!(signed_in, 1);
}

/// R36: the app's code can be guessed 5 times in a session.
#[tokio::test]
async fn an_app_takes_five_wrong_answers() {
    let place = Place::new(&[Authenticator]).await;
    let step = place.half_way().await;
    let right = app_code(place.services().now());
    let wrong = app_code(place.services().now() + TimeDelta::days(1));
    for _ in 0..4 {
        assert_eq!(violation(place.answer(&step, &wrong).await), "code.wrong");
    }
    for code in [&wrong, &right] {
        assert_eq!(violation(place.answer(&step, code).await), "code.used_up");
    }
}

/// A3: another of one's methods, and none but one's own.
#[tokio::test]
async fn a_person_may_use_another_method() {
    let place = Place::new(&[Authenticator, Sms, Email]).await;
    let step = place.half_way().await;
    let services = place.services();
    services.choose_method(&step, "email").await.unwrap();
    let view = services.second_step(&step).await.unwrap();
    assert_eq!(view.kind, Some(Email));
    assert_eq!(view.ending, "j…@nhs.net");
    assert_eq!(view.others, [Authenticator, Sms]);
    for wrong in ["", "passkey", "carrier pigeon"] {
        let refused = services.choose_method(&step, wrong).await;
        assert_eq!(violation(refused), "codes_method.empty");
    }
    // The app's code is no answer to the question that is asked now.
    let app = app_code(services.now());
    assert_eq!(violation(place.answer(&step, &app).await), "code.wrong");
    let code = place.sent_code().await;
    place.answer(&step, &code).await.unwrap();
}

/// R45: a recovery code signs in once; the person is told, and keeps their second factors.
#[tokio::test]
async fn a_recovery_code_signs_in_once() {
    let place = Place::new(&[Email]).await;
    let codes = place.recovery_codes().await;
    assert_eq!(codes.len(), 10);
    let step = place.half_way().await;
    let typed = codes[3].to_uppercase().replace('-', " ");
    let recovered = place.recover(&step, &typed).await.unwrap();
    assert_eq!(recovered.codes_left, 9);
    let actor = place.actor(&recovered.signed_in).await;
    assert_eq!(actor.methods(), "password+recovery");
    assert_eq!(place.messages("recovery_code_used").await.len(), 1);
    assert_eq!(place.events("recovery_code_used").await, 1);
    place.h.clock.advance(TimeDelta::seconds(31));
    let step = place.half_way().await;
    let view = place.services().second_step(&step).await.unwrap();
    assert_eq!(view.kind, Some(Email));
    assert!(view.has_recovery_codes);
    let refused = place.recover(&step, &codes[3]).await;
    assert_eq!(violation(refused), "recovery.wrong");
    let refused = place.recover(&step, "").await;
    assert_eq!(violation(refused), "recovery.empty");
    place.recover(&step, &codes[4]).await.unwrap();
}

/// R36, R45: guessing recovery codes is slowed down like guessing codes.
#[tokio::test]
async fn recovery_codes_cannot_be_guessed() {
    let place = Place::new(&[Email]).await;
    let codes = place.recovery_codes().await;
    let step = place.half_way().await;
    for _ in 0..10 {
        let refused = place.recover(&step, "0000-0000-0000-0000").await;
        assert_eq!(violation(refused), "recovery.wrong");
    }
    assert!(is_slow_down(&place.recover(&step, &codes[0]).await));
}

/// R48: without a second factor, and with a rule that asks for one, the password is not enough.
#[tokio::test]
async fn a_missing_second_factor_stops_the_sign_in() {
    let place = Place::new(&[]).await;
    let signed_in = place.try_password(EMAIL, PASSWORD).await.unwrap();
    assert_eq!(signed_in.next, Next::SetUpCodes);
    assert!(matches!(
        place.who(&signed_in).await,
        Authentication::SecondStep(_)
    ));
    let step = place.step(&signed_in).await;
    let view = place.services().second_step(&step).await.unwrap();
    assert!(view.nothing_set_up && view.kind.is_none());
    assert!(place.answer(&step, "123456").await.is_err());
}

/// C10, R48: where the organisation leaves it to the person, the password is enough, but never for
/// a privileged role.
#[tokio::test]
async fn an_optional_second_factor_is_optional_for_the_unprivileged() {
    let place = Place::new(&[]).await;
    place
        .policy(|policy| {
            policy.second_factor = SecondFactorRule::Optional;
        })
        .await;
    let signed_in = place.try_password(EMAIL, PASSWORD).await.unwrap();
    assert_eq!(signed_in.next, Next::Open("/o/rx1".to_owned()));
    assert_eq!(place.actor(&signed_in).await.methods(), "password");
    // A privileged role in another place that leaves it open.
    place.h.organisation("RX2", "Rosebush Hospital").await;
    place.h.member("rx2", EMAIL, "administrator").await;
    place
        .policy_of("rx2", |policy| {
            policy.second_factor = SecondFactorRule::Optional;
        })
        .await;
    let signed_in = place.try_password(EMAIL, PASSWORD).await.unwrap();
    assert_eq!(signed_in.next, Next::SetUpCodes);
    // Who has set one up is asked for it, whatever the rule.
    place.add_factor(Email).await;
    let signed_in = place.try_password(EMAIL, PASSWORD).await.unwrap();
    assert_eq!(signed_in.next, Next::Code);
}
