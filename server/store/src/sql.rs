//! One text for both databases: a statement, its arguments and the rows it gives.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use sqlx::SqlSafeStr;
use sqlx::{
    Arguments, AssertSqlSafe, FromRow, SqlStr,
    postgres::{PgArguments, PgRow},
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};
use uuid::Uuid;

use crate::{
    StoreError,
    driver::{Dialect, Tx},
};

/// A row that can be read from both databases.
pub(crate) trait StoredRow:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}
impl<T> StoredRow for T where
    T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

/// Everything that may be bound to a statement.
#[derive(Clone, Debug)]
pub(crate) enum Arg {
    Uuid(Option<Uuid>),
    Text(Option<String>),
    Integer(Option<i64>),
    Bool(Option<bool>),
    Time(Option<DateTime<Utc>>),
    Bytes(Option<Vec<u8>>),
    Json(Option<serde_json::Value>),
}

macro_rules! arguments {
    ($($from:ty => $variant:ident),* $(,)?) => {$(
        impl From<$from> for Arg {
            fn from(value: $from) -> Self { Self::$variant(Some(value)) }
        }
        impl From<Option<$from>> for Arg {
            fn from(value: Option<$from>) -> Self { Self::$variant(value) }
        }
    )*};
}
arguments! {
    Uuid => Uuid, String => Text, i64 => Integer, bool => Bool,
    DateTime<Utc> => Time, Vec<u8> => Bytes, serde_json::Value => Json,
}
impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}
impl From<&[u8]> for Arg {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}
impl From<&[u8; 32]> for Arg {
    fn from(value: &[u8; 32]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}

/// An id column that may be empty. Rows name it in `#[sqlx(try_from = "MaybeId")]`.
pub(crate) struct MaybeId(Option<Uuid>);

/// A text column that holds the key of a domain enum: `#[sqlx(try_from = "Keyed")]`.
pub(crate) struct Keyed(String);

macro_rules! decodes_as {
    ($name:ident as $inner:ty) => {
        decodes_as!($name as $inner, sqlx::Sqlite);
        decodes_as!($name as $inner, sqlx::Postgres);
    };
    ($name:ident as $inner:ty, $database:ty) => {
        impl sqlx::Type<$database> for $name {
            fn type_info() -> <$database as sqlx::Database>::TypeInfo {
                <$inner as sqlx::Type<$database>>::type_info()
            }
            fn compatible(info: &<$database as sqlx::Database>::TypeInfo) -> bool {
                <$inner as sqlx::Type<$database>>::compatible(info)
            }
        }
        impl<'r> sqlx::Decode<'r, $database> for $name {
            fn decode(
                value: <$database as sqlx::Database>::ValueRef<'r>,
            ) -> Result<Self, sqlx::error::BoxDynError> {
                <$inner as sqlx::Decode<'r, $database>>::decode(value).map(Self)
            }
        }
    };
}
decodes_as!(MaybeId as Option<Uuid>);
decodes_as!(Keyed as String);

/// Reads domain enums from their keys.
macro_rules! keyed_columns {
    ($($kind:ty),* $(,)?) => {$(
        impl TryFrom<Keyed> for $kind {
            type Error = StoreError;
            fn try_from(key: Keyed) -> Result<Self, StoreError> {
                <$kind>::parse(&key.0).ok_or(StoreError::Corrupt(key.0))
            }
        }
    )*};
}
keyed_columns!(
    domain::MembershipStatus,
    domain::SecondFactorKind,
    domain::membership::ChangedThing,
    domain::invitation::InvitationStatus,
    domain::invitation::Delivery,
    domain::invitation::EntryWish,
    domain::bulk::BulkAction,
);

/// Ids are bound and read as their UUID.
macro_rules! id_arguments {
    ($($id:ident),* $(,)?) => {$(
        impl From<domain::id::$id> for Arg {
            fn from(id: domain::id::$id) -> Self { Self::Uuid(Some(id.uuid())) }
        }
        impl From<Option<domain::id::$id>> for Arg {
            fn from(id: Option<domain::id::$id>) -> Self { Self::Uuid(id.map(domain::id::$id::uuid)) }
        }
        impl From<MaybeId> for Option<domain::id::$id> {
            fn from(id: MaybeId) -> Self { id.0.map(domain::id::$id::from_uuid) }
        }
    )*};
}
id_arguments!(
    OrganisationId,
    UserId,
    MembershipId,
    AreaId,
    ServiceId,
    TaskId,
    RoleId,
    AssignmentId,
    InvitationId,
    BatchId,
    EntryId,
    SessionId,
    DraftId,
    TermsId,
    SecondFactorId,
    ChallengeId,
    ChangeId,
    MessageId,
    AuditEventId,
    BulkJobId,
);

/// A statement on its way to the database.
#[derive(Debug)]
pub(crate) struct Sql {
    text: SqlStr,
    arguments: Vec<Arg>,
    persistent: bool,
}

/// A statement with placeholders `$1`, `$2`, … that both databases understand.
pub(crate) fn sql(text: &'static str) -> Sql {
    Sql {
        text: text.into_sql_str(),
        arguments: Vec::new(),
        persistent: true,
    }
}

/// A statement whose text was put together by the program: the one place where that happens.
/// Only constant pieces and placeholder numbers may go into `text`, never a value.
pub(crate) fn assembled(text: String, arguments: Vec<Arg>) -> Sql {
    Sql {
        text: AssertSqlSafe(text).into_sql_str(),
        arguments,
        persistent: false,
    }
}

/// SQLite allows 32,766 arguments in a statement; stay well below.
const MOST_ARGUMENTS: usize = 16_000;

/// Inserts many rows with as few statements as possible. `head` is `INSERT INTO t (a, b)`,
/// `tail` what follows the values (such as `ON CONFLICT DO NOTHING`). Returns rows inserted.
pub(crate) async fn insert_many(
    tx: &mut Tx,
    head: &'static str,
    rows: Vec<Vec<Arg>>,
    tail: &'static str,
) -> Result<u64, StoreError> {
    let Some(width) = rows.first().map(Vec::len) else {
        return Ok(0);
    };
    let per_statement = (MOST_ARGUMENTS / width.max(1)).clamp(1, 1_000);
    let mut inserted = 0;
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let chunk: Vec<Vec<Arg>> = rows.by_ref().take(per_statement).collect();
        let mut text = String::with_capacity(head.len() + chunk.len() * width * 6);
        text.push_str(head);
        text.push_str(" VALUES ");
        let mut number = 0;
        for row in 0..chunk.len() {
            text.push_str(if row == 0 { "(" } else { ",(" });
            for column in 0..width {
                number += 1;
                if column > 0 {
                    text.push(',');
                }
                // SQLite looks a numbered placeholder up among all before it, at each mention.
                if tx.dialect() == Dialect::Sqlite {
                    text.push('?');
                } else {
                    text.push('$');
                    text.push_str(&number.to_string());
                }
            }
            text.push(')');
        }
        text.push(' ');
        text.push_str(tail);
        // Full chunks repeat the same text, so that the prepared statement is worth keeping.
        let mut statement = assembled(text, chunk.into_iter().flatten().collect());
        statement.persistent = number == per_statement * width;
        inserted += statement.execute(tx).await?;
    }
    Ok(inserted)
}

