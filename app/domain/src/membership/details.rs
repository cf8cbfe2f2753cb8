//! What an organisation keeps of a person (J20, J37, V02, V04, M31): names, job title, whether they are registered
//! with a professional body, and notes for other administrators.

use serde::{Deserialize, Serialize};

use crate::person_name::{PersonName, has_web_address};
use crate::policy::{Field, FieldUse, MutableBy, Policy};
use crate::text::{plain_line, plain_text};
use crate::violation::Violations;
use crate::wording::number;

/// Which details are asked for. A hidden one is neither shown in the form nor read from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailsRules {
    /// Hidden for whoever has said their name themselves.
    pub names: FieldUse,
    pub job_title: FieldUse,
    pub clinician: FieldUse,
    /// Asked of those who are registered clinicians.
    pub registration_number: FieldUse,
    pub notes: FieldUse,
    /// The organisation's words for the clinician status, where they are not ours (V05).
    pub clinician_label: String,
    pub clinician_hint: String,
}

impl DetailsRules {
    /// For somebody who is added: everything that the organisation keeps.
    pub fn for_adding(policy: &Policy) -> Self {
        Self::new(policy, |_| true)
    }

    /// For somebody who is there: what an administrator of the organisation may change later (C19).
    pub fn for_changing(policy: &Policy) -> Self {
        Self::new(policy, |by| by == MutableBy::Org)
    }

    fn new(policy: &Policy, asked: fn(MutableBy) -> bool) -> Self {
        let usage = |field| {
            let rule = policy.field(field);
            if asked(rule.mutable_by) {
                rule.usage
            } else {
                FieldUse::Hidden
            }
        };
        let clinician = policy.field(Field::ClinicianStatus);
        Self {
            names: FieldUse::Required,
            job_title: usage(Field::JobTitle),
            clinician: usage(Field::ClinicianStatus),
            registration_number: usage(Field::RegistrationNumber),
            notes: usage(Field::Notes),
            clinician_label: clinician.label.clone().unwrap_or_default(),
            clinician_hint: clinician.hint.clone().unwrap_or_default(),
        }
    }

    /// Without the names: somebody who has registered has said them.
    #[must_use]
    pub fn without_names(self) -> Self {
        Self {
            names: FieldUse::Hidden,
            ..self
        }
    }

    /// Without the notes, for those who may not see them.
    #[must_use]
    pub fn without_notes(self) -> Self {
        Self {
            notes: FieldUse::Hidden,
            ..self
        }
    }

    /// With the job title known: it need not be answered.
    #[must_use]
    pub fn with_a_job_title(self) -> Self {
        let job_title = match self.job_title {
            FieldUse::Required => FieldUse::Optional,
            other => other,
        };
        Self { job_title, ..self }
    }

    /// Whether something has to be answered.
    pub fn require_an_answer(&self) -> bool {
        [self.names, self.job_title, self.clinician].contains(&FieldUse::Required)
    }
}

/// The details as they are typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DetailsForm {
    pub first_name: String,
    pub last_name: String,
    pub job_title: String,
    /// `yes`, `no` or nothing.
    pub clinician: String,
    /// Counts only with a `yes` before it.
    pub registration_number: String,
    pub notes: String,
}

/// What a [`DetailsForm`] comes to. What is hidden is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    pub first_name: String,
    pub last_name: String,
    pub job_title: String,
    /// Nothing where nobody asked, or nobody answered.
    pub clinician: Option<bool>,
    pub registration_number: String,
    pub notes: String,
}

impl DetailsForm {
    /// In characters.
    pub const MAX_JOB_TITLE: usize = 100;
    /// In characters.
    pub const MAX_REGISTRATION_NUMBER: usize = 50;
    /// In characters.
    pub const MAX_NOTES: usize = 1000;

