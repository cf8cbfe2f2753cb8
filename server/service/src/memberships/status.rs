//! Deactivating and reactivating (J35, J42 to J51, V25 to V27).

use std::collections::BTreeSet;

use chrono::Months;
use domain::{
    MembershipStatus, Permission,
    audit::AuditEventKind,
    id::UserId,
    membership::{AssignmentForm, ChangedThing, DeactivateForm, ReactivateForm, ReturningAccess},
};
use serde_json::json;
use store::{AssignmentRow, RoleRow, Tx};

use super::{
    Made, Member,
    assignments::{reason_for, stored},
    circumstances::may_deactivate,
    same_version,
};
use crate::{
    Access, Actor, By, Conflict, Error, Result, Services,
    outbox::{MessageContent, MessageKind},
};
use domain::membership::Changed;

/// A password that was not used for so long is not good any more when somebody comes back.
const UNUSED: Months = Months::new(12);

/// What came of a question whose answer may be No.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// No: nothing was changed, and nothing written (J43).
    No,
    /// Yes.
    Done(Changed),
    /// Yes, and there is another question: with which access.
    ChooseAccess,
}

impl Services {
    /// Deactivates somebody in this organisation, at once; their account elsewhere stays as it is.
    ///
    /// # Errors
    /// `confirm.empty`, `reason.*`; [`Conflict::OwnAccess`], [`Conflict::NotActive`],
    /// [`Conflict::LastAdministrator`]; [`Error::NotAllowed`]; [`Error::NotFound`].
    pub async fn deactivate(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
        form: &DeactivateForm,
    ) -> Result<Answered> {
        let mut tx = self.store.write().await?;
        let access = self.access_to_change(&mut tx, actor, slug).await?;
        let (member, _) = self
            .member(&mut tx, &access, user, Permission::UsersDeactivate)
            .await?;
        self.may_deactivate(&mut tx, actor.user(), &access, &member)
            .await?;
        let Some(reason) = form.validate()? else {
            return Ok(Answered::No);
        };
        let by = By::actor(actor);
        self.make_inactive(&mut tx, &[&member]).await?;
        let made = self.deactivated(&access, &by, &member, reason);
        let changed = self.record(&mut tx, made).await?;
        tx.commit().await?;
        Ok(Answered::Done(changed))
    }

    /// Reactivates somebody with the roles that they had, or asks for others.
    ///
    /// # Errors
    /// `reactivate.empty`, `access.empty`; `role.full` when a role of theirs has no place left;
    /// [`Conflict::OwnAccess`], [`Conflict::NotInactive`]; [`Error::NotAllowed`].
    pub async fn reactivate(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
        form: &ReactivateForm,
    ) -> Result<Answered> {
        let mut tx = self.store.write().await?;
        let (access, member) = self.returning(&mut tx, actor, slug, user).await?;
        match form.validate()? {
            None => return Ok(Answered::No),
            Some(ReturningAccess::New) => return Ok(Answered::ChooseAccess),
            Some(ReturningAccess::Same) => {}
        }
        let rows = member.assignments.clone();
        let changed = self
            .bring_back(
                &mut tx,
                &access,
                &By::actor(actor),
                &member,
                (&rows, String::new()),
            )
            .await?;
        tx.commit().await?;
        Ok(Answered::Done(changed))
    }

    /// Reactivates somebody with one role in the place of those that they had (J51): nothing changes
    /// until it is chosen.
    ///
    /// # Errors
    /// Those of a role assignment; otherwise as [`Services::reactivate`].
    pub async fn reactivate_as(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
        version: i64,
        form: &AssignmentForm,
    ) -> Result<Changed> {
        let mut tx = self.store.write().await?;
        let (access, member) = self.returning(&mut tx, actor, slug, user).await?;
        same_version(&member, version)?;
        let rows = self
            .chosen_assignments(&mut tx, &access, &member, actor, form, None)
            .await?;
        let reason = reason_for(&member, &rows, form)?;
        tx.replace_assignments(access.organisation_id(), member.membership.id, &rows)
            .await?;
        let changed = self
            .bring_back(
                &mut tx,
                &access,
                &By::actor(actor),
                &member,
                (&rows, reason),
            )
            .await?;
        tx.commit().await?;
        Ok(changed)
    }

    async fn returning(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        slug: &str,
        user: UserId,
    ) -> Result<(Access, Member)> {
        let access = self.access_to_change(tx, actor, slug).await?;
        let (member, _) = self
            .member(tx, &access, user, Permission::UsersDeactivate)
            .await?;
        self.may_change(actor.user(), &access, &member)?;
        if member.membership.status != MembershipStatus::Inactive {
            return Err(Error::Conflict(Conflict::NotInactive));
        }
        Ok((access, member))
    }

    /// Whether the actor may deactivate this person now.
    pub(super) async fn may_deactivate(
        &self,
        tx: &mut Tx,
        actor: UserId,
        access: &Access,
        member: &Member,
    ) -> Result<()> {
        let circumstances = self.circumstances(tx, access).await?;
        may_deactivate(self, &circumstances, actor, access, member)
    }

