//! The second step of signing in (A3 to A5). A session that has only seen the password can do
//! nothing else (R39, R40).

use domain::{
    MobileNumber, MobileRegion, OneTimeCode, SecondFactorKind,
    audit::AuditEventKind,
    id::SessionId,
    sign_in::{CodeForm, RecoveryCodeForm, SecondStep as View},
};
use serde_json::json;
use store::{Tx, UserRow};

use crate::{
    By, Error, Result, Services,
    audit::Event,
    codes::{Answer, Question},
    outbox::MessageKind,
    request::SecondStep,
    secrets::Digest32,
    sign_in::{Cookies, SignedIn, Standing},
    throttling::CODE,
};

/// A sign-in by recovery code, and how many are left.
pub struct Recovered {
    /// The complete sign-in.
    pub signed_in: SignedIn,
    /// Recovery codes that can still be used.
    pub codes_left: u32,
}

impl Services {
    /// What the page of the second step shows.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn second_step(&self, step: &SecondStep) -> Result<View> {
        let mut tx = self.store.read().await?;
        let (user, standing) = self.person_at(&mut tx, step).await?;
        let usable = standing.usable(&user);
        let asked = tx.challenge(&self.session_binding(step.session)).await?;
        let kind = asked
            .map(|row| row.kind)
            .filter(|kind| usable.contains(kind))
            .or_else(|| usable.first().copied());
        Ok(View {
            kind,
            ending: kind.map(|kind| ending(&user, kind)).unwrap_or_default(),
            others: usable
                .into_iter()
                .filter(|other| Some(*other) != kind)
                .collect(),
            has_recovery_codes: tx.recovery_codes_left(user.id).await? > 0,
            mailbox_spent: standing.mailbox_spent,
            nothing_set_up: standing.factors.is_empty(),
        })
    }

    /// Checks a code. Right: signed in, with a session of its own (R53).
    ///
    /// # Errors
    /// `code.wrong`; `code.expired` when its time was over and a new one was sent; `code.used_up`
    /// after 5 wrong ones; [`Error::SlowDown`] after 10 in an hour (R36).
    pub async fn answer_code(
        &self,
        step: &SecondStep,
        form: &CodeForm,
        cookies: Cookies<'_>,
    ) -> Result<SignedIn> {
        let code = form.validate()?;
        let mut tx = self.store.write().await?;
        let (user, standing) = self.person_at(&mut tx, step).await?;
        let usable = standing.usable(&user);
        let device = cookies.device_digest();
        let asked = tx.challenge(&self.session_binding(step.session)).await?;
        let asked = asked.map(|row| row.kind);
        let Some(kind) = asked.filter(|kind| usable.contains(kind)) else {
            return Err(Error::violation("code", "code.used_up"));
        };
        let answer = self.look_at_code(&mut tx, step, (&user, &standing), kind, (&code, device));
        if let Err(refusal) = answer.await? {
            tx.commit().await?;
            return Err(refusal);
        }
        let methods = format!("password+{kind}");
        let signed_in = self
            .pass_second_step(&mut tx, step, &user, &methods, device)
            .await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Looks at the answer to what a session was asked for: right, or what to say. What is counted is written
    /// either way, and has to be committed.
    pub(crate) async fn look_at_code(
        &self,
        tx: &mut Tx,
        step: &SecondStep,
        (user, standing): (&UserRow, &Standing),
        kind: SecondFactorKind,
        (code, device): (&OneTimeCode, Option<Digest32>),
    ) -> Result<std::result::Result<(), Error>> {
        let account = self.code_bucket(tx, user, device.as_ref()).await?;
        let binding = self.session_binding(step.session);
        let app = standing
            .factors
            .iter()
            .find(|factor| factor.kind == kind && kind == SecondFactorKind::Authenticator);
        let answer = match app {
            Some(app) => self.check_app(tx, &binding, &account, app, code).await,
            None => self.check_code(tx, &binding, &account, code).await,
        };
        if matches!(answer, Ok(Answer::Right)) {
            if let Some(recipient) = recipient(user, kind) {
                self.forget_messages(tx, &recipient).await?;
            }
            return Ok(Ok(()));
        }
        let by = By::step(step, &user.name());
        Ok(Err(self
            .refuse_code(tx, &by, step, user, kind, answer)
            .await))
    }

    /// What a wrong answer leads to: the audit, a new code in the place of one whose time is over,
    /// a notice when the tries are used up. All of it is committed with the count of tries.
    async fn refuse_code(
        &self,
        tx: &mut Tx,
        by: &By,
        step: &SecondStep,
        user: &UserRow,
        kind: SecondFactorKind,
        answer: Result<Answer>,
    ) -> Error {
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return error,
        };
        let written = async {
            self.audit_code(tx, by, user, AuditEventKind::CodeFailed, kind)
                .await?;
            match answer {
                Answer::Expired => self.ask(tx, by, user, step.session, kind).await?,
                Answer::LastWrong => {
                    let notice =
                        self.notice_to(user, MessageKind::SecondFactorFailed, &step.request);
                    self.queue(tx, vec![notice]).await?;
                }
                _ => {}
            }
            Ok(())
        };
        if let Err(error) = written.await {
            return error;
        }
        answer.refusal()
    }

    /// Sends a new code (A4).
    ///
    /// # Errors
    /// [`crate::Conflict::CodeTooSoon`] within 30 seconds; [`Error::SlowDown`] after too many.
    pub async fn send_new_code(&self, step: &SecondStep) -> Result<()> {
        let mut tx = self.store.write().await?;
        let (user, standing) = self.person_at(&mut tx, step).await?;
        let usable = standing.usable(&user);
        let asked = tx.challenge(&self.session_binding(step.session)).await?;
        let kind = asked
            .map(|row| row.kind)
            .filter(|kind| usable.contains(kind))
            .or_else(|| usable.first().copied())
            .ok_or(Error::NotAllowed)?;
        let by = By::step(step, &user.name());
        self.ask(&mut tx, &by, &user, step.session, kind).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Goes on with another of the person's methods.
    ///
    /// # Errors
    /// `codes_method.empty` when it is none of theirs; as [`Services::send_new_code`].
    pub async fn choose_method(&self, step: &SecondStep, method: &str) -> Result<()> {
        let mut tx = self.store.write().await?;
        let (user, standing) = self.person_at(&mut tx, step).await?;
        let kind = SecondFactorKind::parse(method)
            .filter(|kind| standing.usable(&user).contains(kind))
            .ok_or_else(|| Error::violation("method", "codes_method.empty"))?;
        let by = By::step(step, &user.name());
        self.ask(&mut tx, &by, &user, step.session, kind).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Spends a recovery code in the place of a second factor. The person is told by email; their
    /// second factors stay (R45).
    ///
    /// # Errors
    /// `recovery.wrong`; [`Error::SlowDown`] after 10 wrong ones in an hour.
    pub async fn use_recovery_code(
        &self,
        step: &SecondStep,
        form: &RecoveryCodeForm,
        cookies: Cookies<'_>,
    ) -> Result<Recovered> {
        let code = form.validate()?;
        let mut tx = self.store.write().await?;
        let (user, _) = self.person_at(&mut tx, step).await?;
        let device = cookies.device_digest();
        let account = self.code_bucket(&mut tx, &user, device.as_ref()).await?;
        self.take(&mut tx, &account, CODE).await?;
        let digest = self.recovery_digest(user.id, &code);
        let by = By::step(step, &user.name());
        if !tx.spend_recovery_code(user.id, &digest, self.now()).await? {
            let event = code_event(&user, AuditEventKind::CodeFailed, "recovery");
            self.audit(&mut tx, &by, event).await?;
            tx.commit().await?;
            return Err(Error::violation("recovery_code", "recovery.wrong"));
        }
        self.give_back(&mut tx, &account, CODE).await?;
        let event = code_event(&user, AuditEventKind::RecoveryCodeUsed, "recovery");
        self.audit(&mut tx, &by, event).await?;
        let notice = self.notice_to(&user, MessageKind::RecoveryCodeUsed, &step.request);
        self.queue(&mut tx, vec![notice]).await?;
        let left = tx.recovery_codes_left(user.id).await?;
        let signed_in = self
            .pass_second_step(&mut tx, step, &user, "password+recovery", device)
            .await?;
        tx.commit().await?;
        Ok(Recovered {
            signed_in,
            codes_left: u32::try_from(left).unwrap_or_default(),
        })
    }

    /// The session of the first step ends, a complete one starts (R53).
    pub(crate) async fn pass_second_step(
        &self,
        tx: &mut Tx,
        step: &SecondStep,
        user: &UserRow,
        methods: &str,
        device: Option<Digest32>,
    ) -> Result<SignedIn> {
        let session = tx.session(step.session).await?;
        let session = session.ok_or(Error::SignInRequired)?;
        // Of two requests with the right answer, one ends the session and signs in.
        if !tx.delete_session(step.session).await? {
            return Err(Error::SignInRequired);
        }
        tx.delete_challenge(&self.session_binding(step.session))
            .await?;
        self.complete_sign_in(tx, user, methods, &session.return_to, device, &step.request)
            .await
    }

    /// Asks for the second step: sends a code, or counts the tries of the app.
    pub(crate) async fn ask(
        &self,
        tx: &mut Tx,
        by: &By,
        user: &UserRow,
        session: SessionId,
        kind: SecondFactorKind,
    ) -> Result<()> {
        let binding = self.session_binding(session);
        let Some(recipient) = recipient(user, kind) else {
            return self.ask_app(tx, binding).await;
        };
        let question = Question {
            binding,
            kind,
            recipient: &recipient,
            name: &user.name(),
        };
        self.send_code(tx, &question).await?;
        self.audit_code(tx, by, user, AuditEventKind::CodeSent, kind)
            .await
    }

    pub(crate) async fn audit_code(
        &self,
        tx: &mut Tx,
        by: &By,
        user: &UserRow,
        event: AuditEventKind,
        kind: SecondFactorKind,
    ) -> Result<()> {
        let event = code_event(user, event, kind.as_str());
        self.audit(tx, by, event).await
    }

    pub(crate) async fn person_at(
        &self,
        tx: &mut Tx,
        step: &SecondStep,
    ) -> Result<(UserRow, Standing)> {
        let user = tx.user(step.user).await?.ok_or(Error::SignInRequired)?;
        let standing = self.standing(tx, &user).await?;
        Ok((user, standing))
    }

    async fn code_bucket(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        device: Option<&Digest32>,
    ) -> Result<Digest32> {
        let known = self.known_device(tx, user, device).await?;
        Ok(self.lane_key("code", user.id, known.as_ref()))
    }
}

fn code_event(user: &UserRow, kind: AuditEventKind, method: &str) -> Event {
    Event {
        organisation: None,
        kind,
        subject: Some((user.id, user.name())),
        details: json!({ "method": method }),
    }
}

/// Where a code goes; nothing for an app.
fn recipient(user: &UserRow, kind: SecondFactorKind) -> Option<String> {
    match kind {
        SecondFactorKind::Email => Some(user.email.clone()),
        SecondFactorKind::Sms => user.mobile.clone(),
        SecondFactorKind::Authenticator | SecondFactorKind::Passkey => None,
    }
}

/// As much of the number or address as the page shows.
pub(crate) fn ending(user: &UserRow, kind: SecondFactorKind) -> String {
    match kind {
        SecondFactorKind::Sms => user
            .mobile
            .as_deref()
            .and_then(|mobile| MobileNumber::parse(mobile, MobileRegion::Any).ok())
            .map(|mobile| mobile.ending().to_owned())
            .unwrap_or_default(),
        SecondFactorKind::Email => match user.email.split_once('@') {
            Some((local, domain)) => {
                let first: String = local.chars().take(1).collect();
                format!("{first}…@{domain}")
            }
            None => String::new(),
        },
        SecondFactorKind::Authenticator | SecondFactorKind::Passkey => String::new(),
    }
}
