//! Inviting: the journey from a pasted list to invitations (ux D4), the work behind it, and what
//! can be done with an invitation afterwards.
//!
//! A journey keeps raw answers until it is sent. Sending claims the journey, writes a batch with an
//! entry for each thing that was entered, and returns; [`Services::process_batch_step`] turns
//! entries into invitations, some hundred in a transaction, each with its message and its audit
//! event, so that the work survives being killed anywhere (R107).

mod cancel;
mod classify;
mod correct;
mod delivery;
mod entries;
mod grants;
mod journey;
mod letter;
mod limits;
mod moved;
mod one_person;
mod process;
mod reminders;
mod resend;
mod results;
mod send;

use chrono::TimeDelta;
use domain::{
    Permission,
    area::{Area, AreaSelection, AreaTree, AreasQuestion},
    id::{AreaId, BatchId},
    invitation::InviteStep,
    one_person::AddStep,
};
use store::{AreaRow, RoleRow, Tx};

use crate::{Result, Services, authorisation::Access};

pub(crate) use cancel::can_cancel;
pub use delivery::Delivered;
pub use journey::{At, Started};
pub use letter::invitation_letter;
pub(crate) use process::LEASE;
pub(crate) use resend::{Offered, Sending};

/// As many messages to one address as one organisation may send within 10 minutes (R37).
const MOST_IN_TEN_MINUTES: i64 = 3;
/// The shorter window of [`MOST_IN_TEN_MINUTES`].
const TEN_MINUTES: TimeDelta = TimeDelta::minutes(10);
/// The window of everything that is limited by the day.
const DAY: TimeDelta = TimeDelta::hours(24);

/// The areas of an organisation as pages show them.
pub(crate) fn area_tree(rows: &[AreaRow]) -> AreaTree {
    AreaTree::build(
        rows.iter()
            .map(|row| Area {
                id: row.id,
                parent: row.parent_id,
                name: row.name.clone(),
                kind: row.kind.clone(),
                closed: row.closed_at.is_some(),
            })
            .collect(),
    )
}

/// The areas of a selection as rows of the database know them: none for the whole organisation.
fn area_ids(selection: Option<&AreaSelection>) -> Vec<AreaId> {
    selection.map_or_else(Vec::new, |selection| selection.areas().to_vec())
}

/// Without what no database can keep in a text.
fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

impl Access {
    /// The roles that this person may give in some place, and whether in the whole organisation.
    fn grantable<'a>(&'a self, roles: &'a [RoleRow]) -> impl Iterator<Item = &'a RoleRow> {
        roles.iter().filter(|role| {
            self.may_grant(role, &[]).is_ok()
                || role.scope_allowed && !self.areas_for(role).is_empty()
        })
    }

    /// Whether there is any area in which a role can hold.
    fn has_open_areas(&self) -> bool {
        self.areas.iter().any(|area| area.closed_at.is_none())
    }

    /// The open areas in which this person may give a role.
    fn areas_for(&self, role: &RoleRow) -> Vec<AreaId> {
        self.areas
            .iter()
            .filter(|area| area.closed_at.is_none() && self.may_grant(role, &[area.id]).is_ok())
            .map(|area| area.id)
            .collect()
    }

    /// The question where somebody gets a role.
    fn where_to_give(&self, role: &RoleRow, chosen: Option<AreaSelection>) -> AreasQuestion {
        self.where_to(
            (self.areas_for(role), self.may_grant(role, &[]).is_ok()),
            chosen,
        )
    }

    /// The question where somebody gets access, out of these areas or of everywhere.
    pub(crate) fn where_to(
        &self,
        (offered, whole_offered): (Vec<AreaId>, bool),
        chosen: Option<AreaSelection>,
    ) -> AreasQuestion {
        AreasQuestion {
            tree: area_tree(&self.areas),
            offered,
            whole_offered,
            chosen,
            organisation_name: self.organisation.name.clone(),
            area_label: self.organisation.policy.area_label.one.clone(),
        }
    }
}

impl Services {
    /// What the actor may do, when they may invite at all.
    async fn inviting(&self, tx: &mut Tx, actor: &crate::Actor, slug: &str) -> Result<Access> {
        let access = self.access(tx, actor, slug).await?;
        access.require(Permission::UsersInvite)?;
        Ok(access)
    }

    /// The same for a change of invitations, with the organisation locked.
    async fn inviting_to_change(
        &self,
        tx: &mut Tx,
        actor: &crate::Actor,
        slug: &str,
    ) -> Result<Access> {
        let access = self.access_to_change(tx, actor, slug).await?;
        access.require(Permission::UsersInvite)?;
        Ok(access)
    }
}

/// Where a journey that cannot be shown goes on (ux 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// It is somebody else's, over, or was never there.
    Start,
    /// It is finished, with this result.
    Job(BatchId),
    /// A page before this one has no answer yet.
    Step(InviteStep),
    /// The same where one person is added, with the role that the page asks about, from 1.
    Adding(AddStep, usize),
}

#[cfg(test)]
mod tests;
