//! The way itself: chosen, proved, and made the person's (R51).

use domain::{
    RecoveryCode, SecondFactorKind, audit::AuditEventKind, registration::CodesMethodForm,
    sign_in::CodeForm,
};
use serde_json::json;
use store::{Tx, UserRow};

use super::{Answers, Chosen, SetUpDone, Setting, app_owner};
use crate::{
    By, Conflict, Error, Result, Services,
    account::codes_owner,
    audit::Event,
    codes::{Answer, Question},
    outbox::MessageKind,
    request::SecondStep,
    secrets::{Digest32, Token},
    sign_in::Cookies,
    throttling::MESSAGE_DAY,
};

impl Services {
    /// Chooses how codes come, and sends or asks for the first one.
    ///
    /// # Errors
    /// What is wrong with the choice; [`Conflict::StepMissing`] before the address was proved;
    /// [`Conflict::CodeTooSoon`]; [`Error::SlowDown`] when too many texts were sent (R37).
    pub async fn choose_way_of_codes(
        &self,
        step: &SecondStep,
        sealed: &[u8],
        form: &CodesMethodForm,
        cookies: Cookies<'_>,
    ) -> Result<Chosen> {
        let mut tx = self.store.write().await?;
        let mut setting = self.setting_up(&mut tx, step, sealed).await?;
        if !setting.answers.mailbox {
            return Err(Error::Conflict(Conflict::StepMissing));
        }
        let methods = self.methods_of(&mut tx, &setting).await?;
        let region = self.mobile_region(&mut tx, setting.user.id).await?;
        let chosen = form.validate(&methods, false, region)?;
        setting.answers.method = Some(chosen.kind);
        match chosen.kind {
            SecondFactorKind::Email => {
                let done = self.begin_with_codes(tx, step, setting, 0, cookies).await?;
                return Ok(Chosen::Done(Box::new(done)));
            }
            SecondFactorKind::Sms => {
                let mobile = chosen
                    .mobile
                    .ok_or(Error::Conflict(Conflict::StepMissing))?;
                let same = setting.answers.mobile == mobile.as_str();
                mobile.as_str().clone_into(&mut setting.answers.mobile);
                form.mobile
                    .trim()
                    .clone_into(&mut setting.answers.mobile_typed);
                match self.send_set_up_code(&mut tx, step, &setting).await {
                    // The same number again: the code is on its way.
                    Err(Error::Conflict(Conflict::CodeTooSoon)) if same => {}
                    sent => sent?,
                }
            }
            SecondFactorKind::Authenticator | SecondFactorKind::Passkey => {
                self.choose_app(&mut tx, step, &mut setting.answers).await?;
            }
        }
        tx.commit().await?;
        self.sealed(step.session, setting.answers).map(Chosen::Ask)
    }

    /// Asks for the code of an app. Its secret stays the same, however often it is chosen.
    pub(super) async fn choose_app(
        &self,
        tx: &mut Tx,
        step: &SecondStep,
        answers: &mut Answers,
    ) -> Result<()> {
        answers.method = Some(SecondFactorKind::Authenticator);
        if answers.secret.is_empty() {
            answers.secret = self.new_authenticator(&app_owner(step.session))?;
        }
        self.ask_app(tx, self.set_up_binding(step.session, ""))
            .await
    }

    /// Takes the first code of the new way. Right: it is the person's, with recovery codes, and
    /// they are signed in. What was begun elsewhere with the password alone ends (R60).
    ///
    /// # Errors
    /// As [`Services::prove_mailbox`]; [`Conflict::StepMissing`] when nothing was chosen.
    pub async fn confirm_way_of_codes(
        &self,
        step: &SecondStep,
        sealed: &[u8],
        form: &CodeForm,
        cookies: Cookies<'_>,
    ) -> Result<SetUpDone> {
        let code = form.validate()?;
        let mut tx = self.store.write().await?;
        let setting = self.setting_up(&mut tx, step, sealed).await?;
        let Some(kind) = setting.answers.method.filter(|_| setting.answers.mailbox) else {
            return Err(Error::Conflict(Conflict::StepMissing));
        };
        let account = self.lane_key("code", setting.user.id, None);
        let binding = self.set_up_binding(step.session, &setting.answers.mobile_of(kind));
        let is_app = kind == SecondFactorKind::Authenticator;
        let (answer, last_step) = if is_app {
            let owner = app_owner(step.session);
            let app = (owner.as_str(), setting.answers.secret.as_slice());
            self.check_new_app(&mut tx, &binding, &account, app, &code)
                .await?
        } else {
            let answer = self.check_code(&mut tx, &binding, &account, &code).await?;
            (answer, None)
        };
        if answer == Answer::Right {
            return self
                .begin_with_codes(tx, step, setting, last_step.unwrap_or_default(), cookies)
                .await;
        }
        self.audit_wrong(&mut tx, step, &setting.user, kind).await?;
        match answer {
            // The app goes on showing codes: only the count of its tries begins anew (R36).
            _ if is_app && answer != Answer::Wrong => self.ask_app(&mut tx, binding).await?,
            Answer::Expired => self.send_set_up_code(&mut tx, step, &setting).await?,
            _ => {}
        }
        tx.commit().await?;
        Err(if is_app {
            Error::violation("code", "code.wrong")
        } else {
            answer.refusal()
        })
    }

