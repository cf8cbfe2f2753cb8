//! R67: whatever those who manage an area do, in whatever order, nobody comes to hold what they do not.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    MembershipStatus, OrganisationId, Permission,
    id::{AreaId, ChangeId, RoleId, ServiceId, UserId},
    membership::AssignmentForm,
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use store::{AssignmentRow, RoleRow, ServiceRow};

use super::area;
use crate::{Actor, Error, testing::Harness};

mod ways;

use ways::{WAYS, Way};

/// What somebody tries, by number: who, on which way, for whom, with which role and where, and a second
/// role and place for ways that ask twice.
#[derive(Clone, Debug)]
struct Step {
    by: usize,
    way: usize,
    whom: usize,
    role: (usize, usize),
    place: (usize, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let any = 0_usize..1680;
    let pair = || (0_usize..1680, 0_usize..1680);
    let step =
        (any.clone(), any.clone(), any, pair(), pair()).prop_map(|(by, way, whom, role, place)| {
            Step {
                by,
                way,
                whom,
                role,
                place,
            }
        });
    prop::collection::vec(step, 1..30)
}

const NURSING: u128 = 1;
const NORTH: u128 = 2;
const SURGERY: u128 = 3;
const WARD: u128 = 4;

/// Who is there: address, role, where, and whether they are deactivated. The first of them manage an
/// area, and act.
const PEOPLE: [(&str, &str, Option<u128>, bool); 11] = [
    ("ann.lead", "lead", Some(NURSING), false),
    ("ben.lead", "lead", Some(NURSING), false),
    ("cat.lead", "lead", Some(NORTH), false),
    ("dan.reads", "viewer", Some(NURSING), false),
    ("eve.reads", "viewer", None, false),
    ("fay.reads", "viewer", Some(SURGERY), false),
    ("gus.manages", "administrator", Some(NURSING), false),
    ("ivy.rests", "contributor", Some(NORTH), true),
    ("kit.rests", "administrator", Some(NURSING), true),
    ("lou.audits", "auditor", Some(NURSING), false),
    ("max.manages", "manager", Some(NURSING), false),
];
const LEADS: usize = 3;
/// Somebody who reads in an area that they manage.
const READING: usize = 3;
/// The first of two who are deactivated.
const RESTING: usize = 7;

/// What a lead has: enough to manage users, and not all that there is.
const LEAD: [Permission; 6] = [
    Permission::UsersView,
    Permission::UsersInvite,
    Permission::UsersInviteInBulk,
    Permission::UsersChange,
    Permission::UsersDeactivate,
    Permission::RolesAssign,
];

/// What everybody has: their status and their role assignments.
type Held = BTreeMap<UserId, (MembershipStatus, Vec<AssignmentRow>)>;

/// Hollybrook Hospital with two areas and one inside each of them.
struct Unit {
    h: Harness,
    organisation: OrganisationId,
    /// Administers everything.
    sam: Actor,
    people: Vec<Actor>,
    roles: Vec<RoleRow>,
    /// Changes that Sam made, to be taken back by others.
    changes: Vec<ChangeId>,
    /// So many addresses were invited.
    invited: usize,
}

impl Unit {
    async fn new() -> Self {
        let h = Harness::new().await;
        let organisation = h.organisation("RX1", "Hollybrook Hospital").await;
        let office = ServiceRow {
            id: ServiceId::from_uuid(uuid::Uuid::from_u128(1)),
            organisation_id: organisation,
            key: "office".to_owned(),
            name: "Office".to_owned(),
            roles_per_member: None,
        };
        let role = |n, key: &str, permissions: &[Permission]| RoleRow {
            id: RoleId::from_uuid(uuid::Uuid::from_u128(n)),
            organisation_id: organisation,
            service_id: office.id,
            key: key.to_owned(),
            name: key.to_owned(),
            summary: String::new(),
            permissions: permissions.to_vec(),
            seat_limit: None,
            privileged: true,
            scope_allowed: true,
            position: 0,
        };
        let audits = [Permission::UsersView, Permission::ActivityView];
        let roles = [
            role(1, "lead", &LEAD),
            role(2, "auditor", &audits),
            role(3, "reception", &[Permission::UsersView]),
            role(4, "volunteer", &[]),
        ];
        let mut tx = h.services.store.write().await.unwrap();
        tx.insert_areas(&[
            area(organisation, NURSING, None, "Nursing"),
            area(organisation, NORTH, Some(NURSING), "North team"),
            area(organisation, SURGERY, None, "Surgery"),
            area(organisation, WARD, Some(SURGERY), "Ward 4"),
        ])
        .await
        .unwrap();
        tx.insert_service(&office, &[], &roles, &[]).await.unwrap();
        let roles = tx.roles(organisation).await.unwrap();
        tx.commit().await.unwrap();
        let mut unit = Self {
            sam: h.administrator("rx1", "sam.okoro@nhs.net").await,
            people: Vec::new(),
            changes: Vec::new(),
            invited: 0,
            h,
            organisation,
            roles,
        };
        for (name, role, place, rests) in PEOPLE {
            let email = format!("{name}@nhs.net");
            let person = unit.h.member("rx1", &email, role).await;
            unit.put(&person, place, rests).await;
            unit.people.push(person);
        }
        unit
    }

