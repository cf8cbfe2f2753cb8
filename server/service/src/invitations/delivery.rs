//! What became of an invitation's email: told by whoever sends the outbox (R108).

use domain::{
    audit::AuditEventKind,
    id::{InvitationId, OrganisationId},
};
use serde_json::json;
use store::Tx;

use crate::{By, RequestInfo, Result, Services, audit::Event};

/// What the other side said about an email.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    /// It took the message.
    Yes,
    /// It will never take it.
    Never,
}

impl Services {
    /// Notes what became of the email of an invitation, in the transaction that notes it on the
    /// message. "Never" shows as "Email failed" until the invitation is sent again; `reason` is
    /// what the mail server said, for the audit.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn invitation_email(
        &self,
        tx: &mut Tx,
        organisation: OrganisationId,
        invitation: InvitationId,
        delivered: Delivered,
        reason: &str,
    ) -> Result<()> {
        let now = self.now();
        if delivered == Delivered::Yes {
            tx.mark_invitation_sent(organisation, invitation, now)
                .await?;
            return Ok(());
        }
        if !tx
            .mark_invitation_failed(organisation, invitation, now)
            .await?
        {
            return Ok(());
        }
        // Nobody reads reminders at an address that does not exist.
        tx.cancel_messages_of(invitation).await?;
        let subject = match tx.invitation(organisation, invitation).await? {
            Some(row) => self.subject_of(tx, organisation, row.membership_id).await?,
            None => None,
        };
        let event = Event {
            organisation: Some(organisation),
            kind: AuditEventKind::InvitationEmailFailed,
            subject,
            details: json!({ "invitation": invitation, "reason": reason }),
        };
        let by = By::system(&RequestInfo::internal("worker"));
        self.audit(tx, &by, event).await
    }

    /// The person of a membership, for an audit event.
    pub(super) async fn subject_of(
        &self,
        tx: &mut Tx,
        organisation: OrganisationId,
        membership: domain::MembershipId,
    ) -> Result<Option<(domain::UserId, String)>> {
        let Some(membership) = tx.membership(organisation, membership).await? else {
            return Ok(None);
        };
        let user = tx.user(membership.user_id).await?;
        Ok(user.map(|user| (user.id, user.name())))
    }
}
