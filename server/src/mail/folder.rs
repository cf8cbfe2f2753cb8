//! Messages as files, one each, for development and tests: nothing leaves the computer. The files
//! hold working links and codes, so only their owner may read them.

use std::{
    collections::BTreeMap,
    fs, io,
    io::Write,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::Message;
use crate::machine::private_folder;

/// A folder of captured messages.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    // By file name: read once, since a captured message never changes.
    read: Arc<Mutex<BTreeMap<String, Arc<Message>>>>,
}

impl Folder {
    /// A folder; it is made when it is first needed.
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            read: Arc::default(),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(super) async fn put(&self, message: &Message) -> io::Result<()> {
        let folder = self.path.clone();
        let text = serde_json::to_string_pretty(message)?;
        // Names in the order of sending; the id makes a repeated delivery replace itself.
        let name = format!(
            "{}-{}",
            message.sent_at.format("%Y%m%dT%H%M%S%6f"),
            message.id
        );
        tokio::task::spawn_blocking(move || {
            private_folder(&folder)?;
            let part = folder.join(format!("{name}.part"));
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(&part)?.write_all(text.as_bytes())?;
            fs::rename(part, folder.join(format!("{name}.json")))
        })
        .await
        .map_err(io::Error::other)?
    }

    pub(super) async fn check(&self) -> io::Result<()> {
        let folder = self.path.clone();
        tokio::task::spawn_blocking(move || {
            private_folder(&folder)?;
            let probe = folder.join(".probe");
            fs::write(&probe, "")?;
            fs::remove_file(probe)
        })
        .await
        .map_err(io::Error::other)?
    }

    /// Every captured message, oldest first. What cannot be read is left out.
    pub fn messages(&self) -> Vec<Arc<Message>> {
        let mut names: Vec<String> = fs::read_dir(&self.path)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| name.ends_with(".json"))
            .collect();
        names.sort();
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.retain(|name, _| names.binary_search(name).is_ok());
        for name in names {
            if read.contains_key(&name) {
                continue;
            }
            let message = fs::read(self.path.join(&name))
                .ok()
                .and_then(|text| serde_json::from_slice(&text).ok());
            if let Some(message) = message {
                read.insert(name, Arc::new(message));
            }
        }
        read.values().cloned().collect()
    }
}