    /// Everything at once: the new way, the number, the recovery codes, the end of everything that
    /// was begun before, and the sign-in.
    async fn begin_with_codes(
        &self,
        mut tx: Tx,
        step: &SecondStep,
        setting: Setting,
        last_step: i64,
        cookies: Cookies<'_>,
    ) -> Result<SetUpDone> {
        let Setting {
            mut user, answers, ..
        } = setting;
        let kind = answers.method.unwrap_or(SecondFactorKind::Email);
        let by = By::step(step, &user.name());
        let new_mobile = kind == SecondFactorKind::Sms
            && user.mobile.as_deref() != Some(answers.mobile.as_str());
        if new_mobile {
            user.mobile = Some(answers.mobile.clone());
        }
        // Of two sessions that set up at once, one finds the user changed.
        user.security_epoch += 1;
        tx.update_user(&user).await?;
        user.version += 1;
        if kind == SecondFactorKind::Authenticator {
            let owner = app_owner(step.session);
            let app = (owner.as_str(), answers.secret.as_slice());
            self.add_authenticator(&mut tx, &by, &user, app, last_step)
                .await?;
        } else {
            self.add_codes_by(&mut tx, &by, &user, kind).await?;
        }
        if new_mobile {
            let event = about(&user, AuditEventKind::MobileChanged);
            self.audit(&mut tx, &by, event).await?;
        }
        let event = about(&user, AuditEventKind::RecoveryCodesMade);
        self.audit(&mut tx, &by, event).await?;
        let mut notice = self.notice_to(&user, MessageKind::AccountChanged, &step.request);
        "codes_set_up".clone_into(&mut notice.content.subject);
        self.queue(&mut tx, vec![notice]).await?;
        tx.delete_other_sessions(user.id, step.session).await?;
        let methods = format!("password+{}", kind.as_str());
        let signed_in = self
            .pass_second_step(&mut tx, step, &user, &methods, cookies.device_digest())
            .await?;
        let recovery_codes = self
            .codes_for_session(&mut tx, &user, signed_in.session.as_ref())
            .await?;
        tx.commit().await?;
        Ok(SetUpDone {
            signed_in,
            recovery_codes,
        })
    }

    /// Sends a code to the number that was given.
    pub(super) async fn send_set_up_code(
        &self,
        tx: &mut Tx,
        step: &SecondStep,
        setting: &Setting,
    ) -> Result<()> {
        let kind = SecondFactorKind::Sms;
        // However many numbers somebody tries: text messages cost money.
        let sender = self.lane_key("own mobile", setting.user.id, None);
        self.take(tx, &sender, MESSAGE_DAY).await?;
        let question = Question {
            binding: self.set_up_binding(step.session, &setting.answers.mobile),
            kind,
            recipient: &setting.answers.mobile,
            name: &setting.user.name(),
        };
        self.send_code(tx, &question).await?;
        let by = By::step(step, &setting.user.name());
        self.audit_code(tx, &by, &setting.user, AuditEventKind::CodeSent, kind)
            .await
    }

    /// Recovery codes, sealed for the session that has just begun.
    async fn codes_for_session(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        token: Option<&Token>,
    ) -> Result<Vec<u8>> {
        let codes = self.new_recovery_codes();
        let digests: Vec<Digest32> = codes
            .iter()
            .map(|code| self.recovery_digest(user.id, code))
            .collect();
        tx.replace_recovery_codes(user.id, &digests).await?;
        let session = match token {
            Some(token) => tx.session_by_digest(&token.digest()).await?,
            None => None,
        };
        let session = session.ok_or(Error::SignInRequired)?;
        let text: Vec<String> = codes.iter().map(RecoveryCode::grouped).collect();
        let owner = codes_owner(user.id, session.id);
        Ok(self
            .keys
            .seal(&owner, text.join("\n").as_bytes(), &self.random)?)
    }
}

fn about(user: &UserRow, kind: AuditEventKind) -> Event {
    Event {
        organisation: None,
        kind,
        subject: Some((user.id, user.name())),
        details: json!({}),
    }
}
