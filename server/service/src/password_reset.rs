//! A forgotten password (A6, A7). Asking for a link says nothing about whether the address has a
//! user (R31) and changes nothing until the link is used (R27); using it ends everything that was
//! started before (R60), and signs nobody in (R12).

use std::time::Duration;

use chrono::TimeDelta;
use domain::{
    EmailAddress, MembershipStatus,
    audit::AuditEventKind,
    password::{Password, personal_words},
    sign_in::{ForgotPasswordForm, ResetPasswordForm, ResetRules},
};
use serde_json::json;
use store::{AccountLinkRow, LinkPurpose, MembershipRow, OrganisationRow, Tx, UserRow};

use crate::{
    Actor, By, Error, RequestInfo, Result, Services,
    audit::Event,
    outbox::{MessageContent, MessageKind, Outgoing},
    passwords::is_common,
    secrets::{Token, TokenPurpose},
    throttling::{LINK_ADDRESS, MESSAGE, MESSAGE_DAY, RESET_ADDRESS},
};

/// How long a link works (R16).
const LIFETIME: TimeDelta = TimeDelta::hours(1);
/// Every request for a link takes this long, whatever it finds (R31).
const SAME_TIME: Duration = Duration::from_millis(100);

impl Services {
    /// Sends a link to choose a new password, to the stored address of whoever has this one (R26).
    /// Somebody who cannot have one is told whom to ask instead.
    ///
    /// # Errors
    /// Only what the form or the requester's address is to blame for: nothing tells whether there
    /// is such a user.
    pub async fn request_password_reset(
        &self,
        form: &ForgotPasswordForm,
        info: &RequestInfo,
    ) -> Result<()> {
        let email = form.validate()?;
        let answer = tokio::time::Instant::now() + SAME_TIME;
        let mut tx = self.store.write().await?;
        let address = self.address_key("reset", info);
        self.take(&mut tx, &address, RESET_ADDRESS).await?;
        if self.may_send_reset(&mut tx, &email).await? {
            if let Some(user) = tx.user_by_email_key(email.key()).await? {
                self.send_reset(&mut tx, &user, info).await?;
            } else {
                let event = reset_requested(None, "unknown");
                self.audit(&mut tx, &By::system(info), event).await?;
            }
        }
        tx.commit().await?;
        tokio::time::sleep_until(answer).await;
        Ok(())
    }

