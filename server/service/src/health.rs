//! Whether the installation works.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::TimeDelta;

use crate::{Error, Result, Services};

/// Work that stands still is tried again before this is over.
const STANDSTILL: TimeDelta = TimeDelta::seconds(40);

/// When work last stood still because the database was away or full, in seconds since 1970.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standstill(Arc<AtomicI64>);

impl Services {
    /// Tells that work was put off, when that is because of the database.
    pub fn stands_still(&self, error: &Error) {
        if matches!(error, Error::Unavailable(_)) {
            let now = self.now().timestamp();
            self.standstill.0.store(now, Ordering::Relaxed);
        }
    }

    /// Tells that work which stood still goes on.
    pub fn goes_on(&self) {
        self.standstill.0.store(0, Ordering::Relaxed);
    }

    /// Whether work stood still a moment ago.
    pub(crate) fn is_at_a_standstill(&self) -> bool {
        let last = self.standstill.0.load(Ordering::Relaxed);
        self.now().timestamp() < last + STANDSTILL.num_seconds()
    }

    /// Writes to the database and commits: a full disk, a read-only file or a database that is
    /// away shows here (R109). On a disk that is full so little may find room where work does not;
    /// then it counts that work stood still.
    ///
    /// # Errors
    /// When it cannot be done.
    pub async fn check_writing(&self) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.write().await?;
        tx.touch_health_check(now).await?;
        tx.commit().await?;
        if self.is_at_a_standstill() {
            let why = "work stood still a moment ago";
            return Err(Error::Unavailable(why.to_owned()));
        }
        Ok(())
    }
}
