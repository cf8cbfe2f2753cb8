//! Devices on which a person has signed in completely. They are a hint against lock-out and for
//! notices (R13, R33), never a proof of who is there.

use chrono::{DateTime, Utc};
use domain::id::UserId;

use crate::{Result, Tx, sql::sql};

/// A row of `known_devices`.
#[derive(Clone, Debug)]
pub struct DeviceRow {
    /// Digest of the device's cookie, or of what the browser says about itself.
    pub digest: [u8; 32],
    /// Who signed in on it.
    pub user_id: UserId,
    /// The user's epoch at the time; another one makes the device unknown.
    pub security_epoch: i64,
    /// When it became known.
    pub created_at: DateTime<Utc>,
    /// When it is forgotten.
    pub expires_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Known {
    digest: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct Count {
    count: i64,
}

impl Tx {
    /// Makes a device known, or known for longer.
    pub async fn put_device(&mut self, row: &DeviceRow) -> Result<()> {
        sql(
            "INSERT INTO known_devices (digest, user_id, security_epoch, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (digest) DO UPDATE SET \
             user_id = excluded.user_id, security_epoch = excluded.security_epoch, \
             expires_at = excluded.expires_at",
        )
        .bind(&row.digest)
        .bind(row.user_id)
        .bind(row.security_epoch)
        .bind(row.created_at)
        .bind(row.expires_at)
        .execute_one(self)
        .await
    }

    /// Whether the user has signed in on this device, and nothing ended that since.
    pub async fn device_known(
        &mut self,
        digest: &[u8; 32],
        user: UserId,
        security_epoch: i64,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let row: Count = sql("SELECT count(*) AS count FROM known_devices \
             WHERE digest = $1 AND user_id = $2 AND security_epoch = $3 AND expires_at > $4")
        .bind(digest)
        .bind(user)
        .bind(security_epoch)
        .bind(now)
        .fetch_one(self)
        .await?;
        Ok(row.count == 1)
    }

    /// The digests of a user's devices.
    pub async fn devices_of(&mut self, user: UserId) -> Result<Vec<[u8; 32]>> {
        let rows: Vec<Known> =
            sql("SELECT digest FROM known_devices WHERE user_id = $1 ORDER BY digest")
                .bind(user)
                .fetch_all(self)
                .await?;
        let digests = rows.into_iter().map(|row| row.digest.try_into());
        Ok(digests.filter_map(std::result::Result::ok).collect())
    }

    /// Forgets every device of a user.
    pub async fn delete_devices_of(&mut self, user: UserId) -> Result<u64> {
        sql("DELETE FROM known_devices WHERE user_id = $1")
            .bind(user)
            .execute(self)
            .await
    }

    /// Removes devices whose time is over.
    pub async fn delete_expired_devices(&mut self, now: DateTime<Utc>) -> Result<u64> {
        sql("DELETE FROM known_devices WHERE expires_at <= $1")
            .bind(now)
            .execute(self)
            .await
    }
}
