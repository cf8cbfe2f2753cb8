//! Setting up codes in the middle of signing in.

use chrono::TimeDelta;
use domain::{
    SecondFactorKind::{Authenticator, Email, Sms},
    registration::CodesMethodForm,
    set_up_codes::SetUpStep,
    sign_in::CodeForm,
};
use totp_rs::Builder;

use super::{Cookies, EMAIL, Next, PASSWORD, Place, is_slow_down, other_than, violation};
use crate::{
    Conflict, Error, Result,
    request::{Authentication, SecondStep},
    set_up_codes::{Chosen, SetUpDone},
};

impl Place {
    async fn prove_mailbox(&self, step: &SecondStep, code: &str) -> Result<Vec<u8>> {
        let form = CodeForm {
            code: code.to_owned(),
        };
        let proved = self.services().prove_mailbox(step, &form).await;
        proved.map(|(answers, _)| answers)
    }

    /// Half way, with the code to the mailbox entered.
    async fn proven(&self) -> (SecondStep, Vec<u8>) {
        self.h.clock.advance(TimeDelta::minutes(11));
        let step = self.half_way().await;
        let code = self.sent_code().await;
        let answers = self.prove_mailbox(&step, &code).await.unwrap();
        (step, answers)
    }

    async fn choose(
        &self,
        step: &SecondStep,
        answers: &[u8],
        method: &str,
        mobile: &str,
    ) -> Result<Chosen> {
        let form = CodesMethodForm {
            codes_method: method.to_owned(),
            mobile: mobile.to_owned(),
        };
        self.services()
            .choose_way_of_codes(step, answers, &form, Cookies::default())
            .await
    }

    async fn chosen(&self, step: &SecondStep, answers: &[u8], method: &str, to: &str) -> Vec<u8> {
        match self.choose(step, answers, method, to).await.unwrap() {
            Chosen::Ask(answers) => answers,
            Chosen::Done(_) => panic!("nothing was asked"),
        }
    }

    async fn confirm(&self, step: &SecondStep, answers: &[u8], code: &str) -> Result<SetUpDone> {
        let form = CodeForm {
            code: code.to_owned(),
        };
        self.services()
            .confirm_way_of_codes(step, answers, &form, Cookies::default())
            .await
    }

    /// The code that the app shows which is being set up.
    async fn new_app_code(&self, step: &SecondStep, answers: &[u8]) -> String {
        let view = self.services().set_up_codes(step, answers).await.unwrap();
        let key = view.app.unwrap().key.replace(' ', "");
        let secret = totp_rs::Secret::try_from_base32(&key).unwrap();
        let app = Builder::new()
            .with_secret(secret)
            .with_account_name(EMAIL)
            .build()
            .unwrap();
        let now = u64::try_from(self.services().now().timestamp()).unwrap();
        app.generate(now).to_string()
    }
}

