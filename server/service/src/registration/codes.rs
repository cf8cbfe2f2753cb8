//! The second factor of a new account (B15): chosen out of what the policy allows, proved before
//! it counts (R51), and followed by recovery codes that are shown once (R45).

use domain::{
    MobileRegion, RecoveryCode, SecondFactorKind,
    id::{DraftId, InvitationId},
    registration::{CodesMethodForm, ConfirmCodeView, RecoveryCodesView, RegistrationStep},
    sign_in::CodeForm,
};
use store::Tx;

use super::Journey;
use crate::{
    Conflict, Error, Result, Services,
    codes::{Answer, Question},
    secrets::Digest32,
};

/// For whom the secret of an app is sealed while the registration is not finished (R41).
pub(super) fn owner_of(registration: DraftId) -> String {
    format!("registrations:factor_secret:{registration}")
}

fn recovery_owner(registration: DraftId) -> String {
    format!("registrations:recovery_codes:{registration}")
}

impl Services {
    /// Chooses how codes come, and sends or asks for the first one.
    ///
    /// # Errors
    /// What is wrong with the form; [`Conflict::StepMissing`] before the details;
    /// [`Conflict::CodeTooSoon`] when another number is given within 30 seconds;
    /// [`Error::SlowDown`] when too many codes were sent.
    pub async fn choose_codes_method(
        &self,
        flow: &str,
        form: &CodesMethodForm,
    ) -> Result<RegistrationStep> {
        let mut tx = self.store.write().await?;
        let mut journey = self.journey_to_change(&mut tx, flow).await?;
        let methods = journey.methods();
        if methods.is_empty() {
            return Err(Error::Conflict(Conflict::StepMissing));
        }
        journey.require(RegistrationStep::CodesMethod)?;
        let known = journey.answers.mobile.is_some();
        let region: MobileRegion = journey.offer.organisation.policy.mobile_region;
        let chosen = form.validate(&methods, known, region)?;
        let before = (journey.answers.method, journey.answers.mobile.clone());
        if let Some(mobile) = chosen.mobile {
            journey.answers.mobile = Some(mobile.as_str().to_owned());
            journey.answers.mobile_typed = form.mobile.trim().to_owned();
        }
        let after = (Some(chosen.kind), journey.answers.mobile.clone());
        match self.choose(&mut tx, &mut journey, chosen.kind).await {
            // The same choice again: the first code is on its way to the same place.
            Err(Error::Conflict(Conflict::CodeTooSoon)) if before == after => {}
            chosen => chosen?,
        }
        self.save(&mut tx, &mut journey).await?;
        tx.commit().await?;
        Ok(journey.step())
    }

    /// Starts a second factor anew.
    pub(super) async fn choose(
        &self,
        tx: &mut Tx,
        journey: &mut Journey,
        kind: SecondFactorKind,
    ) -> Result<()> {
        let id = journey.row.id;
        journey.answers.forget_method();
        journey.answers.method = Some(kind);
        if kind == SecondFactorKind::Authenticator {
            journey.row.factor_secret = Some(self.new_authenticator(&owner_of(id))?);
            return self.ask_app(tx, self.binding(id)).await;
        }
        journey.row.factor_secret = None;
        self.send_to(tx, journey, kind).await
    }