/// Updates rows that are known by id and version: `before`, a pair of placeholders for each, `after`.
/// [`StoreError::Stale`] when one of them has another version by now. The placeholders of `arguments`
/// are `$1` and so on; in `after` the pair is `v.column1` and `v.column2`.
pub(crate) async fn update_versions<T: Copy + Into<Arg>>(
    tx: &mut Tx,
    before: &'static str,
    arguments: Vec<Arg>,
    rows: &[(T, i64)],
    after: &'static str,
) -> Result<(), StoreError> {
    const ROWS: usize = 500;
    for chunk in rows.chunks(ROWS) {
        let mut arguments = arguments.clone();
        let mut text = before.to_owned();
        for (index, (id, version)) in chunk.iter().enumerate() {
            let first = arguments.len() + 1;
            text.push_str(if index == 0 { "" } else { "," });
            let _ = write!(text, "(${first},${})", first + 1);
            arguments.push((*id).into());
            arguments.push((*version).into());
        }
        text.push_str(after);
        let changed = assembled(text, arguments)
            .kept_when(chunk.len() == ROWS)
            .execute(tx)
            .await?;
        if changed != chunk.len() as u64 {
            return Err(StoreError::Stale);
        }
    }
    Ok(())
}

/// Statements over a list of values: `WHERE x IN ($2,$3,…)`.
pub(crate) mod list {
    use super::{Arg, Sql, assembled};

    /// As many values as go into one statement.
    const CHUNK: usize = 1_000;

