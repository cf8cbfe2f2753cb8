use chrono::TimeDelta;
use domain::{
    MembershipStatus,
    invitation::{Delivery, EntryOutcome, InvitationStatus, InviteStep},
};
use proptest::prelude::*;

use super::{Hall, codes, here, many};
use crate::{
    Conflict, Error,
    invitations::{At, Elsewhere},
};

/// B07, B08, B12: everybody gets a mail with a link of their own; state, mail and audit agree.
#[tokio::test]
async fn sending_makes_invitations_with_their_mails() {
    let hall = Hall::new().await;
    let before = hall.audit_events().await;
    let draft = hall.start().await;
    hall.emails(draft, "Jane Carlton <jane@nhs.net>\nbo@nhs.net")
        .await;
    let role = hall.role("contributor").await;
    hall.finish(draft, role, &[hall.nursing.to_string()]).await;
    let job = hall.send(draft).await;
    let sent = Some(EntryOutcome::Sent);
    assert_eq!(
        hall.outcomes(job).await,
        [("jane@nhs.net".into(), sent), ("bo@nhs.net".into(), sent)]
    );
    let mails = hall.h.outbox().await;
    assert_eq!(mails.len(), 2);
    for mail in &mails {
        assert_eq!(
            (mail.kind.as_str(), mail.channel.as_str()),
            ("invitation", "email")
        );
        let invitation = hall.opened_by(mail).await;
        let (user, membership) = hall.person(&mail.recipient).await;
        assert_eq!(invitation.membership_id, membership.id);
        assert_eq!(invitation.status, InvitationStatus::Open);
        assert_eq!(invitation.delivery, Delivery::Queued);
        assert_eq!(invitation.batch_id, Some(job));
        assert_eq!(membership.status, MembershipStatus::Pending);
        // R24: the row is no account before the address is proved.
        assert_eq!((user.registered_at, user.password_hash), (None, None));
        // B21: 7 days from the sending instant, to the second, and the mail says so.
        let end = hall.h.services.now() + TimeDelta::hours(168);
        assert_eq!(invitation.expires_at, end);
        assert_eq!(membership.invitation_expires_at, Some(end));
        assert_eq!(mail.content.expires_at, Some(end));
        assert_eq!(mail.content.areas, ["Community nursing"]);
        let mut tx = hall.h.services.store.read().await.unwrap();
        let held = tx.assignments_of(hall.organisation, membership.id).await;
        let held: Vec<_> = held
            .unwrap()
            .iter()
            .map(|row| (row.role_id, row.area_id))
            .collect();
        assert_eq!(held, [(role, Some(hall.nursing))]);
    }
    // R101: the batch, its two invitations, its end.
    assert_eq!(hall.audit_events().await - before, 4);
}

/// J33, R23: somebody with an account elsewhere is told to sign in and accept.
#[tokio::test]
async fn a_person_with_an_account_is_asked_to_accept() {
    let hall = Hall::new().await;
    hall.h.organisation("RX2", "Rosebush Hospital").await;
    hall.h.member("rx2", "jane.carlton@nhs.net", "viewer").await;
    hall.invite("Jane.Carlton@nhs.net").await;
    let mails = hall.h.outbox().await;
    assert_eq!(mails[0].kind, "new_access");
    assert_eq!(
        mails[0].recipient, "jane.carlton@nhs.net",
        "the address on record (R26)"
    );
    let (_, membership) = hall.person("jane.carlton@nhs.net").await;
    assert_eq!(membership.status, MembershipStatus::Pending);
}

/// R98: the same `once` never invites twice; the second post finds the result of the first.
#[tokio::test]
async fn a_repeated_post_finds_the_same_batch() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let draft = hall.start().await;
    hall.emails(draft, "bo@nhs.net").await;
    let role = hall.role("viewer").await;
    hall.finish(draft, role, &["all".to_owned()]).await;
    let version = hall.version(draft).await;
    let send = || services.send_invitations(&hall.sam, "rx1", draft, version);
    let (first, second) = tokio::join!(send(), send());
    let first = here(first.unwrap());
    assert_eq!(here(second.unwrap()), first);
    hall.h.clock.advance(TimeDelta::days(7));
    assert_eq!(here(send().await.unwrap()), first);
    assert_eq!(hall.h.outbox().await.len(), 1);
    let jobs = services.jobs(&hall.sam, "rx1").await.unwrap();
    assert_eq!(jobs.len(), 1);
}

