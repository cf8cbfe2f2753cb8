//! The page of one role: what it lets a person do, who has it, and who holds its places (G).

use std::collections::BTreeMap;

use domain::{
    Permission, ShownStatus,
    id::{AreaId, MembershipId, RoleId},
    role::{RoleHolder, RoleHolders, RolePage},
};
use store::{AssignmentRow, RoleHolderRow, RoleRow, Tx};

use crate::{Access, Actor, Error, Reach, Result, Services};

/// As many people as the page names of a role without a limit. One more is asked for, to know
/// whether there are more.
const NAMED: usize = 10;

impl Services {
    /// One role. Every member may read what it is and how many have it; who has it, those who may
    /// see users, where they may (J04, J26).
    ///
    /// # Errors
    /// [`Error::NotFound`] when the actor is no active member, and for a role that is not of this
    /// organisation (R65).
    pub async fn role_page(&self, actor: &Actor, slug: &str, role: RoleId) -> Result<RolePage> {
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let organisation = access.organisation_id();
        let row = tx.role(organisation, role).await?;
        let row = row.ok_or(Error::NotFound)?;
        let mut summaries = self.role_summaries(&mut tx, organisation).await?;
        let place = summaries.iter().position(|summary| summary.id == role);
        let summary = summaries.swap_remove(place.ok_or(Error::NotFound)?);
        let services = tx.services(organisation).await?;
        let service = services.into_iter().find(|of| of.id == row.service_id);
        let service = service.ok_or(Error::NotFound)?;
        let counted = tx.count_role(organisation, role, self.now()).await?;
        let holders = match access.require(Permission::UsersView) {
            Ok(reach) => Some(self.holders(&mut tx, &access, &row, &reach).await?),
            Err(_) => None,
        };
        let count = |number: i64| u32::try_from(number).unwrap_or_default();
        Ok(RolePage {
            role: summary,
            service: service.name,
            roles_per_member: service.roles_per_member.map(count),
            slug: access.organisation.slug.clone(),
            areas: access.organisation.policy.area_label.many.clone(),
            active: count(counted.active),
            invited: count(counted.invited),
            holders,
            at: self.now(),
            organisation: access.organisation.name,
        })
    }

    /// All who hold a place of a limited role, the first of those who have another one.
    pub(super) async fn holders(
        &self,
        tx: &mut Tx,
        access: &Access,
        role: &RoleRow,
        reach: &Reach,
    ) -> Result<RoleHolders> {
        let now = self.now();
        let organisation = access.organisation_id();
        let areas: Vec<AreaId> = match reach {
            Reach::Whole => Vec::new(),
            Reach::Areas(areas) => areas.iter().copied().collect(),
        };
        let mut rows = if role.seat_limit.is_some() {
            tx.seat_holders(organisation, role.id, now).await?
        } else {
            let most = i64::try_from(NAMED + 1).unwrap_or(i64::MAX);
            tx.role_holders(organisation, role.id, &areas, now, most)
                .await?
        };
        let more = role.seat_limit.is_none() && rows.len() > NAMED;
        if more {
            rows.truncate(NAMED);
        }
        let members: Vec<MembershipId> = rows.iter().map(|row| row.membership_id).collect();
        let mut given: BTreeMap<MembershipId, Vec<AssignmentRow>> = BTreeMap::new();
        for row in tx.assignments_of_many(organisation, &members).await? {
            if row.role_id == role.id && reach.covers(row.area_id) {
                given.entry(row.membership_id).or_default().push(row);
            }
        }
        let people = rows.into_iter().filter_map(|row| {
            let given = given.get(&row.membership_id)?;
            Some(self.holder(access, row, given))
        });
        Ok(RoleHolders {
            people: people.collect(),
            more,
            some_areas: *reach != Reach::Whole,
        })
    }

    fn holder(&self, access: &Access, row: RoleHolderRow, given: &[AssignmentRow]) -> RoleHolder {
        let status = ShownStatus::of(
            row.status,
            row.invitation_expires_at,
            row.delivery_failed_at.is_some(),
            self.now(),
        );
        let name = format!("{} {}", row.first_name, row.last_name);
        let whole = given.iter().any(|given| given.area_id.is_none());
        let named = |given: &AssignmentRow| {
            let area = access
                .areas
                .iter()
                .find(|area| Some(area.id) == given.area_id);
            area.map(|area| area.name.clone())
        };
        RoleHolder {
            id: row.user_id,
            name: match name.trim() {
                "" => row.email,
                name => name.to_owned(),
            },
            status,
            status_label: access.organisation.policy.status_label(status).to_owned(),
            areas: if whole {
                Vec::new()
            } else {
                given.iter().filter_map(named).collect()
            },
            until: row.invitation_expires_at.filter(|_| status.is_invited()),
        }
    }
}
