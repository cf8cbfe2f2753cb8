//! One person in one organisation, as an administrator sees them (E1).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    home::ActivityItem,
    id::UserId,
    invitation::{Delivery, InvitationStatus},
    membership::HeldRole,
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
    /// Whether the organisation uses job titles.
    pub has_job_title: bool,
    /// Whether they are registered with a professional body, and their number there; nothing where the
    /// organisation does not ask.
    pub clinician: Option<Clinician>,
    /// For whoever may see notes (M31); nothing for everybody else.
    pub notes: Option<String>,
    pub organisation: String,
    pub slug: String,
    pub status: ShownStatus,
    /// The organisation's word for the status.
    pub status_label: String,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub last_signed_in_at: Option<DateTime<Utc>>,
    #[serde(with = "chrono::serde::ts_microseconds_option")]
    pub deactivated_at: Option<DateTime<Utc>>,
    /// Who deactivated them, and why in words; empty where it is not known.
    pub deactivated_by: String,
    pub deactivated_because: String,
    pub roles: Vec<HeldRole>,
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
    /// What else the actor may do about this person.
    pub may: UserActions,
    /// Changes with every change of the person here.
    pub version: i64,
    /// The moment this was read.
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub now: DateTime<Utc>,
}

/// Whether somebody is registered with a professional body (V04).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clinician {
    /// Nothing where nobody has answered.
    pub registered: Option<bool>,
    pub registration_number: String,
    /// The organisation's words for it; empty for ours.
    pub label: String,
}

/// What a page about a person offers.
#[expect(clippy::struct_excessive_bools, reason = "each is a button")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserActions {
    /// It is the actor: another administrator must change their access (J36).
    pub own: bool,
    pub change_details: bool,
    pub add_role: bool,
    pub deactivate: bool,
    pub reactivate: bool,
    /// Help them to sign in (E8).
    pub secure: bool,
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
