//! What happened, in words, by kind of audit event (C2, ux 6.32).

use super::plural;
use domain::AuditEventKind;
use domain::activity::{ActivityEvent, ActivityType};
use domain::home::ActivityItem;

/// A sentence without who did it: that stands under it. Whoever has no name here is "someone".
pub fn activity(item: &ActivityItem) -> String {
    use AuditEventKind as Kind;
    let who = if item.subject.is_empty() {
        "someone"
    } else {
        &item.subject
    };
    let (before, after) = match item.kind {
        Kind::SignedIn => ("", " signed in"),
        Kind::SignInFailed => ("Failed sign in of ", ""),
        Kind::SignedOut => ("", " signed out"),
        Kind::SessionEnded => ("", " was signed out"),
        Kind::CodeSent => ("Code sent to ", ""),
        Kind::CodeFailed => ("Wrong code entered for ", ""),
        Kind::RecoveryCodeUsed => ("", " used a recovery code"),
        Kind::PasswordSet => ("", " set a password"),
        Kind::PasswordChanged => ("", " changed their password"),
        Kind::PasswordCheckFailed => ("Wrong password entered for ", ""),
        Kind::NameChanged => ("", " changed their name"),
        Kind::EmailChanged => ("", " changed their email address"),
        Kind::MobileChanged => ("", " changed their mobile phone number"),
        Kind::PasswordResetRequested => ("Password reset asked for by ", ""),
        Kind::PasswordReset => ("", " reset their password"),
        Kind::SecondFactorAdded => ("", " set up 2-step sign in"),
        Kind::SecondFactorRemoved => ("", " removed a way to get codes"),
        Kind::RecoveryCodesMade => ("New recovery codes for ", ""),
        Kind::CodesReset => ("Codes reset for ", ""),
        Kind::WaitCleared => ("Wait after wrong passwords cleared for ", ""),
        Kind::InvitationSent => ("Invitation sent to ", ""),
        Kind::InvitationResent => ("Invitation sent again to ", ""),
        Kind::InvitationCancelled => ("Invitation cancelled for ", ""),
        Kind::InvitationOpened => ("", " opened their invitation"),
        Kind::InvitationAccepted => ("", " accepted their invitation"),
        Kind::InvitationDeclined => ("", " declined their invitation"),
        Kind::InvitationEmailFailed => ("Email failed for the invitation of ", ""),
        Kind::NewInvitationRequested => ("", " asked for a new invitation"),
        Kind::PersonLookedUp => return "Email address looked up".to_owned(),
        Kind::UserRegistered => ("", " made an account"),
        Kind::TermsAccepted => ("", " accepted the terms of use"),
        Kind::MembershipActivated => ("", " finished registering"),
        Kind::AdministratorInvited => ("", " was invited as an administrator"),
        Kind::Throttled => ("Too many attempts by ", ""),
        Kind::NotAllowed => ("", " tried something that they have no access to"),
        Kind::RoleAssigned => return about_role(item, who, " was given the role "),
        Kind::RoleNotGiven => return about_role(item, who, " did not get the role "),
        Kind::RoleChanged => ("Access changed for ", ""),
        Kind::RoleRemoved => return about_role(item, who, " no longer has the role "),
        Kind::DetailsChanged => ("Details changed for ", ""),
        Kind::MembershipDeactivated => ("", " was deactivated"),
        Kind::MembershipReactivated => ("", " was reactivated"),
        Kind::ChangeUndone => ("Change undone for ", ""),
        Kind::BatchStarted => return "Sending of invitations started".to_owned(),
        Kind::BatchStopped => return "Sending of invitations stopped".to_owned(),
        Kind::BatchFinished if item.count == 0 => return "No invitations were sent".to_owned(),
        Kind::BatchFinished => {
            let count = u64::from(item.count);
            return plural(count, "invitation sent", "invitations sent");
        }
        Kind::BulkStarted => return "Change of several users started".to_owned(),
        Kind::BulkStopped => return "Change of several users stopped".to_owned(),
        Kind::BulkFinished => return "Change of several users finished".to_owned(),
        Kind::UsersExported => {
            let count = u64::from(item.count);
            return ["Users exported as CSV: ", &plural(count, "user", "users")].concat();
        }
        Kind::ActivityExported => return "Activity exported as CSV".to_owned(),
        Kind::OrganisationCreated => return "Organisation set up".to_owned(),
        Kind::AreaAdded => return "Area added".to_owned(),
        Kind::PolicyChanged => return "Settings changed".to_owned(),
        Kind::TermsPublished => return "Terms of use published".to_owned(),
    };
    let sentence = [before, who, after].concat();
    if before.is_empty() && item.subject.is_empty() {
        return sentence.replacen("someone", "Someone", 1);
    }
    sentence
}

