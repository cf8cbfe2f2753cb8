//! New passwords (R4), and hashing and checking them without letting a flood of sign-ins take the
//! machine (R6, R117).

mod common_passwords;

use std::time::Duration;

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::password::{Password, check_password};
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
const WAIT: Duration = Duration::from_secs(if cfg!(debug_assertions) { 30 } else { 3 });

/// Takes a new password as typed. `min` is the policy's shortest length (R1), `words` what it must
/// not contain (`domain::password::personal_words`: names, address, organisation).
///
/// # Errors
/// The code of what is wrong: `password.empty`, `.too_short`, `.too_long`, `.personal`, or
/// `.common` for what anybody would try first.
pub fn check_new_password(
    typed: &str,
    min: usize,
    words: &[String],
) -> std::result::Result<Password, &'static str> {
    if let Some(code) = check_password(typed, min, words) {
        return Err(code);
    }
    let password = Password::parse(typed).ok_or("password.too_long")?;
    if is_common(&password) {
        return Err("password.common");
    }
    Ok(password)
}

/// Whether anybody would try this password first (R4): for forms that have checked the rest.
pub fn is_common(password: &Password) -> bool {
    common_passwords::is_common(password.expose())
}

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
        let dummy = if let Some(dummy) = self.dummy.get() {
            dummy.clone()
        } else {
            let made = self.run(|| hash_now("no such user", &[9; 16])).await??;
            self.dummy.get_or_init(|| made).clone()
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

#[cfg(test)]
mod tests {
    use domain::password::Password;

    use super::{HashPool, Verdict, check_new_password, hash_now};
    use crate::Random;

    fn code(typed: &str) -> Option<&'static str> {
        check_new_password(typed, 12, &["Carlton".to_owned()]).err()
    }

    /// R1, R4: the order in which a new password is looked at.
    #[test]
    fn a_new_password_is_refused_with_its_reason() {
        assert_eq!(code(""), Some("password.empty"));
        assert_eq!(code("elevenchars"), Some("password.too_short"));
        assert_eq!(code(&"x y ".repeat(33)), Some("password.too_long"));
        assert_eq!(code(&"x".repeat(1_025)), Some("password.too_long"));
        assert_eq!(code("my carlton lamp"), Some("password.personal"));
        assert_eq!(code("Password2026"), Some("password.common"));
        assert_eq!(code("harbour lantern"), None);
    }

    /// R6, R8: the stored form says argon2id and its cost; both spellings of an accent sign in.
    #[tokio::test]
    async fn a_hash_fits_its_password_alone() {
        let pool = HashPool::for_this_machine();
        let random = Random::from_seed([7; 32]);
        let parse = |text: &str| Password::parse(text).unwrap();
        let stored = pool.hash(parse("café au lait 12"), &random).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        for (typed, verdict) in [
            ("café au lait 12", Verdict::Right),
            ("cafe\u{301} au\u{a0}lait 12", Verdict::Right),
            ("café au lait 1", Verdict::Wrong),
            ("café au lait 123", Verdict::Wrong),
            ("Café au lait 12", Verdict::Wrong),
            (" café au lait 12", Verdict::Wrong),
        ] {
            let found = pool.verify(parse(typed), Some(stored.clone())).await;
            assert_eq!(found.unwrap(), verdict, "{typed}");
        }
        // R7: nobody's password is never right, whatever is typed.
        let nobody = pool.verify(parse("no such user"), None).await;
        assert_eq!(nobody.unwrap(), Verdict::Wrong);
    }

    /// R6: a weaker hash is told from one of today; one that would stop the machine is refused.
    #[tokio::test]
    async fn a_weak_hash_is_renewed_and_a_poisoned_one_refused() {
        use argon2::{Algorithm, Argon2, Params, Version, password_hash::PasswordHasher};
        let pool = HashPool::for_this_machine();
        let weak = Argon2::new(
            Algorithm::Argon2id,
            Version::V0x13,
            Params::new(1_024, 1, 1, None).unwrap(),
        )
        .hash_password_with_salt(b"harbour lantern", &[3; 16])
        .unwrap()
        .to_string();
        let typed = || Password::parse("harbour lantern").unwrap();
        assert_eq!(
            pool.verify(typed(), Some(weak)).await.unwrap(),
            Verdict::RightButWeak
        );
        let poisoned = hash_now("harbour lantern", &[3; 16])
            .unwrap()
            .replace("m=19456", "m=4194304");
        assert_eq!(
            pool.verify(typed(), Some(poisoned)).await.unwrap(),
            Verdict::Wrong
        );
    }
}
