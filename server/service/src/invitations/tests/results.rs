use chrono::TimeDelta;
use domain::invitation::{EntryOutcome, InviteStep, JobState};

use super::{Hall, here, many};
use crate::Error;

/// B08, B09, B10, B11: how many were sent, and each one that was not with its reason.
#[tokio::test]
async fn the_result_tells_each_address_that_was_not_sent() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let draft = hall.start().await;
    let list = "bo@nhs.net\nnia@nhs.net\nnobody\nsam.okoro@nhs.net\nbo@nhs.net";
    hall.emails(draft, list).await;
    hall.problems(draft, &[("skip_1", "on"), ("fix_1", "nobody")])
        .await;
    let role = hall.role("viewer").await;
    hall.finish(draft, role, &["all".to_owned()]).await;
    let job = hall.send(draft).await;
    let view = services.job(&hall.sam, "rx1", job).await.unwrap();
    assert_eq!((view.state, view.has_result), (JobState::Sending, true));
    assert_eq!((view.entered, view.invited, view.waiting), (5, 2, 2));
    let listed = |rows: &[domain::invitation::NotSent]| -> Vec<(u32, String, EntryOutcome)> {
        rows.iter()
            .map(|row| (row.line, row.text.clone(), row.outcome))
            .collect()
    };
    assert!(view.all_done());
    assert_eq!(
        listed(&view.left_out.shown),
        [
            (3, "nobody".into(), EntryOutcome::Invalid),
            (4, "sam.okoro@nhs.net".into(), EntryOutcome::AlreadyMember),
            (5, "bo@nhs.net".into(), EntryOutcome::Repeated),
        ]
    );
    assert_eq!(view.left_out.shown[1].user, Some(hall.sam.user()));
    assert_eq!(
        (view.role.as_str(), view.started_by.as_str()),
        ("Viewer", "Sam Okoro")
    );
    let csv = services
        .job_csv(&hall.sam, "rx1", job, |outcome| outcome.as_str().to_owned())
        .await
        .unwrap();
    let lines: Vec<&str> = csv.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(
        lines,
        [
            "Line,Email address,Outcome,Reason,Time",
            "1,bo@nhs.net,Sent,sent,21 November 2026 at 9:30am",
            "2,nia@nhs.net,Sent,sent,21 November 2026 at 9:30am",
            "3,nobody,Not sent,invalid_email,21 November 2026 at 9:30am",
            "4,sam.okoro@nhs.net,Not sent,already_member,21 November 2026 at 9:30am",
            "5,bo@nhs.net,Not sent,repeated,21 November 2026 at 9:30am",
        ]
    );
}

/// R99: a line that a spreadsheet would calculate is text in the file.
#[tokio::test]
async fn a_pasted_formula_stays_text() {
    let hall = Hall::new().await;
    let draft = hall.start().await;
    hall.emails(draft, "bo@nhs.net\n=HYPERLINK(x)\n@SUM(A1)")
        .await;
    hall.problems(draft, &[("skip_1", "on"), ("skip_2", "on")])
        .await;
    let role = hall.role("viewer").await;
    hall.finish(draft, role, &["all".to_owned()]).await;
    let job = hall.send(draft).await;
    let words = |_| String::new();
    let csv = hall
        .h
        .services
        .job_csv(&hall.sam, "rx1", job, words)
        .await
        .unwrap();
    assert!(csv.contains(",'=HYPERLINK(x)"), "{csv}");
    assert!(csv.contains(",'@SUM(A1)"), "{csv}");
}

/// B06: "Send more invites" keeps the role and the areas, nothing else.
#[tokio::test]
async fn send_more_keeps_role_and_areas() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let draft = hall.start().await;
    hall.emails(draft, "bo@nhs.net").await;
    let role = hall.role("contributor").await;
    hall.finish(draft, role, &[hall.north.to_string()]).await;
    let job = hall.send(draft).await;
    let more = services.send_more(&hall.sam, "rx1", job).await.unwrap();
    let page = here(
        services
            .invite_emails(&hall.sam, "rx1", more)
            .await
            .unwrap(),
    );
    assert!(page.emails.is_empty());
    assert_eq!(hall.emails(more, "nia@nhs.net").await, InviteStep::Message);
    let page = services
        .answer_message(&hall.sam, "rx1", more, "")
        .await
        .unwrap();
    assert_eq!(here(page), InviteStep::Check);
    let check = here(services.invite_check(&hall.sam, "rx1", more).await.unwrap());
    assert_eq!(
        (check.role.id, check.areas.as_slice()),
        (role, ["North team".to_owned()].as_slice())
    );
    let nothing = services.try_again(&hall.sam, "rx1", job).await;
    assert!(matches!(nothing, Err(Error::NotFound)));
}

