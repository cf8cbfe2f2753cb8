//! The last place of a limited role, on the ways that `seats` does not go: alone and in a list, by an
//! invitation that ran out, by coming back as something else, by a first role.

use chrono::TimeDelta;
use domain::{MembershipStatus, id::UserId};
use service::{Actor, Services, invitations::At};

use super::{
    AT_ONCE, Job, Trust,
    accepting::{Invited, elsewhere},
    at_once, back_with_the_same, code, count, job, rounds,
};

/// Longer than an invitation to a privileged role is good for: whoever was invited with one has lost the
/// place by then.
const OVER: TimeDelta = TimeDelta::hours(25);

/// Those who wait for the place.
struct Waiting {
    /// To be changed to super users.
    managers: Vec<Actor>,
    /// To be super users again, by taking back that they are not any more.
    demoted: Vec<Actor>,
    /// To get it as their first role.
    without: Vec<Actor>,
    /// To come back as super users, which they were.
    resting: Vec<Actor>,
    /// To come back as super users, which they were not.
    others: Vec<Actor>,
    /// Their invitations ran out.
    expired: Vec<UserId>,
}

/// How many of each, and so many to be added and invited.
#[derive(Clone, Copy)]
struct Numbers {
    managers: u32,
    demoted: u32,
    without: u32,
    resting: u32,
    others: u32,
    expired: u32,
    added: usize,
    listed: usize,
}

impl Waiting {
    async fn of(trust: &Trust, numbers: Numbers) -> Self {
        let services = &trust.h.services;
        let by = &trust.supers[0];
        let mut waiting = Self {
            managers: Vec::new(),
            demoted: Vec::new(),
            without: Vec::new(),
            resting: Vec::new(),
            others: Vec::new(),
            expired: Vec::new(),
        };
        for n in 0..numbers.managers {
            waiting.managers.push(trust.member(n, "team-manager").await);
        }
        for n in 0..numbers.demoted {
            let person = trust.member(10 + n, "team-manager").await;
            waiting.demoted.push(person);
        }
        for n in 0..numbers.without {
            let person = trust.member(20 + n, "team-manager").await;
            let (held, _) = trust.page(&person).await;
            let removed = services.remove_role(by, "nj1", person.user(), held);
            removed.await.unwrap();
            waiting.without.push(person);
        }
        for n in 0..numbers.resting {
            let person = trust.member(30 + n, "super-user").await;
            trust.deactivate(by, &person).await;
            waiting.resting.push(person);
        }
        for n in 0..numbers.others {
            let person = trust.member(40 + n, "team-manager").await;
            trust.deactivate(by, &person).await;
            waiting.others.push(person);
        }
        for n in 0..numbers.expired {
            let email = format!("late{n}@nhs.net");
            let (draft, version) = trust.adding(by, &email, trust.super_user).await;
            let added = services.add_person(by, "nj1", draft, version).await;
            assert_eq!(added.unwrap(), At::Here(()));
            waiting.expired.push(trust.known(&email).await);
            trust.h.clock.advance(OVER);
        }
        waiting
    }

