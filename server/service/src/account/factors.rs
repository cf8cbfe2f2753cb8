//! How a person gets their codes: an authenticator app, and recovery codes. What keeps the account
//! as safe as every one of its organisations wants it, stays (R43, R48).

use domain::{
    OneTimeCode, Policy, RecoveryCode, SecondFactorKind,
    account::OwnSecurity,
    audit::AuditEventKind,
    id::{SessionId, UserId},
    policy::AccountRules,
    second_factor::AuthenticatorSetUp,
    sign_in::CodeForm,
};
use serde_json::json;
use store::{Tx, UserRow};

use super::Renewed;
use crate::{
    Actor, By, Conflict, Error, Result, Services, audit::Event, codes::Answer, secrets::Digest32,
    sessions::open,
};

impl Services {
    /// How the person gets codes.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`].
    pub async fn own_security(&self, actor: &Actor) -> Result<OwnSecurity> {
        let mut tx = self.store.read().await?;
        let user = self.person_with_proof(&mut tx, actor).await?;
        let factors = tx.second_factors(user.id).await?;
        let has = |kind| factors.iter().any(|factor| factor.kind == kind);
        let left = tx.recovery_codes_left(user.id).await?;
        Ok(OwnSecurity {
            kinds: SecondFactorKind::ALL
                .iter()
                .copied()
                .filter(|kind| has(*kind))
                .collect(),
            can_remove_app: has(SecondFactorKind::Authenticator)
                && self.can_do_without_app(&mut tx, &user).await?,
            recovery_codes_left: u32::try_from(left).unwrap_or_default(),
        })
    }

    /// What the strictest of the person's organisations asks of their account.
    pub(crate) async fn account_rules(&self, tx: &mut Tx, user: UserId) -> Result<AccountRules> {
        let mut policies: Vec<(Policy, bool)> = Vec::new();
        for (organisation, membership) in open(&tx.organisations_of(user).await?) {
            let access = self
                .access_of(tx, organisation.clone(), membership.clone())
                .await?;
            let privileged = access.grants.iter().any(|grant| grant.role.privileged);
            policies.push((organisation.policy.clone(), privileged));
        }
        let policies = policies.iter().map(|(policy, own)| (policy, *own));
        Ok(AccountRules::strictest(policies))
    }

    /// Whether the other ways that the person has are enough for all their organisations.
    async fn can_do_without_app(&self, tx: &mut Tx, user: &UserRow) -> Result<bool> {
        let rules = self.account_rules(tx, user.id).await?;
        if !rules.second_factor_required {
            return Ok(true);
        }
        let standing = self.standing(tx, user).await?;
        Ok(standing.usable(user).iter().any(|kind| {
            *kind != SecondFactorKind::Authenticator && rules.second_factor_methods.contains(kind)
        }))
    }

    /// Begins to set up an app: its secret, sealed for this session, to come back with the code.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`].
    pub async fn begin_own_app(&self, actor: &Actor) -> Result<Vec<u8>> {
        let mut tx = self.store.write().await?;
        self.require_proof(&mut tx, actor).await?;
        self.ask_app(&mut tx, self.app_binding(actor)).await?;
        tx.commit().await?;
        self.new_authenticator(&app_owner(actor))
    }

    /// What the page shows so that the app can be set up.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`]; [`Error::NotFound`] for what [`Services::begin_own_app`] did not
    /// make in this session.
    pub async fn own_app_set_up(&self, actor: &Actor, sealed: &[u8]) -> Result<AuthenticatorSetUp> {
        let mut tx = self.store.read().await?;
        let user = self.person_going_on(&mut tx, actor).await?;
        let owner = app_owner(actor);
        if self.keys.open(&owner, sealed).is_err() {
            return Err(Error::NotFound);
        }
        self.authenticator_set_up(&owner, sealed, &user.email)
    }

