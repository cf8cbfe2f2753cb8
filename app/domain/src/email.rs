//! Email addresses: one parser for the browser and the server (R96).
//!
//! Stricter than the standards on purpose: quoted local parts, comments, addresses of machines (`[10.0.0.1]`)
//! and local parts outside ASCII are refused, because no health service hands them out and each of them has
//! been used to make two different mailboxes look like one. Domains may have accented Latin letters; any other
//! script, and any letter that merely looks like a Latin one, is refused for the same reason.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use crate::unicode::{lowercase, nfc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What is wrong with an email address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailProblem {
    Empty,
    NoAt,
    ManyAt,
    NoEnding,
    Space,
    TooLong,
    Format,
}

impl EmailProblem {
    /// The code for a field that takes one address.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "email.empty",
            Self::TooLong => "email.too_long",
            Self::NoAt | Self::ManyAt | Self::NoEnding | Self::Space | Self::Format => {
                "email.format"
            }
        }
    }

    /// The code for a line of a list, which says more precisely what is wrong.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NoAt => "email_line.no_at",
            Self::ManyAt => "email_line.many_at",
            Self::NoEnding => "email_line.no_ending",
            Self::Space => "email_line.space",
            Self::TooLong => "email_line.too_long",
            Self::Empty | Self::Format => "email_line.not_address",
        }
    }
}

impl From<EmailProblem> for String {
    fn from(problem: EmailProblem) -> Self {
        problem.code().to_owned()
    }
}

impl fmt::Display for EmailProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for EmailProblem {}

/// An address that mail can be sent to. Two addresses are equal when their keys are: `Jane@NHS.net` is
/// `jane@nhs.net`. Plus-addressing survives.
#[derive(Clone)]
pub struct EmailAddress {
    /// The local part as typed, `@`, the domain in ASCII and lower case.
    shown: String,
    /// The same in lower case.
    key: String,
    /// Where the `@` is, in both.
    at: usize,
}

impl EmailAddress {
    /// The longest address that mail systems carry, in characters.
    pub const MAX: usize = 254;
    const MAX_LOCAL: usize = 64;

    /// Reads one address. White space around it is ignored; everything else must be part of it.
    pub fn parse(text: &str) -> Result<Self, EmailProblem> {
        let text = text.trim();
        let at = the_at(text)?;
        let local = &text[..at];
        if !is_local_part(local) {
            return Err(EmailProblem::Format);
        }
        let mut shown = String::with_capacity(text.len());
        shown.push_str(&text[..=at]);
        push_ascii_domain(&mut shown, &text[at + 1..])?;
        if shown.len() > Self::MAX {
            return Err(EmailProblem::TooLong);
        }
        let key = shown.to_ascii_lowercase();
        Ok(Self { shown, key, at })
    }

    /// As people see it.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// As it is compared and as it is unique: everything in lower case.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The part before the `@`, as typed.
    pub fn local(&self) -> &str {
        &self.shown[..self.at]
    }

    /// The part after the `@`, in ASCII and lower case.
    pub fn domain(&self) -> &str {
        &self.shown[self.at + 1..]
    }

    /// Whether the domain is on an organisation's list (V03, C27). `nhs.net` allows exactly that domain,
    /// `*.nhs.uk` allows `nhs.uk` and everything below it; whole labels are compared, so `evilnhs.uk` is not
    /// allowed. An empty list allows nothing.
    pub fn domain_allowed(&self, rules: &[String]) -> bool {
        let domain = self.domain();
        rules.iter().any(|rule| {
            let rule = rule.trim().trim_start_matches('@').to_ascii_lowercase();
            match rule.strip_prefix("*.") {
                Some(parent) if !parent.is_empty() => {
                    domain == parent
                        || domain
                            .strip_suffix(parent)
                            .is_some_and(|rest| rest.ends_with('.'))
                }
                Some(_) => false,
                None => domain == rule,
            }
        })
    }
}