    /// At most 3 links in 10 minutes and 10 in a day to one address; beyond that, nothing is sent
    /// and nothing is said (R37).
    async fn may_send_reset(&self, tx: &mut Tx, email: &EmailAddress) -> Result<bool> {
        let [short, day] = self.message_keys("reset", email.key());
        for (key, limit) in [(short, MESSAGE), (day, MESSAGE_DAY)] {
            match self.take(tx, &key, limit).await {
                Ok(()) => {}
                Err(Error::SlowDown { .. }) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// The same for an administrator, who is told when too many were sent.
    pub(crate) async fn reset_by_administrator(
        &self,
        tx: &mut Tx,
        user: &UserRow,
        actor: &Actor,
    ) -> Result<bool> {
        let Ok(email) = EmailAddress::parse(&user.email) else {
            return Ok(false);
        };
        let may = self.may_send_reset(tx, &email).await?;
        if may {
            // The device would be that of the administrator.
            let info = RequestInfo {
                user_agent: String::new(),
                ..actor.request().clone()
            };
            self.send_reset(tx, user, &info).await?;
        }
        Ok(may)
    }

    async fn send_reset(&self, tx: &mut Tx, user: &UserRow, info: &RequestInfo) -> Result<()> {
        let now = self.now();
        let places = tx.organisations_of(user.id).await?;
        let can_sign_in = user.registered_at.is_some() && active(&places).next().is_some();
        let mut content = MessageContent {
            recipient_name: user.name(),
            happened_at: Some(now),
            device: info.user_agent.clone(),
            ..MessageContent::default()
        };
        let (message, outcome) = if can_sign_in {
            let token = Token::generate(TokenPurpose::Reset, &self.random);
            tx.insert_account_link(&AccountLinkRow {
                id: self.random.uuid(now),
                purpose: LinkPurpose::Reset,
                user_id: Some(user.id),
                token_digest: token.digest().to_vec(),
                security_epoch: user.security_epoch,
                created_at: now,
                expires_at: now + LIFETIME,
                consumed_at: None,
                revoked_at: None,
            })
            .await?;
            content.expires_at = Some(now + LIFETIME);
            let message = Outgoing {
                secret: Some(token.expose().to_owned()),
                not_after: Some(now + LIFETIME),
                ..Outgoing::email(MessageKind::PasswordReset, user.email.clone(), content)
            };
            (message, "sent")
        } else {
            let kind = MessageKind::PasswordResetUnavailable;
            let message = Outgoing::email(kind, user.email.clone(), content);
            (message, "unavailable")
        };
        self.queue(tx, vec![message]).await?;
        let event = reset_requested(Some(user), outcome);
        self.audit(tx, &By::system(info), event).await
    }

    /// What the page for a new password shows. Looking changes nothing, however often (R18).
    ///
    /// # Errors
    /// [`Error::Expired`] when the link does not work (any more); [`Error::SlowDown`] when one
    /// address looks at too many.
    pub async fn reset_rules(&self, token: &str, info: &RequestInfo) -> Result<ResetRules> {
        let mut tx = self.store.write().await?;
        let address = self.address_key("link", info);
        self.take(&mut tx, &address, LINK_ADDRESS).await?;
        let found = self.living_reset(&mut tx, token).await;
        tx.commit().await?;
        let (_, user, places) = found?;
        Ok(rules(&user, &places, &self.settings.service_name))
    }

    /// Sets the new password. Every session, device, link and question of the person ends with it;
    /// they are told by email, and sign in anew.
    ///
    /// # Errors
    /// As [`Services::reset_rules`], and what is wrong with the password.
    pub async fn reset_password(
        &self,
        token: &str,
        form: &ResetPasswordForm,
        info: &RequestInfo,
    ) -> Result<()> {
        let mut tx = self.store.write().await?;
        let address = self.address_key("link", info);
        self.take(&mut tx, &address, LINK_ADDRESS).await?;
        let found = self.living_reset(&mut tx, token).await;
        tx.commit().await?;
        let (link, user, places) = found?;
        let password = new_password(form, &rules(&user, &places, &self.settings.service_name))?;
        let hash = self.hashing.hash(password, &self.random).await?;

        let now = self.now();
        let mut tx = self.store.write().await?;
        let mut user = tx
            .user(user.id)
            .await?
            .filter(|now| now.security_epoch == link.security_epoch)
            .ok_or(Error::Expired("reset"))?;
        if !tx.consume_account_link(link.id, now).await? {
            return Err(Error::Expired("reset"));
        }
        user.password_hash = Some(hash);
        user.security_epoch += 1;
        tx.update_user(&user).await?;
        tx.revoke_account_links(LinkPurpose::Reset, Some(user.id), now)
            .await?;
        tx.delete_sessions_of(user.id).await?;
        tx.delete_devices_of(user.id).await?;
        // Whoever had to wait after wrong guesses can sign in now.
        let guesses = self.login_key("password", &user.email_key);
        self.forget_guesses(&mut tx, &guesses).await?;
        let notice = self.notice_to(&user, MessageKind::PasswordChanged, info);
        self.queue(&mut tx, vec![notice]).await?;
        let event = Event {
            organisation: None,
            kind: AuditEventKind::PasswordReset,
            subject: Some((user.id, user.name())),
            details: json!({}),
        };
        let by = By::person(user.id, &user.name(), info, "reset_link");
        self.audit(&mut tx, &by, event).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The link of a token, while it works: not used, not replaced by what happened since, its
    /// time not over, and its person still active somewhere.
    async fn living_reset(
        &self,
        tx: &mut Tx,
        token: &str,
    ) -> Result<(
        AccountLinkRow,
        UserRow,
        Vec<(OrganisationRow, MembershipRow)>,
    )> {
        let over = || Error::Expired("reset");
        let digest = Token::digest_of(token, TokenPurpose::Reset).ok_or_else(over)?;
        let link = tx
            .account_link(LinkPurpose::Reset, &digest)
            .await?
            .filter(|link| link.consumed_at.is_none() && link.revoked_at.is_none())
            .filter(|link| self.now() < link.expires_at)
            .ok_or_else(over)?;
        let user = match link.user_id {
            Some(user) => tx.user(user).await?,
            None => None,
        };
        let user = user
            .filter(|user| user.security_epoch == link.security_epoch)
            .filter(|user| user.registered_at.is_some())
            .ok_or_else(over)?;
        let places = tx.organisations_of(user.id).await?;
        if active(&places).next().is_none() {
            return Err(over());
        }
        Ok((link, user, places))
    }
}

fn active(places: &[(OrganisationRow, MembershipRow)]) -> impl Iterator<Item = &OrganisationRow> {
    places
        .iter()
        .filter(|(organisation, membership)| {
            membership.status == MembershipStatus::Active && organisation.closed_at.is_none()
        })
        .map(|(organisation, _)| organisation)
}

/// What a new password is checked against: the strictest of the person's organisations.
pub(crate) fn rules(
    user: &UserRow,
    places: &[(OrganisationRow, MembershipRow)],
    service_name: &str,
) -> ResetRules {
    let email = EmailAddress::parse(&user.email).ok();
    let mut words = vec![service_name.to_owned()];
    for organisation in active(places) {
        words.extend(personal_words(
            &user.first_name,
            &user.last_name,
            email.as_ref(),
            &organisation.name,
            &organisation.code,
        ));
    }
    words.sort_unstable();
    words.dedup();
    let min = active(places)
        .map(|organisation| organisation.policy.password_min(false))
        .max()
        .unwrap_or(15);
    ResetRules {
        email: user.email.clone(),
        password_min: u32::try_from(min).unwrap_or(15),
        words,
    }
}

pub(crate) fn new_password(form: &ResetPasswordForm, rules: &ResetRules) -> Result<Password> {
    let password = form.validate(rules.password_min as usize, &rules.words)?;
    if is_common(&password) {
        return Err(Error::violation("new_password", "password.common"));
    }
    Ok(password)
}

fn reset_requested(user: Option<&UserRow>, outcome: &str) -> Event {
    Event {
        organisation: None,
        kind: AuditEventKind::PasswordResetRequested,
        subject: user.map(|user| (user.id, user.name())),
        details: json!({ "outcome": outcome }),
    }
}
