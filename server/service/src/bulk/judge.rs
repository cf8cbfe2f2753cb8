//! What would become of somebody, by the rules that the single change obeys: asked by the page of answers,
//! and again by the work, under the organisation's lock. Whoever goes through many notes each verdict,
//! so that places and administrators are counted as they will be by then.

use domain::{
    MembershipStatus, RoleSummary,
    bulk::{BulkAction, BulkOutcome},
    id::{AreaId, AssignmentId, UserId},
};
use store::{AssignmentRow, RoleRow, Tx};

use super::{Plan, outcome_of, selection::Candidate};
use crate::{
    Access, Reach, Result, Services,
    invitations::{Offered, can_cancel},
    memberships::{Circumstances, may_deactivate},
};

/// What is to be done to somebody.
pub(super) enum Verdict {
    Deactivate,
    /// With the roles that they had.
    BringBack,
    /// Exactly these roles.
    Give(Vec<AssignmentRow>),
    SendAgain(Box<Offered>),
    Cancel(Box<Offered>),
    LeaveOut(BulkOutcome),
}

impl Verdict {
    pub fn outcome(&self) -> BulkOutcome {
        match self {
            Self::LeaveOut(outcome) => *outcome,
            _ => BulkOutcome::Done,
        }
    }

    pub fn is_done(&self) -> bool {
        self.outcome() == BulkOutcome::Done
    }
}

/// Judges one after the other.
pub(super) struct Judge<'a> {
    services: &'a Services,
    access: &'a Access,
    actor: UserId,
    action: BulkAction,
    plan: &'a Plan,
    reach: Reach,
    circumstances: Circumstances,
    roles: Vec<RoleRow>,
    summaries: Vec<RoleSummary>,
}

impl Services {
    /// A judge for what `actor`, who has `access`, does with `plan`.
    ///
    /// # Errors
    /// [`crate::Error::NotAllowed`] without the right.
    pub(super) async fn judge<'a>(
        &'a self,
        tx: &mut Tx,
        access: &'a Access,
        actor: UserId,
        (action, plan): (BulkAction, &'a Plan),
    ) -> Result<Judge<'a>> {
        let organisation = access.organisation_id();
        Ok(Judge {
            services: self,
            access,
            actor,
            action,
            plan,
            reach: access.require(action.permission())?,
            circumstances: self.circumstances(tx, access).await?,
            roles: tx.roles(organisation).await?,
            summaries: self.role_summaries(tx, organisation).await?,
        })
    }
}