/// Where the one `@` is, in text that could be an address as far as its characters go.
fn the_at(text: &str) -> Result<usize, EmailProblem> {
    if text.is_empty() {
        return Err(EmailProblem::Empty);
    }
    let (mut at, mut ats, mut length) = (0, 0_u32, 0_usize);
    let (mut control, mut space) = (false, false);
    for (index, c) in text.char_indices() {
        length += 1;
        match c {
            '@' => {
                ats += 1;
                at = index;
            }
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' => {}
            c => {
                control |= c.is_control();
                space |= c.is_whitespace();
            }
        }
    }
    match ats {
        0 => Err(EmailProblem::NoAt),
        1 if control => Err(EmailProblem::Format),
        1 if space => Err(EmailProblem::Space),
        1 if length > EmailAddress::MAX => Err(EmailProblem::TooLong),
        1 => Ok(at),
        _ => Err(EmailProblem::ManyAt),
    }
}

/// A dot-separated run of characters that need no quoting, beginning with a letter, a digit or `_`. Out are the
/// characters that relays have taken for routes (`%`, `!`) and those that are brackets, bars and quotes to
/// everybody who pastes a list.
fn is_local_part(local: &str) -> bool {
    local.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        && local.len() <= EmailAddress::MAX_LOCAL
        && !local.ends_with('.')
        && !local.contains("..")
        && local
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b".#$&'*+/=?^_~-".contains(&byte))
}

/// A domain in ASCII and lower case.
pub(crate) fn ascii_domain(domain: &str) -> Result<String, EmailProblem> {
    let mut ascii = String::with_capacity(domain.len());
    push_ascii_domain(&mut ascii, domain)?;
    Ok(ascii)
}

fn push_ascii_domain(text: &mut String, domain: &str) -> Result<(), EmailProblem> {
    let start = text.len();
    for (index, label) in domain.split('.').enumerate() {
        if index > 0 {
            text.push('.');
        }
        match ascii_label(label) {
            Some(label) => text.push_str(&label),
            // Nothing there at all is the beginning of an ending, anything else is wrong as it is.
            None if domain.contains(char::is_alphanumeric) => return Err(EmailProblem::Format),
            None => return Err(EmailProblem::NoEnding),
        }
    }
    let ending = text[start..]
        .rsplit_once('.')
        .map_or("", |(_, ending)| ending);
    let alphabetic = ending.len() >= 2 && ending.bytes().all(|byte| byte.is_ascii_alphabetic());
    if alphabetic || ending.starts_with("xn--") {
        Ok(())
    } else {
        Err(EmailProblem::NoEnding)
    }
}

/// One label of a domain, or nothing when it cannot be one.
fn ascii_label(label: &str) -> Option<Cow<'_, str>> {
    const MAX: usize = 63;
    if label.is_empty() || label.len() > MAX * 4 || label.starts_with('-') || label.ends_with('-') {
        return None;
    }
    if !label.is_ascii() {
        let lower = nfc(&lowercase(&nfc(label)));
        if lower.starts_with("xn--") || !lower.chars().all(is_domain_letter) {
            return None;
        }
        let encoded = format!("xn--{}", idna::punycode::encode_str(&lower)?);
        return (encoded.len() <= MAX).then_some(Cow::Owned(encoded));
    }
    if label.len() > MAX
        || !label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        return None;
    }
    let lower = if label.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(label.to_ascii_lowercase())
    } else {
        Cow::Borrowed(label)
    };
    if let Some(encoded) = lower.strip_prefix("xn--") {
        // The encoded spelling gets no further than the plain one would.
        let plain = idna::punycode::decode_to_string(encoded)?;
        if plain.is_ascii() || ascii_label(&plain)? != lower {
            return None;
        }
    }
    Some(lower)
}

/// Letters, digits, the hyphen, and the accented letters of European and Vietnamese writing that cannot be
/// taken for a plain one. Letters that the standard maps to something else (ſ, ĳ) are out as well.
fn is_domain_letter(letter: char) -> bool {
    letter.is_ascii_lowercase()
        || letter.is_ascii_digit()
        || letter == '-'
        || matches!(letter,
            '\u{df}'..='\u{f6}' | '\u{f8}'..='\u{130}' | '\u{134}'..='\u{137}' | '\u{139}'..='\u{13e}'
            | '\u{141}'..='\u{148}' | '\u{14a}'..='\u{17e}' | '\u{219}' | '\u{21b}'
            | '\u{1e80}'..='\u{1e85}' | '\u{1ea0}'..='\u{1ef9}')
            && letter.is_lowercase()
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for EmailAddress {}

impl Hash for EmailAddress {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl PartialOrd for EmailAddress {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for EmailAddress {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key.cmp(&other.key)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({:?})", self.shown)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl Serialize for EmailAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.shown)
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