    /// Sets the app up, in the place of one from before, with the first code that it shows (R51).
    /// Every other session ends (R60).
    ///
    /// # Errors
    /// [`Error::StepUpRequired`]; `code.wrong`, `code.used_up`; [`Error::SlowDown`].
    pub async fn set_own_app(
        &self,
        actor: &Actor,
        sealed: &[u8],
        form: &CodeForm,
    ) -> Result<Renewed> {
        let code: OneTimeCode = form.validate()?;
        let mut tx = self.store.write().await?;
        let mut user = self.person_going_on(&mut tx, actor).await?;
        let account = self.lane_key("own app code", user.id, None);
        let owner = app_owner(actor);
        if self.keys.open(&owner, sealed).is_err() {
            return Err(Error::violation("code", "code.used_up"));
        }
        let (answer, step) = self
            .check_new_app(
                &mut tx,
                &self.app_binding(actor),
                &account,
                (&owner, sealed),
                &code,
            )
            .await?;
        let by = By::actor(actor);
        let (Answer::Right, Some(step)) = (answer, step) else {
            let kind = SecondFactorKind::Authenticator;
            self.audit_code(&mut tx, &by, &user, AuditEventKind::CodeFailed, kind)
                .await?;
            tx.commit().await?;
            let code = match answer {
                Answer::Right | Answer::Wrong => "code.wrong",
                _ => "code.used_up",
            };
            return Err(Error::violation("code", code));
        };
        self.add_authenticator(&mut tx, &by, &user, (&owner, sealed), step)
            .await?;
        let methods = format!("password+{}", SecondFactorKind::Authenticator);
        tx.set_session_proof(actor.session(), self.now(), &methods)
            .await?;
        let renewed = self.start_again(&mut tx, &mut user, actor).await?;
        let notice = self.account_notice(&user, "app_added", actor);
        self.queue(&mut tx, vec![notice]).await?;
        tx.commit().await?;
        Ok(renewed)
    }

    /// Removes the app. Every other session ends (R60).
    ///
    /// # Errors
    /// [`Error::StepUpRequired`]; [`Conflict::AppNeeded`] where no other way is enough.
    pub async fn remove_own_app(&self, actor: &Actor) -> Result<Renewed> {
        let mut tx = self.store.write().await?;
        let mut user = self.person_with_proof(&mut tx, actor).await?;
        if !self.can_do_without_app(&mut tx, &user).await? {
            return Err(Error::Conflict(Conflict::AppNeeded));
        }
        let kind = SecondFactorKind::Authenticator;
        if !tx.delete_second_factor(user.id, kind).await? {
            return Err(Error::NotFound);
        }
        let event = Event {
            organisation: None,
            kind: AuditEventKind::SecondFactorRemoved,
            subject: Some((user.id, user.name())),
            details: json!({ "kind": kind.as_str() }),
        };
        self.audit(&mut tx, &By::actor(actor), event).await?;
        let renewed = self.start_again(&mut tx, &mut user, actor).await?;
        let notice = self.account_notice(&user, "app_removed", actor);
        self.queue(&mut tx, vec![notice]).await?;
        tx.commit().await?;
        Ok(renewed)
    }

    /// New recovery codes in the place of the old ones, sealed for this session until they are
    /// shown, once (R45).
    ///
    /// # Errors
    /// [`Error::StepUpRequired`].
    pub async fn new_own_recovery_codes(&self, actor: &Actor) -> Result<Vec<u8>> {
        let mut tx = self.store.write().await?;
        let user = self.person_with_proof(&mut tx, actor).await?;
        let codes = self.new_recovery_codes();
        let digests: Vec<Digest32> = codes
            .iter()
            .map(|code| self.recovery_digest(user.id, code))
            .collect();
        tx.replace_recovery_codes(user.id, &digests).await?;
        let event = Event {
            organisation: None,
            kind: AuditEventKind::RecoveryCodesMade,
            subject: Some((user.id, user.name())),
            details: json!({}),
        };
        self.audit(&mut tx, &By::actor(actor), event).await?;
        let notice = self.account_notice(&user, "recovery_codes", actor);
        self.queue(&mut tx, vec![notice]).await?;
        tx.commit().await?;
        let text: Vec<String> = codes.iter().map(RecoveryCode::grouped).collect();
        let text = text.join("\n");
        Ok(self.keys.seal(
            &codes_owner(actor.user(), actor.session()),
            text.as_bytes(),
            &self.random,
        )?)
    }

    /// The codes that [`Services::new_own_recovery_codes`] made in this session; none for anything
    /// else.
    pub fn shown_recovery_codes(&self, actor: &Actor, sealed: &[u8]) -> Vec<String> {
        let owner = codes_owner(actor.user(), actor.session());
        let text = self.keys.open(&owner, sealed);
        let text = text.map(|text| String::from_utf8_lossy(&text).into_owned());
        let text = text.unwrap_or_default();
        text.lines().map(ToOwned::to_owned).collect()
    }

    fn app_binding(&self, actor: &Actor) -> Digest32 {
        self.keys
            .digest("own app", actor.session().uuid().as_bytes())
    }
}

/// For whom recovery codes are sealed until they are shown: nobody but this session opens them.
pub(crate) fn codes_owner(user: UserId, session: SessionId) -> String {
    format!("own_recovery_codes:{user}:{session}")
}

/// For whom the secret is sealed until the app is proved: nobody but this session opens it.
pub(super) fn app_owner(actor: &Actor) -> String {
    format!("own_app:secret:{}:{}", actor.user(), actor.session())
}
