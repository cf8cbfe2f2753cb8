use std::{future::Future, pin::pin, task::Poll};

use domain::invitation::JobState;

use super::*;

/// Polls a future so often and drops it, as a process that is killed does.
async fn killed_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    std::future::poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => {
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    })
    .await
}

async fn begin(hall: &Hall, people: &[Actor]) -> BulkJobId {
    let draft = hall.leaving(&hall.sam, people).await;
    hall.go(&hall.sam, draft).await
}

/// ux 6.25: ten and more are the worker's; whoever started them is told.
#[tokio::test]
async fn many_are_left_to_the_worker() {
    let hall = Hall::new().await;
    let people = hall.viewers(12).await;
    let job = begin(&hall, &people).await;
    let waiting = hall.job(&hall.sam, job).await;
    assert_eq!(waiting.state, JobState::Waiting);
    assert_eq!((waiting.progress.done, waiting.progress.total), (0, 12));
    hall.work().await;
    let done = hall.job(&hall.sam, job).await;
    assert_eq!((done.state, done.done.total), (JobState::Finished, 12));
    let told = "bulk_finished sam.okoro@nhs.net".to_owned();
    assert!(hall.mail().await.contains(&told));
    let csv = hall
        .h
        .services
        .bulk_job_csv(&hall.sam, "rx1", job, |outcome| outcome.to_string())
        .await
        .unwrap();
    assert_eq!(csv.lines().count(), 13);
    let listed = hall.h.services.bulk_work(&hall.sam, "rx1").await.unwrap();
    assert_eq!(listed.len(), 1);
}

/// R107: killed anywhere, the work goes on where the last commit was, and everybody has one outcome.
#[tokio::test]
async fn whoever_is_killed_leaves_nothing_half_done() {
    // On a file: one that is only in memory may go with a connection that is dropped in the middle.
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let store = store::Store::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    let hall = Hall::over(Harness::over(store)).await;
    let people = hall.viewers(12).await;
    let job = begin(&hall, &people).await;
    for polls in [1, 5, 20, 60, 150, 400] {
        killed_after(polls, hall.h.services.process_bulk_step()).await;
        let mut tx = hall.h.services.store.write().await.unwrap();
        tx.free_all_bulk_jobs().await.unwrap();
        tx.commit().await.unwrap();
    }
    hall.work().await;
    let job = hall.job(&hall.sam, job).await;
    assert_eq!(job.done.total, 12);
    let mails = hall.mail().await;
    let told = mails.iter().filter(|mail| mail.starts_with("deactivated"));
    assert_eq!(told.count(), 12, "each is told once");
}

/// Stopped: the rest is left as it is, and everybody has an outcome.
#[tokio::test]
async fn a_job_is_stopped() {
    let hall = Hall::new().await;
    let people = hall.viewers(12).await;
    let job = begin(&hall, &people).await;
    let services = &hall.h.services;
    services.stop_bulk_job(&hall.sam, "rx1", job).await.unwrap();
    hall.work().await;
    let job = hall.job(&hall.sam, job).await;
    assert_eq!(job.state, JobState::Stopped);
    assert_eq!(job.failed.total, 12);
    assert_eq!(job.failed.shown[0].outcome, BulkOutcome::Stopped);
    assert_eq!(hall.status(&people[0]).await, MembershipStatus::Active);
}

/// R56, R67: whoever lost the right meanwhile changes nobody any more.
#[tokio::test]
async fn whoever_is_demoted_meanwhile_does_no_more() {
    let hall = Hall::new().await;
    let people = hall.viewers(12).await;
    let job = begin(&hall, &people).await;
    let draft = hall
        .leaving(&hall.alex, std::slice::from_ref(&hall.sam))
        .await;
    hall.go(&hall.alex, draft).await;
    hall.work().await;
    let job = hall.job(&hall.alex, job).await;
    assert_eq!(job.failed.total, 12);
    assert_eq!(job.failed.shown[0].outcome, BulkOutcome::NotAllowed);
    assert_eq!(hall.status(&people[0]).await, MembershipStatus::Active);
}

/// R71: what the page allowed is judged again by the work: two jobs over all administrators leave one.
#[tokio::test]
async fn two_jobs_leave_an_administrator() {
    let hall = Hall::new().await;
    let mut people = hall.viewers(10).await;
    people.push(hall.alex.clone());
    let of_sam = begin(&hall, &people).await;
    let mut others = hall.viewers_more(10).await;
    others.push(hall.sam.clone());
    let draft = hall.leaving(&hall.alex, &others).await;
    let of_alex = hall.go(&hall.alex, draft).await;
    hall.work().await;
    let statuses = [hall.status(&hall.sam).await, hall.status(&hall.alex).await];
    assert!(statuses.contains(&MembershipStatus::Active), "{statuses:?}");
    let whoever = if statuses[0] == MembershipStatus::Active {
        &hall.sam
    } else {
        &hall.alex
    };
    let first = hall.job(whoever, of_sam).await;
    let second = hall.job(whoever, of_alex).await;
    assert_eq!(first.done.total + first.failed.total, 11);
    assert_eq!(second.done.total + second.failed.total, 11);
}
