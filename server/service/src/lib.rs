//! Use cases of Lanyard: every rule that needs the database or the clock. One method is one use
//! case in one transaction: authorise, load, decide, write, queue mail, write audit, commit. Mail
//! and audit are rows of the same transaction, so neither can be lost or lie.

pub mod account;
pub mod activity;
pub mod audit;
pub mod authorisation;
pub mod bulk;
pub mod clock;
mod codes;
pub mod csv;
pub mod demo;
pub mod error;
pub mod form_drafts;
pub mod frame;
pub mod health;
pub mod home;
pub mod housekeeping;
pub mod invitations;
pub mod lost_access;
pub mod memberships;
pub mod organisations;
pub mod outbox;
pub mod password_reset;
pub mod passwords;
pub mod presets;
pub mod random;
pub mod registration;
pub mod request;
pub mod roles;
pub mod second_factors;
pub mod second_step;
pub mod secrets;
pub mod sessions;
pub mod set_up_codes;
pub mod sign_in;
pub mod terms;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod throttling;
pub mod user_page;
pub mod users;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use store::Store;

pub use audit::By;
pub use authorisation::{Access, Reach};
pub use clock::Clock;
pub use error::{Conflict, Error, Result};
pub use random::Random;
pub use request::{Actor, RequestInfo};
pub use secrets::Keys;

/// Settings that the use cases need; read once by the composition root.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach this installation, without a trailing slash. The only source of links
    /// in messages (R25).
    pub public_origin: String,
    /// The name of the service in sentences and messages.
    pub service_name: String,
}

/// Every use case, over one store, one clock and one source of randomness.
#[derive(Clone)]
pub struct Services {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Random,
    pub(crate) keys: Keys,
    pub(crate) settings: Arc<Settings>,
    pub(crate) hashing: Arc<passwords::HashPool>,
    pub(crate) wake: outbox::Wake,
    pub(crate) counts: store::KeptCounts,
    pub(crate) standstill: health::Standstill,
}

impl Services {
    /// Puts the use cases together.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        random: Random,
        keys: Keys,
        settings: Settings,
    ) -> Self {
        Self {
            store,
            clock,
            random,
            keys,
            settings: Arc::new(settings),
            hashing: Arc::new(passwords::HashPool::for_this_machine()),
            wake: outbox::Wake::default(),
            counts: store::KeptCounts::default(),
            standstill: health::Standstill::default(),
        }
    }

    /// The present, cut to the microseconds that both databases keep.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Settings that pages and messages show.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The database, for the composition root (migrations, health).
    pub fn store(&self) -> &Store {
        &self.store
    }
}
