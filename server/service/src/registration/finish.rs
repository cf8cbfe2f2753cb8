//! The last step: terms, and with them everything that the invitation gives, in one transaction
//! that uses the invitation up (B16, R17, R22).

use domain::{
    MembershipStatus, SecondFactorKind,
    audit::AuditEventKind,
    id::InvitationId,
    registration::{RegistrationDone, RegistrationStep, RegistrationTerms},
    search::{index_words, sort_name},
};
use serde_json::json;
use store::{TermsRow, Tx};

use super::{
    Answers, Journey,
    codes::owner_of,
    landing::{about, invited},
};
use crate::{
    By, Conflict, Error, RequestInfo, Result, Services,
    audit::Event,
    outbox::{MessageContent, MessageKind, Outgoing},
    request::Authentication,
    terms::document,
};

/// An invitation that was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// The invitation, for the address of the last page.
    pub invitation: InvitationId,
    /// The organisation's name.
    pub organisation_name: String,
    /// Its code in addresses.
    pub organisation_slug: String,
    /// Whether the person had an account and is signed in to it.
    pub joined: bool,
}

impl Journey {
    /// Lets an account's owner go on, nobody else: possession of the link is not enough where an
    /// account exists, and an account is not enough without the link (R23, R24).
    pub(super) fn require_owner(&self, who: &Authentication) -> Result<()> {
        if !self.answers.joining {
            return Ok(());
        }
        match who {
            Authentication::Complete(actor) if actor.user() == self.offer.user.id => Ok(()),
            Authentication::Complete(_) => Err(Error::Conflict(Conflict::WrongPerson)),
            Authentication::SecondStep(_) => Err(Error::SecondFactorRequired),
            Authentication::Anonymous => Err(Error::SignInRequired),
        }
    }

    pub(super) fn by(&self, who: &Authentication, request: &RequestInfo) -> By {
        match who {
            Authentication::Complete(actor) if self.answers.joining => By::actor(actor),
            _ => {
                let name = format!("{} {}", self.answers.first_name, self.answers.last_name);
                By {
                    name: name.trim().to_owned(),
                    ..invited(&self.offer, request)
                }
            }
        }
    }
}

impl Services {
    /// The terms that this person has to agree to; without a document there is nothing to agree
    /// to and the page only finishes.
    ///
    /// # Errors
    /// As [`Services::registration`]; [`Error::SignInRequired`] for somebody who joins and has not
    /// signed in.
    pub async fn registration_terms(
        &self,
        flow: &str,
        page: InvitationId,
        who: &Authentication,
    ) -> Result<RegistrationTerms> {
        let mut tx = self.store.read().await?;
        let journey = self.journey(&mut tx, flow, Some(page)).await?;
        journey.require_owner(who)?;
        let offer = &journey.offer;
        let due = self
            .terms_due(&mut tx, offer.user.id, &offer.organisation.policy)
            .await?;
        Ok(RegistrationTerms {
            step: journey.step(),
            organisation_name: offer.organisation.name.clone(),
            joining: journey.answers.joining,
            document: due.map(document),
        })
    }

    /// Agrees to the terms that were shown, and finishes: the account, the second factor, the
    /// roles and the membership become real here and nowhere before (R18, R30). A role whose area
    /// was closed or whose places are taken is left out; the person is let in without it.
    ///
    /// # Errors
    /// [`Conflict::StepMissing`] before its turn; [`Conflict::AlreadyUsed`] for everybody but the
    /// first (R17); [`Conflict::Stale`] when the terms changed since they were shown;
    /// [`Conflict::InviterGone`] when the inviter may no longer give this (R22);
    /// [`Conflict::StrongerFactor`] for a privileged role without an authenticator app (R43).
    pub async fn finish_registration(
        &self,
        flow: &str,
        terms_version: &str,
        who: &Authentication,
        request: &RequestInfo,
    ) -> Result<Finished> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let mut journey = self.journey_to_finish(&mut tx, flow).await?;
        journey.require(RegistrationStep::Terms)?;
        journey.require_owner(who)?;
        let organisation = journey.offer.organisation.id;
        let terms = self
            .terms_due(
                &mut tx,
                journey.offer.user.id,
                &journey.offer.organisation.policy,
            )
            .await?;
        if terms
            .as_ref()
            .is_some_and(|terms| terms.version != terms_version)
        {
            return Err(Error::Conflict(Conflict::Stale));
        }
        if !self.inviter_may(&mut tx, &journey.offer).await? {
            return Err(Error::Conflict(Conflict::InviterGone));
        }
        if self.needs_app(&mut tx, &journey).await? {
            return Err(Error::Conflict(Conflict::StrongerFactor));
        }
        let accepted = tx
            .accept_invitation(organisation, journey.offer.invitation.id, now)
            .await?;
        if !accepted {
            return Err(Error::Conflict(Conflict::AlreadyUsed));
        }
        tx.cancel_messages_of(journey.offer.invitation.id).await?;

