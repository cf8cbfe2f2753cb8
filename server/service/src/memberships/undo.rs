//! Taking a change back (ux 6.5): within 24 hours, once, and while nothing newer was changed of the same
//! thing. It obeys every rule that the change itself obeyed. The email about the change is never sent when
//! it is still held; otherwise another one corrects it.

use domain::{
    MembershipStatus, Permission,
    audit::AuditEventKind,
    id::{ChangeId, UserId},
    membership::{ChangedThing, Details, Undone},
};
use serde_json::{Value, json};
use store::{ChangeRow, Tx};

use super::{
    Member, UNDO,
    assignments::{restored, stored},
    details::{details_of, lines},
    letter_to, lines_of,
};
use crate::{
    Access, Actor, By, Conflict, Error, Result, Services,
    activity::words::differences,
    audit::Event,
    invitations::Sending,
    outbox::{MessageContent, MessageKind},
};

impl Services {
    /// Takes a change back. What was taken back before stays so: a second press finds nothing left to do.
    ///
    /// # Errors
    /// [`Conflict::CannotUndo`]; what the change back itself meets (`undo.role_full`,
    /// [`Conflict::LastAdministrator`]); [`Error::NotAllowed`]; [`Error::NotFound`].
    pub async fn undo(&self, actor: &Actor, slug: &str, change: ChangeId) -> Result<Undone> {
        let mut tx = self.store.write().await?;
        let access = self.access_to_change(&mut tx, actor, slug).await?;
        let (row, member) = self
            .to_take_back(&mut tx, &access, actor.user(), change)
            .await?;
        let undone = Undone {
            user: member.user.id,
            name: member.user.name(),
            thing: row.thing,
            before: row.undone_at.is_some(),
        };
        if !undone.before {
            let who = (actor.user(), &By::actor(actor));
            self.take_this_back(&mut tx, &access, who, &row, &member)
                .await
                .map_err(no_other_role)?;
            tx.commit().await?;
        }
        Ok(undone)
    }

    /// The same as a part of something larger, which has locked the organisation.
    ///
    /// # Errors
    /// As [`Services::undo`], and [`Conflict::CannotUndo`] for what was taken back before; what was written
    /// by then must be taken back.
    pub(crate) async fn take_change_back(
        &self,
        tx: &mut Tx,
        access: &Access,
        (actor, by): (UserId, &By),
        change: ChangeId,
    ) -> Result<()> {
        let (row, member) = self.to_take_back(tx, access, actor, change).await?;
        self.take_this_back(tx, access, (actor, by), &row, &member)
            .await
    }

    /// A change that the actor may take back, if it can be, and whose it is.
    async fn to_take_back(
        &self,
        tx: &mut Tx,
        access: &Access,
        actor: UserId,
        change: ChangeId,
    ) -> Result<(ChangeRow, Member)> {
        let organisation = access.organisation_id();
        let row = tx
            .change(organisation, change)
            .await?
            .ok_or(Error::NotFound)?;
        let membership = tx
            .membership(organisation, row.membership_id)
            .await?
            .ok_or(Error::NotFound)?;
        let (member, _) = self
            .member(tx, access, membership.user_id, right_for(row.thing))
            .await?;
        self.may_change(actor, access, &member)?;
        Ok((row, member))
    }

    async fn take_this_back(
        &self,
        tx: &mut Tx,
        access: &Access,
        (actor, by): (UserId, &By),
        row: &ChangeRow,
        member: &Member,
    ) -> Result<()> {
        let now = self.now();
        let organisation = access.organisation_id();
        if !self.can_undo(tx, row).await? {
            return Err(Error::Conflict(Conflict::CannotUndo));
        }
        if row.thing == ChangedThing::Invitation {
            self.invite_back(tx, access, (actor, by), row).await?;
            tx.undo_change(organisation, row.id, now).await?;
            return Ok(());
        }
        let (correction, said) = self.change_back(tx, access, actor, member, row).await?;
        tx.undo_change(organisation, row.id, now).await?;
        // Nothing was said where there was nothing to say, as about notes.
        let never_sent = match row.message_id {
            Some(message) => tx.cancel_message(message).await?,
            None => true,
        };
        if !never_sent {
            let (kind, content) = correction;
            let content = MessageContent {
                before: content.before,
                after: content.after,
                ..self.change_content(access, by, member)
            };
            self.queue(tx, vec![letter_to(member, kind, content)])
                .await?;
        }
        let mut details = said;
        details["undid"] = json!(row.id);
        details["thing"] = json!(row.thing);
        details["state"] = told(row);
        let event = Event {
            organisation: Some(organisation),
            kind: AuditEventKind::ChangeUndone,
            subject: Some((member.user.id, member.user.name())),
            details,
        };
        self.audit(tx, by, event).await
    }

    /// Whether the actor is to be offered to take a change back.
    pub(crate) async fn offers_undo(
        &self,
        tx: &mut Tx,
        access: &Access,
        actor: &Actor,
        change: ChangeId,
    ) -> Result<bool> {
        let organisation = access.organisation_id();
        let Some(row) = tx.change(organisation, change).await? else {
            return Ok(false);
        };
        if !access.has(right_for(row.thing)) || !self.can_undo(tx, &row).await? {
            return Ok(false);
        }
        let membership = tx.membership(organisation, row.membership_id).await?;
        Ok(membership.is_some_and(|membership| membership.user_id != actor.user()))
    }

