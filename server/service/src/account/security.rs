//! What a person changes of how they sign in. They prove again who they are before (R49); every other
//! session ends with the change (R60).

use domain::{
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
    secrets::Token,
    sessions::Proof,
};

/// The session and device of somebody who went on after a change.
pub struct Renewed {
    /// The new session cookie.
    pub session: Token,
    /// The cookie of this device, which is known anew.
    pub device: Option<Token>,
}

impl Services {
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
        // A change proves nothing: what was proved before goes on to age (R49).
        tx.set_session_proof(id, before.authenticated_at, &before.methods)
            .await?;
        if let Some(organisation) = &before.last_organisation {
            tx.set_session_organisation(id, organisation).await?;
        }
        let (device, _) = self.know_device(tx, user, None, actor.request()).await?;
        Ok(Renewed { session, device })
    }
}

pub(super) fn about(user: &UserRow, kind: AuditEventKind) -> Event {
    Event {
        organisation: None,
        kind,
        subject: Some((user.id, user.name())),
        details: json!({}),
    }
}
