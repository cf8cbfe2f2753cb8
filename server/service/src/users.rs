//! The users list (D1): the people of an organisation as whoever asks may see them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    MembershipStatus, Permission, Policy, ShownStatus,
    area::AreaTree,
    bulk::BulkAction,
    id::{AreaId, MembershipId, RoleId},
    listing::{LastSignIn, StatusCount, UserRow, UsersPage, UsersQuery},
    policy::{Field, FieldUse},
    search::{exact_email, search_words},
};
use store::{AssignmentRow, ListReach, ListedMember, MemberQuery, RoleRow, Tx};

use crate::{Access, Actor, Reach, Result, Services, invitations::area_tree};

mod export;
mod options;

pub use export::UsersExport;
pub(crate) use export::export_reach;

impl Services {
    /// A page of the users list, for whoever may view users: all of them, or those who have a role
    /// in the areas that the actor manages (R38). Unknown values of filters are ignored.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] outside of the organisation, [`crate::Error::NotAllowed`] without the right.
    pub async fn users_page(
        &self,
        actor: &Actor,
        slug: &str,
        query: &UsersQuery,
    ) -> Result<UsersPage> {
        let now = self.now();
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let reach = access.require(Permission::UsersView)?;
        let organisation = access.organisation_id();
        let roles = tx.roles(organisation).await?;
        let tree = area_tree(&access.areas);
        let outermost = outermost(&access, &reach);
        let wanted = self
            .member_query(&mut tx, &access, &reach, &roles, query, now)
            .await?;
        let counts = tx
            .member_counts(organisation, &wanted.reach, now, &self.counts)
            .await?;
        let page = tx.list_members(&wanted, &counts).await?;
        let members: Vec<MembershipId> = page.rows.iter().map(|row| row.id).collect();
        let assignments = tx
            .assignments_of_members(organisation, &members, now)
            .await?;
        let invitations: BTreeMap<_, _> = tx
            .open_invitations_of_members(organisation, &members)
            .await?
            .into_iter()
            .collect();
        let shown = |row: ListedMember| {
            let all: Vec<&AssignmentRow> = assignments
                .iter()
                .filter(|held| held.membership_id == row.id)
                .collect();
            let invitation = invitations
                .get(&row.id)
                .copied()
                .filter(|_| may_offer(&access, &roles, all.iter().copied()));
            UserRow {
                invitation,
                ..user_row(row, &all, &reach, &roles, &tree, actor, now)
            }
        };
        let policy = &access.organisation.policy;
        Ok(UsersPage {
            rows: page.rows.into_iter().map(shown).collect(),
            total: page.total,
            more: page.more,
            counts: ShownStatus::ALL
                .iter()
                .map(|status| StatusCount {
                    status: *status,
                    count: counts.status(*status),
                })
                .collect(),
            statuses: options::statuses(query, policy, &counts),
            roles: options::roles(query, &roles, &counts),
            areas: options::areas(query, &tree, &reach, &counts),
            codes: options::codes(query, &reach, &counts),
            last_sign_in: options::last_sign_in(query),
            clinicians: options::clinicians(query, policy, &reach, &counts),
            clinician_label: policy
                .field(Field::ClinicianStatus)
                .label
                .clone()
                .unwrap_or_default(),
            access_ends: options::access_ends(query),
            page: page.offset / query.per_page.max(1) + 1,
            pages: UsersPage::pages_of(page.total, query.per_page),
            per_page: query.per_page,
            at: now,
            labels: policy.status_labels.clone(),
            area_label: policy.area_label.clone(),
            limited_to: tree.labels(&outermost.unwrap_or_default()),
            may_invite: access.has(Permission::UsersInvite),
            may_export: access.has(Permission::UsersExport),
            bulk: BulkAction::ALL
                .iter()
                .copied()
                .filter(|action| access.has(action.permission()))
                .collect(),
        })
    }

    /// Everybody whom the list with this query holds, in its order.
    pub(crate) async fn listed_members(
        &self,
        tx: &mut Tx,
        access: &Access,
        reach: &Reach,
        query: &UsersQuery,
    ) -> Result<Vec<MembershipId>> {
        let now = self.now();
        let organisation = access.organisation_id();
        let roles = tx.roles(organisation).await?;
        let wanted = self
            .member_query(tx, access, reach, &roles, query, now)
            .await?;
        let counts = tx
            .member_counts(organisation, &wanted.reach, now, &self.counts)
            .await?;
        Ok(tx.list_member_ids(&wanted, &counts).await?)
    }

    /// What the list is asked, for whoever sees as far as `reach`.
    pub(crate) async fn member_query(
        &self,
        tx: &mut Tx,
        access: &Access,
        reach: &Reach,
        roles: &[RoleRow],
        query: &UsersQuery,
        now: DateTime<Utc>,
    ) -> Result<MemberQuery> {
        let person = self.exact_person(tx, access, reach, &query.q).await?;
        let mut statuses = query.statuses().to_vec();
        if !query.access_ends.is_empty() {
            // Nobody else loses anything.
            statuses.retain(|status| *status == ShownStatus::Active);
        }
        if !query.codes.is_empty() {
            // Nobody else has joined; said here, whoever was only invited is skipped at once.
            statuses.retain(|status| matches!(status, ShownStatus::Active | ShownStatus::Inactive));
        }
        let not_since = query.last_sign_in.iter().filter_map(|when| when.until(now));
        Ok(MemberQuery {
            organisation: access.organisation_id(),
            now,
            reach: list_reach(access, reach),
            statuses,
            words: if person.is_some() {
                Vec::new()
            } else {
                search_words(&query.q)
            },
            person,
            roles: chosen_roles(query, roles),
            without_role: query.role.iter().any(|role| role == UsersQuery::NO_ROLE),
            areas: known_areas(&query.area, access, reach),
            codes: query.codes.clone(),
            clinicians: query.clinician && asks_for_clinicians(&access.organisation.policy),
            never_signed_in: query.last_sign_in.contains(&LastSignIn::Never),
            signed_in_until: not_since.max(),
            ends_until: query.access_ends.iter().map(|when| when.until(now)).max(),
            sort: query.sort,
            direction: query.dir,
            offset: (query.page - 1).saturating_mul(query.per_page),
            limit: query.per_page,
        })
    }