/// What is sent is what was shown: answers that changed meanwhile are looked at again (H5).
#[tokio::test]
async fn a_page_older_than_the_answers_sends_nothing() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let draft = hall.start().await;
    hall.emails(draft, "bo@nhs.net").await;
    let early = services.send_invitations(&hall.sam, "rx1", draft, 1).await;
    assert_eq!(
        early.unwrap(),
        At::Elsewhere(Elsewhere::Step(InviteStep::Role))
    );
    let role = hall.role("viewer").await;
    hall.finish(draft, role, &["all".to_owned()]).await;
    let version = hall.version(draft).await;
    hall.emails(draft, "bo@nhs.net, nia@nhs.net").await;
    let stale = services
        .send_invitations(&hall.sam, "rx1", draft, version)
        .await;
    assert!(matches!(stale, Err(Error::Conflict(Conflict::Stale))));
    assert!(hall.h.outbox().await.is_empty());
}

/// R67: nobody gives what they do not hold, by the page or past it.
#[tokio::test]
async fn nobody_gives_a_role_beyond_their_own() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let manager = hall.h.member("rx1", "mo.manager@nhs.net", "manager").await;
    hall.let_managers_invite_many().await;
    let draft = services.start_invite(&manager, "rx1").await.unwrap();
    let next = services.answer_emails(&manager, "rx1", draft, "bo@nhs.net");
    assert_eq!(here(next.await.unwrap()), InviteStep::Role);
    let page = here(services.invite_role(&manager, "rx1", draft).await.unwrap());
    let offered: Vec<_> = page.roles.iter().map(|role| role.key.as_str()).collect();
    assert_eq!(offered, ["manager", "contributor", "viewer"]);
    let administrator = hall.role("administrator").await.to_string();
    let refused = services.answer_role(&manager, "rx1", draft, &administrator);
    assert_eq!(
        codes(&refused.await.unwrap_err()),
        [("role".into(), "role.empty".into())]
    );
    // A manager of one area invites into that area and what is inside it, and nowhere else.
    let (_, membership) = hall.person("mo.manager@nhs.net").await;
    let mut tx = services.store.write().await.unwrap();
    let mut held = tx
        .assignments_of(hall.organisation, membership.id)
        .await
        .unwrap();
    tx.delete_assignments_of(hall.organisation, membership.id)
        .await
        .unwrap();
    held[0].area_id = Some(hall.north);
    tx.insert_assignments(&held).await.unwrap();
    tx.commit().await.unwrap();
    let viewer = hall.role("viewer").await.to_string();
    let next = services.answer_role(&manager, "rx1", draft, &viewer).await;
    assert_eq!(here(next.unwrap()), InviteStep::Areas);
    let page = here(services.invite_areas(&manager, "rx1", draft).await.unwrap());
    assert_eq!(
        (page.offered, page.whole_offered),
        (vec![hall.north], false)
    );
    for areas in [vec!["all".to_owned()], vec![hall.nursing.to_string()]] {
        let refused = services.answer_areas(&manager, "rx1", draft, areas).await;
        assert!(matches!(refused, Err(Error::NotAllowed)));
    }
    let north = vec![hall.north.to_string()];
    let next = services.answer_areas(&manager, "rx1", draft, north).await;
    assert_eq!(here(next.unwrap()), InviteStep::Message);
}

