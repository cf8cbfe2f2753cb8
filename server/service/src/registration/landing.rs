//! The link in the email: what it shows without changing anything (R18), and what can be done
//! with it: accept, decline, ask for a new one.

use chrono::TimeDelta;
use domain::{
    MembershipStatus,
    audit::AuditEventKind,
    id::DraftId,
    invitation::{InvitationLanding, InvitationStatus},
};
use serde_json::json;
use store::{RegistrationRow, Tx, UserRow};

use super::{Answers, Begun, LIFETIME, Offer, Standing};
use crate::{
    By, Conflict, Error, RequestInfo, Result, Services,
    audit::Event,
    outbox::{MessageContent, MessageKind, Outgoing},
    request::Authentication,
    secrets::{Token, TokenPurpose},
    throttling::{ACCEPT, LINK_ADDRESS},
};

/// How long a request for a new invitation keeps further ones quiet (B7: at most 1 a day).
const QUIET: TimeDelta = TimeDelta::days(1);
/// How many administrators are written to when an invited person needs one.
const MOST_ADMINISTRATORS: i64 = 10;

impl Services {
    /// What the link of an invitation leads to. Reads only (R18). Whatever cannot be accepted is
    /// told without saying more than whom to ask (B7).
    ///
    /// # Errors
    /// [`Error::NotFound`] when the text is no token of an invitation (R20); [`Error::SlowDown`] when
    /// such texts come too often.
    pub async fn invitation_landing(
        &self,
        token: &str,
        who: &Authentication,
        request: &RequestInfo,
    ) -> Result<InvitationLanding> {
        let mut tx = self.store.read().await?;
        let Some(offer) = self.offer_by_token(&mut tx, token).await? else {
            drop(tx);
            return Err(self.unknown_link(request).await);
        };
        Ok(match offer.standing(self.now()) {
            Standing::Expired => InvitationLanding::Expired {
                asked: offer.invitation.new_one_asked_at.is_some(),
            },
            Standing::Replaced => InvitationLanding::Replaced,
            Standing::Cancelled => InvitationLanding::Cancelled {
                ask: self.inviter(&mut tx, &offer).await?,
            },
            Standing::Declined => InvitationLanding::Declined,
            Standing::Accepted => InvitationLanding::Accepted,
            Standing::Closed => InvitationLanding::Closed,
            Standing::OtherDomain => InvitationLanding::OtherDomain {
                email: offer.user.email.clone(),
                domains: offer.organisation.policy.email_domains.endings(),
                ask: self.inviter(&mut tx, &offer).await?,
                organisation_name: offer.organisation.name,
            },
            Standing::Open => match signed_in_as_someone_else(&offer, who) {
                Some(signed_in_as) => InvitationLanding::SomeoneElse { signed_in_as },
                None if !self.inviter_may(&mut tx, &offer).await? => InvitationLanding::Waiting {
                    organisation_name: offer.organisation.name,
                    asked: offer.invitation.new_one_asked_at.is_some(),
                },
                None => {
                    let shown = self.shown_invitation(&mut tx, &offer).await?;
                    InvitationLanding::Open(Box::new(shown))
                }
            },
        })
    }

    /// Begins to accept: exchanges the token for a cookie of 30 minutes (R29). Grants nothing: a
    /// scanner that posts this form has gained an empty form (R18).
    ///
    /// # Errors
    /// [`Error::NotFound`] for what is no token, [`Conflict::WrongPerson`] for somebody else who is
    /// signed in, [`Conflict::InviterGone`] when another administrator has to invite anew, and
    /// what the invitation's standing says.
    pub async fn accept_invitation(
        &self,
        token: &str,
        who: &Authentication,
        request: &RequestInfo,
    ) -> Result<Begun> {
        let mut tx = self.store.write().await?;
        let Some(offer) = self.offer_by_token(&mut tx, token).await? else {
            drop(tx);
            return Err(self.unknown_link(request).await);
        };
        offer.standing(self.now()).refuse()?;
        let key = self
            .keys
            .digest("throttle:accept", &offer.invitation.token_digest);
        self.take(&mut tx, &key, ACCEPT).await?;
        if signed_in_as_someone_else(&offer, who).is_some() {
            return Err(Error::Conflict(Conflict::WrongPerson));
        }
        if !self.inviter_may(&mut tx, &offer).await? {
            return Err(Error::Conflict(Conflict::InviterGone));
        }
        let begun = self.begin(&mut tx, &offer, request).await?;
        tx.commit().await?;
        Ok(begun)
    }

