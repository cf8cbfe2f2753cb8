//! Organisations: the name, and the code that is in every URL.

use std::fmt;

use crate::unicode::nfc;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::id::OrganisationId;

/// What is wrong with an organisation code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrganisationCodeProblem {
    Empty,
    Format,
}

impl OrganisationCodeProblem {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "organisation_code.empty",
            Self::Format => "organisation_code.format",
        }
    }
}

impl From<OrganisationCodeProblem> for String {
    fn from(problem: OrganisationCodeProblem) -> Self {
        problem.code().to_owned()
    }
}

impl fmt::Display for OrganisationCodeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The ODS code of an organisation, or a short code of its own: 2 to 12 letters, digits and hyphens, with no
/// hyphen at either end. Shown in capitals ("RX1"), in URLs in small letters (`/o/rx1`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganisationCode(String);

impl OrganisationCode {
    pub const MIN: usize = 2;
    pub const MAX: usize = 12;

    pub fn parse(text: &str) -> Result<Self, OrganisationCodeProblem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(OrganisationCodeProblem::Empty);
        }
        let fits = (Self::MIN..=Self::MAX).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !text.starts_with('-')
            && !text.ends_with('-');
        if fits {
            Ok(Self(text.to_ascii_uppercase()))
        } else {
            Err(OrganisationCodeProblem::Format)
        }
    }

    /// As people write it: "RX1".
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As URLs have it: "rx1".
    pub fn slug(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl fmt::Display for OrganisationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for OrganisationCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for OrganisationCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// What is wrong with an organisation's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrganisationNameProblem {
    Empty,
    TooLong,
    Characters,
}

impl OrganisationNameProblem {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "organisation_name.empty",
            Self::TooLong => "organisation_name.too_long",
            Self::Characters => "organisation_name.characters",
        }
    }
}

impl From<OrganisationNameProblem> for String {
    fn from(problem: OrganisationNameProblem) -> Self {
        problem.code().to_owned()
    }
}

impl fmt::Display for OrganisationNameProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The name of an organisation: trimmed, spaces collapsed, NFC, at most 150 characters, nothing invisible.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganisationName(String);

impl OrganisationName {
    pub const MAX: usize = 150;

    pub fn parse(text: &str) -> Result<Self, OrganisationNameProblem> {
        if text.len() > 16 * 1024 {
            return Err(OrganisationNameProblem::TooLong);
        }
        let name = nfc(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        if name.is_empty() {
            return Err(OrganisationNameProblem::Empty);
        }
        if name.chars().count() > Self::MAX {
            return Err(OrganisationNameProblem::TooLong);
        }
        if name.chars().any(crate::text::is_unseen) {
            return Err(OrganisationNameProblem::Characters);
        }
        Ok(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrganisationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for OrganisationName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for OrganisationName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// An organisation, as bars and lists name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationSummary {
    pub id: OrganisationId,
    pub code: OrganisationCode,
    pub name: String,
}

/// An organisation on the page where a person chooses one (C1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationChoice {
    pub organisation: OrganisationSummary,
    /// Names of the person's roles there.
    pub roles: Vec<String>,
    /// Whether the person can go there; otherwise it is one that they no longer have access to.
    pub open: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tidied_and_limited() {
        assert_eq!(
            OrganisationName::parse(" St\u{a0}Luke’s \n Trust ")
                .unwrap()
                .as_str(),
            "St Luke’s Trust"
        );
        assert_eq!(
            OrganisationName::parse(" \t"),
            Err(OrganisationNameProblem::Empty)
        );
        assert!(OrganisationName::parse(&"é".repeat(150)).is_ok());
        assert_eq!(
            OrganisationName::parse(&"é".repeat(151)),
            Err(OrganisationNameProblem::TooLong)
        );
        assert_eq!(
            OrganisationName::parse("a\u{202e}b"),
            Err(OrganisationNameProblem::Characters)
        );
        assert_eq!(
            OrganisationName::parse("a\0b"),
            Err(OrganisationNameProblem::Characters)
        );
    }

    #[test]
    fn codes_are_shown_in_capitals_and_linked_in_small_letters() {
        for text in ["RX1", "rx1", " Rx1 "] {
            let code = OrganisationCode::parse(text).unwrap();
            assert_eq!(code.as_str(), "RX1");
            assert_eq!(code.slug(), "rx1");
        }
        assert_eq!(
            OrganisationCode::parse("north-trust1").unwrap().slug(),
            "north-trust1"
        );
    }

    #[test]
    fn other_text_is_not_a_code() {
        assert_eq!(
            OrganisationCode::parse("  "),
            Err(OrganisationCodeProblem::Empty)
        );
        for text in [
            "R",
            "R X1",
            "-RX",
            "RX-",
            "ABCDEFGHIJKLM",
            "RX/1",
            "é1",
            "..",
            "RX1\u{200b}",
        ] {
            assert_eq!(
                OrganisationCode::parse(text),
                Err(OrganisationCodeProblem::Format),
                "{text:?}"
            );
        }
    }
}
