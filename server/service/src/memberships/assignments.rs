//! The roles of a member: one more, another in its place, one less (A09 to A12, J39, E4). What is taken
//! away ends at the next request (R56); what is given counts when the organisation's policy says (C9).

use chrono::{DateTime, Days, NaiveDate, Utc};
use domain::{
    MembershipStatus, Permission, Violations,
    area::AreaSelection,
    audit::AuditEventKind,
    id::{AreaId, AssignmentId, RoleId, UserId},
    membership::{AssignmentForm, Changed, ChangedThing},
    wording,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{AssignmentRow, Tx};

use super::{Made, Member, area_of, lines_of, pages, same_version};
use crate::{
    Access, Actor, By, Conflict, Error, Result, Services,
    activity::words::differences,
    invitations::area_tree,
    outbox::{MessageContent, MessageKind},
};

/// A role assignment as a change keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Stored {
    id: AssignmentId,
    role: RoleId,
    area: Option<AreaId>,
    starts_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    granted_by: Option<UserId>,
    granted_at: DateTime<Utc>,
}

pub(super) fn stored(rows: &[AssignmentRow]) -> Value {
    let rows: Vec<Stored> = rows
        .iter()
        .map(|row| Stored {
            id: row.id,
            role: row.role_id,
            area: row.area_id,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            granted_by: row.granted_by,
            granted_at: row.granted_at,
        })
        .collect();
    json!(rows)
}

/// What [`stored`] kept, for the same member.
pub(super) fn restored(member: &Member, kept: &Value) -> Result<Vec<AssignmentRow>> {
    let rows: Vec<Stored> =
        serde_json::from_value(kept.clone()).map_err(store::StoreError::from)?;
    Ok(rows
        .into_iter()
        .map(|row| AssignmentRow {
            id: row.id,
            organisation_id: member.membership.organisation_id,
            membership_id: member.membership.id,
            role_id: row.role,
            area_id: row.area,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            granted_by: row.granted_by,
            granted_at: row.granted_at,
        })
        .collect())
}

impl Services {
    /// Gives a member one more role, or the same in more places.
    ///
    /// # Errors
    /// `role.*`, `areas.*`, `start.*`, `end.*`; [`Conflict::Stale`], [`Conflict::OwnAccess`],
    /// [`Conflict::NotActive`] for who is only invited; [`Error::NotAllowed`]; [`Error::NotFound`].
    pub async fn add_role(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
        version: i64,
        form: &AssignmentForm,
    ) -> Result<Changed> {
        let mut tx = self.store.write().await?;
        let (access, member) = self.with_roles_of(&mut tx, actor, slug, user).await?;
        same_version(&member, version)?;
        let new = self
            .chosen_assignments(&mut tx, &access, &member, actor, form, None)
            .await?;
        let reason = reason_for(&member, &new, form)?;
        let mut wanted = member.assignments.clone();
        refuse_repeats(&access, &wanted, &new)?;
        wanted.extend(new);
        let kind = AuditEventKind::RoleAssigned;
        self.have_roles(tx, &access, actor, &member, wanted, (kind, reason))
            .await
    }

    /// Puts another role, other places or other dates in the place of what a member has.
    ///
    /// # Errors
    /// As [`Services::add_role`]; [`Conflict::LastAdministrator`]; [`Error::NotFound`] when the
    /// assignment is gone.
    pub async fn change_role(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
        assignment: AssignmentId,
        version: i64,
        form: &AssignmentForm,
    ) -> Result<Changed> {
        let mut tx = self.store.write().await?;
        let (access, member) = self.with_roles_of(&mut tx, actor, slug, user).await?;
        same_version(&member, version)?;
        let old = pages::group_of(&member, assignment)?;
        let new = self
            .chosen_assignments(&mut tx, &access, &member, actor, form, Some(&old))
            .await?;
        let reason = reason_for(&member, &new, form)?;
        let mut wanted = member.assignments.clone();
        wanted.retain(|row| !old.contains(row));
        refuse_repeats(&access, &wanted, &new)?;
        wanted.extend(new);
        let kind = AuditEventKind::RoleChanged;
        self.have_roles(tx, &access, actor, &member, wanted, (kind, reason))
            .await
    }

    /// Takes a role away from a member.
    ///
    /// # Errors
    /// [`Conflict::LastAdministrator`], [`Conflict::OwnAccess`]; [`Error::NotAllowed`];
    /// [`Error::NotFound`].
    pub async fn remove_role(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
        assignment: AssignmentId,
    ) -> Result<Changed> {
        let mut tx = self.store.write().await?;
        let (access, member) = self.with_roles_of(&mut tx, actor, slug, user).await?;
        let old = pages::group_of(&member, assignment)?;
        let mut wanted = member.assignments.clone();
        wanted.retain(|row| !old.contains(row));
        let kind = AuditEventKind::RoleRemoved;
        self.have_roles(tx, &access, actor, &member, wanted, (kind, String::new()))
            .await
    }

