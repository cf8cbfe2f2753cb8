//! An organisation's home (C2): for those who manage users what needs attention and what was done
//! last, for everybody else what they can do there and whom to ask.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::{
    AuditEventKind, MembershipStatus, Permission,
    home::{ActivityItem, Attention, AttentionCount, FirstRun, HomeView, OtherPlace, OwnAccess},
    id::{AreaId, MembershipId, RoleId},
};
use store::{HolderRow, NewestActivity, RoleRow, Tx};

use crate::{
    Access, Actor, By, Reach, Result, Services,
    account::with_roles,
    activity::{self, Sees},
    bulk::does_bulk_work,
    invitations::area_tree,
    user_page::tasks_of,
    users::list_reach,
};

#[cfg(test)]
mod tests;

/// An invitation that ends within this time needs attention.
const SOON: TimeDelta = TimeDelta::days(2);
/// As many batches as the page lists.
const JOBS: usize = 3;
/// As many events as the page lists.
const EVENTS: i64 = 5;
/// As many other organisations as the page names.
const PLACES: usize = 20;
/// As many administrators as the page names.
const ADMINISTRATORS: usize = 10;
/// As many role assignments as are looked through for them.
const HOLDERS: i64 = 200;

/// What the page tells of, each thing once: a registration is its end, not its steps.
const EVENT_KINDS: [&str; 14] = [
    AuditEventKind::BatchFinished.as_str(),
    AuditEventKind::BatchStopped.as_str(),
    AuditEventKind::BulkFinished.as_str(),
    AuditEventKind::InvitationDeclined.as_str(),
    AuditEventKind::NewInvitationRequested.as_str(),
    AuditEventKind::InvitationEmailFailed.as_str(),
    AuditEventKind::MembershipActivated.as_str(),
    AuditEventKind::RoleNotGiven.as_str(),
    AuditEventKind::OrganisationCreated.as_str(),
    AuditEventKind::AdministratorInvited.as_str(),
    AuditEventKind::AreaAdded.as_str(),
    AuditEventKind::PolicyChanged.as_str(),
    AuditEventKind::UsersExported.as_str(),
    AuditEventKind::ActivityExported.as_str(),
];

/// What it tells of when it was done to one person: done to many it is one event of the kinds above.
const SINGLE_KINDS: [&str; 11] = [
    AuditEventKind::InvitationSent.as_str(),
    AuditEventKind::InvitationResent.as_str(),
    AuditEventKind::InvitationCancelled.as_str(),
    AuditEventKind::RoleAssigned.as_str(),
    AuditEventKind::RoleChanged.as_str(),
    AuditEventKind::RoleRemoved.as_str(),
    AuditEventKind::DetailsChanged.as_str(),
    AuditEventKind::CodesReset.as_str(),
    AuditEventKind::MembershipDeactivated.as_str(),
    AuditEventKind::MembershipReactivated.as_str(),
    AuditEventKind::ChangeUndone.as_str(),
];

