//! Sending an invitation again (A17, B22, C18, R19): a new token, a new clock; the old link is
//! replaced at once. Works for Pending and Expired.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    EmailAddress, MembershipStatus, RoleSummary, ShownStatus,
    audit::AuditEventKind,
    id::{BatchId, ChangeId, InvitationId, MembershipId, UserId},
    invitation::{Delivery, EntryOutcome, InvitationStatus, SentInvitation},
    letter::Letter,
};
use serde_json::json;
use store::{AssignmentRow, InvitationRow, MembershipRow, RoleRow, Tx, UserRow};

use super::{
    DAY, MOST_IN_TEN_MINUTES, TEN_MINUTES, area_tree,
    journey::check::lifetime,
    letter::invitation_letter,
    process::{Work, most_a_day},
    reminders::reminders,
};
use crate::{
    Actor, By, Conflict, Error, Result, Services,
    audit::Event,
    authorisation::Access,
    memberships::{Circumstances, lines_of},
    outbox::{Channel, MessageContent, MessageKind, Outgoing},
    secrets::{Token, TokenPurpose},
};

/// Somebody who was invited, with everything that their invitation says.
pub(crate) struct Offered {
    pub user: UserRow,
    pub membership: MembershipRow,
    /// Newest first.
    pub invitations: Vec<InvitationRow>,
    pub assignments: Vec<AssignmentRow>,
    /// The roles of the assignments.
    pub roles: Vec<RoleRow>,
    /// What the roles can do.
    tasks: Vec<String>,
    area_labels: Vec<String>,
}

impl Offered {
    pub fn privileged(&self) -> bool {
        self.roles.iter().any(|role| role.privileged)
    }

    fn role_names(&self) -> String {
        let names: Vec<&str> = self.roles.iter().map(|role| role.name.as_str()).collect();
        names.join(", ")
    }

    /// Somebody with what was offered to them; `known` is every role of the organisation.
    pub fn new(
        access: &Access,
        (user, membership): (UserRow, MembershipRow),
        invitations: Vec<InvitationRow>,
        assignments: Vec<AssignmentRow>,
        known: (&[RoleRow], &[RoleSummary]),
    ) -> Self {
        let held = |id| assignments.iter().any(|row| row.role_id == id);
        let roles = known.0.iter().filter(|role| held(role.id)).cloned();
        let mut tasks: Vec<String> = Vec::new();
        for summary in known.1.iter().filter(|summary| held(summary.id)) {
            for task in &summary.can {
                if !tasks.contains(task) {
                    tasks.push(task.clone());
                }
            }
        }
        let places: Vec<_> = assignments.iter().filter_map(|row| row.area_id).collect();
        Self {
            roles: roles.collect(),
            tasks,
            area_labels: area_tree(&access.areas).labels(&places),
            user,
            membership,
            invitations,
            assignments,
        }
    }

    /// Whether the invitation keeps the places of its limited roles.
    pub fn holds_places(&self, now: DateTime<Utc>) -> bool {
        shown(&self.membership, now).holds_seat()
    }

    /// Whether whoever has this access may make the same offer (R22, R67).
    pub fn is_theirs_to_give(&self, access: &Access) -> bool {
        self.assignments.iter().all(|row| {
            let areas: Vec<_> = row.area_id.into_iter().collect();
            let role = self.roles.iter().find(|role| role.id == row.role_id);
            role.is_some_and(|role| access.may_grant(role, &areas).is_ok())
        })
    }
}

/// Who sends an invitation, and when.
pub(crate) struct Sending<'a> {
    pub access: &'a Access,
    pub by: &'a By,
    pub sender: (UserId, String),
    pub batch: Option<BatchId>,
    /// What happened: sent, or sent again.
    pub kind: AuditEventKind,
    /// The cancelling that this takes back.
    pub undoes: Option<ChangeId>,
    pub now: DateTime<Utc>,
}

