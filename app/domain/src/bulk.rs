//! Changing many members at once (ux 6.13, F1): who was selected, what is to be done, and what became of each.

use serde::{Deserialize, Serialize};

use crate::area::AreaSelection;
use crate::id::{RoleId, UserId};
use crate::keyed::keyed_enum;
use crate::membership::DatesForm;
use crate::permission::Permission;

mod view;

pub use view::{
    BulkAreasPage, BulkCheck, BulkCheckPage, BulkCount, BulkDatesPage, BulkJobView, BulkPerson,
    BulkReasonPage, BulkRolePage, BulkRoleReasonPage, BulkUndo, ListedJob,
};

keyed_enum! {
    /// What can be done to many at once; the key is the value of its button.
    pub enum BulkAction {
        /// One role in the place of those that they have in the same service.
        Role = "role",
        /// The roles that they have, in more places.
        Areas = "areas",
        /// A last day for everything that they have.
        EndDate = "end-date",
        Resend = "resend",
        Cancel = "cancel",
        Deactivate = "deactivate",
        Reactivate = "reactivate",
        /// Their rows of the list as a file: nothing is changed, and there is no job.
        Export = "export",
    }
}

impl BulkAction {
    /// The right without which nobody may do it anywhere.
    pub const fn permission(self) -> Permission {
        match self {
            Self::Role | Self::Areas | Self::EndDate => Permission::RolesAssign,
            Self::Resend | Self::Cancel => Permission::UsersInvite,
            Self::Deactivate | Self::Reactivate => Permission::UsersDeactivate,
            Self::Export => Permission::UsersExport,
        }
    }

    /// Whether it can be taken back as a whole (ux 6.5). A message that was sent cannot.
    pub const fn can_undo(self) -> bool {
        !matches!(self, Self::Resend | Self::Export)
    }
}

/// Some of the actions, in a byte: what the users list reads is kept small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkActions(u8);

impl BulkActions {
    pub const fn has(self, action: BulkAction) -> bool {
        self.0 & (1 << action as u8) != 0
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<BulkAction> for BulkActions {
    fn from_iter<I: IntoIterator<Item = BulkAction>>(actions: I) -> Self {
        let add = |all, action: BulkAction| all | (1 << action as u8);
        Self(actions.into_iter().fold(0, add))
    }
}

keyed_enum! {
    /// The pages of the journey.
    pub enum BulkStep {
        Role = "role",
        Areas = "areas",
        EndDate = "end-date",
        Deactivate = "deactivate",
        /// Why they need a role with which others are managed (E4).
        Reason = "reason",
        Check = "check",
        /// The interruption before many are deactivated (ux 6.6).
        Sure = "sure",
    }
}

keyed_enum! {
    /// What became of somebody who was selected: exactly one of these, always.
    pub enum BulkOutcome {
        Done = "done",
        /// Taken out on the page of answers.
        LeftOut = "left_out",
        OwnAccount = "own_account",
        /// They have rights, or are in places, that whoever asked has not.
        NotAllowed = "not_allowed",
        LastAdministrator = "last_admin",
        AlreadyActive = "already_active",
        AlreadyInactive = "already_inactive",
        /// Invited, and has not registered.
        OnlyInvited = "only_invited",
        /// Neither a member nor invited any more.
        InvitationCancelled = "invitation_cancelled",
        RoleFull = "role_full",
        TooManyRoles = "too_many_roles",
        AlreadyHas = "already_has",
        NoRole = "no_role",
        /// What they have cannot be limited to areas.
        WholeOrganisation = "whole_organisation",
        /// What they have starts after the last day.
        StartsLater = "starts_later",
        /// The organisation does not allow their address any more (C27).
        EmailNotAllowed = "email_not_allowed",
        TooSoon = "too_soon",
        TooMany = "too_many",
        /// Undone already, too long ago, or changed since.
        CannotUndo = "cannot_undo",
        /// No longer in the organisation.
        Gone = "gone",
        /// Somebody stopped the work first.
        Stopped = "stopped",
    }
}

/// Who was selected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Selected {
    /// These people.
    Users(Vec<UserId>),
    /// Everybody whom the users list with this query holds, whenever it is asked.
    Matching(String),
}

impl Default for Selected {
    fn default() -> Self {
        Self::Users(Vec::new())
    }
}

impl Selected {
    /// The most people at once.
    pub const MOST: usize = 10_000;
    /// From so many on, deactivating asks once more (ux 6.6).
    pub const MANY: u32 = 25;
}

/// The answers of a journey so far, as its draft keeps them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkDraft {
    pub action: BulkAction,
    pub selected: Selected,
    /// Those who were taken out on the page of answers.
    #[serde(default)]
    pub left_out: Vec<UserId>,
    #[serde(default)]
    pub role: Option<RoleId>,
    #[serde(default)]
    pub areas: Option<AreaSelection>,
    /// The last day, as typed.
    #[serde(default)]
    pub dates: DatesForm,
    /// Why they are deactivated, as chosen and typed; or why they need a role with which others are managed.
    #[serde(default)]
    pub reason: String,
    #[serde(default)]
    pub reason_other: String,
}

