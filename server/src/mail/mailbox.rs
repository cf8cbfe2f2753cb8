//! Captured messages, to be looked at.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Folder, Message};

/// Where captured messages are.
#[derive(Clone, Debug)]
pub enum Mailbox {
    /// In folders, one for each kind of message.
    Folders(Vec<Folder>),
    /// In memory.
    Memory(Memory),
}

impl Mailbox {
    /// Every captured message, newest first.
    pub fn messages(&self) -> Vec<Arc<Message>> {
        let mut all: Vec<Arc<Message>> = match self {
            Self::Folders(folders) => folders.iter().flat_map(Folder::messages).collect(),
            Self::Memory(memory) => memory.messages(),
        };
        all.sort_by(|a, b| (b.sent_at, &b.id).cmp(&(a.sent_at, &a.id)));
        all
    }
}

/// Messages in memory, for tests.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Vec<Arc<Message>>>>);

impl Memory {
    pub(super) fn put(&self, message: Message) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Arc::new(message));
    }

    /// Every message, in the order in which they were sent.
    pub fn messages(&self) -> Vec<Arc<Message>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
