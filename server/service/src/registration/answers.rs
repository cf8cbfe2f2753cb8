//! The answers of a journey, and which step comes next (R30).

use domain::{SecondFactorKind, registration::RegistrationStep};
use serde::{Deserialize, Serialize};

/// Everything that was answered so far. Never a password, a code or a usable recovery code: those
/// are kept hashed or sealed, beside the answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Answers {
    /// Whether the person has an account and joins with it.
    pub(super) joining: bool,
    /// Empty until the details were given.
    pub(super) first_name: String,
    pub(super) last_name: String,
    /// E.164.
    pub(super) mobile: Option<String>,
    /// As it was typed, to be shown again (ux 7.3).
    pub(super) mobile_typed: String,
    /// How codes come, once that was chosen.
    pub(super) method: Option<SecondFactorKind>,
    /// Whether a code of that kind was given back (R51).
    pub(super) proven: bool,
    /// For an app: the time step whose code was the proof; it is spent (R41).
    pub(super) last_step: i64,
    /// The digests of the recovery codes (R45).
    pub(super) recovery_digests: Vec<[u8; 32]>,
    /// The codes themselves, sealed, until the person has gone on from the page that shows them.
    pub(super) recovery_sealed: Vec<u8>,
    /// Whether the invitation was used up by this journey.
    pub(super) done: bool,
}

impl Answers {
    /// The first step that is not done. `codes` says whether a second factor has to be set up.
    pub(super) fn step(&self, codes: bool) -> RegistrationStep {
        if self.done {
            RegistrationStep::Done
        } else if self.joining {
            RegistrationStep::Terms
        } else if !self.has_details() {
            RegistrationStep::Details
        } else if !codes {
            RegistrationStep::Terms
        } else if self.method.is_none() {
            RegistrationStep::CodesMethod
        } else if !self.proven {
            RegistrationStep::ConfirmCode
        } else if !self.recovery_sealed.is_empty() {
            RegistrationStep::RecoveryCodes
        } else {
            RegistrationStep::Terms
        }
    }

    /// Whether the person has said who they are.
    pub(super) fn has_details(&self) -> bool {
        !self.first_name.is_empty()
    }

    /// Forgets the second factor: another one is to be set up.
    pub(super) fn forget_method(&mut self) {
        self.method = None;
        self.proven = false;
        self.last_step = 0;
        self.recovery_sealed.clear();
        self.recovery_digests.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R30: whatever was answered, the next step is the first that is missing; nothing reaches the
    /// last one over a gap.
    #[test]
    fn steps_come_in_order() {
        let mut answers = Answers::default();
        assert_eq!(answers.step(true), RegistrationStep::Details);
        answers.proven = true;
        answers.method = Some(SecondFactorKind::Email);
        assert_eq!(answers.step(true), RegistrationStep::Details);
        answers.forget_method();
        answers.first_name = "Jane".to_owned();
        assert_eq!(answers.step(true), RegistrationStep::CodesMethod);
        assert_eq!(answers.step(false), RegistrationStep::Terms);
        answers.method = Some(SecondFactorKind::Email);
        assert_eq!(answers.step(true), RegistrationStep::ConfirmCode);
        answers.proven = true;
        answers.recovery_sealed = vec![1];
        assert_eq!(answers.step(true), RegistrationStep::RecoveryCodes);
        answers.recovery_sealed.clear();
        assert_eq!(answers.step(true), RegistrationStep::Terms);
        answers.forget_method();
        assert_eq!(answers.step(true), RegistrationStep::CodesMethod);
        answers.done = true;
        assert_eq!(answers.step(true), RegistrationStep::Done);
    }
}
