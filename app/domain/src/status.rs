//! The status of a membership: what is stored, and what is shown (B17 to B20, C4).
//!
//! Expired is never stored. It is worked out from the time at the moment of looking, so that the list, its
//! filters and the link itself agree to the microsecond (B20).

use chrono::{DateTime, Utc};

use crate::keyed::keyed_enum;

keyed_enum! {
    /// As stored.
    pub enum MembershipStatus {
        /// Invited, has not finished registering.
        Pending = "pending",
        /// Finished registering; can sign in to this organisation.
        Active = "active",
        /// Deactivated; can be reactivated.
        Inactive = "inactive",
        /// The invitation was withdrawn or declined.
        Cancelled = "cancelled",
    }
}

keyed_enum! {
    /// As shown: one tag for each membership.
    pub enum ShownStatus {
        Pending = "pending",
        Expired = "expired",
        Active = "active",
        Inactive = "inactive",
        EmailFailed = "email-failed",
        Cancelled = "cancelled",
    }
}

impl ShownStatus {
    /// Which tag a membership has at `now`. The link is good until just before `invitation_expires_at` and
    /// refused at it. An invitation that could not be delivered reads "Email failed" until its time is over,
    /// then "Expired" like any other.
    pub fn of(
        status: MembershipStatus,
        invitation_expires_at: Option<DateTime<Utc>>,
        delivery_failed: bool,
        now: DateTime<Utc>,
    ) -> Self {
        match status {
            MembershipStatus::Active => Self::Active,
            MembershipStatus::Inactive => Self::Inactive,
            MembershipStatus::Cancelled => Self::Cancelled,
            MembershipStatus::Pending if invitation_expires_at.is_some_and(|end| end <= now) => {
                Self::Expired
            }
            MembershipStatus::Pending if delivery_failed => Self::EmailFailed,
            MembershipStatus::Pending => Self::Pending,
        }
    }

    /// The class of the tag (ux 5.1).
    pub const fn tag_class(self) -> &'static str {
        match self {
            Self::Active => "nhsuk-tag--green",
            Self::Pending => "nhsuk-tag--blue",
            Self::Expired => "nhsuk-tag--orange",
            Self::Inactive | Self::Cancelled => "nhsuk-tag--grey",
            Self::EmailFailed => "nhsuk-tag--red",
        }
    }

    /// Whether the person was invited and has not finished: the invitation can be sent again or cancelled.
    pub const fn is_invited(self) -> bool {
        matches!(self, Self::Pending | Self::Expired | Self::EmailFailed)
    }

    /// Whether the membership takes a seat of a role with a limit: an invitation reserves its seat while it
    /// can still be accepted (requirements, section 3).
    pub const fn holds_seat(self) -> bool {
        matches!(self, Self::Active | Self::Pending | Self::EmailFailed)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn end() -> DateTime<Utc> {
        "2026-11-28T09:30:00Z".parse().unwrap()
    }

    /// B19, B20, B21, A15: Pending to the last microsecond, Expired at the end itself.
    #[test]
    fn pending_ends_exactly_at_its_end() {
        let of = |now| ShownStatus::of(MembershipStatus::Pending, Some(end()), false, now);
        assert_eq!(of(end() - TimeDelta::days(7)), ShownStatus::Pending);
        assert_eq!(of(end() - TimeDelta::microseconds(1)), ShownStatus::Pending);
        assert_eq!(of(end()), ShownStatus::Expired);
        assert_eq!(of(end() + TimeDelta::microseconds(1)), ShownStatus::Expired);
    }

    /// B17, B18: what is stored does not depend on the time.
    #[test]
    fn the_other_statuses_do_not_expire() {
        for (stored, shown) in [
            (MembershipStatus::Active, ShownStatus::Active),
            (MembershipStatus::Inactive, ShownStatus::Inactive),
            (MembershipStatus::Cancelled, ShownStatus::Cancelled),
        ] {
            for failed in [false, true] {
                assert_eq!(
                    ShownStatus::of(stored, Some(end()), failed, end() + TimeDelta::days(400)),
                    shown
                );
                assert_eq!(ShownStatus::of(stored, None, failed, end()), shown);
            }
        }
        assert_eq!(
            ShownStatus::of(MembershipStatus::Pending, None, false, end()),
            ShownStatus::Pending
        );
    }

    #[test]
    fn a_failed_email_shows_until_the_end() {
        let of = |now| ShownStatus::of(MembershipStatus::Pending, Some(end()), true, now);
        assert_eq!(
            of(end() - TimeDelta::microseconds(1)),
            ShownStatus::EmailFailed
        );
        assert_eq!(of(end()), ShownStatus::Expired);
    }

    /// Requirements, section 3: who uses a seat.
    #[test]
    fn active_and_pending_hold_seats() {
        let holders: Vec<_> = ShownStatus::ALL
            .iter()
            .filter(|status| status.holds_seat())
            .collect();
        assert_eq!(
            holders,
            [
                &ShownStatus::Pending,
                &ShownStatus::Active,
                &ShownStatus::EmailFailed
            ]
        );
    }
}
