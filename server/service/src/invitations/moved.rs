//! An invitation of somebody who changes their email address: the link in the old mailbox, which may
//! be somebody else's tomorrow, ends, and the same offer goes to the new one (R19, R20).

use domain::{
    audit::AuditEventKind,
    id::InvitationId,
    invitation::{Delivery, InvitationStatus},
};
use serde_json::json;
use store::{InvitationRow, MembershipRow, OrganisationRow, Tx, UserRow};

use super::{
    reminders::reminders,
    resend::{kind_for, offer_content},
};
use crate::{
    Result, Services,
    audit::Event,
    outbox::{Channel, Outgoing},
    secrets::{Token, TokenPurpose},
};

impl Services {
    /// Sends what waits for the person to the address that they have now, until the same time as
    /// before: nothing is given that was not offered. Returns what happened; nothing for whoever waits
    /// for no invitation.
    pub(crate) async fn move_invitation(
        &self,
        tx: &mut Tx,
        (organisation, membership): (OrganisationRow, MembershipRow),
        user: &UserRow,
    ) -> Result<Option<Event>> {
        let now = self.now();
        let known = tx.invitations_of(organisation.id, membership.id).await?;
        let waits = |row: &InvitationRow| {
            row.status == InvitationStatus::Open
                && now < row.expires_at
                && organisation.closed_at.is_none()
        };
        let Some(old) = known.into_iter().find(waits) else {
            return Ok(None);
        };
        let assignments = tx.assignments_of(organisation.id, membership.id).await?;
        let access = self.access_of(tx, organisation, membership.clone()).await?;
        let organisation = &access.organisation;
        tx.replace_invitations(organisation.id, &[membership.id], now)
            .await?;
        let token = Token::generate(TokenPurpose::Invitation, &self.random);
        let new = InvitationRow {
            id: InvitationId::from_uuid(self.random.uuid(now)),
            batch_id: None,
            token_digest: token.digest().to_vec(),
            delivery: Delivery::Queued,
            created_at: now,
            sent_at: None,
            new_one_asked_at: None,
            ..old.clone()
        };
        tx.insert_invitations(std::slice::from_ref(&new)).await?;
        let by = match new.invited_by {
            Some(inviter) => tx.user(inviter).await?.map(|inviter| inviter.name()),
            None => None,
        };
        let (expires_at, id) = (new.expires_at, new.id);
        let person = (user.clone(), membership);
        let offered = self
            .offer_of(tx, &access, person, vec![new], assignments)
            .await?;
        let offer = Outgoing {
            id: None,
            channel: Channel::Email,
            kind: kind_for(user),
            organisation: Some(organisation.id),
            invitation: Some(id),
            recipient: user.email.clone(),
            content: offer_content(&access, &offered, &by.unwrap_or_default(), expires_at),
            secret: Some(token.expose().to_owned()),
            not_after: Some(expires_at),
            hold_until: None,
        };
        let mut messages = reminders(organisation, &offer, now);
        messages.push(offer);
        self.queue(tx, messages).await?;
        Ok(Some(Event {
            organisation: Some(organisation.id),
            kind: AuditEventKind::InvitationResent,
            subject: Some((user.id, user.name())),
            details: json!({ "invitation": id, "replaces": old.id, "expires_at": expires_at }),
        }))
    }
}
