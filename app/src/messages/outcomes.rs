//! What happened to each address of a bulk invitation, and the pages for states that no answer can mend:
//! something else changed first, or something ran out.

use super::plural;
use crate::error::AppError;

/// The outcome of one address in a few words, for a table cell (B08 to B11).
pub fn outcome_label(reason: &str) -> &'static str {
    match reason {
        "sent" => "Invitation sent",
        "queued" => "Waiting to be sent",
        "already_member" => "Already a user",
        "already_pending" => "Already invited",
        "invalid_email" => "Not an email address",
        "domain_not_allowed" => "Email domain not allowed",
        "no_seat" => "No places left",
        "over_quota" => "Over today’s limit",
        "deactivated" => "Account is deactivated",
        "skipped" => "You chose not to invite them",
        "repeated" => "Repeated in your list",
        "role_given" => "Already a user, given this role",
        "stopped" => "Sending was stopped",
        "not_allowed" => "You can no longer give this role",
        "email_failed" | "failed" => "Email failed",
        "cancelled" => "Invitation cancelled",
        _ => "Not sent",
    }
}

/// What the administrator can do about it, in one sentence. Empty when nothing needs doing.
pub fn outcome_advice(reason: &str) -> &'static str {
    match reason {
        "sent" | "queued" | "cancelled" | "repeated" | "role_given" => "",
        "already_member" => "They already have access here. Open their page to add this role.",
        "already_pending" => "They have not finished registering. Send their invitation again.",
        "invalid_email" => "Correct the email address and invite them again.",
        "domain_not_allowed" => {
            "Use an email address in an allowed domain, or ask an administrator to allow this one."
        }
        "no_seat" => "Choose another role, or make a place by changing someone else’s role.",
        "over_quota" => "Invite them tomorrow, or ask support to raise the limit.",
        "deactivated" => "Reactivate their account instead of inviting them.",
        "skipped" => "Invite them later if you change your mind.",
        "stopped" => "Try again when you are ready.",
        "not_allowed" => "Ask an administrator to invite them.",
        "email_failed" | "failed" => "Check the email address and send the invitation again.",
        _ => "Try again later.",
    }
}

/// Words for a page that explains a state: a heading, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Advice {
    pub heading: &'static str,
    pub text: &'static str,
}

/// Something that changed before this answer arrived, or stands in its way.
pub fn conflict(code: &str) -> Advice {
    let (heading, text) = match code.strip_prefix("conflict.").unwrap_or(code) {
        "last_admin" => (
            "You cannot do this yet",
            "The organisation needs at least 1 administrator. Give someone else this role first.",
        ),
        "own_access" => (
            "You cannot change your own access",
            "Ask another administrator of the organisation to change it.",
        ),
        "not_active" => (
            "This person is not active here",
            "They have not registered yet, or someone else has changed their account. Open their page to see what it says now.",
        ),
        "not_inactive" => (
            "This account is not deactivated",
            "Someone else has changed it. Open the person’s page to see what it says now.",
        ),
        "cannot_undo" => (
            "This cannot be undone any more",
            "It was undone already, it is more than 24 hours ago, or something else was changed since. Open the person’s page to change it.",
        ),
        "role_full" => (
            "There are no places left",
            "Someone else took the last place in this role. Select a different role.",
        ),
        "already_used" => (
            "This link has already been used",
            "If it was you who used it, sign in with your email address and password.",
        ),
        "wrong_person" => (
            "This invitation is for someone else",
            "Sign out, then open the link in the invitation again.",
        ),
        "too_soon" => (
            "You have just sent this message",
            "Wait a few minutes before you send it again.",
        ),
        "too_many" => (
            "You have sent this invitation many times today",
            "Check the email address with the person, then try again tomorrow.",
        ),
        "over_quota" => (
            "Your organisation cannot send more invitations today",
            "Your answers are saved. Send the invitation tomorrow.",
        ),
        "not_invited" => (
            "This person is not waiting for an invitation",
            "They have registered, or their invitation was cancelled. Open their page to see what it says now.",
        ),
        "code_too_soon" => (
            "You asked for a new code less than 30 seconds ago",
            "It can take a few minutes to arrive.",
        ),
        "finished" => (
            "You have already finished this",
            "Nothing was sent twice. Go to the users list to see the result.",
        ),
        "step_missing" => (
            "There is a step to finish first",
            "Go back to the step before this one. Your answers are saved.",
        ),
        "invitation_replaced" => (
            "This invitation was replaced by a newer one",
            "Look in your email for the newest invitation and use the link in it.",
        ),
        "invitation_cancelled" => (
            "This invitation was cancelled",
            "If you think you should have access, ask the person who invited you.",
        ),
        "inviter_gone" => (
            "An administrator needs to confirm this invitation",
            "The person who invited you can no longer give this access. Open the link in your email again to ask for a new invitation.",
        ),
        "email_not_allowed" => (
            "Your email address cannot be used for this invitation any more",
            "The organisation has changed which email addresses it allows. Ask the person who invited you to send an invitation to another address of yours.",
        ),
        "domain_not_allowed" => (
            "This email address is not allowed any more",
            "Your organisation has changed which email addresses it allows. Correct the address to send the invitation.",
        ),
        "account_exists" => (
            "You already have an account",
            "Open the link in your email again. We will ask you to sign in, and then to join.",
        ),
        "stronger_factor" => (
            "This role needs an authenticator app",
            "Add one to your account, then open the link in your email again.",
        ),
        "app_needed" => (
            "You cannot remove the app",
            "Your organisation needs it, or it is your only way to get codes.",
        ),
        "organisation_closed" => (
            "This organisation no longer uses this service",
            "If you think this is wrong, contact the organisation.",
        ),
        "already_set_up" => (
            "This service has already been set up",
            "Sign in if you are an administrator.",
        ),
        "form" => (
            "This page has expired",
            "Open the page again, then make your change. Nothing was changed.",
        ),
        "too_large" => (
            "You entered too much at once",
            "Go back and enter less, for example 10,000 email addresses at a time. Nothing was changed.",
        ),
        _ => (
            "Someone else has changed this",
            "Check what it says now, then make your change again.",
        ),
    };
    Advice { heading, text }
}

