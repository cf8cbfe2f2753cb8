//! Members changed by several at once.

use domain::{MembershipStatus, membership::DetailsForm};
use service::{Conflict, Services, memberships::Answered};

use super::{
    AT_ONCE, Job, Trust, at_once, back_with_the_same, code, count, deactivation, job, rounds,
};

/// R71, I4, race 8: all of them at once try to remove each other; one stays.
pub(super) async fn two_administrators_cannot_remove_each_other(trust: Trust) {
    let services = &trust.h.services;
    for round in 0..rounds() {
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
            let form = back_with_the_same();
            let back = services
                .reactivate(&left, "nj1", person.user(), &form)
                .await;
            assert!(matches!(back.unwrap(), Answered::Done(_)));
        }
        assert_eq!(trust.holders().await, 6);
        trust.holds_after(round).await;
    }
    trust.holds_at_the_end().await;
}

/// "Two administrators edit one person": of 24 who change details or role as they saw them on one page
/// one counts, and the others are told.
pub(super) async fn of_many_edits_of_one_page_one_counts(trust: Trust) {
    let services = &trust.h.services;
    let jane = trust.member(1, "team-manager").await;
    for round in 0..rounds() {
        let page = services.user_page(&trust.supers[0], "nj1", jane.user());
        let page = page.await.unwrap();
        let (held, version) = (page.roles[0].assignment, page.version);
        let other = if page.roles[0].role == trust.manager {
            trust.ordinary
        } else {
            trust.manager
        };
        let mut jobs: Vec<Job> = Vec::new();
        for n in 0..AT_ONCE {
            let (by, user) = (trust.supers[n % 6].clone(), jane.user());
            jobs.push(if n % 2 == 0 {
                let form = DetailsForm {
                    first_name: format!("Jane{round}x{n}"),
                    last_name: "Lee".to_owned(),
                    job_title: "Team manager".to_owned(),
                    ..DetailsForm::default()
                };
                job(move |services: Services| async move {
                    let done = services.change_details(&by, "nj1", user, version, &form);
                    code(&done.await)
                })
            } else {
                let form = Trust::form(other);
                job(move |services: Services| async move {
                    let done = services.change_role(&by, "nj1", user, held, version, &form);
                    code(&done.await)
                })
            });
        }
        let codes = at_once(services, jobs).await;
        assert_eq!(count(&codes, "ok"), 1, "{codes:?}");
        let stale = count(&codes, Conflict::Stale.code());
        assert_eq!(stale, AT_ONCE - 1, "{codes:?}");
        trust.holds_after(round).await;
    }
    trust.holds_at_the_end().await;
}

/// ux 6.5: of 24 who take a change back one does, and all hear that it is done.
pub(super) async fn a_change_is_undone_once(trust: Trust) {
    let services = &trust.h.services;
    let jane = trust.member(1, "team-manager").await;
    for round in 0..rounds() {
        let yes = deactivation();
        let done = services.deactivate(&trust.supers[0], "nj1", jane.user(), &yes);
        let Answered::Done(changed) = done.await.unwrap() else {
            panic!("deactivated");
        };
        let change = changed.change.unwrap();
        let jobs = (0..AT_ONCE)
            .map(|n| {
                let by = trust.supers[n % 6].clone();
                move |services: Services| async move {
                    let undone = services.undo(&by, "nj1", change).await;
                    match undone {
                        Ok(undone) if undone.before => "before".to_owned(),
                        other => code(&other),
                    }
                }
            })
            .collect();
        let codes = at_once(services, jobs).await;
        assert_eq!(count(&codes, "ok"), 1, "{codes:?}");
        assert_eq!(count(&codes, "before"), AT_ONCE - 1, "{codes:?}");
        trust.holds_after(round).await;
        trust.h.clock.advance(chrono::TimeDelta::minutes(1));
    }
    trust.holds_at_the_end().await;
}

/// R56, race 9: while one administrator is deactivated the others and they themselves change people. What
/// stands behind the deactivation in the chain of events is not theirs.
pub(super) async fn nobody_acts_with_a_right_that_was_taken_from_them(trust: Trust) {
    let services = &trust.h.services;
    let mut people = Vec::new();
    for n in 0..u32::try_from(AT_ONCE).unwrap() - 1 {
        people.push(trust.member(n, "team-manager").await);
    }
    let leaving = &trust.supers[1];
    for round in 0..rounds() {
        let before = trust.newest_event().await;
        let mut jobs: Vec<Job> = Vec::new();
        let (by, user) = (trust.supers[0].clone(), leaving.user());
        jobs.push(job(move |services: Services| async move {
            code(&services.deactivate(&by, "nj1", user, &deactivation()).await)
        }));
        for (n, person) in people.iter().enumerate() {
            let (_, version) = trust.page(person).await;
            let (by, user) = (leaving.clone(), person.user());
            let form = DetailsForm {
                first_name: format!("Jo{round}x{n}"),
                last_name: "Lee".to_owned(),
                job_title: "Team manager".to_owned(),
                ..DetailsForm::default()
            };
            jobs.push(job(move |services: Services| async move {
                let done = services.change_details(&by, "nj1", user, version, &form);
                format!("change {}", code(&done.await))
            }));
        }
        let codes = at_once(services, jobs).await;
        assert_eq!(count(&codes, "ok"), 1, "{codes:?}");
        let done = count(&codes, "change ok");
        assert_eq!(
            done + count(&codes, "change not found"),
            people.len(),
            "{codes:?}"
        );
        let events = trust.events_after(before).await;
        let end = events
            .iter()
            .position(|event| event.kind == "membership_deactivated")
            .unwrap();
        let theirs = |event: &store::AuditEventRow| event.actor_id == Some(leaving.user());
        assert_eq!(events.iter().filter(|event| theirs(event)).count(), done);
        assert!(!events[end..].iter().any(theirs), "{codes:?}");
        trust.holds_after(round).await;
        let form = back_with_the_same();
        let back = services.reactivate(&trust.supers[0], "nj1", leaving.user(), &form);
        assert!(matches!(back.await.unwrap(), Answered::Done(_)));
    }
    trust.holds_at_the_end().await;
}
