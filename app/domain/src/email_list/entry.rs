//! Reads one entry: strips what people and programs put around an address, then asks the one parser.

use std::borrow::Cow;

use super::split::is_double_quote;
use super::suggest::Suggestions;
use crate::email::{EmailAddress, EmailProblem};
use crate::text::{is_invisible, is_right_to_left};

/// What an entry turned out to be.
pub(super) enum Reading {
    Address {
        address: EmailAddress,
        name: Option<String>,
    },
    Problem {
        reason: EmailProblem,
        suggestion: Option<String>,
    },
    /// Only decoration.
    Nothing,
}

/// How many layers of decoration are taken off; nobody has more, and the work stays bounded.
const ROUNDS: usize = 4;
/// The longest name that is kept.
const MAX_NAME: usize = 100;

/// Whether there is anything to read at all.
pub(super) fn is_substantial(text: &str) -> bool {
    text.contains(|c: char| c == '@' || c.is_alphanumeric())
}

pub(super) fn read(
    text: &str,
    column_name: Option<String>,
    suggestions: &mut Suggestions,
) -> Reading {
    if let Ok(address) = EmailAddress::parse(text) {
        return Reading::Address {
            address,
            name: column_name.as_deref().and_then(tidy_name),
        };
    }
    if text.contains(is_right_to_left) {
        return Reading::Problem {
            reason: EmailProblem::Format,
            suggestion: None,
        };
    }
    let cleaned = clean(text);
    let text = without_bullet(&cleaned);
    if !is_substantial(text)
        || text.chars().all(|c| c.is_ascii_digit() || c == '.') && text.ends_with('.')
    {
        return Reading::Nothing;
    }
    let (inner, name) = name_and_address(text);
    let inner = without_wrapping(inner);
    match parse(inner) {
        Ok(address) => {
            let name = name.or(column_name.as_deref()).and_then(tidy_name);
            Reading::Address { address, name }
        }
        Err(reason) => {
            let reason = if reason == EmailProblem::Empty {
                EmailProblem::NoAt
            } else {
                reason
            };
            Reading::Problem {
                reason,
                suggestion: suggestions.for_problem(inner, reason),
            }
        }
    }
}

/// Without invisible characters, with plain spaces and plain apostrophes.
fn clean(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let plain = |c: char| match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' | '\u{b4}' => '\'',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    Cow::Owned(
        text.chars()
            .filter(|c| !is_invisible(*c))
            .map(plain)
            .collect(),
    )
}

/// Without the bullets and numbers of a list: "• ", "- ", "1. ", "2) ", "a) ".
fn without_bullet(text: &str) -> &str {
    const MAX_DIGITS: usize = 6;
    let mut text = text.trim();
    for _ in 0..ROUNDS {
        let before = text;
        text = text.trim_start_matches(|c: char| c.is_whitespace() || is_bullet(c));
        let bare = text.strip_prefix(['(', '[']).unwrap_or(text);
        let digits = bare.bytes().take_while(u8::is_ascii_digit).count();
        if (1..=MAX_DIGITS).contains(&digits) {
            let rest = &bare[digits..];
            let marked = rest.strip_prefix([')', ']', ':']);
            let dotted = rest
                .strip_prefix('.')
                .filter(|rest| rest.is_empty() || rest.starts_with(' '));
            let spaced = rest.strip_prefix(' ').filter(|rest| rest.contains('@'));
            text = marked.or(dotted).or(spaced).unwrap_or(text);
        } else if let Some(rest) = bare.get(1..).and_then(|rest| rest.strip_prefix(") ")) {
            text = rest;
        }
        if text.len() == before.len() {
            break;
        }
    }
    text
}

fn is_bullet(c: char) -> bool {
    matches!(c,
        '-' | '*' | '>' | '|' | '\u{a7}' | '\u{b7}' | '\u{2010}'..='\u{2015}' | '\u{2022}' | '\u{2023}' | '\u{2043}'
        | '\u{2192}' | '\u{2219}' | '\u{2610}'..='\u{2612}' | '\u{2713}' | '\u{2714}' | '\u{25a0}'..='\u{25ff}'
        | '\u{2794}'..='\u{27be}' | '\u{f0a7}' | '\u{f0b7}' | '\u{f0d8}' | '\u{f0fc}')
}

