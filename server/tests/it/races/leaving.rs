//! The last administrators, each taken away on another way at the same moment (R71).

use domain::{MembershipStatus, account::LeaveForm};
use service::{Actor, Services};
use store::AssignmentRow;

use super::{AT_ONCE, Job, Trust, at_once, code, deactivation, job, rounds};

/// How somebody stops being an administrator.
#[derive(Clone, Copy)]
enum Way {
    Deactivated,
    Demoted,
    RoleRemoved,
    Leaving,
}

const WAYS: [Way; 4] = [
    Way::Deactivated,
    Way::Demoted,
    Way::RoleRemoved,
    Way::Leaving,
];

/// An administrator as they are before a round.
struct Standing {
    actor: Actor,
    held: AssignmentRow,
    version: i64,
}

impl Trust {
    async fn standing(&self, person: &Actor) -> Standing {
        let (_, version) = self.page(person).await;
        let mut tx = self.h.services.store().read().await.unwrap();
        let member = tx.membership_of(self.organisation, person.user()).await;
        let member = member.unwrap().unwrap();
        let rows = tx.assignments_of(self.organisation, member.id).await;
        Standing {
            actor: person.clone(),
            held: rows.unwrap().remove(0),
            version,
        }
    }

    /// The end of `one` as an administrator: by `by`, or on their own.
    fn ends(&self, one: &Standing, by: &Actor, way: Way) -> Job {
        let (user, held, version) = (one.actor.user(), one.held.id, one.version);
        let by = match way {
            Way::Leaving => one.actor.clone(),
            _ => by.clone(),
        };
        let form = Trust::form(self.ordinary);
        job(move |services: Services| async move {
            match way {
                Way::Deactivated => {
                    let done = services.deactivate(&by, "nj1", user, &deactivation()).await;
                    code(&done)
                }
                Way::Demoted => {
                    let done = services.change_role(&by, "nj1", user, held, version, &form);
                    code(&done.await)
                }
                Way::RoleRemoved => code(&services.remove_role(&by, "nj1", user, held).await),
                Way::Leaving => {
                    let yes = LeaveForm {
                        confirm: "yes".to_owned(),
                    };
                    code(&services.leave(&by, "nj1", &yes).await)
                }
            }
        })
    }

    /// Everybody is again what they were before the round, whoever is left and whatever became of them.
    async fn put_back(&self, all: &[Standing]) {
        let mut tx = self.h.services.store().write().await.unwrap();
        let now = self.h.services.now();
        for one in all {
            let member = tx.membership_of(self.organisation, one.actor.user()).await;
            let mut member = member.unwrap().unwrap();
            let held = std::slice::from_ref(&one.held);
            tx.replace_assignments(self.organisation, member.id, held)
                .await
                .unwrap();
            member.status = MembershipStatus::Active;
            member.deactivated_at = None;
            tx.update_membership(&member).await.unwrap();
            let claimed = tx.claim_seat(self.organisation, self.super_user, member.id, now);
            assert!(claimed.await.unwrap());
        }
        tx.commit().await.unwrap();
    }

    /// One is left, with the place that goes with it; the others were told why they are not.
    async fn one_is_left(&self, codes: &[String]) {
        assert_eq!(self.holders().await, 1, "{codes:?}");
        assert_eq!(self.places_held().await, 1, "{codes:?}");
        let known = [
            "ok",
            "not found",
            "not allowed",
            "conflict.stale",
            "last_admin",
            "conflict.not_active",
        ];
        let other = codes.iter().find(|code| !known.contains(&code.as_str()));
        assert_eq!(other, None, "{codes:?}");
    }
}

/// R71, I4, race 8: all of them remove each other, on every way, and leave of themselves; one stays.
pub(super) async fn one_of_all_administrators_stays(trust: Trust) {
    let services = &trust.h.services;
    for round in 0..rounds() {
        let mut all = Vec::new();
        for person in &trust.supers {
            all.push(trust.standing(person).await);
        }
        let mut jobs = Vec::new();
        for one in &all {
            for by in &trust.supers {
                let itself = by.user() == one.actor.user();
                let way = if itself {
                    Way::Leaving
                } else {
                    WAYS[(jobs.len() + round as usize) % 3]
                };
                jobs.push(trust.ends(one, by, way));
            }
        }
        let codes = at_once(services, jobs).await;
        trust.one_is_left(&codes).await;
        trust.put_back(&all).await;
        trust.holds_after(round).await;
    }
    trust.holds_at_the_end().await;
}

/// R71, I4, race 8: of exactly two administrators who remove each other, on every way, and leave of
/// themselves, one stays.
pub(super) async fn one_of_the_last_two_administrators_stays(trust: Trust) {
    let services = &trust.h.services;
    for person in &trust.supers[2..] {
        trust.deactivate(&trust.supers[0], person).await;
    }
    for round in 0..rounds() {
        assert_eq!(trust.holders().await, 2);
        let (sam, al) = (&trust.supers[0], &trust.supers[1]);
        let all = [trust.standing(sam).await, trust.standing(al).await];
        let mut jobs = Vec::new();
        for n in 0..AT_ONCE {
            let one = &all[n % 2];
            let by = &all[(n + 1) % 2].actor;
            let way = WAYS[(n / 2 + round as usize) % WAYS.len()];
            jobs.push(trust.ends(one, by, way));
        }
        let codes = at_once(services, jobs).await;
        trust.one_is_left(&codes).await;
        trust.put_back(&all).await;
        trust.holds_after(round).await;
    }
    trust.holds_at_the_end().await;
}