    /// "Send a new code".
    ///
    /// # Errors
    /// [`Conflict::CodeTooSoon`] within 30 seconds of the last one; [`Error::SlowDown`] when the
    /// address or number had too many.
    pub async fn send_registration_code(&self, flow: &str) -> Result<()> {
        let mut tx = self.store.write().await?;
        let mut journey = self.journey_to_change(&mut tx, flow).await?;
        let kind = awaited(&journey)?;
        if kind != SecondFactorKind::Authenticator {
            self.send_to(&mut tx, &journey, kind).await?;
        }
        self.save(&mut tx, &mut journey).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn send_to(&self, tx: &mut Tx, journey: &Journey, kind: SecondFactorKind) -> Result<()> {
        let user = &journey.offer.user;
        let recipient = match kind {
            SecondFactorKind::Sms => journey.answers.mobile.as_deref(),
            _ => Some(user.email.as_str()),
        };
        let question = Question {
            binding: self.binding(journey.row.id),
            kind,
            recipient: recipient.ok_or(Error::Conflict(Conflict::StepMissing))?,
            name: &journey.answers.first_name,
        };
        self.send_code(tx, &question).await
    }

    /// What the page shows that asks for the first code.
    ///
    /// # Errors
    /// As [`Services::registration`]; [`Conflict::StepMissing`] when nothing was chosen.
    pub async fn confirm_code_page(
        &self,
        flow: &str,
        page: InvitationId,
    ) -> Result<ConfirmCodeView> {
        let mut tx = self.store.read().await?;
        let journey = self.journey(&mut tx, flow, Some(page)).await?;
        let kind = journey.answers.method;
        let kind = kind.ok_or(Error::Conflict(Conflict::StepMissing))?;
        let email = &journey.offer.user.email;
        let app = match (&journey.row.factor_secret, kind) {
            (Some(sealed), SecondFactorKind::Authenticator) if !journey.answers.proven => {
                let owner = owner_of(journey.row.id);
                Some(self.authenticator_set_up(&owner, sealed, email)?)
            }
            _ => None,
        };
        let ending = match kind {
            SecondFactorKind::Sms => {
                let mobile = journey.answers.mobile.as_deref().unwrap_or_default();
                mobile.get(mobile.len().saturating_sub(3)..)
            }
            SecondFactorKind::Email => Some(email.as_str()),
            _ => None,
        };
        Ok(ConfirmCodeView {
            step: journey.step(),
            kind,
            ending: ending.unwrap_or_default().to_owned(),
            app,
            can_choose: journey.methods().len() > 1,
        })
    }

    /// Takes the first code. Right: the factor is proved, and recovery codes are made.
    ///
    /// # Errors
    /// `code.wrong`; `code.expired` when a new one was sent in its place; `code.used_up` when a
    /// new one is needed; [`Error::SlowDown`] after too many wrong ones (R36).
    pub async fn confirm_registration_code(
        &self,
        flow: &str,
        form: &CodeForm,
    ) -> Result<RegistrationStep> {
        let code = form.validate()?;
        let mut tx = self.store.write().await?;
        let mut journey = self.journey_to_change(&mut tx, flow).await?;
        let kind = awaited(&journey)?;
        let id = journey.row.id;
        let (binding, user) = (self.binding(id), journey.offer.user.id);
        let account = self.lane_key("registration", user, None);
        let (answer, step) = if kind == SecondFactorKind::Authenticator {
            let owner = owner_of(id);
            let sealed = journey.row.factor_secret.clone().unwrap_or_default();
            self.check_new_app(&mut tx, &binding, &account, (&owner, &sealed), &code)
                .await?
        } else {
            let answer = self.check_code(&mut tx, &binding, &account, &code).await?;
            (answer, None)
        };
        let refused = match answer {
            Answer::Right => None,
            Answer::Wrong => Some("code.wrong"),
            _ if kind == SecondFactorKind::Authenticator => {
                // The app goes on showing codes; only the count of tries starts anew, and the
                // account's own count goes on (R36).
                self.ask_app(&mut tx, binding).await?;
                Some("code.wrong")
            }
            Answer::LastWrong | Answer::UsedUp => Some("code.used_up"),
            Answer::Expired | Answer::NotAsked => {
                self.send_to(&mut tx, &journey, kind).await?;
                Some("code.expired")
            }
        };
        if refused.is_none() {
            journey.answers.proven = true;
            journey.answers.last_step = step.unwrap_or_default();
            self.make_registration_codes(&mut journey)?;
        }
        self.save(&mut tx, &mut journey).await?;
        // Whatever came of it: the try was counted.
        tx.commit().await?;
        match refused {
            Some(code) => Err(Error::violation("code", code)),
            None => Ok(journey.step()),
        }
    }

    fn make_registration_codes(&self, journey: &mut Journey) -> Result<()> {
        let codes = self.new_recovery_codes();
        let user = journey.offer.user.id;
        journey.answers.recovery_digests = codes
            .iter()
            .map(|code| self.recovery_digest(user, code))
            .collect();
        let text: Vec<String> = codes.iter().map(RecoveryCode::grouped).collect();
        journey.answers.recovery_sealed = self.keys.seal(
            &recovery_owner(journey.row.id),
            text.join("\n").as_bytes(),
            &self.random,
        )?;
        Ok(())
    }

    /// The recovery codes, until the person has gone on from this page.
    ///
    /// # Errors
    /// As [`Services::registration`].
    pub async fn recovery_codes_page(
        &self,
        flow: &str,
        page: InvitationId,
    ) -> Result<RecoveryCodesView> {
        let mut tx = self.store.read().await?;
        let journey = self.journey(&mut tx, flow, Some(page)).await?;
        let sealed = &journey.answers.recovery_sealed;
        let codes = if sealed.is_empty() {
            Vec::new()
        } else {
            let text = self.keys.open(&recovery_owner(journey.row.id), sealed)?;
            let text = String::from_utf8_lossy(&text);
            text.lines().map(ToOwned::to_owned).collect()
        };
        Ok(RecoveryCodesView {
            step: journey.step(),
            codes,
        })
    }

    /// Goes on from the recovery codes: from here on only their digests are left (R45).
    ///
    /// # Errors
    /// [`Conflict::StepMissing`] before the code was confirmed.
    pub async fn keep_recovery_codes(&self, flow: &str) -> Result<RegistrationStep> {
        let mut tx = self.store.write().await?;
        let mut journey = self.journey_to_change(&mut tx, flow).await?;
        journey.require(RegistrationStep::RecoveryCodes)?;
        journey.answers.recovery_sealed.clear();
        self.save(&mut tx, &mut journey).await?;
        tx.commit().await?;
        Ok(journey.step())
    }

    /// What binds a question for a code to this registration alone (R42).
    fn binding(&self, registration: DraftId) -> Digest32 {
        self.keys
            .digest("registration", registration.uuid().as_bytes())
    }
}

/// The kind of code that is waited for now.
fn awaited(journey: &Journey) -> Result<SecondFactorKind> {
    if journey.answers.done {
        return Err(Error::Conflict(Conflict::AlreadyUsed));
    }
    match journey.answers.method {
        Some(kind) if journey.step() == RegistrationStep::ConfirmCode => Ok(kind),
        _ => Err(Error::Conflict(Conflict::StepMissing)),
    }
}
