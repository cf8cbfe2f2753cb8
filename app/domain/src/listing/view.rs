//! What the users list shows.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::UsersQuery;
use crate::bulk::BulkActions;
use crate::id::{InvitationId, MembershipId, UserId};
use crate::policy::{AreaLabel, StatusLabels};
use crate::status::ShownStatus;

/// A person in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRow {
    pub membership: MembershipId,
    /// The id in the link to the person's page.
    pub user: UserId,
    /// "Jane Carlton"; empty for an invited person who has not given a name, for whom the address stands.
    pub name: String,
    pub email: String,
    /// Names of roles.
    pub roles: Vec<String>,
    /// Names of areas; none when every role holds in the whole organisation.
    pub areas: Vec<String>,
    /// Whether a role holds in the whole organisation.
    pub everywhere: bool,
    pub status: ShownStatus,
    /// The open invitation, when whoever is looking may send it again or cancel it.
    pub invitation: Option<InvitationId>,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub invited_at: Option<DateTime<Utc>>,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub invitation_expires_at: Option<DateTime<Utc>>,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub last_signed_in_at: Option<DateTime<Utc>>,
    /// When the first of an active person's roles ends.
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub ends_at: Option<DateTime<Utc>>,
    /// Whether it is the person who is looking.
    pub is_self: bool,
}

impl UserRow {
    /// What the row is called.
    pub fn label(&self) -> &str {
        if self.name.is_empty() {
            &self.email
        } else {
            &self.name
        }
    }
}

/// How many people have a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusCount {
    pub status: ShownStatus,
    pub count: u32,
}

/// A value of a filter, to be selected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterOption {
    pub value: String,
    pub label: String,
    /// How many have it, where that is counted.
    pub count: Option<u32>,
    pub selected: bool,
    /// How deep an area is; 0 for everything else.
    pub depth: u32,
}

/// A page of the users list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsersPage {
    pub rows: Vec<UserRow>,
    /// How many people match, on all pages.
    pub total: u32,
    /// More than `total` match; in a large organisation a search is only counted so far.
    pub more: bool,
    /// Of the whole organisation, or of the areas that whoever is looking manages; no filter changes them.
    pub counts: Vec<StatusCount>,
    pub statuses: Vec<FilterOption>,
    pub roles: Vec<FilterOption>,
    pub areas: Vec<FilterOption>,
    /// 2-step sign in.
    pub codes: Vec<FilterOption>,
    pub last_sign_in: Vec<FilterOption>,
    /// None where the organisation does not ask for it.
    pub clinicians: Vec<FilterOption>,
    /// What the organisation calls it; empty for our word.
    pub clinician_label: String,
    pub access_ends: Vec<FilterOption>,
    pub page: u32,
    pub pages: u32,
    pub per_page: u32,
    /// When the page was true: statuses are worked out from this moment.
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub at: DateTime<Utc>,
    /// The organisation's own words for statuses.
    pub labels: StatusLabels,
    /// What the organisation calls its areas.
    pub area_label: AreaLabel,
    /// The outermost areas whose people are listed; none for the whole organisation.
    pub limited_to: Vec<String>,
    /// Whether whoever is looking may invite people.
    pub may_invite: bool,
    pub may_export: bool,
    /// What whoever is looking may do to many at once.
    pub bulk: BulkActions,
}

impl UsersPage {
    /// How many pages there are; an empty list has one.
    pub const fn pages_of(total: u32, per_page: u32) -> u32 {
        let pages = total.div_ceil(if per_page == 0 { 1 } else { per_page });
        if pages == 0 { 1 } else { pages }
    }

    /// The number of the first row, from 1; 0 in an empty list.
    pub fn first_row(&self) -> u32 {
        if self.rows.is_empty() {
            0
        } else {
            (self.page - 1)
                .saturating_mul(self.per_page)
                .saturating_add(1)
        }
    }

    /// The number of the last row.
    pub fn last_row(&self) -> u32 {
        let rows = crate::wording::count(self.rows.len());
        self.first_row()
            .saturating_add(rows)
            .saturating_sub(u32::from(rows > 0))
    }

    pub fn count(&self, status: ShownStatus) -> u32 {
        self.counts
            .iter()
            .find(|count| count.status == status)
            .map_or(0, |count| count.count)
    }

    /// How many people are current.
    pub fn current(&self) -> u32 {
        UsersQuery::CURRENT
            .iter()
            .map(|status| self.count(*status))
            .sum()
    }

    /// How many people there are in every status.
    pub fn everybody(&self) -> u32 {
        self.counts.iter().map(|count| count.count).sum()
    }
}
