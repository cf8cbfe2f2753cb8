//! What an administrator can do about how somebody signs in (ux E8, R46, R58): reset their codes, end their
//! sessions, send them a link for a new password, clear the wait after wrong guesses.
//!
//! An account is the same in every organisation. So whoever manages people somewhere else is not theirs to
//! sign out or to free from the wait (R67): that would be a way from one organisation into another.

use domain::{
    MembershipStatus, Permission, audit::AuditEventKind, id::UserId, membership::MemberSecurity,
    set_up_codes::ResetCodesForm,
};
use serde_json::json;
use store::Tx;

use super::{Member, letter_to, obstacle, subject_of};
use crate::{
    Access, Actor, By, Conflict, Error, Result, Services,
    audit::Event,
    outbox::{Channel, MessageContent, MessageKind, Outgoing},
};

impl Services {
    /// `/o/{org}/users/{user}/security`.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right; [`Error::NotFound`].
    pub async fn security_page(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
    ) -> Result<MemberSecurity> {
        let now = self.now();
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let (member, _) = self
            .member(&mut tx, &access, user, Permission::UsersChange)
            .await?;
        let refused = self.may_secure(actor, &access, &member);
        let beyond = self.manages_elsewhere(&mut tx, &access, &member).await?;
        let factors = tx.second_factors(user).await?;
        let codes = tx.recovery_codes_left(user).await?;
        let sessions = tx.sessions_of(user, now).await?;
        let living = sessions
            .iter()
            .filter(|session| session.security_epoch == member.user.security_epoch);
        Ok(MemberSecurity {
            second_factors: factors.into_iter().map(|factor| factor.kind).collect(),
            recovery_codes_left: u32::try_from(codes).unwrap_or_default(),
            sessions: u32::try_from(living.count()).unwrap_or(u32::MAX),
            manages_elsewhere: beyond,
            subject: subject_of(&access, &member, obstacle(refused)?, now),
        })
    }

    /// Signs somebody out everywhere. Returns their name.
    ///
    /// # Errors
    /// [`Conflict::OwnAccess`], [`Conflict::NotActive`]; [`Error::NotAllowed`]; [`Error::NotFound`].
    pub async fn end_sessions_of(&self, actor: &Actor, slug: &str, user: UserId) -> Result<String> {
        let mut tx = self.store.write().await?;
        let (access, member) = self.to_secure(&mut tx, actor, slug, user, true).await?;
        let ended = tx.delete_sessions_of(user).await?;
        if ended > 0 {
            let what = "You were signed out on every device.";
            self.tell(&mut tx, actor, &access, &member, what).await?;
            let event = event(
                &member,
                AuditEventKind::SessionEnded,
                json!({ "count": ended }),
            );
            self.audit(&mut tx, &By::actor(actor), event).await?;
        }
        tx.commit().await?;
        Ok(member.user.name())
    }

    /// Whether somebody's codes can be reset, for the page that asks why.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`]; [`Error::NotAllowed`], for whoever manages people elsewhere too;
    /// [`Conflict::Stale`] when there is nothing to reset; [`Error::NotFound`].
    pub async fn reset_codes_page(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
    ) -> Result<MemberSecurity> {
        let page = self.security_page(actor, slug, user).await?;
        if page.subject.obstacle.is_empty() {
            if page.manages_elsewhere {
                return Err(Error::NotAllowed);
            }
            if page.second_factors.is_empty() {
                return Err(Error::Conflict(Conflict::Stale));
            }
            self.require_step_up(actor).await?;
        }
        Ok(page)
    }

    /// Takes away every way in which somebody gets codes, with their recovery codes: they set up anew
    /// when they sign in next (R46). Whatever they had begun ends (R60), and they are told by every way
    /// that is known. Returns their name.
    ///
    /// # Errors
    /// `reset_reason.empty`, `reason.too_long`; [`Error::StepUpRequired`]; as
    /// [`Services::end_sessions_of`]; [`Conflict::Stale`] when there is nothing to reset (any more).
    pub async fn reset_codes_of(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
        form: &ResetCodesForm,
    ) -> Result<String> {
        let mut tx = self.store.write().await?;
        let (access, mut member) = self.to_secure(&mut tx, actor, slug, user, true).await?;
        self.require_proof(&mut tx, actor).await?;
        let reason = form.validate()?;
        let factors = tx.second_factors(user).await?;
        if factors.is_empty() {
            return Err(Error::Conflict(Conflict::Stale));
        }
        for factor in &factors {
            tx.delete_second_factor(user, factor.kind).await?;
        }
        tx.replace_recovery_codes(user, &[]).await?;
        member.user.security_epoch += 1;
        tx.update_user(&member.user).await?;
        member.user.version += 1;
        tx.delete_sessions_of(user).await?;
        tx.delete_devices_of(user).await?;
        let what = "You will be asked to set up 2-step sign in again when you next sign in. Your old codes do not work any more.";
        self.tell(&mut tx, actor, &access, &member, what).await?;
        self.tell_by_text(&mut tx, actor, &access, &member).await?;
        let kinds: Vec<&str> = factors.iter().map(|factor| factor.kind.as_str()).collect();
        let details = json!({ "kinds": kinds, "reason_given": reason });
        let event = event(&member, AuditEventKind::CodesReset, details);
        self.audit(&mut tx, &By::actor(actor), event).await?;
        tx.commit().await?;
        Ok(member.user.name())
    }

