//! Two people at once (`security.md` 3c): many tasks do the same thing at the same moment, on both
//! databases, and what must always hold (I1 to I13) is looked at after each round.
//!
//! As many rounds as `LANYARD_ROUNDS` says, otherwise 50. PostgreSQL is used when
//! `LANYARD_TEST_POSTGRES` names a server, which the test command starts.

#![allow(
    clippy::disallowed_methods,
    reason = "the test command tells how much, and where its server is"
)]

mod accepting;
mod bulk;
mod email;
mod inviting;
mod leaving;
mod members;
mod next_request;
mod places;
mod seats;

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{
    id::{AuditEventId, OrganisationId, RoleId},
    membership::{AssignmentForm, DeactivateForm, DetailsForm, ReactivateForm},
};
use service::{Actor, Error, Services, invitations::At, presets::Preset, testing::Harness};
use store::{AuditEventRow, Dialect, Store};
use tokio::{sync::Barrier, task::JoinSet};

const AT_ONCE: usize = 24;
/// The chains of events are looked through after each so many rounds, and at the end.
const CHAINS: u32 = 10;

/// What a task comes to, whatever it does.
type Answer = Pin<Box<dyn Future<Output = String> + Send>>;
type Job = Box<dyn FnOnce(Services) -> Answer + Send>;

fn rounds() -> u32 {
    std::env::var("LANYARD_ROUNDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(50)
}

/// Runs a scenario on a SQLite file and on PostgreSQL.
macro_rules! races {
    ($($module:ident::$name:ident,)*) => {
        mod on {
            $(mod $name {
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn sqlite() {
                    let (store, _folder) = crate::races::sqlite().await;
                    crate::races::$module::$name(crate::races::Trust::over(store).await).await;
                }
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn postgres() {
                    if let Some(store) = crate::races::postgres().await {
                        crate::races::$module::$name(crate::races::Trust::over(store).await).await;
                    }
                }
            })*
        }
    };
}

races! {
    // R70
    seats::the_seventh_place_is_taken_once,
    places::the_seventh_place_is_taken_once_on_the_other_ways,
    // R22, R70
    places::an_invitation_keeps_its_place_until_it_is_cancelled,
    // R71
    members::two_administrators_cannot_remove_each_other,
    leaving::one_of_all_administrators_stays,
    leaving::one_of_the_last_two_administrators_stays,
    members::of_many_edits_of_one_page_one_counts,
    members::a_change_is_undone_once,
    // R56
    members::nobody_acts_with_a_right_that_was_taken_from_them,
    // R73
    email::one_change_of_an_address_counts,
    // R98
    inviting::one_journey_is_sent_once,
    inviting::one_person_is_added_once,
    inviting::overlapping_lists_make_one_membership_each,
    // R17, R19, R22
    accepting::against_cancelling_and_sending_again,
    // R16, R17
    accepting::against_its_end,
    // R22, R56
    accepting::against_the_inviter_losing_the_role,
    accepting::against_the_inviter_being_deactivated,
    // R56
    next_request::sees_every_change_of_role,
    // R70, R71
    bulk::jobs_over_everybody_leave_an_administrator,
    bulk::the_seventh_place_is_taken_once_by_jobs,
    // R98
    bulk::one_selection_is_changed_once,
}

async fn sqlite() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let store = Store::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    (store, folder)
}

async fn postgres() -> Option<Store> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let server = std::env::var("LANYARD_TEST_POSTGRES").ok()?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("races_{}_{number}", std::process::id());
    let base = Store::connect(&server).await.unwrap();
    for what in ["DROP DATABASE IF EXISTS", "CREATE DATABASE"] {
        let statement: &'static str = Box::leak(format!("{what} {name}").into_boxed_str());
        base.run_for_test(statement).await.unwrap();
    }
    let (front, query) = server.split_once('?').unwrap_or((&server, ""));
    let front = front.rsplit_once('/').map_or(front, |(front, _)| front);
    let store = Store::connect(&format!("{front}/{name}?{query}"))
        .await
        .unwrap();
    store.migrate().await.unwrap();
    Some(store)
}