    /// Begins a journey for an open invitation.
    pub(crate) async fn begin(
        &self,
        tx: &mut Tx,
        offer: &Offer,
        request: &RequestInfo,
    ) -> Result<Begun> {
        let now = self.now();
        let flow = Token::generate(TokenPurpose::Cookie, &self.random);
        let answers = Answers {
            joining: offer.has_user(),
            ..Answers::default()
        };
        tx.delete_expired_registrations(now).await?;
        tx.insert_registration(&RegistrationRow {
            id: DraftId::from_uuid(self.random.uuid(now)),
            organisation_id: offer.organisation.id,
            invitation_id: offer.invitation.id,
            flow_digest: flow.digest().to_vec(),
            answers: serde_json::to_value(&answers).map_err(store::StoreError::from)?,
            password_hash: None,
            factor_secret: None,
            expires_at: now + LIFETIME,
            created_at: now,
        })
        .await?;
        let event = about(offer, AuditEventKind::InvitationOpened);
        self.audit(tx, &invited(offer, request), event).await?;
        Ok(Begun {
            flow: flow.expose().to_owned(),
            invitation: offer.invitation.id,
            has_user: offer.has_user(),
        })
    }

    /// "This is not for me": ends the invitation and tells whoever sent it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what is no token; what the invitation's standing says.
    pub async fn decline_invitation(&self, token: &str, request: &RequestInfo) -> Result<()> {
        let mut tx = self.store.write().await?;
        let Some(offer) = self.offer_by_token(&mut tx, token).await? else {
            drop(tx);
            return Err(self.unknown_link(request).await);
        };
        self.decline(&mut tx, offer, request).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(super) async fn decline(
        &self,
        tx: &mut Tx,
        mut offer: Offer,
        request: &RequestInfo,
    ) -> Result<()> {
        let now = self.now();
        offer.standing(now).refuse()?;
        let organisation = offer.organisation.id;
        tx.close_invitation(
            organisation,
            offer.invitation.id,
            InvitationStatus::Declined,
            now,
        )
        .await?;
        tx.cancel_messages_of(offer.invitation.id).await?;
        tx.release_seats(organisation, offer.membership.id).await?;
        offer.membership.status = MembershipStatus::Cancelled;
        tx.update_membership(&offer.membership).await?;
        if let Some(inviter) = offer.invitation.invited_by
            && let Some(inviter) = tx.user(inviter).await?
        {
            let kind = MessageKind::InvitationDeclined;
            let message = self.message_to(&inviter, kind, &offer);
            self.queue(tx, vec![message]).await?;
        }
        let event = about(&offer, AuditEventKind::InvitationDeclined);
        self.audit(tx, &invited(&offer, request), event).await
    }

    /// Asks the inviter and the administrators for a new invitation, at most once a day; asking
    /// again in that time sends nothing and is no error.
    ///
    /// # Errors
    /// [`Error::NotFound`] for what is no token; [`Conflict::Stale`] when the invitation is neither
    /// expired nor waiting for another administrator.
    pub async fn ask_for_new_invitation(&self, token: &str, request: &RequestInfo) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let Some(offer) = self.offer_by_token(&mut tx, token).await? else {
            drop(tx);
            return Err(self.unknown_link(request).await);
        };
        match offer.standing(now) {
            Standing::Expired => {}
            Standing::Open if !self.inviter_may(&mut tx, &offer).await? => {}
            _ => return Err(Error::Conflict(Conflict::Stale)),
        }
        let first = tx
            .ask_for_new_invitation(offer.organisation.id, offer.invitation.id, now, now - QUIET)
            .await?;
        if first {
            let people = self.people_to_ask(&mut tx, &offer).await?;
            let kind = MessageKind::NewInvitationRequested;
            let messages = people
                .iter()
                .map(|person| self.message_to(person, kind, &offer))
                .collect();
            self.queue(&mut tx, messages).await?;
            let event = about(&offer, AuditEventKind::NewInvitationRequested);
            self.audit(&mut tx, &invited(&offer, request), event)
                .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The inviter, if still here, and administrators of the whole organisation; each once.
    async fn people_to_ask(&self, tx: &mut Tx, offer: &Offer) -> Result<Vec<UserRow>> {
        let organisation = offer.organisation.id;
        let mut people: Vec<UserRow> = Vec::new();
        if let Some(inviter) = offer.invitation.invited_by {
            let member = tx.membership_of(organisation, inviter).await?;
            if member.is_some_and(|member| member.status == MembershipStatus::Active) {
                people.extend(tx.user(inviter).await?);
            }
        }
        let managing = offer.roles.iter().filter(|role| {
            role.permissions
                .contains(&domain::Permission::SettingsManage)
        });
        for role in managing {
            let holders = tx
                .active_holders(organisation, role.id, self.now(), MOST_ADMINISTRATORS)
                .await?;
            for holder in holders {
                if people.iter().all(|person| person.id != holder.id) {
                    people.push(holder);
                }
            }
        }
        Ok(people)
    }

    /// A message about the invited person to somebody of the organisation; the address is the
    /// stored one (R26).
    fn message_to(&self, person: &UserRow, kind: MessageKind, offer: &Offer) -> Outgoing {
        let content = MessageContent {
            recipient_name: person.name(),
            organisation: offer.organisation.name.clone(),
            organisation_slug: offer.organisation.slug.clone(),
            subject: match offer.user.name() {
                name if name == offer.user.email => name,
                name => format!("{name} ({})", offer.user.email),
            },
            happened_at: Some(self.now()),
            path: format!("/o/{}/users/{}", offer.organisation.slug, offer.user.id),
            ..MessageContent::default()
        };
        Outgoing {
            organisation: Some(offer.organisation.id),
            ..Outgoing::email(kind, person.email.clone(), content)
        }
    }

    /// The offer behind a token; nothing for a token of another purpose, or no token at all,
    /// whatever the database holds (R20).
    async fn offer_by_token(&self, tx: &mut Tx, token: &str) -> Result<Option<Offer>> {
        let Some(digest) = Token::digest_of(token, TokenPurpose::Invitation) else {
            return Ok(None);
        };
        match tx.invitation_by_digest(&digest).await? {
            Some(invitation) => self.offer(tx, invitation).await.map(Some),
            None => Ok(None),
        }
    }

    /// Counts a link that opens nothing against the address that it came from.
    pub(crate) async fn unknown_link(&self, request: &RequestInfo) -> Error {
        let key = self.address_key("link", request);
        let counted = async {
            let mut tx = self.store.write().await?;
            let taken = self.take(&mut tx, &key, LINK_ADDRESS).await;
            tx.commit().await?;
            taken
        };
        counted.await.err().unwrap_or(Error::NotFound)
    }
}

/// The name of who is signed in, when that is not the invited person.
pub(super) fn signed_in_as_someone_else(offer: &Offer, who: &Authentication) -> Option<String> {
    match who {
        Authentication::Complete(actor) if actor.user() != offer.user.id => {
            Some(actor.name().to_owned())
        }
        _ => None,
    }
}

/// The invited person, known by the link alone.
pub(super) fn invited(offer: &Offer, request: &RequestInfo) -> By {
    By::person(offer.user.id, &offer.user.name(), request, "invitation")
}

/// An event about the invited person.
pub(super) fn about(offer: &Offer, kind: AuditEventKind) -> Event {
    Event {
        organisation: Some(offer.organisation.id),
        kind,
        subject: Some((offer.user.id, offer.user.name())),
        details: json!({ "invitation": offer.invitation.id }),
    }
}
