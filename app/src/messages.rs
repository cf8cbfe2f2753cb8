//! The message catalogue: every sentence that tells a person what went wrong, what happened to an
//! invitation, or how many of something there are.
//!
//! Callers know codes, never sentences: a [`domain::violation::Violation`] carries `email.format`, and
//! [`sentence`] turns it into words. A second language is a second table beside `en`, nothing else.
//! An unknown code never shows itself to people: they read [`GENERAL`].

mod activity;
mod bulk;
mod en;
mod outcomes;
mod permissions;

pub use activity::activity_type;
pub use bulk::{
    bulk_because, bulk_cannot, bulk_done, bulk_going_on, bulk_reason, bulk_task, bulk_verb,
};
use chrono::{DateTime, Utc};
pub use domain::wording::plural;
use domain::wording::{london, number};
pub use outcomes::{Advice, advice, conflict, expired, outcome_advice, outcome_label, wait};
pub use permissions::permission;

/// What people read when a code has no sentence: true of every field, and says what to do.
pub const GENERAL: &str = "Check your answer and try again";

/// The sentence of a code, with its values filled in.
///
/// A sentence whose values are missing becomes [`GENERAL`].
pub fn sentence(code: &str, params: &[String]) -> String {
    let Some(template) = en::template(code) else {
        return GENERAL.to_owned();
    };
    fill(template, params).unwrap_or_else(|| GENERAL.to_owned())
}

/// Why a line of a pasted list is not an email address, as it follows the quoted text
/// ("… has no @ sign"). Takes the reason with or without `email_line.` in front (B04).
pub fn line_reason(reason: &str) -> &'static str {
    en::line_reason(reason.strip_prefix("email_line.").unwrap_or(reason))
}

/// "today", "tomorrow", "in 2 days": how long a link or a role still lasts. Empty once it is over.
pub fn days_until(end: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if end <= now {
        return String::new();
    }
    match (london(end).date() - london(now).date()).num_days() {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        days => [
            "in ",
            &number(u64::try_from(days).unwrap_or_default()),
            " days",
        ]
        .concat(),
    }
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
        match value.parse() {
            Ok(plain) if value.len() > 3 && !value.starts_with('0') => {
                text.push_str(&number(plain));
            }
            _ => text.push_str(value),
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
    fn a_sentence_about_a_line_names_it() {
        assert_eq!(
            sentence("email_line.format", &given(&["4"])),
            "Line 4: Enter an email address in the correct format, like name@nhs.net"
        );
        assert_eq!(
            sentence("email_line.choose", &given(&["1,204"])),
            "Line 1,204: Select what to do with this email address"
        );
    }

    #[test]
    fn the_days_that_are_left_are_calendar_days_in_london() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let now = at("2026-11-21T09:30:00Z");
        assert_eq!(days_until(at("2026-11-21T17:00:00Z"), now), "today");
        assert_eq!(days_until(at("2026-11-22T00:00:00Z"), now), "tomorrow");
        assert_eq!(days_until(at("2026-11-28T09:30:00Z"), now), "in 7 days");
        assert_eq!(
            days_until(at("2026-06-30T23:30:00Z"), at("2026-06-30T12:00:00Z")),
            "tomorrow"
        );
        assert_eq!(days_until(now, now), "");
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