/// R40, R48, R51, R45: the password leads to a code to the person's own address, that to an app, and its
/// first code to the end of the sign-in, with recovery codes that are shown once.
#[tokio::test]
async fn an_app_is_set_up_while_signing_in() {
    let place = Place::new(&[]).await;
    let other = place.half_way().await;
    place.h.clock.advance(TimeDelta::seconds(1));
    let signed_in = place
        .attempt(EMAIL, PASSWORD, "/o/rx1/users", Cookies::default())
        .await
        .unwrap();
    assert_eq!(signed_in.next, Next::SetUpCodes);
    let step = place.step(&signed_in).await;
    let services = place.services();
    let view = services.set_up_codes(&step, &[]).await.unwrap();
    assert_eq!(view.step, SetUpStep::Mailbox);
    assert_eq!((view.kind, view.ending.as_str()), (Email, "j…@nhs.net"));
    // Nothing can be chosen before.
    let early = place.choose(&step, &[], "authenticator", "").await;
    assert!(matches!(early, Err(Error::Conflict(Conflict::StepMissing))));
    let code = place.sent_code().await;
    let wrong = place.prove_mailbox(&step, &other_than(&code)).await;
    assert_eq!(violation(wrong), "code.wrong");
    let answers = place.prove_mailbox(&step, &code).await.unwrap();
    let view = services.set_up_codes(&step, &answers).await.unwrap();
    assert_eq!(view.step, SetUpStep::Method);
    // What was answered counts in its own session alone.
    let view = services.set_up_codes(&other, &answers).await.unwrap();
    assert_eq!(view.step, SetUpStep::Mailbox);
    let early = place.confirm(&step, &answers, "123456").await;
    assert!(matches!(
        early.err(),
        Some(Error::Conflict(Conflict::StepMissing))
    ));
    let answers = place.chosen(&step, &answers, "authenticator", "").await;
    let code = place.new_app_code(&step, &answers).await;
    let wrong = place.confirm(&step, &answers, &other_than(&code)).await;
    assert_eq!(violation(wrong), "code.wrong");
    assert_eq!(place.events("second_factor_added").await, 0);
    let done = place.confirm(&step, &answers, &code).await.unwrap();
    assert_eq!(done.signed_in.next, Next::Open("/o/rx1/users".to_owned()));
    let actor = place.actor(&done.signed_in).await;
    assert_eq!(actor.methods(), "password+authenticator");
    let shown = services.shown_recovery_codes(&actor, &done.recovery_codes);
    assert_eq!(shown.len(), 10);
    // The other session, which had seen the password alone, is over (R60).
    assert!(place.prove_mailbox(&other, "123456").await.is_err());
    assert_eq!(place.events("second_factor_added").await, 1);
    let notice = place.messages("account_changed").await.pop().unwrap();
    assert_eq!(notice.content.subject, "codes_set_up");
    // From now on there is a second step, and a recovery code for who cannot take it.
    let signed_in = place.try_password(EMAIL, PASSWORD).await.unwrap();
    assert_eq!(signed_in.next, Next::Code);
    let step = place.step(&signed_in).await;
    place.recover(&step, &shown[3]).await.unwrap();
}

/// R42, R73: a number is proved by the code that went to it, and by no other; then it is the person's.
#[tokio::test]
async fn a_number_is_proved_by_its_own_code() {
    let place = Place::new(&[]).await;
    let (step, answers) = place.proven().await;
    let refused = place.choose(&step, &answers, "sms", "nonsense").await;
    assert_eq!(violation(refused), "mobile.format");
    let theirs = place.chosen(&step, &answers, "sms", "07700 900 000").await;
    place.h.clock.advance(TimeDelta::seconds(31));
    let own = place.chosen(&step, &answers, "sms", "07700 900 111").await;
    let code = place.sent_code().await;
    let refused = place.confirm(&step, &theirs, &code).await;
    assert_eq!(violation(refused), "code.wrong");
    let view = place.services().set_up_codes(&step, &own).await.unwrap();
    assert_eq!((view.kind, view.ending.as_str()), (Sms, "111"));
    let done = place.confirm(&step, &own, &code).await.unwrap();
    assert_eq!(place.actor(&done.signed_in).await.methods(), "password+sms");
    assert_eq!(place.user().await.mobile.as_deref(), Some("+447700900111"));
    assert_eq!(place.events("mobile_changed").await, 1);
}

/// R43: where an app is the only way, there is no question.
#[tokio::test]
async fn the_only_way_is_not_asked_for() {
    let place = Place::new(&[]).await;
    place
        .policy(|policy| policy.second_factor_methods = vec![Authenticator])
        .await;
    let (step, answers) = place.proven().await;
    let view = place
        .services()
        .set_up_codes(&step, &answers)
        .await
        .unwrap();
    assert_eq!(view.step, SetUpStep::Code);
    let code = place.new_app_code(&step, &answers).await;
    place.confirm(&step, &answers, &code).await.unwrap();
}

