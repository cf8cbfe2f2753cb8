//! The message catalogue: every sentence that tells a person what went wrong, what happened to an
//! invitation, or how many of something there are.
//!
//! Callers know codes, never sentences: a [`domain::violation::Violation`] carries `email.format`, and
//! [`sentence`] turns it into words. A second language is a second table beside `en`, nothing else.
//! An unknown code never shows itself to people: they read [`GENERAL`].

mod dates;
mod en;
mod outcomes;

pub use dates::{date, date_time, days_until, iso, local, short_date, time};
pub use outcomes::{Advice, advice, conflict, expired, outcome_advice, outcome_label, wait};

/// What people read when a code has no sentence: true of every field, and says what to do.
pub const GENERAL: &str = "Check your answer and try again";

/// The sentence of a code, with its values filled in.
///
/// `email.format` and its like take an optional first value: the line of a pasted list, which is then
/// named in front ("Line 4: Enter …"). A sentence whose values are missing becomes [`GENERAL`].
pub fn sentence(code: &str, params: &[String]) -> String {
    let Some(template) = en::template(code) else {
        return GENERAL.to_owned();
    };
    if en::may_name_a_line(code)
        && let Some(line) = params.first()
        && !line.is_empty()
        && line.bytes().all(|b| b.is_ascii_digit())
    {
        return fill("Line {0}: ", params).unwrap_or_default() + template;
    }
    fill(template, params).unwrap_or_else(|| GENERAL.to_owned())
}

/// Why a line of a pasted list is not an email address, as it follows the quoted text
/// ("… has no @ sign"). Takes the reason with or without `email_line.` in front (B04).
pub fn line_reason(reason: &str) -> &'static str {
    en::line_reason(reason.strip_prefix("email_line.").unwrap_or(reason))
}

/// "1 user", "9 users", "10,612 users".
pub fn plural(count: u64, one: &str, many: &str) -> String {
    let mut text = number(count);
    text.push(' ');
    text.push_str(if count == 1 { one } else { many });
    text
}

/// A number with commas over 999.
pub fn number(value: u64) -> String {
    group(&value.to_string())
}

fn group(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Puts values into `{0}`, `{1}` and `{0|default}`. `None` when a value without a default is missing.
fn fill(template: &str, params: &[String]) -> Option<String> {
    let mut text = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (slot, after) = after.split_once('}')?;
        let (index, default) = slot
            .split_once('|')
            .map_or((slot, None), |(index, default)| (index, Some(default)));
        let given = index
            .parse::<usize>()
            .ok()
            .and_then(|i| params.get(i))
            .map(String::as_str);
        text.push_str(before);
        let value = given.or(default)?;
        let is_number =
            value.len() > 3 && !value.starts_with('0') && value.bytes().all(|b| b.is_ascii_digit());
        if is_number {
            text.push_str(&group(value));
        } else {
            text.push_str(value);
        }
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(values: &[&str]) -> Vec<String> {
        values.iter().map(|v| (*v).to_owned()).collect()
    }

    #[test]
    fn numbers_over_999_have_commas() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_000), "1,000");
        assert_eq!(number(10_612), "10,612");
        assert_eq!(number(1_234_567), "1,234,567");
    }

    #[test]
    fn one_and_many_have_their_own_words() {
        assert_eq!(plural(1, "user", "users"), "1 user");
        assert_eq!(plural(0, "user", "users"), "0 users");
        assert_eq!(plural(2_140, "person", "people"), "2,140 people");
    }

    #[test]
    fn an_unknown_code_reads_calm() {
        assert_eq!(sentence("nobody.wrote_this", &[]), GENERAL);
        assert_eq!(line_reason("email_line.nobody"), "is not an email address");
    }

    #[test]
    fn a_missing_value_is_never_shown_as_a_hole() {
        assert_eq!(sentence("role.full", &[]), GENERAL);
        assert_eq!(
            sentence("role.full", &given(&["7", "Administrator"])),
            "Select a different role. All 7 Administrator roles are in use"
        );
    }

    /// B04: the problems page names the line in the message of each field.
    #[test]
    fn an_email_sentence_can_name_its_line() {
        assert_eq!(
            sentence("email.format", &given(&["4"])),
            "Line 4: Enter an email address in the correct format, like name@nhs.net"
        );
        assert_eq!(
            sentence("email.format", &given(&["1204"])),
            "Line 1,204: Enter an email address in the correct format, like name@nhs.net"
        );
    }

    #[test]
    fn a_value_replaces_the_default() {
        assert_eq!(
            sentence("password.too_short", &[]),
            "Password must be 12 characters or more"
        );
        assert_eq!(
            sentence("password.too_short", &given(&["15"])),
            "Password must be 15 characters or more"
        );
    }
}
