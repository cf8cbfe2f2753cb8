//! The only user of sqlx: SQLite and PostgreSQL behind one set of methods, without decisions,
//! without the clock and without randomness. One file per aggregate; every method takes the
//! organisation whose rows it may touch (R65).

mod driver;
mod error;
mod form_drafts;
mod sql;

pub use driver::{Dialect, Store, Tx};
pub use error::{Conflict, StoreError};

/// Result of a store method.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
