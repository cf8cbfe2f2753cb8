//! Whether the installation works.

use crate::{Result, Services};

impl Services {
    /// Writes to the database and commits: a full disk, a read-only file or a database that is
    /// away shows here (R109).
    ///
    /// # Errors
    /// When it cannot be done.
    pub async fn check_writing(&self) -> Result<()> {
        let mut tx = self.store.write().await?;
        tx.touch_health_check(self.now()).await?;
        tx.commit().await?;
        Ok(())
    }
}