impl Services {
    /// The home of an organisation, as far as the actor may see it. Reads only.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when the actor is no active member (R65).
    pub async fn home(&self, actor: &Actor, slug: &str) -> Result<HomeView> {
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let roles = tx.roles(access.organisation_id()).await?;
        let administrators = self.administrators(&mut tx, &access, &roles).await?;
        let may_invite = access.has(Permission::UsersInvite);
        let attention = match access.require(Permission::UsersView) {
            Ok(reach) => Some(self.attention(&mut tx, &access, &reach).await?),
            Err(_) => None,
        };
        let jobs = if does_bulk_work(&access) {
            Some(self.newest_work(&mut tx, &access, actor, JOBS).await?)
        } else {
            None
        };
        // Events name people of every area.
        let sees_activity = everywhere_may(&access, Permission::ActivityView);
        let activity = if sees_activity {
            Some(self.newest_events(&mut tx, &access).await?)
        } else {
            None
        };
        let own_access = if everywhere_may(&access, Permission::RolesAssign) {
            None
        } else {
            Some(self.own_access(&mut tx, &access, &administrators).await?)
        };
        let manages = may_invite && own_access.is_none();
        let managing = everywhere(&administrators).len();
        let first_run = if manages {
            let most = i64::try_from(managing).unwrap_or(i64::MAX) + 1;
            let people = tx.count_people(access.organisation_id(), most).await?;
            // Nobody was invited yet who does not manage the others.
            (people < most).then_some(FirstRun {
                second_administrator: managing > 1,
            })
        } else {
            None
        };
        Ok(HomeView {
            organisation_name: access.organisation.name.clone(),
            slug: access.organisation.slug.clone(),
            attention,
            lone_administrator: manages && first_run.is_none() && managing == 1,
            first_run,
            elsewhere: self.other_places(&mut tx, actor, &access).await?,
            can_add_users: may_invite,
            jobs,
            activity,
            access: own_access,
        })
    }

    /// The person's other organisations (J08): what needs attention everywhere is seen from anywhere.
    async fn other_places(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        here: &Access,
    ) -> Result<Vec<OtherPlace>> {
        let others = tx.organisations_of(actor.user()).await?;
        let others = others.into_iter().filter(|(organisation, membership)| {
            organisation.id != here.organisation_id()
                && organisation.closed_at.is_none()
                && membership.status == MembershipStatus::Active
        });
        let mut places = Vec::new();
        for (organisation, membership) in others.take(PLACES) {
            let access = self.access_of(tx, organisation, membership).await?;
            let attention = match access.require(Permission::UsersView) {
                Ok(reach) => {
                    let counts = self.attention(tx, &access, &reach).await?;
                    Some(counts.iter().map(|one| one.count).sum())
                }
                Err(_) => None,
            };
            places.push(OtherPlace {
                name: access.organisation.name,
                code: access.organisation.code,
                slug: access.organisation.slug,
                attention,
            });
        }
        Ok(places)
    }

    /// Those who can change what others may do, whole organisation first, then by name.
    async fn administrators(
        &self,
        tx: &mut Tx,
        access: &Access,
        roles: &[RoleRow],
    ) -> Result<Vec<HolderRow>> {
        let managing: Vec<RoleId> = roles
            .iter()
            .filter(|role| role.permissions.contains(&Permission::RolesAssign))
            .map(|role| role.id)
            .collect();
        let organisation = access.organisation_id();
        let holders = tx
            .holders(organisation, &managing, self.now(), HOLDERS)
            .await?;
        Ok(holders)
    }

    /// Whom a member asks to change what they have.
    pub(crate) async fn whom_to_ask(&self, tx: &mut Tx, access: &Access) -> Result<Vec<String>> {
        let roles = tx.roles(access.organisation_id()).await?;
        let administrators = self.administrators(tx, access, &roles).await?;
        Ok(to_ask(access, &administrators))
    }

    async fn attention(
        &self,
        tx: &mut Tx,
        access: &Access,
        reach: &Reach,
    ) -> Result<Vec<AttentionCount>> {
        let now = self.now();
        let organisation = access.organisation_id();
        let areas: Option<Vec<AreaId>> = match reach {
            Reach::Whole => None,
            Reach::Areas(areas) => Some(areas.iter().copied().collect()),
        };
        let found = tx
            .count_attention(organisation, areas.as_deref(), now, now + SOON)
            .await?;
        // Who has no role is in no area.
        let without_role = match reach {
            Reach::Whole => tx.count_without_role(organisation, now).await?,
            Reach::Areas(_) => 0,
        };
        let counts = [
            (Attention::Ending, found.ending),
            (Attention::Expired, found.expired),
            (Attention::EmailFailed, found.email_failed),
            (Attention::WithoutRole, without_role),
        ];
        let mut counts: Vec<AttentionCount> = counts
            .into_iter()
            .map(|(what, count)| AttentionCount {
                what,
                count: u32::try_from(count).unwrap_or(u32::MAX),
                more: false,
            })
            .collect();
        counts.extend(self.listed_attention(tx, access, reach).await?);
        counts.retain(|one| one.count > 0);
        Ok(counts)
    }

