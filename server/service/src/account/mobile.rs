//! A person's own mobile number. A new one counts once its code was entered, and not before (R73):
//! until then it is written nowhere. The question for the code is bound to the session and to the
//! number, so that a code proves the number that it was sent to and no other (R42).

use domain::{
    MobileNumber, MobileRegion, SecondFactorKind, account::OwnMobileForm, audit::AuditEventKind,
    id::UserId, sign_in::CodeForm,
};
use serde_json::json;
use store::{Tx, UserRow};

use super::Renewed;
use crate::{
    Actor, By, Error, Result, Services,
    audit::Event,
    codes::{Answer, Question},
    second_step::ending,
    secrets::Digest32,
    sessions::open,
    throttling::MESSAGE_DAY,
};

impl Services {
    /// The last digits of the number as it is; empty for none.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`].
    pub async fn own_mobile(&self, actor: &Actor) -> Result<String> {
        let mut tx = self.store.read().await?;
        let user = self.person_with_proof(&mut tx, actor).await?;
        Ok(ending(&user, SecondFactorKind::Sms))
    }

    /// Sends a code to a number that shall become the person's. Returns the number, which has to
    /// come back with the code.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`]; what is wrong with the number; [`crate::Conflict::CodeTooSoon`];
    /// [`Error::SlowDown`] when the number or the person had too many codes (R37).
    pub async fn prove_own_mobile(&self, actor: &Actor, form: &OwnMobileForm) -> Result<String> {
        let mut tx = self.store.write().await?;
        let user = self.person_with_proof(&mut tx, actor).await?;
        let region = self.mobile_region(&mut tx, user.id).await?;
        let mobile = form.validate(region)?;
        if user.mobile.as_deref() == Some(mobile.as_str()) {
            return Err(Error::violation("mobile", "mobile.same"));
        }
        // However many numbers somebody tries: text messages cost money.
        let sender = self.lane_key("own mobile", user.id, None);
        self.take(&mut tx, &sender, MESSAGE_DAY).await?;
        self.ask_mobile(&mut tx, actor, &user, mobile.as_str())
            .await?;
        tx.commit().await?;
        Ok(mobile.as_str().to_owned())
    }

    /// Makes a number the person's own, with the code that was sent to it. Codes to the old one
    /// count no more, and every other session ends (R60).
    ///
    /// # Errors
    /// [`Error::StepUpRequired`]; `code.wrong`, `code.expired`, `code.used_up`; [`Error::SlowDown`]
    /// after 10 wrong ones in an hour (R36).
    pub async fn change_own_mobile(
        &self,
        actor: &Actor,
        mobile: &str,
        form: &CodeForm,
    ) -> Result<Renewed> {
        let code = form.validate()?;
        let mut tx = self.store.write().await?;
        let mut user = self.person_going_on(&mut tx, actor).await?;
        let binding = self.mobile_binding(actor, mobile);
        let account = self.lane_key("own mobile code", user.id, None);
        let answer = self.check_code(&mut tx, &binding, &account, &code).await?;
        let number = MobileNumber::parse(mobile, MobileRegion::Any).ok();
        let (Answer::Right, Some(number)) = (answer, number) else {
            return self.refuse_mobile(tx, actor, &user, mobile, answer).await;
        };
        self.forget_messages(&mut tx, number.as_str()).await?;
        let before = ending(&user, SecondFactorKind::Sms);
        user.mobile = Some(number.as_str().to_owned());
        let renewed = self.start_again(&mut tx, &mut user, actor).await?;
        let event = Event {
            organisation: None,
            kind: AuditEventKind::MobileChanged,
            subject: Some((user.id, user.name())),
            details: json!({ "before": before, "after": number.ending() }),
        };
        self.audit(&mut tx, &By::actor(actor), event).await?;
        let notice = self.account_notice(&user, "mobile", actor);
        self.queue(&mut tx, vec![notice]).await?;
        tx.commit().await?;
        Ok(renewed)
    }

    /// A wrong answer is counted, and a code whose time is over replaced.
    async fn refuse_mobile<T>(
        &self,
        mut tx: Tx,
        actor: &Actor,
        user: &UserRow,
        mobile: &str,
        answer: Answer,
    ) -> Result<T> {
        let event = Event {
            organisation: None,
            kind: AuditEventKind::CodeFailed,
            subject: Some((user.id, user.name())),
            details: json!({ "method": "own_mobile" }),
        };
        self.audit(&mut tx, &By::actor(actor), event).await?;
        if answer == Answer::Expired {
            self.ask_mobile(&mut tx, actor, user, mobile).await?;
        }
        tx.commit().await?;
        Err(answer.refusal())
    }

    /// Which numbers the person may give: one organisation that wants a UK number is enough.
    pub(crate) async fn mobile_region(&self, tx: &mut Tx, user: UserId) -> Result<MobileRegion> {
        let places = tx.organisations_of(user).await?;
        let only_uk = open(&places)
            .any(|(organisation, _)| organisation.policy.mobile_region == MobileRegion::Uk);
        Ok(if only_uk {
            MobileRegion::Uk
        } else {
            MobileRegion::Any
        })
    }

    async fn ask_mobile(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        user: &UserRow,
        mobile: &str,
    ) -> Result<()> {
        let question = Question {
            binding: self.mobile_binding(actor, mobile),
            kind: SecondFactorKind::Sms,
            recipient: mobile,
            name: &user.name(),
        };
        self.send_code(tx, &question).await?;
        self.audit_code(
            tx,
            &By::actor(actor),
            user,
            AuditEventKind::CodeSent,
            SecondFactorKind::Sms,
        )
        .await
    }

    fn mobile_binding(&self, actor: &Actor, mobile: &str) -> Digest32 {
        let mut text = actor.session().uuid().as_bytes().to_vec();
        text.extend_from_slice(mobile.as_bytes());
        self.keys.digest("own mobile", &text)
    }
}
