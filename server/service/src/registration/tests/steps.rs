//! From accepting to the terms.

use chrono::TimeDelta;
use domain::{
    OneTimeCode, SecondFactorKind,
    registration::{CodesMethodForm, RegistrationDetailsForm, RegistrationStep},
};

use super::{Hospital, NOBODY, code_of, details};
use crate::registration::Begun;

impl Hospital {
    async fn step(&self, flow: &str, invited: &super::Invited) -> RegistrationStep {
        let view = self.services().registration(flow, invited.id).await;
        view.unwrap().step
    }

    /// The code that an authenticator app shows which was given the key of this page.
    async fn app_code(&self, flow: &str, invited: &super::Invited) -> String {
        let page = self.services().confirm_code_page(flow, invited.id).await;
        let key = page.unwrap().app.unwrap().key.replace(' ', "");
        let secret = totp_rs::Secret::try_from_base32(&key).unwrap();
        let app = totp_rs::Builder::new().with_secret(secret).build().unwrap();
        let now = u64::try_from(self.services().now().timestamp()).unwrap();
        app.generate(now).to_string()
    }
}

/// B13, B15, A13: details, a way to get codes, the code, recovery codes, terms; each page knows
/// which comes next.
#[tokio::test]
async fn the_steps_follow_each_other() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let Begun {
        flow,
        invitation,
        has_user,
    } = h.accept(&invited.token).await.unwrap();
    assert_eq!((invitation, has_user), (invited.id, false));
    assert_eq!(h.step(&flow, &invited).await, RegistrationStep::Details);
    let next = h.give_details(&flow).await.unwrap();
    assert_eq!(next, RegistrationStep::CodesMethod);
    let view = h.services().registration(&flow, invited.id).await.unwrap();
    assert_eq!(view.first_name, "Jane");
    assert_eq!(view.mobile, "07700 900 982");
    assert_eq!(
        view.codes_methods,
        [
            SecondFactorKind::Authenticator,
            SecondFactorKind::Sms,
            SecondFactorKind::Email
        ]
    );
    let next = h.choose(&flow, SecondFactorKind::Sms).await.unwrap();
    assert_eq!(next, RegistrationStep::ConfirmCode);
    // To the number that was given, kept as E.164 (M11).
    let message = h.h.outbox().await.pop().unwrap();
    assert_eq!(message.channel, "sms");
    assert_eq!(message.recipient, "+447700900982");
    let page = h.services().confirm_code_page(&flow, invited.id).await;
    assert_eq!(page.unwrap().ending, "982");
    let next = h.confirm(&flow, &h.code().await).await.unwrap();
    assert_eq!(next, RegistrationStep::RecoveryCodes);
    let next = h.services().keep_recovery_codes(&flow).await.unwrap();
    assert_eq!(next, RegistrationStep::Terms);
    assert_eq!(h.step(&flow, &invited).await, RegistrationStep::Terms);
}

/// R30: whichever step is called first, only the one whose turn it is does anything.
#[tokio::test]
async fn no_step_can_be_jumped_over() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let flow = h.begin(&invited).await;
    let missing = "conflict.step_missing";
    let later = async |reached: usize| {
        let choose = h.choose(&flow, SecondFactorKind::Email).await;
        let choose = code_of(choose) == missing;
        let confirm = code_of(h.confirm(&flow, "123456").await) == missing;
        let keep = h.services().keep_recovery_codes(&flow).await;
        let keep = code_of(keep) == missing;
        let finish = code_of(h.finish(&flow).await) == missing;
        let expected = [reached < 1, reached < 2, reached < 3, reached < 4];
        assert_eq!([choose, confirm, keep, finish], expected, "after {reached}");
    };
    later(0).await;
    h.give_details(&flow).await.unwrap();
    // Choosing is allowed now, so it is not tried: it would go a step further.
    assert_eq!(code_of(h.confirm(&flow, "123456").await), missing);
    assert_eq!(code_of(h.finish(&flow).await), missing);
    h.choose(&flow, SecondFactorKind::Email).await.unwrap();
    let keep = h.services().keep_recovery_codes(&flow).await;
    assert_eq!(code_of(keep), missing);
    assert_eq!(code_of(h.finish(&flow).await), missing);
    h.confirm(&flow, &h.code().await).await.unwrap();
    assert_eq!(code_of(h.finish(&flow).await), missing);
    assert_eq!(code_of(h.confirm(&flow, "123456").await), missing);
}

/// B13, ux 7.2 to 7.4: what is wrong with the details, each in its words; R4: not a password that
/// anybody would try.
#[tokio::test]
async fn details_are_checked_again_on_the_server() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let flow = h.begin(&invited).await;
    let give = async |change: fn(&mut RegistrationDetailsForm)| {
        let mut form = details();
        change(&mut form);
        code_of(h.services().give_registration_details(&flow, form).await)
    };
    assert_eq!(
        give(|form| *form = RegistrationDetailsForm::default()).await,
        "first_name.empty_own last_name.empty_own mobile.empty_own password.empty"
    );
    assert_eq!(
        give(|form| form.mobile = "+33 6 12 34 56 78".into()).await,
        "mobile.not_uk"
    );
    assert_eq!(
        give(|form| form.password = "eleven char".into()).await,
        "password.too_short"
    );
    assert_eq!(
        give(|form| form.password = "password1234".into()).await,
        "password.common"
    );
    assert_eq!(
        give(|form| form.password = "JaneCarlton99".into()).await,
        "password.personal"
    );
    assert_eq!(give(|_| ()).await, "none");
}

