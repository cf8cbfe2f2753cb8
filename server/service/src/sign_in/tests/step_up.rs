//! Proving once more who one is (R49).

use chrono::TimeDelta;
use domain::{
    SecondFactorKind::{Authenticator, Email, Sms},
    account::ConfirmPasswordForm,
    sign_in::CodeForm,
};

use super::{Cookies, PASSWORD, Place, app_code, other_than, violation};
use crate::{Actor, Error, Result};

impl Place {
    async fn is_proven(&self, actor: &Actor) -> bool {
        match self.services().require_step_up(actor).await {
            Ok(()) => true,
            Err(Error::StepUpRequired) => false,
            Err(other) => panic!("{other}"),
        }
    }

    async fn confirm_password(&self, actor: &Actor, password: &str) -> Result<bool> {
        let form = ConfirmPasswordForm {
            password: password.to_owned(),
        };
        let services = self.services();
        services
            .confirm_password(actor, &form, Cookies::default())
            .await
    }

    async fn confirm_code(&self, actor: &Actor, code: &str) -> Result<()> {
        let form = CodeForm {
            code: code.to_owned(),
        };
        let services = self.services();
        services
            .confirm_code(actor, &form, Cookies::default())
            .await
    }
}

/// R49: having signed in by the best method counts for 5 minutes, to the second; then the password and a
/// code, both, do again.
#[tokio::test]
async fn a_proof_counts_for_five_minutes() {
    let place = Place::new(&[Email]).await;
    let actor = place.actor(&place.sign_in_by_email().await).await;
    place.h.clock.advance(TimeDelta::seconds(299));
    assert!(place.is_proven(&actor).await);
    place.h.clock.advance(TimeDelta::seconds(1));
    assert!(!place.is_proven(&actor).await);

    let early = place.confirm_code(&actor, "123456").await;
    assert!(matches!(early, Err(Error::StepUpRequired)));
    let wrong = place.confirm_password(&actor, "not the password").await;
    assert_eq!(violation(wrong), "password.wrong");
    assert!(!place.confirm_password(&actor, PASSWORD).await.unwrap());
    assert!(!place.is_proven(&actor).await);
    let asked = place.services().step_up(&actor).await.unwrap();
    let asked = asked.code.unwrap();
    assert_eq!((asked.kind, asked.ending.as_str()), (Email, "j…@nhs.net"));
    let code = place.sent_code().await;
    let wrong = place.confirm_code(&actor, &other_than(&code)).await;
    assert_eq!(violation(wrong), "code.wrong");
    assert!(!place.is_proven(&actor).await);
    place.confirm_code(&actor, &code).await.unwrap();
    assert!(place.is_proven(&actor).await);
    // Once.
    let again = place.confirm_code(&actor, &code).await;
    assert!(matches!(again, Err(Error::StepUpRequired)));
}

/// R49: whoever has an app and signed in by email has to show what the app shows, however fresh the
/// sign-in is. A recovery code does, since it is there for whoever lost the app.
#[tokio::test]
async fn a_weaker_sign_in_is_not_enough() {
    let place = Place::new(&[Authenticator, Email, Sms]).await;
    let step = place.half_way().await;
    place
        .services()
        .choose_method(&step, "email")
        .await
        .unwrap();
    let code = place.sent_code().await;
    let signed_in = place.answer(&step, &code).await.unwrap();
    let actor = place.actor(&signed_in).await;
    assert!(!place.is_proven(&actor).await);
    let sent = place.messages("code").await.len();
    assert!(!place.confirm_password(&actor, PASSWORD).await.unwrap());
    let asked = place.services().step_up(&actor).await.unwrap();
    assert_eq!(asked.code.unwrap().kind, Authenticator);
    assert_eq!(place.messages("code").await.len(), sent);
    let code = app_code(place.services().now());
    place.confirm_code(&actor, &code).await.unwrap();
    assert!(place.is_proven(&actor).await);

    let recovery = place.recovery_codes().await;
    let step = place.half_way().await;
    let recovered = place.recover(&step, &recovery[0]).await.unwrap();
    let actor = place.actor(&recovered.signed_in).await;
    assert!(place.is_proven(&actor).await);
}

/// R49, R42: a question that nobody answered is over after as long as its code, and the password comes first
/// again; a new code is sent on request.
#[tokio::test]
async fn a_question_for_a_code_ends() {
    let place = Place::new(&[Email]).await;
    let actor = place.actor(&place.sign_in_by_email().await).await;
    let early = place.services().send_step_up_code(&actor).await;
    assert!(matches!(early, Err(Error::StepUpRequired)));
    place.h.clock.advance(TimeDelta::minutes(5));
    place.confirm_password(&actor, PASSWORD).await.unwrap();
    let old = place.sent_code().await;
    place.h.clock.advance(TimeDelta::seconds(31));
    place.services().send_step_up_code(&actor).await.unwrap();
    let new = place.sent_code().await;
    assert_ne!(old, new);
    assert_eq!(
        violation(place.confirm_code(&actor, &old).await),
        "code.wrong"
    );
    place.h.clock.advance(TimeDelta::minutes(10));
    let late = place.confirm_code(&actor, &new).await;
    assert!(matches!(late, Err(Error::StepUpRequired)));
    assert!(
        place
            .services()
            .step_up(&actor)
            .await
            .unwrap()
            .code
            .is_none()
    );
}

/// R49: whoever has no way to get codes proves the password.
#[tokio::test]
async fn the_password_is_enough_where_there_is_nothing_else() {
    let place = Place::new(&[Email]).await;
    let actor = place.actor(&place.sign_in_by_email().await).await;
    let mut tx = place.services().store.write().await.unwrap();
    tx.delete_second_factor(actor.user(), Email).await.unwrap();
    tx.commit().await.unwrap();
    place.h.clock.advance(TimeDelta::minutes(5));
    assert!(!place.is_proven(&actor).await);
    assert!(place.confirm_password(&actor, PASSWORD).await.unwrap());
    assert!(place.is_proven(&actor).await);
}
