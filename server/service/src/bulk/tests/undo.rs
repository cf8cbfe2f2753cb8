use super::*;

/// ux 6.5: all of it is taken back as one, once; the held emails are never sent.
#[tokio::test]
async fn all_of_it_is_taken_back() {
    let hall = Hall::new().await;
    let people = hall.viewers(3).await;
    let draft = hall.leaving(&hall.sam, &people).await;
    let job = hall.go(&hall.sam, draft).await;
    let services = &hall.h.services;
    let undoing = services.undo_bulk_job(&hall.sam, "rx1", job).await.unwrap();
    for person in &people {
        assert_eq!(hall.status(person).await, MembershipStatus::Active);
    }
    assert!(hall.mail().await.is_empty());
    let again = services.undo_bulk_job(&hall.sam, "rx1", job).await.unwrap();
    assert_eq!(again, undoing, "a repeat leads to the same job");
    let done = hall.job(&hall.sam, undoing).await;
    assert_eq!((done.done.total, done.undoes), (3, Some(job)));
    assert_eq!(hall.job(&hall.sam, job).await.undo, BulkUndo::By(undoing));
    assert_eq!(done.undo, BulkUndo::No);
    let undo_of_undo = services.undo_bulk_job(&hall.sam, "rx1", undoing).await;
    assert_eq!(refused(undo_of_undo), "conflict.cannot_undo");
}

/// What was changed since is listed with the reason; the rest is taken back, by the worker when it is much.
#[tokio::test]
async fn what_cannot_be_taken_back_is_listed() {
    let hall = Hall::new().await;
    let people = hall.viewers(12).await;
    let draft = hall.leaving(&hall.sam, &people).await;
    let job = hall.go(&hall.sam, draft).await;
    hall.work().await;
    let draft = hall
        .start(&hall.sam, BulkAction::Reactivate, &people[..1])
        .await
        .unwrap();
    hall.go(&hall.sam, draft).await;
    let services = &hall.h.services;
    let undoing = services.undo_bulk_job(&hall.sam, "rx1", job).await.unwrap();
    hall.work().await;
    let undoing = hall.job(&hall.sam, undoing).await;
    assert_eq!((undoing.done.total, undoing.failed.total), (11, 1));
    assert_eq!(
        outcomes(&undoing.failed.shown),
        [("Jane Carlton0".to_owned(), BulkOutcome::CannotUndo)]
    );
}

/// 24 hours, and not by whoever may not do it.
#[tokio::test]
async fn the_way_back_ends() {
    let hall = Hall::new().await;
    let people = hall.viewers(2).await;
    let draft = hall.leaving(&hall.sam, &people[..1]).await;
    let job = hall.go(&hall.sam, draft).await;
    let services = &hall.h.services;
    let by_viewer = services.undo_bulk_job(&people[1], "rx1", job).await;
    assert!(["not allowed", "not found"].contains(&refused(by_viewer).as_str()));
    hall.h.clock.advance(TimeDelta::hours(24));
    let late = services.undo_bulk_job(&hall.sam, "rx1", job).await;
    assert_eq!(refused(late), Conflict::CannotUndo.code());
}
