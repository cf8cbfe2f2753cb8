//! Two databases behind one handle: pools, transactions, migrations, and the pragmas that make
//! SQLite safe (R112). Nothing here knows a table.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{
    Connection, PgConnection, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{StoreError, sql::sql};

static SQLITE_MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations/sqlite");
static POSTGRES_MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations/postgres");

/// The oldest SQLite without the bug that could corrupt a database in WAL mode.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);
/// Connections that only read. Reading is short; more would only queue for the two cores.
const READERS: u32 = 8;

#[derive(Clone, Debug)]
enum Database {
    /// One connection that writes and several that read: SQLite has a single writer anyway, and
    /// waiting for a connection is fair where waiting for its lock is not.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
        /// Nothing for one in memory.
        file: Option<PathBuf>,
    },
    Postgres(PgPool),
}

/// Every table of Lanyard, in SQLite or PostgreSQL.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
}

/// A transaction. Dropped without [`Tx::commit`] it changes nothing.
#[derive(Debug)]
pub enum Tx {
    /// On the embedded database.
    Sqlite(Transaction<'static, Sqlite>),
    /// On a PostgreSQL server.
    Postgres(Transaction<'static, Postgres>),
}

/// Which database a transaction runs on, for the few statements whose text must differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The embedded database.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

impl Dialect {
    /// Ends a sub-select whose rows are about to be changed, so that several servers may work
    /// one queue. SQLite has one writer and needs nothing.
    pub(crate) const fn skip_locked(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }
}

impl Store {
    /// Connects to `url`: `sqlite:PATH` (the file is made when missing) or `postgres://…`.
    ///
    /// # Errors
    /// When the URL cannot be read or the database cannot be reached.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let database = if url.starts_with("sqlite:") {
            sqlite(url).await?
        } else {
            let options = PgConnectOptions::from_str(url)?
                // Compiling a statement, or starting processes to share its work, takes longer than
                // any of ours runs.
                .options([("jit", "off"), ("max_parallel_workers_per_gather", "0")]);
            let pool = PgPoolOptions::new()
                .max_connections(16)
                .acquire_timeout(Duration::from_secs(5))
                .connect_with(options.clone())
                .await;
            match pool {
                Ok(pool) => Database::Postgres(pool),
                // It has tried for some time and does not tell what stood in the way.
                Err(sqlx::Error::PoolTimedOut) => {
                    PgConnection::connect_with(&options).await?.close().await?;
                    return Err(sqlx::Error::PoolTimedOut.into());
                }
                Err(error) => return Err(error.into()),
            }
        };
        Ok(Self { database })
    }

    /// A private database in memory, migrated: for tests of the layers above.
    ///
    /// # Errors
    /// When SQLite cannot start.
    pub async fn in_memory() -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str("sqlite::memory:")?.foreign_keys(true);
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options)
            .await?;
        let store = Self {
            database: Database::Sqlite {
                writer: pool.clone(),
                readers: pool,
                file: None,
            },
        };
        store.migrate().await?;
        Ok(store)
    }

    /// Brings the tables to this version. Two servers that start together migrate once.
    ///
    /// # Errors
    /// When a migration fails; the database is left as it was.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        match &self.database {
            Database::Sqlite { writer, .. } => {
                // Nothing locks the file from the look at what is there to the end of a migration:
                // whoever came second fails, changes nothing and looks again.
                if SQLITE_MIGRATIONS.run(writer).await.is_err() {
                    SQLITE_MIGRATIONS.run(writer).await?;
                }
            }
            Database::Postgres(pool) => POSTGRES_MIGRATIONS.run(pool).await?,
        }
        Ok(())
    }

    /// Starts a transaction that only reads.
    ///
    /// # Errors
    /// When no connection is free within 5 seconds or the database is away.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        Ok(match &self.database {
            Database::Sqlite { readers, .. } => Tx::Sqlite(readers.begin().await?),
            Database::Postgres(pool) => Tx::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        })
    }

    /// Starts a transaction that may write. On SQLite it takes the write lock at once: a
    /// transaction that reads first and writes later would fail under load.
    ///
    /// # Errors
    /// When no connection is free within 5 seconds or the database is away.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        Ok(match &self.database {
            Database::Sqlite { writer, .. } => {
                Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?)
            }
            Database::Postgres(pool) => Tx::Postgres(pool.begin().await?),
        })
    }

    /// Runs a statement that is no part of the product: a database to be made, a fault to be set
    /// up.
    ///
    /// # Errors
    /// When the database refuses it.
    #[cfg(feature = "testing")]
    pub async fn run_for_test(&self, statement: &'static str) -> Result<(), StoreError> {
        match &self.database {
            Database::Sqlite { writer, .. } => {
                sqlx::query(statement).execute(writer).await?;
            }
            Database::Postgres(pool) => {
                sqlx::query(statement).execute(pool).await?;
            }
        }
        Ok(())
    }

    /// Which of the two databases this is.
    pub fn dialect(&self) -> Dialect {
        match self.database {
            Database::Sqlite { .. } => Dialect::Sqlite,
            Database::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Where an embedded database is.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.database {
            Database::Sqlite { file, .. } => file.as_deref(),
            Database::Postgres(_) => None,
        }
    }

    /// Closes all connections once their transactions have ended.
    pub async fn close(&self) {
        match &self.database {
            Database::Sqlite {
                writer, readers, ..
            } => {
                readers.close().await;
                writer.close().await;
            }
            Database::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// Makes everything that was written in this transaction last, all of it or nothing.
    ///
    /// # Errors
    /// When the database refuses; then nothing was written.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Begins a part that can be taken back without the rest of the transaction; one at a time.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn begin_part(&mut self) -> Result<(), StoreError> {
        sql("SAVEPOINT part").execute(self).await?;
        Ok(())
    }

    /// Ends the part that was begun: what was written in it stays, or is as if it had never been.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn end_part(&mut self, keep: bool) -> Result<(), StoreError> {
        if !keep {
            sql("ROLLBACK TO SAVEPOINT part").execute(self).await?;
        }
        sql("RELEASE SAVEPOINT part").execute(self).await?;
        Ok(())
    }

    /// Which of the two databases this is.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Sqlite(_) => Dialect::Sqlite,
            Self::Postgres(_) => Dialect::Postgres,
        }
    }
}