/// R29: the journey hangs on its cookie, for 30 minutes after the last step, and on no other
/// invitation.
#[tokio::test]
async fn answers_are_kept_for_half_an_hour() {
    let h = Hospital::new().await;
    let (jane, kim) = (
        h.invite("jane.carlton@nhs.net").await,
        h.invite("kim.lee@nhs.net").await,
    );
    let flow = h.begin(&jane).await;
    h.h.clock.advance(TimeDelta::minutes(29));
    h.give_details(&flow).await.unwrap();
    h.h.clock.advance(TimeDelta::minutes(29));
    assert_eq!(h.step(&flow, &jane).await, RegistrationStep::CodesMethod);
    let elsewhere = h.services().registration(&flow, kim.id).await;
    assert_eq!(code_of(elsewhere), "expired.registration");
    h.h.clock.advance(TimeDelta::minutes(1));
    let view = h.services().registration(&flow, jane.id).await;
    assert_eq!(code_of(view), "expired.registration");
    assert_eq!(code_of(h.give_details(&flow).await), "expired.registration");
    for cookie in ["", "ck_", "ck_x", &jane.token, &flow[..flow.len() - 1]] {
        assert_eq!(
            code_of(h.give_details(cookie).await),
            "expired.registration"
        );
    }
    // The link still works.
    h.begin(&jane).await;
}

/// R42: a code belongs to the registration that asked for it.
#[tokio::test]
async fn a_code_counts_for_its_own_registration() {
    let h = Hospital::new().await;
    let (jane, kim) = (
        h.invite("jane.carlton@nhs.net").await,
        h.invite("kim.lee@nhs.net").await,
    );
    let (first, second) = (h.begin(&jane).await, h.begin(&kim).await);
    for flow in [&first, &second] {
        h.give_details(flow).await.unwrap();
        h.choose(flow, SecondFactorKind::Email).await.unwrap();
    }
    let messages = h.h.outbox().await;
    let to_kim = messages
        .iter()
        .find(|message| message.recipient == "kim.lee@nhs.net");
    let kims = to_kim.unwrap().secret.clone().unwrap();
    assert_eq!(code_of(h.confirm(&first, &kims).await), "code.wrong");
    let next = h.confirm(&second, &kims).await.unwrap();
    assert_eq!(next, RegistrationStep::RecoveryCodes);
    assert_eq!(
        code_of(h.confirm(&second, &kims).await),
        "conflict.step_missing"
    );
}

/// R36, ux 6.23: five wrong tries end a code, an old one is replaced, and a new one is not sent
/// twice within 30 seconds.
#[tokio::test]
async fn codes_end_after_five_tries_or_ten_minutes() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let flow = h.begin(&invited).await;
    h.give_details(&flow).await.unwrap();
    h.choose(&flow, SecondFactorKind::Email).await.unwrap();
    // The same choice again sends nothing: the code is on its way.
    h.choose(&flow, SecondFactorKind::Email).await.unwrap();
    assert_eq!(h.mail("code").await.len(), 1);
    let code = h.code().await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for expected in ["code.wrong"; 4] {
        assert_eq!(code_of(h.confirm(&flow, wrong).await), expected);
    }
    assert_eq!(code_of(h.confirm(&flow, wrong).await), "code.used_up");
    assert_eq!(code_of(h.confirm(&flow, &code).await), "code.used_up");
    let again = async || h.services().send_registration_code(&flow).await;
    assert_eq!(code_of(again().await), "conflict.code_too_soon");
    h.h.clock.advance(TimeDelta::seconds(30));
    again().await.unwrap();
    let second = h.code().await;
    h.h.clock.advance(TimeDelta::minutes(10));
    assert_eq!(code_of(h.confirm(&flow, &second).await), "code.expired");
    let third = h.code().await;
    // What was replaced before it was sent is not sent any more.
    assert_eq!(h.mail("code").await.len(), 1);
    assert!(h.confirm(&flow, &third).await.is_ok());
}