    async fn put(&self, person: &Actor, place: Option<u128>, rests: bool) {
        let mut tx = self.h.services.store.write().await.unwrap();
        let member = tx.membership_of(self.organisation, person.user()).await;
        let mut member = member.unwrap().unwrap();
        let rows = tx.assignments_of(self.organisation, member.id).await;
        let mut rows = rows.unwrap();
        rows[0].area_id = place.map(id);
        tx.replace_assignments(self.organisation, member.id, &rows)
            .await
            .unwrap();
        if rests {
            member.status = MembershipStatus::Inactive;
            tx.update_membership(&member).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// What everybody has now.
    async fn held(&self) -> Held {
        let everybody = self.people.iter().chain([&self.sam]);
        let everybody: Vec<UserId> = everybody.map(Actor::user).collect();
        let mut tx = self.h.services.store.read().await.unwrap();
        let members = tx.memberships_of(self.organisation, &everybody).await;
        let members = members.unwrap();
        let ids: Vec<_> = members.iter().map(|member| member.id).collect();
        let rows = tx.assignments_of_many(self.organisation, &ids).await;
        let rows = rows.unwrap();
        let mut held = Held::new();
        for member in members {
            let theirs = rows.iter().filter(|row| row.membership_id == member.id);
            held.insert(member.user_id, (member.status, theirs.cloned().collect()));
        }
        held
    }

    async fn assignments(&self, user: UserId) -> Vec<AssignmentRow> {
        self.held()
            .await
            .remove(&user)
            .map_or_else(Vec::new, |one| one.1)
    }

    fn role(&self, n: usize) -> RoleId {
        self.roles[n % self.roles.len()].id
    }

    fn permissions(&self, row: &AssignmentRow) -> &[Permission] {
        let role = self.roles.iter().find(|role| role.id == row.role_id);
        &role.unwrap().permissions
    }

    /// Whom a step is about; every other step that brings somebody back is about those who
    /// rest, or that sends something again about who came last.
    fn person(&self, way: Way, step: &Step) -> UserId {
        let whom = match way {
            _ if !step.whom.is_multiple_of(2) => step.whom % self.people.len(),
            Way::Reactivate | Way::ReactivateAs => RESTING + step.whom / 2 % 2,
            Way::Resend => self.people.len() - 1,
            Way::Undo => READING,
            _ => step.whom / 2 % self.people.len(),
        };
        self.people[whom].user()
    }

    /// The form for a role and a place, as anybody could post it.
    fn form(&self, role: usize, place: usize) -> AssignmentForm {
        AssignmentForm {
            role: self.role(role).to_string(),
            areas: places(place),
            reason: "Covers for Sam".to_owned(),
            ..AssignmentForm::default()
        }
    }

    async fn version(&self, user: UserId) -> i64 {
        let mut tx = self.h.services.store.read().await.unwrap();
        let member = tx.membership_of(self.organisation, user).await;
        let person = tx.user(user).await.unwrap().unwrap();
        member.unwrap().unwrap().version + person.version
    }

    /// Sam changes what somebody has, so that there is a change to be taken back.
    async fn sam_changes(&mut self, step: &Step) {
        let user = self.person(Way::Undo, step);
        let held = self.assignments(user).await;
        let Some(row) = held.first() else { return };
        let version = self.version(user).await;
        let form = self.form(step.role.1, step.place.1);
        let services = &self.h.services;
        let changed = services.change_role(&self.sam, "rx1", user, row.id, version, &form);
        let change = changed.await.ok().and_then(|done| done.change);
        self.changes.extend(change);
    }

    /// Every assignment that is new, or counts again, is within what whoever did it held before.
    fn nobody_gained(&self, by: &Actor, (before, after): (&Held, &Held), now: DateTime<Utc>) {
        let (status, theirs) = &before[&by.user()];
        let in_force = |row: &&AssignmentRow| {
            *status == MembershipStatus::Active
                && row.starts_at.is_none_or(|start| start <= now)
                && row.ends_at.is_none_or(|end| end > now)
        };
        let theirs: Vec<_> = theirs.iter().filter(in_force).collect();
        let holds = |permission: Permission, place: Option<AreaId>| {
            let there = |row: &&AssignmentRow| {
                self.permissions(row).contains(&permission) && around(row.area_id, place)
            };
            theirs.iter().any(there)
        };
        assert_eq!(before[&by.user()], after[&by.user()], "R72: their own");
        for (user, (status, rows)) in after {
            let had = before.get(user).filter(|(status, _)| counts(*status));
            let had = had.map_or(&[][..], |(_, rows)| rows);
            let known = |row: &AssignmentRow| {
                had.iter().any(|had| {
                    (had.role_id, had.area_id) == (row.role_id, row.area_id)
                        && (had.starts_at, had.ends_at) == (row.starts_at, row.ends_at)
                })
            };
            for row in rows.iter().filter(|row| counts(*status) && !known(row)) {
                assert!(
                    holds(Permission::UsersInvite, row.area_id)
                        || holds(Permission::RolesAssign, row.area_id),
                    "a place that is not theirs: {row:?}"
                );
                for permission in self.permissions(row) {
                    assert!(
                        holds(*permission, row.area_id),
                        "{permission:?}, which they do not hold there: {row:?}"
                    );
                }
            }
        }
    }
}

/// Whether what somebody has counts, or will as soon as they accept.
fn counts(status: MembershipStatus) -> bool {
    matches!(status, MembershipStatus::Active | MembershipStatus::Pending)
}

fn id(n: u128) -> AreaId {
    AreaId::from_uuid(uuid::Uuid::from_u128(n))
}

/// The places of a form: the whole organisation, one area, or two at once.
fn places(n: usize) -> Vec<String> {
    match n % 8 {
        0 => vec!["all".to_owned()],
        1..=3 => vec![id(NORTH).to_string()],
        4 => vec![id(NURSING).to_string()],
        5 => vec![id(SURGERY).to_string()],
        6 => vec![id(WARD).to_string()],
        _ => vec![id(NORTH).to_string(), id(WARD).to_string()],
    }
}

/// Whether a place is inside another one: said here once more, apart from the code that is tested.
fn around(outer: Option<AreaId>, place: Option<AreaId>) -> bool {
    outer.is_none()
        || outer == place
        || outer == Some(id(NURSING)) && place == Some(id(NORTH))
        || outer == Some(id(SURGERY)) && place == Some(id(WARD))
}

/// Goes through the steps, and says which ways led somewhere and which did not.
async fn walk(steps: Vec<Step>) -> (BTreeSet<Way>, BTreeSet<Way>) {
    let mut unit = Unit::new().await;
    let (mut done, mut refused) = (BTreeSet::new(), BTreeSet::new());
    for step in steps {
        let way = WAYS[step.way % WAYS.len()];
        if way == Way::Undo {
            unit.sam_changes(&step).await;
        }
        let by = unit.people[step.by % LEADS].clone();
        let before = unit.held().await;
        let now = unit.h.services.now();
        let outcome = unit.attempt(way, &by, &step).await;
        let after = unit.held().await;
        unit.nobody_gained(&by, (&before, &after), now);
        match outcome {
            Ok(()) => done.insert(way),
            Err(Error::NotAllowed | Error::NotFound | Error::Invalid(_) | Error::Conflict(_)) => {
                refused.insert(way)
            }
            Err(fault) => panic!("{step:?}: {fault}"),
        };
        // Late enough to send an invitation again.
        unit.h.clock.advance(TimeDelta::minutes(11));
    }
    (done, refused)
}

/// R67: of roles added, changed, brought back and undone, of invitations and of bulk changes by those who
/// manage an area, in any order and together, none gives anybody a permission in a place where whoever
/// did it does not hold it; and nobody changes what they have themselves (R72).
#[test]
fn nobody_gives_what_they_do_not_hold() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let seen = RefCell::new((BTreeSet::new(), BTreeSet::new()));
    let through = |steps| {
        let (done, refused) = runtime.block_on(walk(steps));
        let mut seen = seen.borrow_mut();
        seen.0.extend(done);
        seen.1.extend(refused);
        Ok(())
    };
    let config = |cases| Config {
        failure_persistence: None,
        ..Config::with_cases(cases)
    };
    // The same steps at every run, of which it is known that they go everywhere ...
    let known = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let ran = TestRunner::new_with_rng(config(30), known).run(&steps(), through);
    assert!(ran.is_ok(), "{ran:?}");
    // Ways that are always open, or always shut, would prove nothing.
    {
        let (done, refused) = &*seen.borrow();
        assert!(WAYS.iter().all(|way| done.contains(way)), "{done:?}");
        assert!(WAYS.iter().all(|way| refused.contains(way)), "{refused:?}");
    }
    // ... and others.
    let ran = TestRunner::new(config(10)).run(&steps(), through);
    assert!(ran.is_ok(), "{ran:?}");
}
