//! What the rows of a page show.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::id::{InvitationId, MembershipId, OrganisationId};
use uuid::Uuid;

use super::ListedMember;
use crate::{AssignmentRow, Result, Tx, memberships::member_names, sql::list};

#[derive(sqlx::FromRow)]
struct OpenInvitation {
    #[sqlx(try_from = "Uuid")]
    membership_id: MembershipId,
    #[sqlx(try_from = "Uuid")]
    id: InvitationId,
}

impl Tx {
    /// Members with their names, in the order of `ids`.
    pub async fn listed_members(
        &mut self,
        organisation: OrganisationId,
        ids: &[MembershipId],
    ) -> Result<Vec<ListedMember>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<ListedMember> = list::around(
            concat!(
                "SELECT m.id, m.user_id, ",
                member_names!(),
                ", u.email, m.status, m.invited_at, \
             m.invitation_expires_at, m.delivery_failed_at, m.last_signed_in_at, m.clinician \
             FROM memberships m JOIN users u ON u.id = m.user_id \
             WHERE m.organisation_id = $1 AND m.id IN ("
            ),
            vec![organisation.into()],
            ids,
            ")",
        )
        .fetch_all(self)
        .await?;
        let mut by_id: HashMap<MembershipId, ListedMember> =
            rows.into_iter().map(|row| (row.id, row)).collect();
        Ok(ids.iter().filter_map(|id| by_id.remove(id)).collect())
    }

    /// The roles of several members that have begun or will, and have not ended at `now`.
    pub async fn assignments_of_members(
        &mut self,
        organisation: OrganisationId,
        members: &[MembershipId],
        now: DateTime<Utc>,
    ) -> Result<Vec<AssignmentRow>> {
        if members.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<AssignmentRow> = list::around(
            "SELECT * FROM role_assignments WHERE organisation_id = $1 AND membership_id IN (",
            vec![organisation.into()],
            members,
            ") ORDER BY granted_at, id",
        )
        .fetch_all(self)
        .await?;
        Ok(rows
            .into_iter()
            .filter(|row| row.ends_at.is_none_or(|end| end > now))
            .collect())
    }

    /// The open invitation of each of several members.
    pub async fn open_invitations_of_members(
        &mut self,
        organisation: OrganisationId,
        members: &[MembershipId],
    ) -> Result<Vec<(MembershipId, InvitationId)>> {
        if members.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<OpenInvitation> = list::around(
            "SELECT membership_id, id FROM invitations \
             WHERE organisation_id = $1 AND status = 'open' AND membership_id IN (",
            vec![organisation.into()],
            members,
            ")",
        )
        .fetch_all(self)
        .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.membership_id, row.id))
            .collect())
    }
}
