//! The table of error messages, word for word. T-ERR-02 proves each in its page.

use super::super::{GENERAL, sentence};
use super::{SENTENCES, template};

/// Code, values, and what people read.
const TABLE: &[(&str, &[&str], &str)] = &[
    ("email.empty", &[], "Enter an email address"),
    ("email.empty_own", &[], "Enter your email address"),
    (
        "email.format",
        &[],
        "Enter an email address in the correct format, like name@nhs.net",
    ),
    (
        "email.too_long",
        &[],
        "Email address must be 254 characters or less",
    ),
    (
        "email.domain",
        &[],
        "Email address must end in one of your organisation's allowed domains, like @nhs.net",
    ),
    ("email.same", &[], "Enter a different email address"),
    (
        "email.taken",
        &[],
        "Enter an email address that no one else uses",
    ),
    ("first_name.empty", &[], "Enter a first name"),
    ("first_name.empty_own", &[], "Enter your first name"),
    ("last_name.empty", &[], "Enter a last name"),
    ("last_name.empty_own", &[], "Enter your last name"),
    (
        "first_name.too_long",
        &[],
        "First name must be 100 characters or less",
    ),
    (
        "last_name.too_long",
        &[],
        "Last name must be 100 characters or less",
    ),
    (
        "first_name.url",
        &[],
        "First name must not include a web address",
    ),
    (
        "last_name.url",
        &[],
        "Last name must not include a web address",
    ),
    (
        "job_title.too_long",
        &[],
        "Job title must be 100 characters or less",
    ),
    (
        "notes.too_long",
        &[],
        "Notes must be 1,000 characters or less",
    ),
    (
        "clinician.empty",
        &[],
        "Select yes if they are a registered clinician",
    ),
    ("registration.empty", &[], "Enter their registration number"),
    ("mobile.empty_own", &[], "Enter your mobile phone number"),
    (
        "mobile.format",
        &[],
        "Enter a mobile phone number in the correct format, like 07700 900 982",
    ),
    (
        "mobile.not_uk",
        &[],
        "Enter a UK mobile phone number, like 07700 900 982",
    ),
    ("password.empty", &[], "Enter a password"),
    ("password.empty_own", &[], "Enter your password"),
    (
        "password.too_short",
        &[],
        "Password must be 12 characters or more",
    ),
    (
        "password.too_long",
        &[],
        "Password must be 128 characters or less",
    ),
    (
        "password.common",
        &[],
        "Choose a password that is harder to guess",
    ),
    (
        "password.personal",
        &[],
        "Password must not include your name or email address",
    ),
    ("password.current", &[], "Enter your current password"),
    (
        "password.current_wrong",
        &[],
        "The current password is not correct",
    ),
    ("mobile.same", &[], "Enter a different mobile phone number"),
    ("password.wrong", &[], "Enter the correct password"),
    (
        "sign_in.failed",
        &[],
        "Enter a correct email address and password",
    ),
    ("sign_in.slow_down", &[], "Try again later"),
    ("code.empty", &[], "Enter the code"),
    (
        "code.too_few",
        &[],
        "You've not entered enough numbers, the code must be 6 numbers",
    ),
    (
        "code.too_many",
        &[],
        "You've entered too many numbers, the code must be 6 numbers",
    ),
    ("code.characters", &[], "The code must be 6 numbers"),
    ("code.wrong", &[], "Enter the correct code"),
    (
        "code.expired",
        &[],
        "The code has expired. We have sent you a new one",
    ),
    ("recovery.empty", &[], "Enter a recovery code"),
    (
        "recovery.wrong",
        &[],
        "Enter a recovery code that you have not used",
    ),
    (
        "codes_method.empty",
        &[],
        "Select how you want to get codes",
    ),
    ("how.empty", &[], "Select how you want to add users"),
    ("organisation.empty", &[], "Select an organisation"),
    ("role.empty", &[], "Select a role"),
    (
        "role.full",
        &["7", "Administrator"],
        "Select a different role. All 7 Administrator roles are in use",
    ),
    (
        "undo.role_full",
        &["7", "Administrator"],
        "This cannot be undone. All 7 Administrator roles are in use",
    ),
    ("role.not_allowed", &[], "You cannot view this page"),
    (
        "role.duplicate",
        &[],
        "Select a different role or area. They already have this access",
    ),
    ("areas.empty", &[], "Select where they need access"),
    (
        "areas.all_and_some",
        &["Hollybrook Hospital"],
        "Select areas, or select ‘All of Hollybrook Hospital’",
    ),
    (
        "areas.gone",
        &["Ward 3"],
        "Select where they need access. Ward 3 has been closed",
    ),
    ("when.empty", &[], "Select when their access should start"),
    ("start.empty", &[], "Enter the date their access starts"),
    (
        "start.incomplete",
        &["month"],
        "Start date must include a month",
    ),
    ("start.real", &[], "Start date must be a real date"),
    (
        "start.past",
        &[],
        "Start date must be today or in the future",
    ),
    (
        "end.before_start",
        &["3 January 2027"],
        "End date must be after 3 January 2027",
    ),
    (
        "end.too_far",
        &["21 November 2028"],
        "End date must be on or before 21 November 2028",
    ),
    (
        "reason.empty",
        &[],
        "Select why you are deactivating this account",
    ),
    (
        "reason_other.empty",
        &[],
        "Enter why you are deactivating this account",
    ),
    (
        "reason.too_long",
        &[],
        "Reason must be 500 characters or less",
    ),
    (
        "confirm.empty",
        &[],
        "Select yes if you want to deactivate this account",
    ),
    (
        "exception.risk",
        &[],
        "Confirm you have completed a risk assessment",
    ),
    ("last_admin", &[], "You cannot do this yet"),
    ("bulk.none", &[], "Select at least 1 user"),
    ("bulk.too_many", &[], "Select 10,000 users or fewer"),
    (
        "decision.empty",
        &["Jane Carlton"],
        "Select keep or remove for Jane Carlton",
    ),
    ("emails.empty", &[], "Enter at least 1 email address"),
    (
        "emails.none",
        &[],
        "Enter at least 1 email address in the correct format, like name@nhs.net",
    ),
    (
        "emails.too_many",
        &["10612"],
        "You entered 10,612 email addresses. Enter 10,000 or fewer",
    ),
    (
        "emails.all_skipped",
        &[],
        "Enter at least 1 person who is not already a user",
    ),
    ("message.url", &[], "Message must not include a web address"),
    ("file.empty", &[], "Select a CSV file"),
    ("file.type", &[], "The selected file must be a CSV"),
    (
        "file.size",
        &[],
        "The selected file must be smaller than 2MB",
    ),
    ("file.no_rows", &[], "The selected file is empty"),
    (
        "file.rows",
        &[],
        "The selected file must have 5,000 rows or fewer",
    ),
    (
        "file.encoding",
        &[],
        "The selected file must be saved as CSV UTF-8",
    ),
    ("file.virus", &[], "The selected file contains a virus"),
    (
        "file.failed",
        &[],
        "The selected file could not be uploaded – try again",
    ),
    (
        "columns.email",
        &[],
        "Select the column that has email addresses",
    ),
    ("columns.twice", &[], "Select each column only once"),
    (
        "values.role",
        &["band 6 nurse"],
        "Select a role for ‘band 6 nurse’",
    ),
    (
        "domain.format",
        &[],
        "Enter a domain in the correct format, like nhs.net",
    ),
    ("domain.empty", &[], "Enter a domain"),
    (
        "domain.public",
        &[],
        "Enter a domain that belongs to an organisation",
    ),
    ("expiry.empty", &[], "Select how long invitations last"),
    (
        "timeout.range",
        &[],
        "Enter a number of minutes between 15 and 60",
    ),
    (
        "inactive.empty",
        &[],
        "Select when to deactivate inactive users",
    ),
    ("limit.number", &[], "Role limit must be a number, like 7"),
    ("limit.low", &[], "Role limit must be 2 or more"),
    (
        "limit.below_current",
        &["5"],
        "Role limit must be 5 or more. 5 users have this role",
    ),
    ("area_name.empty", &[], "Enter an area name"),
    (
        "area_name.same",
        &["Community nursing"],
        "Enter an area name that is not already used in Community nursing",
    ),
    (
        "area_move.self",
        &[],
        "Select a different area. An area cannot be moved inside itself",
    ),
    ("area_close.users", &["12"], "Select where to move 12 users"),
    ("csrf", &[], "This page has expired"),
    ("stale_draft", &[], "This page has expired"),
    ("rate", &[], "Try again later"),
    ("conflict", &[], "Someone else has changed this"),
];