impl Services {
    /// The page on which an invitation can be sent again or cancelled (E7).
    ///
    /// # Errors
    /// [`Error::NotFound`] for anybody who is not invited here, or outside of the actor's areas.
    pub async fn sent_invitation(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
    ) -> Result<SentInvitation> {
        let now = self.now();
        let mut tx = self.store.read().await?;
        let access = self.inviting(&mut tx, actor, slug).await?;
        let offered = self.offered_to(&mut tx, &access, user).await?;
        if offered.membership.status != MembershipStatus::Pending {
            return Err(Error::NotFound);
        }
        let obstacle = match self.resend_obstacle(&mut tx, &access, &offered).await {
            Ok(()) => String::new(),
            Err(Error::Conflict(conflict)) => conflict.code().to_owned(),
            Err(Error::NotAllowed) => "not_allowed".to_owned(),
            Err(other) => return Err(other),
        };
        let newest = offered.invitations.first();
        let invited_by = match newest.and_then(|row| row.invited_by) {
            Some(id) => tx.user(id).await?.map(|user| user.name()),
            None => None,
        };
        let end = now + lifetime(&access.organisation, offered.privileged());
        let content = offer_content(&access, &offered, actor.name(), end);
        let letter: Letter = invitation_letter(
            kind_for(&offered.user),
            &content,
            &self.settings.service_name,
        )
        .unwrap_or_default();
        Ok(SentInvitation {
            user,
            name: offered.user.name(),
            email: offered.user.email.clone(),
            status: shown(&offered.membership, now),
            invited_by: invited_by.unwrap_or_default(),
            invited_at: offered.membership.invited_at,
            expires_at: offered.membership.invitation_expires_at,
            new_expires_at: end,
            role: offered.role_names(),
            areas: offered.area_labels.clone(),
            letter,
            obstacle,
        })
    }

    /// Sends an invitation again. Returns the person's name for the message on the next page.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Conflict::NotInvited`] for who is not Pending or Expired;
    /// [`Conflict::TooSoon`] and [`Conflict::TooMany`] by the limits of the policy (C18);
    /// [`Conflict::RoleFull`] when an Expired one lost its seat; [`Error::NotAllowed`].
    pub async fn resend_invitation(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
    ) -> Result<String> {
        let mut tx = self.store.write().await?;
        let access = self.inviting_to_change(&mut tx, actor, slug).await?;
        let offered = self.offered_to(&mut tx, &access, user).await?;
        self.resend_obstacle(&mut tx, &access, &offered).await?;
        let again = Sending {
            access: &access,
            by: &By::actor(actor),
            sender: (actor.user(), actor.name().to_owned()),
            batch: None,
            kind: AuditEventKind::InvitationResent,
            undoes: None,
            now: self.now(),
        };
        let name = offered.user.name();
        self.send_offer(&mut tx, &again, &offered).await?;
        tx.commit().await?;
        Ok(name)
    }

    /// The same as part of a batch: an address that is Pending already, to be sent again.
    pub(super) async fn send_again_in_batch(
        &self,
        tx: &mut Tx,
        work: &Work,
        membership: Option<MembershipId>,
    ) -> Result<EntryOutcome> {
        let organisation = work.organisation.id;
        let row = match membership {
            Some(membership) => tx.membership(organisation, membership).await?,
            None => None,
        };
        let Some(row) = row else {
            return Ok(EntryOutcome::AlreadyPending);
        };
        let offered = match self.offered_to(tx, &work.access, row.user_id).await {
            Ok(offered) => offered,
            Err(Error::NotFound) => return Ok(EntryOutcome::AlreadyPending),
            Err(other) => return Err(other),
        };
        match self.resend_obstacle(tx, &work.access, &offered).await {
            Ok(()) => {}
            Err(Error::Conflict(Conflict::TooMany)) => return Ok(EntryOutcome::OverQuota),
            Err(Error::Conflict(Conflict::RoleFull)) => return Ok(EntryOutcome::NoSeat),
            Err(Error::Conflict(Conflict::DomainNotAllowed)) => {
                return Ok(EntryOutcome::DomainNotAllowed);
            }
            Err(Error::Conflict(_) | Error::NotAllowed) => return Ok(EntryOutcome::AlreadyPending),
            Err(other) => return Err(other),
        }
        let again = Sending {
            access: &work.access,
            by: &work.by,
            sender: (work.sender.id, work.sender.name()),
            batch: Some(work.batch.id),
            kind: AuditEventKind::InvitationResent,
            undoes: None,
            now: work.now,
        };
        self.send_offer(tx, &again, &offered).await?;
        Ok(EntryOutcome::Sent)
    }

