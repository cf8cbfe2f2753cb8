//! Signing in: forms, and what its pages show.

use serde::{Deserialize, Serialize};

use crate::code::{OneTimeCode, RecoveryCode};
use crate::email::{EmailAddress, EmailProblem};
use crate::password::{MAX_CHARACTERS, Password, check_password};
use crate::second_factor::SecondFactorKind;
use crate::violation::Violations;

/// The code of a person's own email address.
pub(crate) fn own_email(problem: EmailProblem) -> &'static str {
    match problem {
        EmailProblem::Empty => "email.empty_own",
        other => other.code(),
    }
}

/// `/sign-in`. Not printable: it has a password in it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInForm {
    pub email: String,
    pub password: String,
}

/// An email address and a password to be checked.
pub struct SignIn {
    pub email: EmailAddress,
    pub password: Password,
}

impl SignInForm {
    /// `password.empty_own` is "Enter your password". A password too long to be anybody's is simply not the
    /// right one: `sign_in.failed`.
    pub fn validate(&self) -> Result<SignIn, Violations> {
        let mut violations = Violations::new();
        let email = violations.keep("email", EmailAddress::parse(&self.email).map_err(own_email));
        if self.password.is_empty() {
            violations.add("password", "password.empty_own");
        }
        let Some(email) = email.filter(|_| violations.is_empty()) else {
            return Err(violations);
        };
        let Some(password) = Password::parse(&self.password) else {
            return Err(Violations::one("email", "sign_in.failed"));
        };
        Ok(SignIn { email, password })
    }
}

/// A page that asks for 6 numbers.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeForm {
    pub code: String,
}

impl CodeForm {
    pub fn validate(&self) -> Result<OneTimeCode, Violations> {
        OneTimeCode::parse(&self.code).map_err(|problem| Violations::one("code", problem))
    }
}

/// `/sign-in/use-recovery-code`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCodeForm {
    pub recovery_code: String,
}

impl RecoveryCodeForm {
    pub fn validate(&self) -> Result<RecoveryCode, Violations> {
        RecoveryCode::parse(&self.recovery_code)
            .map_err(|problem| Violations::one("recovery_code", problem))
    }
}

/// `/forgot-password`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgotPasswordForm {
    pub email: String,
}

impl ForgotPasswordForm {
    pub fn validate(&self) -> Result<EmailAddress, Violations> {
        EmailAddress::parse(&self.email)
            .map_err(|problem| Violations::one("email", own_email(problem)))
    }
}

/// `/reset-password/{token}`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetPasswordForm {
    pub new_password: String,
}

impl ResetPasswordForm {
    pub fn validate(&self, min: usize, personal: &[String]) -> Result<Password, Violations> {
        let mut violations = Violations::new();
        let password = new_password(
            &mut violations,
            "new_password",
            &self.new_password,
            min,
            personal,
        );
        password.ok_or(violations)
    }
}

/// What the page for a new password shows and checks: whose it is, and what it must not be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetRules {
    pub email: String,
    pub password_min: u32,
    pub words: Vec<String>,
}

/// Checks a new password and notes what is wrong with it, with the number that the sentence mentions.
pub(crate) fn new_password(
    violations: &mut Violations,
    field: &str,
    text: &str,
    min: usize,
    personal: &[String],
) -> Option<Password> {
    let Some(code) = check_password(text, min, personal) else {
        return Password::parse(text);
    };
    let params = match code {
        "password.too_short" => vec![min.to_string()],
        "password.too_long" => vec![MAX_CHARACTERS.to_string()],
        _ => Vec::new(),
    };
    violations.add_with(field, code, params);
    None
}

/// What the page of the second step shows (A3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondStep {
    /// Which code is asked for; nothing when only a recovery code is left.
    pub kind: Option<SecondFactorKind>,
    /// "982" of a mobile number, "j…@nhs.net" of an address; empty for an app.
    pub ending: String,
    /// The other kinds that the person could use instead.
    pub others: Vec<SecondFactorKind>,
    pub has_recovery_codes: bool,
    /// The password came by email, so that a code to the same mailbox proves nothing more (R12).
    pub mailbox_spent: bool,
    /// The person has no second factor yet and needs one.
    pub nothing_set_up: bool,
}

/// An organisation in which somebody was deactivated, as they are told when they sign in (V26).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostAccess {
    /// Its name.
    pub organisation: String,
    /// Who can bring them back: "Sam Okoro (sam.okoro@nhs.net)".
    pub whom_to_ask: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes<T>(result: Result<T, Violations>) -> Vec<String> {
        let violations = result.err().unwrap_or_default();
        violations
            .iter()
            .map(|violation| format!("{}: {}", violation.field, violation.code))
            .collect()
    }

    fn sign_in(email: &str, password: &str) -> Result<SignIn, Violations> {
        SignInForm {
            email: email.into(),
            password: password.into(),
        }
        .validate()
    }

    /// A2, ux 7.1 and 7.4.
    #[test]
    fn signing_in_asks_for_both() {
        assert_eq!(
            codes(sign_in(" ", "")),
            ["email: email.empty_own", "password: password.empty_own"]
        );
        assert_eq!(codes(sign_in("jane@nhs", "x")), ["email: email.format"]);
        assert_eq!(
            codes(sign_in("jane@nhs.net", &"x".repeat(1025))),
            ["email: sign_in.failed"]
        );
        let form = sign_in(" Jane@nhs.net ", " a password ")
            .unwrap_or_else(|_| panic!("must be accepted"));
        assert_eq!(form.email.key(), "jane@nhs.net");
        assert_eq!(form.password.expose(), " a password ");
    }

    /// A6, ux 7.5.
    #[test]
    fn the_other_forms_have_their_codes() {
        assert_eq!(
            codes(CodeForm { code: "12".into() }.validate()),
            ["code: code.too_few"]
        );
        assert_eq!(
            codes(RecoveryCodeForm::default().validate()),
            ["recovery_code: recovery.empty"]
        );
        assert_eq!(
            codes(ForgotPasswordForm::default().validate()),
            ["email: email.empty_own"]
        );
        assert_eq!(
            codes(
                ForgotPasswordForm {
                    email: "jane".into()
                }
                .validate()
            ),
            ["email: email.format"]
        );
    }

    /// A7, R1.
    #[test]
    fn a_new_password_says_how_long_it_must_be() {
        let reset = |text: &str| {
            ResetPasswordForm {
                new_password: text.into(),
            }
            .validate(12, &["Carlton".into()])
        };
        assert_eq!(codes(reset("")), ["new_password: password.empty"]);
        assert_eq!(
            codes(reset("carlton is not it")),
            ["new_password: password.personal"]
        );
        let violations = reset("short").err().unwrap_or_default();
        assert_eq!(
            (
                violations.0[0].code.as_str(),
                violations.0[0].params.clone()
            ),
            ("password.too_short", vec!["12".to_owned()])
        );
        assert!(reset("three random words").is_ok());
    }
}