    /// Whether a change can still be taken back, whoever asks.
    async fn can_undo(&self, tx: &mut Tx, row: &ChangeRow) -> Result<bool> {
        if row.undone_at.is_some() || row.changed_at + UNDO <= self.now() {
            return Ok(false);
        }
        if row.thing == ChangedThing::Invitation {
            // Whoever was invited again since has another invitation.
            let membership = tx
                .membership(row.organisation_id, row.membership_id)
                .await?;
            if membership.is_none_or(|one| one.status != MembershipStatus::Cancelled) {
                return Ok(false);
            }
        }
        let newest = tx
            .newest_change(row.organisation_id, row.membership_id, row.thing)
            .await?;
        Ok(newest.is_some_and(|newest| newest.id == row.id))
    }

    /// Makes the membership what it was. Returns what the person is to be told, if they were told of
    /// the change, and what is recorded.
    async fn change_back(
        &self,
        tx: &mut Tx,
        access: &Access,
        actor: UserId,
        member: &Member,
        row: &ChangeRow,
    ) -> Result<((MessageKind, MessageContent), Value)> {
        match row.thing {
            ChangedThing::Access => {
                let wanted = restored(member, &row.state_before)?;
                self.set_assignments(tx, access, member, &wanted).await?;
                let held = &member.assignments;
                let (was, now) = differences(access, &member.roles, held, &wanted);
                let content = MessageContent {
                    before: member.access_lines(access),
                    after: lines_of(access, &member.roles, &wanted),
                    ..MessageContent::default()
                };
                let said = json!({ "was": was, "now": now });
                Ok(((MessageKind::AccessChanged, content), said))
            }
            ChangedThing::Details => {
                let wanted: Details = serde_json::from_value(row.state_before.clone())
                    .map_err(store::StoreError::from)?;
                let now = details_of(member);
                self.may_change_details(actor, access, member)?;
                self.set_details(tx, access, member, &wanted).await?;
                let content = MessageContent {
                    before: lines(&now, &wanted),
                    after: lines(&wanted, &now),
                    ..MessageContent::default()
                };
                let said = json!({
                    "before": content.before,
                    "after": content.after,
                    "notes": now.notes != wanted.notes,
                });
                Ok(((MessageKind::DetailsChanged, content), said))
            }
            ChangedThing::Status | ChangedThing::Invitation => {
                let told = self.status_back(tx, access, actor, member, row).await?;
                Ok((told, json!({})))
            }
        }
    }

    /// Sends a cancelled invitation again, with a new link, which is itself recorded.
    async fn invite_back(
        &self,
        tx: &mut Tx,
        access: &Access,
        (actor, by): (UserId, &By),
        row: &ChangeRow,
    ) -> Result<()> {
        let membership = tx
            .membership(row.organisation_id, row.membership_id)
            .await?
            .ok_or(Error::NotFound)?;
        let offered = self.offered_to(tx, access, membership.user_id).await?;
        let circumstances = self.circumstances(tx, access).await?;
        self.can_send_again(&circumstances, access, &offered, true)?;
        let again = Sending {
            access,
            by,
            sender: (actor, by.name.clone()),
            batch: None,
            kind: AuditEventKind::InvitationResent,
            undoes: Some(row.id),
            now: self.now(),
        };
        self.send_offer(tx, &again, &offered).await
    }

    async fn status_back(
        &self,
        tx: &mut Tx,
        access: &Access,
        actor: UserId,
        member: &Member,
        row: &ChangeRow,
    ) -> Result<(MessageKind, MessageContent)> {
        let was = row.state_before.get("status").and_then(Value::as_str);
        if was == Some(MembershipStatus::Active.as_str()) {
            if member.membership.status != MembershipStatus::Inactive {
                return Err(Error::Conflict(Conflict::NotInactive));
            }
            self.make_active(tx, access, member, &member.assignments)
                .await?;
            let content = MessageContent {
                after: member.access_lines(access),
                ..MessageContent::default()
            };
            return Ok((MessageKind::Reactivated, content));
        }
        self.may_deactivate(tx, actor, access, member).await?;
        self.make_inactive(tx, &[member]).await?;
        if let Some(kept) = row.state_before.get("assignments") {
            let rows = restored(member, kept)?;
            if stored(&rows) != stored(&member.assignments) {
                tx.replace_assignments(access.organisation_id(), member.membership.id, &rows)
                    .await?;
            }
        }
        Ok((MessageKind::Deactivated, MessageContent::default()))
    }
}

/// `role.full` where there is no role to select instead: it is about no field of the page.
fn no_other_role(error: Error) -> Error {
    let Error::Invalid(mut violations) = error else {
        return error;
    };
    for violation in &mut violations.0 {
        if violation.code == "role.full" {
            "undo.role_full".clone_into(&mut violation.code);
            violation.field.clear();
        }
    }
    Error::Invalid(violations)
}

/// What an event says of the state before a change: notes are for those who may see them alone.
fn told(row: &ChangeRow) -> Value {
    let mut before = row.state_before.clone();
    if let Some(details) = before.as_object_mut() {
        details.remove("notes");
    }
    before
}

/// The right that a change of this kind needs.
const fn right_for(thing: ChangedThing) -> Permission {
    match thing {
        ChangedThing::Access => Permission::RolesAssign,
        ChangedThing::Details => Permission::UsersChange,
        ChangedThing::Status => Permission::UsersDeactivate,
        ChangedThing::Invitation => Permission::UsersInvite,
    }
}
