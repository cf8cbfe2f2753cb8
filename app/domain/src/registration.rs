//! Registration: an invited person's own details (B13 to B16), and the first administrator's set-up (R10).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::email::EmailAddress;
use crate::invitation::InvitationView;
use crate::keyed::keyed_enum;
use crate::mobile::{MobileNumber, MobileProblem, MobileRegion};
use crate::organisation::{OrganisationCode, OrganisationName};
use crate::password::{Password, personal_words};
use crate::person_name::PersonName;
use crate::policy::Policy;
use crate::second_factor::{AuthenticatorSetUp, SecondFactorKind};
use crate::sign_in::{new_password, own_email};
use crate::terms::TermsDocument;
use crate::violation::Violations;

keyed_enum! {
    /// Where a registration stands; each step has its page.
    pub enum RegistrationStep {
        Details = "your-details",
        CodesMethod = "choose-how-to-get-codes",
        ConfirmCode = "confirm-code",
        RecoveryCodes = "recovery-codes",
        Terms = "terms",
        Done = "done",
    }
}

/// What the details are checked against: bits of the policy, and the words that are no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationRules {
    pub asks_mobile: bool,
    pub mobile_required: bool,
    pub mobile_region: MobileRegion,
    pub password_min: u32,
    pub email: EmailAddress,
    pub organisation_name: String,
    pub organisation_code: String,
}

impl RegistrationRules {
    pub fn new(
        policy: &Policy,
        privileged: bool,
        email: EmailAddress,
        organisation_name: &str,
        organisation_code: &OrganisationCode,
    ) -> Self {
        Self {
            asks_mobile: policy.asks_mobile(),
            mobile_required: policy.mobile_required(),
            mobile_region: policy.mobile_region,
            password_min: crate::wording::count(policy.password_min(privileged)),
            email,
            organisation_name: organisation_name.to_owned(),
            organisation_code: organisation_code.as_str().to_owned(),
        }
    }
}

/// `/invitations/{token}/your-details`. There is no email in it: that is the invitation's (B14, R21).
/// Not printable: it has a password in it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationDetailsForm {
    pub first_name: String,
    pub last_name: String,
    pub mobile: String,
    pub password: String,
}

/// A person's details, checked.
pub struct RegistrationDetails {
    pub first_name: PersonName,
    pub last_name: PersonName,
    pub mobile: Option<MobileNumber>,
    pub password: Password,
}

impl RegistrationDetailsForm {
    pub fn validate(&self, rules: &RegistrationRules) -> Result<RegistrationDetails, Violations> {
        let mut violations = Violations::new();
        let mut name = |field: &str, text: &str| {
            let name = PersonName::parse(text).map_err(|problem| problem.code_own(field));
            violations.keep(field, name)
        };
        let first_name = name("first_name", &self.first_name);
        let last_name = name("last_name", &self.last_name);
        let mobile = if rules.asks_mobile {
            match MobileNumber::parse(&self.mobile, rules.mobile_region) {
                Ok(mobile) => Some(mobile),
                Err(MobileProblem::Empty) if !rules.mobile_required => None,
                Err(problem) => {
                    violations.add("mobile", problem);
                    None
                }
            }
        } else {
            None
        };
        let personal = personal_words(
            &self.first_name,
            &self.last_name,
            Some(&rules.email),
            &rules.organisation_name,
            &rules.organisation_code,
        );
        let min = rules.password_min as usize;
        let password = new_password(&mut violations, "password", &self.password, min, &personal);
        match (first_name, last_name, password) {
            (Some(first_name), Some(last_name), Some(password)) if violations.is_empty() => {
                Ok(RegistrationDetails {
                    first_name,
                    last_name,
                    mobile,
                    password,
                })
            }
            _ => Err(violations),
        }
    }
}

/// `/invitations/{token}/choose-how-to-get-codes`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodesMethodForm {
    pub codes_method: String,
    /// Asked for with the choice of texts when it is not known yet.
    pub mobile: String,
}

/// How a person gets codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodesMethod {
    pub kind: SecondFactorKind,
    /// A number given with this form.
    pub mobile: Option<MobileNumber>,
}

