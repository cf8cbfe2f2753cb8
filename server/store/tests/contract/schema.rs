//! Both migration folders make the same tables.

use std::collections::BTreeMap;

use sqlx::{Connection, PgConnection, SqliteConnection};
use store::{Store, Tx};

/// Executes a statement as it is, whatever the database.
pub async fn raw(tx: &mut Tx, text: &'static str) -> Result<(), sqlx::Error> {
    match tx {
        Tx::Sqlite(tx) => sqlx::query(text).execute(&mut **tx).await.map(|_| ()),
        Tx::Postgres(tx) => sqlx::query(text).execute(&mut **tx).await.map(|_| ()),
    }
}

type Columns = BTreeMap<(String, String), bool>;

/// Tables and columns, with whether a column may be empty, are the same in both databases.
#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let (store, folder) = crate::harness::sqlite().await;
    store.close().await;
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT t.name, c.name, c.\"notnull\" FROM sqlite_master t, pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let sqlite: Columns = rows
        .into_iter()
        .map(|(table, column, not_null)| ((table, column), not_null == 0))
        .collect();
    assert!(sqlite.len() > 150);

    let Some(url) = crate::harness::postgres_url().await else {
        return;
    };
    let store = Store::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, is_nullable::text \
         FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let postgres: Columns = rows
        .into_iter()
        .map(|(table, column, nullable)| ((table, column), nullable == "YES"))
        .collect();
    assert_eq!(sqlite, postgres);
}

/// Tables that hold more than one organisation's rows and some of nobody's.
const SHARED: [&str; 3] = ["audit_events", "outbox", "terms_acceptances"];

/// R66: whatever belongs to an organisation says to which, and points at nothing of another one, since each
/// key from such a table to such a table has the organisation in it.
#[tokio::test]
async fn every_key_has_the_organisation_in_it() {
    let (store, folder) = crate::harness::sqlite().await;
    store.close().await;
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let owned: Vec<(String, i64)> = sqlx::query_as(
        "SELECT t.name, c.\"notnull\" FROM sqlite_master t, pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND c.name = 'organisation_id'",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(owned.len() > 20);
    let of_nobody = owned.iter().filter(|(_, not_null)| *not_null == 0);
    let mut of_nobody: Vec<&str> = of_nobody.map(|(table, _)| table.as_str()).collect();
    of_nobody.sort_unstable();
    assert_eq!(of_nobody, SHARED);
    let loose: Vec<(String, String)> = sqlx::query_as(
        "SELECT t.name, k.\"table\" FROM sqlite_master t, pragma_foreign_key_list(t.name) k \
         WHERE t.type = 'table' \
         AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE name = 'organisation_id') \
         AND EXISTS (SELECT 1 FROM pragma_table_info(k.\"table\") WHERE name = 'organisation_id') \
         GROUP BY t.name, k.id, k.\"table\" \
         HAVING NOT max(k.\"from\" = 'organisation_id' AND k.\"to\" = 'organisation_id')",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(loose.is_empty(), "{loose:?}");

    let Some(url) = crate::harness::postgres_url().await else {
        return;
    };
    let store = Store::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let loose: Vec<(String, String)> = sqlx::query_as(
        "SELECT k.conrelid::regclass::text, k.confrelid::regclass::text FROM pg_constraint k \
         JOIN pg_attribute f ON f.attrelid = k.conrelid AND f.attname = 'organisation_id' \
         JOIN pg_attribute t ON t.attrelid = k.confrelid AND t.attname = 'organisation_id' \
         WHERE k.contype = 'f' AND NOT EXISTS ( \
           SELECT 1 FROM unnest(k.conkey, k.confkey) AS pair (own, other) \
           WHERE pair.own = f.attnum AND pair.other = t.attnum)",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    assert!(loose.is_empty(), "{loose:?}");
}

/// R114: two servers that start together migrate once.
#[tokio::test]
async fn two_servers_starting_together_migrate_once() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("new.db").display());
    let (one, two) = tokio::join!(Store::connect(&url), Store::connect(&url));
    let (one, two) = (one.unwrap(), two.unwrap());
    let (first, second) = tokio::join!(one.migrate(), two.migrate());
    first.unwrap();
    second.unwrap();
    if let Some(url) = crate::harness::postgres_url().await {
        let (one, two) = (
            Store::connect(&url).await.unwrap(),
            Store::connect(&url).await.unwrap(),
        );
        let (first, second) = tokio::join!(one.migrate(), two.migrate());
        first.unwrap();
        second.unwrap();
    }
}
