//! Changing what somebody is in an organisation: deactivating and reactivating (ux E5, E6), the roles
//! that they have (E4), their details (E2), and taking a change back (6.5).
//!
//! Every change locks the organisation, so that two of them come one after the other, is refused for
//! one's own membership (R72) and for whoever has more rights (R67), keeps an administrator (R71), and
//! writes the state before it, the email to the person and the audit event in its transaction.

mod assignments;
mod circumstances;
mod details;
mod pages;
mod security;
mod status;
mod status_pages;
#[cfg(test)]
mod tests;
mod undo;

pub(crate) use assignments::{midnights, named, places, refuse_repeats};
pub(crate) use circumstances::{Circumstances, may_deactivate};
pub(crate) use pages::groups;
pub use status::Answered;
pub(crate) use status::role_full;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Permission, ShownStatus,
    audit::AuditEventKind,
    id::{AreaId, ChangeId, MessageId, UserId},
    membership::{Changed, ChangedThing, Subject},
};
use serde_json::{Value, json};
use store::{AssignmentRow, ChangeRow, MembershipRow, RoleRow, Tx, UserRow};

use crate::{
    Access, By, Conflict, Error, Reach, Result, Services,
    activity::{Sees, words},
    audit::Event,
    outbox::{Channel, MessageContent, MessageKind, Outgoing},
};

/// How long the email about a change is held: a quick undo sends nothing (ux 6.5).
const HOLD: TimeDelta = TimeDelta::minutes(2);
/// How long a change can be taken back (ux 6.5).
pub(crate) const UNDO: TimeDelta = TimeDelta::hours(24);

/// Somebody in an organisation, as a change finds them.
pub(crate) struct Member {
    pub user: UserRow,
    pub membership: MembershipRow,
    pub assignments: Vec<AssignmentRow>,
    /// Every role of the organisation.
    pub roles: Arc<[RoleRow]>,
}

impl Member {
    pub fn role(&self, row: &AssignmentRow) -> Option<&RoleRow> {
        self.roles.iter().find(|role| role.id == row.role_id)
    }

    /// Changes with every change of the person or the membership.
    pub fn version(&self) -> i64 {
        self.user.version + self.membership.version
    }

    fn subject(&self) -> (UserId, String) {
        (self.user.id, self.user.name())
    }

    /// Whether the person may do something to others that the actor may not do there (R67).
    fn outranks(&self, access: &Access, now: DateTime<Utc>) -> bool {
        self.assignments
            .iter()
            .filter(|row| row.ends_at.is_none_or(|end| end > now))
            .filter_map(|row| Some((row, self.role(row)?)))
            .any(|(row, role)| {
                role.permissions.iter().any(|permission| {
                    let reach = access.require(*permission);
                    !reach.is_ok_and(|reach| reach.covers(row.area_id))
                })
            })
    }

    /// The roles in words, one line for each with its places and its period.
    pub fn access_lines(&self, access: &Access) -> Vec<String> {
        lines_of(access, &self.roles, &self.assignments)
    }
}

/// Role assignments in words: "Viewer: North team, South team (until 31 March 2027)".
pub(crate) fn lines_of(access: &Access, roles: &[RoleRow], rows: &[AssignmentRow]) -> Vec<String> {
    pages::groups(rows)
        .into_iter()
        .filter_map(|group| {
            let role = roles.iter().find(|role| role.id == group[0].role_id)?;
            let held = pages::held(access, role, &group, String::new(), false);
            let places = if held.areas.is_empty() {
                String::new()
            } else {
                format!(": {}", held.areas.join(", "))
            };
            let period = match held.period() {
                period if period.is_empty() => period,
                period => format!(" ({})", lowered(&period)),
            };
            Some(format!("{}{places}{period}", held.name))
        })
        .collect()
}

fn lowered(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// A change that was made, with everything that is to be written down about it.
pub(crate) struct Made<'a> {
    pub access: &'a Access,
    pub by: &'a By,
    pub member: &'a Member,
    pub thing: ChangedThing,
    pub before: Value,
    pub reason: String,
    pub kind: AuditEventKind,
    pub details: Value,
    /// What the person is told; nothing when they did it themselves.
    pub mail: Option<(MessageKind, MessageContent)>,
}

impl Services {
    /// Somebody whom the actor may see and has the right to change somewhere.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right; [`Error::NotFound`] for who is not in this
    /// organisation or out of the actor's reach (R65).
    pub(crate) async fn member(
        &self,
        tx: &mut Tx,
        access: &Access,
        user: UserId,
        permission: Permission,
    ) -> Result<(Member, Reach)> {
        let reach = access.require(permission)?;
        let organisation = access.organisation_id();
        let membership = tx
            .membership_of(organisation, user)
            .await?
            .ok_or(Error::NotFound)?;
        let assignments = tx.assignments_of(organisation, membership.id).await?;
        let seen = reach.covers(None) || assignments.iter().any(|row| reach.covers(row.area_id));
        if !seen {
            return Err(Error::NotFound);
        }
        let user = tx.user(user).await?.ok_or(Error::NotFound)?;
        let member = Member {
            user: user.known_as(&membership),
            membership,
            assignments,
            roles: tx.roles(organisation).await?.into(),
        };
        Ok((member, reach))
    }

    /// The person who asks, as a change of their own finds them.
    pub(crate) async fn own_member(&self, tx: &mut Tx, access: &Access) -> Result<Member> {
        let (organisation, membership) = (access.organisation_id(), access.membership.clone());
        Ok(Member {
            user: tx.user(membership.user_id).await?.ok_or(Error::NotFound)?,
            assignments: tx.assignments_of(organisation, membership.id).await?,
            membership,
            roles: tx.roles(organisation).await?.into(),
        })
    }