impl CodesMethodForm {
    /// The choice, out of those the policy allows. `mobile_known` says that the details had a number already;
    /// a number beside another choice than texts is ignored (ux 6.14).
    pub fn validate(
        &self,
        allowed: &[SecondFactorKind],
        mobile_known: bool,
        region: MobileRegion,
    ) -> Result<CodesMethod, Violations> {
        let kind = SecondFactorKind::parse(self.codes_method.trim())
            .filter(|kind| allowed.contains(kind))
            .ok_or_else(|| Violations::one("codes_method", "codes_method.empty"))?;
        if kind != SecondFactorKind::Sms {
            return Ok(CodesMethod { kind, mobile: None });
        }
        match MobileNumber::parse(&self.mobile, region) {
            Ok(mobile) => Ok(CodesMethod {
                kind,
                mobile: Some(mobile),
            }),
            Err(MobileProblem::Empty) if mobile_known => Ok(CodesMethod { kind, mobile: None }),
            Err(problem) => Err(Violations::one("mobile", problem)),
        }
    }
}

/// The set-up page of an empty installation: the first organisation and its first administrator (R10).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetUpForm {
    pub organisation_name: String,
    pub organisation_code: String,
    pub email: String,
}

/// A first organisation and its first administrator's address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetUp {
    pub name: OrganisationName,
    pub code: OrganisationCode,
    pub email: EmailAddress,
}

impl SetUpForm {
    pub fn validate(&self) -> Result<SetUp, Violations> {
        let mut violations = Violations::new();
        let name = violations.keep(
            "organisation_name",
            OrganisationName::parse(&self.organisation_name),
        );
        let code = violations.keep(
            "organisation_code",
            OrganisationCode::parse(&self.organisation_code),
        );
        let email = violations.keep("email", EmailAddress::parse(&self.email).map_err(own_email));
        match (name, code, email) {
            (Some(name), Some(code), Some(email)) => Ok(SetUp { name, code, email }),
            _ => Err(violations),
        }
    }
}

/// What the pages of a registration show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationView {
    /// The first step that is not done.
    pub step: RegistrationStep,
    pub rules: RegistrationRules,
    pub organisation_slug: String,
    /// As the person gave them, or before that as the inviter did.
    pub first_name: String,
    pub last_name: String,
    /// As it was typed.
    pub mobile: String,
    /// In the order of the page; empty when codes are off.
    pub codes_methods: Vec<SecondFactorKind>,
    /// The one that was chosen.
    pub codes_method: Option<SecondFactorKind>,
    pub mobile_known: bool,
    /// Whether a role that waits for the person needs more than a text or an email (R43).
    pub privileged: bool,
    /// Whether the person has an account and joins with it.
    pub joining: bool,
}

/// The page that asks for the first code (B4). Not printable: it has the key of an app in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmCodeView {
    /// The first step that is not done.
    pub step: RegistrationStep,
    pub kind: SecondFactorKind,
    /// "982" of a mobile number, the address for an email; empty for an app.
    pub ending: String,
    /// For an app: what it has to be given.
    pub app: Option<AuthenticatorSetUp>,
    /// Whether there is something else to choose.
    pub can_choose: bool,
}

/// The page that shows recovery codes, once (R45).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCodesView {
    /// The first step that is not done.
    pub step: RegistrationStep,
    pub codes: Vec<String>,
}

/// The last question of a registration (B5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationTerms {
    /// The first step that is not done.
    pub step: RegistrationStep,
    pub organisation_name: String,
    pub joining: bool,
    /// Nothing when there is nothing to agree to.
    pub document: Option<TermsDocument>,
}

/// The end of a registration (B6).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationDone {
    pub organisation_name: String,
    pub organisation_slug: String,
    pub email: String,
    /// Empty when no role could be given.
    pub roles: Vec<String>,
    /// Those of them that begin later, with their first instant.
    pub later: Vec<(String, DateTime<Utc>)>,
}

/// The page on which somebody with an account joins (B1a).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinView {
    pub invitation: InvitationView,
    /// Whether the organisation's terms have to be agreed to first.
    pub has_terms: bool,
    /// Whether the role needs an authenticator app that the person does not have (R43).
    pub needs_app: bool,
    /// Whether they have joined already.
    pub done: bool,
    pub organisation_slug: String,
}

