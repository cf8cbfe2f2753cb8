//! Who may do what where: one decision for pages, server functions and every other door. It is
//! made from the database at each request, so that a change counts at the next one (R56).

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::{
    MembershipStatus, Permission,
    id::{AreaId, OrganisationId},
    policy::GrantEffective,
};
use store::{AreaRow, MembershipRow, OrganisationRow, RoleRow, Tx};

use crate::{Error, Result, Services, request::Actor};

/// A role that a person has now, and where it holds.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The role.
    pub role: RoleRow,
    /// Where; empty: in the whole organisation.
    pub area: Option<AreaId>,
    /// Since when the person has it.
    pub given_at: DateTime<Utc>,
}

/// What a person may do in an organisation.
#[derive(Clone, Debug)]
pub struct Access {
    /// The organisation.
    pub organisation: OrganisationRow,
    /// The person's membership.
    pub membership: MembershipRow,
    /// The roles that hold now.
    pub grants: Vec<Grant>,
    /// Every area of the organisation.
    pub areas: Vec<AreaRow>,
}

/// Where a permission reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The whole organisation.
    Whole,
    /// These areas; everything inside them is named too.
    Areas(BTreeSet<AreaId>),
}

impl Reach {
    /// Whether an assignment to `area` (empty: the whole organisation) is inside.
    pub fn covers(&self, area: Option<AreaId>) -> bool {
        match self {
            Self::Whole => true,
            Self::Areas(areas) => area.is_some_and(|area| areas.contains(&area)),
        }
    }
}

impl Access {
    /// The organisation's id.
    pub fn organisation_id(&self) -> OrganisationId {
        self.organisation.id
    }

    /// Where the person has `permission`; deny by default (R63).
    ///
    /// # Errors
    /// [`Error::NotAllowed`] when they have it nowhere.
    pub fn require(&self, permission: Permission) -> Result<Reach> {
        let mut areas = BTreeSet::new();
        for grant in &self.grants {
            if !grant.role.permissions.contains(&permission) {
                continue;
            }
            match grant.area {
                None => return Ok(Reach::Whole),
                Some(area) => areas.extend(self.with_everything_inside(area)),
            }
        }
        if areas.is_empty() {
            Err(Error::NotAllowed)
        } else {
            Ok(Reach::Areas(areas))
        }
    }

    /// Whether the person has `permission` anywhere.
    pub fn has(&self, permission: Permission) -> bool {
        self.require(permission).is_ok()
    }

    /// Every permission that the person has somewhere, by name.
    pub fn permissions(&self) -> Vec<Permission> {
        Permission::ALL
            .iter()
            .copied()
            .filter(|permission| self.has(*permission))
            .collect()
    }

    /// Whether the person may give `role` in these areas (empty: the whole organisation): they
    /// must hold each of its permissions there themselves (R67).
    ///
    /// # Errors
    /// [`Error::NotAllowed`] when the role goes beyond what they hold.
    pub fn may_grant(&self, role: &RoleRow, areas: &[AreaId]) -> Result<()> {
        self.may_handle(Permission::UsersInvite, role, areas)
    }

    /// Whether the person has `permission` in these areas (empty: the whole organisation), and
    /// every permission of `role` besides: for giving the role, taking it away, or changing whoever
    /// has it (R67).
    ///
    /// # Errors
    /// [`Error::NotAllowed`] when the role goes beyond what they hold.
    pub fn may_handle(
        &self,
        permission: Permission,
        role: &RoleRow,
        areas: &[AreaId],
    ) -> Result<()> {
        let mut reaches = vec![self.require(permission)?];
        for permission in &role.permissions {
            reaches.push(self.require(*permission)?);
        }
        let everywhere = reaches.iter().all(|reach| {
            if areas.is_empty() {
                reach.covers(None)
            } else {
                areas.iter().all(|area| reach.covers(Some(*area)))
            }
        });
        if everywhere {
            Ok(())
        } else {
            Err(Error::NotAllowed)
        }
    }

    /// An area and all areas inside it.
    pub fn with_everything_inside(&self, area: AreaId) -> BTreeSet<AreaId> {
        let mut found = BTreeSet::from([area]);
        loop {
            let before = found.len();
            for row in &self.areas {
                if row.parent_id.is_some_and(|parent| found.contains(&parent)) {
                    found.insert(row.id);
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }
}

impl Services {
    /// What `actor` may do in the organisation with this code in addresses.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none or the actor is no active member: whether it exists
    /// is not told (R65). [`Error::TermsDue`] until they agree to its terms (B16).
    pub async fn access(&self, tx: &mut Tx, actor: &Actor, slug: &str) -> Result<Access> {
        let organisation = tx
            .organisation_by_slug(slug)
            .await?
            .filter(|organisation| organisation.closed_at.is_none())
            .ok_or(Error::NotFound)?;
        let membership = tx
            .membership_of(organisation.id, actor.user)
            .await?
            .filter(|membership| membership.status == MembershipStatus::Active)
            .ok_or(Error::NotFound)?;
        self.require_terms(tx, actor.user, &organisation.policy)
            .await?;
        let mut access = self.access_of(tx, organisation, membership).await?;
        if access.organisation.policy.grant_effective == GrantEffective::NextSignIn
            && let Some(session) = tx.session(actor.session).await?
        {
            // What was given since counts from the next sign in on (C9, V24).
            access
                .grants
                .retain(|grant| grant.given_at <= session.created_at);
        }
        Ok(access)
    }

    /// The same for a change, with the organisation locked before anything is read: what is decided
    /// here still holds when it is written, so that nobody acts with a right that was taken from
    /// them meanwhile (R56).
    ///
    /// # Errors
    /// As [`Services::access`].
    pub(crate) async fn access_to_change(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        slug: &str,
    ) -> Result<Access> {
        let organisation = tx.organisation_by_slug(slug).await?;
        let organisation = organisation.ok_or(Error::NotFound)?;
        tx.lock_organisation(organisation.id).await?;
        self.access(tx, actor, slug).await
    }

    /// What an active member may do, whoever asks.
    pub(crate) async fn access_of(
        &self,
        tx: &mut Tx,
        organisation: OrganisationRow,
        membership: MembershipRow,
    ) -> Result<Access> {
        let now = self.now();
        let areas = tx.areas(organisation.id).await?;
        let roles = tx.roles(organisation.id).await?;
        let grants = tx
            .assignments_of(organisation.id, membership.id)
            .await?
            .into_iter()
            .filter(|assignment| {
                assignment.starts_at.is_none_or(|start| start <= now)
                    && assignment.ends_at.is_none_or(|end| end > now)
            })
            .filter_map(|assignment| {
                let role = roles.iter().find(|role| role.id == assignment.role_id)?;
                Some(Grant {
                    role: role.clone(),
                    area: assignment.area_id,
                    given_at: assignment.granted_at,
                })
            })
            .collect();
        Ok(Access {
            organisation,
            membership,
            grants,
            areas,
        })
    }
}
