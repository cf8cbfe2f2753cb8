//! Two people at once (`security.md` 3c): many tasks do the same thing at the same moment, on both
//! databases, and what must always hold (I3, I4, I6) is looked at after each round.
//!
//! As many rounds as `LANYARD_ROUNDS` says, otherwise 50. PostgreSQL is used when
//! `LANYARD_TEST_POSTGRES` names a server, which the test command starts.

#![allow(
    clippy::disallowed_methods,
    reason = "the test command tells how much, and where its server is"
)]

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use domain::{
    MembershipStatus, ShownStatus,
    id::{OrganisationId, RoleId},
    membership::{AssignmentForm, DeactivateForm, DetailsForm, ReactivateForm},
};
use service::{
    Actor, Conflict, Error, Services, memberships::Answered, presets::Preset, testing::Harness,
};
use store::Store;
use tokio::{sync::Barrier, task::JoinSet};

const AT_ONCE: usize = 24;

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
    ($($(#[$meta:meta])* $name:ident,)*) => {
        mod on {
            $($(#[$meta])* mod $name {
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn sqlite() {
                    let (store, _folder) = crate::races::sqlite().await;
                    crate::races::$name(crate::races::Trust::over(store).await).await;
                }
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn postgres() {
                    if let Some(store) = crate::races::postgres().await {
                        crate::races::$name(crate::races::Trust::over(store).await).await;
                    }
                }
            })*
        }
    };
}

races! {
    the_seventh_place_is_taken_once,
    two_administrators_cannot_remove_each_other,
    of_many_edits_of_one_page_one_counts,
    a_change_is_undone_once,
    one_journey_is_sent_once,
    overlapping_lists_make_one_membership_each,
    accepting_against_cancelling_and_sending_again,
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

    /// Active super users, by their memberships; never more than their seats (I3).
    async fn holders(&self) -> i64 {
        let mut tx = self.h.services.store().read().await.unwrap();
        let now = self.h.services.now();
        let used = tx.seats_used(self.organisation, now).await.unwrap();
        let nobody = domain::MembershipId::from_uuid(uuid::Uuid::nil());
        let active = tx
            .count_holders(self.organisation, self.super_user, nobody, now)
            .await
            .unwrap();
        let seats = used.iter().find(|(role, _)| *role == self.super_user);
        assert!(seats.unwrap().1 <= 7 && active <= 7);
        assert!(active >= 1, "I4: an organisation keeps an administrator");
        active
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

    /// The chain of events is whole (I6).
    async fn audit_is_whole(&self) {
        let report = self.h.services.verify_chain(Some(self.organisation), None);
        let report = report.await.unwrap();
        assert!(report.fault.is_none() && report.events > 0, "{report:?}");
    }
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

fn code<T>(result: &service::Result<T>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(Error::Invalid(violations)) => violations.0[0].code.clone(),
        Err(Error::Conflict(conflict)) => conflict.code().to_owned(),
        Err(other) => other.to_string(),
    }
}

fn count(codes: &[String], wanted: &str) -> usize {
    codes.iter().filter(|code| *code == wanted).count()
}

/// R70, race 1 and 2: by promotion and by coming back, of 24 who want the seventh place one gets it, and
/// the others are told that it is taken.
async fn the_seventh_place_is_taken_once(trust: Trust) {
    let services = &trust.h.services;
    let half = u32::try_from(AT_ONCE / 2).unwrap();
    let mut waiting = Vec::new();
    for n in 0..half {
        waiting.push(trust.member(n, "team-manager").await);
    }
    let mut resting = Vec::new();
    for n in half..2 * half {
        let person = trust.member(n, "super-user").await;
        let by = trust.supers[0].clone();
        let yes = deactivation();
        services
            .deactivate(&by, "nj1", person.user(), &yes)
            .await
            .unwrap();
        resting.push(person);
    }
    for _ in 0..rounds() {
        assert_eq!(trust.holders().await, 6);
        let mut jobs: Vec<Job> = Vec::new();
        for (n, person) in waiting.iter().enumerate() {
            let (assignment, version) = trust.page(person).await;
            let by = trust.supers[n % 6].clone();
            let (user, form) = (person.user(), Trust::form(trust.super_user));
            jobs.push(Box::new(move |services: Services| {
                Box::pin(async move {
                    code(
                        &services
                            .change_role(&by, "nj1", user, assignment, version, &form)
                            .await,
                    )
                })
            }));
        }
        for (n, person) in resting.iter().enumerate() {
            let (by, user) = (trust.supers[n % 6].clone(), person.user());
            jobs.push(Box::new(move |services: Services| {
                Box::pin(async move {
                    let form = ReactivateForm {
                        confirm: "yes".to_owned(),
                        access: "same".to_owned(),
                    };
                    code(&services.reactivate(&by, "nj1", user, &form).await)
                })
            }));
        }
        let codes = at_once(services, jobs).await;
        assert_eq!(count(&codes, "ok"), 1, "{codes:?}");
        assert_eq!(count(&codes, "role.full"), AT_ONCE - 1, "{codes:?}");
        assert_eq!(trust.holders().await, 7);
        // Back to where it began.
        for person in waiting.iter().chain(&resting) {
            let page = services
                .user_page(&trust.supers[0], "nj1", person.user())
                .await
                .unwrap();
            if page.status != ShownStatus::Active || page.roles[0].role != trust.super_user {
                continue;
            }
            let by = &trust.supers[0];
            if resting.iter().any(|one| one.user() == person.user()) {
                let yes = deactivation();
                services
                    .deactivate(by, "nj1", person.user(), &yes)
                    .await
                    .unwrap();
            } else {
                let (held, form) = (page.roles[0].assignment, Trust::form(trust.manager));
                services
                    .change_role(by, "nj1", person.user(), held, page.version, &form)
                    .await
                    .unwrap();
            }
        }
    }
    trust.audit_is_whole().await;
}

fn deactivation() -> DeactivateForm {
    DeactivateForm {
        confirm: "yes".to_owned(),
        reason: "on_leave".to_owned(),
        reason_other: String::new(),
    }
}

/// R71, I4, race 8: all of them at once try to remove each other; one stays.
async fn two_administrators_cannot_remove_each_other(trust: Trust) {
    let services = &trust.h.services;
    for _ in 0..rounds() {
        let mut jobs = Vec::new();
        for by in &trust.supers {
            for other in trust
                .supers
                .iter()
                .filter(|other| other.user() != by.user())
            {
                let (by, user) = (by.clone(), other.user());
                jobs.push(move |services: Services| async move {
                    code(&services.deactivate(&by, "nj1", user, &deactivation()).await)
                });
            }
        }
        let codes = at_once(services, jobs).await;
        assert_eq!(trust.holders().await, 1);
        assert_eq!(count(&codes, "ok"), 5, "{codes:?}");
        let mut tx = services.store().read().await.unwrap();
        let mut left = None;
        for person in &trust.supers {
            let row = tx
                .membership_of(trust.organisation, person.user())
                .await
                .unwrap();
            if row.unwrap().status == MembershipStatus::Active {
                left = Some(person.clone());
            }
        }
        drop(tx);
        let left = left.unwrap();
        for person in trust.supers.iter().filter(|one| one.user() != left.user()) {
            let form = ReactivateForm {
                confirm: "yes".to_owned(),
                access: "same".to_owned(),
            };
            let back = services
                .reactivate(&left, "nj1", person.user(), &form)
                .await;
            assert!(matches!(back.unwrap(), Answered::Done(_)));
        }
        assert_eq!(trust.holders().await, 6);
    }
    trust.audit_is_whole().await;
}

/// "Two administrators edit one person": one of 24 saves counts, the others are told.
async fn of_many_edits_of_one_page_one_counts(trust: Trust) {
    let services = &trust.h.services;
    let jane = trust.member(1, "team-manager").await;
    for round in 0..rounds() {
        let (_, version) = trust.page(&jane).await;
        let mut jobs = Vec::new();
        for n in 0..AT_ONCE {
            let (by, user) = (trust.supers[n % 6].clone(), jane.user());
            jobs.push(move |services: Services| async move {
                let form = DetailsForm {
                    first_name: format!("Jane{round}x{n}"),
                    last_name: "Lee".to_owned(),
                    job_title: "Team manager".to_owned(),
                    ..DetailsForm::default()
                };
                code(
                    &services
                        .change_details(&by, "nj1", user, version, &form)
                        .await,
                )
            });
        }
        let codes = at_once(services, jobs).await;
        assert_eq!(count(&codes, "ok"), 1, "{codes:?}");
        assert_eq!(
            count(&codes, Conflict::Stale.code()),
            AT_ONCE - 1,
            "{codes:?}"
        );
    }
    trust.audit_is_whole().await;
}

/// ux 6.5: of 24 who take a change back one does.
async fn a_change_is_undone_once(trust: Trust) {
    let services = &trust.h.services;
    let jane = trust.member(1, "team-manager").await;
    for _ in 0..rounds() {
        let yes = deactivation();
        let done = services.deactivate(&trust.supers[0], "nj1", jane.user(), &yes);
        let Answered::Done(changed) = done.await.unwrap() else {
            panic!("deactivated");
        };
        let change = changed.change.unwrap();
        let jobs =
            (0..AT_ONCE)
                .map(|n| {
                    let by = trust.supers[n % 6].clone();
                    move |services: Services| async move {
                        code(&services.undo(&by, "nj1", change).await)
                    }
                })
                .collect();
        let codes = at_once(services, jobs).await;
        assert_eq!(count(&codes, "ok"), 1, "{codes:?}");
        assert_eq!(
            count(&codes, Conflict::CannotUndo.code()),
            AT_ONCE - 1,
            "{codes:?}"
        );
        trust.h.clock.advance(chrono::TimeDelta::minutes(1));
    }
    trust.audit_is_whole().await;
}

impl Trust {
    /// A journey that is ready to be sent, and the version of its last page.
    async fn journey(&self, by: &Actor, emails: &str, role: RoleId) -> (domain::DraftId, i64) {
        use service::invitations::At;
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

    async fn work(&self) {
        while self.h.services.process_batch_step().await.unwrap() {}
    }
}

/// R98, race 15: the same form posted 24 times is one batch.
async fn one_journey_is_sent_once(trust: Trust) {
    let services = &trust.h.services;
    for round in 0..rounds() {
        let by = trust.supers[0].clone();
        let (draft, version) = trust
            .journey(&by, &format!("new{round}@nhs.net"), trust.manager)
            .await;
        let jobs = (0..AT_ONCE)
            .map(|_| {
                let by = by.clone();
                move |services: Services| async move {
                    match services.send_invitations(&by, "nj1", draft, version).await {
                        Ok(service::invitations::At::Here(batch)) => batch.to_string(),
                        other => format!("{other:?}"),
                    }
                }
            })
            .collect();
        let mut batches = at_once(services, jobs).await;
        batches.sort();
        batches.dedup();
        assert_eq!(batches.len(), 1, "{batches:?}");
        trust.work().await;
        let mut tx = services.store().read().await.unwrap();
        let user = tx
            .user_by_email_key(&format!("new{round}@nhs.net"))
            .await
            .unwrap()
            .unwrap();
        let member = tx
            .membership_of(trust.organisation, user.id)
            .await
            .unwrap()
            .unwrap();
        let sent = tx
            .invitations_of(trust.organisation, member.id)
            .await
            .unwrap();
        assert_eq!(sent.len(), 1);
        drop(tx);
        trust.h.clock.advance(chrono::TimeDelta::hours(1));
    }
    trust.audit_is_whole().await;
}

/// Race 14: lists that overlap, sent at once, make one membership and one open invitation for each.
async fn overlapping_lists_make_one_membership_each(trust: Trust) {
    let services = &trust.h.services;
    for round in 0..rounds().div_ceil(5) {
        let mut jobs = Vec::new();
        for (n, by) in trust.supers.iter().enumerate() {
            let emails: String = (n..n + 4).fold(String::new(), |mut list, k| {
                use std::fmt::Write as _;
                let _ = writeln!(list, "over{round}x{k}@nhs.net");
                list
            });
            let (draft, version) = trust.journey(by, &emails, trust.manager).await;
            let by = by.clone();
            jobs.push(move |services: Services| async move {
                code(&services.send_invitations(&by, "nj1", draft, version).await)
            });
        }
        let codes = at_once(services, jobs).await;
        assert_eq!(count(&codes, "ok"), trust.supers.len(), "{codes:?}");
        trust.work().await;
        let mut tx = services.store().read().await.unwrap();
        for k in 0..9 {
            let key = format!("over{round}x{k}@nhs.net");
            let user = tx.user_by_email_key(&key).await.unwrap().unwrap();
            let member = tx
                .membership_of(trust.organisation, user.id)
                .await
                .unwrap()
                .unwrap();
            let sent = tx
                .invitations_of(trust.organisation, member.id)
                .await
                .unwrap();
            assert_eq!(sent.len(), 1, "{key}");
        }
        drop(tx);
        trust.h.clock.advance(chrono::TimeDelta::hours(1));
    }
    trust.audit_is_whole().await;
}

/// R17, R19, R22, races 3 to 5: somebody joins while their invitation is cancelled and sent again. Either it was
/// accepted, once, and stays so, or it was not and the link is dead.
async fn accepting_against_cancelling_and_sending_again(trust: Trust) {
    use service::{invitations::At, request::Authentication};
    let services = &trust.h.services;
    trust.h.organisation("RX1", "Hollybrook Hospital").await;
    for round in 0..rounds() {
        let email = format!("joining{round}@nhs.net");
        let jo = trust.h.member("rx1", &email, "viewer").await;
        let mut tx = services.store().write().await.unwrap();
        tx.put_second_factor(&store::SecondFactorRow {
            id: domain::SecondFactorId::from_uuid(uuid::Uuid::from_u128(u128::from(round) + 1)),
            user_id: jo.user(),
            kind: domain::SecondFactorKind::Email,
            secret: None,
            last_step: 0,
            created_at: services.now(),
        })
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let by = trust.supers[0].clone();
        let (draft, version) = trust.journey(&by, &email, trust.ordinary).await;
        let sent = services
            .send_invitations(&by, "nj1", draft, version)
            .await
            .unwrap();
        assert!(matches!(sent, At::Here(_)));
        trust.work().await;
        let mails = trust.h.outbox().await;
        let mail = mails.iter().rfind(|mail| mail.recipient == email).unwrap();
        let who = Authentication::Complete(jo.clone());
        let request = trust.h.request();
        let token = mail.secret.clone().unwrap();
        let begun = services
            .accept_invitation(&token, &who, &request)
            .await
            .unwrap();
        let terms = services
            .registration_terms(&begun.flow, begun.invitation, &who)
            .await
            .unwrap();
        trust.h.clock.advance(chrono::TimeDelta::minutes(11));
        let mut jobs: Vec<Job> = Vec::new();
        for n in 0..AT_ONCE {
            let by = trust.supers[n % 6].clone();
            let (user, who, request) = (jo.user(), who.clone(), trust.h.request());
            let (flow, version) = (
                begun.flow.clone(),
                terms
                    .document
                    .as_ref()
                    .map(|document| document.version.clone())
                    .unwrap_or_default(),
            );
            jobs.push(Box::new(move |services: Services| {
                Box::pin(async move {
                    let (what, answer) = match n % 3 {
                        0 => {
                            let done =
                                services.finish_registration(&flow, &version, &who, &request);
                            ("accept", code(&done.await))
                        }
                        1 => {
                            let done = services.cancel_invitation(&by, "nj1", user);
                            ("cancel", code(&done.await))
                        }
                        _ => {
                            let done = services.resend_invitation(&by, "nj1", user);
                            ("resend", code(&done.await))
                        }
                    };
                    format!("{what} {answer}")
                })
            }));
        }
        let codes = at_once(services, jobs).await;
        let accepted = count(&codes, "accept ok");
        assert!(
            accepted <= 1 && count(&codes, "cancel ok") <= 1,
            "{codes:?}"
        );
        assert!(
            accepted + count(&codes, "cancel ok") <= 1,
            "one of the two: {codes:?}"
        );
        for broken in ["unexpected", "fault", "database", "store"] {
            assert!(!codes.iter().any(|code| code.contains(broken)), "{codes:?}");
        }
        let mut tx = services.store().read().await.unwrap();
        let member = tx
            .membership_of(trust.organisation, jo.user())
            .await
            .unwrap()
            .unwrap();
        let invitations = tx
            .invitations_of(trust.organisation, member.id)
            .await
            .unwrap();
        let in_state = |wanted: &str| {
            let state = |row: &&store::InvitationRow| row.status.as_str() == wanted;
            invitations.iter().filter(state).count()
        };
        assert_eq!(in_state("accepted"), accepted, "I1: {codes:?}");
        assert!(in_state("open") <= 1);
        let active = member.status == MembershipStatus::Active;
        assert_eq!(active, accepted == 1, "{codes:?}");
        if active {
            assert_eq!(in_state("open"), 0);
        }
    }
    trust.audit_is_whole().await;
}
