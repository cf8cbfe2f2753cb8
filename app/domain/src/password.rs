//! Passwords: one fixed step of normalisation, length, and words that anybody could guess (R1, R2, R8).
//! There are no rules of composition (R3); the list of common passwords is the service's.

use std::hint::black_box;

use crate::unicode::{lowercase, nfc, uppercase};

use crate::email::EmailAddress;

/// The longest password, in characters, after normalisation.
pub const MAX_CHARACTERS: usize = 128;
/// The longest password, in bytes, before anything is done with it.
pub const MAX_BYTES: usize = 1024;
/// Personal words shorter than this are in too many good passwords to be refused.
const MIN_PERSONAL: usize = 4;

/// A password, normalised. It cannot be printed, stored as it is, sent or copied, and its memory is
/// overwritten when it goes.
pub struct Password(String);

impl Password {
    /// Takes a password as typed. Nothing for an empty one, and for one that is too long to be anybody's:
    /// those are turned away before they are hashed.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > MAX_BYTES {
            None
        } else {
            Some(Self(normalise(text)))
        }
    }

    /// The normalised text, for hashing and comparing.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Password {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.0).into_bytes();
        bytes.fill(0);
        black_box(&bytes);
    }
}

/// The one step that is done to a password, when it is set and when it is checked (RFC 8265, OpaqueString):
/// other spaces become plain ones, then NFC, so that every keyboard gives the same password. No trimming, no
/// change of case, no shortening.
pub fn normalise(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if is_other_space(c) { ' ' } else { c })
        .collect();
    nfc(&text)
}

/// The separators of Unicode (Zs) except the plain space.
const fn is_other_space(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

/// The code of what is wrong with a new password, if anything: `password.empty`, `.too_short` (fewer than
/// `min` characters), `.too_long`, `.personal` (contains one of the words, in whatever case).
pub fn check_password(password: &str, min: usize, personal: &[String]) -> Option<&'static str> {
    if password.is_empty() {
        return Some("password.empty");
    }
    if password.len() > MAX_BYTES {
        return Some("password.too_long");
    }
    let password = normalise(password);
    let length = password.chars().count();
    if length > MAX_CHARACTERS {
        return Some("password.too_long");
    }
    if length < min {
        return Some("password.too_short");
    }
    let folded = fold(&password);
    let is_personal = |word: &String| {
        let word = fold(word.trim());
        word.chars().count() >= MIN_PERSONAL && folded.contains(&word)
    };
    personal
        .iter()
        .any(is_personal)
        .then_some("password.personal")
}

/// The words that a person's password must not contain: the names and each part of them, the part of the
/// email address before the `@`, and the organisation's name and code.
pub fn personal_words(
    first_name: &str,
    last_name: &str,
    email: Option<&EmailAddress>,
    organisation_name: &str,
    organisation_code: &str,
) -> Vec<String> {
    let mut words = Vec::new();
    for name in [first_name, last_name] {
        words.push(name.to_owned());
        words.extend(name.split([' ', '-', '\'', '\u{2019}']).map(str::to_owned));
    }
    if let Some(email) = email {
        words.push(email.local().to_owned());
        words.push(
            email
                .local()
                .split('+')
                .next()
                .unwrap_or_default()
                .to_owned(),
        );
    }
    words.push(organisation_name.to_owned());
    words.push(organisation_name.split_whitespace().collect());
    words.push(organisation_code.to_owned());
    words.retain(|word| word.trim().chars().count() >= MIN_PERSONAL);
    words.sort_unstable();
    words.dedup();
    words
}

