//! A person's own account, and the organisations that they can act in (C1, K).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::code::{CodeProblem, OneTimeCode};
use crate::email::{EmailAddress, EmailProblem};
use crate::home::ActivityItem;
use crate::id::SessionId;
use crate::mobile::{MobileNumber, MobileRegion};
use crate::password::Password;
use crate::person_name::PersonName;
use crate::second_factor::SecondFactorKind;
use crate::violation::Violations;

/// `/account`: what is known about a person, as they see it themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub name: String,
    pub email: String,
    /// The last 3 digits; empty without a mobile number.
    pub mobile_ending: String,
    pub second_factors: Vec<SecondFactorKind>,
    pub recovery_codes_left: u32,
    pub organisations: Vec<AccountOrganisation>,
}

/// An organisation that a person belongs to, and what they hold there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountOrganisation {
    pub name: String,
    pub code: String,
    pub slug: String,
    /// As shown: "Manager in Community nursing".
    pub roles: Vec<AccountRole>,
}

/// A role that holds now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRole {
    pub name: String,
    /// Names of the areas; empty: the whole organisation.
    pub areas: Vec<String>,
}

/// `/account/access`: an organisation that the person belongs to, and who can change what they have there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnPlace {
    pub organisation: AccountOrganisation,
    /// Names.
    pub administrators: Vec<String>,
}

/// `/account/access/{organisation}/leave`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeavePage {
    pub name: String,
    pub slug: String,
    /// Why they cannot leave, as a code of the catalogue; empty when they can.
    pub obstacle: String,
}

/// `/account/activity`: something that happened to the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnEvent {
    pub item: ActivityItem,
    /// The browser in words that people know, and where the request came from.
    pub text: String,
}

/// "Are you sure?"
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaveForm {
    pub confirm: String,
}

impl LeaveForm {
    /// Whether it is Yes. Code: `leave.empty`.
    pub fn validate(&self) -> Result<bool, Violations> {
        match self.confirm.as_str() {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(Violations::one("confirm", "leave.empty")),
        }
    }
}

/// `/account/sessions`: a device on which the person is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedInDevice {
    /// The name of the session; never its secret (R58).
    pub id: SessionId,
    /// "Firefox on Windows".
    pub device: String,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub signed_in_at: DateTime<Utc>,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub last_used_at: DateTime<Utc>,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

/// What `/account/confirm` and the page of its code show (R49).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepUp {
    /// Whose password is asked for.
    pub email: String,
    /// The code that is asked for, once the password was right.
    pub code: Option<StepUpCode>,
}

/// How a code comes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepUpCode {
    pub kind: SecondFactorKind,
    /// "982" of a mobile number, "j…@nhs.net" of an address; empty for an app.
    pub ending: String,
}

/// `/account/confirm`. Not printable: it has a password in it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmPasswordForm {
    pub password: String,
}

impl ConfirmPasswordForm {
    /// A password too long to be anybody's is simply not the right one.
    pub fn validate(&self) -> Result<Password, Violations> {
        if self.password.is_empty() {
            return Err(Violations::one("password", "password.empty_own"));
        }
        Password::parse(&self.password).ok_or_else(|| Violations::one("password", "password.wrong"))
    }
}

/// `/account/name`: what the page starts with, and what it posts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnNameForm {
    pub first_name: String,
    pub last_name: String,
}

impl OwnNameForm {
    pub fn validate(&self) -> Result<(PersonName, PersonName), Violations> {
        let mut violations = Violations::new();
        let name = |field: &str, text: &str| {
            PersonName::parse(text).map_err(|problem| problem.code_own(field))
        };
        let first = violations.keep("first_name", name("first_name", &self.first_name));
        let last = violations.keep("last_name", name("last_name", &self.last_name));
        match (first, last) {
            (Some(first), Some(last)) => Ok((first, last)),
            _ => Err(violations),
        }
    }
}

/// `/account/mobile-number`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnMobileForm {
    pub mobile: String,
}

impl OwnMobileForm {
    pub fn validate(&self, region: MobileRegion) -> Result<MobileNumber, Violations> {
        MobileNumber::parse(&self.mobile, region)
            .map_err(|problem| Violations::one("mobile", problem))
    }
}

