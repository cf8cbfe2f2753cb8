//! Slowing guesses down without locking anybody out (R32 to R37). A bucket holds so many requests
//! at once and fills up again one by one (GCRA). Nobody is ever "locked": a known device has a
//! bucket of its own, and resetting the password stays open.

use chrono::{DateTime, TimeDelta, Utc};
use domain::id::UserId;
use store::{ThrottleRow, Tx};

use crate::{Error, RequestInfo, Result, Services, secrets::Digest32};

/// How many requests a bucket lets through at once, and how long one takes to come back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    burst: i32,
    interval: TimeDelta,
}

impl Limit {
    /// At most `most` in any span of this length, and no faster again.
    const fn at_most(most: i32, span: TimeDelta) -> Self {
        Self {
            burst: most,
            interval: span,
        }
    }
}

/// Password guesses: at most 10 in any 5 minutes.
pub(crate) const PASSWORD: Limit = Limit {
    burst: 5,
    interval: TimeDelta::seconds(60),
};
/// Password guesses without a success, after which only a known device or a reset helps.
pub(crate) const MOST_FAILURES: i64 = 100;
/// Sign-ins from one address: hospitals share one among many people.
pub(crate) const SIGN_IN_ADDRESS: Limit = Limit {
    burst: 40,
    interval: TimeDelta::seconds(3),
};
/// Wrong codes of one account: 10 an hour.
pub(crate) const CODE: Limit = Limit::at_most(10, TimeDelta::hours(1));
/// Codes and reset links sent to one address or number: 3 in 10 minutes and 10 in a day (R37).
pub(crate) const MESSAGE: Limit = Limit::at_most(3, TimeDelta::minutes(10));
pub(crate) const MESSAGE_DAY: Limit = Limit::at_most(10, TimeDelta::days(1));
/// Requests for a reset from one address: 10 an hour.
pub(crate) const RESET_ADDRESS: Limit = Limit {
    burst: 10,
    interval: TimeDelta::minutes(6),
};
/// Looking at links from one address: 30 a minute.
pub(crate) const LINK_ADDRESS: Limit = Limit {
    burst: 30,
    interval: TimeDelta::seconds(2),
};

/// Beginning to accept one invitation: 10 at once, then one in 6 minutes, so that a scanner which
/// posts forms cannot keep the person out for long.
pub(crate) const ACCEPT: Limit = Limit {
    burst: 10,
    interval: TimeDelta::minutes(6),
};

/// Addresses that one administrator looks up to add people one by one: 60 at once, 60 an hour (R38).
/// Whoever adds more people at a time pastes a list.
pub(crate) const LOOK_UP: Limit = Limit {
    burst: 60,
    interval: TimeDelta::minutes(1),
};

/// A bucket that is full so much later than it could be was written under another clock (R111).
const CLOCK_WENT_BACK: TimeDelta = TimeDelta::hours(1);

/// One request against a bucket whose state is `arrival` (when it is full again): the state
/// afterwards, or how long to wait.
fn gcra(
    arrival: DateTime<Utc>,
    now: DateTime<Utc>,
    limit: Limit,
) -> std::result::Result<DateTime<Utc>, TimeDelta> {
    let whole = limit.interval * limit.burst;
    if arrival > now + whole + CLOCK_WENT_BACK {
        // No bucket is ever that empty: the clock was put back. Start again with an empty one.
        return Ok(now + whole);
    }
    let next = arrival.max(now) + limit.interval;
    let wait = next - whole - now;
    if wait > TimeDelta::zero() {
        Err(wait)
    } else {
        Ok(next)
    }
}

/// Whole seconds to wait, rounded up, never 0.
fn slow_down(wait: TimeDelta) -> Error {
    let seconds = wait.num_milliseconds().saturating_add(999) / 1_000;
    Error::SlowDown {
        retry_after_seconds: u32::try_from(seconds.max(1)).unwrap_or(u32::MAX),
    }
}

impl Services {
    /// Takes one from a bucket. Callers commit whatever comes of the request.
    ///
    /// # Errors
    /// [`Error::SlowDown`] when the bucket is empty; then nothing was changed.
    pub(crate) async fn take(&self, tx: &mut Tx, key: &Digest32, limit: Limit) -> Result<()> {
        let now = self.now();
        let row = tx.lock_throttle(key, now).await?;
        let arrival_at = gcra(row.arrival_at, now, limit).map_err(slow_down)?;
        tx.save_throttle(key, ThrottleRow { arrival_at, ..row })
            .await?;
        Ok(())
    }

    /// Puts one back: the request turned out to be no guess.
    pub(crate) async fn give_back(&self, tx: &mut Tx, key: &Digest32, limit: Limit) -> Result<()> {
        let row = tx.lock_throttle(key, self.now()).await?;
        let arrival_at = row.arrival_at - limit.interval;
        tx.save_throttle(key, ThrottleRow { arrival_at, ..row })
            .await?;
        Ok(())
    }

    /// Takes one password guess, and counts it as failed until [`Services::forget_guesses`] says
    /// otherwise: before the password is looked at, so that many at once cannot slip through.
    /// Returns the failures before this one.
    pub(crate) async fn take_guess(&self, tx: &mut Tx, key: &Digest32) -> Result<i64> {
        let now = self.now();
        let row = tx.lock_throttle(key, now).await?;
        if row.failures >= MOST_FAILURES {
            return Err(slow_down(TimeDelta::hours(1)));
        }
        let arrival_at = gcra(row.arrival_at, now, PASSWORD).map_err(slow_down)?;
        let guessed = ThrottleRow {
            arrival_at,
            failures: row.failures + 1,
        };
        tx.save_throttle(key, guessed).await?;
        Ok(row.failures)
    }

