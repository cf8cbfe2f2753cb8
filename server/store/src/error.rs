//! What can go wrong in the database, in words the service can act on.

use sqlx::migrate::MigrateError;

/// A rule of the database that a statement would have broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The address already has a user.
    EmailTaken,
    /// The user already has a membership in this organisation.
    AlreadyMember,
    /// The organisation code is in use.
    OrganisationCodeTaken,
    /// The membership already has an open invitation.
    InvitationOpen,
    /// Another uniqueness or reference rule.
    Other,
}

/// Why a store method failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A rule of the database forbids the change.
    #[error("conflict: {0:?}")]
    Conflict(Conflict),
    /// A row that must exist does not.
    #[error("row missing")]
    Missing,
    /// The row was changed or claimed by somebody else first.
    #[error("row changed meanwhile")]
    Stale,
    /// The database cannot be written or reached now (full disk, read-only file, away, locked).
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// Another server works on this embedded database.
    #[error("another running Lanyard uses it, and SQLite serves one at a time")]
    InUse,
    /// The bundled SQLite is too old to be safe.
    #[error("SQLite {0} is too old; 3.51.3 or newer is needed")]
    OldEngine(String),
    /// A stored value that the program cannot read.
    #[error("stored value not understood: {0}")]
    Corrupt(String),
    /// A migration failed.
    #[error("migration failed: {0}")]
    Migration(#[from] MigrateError),
    /// Anything else; a fault of the program.
    #[error("database: {0}")]
    Database(sqlx::Error),
}

impl StoreError {
    /// What is wrong, for somebody who chose the database and knows nothing of the program.
    pub fn plain(&self) -> String {
        match self {
            Self::Unavailable(why) => why.clone(),
            Self::Migration(MigrateError::VersionMissing(_)) => {
                "a newer version of Lanyard has used it".to_owned()
            }
            Self::Migration(MigrateError::VersionMismatch(_)) => {
                "a version of Lanyard that was never released has made it".to_owned()
            }
            Self::Database(sqlx::Error::Database(error)) => error.message().to_owned(),
            Self::Database(sqlx::Error::Configuration(error)) => error.to_string(),
            other => other.to_string(),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}

/// Names of constraints: PostgreSQL tells the constraint, SQLite the columns.
const UNIQUE: [(&str, &str, Conflict); 5] = [
    (
        "users_email_key_key",
        "users.email_key",
        Conflict::EmailTaken,
    ),
    (
        "memberships_organisation_id_user_id_key",
        "memberships.organisation_id, memberships.user_id",
        Conflict::AlreadyMember,
    ),
    (
        "organisations_slug_key",
        "organisations.slug",
        Conflict::OrganisationCodeTaken,
    ),
    (
        "invitations_one_open",
        "invitations.organisation_id, invitations.membership_id",
        Conflict::InvitationOpen,
    ),
    (
        "invitations_one_open",
        "invitations_one_open",
        Conflict::InvitationOpen,
    ),
];

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(error) => return Self::Unavailable(error.to_string()),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => {
                return Self::Corrupt(error.to_string());
            }
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => {
                return Self::Unavailable(error.to_string());
            }
            sqlx::Error::Database(database) => {
                if database.is_unique_violation()
                    || database.is_foreign_key_violation()
                    || database.is_check_violation()
                {
                    let text = database.constraint().unwrap_or_else(|| database.message());
                    let conflict = UNIQUE
                        .iter()
                        .find(|(postgres, sqlite, _)| text == *postgres || text.ends_with(sqlite))
                        .map_or(Conflict::Other, |(_, _, conflict)| *conflict);
                    return Self::Conflict(conflict);
                }
                let code = database.code().unwrap_or_default().into_owned();
                if unavailable(&code) {
                    return Self::Unavailable(database.message().to_owned());
                }
            }
            _ => {}
        }
        Self::Database(error)
    }
}

/// SQLite's primary result codes (BUSY, LOCKED, READONLY, IOERR, FULL, CANTOPEN) and
/// PostgreSQL's classes 08, 53, 57 and the retryable 40001 and 40P01.
fn unavailable(code: &str) -> bool {
    if code.len() == 5 {
        return matches!(&code[..2], "08" | "53" | "57")
            || matches!(code, "40001" | "40P01" | "25006");
    }
    code.parse::<i32>()
        .is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14))
}
