//! An invitation with everything that it offers, and whether it can be accepted.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, MembershipStatus,
    area::{Area, AreaTree},
    id::{AreaId, RoleId},
    invitation::{InvitationStatus, InvitationView, OfferedRole},
    membership::period,
    role::RoleSummary,
};
use store::{
    AreaRow, AssignmentRow, InvitationRow, MembershipRow, OrganisationRow, RoleRow, Tx, UserRow,
};

use crate::{Conflict, Error, Result, Services, memberships::groups};

/// An invitation, whom it is for and what it gives.
pub(crate) struct Offer {
    pub(crate) invitation: InvitationRow,
    pub(crate) organisation: OrganisationRow,
    pub(crate) membership: MembershipRow,
    pub(crate) user: UserRow,
    /// The roles that wait for the person, as they were given.
    pub(crate) assignments: Vec<AssignmentRow>,
    pub(crate) roles: Vec<RoleRow>,
    pub(crate) areas: Vec<AreaRow>,
}

/// Whether an invitation can be accepted, apart from who looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Open,
    Expired,
    Replaced,
    Cancelled,
    Declined,
    Accepted,
    Closed,
    /// The organisation no longer allows the address (C27).
    OtherDomain,
}

impl Standing {
    /// Nothing for an open invitation, for any other why it cannot be accepted.
    pub(crate) fn refuse(self) -> Result<()> {
        Err(match self {
            Self::Open => return Ok(()),
            Self::Expired => Error::Expired("invitation"),
            Self::Replaced => Error::Conflict(Conflict::InvitationReplaced),
            Self::Cancelled | Self::Declined => Error::Conflict(Conflict::InvitationCancelled),
            Self::Accepted => Error::Conflict(Conflict::AlreadyUsed),
            Self::Closed => Error::Conflict(Conflict::OrganisationClosed),
            Self::OtherDomain => Error::Conflict(Conflict::EmailNotAllowed),
        })
    }
}

impl Offer {
    /// Good until just before its end, refused at it (B21, R16); the newest one only (R19); only
    /// while the membership still waits for it, and the address is one that the organisation allows
    /// now, whatever it allowed when it invited (C27).
    pub(crate) fn standing(&self, now: DateTime<Utc>) -> Standing {
        match self.invitation.status {
            _ if self.organisation.closed_at.is_some() => Standing::Closed,
            InvitationStatus::Accepted => Standing::Accepted,
            InvitationStatus::Replaced => Standing::Replaced,
            InvitationStatus::Cancelled => Standing::Cancelled,
            InvitationStatus::Declined => Standing::Declined,
            InvitationStatus::Open if self.membership.status != MembershipStatus::Pending => {
                Standing::Cancelled
            }
            // Before its end: a new invitation would not help.
            InvitationStatus::Open if !self.has_allowed_address() => Standing::OtherDomain,
            InvitationStatus::Open if self.invitation.expires_at <= now => Standing::Expired,
            InvitationStatus::Open => Standing::Open,
        }
    }

    /// Whether the address belongs to somebody who has registered (R23).
    pub(crate) fn has_user(&self) -> bool {
        self.user.registered_at.is_some()
    }

    /// The address that the invitation is bound to (B14).
    pub(crate) fn email(&self) -> Result<EmailAddress, ()> {
        EmailAddress::parse(&self.user.email).map_err(|_| ())
    }

    fn has_allowed_address(&self) -> bool {
        let domains = &self.organisation.policy.email_domains;
        self.email().is_ok_and(|address| domains.allows(&address))
    }

    pub(crate) fn role(&self, id: RoleId) -> Option<&RoleRow> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// Whether a role that it gives needs more care (R43, R48).
    pub(crate) fn is_privileged(&self) -> bool {
        self.assignments
            .iter()
            .filter_map(|assignment| self.role(assignment.role_id))
            .any(|role| role.privileged)
    }

    /// Whether an assignment still has its place: the whole organisation, or an area that was not
    /// closed since.
    pub(crate) fn has_place(&self, assignment: &AssignmentRow) -> bool {
        let Some(wanted) = assignment.area_id else {
            return true;
        };
        let area = self.areas.iter().find(|area| area.id == wanted);
        area.is_some_and(|area| area.closed_at.is_none())
    }

    /// The assignments that still have their place.
    fn placed(&self) -> Vec<AssignmentRow> {
        let placed = self.assignments.iter().filter(|row| self.has_place(row));
        placed.cloned().collect()
    }

    /// The roles that begin after `now`, by name, with their first instant.
    pub(crate) fn later(&self, now: DateTime<Utc>) -> Vec<(String, DateTime<Utc>)> {
        groups(&self.placed())
            .iter()
            .filter_map(|group| {
                let starts_at = group[0].starts_at.filter(|start| *start > now)?;
                Some((self.role(group[0].role_id)?.name.clone(), starts_at))
            })
            .collect()
    }

    /// Each role with the areas that it is for (none: the whole organisation), those without a
    /// place left out.
    pub(crate) fn grants(&self) -> Vec<(&RoleRow, Vec<AreaId>)> {
        let mut grants: Vec<(&RoleRow, Vec<AreaId>)> = Vec::new();
        for assignment in self.assignments.iter().filter(|a| self.has_place(a)) {
            let Some(role) = self.role(assignment.role_id) else {
                continue;
            };
            let known = grants.iter().position(|(known, _)| known.id == role.id);
            let at = known.unwrap_or_else(|| {
                grants.push((role, Vec::new()));
                grants.len() - 1
            });
            grants[at].1.extend(assignment.area_id);
        }
        grants
    }

