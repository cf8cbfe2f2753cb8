//! What the pages of change show. They read only.

use domain::{
    Permission, RoleSummary,
    area::AreaSelection,
    id::{AssignmentId, RoleId, UserId},
    membership::{AssignmentPage, DatesForm, DetailsForm, DetailsPage, HeldRole},
    policy::{FieldUse, GrantEffective, JobTitleScope},
    wording,
};
use store::{AssignmentRow, RoleRow, Tx};

use super::{
    Member,
    details::{changeable, details_of},
    obstacle, subject_of,
};
use crate::{
    Access, Actor, Conflict, Error, Reach, Result, Services, invitations::area_tree, roles::places,
    user_page::Names,
};
use domain::MembershipStatus;

/// Assignments of one role for one period: what a person thinks of as one role in several places.
pub(crate) fn groups(rows: &[AssignmentRow]) -> Vec<Vec<AssignmentRow>> {
    let mut groups: Vec<Vec<AssignmentRow>> = Vec::new();
    for row in rows {
        let same = |group: &&mut Vec<AssignmentRow>| {
            group[0].role_id == row.role_id
                && group[0].starts_at == row.starts_at
                && group[0].ends_at == row.ends_at
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(row.clone()),
            None => groups.push(vec![row.clone()]),
        }
    }
    groups
}

/// The group that an assignment is in.
pub(super) fn group_of(member: &Member, assignment: AssignmentId) -> Result<Vec<AssignmentRow>> {
    groups(&member.assignments)
        .into_iter()
        .find(|group| group.iter().any(|row| row.id == assignment))
        .ok_or(Error::NotFound)
}

/// A group as pages show it.
pub(super) fn held(
    access: &Access,
    role: &RoleRow,
    group: &[AssignmentRow],
    given_by: String,
    changeable: bool,
) -> HeldRole {
    let areas: Vec<_> = group.iter().filter_map(|row| row.area_id).collect();
    let whole = group.iter().any(|row| row.area_id.is_none());
    HeldRole {
        assignment: group[0].id,
        role: role.id,
        name: role.name.clone(),
        areas: if whole {
            Vec::new()
        } else {
            area_tree(&access.areas).labels(&areas)
        },
        starts_at: group[0].starts_at,
        ends_at: group[0].ends_at,
        given_by,
        given_at: group[0].granted_at,
        changeable,
    }
}

impl Services {
    /// The roles of a member, as far as `reach` goes; `changeable` for those that the actor may
    /// change, when they may change the person at all.
    pub(crate) async fn held_roles(
        &self,
        tx: &mut Tx,
        access: &Access,
        actor: &Actor,
        member: &Member,
        reach: &Reach,
    ) -> Result<Vec<HeldRole>> {
        let status = member.membership.status;
        let changeable = matches!(
            status,
            MembershipStatus::Active | MembershipStatus::Inactive
        ) && self.may_change(actor.user(), access, member).is_ok();
        let mut names = Names::default();
        let mut shown = Vec::new();
        for group in groups(&member.assignments) {
            let visible: Vec<AssignmentRow> = group
                .iter()
                .filter(|row| reach.covers(row.area_id))
                .cloned()
                .collect();
            let (Some(first), Some(role)) = (visible.first(), member.role(&group[0])) else {
                continue;
            };
            let theirs = group.iter().all(|row| {
                access
                    .may_handle(Permission::RolesAssign, role, &super::area_of(row))
                    .is_ok()
            });
            let given_by = names.of(tx, first.granted_by).await?;
            shown.push(held(access, role, &visible, given_by, changeable && theirs));
        }
        Ok(shown)
    }

    /// The page on which a role is added, or with an assignment the one on which it is changed.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right; [`Error::NotFound`].
    pub async fn assignment_page(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
        assignment: Option<AssignmentId>,
    ) -> Result<AssignmentPage> {
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let (member, _) = self
            .member(&mut tx, &access, user, Permission::RolesAssign)
            .await?;
        let status = member.membership.status;
        let refused = match self.may_change(actor.user(), &access, &member) {
            Ok(())
                if !matches!(
                    status,
                    MembershipStatus::Active | MembershipStatus::Inactive
                ) =>
            {
                Err(Error::Conflict(Conflict::NotActive))
            }
            other => other,
        };
        let group = match assignment {
            None => None,
            Some(assignment) => Some(group_of(&member, assignment)?),
        };
        if let Some(group) = &group
            && refused.is_ok()
            && let Some(role) = member.role(&group[0])
        {
            for row in group {
                access.may_handle(Permission::RolesAssign, role, &super::area_of(row))?;
            }
        }
        self.assignment_choice(&mut tx, &access, &member, group, obstacle(refused)?)
            .await
    }