    /// What all of them try at the same moment, each helped by another administrator.
    async fn jobs(&self, trust: &Trust, numbers: Numbers, round: u32) -> Vec<Job> {
        let mut jobs: Vec<Job> = Vec::new();
        let role = trust.super_user;
        for (n, person) in self.managers.iter().enumerate() {
            let (held, version) = trust.page(person).await;
            let (by, user) = (trust.supers[n % 6].clone(), person.user());
            jobs.push(job(move |services: Services| async move {
                let form = Trust::form(role);
                let done = services.change_role(&by, "nj1", user, held, version, &form);
                code(&done.await)
            }));
        }
        for (n, person) in self.demoted.iter().enumerate() {
            trust.change(person, trust.super_user).await;
            // Of two changes at one instant neither is the newer one, and none is taken back.
            trust.h.clock.advance(TimeDelta::seconds(1));
            let change = trust.change(person, trust.manager).await;
            let by = trust.supers[n % 6].clone();
            jobs.push(job(move |services: Services| async move {
                code(&services.undo(&by, "nj1", change).await)
            }));
        }
        for (n, person) in self.without.iter().enumerate() {
            let version = trust.version(person).await;
            let (by, user) = (trust.supers[n % 6].clone(), person.user());
            jobs.push(job(move |services: Services| async move {
                let form = Trust::form(role);
                let done = services.add_role(&by, "nj1", user, version, &form);
                code(&done.await)
            }));
        }
        for (n, person) in self.resting.iter().enumerate() {
            let (by, user) = (trust.supers[n % 6].clone(), person.user());
            jobs.push(job(move |services: Services| async move {
                let form = back_with_the_same();
                code(&services.reactivate(&by, "nj1", user, &form).await)
            }));
        }
        for (n, person) in self.others.iter().enumerate() {
            let version = trust.version(person).await;
            let (by, user) = (trust.supers[n % 6].clone(), person.user());
            jobs.push(job(move |services: Services| async move {
                let form = Trust::form(role);
                let done = services.reactivate_as(&by, "nj1", user, version, &form);
                code(&done.await)
            }));
        }
        for (n, user) in self.expired.iter().enumerate() {
            let (by, user) = (trust.supers[n % 6].clone(), *user);
            jobs.push(job(move |services: Services| async move {
                code(&services.resend_invitation(&by, "nj1", user).await)
            }));
        }
        for n in 0..numbers.added {
            let by = trust.supers[n % 6].clone();
            let email = format!("added{round}x{n}@nhs.net");
            let (draft, version) = trust.adding(&by, &email, role).await;
            jobs.push(job(move |services: Services| async move {
                let done = services.add_person(&by, "nj1", draft, version).await;
                assert!(!matches!(done, Ok(At::Elsewhere(_))), "{done:?}");
                code(&done)
            }));
        }
        for n in 0..numbers.listed {
            let by = trust.supers[n % 6].clone();
            let list = format!("listed{round}x{n}@nhs.net\nlisted{round}x{n}y@nhs.net");
            let (draft, version) = trust.journey(&by, &list, role).await;
            jobs.push(job(move |services: Services| async move {
                let sent = services.send_invitations(&by, "nj1", draft, version);
                match code(&sent.await).as_str() {
                    // Whoever is on the list of the batch has an outcome of their own.
                    "ok" => "sent".to_owned(),
                    other => other.to_owned(),
                }
            }));
        }
        jobs
    }

    /// Takes the place from whoever has it, and lets the invitations run out.
    async fn again(&self, trust: &Trust) {
        let services = &trust.h.services;
        let by = &trust.supers[0];
        for person in self.managers.iter().chain(&self.demoted) {
            if trust.is_super(person).await {
                trust.change(person, trust.manager).await;
            }
        }
        for person in &self.without {
            if trust.is_super(person).await {
                let (held, _) = trust.page(person).await;
                let removed = services.remove_role(by, "nj1", person.user(), held);
                removed.await.unwrap();
            }
        }
        for person in self.resting.iter().chain(&self.others) {
            if trust.is_super(person).await {
                trust.deactivate(by, person).await;
            }
        }
        trust.h.clock.advance(OVER);
    }
}

impl Trust {
    async fn known(&self, email: &str) -> UserId {
        let mut tx = self.h.services.store().read().await.unwrap();
        tx.user_by_email_key(email).await.unwrap().unwrap().id
    }

    async fn version(&self, person: &Actor) -> i64 {
        let services = &self.h.services;
        let page = services.user_page(&self.supers[0], "nj1", person.user());
        page.await.unwrap().version
    }

    /// Whether somebody is an active super user.
    async fn is_super(&self, person: &Actor) -> bool {
        let mut tx = self.h.services.store().read().await.unwrap();
        let member = tx.membership_of(self.organisation, person.user()).await;
        let member = member.unwrap().unwrap();
        let rows = tx.assignments_of(self.organisation, member.id).await;
        let holds = rows
            .unwrap()
            .iter()
            .any(|row| row.role_id == self.super_user);
        holds && member.status == MembershipStatus::Active
    }

    /// Another role in the place of the one that somebody has.
    async fn change(&self, person: &Actor, role: domain::RoleId) -> domain::id::ChangeId {
        let (held, version) = self.page(person).await;
        let form = Trust::form(role);
        let services = &self.h.services;
        let by = &self.supers[0];
        let changed = services.change_role(by, "nj1", person.user(), held, version, &form);
        changed.await.unwrap().change.unwrap()
    }
}

/// Whoever did not get the place was told that it is taken.
fn all_were_told(codes: &[String]) {
    let told = [
        "ok",
        "sent",
        "role.full",
        "undo.role_full",
        "conflict.role_full",
    ];
    let other = codes.iter().find(|code| !told.contains(&code.as_str()));
    assert_eq!(other, None, "{codes:?}");
}