/// An organisation with seven places for super users, and six who hold one.
struct Trust {
    h: Harness,
    organisation: OrganisationId,
    supers: Vec<Actor>,
    super_user: RoleId,
    manager: RoleId,
    ordinary: RoleId,
}

impl Trust {
    async fn over(store: Store) -> Self {
        let h = Harness::over(store);
        let organisation = h.organisation_of(Preset::NhsJobs, "NJ1", "Elm Trust").await;
        let mut supers = Vec::new();
        for name in ["sam", "al", "bo", "cy", "di", "ed"] {
            supers.push(
                h.member("nj1", &format!("{name}.ash@nhs.net"), "super-user")
                    .await,
            );
        }
        let mut tx = h.services.store().read().await.unwrap();
        let roles = tx.roles(organisation).await.unwrap();
        drop(tx);
        let role = |key: &str| roles.iter().find(|role| role.key == key).unwrap().id;
        Self {
            organisation,
            supers,
            super_user: role("super-user"),
            manager: role("team-manager"),
            ordinary: role("recruitment-administrator"),
            h,
        }
    }

    fn form(role: RoleId) -> AssignmentForm {
        AssignmentForm {
            role: role.to_string(),
            reason: "Covers for somebody".to_owned(),
            ..AssignmentForm::default()
        }
    }

    /// What must always hold holds after a round.
    async fn holds_after(&self, round: u32) {
        let broken = self.h.broken_invariants(round.is_multiple_of(CHAINS)).await;
        assert!(broken.is_empty(), "round {round}: {broken:#?}");
    }

    /// And after the last: chains of events and, on PostgreSQL, indexes (I6, I13).
    async fn holds_at_the_end(&self) {
        let broken = self.h.broken_invariants(true).await;
        assert!(broken.is_empty(), "{broken:#?}");
        let store = self.h.services.store();
        let amcheck = "CREATE EXTENSION IF NOT EXISTS amcheck";
        if store.dialect() == Dialect::Postgres && store.run_for_test(amcheck).await.is_ok() {
            let sound = "SELECT bt_index_check(i.indexrelid, true) FROM pg_index i \
                 JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam \
                 JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE a.amname = 'btree' AND n.nspname = 'public' AND i.indisvalid";
            store.run_for_test(sound).await.unwrap();
        }
    }

    /// The number of the newest event of the organisation.
    async fn newest_event(&self) -> i64 {
        let mut tx = self.h.services.store().read().await.unwrap();
        let end = tx.audit_chain(Some(self.organisation)).await.unwrap();
        end.unwrap().sequence
    }

    /// The events of the organisation behind a number, in order.
    async fn events_after(&self, number: i64) -> Vec<AuditEventRow> {
        let mut tx = self.h.services.store().read().await.unwrap();
        let after = (number + 1, AuditEventId::from_uuid(uuid::Uuid::nil()));
        let events = tx.audit_events_after(Some(self.organisation), after, i64::MAX);
        events.await.unwrap()
    }

    /// Places of super users that are held, by members and by invitations.
    async fn places_held(&self) -> i64 {
        let mut tx = self.h.services.store().read().await.unwrap();
        let now = self.h.services.now();
        let used = tx.seats_used(self.organisation, now).await.unwrap();
        let seats = used.iter().find(|(role, _)| *role == self.super_user);
        seats.unwrap().1
    }

    /// Active super users.
    async fn holders(&self) -> i64 {
        let mut tx = self.h.services.store().read().await.unwrap();
        let nobody = domain::MembershipId::from_uuid(uuid::Uuid::nil());
        let now = self.h.services.now();
        let holders = tx.count_holders(self.organisation, self.super_user, nobody, now);
        holders.await.unwrap()
    }

    async fn member(&self, n: u32, role: &str) -> Actor {
        self.h
            .member("nj1", &format!("person{n}.lee@nhs.net"), role)
            .await
    }