    /// The password was right.
    pub(crate) async fn forget_guesses(&self, tx: &mut Tx, key: &Digest32) -> Result<()> {
        Ok(tx.delete_throttle(key).await?)
    }

    /// The bucket of an address, IPv6 by its network (R34).
    pub(crate) fn address_key(&self, what: &str, info: &RequestInfo) -> Digest32 {
        let address = match info.ip.to_canonical() {
            std::net::IpAddr::V4(v4) => v4.to_string(),
            std::net::IpAddr::V6(v6) => format!("{:x?}", &v6.segments()[..4]),
        };
        self.keys
            .digest(&format!("throttle:{what}:ip"), address.as_bytes())
    }

    /// The bucket of a login, whether it exists or not (R34).
    pub(crate) fn login_key(&self, what: &str, email_key: &str) -> Digest32 {
        self.keys
            .digest(&format!("throttle:{what}:login"), email_key.as_bytes())
    }

    /// The bucket of an account: of one of its known devices, or of all others together, so that
    /// strangers cannot use up the owner's tries (R33).
    pub(crate) fn lane_key(&self, what: &str, user: UserId, device: Option<&Digest32>) -> Digest32 {
        let mut text = user.uuid().as_bytes().to_vec();
        if let Some(device) = device {
            text.extend_from_slice(device);
        }
        self.keys.digest(&format!("throttle:{what}:lane"), &text)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone, Utc};
    use proptest::prelude::*;

    use super::{CODE, Limit, MESSAGE, PASSWORD, gcra};
    use crate::{Error, RequestInfo, testing::Harness};

    /// How many of requests at these seconds are let through in any span.
    fn most_in_any(span: i64, limit: Limit, seconds: &[i64]) -> usize {
        let start = Utc.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap();
        let mut arrival = start;
        let mut passed = Vec::new();
        for second in seconds {
            if let Ok(next) = gcra(arrival, start + TimeDelta::seconds(*second), limit) {
                arrival = next;
                passed.push(*second);
            }
        }
        passed
            .iter()
            .map(|from| {
                passed
                    .iter()
                    .filter(|at| (*from..from + span).contains(at))
                    .count()
            })
            .max()
            .unwrap_or(0)
    }

    proptest! {
        /// R32, R36, R37: whatever the pattern of arrival, never more than so many in any span.
        #[test]
        fn no_span_lets_more_through(mut steps in proptest::collection::vec(0_i64..400, 1..200)) {
            let mut now = 0;
            for step in &mut steps {
                now += *step / 8;
                *step = now;
            }
            prop_assert!(most_in_any(300, PASSWORD, &steps) <= 10);
            prop_assert!(most_in_any(3_600, CODE, &steps) <= 10);
            prop_assert!(most_in_any(600, MESSAGE, &steps) <= 3);
        }

        /// R111: a clock that trembles opens nothing.
        #[test]
        fn a_trembling_clock_opens_nothing(jumps in proptest::collection::vec(-30_i64..30, 1..200)) {
            let start = Utc.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap();
            let (mut now, mut furthest, mut arrival, mut passed) = (start, start, start, 0);
            for jump in jumps {
                now += TimeDelta::seconds(jump);
                furthest = furthest.max(now);
                if let Ok(next) = gcra(arrival, now, PASSWORD) {
                    arrival = next;
                    passed += 1;
                }
            }
            prop_assert!(passed <= 5 + (furthest - start).num_minutes());
        }
    }

    /// R111: a clock that was put back by years does not shut a bucket for years.
    #[test]
    fn a_clock_put_back_shuts_nothing_for_good() {
        let now = Utc.with_ymd_and_hms(2026, 11, 21, 9, 0, 0).unwrap();
        let arrival = gcra(now + TimeDelta::days(700), now, PASSWORD).unwrap();
        assert!(gcra(arrival, now, PASSWORD).is_err());
        assert!(gcra(arrival, now + TimeDelta::seconds(60), PASSWORD).is_ok());
    }

    #[tokio::test]
    async fn an_empty_bucket_says_how_long_to_wait() {
        let h = Harness::new().await;
        let key = h.services.login_key("test", "jane@nhs.net");
        let mut tx = h.services.store.write().await.unwrap();
        for _ in 0..5 {
            h.services.take(&mut tx, &key, PASSWORD).await.unwrap();
        }
        let refused = h.services.take(&mut tx, &key, PASSWORD).await;
        assert!(matches!(
            refused,
            Err(Error::SlowDown {
                retry_after_seconds: 60
            })
        ));
        h.clock.advance(TimeDelta::seconds(60));
        h.services.take(&mut tx, &key, PASSWORD).await.unwrap();
        assert!(h.services.take(&mut tx, &key, PASSWORD).await.is_err());
        h.services.give_back(&mut tx, &key, PASSWORD).await.unwrap();
        h.services.take(&mut tx, &key, PASSWORD).await.unwrap();
    }

    /// R34: one bucket for an IPv4 address however it is written, and for an IPv6 network.
    #[tokio::test]
    async fn addresses_fold_into_one_bucket() {
        let h = Harness::new().await;
        let key = |ip: &str| {
            let info = RequestInfo {
                ip: ip.parse().unwrap(),
                ..RequestInfo::internal("test")
            };
            h.services.address_key("test", &info)
        };
        assert_eq!(key("10.1.2.3"), key("::ffff:10.1.2.3"));
        assert_ne!(key("10.1.2.3"), key("10.1.2.4"));
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    }
}
