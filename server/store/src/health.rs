//! Whether the database can be written.

use chrono::{DateTime, Utc};

use crate::{Result, Tx, sql::sql};

impl Tx {
    /// Writes the time into a row of its own.
    pub async fn touch_health_check(&mut self, now: DateTime<Utc>) -> Result<()> {
        sql("INSERT INTO health_checks (id, checked_at) VALUES (1, $1) \
             ON CONFLICT (id) DO UPDATE SET checked_at = excluded.checked_at")
        .bind(now)
        .execute_one(self)
        .await
    }
}
