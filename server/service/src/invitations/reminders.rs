//! Reminders of an invitation that waits (`ux.md` section 9): on the third day, and the day before
//! the link ends.
//!
//! They are queued with the invitation, in its transaction, and held until they are due, so that
//! nothing has to look for them later, and they carry the same link: whoever finds the first email
//! instead is not told that it was replaced (R19). Until they are sent the link is sealed in their
//! rows as in any message (R15). Whatever closes an invitation cancels what still waits of its
//! messages, and with it the reminders.

use chrono::{DateTime, TimeDelta, Utc};
use domain::policy::Switch;
use store::OrganisationRow;

use crate::outbox::{MessageContent, MessageKind, Outgoing};

const DAY: TimeDelta = TimeDelta::hours(24);
const THIRD_DAY: TimeDelta = TimeDelta::hours(72);

/// When somebody is reminded of an invitation with this life: never within a day of the
/// invitation, or of another reminder, or when the link has ended.
fn due(from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let last = until - DAY;
    let mut due = Vec::new();
    if from + THIRD_DAY + DAY <= last {
        due.push(from + THIRD_DAY);
    }
    if from + DAY < last {
        due.push(last);
    }
    due
}

/// The messages that remind of an invitation which is sent now with `offer`.
pub(super) fn reminders(
    organisation: &OrganisationRow,
    offer: &Outgoing,
    now: DateTime<Utc>,
) -> Vec<Outgoing> {
    let Some(until) = offer.not_after else {
        return Vec::new();
    };
    if organisation.policy.invitation_reminders == Switch::Off {
        return Vec::new();
    }
    due(now, until)
        .into_iter()
        .map(|when| Outgoing {
            id: None,
            kind: MessageKind::InvitationReminder,
            content: MessageContent {
                recipient_name: offer.content.recipient_name.clone(),
                organisation: offer.content.organisation.clone(),
                organisation_slug: offer.content.organisation_slug.clone(),
                by: offer.content.by.clone(),
                expires_at: Some(until),
                ..MessageContent::default()
            },
            hold_until: Some(when),
            ..offer.clone()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    /// Days after the invitation, for a link that works for so many hours.
    fn days(hours: i64) -> Vec<f64> {
        let from = Utc.with_ymd_and_hms(2026, 11, 21, 9, 30, 0).unwrap();
        due(from, from + TimeDelta::hours(hours))
            .into_iter()
            .map(|when| (when - from).as_seconds_f64() / 86_400.0)
            .collect()
    }

    #[test]
    fn nobody_is_reminded_twice_within_a_day() {
        assert_eq!(days(24), Vec::<f64>::new());
        assert_eq!(days(48), Vec::<f64>::new());
        assert_eq!(days(72), [2.0]);
        assert_eq!(days(96), [3.0]);
        assert_eq!(days(108), [3.5]);
        assert_eq!(days(168), [3.0, 6.0]);
        assert_eq!(days(336), [3.0, 13.0]);
    }
}