    /// Codes: `first_name.*`, `last_name.*`, `job_title.empty` where the organisation asks for one,
    /// `job_title.too_long`, `job_title.url`, `clinician.empty`, `registration.empty`, `registration.too_long`,
    /// `notes.too_long`.
    pub fn validate(&self, rules: &DetailsRules) -> Result<Details, Violations> {
        let mut violations = Violations::new();
        let mut name = |field: &str, text: &str| {
            if rules.names == FieldUse::Hidden {
                return Some(String::new());
            }
            let name = PersonName::parse(text).map_err(|problem| problem.code(field));
            let name = violations.keep(field, name)?;
            Some(name.as_str().to_owned())
        };
        let first_name = name("first_name", &self.first_name);
        let last_name = name("last_name", &self.last_name);
        let job_title = violations.keep("job_title", self.job_title(rules.job_title));
        let clinician = violations.keep("clinician", self.clinician(rules.clinician));
        let registration_number = violations.keep(
            "registration_number",
            self.registration_number(rules.registration_number, clinician.flatten()),
        );
        let notes = match plain_text(&self.notes, Self::MAX_NOTES) {
            _ if rules.notes == FieldUse::Hidden => String::new(),
            Some(notes) => notes,
            None => {
                let most = vec![number(Self::MAX_NOTES as u64)];
                violations.add_with("notes", "notes.too_long", most);
                String::new()
            }
        };
        match (
            first_name,
            last_name,
            job_title,
            clinician,
            registration_number,
        ) {
            (
                Some(first_name),
                Some(last_name),
                Some(job_title),
                Some(clinician),
                Some(registration_number),
            ) if violations.is_empty() => Ok(Details {
                first_name,
                last_name,
                job_title,
                clinician,
                registration_number,
                notes,
            }),
            _ => Err(violations),
        }
    }

    fn job_title(&self, usage: FieldUse) -> Result<String, &'static str> {
        match plain_line(&self.job_title, Self::MAX_JOB_TITLE) {
            _ if usage == FieldUse::Hidden => Ok(String::new()),
            None => Err("job_title.too_long"),
            Some(title) if has_web_address(&title) => Err("job_title.url"),
            Some(title) if title.is_empty() && usage == FieldUse::Required => {
                Err("job_title.empty")
            }
            Some(title) => Ok(title),
        }
    }

    fn clinician(&self, usage: FieldUse) -> Result<Option<bool>, &'static str> {
        match self.clinician.as_str() {
            _ if usage == FieldUse::Hidden => Ok(None),
            "yes" => Ok(Some(true)),
            "no" => Ok(Some(false)),
            _ if usage == FieldUse::Required => Err("clinician.empty"),
            _ => Ok(None),
        }
    }

    fn registration_number(
        &self,
        usage: FieldUse,
        clinician: Option<bool>,
    ) -> Result<String, &'static str> {
        if usage == FieldUse::Hidden || clinician != Some(true) {
            return Ok(String::new());
        }
        match plain_line(&self.registration_number, Self::MAX_REGISTRATION_NUMBER) {
            None => Err("registration.too_long"),
            Some(text) if text.is_empty() && usage == FieldUse::Required => {
                Err("registration.empty")
            }
            Some(text) => Ok(text),
        }
    }
}