    /// Somebody of this organisation with their invitations, when the one who asks may see them:
    /// an inviter for some areas sees who has a role there.
    pub(crate) async fn offered_to(
        &self,
        tx: &mut Tx,
        access: &Access,
        user: UserId,
    ) -> Result<Offered> {
        let organisation = access.organisation_id();
        let membership = tx
            .membership_of(organisation, user)
            .await?
            .ok_or(Error::NotFound)?;
        let user = tx.user(user).await?.ok_or(Error::NotFound)?;
        let user = user.known_as(&membership);
        let assignments = tx.assignments_of(organisation, membership.id).await?;
        let reach = access.require(domain::Permission::UsersInvite)?;
        let seen = reach.covers(None) || assignments.iter().any(|row| reach.covers(row.area_id));
        if !seen {
            return Err(Error::NotFound);
        }
        let invitations = tx.invitations_of(organisation, membership.id).await?;
        let person = (user, membership);
        self.offer_of(tx, access, person, invitations, assignments)
            .await
    }

    /// What these assignments offer to somebody.
    pub(super) async fn offer_of(
        &self,
        tx: &mut Tx,
        access: &Access,
        person: (UserRow, MembershipRow),
        invitations: Vec<InvitationRow>,
        assignments: Vec<AssignmentRow>,
    ) -> Result<Offered> {
        let organisation = access.organisation_id();
        let roles = tx.roles(organisation).await?;
        let summaries = self.role_summaries(tx, organisation).await?;
        let known = (&roles[..], &summaries[..]);
        Ok(Offered::new(
            access,
            person,
            invitations,
            assignments,
            known,
        ))
    }

    /// Why an invitation cannot be sent again now.
    async fn resend_obstacle(&self, tx: &mut Tx, access: &Access, offered: &Offered) -> Result<()> {
        let circumstances = self.circumstances(tx, access).await?;
        self.can_send_again(&circumstances, access, offered, false)
    }

    /// The same, where it is known how things are; with `undo` a cancelled one is sent again.
    pub(crate) fn can_send_again(
        &self,
        circumstances: &Circumstances,
        access: &Access,
        offered: &Offered,
        undo: bool,
    ) -> Result<()> {
        let now = self.now();
        let status = offered.membership.status;
        let newest = offered.invitations.first();
        let fits = if undo {
            status == MembershipStatus::Cancelled
                && newest.is_some_and(|row| row.status == InvitationStatus::Cancelled)
        } else {
            status == MembershipStatus::Pending
        };
        if !fits {
            return Err(Error::Conflict(Conflict::NotInvited));
        }
        if !offered.is_theirs_to_give(access) {
            return Err(Error::NotAllowed);
        }
        let policy = &access.organisation.policy;
        // Nobody could accept it (C27).
        let address = EmailAddress::parse(&offered.user.email);
        if !address.is_ok_and(|address| policy.email_domains.allows(&address)) {
            return Err(Error::Conflict(Conflict::DomainNotAllowed));
        }
        let cooldown = TimeDelta::minutes(i64::from(policy.resend_cooldown_minutes));
        let since = |span: TimeDelta| {
            let made = |row: &&InvitationRow| row.created_at > now - span;
            i64::try_from(offered.invitations.iter().filter(made).count()).unwrap_or(i64::MAX)
        };
        let cooling = !undo && newest.is_some_and(|row| row.created_at + cooldown > now);
        if cooling || since(TEN_MINUTES) >= MOST_IN_TEN_MINUTES {
            return Err(Error::Conflict(Conflict::TooSoon));
        }
        if since(DAY) >= most_a_day(&access.organisation) {
            return Err(Error::Conflict(Conflict::TooMany));
        }
        let holds = offered.holds_places(now);
        let full = |role: &RoleRow| circumstances.has_place(role).is_err();
        if !holds && offered.roles.iter().any(full) {
            return Err(Error::Conflict(Conflict::RoleFull));
        }
        Ok(())
    }