/// R65: two organisations see nothing of each other's batches, and an inviter for some areas sees
/// only their own.
#[tokio::test]
async fn a_batch_is_seen_by_its_sender_and_those_who_see_everybody() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    hall.h.organisation("RX2", "Rosebush Hospital").await;
    let ros = hall.h.administrator("rx2", "ros.smith@nhs.net").await;
    let viewer = hall.h.member("rx1", "vi.viewer@nhs.net", "viewer").await;
    let jo = hall.h.administrator("rx1", "jo.bloggs@nhs.net").await;
    let job = hall.invite("bo@nhs.net").await;
    assert!(services.job(&jo, "rx1", job).await.is_ok());
    for slug in ["rx1", "rx2"] {
        assert!(matches!(
            services.job(&ros, slug, job).await,
            Err(Error::NotFound)
        ));
        let progress = services.job_progress(&ros, slug, job).await;
        assert!(matches!(progress, Err(Error::NotFound)));
        let csv = services.job_csv(&ros, slug, job, |_| String::new()).await;
        assert!(matches!(csv, Err(Error::NotFound)));
        let stopped = services.stop_job(&ros, slug, job).await;
        assert!(matches!(stopped, Err(Error::NotFound)));
        assert!(matches!(
            services.send_more(&ros, slug, job).await,
            Err(Error::NotFound)
        ));
    }
    assert!(services.jobs(&ros, "rx2").await.unwrap().is_empty());
    assert!(matches!(
        services.job(&viewer, "rx1", job).await,
        Err(Error::NotAllowed)
    ));
    assert_eq!(services.jobs(&jo, "rx1").await.unwrap().len(), 1);
}

/// Ux 6.25: the work can be watched, left and come back to; its end is told by mail.
#[tokio::test]
async fn the_work_can_be_watched() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let job = hall.invite(&many(250)).await;
    let progress = async || services.job_progress(&hall.sam, "rx1", job).await.unwrap();
    assert_eq!((progress().await.total, progress().await.done), (250, 0));
    assert_eq!(
        services.job(&hall.sam, "rx1", job).await.unwrap().state,
        JobState::Waiting
    );
    services.process_batch_step().await.unwrap();
    // Invited is not sent: what counts is what the mail server has taken.
    assert_eq!(progress().await.done, 0);
    assert_eq!(
        services.job(&hall.sam, "rx1", job).await.unwrap().state,
        JobState::Sending
    );
    hall.work().await;
    assert!(!progress().await.finished);
    let mut tx = services.store.write().await.unwrap();
    for n in 0..250 {
        let key = format!("person{n}@nhs.net");
        let user = tx.user_by_email_key(&key).await.unwrap().unwrap();
        let member = tx
            .membership_of(hall.organisation, user.id)
            .await
            .unwrap()
            .unwrap();
        let rows = tx
            .invitations_of(hall.organisation, member.id)
            .await
            .unwrap();
        tx.mark_invitation_sent(hall.organisation, rows[0].id, services.now())
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    let end = progress().await;
    assert_eq!(
        (end.done, end.sent, end.failed, end.finished),
        (250, 250, 0, true)
    );
    assert_eq!(end.percent(), 100);
    let told = hall
        .h
        .outbox()
        .await
        .into_iter()
        .find(|mail| mail.kind == "batch_finished");
    let told = told.unwrap();
    assert_eq!(
        (
            told.recipient.as_str(),
            told.content.sent,
            told.content.total
        ),
        ("sam.okoro@nhs.net", 250, 250)
    );
    assert_eq!(told.content.path, format!("/o/rx1/jobs/{job}"));
    hall.h.clock.advance(TimeDelta::days(90));
    assert!(services.jobs(&hall.sam, "rx1").await.unwrap().is_empty());
}
