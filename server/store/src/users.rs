//! Users: a person's single account, across organisations.

use chrono::{DateTime, Utc};
use domain::id::UserId;
use uuid::Uuid;

use crate::{
    Result, Tx,
    sql::{Arg, insert_many, list, sql, update_versions},
};

/// A row of `users`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct UserRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: UserId,
    /// As displayed.
    pub email: String,
    /// As compared; unique.
    pub email_key: String,
    /// Empty until the person has registered.
    pub first_name: String,
    /// Empty until the person has registered.
    pub last_name: String,
    /// E.164.
    pub mobile: Option<String>,
    /// PHC string.
    pub password_hash: Option<String>,
    /// Raised whenever everything that was started before must end (R60).
    pub security_epoch: i64,
    /// When the person first finished registering.
    pub registered_at: Option<DateTime<Utc>>,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// Raised by each update.
    pub version: i64,
}

const INSERT: &str = "INSERT INTO users (id, email, email_key, first_name, last_name, mobile, \
     password_hash, security_epoch, registered_at, created_at, version)";

impl UserRow {
    /// Somebody of whom only the address is known. `key` is the address as compared.
    pub fn unregistered(id: UserId, email: &str, key: &str, now: DateTime<Utc>) -> Self {
        Self {
            id,
            email: email.to_owned(),
            email_key: key.to_owned(),
            first_name: String::new(),
            last_name: String::new(),
            mobile: None,
            password_hash: None,
            security_epoch: 0,
            registered_at: None,
            created_at: now,
            version: 0,
        }
    }

    /// First and last name, or the address while there is none.
    pub fn name(&self) -> String {
        let name = format!("{} {}", self.first_name, self.last_name);
        if name.trim().is_empty() {
            self.email.clone()
        } else {
            name.trim().to_owned()
        }
    }

    fn arguments(&self) -> Vec<Arg> {
        vec![
            self.id.into(),
            self.email.clone().into(),
            self.email_key.clone().into(),
            self.first_name.clone().into(),
            self.last_name.clone().into(),
            self.mobile.clone().into(),
            self.password_hash.clone().into(),
            self.security_epoch.into(),
            self.registered_at.into(),
            self.created_at.into(),
            self.version.into(),
        ]
    }
}

impl Tx {
    /// A user by id.
    pub async fn user(&mut self, id: UserId) -> Result<Option<UserRow>> {
        sql("SELECT * FROM users WHERE id = $1")
            .bind(id)
            .fetch_optional(self)
            .await
    }

    /// A user by the comparison key of the address.
    pub async fn user_by_email_key(&mut self, key: &str) -> Result<Option<UserRow>> {
        sql("SELECT * FROM users WHERE email_key = $1")
            .bind(key)
            .fetch_optional(self)
            .await
    }

    /// Adds a user. [`crate::Conflict::EmailTaken`] when the address has one.
    pub async fn insert_user(&mut self, row: &UserRow) -> Result<()> {
        insert_many(self, INSERT, vec![row.arguments()], "").await?;
        Ok(())
    }

    /// Adds users, leaving out those whose address has one already. Returns how many were added.
    pub async fn insert_users(&mut self, rows: &[UserRow]) -> Result<u64> {
        let rows = rows.iter().map(UserRow::arguments).collect();
        insert_many(self, INSERT, rows, "ON CONFLICT (email_key) DO NOTHING").await
    }

    /// Writes everything that may change of a user. [`crate::StoreError::Stale`] when somebody
    /// else was faster. The address never changes this way.
    pub async fn update_user(&mut self, row: &UserRow) -> Result<()> {
        sql(
            "UPDATE users SET first_name = $3, last_name = $4, mobile = $5, password_hash = $6, \
             security_epoch = $7, registered_at = $8, version = version + 1 \
             WHERE id = $1 AND version = $2",
        )
        .bind(row.id)
        .bind(row.version)
        .bind(row.first_name.clone())
        .bind(row.last_name.clone())
        .bind(row.mobile.clone())
        .bind(row.password_hash.clone())
        .bind(row.security_epoch)
        .bind(row.registered_at)
        .execute_one(self)
        .await
    }

    /// Gives a user another address and a new epoch. [`crate::StoreError::Stale`] when the user was changed since they
    /// were read, [`crate::Conflict::EmailTaken`] when the address has a user (R73).
    pub async fn change_email(
        &mut self,
        (user, version): (UserId, i64),
        email: &str,
        key: &str,
    ) -> Result<()> {
        sql(
            "UPDATE users SET email = $3, email_key = $4, security_epoch = security_epoch + 1, \
             version = version + 1 WHERE id = $1 AND version = $2",
        )
        .bind(user)
        .bind(version)
        .bind(email.to_owned())
        .bind(key.to_owned())
        .execute_one(self)
        .await
    }

    /// Users by their ids, in a few statements.
    pub async fn users(&mut self, ids: &[UserId]) -> Result<Vec<UserRow>> {
        let mut rows = Vec::with_capacity(ids.len());
        for chunk in list::chunks(ids) {
            let some: Vec<UserRow> =
                list::around("SELECT * FROM users WHERE id IN (", Vec::new(), chunk, ")")
                    .fetch_all(self)
                    .await?;
            rows.extend(some);
        }
        Ok(rows)
    }

    /// Which of these users are active in some organisation that is open.
    pub async fn active_somewhere(&mut self, users: &[UserId]) -> Result<Vec<UserId>> {
        let mut found = Vec::new();
        for chunk in list::chunks(users) {
            let rows: Vec<UserIdRow> = list::around(
                "SELECT DISTINCT m.user_id FROM memberships m \
                 JOIN organisations o ON o.id = m.organisation_id \
                 WHERE m.status = 'active' AND o.closed_at IS NULL AND m.user_id IN (",
                Vec::new(),
                chunk,
                ")",
            )
            .fetch_all(self)
            .await?;
            found.extend(rows.into_iter().map(|row| row.user_id));
        }
        Ok(found)
    }

    /// Ends every session of these users, each as they were read: what was begun with an older epoch
    /// counts no more. [`crate::StoreError::Stale`] when one of them was changed meanwhile.
    pub async fn sign_out_everywhere(&mut self, users: &[(UserId, i64)]) -> Result<()> {
        let mut users = users.to_vec();
        // In one order everywhere, so that two transactions never wait for each other.
        users.sort_unstable();
        let ids: Vec<UserId> = users.iter().map(|(id, _)| *id).collect();
        update_versions(
            self,
            "UPDATE users SET security_epoch = security_epoch + 1, version = version + 1 \
             FROM (VALUES ",
            Vec::new(),
            &users,
            ") AS v WHERE users.id = v.column1 AND users.version = v.column2",
        )
        .await?;
        for chunk in list::chunks(&ids) {
            list::around(
                "DELETE FROM sessions WHERE user_id IN (",
                Vec::new(),
                chunk,
                ")",
            )
            .execute(self)
            .await?;
        }
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct UserIdRow {
    #[sqlx(try_from = "Uuid")]
    user_id: UserId,
}