    /// Sends an offer, in the place of any that was sent before: its places are taken, its link is the
    /// only one that works (R19).
    pub(crate) async fn send_offer(
        &self,
        tx: &mut Tx,
        sending: &Sending<'_>,
        offered: &Offered,
    ) -> Result<()> {
        let organisation = sending.access.organisation_id();
        let now = sending.now;
        for role in offered
            .roles
            .iter()
            .filter(|role| role.seat_limit.is_some())
        {
            if !tx
                .claim_seat(organisation, role.id, offered.membership.id, now)
                .await?
            {
                return Err(Error::Conflict(Conflict::RoleFull));
            }
        }
        tx.replace_invitations(organisation, &[offered.membership.id], now)
            .await?;
        let expires_at = now + lifetime(&sending.access.organisation, offered.privileged());
        let token = Token::generate(TokenPurpose::Invitation, &self.random);
        let newest = offered.invitations.first();
        let row = InvitationRow {
            id: InvitationId::from_uuid(self.random.uuid(now)),
            organisation_id: organisation,
            membership_id: offered.membership.id,
            batch_id: sending.batch,
            invited_by: Some(sending.sender.0),
            message: newest.map(|row| row.message.clone()).unwrap_or_default(),
            token_digest: token.digest().to_vec(),
            status: InvitationStatus::Open,
            delivery: Delivery::Queued,
            created_at: now,
            sent_at: None,
            expires_at,
            closed_at: None,
            new_one_asked_at: None,
        };
        tx.insert_invitations(std::slice::from_ref(&row)).await?;
        let mut membership = offered.membership.clone();
        membership.status = MembershipStatus::Pending;
        membership.invited_at = Some(now);
        membership.invitation_expires_at = Some(expires_at);
        membership.delivery_failed_at = None;
        tx.update_membership(&membership).await?;
        let offer = Outgoing {
            id: None,
            channel: Channel::Email,
            kind: kind_for(&offered.user),
            organisation: Some(organisation),
            invitation: Some(row.id),
            recipient: offered.user.email.clone(),
            content: offer_content(sending.access, offered, &sending.sender.1, expires_at),
            secret: Some(token.expose().to_owned()),
            not_after: Some(expires_at),
            hold_until: None,
        };
        let mut messages = reminders(&sending.access.organisation, &offer, now);
        messages.push(offer);
        self.queue(tx, messages).await?;
        let mut event = Event {
            organisation: Some(organisation),
            kind: sending.kind,
            subject: Some((offered.user.id, offered.user.name())),
            details: json!({
                "invitation": row.id,
                "role": offered.role_names(),
                "areas": offered.area_labels,
                "replaces": newest.map(|row| row.id),
                "expires_at": expires_at,
            }),
        };
        if let Some(change) = sending.undoes {
            event.details["undid"] = json!(change);
        }
        self.audit(tx, sending.by, event).await
    }
}

pub(super) fn offer_content(
    access: &Access,
    offered: &Offered,
    by: &str,
    expires_at: DateTime<Utc>,
) -> MessageContent {
    let newest = offered.invitations.first();
    // One role without dates has a sentence of its own; anything more is a list.
    let lines = lines_of(access, &offered.roles, &offered.assignments);
    let dated = |row: &AssignmentRow| row.starts_at.is_some() || row.ends_at.is_some();
    let several = lines.len() > 1 || offered.assignments.iter().any(dated);
    MessageContent {
        after: if several { lines } else { Vec::new() },
        recipient_name: offered.user.first_name.clone(),
        organisation: access.organisation.name.clone(),
        organisation_slug: access.organisation.slug.clone(),
        by: by.to_owned(),
        role: offered.role_names(),
        tasks: offered.tasks.clone(),
        areas: offered.area_labels.clone(),
        message: newest.map(|row| row.message.clone()).unwrap_or_default(),
        expires_at: Some(expires_at),
        ..MessageContent::default()
    }
}

/// A person with an account signs in and accepts; everybody else registers (J33, R23).
pub(super) fn kind_for(user: &UserRow) -> MessageKind {
    if user.registered_at.is_some() {
        MessageKind::NewAccess
    } else {
        MessageKind::Invitation
    }
}

pub(super) fn shown(membership: &MembershipRow, now: DateTime<Utc>) -> ShownStatus {
    ShownStatus::of(
        membership.status,
        membership.invitation_expires_at,
        membership.delivery_failed_at.is_some(),
        now,
    )
}