/// Something that ran out.
pub fn expired(what: &str) -> Advice {
    let (heading, text) = match what {
        "invitation" => (
            "This invitation has expired",
            "Ask for a new one. We will tell the person who invited you.",
        ),
        "password_reset" | "reset" => (
            "This link has expired",
            "Ask for a new link to choose a new password.",
        ),
        "code" | "challenge" => ("The code has expired", "Ask for a new code."),
        "set_up" | "setup" => (
            "This set-up link has expired",
            "Make a new link with the command that made this one.",
        ),
        "registration" => (
            "We no longer have your answers",
            "We keep them for 30 minutes. Open the link in your invitation email and start again.",
        ),
        "session" => (
            "You have been signed out",
            "You had not done anything for a while. Sign in to continue.",
        ),
        _ => ("This page has expired", "Start again. Nothing was changed."),
    };
    Advice { heading, text }
}

/// What a page says about an error that no answer can mend.
pub fn advice(error: &AppError) -> Advice {
    let (heading, text) = match error {
        AppError::Conflict(code) => return conflict(code),
        AppError::Expired(what) => return expired(what),
        AppError::Invalid(_) => ("There is a problem", "Check your answers and try again."),
        AppError::SignInRequired | AppError::SecondFactorRequired | AppError::StepUpRequired => (
            "Sign in to continue",
            "You are not signed in, or you were signed out.",
        ),
        AppError::TermsDue => (
            "There are new terms of use",
            "Agree to them before you go on.",
        ),
        AppError::NotAllowed => (
            "You cannot view this page",
            "Your role does not let you do this.",
        ),
        AppError::NotFound => (
            "Page not found",
            "If you typed the address, check that it is correct.",
        ),
        AppError::SlowDown { .. } => ("Try again later", "There were too many attempts."),
        AppError::Unavailable => (
            "Sorry, the service is unavailable",
            "Nothing was changed. Try again in a few minutes.",
        ),
        AppError::Unexpected { .. } => (
            "Sorry, there is a problem with the service",
            "Try again later. We saved your answers.",
        ),
        AppError::Transport => (
            "We could not reach the service",
            "Check your connection and try again. Your answers are still on this page.",
        ),
    };
    Advice { heading, text }
}

/// How long to wait, rounded up: "Try again in 40 seconds.", "Try again in 5 minutes."
pub fn wait(seconds: u32) -> String {
    let seconds = u64::from(seconds.max(1));
    let time = match seconds {
        ..60 => plural(seconds, "second", "seconds"),
        60..3_600 => plural(seconds.div_ceil(60), "minute", "minutes"),
        _ => plural(seconds.div_ceil(3_600), "hour", "hours"),
    };
    ["Try again in ", &time, "."].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const REASONS: [&str; 12] = [
        "sent",
        "already_member",
        "already_pending",
        "invalid_email",
        "domain_not_allowed",
        "no_seat",
        "over_quota",
        "deactivated",
        "skipped",
        "stopped",
        "not_allowed",
        "email_failed",
    ];

    /// B08, B09: every reason has its own words, and all but "sent" say what to do.
    #[test]
    fn every_outcome_says_what_happened_and_what_to_do() {
        for (i, reason) in REASONS.iter().enumerate() {
            assert_ne!(outcome_label(reason), "Not sent", "{reason}");
            assert_eq!(
                outcome_advice(reason).is_empty(),
                *reason == "sent",
                "{reason}"
            );
            assert!(
                REASONS
                    .iter()
                    .skip(i + 1)
                    .all(|other| outcome_label(other) != outcome_label(reason)),
                "{reason}"
            );
        }
        assert_eq!(outcome_label("anything else"), "Not sent");
    }

    #[test]
    fn states_that_nobody_named_still_read_calm() {
        assert_eq!(
            conflict("anything").heading,
            "Someone else has changed this"
        );
        assert_eq!(expired("anything").heading, "This page has expired");
    }

    #[test]
    fn the_time_to_wait_is_rounded_up() {
        assert_eq!(wait(0), "Try again in 1 second.");
        assert_eq!(wait(59), "Try again in 59 seconds.");
        assert_eq!(wait(61), "Try again in 2 minutes.");
        assert_eq!(wait(3_600), "Try again in 1 hour.");
    }
}