    /// Whether what is chosen has to be seen once more, with a reason: a privileged role that the
    /// person does not have yet (E4).
    ///
    /// # Errors
    /// As [`Services::add_role`].
    pub async fn role_needs_reason(
        &self,
        actor: &Actor,
        slug: &str,
        user: UserId,
        assignment: Option<AssignmentId>,
        form: &AssignmentForm,
    ) -> Result<bool> {
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let (member, _) = self
            .member(&mut tx, &access, user, Permission::RolesAssign)
            .await?;
        self.may_change(actor.user(), &access, &member)?;
        let old = match assignment {
            Some(assignment) => Some(pages::group_of(&member, assignment)?),
            None => None,
        };
        let new = self
            .chosen_assignments(&mut tx, &access, &member, actor, form, old.as_deref())
            .await?;
        Ok(gives_privileges(&member, &new))
    }

    async fn with_roles_of(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        slug: &str,
        user: UserId,
    ) -> Result<(Access, Member)> {
        let access = self.access_to_change(tx, actor, slug).await?;
        let (member, _) = self
            .member(tx, &access, user, Permission::RolesAssign)
            .await?;
        self.may_change(actor.user(), &access, &member)?;
        let status = member.membership.status;
        // What is offered to somebody who is invited is changed by inviting them again (R20).
        if !matches!(
            status,
            MembershipStatus::Active | MembershipStatus::Inactive
        ) {
            return Err(Error::Conflict(Conflict::NotActive));
        }
        Ok((access, member))
    }

    /// The form as rows: those of `old` that stay the same keep their history.
    pub(super) async fn chosen_assignments(
        &self,
        tx: &mut Tx,
        access: &Access,
        member: &Member,
        actor: &Actor,
        form: &AssignmentForm,
        old: Option<&[AssignmentRow]>,
    ) -> Result<Vec<AssignmentRow>> {
        let now = self.now();
        let old = old.unwrap_or_default();
        let roles = self
            .assignable_roles(tx, access, old.first().map(|row| row.role_id))
            .await?;
        let tree = area_tree(&access.areas);
        let choice = form
            .validate(&roles, &tree, now)
            .map_err(|violations| named(violations, access))?;
        let role = member
            .roles
            .iter()
            .find(|role| role.id == choice.role)
            .ok_or(Error::NotFound)?;
        // Without a first day, what has begun goes on.
        let begun = old
            .first()
            .and_then(|row| row.starts_at)
            .filter(|start| *start <= now);
        let (starts_at, ends_at) = midnights(choice.starts_on, choice.ends_on);
        let starts_at = starts_at.or(begun);
        let mut rows = Vec::new();
        for area_id in places(&choice.areas) {
            let same = old.iter().find(|row| {
                row.role_id == role.id
                    && row.area_id == area_id
                    && row.starts_at == starts_at
                    && row.ends_at == ends_at
            });
            if let Some(same) = same {
                rows.push(same.clone());
                continue;
            }
            let row = AssignmentRow {
                id: AssignmentId::from_uuid(self.random.uuid(now)),
                organisation_id: access.organisation_id(),
                membership_id: member.membership.id,
                role_id: role.id,
                area_id,
                starts_at,
                ends_at,
                granted_by: Some(actor.user()),
                granted_at: now,
            };
            access.may_handle(Permission::RolesAssign, role, &area_of(&row))?;
            rows.push(row);
        }
        Ok(rows)
    }

    /// Gives a member exactly these roles, or says why that cannot be.
    pub(super) async fn set_assignments(
        &self,
        tx: &mut Tx,
        access: &Access,
        member: &Member,
        wanted: &[AssignmentRow],
    ) -> Result<()> {
        let now = self.now();
        let organisation = access.organisation_id();
        self.circumstances(tx, access)
            .await?
            .can_have(access, member, wanted)?;
        tx.replace_assignments(organisation, member.membership.id, wanted)
            .await?;
        // The version tells everybody who looked before that something is different now.
        tx.update_membership(&member.membership).await?;
        if member.membership.status != MembershipStatus::Active {
            return Ok(());
        }
        let lasting: Vec<AssignmentRow> = wanted
            .iter()
            .filter(|row| row.ends_at.is_none_or(|end| end > now))
            .cloned()
            .collect();
        for role in member.roles.iter().filter(|role| role.seat_limit.is_some()) {
            if !lasting.iter().any(|row| row.role_id == role.id) {
                tx.release_seat(organisation, role.id, member.membership.id)
                    .await?;
            }
        }
        self.take_seats(tx, member, &lasting).await
    }

    /// Whether one more role of some service can be added: elsewhere another one takes the place of the
    /// one that is there.
    pub(crate) async fn has_room(
        &self,
        tx: &mut Tx,
        access: &Access,
        member: &Member,
    ) -> Result<bool> {
        Ok(tx
            .services(access.organisation_id())
            .await?
            .iter()
            .any(|service| {
                let held: std::collections::BTreeSet<RoleId> = member
                    .assignments
                    .iter()
                    .filter(|row| {
                        let role = member.role(row);
                        role.is_some_and(|role| role.service_id == service.id)
                    })
                    .map(|row| row.role_id)
                    .collect();
                let count = i64::try_from(held.len()).unwrap_or(i64::MAX);
                service.roles_per_member.is_none_or(|most| count < most)
            }))
    }

