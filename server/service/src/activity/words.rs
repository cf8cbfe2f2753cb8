//! What happened, in words (C2, J1, E10, ux 6.32). They are made here, of what was recorded and with the
//! names of that time: pages and files get sentences, and nothing else that is in an event leaves the
//! database. Whatever an event may hold that somebody may not see is left out by [`Sees`].

use domain::{
    AuditEventKind, Permission,
    bulk::{BulkAction, BulkOutcome},
    invitation::EntryOutcome,
    policy::{Field, FieldUse},
    unicode::capitalised,
    wording::plural,
};
use serde_json::Value;

use crate::{Access, Reach};

mod change;
#[cfg(test)]
mod tests;

pub(crate) use change::{CLINICIAN, JOB_TITLE, REGISTRATION, back, differences};

/// How much of an event somebody may know who may know of it at all.
#[derive(Clone, Debug)]
pub(crate) struct Sees {
    /// The name of the organisation.
    organisation: String,
    reach: Reach,
    notes: bool,
    /// Labels of details that the organisation does not keep any more.
    hidden: Vec<&'static str>,
    /// In front of the ids of jobs, for whoever may open those of others; otherwise empty.
    jobs: String,
    may: Vec<Permission>,
}

impl Sees {
    /// Of what happened to an account, whose it is sees everything.
    pub fn own() -> Self {
        Self {
            organisation: String::new(),
            reach: Reach::Whole,
            notes: false,
            hidden: Vec::new(),
            jobs: String::new(),
            may: Vec::new(),
        }
    }

    pub fn of(access: &Access, reach: &Reach) -> Self {
        let policy = &access.organisation.policy;
        let is_hidden = |field| policy.field(field).usage == FieldUse::Hidden;
        let mut hidden = Vec::new();
        if is_hidden(Field::JobTitle) {
            hidden.push(JOB_TITLE);
        }
        if is_hidden(Field::ClinicianStatus) {
            hidden.extend([CLINICIAN, REGISTRATION]);
        }
        let whole = |permission| access.require(permission).ok() == Some(Reach::Whole);
        Self {
            organisation: access.organisation.name.clone(),
            reach: reach.clone(),
            notes: !is_hidden(Field::Notes) && whole(Permission::NotesView),
            hidden,
            jobs: if whole(Permission::UsersView) {
                format!("/o/{}/jobs/", access.organisation.slug)
            } else {
                String::new()
            },
            may: [
                Permission::UsersInvite,
                Permission::UsersDeactivate,
                Permission::RolesAssign,
            ]
            .into_iter()
            .filter(|permission| access.has(*permission))
            .collect(),
        }
    }
}

/// The page of the work that an event is about, for whoever may open it.
pub(crate) fn href(kind: AuditEventKind, details: &Value, sees: &Sees) -> String {
    use AuditEventKind as Kind;
    let (job, right) = match kind {
        Kind::BatchStarted | Kind::BatchStopped | Kind::BatchFinished => {
            (text(details, "batch"), Some(Permission::UsersInvite))
        }
        Kind::BulkStarted | Kind::BulkStopped | Kind::BulkFinished => {
            let action = BulkAction::parse(&text(details, "action"));
            (text(details, "job"), action.map(BulkAction::permission))
        }
        _ => return String::new(),
    };
    let may = right.is_some_and(|right| sees.may.contains(&right));
    if may && !job.is_empty() && !sees.jobs.is_empty() {
        [sees.jobs.as_str(), &job].concat()
    } else {
        String::new()
    }
}

/// A sentence without who did it: that stands under it. Whoever has no name here is "someone".
pub(crate) fn title(kind: AuditEventKind, subject: &str, details: &Value, sees: &Sees) -> String {
    use AuditEventKind as Kind;
    let who = if subject.is_empty() {
        "someone"
    } else {
        subject
    };
    if let Some(title) = change::title(kind, who, details, sees) {
        return begun(title);
    }
    let role = text(details, "role");
    let (before, after) = match kind {
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
        Kind::RoleAssigned => return about_role(who, " was given the role ", &role),
        Kind::RoleNotGiven => return about_role(who, " did not get the role ", &role),
        Kind::RoleChanged => ("Access changed for ", ""),
        Kind::RoleRemoved => return about_role(who, " no longer has the role ", &role),
        Kind::DetailsChanged => ("Details changed for ", ""),
        Kind::MembershipDeactivated => ("", " was deactivated"),
        Kind::MembershipReactivated => ("", " was reactivated"),
        Kind::ChangeUndone => ("Change undone for ", ""),
        Kind::BatchStarted => return "Sending of invitations started".to_owned(),
        Kind::BatchStopped => return "Sending of invitations stopped".to_owned(),
        Kind::BatchFinished => {
            return match sent(details) {
                0 => "No invitations were sent".to_owned(),
                count => plural(count, "invitation sent", "invitations sent"),
            };
        }
        Kind::BulkStarted | Kind::BulkStopped | Kind::BulkFinished => {
            return bulk(kind, details);
        }
        Kind::UsersExported => {
            let count = number(details, "rows");
            return format!("Users exported as CSV: {}", plural(count, "user", "users"));
        }
        Kind::ActivityExported => return "Activity exported as CSV".to_owned(),
        Kind::OrganisationCreated => return "Organisation set up".to_owned(),
        Kind::AreaAdded => return "Area added".to_owned(),
        Kind::PolicyChanged => return "Settings changed".to_owned(),
        Kind::TermsPublished => return "Terms of use published".to_owned(),
    };
    begun([before, who, after].concat())
}