/// R12, R43, C11: codes by email are set up only where every organisation allows them, and not with a
/// password that came by email.
#[tokio::test]
async fn the_mailbox_is_a_second_factor_only_where_it_may_be() {
    let place = Place::new(&[]).await;
    let (step, answers) = place.proven().await;
    place
        .policy(|policy| policy.second_factor_methods = vec![Authenticator])
        .await;
    let refused = place.choose(&step, &answers, "email", "").await;
    assert_eq!(violation(refused), "codes_method.empty");
    place
        .policy(|policy| policy.second_factor_methods = vec![Authenticator, Email])
        .await;
    let Chosen::Done(done) = place.choose(&step, &answers, "email", "").await.unwrap() else {
        panic!("the mailbox was proved already");
    };
    assert_eq!(
        place.actor(&done.signed_in).await.methods(),
        "password+email"
    );
}

/// R40: whoever has a way to get codes sets nothing up with the password alone.
#[tokio::test]
async fn a_password_alone_sets_nothing_up() {
    let place = Place::new(&[]).await;
    let (step, answers) = place.proven().await;
    place.add_factor(Authenticator).await;
    let view = place.services().set_up_codes(&step, &answers).await;
    assert!(matches!(view.err(), Some(Error::NotAllowed)));
    let refused = place.choose(&step, &answers, "authenticator", "").await;
    assert!(matches!(refused.err(), Some(Error::NotAllowed)));
    let refused = place.confirm(&step, &answers, "123456").await;
    assert!(matches!(refused.err(), Some(Error::NotAllowed)));
    let refused = place.services().send_another_code(&step, &answers).await;
    assert!(matches!(refused.err(), Some(Error::NotAllowed)));
}

/// R51, R36: what was begun is forgotten after 20 minutes, and wrong codes are counted for the account.
#[tokio::test]
async fn setting_up_takes_no_longer_than_it_may() {
    let place = Place::new(&[]).await;
    let (step, answers) = place.proven().await;
    let services = place.services();
    place
        .h
        .clock
        .advance(TimeDelta::minutes(20) - TimeDelta::seconds(1));
    let view = services.set_up_codes(&step, &answers).await.unwrap();
    assert_eq!(view.step, SetUpStep::Method);
    place.h.clock.advance(TimeDelta::seconds(1));
    let view = services.set_up_codes(&step, &answers).await.unwrap();
    assert_eq!(view.step, SetUpStep::Mailbox);
    // A new code to the mailbox, and then ten wrong ones.
    services.send_another_code(&step, &answers).await.unwrap();
    let code = place.sent_code().await;
    let mut refused = Vec::new();
    for _ in 0..5 {
        refused.push(violation(
            place.prove_mailbox(&step, &other_than(&code)).await,
        ));
    }
    assert_eq!(refused[3], "code.wrong");
    assert_eq!(refused[4], "code.used_up");
    assert_eq!(
        violation(place.prove_mailbox(&step, &code).await),
        "code.used_up"
    );
    for _ in 0..4 {
        let refused = place.prove_mailbox(&step, &code).await;
        assert_eq!(violation(refused), "code.used_up");
    }
    assert!(is_slow_down(&place.prove_mailbox(&step, &code).await));
}

/// R60: of two sessions that set up, one does; the other is over.
#[tokio::test]
async fn one_of_two_sessions_sets_up() {
    let place = Place::new(&[]).await;
    let (one, one_answers) = place.proven().await;
    let (two, two_answers) = place.proven().await;
    let one_answers = place.chosen(&one, &one_answers, "authenticator", "").await;
    let two_answers = place.chosen(&two, &two_answers, "authenticator", "").await;
    let code = place.new_app_code(&one, &one_answers).await;
    place.confirm(&one, &one_answers, &code).await.unwrap();
    let late = place.confirm(&two, &two_answers, &code).await;
    assert!(matches!(late.err(), Some(Error::NotAllowed)));
    let view = place.services().set_up_codes(&two, &two_answers).await;
    assert!(view.is_err());
    let anonymous = place.whose(Some("anything")).await;
    assert!(matches!(anonymous, Authentication::Anonymous));
}