impl From<&Details> for DetailsForm {
    fn from(details: &Details) -> Self {
        let words = |clinician| if clinician { "yes" } else { "no" };
        Self {
            first_name: details.first_name.clone(),
            last_name: details.last_name.clone(),
            job_title: details.job_title.clone(),
            clinician: details.clinician.map(words).unwrap_or_default().to_owned(),
            registration_number: details.registration_number.clone(),
            notes: details.notes.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::FieldRule;

    /// The rules of an organisation that uses these fields.
    fn rules(fields: &[(Field, FieldUse)]) -> DetailsRules {
        let mut policy = Policy::default();
        for (field, usage) in fields {
            let rule = FieldRule {
                usage: *usage,
                ..FieldRule::OPTIONAL
            };
            policy.fields.insert(*field, rule);
        }
        DetailsRules::for_adding(&policy)
    }

    fn jane() -> DetailsForm {
        DetailsForm {
            first_name: " Jane ".into(),
            last_name: "Carlton".into(),
            ..DetailsForm::default()
        }
    }

    fn codes(found: Result<Details, Violations>) -> Vec<String> {
        let violations = found.unwrap_err();
        violations.iter().map(|one| one.code.clone()).collect()
    }

    /// V02: first name, last name and clinician status are required where the organisation says so.
    #[test]
    fn what_the_organisation_asks_for_must_be_answered() {
        let asks = rules(&[
            (Field::ClinicianStatus, FieldUse::Required),
            (Field::JobTitle, FieldUse::Required),
        ]);
        let empty = DetailsForm::default().validate(&asks);
        assert_eq!(
            codes(empty),
            [
                "first_name.empty",
                "last_name.empty",
                "job_title.empty",
                "clinician.empty"
            ]
        );
        assert!(asks.require_an_answer());
        assert!(!rules(&[]).without_names().require_an_answer());
    }

    /// J37, R100: names as they are, a job title of one line.
    #[test]
    fn names_and_job_titles_are_lines_of_text() {
        let form = DetailsForm {
            first_name: " Zoë ".into(),
            last_name: "O’Neill-Żak".into(),
            job_title: "Ward  manager\n".into(),
            ..DetailsForm::default()
        };
        let details = form.validate(&rules(&[])).unwrap();
        assert_eq!(details.first_name, "Zoë");
        assert_eq!(details.last_name, "O’Neill-Żak");
        assert_eq!(details.job_title, "Ward manager");
    }

    /// V04: the registration number is asked of clinicians alone.
    #[test]
    fn a_registration_number_counts_with_a_yes_before_it() {
        let asks = rules(&[
            (Field::ClinicianStatus, FieldUse::Required),
            (Field::RegistrationNumber, FieldUse::Required),
        ]);
        let with = |clinician: &str, number: &str| DetailsForm {
            clinician: clinician.into(),
            registration_number: number.into(),
            ..jane()
        };
        let kept = with("yes", " 20  55123 ").validate(&asks).unwrap();
        assert_eq!(kept.clinician, Some(true));
        assert_eq!(kept.registration_number, "20 55123");
        assert_eq!(
            codes(with("yes", " ").validate(&asks)),
            ["registration.empty"]
        );
        let long = with("yes", &"1".repeat(51)).validate(&asks);
        assert_eq!(codes(long), ["registration.too_long"]);
        let none = with("no", "2055123").validate(&asks).unwrap();
        assert_eq!(
            (none.clinician, none.registration_number),
            (Some(false), String::new())
        );
    }

    /// What is hidden is never taken from a form that was made up (R72).
    #[test]
    fn what_is_hidden_is_not_read() {
        let forged = DetailsForm {
            job_title: "Ward manager".into(),
            clinician: "yes".into(),
            registration_number: "1".into(),
            notes: "see me".into(),
            ..jane()
        };
        let nothing = rules(&[
            (Field::JobTitle, FieldUse::Hidden),
            (Field::Notes, FieldUse::Hidden),
        ]);
        let read = forged.validate(&nothing.without_names()).unwrap();
        assert_eq!(read, Details::default());
    }

    /// ux 7.2.
    #[test]
    fn long_texts_are_refused_and_web_addresses_too() {
        let asks = rules(&[(Field::Notes, FieldUse::Optional)]);
        let form = DetailsForm {
            job_title: "x".repeat(101),
            notes: "x".repeat(1001),
            ..jane()
        };
        assert_eq!(
            codes(form.validate(&asks)),
            ["job_title.too_long", "notes.too_long"]
        );
        let form = DetailsForm {
            job_title: "see www.example.com".into(),
            ..jane()
        };
        assert_eq!(codes(form.validate(&asks)), ["job_title.url"]);
        let form = DetailsForm {
            notes: "line\r\nline\u{202e}".into(),
            ..jane()
        };
        assert_eq!(form.validate(&asks).unwrap().notes, "line\nline");
    }

    #[test]
    fn details_read_back_as_they_were_typed() {
        let details = Details {
            first_name: "Jane".into(),
            last_name: "Carlton".into(),
            job_title: "Pharmacist".into(),
            clinician: Some(true),
            registration_number: "2055123".into(),
            notes: "On leave".into(),
        };
        let asks = rules(&[
            (Field::ClinicianStatus, FieldUse::Required),
            (Field::RegistrationNumber, FieldUse::Optional),
            (Field::Notes, FieldUse::Optional),
        ]);
        assert_eq!(DetailsForm::from(&details).validate(&asks), Ok(details));
    }
}