    fn tree(&self) -> AreaTree {
        let areas = self.areas.iter().map(|area| Area {
            id: area.id,
            parent: area.parent_id,
            name: area.name.clone(),
            kind: area.kind.clone(),
            closed: area.closed_at.is_some(),
        });
        AreaTree::build(areas.collect())
    }
}

impl Services {
    pub(crate) async fn offer(&self, tx: &mut Tx, invitation: InvitationRow) -> Result<Offer> {
        let missing = |what: &str| Error::Fault(format!("{what} of {} is gone", invitation.id));
        let id = invitation.organisation_id;
        let organisation = tx.organisation(id).await?;
        let organisation = organisation.ok_or_else(|| missing("organisation"))?;
        let membership = tx.membership(id, invitation.membership_id).await?;
        let membership = membership.ok_or_else(|| missing("membership"))?;
        let user = tx.user(membership.user_id).await?;
        let user = user.ok_or_else(|| missing("user"))?.known_as(&membership);
        let assignments = tx.assignments_of(id, membership.id).await?;
        let roles = tx.roles(id).await?;
        let areas = tx.areas(id).await?;
        Ok(Offer {
            invitation,
            organisation,
            membership,
            user,
            assignments,
            roles,
            areas,
        })
    }

    /// Whether whoever sent the invitation may still give what it offers (R22, R67). What a
    /// command gave needs nobody's authority.
    pub(crate) async fn inviter_may(&self, tx: &mut Tx, offer: &Offer) -> Result<bool> {
        let Some(inviter) = offer.invitation.invited_by else {
            return Ok(true);
        };
        let member = tx.membership_of(offer.organisation.id, inviter).await?;
        let Some(member) = member.filter(|member| member.status == MembershipStatus::Active) else {
            return Ok(false);
        };
        let access = self
            .access_of(tx, offer.organisation.clone(), member)
            .await?;
        if !access.has(domain::Permission::UsersInvite) {
            return Ok(false);
        }
        let allowed = offer
            .grants()
            .iter()
            .all(|(role, areas)| access.may_grant(role, areas).is_ok());
        Ok(allowed)
    }

    /// The invitation as the invited person sees it.
    pub(crate) async fn shown_invitation(
        &self,
        tx: &mut Tx,
        offer: &Offer,
    ) -> Result<InvitationView> {
        let tree = offer.tree();
        let mut roles = Vec::new();
        for group in groups(&offer.placed()) {
            let Some(role) = offer.role(group[0].role_id) else {
                continue;
            };
            let areas: Vec<AreaId> = group.iter().filter_map(|row| row.area_id).collect();
            roles.push(OfferedRole {
                role: self.role_for_invited(tx, role).await?,
                areas: tree.labels(&areas),
                period: period(group[0].starts_at, group[0].ends_at),
            });
        }
        Ok(InvitationView {
            id: offer.invitation.id,
            organisation_name: offer.organisation.name.clone(),
            organisation_code: offer.organisation.code.clone(),
            invited_by: self.inviter(tx, offer).await?,
            email: offer.user.email.clone(),
            roles,
            message: offer.invitation.message.clone(),
            expires_at: offer.invitation.expires_at,
            has_user: offer.has_user(),
        })
    }

    /// "Sam Okoro, Ward manager"; empty when a command made the invitation.
    pub(crate) async fn inviter(&self, tx: &mut Tx, offer: &Offer) -> Result<String> {
        let Some(id) = offer.invitation.invited_by else {
            return Ok(String::new());
        };
        let name = tx.user(id).await?.map(|user| user.name());
        let member = tx.membership_of(offer.organisation.id, id).await?;
        let job = member.map(|member| member.job_title).unwrap_or_default();
        Ok(match name {
            Some(name) if !job.is_empty() => format!("{name}, {job}"),
            Some(name) => name,
            None => String::new(),
        })
    }

    /// What a role can and cannot do. How many places it has is nobody else's business.
    async fn role_for_invited(&self, tx: &mut Tx, role: &RoleRow) -> Result<RoleSummary> {
        let tasks = tx.tasks(role.organisation_id).await?;
        let held = tx.role_tasks(role.organisation_id).await?;
        let of_service = tasks
            .iter()
            .filter(|task| task.service_id == role.service_id);
        let (can, cannot): (Vec<_>, Vec<_>) =
            of_service.partition(|task| held.contains(&(role.id, task.id)));
        let names =
            |tasks: Vec<&store::TaskRow>| tasks.iter().map(|task| task.name.clone()).collect();
        Ok(RoleSummary {
            id: role.id,
            key: role.key.clone(),
            name: role.name.clone(),
            summary: role.summary.clone(),
            permissions: role.permissions.clone(),
            seat_limit: None,
            seats_used: 0,
            places: String::new(),
            privileged: role.privileged,
            scope_allowed: role.scope_allowed,
            can: names(can),
            cannot: names(cannot),
        })
    }
}
