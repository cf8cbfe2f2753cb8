//! Several changes of one email address, and of several to one.

use domain::account::{EmailCodesForm, OwnEmailForm};
use service::{Actor, Services};

use super::{AT_ONCE, Job, Trust, at_once, code, job, rounds};

/// A change whose codes have arrived.
#[derive(Clone)]
struct Asked {
    by: Actor,
    email: String,
    codes: EmailCodesForm,
}

impl Trust {
    /// Somebody in one more session of theirs.
    async fn at_a_desk(&self, person: &Actor) -> Actor {
        let cookie = self.h.session(person).await;
        self.h.signed_in(&cookie).await.unwrap()
    }

    async fn newest_code(&self, mailbox: &str) -> String {
        let mut waiting = self.h.outbox().await;
        waiting.retain(|one| one.recipient == mailbox);
        waiting.pop().unwrap().secret.unwrap()
    }

    async fn ask_for(&self, by: &Actor, email: String) -> Asked {
        self.h.clock.advance(chrono::TimeDelta::seconds(1));
        let form = OwnEmailForm {
            email: email.clone(),
        };
        let services = &self.h.services;
        services.prove_own_email(by, &form).await.unwrap();
        let codes = EmailCodesForm {
            current_code: self.newest_code(by.email()).await,
            new_code: self.newest_code(&email).await,
        };
        Asked {
            by: by.clone(),
            email,
            codes,
        }
    }
}

/// R73, CVE-2026-32700, race 16: of three changes of one person, in two sessions, one counts, with the
/// address that its codes were sent to; of two people who want one address one gets it.
pub(super) async fn one_change_of_an_address_counts(trust: Trust) {
    let services = &trust.h.services;
    for round in 0..rounds() {
        let jane = trust.member(2 * round, "team-manager").await;
        let omar = trust.member(2 * round + 1, "team-manager").await;
        let (here, there) = (trust.at_a_desk(&jane).await, trust.at_a_desk(&jane).await);
        let omar = trust.at_a_desk(&omar).await;
        let address = |name: &str| format!("{name}{round}@new.nhs.uk");
        let asked = [
            trust.ask_for(&here, address("one")).await,
            trust.ask_for(&here, address("two")).await,
            trust.ask_for(&there, address("three")).await,
            trust.ask_for(&omar, address("one")).await,
        ];
        let mut jobs: Vec<Job> = Vec::new();
        for n in 0..AT_ONCE {
            let asked = asked[n % asked.len()].clone();
            jobs.push(job(move |services: Services| async move {
                let done = services.change_own_email(&asked.by, &asked.email, &asked.codes);
                let done = code(&done.await);
                [asked.by.name(), " ", &asked.email, " ", &done].concat()
            }));
        }
        let answers = at_once(services, jobs).await;
        let mut tx = services.store().read().await.unwrap();
        for (person, least) in [(&here, 1), (&omar, 0)] {
            let now = tx.user(person.user()).await.unwrap().unwrap();
            let mine = answers.iter().filter(|one| one.starts_with(person.name()));
            let done: Vec<_> = mine.filter(|one| one.ends_with(" ok")).collect();
            assert!((least..=1).contains(&done.len()), "{answers:?}");
            assert_eq!(now.email, now.email_key);
            match done.first() {
                Some(done) => assert!(done.contains(&format!(" {} ", now.email)), "{done}"),
                None => assert_eq!(now.email, person.email()),
            }
        }
        drop(tx);
        trust.holds_after(round).await;
    }
    trust.holds_at_the_end().await;
}
