//! What is known about addresses before anything is sent (C22): known here, invited here,
//! deactivated here, not in an allowed domain, or ready. All at once, with few statements.

use std::collections::BTreeMap;

use domain::{MembershipStatus, id::MembershipId, invitation::Invitee};
use store::{AddressRow, OrganisationRow, Tx};

use crate::{Result, Services};

/// Addresses, sorted by what can be done about them.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// Unknown here, or invited before and cancelled.
    pub ready: Vec<Invitee>,
    /// Active here.
    pub members: Vec<(Invitee, AddressRow)>,
    /// Pending or Expired here.
    pub pending: Vec<(Invitee, AddressRow)>,
    /// Inactive here.
    pub inactive: Vec<(Invitee, AddressRow)>,
    /// Not in a domain that the organisation allows (C27).
    pub not_allowed: Vec<Invitee>,
}

impl Services {
    /// Sorts invitees by what this organisation knows of them; what others know makes no
    /// difference (R65).
    pub(super) async fn classify_addresses(
        &self,
        tx: &mut Tx,
        organisation: &OrganisationRow,
        invitees: Vec<Invitee>,
    ) -> Result<Sorted> {
        let keys: Vec<String> = invitees
            .iter()
            .map(|invitee| invitee.address.key().to_owned())
            .collect();
        let mut known: BTreeMap<String, AddressRow> = tx
            .known_addresses(organisation.id, &keys)
            .await?
            .into_iter()
            .map(|row| (row.email_key.clone(), row))
            .collect();
        let mut sorted = Sorted::default();
        for invitee in invitees {
            let row = known.remove(invitee.address.key());
            match row.map(|row| (row.status(), row)) {
                Some((Some(MembershipStatus::Active), row)) => sorted.members.push((invitee, row)),
                Some((Some(MembershipStatus::Pending), row)) => sorted.pending.push((invitee, row)),
                Some((Some(MembershipStatus::Inactive), row)) => {
                    sorted.inactive.push((invitee, row));
                }
                _ if organisation.policy.email_domains.allows(&invitee.address) => {
                    sorted.ready.push(invitee);
                }
                _ => sorted.not_allowed.push(invitee),
            }
        }
        Ok(sorted)
    }

    /// The names of the roles that memberships have.
    pub(super) async fn role_names_of(
        &self,
        tx: &mut Tx,
        organisation: &OrganisationRow,
        memberships: &[MembershipId],
    ) -> Result<BTreeMap<MembershipId, Vec<String>>> {
        let roles: BTreeMap<_, _> = tx
            .roles(organisation.id)
            .await?
            .into_iter()
            .map(|role| (role.id, role.name))
            .collect();
        let mut names: BTreeMap<MembershipId, Vec<String>> = BTreeMap::new();
        for row in tx.assignments_of_many(organisation.id, memberships).await? {
            let held = names.entry(row.membership_id).or_default();
            if let Some(name) = roles.get(&row.role_id)
                && !held.contains(name)
            {
                held.push(name.clone());
            }
        }
        Ok(names)
    }
}
