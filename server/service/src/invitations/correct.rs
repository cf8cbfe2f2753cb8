//! Correcting the address of somebody who has not registered yet (C5, E3): the invitation to the wrong
//! address ends, and the same offer goes to the right one, in one transaction.

use domain::{
    MembershipStatus,
    audit::AuditEventKind,
    id::{AssignmentId, MembershipId, UserId},
    invitation::CorrectEmail,
    one_person::AddEmailForm,
    search::index_words,
};
use serde_json::json;
use store::{AssignmentRow, MembershipRow, UserRow};

use super::{
    journey::check::lifetime,
    one_person::domain_not_allowed,
    resend::{Offered, Sending},
    storable,
};
use crate::{Access, Actor, By, Conflict, Error, Result, Services};

impl Services {
    /// The page on which the address is corrected.
    ///
    /// # Errors
    /// [`Error::NotFound`] for anybody who is not invited here, or outside of the actor's areas.
    pub async fn correct_email_page(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
    ) -> Result<CorrectEmail> {
        let mut tx = self.store.read().await?;
        let access = self.inviting(&mut tx, actor, slug).await?;
        let offered = self.offered_to(&mut tx, &access, user).await?;
        let obstacle = match may_correct(&access, &offered) {
            Ok(()) => String::new(),
            Err(Error::Conflict(conflict)) => conflict.code().to_owned(),
            Err(_) => "not_allowed".to_owned(),
        };
        Ok(CorrectEmail {
            user,
            name: offered.user.name(),
            email: offered.user.email.clone(),
            domains: access.organisation.policy.email_domains.rules().to_vec(),
            expires_at: self.now() + lifetime(&access.organisation, offered.privileged()),
            obstacle,
        })
    }

    /// Sends the invitation to another address in the place of the wrong one. Returns the person with
    /// that address.
    ///
    /// # Errors
    /// `email.*`, `email.same`, `email.taken` when somebody of this organisation has it;
    /// [`Conflict::NotInvited`] for who has registered meanwhile; [`Conflict::OverQuota`],
    /// [`Conflict::TooSoon`], [`Conflict::TooMany`]; [`Error::NotAllowed`]; [`Error::NotFound`].
    pub async fn correct_email(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
        email: &str,
    ) -> Result<UserId> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let access = self.inviting_to_change(&mut tx, actor, slug).await?;
        let organisation = access.organisation_id();
        let wrong = self.offered_to(&mut tx, &access, user).await?;
        may_correct(&access, &wrong)?;
        let form = AddEmailForm {
            email: storable(email),
        };
        let address = form.validate()?.address;
        if address.key() == wrong.user.email_key {
            return Err(Error::violation("email", "email.same"));
        }
        if !access.organisation.policy.email_domains.allows(&address) {
            return Err(domain_not_allowed(&access));
        }
        let right = self.user_to_add(&mut tx, &address).await?;
        let known = tx.membership_of(organisation, right.id).await?;
        if known
            .as_ref()
            .is_some_and(|row| row.status != MembershipStatus::Cancelled)
        {
            return Err(Error::violation("email", "email.taken"));
        }
        // There and back again would otherwise send to one mailbox without end.
        self.within_limits(&mut tx, &access.organisation, &address)
            .await?;
        // Their places are free before the other one takes them.
        let mut event = self.close_offer(&mut tx, &wrong).await?;
        event.details["corrected_to"] = json!(right.email);
        let by = By::actor(actor);
        self.audit(&mut tx, &by, event).await?;
        let id = MembershipId::from_uuid(self.random.uuid(now));
        let row = like(&wrong, known, id, &right);
        let words = {
            let name = right.clone().known_as(&row);
            index_words(&name.first_name, &name.last_name, &right.email)
        };
        if row.id == id {
            tx.insert_memberships(std::slice::from_ref(&row)).await?;
        } else {
            tx.update_membership(&row).await?;
            tx.delete_assignments_of(organisation, row.id).await?;
        }
        tx.replace_words(organisation, row.id, &words).await?;
        let assignments: Vec<AssignmentRow> = wrong
            .assignments
            .iter()
            .map(|held| AssignmentRow {
                id: AssignmentId::from_uuid(self.random.uuid(now)),
                membership_id: row.id,
                granted_by: Some(actor.user()),
                granted_at: now,
                ..held.clone()
            })
            .collect();
        tx.insert_assignments(&assignments).await?;
        let mut offered = self.offered_to(&mut tx, &access, right.id).await?;
        // What was written to them comes along.
        offered.invitations = wrong.invitations.into_iter().take(1).collect();
        let sending = Sending {
            access: &access,
            by: &by,
            sender: (actor.user(), actor.name().to_owned()),
            batch: None,
            kind: AuditEventKind::InvitationSent,
            undoes: None,
            now,
        };
        self.send_offer(&mut tx, &sending, &offered).await?;
        tx.commit().await?;
        self.wake.ring();
        Ok(right.id)
    }
}

/// Only while they have not registered here: then the address is theirs (J30), and only what the actor
/// may offer (R67).
fn may_correct(access: &Access, offered: &Offered) -> Result<()> {
    if offered.membership.status != MembershipStatus::Pending {
        return Err(Error::Conflict(Conflict::NotInvited));
    }
    if !offered.is_theirs_to_give(access) {
        return Err(Error::NotAllowed);
    }
    Ok(())
}

/// The membership of the right person: what is kept of the wrong one, under another address.
fn like(
    wrong: &Offered,
    known: Option<MembershipRow>,
    id: MembershipId,
    right: &UserRow,
) -> MembershipRow {
    let kept = &wrong.membership;
    let mut row = known.unwrap_or_else(|| MembershipRow {
        id,
        user_id: right.id,
        version: 0,
        ..kept.clone()
    });
    row.status = MembershipStatus::Pending;
    row.job_title.clone_from(&kept.job_title);
    row.details = kept.details.clone();
    row.invited_at = kept.invited_at;
    row.invitation_expires_at = kept.invitation_expires_at;
    row.delivery_failed_at = None;
    row.deactivated_at = None;
    let name = right.clone().known_as(&row);
    row.sort_name = domain::search::sort_name(&name.first_name, &name.last_name, &right.email);
    row
}