/// Where and why, below the sentence; empty when there is no more to say.
pub fn activity_details(event: &ActivityEvent) -> String {
    let mut text = String::new();
    if !event.areas.is_empty() {
        text.push_str(&event.areas.join(", "));
        text.push('.');
    }
    if !event.reason.is_empty() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str("Reason: ");
        text.push_str(&event.reason);
    }
    text
}

/// What events are about, as the filter says it.
pub const fn activity_type(about: ActivityType) -> &'static str {
    match about {
        ActivityType::Invitations => "Invitations",
        ActivityType::Registration => "Registration",
        ActivityType::People => "Accounts and details",
        ActivityType::Access => "Roles and access",
        ActivityType::Exports => "Exports",
        ActivityType::Organisation => "Organisation and settings",
        ActivityType::SignIn => "Signing in",
        ActivityType::Refusals => "Refused attempts",
    }
}

fn about_role(item: &ActivityItem, who: &str, words: &str) -> String {
    let who = if item.subject.is_empty() {
        "Someone"
    } else {
        who
    };
    if item.role.is_empty() {
        [who, words.trim_end_matches("the role "), "a role"].concat()
    } else {
        [who, words, &item.role].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: AuditEventKind, subject: &str, role: &str, count: u32) -> ActivityItem {
        ActivityItem {
            kind,
            actor: "Sam Okoro".to_owned(),
            subject: subject.to_owned(),
            role: role.to_owned(),
            count,
            at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    /// ux 5.2: every kind has words, that start with a capital and do not end in a full stop.
    #[test]
    fn every_kind_has_its_words() {
        for kind in AuditEventKind::ALL {
            for (subject, role) in [("Jane Carlton", "Manager"), ("", "")] {
                let words = activity(&item(*kind, subject, role, 0));
                let first = words.chars().next();
                assert!(first.is_some_and(char::is_uppercase), "{kind}: {words}");
                assert!(!words.ends_with(['.', ' ']), "{kind}: {words}");
                assert!(!words.contains("  "), "{kind}: {words}");
            }
        }
    }

    #[test]
    fn names_roles_and_numbers_are_filled_in() {
        use AuditEventKind as Kind;
        for (kind, subject, role, count, words) in [
            (Kind::BatchFinished, "", "", 41, "41 invitations sent"),
            (Kind::BatchFinished, "", "", 1, "1 invitation sent"),
            (
                Kind::InvitationResent,
                "Jane",
                "",
                0,
                "Invitation sent again to Jane",
            ),
            (
                Kind::InvitationResent,
                "",
                "",
                0,
                "Invitation sent again to someone",
            ),
            (
                Kind::MembershipActivated,
                "",
                "",
                0,
                "Someone finished registering",
            ),
            (
                Kind::RoleNotGiven,
                "Jane",
                "Manager",
                0,
                "Jane did not get the role Manager",
            ),
            (Kind::RoleNotGiven, "Jane", "", 0, "Jane did not get a role"),
        ] {
            assert_eq!(activity(&item(kind, subject, role, count)), words);
        }
    }
}
