//! Setting up a way to get codes in the middle of signing in (A3, R46, R48): for whoever needs one
//! and has none, because an administrator reset theirs or their organisation asks for codes since.
//!
//! The password alone sets nothing up (R40): a code to the person's own address comes first. What
//! waits between two pages is sealed for the session that asked, and nothing is written until the
//! new way is proved (R51).

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    SecondFactorKind,
    audit::AuditEventKind,
    id::SessionId,
    set_up_codes::{SetUpCodes, SetUpStep},
    sign_in::CodeForm,
};
use serde::{Deserialize, Serialize};
use store::{StoreError, Tx, UserRow};

use crate::{
    By, Error, Result, Services,
    codes::{Answer, Question},
    request::SecondStep,
    second_step::ending,
    secrets::Digest32,
    sign_in::{SignedIn, Standing},
};

mod way;

/// How long an answer waits for the next one.
pub const LIFETIME: TimeDelta = TimeDelta::minutes(20);

/// What was answered so far; it travels sealed.
#[derive(Default, Serialize, Deserialize)]
struct Answers {
    /// A code to the person's address was entered.
    mailbox: bool,
    method: Option<SecondFactorKind>,
    mobile: String,
    mobile_typed: String,
    /// The sealed secret of an app.
    secret: Vec<u8>,
    until: DateTime<Utc>,
}

impl Answers {
    const fn step(&self) -> SetUpStep {
        match (self.mailbox, self.method) {
            (false, _) => SetUpStep::Mailbox,
            (true, None) => SetUpStep::Method,
            (true, Some(_)) => SetUpStep::Code,
        }
    }
}

/// What a choice leads to.
pub enum Chosen {
    /// A code proves it next. The answers so far, sealed.
    Ask(Vec<u8>),
    /// It was proved before: codes come to the address that the first code went to.
    Done(Box<SetUpDone>),
}

/// Codes are set up, and the person is signed in.
pub struct SetUpDone {
    /// The complete sign-in.
    pub signed_in: SignedIn,
    /// The recovery codes, sealed for the new session until they are shown, once (R45).
    pub recovery_codes: Vec<u8>,
}

/// Who sets up, and how far they are.
struct Setting {
    user: UserRow,
    standing: Standing,
    answers: Answers,
}

impl Services {
    /// What the pages of setting up show.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] for whoever has a way to get codes (R40).
    pub async fn set_up_codes(&self, step: &SecondStep, sealed: &[u8]) -> Result<SetUpCodes> {
        let mut tx = self.store.read().await?;
        let setting = self.setting_up(&mut tx, step, sealed).await?;
        let answers = &setting.answers;
        let kind = answers.method.unwrap_or(SecondFactorKind::Email);
        let app = if kind == SecondFactorKind::Authenticator && answers.mailbox {
            let owner = app_owner(step.session);
            Some(self.authenticator_set_up(&owner, &answers.secret, &setting.user.email)?)
        } else {
            None
        };
        let ending = match kind {
            SecondFactorKind::Sms => {
                let from = answers.mobile.len().saturating_sub(3);
                answers.mobile.get(from..).unwrap_or_default().to_owned()
            }
            kind => ending(&setting.user, kind),
        };
        Ok(SetUpCodes {
            step: answers.step(),
            kind,
            ending,
            methods: self.methods_of(&mut tx, &setting).await?,
            method: answers.method,
            mobile: answers.mobile_typed.clone(),
            app,
        })
    }

    /// Takes the code that went to the person's address. Returns the answers so far, sealed, and the
    /// step that comes next: where an app is the only way, there is nothing to choose.
    ///
    /// # Errors
    /// `code.wrong`; `code.expired` when a new one was sent; `code.used_up`;
    /// [`Error::SlowDown`] after 10 wrong ones in an hour (R36); [`Error::NotAllowed`].
    pub async fn prove_mailbox(
        &self,
        step: &SecondStep,
        form: &CodeForm,
    ) -> Result<(Vec<u8>, SetUpStep)> {
        let code = form.validate()?;
        let mut tx = self.store.write().await?;
        let mut setting = self.setting_up(&mut tx, step, &[]).await?;
        let user = setting.user.clone();
        let binding = self.mailbox_binding(step.session);
        let account = self.lane_key("code", user.id, None);
        let answer = self.check_code(&mut tx, &binding, &account, &code).await?;
        if answer != Answer::Right {
            self.audit_wrong(&mut tx, step, &user, SecondFactorKind::Email)
                .await?;
            if answer == Answer::Expired {
                self.ask_mailbox(&mut tx, &By::step(step, &user.name()), &user, step.session)
                    .await?;
            }
            tx.commit().await?;
            return Err(answer.refusal());
        }
        self.forget_messages(&mut tx, &user.email).await?;
        setting.answers.mailbox = true;
        if self.methods_of(&mut tx, &setting).await? == [SecondFactorKind::Authenticator] {
            self.choose_app(&mut tx, step, &mut setting.answers).await?;
        }
        tx.commit().await?;
        let next = setting.answers.step();
        Ok((self.sealed(step.session, setting.answers)?, next))
    }