    async fn have_roles(
        &self,
        mut tx: Tx,
        access: &Access,
        actor: &Actor,
        member: &Member,
        wanted: Vec<AssignmentRow>,
        why: (AuditEventKind, String),
    ) -> Result<Changed> {
        if wanted == member.assignments {
            // An unchanged save changes nothing and sends nothing (J37).
            return Ok(Changed {
                change: None,
                user: member.user.id,
                name: member.user.name(),
                back: String::new(),
            });
        }
        let by = By::actor(actor);
        let changed = self
            .give_exactly(&mut tx, access, &by, member, &wanted, why)
            .await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Gives a member exactly these roles, and writes that down.
    pub(crate) async fn give_exactly(
        &self,
        tx: &mut Tx,
        access: &Access,
        by: &By,
        member: &Member,
        wanted: &[AssignmentRow],
        (kind, reason): (AuditEventKind, String),
    ) -> Result<Changed> {
        self.set_assignments(tx, access, member, wanted).await?;
        let before = member.access_lines(access);
        let after = lines_of(access, &member.roles, wanted);
        let (was, now) = differences(access, &member.roles, &member.assignments, wanted);
        let made = Made {
            access,
            by,
            member,
            thing: ChangedThing::Access,
            before: stored(&member.assignments),
            kind,
            details: json!({
                "role": touched(member, wanted),
                "was": was,
                "now": now,
                "before": before,
                "after": after,
                "reason_given": reason,
            }),
            reason,
            mail: Some((
                MessageKind::AccessChanged,
                MessageContent {
                    before,
                    after,
                    ..self.change_content(access, by, member)
                },
            )),
        };
        self.record(tx, made).await
    }
}

/// Whether something privileged is among the new roles that the person does not hold yet.
fn gives_privileges(member: &Member, new: &[AssignmentRow]) -> bool {
    let held = |role: RoleId| member.assignments.iter().any(|row| row.role_id == role);
    new.iter()
        .filter(|row| !held(row.role_id))
        .filter_map(|row| member.role(row))
        .any(|role| role.privileged)
}

/// Why the person gets these roles; nothing where nobody is asked.
pub(super) fn reason_for(
    member: &Member,
    new: &[AssignmentRow],
    form: &AssignmentForm,
) -> Result<String> {
    if gives_privileges(member, new) {
        Ok(form.validate_reason()?)
    } else {
        Ok(String::new())
    }
}

/// The role that a change is about, by name: the new one, or the one that is gone.
fn touched(member: &Member, wanted: &[AssignmentRow]) -> String {
    let added = wanted.iter().find(|row| !member.assignments.contains(row));
    let gone = || member.assignments.iter().find(|row| !wanted.contains(row));
    added
        .or_else(gone)
        .and_then(|row| member.role(row))
        .map(|role| role.name.clone())
        .unwrap_or_default()
}

/// The instants at which a role begins and ends that holds from the beginning of the first day to the end
/// of the last, in London.
pub(crate) fn midnights(
    starts_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let after = ends_on.and_then(|day| day.checked_add_days(Days::new(1)));
    (
        starts_on.map(wording::midnight),
        after.map(wording::midnight),
    )
}

/// Where an assignment for each of some areas holds; empty place: the whole organisation.
pub(crate) fn places(areas: &AreaSelection) -> Vec<Option<AreaId>> {
    match areas {
        AreaSelection::Whole => vec![None],
        AreaSelection::Areas(areas) => areas.iter().copied().map(Some).collect(),
    }
}

/// "They already have this access": the same role, at the same time, there or around it.
pub(crate) fn refuse_repeats(
    access: &Access,
    held: &[AssignmentRow],
    new: &[AssignmentRow],
) -> Result<()> {
    let at_once = |one: &AssignmentRow, other: &AssignmentRow| {
        let begins = |row: &AssignmentRow| row.starts_at.unwrap_or(DateTime::<Utc>::MIN_UTC);
        let ends = |row: &AssignmentRow| row.ends_at.unwrap_or(DateTime::<Utc>::MAX_UTC);
        begins(one) < ends(other) && begins(other) < ends(one)
    };
    let around = |one: &AssignmentRow, other: &AssignmentRow| match (one.area_id, other.area_id) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(one), Some(other)) => access.with_everything_inside(one).contains(&other),
    };
    let repeated = new.iter().any(|new| {
        held.iter()
            .any(|held| held.role_id == new.role_id && at_once(held, new) && around(held, new))
    });
    if repeated {
        return Err(Error::violation("role", "role.duplicate"));
    }
    Ok(())
}

/// The name of the organisation where a sentence about areas needs it.
pub(crate) fn named(mut violations: Violations, access: &Access) -> Error {
    for violation in &mut violations.0 {
        if violation.code == "areas.all_and_some" {
            violation.params = vec![access.organisation.name.clone()];
        }
    }
    Error::Invalid(violations)
}
