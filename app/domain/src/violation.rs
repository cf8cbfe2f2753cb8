//! What is wrong with a form: a field and a code of the message catalogue, never a sentence.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Every code that this crate gives, with how many values its sentence mentions. The catalogue must have a
/// sentence for each. `areas.all_and_some` gets its value, the name of the organisation, where that is known;
/// `areas.gone` comes without its value when the area is not even in the tree.
pub const CODES: &[(&str, usize)] = &[
    ("access.empty", 0),
    ("areas.all_and_some", 1),
    ("areas.empty", 0),
    ("areas.gone", 1),
    ("code.characters", 0),
    ("code.empty", 0),
    ("code.too_few", 0),
    ("code.too_many", 0),
    ("codes_method.empty", 0),
    ("confirm.empty", 0),
    ("current_code.empty", 0),
    ("domain.format", 0),
    ("email.empty", 0),
    ("email.empty_own", 0),
    ("email.format", 0),
    ("email.too_long", 0),
    ("email_line.choose", 1),
    ("email_line.format", 1),
    ("email_line.many_at", 0),
    ("email_line.mistyped", 0),
    ("email_line.no_at", 0),
    ("email_line.no_ending", 0),
    ("email_line.not_address", 0),
    ("email_line.space", 0),
    ("email_line.too_long", 0),
    ("emails.empty", 0),
    ("emails.none", 0),
    ("emails.too_big", 1),
    ("emails.too_many", 2),
    ("end.before_start", 1),
    ("end.incomplete", 1),
    ("end.real", 0),
    ("end.too_far", 1),
    ("first_name.characters", 0),
    ("first_name.empty", 0),
    ("first_name.empty_own", 0),
    ("first_name.too_long", 0),
    ("first_name.url", 0),
    ("job_title.empty", 0),
    ("job_title.too_long", 0),
    ("job_title.url", 0),
    ("last_name.characters", 0),
    ("last_name.empty", 0),
    ("last_name.empty_own", 0),
    ("last_name.too_long", 0),
    ("last_name.url", 0),
    ("leave.empty", 0),
    ("message.too_long", 1),
    ("message.url", 0),
    ("mobile.empty_own", 0),
    ("mobile.format", 0),
    ("mobile.not_uk", 0),
    ("new_code.empty", 0),
    ("organisation_code.empty", 0),
    ("organisation_code.format", 0),
    ("organisation_name.characters", 0),
    ("organisation_name.empty", 0),
    ("organisation_name.too_long", 0),
    ("password.empty", 0),
    ("password.empty_own", 0),
    ("password.personal", 0),
    ("password.too_long", 1),
    ("password.too_short", 1),
    ("password.wrong", 0),
    ("policy.empty", 0),
    ("policy.order", 0),
    ("policy.range", 2),
    ("reactivate.empty", 0),
    ("reason.empty", 0),
    ("reason.too_long", 0),
    ("reason_other.empty", 0),
    ("recovery.empty", 0),
    ("recovery.wrong", 0),
    ("reset_reason.empty", 0),
    ("role.empty", 0),
    ("role.full", 2),
    ("sign_in.failed", 0),
    ("start.incomplete", 1),
    ("start.past", 0),
    ("start.real", 0),
];

/// One thing that is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Violation {
    /// The field as it is posted, in snake case. Form-wide violations name the field that gets the focus.
    pub field: String,
    /// A key of the message catalogue, such as `email.format`.
    pub code: String,
    /// What the sentence mentions, already formatted ("10,612").
    pub params: Vec<String>,
}

/// Everything that is wrong with a form, in the order of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Violations(pub Vec<Violation>);

impl Violations {
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Just one violation.
    pub fn one(field: impl Into<String>, code: impl Into<String>) -> Self {
        let mut violations = Self::new();
        violations.add(field, code);
        violations
    }

    pub fn add(&mut self, field: impl Into<String>, code: impl Into<String>) {
        self.add_with(field, code, Vec::new());
    }

    pub fn add_with(
        &mut self,
        field: impl Into<String>,
        code: impl Into<String>,
        params: Vec<String>,
    ) {
        self.0.push(Violation {
            field: field.into(),
            code: code.into(),
            params,
        });
    }

    /// Keeps the value, or notes the code and gives nothing: forms look at every field before they answer.
    pub fn keep<T>(&mut self, field: &str, result: Result<T, impl Into<String>>) -> Option<T> {
        result.map_err(|code| self.add(field, code)).ok()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The first violation of a field: a field shows one error at a time.
    pub fn for_field(&self, field: &str) -> Option<&Violation> {
        self.0.iter().find(|violation| violation.field == field)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Violation> {
        self.0.iter()
    }

    /// The value, if nothing is wrong.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

impl<'a> IntoIterator for &'a Violations {
    type Item = &'a Violation;
    type IntoIter = std::slice::Iter<'a, Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// For logs: codes only, no values that a person typed.
impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, violation) in self.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{}: {}", violation.field, violation.code)?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_shows_its_first_violation() {
        let mut violations = Violations::new();
        assert!(violations.is_empty());
        violations.add("email", "email.empty");
        violations.add_with("password", "password.too_short", vec!["12".into()]);
        violations.add("email", "email.format");
        assert_eq!(
            violations.for_field("email").map(|v| v.code.as_str()),
            Some("email.empty")
        );
        assert_eq!(
            violations.for_field("password").map(|v| v.params.clone()),
            Some(vec!["12".to_owned()])
        );
        assert_eq!(violations.for_field("mobile"), None);
        assert_eq!(violations.len(), 3);
        assert_eq!(
            violations.to_string(),
            "email: email.empty, password: password.too_short, email: email.format"
        );
        assert!(violations.into_result(()).is_err());
        assert_eq!(Violations::new().into_result(7), Ok(7));
    }

    /// Every code that is written anywhere in this crate is in the list, and the list is sorted.
    #[test]
    fn the_list_of_codes_is_complete() {
        fn sources(folder: &std::path::Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
                if entry.path().is_dir() {
                    sources(&entry.path(), found);
                } else {
                    found.push(std::fs::read_to_string(entry.path()).unwrap());
                }
            }
        }
        assert!(CODES.is_sorted());
        let mut files = Vec::new();
        sources(
            std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")),
            &mut files,
        );
        let known = |code: &str| CODES.iter().any(|(known, _)| *known == code);
        let fields: Vec<&str> = CODES
            .iter()
            .filter_map(|(code, _)| code.split('.').next())
            .collect();
        for literal in files
            .iter()
            .flat_map(|file| file.split('"').skip(1).step_by(2))
        {
            let Some((field, problem)) = literal.split_once('.') else {
                continue;
            };
            let is_code = fields.contains(&field)
                && !problem.is_empty()
                && problem
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let permission = crate::permission::Permission::parse(literal).is_some();
            assert!(!is_code || permission || known(literal), "{literal}");
        }
    }

    #[test]
    fn keep_collects_and_goes_on() {
        let mut violations = Violations::new();
        assert_eq!(violations.keep("code", Ok::<_, &str>(3)), Some(3));
        assert_eq!(violations.keep::<u8>("code", Err("code.empty")), None);
        assert_eq!(violations, Violations::one("code", "code.empty"));
    }
}