async fn sqlite(url: &str) -> Result<Database, StoreError> {
    let path = url
        .trim_start_matches("sqlite:")
        .trim_start_matches("//")
        .split('?')
        .next()
        .unwrap_or_default()
        .to_owned();
    if let Some(folder) = Path::new(&path).parent() {
        std::fs::create_dir_all(folder)?;
    }
    make_private(Path::new(&path))?;
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-65536");
    let pool = |most: u32| {
        SqlitePoolOptions::new()
            .max_connections(most)
            .acquire_timeout(Duration::from_secs(5))
            .idle_timeout(None)
            .max_lifetime(None)
            .before_acquire({
                let suspect = Arc::new(AtomicBool::new(false));
                move |connection, _| Box::pin(still_good(connection, suspect.clone()))
            })
    };
    let writer = pool(1).connect_with(options.clone()).await?;
    let (version,): (String,) = sqlx::query_as("SELECT sqlite_version()")
        .fetch_one(&writer)
        .await?;
    if parse_version(&version) < OLDEST_SQLITE {
        return Err(StoreError::OldEngine(version));
    }
    let readers = pool(READERS).connect_with(options).await?;
    Ok(Database::Sqlite {
        writer,
        readers,
        file: Some(path.into()),
    })
}

/// Makes the file of a new database, which holds names and addresses, for its owner alone. SQLite
/// gives the files beside it the same mode.
fn make_private(file: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(file) {
        Err(error) if !file.exists() => Err(error),
        _ => Ok(()),
    }
}

/// Whether a connection can go on after what may have happened to it. When the disk is full SQLite
/// ends a transaction by itself; sqlx does not see it and would refuse every other transaction on
/// this connection for ever. And a connection that takes its place while the file is read-only
/// stays so, whatever becomes of the file: after such an event it must show that it can write.
async fn still_good(
    connection: &mut SqliteConnection,
    suspect: Arc<AtomicBool>,
) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        suspect.store(true, Ordering::Relaxed);
        return Ok(false);
    }
    if suspect.load(Ordering::Relaxed) {
        // Takes the lock for writing, and has nothing to do.
        let probe = sqlx::query("PRAGMA incremental_vacuum(1)");
        if probe.execute(connection).await.is_err() {
            return Ok(false);
        }
        suspect.store(false, Ordering::Relaxed);
    }
    Ok(true)
}

fn parse_version(text: &str) -> (u32, u32, u32) {
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::{Store, parse_version};

    #[cfg(unix)]
    #[tokio::test]
    async fn a_new_database_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}/new/lanyard.db", folder.path().display());
        let store = Store::connect(&url).await.unwrap();
        store.migrate().await.unwrap();
        let files = std::fs::read_dir(folder.path().join("new")).unwrap();
        let modes: Vec<u32> = files
            .map(|file| file.unwrap().metadata().unwrap().permissions().mode() & 0o777)
            .collect();
        assert_eq!(modes, [0o600; 3]);
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(parse_version("3.51.10") > parse_version("3.51.3"));
        assert!(parse_version("3.6.0") < parse_version("3.51.3"));
    }
}
