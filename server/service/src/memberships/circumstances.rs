//! What is true of the whole organisation while its members are changed: who manages it, and which places
//! are taken. It is read once, under the organisation's lock, for a change of one member and for one of
//! many; whoever goes through many notes each change, so that the next one is judged by what is true then.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::{
    MembershipStatus, Permission,
    id::{RoleId, UserId},
};
use store::{AssignmentRow, RoleRow, ServiceRow, Tx};

use super::{Member, area_of, manages, status::role_full};
use crate::{Access, Conflict, Error, Result, Services};

/// What an organisation's members have together.
#[derive(Clone, Debug)]
pub(crate) struct Circumstances {
    now: DateTime<Utc>,
    /// Active members who manage the whole organisation, with no end in sight.
    managers: i64,
    minimum: i64,
    /// Places that are taken of each limited role.
    taken: BTreeMap<RoleId, i64>,
    services: Vec<ServiceRow>,
}

impl Services {
    /// How things are at this moment.
    pub(crate) async fn circumstances(
        &self,
        tx: &mut Tx,
        access: &Access,
    ) -> Result<Circumstances> {
        let now = self.now();
        let organisation = access.organisation_id();
        let managing: Vec<RoleId> = tx
            .roles(organisation)
            .await?
            .iter()
            .filter(|role| manages(role))
            .map(|role| role.id)
            .collect();
        Ok(Circumstances {
            now,
            managers: tx
                .count_lasting_holders(organisation, &managing, now)
                .await?,
            minimum: i64::from(access.organisation.policy.minimum_holders),
            taken: tx
                .seats_used(organisation, now)
                .await?
                .into_iter()
                .collect(),
            services: tx.services(organisation).await?,
        })
    }
}

impl Circumstances {
    /// Whether the organisation can do without what `member` manages, when only `kept` of their roles
    /// are left (R71, C8).
    pub fn keeps_an_administrator(&self, member: &Member, kept: &[AssignmentRow]) -> Result<()> {
        if !self.is_manager(member, member.membership.status, &member.assignments)
            || kept.iter().any(|row| self.is_managing(member, row))
        {
            return Ok(());
        }
        if self.managers - 1 < self.minimum {
            return Err(Error::Conflict(Conflict::LastAdministrator));
        }
        Ok(())
    }

    /// Not more roles of a service than its policy allows (C7).
    pub fn leaves_room(&self, member: &Member, wanted: &[AssignmentRow]) -> Result<()> {
        for service in &self.services {
            let Some(most) = service.roles_per_member else {
                continue;
            };
            let count = |rows: &[AssignmentRow]| {
                let roles: BTreeSet<RoleId> = rows
                    .iter()
                    .filter_map(|row| member.role(row))
                    .filter(|role| role.service_id == service.id)
                    .map(|role| role.id)
                    .collect();
                i64::try_from(roles.len()).unwrap_or(i64::MAX)
            };
            if count(wanted) > most.max(count(&member.assignments)) {
                return Err(Error::violation("role", "role.only_one"));
            }
        }
        Ok(())
    }

    /// Whether each limited role of `wanted` has a place for a member who has none of it now (J25).
    pub fn has_places(&self, member: &Member, wanted: &[AssignmentRow]) -> Result<()> {
        let held = self.places_of(member, member.membership.status, &member.assignments);
        for role in limited(member, wanted) {
            if !held.contains(&role.id) {
                self.has_place(role)?;
            }
        }
        Ok(())
    }

    /// Whether a limited role has a place for one more.
    pub fn has_place(&self, role: &RoleRow) -> Result<()> {
        let taken = self.taken.get(&role.id).copied().unwrap_or_default();
        match role.seat_limit {
            Some(limit) if taken >= limit => Err(role_full(role)),
            _ => Ok(()),
        }
    }