/// What a set-up link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SetUpLanding {
    Open,
    Expired,
    /// A newer link was printed.
    Replaced,
    /// There is an organisation already.
    Done,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> RegistrationRules {
        let email = EmailAddress::parse("jane.carlton@nhs.net").unwrap();
        let policy = Policy::default();
        RegistrationRules::new(
            &policy,
            false,
            email,
            "Hollybrook Hospital",
            &OrganisationCode::parse("RX1").unwrap(),
        )
    }

    fn form(first: &str, last: &str, mobile: &str, password: &str) -> RegistrationDetailsForm {
        let [first_name, last_name, mobile, password] =
            [first, last, mobile, password].map(str::to_owned);
        RegistrationDetailsForm {
            first_name,
            last_name,
            mobile,
            password,
        }
    }

    fn codes<T>(result: Result<T, Violations>) -> Vec<String> {
        result
            .err()
            .unwrap_or_default()
            .iter()
            .map(|violation| violation.code.clone())
            .collect()
    }

    /// B13, B2 of ux.md, C12.
    #[test]
    fn every_field_answers_at_once_and_in_order() {
        let required = RegistrationRules {
            mobile_required: true,
            ..rules()
        };
        assert_eq!(
            codes(RegistrationDetailsForm::default().validate(&required)),
            [
                "first_name.empty_own",
                "last_name.empty_own",
                "mobile.empty_own",
                "password.empty"
            ]
        );
        assert_eq!(
            codes(form("www.x.com", "a.com", "+33 6 12 34 56 78", "short").validate(&required)),
            [
                "first_name.url",
                "last_name.url",
                "mobile.not_uk",
                "password.too_short"
            ]
        );
        let details =
            form(" Jane ", "Carlton", "07700 900 982", "three random words").validate(&required);
        let details = details.unwrap_or_else(|violations| panic!("{violations}"));
        assert_eq!(details.first_name.as_str(), "Jane");
        assert_eq!(details.mobile.unwrap().as_str(), "+447700900982");
        // An organisation that does not ask for a number does not look at one either.
        let silent = RegistrationRules {
            asks_mobile: false,
            ..rules()
        };
        let details = form("Jane", "Carlton", "nonsense", "three random words").validate(&silent);
        assert!(details.is_ok_and(|details| details.mobile.is_none()));
        assert!(
            form("Jane", "Carlton", "", "three random words")
                .validate(&rules())
                .is_ok()
        );
    }

    /// R4: the words that anybody would try.
    #[test]
    fn a_password_has_no_personal_words() {
        for password in [
            "my name is CARLTON",
            "jane.carlton 2026",
            "hollybrook hospital!",
            "HollybrookHospital1",
        ] {
            assert_eq!(
                codes(form("Jane", "Carlton", "", password).validate(&rules())),
                ["password.personal"],
                "{password}"
            );
        }
    }

    /// B15, C11.
    #[test]
    fn a_way_of_getting_codes_is_one_of_those_allowed() {
        let choose = |method: &str, mobile: &str, known| {
            CodesMethodForm {
                codes_method: method.into(),
                mobile: mobile.into(),
            }
            .validate(
                &[SecondFactorKind::Sms, SecondFactorKind::Authenticator],
                known,
                MobileRegion::Uk,
            )
        };
        for method in ["", "pigeon", "email"] {
            assert_eq!(codes(choose(method, "", true)), ["codes_method.empty"]);
        }
        assert_eq!(
            choose("authenticator", "nonsense", false).map(|method| method.mobile),
            Ok(None)
        );
        assert_eq!(
            choose("sms", "", true).map(|method| method.kind),
            Ok(SecondFactorKind::Sms)
        );
        assert_eq!(codes(choose("sms", "", false)), ["mobile.empty_own"]);
        assert!(choose("sms", "07700900982", false).is_ok_and(|method| method.mobile.is_some()));
    }

    /// R10.
    #[test]
    fn a_first_organisation_needs_a_name_a_code_and_an_address() {
        let codes_of = |name: &str, code: &str, email: &str| {
            let [organisation_name, organisation_code, email] =
                [name, code, email].map(str::to_owned);
            codes(
                SetUpForm {
                    organisation_name,
                    organisation_code,
                    email,
                }
                .validate(),
            )
        };
        assert_eq!(
            codes_of("", "", ""),
            [
                "organisation_name.empty",
                "organisation_code.empty",
                "email.empty_own"
            ]
        );
        assert_eq!(
            codes_of("Hollybrook Hospital", "R X", "sam"),
            ["organisation_code.format", "email.format"]
        );
        assert!(codes_of("Hollybrook Hospital", "RX1", "sam@nhs.net").is_empty());
    }
}
