//! Hashing and checking passwords without letting a flood of sign-ins take the machine (R6, R117).

use std::time::Duration;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::password::Password;
use tokio::sync::Semaphore;

use crate::{Error, Random, Result};

/// argon2id with 19 MiB and 2 passes: OWASP's first choice, in the list of ASVS 5.0 (R6).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
/// A stored hash that would cost more than this is refused: a poisoned row must not stop the machine.
const MOST_MEMORY_KIB: u32 = 262_144;
const MOST_PASSES: u32 = 16;
/// Waiting hashes beyond this are turned away.
const QUEUE: usize = 64;
/// Longest wait for a turn.
const WAIT: Duration = Duration::from_secs(3);

/// A bounded pool for password hashing: more hashes at once than cores only cost memory.
pub struct HashPool {
    running: std::sync::Arc<Semaphore>,
    queued: Semaphore,
    /// Checked against when there is no such user, so that unknown and known take as long (R7).
    dummy: std::sync::OnceLock<String>,
}

impl HashPool {
    /// One hash at a time on two cores, so that one stays for everything else.
    pub fn for_this_machine() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            running: std::sync::Arc::new(Semaphore::new(cores.saturating_sub(1).max(1))),
            queued: Semaphore::new(QUEUE),
            dummy: std::sync::OnceLock::new(),
        }
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many are waiting.
    pub async fn hash(&self, password: Password, random: &Random) -> Result<String> {
        let salt: [u8; 16] = random.bytes();
        self.run(move || hash_now(password.expose(), &salt)).await?
    }

    /// Checks a password against a stored hash, or against a made-up one of the same cost when
    /// there is none. Returns whether it fits, and whether the stored hash should be renewed.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when too many are waiting.
    pub async fn verify(&self, password: Password, stored: Option<String>) -> Result<Verdict> {
        let dummy = match self.dummy.get() {
            Some(dummy) => dummy.clone(),
            None => {
                let made = self.run(|| hash_now("no such user", &[9; 16])).await??;
                self.dummy.get_or_init(|| made).clone()
            }
        };
        self.run(move || {
            let real = stored.is_some();
            let stored = stored.unwrap_or(dummy);
            let Ok(hash) = PasswordHash::new(&stored) else {
                return Verdict::Wrong;
            };
            let Ok(params) = Params::try_from(&hash) else {
                return Verdict::Wrong;
            };
            if params.m_cost() > MOST_MEMORY_KIB || params.t_cost() > MOST_PASSES {
                return Verdict::Wrong;
            }
            let fits = Argon2::default()
                .verify_password(password.expose().as_bytes(), &hash)
                .is_ok();
            match fits && real {
                false => Verdict::Wrong,
                true if params.m_cost() < MEMORY_KIB || params.t_cost() < PASSES => {
                    Verdict::RightButWeak
                }
                true => Verdict::Right,
            }
        })
        .await
    }

    async fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let busy = || Error::Unavailable("too many sign-ins at once".into());
        let _place = self.queued.try_acquire().map_err(|_| busy())?;
        let turn = tokio::time::timeout(WAIT, self.running.clone().acquire_owned())
            .await
            .map_err(|_| busy())?
            .map_err(|_| busy())?;
        tokio::task::spawn_blocking(move || {
            let out = job();
            drop(turn);
            out
        })
        .await
        .map_err(|error| Error::Fault(error.to_string()))
    }
}

/// What a check of a password found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It fits.
    Right,
    /// It fits, and the stored hash is weaker than today's: hash it anew.
    RightButWeak,
    /// It does not fit.
    Wrong,
}

fn hash_now(password: &str, salt: &[u8; 16]) -> Result<String> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None)
        .map_err(|error| Error::Fault(error.to_string()))?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_with_salt(password.as_bytes(), salt)
        .map(|hash| hash.to_string())
        .map_err(|error| Error::Fault(error.to_string()))
}