    pub(super) async fn assignment_choice(
        &self,
        tx: &mut Tx,
        access: &Access,
        member: &Member,
        group: Option<Vec<AssignmentRow>>,
        obstacle: String,
    ) -> Result<AssignmentPage> {
        let now = self.now();
        let group = group.unwrap_or_default();
        let current_role = group.first().and_then(|row| member.role(row));
        let roles = self
            .assignable_roles(tx, access, current_role.map(|role| role.id))
            .await?;
        let areas: Vec<_> = group.iter().filter_map(|row| row.area_id).collect();
        let whole = group.iter().any(|row| row.area_id.is_none());
        let london = |at: chrono::DateTime<chrono::Utc>| wording::london(at).date();
        let starts_on = group
            .first()
            .and_then(|row| row.starts_at)
            .filter(|start| *start > now)
            .map(london);
        let ends_on = group
            .first()
            .and_then(|row| row.ends_at)
            .and_then(|end| london(end).pred_opt());
        let reach = access.require(Permission::RolesAssign).ok();
        let covers = |area| reach.as_ref().is_some_and(|reach| reach.covers(area));
        Ok(AssignmentPage {
            roles,
            tree: area_tree(&access.areas),
            offered: access
                .areas
                .iter()
                .filter(|area| area.closed_at.is_none() && covers(Some(area.id)))
                .map(|area| area.id)
                .collect(),
            whole_offered: covers(None),
            area_label: access.organisation.policy.area_label.one.clone(),
            current: current_role
                .map(|role| held(access, role, &group, String::new(), obstacle.is_empty())),
            current_areas: match (group.is_empty(), whole) {
                (true, _) => None,
                (false, true) => Some(AreaSelection::Whole),
                (false, false) => Some(AreaSelection::Areas(areas)),
            },
            last_role: groups(&member.assignments).len() == 1,
            dates: DatesForm::of(starts_on, ends_on),
            from_next_sign_in: access.organisation.policy.grant_effective
                == GrantEffective::NextSignIn,
            now,
            subject: subject_of(access, member, obstacle, now),
        })
    }

    /// The roles that the actor may give somewhere, with their places; `current` is held already, and
    /// its place counts as free (J39).
    pub(crate) async fn assignable_roles(
        &self,
        tx: &mut Tx,
        access: &Access,
        current: Option<RoleId>,
    ) -> Result<Vec<RoleSummary>> {
        let organisation = access.organisation_id();
        let allowed: Vec<RoleId> = tx
            .roles(organisation)
            .await?
            .into_iter()
            .filter(|role| {
                let may = |areas: &[_]| {
                    access
                        .may_handle(Permission::RolesAssign, role, areas)
                        .is_ok()
                };
                may(&[])
                    || role.scope_allowed
                        && access
                            .areas
                            .iter()
                            .any(|area| area.closed_at.is_none() && may(&[area.id]))
            })
            .map(|role| role.id)
            .collect();
        let mut roles = self.role_summaries(tx, organisation).await?;
        roles.retain(|role| allowed.contains(&role.id));
        for role in roles.iter_mut().filter(|role| Some(role.id) == current) {
            role.seats_used = role.seats_used.saturating_sub(1);
            role.places = places(role);
        }
        Ok(roles)
    }

    /// `/o/{org}/users/{user}/details`.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right; [`Error::NotFound`].
    pub async fn details_page(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
    ) -> Result<DetailsPage> {
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let (member, _) = self
            .member(&mut tx, &access, user, Permission::UsersChange)
            .await?;
        let refused = self.may_change_details(actor.user(), &access, &member);
        let others = self.other_memberships(&mut tx, &member).await?.len();
        let rules = changeable(&access);
        let mut details = details_of(&member);
        if rules.notes == FieldUse::Hidden {
            details.notes = String::new();
        }
        Ok(DetailsPage {
            details: DetailsForm::from(&details),
            rules,
            job_title_shared: access.organisation.policy.job_title_scope == JobTitleScope::Shared,
            other_organisations: wording::count(others),
            subject: subject_of(&access, &member, obstacle(refused)?, self.now()),
        })
    }
}