    /// Cuts a list for [`around`]. An empty list gives nothing to do.
    pub(crate) fn chunks<T>(values: &[T]) -> std::slice::Chunks<'_, T> {
        values.chunks(CHUNK)
    }

    /// `before`, a placeholder for each value, `after`. The placeholders of `before` and `after`
    /// are `$1`, `$2` and so on, for `arguments`.
    pub(crate) fn around<T: Clone + Into<Arg>>(
        before: &'static str,
        mut arguments: Vec<Arg>,
        values: &[T],
        after: &'static str,
    ) -> Sql {
        let mut text = String::with_capacity(before.len() + after.len() + values.len() * 6);
        text.push_str(before);
        for (index, value) in values.iter().enumerate() {
            arguments.push(value.clone().into());
            text.push_str(if index == 0 { "$" } else { ",$" });
            text.push_str(&arguments.len().to_string());
        }
        text.push_str(after);
        assembled(text, arguments).kept_when(values.len() == CHUNK)
    }
}

impl Sql {
    /// Keeps the prepared statement, when the same text will come again.
    pub(crate) fn kept_when(mut self, comes_again: bool) -> Self {
        self.persistent = comes_again;
        self
    }

    pub(crate) fn bind(mut self, argument: impl Into<Arg>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    pub(crate) async fn execute(self, tx: &mut Tx) -> Result<u64, StoreError> {
        Ok(match tx {
            Tx::Sqlite(tx) => self.sqlite()?.execute(&mut **tx).await?.rows_affected(),
            Tx::Postgres(tx) => self.postgres()?.execute(&mut **tx).await?.rows_affected(),
        })
    }

    /// Executes a statement that must change exactly one row; anything else is
    /// [`StoreError::Stale`].
    pub(crate) async fn execute_one(self, tx: &mut Tx) -> Result<(), StoreError> {
        match self.execute(tx).await? {
            1 => Ok(()),
            _ => Err(StoreError::Stale),
        }
    }

    pub(crate) async fn fetch_all<T: StoredRow>(self, tx: &mut Tx) -> Result<Vec<T>, StoreError> {
        Ok(match tx {
            Tx::Sqlite(tx) => {
                let rows = self.sqlite()?.fetch_all(&mut **tx).await?;
                rows.iter().map(T::from_row).collect::<Result<_, _>>()?
            }
            Tx::Postgres(tx) => {
                let rows = self.postgres()?.fetch_all(&mut **tx).await?;
                rows.iter().map(T::from_row).collect::<Result<_, _>>()?
            }
        })
    }

    pub(crate) async fn fetch_optional<T: StoredRow>(
        self,
        tx: &mut Tx,
    ) -> Result<Option<T>, StoreError> {
        Ok(match tx {
            Tx::Sqlite(tx) => match self.sqlite()?.fetch_optional(&mut **tx).await? {
                Some(row) => Some(T::from_row(&row)?),
                None => None,
            },
            Tx::Postgres(tx) => match self.postgres()?.fetch_optional(&mut **tx).await? {
                Some(row) => Some(T::from_row(&row)?),
                None => None,
            },
        })
    }

    pub(crate) async fn fetch_one<T: StoredRow>(self, tx: &mut Tx) -> Result<T, StoreError> {
        self.fetch_optional(tx).await?.ok_or(StoreError::Missing)
    }

    fn sqlite(self) -> Result<Query<'static, sqlx::Sqlite, SqliteArguments>, StoreError> {
        let mut arguments = SqliteArguments::default();
        for argument in self.arguments {
            match argument {
                Arg::Uuid(v) => Arguments::add(&mut arguments, v),
                Arg::Text(v) => Arguments::add(&mut arguments, v),
                Arg::Integer(v) => Arguments::add(&mut arguments, v),
                Arg::Bool(v) => Arguments::add(&mut arguments, v),
                Arg::Time(v) => Arguments::add(&mut arguments, v.map(sortable)),
                Arg::Bytes(v) => Arguments::add(&mut arguments, v),
                Arg::Json(v) => Arguments::add(&mut arguments, v.map(|json| json.to_string())),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok(sqlx::query_with(self.text, arguments).persistent(self.persistent))
    }

    fn postgres(self) -> Result<Query<'static, sqlx::Postgres, PgArguments>, StoreError> {
        let mut arguments = PgArguments::default();
        for argument in self.arguments {
            match argument {
                Arg::Uuid(v) => Arguments::add(&mut arguments, v),
                Arg::Text(v) => Arguments::add(&mut arguments, v),
                Arg::Integer(v) => Arguments::add(&mut arguments, v),
                Arg::Bool(v) => Arguments::add(&mut arguments, v),
                Arg::Time(v) => Arguments::add(&mut arguments, v),
                Arg::Bytes(v) => Arguments::add(&mut arguments, v),
                Arg::Json(v) => Arguments::add(&mut arguments, v),
            }
            .map_err(sqlx::Error::Encode)?;
        }
        Ok(sqlx::query_with(self.text, arguments).persistent(self.persistent))
    }
}

/// SQLite compares times as text, so every time is written with the same number of digits.
fn sortable(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, false)
}
