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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str, region: MobileRegion) -> Result<String, MobileProblem> {
        MobileNumber::parse(text, region).map(|number| number.as_str().to_owned())
    }

    /// M11, ux 7.3: however people write it.
    #[test]
    fn uk_numbers_are_kept_in_one_form() {
        for text in [
            "07700 900 982",
            "07700900982",
            " 07700-900-982 ",
            "(07700) 900982",
            "+447700900982",
            "+44 7700 900982",
            "+44 (0)7700 900 982",
            "+44(0) 7700.900.982",
            "0044 7700 900982",
            "00 44 (0) 7700 900982",
            "\u{202a}+44 7700 900982\u{202c}",
            "07700\u{a0}900\u{2011}982",
        ] {
            for region in [MobileRegion::Uk, MobileRegion::Any] {
                assert_eq!(parse(text, region), Ok("+447700900982".into()), "{text:?}");
            }
        }
        let number = MobileNumber::parse("07700 900 982", MobileRegion::Uk).unwrap();
        assert_eq!(number.ending(), "982");
        assert!(number.is_uk());
    }

    /// M11: the decision about Jersey, Guernsey and the Isle of Man.
    #[test]
    fn numbers_of_the_islands_are_accepted() {
        for prefix in [
            "07781", "07839", "07911", "07509", "07797", "07937", "07700", "07829", "07624",
            "07524", "07424",
        ] {
            assert!(
                parse(&format!("{prefix} 123456"), MobileRegion::Uk).is_ok(),
                "{prefix}"
            );
        }
    }

    /// M12, M13, C13: other countries' numbers are refused at entry, unless the policy takes them.
    #[test]
    fn other_countries_depend_on_the_policy() {
        for (text, number) in [
            ("+33 6 12 34 56 78", "+33612345678"),
            ("0033 6 12 34 56 78", "+33612345678"),
            ("+353 85 123 4567", "+353851234567"),
            ("+1 (202) 555-0143", "+12025550143"),
        ] {
            assert_eq!(
                parse(text, MobileRegion::Uk),
                Err(MobileProblem::NotUk),
                "{text}"
            );
            assert_eq!(parse(text, MobileRegion::Any), Ok(number.into()), "{text}");
        }
    }

    #[test]
    fn what_is_no_mobile_number_is_refused() {
        for region in [MobileRegion::Uk, MobileRegion::Any] {
            assert_eq!(parse(" ", region), Err(MobileProblem::Empty));
            for text in [
                "0770090098",
                "077009009822",
                "7700900982",
                "020 7946 0000",
                "0800 123 456",
                "07000 123456",
                "07612 123456",
                "+44 20 7946 0000",
                "+4477009009822",
                "+0 123 456 789",
                "+1234567",
                "+1234567890123456",
                "07700 9oo 982",
                "07700900982 ext 3",
                "٠٧٧٠٠٩٠٠٩٨٢",
                "07700+900982",
                "++447700900982",
                "07700\n900982",
                "-",
            ] {
                assert_eq!(parse(text, region), Err(MobileProblem::Format), "{text:?}");
            }
        }
        assert_eq!(
            parse(&"0".repeat(1_000_000), MobileRegion::Any),
            Err(MobileProblem::Format)
        );
    }

    proptest! {
        #[test]
        fn any_text_is_a_number_or_a_problem(text in prop_oneof![any::<String>(), "[+]?[0-9 ()-]{8,20}"]) {
            for region in [MobileRegion::Uk, MobileRegion::Any] {
                if let Ok(number) = MobileNumber::parse(&text, region) {
                    prop_assert!(number.as_str().len() <= 16 && number.ending().len() == 3);
                    prop_assert_eq!(MobileNumber::parse(number.as_str(), region), Ok(number));
                }
            }
        }
    }
}
