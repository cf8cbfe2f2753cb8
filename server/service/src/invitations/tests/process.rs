use std::{future::Future, pin::pin, task::Poll};

use chrono::TimeDelta;
use domain::{MembershipStatus, id::BatchId, invitation::EntryOutcome};

use store::Store;

use super::{Hall, many};
use crate::testing::Harness;

/// Runs `work` until it has been woken `polls` times, then drops it where it stands: what is left
/// behind is what a killed server leaves behind.
async fn killed_after<T>(polls: usize, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = polls;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}

/// A database that outlives its connections, as one does that outlives its server.
async fn on_disk() -> (Hall, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let store = Store::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    (Hall::over(Harness::over(store)).await, folder)
}

/// What must hold at any moment: an entry that says "sent" has its membership, its invitation, its
/// mail and its audit event, and there is nothing else.
async fn whole(hall: &Hall, job: BatchId, events_before: i64) -> usize {
    let outcomes = hall.outcomes(job).await;
    let sent: Vec<_> = outcomes
        .iter()
        .filter(|(_, outcome)| *outcome == Some(EntryOutcome::Sent))
        .collect();
    let waiting = outcomes
        .iter()
        .filter(|(_, outcome)| outcome.is_none())
        .count();
    let mails: Vec<_> = hall
        .h
        .outbox()
        .await
        .into_iter()
        .filter(|mail| mail.kind == "invitation")
        .collect();
    assert_eq!(mails.len(), sent.len());
    let mut tx = hall.h.services.store.read().await.unwrap();
    let since = hall.h.services.now() - TimeDelta::days(1);
    let invitations = tx.count_invitations_since(hall.organisation, since).await;
    assert_eq!(invitations.unwrap(), i64::try_from(sent.len()).unwrap());
    let keys: Vec<String> = outcomes.iter().map(|(email, _)| email.clone()).collect();
    let known = tx.known_addresses(hall.organisation, &keys).await.unwrap();
    assert_eq!(known.len(), sent.len());
    assert!(
        known
            .iter()
            .all(|row| row.status() == Some(MembershipStatus::Pending))
    );
    drop(tx);
    let finished = i64::from(waiting == 0);
    let events = hall.audit_events().await - events_before;
    // The start of the batch, each invitation, its end.
    assert!(
        events == i64::try_from(sent.len()).unwrap() + 1 + finished
            || events == i64::try_from(sent.len()).unwrap() + 1,
        "{events} events for {} invitations",
        sent.len()
    );
    waiting
}

/// R107: killed at any moment, a batch goes on where it was; nobody is invited twice, nothing is
/// half done, nothing is lost.
#[tokio::test]
async fn a_killed_server_leaves_nothing_half_done() {
    let (hall, _folder) = on_disk().await;
    let before = hall.audit_events().await;
    let job = hall.invite(&many(450)).await;
    let mut polls = 0;
    let mut kills = 0;
    loop {
        polls += 7;
        let done = killed_after(polls, hall.h.services.process_batch_step()).await;
        let waiting = whole(&hall, job, before).await;
        match done {
            Some(step) => {
                step.unwrap();
                polls = 0;
            }
            None => kills += 1,
        }
        if waiting == 0 && done_with(&hall, job).await {
            break;
        }
        // Whoever was killed still holds its lease: nobody else may work on the batch before.
        hall.h.clock.advance(TimeDelta::seconds(30));
    }
    assert!(kills > 8, "killed {kills} times");
    let outcomes = hall.outcomes(job).await;
    assert!(
        outcomes
            .iter()
            .all(|(_, outcome)| *outcome == Some(EntryOutcome::Sent))
    );
    assert_eq!(outcomes.len(), 450);
}

async fn done_with(hall: &Hall, job: BatchId) -> bool {
    let mut tx = hall.h.services.store.read().await.unwrap();
    let batch = tx.batch(hall.organisation, job).await.unwrap().unwrap();
    batch.finished_at.is_some()
}

