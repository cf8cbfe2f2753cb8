//! What is asked before somebody is deactivated (ux E5) or comes back (E6). The pages read only.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::{
    MembershipStatus, Permission,
    id::{RoleId, UserId},
    membership::{DeactivatePage, HeldRole, ReactivatePage},
    role::Way,
};
use store::AssignmentRow;

use super::{Circumstances, Member, area_of, obstacle, pages::group_of, subject_of};
use crate::{Access, Actor, Conflict, Error, Result, Services};

impl Services {
    /// `/o/{org}/users/{user}/deactivate`.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right; [`Error::NotFound`].
    pub async fn deactivate_page(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
    ) -> Result<DeactivatePage> {
        let now = self.now();
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let (member, reach) = self
            .member(&mut tx, &access, user, Permission::UsersDeactivate)
            .await?;
        let refused = self
            .may_deactivate(&mut tx, actor.user(), &access, &member)
            .await;
        let organisation = access.organisation_id();
        let mut only_holder_of = Vec::new();
        let held: BTreeSet<RoleId> = member.assignments.iter().map(|row| row.role_id).collect();
        for role in member.roles.iter().filter(|role| held.contains(&role.id)) {
            let others = tx
                .count_holders(organisation, role.id, member.membership.id, now)
                .await?;
            if others == 0 {
                only_holder_of.push(role.name.clone());
            }
        }
        let waiting = tx
            .count_open_invitations_by(organisation, user, now)
            .await?;
        Ok(DeactivatePage {
            roles: self
                .held_roles(&mut tx, &access, actor, &member, &reach)
                .await?,
            subject: subject_of(&access, &member, obstacle(refused)?, now),
            reassign: if only_holder_of.is_empty() {
                Vec::new()
            } else {
                reassigning(&access)
            },
            only_holder_of,
            waiting_invitations: u32::try_from(waiting).unwrap_or(u32::MAX),
        })
    }

    /// `/o/{org}/users/{user}/reactivate`.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right; [`Error::NotFound`].
    pub async fn reactivate_page(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
    ) -> Result<ReactivatePage> {
        let now = self.now();
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let (member, reach) = self
            .member(&mut tx, &access, user, Permission::UsersDeactivate)
            .await?;
        let refused = match member.membership.status {
            MembershipStatus::Inactive => self.may_change(actor.user(), &access, &member),
            _ => Err(Error::Conflict(Conflict::NotInactive)),
        };
        let rows = member.assignments.clone();
        let circumstances = self.circumstances(&mut tx, &access).await?;
        let same_obstacle = match circumstances.can_bring_back(&access, &member, &rows) {
            Ok(()) if rows.is_empty() => "access.none".to_owned(),
            Err(Error::Invalid(_)) => "role.full".to_owned(),
            other => obstacle(other)?,
        };
        let mut full = Vec::new();
        for role in member.roles.iter() {
            let theirs = rows.iter().any(|row| row.role_id == role.id);
            if theirs && circumstances.has_place(role).is_err() {
                full.push(self.held_places(&mut tx, &access, role).await?);
            }
        }
        let subject = subject_of(&access, &member, obstacle(refused)?, now);
        let roles = self
            .held_roles(&mut tx, &access, actor, &member, &reach)
            .await?;
        Ok(ReactivatePage {
            marks: roles
                .iter()
                .map(|held| mark(&access, &member, &circumstances, held, now))
                .collect(),
            roles,
            same_obstacle,
            full,
            choice: self
                .assignment_choice(&mut tx, &access, &member, None, subject.obstacle.clone())
                .await?,
            subject,
        })
    }
}

/// Where somebody is given a role that nobody has any more, as far as the actor may (J45).
fn reassigning(access: &Access) -> Vec<Way> {
    let slug = &access.organisation.slug;
    let mut ways = Vec::new();
    if access.has(Permission::RolesAssign) {
        ways.push(Way {
            words: "Give it to someone in the list of users".to_owned(),
            href: format!("/o/{slug}/users"),
        });
    }
    if access.has(Permission::UsersInvite) {
        ways.push(Way {
            words: "Add a user for it".to_owned(),
            href: format!("/o/{slug}/users/add"),
        });
    }
    ways
}

/// What is no longer as it was about a role that somebody had (ux E6); empty where nothing is.
fn mark(
    access: &Access,
    member: &Member,
    circumstances: &Circumstances,
    held: &HeldRole,
    now: DateTime<Utc>,
) -> String {
    let group = group_of(member, held.assignment).unwrap_or_default();
    let Some(role) = group.first().and_then(|row| member.role(row)) else {
        return String::new();
    };
    let theirs = |row: &AssignmentRow| {
        access
            .may_handle(Permission::UsersDeactivate, role, &area_of(row))
            .is_ok()
    };
    let closed = access.areas.iter().find(|area| {
        area.closed_at.is_some() && group.iter().any(|row| row.area_id == Some(area.id))
    });
    if group[0].ends_at.is_some_and(|end| end <= now) {
        "No longer available: it has ended".to_owned()
    } else if circumstances.has_place(role).is_err() {
        "No longer available: no places left".to_owned()
    } else if !group.iter().all(theirs) {
        "You cannot give this role".to_owned()
    } else if let Some(area) = closed {
        format!("No longer available: {} has been closed", area.name)
    } else {
        String::new()
    }
}
