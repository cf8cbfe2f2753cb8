//! Removing what nobody can see any more. Nothing depends on it: everything that ends is refused
//! by its own time, whether its row is still there or not (R16).

use chrono::TimeDelta;

use crate::{Result, Services};

/// The longest rest that any organisation allows.
const LONGEST_REST: TimeDelta = TimeDelta::hours(1);
/// For how long a session that is over still tells whose answers are to be kept (`ux.md` 6.24).
const ENDED_SESSIONS: TimeDelta = TimeDelta::hours(24);
/// A question for a code says for two hours that its code has expired (`ux.md` 6.23).
const CHALLENGES: TimeDelta = TimeDelta::hours(2);
/// How long used links and sent messages are kept.
const KEPT: TimeDelta = TimeDelta::days(30);
/// A throttle that rested so long says nothing any more.
const QUIET: TimeDelta = TimeDelta::days(90);
/// As many throttles as are kept (R34).
const MOST_THROTTLES: i64 = 100_000;

impl Services {
    /// Removes rows that are over, and says how many.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn tidy_up(&self) -> Result<u64> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        let mut rows = tx.delete_expired_form_drafts(now).await?;
        rows += tx.delete_expired_journeys(now).await?;
        rows += tx.delete_expired_registrations(now).await?;
        let ended = now - ENDED_SESSIONS;
        rows += tx
            .delete_ended_sessions(ended, ended - LONGEST_REST)
            .await?;
        rows += tx.delete_ended_challenges(now - CHALLENGES).await?;
        rows += tx.delete_expired_devices(now).await?;
        rows += tx.delete_ended_account_links(now - KEPT).await?;
        rows += tx.delete_full_throttles(now, now - QUIET).await?;
        rows += tx.bound_throttles(now, MOST_THROTTLES).await?;
        rows += tx.delete_old_messages(now - KEPT).await?;
        tx.commit().await?;
        Ok(rows)
    }
}
