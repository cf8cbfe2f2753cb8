//! Changing a membership: deactivating and reactivating (ux E5, E6), the roles that it has (E4), the details
//! of its person (E2), and taking a change back (6.5).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::area::{AreaSelection, AreaTree, AreasForm};
use crate::id::{AreaId, AssignmentId, ChangeId, RoleId, UserId};
use crate::keyed::keyed_enum;
use crate::role::{HeldPlaces, RoleForm, RoleSummary, Way};
use crate::second_factor::SecondFactorKind;
use crate::status::ShownStatus;
use crate::text::plain_line;
use crate::violation::Violations;
use crate::wording::date;

mod dates;
mod details;

pub use dates::DatesForm;
pub use details::{Details, DetailsForm, DetailsRules};

keyed_enum! {
    /// What a change is about: a later change of the same thing ends the way back from an earlier one.
    pub enum ChangedThing {
        /// The roles, with their areas and dates.
        Access = "access",
        /// Name and job title.
        Details = "details",
        /// Active or Inactive.
        Status = "status",
        /// Invited, or not any more.
        Invitation = "invitation",
    }
}

keyed_enum! {
    /// Why somebody is deactivated (J42).
    pub enum DeactivationReason {
        LeftOrganisation = "left_organisation",
        ChangedJob = "changed_job",
        OnLeave = "on_leave",
        AddedByMistake = "added_by_mistake",
        SecurityConcern = "security_concern",
        Other = "other",
    }
}

impl DeactivationReason {
    /// As a choice, and in sentences after a colon.
    pub const fn words(self) -> &'static str {
        match self {
            Self::LeftOrganisation => "Left the organisation",
            Self::ChangedJob => "Changed job",
            Self::OnLeave => "On leave",
            Self::AddedByMistake => "Added by mistake",
            Self::SecurityConcern => "Security concern",
            Self::Other => "Another reason",
        }
    }
}

/// "Are you sure?", with the reason under Yes (J42, J43).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeactivateForm {
    pub confirm: String,
    pub reason: String,
    /// Counts only with [`DeactivationReason::Other`].
    pub reason_other: String,
}

impl DeactivateForm {
    /// In characters.
    pub const MAX_REASON: usize = 500;

    /// The reason in words; nothing for No. Codes: `confirm.empty`, `reason.empty`, `reason_other.empty`,
    /// `reason.too_long`.
    pub fn validate(&self) -> Result<Option<String>, Violations> {
        match self.confirm.as_str() {
            "no" => return Ok(None),
            "yes" => {}
            _ => return Err(Violations::one("confirm", "confirm.empty")),
        }
        let reason = DeactivationReason::parse(&self.reason)
            .ok_or_else(|| Violations::one("reason", "reason.empty"))?;
        if reason != DeactivationReason::Other {
            return Ok(Some(reason.words().to_owned()));
        }
        let text = plain_line(&self.reason_other, Self::MAX_REASON)
            .ok_or_else(|| Violations::one("reason_other", "reason.too_long"))?;
        if text.is_empty() {
            return Err(Violations::one("reason_other", "reason_other.empty"));
        }
        Ok(Some(text))
    }
}

keyed_enum! {
    /// With which access somebody comes back (ux E6).
    pub enum ReturningAccess {
        /// The roles that they had.
        Same = "same",
        /// Another role, chosen on the next page.
        New = "new",
    }
}

/// "Are you sure?", with the access under Yes (J49, J51).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactivateForm {
    pub confirm: String,
    pub access: String,
}

impl ReactivateForm {
    /// The access; nothing for No. Codes: `reactivate.empty`, `access.empty`.
    pub fn validate(&self) -> Result<Option<ReturningAccess>, Violations> {
        match self.confirm.as_str() {
            "no" => Ok(None),
            "yes" => ReturningAccess::parse(&self.access)
                .map(Some)
                .ok_or_else(|| Violations::one("access", "access.empty")),
            _ => Err(Violations::one("confirm", "reactivate.empty")),
        }
    }
}

/// A role for somebody who is a member: which, where, and from when until when (A10, R69).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentForm {
    pub role: String,
    /// Left out of account where the role cannot be limited.
    pub areas: Vec<String>,
    pub dates: DatesForm,
    /// Why they need it: asked for a role that lets them manage others (E4).
    pub reason: String,
}

/// What an [`AssignmentForm`] comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentChoice {
    pub role: RoleId,
    pub areas: AreaSelection,
    /// The first and the last day, in London.
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
}

impl AssignmentForm {
    /// In characters.
    pub const MAX_REASON: usize = 500;

    /// Why somebody is given a privileged role. Codes: `role_reason.empty`, `reason.too_long`.
    pub fn validate_reason(&self) -> Result<String, Violations> {
        match plain_line(&self.reason, Self::MAX_REASON) {
            None => Err(Violations::one("reason", "reason.too_long")),
            Some(reason) if reason.is_empty() => {
                Err(Violations::one("reason", "role_reason.empty"))
            }
            Some(reason) => Ok(reason),
        }
    }

