//! Changes of many members at once with one another.

use domain::{
    MembershipStatus, ShownStatus,
    bulk::BulkAction,
    id::{DraftId, RoleId},
};
use service::{
    Actor, Conflict, Error, Result, Services,
    bulk::{At as BulkAt, Elsewhere},
};

use super::{AT_ONCE, Job, Trust, at_once, code, count, deactivation, rounds};

/// A journey that is ready to be confirmed, and the version of its last page.
async fn ready(
    services: &Services,
    by: &Actor,
    action: BulkAction,
    people: Vec<domain::UserId>,
    role: Option<RoleId>,
) -> Result<(DraftId, String)> {
    let started = services.start_bulk(by, "nj1", action, people, None).await?;
    let draft = started.draft;
    match role {
        Some(role) => {
            let role = role.to_string();
            services
                .answer_bulk_role(by, "nj1", draft, &role)
                .await
                .map(drop)?;
            services
                .answer_bulk_role_reason(by, "nj1", draft, "Covers for somebody")
                .await
                .map(drop)?;
        }
        None if action == BulkAction::Deactivate => {
            services
                .answer_bulk_reason(by, "nj1", draft, &deactivation())
                .await
                .map(drop)?;
        }
        None => {}
    }
    match services.bulk_check(by, "nj1", draft).await? {
        BulkAt::Here(page) => Ok((draft, page.version)),
        BulkAt::Elsewhere(_) => Err(Error::Conflict(Conflict::StepMissing)),
    }
}

/// Starts a bulk job for these people and does its work, with what it came to.
async fn in_bulk(
    services: &Services,
    by: &Actor,
    action: BulkAction,
    people: Vec<domain::UserId>,
    role: Option<RoleId>,
) -> String {
    let run = async {
        let (draft, version) = ready(services, by, action, people, role).await?;
        // Whoever confirms has a session; races are about what comes after.
        let confirmed = services.confirm_bulk(by, "nj1", draft, &version, true);
        confirmed.await.map(drop)
    };
    let answer = code(&run.await);
    while services.process_bulk_step().await.unwrap() {}
    answer
}

/// R98, race 15: the same form posted 24 times is one job, which changes everybody once.
pub(super) async fn one_selection_is_changed_once(trust: Trust) {
    let services = &trust.h.services;
    let mut people = Vec::new();
    // Few enough for the first post to do the work, with the others behind it.
    for n in 0..4 {
        people.push(trust.member(n, "team-manager").await.user());
    }
    for round in 0..rounds() {
        let by = &trust.supers[0];
        let role = [trust.ordinary, trust.manager][round as usize % 2];
        let journey = ready(services, by, BulkAction::Role, people.clone(), Some(role));
        let (draft, version) = journey.await.unwrap();
        let before = trust.newest_event().await;
        let jobs = (0..AT_ONCE)
            .map(|_| {
                let (by, version) = (by.clone(), version.clone());
                move |services: Services| async move {
                    let confirmed = services.confirm_bulk(&by, "nj1", draft, &version, true);
                    match confirmed.await {
                        Ok(BulkAt::Elsewhere(Elsewhere::Job(job))) => job.to_string(),
                        other => format!("{other:?}"),
                    }
                }
            })
            .collect();
        let mut jobs = at_once(services, jobs).await;
        while services.process_bulk_step().await.unwrap() {}
        jobs.sort();
        jobs.dedup();
        assert!(jobs.len() == 1 && jobs[0].starts_with("j-"), "{jobs:?}");
        let events = trust.events_after(before).await;
        let of_kind = |kind: &str| events.iter().filter(|event| event.kind == kind).count();
        assert_eq!(of_kind("bulk_started"), 1);
        assert_eq!(of_kind("role_changed"), people.len());
        for user in &people {
            let page = services.user_page(by, "nj1", *user).await.unwrap();
            assert_eq!(page.roles[0].role, role);
        }
        trust.holds_after(round).await;
    }
    trust.holds_at_the_end().await;
}