/// R43: a role over other people needs an app; there is nothing to choose, and no form gets round
/// it. R41, R51: the app is proved before it counts.
#[tokio::test]
async fn a_privileged_role_needs_an_app() {
    let h = Hospital::new().await;
    let invited = h.invite_as("jane.carlton@nhs.net", "manager", &[]).await;
    let flow = h.begin(&invited).await;
    let next = h.give_details(&flow).await.unwrap();
    assert_eq!(next, RegistrationStep::ConfirmCode);
    assert!(h.h.outbox().await.is_empty());
    for method in [SecondFactorKind::Sms, SecondFactorKind::Email] {
        let chosen = h.choose(&flow, method).await;
        assert_eq!(code_of(chosen), "codes_method.empty");
    }
    let code = h.app_code(&flow, &invited).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    // More wrong codes than one question takes: the next question is asked by itself.
    for _ in 0..6 {
        assert_eq!(code_of(h.confirm(&flow, wrong).await), "code.wrong");
    }
    let next = h.confirm(&flow, &code).await.unwrap();
    assert_eq!(next, RegistrationStep::RecoveryCodes);
    let page = h.services().confirm_code_page(&flow, invited.id).await;
    assert!(page.unwrap().app.is_none(), "the key is shown no longer");
    h.services().keep_recovery_codes(&flow).await.unwrap();
    h.finish(&flow).await.unwrap();
    // The proof is spent: the same code does not sign in.
    let mut tx = h.services().store.write().await.unwrap();
    let factor = tx.second_factors(invited.user).await.unwrap().remove(0);
    assert_eq!(factor.kind, SecondFactorKind::Authenticator);
    let code = OneTimeCode::parse(&code).unwrap();
    let step = h
        .services()
        .authenticator_step(
            &format!("second_factors:secret:{}", invited.user),
            factor.secret.as_deref().unwrap(),
            &code,
        )
        .unwrap()
        .unwrap();
    assert!(!tx.spend_step(factor.id, step).await.unwrap());
}

/// R45: ten codes of 80 bits, shown until the person goes on, and then never again; only digests
/// are kept.
#[tokio::test]
async fn recovery_codes_are_shown_once() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let flow = h.begin(&invited).await;
    h.give_details(&flow).await.unwrap();
    h.choose(&flow, SecondFactorKind::Email).await.unwrap();
    h.confirm(&flow, &h.code().await).await.unwrap();
    let page = async || h.services().recovery_codes_page(&flow, invited.id).await;
    let codes = page().await.unwrap().codes;
    assert_eq!(codes.len(), 10);
    assert!(codes.iter().all(|code| code.len() == 19));
    assert_eq!(page().await.unwrap().codes, codes);
    h.services().keep_recovery_codes(&flow).await.unwrap();
    assert!(page().await.unwrap().codes.is_empty());
    h.finish(&flow).await.unwrap();
    let mut tx = h.services().store.write().await.unwrap();
    assert_eq!(tx.recovery_codes_left(invited.user).await.unwrap(), 10);
    let code = domain::RecoveryCode::parse(&codes[3].to_uppercase()).unwrap();
    let digest = h.services().recovery_digest(invited.user, &code);
    let now = h.services().now();
    for first in [true, false] {
        let spent = tx.spend_recovery_code(invited.user, &digest, now).await;
        assert_eq!(spent.unwrap(), first);
    }
}

/// Going back is allowed; a number that was changed has to be proved anew.
#[tokio::test]
async fn another_number_is_proved_anew() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let flow = h.begin(&invited).await;
    h.give_details(&flow).await.unwrap();
    h.choose(&flow, SecondFactorKind::Sms).await.unwrap();
    h.confirm(&flow, &h.code().await).await.unwrap();
    h.services().keep_recovery_codes(&flow).await.unwrap();
    // The same number, another name: nothing to prove.
    let mut form = details();
    form.first_name = "Janet".to_owned();
    let next = h.services().give_registration_details(&flow, form).await;
    assert_eq!(next.unwrap(), RegistrationStep::Terms);
    let mut form = details();
    form.mobile = "07700 900 111".to_owned();
    let next = h.services().give_registration_details(&flow, form).await;
    assert_eq!(next.unwrap(), RegistrationStep::CodesMethod);
    assert_eq!(code_of(h.finish(&flow).await), "conflict.step_missing");
}

/// C12: a number that is asked for with the choice of texts.
#[tokio::test]
async fn a_number_can_come_with_the_choice() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let flow = h.begin(&invited).await;
    h.give_details(&flow).await.unwrap();
    let form = CodesMethodForm {
        codes_method: "sms".to_owned(),
        mobile: "07700 900 222".to_owned(),
    };
    h.services()
        .choose_codes_method(&flow, &form)
        .await
        .unwrap();
    let message = h.h.outbox().await.pop().unwrap();
    assert_eq!(message.recipient, "+447700900222");
}

/// A14: nobody is signed in by registering; the last page only says so.
#[tokio::test]
async fn the_last_page_belongs_to_a_finished_journey() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let flow = h.up_to_terms(&invited).await;
    let done = async || h.services().registration_done(&flow, invited.id).await;
    assert_eq!(code_of(done().await), "conflict.step_missing");
    let terms = h
        .services()
        .registration_terms(&flow, invited.id, &NOBODY)
        .await
        .unwrap();
    assert_eq!(terms.document.unwrap().version, "1.0");
    h.finish(&flow).await.unwrap();
    let page = done().await.unwrap();
    assert_eq!(page.organisation_slug, "rx1");
    assert_eq!(page.roles, ["Contributor"]);
    assert_eq!(h.step(&flow, &invited).await, RegistrationStep::Done);
    h.h.clock.advance(TimeDelta::minutes(30));
    assert_eq!(code_of(done().await), "expired.registration");
}