    /// What has to be known to change what somebody has.
    async fn page(&self, person: &Actor) -> (domain::AssignmentId, i64) {
        let services = &self.h.services;
        let page = services.user_page(&self.supers[0], "nj1", person.user());
        let page = page.await.unwrap();
        (page.roles[0].assignment, page.version)
    }

    async fn deactivate(&self, by: &Actor, person: &Actor) {
        let services = &self.h.services;
        let yes = deactivation();
        let done = services.deactivate(by, "nj1", person.user(), &yes);
        done.await.unwrap();
    }

    /// A journey that is ready to be sent, and the version of its last page.
    async fn journey(&self, by: &Actor, emails: &str, role: RoleId) -> (domain::DraftId, i64) {
        let services = &self.h.services;
        let draft = services.start_invite(by, "nj1").await.unwrap();
        services
            .answer_emails(by, "nj1", draft, emails)
            .await
            .unwrap();
        let role = role.to_string();
        services.answer_role(by, "nj1", draft, &role).await.unwrap();
        services.answer_message(by, "nj1", draft, "").await.unwrap();
        match services.invite_check(by, "nj1", draft).await.unwrap() {
            At::Here(check) => (draft, check.version),
            At::Elsewhere(elsewhere) => panic!("{elsewhere:?}"),
        }
    }

    /// Adding one person, up to the page of answers, and the version of that page.
    async fn adding(&self, by: &Actor, email: &str, role: RoleId) -> (domain::DraftId, i64) {
        let services = &self.h.services;
        let details = DetailsForm {
            first_name: "New".to_owned(),
            last_name: "Person".to_owned(),
            job_title: "Ward clerk".to_owned(),
            ..DetailsForm::default()
        };
        let draft = services.start_adding(by, "nj1").await.unwrap();
        let answered = services.answer_add_email(by, "nj1", draft, email);
        answered.await.unwrap();
        let answered = services.answer_add_details(by, "nj1", draft, details);
        answered.await.unwrap();
        let role = role.to_string();
        let answered = services.answer_add_role(by, "nj1", draft, 1, &role);
        answered.await.unwrap();
        match services.add_check_page(by, "nj1", draft).await.unwrap() {
            At::Here(check) => (draft, check.version),
            At::Elsewhere(elsewhere) => panic!("{elsewhere:?}"),
        }
    }

    async fn work(&self) {
        while self.h.services.process_batch_step().await.unwrap() {}
    }
}

fn deactivation() -> DeactivateForm {
    DeactivateForm {
        confirm: "yes".to_owned(),
        reason: "on_leave".to_owned(),
        reason_other: String::new(),
    }
}

fn back_with_the_same() -> ReactivateForm {
    ReactivateForm {
        confirm: "yes".to_owned(),
        access: "same".to_owned(),
    }
}

/// A task among others of another kind.
fn job<F: Future<Output = String> + Send + 'static>(
    work: impl FnOnce(Services) -> F + Send + 'static,
) -> Job {
    Box::new(move |services| Box::pin(work(services)))
}

/// Does something as often as there are actors, all at the same moment.
async fn at_once<T: Send + 'static, F>(
    services: &Services,
    jobs: Vec<impl FnOnce(Services) -> F + Send + 'static>,
) -> Vec<T>
where
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(jobs.len()));
    let mut tasks = JoinSet::new();
    for job in jobs {
        let (barrier, services) = (barrier.clone(), services.clone());
        tasks.spawn(async move {
            barrier.wait().await;
            job(services).await
        });
    }
    tasks.join_all().await
}

/// What became of it in a word. A fault, which people would see as 5xx, ends the test.
fn code<T>(result: &service::Result<T>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(Error::Invalid(violations)) => violations.0[0].code.clone(),
        Err(Error::Conflict(conflict)) => conflict.code().to_owned(),
        Err(
            fault @ (Error::Unavailable(_)
            | Error::Unexpected { .. }
            | Error::Store(_)
            | Error::Fault(_)),
        ) => panic!("{fault}"),
        Err(other) => other.to_string(),
    }
}

fn count(codes: &[String], wanted: &str) -> usize {
    codes.iter().filter(|code| *code == wanted).count()
}