    /// "Send a new code", of the step that waits for one.
    ///
    /// # Errors
    /// [`crate::Conflict::CodeTooSoon`] within 30 seconds; [`Error::SlowDown`]; [`Error::NotAllowed`].
    pub async fn send_another_code(&self, step: &SecondStep, sealed: &[u8]) -> Result<SetUpStep> {
        let mut tx = self.store.write().await?;
        let setting = self.setting_up(&mut tx, step, sealed).await?;
        let at = setting.answers.step();
        match (at, setting.answers.method) {
            (SetUpStep::Mailbox, _) => {
                let by = By::step(step, &setting.user.name());
                self.ask_mailbox(&mut tx, &by, &setting.user, step.session)
                    .await?;
            }
            (SetUpStep::Code, Some(SecondFactorKind::Sms)) => {
                self.send_set_up_code(&mut tx, step, &setting).await?;
            }
            _ => {}
        }
        tx.commit().await?;
        Ok(at)
    }

    /// The first question of setting up: a code to the address of the account.
    pub(crate) async fn ask_mailbox(
        &self,
        tx: &mut Tx,
        by: &By,
        user: &UserRow,
        session: SessionId,
    ) -> Result<()> {
        let question = Question {
            binding: self.mailbox_binding(session),
            kind: SecondFactorKind::Email,
            recipient: &user.email,
            name: &user.name(),
        };
        self.send_code(tx, &question).await?;
        self.audit_code(
            tx,
            by,
            user,
            AuditEventKind::CodeSent,
            SecondFactorKind::Email,
        )
        .await
    }

    /// The person, when they have no way to get codes, and what they answered in this session.
    async fn setting_up(&self, tx: &mut Tx, step: &SecondStep, sealed: &[u8]) -> Result<Setting> {
        let (user, standing) = self.person_at(tx, step).await?;
        if !standing.factors.is_empty() {
            return Err(Error::NotAllowed);
        }
        let answers = self
            .keys
            .open(&answers_owner(step.session), sealed)
            .ok()
            .and_then(|text| serde_json::from_slice::<Answers>(&text).ok())
            .filter(|answers| self.now() < answers.until)
            .unwrap_or_default();
        Ok(Setting {
            user,
            standing,
            answers,
        })
    }

    /// The ways that all of the person's organisations allow them, in the order of the page.
    async fn methods_of(&self, tx: &mut Tx, setting: &Setting) -> Result<Vec<SecondFactorKind>> {
        let rules = self.account_rules(tx, setting.user.id).await?;
        let methods: Vec<SecondFactorKind> = SecondFactorKind::CHOICES
            .iter()
            .copied()
            .filter(|kind| rules.second_factor_methods.contains(kind))
            // The password came by email: the mailbox is no second proof (R12).
            .filter(|kind| *kind != SecondFactorKind::Email || !setting.standing.mailbox_spent)
            .collect();
        Ok(if methods.is_empty() {
            // An app is always good enough (R43).
            vec![SecondFactorKind::Authenticator]
        } else {
            methods
        })
    }

    async fn audit_wrong(
        &self,
        tx: &mut Tx,
        step: &SecondStep,
        user: &UserRow,
        kind: SecondFactorKind,
    ) -> Result<()> {
        let by = By::step(step, &user.name());
        self.audit_code(tx, &by, user, AuditEventKind::CodeFailed, kind)
            .await
    }

    fn sealed(&self, session: SessionId, answers: Answers) -> Result<Vec<u8>> {
        let answers = Answers {
            until: self.now() + LIFETIME,
            ..answers
        };
        let text = serde_json::to_vec(&answers).map_err(StoreError::from)?;
        Ok(self
            .keys
            .seal(&answers_owner(session), &text, &self.random)?)
    }

    fn mailbox_binding(&self, session: SessionId) -> Digest32 {
        self.keys
            .digest("set up mailbox", session.uuid().as_bytes())
    }

    /// Bound to the number too: a code proves the number that it went to and no other (R42).
    fn set_up_binding(&self, session: SessionId, mobile: &str) -> Digest32 {
        let mut text = session.uuid().as_bytes().to_vec();
        text.extend_from_slice(mobile.as_bytes());
        self.keys.digest("set up codes", &text)
    }
}

impl Answers {
    /// The number that codes go to; empty for an app.
    fn mobile_of(&self, kind: SecondFactorKind) -> String {
        if kind == SecondFactorKind::Sms {
            self.mobile.clone()
        } else {
            String::new()
        }
    }
}

fn answers_owner(session: SessionId) -> String {
    format!("set_up_codes:answers:{session}")
}

fn app_owner(session: SessionId) -> String {
    format!("set_up_codes:secret:{session}")
}
