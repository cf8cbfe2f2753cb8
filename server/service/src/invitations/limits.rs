//! How many invitations one organisation, and one person, may get in a while (R37).

use domain::{EmailAddress, id::MembershipId};
use store::{OrganisationRow, Tx};

use super::{
    DAY, MOST_IN_TEN_MINUTES, TEN_MINUTES, journey::check::quota_left, process::most_a_day,
};
use crate::{Conflict, Error, Result, Services};

impl Services {
    /// Whether one more invitation may be sent: by the organisation today, and to this address,
    /// whatever became of those before it (R37).
    ///
    /// # Errors
    /// [`Conflict::OverQuota`]; [`Conflict::TooSoon`] after 3 in 10 minutes; [`Conflict::TooMany`]
    /// after as many as the policy allows in a day.
    pub(super) async fn within_limits(
        &self,
        tx: &mut Tx,
        organisation: &OrganisationRow,
        address: &EmailAddress,
    ) -> Result<()> {
        let now = self.now();
        let sent = tx
            .count_invitations_since(organisation.id, now - DAY)
            .await?;
        if quota_left(organisation, sent) == 0 {
            return Err(Error::Conflict(Conflict::OverQuota));
        }
        let keys = [address.key().to_owned()];
        let rows = tx.known_addresses(organisation.id, &keys).await?;
        let memberships: Vec<MembershipId> =
            rows.iter().filter_map(|row| row.membership_id).collect();
        let most = |rows: Vec<(MembershipId, i64)>| rows.into_iter().map(|(_, count)| count).max();
        let lately = tx
            .count_invitations_of(organisation.id, &memberships, now - TEN_MINUTES)
            .await?;
        if most(lately).is_some_and(|count| count >= MOST_IN_TEN_MINUTES) {
            return Err(Error::Conflict(Conflict::TooSoon));
        }
        let today = tx
            .count_invitations_of(organisation.id, &memberships, now - DAY)
            .await?;
        if most(today).is_some_and(|count| count >= most_a_day(organisation)) {
            return Err(Error::Conflict(Conflict::TooMany));
        }
        Ok(())
    }
}