/// What the chosen role asks besides itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoleAsks {
    /// Where it holds: it can be limited to areas, and there are some.
    pub areas: bool,
    /// Why they need it: others are managed with it (E4).
    pub reason: bool,
}

impl RoleAsks {
    /// The page before the one that asks why.
    pub const fn before_reason(self) -> BulkStep {
        if self.areas {
            BulkStep::Areas
        } else {
            BulkStep::Role
        }
    }
}

impl BulkDraft {
    /// Nothing is answered yet.
    pub fn new(action: BulkAction, selected: Selected) -> Self {
        Self {
            action,
            selected,
            left_out: Vec::new(),
            role: None,
            areas: None,
            dates: DatesForm::default(),
            reason: String::new(),
            reason_other: String::new(),
        }
    }

    /// The first page that still has to be answered.
    pub fn next_step(&self, asks: RoleAsks) -> BulkStep {
        match self.action {
            BulkAction::Role if self.role.is_none() => BulkStep::Role,
            BulkAction::Role if asks.areas && self.areas.is_none() => BulkStep::Areas,
            BulkAction::Role if asks.reason && self.reason.is_empty() => BulkStep::Reason,
            BulkAction::Areas if self.areas.is_none() => BulkStep::Areas,
            BulkAction::EndDate if self.dates == DatesForm::default() => BulkStep::EndDate,
            BulkAction::Deactivate if self.reason.is_empty() => BulkStep::Deactivate,
            _ => BulkStep::Check,
        }
    }

    /// The page before the page of answers; nothing where nothing is asked.
    pub fn step_before_check(&self, asks: RoleAsks) -> Option<BulkStep> {
        match self.action {
            BulkAction::Role if asks.reason => Some(BulkStep::Reason),
            BulkAction::Role => Some(asks.before_reason()),
            BulkAction::Areas => Some(BulkStep::Areas),
            BulkAction::EndDate => Some(BulkStep::EndDate),
            BulkAction::Deactivate => Some(BulkStep::Deactivate),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_actions_has_what_was_put_in() {
        for action in BulkAction::ALL {
            let one: BulkActions = [*action].into_iter().collect();
            for other in BulkAction::ALL {
                assert_eq!(one.has(*other), action == other);
            }
            assert!(!one.is_empty());
        }
        assert!(BulkActions::default().is_empty());
    }

    /// F1: each action asks what it needs, in its order.
    #[test]
    fn each_action_asks_what_it_needs() {
        let new = |action| BulkDraft::new(action, Selected::default());
        let areas = RoleAsks {
            areas: true,
            reason: false,
        };
        let next = |action| new(action).next_step(areas);
        assert_eq!(next(BulkAction::Role), BulkStep::Role);
        assert_eq!(next(BulkAction::Areas), BulkStep::Areas);
        assert_eq!(next(BulkAction::EndDate), BulkStep::EndDate);
        assert_eq!(next(BulkAction::Deactivate), BulkStep::Deactivate);
        for action in [
            BulkAction::Resend,
            BulkAction::Cancel,
            BulkAction::Reactivate,
        ] {
            assert_eq!(next(action), BulkStep::Check);
            assert_eq!(new(action).step_before_check(areas), None);
        }
        let mut draft = new(BulkAction::Role);
        draft.role = Some(RoleId::from_uuid(uuid::Uuid::from_u128(1)));
        let nothing = RoleAsks::default();
        assert_eq!(draft.next_step(areas), BulkStep::Areas);
        assert_eq!(draft.next_step(nothing), BulkStep::Check);
        assert_eq!(draft.step_before_check(nothing), Some(BulkStep::Role));
        draft.areas = Some(AreaSelection::Whole);
        assert_eq!(draft.next_step(areas), BulkStep::Check);
        assert_eq!(draft.step_before_check(areas), Some(BulkStep::Areas));
        // E4: a role with which others are managed is given with a reason.
        let both = RoleAsks {
            reason: true,
            ..areas
        };
        assert_eq!(draft.next_step(both), BulkStep::Reason);
        draft.reason = "Covers for Alex".to_owned();
        assert_eq!(draft.next_step(both), BulkStep::Check);
        assert_eq!(draft.step_before_check(both), Some(BulkStep::Reason));
    }
}
