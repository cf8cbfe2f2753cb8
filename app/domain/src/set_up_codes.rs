//! Setting up a way to get codes while signing in: for whoever needs one and has none (R46, R48).

use serde::{Deserialize, Serialize};

use crate::keyed::keyed_enum;
use crate::second_factor::{AuthenticatorSetUp, SecondFactorKind};
use crate::text::plain_line;
use crate::violation::Violations;

keyed_enum! {
    /// Where setting up stands; each step has its page.
    pub enum SetUpStep {
        /// A code to the person's own address comes first: the password alone sets nothing up (R40).
        Mailbox = "check-your-email",
        Method = "choose-how-to-get-codes",
        Code = "confirm-code",
    }
}

/// What the pages show. Not printable: it has the key of an app in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUpCodes {
    /// The first step that is not done.
    pub step: SetUpStep,
    /// The kind of the code that is asked for now.
    pub kind: SecondFactorKind,
    /// "982" of a mobile number, "j…@nhs.net" of an address; empty for an app.
    pub ending: String,
    /// In the order of the page.
    pub methods: Vec<SecondFactorKind>,
    /// The one that was chosen.
    pub method: Option<SecondFactorKind>,
    /// As it was typed.
    pub mobile: String,
    /// For an app: what it has to be given.
    pub app: Option<AuthenticatorSetUp>,
}

impl SetUpCodes {
    /// The page of what to do when no code has come.
    pub const NOT_RECEIVED: &str = "code-not-received";

    /// Whether the page with this at the end of its address can be shown: there is no way past a step that is
    /// not done, and back only to another way to get codes.
    pub fn shows(&self, page: &str) -> bool {
        match SetUpStep::parse(page) {
            _ if page == Self::NOT_RECEIVED => self.step != SetUpStep::Method,
            Some(SetUpStep::Method) => self.step != SetUpStep::Mailbox,
            Some(SetUpStep::Code) => self.step == SetUpStep::Code,
            Some(SetUpStep::Mailbox) | None => self.step == SetUpStep::Mailbox,
        }
    }
}

/// `/o/{org}/users/{user}/security/reset-codes` (R46).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetCodesForm {
    pub reason: String,
}

impl ResetCodesForm {
    pub const MAX_REASON: usize = 500;

    /// Why the codes are reset. Codes: `reset_reason.empty`, `reason.too_long`.
    pub fn validate(&self) -> Result<String, Violations> {
        match plain_line(&self.reason, Self::MAX_REASON) {
            None => Err(Violations::one("reason", "reason.too_long")),
            Some(reason) if reason.is_empty() => {
                Err(Violations::one("reason", "reset_reason.empty"))
            }
            Some(reason) => Ok(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(reason: &str) -> Option<String> {
        let form = ResetCodesForm {
            reason: reason.to_owned(),
        };
        let violations = form.validate().err()?;
        violations.iter().next().map(|one| one.code.clone())
    }

    /// R46: no reset without a reason.
    #[test]
    fn a_reset_has_a_reason() {
        assert_eq!(code(" \n ").as_deref(), Some("reset_reason.empty"));
        assert_eq!(code(&"x".repeat(501)).as_deref(), Some("reason.too_long"));
        assert_eq!(code("Lost their phone"), None);
    }
}
