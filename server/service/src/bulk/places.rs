//! Who holds the places of a role, where some of many find none left (requirements, section 3).

use domain::{
    bulk::{BulkAction, BulkOutcome},
    id::RoleId,
    role::HeldPlaces,
};
use store::{RoleRow, Tx};

use super::{journey::Loaded, judge::Verdict, selection::Candidate};
use crate::{Access, Result, Services};

impl Services {
    /// Who holds the places of the roles for which some are left out.
    pub(super) async fn places_missed(
        &self,
        tx: &mut Tx,
        loaded: &Loaded,
        left_out: &[&(Candidate, Verdict)],
    ) -> Result<Vec<HeldPlaces>> {
        let missed: Vec<&Candidate> = left_out
            .iter()
            .filter(|(_, verdict)| verdict.outcome() == BulkOutcome::RoleFull)
            .map(|(candidate, _)| candidate)
            .collect();
        let wanted = |role: &RoleRow| match loaded.draft.action {
            BulkAction::Role => loaded.draft.role == Some(role.id),
            _ => missed.iter().any(|candidate| {
                let rows = &candidate.member.assignments;
                rows.iter().any(|row| row.role_id == role.id)
            }),
        };
        let mut places = Vec::new();
        for role in loaded.roles.iter().filter(|role| role.seat_limit.is_some()) {
            if !missed.is_empty() && wanted(role) {
                places.push(self.held_places(tx, &loaded.access, role).await?);
            }
        }
        Ok(places)
    }

    /// The same of a job: `given` is the role of a change of roles; of any other, which role it was is not kept,
    /// and those are meant that are full.
    pub(super) async fn places_missed_in_job(
        &self,
        tx: &mut Tx,
        access: &Access,
        roles: &[RoleRow],
        given: Option<RoleId>,
    ) -> Result<Vec<HeldPlaces>> {
        let organisation = access.organisation_id();
        let mut places = Vec::new();
        for role in roles {
            let Some(limit) = role.seat_limit else {
                continue;
            };
            let used = tx.seat_holders(organisation, role.id, self.now()).await?;
            let full = i64::try_from(used.len()).unwrap_or(i64::MAX) >= limit;
            if given.map_or(full, |given| given == role.id) {
                places.push(self.held_places(tx, access, role).await?);
            }
        }
        Ok(places)
    }
}
