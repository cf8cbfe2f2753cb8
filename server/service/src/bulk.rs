//! Changing many members at once (ux 6.13, F1 to F3): the journey from a selection of the users list to
//! the page of answers, the work behind it, its results, and taking all of it back.
//!
//! A journey keeps who was selected and what was answered. The page of answers judges everybody by the
//! rules that the work obeys (`judge`); confirming it claims the journey and writes a job with an entry
//! for each person. [`crate::Services::process_bulk_step`] changes some hundred of them in a transaction, each
//! through the use case of a single change, with its change row, audit event and email, so that the work
//! survives being killed anywhere (R107).

mod check;
mod journey;
mod judge;
mod places;
mod process;
mod results;
mod selection;
#[cfg(test)]
mod tests;
mod undo;

use chrono::{DateTime, Days, Utc};
use domain::{
    Violations,
    area::AreaSelection,
    bulk::{BulkAction, BulkDraft, BulkOutcome, BulkStep},
    id::{AreaId, BulkJobId, RoleId},
    membership::DeactivateForm,
    wording,
};
use serde::{Deserialize, Serialize};
use store::RoleRow;

use crate::{Access, Conflict, Error, Result};

pub(crate) use results::does_bulk_work;
pub use selection::Started;

/// Below this number the work is done before the answer (ux 6.25).
const AT_ONCE: i64 = 10;

/// A page of a journey, or where to go instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At<T> {
    /// What the page shows, or the next page.
    Here(T),
    /// The journey cannot be here.
    Elsewhere(Elsewhere),
}

/// Where a journey that cannot be shown goes on (ux 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// It is somebody else's, over, or was never there: back to the list.
    Start,
    /// It is finished, with this result.
    Job(BulkJobId),
    /// Another page comes first.
    Step(BulkStep),
}

/// Takes the journey out of [`At::Here`], or returns what is elsewhere.
macro_rules! here {
    ($at:expr) => {
        match $at {
            $crate::bulk::At::Here(here) => here,
            $crate::bulk::At::Elsewhere(elsewhere) => {
                return Ok($crate::bulk::At::Elsewhere(elsewhere));
            }
        }
    };
}
use here;

/// What was answered, as a job keeps it: nothing of it has to be understood again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Answers {
    role: Option<RoleId>,
    areas: Option<AreaSelection>,
    /// The first instant after the last day.
    ends_at: Option<DateTime<Utc>>,
    /// In words.
    reason: String,
}

impl Answers {
    /// The answers of a journey, which may have become wrong with time. Codes: `end.*`, `reason.*`.
    fn of(draft: &BulkDraft, now: DateTime<Utc>) -> Result<Self, Violations> {
        let mut answers = Self {
            role: draft.role,
            areas: draft.areas.clone(),
            ..Self::default()
        };
        match draft.action {
            BulkAction::EndDate => {
                let (_, last) = draft.dates.validate(now)?;
                let last = last.ok_or_else(|| Violations::one("end_day", "end.empty"))?;
                answers.ends_at = last.checked_add_days(Days::new(1)).map(wording::midnight);
            }
            BulkAction::Deactivate => {
                let form = DeactivateForm {
                    confirm: "yes".to_owned(),
                    reason: draft.reason.clone(),
                    reason_other: draft.reason_other.clone(),
                };
                answers.reason = form.validate()?.unwrap_or_default();
            }
            BulkAction::Role => answers.reason.clone_from(&draft.reason),
            _ => {}
        }
        Ok(answers)
    }
}

/// What is done to each.
#[derive(Clone, Debug)]
enum Plan {
    Role {
        role: RoleRow,
        areas: Vec<AreaId>,
        /// Why, where others are managed with it (E4).
        reason: String,
    },
    Areas(Vec<AreaId>),
    EndDate(DateTime<Utc>),
    Resend,
    Cancel,
    Deactivate(String),
    Reactivate,
}

impl Plan {
    /// The plan; nothing when an answer is missing, or its role or one of its areas is gone. No role with
    /// which others are managed is given without a reason (E4).
    fn of(
        access: &Access,
        roles: &[RoleRow],
        action: BulkAction,
        answers: &Answers,
    ) -> Option<Self> {
        let areas = || {
            let areas = answers.areas.as_ref().map_or(&[][..], AreaSelection::areas);
            let open = |id: &AreaId| {
                let row = access.areas.iter().find(|row| row.id == *id);
                row.is_some_and(|row| row.closed_at.is_none())
            };
            areas.iter().all(open).then(|| areas.to_vec())
        };
        Some(match action {
            BulkAction::Role => {
                let role = roles.iter().find(|role| Some(role.id) == answers.role)?;
                if role.privileged && answers.reason.is_empty() {
                    return None;
                }
                let areas = areas()?;
                let limited = role.scope_allowed && !areas.is_empty();
                Self::Role {
                    role: role.clone(),
                    areas: if limited { areas } else { Vec::new() },
                    reason: answers.reason.clone(),
                }
            }
            BulkAction::Areas => Self::Areas(areas().filter(|areas| !areas.is_empty())?),
            BulkAction::EndDate => Self::EndDate(answers.ends_at?),
            BulkAction::Resend => Self::Resend,
            BulkAction::Cancel => Self::Cancel,
            BulkAction::Deactivate => Self::Deactivate(answers.reason.clone()),
            BulkAction::Reactivate => Self::Reactivate,
            BulkAction::Export => return None,
        })
    }
}

/// A refusal of one change as the outcome of one entry; nothing for a fault.
fn outcome_of(error: &Error) -> Option<BulkOutcome> {
    Some(match error {
        Error::NotAllowed => BulkOutcome::NotAllowed,
        Error::NotFound => BulkOutcome::Gone,
        Error::Invalid(violations) => match violations.iter().next()?.code.as_str() {
            "role.full" => BulkOutcome::RoleFull,
            "role.only_one" => BulkOutcome::TooManyRoles,
            _ => return None,
        },
        Error::Conflict(conflict) => match conflict {
            Conflict::OwnAccess => BulkOutcome::OwnAccount,
            Conflict::LastAdministrator => BulkOutcome::LastAdministrator,
            Conflict::RoleFull => BulkOutcome::RoleFull,
            Conflict::DomainNotAllowed => BulkOutcome::EmailNotAllowed,
            Conflict::TooSoon => BulkOutcome::TooSoon,
            Conflict::TooMany => BulkOutcome::TooMany,
            Conflict::CannotUndo
            | Conflict::NotActive
            | Conflict::NotInactive
            | Conflict::NotInvited => BulkOutcome::CannotUndo,
            _ => return None,
        },
        _ => return None,
    })
}

fn count(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}
