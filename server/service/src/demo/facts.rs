//! What is true of the people of the demo, and since when.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Policy,
    policy::{Field, FieldUse},
};
use store::DetailsRow;

use super::cast::{Person, Status};

/// What is kept of somebody; where the organisation asks who is a registered clinician (V04), most are, with a
/// number as their professional body gives them.
pub(super) fn details(policy: &Policy, person: &Person, number: i64) -> DetailsRow {
    let title = person.job_title.to_lowercase();
    let is = |word: &str| title.contains(word);
    let registration = if is("trainee") || is("coordinator") || is("operations") || is("vaccinator")
    {
        None
    } else if is("nurse") {
        Some(format!(
            "{:02}I{:04}E",
            10 + number % 13,
            1_200 + number * 17
        ))
    } else if is("technician") {
        Some(format!("50{:05}", 11_300 + number * 271))
    } else {
        Some(format!("20{:05}", 61_500 + number * 317))
    };
    let asked = policy.field(Field::ClinicianStatus).usage != FieldUse::Hidden;
    DetailsRow {
        known_first_name: person.first_name.clone(),
        known_last_name: person.last_name.clone(),
        clinician: asked.then_some(registration.is_some()),
        registration_number: registration.filter(|_| asked).unwrap_or_default(),
        ..DetailsRow::default()
    }
}

/// When things happened to somebody, spread by their number so that lists look lived in.
pub(super) struct Dates {
    pub(super) invited: DateTime<Utc>,
    pub(super) activated: Option<DateTime<Utc>>,
    pub(super) deactivated: Option<DateTime<Utc>>,
    pub(super) signed_in: Option<DateTime<Utc>>,
    pub(super) cancelled: Option<DateTime<Utc>>,
    /// When the link of the invitation stops working.
    pub(super) expires: DateTime<Utc>,
}

impl Dates {
    pub(super) fn of(status: Status, number: i64, now: DateTime<Utc>, ttl: TimeDelta) -> Self {
        let spread = TimeDelta::minutes(number * 37 % 480);
        let ago = |days: i64| now - TimeDelta::days(days) - spread;
        let nothing = Self {
            invited: now,
            activated: None,
            deactivated: None,
            signed_in: None,
            cancelled: None,
            expires: now,
        };
        // Links that still work are younger than what they live.
        let days = number % 6 % ttl.num_days();
        let dates = match status {
            Status::Active => {
                let invited = ago(420 - number * 7);
                Self {
                    invited,
                    activated: Some(invited + TimeDelta::hours(5)),
                    // One in nine has never signed in.
                    signed_in: (number % 9 != 8).then(|| ago(number * number % 60)),
                    ..nothing
                }
            }
            Status::Inactive => {
                let invited = ago(300 - number);
                Self {
                    invited,
                    activated: Some(invited + TimeDelta::days(2)),
                    deactivated: Some(ago(20 + number % 11)),
                    signed_in: Some(ago(60 + number % 13)),
                    ..nothing
                }
            }
            Status::Pending | Status::EmailFailed => Self {
                invited: ago(days),
                ..nothing
            },
            Status::Expired => Self {
                invited: ago(8 + number % 20),
                ..nothing
            },
            Status::Cancelled => Self {
                invited: ago(days),
                cancelled: Some(now - spread / 2),
                ..nothing
            },
        };
        Self {
            expires: dates.invited + ttl,
            ..dates
        }
    }
}
