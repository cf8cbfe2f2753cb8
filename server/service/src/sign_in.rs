//! Signing in with email address and password (A2), and what completes it.
//!
//! Whether an address has a user is not told: not by the answer, not by its time (R7). Guesses are
//! counted before the password is looked at (R32), and strangers' guesses never keep the owner out
//! of a known device (R33).

use chrono::TimeDelta;
use domain::{
    MembershipStatus, SecondFactorKind,
    audit::AuditEventKind,
    password::Password,
    sign_in::{LostAccess, SignIn, SignInForm},
};
use serde_json::json;
use store::{DeviceRow, MembershipRow, OrganisationRow, SecondFactorRow, Tx, UserRow};

use crate::{
    By, Error, RequestInfo, Result, Services,
    audit::Event,
    outbox::{MessageContent, MessageKind, Outgoing},
    passwords::Verdict,
    secrets::{Digest32, Token, TokenPurpose},
    sessions::{Proof, open},
    throttling::SIGN_IN_ADDRESS,
};

/// How long a device stays known.
const DEVICE: TimeDelta = TimeDelta::days(90);

/// An email address and a password, and what came with them.
pub struct Attempt<'a> {
    /// What was typed.
    pub form: &'a SignInForm,
    /// The path that the person wanted; empty for none.
    pub return_to: &'a str,
    /// The cookies of the request.
    pub cookies: Cookies<'a>,
}

/// Cookies that signing in looks at.
#[derive(Clone, Copy, Default)]
pub struct Cookies<'a> {
    /// The session so far: it ends when another takes its place (R53).
    pub session: Option<&'a str>,
    /// The device, if it is known.
    pub device: Option<&'a str>,
}

impl Cookies<'_> {
    pub(crate) fn device_digest(&self) -> Option<Digest32> {
        self.device
            .and_then(|device| Token::digest_of(device, TokenPurpose::Cookie))
    }
}

/// Where a sign-in has come to.
pub struct SignedIn {
    /// The new session cookie; none when nobody may come in.
    pub session: Option<Token>,
    /// The cookie of a device that is known from now on; none when it is known already.
    pub device: Option<Token>,
    /// What comes next.
    pub next: Next,
}

/// What comes after a step of signing in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The second step: a code.
    Code,
    /// The second step, where only a recovery code is left.
    RecoveryCode,
    /// The second step is required, and there is none yet.
    SetUpCodes,
    /// Complete: open this path.
    Open(String),
    /// The password was right, and the person belongs nowhere any more.
    NoOrganisation(Vec<LostAccess>),
}

/// What a sign-in needs to know of the person besides the user.
pub(crate) struct Standing {
    pub places: Vec<(OrganisationRow, MembershipRow)>,
    pub factors: Vec<SecondFactorRow>,
    /// The password came by email, and nothing else was proved since: the mailbox is no second
    /// proof (R12).
    pub mailbox_spent: bool,
}

impl Standing {
    /// The second factors that count now, best first (R43).
    pub fn usable(&self, user: &UserRow) -> Vec<SecondFactorKind> {
        SecondFactorKind::CHOICES
            .iter()
            .copied()
            .filter(|kind| self.factors.iter().any(|factor| factor.kind == *kind))
            .filter(|kind| match kind {
                SecondFactorKind::Email => !self.mailbox_spent,
                SecondFactorKind::Sms => user.mobile.is_some(),
                _ => true,
            })
            .collect()
    }
}

impl Services {
    /// Checks email address and password. Right: a session for the second step, or a complete one
    /// where no second step is asked for.
    ///
    /// # Errors
    /// `sign_in.failed`, the same for every reason; [`Error::SlowDown`] when guesses come too fast.
    pub async fn sign_in(&self, attempt: &Attempt<'_>, info: &RequestInfo) -> Result<SignedIn> {
        let SignIn { email, password } = attempt.form.validate()?;
        let device = attempt.cookies.device_digest();
        let (user, bucket) = self.admit(email.key(), device.as_ref(), info).await?;
        let stored = user
            .as_ref()
            .filter(|user| user.registered_at.is_some())
            .and_then(|user| user.password_hash.clone());
        let verdict = self.hashing.verify(password, stored).await?;
        let (Some(user), Verdict::Right | Verdict::RightButWeak) = (&user, verdict) else {
            return self.refuse_sign_in(user.as_ref(), info).await;
        };
        let renewed = match verdict {
            Verdict::RightButWeak => self.hash_again(&attempt.form.password).await?,
            _ => None,
        };

        let mut tx = self.store.write().await?;
        let Some(mut user) = tx
            .user(user.id)
            .await?
            .filter(|now| now.security_epoch == user.security_epoch)
        else {
            drop(tx);
            return self.refuse_sign_in(Some(user), info).await;
        };
        if let Some(hash) = renewed {
            user.password_hash = Some(hash);
            tx.update_user(&user).await?;
        }
        self.forget_guesses(&mut tx, &bucket).await?;
        let standing = self.standing(&mut tx, &user).await?;
        if open(&standing.places).next().is_none() {
            self.audit_sign_in_failed(&mut tx, Some(&user), "no_organisation", info)
                .await?;
            let lost = self.lost_access(&mut tx, &standing.places).await?;
            tx.commit().await?;
            return Ok(SignedIn {
                session: None,
                device: None,
                next: Next::NoOrganisation(lost),
            });
        }
        self.end_session_of(&mut tx, attempt.cookies.session)
            .await?;
        let signed_in = if standing.factors.is_empty()
            && !self.second_step_required(&mut tx, &standing).await?
        {
            self.complete_sign_in(&mut tx, &user, "password", attempt.return_to, device, info)
                .await?
        } else {
            self.start_second_step(&mut tx, &user, &standing, attempt.return_to, info)
                .await?
        };
        tx.commit().await?;
        Ok(signed_in)
    }

