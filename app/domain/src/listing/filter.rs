//! What the users list is filtered by (ux D1, 6.10).

use chrono::{DateTime, Datelike, Days, Months, TimeDelta, Utc};

use super::UsersQuery;
use crate::keyed::keyed_enum;
use crate::status::ShownStatus;
use crate::wording::{london, midnight};

keyed_enum! {
    /// Whether somebody who has joined signs in with a second step.
    pub enum Codes {
        On = "on",
        Off = "off",
    }
}

keyed_enum! {
    /// How long somebody has not signed in.
    pub enum LastSignIn {
        Never = "never",
        Days30 = "30",
        Days60 = "60",
        Days90 = "90",
    }
}

keyed_enum! {
    /// When somebody who is active loses a role.
    pub enum AccessEnds {
        Week = "week",
        Month = "month",
    }
}

impl LastSignIn {
    /// Whoever signed in last at this moment or before it; nothing for whoever never did.
    pub fn until(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let days = match self {
            Self::Never => return None,
            Self::Days30 => 30,
            Self::Days60 => 60,
            Self::Days90 => 90,
        };
        Some(now - TimeDelta::days(days))
    }
}

impl AccessEnds {
    /// The end of the week, a Sunday, or of the month in London: what ends with its last day ends here.
    pub fn until(self, now: DateTime<Utc>) -> DateTime<Utc> {
        let today = london(now).date();
        let last = match self {
            Self::Week => {
                let left = 7 - u64::from(today.weekday().num_days_from_monday());
                today.checked_add_days(Days::new(left))
            }
            Self::Month => today
                .with_day(1)
                .and_then(|first| first.checked_add_months(Months::new(1))),
        };
        midnight(last.unwrap_or(today))
    }
}

/// One value of one filter, as in its removable tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    Status(ShownStatus),
    Role(String),
    Area(String),
    Codes(Codes),
    LastSignIn(LastSignIn),
    Clinician,
    AccessEnds(AccessEnds),
}

impl Filter {
    /// The name in the address.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Status(_) => "status",
            Self::Role(_) => "role",
            Self::Area(_) => "area",
            Self::Codes(_) => "codes",
            Self::LastSignIn(_) => "last-sign-in",
            Self::Clinician => "clinician",
            Self::AccessEnds(_) => "access-ends",
        }
    }

    /// The value in the address.
    pub fn value(&self) -> &str {
        match self {
            Self::Status(status) => status.as_str(),
            Self::Role(value) | Self::Area(value) => value,
            Self::Codes(codes) => codes.as_str(),
            Self::LastSignIn(when) => when.as_str(),
            Self::Clinician => UsersQuery::YES,
            Self::AccessEnds(when) => when.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// D1: weeks and months are London's, and the last day of them belongs to them.
    #[test]
    fn a_week_ends_on_sunday_and_a_month_with_its_last_day() {
        for (now, week, month) in [
            // A Saturday in winter.
            (
                "2026-11-28T04:30:00Z",
                "2026-11-30T00:00:00Z",
                "2026-12-01T00:00:00Z",
            ),
            // A Monday, from its first moment.
            (
                "2026-11-30T00:00:00Z",
                "2026-12-07T00:00:00Z",
                "2026-12-01T00:00:00Z",
            ),
            // The last moment of a Sunday in summer, and the first of the Monday after it: an hour before UTC.
            (
                "2026-06-28T22:59:59Z",
                "2026-06-28T23:00:00Z",
                "2026-06-30T23:00:00Z",
            ),
            (
                "2026-06-28T23:00:00Z",
                "2026-07-05T23:00:00Z",
                "2026-06-30T23:00:00Z",
            ),
            // Clocks change on the last Sunday of March and of October.
            (
                "2027-03-27T12:00:00Z",
                "2027-03-28T23:00:00Z",
                "2027-03-31T23:00:00Z",
            ),
            (
                "2026-10-20T12:00:00Z",
                "2026-10-26T00:00:00Z",
                "2026-11-01T00:00:00Z",
            ),
            (
                "2026-12-31T23:59:59Z",
                "2027-01-04T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
        ] {
            assert_eq!(AccessEnds::Week.until(at(now)), at(week), "{now}");
            assert_eq!(AccessEnds::Month.until(at(now)), at(month), "{now}");
        }
    }

    /// D1.
    #[test]
    fn days_without_signing_in_are_counted_back_from_now() {
        let now = at("2026-11-28T04:30:00Z");
        let until = |when: LastSignIn| when.until(now);
        assert_eq!(until(LastSignIn::Never), None);
        assert_eq!(until(LastSignIn::Days30), Some(at("2026-10-29T04:30:00Z")));
        assert_eq!(until(LastSignIn::Days60), Some(at("2026-09-29T04:30:00Z")));
        assert_eq!(until(LastSignIn::Days90), Some(at("2026-08-30T04:30:00Z")));
    }
}