    /// The memberships end their work at once: their next request finds nothing (R56), and whoever has
    /// no other organisation is signed out (I5, R60).
    pub(crate) async fn make_inactive(&self, tx: &mut Tx, members: &[&Member]) -> Result<()> {
        let Some(organisation) = members.first().map(|one| one.membership.organisation_id) else {
            return Ok(());
        };
        let rows: Vec<_> = members
            .iter()
            .map(|member| (member.membership.id, member.membership.version))
            .collect();
        tx.deactivate_memberships(organisation, &rows, self.now())
            .await?;
        let people: Vec<UserId> = members.iter().map(|member| member.user.id).collect();
        let elsewhere: BTreeSet<UserId> = tx.active_somewhere(&people).await?.into_iter().collect();
        let gone: Vec<_> = members
            .iter()
            .map(|member| (member.user.id, member.user.version))
            .filter(|(user, _)| !elsewhere.contains(user))
            .collect();
        Ok(tx.sign_out_everywhere(&gone).await?)
    }

    /// What is written down about somebody who was deactivated.
    pub(crate) fn deactivated<'a>(
        &self,
        access: &'a Access,
        by: &'a By,
        member: &'a Member,
        reason: String,
    ) -> Made<'a> {
        Made {
            access,
            by,
            member,
            thing: ChangedThing::Status,
            before: json!({ "status": "active" }),
            kind: AuditEventKind::MembershipDeactivated,
            details: json!({ "reason_given": reason, "had": member.access_lines(access) }),
            mail: Some((
                MessageKind::Deactivated,
                self.change_content(access, by, member),
            )),
            reason,
        }
    }

    /// Whether somebody can come back with these roles: the actor may give them (R67), and each has
    /// a place (J51).
    pub(super) async fn can_bring_back(
        &self,
        tx: &mut Tx,
        access: &Access,
        member: &Member,
        rows: &[AssignmentRow],
    ) -> Result<()> {
        self.circumstances(tx, access)
            .await?
            .can_bring_back(access, member, rows)
    }

    /// Active again, with these assignments, which are written already.
    pub(super) async fn make_active(
        &self,
        tx: &mut Tx,
        access: &Access,
        member: &Member,
        rows: &[AssignmentRow],
    ) -> Result<()> {
        let now = self.now();
        self.can_bring_back(tx, access, member, rows).await?;
        let mut membership = member.membership.clone();
        membership.status = MembershipStatus::Active;
        membership.deactivated_at = None;
        membership.activated_at = membership.activated_at.or(Some(now));
        tx.update_membership(&membership).await?;
        self.take_seats(tx, member, rows).await
    }

    /// A place in every limited role of these assignments.
    pub(super) async fn take_seats(
        &self,
        tx: &mut Tx,
        member: &Member,
        rows: &[AssignmentRow],
    ) -> Result<()> {
        let now = self.now();
        for role in rows.iter().filter_map(|row| member.role(row)) {
            let organisation = role.organisation_id;
            if role.seat_limit.is_some()
                && !tx
                    .claim_seat(organisation, role.id, member.membership.id, now)
                    .await?
            {
                return Err(role_full(role));
            }
        }
        Ok(())
    }

    pub(crate) async fn bring_back(
        &self,
        tx: &mut Tx,
        access: &Access,
        by: &By,
        member: &Member,
        (rows, reason): (&[AssignmentRow], String),
    ) -> Result<Changed> {
        self.make_active(tx, access, member, rows).await?;
        let retired = self.retire_password(tx, member).await?;
        let has = super::lines_of(access, &member.roles, rows);
        let made = Made {
            access,
            by,
            member,
            thing: ChangedThing::Status,
            before: json!({ "status": "inactive", "assignments": stored(&member.assignments) }),
            kind: AuditEventKind::MembershipReactivated,
            details: json!({ "has": has, "reason_given": reason }),
            reason,
            mail: Some((
                MessageKind::Reactivated,
                MessageContent {
                    after: has.clone(),
                    path: String::new(),
                    subject: if retired { "new_password" } else { "" }.to_owned(),
                    ..self.change_content(access, by, member)
                },
            )),
        };
        self.record(tx, made).await
    }
}

impl Services {
    /// Whoever has signed in nowhere for 12 months chooses a new password first (ux E6). Returns whether
    /// they have to.
    async fn retire_password(&self, tx: &mut Tx, member: &Member) -> Result<bool> {
        let places = tx.organisations_of(member.user.id).await?;
        let signed_in = places.iter().filter_map(|(_, row)| row.last_signed_in_at);
        let last = signed_in.max().or(member.user.registered_at);
        let until = last.and_then(|at| at.checked_add_months(UNUSED));
        let old = until.is_some_and(|until| until <= self.now());
        if !old || member.user.password_hash.is_none() {
            return Ok(false);
        }
        let mut user = member.user.clone();
        user.password_hash = None;
        user.security_epoch += 1;
        tx.update_user(&user).await?;
        Ok(true)
    }
}

/// `role.full`, on the field of the role.
pub(crate) fn role_full(role: &RoleRow) -> Error {
    let limit = u64::try_from(role.seat_limit.unwrap_or_default()).unwrap_or_default();
    Error::Invalid(domain::role::role_full(role.id, &role.name, limit))
}
