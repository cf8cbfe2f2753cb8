//! Mobile phone numbers (M11 to M13, C13): UK ones by default, kept as E.164.
//!
//! Jersey, Guernsey and the Isle of Man share the UK's code +44 and its mobile prefixes (07781, 07839, 07911,
//! 07509, 07797, 07937, 07700, 07829, 07624, 07524, 07424). Their numbers are accepted: people who work for a
//! UK health service from there have no other.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::keyed::keyed_enum;

keyed_enum! {
    /// Which mobile numbers an organisation takes (policy `mobile_region`).
    pub enum MobileRegion {
        Uk = "uk",
        Any = "any",
    }
}

/// What is wrong with a mobile number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MobileProblem {
    Empty,
    Format,
    NotUk,
}

impl MobileProblem {
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "mobile.empty_own",
            Self::Format => "mobile.format",
            Self::NotUk => "mobile.not_uk",
        }
    }
}

impl From<MobileProblem> for String {
    fn from(problem: MobileProblem) -> Self {
        problem.code().to_owned()
    }
}

impl fmt::Display for MobileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A mobile number in E.164: `+447700900982`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MobileNumber(String);

impl MobileNumber {
    /// Reads a number as people write it: `07700 900 982`, `+44 (0)7700 900982`, `0044 7700-900-982`.
    pub fn parse(text: &str, region: MobileRegion) -> Result<Self, MobileProblem> {
        if text.trim().is_empty() {
            return Err(MobileProblem::Empty);
        }
        let (international, digits) = digits_of(text).ok_or(MobileProblem::Format)?;
        let (international, digits) = match digits.strip_prefix("00") {
            Some(rest) if !international => (true, rest),
            _ => (international, digits.as_str()),
        };
        if !international {
            let national = digits.strip_prefix('0').ok_or(MobileProblem::Format)?;
            return uk(national).ok_or(MobileProblem::Format);
        }
        if let Some(national) = digits.strip_prefix("44") {
            return uk(national.strip_prefix('0').unwrap_or(national)).ok_or(MobileProblem::Format);
        }
        // A country code does not start with 0, and a whole number has 8 to 15 digits.
        if digits.starts_with('0') || !(8..=15).contains(&digits.len()) {
            return Err(MobileProblem::Format);
        }
        match region {
            MobileRegion::Uk => Err(MobileProblem::NotUk),
            MobileRegion::Any => Ok(Self(format!("+{digits}"))),
        }
    }

    /// E.164.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last 3 digits, all that is ever shown of it ("ending 982").
    pub fn ending(&self) -> &str {
        &self.0[self.0.len() - 3..]
    }

    pub fn is_uk(&self) -> bool {
        self.0.starts_with("+447")
    }
}

/// The digits of a number and whether it began with `+`; nothing when it has other characters in it.
fn digits_of(text: &str) -> Option<(bool, String)> {
    let mut digits = String::new();
    let mut international = false;
    for c in text.trim().chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() && !international => international = true,
            // Phones put direction marks around numbers that are copied from their address book.
            '-'
            | '('
            | ')'
            | '.'
            | '\u{2010}'..='\u{2015}'
            | '\u{2212}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}' => {}
            c if c.is_whitespace() && !c.is_control() || c == '\t' => {}
            _ => return None,
        }
        if digits.len() > 20 {
            return None;
        }
    }
    Some((international, digits))
}

/// A UK mobile number from its 10 digits after the 0. 070 is for personal numbers and 076 for pagers, except
/// 07624, which is the Isle of Man's.
fn uk(national: &str) -> Option<MobileNumber> {
    let mobile = matches!(national.as_bytes(), [b'7', b'1'..=b'5' | b'7'..=b'9', ..])
        || national.starts_with("7624");
    (national.len() == 10 && mobile).then(|| MobileNumber(format!("+44{national}")))
}

impl fmt::Display for MobileNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for MobileNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for MobileNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?, MobileRegion::Any)
            .map_err(de::Error::custom)
    }
}