/// The address and the name beside it: `Name <address>`, `Name (address)`, `Name - address`, `Name: address`,
/// `address (Name)`. Words beside an address in any other way are left in: `jane carlton@nhs.net` must not
/// become somebody called Carlton.
fn name_and_address(text: &str) -> (&str, Option<&str>) {
    if let Some((name, rest)) = text.split_once('<') {
        let inner = rest.split('>').next().unwrap_or(rest);
        let same = name.contains('@')
            && !name.trim_start().starts_with(is_double_quote)
            && parse(without_wrapping(name)).ok() != parse(without_wrapping(inner)).ok();
        return if inner.contains('@') && !same {
            (inner, Some(name))
        } else {
            (text, None)
        };
    }
    let Some((first, rest)) = text.split_once(char::is_whitespace) else {
        return (text, None);
    };
    if first.contains('@') {
        let comment = rest
            .trim()
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'));
        return match comment {
            Some(comment) if !comment.contains('@') => (first, Some(comment)),
            _ => (text, None),
        };
    }
    let Some((name, last)) = text.rsplit_once(char::is_whitespace) else {
        return (text, None);
    };
    let bracketed = last.starts_with(['(', '[', '{']) && last.ends_with([')', ']', '}']);
    let name = name.trim_end();
    let marked = name.ends_with([':', '=', '|']) || name.ends_with(is_bullet);
    if last.contains('@') && !name.contains('@') && (bracketed || marked) {
        (last, Some(name))
    } else {
        (text, None)
    }
}

/// Without quotes, brackets, `mailto:` and full stops around an address.
fn without_wrapping(text: &str) -> &str {
    let mut text = text;
    for _ in 0..ROUNDS {
        let before = text;
        text = text
            .trim_start_matches(|c: char| {
                c.is_whitespace() || is_quote(c) || matches!(c, '(' | '[' | '{' | '<')
            })
            .trim_end_matches(|c: char| {
                c.is_whitespace()
                    || is_quote(c)
                    || matches!(c, ')' | ']' | '}' | '>' | '.' | ':' | '\u{2026}')
            });
        if let Some(rest) = text
            .get(..7)
            .filter(|start| start.eq_ignore_ascii_case("mailto:"))
            .map(|_| &text[7..])
        {
            text = rest.split('?').next().unwrap_or(rest);
        }
        if text.len() == before.len() {
            break;
        }
    }
    text
}

fn is_quote(c: char) -> bool {
    is_double_quote(c) || matches!(c, '\'' | '`' | '\u{2039}' | '\u{203a}' | '\u{201a}')
}

/// One address, also when it is written twice as a link: `jane@nhs.net](mailto:jane@nhs.net`.
fn parse(text: &str) -> Result<EmailAddress, EmailProblem> {
    let result = EmailAddress::parse(text);
    if result == Err(EmailProblem::ManyAt)
        && let Some((shown, target)) = text.split_once("mailto:")
        && let (Ok(shown), Ok(target)) = (
            EmailAddress::parse(shown.trim_end_matches(['(', '[', ']', '<', ' '])),
            EmailAddress::parse(target),
        )
        && shown == target
    {
        return Ok(target);
    }
    result
}

/// A name, when it looks like one: letters, nothing unseen, no address, not a heading.
fn tidy_name(name: &str) -> Option<String> {
    let cleaned = clean(name);
    let wrapped = |c: char| {
        c.is_whitespace()
            || is_quote(c)
            || is_bullet(c)
            || matches!(c, ',' | ';' | ':' | '=' | '\\')
    };
    let name = cleaned
        .trim_matches(wrapped)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let heading = [
        "to",
        "cc",
        "bcc",
        "from",
        "email",
        "e-mail",
        "mail",
        "email address",
        "name",
    ]
    .iter()
    .any(|heading| name.eq_ignore_ascii_case(heading));
    let fits = name.contains(char::is_alphabetic)
        && !name.contains(|c: char| c == '@' || c.is_control())
        && !name.contains(is_right_to_left)
        && name.chars().nth(MAX_NAME).is_none();
    (fits && !heading).then_some(name)
}