impl Judge<'_> {
    /// What is to be done to somebody now.
    pub fn judge(&self, candidate: &Candidate) -> Result<Verdict> {
        match self.asked(candidate) {
            Ok(verdict) => Ok(verdict),
            Err(error) => outcome_of(&error).map(Verdict::LeaveOut).ok_or(error),
        }
    }

    /// It is done: the next one is judged by that.
    pub fn note(&mut self, candidate: &Candidate, verdict: &Verdict) {
        let member = &candidate.member;
        let rows = &member.assignments;
        let now = self.services.now();
        match verdict {
            Verdict::Deactivate => {
                self.circumstances
                    .note(member, MembershipStatus::Inactive, rows);
            }
            Verdict::BringBack => {
                self.circumstances
                    .note(member, MembershipStatus::Active, rows);
            }
            Verdict::Give(wanted) => {
                self.circumstances
                    .note(member, member.membership.status, wanted);
            }
            Verdict::SendAgain(offered) if !offered.holds_places(now) => {
                self.circumstances.note_invited(&offered.roles, 1);
            }
            Verdict::Cancel(offered) if offered.holds_places(now) => {
                self.circumstances.note_invited(&offered.roles, -1);
            }
            Verdict::SendAgain(_) | Verdict::Cancel(_) | Verdict::LeaveOut(_) => {}
        }
    }

    fn asked(&self, candidate: &Candidate) -> Result<Verdict> {
        let member = &candidate.member;
        if member.user.id == self.actor {
            return Ok(Verdict::LeaveOut(BulkOutcome::OwnAccount));
        }
        let within = |row: &AssignmentRow| self.reach.covers(row.area_id);
        if !self.reach.covers(None) && !member.assignments.iter().any(within) {
            return Ok(Verdict::LeaveOut(BulkOutcome::NotAllowed));
        }
        if let Some(outcome) = unfit(self.action, member.membership.status) {
            return Ok(Verdict::LeaveOut(outcome));
        }
        let (access, circumstances) = (self.access, &self.circumstances);
        match self.plan {
            Plan::Deactivate(_) => {
                may_deactivate(self.services, circumstances, self.actor, access, member)?;
                Ok(Verdict::Deactivate)
            }
            Plan::Reactivate => {
                self.services.may_change(self.actor, access, member)?;
                circumstances.can_bring_back(access, member, &member.assignments)?;
                Ok(Verdict::BringBack)
            }
            Plan::Resend => {
                let offered = self.offered(candidate);
                self.services
                    .can_send_again(circumstances, access, &offered, false)?;
                Ok(Verdict::SendAgain(Box::new(offered)))
            }
            Plan::Cancel => {
                let offered = self.offered(candidate);
                can_cancel(access, &offered)?;
                Ok(Verdict::Cancel(Box::new(offered)))
            }
            Plan::Role { role, areas, .. } => {
                self.give(candidate, self.replaced(candidate, role, areas))
            }
            Plan::Areas(areas) => match self.extended(candidate, areas) {
                Ok(wanted) => self.give(candidate, wanted),
                Err(outcome) => Ok(Verdict::LeaveOut(outcome)),
            },
            Plan::EndDate(end) => match self.ended(candidate, *end) {
                Ok(wanted) => self.give(candidate, wanted),
                Err(outcome) => Ok(Verdict::LeaveOut(outcome)),
            },
        }
    }

    fn offered(&self, candidate: &Candidate) -> Offered {
        let member = &candidate.member;
        Offered::new(
            self.access,
            (member.user.clone(), member.membership.clone()),
            candidate.invitations.clone(),
            member.assignments.clone(),
            (&self.roles, &self.summaries),
        )
    }

    fn give(&self, candidate: &Candidate, wanted: Vec<AssignmentRow>) -> Result<Verdict> {
        let member = &candidate.member;
        let held = &member.assignments;
        if wanted.len() == held.len() && wanted.iter().all(|row| held.contains(row)) {
            return Ok(Verdict::LeaveOut(BulkOutcome::AlreadyHas));
        }
        self.services.may_change(self.actor, self.access, member)?;
        self.circumstances.can_have(self.access, member, &wanted)?;
        if member.membership.status == MembershipStatus::Active {
            self.circumstances.has_places(member, &wanted)?;
        }
        Ok(Verdict::Give(wanted))
    }

    /// One role in the place of all that they have in its service, without dates. What stays as it is
    /// keeps its history.
    fn replaced(
        &self,
        candidate: &Candidate,
        role: &RoleRow,
        areas: &[AreaId],
    ) -> Vec<AssignmentRow> {
        let member = &candidate.member;
        let elsewhere = |row: &&AssignmentRow| {
            let held = member.role(row);
            held.is_none_or(|held| held.service_id != role.service_id)
        };
        let mut wanted: Vec<AssignmentRow> = member
            .assignments
            .iter()
            .filter(elsewhere)
            .cloned()
            .collect();
        let places: Vec<Option<AreaId>> = if areas.is_empty() {
            vec![None]
        } else {
            areas.iter().copied().map(Some).collect()
        };
        for area_id in places {
            let same = member.assignments.iter().find(|row| {
                row.role_id == role.id
                    && row.area_id == area_id
                    && row.ends_at.is_none()
                    && row
                        .starts_at
                        .is_none_or(|start| start <= self.services.now())
            });
            wanted.push(match same {
                Some(row) => row.clone(),
                None => self.new_row(candidate, role, area_id),
            });
        }
        wanted
    }

    /// Each of their roles that holds in some areas, in more of them.
    fn extended(
        &self,
        candidate: &Candidate,
        areas: &[AreaId],
    ) -> Result<Vec<AssignmentRow>, BulkOutcome> {
        let member = &candidate.member;
        let now = self.services.now();
        let mut wanted = member.assignments.clone();
        let (mut some, mut limited) = (false, false);
        for group in crate::memberships::groups(&member.assignments) {
            let Some(role) = member.role(&group[0]) else {
                continue;
            };
            if group[0].ends_at.is_some_and(|end| end <= now) {
                continue;
            }
            some = true;
            if !role.scope_allowed {
                continue;
            }
            limited = true;
            for area in areas {
                let inside = |row: &AssignmentRow| match row.area_id {
                    None => true,
                    Some(held) => self.access.with_everything_inside(held).contains(area),
                };
                if !group.iter().any(inside) {
                    wanted.push(AssignmentRow {
                        starts_at: group[0].starts_at,
                        ends_at: group[0].ends_at,
                        ..self.new_row(candidate, role, Some(*area))
                    });
                }
            }
        }
        match (some, limited) {
            (false, _) => Err(BulkOutcome::NoRole),
            (true, false) => Err(BulkOutcome::WholeOrganisation),
            (true, true) => Ok(wanted),
        }
    }

    /// Everything that they have, until then.
    fn ended(
        &self,
        candidate: &Candidate,
        end: chrono::DateTime<chrono::Utc>,
    ) -> Result<Vec<AssignmentRow>, BulkOutcome> {
        let now = self.services.now();
        let over = |row: &AssignmentRow| row.ends_at.is_some_and(|end| end <= now);
        let held = &candidate.member.assignments;
        if held.iter().all(over) {
            return Err(BulkOutcome::NoRole);
        }
        let later = |row: &AssignmentRow| row.starts_at.is_some_and(|start| start >= end);
        if held.iter().any(|row| !over(row) && later(row)) {
            return Err(BulkOutcome::StartsLater);
        }
        let until = |row: &AssignmentRow| AssignmentRow {
            ends_at: if over(row) { row.ends_at } else { Some(end) },
            ..row.clone()
        };
        Ok(held.iter().map(until).collect())
    }

    fn new_row(
        &self,
        candidate: &Candidate,
        role: &RoleRow,
        area_id: Option<AreaId>,
    ) -> AssignmentRow {
        let now = self.services.now();
        AssignmentRow {
            id: AssignmentId::from_uuid(self.services.random.uuid(now)),
            organisation_id: self.access.organisation_id(),
            membership_id: candidate.member.membership.id,
            role_id: role.id,
            area_id,
            starts_at: None,
            ends_at: None,
            granted_by: Some(self.actor),
            granted_at: now,
        }
    }
}

/// Why a status does not go with an action.
const fn unfit(action: BulkAction, status: MembershipStatus) -> Option<BulkOutcome> {
    use BulkAction::{Cancel, Deactivate, Reactivate, Resend};
    match (action, status) {
        (_, MembershipStatus::Cancelled) => Some(BulkOutcome::InvitationCancelled),
        (Resend | Cancel, MembershipStatus::Pending)
        | (Reactivate, MembershipStatus::Inactive)
        | (Deactivate, MembershipStatus::Active) => None,
        (Resend | Cancel | Reactivate, MembershipStatus::Active) => {
            Some(BulkOutcome::AlreadyActive)
        }
        (Resend | Cancel | Deactivate, MembershipStatus::Inactive) => {
            Some(BulkOutcome::AlreadyInactive)
        }
        (_, MembershipStatus::Pending) => Some(BulkOutcome::OnlyInvited),
        (_, MembershipStatus::Active | MembershipStatus::Inactive) => None,
    }
}