    /// Whether somebody can come back with these roles: the actor may give them (R67), and each has
    /// a place (J51).
    pub fn can_bring_back(
        &self,
        access: &Access,
        member: &Member,
        rows: &[AssignmentRow],
    ) -> Result<()> {
        for row in rows {
            let Some(role) = member.role(row) else {
                continue;
            };
            access.may_handle(Permission::UsersDeactivate, role, &area_of(row))?;
            self.has_place(role)?;
        }
        Ok(())
    }

    /// Whether a member can have exactly these roles (R67, R71, C7).
    pub fn can_have(
        &self,
        access: &Access,
        member: &Member,
        wanted: &[AssignmentRow],
    ) -> Result<()> {
        let new = wanted
            .iter()
            .filter(|row| !member.assignments.contains(row));
        let gone = member
            .assignments
            .iter()
            .filter(|row| !wanted.contains(row));
        for row in new.chain(gone) {
            if let Some(role) = member.role(row) {
                access.may_handle(Permission::RolesAssign, role, &area_of(row))?;
            }
        }
        self.leaves_room(member, wanted)?;
        self.keeps_an_administrator(member, wanted)
    }

    /// A member is something else now: the next one is judged by that.
    pub fn note(&mut self, member: &Member, status: MembershipStatus, rows: &[AssignmentRow]) {
        let before = (member.membership.status, &member.assignments[..]);
        for ((status, rows), change) in [(before, -1), ((status, rows), 1)] {
            if self.is_manager(member, status, rows) {
                self.managers += change;
            }
            for role in self.places_of(member, status, rows) {
                *self.taken.entry(role).or_default() += change;
            }
        }
    }

    /// A member who is invited takes the places that their roles need, or gives them back.
    pub fn note_invited(&mut self, roles: &[RoleRow], change: i64) {
        for role in roles.iter().filter(|role| role.seat_limit.is_some()) {
            *self.taken.entry(role.id).or_default() += change;
        }
    }

    fn is_manager(
        &self,
        member: &Member,
        status: MembershipStatus,
        rows: &[AssignmentRow],
    ) -> bool {
        status == MembershipStatus::Active && rows.iter().any(|row| self.is_managing(member, row))
    }

    fn is_managing(&self, member: &Member, row: &AssignmentRow) -> bool {
        row.area_id.is_none()
            && row.ends_at.is_none()
            && row.starts_at.is_none_or(|start| start <= self.now)
            && member.role(row).is_some_and(manages)
    }

    /// The limited roles of which somebody holds a place.
    fn places_of(
        &self,
        member: &Member,
        status: MembershipStatus,
        rows: &[AssignmentRow],
    ) -> BTreeSet<RoleId> {
        if status != MembershipStatus::Active {
            return BTreeSet::new();
        }
        let lasting: Vec<AssignmentRow> = rows
            .iter()
            .filter(|row| row.ends_at.is_none_or(|end| end > self.now))
            .cloned()
            .collect();
        limited(member, &lasting).map(|role| role.id).collect()
    }
}

/// The limited roles among these assignments.
fn limited<'a>(member: &'a Member, rows: &'a [AssignmentRow]) -> impl Iterator<Item = &'a RoleRow> {
    rows.iter()
        .filter_map(|row| member.role(row))
        .filter(|role| role.seat_limit.is_some())
}

/// Whether the actor may deactivate this person now.
pub(crate) fn may_deactivate(
    services: &Services,
    circumstances: &Circumstances,
    actor: UserId,
    access: &Access,
    member: &Member,
) -> Result<()> {
    if member.membership.status != MembershipStatus::Active {
        return Err(Error::Conflict(Conflict::NotActive));
    }
    services.may_change(actor, access, member)?;
    // Everything that the person has here ends: all of it must be the actor's to end.
    let reach = access.require(Permission::UsersDeactivate)?;
    let theirs = |row: &AssignmentRow| reach.covers(row.area_id);
    if !reach.covers(None) && !member.assignments.iter().all(theirs) {
        return Err(Error::NotAllowed);
    }
    circumstances.keeps_an_administrator(member, &[])
}
