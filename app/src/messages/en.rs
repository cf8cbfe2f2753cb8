//! English: one line per code, in the order of the questions that people answer.
//!
//! `{0}` and `{1}` are values, `{0|12}` is a value with the default that holds when the rule was not
//! changed by an organisation's settings.

/// The sentence of a code, or nothing when nobody has written it.
pub(super) fn template(code: &str) -> Option<&'static str> {
    SENTENCES
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, sentence)| *sentence)
}

/// Follows the quoted line: `“jane.smith@nhs” needs an ending like .net or .uk`.
pub(super) fn line_reason(reason: &str) -> &'static str {
    match reason {
        "no_at" => "has no @ sign",
        "many_at" => "has more than 1 @ sign",
        "no_ending" => "needs an ending like .net or .uk",
        "space" => "has a space in it",
        "too_long" => "is too long",
        "mistyped" => "looks mistyped",
        _ => "is not an email address",
    }
}

#[rustfmt::skip] // One code, one line.
static SENTENCES: &[(&str, &str)] = &[
    // Email
    ("email.empty", "Enter an email address"),
    ("email.empty_own", "Enter your email address"),
    ("email.format", "Enter an email address in the correct format, like name@nhs.net"),
    ("email.too_long", "Email address must be 254 characters or less"),
    ("email.domain", "Email address must end in one of your organisation's allowed domains, like @{0|nhs.net}"),
    ("email.same", "Enter a different email address"),
    ("email.taken", "Enter an email address that no one else uses"),
    // Names and details
    ("first_name.empty", "Enter a first name"),
    ("first_name.empty_own", "Enter your first name"),
    ("first_name.too_long", "First name must be 100 characters or less"),
    ("first_name.url", "First name must not include a web address"),
    ("first_name.characters", "First name must only include letters, numbers, spaces, apostrophes, hyphens and full stops"),
    ("last_name.empty", "Enter a last name"),
    ("last_name.empty_own", "Enter your last name"),
    ("last_name.too_long", "Last name must be 100 characters or less"),
    ("last_name.url", "Last name must not include a web address"),
    ("last_name.characters", "Last name must only include letters, numbers, spaces, apostrophes, hyphens and full stops"),
    ("job_title.url", "Job title must not include a web address"),
    ("job_title.empty", "Enter a job title"),
    ("job_title.too_long", "Job title must be 100 characters or less"),
    ("notes.too_long", "Notes must be 1,000 characters or less"),
    ("clinician.empty", "Select yes if they are a registered clinician"),
    ("registration.empty", "Enter their registration number"),
    ("registration.too_long", "Registration number must be 50 characters or less"),
    ("address.empty", "Select which email address to use"),
    // Mobile number
    ("mobile.empty_own", "Enter your mobile phone number"),
    ("mobile.format", "Enter a mobile phone number in the correct format, like 07700 900 982"),
    ("mobile.not_uk", "Enter a UK mobile phone number, like 07700 900 982"),
    ("mobile.same", "Enter a different mobile phone number"),
    // Passwords and sign in
    ("password.empty", "Enter a password"),
    ("password.empty_own", "Enter your password"),
    ("password.too_short", "Password must be {0|12} characters or more"),
    ("password.too_long", "Password must be {0|128} characters or less"),
    ("password.common", "Choose a password that is harder to guess"),
    ("password.personal", "Password must not include your name or email address"),
    ("password.current", "Enter your current password"),
    ("password.current_wrong", "The current password is not correct"),
    ("password.wrong", "Enter the correct password"),
    ("sign_in.failed", "Enter a correct email address and password"),
    ("sign_in.slow_down", "Try again later"),
    (
        "password.reset",
        "Your password has been changed. Sign in with your new password",
    ),
    // Own account
    ("leave.empty", "Select yes if you want to leave this organisation"),
    ("account.left", "You have left {0}"),
    ("account.name_changed", "Your name has been changed"),
    ("account.password_changed", "Your password has been changed. You are signed out everywhere else"),
    ("account.mobile_changed", "Your mobile phone number has been changed. You are signed out everywhere else"),
    ("account.app_added", "Your authenticator app is set up. You are signed out everywhere else"),
    ("account.app_removed", "Your authenticator app has been removed. You are signed out everywhere else"),
    ("account.device_signed_out", "The device has been signed out"),
    ("account.others_signed_out", "You are signed out everywhere else"),
    // Codes
    ("code.empty", "Enter the code"),
    ("code.too_few", "You've not entered enough numbers, the code must be 6 numbers"),
    ("code.too_many", "You've entered too many numbers, the code must be 6 numbers"),
    ("code.characters", "The code must be 6 numbers"),
    ("code.wrong", "Enter the correct code"),
    ("code.expired", "The code has expired. We have sent you a new one"),
    (
        "code.used_up",
        "You have entered 5 wrong codes. Ask for a new code or use a different method",
    ),
    ("code.sent", "We have sent you a new code"),
    ("recovery.empty", "Enter a recovery code"),
    ("recovery.wrong", "Enter a recovery code that you have not used"),
    ("recovery.left", "You have {0} recovery codes left"),
    ("recovery.left_one", "You have 1 recovery code left"),
    ("recovery.left_none", "You have no recovery codes left"),
    ("codes_method.empty", "Select how you want to get codes"),
    ("organisation_name.empty", "Enter the name of the organisation"),
    ("organisation_name.too_long", "Organisation name must be 150 characters or less"),
    ("organisation_name.characters", "Organisation name must only include letters, numbers, spaces and punctuation"),
    ("organisation_code.empty", "Enter an organisation code"),
    ("organisation_code.taken", "Enter an organisation code that is not already used"),
    ("organisation_code.format", "Organisation code must be 2 to 12 letters and numbers, like RX1"),
    // Roles, areas, dates
    ("how.empty", "Select how you want to add users"),
    ("organisation.empty", "Select an organisation"),
    ("role.empty", "Select a role"),
    ("role.full", "Select a different role. All {0} {1} roles are in use"),
    ("role.not_allowed", "You cannot view this page"),
    ("role.only_one", "Change the role that they have. A person can have only 1 role here"),
    ("access.empty", "Select what access they will have"),
    ("reactivate.empty", "Select yes if you want to reactivate this account"),
    ("role.duplicate", "Select a different role or area. They already have this access"),
    ("areas.empty", "Select where they need access"),
    ("areas.all_and_some", "Select areas, or select ‘All of {0}’"),
    ("areas.gone", "Select where they need access. {0|An area that you selected} has been closed"),
    ("when.empty", "Select when their access should start"),
    ("person.too_many", "Enter more of the name"),
    ("start.empty", "Enter the date their access starts"),
    ("start.incomplete", "Start date must include a {0}"),
    ("start.real", "Start date must be a real date"),
    ("start.past", "Start date must be today or in the future"),
    ("end.empty", "Enter the date their access ends"),
    ("end.incomplete", "End date must include a {0}"),
    ("end.real", "End date must be a real date"),
    ("end.before_start", "End date must be after {0}"),
    ("end.too_far", "End date must be on or before {0}"),
    ("reason.empty", "Select why you are deactivating this account"),
    ("reason_other.empty", "Enter why you are deactivating this account"),
    ("reason.too_long", "Reason must be 500 characters or less"),
    ("role_reason.empty", "Enter why they need this role"),
    ("confirm.empty", "Select yes if you want to deactivate this account"),
    ("exception.risk", "Confirm you have completed a risk assessment"),
    ("last_admin", "You cannot do this yet"),
    ("bulk.none", "Select at least 1 user"),
    ("bulk.too_many", "Select {0|10,000} users or fewer"),
    ("decision.empty", "Select keep or remove for {0}"),
    // Pasted list
    ("emails.empty", "Enter at least 1 email address"),
    ("emails.none", "Enter at least 1 email address in the correct format, like name@nhs.net"),
    ("emails.too_many", "You entered {0} email addresses. Enter {1|10,000} or fewer"),
    ("emails.too_big", "The list is too big to check. Enter {0|10,000} email addresses or fewer"),
    ("emails.all_skipped", "Enter at least 1 person who is not already a user"),
    ("email_line.format", "Line {0}: Enter an email address in the correct format, like name@nhs.net"),
    ("invitation.sent_again", "We have sent the invitation to {0} again"),
    ("invitation.cancelled", "You cancelled the invitation to {0}"),
    ("invitation.corrected", "We have sent the invitation to {0}"),
    // What was done to a member
    ("member.role_added", "You gave {0} another role"),
    ("member.role_changed", "You changed {0}’s role"),
    ("member.role_removed", "You removed a role from {0}"),
    ("member.details_changed", "You have changed {0}’s details"),
    ("member.undone", "You undid the change to {0}"),
    ("job.stopped", "You stopped sending. What was sent before stays sent"),
    ("email_line.choose", "Line {0}: Select what to do with this email address"),
    ("message.url", "Message must not include a web address"),
    ("message.too_long", "Message must be {0|1,000} characters or less"),
    // Files
    ("file.empty", "Select a CSV file"),
    ("file.type", "The selected file must be a CSV"),
    ("file.size", "The selected file must be smaller than {0|2MB}"),
    ("file.no_rows", "The selected file is empty"),
    ("file.rows", "The selected file must have {0|5,000} rows or fewer"),
    ("file.encoding", "The selected file must be saved as CSV UTF-8"),
    ("file.virus", "The selected file contains a virus"),
    ("file.failed", "The selected file could not be uploaded – try again"),
    ("columns.email", "Select the column that has email addresses"),
    ("columns.twice", "Select each column only once"),
    ("values.role", "Select a role for ‘{0}’"),
    // Settings
    ("domain.format", "Enter a domain in the correct format, like nhs.net"),
    ("domain.empty", "Enter a domain"),
    ("domain.public", "Enter a domain that belongs to an organisation"),
    ("expiry.empty", "Select how long invitations last"),
    ("timeout.range", "Enter a number of minutes between 15 and 60"),
    ("inactive.empty", "Select when to deactivate inactive users"),
    ("limit.number", "Role limit must be a number, like 7"),
    ("limit.low", "Role limit must be 2 or more"),
    ("limit.below_current", "Role limit must be {0} or more. {0} users have this role"),
    ("area_name.empty", "Enter an area name"),
    ("area_name.too_long", "Area name must be 100 characters or less"),
    ("area_name.same", "Enter an area name that is not already used in {0}"),
    ("area_move.self", "Select a different area. An area cannot be moved inside itself"),
    ("area_close.users", "Select where to move {0} users"),
    ("policy.range", "Enter a number between {0} and {1}"),
    ("policy.empty", "Select at least 1 way to get codes"),
    ("policy.order", "Choosing a password must be the first step"),
    // What was just done
    ("organisation.joined", "You have joined {0}"),
    ("invitation.declined", "You have declined the invitation. We have told the person who sent it"),
    // The pages themselves
    ("csrf", "This page has expired"),
    ("stale_draft", "This page has expired"),
    ("rate", "Try again later"),
    ("conflict", "Someone else has changed this"),
];

#[cfg(test)]
#[path = "en_tests.rs"]
mod tests;
