//! One person in one organisation, as an administrator sees them (E1).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    home::ActivityItem,
    id::UserId,
    invitation::{Delivery, InvitationStatus},
    second_factor::SecondFactorKind,
    status::ShownStatus,
};

/// `/o/{organisation}/users/{user}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserPage {
    pub id: UserId,
    /// The address while there is no name.
    pub name: String,
    pub email: String,
    /// The last 3 digits; empty without a mobile number.
    pub mobile_ending: String,
    pub job_title: String,
    pub organisation: String,
    pub slug: String,
    pub status: ShownStatus,
    /// The organisation's word for the status.
    pub status_label: String,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub last_signed_in_at: Option<DateTime<Utc>>,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub deactivated_at: Option<DateTime<Utc>>,
    pub roles: Vec<UserRole>,
    /// What the person can do with all roles together, and what not, in the order of the service.
    pub can: Vec<String>,
    pub cannot: Vec<String>,
    pub second_factors: Vec<SecondFactorKind>,
    /// Newest first.
    pub invitations: Vec<UserInvitation>,
    /// What happened last, newest first; nothing for those who cannot see it.
    pub activity: Option<Vec<ActivityItem>>,
    /// Whether the actor may send the invitation again or cancel it.
    pub may_invite: bool,
    /// The moment this was read.
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub now: DateTime<Utc>,
}

/// A role that somebody has, or is invited to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRole {
    pub name: String,
    /// Names of the areas; empty: the whole organisation.
    pub areas: Vec<String>,
    /// Empty when a command gave it.
    pub given_by: String,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub given_at: DateTime<Utc>,
}

/// An invitation that somebody was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInvitation {
    pub status: InvitationStatus,
    pub delivery: Delivery,
    /// Empty when a command sent it.
    pub sent_by: String,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub created_at: DateTime<Utc>,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub expires_at: DateTime<Utc>,
    /// When it was accepted, cancelled, declined or replaced.
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub closed_at: Option<DateTime<Utc>>,
}
