//! Second factors: adding them, with proof (R51), and checking what an authenticator app shows
//! (R41). Recovery codes (R45). Signing in and registering use the same.
//!
//! A secret that is not proved yet is sealed for whoever is setting it up (`owner`: table, column
//! and row); adding the authenticator seals it anew for the user.

use domain::{
    OneTimeCode, RecoveryCode, SecondFactorKind,
    audit::AuditEventKind,
    id::{SecondFactorId, UserId},
    second_factor::{AuthenticatorSetUp, QrCode},
};
use qrcodegen::QrCodeEcc;
use serde_json::json;
use store::{SecondFactorRow, Tx, UserRow};
use totp_rs::{Builder, Totp};
use zeroize::Zeroizing;

use crate::{
    By, Error, Result, Services, audit::Event, codes::Answer, secrets::Digest32, throttling::CODE,
};

/// Recovery codes that a person gets at once (R45).
const RECOVERY_CODES: usize = 10;

/// For whom the secret of a user's app is sealed (R41).
fn owner_of(user: UserId) -> String {
    format!("second_factors:secret:{user}")
}

impl Services {
    /// Makes the secret of an authenticator app, 160 bits, sealed for `owner`.
    pub(crate) fn new_authenticator(&self, owner: &str) -> Result<Vec<u8>> {
        let secret: Zeroizing<[u8; 20]> = Zeroizing::new(self.random.bytes());
        Ok(self.keys.seal(owner, secret.as_slice(), &self.random)?)
    }

    /// What the page shows so that the app can be set up. `account` is the person's address.
    pub(crate) fn authenticator_set_up(
        &self,
        owner: &str,
        sealed: &[u8],
        account: &str,
    ) -> Result<AuthenticatorSetUp> {
        let app = self.app(owner, sealed, account)?;
        let fault = |what: String| Error::Fault(what);
        let url = app.to_url().map_err(|error| fault(error.to_string()))?;
        let code = qrcodegen::QrCode::encode_binary(url.as_bytes(), QrCodeEcc::Medium)
            .map_err(|error| fault(error.to_string()))?;
        let module = |at: u32| i32::try_from(at).unwrap_or(-1);
        let size = u32::try_from(code.size()).unwrap_or_default();
        let key = app.secret().to_base32();
        let groups: Vec<&str> = (0..key.len())
            .step_by(4)
            .map(|at| &key[at..(at + 4).min(key.len())])
            .collect();
        Ok(AuthenticatorSetUp {
            key: groups.join(" "),
            account: account.to_owned(),
            qr: QrCode::new(size, |x, y| code.get_module(module(x), module(y))),
        })
    }

    /// The time step whose code this is, when the app shows it now, or a step earlier or later.
    pub(crate) fn authenticator_step(
        &self,
        owner: &str,
        sealed: &[u8],
        code: &OneTimeCode,
    ) -> Result<Option<i64>> {
        let app = self.app(owner, sealed, "account")?;
        let now = u64::try_from(self.now().timestamp()).unwrap_or_default();
        let step = app.check(code.expose(), now);
        Ok(step.and_then(|step| i64::try_from(step).ok()))
    }

    /// Looks at the code of an app that is being set up, counting the tries like those of a sent
    /// code ([`Services::ask_app`] asked). Right: the step that it spends.
    pub(crate) async fn check_new_app(
        &self,
        tx: &mut Tx,
        binding: &Digest32,
        account: &Digest32,
        (owner, sealed): (&str, &[u8]),
        code: &OneTimeCode,
    ) -> Result<(Answer, Option<i64>)> {
        self.take(tx, account, CODE).await?;
        let (answer, asked) = self.count_answer(tx, binding).await?;
        if asked.is_none() {
            return Ok((answer, None));
        }
        let Some(step) = self.authenticator_step(owner, sealed, code)? else {
            return Ok((answer, None));
        };
        self.answered(tx, binding, account).await?;
        Ok((Answer::Right, Some(step)))
    }

    /// Looks at the code of a user's app: each code is good once, whichever of two requests comes
    /// first (R41).
    pub(crate) async fn check_app(
        &self,
        tx: &mut Tx,
        binding: &Digest32,
        account: &Digest32,
        factor: &SecondFactorRow,
        code: &OneTimeCode,
    ) -> Result<Answer> {
        let sealed = factor.secret.as_deref().unwrap_or_default();
        let owner = owner_of(factor.user_id);
        self.take(tx, account, CODE).await?;
        let (answer, asked) = self.count_answer(tx, binding).await?;
        if asked.is_none() {
            return Ok(answer);
        }
        let Some(step) = self.authenticator_step(&owner, sealed, code)? else {
            return Ok(answer);
        };
        if !tx.spend_step(factor.id, step).await? {
            return Ok(answer);
        }
        self.answered(tx, binding, account).await?;
        Ok(Answer::Right)
    }

    /// Adds the app that was proved with the code of `step` (R51).
    pub(crate) async fn add_authenticator(
        &self,
        tx: &mut Tx,
        by: &By,
        user: &UserRow,
        (owner, sealed): (&str, &[u8]),
        step: i64,
    ) -> Result<()> {
        let secret = self.keys.open(owner, sealed)?;
        let secret = self.keys.seal(&owner_of(user.id), &secret, &self.random)?;
        self.put_factor(
            tx,
            by,
            user,
            SecondFactorKind::Authenticator,
            Some(secret),
            step,
        )
        .await
    }

    /// Adds codes by email or text message, whose address or number was proved (R51). They go to
    /// the user's address or mobile as it is when they are sent.
    pub(crate) async fn add_codes_by(
        &self,
        tx: &mut Tx,
        by: &By,
        user: &UserRow,
        kind: SecondFactorKind,
    ) -> Result<()> {
        self.put_factor(tx, by, user, kind, None, 0).await
    }

    async fn put_factor(
        &self,
        tx: &mut Tx,
        by: &By,
        user: &UserRow,
        kind: SecondFactorKind,
        secret: Option<Vec<u8>>,
        last_step: i64,
    ) -> Result<()> {
        let now = self.now();
        tx.put_second_factor(&SecondFactorRow {
            id: SecondFactorId::from_uuid(self.random.uuid(now)),
            user_id: user.id,
            kind,
            secret,
            last_step,
            created_at: now,
        })
        .await?;
        let event = Event {
            organisation: None,
            kind: AuditEventKind::SecondFactorAdded,
            subject: Some((user.id, user.name())),
            details: json!({ "kind": kind.as_str() }),
        };
        self.audit(tx, by, event).await
    }

    /// New recovery codes, 80 bits each. Only their digests are kept, so they are shown once (R45).
    pub(crate) fn new_recovery_codes(&self) -> Vec<RecoveryCode> {
        (0..RECOVERY_CODES)
            .map(|_| RecoveryCode::from_random(self.random.bytes()))
            .collect()
    }

    /// What is kept of a recovery code; it counts for this user alone.
    pub(crate) fn recovery_digest(&self, user: UserId, code: &RecoveryCode) -> Digest32 {
        let mut text = user.uuid().as_bytes().to_vec();
        text.extend_from_slice(code.expose().as_bytes());
        self.keys.digest("recovery", &text)
    }

    fn app(&self, owner: &str, sealed: &[u8], account: &str) -> Result<Totp> {
        let secret = self.keys.open(owner, sealed)?;
        Builder::new()
            .with_secret(secret.to_vec())
            .with_account_name(account.replace(':', " "))
            .with_issuer(Some(self.settings.service_name.replace(':', " ")))
            .build()
            .map_err(|error| Error::Fault(error.to_string()))
    }
}
