//! Changes of a member: what was, what is now, and what Undo goes back to (ux 6.5, 6.32).

use domain::{AuditEventKind as Kind, id::AreaId, membership::period, unicode::uncapitalised};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{AssignmentRow, RoleRow};

use super::{Sees, text};
use crate::{Access, Reach, invitations::area_tree, memberships::groups};

pub(crate) const JOB_TITLE: &str = "Job title";
pub(crate) const CLINICIAN: &str = "Registered clinician";
pub(crate) const REGISTRATION: &str = "Registration number";
/// What stands where nothing was.
const NONE: &str = "none";

/// A role that somebody has, by the names of the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    role: String,
    /// None: the whole organisation.
    areas: Vec<Place>,
    /// "Until 31 March 2027"
    period: String,
}

/// An area: its id says who may know of it, its name what it was called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    id: AreaId,
    name: String,
}

impl Held {
    /// The same as far as `sees` goes; nothing when it is somewhere else.
    fn seen(mut self, sees: &Sees) -> Option<Self> {
        let whole = self.areas.is_empty() && sees.reach.covers(None);
        self.areas.retain(|place| sees.reach.covers(Some(place.id)));
        (whole || !self.areas.is_empty()).then_some(self)
    }

    fn names(&self, sees: &Sees) -> Vec<String> {
        if self.areas.is_empty() {
            return vec![everywhere(&sees.organisation)];
        }
        self.areas.iter().map(|place| place.name.clone()).collect()
    }

    /// "Ward 3, Ward 5, until 31 March 2027"
    fn place(&self, sees: &Sees) -> String {
        let mut parts = self.names(sees);
        if !self.period.is_empty() {
            parts.push(uncapitalised(&self.period));
        }
        parts.join(", ")
    }
}

/// What is recorded of a change of roles: those that were and are no more, and those that are new.
pub(crate) fn differences(
    access: &Access,
    roles: &[RoleRow],
    before: &[AssignmentRow],
    after: &[AssignmentRow],
) -> (Value, Value) {
    let tree = area_tree(&access.areas);
    let told = |rows: &[AssignmentRow]| -> Vec<Held> {
        let groups = groups(rows);
        let told = groups.iter().filter_map(|group| {
            let role = roles.iter().find(|role| role.id == group[0].role_id)?;
            let whole = group.iter().any(|row| row.area_id.is_none());
            let ids = group.iter().filter_map(|row| row.area_id);
            let place = |id| {
                let name = tree.labels(&[id]).pop()?;
                Some(Place { id, name })
            };
            Some(Held {
                role: role.name.clone(),
                areas: ids.filter(|_| !whole).filter_map(place).collect(),
                period: period(group[0].starts_at, group[0].ends_at),
            })
        });
        told.collect()
    };
    let (before, after) = (told(before), told(after));
    let without = |some: &[Held], others: &[Held]| {
        let only = some.iter().filter(|one| !others.contains(one));
        serde_json::json!(only.collect::<Vec<_>>())
    };
    (without(&before, &after), without(&after, &before))
}

/// "All of Hollybrook Hospital"
pub(super) fn everywhere(organisation: &str) -> String {
    format!("All of {organisation}")
}

/// What a change was in one sentence; nothing where there is no more to say than of every such event.
pub(super) fn title(kind: Kind, who: &str, details: &Value, sees: &Sees) -> Option<String> {
    let back = if kind == Kind::ChangeUndone {
        " back"
    } else {
        ""
    };
    match kind {
        Kind::RoleAssigned | Kind::RoleChanged | Kind::RoleRemoved => {
            access(who, details, sees, back)
        }
        Kind::DetailsChanged => about_details(who, details, sees, back),
        Kind::InvitationResent if !text(details, "undid").is_empty() => {
            Some(format!("Cancelled invitation sent again to {who}"))
        }
        Kind::ChangeUndone => match text(details, "thing").as_str() {
            "access" => access(who, details, sees, back),
            "details" => about_details(who, details, sees, back),
            "status" => Some(match text(details.get("state")?, "status").as_str() {
                "active" => format!("Deactivation of {who} undone"),
                _ => format!("Reactivation of {who} undone"),
            }),
            _ => None,
        },
        _ => None,
    }
}

/// What stands below the title of a change.
pub(super) fn sentences(kind: Kind, details: &Value, sees: &Sees) -> Vec<String> {
    match kind {
        Kind::DetailsChanged | Kind::ChangeUndone if is_about_details(details) => {
            let (fields, notes) = (fields(details, sees), sees_notes(details, sees));
            // One alone is the title.
            if fields.len() + usize::from(notes) < 2 {
                return Vec::new();
            }
            let mut sentences: Vec<String> = fields
                .iter()
                .map(|field| format!("{}.", field.sentence("")))
                .collect();
            if notes {
                sentences.push("Notes changed.".to_owned());
            }
            sentences
        }
        Kind::MembershipReactivated if sees.reach == Reach::Whole => {
            let has: Vec<&str> = lines(details, "has").collect();
            if has.is_empty() {
                return Vec::new();
            }
            vec![format!("Access: {}.", has.join("; "))]
        }
        _ => roles(details, sees),
    }
}

/// Where a change of roles is about; nothing for what is no such change.
pub(super) fn areas(details: &Value, sees: &Sees) -> Option<Vec<String>> {
    let (was, now) = (list(details, "was", sees), list(details, "now", sees));
    let held = if now.is_empty() { was } else { now };
    let mut areas: Vec<String> = Vec::new();
    for held in &held {
        for place in held.names(sees) {
            if !areas.contains(&place) {
                areas.push(place);
            }
        }
    }
    (!held.is_empty()).then_some(areas)
}

