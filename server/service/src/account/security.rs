//! What a person changes of how they sign in. The password is asked for again before, once in 10
//! minutes; every other session ends with the change (R60).

use chrono::TimeDelta;
use domain::{
    account::ConfirmPasswordForm,
    audit::AuditEventKind,
    sign_in::{ResetPasswordForm, ResetRules},
};
use serde_json::json;
use store::{LinkPurpose, Tx, UserRow};

use crate::{
    Actor, By, Error, Result, Services,
    audit::Event,
    outbox::MessageKind,
    password_reset::{new_password, rules},
    passwords::Verdict,
    secrets::Token,
    sessions::Proof,
    sign_in::Cookies,
};

/// How long a proof of the password counts.
const PROOF: TimeDelta = TimeDelta::minutes(10);

/// The session and device of somebody who went on after a change.
pub struct Renewed {
    /// The new session cookie.
    pub session: Token,
    /// The cookie of this device, which is known anew.
    pub device: Option<Token>,
}

impl Services {
    /// Checks the password of somebody who is signed in. Guesses are counted as those of signing
    /// in are, in the same buckets (R32, R33).
    ///
    /// # Errors
    /// `password.wrong`; [`Error::SlowDown`] when guesses come too fast.
    pub async fn confirm_password(
        &self,
        actor: &Actor,
        form: &ConfirmPasswordForm,
        cookies: Cookies<'_>,
    ) -> Result<()> {
        let password = form.validate()?;
        let before = {
            let mut tx = self.store.read().await?;
            tx.user(actor.user()).await?.ok_or(Error::SignInRequired)?
        };
        let device = cookies.device_digest();
        let (user, bucket) = self
            .admit(&before.email_key, device.as_ref(), actor.request())
            .await?;
        let user = user.ok_or(Error::SignInRequired)?;
        let verdict = self
            .hashing
            .verify(password, user.password_hash.clone())
            .await?;
        let mut tx = self.store.write().await?;
        if verdict == Verdict::Wrong {
            let event = about(&user, AuditEventKind::PasswordCheckFailed);
            self.audit(&mut tx, &By::actor(actor), event).await?;
            tx.commit().await?;
            return Err(Error::violation("password", "password.wrong"));
        }
        // A password that was changed meanwhile proves nothing any more (R60).
        let same = tx
            .user(user.id)
            .await?
            .is_some_and(|now| now.security_epoch == user.security_epoch);
        if !same {
            return Err(Error::SignInRequired);
        }
        self.forget_guesses(&mut tx, &bucket).await?;
        tx.set_session_authenticated(actor.session(), self.now())
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whose password is asked for.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn own_email(&self, actor: &Actor) -> Result<String> {
        let mut tx = self.store.read().await?;
        let user = tx.user(actor.user()).await?.ok_or(Error::SignInRequired)?;
        Ok(user.email)
    }

    /// Whether the person proved their password in the last 10 minutes, in this session.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`] when they did not.
    pub async fn require_password(&self, actor: &Actor) -> Result<()> {
        let mut tx = self.store.read().await?;
        self.require_proof(&mut tx, actor).await
    }

    pub(crate) async fn require_proof(&self, tx: &mut Tx, actor: &Actor) -> Result<()> {
        let session = tx.session(actor.session()).await?;
        let session = session.ok_or(Error::SignInRequired)?;
        if self.now() < session.authenticated_at + PROOF {
            Ok(())
        } else {
            Err(Error::StepUpRequired)
        }
    }

    /// What the page for a new password shows.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`].
    pub async fn own_password_rules(&self, actor: &Actor) -> Result<ResetRules> {
        let mut tx = self.store.read().await?;
        self.require_proof(&mut tx, actor).await?;
        let user = tx.user(actor.user()).await?.ok_or(Error::SignInRequired)?;
        let places = tx.organisations_of(user.id).await?;
        Ok(rules(&user, &places, &self.settings.service_name))
    }

    /// Sets a new password. Every other session, device, link and question of the person ends;
    /// this session goes on under a new cookie, and they are told by email.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`]; what is wrong with the password.
    pub async fn change_password(
        &self,
        actor: &Actor,
        form: &ResetPasswordForm,
    ) -> Result<Renewed> {
        let rules = self.own_password_rules(actor).await?;
        let password = new_password(form, &rules)?;
        let hash = self.hashing.hash(password, &self.random).await?;
        let mut tx = self.store.write().await?;
        self.require_proof(&mut tx, actor).await?;
        let user = tx.user(actor.user()).await?;
        let mut user = user.ok_or(Error::SignInRequired)?;
        user.password_hash = Some(hash);
        let renewed = self.start_again(&mut tx, &mut user, actor).await?;
        let notice = self.notice_to(&user, MessageKind::PasswordChanged, actor.request());
        self.queue(&mut tx, vec![notice]).await?;
        let event = about(&user, AuditEventKind::PasswordChanged);
        self.audit(&mut tx, &By::actor(actor), event).await?;
        tx.commit().await?;
        Ok(renewed)
    }

    /// Saves the person with a new epoch: whatever was started before ends (R60), and this session
    /// goes on under another cookie (R53), no longer than it would have lasted.
    pub(crate) async fn start_again(
        &self,
        tx: &mut Tx,
        user: &mut UserRow,
        actor: &Actor,
    ) -> Result<Renewed> {
        let now = self.now();
        let before = tx.session(actor.session()).await?;
        let before = before.ok_or(Error::SignInRequired)?;
        user.security_epoch += 1;
        tx.update_user(user).await?;
        user.version += 1;
        tx.revoke_account_links(LinkPurpose::Reset, Some(user.id), now)
            .await?;
        tx.delete_sessions_of(user.id).await?;
        tx.delete_devices_of(user.id).await?;
        let proof = Proof::Complete(&before.methods);
        let (session, id) = self
            .start_session(tx, user, proof, "", actor.request())
            .await?;
        tx.end_session(id, before.expires_at).await?;
        if let Some(organisation) = &before.last_organisation {
            tx.set_session_organisation(id, organisation).await?;
        }
        let (device, _) = self.know_device(tx, user, None, actor.request()).await?;
        Ok(Renewed { session, device })
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