    /// The buckets of address and account, before anything is hashed. Returns the user, if there
    /// is one, and the bucket that a right password fills again.
    pub(crate) async fn admit(
        &self,
        email_key: &str,
        device: Option<&Digest32>,
        info: &RequestInfo,
    ) -> Result<(Option<UserRow>, Digest32)> {
        let mut tx = self.store.write().await?;
        let user = tx.user_by_email_key(email_key).await?;
        let known = match &user {
            Some(user) => self.known_device(&mut tx, user, device).await?,
            None => None,
        };
        let bucket = match (&user, &known) {
            (Some(user), Some(device)) => self.lane_key("password", user.id, Some(device)),
            _ => self.login_key("password", email_key),
        };
        let address = self.address_key("sign_in", info);
        let admitted = match self.take(&mut tx, &address, SIGN_IN_ADDRESS).await {
            Ok(()) => self.take_guess(&mut tx, &bucket).await.map(|_| ()),
            refused => refused,
        };
        if let Err(Error::SlowDown { .. }) = &admitted {
            tracing::warn!(request_id = info.request_id, ip = %info.ip, "sign-in throttled");
        }
        tx.commit().await?;
        admitted.map(|()| (user, bucket))
    }

    /// The device of a cookie, when this user has signed in on it and nothing ended that (R33).
    pub(crate) async fn known_device(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        device: Option<&Digest32>,
    ) -> Result<Option<Digest32>> {
        let Some(device) = device else {
            return Ok(None);
        };
        let known = tx
            .device_known(device, user.id, user.security_epoch, self.now())
            .await?;
        Ok(known.then_some(*device))
    }

    async fn hash_again(&self, typed: &str) -> Result<Option<String>> {
        match Password::parse(typed) {
            Some(password) => self.hashing.hash(password, &self.random).await.map(Some),
            None => Ok(None),
        }
    }

    async fn refuse_sign_in(&self, user: Option<&UserRow>, info: &RequestInfo) -> Result<SignedIn> {
        let mut tx = self.store.write().await?;
        self.audit_sign_in_failed(&mut tx, user, "password", info)
            .await?;
        tx.commit().await?;
        Err(Error::violation("email", "sign_in.failed"))
    }

    async fn audit_sign_in_failed(
        &self,
        tx: &mut Tx,
        user: Option<&UserRow>,
        reason: &str,
        info: &RequestInfo,
    ) -> Result<()> {
        let event = Event {
            organisation: None,
            kind: AuditEventKind::SignInFailed,
            subject: user.map(|user| (user.id, user.name())),
            details: json!({ "reason": reason, "device": device_of(info) }),
        };
        self.audit(tx, &By::system(info), event).await
    }

    pub(crate) async fn standing(&self, tx: &mut Tx, user: &UserRow) -> Result<Standing> {
        Ok(Standing {
            places: tx.organisations_of(user.id).await?,
            factors: tx.second_factors(user.id).await?,
            mailbox_spent: tx.password_came_by_email(user.id).await?,
        })
    }