    /// What is counted as the list counts it that the number leads to: so far in a large organisation,
    /// and within reach only.
    async fn listed_attention(
        &self,
        tx: &mut Tx,
        access: &Access,
        reach: &Reach,
    ) -> Result<Vec<AttentionCount>> {
        let now = self.now();
        let within = list_reach(access, reach);
        let counts = tx
            .member_counts(access.organisation_id(), &within, now, &self.counts)
            .await?;
        // Where everybody needs a second factor, whoever has none sets it up before they get in.
        let required = access.organisation.policy.second_factor_required(false);
        let mut found = Vec::new();
        for what in [
            Attention::Dormant,
            Attention::CodesOff,
            Attention::AccessEnding,
        ] {
            if what == Attention::CodesOff && required {
                continue;
            }
            let query = self
                .member_query(tx, access, reach, &[], &what.query(), now)
                .await?;
            let (count, more) = tx.count_members(&query, &counts).await?;
            found.push(AttentionCount { what, count, more });
        }
        Ok(found)
    }

    async fn newest_events(&self, tx: &mut Tx, access: &Access) -> Result<Vec<ActivityItem>> {
        let wanted = NewestActivity {
            kinds: &EVENT_KINDS,
            one_by_one: &SINGLE_KINDS,
            together: &By::TOGETHER,
        };
        let rows = tx
            .newest_activity(access.organisation_id(), &wanted, EVENTS)
            .await?;
        let sees = Sees::of(access, &Reach::Whole);
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let kind = AuditEventKind::parse(&row.kind)?;
                let people = (row.actor_name, row.subject_name);
                Some(activity::item(kind, people, &row.details, row.at, &sees))
            })
            .collect())
    }

    async fn own_access(
        &self,
        tx: &mut Tx,
        access: &Access,
        administrators: &[HolderRow],
    ) -> Result<OwnAccess> {
        let mine: BTreeSet<RoleId> = access.grants.iter().map(|grant| grant.role.id).collect();
        let (can, cannot) = tasks_of(tx, access, &mine).await?;
        Ok(OwnAccess {
            roles: with_roles(access).roles,
            can,
            cannot,
            administrators: to_ask(access, administrators),
        })
    }
}

/// Whether the person has a permission in the whole organisation.
fn everywhere_may(access: &Access, permission: Permission) -> bool {
    access
        .require(permission)
        .is_ok_and(|reach| reach == Reach::Whole)
}

/// The members who hold their role in the whole organisation.
fn everywhere(holders: &[HolderRow]) -> BTreeSet<MembershipId> {
    holders
        .iter()
        .filter(|holder| holder.area_id.is_none())
        .map(|holder| holder.membership_id)
        .collect()
}

/// Names of those who can change the access of a member: administrators of the whole organisation
/// or of an area around one of the member's; never the member.
fn to_ask(access: &Access, administrators: &[HolderRow]) -> Vec<String> {
    let tree = area_tree(&access.areas);
    let near = |area: AreaId| {
        access
            .grants
            .iter()
            .filter_map(|grant| grant.area)
            .any(|mine| tree.is_within(mine, area))
    };
    let mut asked = BTreeSet::new();
    administrators
        .iter()
        .filter(|holder| holder.membership_id != access.membership.id)
        .filter(|holder| holder.area_id.is_none_or(near))
        .filter(|holder| asked.insert(holder.membership_id))
        .map(|holder| {
            let name = format!("{} {}", holder.first_name, holder.last_name);
            name.trim().to_owned()
        })
        .filter(|name| !name.is_empty())
        .take(ADMINISTRATORS)
        .collect()
}
