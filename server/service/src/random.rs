//! Randomness as a parameter.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use uuid::Uuid;

/// A cryptographically secure generator, seeded once: from the operating system by the
/// composition root, from a number by tests.
#[derive(Clone)]
pub struct Random(Arc<Mutex<ChaCha20Rng>>);

impl Random {
    /// Seeds the generator.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Arc::new(Mutex::new(ChaCha20Rng::from_seed(seed))))
    }

    /// Random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .fill_bytes(&mut bytes);
        bytes
    }

    /// A number below `bound`, each equally likely.
    pub fn below(&self, bound: u32) -> u32 {
        // Throw away the part of the range that would favour small numbers.
        let zone = u32::MAX - u32::MAX % bound;
        loop {
            let value = u32::from_le_bytes(self.bytes());
            if value < zone {
                return value % bound;
            }
        }
    }

    /// A UUIDv7: sorted by time of creation, unguessable in its last 74 bits.
    pub fn uuid(&self, now: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}
