//! Second factors and recovery codes.

use chrono::{DateTime, Utc};
use domain::{
    SecondFactorKind,
    id::{SecondFactorId, UserId},
};
use uuid::Uuid;

use crate::{
    Result, Tx,
    sql::{Keyed, insert_many, sql},
};

/// A row of `second_factors`: it counts, because it was proved when it was added (R51).
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SecondFactorRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: SecondFactorId,
    /// Whose.
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    /// Which kind; a user has at most one of each.
    #[sqlx(try_from = "Keyed")]
    pub kind: SecondFactorKind,
    /// The sealed secret of an authenticator app (R41).
    pub secret: Option<Vec<u8>>,
    /// The newest time step whose code was used; codes of it and before are spent.
    pub last_step: i64,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Count {
    count: i64,
}

impl Tx {
    /// Adds a second factor, in the place of one of the same kind.
    pub async fn put_second_factor(&mut self, row: &SecondFactorRow) -> Result<()> {
        sql(
            "INSERT INTO second_factors (id, user_id, kind, secret, last_step, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id, kind) DO UPDATE SET \
             id = excluded.id, secret = excluded.secret, last_step = excluded.last_step, \
             created_at = excluded.created_at",
        )
        .bind(row.id)
        .bind(row.user_id)
        .bind(row.kind.as_str())
        .bind(row.secret.clone())
        .bind(row.last_step)
        .bind(row.created_at)
        .execute_one(self)
        .await
    }

    /// The second factors of a user.
    pub async fn second_factors(&mut self, user: UserId) -> Result<Vec<SecondFactorRow>> {
        sql(
            "SELECT id, user_id, kind, secret, last_step, created_at FROM second_factors \
             WHERE user_id = $1 ORDER BY created_at, id",
        )
        .bind(user)
        .fetch_all(self)
        .await
    }

    /// Takes a second factor away. Returns whether it was there.
    pub async fn delete_second_factor(
        &mut self,
        user: UserId,
        kind: SecondFactorKind,
    ) -> Result<bool> {
        let gone = sql("DELETE FROM second_factors WHERE user_id = $1 AND kind = $2")
            .bind(user)
            .bind(kind.as_str())
            .execute(self)
            .await?;
        Ok(gone == 1)
    }

    /// Spends a time step of an authenticator app. False when it, or a later one, was spent
    /// already: of two requests with one code, one wins (R41).
    pub async fn spend_step(&mut self, id: SecondFactorId, step: i64) -> Result<bool> {
        let spent =
            sql("UPDATE second_factors SET last_step = $2 WHERE id = $1 AND last_step < $2")
                .bind(id)
                .bind(step)
                .execute(self)
                .await?;
        Ok(spent == 1)
    }

    /// Gives a user new recovery codes; the old ones no longer count.
    pub async fn replace_recovery_codes(
        &mut self,
        user: UserId,
        digests: &[[u8; 32]],
    ) -> Result<()> {
        sql("DELETE FROM recovery_codes WHERE user_id = $1")
            .bind(user)
            .execute(self)
            .await?;
        let rows = digests
            .iter()
            .map(|digest| vec![user.into(), digest.into()])
            .collect();
        insert_many(
            self,
            "INSERT INTO recovery_codes (user_id, digest)",
            rows,
            "",
        )
        .await?;
        Ok(())
    }

    /// Spends a recovery code. False when the user has no such unused code (R45).
    pub async fn spend_recovery_code(
        &mut self,
        user: UserId,
        digest: &[u8; 32],
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let spent = sql("UPDATE recovery_codes SET used_at = $3 \
             WHERE user_id = $1 AND digest = $2 AND used_at IS NULL")
        .bind(user)
        .bind(digest)
        .bind(now)
        .execute(self)
        .await?;
        Ok(spent == 1)
    }

    /// How many recovery codes a user can still use.
    pub async fn recovery_codes_left(&mut self, user: UserId) -> Result<i64> {
        let row: Count = sql(
            "SELECT count(*) AS count FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL",
        )
        .bind(user)
        .fetch_one(self)
        .await?;
        Ok(row.count)
    }
}