    /// Sends somebody a link for a new password, as if they had asked for it. Returns their name.
    ///
    /// # Errors
    /// As [`Services::end_sessions_of`]; [`Conflict::TooSoon`] when several were sent lately (R37).
    pub async fn send_reset_to(&self, actor: &Actor, slug: &str, user: UserId) -> Result<String> {
        let mut tx = self.store.write().await?;
        let (_, member) = self.to_secure(&mut tx, actor, slug, user, false).await?;
        if !self
            .reset_by_administrator(&mut tx, &member.user, actor)
            .await?
        {
            return Err(Error::Conflict(Conflict::TooSoon));
        }
        let kind = AuditEventKind::PasswordResetRequested;
        let event = event(&member, kind, json!({ "by": "administrator" }));
        self.audit(&mut tx, &By::actor(actor), event).await?;
        tx.commit().await?;
        self.wake.ring();
        Ok(member.user.name())
    }

    /// Clears the wait after wrong passwords and codes. Returns their name.
    ///
    /// # Errors
    /// As [`Services::end_sessions_of`].
    pub async fn clear_wait_of(&self, actor: &Actor, slug: &str, user: UserId) -> Result<String> {
        let mut tx = self.store.write().await?;
        let (_, member) = self.to_secure(&mut tx, actor, slug, user, true).await?;
        // Their own devices have lanes of their own (R33).
        let devices = tx.devices_of(user).await?;
        let mut keys = vec![self.login_key("password", &member.user.email_key)];
        keys.push(self.lane_key("code", user, None));
        for device in &devices {
            keys.push(self.lane_key("password", user, Some(device)));
            keys.push(self.lane_key("code", user, Some(device)));
        }
        for key in keys {
            self.forget_guesses(&mut tx, &key).await?;
        }
        let event = event(&member, AuditEventKind::WaitCleared, json!({}));
        self.audit(&mut tx, &By::actor(actor), event).await?;
        tx.commit().await?;
        Ok(member.user.name())
    }

    /// Somebody whom the actor may help to sign in; `theirs` when what is done reaches into every
    /// organisation of the person.
    async fn to_secure(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        slug: &str,
        user: UserId,
        theirs: bool,
    ) -> Result<(Access, Member)> {
        let access = self.access_to_change(tx, actor, slug).await?;
        let (member, _) = self
            .member(tx, &access, user, Permission::UsersChange)
            .await?;
        self.may_secure(actor, &access, &member)?;
        if theirs && self.manages_elsewhere(tx, &access, &member).await? {
            return Err(Error::NotAllowed);
        }
        Ok((access, member))
    }

    /// Not one's own account (that is `/account`), nobody with more rights, and only who is active.
    fn may_secure(&self, actor: &Actor, access: &Access, member: &Member) -> Result<()> {
        self.may_change(actor.user(), access, member)?;
        if member.membership.status != MembershipStatus::Active {
            return Err(Error::Conflict(Conflict::NotActive));
        }
        Ok(())
    }

    /// Whether the person manages others in another organisation.
    async fn manages_elsewhere(&self, tx: &mut Tx, here: &Access, member: &Member) -> Result<bool> {
        for (organisation, row) in tx.organisations_of(member.user.id).await? {
            if organisation.id == here.organisation_id()
                || organisation.closed_at.is_some()
                || row.status != MembershipStatus::Active
            {
                continue;
            }
            let access = self.access_of(tx, organisation, row).await?;
            if access.grants.iter().any(|grant| grant.role.privileged) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The mailbox may be in other hands: whoever has the phone is told too (R46).
    async fn tell_by_text(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        access: &Access,
        member: &Member,
    ) -> Result<()> {
        let Some(mobile) = &member.user.mobile else {
            return Ok(());
        };
        let content = self.change_content(access, &By::actor(actor), member);
        let text = Outgoing {
            channel: Channel::Sms,
            organisation: Some(access.organisation_id()),
            ..Outgoing::email(MessageKind::SecurityChanged, mobile.clone(), content)
        };
        self.queue(tx, vec![text]).await
    }

    /// Tells the person what was done, by whom, and whom to ask.
    async fn tell(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        access: &Access,
        member: &Member,
        what: &str,
    ) -> Result<()> {
        let content = MessageContent {
            after: vec![what.to_owned()],
            path: "/account".to_owned(),
            ..self.change_content(access, &By::actor(actor), member)
        };
        let letter = letter_to(member, MessageKind::SecurityChanged, content);
        self.queue(tx, vec![letter]).await
    }
}

fn event(member: &Member, kind: AuditEventKind, details: serde_json::Value) -> Event {
    Event {
        organisation: Some(member.membership.organisation_id),
        kind,
        subject: Some(member.subject()),
        details,
    }
}