/// R71, I4: all of them deactivate all of the others, and people besides, in bulk and at once; one stays.
pub(super) async fn jobs_over_everybody_leave_an_administrator(trust: Trust) {
    let services = &trust.h.services;
    let mut people = Vec::new();
    for n in 0..6 {
        people.push(trust.member(n, "team-manager").await.user());
    }
    for round in 0..rounds() {
        let mut jobs = Vec::new();
        for by in &trust.supers {
            let session = trust.h.session(by).await;
            let by = trust.h.signed_in(&session).await.unwrap();
            let mut others: Vec<_> = trust.supers.iter().map(Actor::user).collect();
            others.extend(people.iter().copied());
            jobs.push(move |services: Services| async move {
                in_bulk(&services, &by, BulkAction::Deactivate, others, None).await
            });
        }
        let codes = at_once(services, jobs).await;
        assert!(count(&codes, "ok") >= 1, "{codes:?}");
        assert_eq!(trust.holders().await, 1, "{codes:?}");
        let mut tx = services.store().write().await.unwrap();
        for person in trust.supers.iter().map(Actor::user).chain(people.clone()) {
            let row = tx.membership_of(trust.organisation, person).await;
            let mut row = row.unwrap().unwrap();
            if row.status == MembershipStatus::Inactive {
                row.status = MembershipStatus::Active;
                row.deactivated_at = None;
                tx.update_membership(&row).await.unwrap();
            }
        }
        for person in &trust.supers {
            let row = tx.membership_of(trust.organisation, person.user()).await;
            let id = row.unwrap().unwrap().id;
            let now = services.now();
            assert!(
                tx.claim_seat(trust.organisation, trust.super_user, id, now)
                    .await
                    .unwrap()
            );
        }
        tx.commit().await.unwrap();
        trust.holds_after(round).await;
    }
    trust.holds_at_the_end().await;
}

/// R70: by promotion and by coming back, each in bulk, the seventh place is taken once.
pub(super) async fn the_seventh_place_is_taken_once_by_jobs(trust: Trust) {
    let services = &trust.h.services;
    let (mut waiting, mut resting) = (Vec::new(), Vec::new());
    for n in 0..4 {
        waiting.push(trust.member(n, "team-manager").await.user());
    }
    for n in 4..8 {
        let person = trust.member(n, "super-user").await;
        services
            .deactivate(&trust.supers[0], "nj1", person.user(), &deactivation())
            .await
            .unwrap();
        resting.push(person.user());
    }
    for round in 0..rounds() {
        assert_eq!(trust.holders().await, 6);
        let mut jobs: Vec<Job> = Vec::new();
        for by in trust.supers.clone() {
            let (waiting, resting) = (waiting.clone(), resting.clone());
            let (other, role) = (by.clone(), trust.super_user);
            jobs.push(Box::new(move |services: Services| {
                Box::pin(async move {
                    in_bulk(&services, &by, BulkAction::Role, waiting, Some(role)).await
                })
            }));
            jobs.push(Box::new(move |services: Services| {
                Box::pin(async move {
                    in_bulk(&services, &other, BulkAction::Reactivate, resting, None).await
                })
            }));
        }
        let codes = at_once(services, jobs).await;
        assert_eq!(trust.holders().await, 7, "{codes:?}");
        // Back to where it began.
        let by = &trust.supers[0];
        let everybody = waiting.iter().map(|user| (user, false));
        for (user, rests) in everybody.chain(resting.iter().map(|user| (user, true))) {
            let page = services.user_page(by, "nj1", *user).await.unwrap();
            if page.status != ShownStatus::Active || page.roles[0].role != trust.super_user {
                continue;
            }
            if rests {
                services
                    .deactivate(by, "nj1", *user, &deactivation())
                    .await
                    .unwrap();
            } else {
                let (held, form) = (page.roles[0].assignment, Trust::form(trust.manager));
                services
                    .change_role(by, "nj1", *user, held, page.version, &form)
                    .await
                    .unwrap();
            }
        }
        trust.holds_after(round).await;
    }
    trust.holds_at_the_end().await;
}