    /// Whose address was typed in full, when it is somebody whom the actor may see: an exact
    /// address always finds its person (ux 6.9).
    async fn exact_person(
        &self,
        tx: &mut Tx,
        access: &Access,
        reach: &Reach,
        typed: &str,
    ) -> Result<Option<MembershipId>> {
        let Some(key) = exact_email(typed) else {
            return Ok(None);
        };
        let Some(user) = tx.user_by_email_key(&key).await? else {
            return Ok(None);
        };
        let organisation = access.organisation_id();
        let Some(membership) = tx.membership_of(organisation, user.id).await? else {
            return Ok(None);
        };
        let seen = reach.covers(None)
            || tx
                .assignments_of(organisation, membership.id)
                .await?
                .iter()
                .any(|row| reach.covers(row.area_id));
        Ok(seen.then_some(membership.id))
    }
}

/// The areas of a reach that are not inside another of it; nothing for the whole organisation.
pub(crate) fn outermost(access: &Access, reach: &Reach) -> Option<Vec<AreaId>> {
    let Reach::Areas(areas) = reach else {
        return None;
    };
    let inside =
        |area: &&store::AreaRow| area.parent_id.is_some_and(|parent| areas.contains(&parent));
    let outer = access
        .areas
        .iter()
        .filter(|area| areas.contains(&area.id) && !inside(area));
    Some(outer.map(|area| area.id).collect())
}

/// A reach as the store takes it.
pub(crate) fn list_reach(access: &Access, reach: &Reach) -> ListReach {
    outermost(access, reach).map_or(ListReach::Whole, ListReach::Areas)
}

/// Whether the actor may offer everything that somebody has, and so send their invitation again or
/// cancel it (R22, R67).
fn may_offer<'a>(
    access: &Access,
    roles: &[RoleRow],
    mut assignments: impl Iterator<Item = &'a AssignmentRow>,
) -> bool {
    access.has(Permission::UsersInvite)
        && assignments.all(|row| {
            let areas: Vec<AreaId> = row.area_id.into_iter().collect();
            let role = roles.iter().find(|role| role.id == row.role_id);
            role.is_some_and(|role| access.may_grant(role, &areas).is_ok())
        })
}

fn user_row(
    row: ListedMember,
    assignments: &[&AssignmentRow],
    reach: &Reach,
    roles: &[RoleRow],
    tree: &AreaTree,
    actor: &Actor,
    now: DateTime<Utc>,
) -> UserRow {
    let visible: Vec<_> = assignments
        .iter()
        .filter(|held| reach.covers(held.area_id))
        .collect();
    let areas: Vec<AreaId> = visible.iter().filter_map(|held| held.area_id).collect();
    let holds = |role: &&RoleRow| visible.iter().any(|held| held.role_id == role.id);
    let active = row.status == MembershipStatus::Active;
    let ends_at = visible.iter().filter_map(|held| held.ends_at).min();
    UserRow {
        membership: row.id,
        user: row.user_id,
        name: format!("{} {}", row.first_name, row.last_name)
            .trim()
            .to_owned(),
        email: row.email,
        roles: roles
            .iter()
            .filter(holds)
            .map(|role| role.name.clone())
            .collect(),
        areas: tree.labels(&areas),
        everywhere: visible.iter().any(|held| held.area_id.is_none()),
        status: ShownStatus::of(
            row.status,
            row.invitation_expires_at,
            row.delivery_failed_at.is_some(),
            now,
        ),
        invitation: None,
        invited_at: row.invited_at,
        invitation_expires_at: row.invitation_expires_at,
        last_signed_in_at: row.last_signed_in_at,
        ends_at: ends_at.filter(|_| active),
        is_self: row.user_id == actor.user(),
    }
}

/// Whether the organisation wants to know who is a registered clinician (V04).
fn asks_for_clinicians(policy: &Policy) -> bool {
    policy.field(Field::ClinicianStatus).usage != FieldUse::Hidden
}

fn chosen_roles(query: &UsersQuery, roles: &[RoleRow]) -> Vec<RoleId> {
    let chosen = roles.iter().filter(|role| query.role.contains(&role.key));
    chosen.map(|role| role.id).collect()
}

/// Those of the asked areas that are there and within reach.
pub(crate) fn known_areas(asked: &[String], access: &Access, reach: &Reach) -> Vec<AreaId> {
    let asked = asked.iter().filter_map(|area| area.parse::<AreaId>().ok());
    asked
        .filter(|id| access.areas.iter().any(|area| area.id == *id) && reach.covers(Some(*id)))
        .collect()
}

#[cfg(test)]
mod tests;