    /// Whether the actor may change this person at all: not themselves (J36, R72), and nobody with
    /// more rights (R67).
    pub(crate) fn may_change(&self, actor: UserId, access: &Access, member: &Member) -> Result<()> {
        if member.user.id == actor {
            return Err(Error::Conflict(Conflict::OwnAccess));
        }
        if member.outranks(access, self.now()) {
            return Err(Error::NotAllowed);
        }
        Ok(())
    }

    /// Whether the organisation can do without what `member` manages, when only `kept` of their roles
    /// are left (R71, C8).
    pub(crate) async fn keeps_an_administrator(
        &self,
        tx: &mut Tx,
        access: &Access,
        member: &Member,
        kept: &[AssignmentRow],
    ) -> Result<()> {
        self.circumstances(tx, access)
            .await?
            .keeps_an_administrator(member, kept)
    }

    /// Writes a change down: how it was, what the person is told, and what happened.
    pub(crate) async fn record(&self, tx: &mut Tx, made: Made<'_>) -> Result<Changed> {
        let (user, name) = made.member.subject();
        let sees = Sees::of(made.access, &Reach::Whole);
        let back = words::back(made.kind, &name, &made.details, &sees);
        let changes = self.record_all(tx, vec![made]).await?;
        Ok(Changed {
            change: changes.into_iter().next(),
            user,
            name,
            back,
        })
    }

    /// The same for changes of many members of one organisation, all made by the same person.
    pub(crate) async fn record_all(
        &self,
        tx: &mut Tx,
        all: Vec<Made<'_>>,
    ) -> Result<Vec<ChangeId>> {
        let now = self.now();
        let Some(by) = all.first().map(|made| made.by) else {
            return Ok(Vec::new());
        };
        let mut mail = Vec::new();
        let mut rows = Vec::with_capacity(all.len());
        let mut events = Vec::with_capacity(all.len());
        for made in all {
            let organisation = made.access.organisation_id();
            let id = ChangeId::from_uuid(self.random.uuid(now));
            let mut message_id = None;
            if let Some((kind, content)) = made.mail {
                message_id = Some(MessageId::from_uuid(self.random.uuid(now)));
                mail.push(Outgoing {
                    id: message_id,
                    hold_until: Some(now + HOLD),
                    ..letter_to(made.member, kind, content)
                });
            }
            rows.push(ChangeRow {
                id,
                organisation_id: organisation,
                membership_id: made.member.membership.id,
                thing: made.thing,
                state_before: made.before,
                reason: made.reason,
                message_id,
                changed_by: made.by.id,
                changed_at: now,
                undone_at: None,
            });
            let mut details = made.details;
            details["change"] = json!(id);
            events.push(Event {
                organisation: Some(organisation),
                kind: made.kind,
                subject: Some(made.member.subject()),
                details,
            });
        }
        self.queue(tx, mail).await?;
        tx.insert_changes(&rows).await?;
        self.audit_all(tx, by, events).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }

    /// What every email about a change says.
    fn change_content(&self, access: &Access, by: &By, member: &Member) -> MessageContent {
        MessageContent {
            recipient_name: member.user.first_name.clone(),
            organisation: access.organisation.name.clone(),
            organisation_slug: access.organisation.slug.clone(),
            by: by.name.clone(),
            happened_at: Some(self.now()),
            path: format!("/o/{}", access.organisation.slug),
            ..MessageContent::default()
        }
    }
}

/// Whether a role is one of those without which nobody could manage the users (R71).
pub(crate) fn manages(role: &RoleRow) -> bool {
    [
        Permission::UsersInvite,
        Permission::UsersDeactivate,
        Permission::RolesAssign,
    ]
    .iter()
    .all(|permission| role.permissions.contains(permission))
}

fn letter_to(member: &Member, kind: MessageKind, content: MessageContent) -> Outgoing {
    Outgoing {
        channel: Channel::Email,
        organisation: Some(member.membership.organisation_id),
        ..Outgoing::email(kind, member.user.email.clone(), content)
    }
}

fn subject_of(access: &Access, member: &Member, obstacle: String, now: DateTime<Utc>) -> Subject {
    Subject {
        user: member.user.id,
        name: member.user.name(),
        email: member.user.email.clone(),
        status: ShownStatus::of(
            member.membership.status,
            member.membership.invitation_expires_at,
            member.membership.delivery_failed_at.is_some(),
            now,
        ),
        organisation: access.organisation.name.clone(),
        slug: access.organisation.slug.clone(),
        obstacle,
        version: member.version(),
    }
}

/// A refusal as the code that a page shows; other errors pass.
pub(crate) fn obstacle(result: Result<()>) -> Result<String> {
    match result {
        Ok(()) => Ok(String::new()),
        Err(Error::Conflict(conflict)) => Ok(conflict.code().to_owned()),
        Err(Error::NotAllowed) => Ok("not_allowed".to_owned()),
        Err(other) => Err(other),
    }
}

/// Refuses what was decided over an older state of things (R98).
fn same_version(member: &Member, version: i64) -> Result<()> {
    if member.version() == version {
        Ok(())
    } else {
        Err(Error::Conflict(Conflict::Stale))
    }
}

fn area_of(row: &AssignmentRow) -> Vec<AreaId> {
    row.area_id.into_iter().collect()
}
