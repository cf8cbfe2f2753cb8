//! One server for an embedded database: it knows that whatever an earlier process had claimed is
//! free, and a second one that was started by mistake does not do its work again.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

use crate::{Store, StoreError};

/// Whether this server is the only one on its database; as long as this lives, on SQLite.
#[derive(Debug)]
pub struct Alone(Option<File>);

impl Alone {
    /// False where several servers may work together, or where it cannot be known.
    pub fn is_certain(&self) -> bool {
        self.0.is_some()
    }
}

impl Store {
    /// Keeps every other server away from an embedded database, by a lock on a file beside it
    /// that the system takes back when this process ends, however it ends. (A lock on the
    /// database's own file would disturb SQLite's.)
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another server is at work there.
    pub fn hold_alone(&self) -> Result<Alone, StoreError> {
        match self.file() {
            Some(file) => lock(file),
            None => Ok(Alone(None)),
        }
    }
}

fn lock(database: &Path) -> Result<Alone, StoreError> {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(name)?;
    match file.try_lock() {
        Ok(()) => Ok(Alone(Some(file))),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        // A file system without locks: claims end by their time, as with several servers.
        Err(TryLockError::Error(_)) => Ok(Alone(None)),
    }
}