/// T-ERR-02: the catalogue says what the table says.
#[test]
fn every_sentence_is_word_for_word() {
    for (code, values, expected) in TABLE {
        let values: Vec<String> = values.iter().map(|v| (*v).to_owned()).collect();
        assert_eq!(sentence(code, &values), *expected, "{code}");
    }
}

/// Every code that the domain gives has a sentence, with room for its values.
#[test]
fn every_code_of_the_domain_has_a_sentence() {
    for (code, values) in domain::violation::CODES {
        if let Some(reason) = code.strip_prefix("email_line.")
            && *values == 0
        {
            assert!(
                reason == "not_address"
                    || super::line_reason(reason) != super::line_reason("not_address"),
                "{code}"
            );
            continue;
        }
        let named: Vec<String> = (0..*values).map(|index| format!("value {index}")).collect();
        let words = sentence(code, &named);
        assert_ne!(words, GENERAL, "{code}");
        assert!(
            named.iter().all(|value| words.contains(value)) || code.starts_with("message."),
            "{code}: {words}"
        );
    }
}

#[test]
fn no_code_is_written_twice() {
    for (i, (code, _)) in SENTENCES.iter().enumerate() {
        assert!(
            SENTENCES.iter().skip(i + 1).all(|(other, _)| other != code),
            "{code} is there twice"
        );
    }
}

/// The style of the product: no polite padding, no jargon, no full stop at the end of one sentence.
#[test]
fn the_sentences_keep_to_the_style() {
    for (code, text) in SENTENCES {
        for word in [
            "please",
            "sorry",
            "successfully",
            "invalid",
            "forbidden",
            "can't",
            "don't",
            "log in",
            "tenant",
        ] {
            assert!(!text.to_lowercase().contains(word), "{code} says “{word}”");
        }
        assert!(!text.ends_with('.'), "{code} ends with a full stop");
        assert!(template(code).is_some() && *text != GENERAL);
    }
}

/// B04: the six reasons of a line.
#[test]
fn line_reasons_are_word_for_word() {
    let reasons = [
        ("email_line.no_at", "has no @ sign"),
        ("email_line.many_at", "has more than 1 @ sign"),
        ("email_line.no_ending", "needs an ending like .net or .uk"),
        ("email_line.space", "has a space in it"),
        ("email_line.format", "is not an email address"),
        ("email_line.not_address", "is not an email address"),
        ("email_line.too_long", "is too long"),
    ];
    for (reason, words) in reasons {
        assert_eq!(super::super::line_reason(reason), words);
    }
}
