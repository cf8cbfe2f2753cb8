//! Changes of many people in words (ux 6.13, F1 to F3): what is done, what was done, and why somebody was
//! left as they are.

use domain::bulk::{BulkAction, BulkOutcome};
use domain::wording::number;

use super::plural;

/// "deactivate 12 users": what pressing the button will do.
pub fn bulk_task(action: BulkAction, people: u32) -> String {
    let (before, one, many, after) = match action {
        BulkAction::Role => ("change the role of ", "user", "users", ""),
        BulkAction::Areas => ("add ", "user", "users", " to areas"),
        BulkAction::EndDate => ("set an end date for ", "user", "users", ""),
        BulkAction::Resend => ("send ", "invitation", "invitations", " again"),
        BulkAction::Cancel => ("cancel ", "invitation", "invitations", ""),
        BulkAction::Deactivate => ("deactivate ", "user", "users", ""),
        BulkAction::Reactivate => ("reactivate ", "user", "users", ""),
        BulkAction::Export => ("export ", "user", "users", ""),
    };
    [before, &plural(people.into(), one, many), after].concat()
}

/// "Deactivating users": while it goes on.
pub const fn bulk_going_on(action: BulkAction, undo: bool) -> &'static str {
    if undo {
        return "Undoing changes";
    }
    match action {
        BulkAction::Role => "Changing roles",
        BulkAction::Areas => "Adding users to areas",
        BulkAction::EndDate => "Setting end dates",
        BulkAction::Resend => "Sending invitations again",
        BulkAction::Cancel => "Cancelling invitations",
        BulkAction::Deactivate => "Deactivating users",
        BulkAction::Reactivate => "Reactivating users",
        BulkAction::Export => "Exporting users",
    }
}

/// "deactivated", after "12 of 41".
pub const fn bulk_verb(action: BulkAction, undo: bool) -> &'static str {
    if undo {
        return "undone";
    }
    match action {
        BulkAction::Role => "changed",
        BulkAction::Areas => "added to areas",
        BulkAction::EndDate => "set",
        BulkAction::Resend => "sent again",
        BulkAction::Cancel => "cancelled",
        BulkAction::Deactivate => "deactivated",
        BulkAction::Reactivate => "reactivated",
        BulkAction::Export => "exported",
    }
}

/// "12 users deactivated", "10 of 12 users deactivated".
pub fn bulk_done(action: BulkAction, undo: bool, total: u32, failed: u32) -> String {
    let (one, many) = match action {
        _ if undo => ("change", "changes"),
        BulkAction::Role => ("role", "roles"),
        BulkAction::EndDate => ("end date", "end dates"),
        BulkAction::Resend | BulkAction::Cancel => ("invitation", "invitations"),
        _ => ("user", "users"),
    };
    let all = plural(total.into(), one, many);
    let verb = bulk_verb(action, undo);
    if failed == 0 {
        return [&all, " ", verb].concat();
    }
    let done = number(total.saturating_sub(failed).into());
    [&done, " of ", &all, " ", verb].concat()
}

/// Follows "2 of the 12 ".
pub const fn bulk_cannot(action: BulkAction) -> &'static str {
    match action {
        BulkAction::Role => "cannot be given this role",
        BulkAction::Areas => "cannot be added to these areas",
        BulkAction::EndDate => "cannot be given this end date",
        BulkAction::Resend => "cannot be sent an invitation",
        BulkAction::Cancel => "cannot have an invitation cancelled",
        BulkAction::Deactivate => "cannot be deactivated",
        BulkAction::Reactivate => "cannot be reactivated",
        BulkAction::Export => "cannot be exported",
    }
}

/// Why somebody is left as they are; follows "because ".
pub const fn bulk_because(outcome: BulkOutcome) -> &'static str {
    match outcome {
        BulkOutcome::Done => "it was done",
        BulkOutcome::LeftOut => "you left them out",
        BulkOutcome::OwnAccount => "nobody can change their own access",
        BulkOutcome::NotAllowed => {
            "they have access that you do not have, or are in places that you do not manage"
        }
        BulkOutcome::LastAdministrator => "the organisation needs at least 1 administrator",
        BulkOutcome::AlreadyActive => "they are already active",
        BulkOutcome::AlreadyInactive => "they are already deactivated",
        BulkOutcome::OnlyInvited => "they have not finished registering",
        BulkOutcome::InvitationCancelled => "their invitation was cancelled",
        BulkOutcome::RoleFull => "there are no places left in the role",
        BulkOutcome::TooManyRoles => "they cannot have more roles",
        BulkOutcome::AlreadyHas => "they already have this access",
        BulkOutcome::NoRole => "they have no role",
        BulkOutcome::WholeOrganisation => "their role is for the whole organisation",
        BulkOutcome::StartsLater => "their access starts after that day",
        BulkOutcome::EmailNotAllowed => "their email address is not allowed any more",
        BulkOutcome::TooSoon => "an invitation was sent to them a few minutes ago",
        BulkOutcome::TooMany => "they were sent as many invitations as one day allows",
        BulkOutcome::CannotUndo => "something else was changed since, or it was undone already",
        BulkOutcome::Gone => "they are no longer in the organisation",
        BulkOutcome::Stopped => "the work was stopped",
    }
}

/// The same as words of their own: "They are already active".
pub fn bulk_reason(outcome: BulkOutcome) -> String {
    domain::unicode::capitalised(bulk_because(outcome))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// F1: headings and buttons name the object and the number.
    #[test]
    fn words_count_people() {
        let action = BulkAction::Deactivate;
        assert_eq!(bulk_task(action, 12), "deactivate 12 users");
        assert_eq!(bulk_task(BulkAction::Resend, 1), "send 1 invitation again");
        assert_eq!(bulk_done(action, false, 1, 0), "1 user deactivated");
        assert_eq!(
            bulk_done(action, false, 12, 2),
            "10 of 12 users deactivated"
        );
        assert_eq!(bulk_done(action, true, 1_200, 0), "1,200 changes undone");
    }

    /// ux 6.13: "2 of the 12 cannot be sent an invitation because they are already active".
    #[test]
    fn reasons_end_sentences() {
        for outcome in BulkOutcome::ALL {
            let words = bulk_because(*outcome);
            assert!(!words.is_empty() && !words.ends_with('.'), "{words}");
            assert!(words.starts_with(|c: char| c.is_lowercase()), "{words}");
        }
        assert_eq!(
            bulk_reason(BulkOutcome::AlreadyActive),
            "They are already active"
        );
    }
}