/// With a capital, without a change to a name or an address that has none.
fn begun(sentence: String) -> String {
    if sentence.starts_with("someone ") {
        return capitalised(&sentence);
    }
    sentence
}

/// What else there is to say, below the title: what was changed, where, and why. Empty when the title says
/// everything.
pub(crate) fn more(kind: AuditEventKind, details: &Value, sees: &Sees) -> String {
    let mut sentences = change::sentences(kind, details, sees);
    let areas = areas(kind, details, sees);
    if sentences.is_empty() && !areas.is_empty() {
        sentences.push(format!("{}.", areas.join(", ")));
    }
    let reason = reason(kind, details);
    if !reason.is_empty() {
        sentences.push(format!("Reason: {reason}"));
    }
    sentences.join(" ")
}

/// What was changed, in sentences.
pub(crate) fn changes(kind: AuditEventKind, details: &Value, sees: &Sees) -> String {
    change::sentences(kind, details, sees).join(" ")
}

/// Where: labels of areas, or the whole organisation; none where it is not about a place.
pub(crate) fn areas(kind: AuditEventKind, details: &Value, sees: &Sees) -> Vec<String> {
    if let Some(areas) = change::areas(details, sees) {
        return areas;
    }
    // Labels alone do not say whether they are within reach.
    if sees.reach != Reach::Whole {
        return Vec::new();
    }
    let Some(found) = details.get("areas").and_then(Value::as_array) else {
        return Vec::new();
    };
    // What was started keeps ids.
    if kind == AuditEventKind::BatchStarted {
        return Vec::new();
    }
    let areas: Vec<String> = found
        .iter()
        .filter_map(Value::as_str)
        .filter(|area| !area.is_empty())
        .map(ToOwned::to_owned)
        .collect();
    if areas.is_empty() && !text(details, "role").is_empty() {
        return vec![change::everywhere(&sees.organisation)];
    }
    areas
}

/// Why, in the words of whoever did it.
pub(crate) fn reason(kind: AuditEventKind, details: &Value) -> String {
    match text(details, "reason_given") {
        // As it was recorded at first; elsewhere a reason is a code.
        given if given.is_empty() && kind == AuditEventKind::CodesReset => text(details, "reason"),
        given => given,
    }
}

/// What happened to many: "Deactivated 12 users", "Gave 30 users the role Viewer".
fn bulk(kind: AuditEventKind, details: &Value) -> String {
    let Some(action) = BulkAction::parse(&text(details, "action")) else {
        return "Change of several users".to_owned();
    };
    let begins = match kind {
        AuditEventKind::BulkStarted => "Started",
        AuditEventKind::BulkStopped => "Stopped",
        _ => "",
    };
    let count = match begins {
        "" => details
            .get("outcomes")
            .map_or(0, |outcomes| number(outcomes, BulkOutcome::Done.as_str())),
        _ => number(details, "to_do"),
    };
    let undoes = details.get("undoes").is_some_and(|job| !job.is_null());
    let role = text(details, "role");
    let done = in_words(action, count, &role, true);
    let task = task(action, count, &role);
    match (begins, undoes) {
        ("", false) => capitalised(&done),
        ("", true) => format!("Undone: {done}"),
        (begins, false) => format!("{begins}: {task}"),
        (begins, true) => format!("{begins}: undo {task}"),
    }
}

/// "deactivate 12 users", "give 30 users the role Viewer"
pub(crate) fn task(action: BulkAction, count: u64, role: &str) -> String {
    in_words(action, count, role, false)
}

fn in_words(action: BulkAction, count: u64, role: &str, done: bool) -> String {
    let users = plural(count, "user", "users");
    let invitations = plural(count, "invitation", "invitations");
    let role = if role.is_empty() {
        "a role".to_owned()
    } else {
        format!("the role {role}")
    };
    let verb = |now, past| if done { past } else { now };
    match action {
        BulkAction::Role => format!("{} {users} {role}", verb("give", "gave")),
        BulkAction::Areas => format!("{} {users} to areas", verb("add", "added")),
        BulkAction::EndDate => format!("set an end date for {users}"),
        BulkAction::Resend => format!("{} {invitations} again", verb("send", "sent")),
        BulkAction::Cancel => format!("{} {invitations}", verb("cancel", "cancelled")),
        BulkAction::Deactivate => format!("{} {users}", verb("deactivate", "deactivated")),
        BulkAction::Reactivate => format!("{} {users}", verb("reactivate", "reactivated")),
        BulkAction::Export => format!("{} {users}", verb("export", "exported")),
    }
}

/// For how many people a batch did what was asked.
fn sent(details: &Value) -> u64 {
    EntryOutcome::ALL
        .iter()
        .filter(|outcome| outcome.is_done())
        .filter_map(|outcome| details.get("outcomes")?.get(outcome.as_str())?.as_u64())
        .sum()
}

fn about_role(who: &str, words: &str, role: &str) -> String {
    let words = if role.is_empty() {
        format!("{who}{}a role", words.trim_end_matches("the role "))
    } else {
        format!("{who}{words}{role}")
    };
    begun(words)
}

fn text(details: &Value, key: &str) -> String {
    let text = details.get(key).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn number(details: &Value, key: &str) -> u64 {
    let number = details.get(key).and_then(Value::as_u64);
    number.unwrap_or_default()
}
