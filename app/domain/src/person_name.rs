//! Names of people, as they are: every letter, mark and digit, spaces, hyphens, apostrophes and full stops
//! (M19, C21). They go into mail that we send for others, so no web addresses (R100).

use std::fmt;

use crate::unicode::{is_combining_mark, lowercase, nfc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What is wrong with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameProblem {
    Empty,
    TooLong,
    Url,
    Characters,
}

impl NameProblem {
    /// The code for the field, for example `first_name.empty`.
    pub fn code(self, field: &str) -> String {
        let problem = match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Url => "url",
            Self::Characters => "characters",
        };
        format!("{field}.{problem}")
    }

    /// The code when people answer about themselves, for example `first_name.empty_own`.
    pub fn code_own(self, field: &str) -> String {
        match self {
            Self::Empty => format!("{field}.empty_own"),
            other => other.code(field),
        }
    }
}

impl fmt::Display for NameProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code("name"))
    }
}

/// A first or a last name: trimmed, spaces collapsed, NFC, at most 100 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonName(String);

impl PersonName {
    pub const MAX: usize = 100;

    pub fn parse(text: &str) -> Result<Self, NameProblem> {
        // Ample for 100 characters however they are spelt, and keeps a huge paste from being normalised.
        if text.len() > 16 * 1024 {
            return Err(NameProblem::TooLong);
        }
        if text.trim().chars().any(|c| c.is_control() && c != '\t') {
            return Err(NameProblem::Characters);
        }
        let name = nfc(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        if name.is_empty() {
            return Err(NameProblem::Empty);
        }
        if name.chars().count() > Self::MAX {
            return Err(NameProblem::TooLong);
        }
        if has_web_address(&name) {
            return Err(NameProblem::Url);
        }
        if !name.chars().all(is_name_character) || !name.chars().any(char::is_alphanumeric) {
            return Err(NameProblem::Characters);
        }
        Ok(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_name_character(c: char) -> bool {
    c.is_alphanumeric()
        || is_combining_mark(c)
        // Hyphens, apostrophes and the middle dot as keyboards and word processors make them, and the two
        // joiners that Persian and Indic spelling needs.
        || matches!(c, ' ' | '-' | '\u{2010}' | '\u{2011}' | '\u{2013}' | '\'' | '\u{2018}' | '\u{2019}'
            | '\u{2bb}' | '\u{2bc}' | '\u{60}' | '\u{b4}' | '.' | '\u{b7}' | '\u{200c}' | '\u{200d}')
}

/// Whether text has `http`, `www.` or a domain in it. A full stop inside a name ("St.John", "J.R.R.") or
/// without a space after it ("Monday.Work") is no domain: what follows must be a well-known ending, and one
/// that is a word or a name as well must not be written as the beginning of a sentence.
pub(crate) fn has_web_address(text: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "com", "edu", "gov", "icu", "mobi", "net", "nhs", "org", "uk", "xyz",
    ];
    const WORDS: &[&str] = &[
        "app", "biz", "click", "cloud", "club", "cn", "co", "dev", "eu", "fun", "info", "io",
        "link", "live", "ly", "online", "page", "ru", "shop", "site", "store", "tech", "today",
        "top", "tv", "us", "vip", "website", "work", "world", "zip",
    ];
    let lower = lowercase(text);
    if lower.contains("http") || lower.contains("www.") || lower.contains("://") {
        return true;
    }
    text.split_whitespace().any(|chunk| {
        chunk
            .split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '-'))
            .any(|word| {
                let path = chunk.contains('/') && !chunk.ends_with(word);
                let mut labels = word.split('.');
                let mut before = labels.next().unwrap_or_default();
                labels.any(|label| {
                    let length = before.chars().take(2).count();
                    before = label;
                    let is = |ending: &&str| label.eq_ignore_ascii_case(ending);
                    let capitalised = label.starts_with(char::is_uppercase)
                        && !label.ends_with(char::is_uppercase);
                    let looks_like_word = capitalised && !path;
                    length > 0 && ENDINGS.iter().any(is)
                        || length > 1 && !looks_like_word && WORDS.iter().any(is)
                })
            })
    })
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for PersonName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for PersonName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// M19, C21, ux 7.2: real names, as they are.
    #[test]
    fn real_names_are_accepted() {
        for name in [
            "Jane",
            "Anne-Marie",
            "O'Neil",
            "O’Neil",
            "Siân",
            "José María",
            "van der Berg",
            "J.R.",
            "St.John",
            "St. John",
            "X Æ A-12",
            "Ng",
            "Đặng Thị Hồng",
            "Łukasz",
            "Мария",
            "محمد",
            "שרה",
            "李小龙",
            "ณัฐ",
            "Nkẹ́mdị́límma",
            "نسترن\u{200c}پور",
            "Martin Luther King Jr.",
            "Henry 3",
            "Ó Súilleabháin",
            "N’Golo",
            "Maria-João d'Orléans",
            "Co",
            "Ly",
            "Mary.Ann",
        ] {
            let nfc = nfc(name);
            assert_eq!(
                PersonName::parse(name).as_ref().map(PersonName::as_str),
                Ok(nfc.as_str()),
                "{name}"
            );
        }
    }

    #[test]
    fn names_are_tidied() {
        assert_eq!(
            PersonName::parse("  Jose\u{301} \u{a0}\t Marie ")
                .unwrap()
                .as_str(),
            "José Marie"
        );
        assert!(PersonName::parse(&"é".repeat(100)).is_ok());
        assert!(PersonName::parse(&"e\u{301}".repeat(100)).is_ok());
    }

    /// ux 7.2, R100.
    #[test]
    fn each_problem_has_its_code() {
        for (text, problem) in [
            ("", NameProblem::Empty),
            (" \t ", NameProblem::Empty),
            (&*"é".repeat(101), NameProblem::TooLong),
            (&*"x".repeat(1_000_000), NameProblem::TooLong),
            ("http", NameProblem::Url),
            ("Visit https://x", NameProblem::Url),
            ("WWW.evil", NameProblem::Url),
            ("evil.com", NameProblem::Url),
            ("Win at Evil.Com now", NameProblem::Url),
            ("evil.co.uk/x", NameProblem::Url),
            ("evil.link", NameProblem::Url),
            ("Jane\r\nBcc: x", NameProblem::Characters),
            ("Ja\0ne", NameProblem::Characters),
            ("Ja\u{1b}[31mne", NameProblem::Characters),
            ("Jane\u{202e}", NameProblem::Characters),
            ("Ja\u{200b}ne", NameProblem::Characters),
            ("<b>Jane</b>", NameProblem::Characters),
            ("Jane; DROP", NameProblem::Characters),
            ("=1+1", NameProblem::Characters),
            ("jane@nhs", NameProblem::Characters),
            ("-", NameProblem::Characters),
            ("...", NameProblem::Characters),
        ] {
            assert_eq!(PersonName::parse(text), Err(problem), "{text:?}");
        }
        assert_eq!(NameProblem::Empty.code("first_name"), "first_name.empty");
        assert_eq!(
            NameProblem::Empty.code_own("last_name"),
            "last_name.empty_own"
        );
        assert_eq!(NameProblem::Url.code_own("last_name"), "last_name.url");
        assert_eq!(
            NameProblem::TooLong.code("first_name"),
            "first_name.too_long"
        );
    }

    proptest! {
        /// R100: whatever is accepted fits on one line, is short and reads back the same.
        #[test]
        fn any_text_is_a_name_or_a_problem(text in any::<String>()) {
            if let Ok(name) = PersonName::parse(&text) {
                prop_assert!(name.as_str().chars().count() <= PersonName::MAX);
                prop_assert!(!name.as_str().contains(char::is_control));
                prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name));
            }
        }
    }
}