/// `/account/email`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnEmailForm {
    pub email: String,
}

impl OwnEmailForm {
    /// Codes: `email.empty_own`, `email.format`, `email.too_long`.
    pub fn validate(&self) -> Result<EmailAddress, Violations> {
        EmailAddress::parse(&self.email).map_err(|problem| match problem {
            EmailProblem::Empty => Violations::one("email", "email.empty_own"),
            problem => Violations::one("email", problem),
        })
    }
}

/// `/account/email/check-your-email`: where the codes were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailChange {
    /// The address as it is.
    pub current: String,
    /// The one that shall take its place.
    pub new: String,
}

/// The codes of both addresses. Not printable: a code is a secret while it works.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailCodesForm {
    pub current_code: String,
    pub new_code: String,
}

impl EmailCodesForm {
    /// The code of the address as it is, and that of the new one. Each that is missing has words of
    /// its own: `current_code.empty`, `new_code.empty`; for the rest those of every code.
    pub fn validate(&self) -> Result<(OneTimeCode, OneTimeCode), Violations> {
        let mut violations = Violations::new();
        let code = |text: &str, empty: &'static str| {
            OneTimeCode::parse(text).map_err(|problem| match problem {
                CodeProblem::Empty => empty,
                problem => problem.code(),
            })
        };
        let current = code(&self.current_code, "current_code.empty");
        let current = violations.keep("current_code", current);
        let new = code(&self.new_code, "new_code.empty");
        let new = violations.keep("new_code", new);
        match (current, new) {
            (Some(current), Some(new)) => Ok((current, new)),
            _ => Err(violations),
        }
    }
}

/// `/account/security`: how the person gets codes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSecurity {
    pub kinds: Vec<SecondFactorKind>,
    /// Whether there is an app that the person's organisations can do without.
    pub can_remove_app: bool,
    pub recovery_codes_left: u32,
}

/// `/choose-organisation`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationChoices {
    /// The one that was open last.
    pub recent: Option<AccountOrganisation>,
    /// The others, by name.
    pub others: Vec<AccountOrganisation>,
    /// Names of those where the person was deactivated.
    pub no_longer: Vec<String>,
}

impl OrganisationChoices {
    /// How many there are to choose from.
    pub fn count(&self) -> usize {
        self.others.len() + usize::from(self.recent.is_some())
    }
}

/// The form of `/choose-organisation`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChooseOrganisationForm {
    /// The code in addresses.
    pub organisation: String,
}

impl ChooseOrganisationForm {
    pub fn validate(&self) -> Result<(), Violations> {
        if self.organisation.is_empty() {
            return Err(Violations::one("organisation", "organisation.empty"));
        }
        Ok(())
    }
}

/// The form on which one of several ways to get codes is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChooseMethodForm {
    pub method: String,
}

impl ChooseMethodForm {
    pub fn validate(&self) -> Result<SecondFactorKind, Violations> {
        SecondFactorKind::parse(&self.method)
            .ok_or_else(|| Violations::one("method", "codes_method.empty"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R73: a change of address takes two codes; each that is missing is named.
    #[test]
    fn both_codes_are_needed() {
        let form = |current: &str, new: &str| EmailCodesForm {
            current_code: current.to_owned(),
            new_code: new.to_owned(),
        };
        let codes = |form: EmailCodesForm| -> Vec<String> {
            let violations = form.validate().err().unwrap_or_default();
            violations.iter().map(|one| one.code.clone()).collect()
        };
        assert_eq!(
            codes(form("", "12")),
            ["current_code.empty", "code.too_few"]
        );
        assert_eq!(codes(form("123456", "")), ["new_code.empty"]);
        assert_eq!(codes(form("", "123456")), ["current_code.empty"]);
        assert!(form("123 456", "654321").validate().is_ok());
    }

    #[test]
    fn something_must_be_chosen() {
        assert!(ChooseOrganisationForm::default().validate().is_err());
        assert!(ChooseMethodForm::default().validate().is_err());
        let chosen = ChooseMethodForm {
            method: "sms".into(),
        };
        assert_eq!(chosen.validate(), Ok(SecondFactorKind::Sms));
    }
}