        let by = journey.by(who, request);
        let mut events = vec![about(&journey.offer, AuditEventKind::InvitationAccepted)];
        if !journey.answers.joining {
            self.make_account(&mut tx, &by, &mut journey).await?;
            events.push(account_event(&journey));
        }
        if let Some(terms) = &terms {
            tx.accept_terms(journey.offer.user.id, terms.id, organisation, now)
                .await?;
            events.push(terms_event(&journey, terms));
        }
        events.extend(self.settle_roles(&mut tx, &mut journey).await?);
        self.activate(&mut tx, &mut journey).await?;
        let activated = about(&journey.offer, AuditEventKind::MembershipActivated);
        events.push(activated);
        for event in &mut events {
            event.subject = Some((journey.offer.user.id, journey.offer.user.name()));
        }
        self.audit_all(&mut tx, &by, events).await?;
        if !journey.answers.joining {
            let message = self.welcome(&journey);
            self.queue(&mut tx, vec![message]).await?;
        }

        let joined = journey.answers.joining;
        journey.answers = Answers {
            joining: joined,
            done: true,
            ..Answers::default()
        };
        journey.row.password_hash = None;
        journey.row.factor_secret = None;
        self.save(&mut tx, &mut journey).await?;
        tx.delete_other_registrations(organisation, journey.offer.invitation.id, journey.row.id)
            .await?;
        tx.commit().await?;
        Ok(Finished {
            invitation: journey.offer.invitation.id,
            organisation_name: journey.offer.organisation.name,
            organisation_slug: journey.offer.organisation.slug,
            joined,
        })
    }

    /// What the last page shows: nobody is signed in by it (A14).
    ///
    /// # Errors
    /// [`Error::Expired`] (`registration`) when the journey is over, [`Conflict::StepMissing`]
    /// when it is not finished.
    pub async fn registration_done(
        &self,
        flow: &str,
        page: InvitationId,
    ) -> Result<RegistrationDone> {
        let mut tx = self.store.read().await?;
        let journey = self.journey(&mut tx, flow, Some(page)).await?;
        if !journey.answers.done {
            return Err(Error::Conflict(Conflict::StepMissing));
        }
        let offer = &journey.offer;
        Ok(RegistrationDone {
            organisation_name: offer.organisation.name.clone(),
            organisation_slug: offer.organisation.slug.clone(),
            email: offer.user.email.clone(),
            roles: offer
                .grants()
                .iter()
                .map(|(role, _)| role.name.clone())
                .collect(),
            later: offer.later(self.now()),
        })
    }

    /// Whether somebody who joins would get a privileged role with codes by text or email alone,
    /// which are never enough for one (R43).
    pub(super) async fn needs_app(&self, tx: &mut Tx, journey: &Journey) -> Result<bool> {
        if !journey.answers.joining || !journey.offer.is_privileged() {
            return Ok(false);
        }
        let factors = tx.second_factors(journey.offer.user.id).await?;
        Ok(factors.iter().all(|factor| factor.kind.is_restricted()))
    }

    /// The account becomes real: names, number, password, second factor, recovery codes.
    async fn make_account(&self, tx: &mut Tx, by: &By, journey: &mut Journey) -> Result<()> {
        let now = self.now();
        let hash = journey.row.password_hash.take();
        let hash = hash.ok_or(Error::Conflict(Conflict::StepMissing))?;
        let (answers, user) = (&journey.answers, &mut journey.offer.user);
        user.first_name.clone_from(&answers.first_name);
        user.last_name.clone_from(&answers.last_name);
        user.mobile.clone_from(&answers.mobile);
        user.password_hash = Some(hash);
        user.registered_at = Some(now);
        // Whatever was begun for this address before, ends (R60).
        user.security_epoch += 1;
        tx.update_user(user).await?;
        let Some(kind) = journey.answers.method.filter(|_| journey.answers.proven) else {
            return Ok(());
        };
        let user = &journey.offer.user;
        match (kind, &journey.row.factor_secret) {
            (SecondFactorKind::Authenticator, Some(sealed)) => {
                let owner = owner_of(journey.row.id);
                let step = journey.answers.last_step;
                self.add_authenticator(tx, by, user, (&owner, sealed), step)
                    .await?;
            }
            _ => self.add_codes_by(tx, by, user, kind).await?,
        }
        let digests = &journey.answers.recovery_digests;
        tx.replace_recovery_codes(user.id, digests).await?;
        Ok(())
    }

    /// Keeps the roles that can be given now: their area is still there, and there is a place.
    async fn settle_roles(&self, tx: &mut Tx, journey: &mut Journey) -> Result<Vec<Event>> {
        let offer = &journey.offer;
        let organisation = offer.organisation.id;
        let mut kept = Vec::new();
        let mut events = Vec::new();
        for assignment in &offer.assignments {
            let role = offer.role(assignment.role_id);
            let limited = role.is_some_and(|role| role.seat_limit.is_some());
            let reason = if !offer.has_place(assignment) {
                Some("area_closed")
            } else if limited
                && !tx
                    .claim_seat(
                        organisation,
                        assignment.role_id,
                        offer.membership.id,
                        self.now(),
                    )
                    .await?
            {
                Some("no_seat")
            } else {
                None
            };
            match reason {
                None => kept.push(assignment.clone()),
                Some(reason) => events.push(Event {
                    details: json!({
                        "role": role.map(|role| role.name.clone()),
                        "area": assignment.area_id,
                        "reason": reason,
                    }),
                    ..about(offer, AuditEventKind::RoleNotGiven)
                }),
            }
        }
        if kept.len() < offer.assignments.len() {
            tx.delete_assignments_of(organisation, offer.membership.id)
                .await?;
            tx.insert_assignments(&kept).await?;
            journey.offer.assignments = kept;
        }
        Ok(events)
    }

    /// The membership becomes Active, and the person can be found by their name wherever they
    /// are a member or invited.
    async fn activate(&self, tx: &mut Tx, journey: &mut Journey) -> Result<()> {
        let user = &journey.offer.user;
        let words = index_words(&user.first_name, &user.last_name, &user.email);
        let sorted = sort_name(&user.first_name, &user.last_name, &user.email);
        for (_, mut member) in tx.organisations_of(user.id).await? {
            if member.id == journey.offer.membership.id {
                member.status = MembershipStatus::Active;
                member.activated_at = Some(self.now());
                member.deactivated_at = None;
                member.delivery_failed_at = None;
            } else if journey.answers.joining {
                continue;
            }
            member.sort_name.clone_from(&sorted);
            tx.update_membership(&member).await?;
            tx.replace_words(member.organisation_id, member.id, &words)
                .await?;
        }
        Ok(())
    }

    /// Tells the owner of the address that an account was made with it.
    fn welcome(&self, journey: &Journey) -> Outgoing {
        let offer = &journey.offer;
        let content = MessageContent {
            recipient_name: offer.user.name(),
            organisation: offer.organisation.name.clone(),
            organisation_slug: offer.organisation.slug.clone(),
            happened_at: Some(self.now()),
            path: format!("/o/{}", offer.organisation.slug),
            ..MessageContent::default()
        };
        Outgoing {
            organisation: Some(offer.organisation.id),
            ..Outgoing::email(
                MessageKind::RegistrationComplete,
                offer.user.email.clone(),
                content,
            )
        }
    }
}

fn terms_event(journey: &Journey, terms: &TermsRow) -> Event {
    Event {
        details: json!({ "terms": terms.key, "version": terms.version }),
        ..about(&journey.offer, AuditEventKind::TermsAccepted)
    }
}

fn account_event(journey: &Journey) -> Event {
    let method = journey.answers.method.map(SecondFactorKind::as_str);
    Event {
        details: json!({
            "invitation": journey.offer.invitation.id,
            "second_factor": method,
        }),
        ..about(&journey.offer, AuditEventKind::UserRegistered)
    }
}
