use super::*;

/// ux 6.13, F1: select, say why, check, done; each with a change, an event and a held email (R101).
#[tokio::test]
async fn three_people_are_deactivated() {
    let hall = Hall::new().await;
    let people = hall.viewers(3).await;
    let before = hall.events().await;
    let draft = hall.leaving(&hall.sam, &people).await;
    let page = hall.check(&hall.sam, draft).await;
    assert_eq!(page.selected, 3);
    assert_eq!(page.people.total, 3);
    assert!(page.left_out.is_empty());
    assert_eq!(page.what.reason, "Left the organisation");
    assert_eq!(page.people.shown[0].before, ["Viewer"]);
    assert_eq!(page.left_without_holder, ["Viewer"], "J45");
    assert_eq!(hall.events().await, before, "nothing before the post");
    let job = hall.go(&hall.sam, draft).await;
    for person in &people {
        assert_eq!(hall.status(person).await, MembershipStatus::Inactive);
    }
    let job = hall.job(&hall.sam, job).await;
    assert!(job.finished_at.is_some());
    assert_eq!((job.done.total, job.failed.total, job.selected), (3, 0, 3));
    assert_eq!(job.undo, BulkUndo::Offered(3));
    // Started, three changes, finished.
    assert_eq!(hall.events().await - before, 5);
    assert_eq!(
        hall.mail().await,
        [
            "deactivated jane.carlton0@nhs.net",
            "deactivated jane.carlton1@nhs.net",
            "deactivated jane.carlton2@nhs.net",
        ]
    );
}

/// bulk.none, bulk.too_many, R65: somebody of another organisation is as good as nobody.
#[tokio::test]
async fn a_selection_is_of_people_who_can_be_seen() {
    let hall = Hall::new().await;
    hall.h.organisation("RX2", "Rosebush Hospital").await;
    let other = hall.h.member("rx2", "olga.other@nhs.net", "viewer").await;
    let people = hall.viewers(2).await;
    let start = async |people: &[Actor]| {
        let started = hall.start(&hall.sam, BulkAction::Deactivate, people);
        started.await
    };
    assert_eq!(refused(start(&[]).await), "bulk.none");
    let nobody = hall.h.actor(
        domain::id::UserId::from_uuid(uuid::Uuid::from_u128(9)),
        "No One",
        "no.one@nhs.net",
    );
    for stranger in [other, nobody] {
        let with = [people[0].clone(), stranger];
        assert_eq!(refused(start(&with).await), "not found");
    }
    let viewer = &people[0];
    let by_viewer = hall.start(viewer, BulkAction::Deactivate, &people).await;
    assert_eq!(refused(by_viewer), "not allowed");
    let nothing = hall.h.services.start_bulk(
        &hall.sam,
        "rx1",
        BulkAction::Deactivate,
        Vec::new(),
        Some("?q=nobody"),
    );
    assert_eq!(refused(nothing.await), "bulk.none");
}

/// A journey is one person's in one organisation; its answers survive, and a finished one leads to its job.
#[tokio::test]
async fn a_journey_is_ones_own_and_finishes_once() {
    let hall = Hall::new().await;
    let people = hall.viewers(2).await;
    let draft = hall.start(&hall.sam, BulkAction::Deactivate, &people).await;
    let draft = draft.unwrap();
    let services = &hall.h.services;
    let early = services.bulk_check(&hall.sam, "rx1", draft).await.unwrap();
    let question = Elsewhere::Step(BulkStep::Deactivate);
    assert_eq!(early, At::Elsewhere(question));
    assert_eq!(
        refused(hall.because(&hall.sam, draft, "").await),
        "reason.empty"
    );
    hall.because(&hall.sam, draft, "on_leave").await.unwrap();
    let At::Here(asked) = services.bulk_reason(&hall.sam, "rx1", draft).await.unwrap() else {
        panic!("the question can be changed");
    };
    assert_eq!((asked.reason.as_str(), asked.people), ("on_leave", 2));
    let other_question = services.bulk_role(&hall.sam, "rx1", draft).await.unwrap();
    assert_eq!(
        other_question,
        At::Elsewhere(Elsewhere::Step(BulkStep::Check))
    );
    let of_alex = services.bulk_check(&hall.alex, "rx1", draft).await.unwrap();
    assert_eq!(of_alex, At::Elsewhere(Elsewhere::Start));
    let version = hall.check(&hall.sam, draft).await.version;
    let first = hall.confirm(&hall.sam, draft, &version).await.unwrap();
    let events = hall.events().await;
    let second = hall.confirm(&hall.sam, draft, &version).await.unwrap();
    assert_eq!(first, second, "a repeat finds the same job (R98)");
    assert_eq!(hall.events().await, events);
    let At::Elsewhere(Elsewhere::Job(_)) = first else {
        panic!("{first:?}");
    };
    let again = services.bulk_check(&hall.sam, "rx1", draft).await.unwrap();
    assert_eq!(again, first_page(first));
}

fn first_page(at: At<BulkStep>) -> At<BulkCheckPage> {
    match at {
        At::Elsewhere(elsewhere) => At::Elsewhere(elsewhere),
        At::Here(step) => panic!("{step:?}"),
    }
}

