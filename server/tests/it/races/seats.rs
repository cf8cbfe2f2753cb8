//! The last place of a limited role.

use domain::{
    MembershipStatus, ShownStatus,
    id::{ChangeId, DraftId, UserId},
};
use service::{Actor, Services};

use super::{Job, Trust, at_once, back_with_the_same, code, count, job, rounds};

/// How many try each way.
const CHANGES: u32 = 6;
const UNDOS: u32 = 4;
const RETURNS: u32 = 6;
const LISTS: usize = 4;
const SINGLE: usize = 4;

/// Those who wait for the place, each on another way to it.
struct Waiting {
    /// To be changed to super users.
    managers: Vec<Actor>,
    /// To be super users again, by taking back that they are not any more.
    demoted: Vec<(Actor, ChangeId)>,
    /// To come back as super users.
    resting: Vec<Actor>,
    /// To be invited: one or two addresses each.
    invited: Vec<Invited>,
}

struct Invited {
    by: Actor,
    emails: Vec<String>,
    draft: DraftId,
    version: i64,
}

impl Waiting {
    async fn of(trust: &Trust) -> Self {
        let mut managers = Vec::new();
        for n in 0..CHANGES {
            managers.push(trust.member(n, "team-manager").await);
        }
        let mut resting = Vec::new();
        for n in 0..RETURNS {
            let person = trust.member(20 + n, "super-user").await;
            trust.deactivate(&trust.supers[0], &person).await;
            resting.push(person);
        }
        let mut demoted = Vec::new();
        for n in 0..UNDOS {
            let person = trust.member(40 + n, "super-user").await;
            let change = demote(trust, &person).await;
            demoted.push((person, change));
        }
        let mut invited = Vec::new();
        for n in 0..LISTS + SINGLE {
            let by = trust.supers[n % 6].clone();
            invited.push(Invited::next(trust, by, n, 0).await);
        }
        Self {
            managers,
            demoted,
            resting,
            invited,
        }
    }

    /// What all of them try at the same moment, each helped by another administrator.
    async fn jobs(&self, trust: &Trust) -> Vec<Job> {
        let mut jobs: Vec<Job> = Vec::new();
        for (n, person) in self.managers.iter().enumerate() {
            let (assignment, version) = trust.page(person).await;
            let by = trust.supers[n % 6].clone();
            let (user, form) = (person.user(), Trust::form(trust.super_user));
            jobs.push(job(move |services: Services| async move {
                let done = services.change_role(&by, "nj1", user, assignment, version, &form);
                code(&done.await)
            }));
        }
        for (n, (_, change)) in self.demoted.iter().enumerate() {
            let (by, change) = (trust.supers[n % 6].clone(), *change);
            jobs.push(job(move |services: Services| async move {
                code(&services.undo(&by, "nj1", change).await)
            }));
        }
        for (n, person) in self.resting.iter().enumerate() {
            let (by, user) = (trust.supers[n % 6].clone(), person.user());
            jobs.push(job(move |services: Services| async move {
                let form = back_with_the_same();
                code(&services.reactivate(&by, "nj1", user, &form).await)
            }));
        }
        for invited in &self.invited {
            let (by, draft, version) = (invited.by.clone(), invited.draft, invited.version);
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

    /// Takes the place from whoever has it, so that everybody waits for it again.
    async fn again(&mut self, trust: &Trust, round: u32) {
        let services = &trust.h.services;
        let by = &trust.supers[0];
        for person in &self.managers {
            let page = services.user_page(by, "nj1", person.user()).await.unwrap();
            if page.roles[0].role == trust.super_user {
                demote(trust, person).await;
            }
        }
        for (person, change) in &mut self.demoted {
            let page = services.user_page(by, "nj1", person.user()).await.unwrap();
            if page.roles[0].role == trust.super_user {
                *change = demote(trust, person).await;
            }
        }
        for person in &self.resting {
            let page = services.user_page(by, "nj1", person.user()).await.unwrap();
            if page.status == ShownStatus::Active {
                trust.deactivate(by, person).await;
            }
        }
        for invited in &self.invited {
            for user in invited.got_in(trust).await {
                services.cancel_invitation(by, "nj1", user).await.unwrap();
            }
        }
        for (n, invited) in self.invited.iter_mut().enumerate() {
            if invited.is_sent(trust).await {
                *invited = Invited::next(trust, invited.by.clone(), n, round + 1).await;
            }
        }
    }
}

async fn demote(trust: &Trust, person: &Actor) -> ChangeId {
    let (assignment, version) = trust.page(person).await;
    let form = Trust::form(trust.manager);
    let (services, by) = (&trust.h.services, &trust.supers[0]);
    let changed = services.change_role(by, "nj1", person.user(), assignment, version, &form);
    changed.await.unwrap().change.unwrap()
}

impl Invited {
    /// The first send lists of two, the others lists of one.
    async fn next(trust: &Trust, by: Actor, n: usize, round: u32) -> Self {
        let people = if n < LISTS { 2 } else { 1 };
        let emails: Vec<String> = (0..people)
            .map(|k| format!("new{round}x{n}x{k}@nhs.net"))
            .collect();
        let list = emails.join("\n");
        let (draft, version) = trust.journey(&by, &list, trust.super_user).await;
        Self {
            by,
            emails,
            draft,
            version,
        }
    }

    /// Who of them was invited.
    async fn got_in(&self, trust: &Trust) -> Vec<UserId> {
        let mut tx = trust.h.services.store().read().await.unwrap();
        let mut invited = Vec::new();
        for email in &self.emails {
            let Some(user) = tx.user_by_email_key(email).await.unwrap() else {
                continue;
            };
            let member = tx.membership_of(trust.organisation, user.id).await.unwrap();
            if member.is_some_and(|member| member.status == MembershipStatus::Pending) {
                invited.push(user.id);
            }
        }
        invited
    }

    async fn is_sent(&self, trust: &Trust) -> bool {
        let mut tx = trust.h.services.store().write().await.unwrap();
        let now = trust.h.services.now();
        let journey = tx.lock_journey(trust.organisation, self.by.user(), self.draft, now);
        journey.await.unwrap().unwrap().batch_id.is_some()
    }
}

/// R70, race 1 and 2: by promotion, by taking a demotion back, by coming back, by a list and alone, of
/// 24 who want the seventh place one gets it, and the others are told that it is taken.
pub(super) async fn the_seventh_place_is_taken_once(trust: Trust) {
    let services = &trust.h.services;
    let mut waiting = Waiting::of(&trust).await;
    for round in 0..rounds() {
        assert_eq!(trust.places_held().await, 6);
        let jobs = waiting.jobs(&trust).await;
        assert_eq!(jobs.len(), super::AT_ONCE);
        let codes = at_once(services, jobs).await;
        trust.work().await;
        let mut in_place = count(&codes, "ok");
        for invited in &waiting.invited {
            in_place += invited.got_in(&trust).await.len();
        }
        assert_eq!(in_place, 1, "{codes:?}");
        let full = count(&codes, "role.full") + count(&codes, "undo.role_full");
        let told = full + count(&codes, "sent");
        assert_eq!(count(&codes, "ok") + told, super::AT_ONCE, "{codes:?}");
        assert_eq!(trust.places_held().await, 7);
        trust.holds_after(round).await;
        waiting.again(&trust, round).await;
    }
    trust.holds_at_the_end().await;
}