    /// Whether any organisation asks this person for a second step; privileged roles always do
    /// (R48).
    async fn second_step_required(&self, tx: &mut Tx, standing: &Standing) -> Result<bool> {
        for (organisation, membership) in open(&standing.places) {
            if organisation.policy.second_factor_required(false) {
                return Ok(true);
            }
            let access = self
                .access_of(tx, organisation.clone(), membership.clone())
                .await?;
            if access.grants.iter().any(|grant| grant.role.privileged) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn start_second_step(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        standing: &Standing,
        return_to: &str,
        info: &RequestInfo,
    ) -> Result<SignedIn> {
        let (session, id) = self
            .start_session(tx, user, Proof::PasswordOnly, return_to, info)
            .await?;
        let next = match standing.usable(user).first() {
            Some(kind) => {
                let by = By::person(user.id, &user.name(), info, "password");
                self.ask(tx, &by, user, id, *kind).await?;
                Next::Code
            }
            None if standing.factors.is_empty() => {
                let by = By::person(user.id, &user.name(), info, "password");
                self.ask_mailbox(tx, &by, user, id).await?;
                Next::SetUpCodes
            }
            None => Next::RecoveryCode,
        };
        Ok(SignedIn {
            session: Some(session),
            device: None,
            next,
        })
    }

    /// The end of every way of signing in: a complete session, a known device, the notices and
    /// the audit. `methods` says what was proved, such as `password+email`.
    pub(crate) async fn complete_sign_in(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        methods: &str,
        return_to: &str,
        device: Option<Digest32>,
        info: &RequestInfo,
    ) -> Result<SignedIn> {
        let (session, id) = self
            .start_session(tx, user, Proof::Complete(methods), return_to, info)
            .await?;
        tx.settle_password_resets(user.id, self.now()).await?;
        let device = self.remember_device(tx, user, device, info).await?;
        let event = Event {
            organisation: None,
            kind: AuditEventKind::SignedIn,
            subject: Some((user.id, user.name())),
            details: json!({ "methods": methods, "device": device_of(info) }),
        };
        let by = By::person(user.id, &user.name(), info, methods);
        self.audit(tx, &by, event).await?;
        let places = tx.organisations_of(user.id).await?;
        let mut active = places.iter().filter(|(organisation, membership)| {
            membership.status == MembershipStatus::Active && organisation.closed_at.is_none()
        });
        let start = match (active.next(), active.next()) {
            (None, _) => "/account".to_owned(),
            (Some((organisation, _)), None) => {
                tx.set_session_organisation(id, &organisation.slug).await?;
                tx.set_last_signed_in(organisation.id, user.id, self.now())
                    .await?;
                format!("/o/{}", organisation.slug)
            }
            _ => "/choose-organisation".to_owned(),
        };
        let path = if return_to.is_empty() {
            start
        } else {
            return_to.to_owned()
        };
        Ok(SignedIn {
            session: Some(session),
            device,
            next: Next::Open(path),
        })
    }

    /// Makes this device known, and tells the person when neither it nor its browser was (R13).
    async fn remember_device(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        device: Option<Digest32>,
        info: &RequestInfo,
    ) -> Result<Option<Token>> {
        let (token, browser_known) = self.know_device(tx, user, device, info).await?;
        let just_registered = user
            .registered_at
            .is_some_and(|at| self.now() < at + TOO_NEW);
        if token.is_some() && !browser_known && !just_registered {
            let message = self.notice_to(user, MessageKind::NewDevice, info);
            self.queue(tx, vec![message]).await?;
        }
        Ok(token)
    }

    /// Makes this device and its browser known. Returns the cookie of a device that was not, and
    /// whether the browser was.
    pub(crate) async fn know_device(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        device: Option<Digest32>,
        info: &RequestInfo,
    ) -> Result<(Option<Token>, bool)> {
        let now = self.now();
        let row = |digest| DeviceRow {
            digest,
            user_id: user.id,
            security_epoch: user.security_epoch,
            created_at: now,
            expires_at: now + DEVICE,
        };
        // The cookie goes when the person signs out; what the browser says about itself stays, so
        // that signing in again is no news.
        let mut browser = user.id.uuid().as_bytes().to_vec();
        browser.extend_from_slice(info.user_agent.as_bytes());
        let browser = self.keys.digest("device:browser", &browser);
        let browser_known = tx
            .device_known(&browser, user.id, user.security_epoch, now)
            .await?;
        tx.put_device(&row(browser)).await?;
        if let Some(known) = self.known_device(tx, user, device.as_ref()).await? {
            tx.put_device(&row(known)).await?;
            return Ok((None, browser_known));
        }
        let token = Token::generate(TokenPurpose::Cookie, &self.random);
        tx.put_device(&row(token.digest())).await?;
        Ok((Some(token), browser_known))
    }

    /// A security notice to the person's own address.
    pub(crate) fn notice_to(
        &self,
        user: &UserRow,
        kind: MessageKind,
        info: &RequestInfo,
    ) -> Outgoing {
        let content = MessageContent {
            recipient_name: user.name(),
            happened_at: Some(self.now()),
            device: info.user_agent.clone(),
            ..MessageContent::default()
        };
        Outgoing::email(kind, user.email.clone(), content)
    }
}

/// The browser in words that people know, for telling them where their account was used.
fn device_of(info: &RequestInfo) -> String {
    domain::device::device(&info.user_agent).unwrap_or_default()
}

/// A person who registered just now is not told about the device that they registered on.
const TOO_NEW: TimeDelta = TimeDelta::minutes(30);

#[cfg(test)]
mod tests;