/// Case folded for comparing; ß and ss, and the Greek final sigma, count as one.
fn fold(text: &str) -> String {
    lowercase(&uppercase(&nfc(text))).replace('ς', "σ")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// R1: 11, 12, 14 and 15 characters, counted as people count them.
    #[test]
    fn the_shortest_password_has_its_characters() {
        for min in [12, 15] {
            for letter in ["x", "é", "e\u{301}", "ß", "字", "\u{2003}"] {
                assert_eq!(
                    check_password(&letter.repeat(min - 1), min, &[]),
                    Some("password.too_short"),
                    "{letter}"
                );
                assert_eq!(
                    check_password(&letter.repeat(min), min, &[]),
                    None,
                    "{letter}"
                );
            }
        }
        assert_eq!(check_password("", 12, &[]), Some("password.empty"));
    }

    /// ux 7.4, R2: the longest, in characters and in bytes; nothing is ever cut off.
    #[test]
    fn the_longest_password_has_its_end() {
        assert_eq!(check_password(&"x".repeat(128), 12, &[]), None);
        assert_eq!(
            check_password(&"x".repeat(129), 12, &[]),
            Some("password.too_long")
        );
        assert_eq!(check_password(&"𝒳".repeat(128), 12, &[]), None);
        assert_eq!(
            check_password(&"x".repeat(10_000_000), 12, &[]),
            Some("password.too_long")
        );
        assert!(Password::parse(&"x".repeat(MAX_BYTES)).is_some());
        assert!(Password::parse(&"x".repeat(MAX_BYTES + 1)).is_none());
        assert!(Password::parse("").is_none());
        for length in 1..=256 {
            let password = "p".repeat(length);
            let longer =
                Password::parse(&format!("{password}x")).unwrap_or_else(|| panic!("{length}"));
            assert_eq!(longer.expose().len(), length + 1);
        }
    }

    /// R8: one password, whichever keyboard typed it; nothing else is touched.
    #[test]
    fn every_keyboard_gives_the_same_password() {
        for (typed, same) in [
            ("cafe\u{301}", "caf\u{e9}"),
            ("A\u{30a}", "\u{c5}"),
            ("\u{212b}", "\u{c5}"),
            (
                "a\u{a0}b\u{2003}c\u{3000}d\u{202f}e\u{1680}f\u{205f}g",
                "a b c d e f g",
            ),
            ("\u{1112}\u{1161}\u{11ab}", "\u{d55c}"),
        ] {
            assert_eq!(normalise(typed), same);
        }
        for kept in [
            "  Pass Word  ",
            "PASSWORD",
            "ﬁ",
            "\u{ff21}",
            "a\tb",
            "ſ",
            "a\u{200b}b",
        ] {
            assert_eq!(normalise(kept), kept);
        }
    }

    /// R4, ux 7.4: the words that anybody would try, in whatever case.
    #[test]
    fn personal_words_are_refused() {
        let email = EmailAddress::parse("j.carlton2+rx1@nhs.net").unwrap();
        let words = personal_words(
            "Anne-Marie",
            "O'Neill Groß",
            Some(&email),
            "St Luke's",
            "NORTH1",
        );
        for password in [
            "anne-marie is here",
            "i am MARIE today",
            "the NEILL family",
            "GROSS and grand",
            "my j.carlton2 account",
            "j.carlton2+rx1 again",
            "at St Luke's now",
            "in north1 forever",
        ] {
            assert_eq!(
                check_password(password, 12, &words),
                Some("password.personal"),
                "{password}"
            );
        }
        for password in [
            "three random words",
            "st lukas and friends",
            "rx1 is too short",
        ] {
            assert_eq!(check_password(password, 12, &words), None, "{password}");
        }
        // Short names are in too many words.
        let words = personal_words("Al", "Ng", None, "Ward", "RX1");
        assert_eq!(words, ["Ward"]);
        // Length is told first.
        assert_eq!(
            check_password("ward", 12, &words),
            Some("password.too_short")
        );
    }

    proptest! {
        /// R2, R8: normalising is done once and for all, and checking never panics.
        #[test]
        fn normalising_is_stable(text in any::<String>()) {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once.clone());
            check_password(&text, 12, std::slice::from_ref(&text));
            if let Some(password) = Password::parse(&text) {
                prop_assert_eq!(password.expose(), once);
            }
        }

        /// R2: a password and a longer one are never the same.
        #[test]
        fn longer_passwords_are_different(text in "\\PC{1,200}", more in "[a-z]") {
            prop_assert_ne!(normalise(&text), normalise(&format!("{text}{more}")));
        }
    }
}