/// What taking a change back does, as it stands in brackets after "Undo". Empty for what cannot be taken back.
pub(crate) fn back(kind: Kind, who: &str, details: &Value, sees: &Sees) -> String {
    match kind {
        Kind::RoleAssigned | Kind::RoleChanged | Kind::RoleRemoved => {
            let (was, now) = (list(details, "was", sees), list(details, "now", sees));
            match (names(&was), names(&now)) {
                (was, now) if was.is_empty() && now.is_empty() => {
                    format!("change the access of {who} back")
                }
                (was, now) if was.is_empty() => format!("remove the role {now} from {who}"),
                (was, now) if now.is_empty() => format!("give {who} the role {was} back"),
                (was, now) if was == now => format!("change the role {was} of {who} back"),
                (was, _) => format!("change {who} back to {was}"),
            }
        }
        Kind::DetailsChanged => match fields(details, sees).as_slice() {
            [one] if !sees_notes(details, sees) => {
                let label = uncapitalised(one.label);
                match one.before {
                    NONE => format!("remove the {label} of {who}"),
                    before => format!("change the {label} of {who} back to {before}"),
                }
            }
            _ => format!("change the details of {who} back"),
        },
        Kind::MembershipDeactivated => format!("reactivate {who}"),
        Kind::MembershipReactivated => format!("deactivate {who}"),
        Kind::InvitationCancelled => format!("invite {who} again"),
        _ => String::new(),
    }
}

fn list(details: &Value, key: &str, sees: &Sees) -> Vec<Held> {
    let held = details.get(key).cloned().unwrap_or_default();
    let held: Vec<Held> = serde_json::from_value(held).unwrap_or_default();
    held.into_iter()
        .filter_map(|held| held.seen(sees))
        .collect()
}

fn lines<'a>(details: &'a Value, key: &str) -> impl Iterator<Item = &'a str> {
    let lines = details.get(key).and_then(Value::as_array);
    lines.into_iter().flatten().filter_map(Value::as_str)
}

/// "Recorder, Viewer"
fn names(held: &[Held]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for one in held {
        if !names.contains(&one.role.as_str()) {
            names.push(&one.role);
        }
    }
    names.join(", ")
}

fn access(who: &str, details: &Value, sees: &Sees, back: &str) -> Option<String> {
    let (was, now) = (
        names(&list(details, "was", sees)),
        names(&list(details, "now", sees)),
    );
    Some(match (was.as_str(), now.as_str()) {
        // Somewhere where whoever looks is not.
        ("", "") if details.get("now").is_some() => format!("Access changed{back} for {who}"),
        ("", "") => return None,
        ("", now) => format!("{who} was given the role {now}{back}"),
        (was, "") => format!("{who} no longer has the role {was}"),
        (was, now) if was == now => format!("Role {now} changed{back} for {who}"),
        (was, now) => format!("Role changed{back} from {was} to {now} for {who}"),
    })
}

/// Where and when: of roles that stay the same also where and when it was.
fn roles(details: &Value, sees: &Sees) -> Vec<String> {
    let (was, now) = (list(details, "was", sees), list(details, "now", sees));
    let told = |held: &[Held]| {
        let named = held.len() > 1;
        let places: Vec<String> = held
            .iter()
            .map(|one| match one.place(sees) {
                place if named && !place.is_empty() => format!("{}: {place}", one.role),
                place => place,
            })
            .filter(|place| !place.is_empty())
            .collect();
        places.join("; ")
    };
    let (before, after) = (told(&was), told(&now));
    if !was.is_empty() && names(&was) == names(&now) {
        return vec![format!("Before: {before}."), format!("Now: {after}.")];
    }
    match (before.as_str(), after.as_str()) {
        ("", "") => Vec::new(),
        (before, "") => vec![format!("{before}.")],
        (_, after) => vec![format!("{after}.")],
    }
}

/// A detail that was changed.
struct Field<'a> {
    label: &'a str,
    before: &'a str,
    after: &'a str,
}

impl Field<'_> {
    /// "Job title changed from Nurse to Matron"
    fn sentence(&self, back: &str) -> String {
        let Self {
            label,
            before,
            after,
        } = self;
        match (*before, *after) {
            (NONE, after) => format!("{label} added: {after}"),
            (before, NONE) => format!("{label} {before} removed"),
            (before, after) => format!("{label} changed{back} from {before} to {after}"),
        }
    }
}

fn is_about_details(details: &Value) -> bool {
    details.get("thing").is_none() || text(details, "thing") == "details"
}

/// The details that were changed, as far as they are kept here. Both lists have the same labels in the
/// same order.
fn fields<'a>(details: &'a Value, sees: &Sees) -> Vec<Field<'a>> {
    lines(details, "before")
        .zip(lines(details, "after"))
        .filter_map(|(before, after)| {
            let (label, before) = before.split_once(": ")?;
            let (_, after) = after.split_once(": ")?;
            Some(Field {
                label,
                before,
                after,
            })
        })
        .filter(|field| !sees.hidden.contains(&field.label))
        .collect()
}

/// What notes say is in no event: that they were changed is for those who may read them.
fn sees_notes(details: &Value, sees: &Sees) -> bool {
    sees.notes && details.get("notes").and_then(Value::as_bool) == Some(true)
}

fn about_details(who: &str, details: &Value, sees: &Sees, back: &str) -> Option<String> {
    let notes = sees_notes(details, sees);
    match fields(details, sees).as_slice() {
        [one] if !notes => Some(format!("{} for {who}", one.sentence(back))),
        [] if notes => Some(format!("Notes changed{back} for {who}")),
        [] => None,
        _ => Some(format!("Details changed{back} for {who}")),
    }
}