    /// Codes: those of [`RoleForm`], [`AreasForm`] and [`DatesForm`].
    pub fn validate(
        &self,
        roles: &[RoleSummary],
        tree: &AreaTree,
        now: DateTime<Utc>,
    ) -> Result<AssignmentChoice, Violations> {
        let form = RoleForm {
            role: self.role.clone(),
        };
        let (mut violations, role) = match form.validate(roles) {
            Ok(role) => (Violations::new(), Some(role)),
            Err(violations) => (violations, None),
        };
        let limited = role.is_some_and(|role| role.scope_allowed) && !tree.is_empty();
        let areas = if limited {
            let form = AreasForm {
                areas: self.areas.clone(),
            };
            form.validate(tree)
                .map_err(|found| violations.0.extend(found.0))
                .ok()
        } else {
            Some(AreaSelection::Whole)
        };
        let dates = self
            .dates
            .validate(now)
            .map_err(|found| violations.0.extend(found.0))
            .ok();
        match (role, areas, dates) {
            (Some(role), Some(areas), Some((starts_on, ends_on))) => Ok(AssignmentChoice {
                role: role.id,
                areas,
                starts_on,
                ends_on,
            }),
            _ => Err(violations),
        }
    }
}

/// A role that somebody has, as the pages about roles show it: one for each role, area and period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldRole {
    /// One of its assignments, by which the pages about it are found.
    pub assignment: AssignmentId,
    pub role: RoleId,
    pub name: String,
    /// Names of the areas; empty: the whole organisation.
    pub areas: Vec<String>,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub starts_at: Option<DateTime<Utc>>,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub ends_at: Option<DateTime<Utc>>,
    /// Empty when a command gave it.
    pub given_by: String,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub given_at: DateTime<Utc>,
    /// Whether the actor may change it or take it away.
    pub changeable: bool,
}

impl HeldRole {
    /// "From 3 January 2027 until 31 March 2027"; empty without dates.
    pub fn period(&self) -> String {
        period(self.starts_at, self.ends_at)
    }
}

/// "From 3 January 2027 until 31 March 2027"; empty without dates. The end is the first instant after the last
/// day.
pub fn period(starts_at: Option<DateTime<Utc>>, ends_at: Option<DateTime<Utc>>) -> String {
    let last = |end: DateTime<Utc>| date(end - chrono::TimeDelta::seconds(1));
    match (starts_at, ends_at) {
        (None, None) => String::new(),
        (Some(start), None) => ["From ", &date(start)].concat(),
        (None, Some(end)) => ["Until ", &last(end)].concat(),
        (Some(start), Some(end)) => ["From ", &date(start), " until ", &last(end)].concat(),
    }
}

/// Who a page of change is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub user: UserId,
    pub name: String,
    pub email: String,
    pub status: ShownStatus,
    pub organisation: String,
    pub slug: String,
    /// Why nothing can be changed, as a code of the catalogue; empty when it can.
    pub obstacle: String,
    /// What is shown is the truth of this version; a change of another one is refused.
    pub version: i64,
}

/// `/o/{org}/users/{user}/deactivate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeactivatePage {
    pub subject: Subject,
    pub roles: Vec<HeldRole>,
    /// Roles that nobody else here has (J45).
    pub only_holder_of: Vec<String>,
    /// Where somebody else is given one of those, as far as whoever is looking may.
    pub reassign: Vec<Way>,
    /// Invitations that they sent and that wait; another administrator has to confirm them (R22).
    pub waiting_invitations: u32,
}

/// `/o/{org}/users/{user}/reactivate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactivatePage {
    pub subject: Subject,
    pub roles: Vec<HeldRole>,
    /// Beside each role what is no longer as it was: no place left, ended, a closed area (ux E6). Empty
    /// where nothing is.
    pub marks: Vec<String>,
    /// Why the access that they had cannot be given back, as a code; empty when it can.
    pub same_obstacle: String,
    /// Who holds the places of those that are full.
    pub full: Vec<HeldPlaces>,
    /// For choosing another access.
    pub choice: AssignmentPage,
}

/// The roles that can be given to somebody, with what is chosen so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignmentPage {
    pub subject: Subject,
    pub roles: Vec<RoleSummary>,
    pub tree: AreaTree,
    /// The areas that the actor may give access to.
    pub offered: Vec<AreaId>,
    pub whole_offered: bool,
    /// What the organisation calls an area.
    pub area_label: String,
    /// The role that is changed; nothing when one is added.
    pub current: Option<HeldRole>,
    pub current_areas: Option<AreaSelection>,
    pub dates: DatesForm,
    /// Whether the person has no other role than the one that is changed.
    pub last_role: bool,
    /// Whether what is given counts from the next sign in on (C9).
    pub from_next_sign_in: bool,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub now: DateTime<Utc>,
}

/// `/o/{org}/users/{user}/details`, and the page of answers after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailsPage {
    pub subject: Subject,
    /// As they are now.
    pub details: DetailsForm,
    pub rules: DetailsRules,
    /// Whether the job title is the same everywhere.
    pub job_title_shared: bool,
    /// How many other organisations the person belongs to (J38).
    pub other_organisations: u32,
}

/// `/o/{org}/users/{user}/security` (ux E8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberSecurity {
    pub subject: Subject,
    pub second_factors: Vec<SecondFactorKind>,
    pub recovery_codes_left: u32,
    /// On how many devices they are signed in.
    pub sessions: u32,
    /// They manage people in another organisation: what reaches into every organisation is not the actor's to
    /// do.
    pub manages_elsewhere: bool,
}

/// A change that can be taken back (ux 6.5), for the banner that says it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Nothing where nothing was changed.
    pub change: Option<ChangeId>,
    /// Whom it was about.
    pub user: UserId,
    pub name: String,
    /// What taking it back does: "change Jane Carlton back to Recorder". Empty where nothing was changed.
    pub back: String,
}

/// What came of pressing Undo (ux 6.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// Whom it was about.
    pub user: UserId,
    pub name: String,
    pub thing: ChangedThing,
    /// It had been taken back before: nothing was left to do.
    pub before: bool,
}

#[cfg(test)]
mod tests;
