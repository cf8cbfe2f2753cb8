//! What the pages of bulk changes show.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{BulkAction, BulkOutcome, BulkStep};
use crate::area::AreasQuestion;
use crate::id::{BulkJobId, RoleId, UserId};
use crate::invitation::{First, JobProgress, JobState};
use crate::membership::DatesForm;
use crate::role::{HeldPlaces, RoleSummary};

/// The question about the role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkRolePage {
    /// The roles that whoever is looking may give.
    pub roles: Vec<RoleSummary>,
    pub chosen: Option<RoleId>,
    /// How many were selected.
    pub people: u32,
}

/// The question about the areas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkAreasPage {
    pub action: BulkAction,
    pub question: AreasQuestion,
    pub people: u32,
}

/// The question about the last day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkDatesPage {
    pub dates: DatesForm,
    pub people: u32,
}

/// The question why they are deactivated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkReasonPage {
    pub reason: String,
    pub reason_other: String,
    pub organisation: String,
    pub people: u32,
}

/// The question why they need the role (E4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkRoleReasonPage {
    pub role: String,
    pub reason: String,
    /// The page before this one.
    pub back: BulkStep,
    pub people: u32,
}

/// Somebody who was selected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkPerson {
    pub user: UserId,
    /// The address while there is no name.
    pub name: String,
    pub email: String,
    /// What they have now, in lines; only where the page says it.
    pub before: Vec<String>,
    /// What they will have.
    pub after: Vec<String>,
    pub outcome: BulkOutcome,
}

/// What is to be done, in the words of the answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkCheck {
    pub action: BulkAction,
    pub role: String,
    /// Labels of areas; empty for the whole organisation.
    pub areas: Vec<String>,
    /// Whether a choice of areas belongs to it.
    pub asks_areas: bool,
    pub area_label: String,
    pub organisation: String,
    /// The last day, as a date.
    pub last_day: String,
    pub reason: String,
}

/// The page of answers: what will happen to each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkCheckPage {
    /// Posted back: what is done is what was shown.
    pub version: String,
    pub what: BulkCheck,
    /// Everybody who was selected: the sum of the two lists.
    pub selected: u32,
    pub people: First<BulkPerson>,
    pub left_out: First<BulkPerson>,
    /// Why they are, with how many each.
    pub reasons: Vec<BulkCount>,
    /// Who holds the places of the role, where some find none left.
    pub places: Vec<HeldPlaces>,
    /// Roles that nobody would have any more (J45).
    pub left_without_holder: Vec<String>,
    /// The page before this one; nothing for the users list.
    pub back: Option<BulkStep>,
    /// The query of the users list from which they were selected; empty for single people.
    pub query: String,
    /// Whether another page asks once more.
    pub asks_once_more: bool,
    /// Whether what is given counts from the next sign in on (C9).
    pub from_next_sign_in: bool,
}

/// How many had an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkCount {
    pub outcome: BulkOutcome,
    pub count: u32,
}

/// Whether the whole job can be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BulkUndo {
    No,
    /// So many changes can be taken back.
    Offered(u32),
    /// This job took them back, or does.
    By(BulkJobId),
}

/// A job while it is worked on, and its result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkJobView {
    pub id: BulkJobId,
    pub what: BulkCheck,
    /// The job that this one takes back.
    pub undoes: Option<BulkJobId>,
    pub state: JobState,
    pub progress: JobProgress,
    /// Everybody who was selected: the sum of the counts, once it is finished.
    pub selected: u32,
    pub counts: Vec<BulkCount>,
    pub done: First<BulkPerson>,
    /// Those for whom something was to be done, and was not.
    pub failed: First<BulkPerson>,
    /// Those for whom nothing was to be done from the start.
    pub left_out: First<BulkPerson>,
    /// Who holds the places of the role, where some found none left.
    pub places: Vec<HeldPlaces>,
    pub started_by: String,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub started_at: DateTime<Utc>,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub finished_at: Option<DateTime<Utc>>,
    pub undo: BulkUndo,
    /// Whether whoever is looking may stop it.
    pub can_stop: bool,
}

/// A job in the list of bulk work (F2): invitations, or changes of many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedJob {
    /// In the address of its page.
    pub id: String,
    /// "Deactivate 12 users", "41 invitations as Viewer".
    pub what: String,
    pub state: JobState,
    pub failed: u32,
    pub started_by: String,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub started_at: DateTime<Utc>,
}