/// R63: the right is asked for before the journey is: who may do nothing to many is refused whether a
/// journey is there, is finished, or never was.
#[tokio::test]
async fn without_the_right_no_journey_leads_anywhere() {
    let hall = Hall::new().await;
    let people = hall.viewers(3).await;
    let services = &hall.h.services;
    let none = DraftId::from_uuid(uuid::Uuid::from_u128(9));
    let waiting = hall.leaving(&hall.alex, &people[..1]).await;
    let finished = hall.leaving(&hall.alex, &people[1..2]).await;
    hall.go(&hall.alex, finished).await;
    let refused_to = async |by: &Actor| {
        for draft in [none, waiting, finished] {
            let page = services.bulk_role(by, "rx1", draft).await;
            assert_eq!(refused(page), "not allowed");
            let check = services.bulk_check(by, "rx1", draft).await;
            assert_eq!(refused(check), "not allowed");
            let confirmed = hall.confirm(by, draft, "").await;
            assert_eq!(refused(confirmed), "not allowed");
            assert_eq!(
                refused(hall.because(by, draft, "on_leave").await),
                "not allowed"
            );
        }
    };
    refused_to(&people[2]).await;
    // Not even for whoever began them, once they are an administrator no more.
    let page = services.user_page(&hall.sam, "rx1", hall.alex.user());
    let page = page.await.unwrap();
    let form = domain::membership::AssignmentForm {
        role: hall.role("viewer").await,
        areas: vec!["all".to_owned()],
        ..Default::default()
    };
    let (held, version) = (page.roles[0].assignment, page.version);
    let alex = hall.alex.user();
    services
        .change_role(&hall.sam, "rx1", alex, held, version, &form)
        .await
        .unwrap();
    refused_to(&hall.alex).await;
}

/// What is done is what the page said: whoever was changed since makes the page stale.
#[tokio::test]
async fn a_page_that_is_no_longer_true_does_nothing() {
    let hall = Hall::new().await;
    let people = hall.viewers(3).await;
    let services = &hall.h.services;
    let started = services
        .start_bulk(
            &hall.sam,
            "rx1",
            BulkAction::Deactivate,
            Vec::new(),
            Some("?role=viewer"),
        )
        .await
        .unwrap();
    let draft = started.draft;
    hall.because(&hall.sam, draft, "on_leave").await.unwrap();
    let version = hall.check(&hall.sam, draft).await.version;
    hall.h.member("rx1", "new.comer@nhs.net", "viewer").await;
    let stale = hall.confirm(&hall.sam, draft, &version).await;
    assert_eq!(refused(stale), "conflict.stale");
    let page = hall.check(&hall.sam, draft).await;
    assert_eq!(page.people.total, 4, "everybody who matches now");
    assert_eq!(page.query, "?role=viewer");
    let left = people[0].user();
    services
        .leave_out(&hall.sam, "rx1", draft, left, false)
        .await
        .unwrap();
    assert_eq!(
        refused(hall.confirm(&hall.sam, draft, &page.version).await),
        "conflict.stale"
    );
    let page = hall.check(&hall.sam, draft).await;
    assert_eq!(page.people.total, 3);
    assert_eq!(
        outcomes(&page.left_out.shown),
        [("Jane Carlton0".to_owned(), BulkOutcome::LeftOut)]
    );
    let stranger = hall.alex.user();
    let not_selected = services.leave_out(&hall.sam, "rx1", draft, stranger, false);
    assert_eq!(refused(not_selected.await), "not found");
    let job = hall.go(&hall.sam, draft).await;
    let job = hall.job(&hall.sam, job).await;
    assert_eq!(
        (job.done.total, job.left_out.total, job.selected),
        (3, 1, 4)
    );
    assert_eq!(hall.status(&people[0]).await, MembershipStatus::Active);
}

/// ux 6.6: 25 are asked once more; R49: whoever has not proved their password lately proves it first.
#[tokio::test]
async fn many_are_asked_once_more_and_the_password_is_fresh() {
    let hall = Hall::new().await;
    let people = hall.viewers(25).await;
    let draft = hall.leaving(&hall.sam, &people).await;
    let page = hall.check(&hall.sam, draft).await;
    assert!(page.asks_once_more);
    let services = &hall.h.services;
    let asked = services.confirm_bulk(&hall.sam, "rx1", draft, &page.version, false);
    assert_eq!(asked.await.unwrap(), At::Here(BulkStep::Sure));
    assert_eq!(hall.status(&people[0]).await, MembershipStatus::Active);
    hall.h.clock.advance(TimeDelta::minutes(11));
    let late = hall.confirm(&hall.sam, draft, &page.version).await;
    assert_eq!(refused(late), "password");
    let few = hall.leaving(&hall.sam, &people[..24]).await;
    assert!(!hall.check(&hall.sam, few).await.asks_once_more);
}

/// R99: the file has everybody who was selected, safe for a spreadsheet; and only those.
#[tokio::test]
async fn the_selected_people_leave_as_a_file() {
    let hall = Hall::new().await;
    let people = hall.viewers(3).await;
    let draft = hall
        .start(&hall.sam, BulkAction::Export, &people[..2])
        .await;
    let services = &hall.h.services;
    let draft = draft.unwrap();
    let mut file = services
        .export_selected(&hall.sam, "rx1", draft)
        .await
        .unwrap();
    let text = file.next().await.unwrap().unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.contains("jane.carlton1@nhs.net") && !text.contains("jane.carlton2@nhs.net"));
    let others = services.export_selected(&hall.alex, "rx1", draft).await;
    assert!(matches!(others, Err(Error::NotFound)));
}
