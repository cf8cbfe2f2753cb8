//! Passwords: one fixed step of normalisation, length, and words that anybody could guess (R1, R2, R8).
//! There are no rules of composition (R3); the list of common passwords is the service's.

use std::hint::black_box;

use unicode_normalization::UnicodeNormalization;

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
    text.chars()
        .map(|c| if is_other_space(c) { ' ' } else { c })
        .nfc()
        .collect()
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
    text.nfc()
        .collect::<String>()
        .to_uppercase()
        .to_lowercase()
        .replace('ς', "σ")
}