/// R70, races 1 and 2: by promotion and taking a demotion back, as a first role, by coming back as before
/// and as something else, by an invitation that ran out and is sent again, added alone and in a list: of
/// 24 who want the seventh place one gets it, and the others are told that it is taken.
pub(super) async fn the_seventh_place_is_taken_once_on_the_other_ways(trust: Trust) {
    let services = &trust.h.services;
    let numbers = Numbers {
        managers: 2,
        demoted: 2,
        without: 3,
        resting: 2,
        others: 4,
        expired: 4,
        added: 4,
        listed: 3,
    };
    let waiting = Waiting::of(&trust, numbers).await;
    for round in 0..rounds() {
        assert_eq!(trust.places_held().await, 6);
        let jobs = waiting.jobs(&trust, numbers, round).await;
        assert_eq!(jobs.len(), AT_ONCE);
        let codes = at_once(services, jobs).await;
        trust.work().await;
        all_were_told(&codes);
        assert_eq!(trust.places_held().await, 7, "{codes:?}");
        // Of the lists at most one address: who is on none of them has it otherwise.
        assert!(count(&codes, "ok") <= 1, "{codes:?}");
        trust.holds_after(round).await;
        waiting.again(&trust).await;
    }
    trust.holds_at_the_end().await;
}

/// R22, R70, race 3: the seventh place is kept for somebody who is invited. While they accept, the
/// invitation is cancelled and everybody else wants the place: either they have it, or it was given up and
/// one of the others has it at most.
pub(super) async fn an_invitation_keeps_its_place_until_it_is_cancelled(trust: Trust) {
    let services = &trust.h.services;
    elsewhere(&trust).await;
    let numbers = Numbers {
        managers: 2,
        demoted: 0,
        without: 2,
        resting: 2,
        others: 2,
        expired: 3,
        added: 0,
        listed: 0,
    };
    let waiting = Waiting::of(&trust, numbers).await;
    let (mut kept, mut given_up) = (0, 0);
    for round in 0..rounds() {
        // Written while the place is free: the page of answers does not offer a role that is full.
        let mut drafts = Vec::new();
        for n in 0..3 {
            let by = trust.supers[n].clone();
            let email = format!("added{round}x{n}@nhs.net");
            let (draft, version) = trust.adding(&by, &email, trust.super_user).await;
            drafts.push((by, draft, version));
        }
        let inviter = &trust.supers[3];
        let invited = Invited::to(&trust, inviter, trust.super_user, round).await;
        let joining = invited.opened(&trust).await;
        assert_eq!(trust.places_held().await, 7);
        let mut jobs = waiting.jobs(&trust, numbers, round).await;
        for (by, draft, version) in drafts {
            jobs.push(job(move |services: Services| async move {
                code(&services.add_person(&by, "nj1", draft, version).await)
            }));
        }
        for n in 0..5 {
            jobs.insert(n * 3, joining.accept());
            let (by, user) = (trust.supers[n].clone(), joining.jo.user());
            let cancel = job(move |services: Services| async move {
                let done = services.cancel_invitation(&by, "nj1", user).await;
                format!("cancel {}", code(&done))
            });
            jobs.insert(n * 3 + 1, cancel);
        }
        assert_eq!(jobs.len(), AT_ONCE);
        let codes = at_once(services, jobs).await;
        let accepted = count(&codes, "accept ok");
        let cancelled = count(&codes, "cancel ok");
        assert_eq!(accepted + cancelled, 1, "one of the two: {codes:?}");
        let others: Vec<String> = codes
            .iter()
            .filter(|code| !code.starts_with("accept ") && !code.starts_with("cancel "))
            .cloned()
            .collect();
        all_were_told(&others);
        let in_place = count(&others, "ok");
        assert!(accepted + in_place <= 1, "{codes:?}");
        let held = i64::try_from(6 + accepted + in_place).unwrap();
        assert_eq!(trust.places_held().await, held, "{codes:?}");
        let (member, _) = joining.state(&trust).await;
        let active = member.status == MembershipStatus::Active;
        assert_eq!(active, accepted == 1, "{codes:?}");
        assert_eq!(trust.is_super(&joining.jo).await, active);
        trust.holds_after(round).await;
        (kept, given_up) = (kept + accepted, given_up + cancelled);
        if active {
            trust.deactivate(&trust.supers[0], &joining.jo).await;
        }
        waiting.again(&trust).await;
    }
    println!("the place was kept {kept} times and given up {given_up} times");
    trust.holds_at_the_end().await;
}