/// C27: an address outside of the allowed domains is told before and after.
#[tokio::test]
async fn an_address_outside_of_the_allowed_domains_is_not_invited() {
    let hall = Hall::new().await;
    hall.policy(|policy| {
        policy.email_domains =
            domain::policy::EmailDomains::Only(vec!["nhs.net".into(), "*.nhs.uk".into()]);
    })
    .await;
    let draft = hall.start().await;
    let list = "bo@nhs.net\nbo@evilnhs.uk\nbo@ward.nhs.uk";
    assert_eq!(hall.emails(draft, list).await, InviteStep::Problems);
    hall.problems(draft, &[]).await;
    let role = hall.role("viewer").await;
    hall.finish(draft, role, &["all".to_owned()]).await;
    let job = hall.send(draft).await;
    let outcomes: Vec<_> = hall
        .outcomes(job)
        .await
        .into_iter()
        .map(|(_, outcome)| outcome.unwrap())
        .collect();
    assert_eq!(
        outcomes,
        [
            EntryOutcome::Sent,
            EntryOutcome::DomainNotAllowed,
            EntryOutcome::Sent
        ]
    );
}

/// The numbers of issue 2: 10,000 addresses in one go, every one with its outcome.
#[tokio::test]
async fn ten_thousand_people_are_invited() {
    let hall = Hall::new().await;
    let job = hall.invite(&many(10_000)).await;
    let progress = hall
        .h
        .services
        .job_progress(&hall.sam, "rx1", job)
        .await
        .unwrap();
    assert_eq!(
        (progress.total, progress.done, progress.finished),
        (10_000, 0, false)
    );
    hall.work().await;
    let job = hall.h.services.job(&hall.sam, "rx1", job).await.unwrap();
    assert_eq!(
        (job.entered, job.invited, job.waiting),
        (10_000, 10_000, 10_000)
    );
    assert!(job.failed.is_empty() && job.left_out.is_empty());
    // One mail each, and one to Sam.
    assert_eq!(hall.h.outbox().await.len(), 10_001);
}

fn adds_up(list: &str, choice: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let hall = Hall::new().await;
        hall.invite("known@nhs.net").await;
        let services = &hall.h.services;
        let draft = hall.start().await;
        let entered = domain::email_list::EmailList::parse(list).entered();
        let answer = services.answer_emails(&hall.sam, "rx1", draft, list).await;
        let Ok(At::Here(next)) = answer else {
            return;
        };
        if next == InviteStep::Problems {
            let page = here(
                services
                    .invite_problems(&hall.sam, "rx1", draft)
                    .await
                    .unwrap(),
            );
            let answers: Vec<(String, String)> = page
                .lines
                .shown
                .iter()
                .flat_map(|line| {
                    let n = line.number;
                    let choice = ["suggestion", "keep", "skip"][(choice + n as usize) % 3];
                    let choice = if line.suggestion.is_none() && choice == "suggestion" {
                        "skip"
                    } else {
                        choice
                    };
                    let fix = if n % 2 == 0 {
                        "a@nhs.net".to_owned()
                    } else {
                        format!("fixed{n}@nhs.net")
                    };
                    [
                        (format!("choice_{n}"), choice.to_owned()),
                        (format!("fix_{n}"), fix),
                    ]
                })
                .collect();
            let answers: Vec<(&str, &str)> = answers
                .iter()
                .map(|(a, b)| (a.as_str(), b.as_str()))
                .collect();
            if hall.try_problems(draft, &answers).await.is_err() {
                return;
            }
        }
        let role = hall.role("viewer").await;
        assert_eq!(
            hall.finish(draft, role, &["all".to_owned()]).await,
            InviteStep::Check
        );
        let job = hall.send(draft).await;
        hall.work().await;
        let job = services.job(&hall.sam, "rx1", job).await.unwrap();
        let sum: u32 = job.counts.iter().map(|count| count.count).sum();
        assert_eq!(sum, entered, "{:?} of {list:?}", job.counts);
        assert_eq!(job.entered, entered);
        assert!(job.finished_at.is_some());
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// R97: whatever is pasted and however it is mended, every entry ends with exactly one outcome,
    /// and the outcomes add up to what was entered.
    #[test]
    fn outcomes_add_up_to_what_was_entered(
        words in prop::collection::vec(
            "(known@nhs\\.net|sam\\.okoro@nhs\\.net|[ab]{1,2}(@(nhs\\.net|nhs\\.ent|nhs))?|\"B, A\" <[ab]@nhs\\.net>)[,;\n\t ]",
            1..14,
        ),
        choice in 0_usize..3,
    ) {
        adds_up(&words.concat(), choice);
    }
}
