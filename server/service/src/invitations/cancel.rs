//! Cancelling an invitation, and stopping a batch.

use domain::{
    MembershipStatus,
    audit::AuditEventKind,
    id::{BatchId, ChangeId, UserId},
    invitation::InvitationStatus,
    membership::{Changed, ChangedThing},
};
use serde_json::json;
use store::{ChangeRow, Tx};

use super::resend::Offered;
use crate::{
    Access, Actor, By, Conflict, Error, Result, Services,
    activity::{Sees, words},
    audit::Event,
};

/// Whether an invitation can be cancelled by whoever has this access.
pub(crate) fn can_cancel(access: &Access, offered: &Offered) -> Result<()> {
    if offered.membership.status != MembershipStatus::Pending {
        return Err(Error::Conflict(Conflict::NotInvited));
    }
    if !offered.is_theirs_to_give(access) {
        return Err(Error::NotAllowed);
    }
    Ok(())
}

impl Services {
    /// Cancels an invitation: its link stops at once, its seat is free, and what was not sent yet
    /// never is. Taking that back sends a new link, because the old one was given up for good.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Conflict::NotInvited`] for who is not Pending or Expired;
    /// [`Error::NotAllowed`] when the invitation gives more than the actor may give.
    pub async fn cancel_invitation(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
    ) -> Result<Changed> {
        let mut tx = self.store.write().await?;
        let access = self.inviting_to_change(&mut tx, actor, slug).await?;
        let offered = self.offered_to(&mut tx, &access, user).await?;
        can_cancel(&access, &offered)?;
        let changed = self
            .cancel_offer(&mut tx, &By::actor(actor), &offered)
            .await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// The same as a part of something larger, which has asked [`can_cancel`].
    pub(crate) async fn cancel_offer(
        &self,
        tx: &mut Tx,
        by: &By,
        offered: &Offered,
    ) -> Result<Changed> {
        let now = self.now();
        let mut event = self.close_offer(tx, offered).await?;
        let change = ChangeId::from_uuid(self.random.uuid(now));
        tx.insert_changes(&[ChangeRow {
            id: change,
            organisation_id: offered.membership.organisation_id,
            membership_id: offered.membership.id,
            thing: ChangedThing::Invitation,
            state_before: event.details.clone(),
            reason: String::new(),
            message_id: None,
            changed_by: by.id,
            changed_at: now,
            undone_at: None,
        }])
        .await?;
        event.details["change"] = json!(change);
        let name = offered.user.name();
        let back = words::back(event.kind, &name, &event.details, &Sees::own());
        self.audit(tx, by, event).await?;
        Ok(Changed {
            change: Some(change),
            user: offered.user.id,
            name,
            back,
        })
    }

    /// Ends what was offered: the link, the messages that wait, the places. Returns the event.
    pub(super) async fn close_offer(&self, tx: &mut Tx, offered: &Offered) -> Result<Event> {
        let organisation = offered.membership.organisation_id;
        let open = offered
            .invitations
            .iter()
            .find(|row| row.status == InvitationStatus::Open);
        if let Some(open) = open {
            tx.close_invitation(
                organisation,
                open.id,
                InvitationStatus::Cancelled,
                self.now(),
            )
            .await?;
            tx.cancel_messages_of(open.id).await?;
        }
        let mut membership = offered.membership.clone();
        membership.status = MembershipStatus::Cancelled;
        tx.update_membership(&membership).await?;
        tx.release_seats(organisation, membership.id).await?;
        Ok(Event {
            organisation: Some(organisation),
            kind: AuditEventKind::InvitationCancelled,
            subject: Some((offered.user.id, offered.user.name())),
            details: json!({ "invitation": open.map(|row| row.id) }),
        })
    }

    /// Stops a batch: what was sent stays sent, the rest is not sent.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the actor cannot see the batch.
    pub async fn stop_job(&self, actor: &Actor, slug: &str, job: BatchId) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let access = self.inviting(&mut tx, actor, slug).await?;
        let batch = self.visible_batch(&mut tx, &access, actor, job).await?;
        if tx.stop_batch(batch.organisation_id, batch.id, now).await? {
            let event = Event {
                organisation: Some(batch.organisation_id),
                kind: AuditEventKind::BatchStopped,
                subject: None,
                details: json!({ "batch": batch.id }),
            };
            self.audit(&mut tx, &By::actor(actor), event).await?;
        }
        tx.commit().await?;
        self.wake.ring();
        Ok(())
    }
}