/// R107: a batch is written with the answer to the post; a server that is killed right after the
/// answer has lost nothing, and the small batch that it had begun is finished by the worker.
#[tokio::test]
async fn a_small_batch_is_taken_over_by_the_worker() {
    let (hall, _folder) = on_disk().await;
    let draft = hall.start().await;
    hall.emails(draft, "bo@nhs.net").await;
    let role = hall.role("viewer").await;
    hall.finish(draft, role, &["all".to_owned()]).await;
    let version = hall.version(draft).await;
    let services = &hall.h.services;
    let mut polls = 0;
    let job = loop {
        polls += 1;
        let sending = services.send_invitations(&hall.sam, "rx1", draft, version);
        killed_after(polls, sending).await;
        let jobs = services.jobs(&hall.sam, "rx1").await.unwrap();
        assert!(jobs.len() <= 1);
        if let Some(job) = jobs.first() {
            break job.id;
        }
        assert!(hall.h.outbox().await.is_empty());
    };
    hall.h.clock.advance(TimeDelta::seconds(30));
    hall.work().await;
    let sent = Some(EntryOutcome::Sent);
    assert_eq!(hall.outcomes(job).await, [("bo@nhs.net".into(), sent)]);
    assert_eq!(hall.h.outbox().await.len(), 1);
}

/// Several servers work one queue: each batch is one server's at a time.
#[tokio::test]
async fn two_servers_share_the_work() {
    let hall = Hall::new().await;
    let jobs = [hall.invite(&many(300)).await, hall.invite("a@nhs.net b@nhs.net c@nhs.net d@nhs.net e@nhs.net f@nhs.net g@nhs.net h@nhs.net i@nhs.net j@nhs.net").await];
    let work = async || while hall.h.services.process_batch_step().await.unwrap() {};
    tokio::join!(work(), work(), work());
    for job in jobs {
        let outcomes = hall.outcomes(job).await;
        assert!(
            outcomes
                .iter()
                .all(|(_, outcome)| *outcome == Some(EntryOutcome::Sent))
        );
    }
    // 310 invitations and two words to Sam that the batches have ended.
    assert_eq!(hall.h.outbox().await.len(), 312);
}

/// Requirements, section 3: authority is looked at again while the work is done. What a demoted
/// inviter had begun stays; the rest is not sent.
#[tokio::test]
async fn a_demoted_inviter_sends_nothing_more() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let job = hall.invite(&many(250)).await;
    assert!(services.process_batch_step().await.unwrap());
    let (_, mut row) = hall.person("sam.okoro@nhs.net").await;
    row.status = MembershipStatus::Inactive;
    let mut tx = services.store.write().await.unwrap();
    tx.update_membership(&row).await.unwrap();
    tx.commit().await.unwrap();
    hall.work().await;
    let outcomes = hall.outcomes(job).await;
    let count = |outcome| {
        outcomes
            .iter()
            .filter(|(_, one)| *one == Some(outcome))
            .count()
    };
    assert_eq!(
        (count(EntryOutcome::Sent), count(EntryOutcome::NotAllowed)),
        (200, 50)
    );
}

/// F3: "Stop sending" keeps what was sent.
#[tokio::test]
async fn a_stopped_batch_keeps_what_was_sent() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let job = hall.invite(&many(250)).await;
    assert!(services.process_batch_step().await.unwrap());
    services.stop_job(&hall.sam, "rx1", job).await.unwrap();
    services.stop_job(&hall.sam, "rx1", job).await.unwrap();
    hall.work().await;
    let view = services.job(&hall.sam, "rx1", job).await.unwrap();
    assert_eq!(
        (
            view.count(EntryOutcome::Sent),
            view.count(EntryOutcome::Stopped)
        ),
        (200, 50)
    );
    assert_eq!(view.can_try_again(), 50);
    let again = services.try_again(&hall.sam, "rx1", job).await.unwrap();
    let check = super::here(
        services
            .invite_check(&hall.sam, "rx1", again)
            .await
            .unwrap(),
    );
    assert_eq!(check.invitees.total, 50);
}

/// What became of an address between the page and the work decides: somebody invited by a
/// colleague in the meantime is not invited twice (C22).
#[tokio::test]
async fn two_lists_with_the_same_address_make_one_invitation() {
    let hall = Hall::new().await;
    let first = hall.invite(&many(20)).await;
    hall.h.clock.advance(TimeDelta::seconds(1));
    let second = hall.invite(&many(25)).await;
    hall.work().await;
    let count = |outcomes: &[(String, Option<EntryOutcome>)], outcome| {
        outcomes
            .iter()
            .filter(|(_, one)| *one == Some(outcome))
            .count()
    };
    let first = hall.outcomes(first).await;
    assert_eq!(count(&first, EntryOutcome::Sent), 20);
    let second = hall.outcomes(second).await;
    assert_eq!(count(&second, EntryOutcome::Sent), 5);
    assert_eq!(count(&second, EntryOutcome::AlreadyPending), 20);
}
