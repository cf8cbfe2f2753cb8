use super::*;
use crate::presets::Preset;

/// T-ROL-02, R67, R72: not oneself, nobody with more rights, not the last administrators; each with its
/// reason, and their sum is what was selected.
#[tokio::test]
async fn who_cannot_be_deactivated_is_left_out_with_the_reason() {
    let hall = Hall::new().await;
    let manager = hall.h.member("rx1", "mia.manager@nhs.net", "manager").await;
    let mut people = hall.viewers(2).await;
    hall.limit(&people[0], hall.north).await;
    people.extend([hall.sam.clone(), hall.alex.clone(), manager]);
    people.push(hall.invited("ines.invited@nhs.net").await);
    let draft = hall.leaving(&hall.sam, &people).await;
    let page = hall.check(&hall.sam, draft).await;
    assert_eq!(page.people.total + page.left_out.total, page.selected);
    let left = outcomes(&page.left_out.shown);
    assert_eq!(
        left,
        [
            ("Sam Okoro".to_owned(), BulkOutcome::OwnAccount),
            ("ines.invited@nhs.net".to_owned(), BulkOutcome::OnlyInvited),
        ]
    );
    // An administrator of nursing reaches nobody beyond, and nobody with more rights.
    hall.limit(&hall.alex, hall.nursing).await;
    let wide = hall
        .start(&hall.alex, BulkAction::Deactivate, &people)
        .await;
    assert_eq!(refused(wide), "not found", "they do not see all of them");
    let draft = hall.leaving(&hall.alex, &people[..1]).await;
    assert_eq!(hall.check(&hall.alex, draft).await.people.total, 1);
}

/// T-ROL-02, R71: of all administrators as many go as can be done without.
#[tokio::test]
async fn the_last_administrator_stays() {
    let hall = Hall::new().await;
    let kit = hall.h.administrator("rx1", "kit.lee@nhs.net").await;
    let deputy = hall.h.member("rx1", "dee.puty@nhs.net", "manager").await;
    let people = [hall.alex.clone(), kit.clone(), hall.sam.clone()];
    let draft = hall.leaving(&hall.sam, &people).await;
    let page = hall.check(&hall.sam, draft).await;
    assert_eq!(page.people.total, 2, "Sam is left to manage");
    // While they wait, Sam goes another way: the work counts anew.
    let version = page.version;
    drop(deputy);
    let At::Elsewhere(Elsewhere::Job(job)) =
        hall.confirm(&hall.sam, draft, &version).await.unwrap()
    else {
        panic!("it goes on");
    };
    let job = hall.job(&hall.sam, job).await;
    assert_eq!((job.done.total, job.left_out.total), (2, 1));
    assert_eq!(hall.status(&hall.sam).await, MembershipStatus::Active);
}

/// J25, J39, E4: of four who get a role with two places left, two get it: on the page and in the work; and nobody does
/// without the reason that is asked for one person.
#[tokio::test]
async fn a_limited_role_takes_as_many_as_it_has_places() {
    let h = Harness::new().await;
    let trust = h.organisation_of(Preset::NhsJobs, "NJ1", "Elm Trust").await;
    let mut supers = Vec::new();
    for name in ["sam", "al", "bo", "cy", "di"] {
        let email = format!("{name}.ash@nhs.net");
        supers.push(h.member("nj1", &email, "super-user").await);
    }
    let session = h.session(&supers[0]).await;
    let sam = h.signed_in(&session).await.unwrap();
    let mut people = Vec::new();
    for n in 0..4 {
        let email = format!("person{n}.lee@nhs.net");
        people.push(h.member("nj1", &email, "team-manager").await.user());
    }
    let services = &h.services;
    let mut tx = services.store.read().await.unwrap();
    let roles = tx.roles(trust).await.unwrap();
    drop(tx);
    let limited = roles.iter().find(|role| role.key == "super-user").unwrap();
    let started = services.start_bulk(&sam, "nj1", BulkAction::Role, people, None);
    let draft = started.await.unwrap().draft;
    let empty = services.answer_bulk_role(&sam, "nj1", draft, "").await;
    assert_eq!(refused(empty), "role.empty");
    let role = limited.id.to_string();
    let next = services.answer_bulk_role(&sam, "nj1", draft, &role).await;
    assert_eq!(next.unwrap(), At::Here(BulkStep::Reason));
    let early = services.confirm_bulk(&sam, "nj1", draft, "", true).await;
    let asked = At::Elsewhere(Elsewhere::Step(BulkStep::Reason));
    assert_eq!(early.unwrap(), asked);
    let give = async |reason: &str| {
        let answer = services.answer_bulk_role_reason(&sam, "nj1", draft, reason);
        answer.await
    };
    assert_eq!(refused(give(" ").await), "role_reason.empty");
    assert_eq!(refused(give(&"x".repeat(501)).await), "reason.too_long");
    let next = give("Two teams more").await;
    assert_eq!(next.unwrap(), At::Here(BulkStep::Check));
    let At::Here(page) = services.bulk_check(&sam, "nj1", draft).await.unwrap() else {
        panic!("not at the page of answers");
    };
    assert_eq!((page.people.total, page.left_out.total), (2, 2));
    assert_eq!(page.left_out.shown[0].outcome, BulkOutcome::RoleFull);
    assert_eq!(page.what.reason, "Two teams more");
    let confirmed = services.confirm_bulk(&sam, "nj1", draft, &page.version, false);
    let At::Elsewhere(Elsewhere::Job(job)) = confirmed.await.unwrap() else {
        panic!("no job");
    };
    let job = services.bulk_job(&sam, "nj1", job).await.unwrap();
    assert_eq!((job.done.total, job.failed.total), (2, 0));
    let mut tx = services.store.read().await.unwrap();
    let promoted = page.people.shown[0].user;
    let member = tx.membership_of(trust, promoted).await.unwrap().unwrap();
    let thing = domain::membership::ChangedThing::Access;
    let change = tx.newest_change(trust, member.id, thing).await.unwrap();
    assert_eq!(change.unwrap().reason, "Two teams more");
    let used = tx.seats_used(trust, services.now()).await.unwrap();
    let taken = used.iter().find(|(id, _)| *id == limited.id).unwrap().1;
    assert_eq!(Some(taken), limited.seat_limit);
}

/// A10, R69: more areas for what they have, and a last day for it.
#[tokio::test]
async fn areas_are_added_and_a_last_day_is_set() {
    let hall = Hall::new().await;
    let people = hall.viewers(3).await;
    hall.limit(&people[0], hall.north).await;
    hall.limit(&people[1], hall.nursing).await;
    let services = &hall.h.services;
    let draft = hall
        .start(&hall.sam, BulkAction::Areas, &people)
        .await
        .unwrap();
    for (areas, code) in [
        (vec![], "areas.empty"),
        (vec!["all".to_owned()], "areas.empty"),
    ] {
        let answer = services.answer_bulk_areas(&hall.sam, "rx1", draft, areas);
        assert_eq!(refused(answer.await), code);
    }
    let areas = vec![hall.nursing.to_string()];
    services
        .answer_bulk_areas(&hall.sam, "rx1", draft, areas)
        .await
        .unwrap();
    let page = hall.check(&hall.sam, draft).await;
    assert_eq!(page.people.total, 1, "the others have it already");
    assert_eq!(page.left_out.shown[0].outcome, BulkOutcome::AlreadyHas);
    hall.go(&hall.sam, draft).await;
    let has = hall.access_of(&people[0]).await;
    assert!(
        has[0].contains("Community nursing") && has[0].contains("North team"),
        "{has:?}"
    );

    let draft = hall
        .start(&hall.sam, BulkAction::EndDate, &people)
        .await
        .unwrap();
    let day = |day: &str, month: &str, year: &str| DatesForm {
        end_day: day.to_owned(),
        end_month: month.to_owned(),
        end_year: year.to_owned(),
        ..DatesForm::default()
    };
    for (dates, code) in [
        (day("", "", ""), "end.empty"),
        (day("31", "", "2027"), "end.incomplete"),
        (day("1", "1", "2026"), "end.before_start"),
    ] {
        let answer = services.answer_bulk_dates(&hall.sam, "rx1", draft, dates);
        assert_eq!(refused(answer.await), code);
    }
    services
        .answer_bulk_dates(&hall.sam, "rx1", draft, day("31", "3", "2027"))
        .await
        .unwrap();
    let page = hall.check(&hall.sam, draft).await;
    assert_eq!(page.what.last_day, "31 March 2027");
    hall.go(&hall.sam, draft).await;
    let has = hall.access_of(&people[2]).await;
    assert_eq!(has, ["Viewer (until 31 March 2027)"]);
}

/// A17, B22, C18: invitations are sent again or cancelled; whoever is active is left out, and so is
/// whoever was sent one a moment ago.
#[tokio::test]
async fn invitations_are_sent_again_and_cancelled() {
    let hall = Hall::new().await;
    let mut people = hall.viewers(1).await;
    people.push(hall.invited("ines.invited@nhs.net").await);
    let draft = hall
        .start(&hall.sam, BulkAction::Resend, &people)
        .await
        .unwrap();
    let page = hall.check(&hall.sam, draft).await;
    assert_eq!(
        outcomes(&page.left_out.shown),
        [
            ("Jane Carlton0".to_owned(), BulkOutcome::AlreadyActive),
            ("ines.invited@nhs.net".to_owned(), BulkOutcome::TooSoon),
        ]
    );
    let nothing = hall.confirm(&hall.sam, draft, &page.version).await;
    assert_eq!(refused(nothing), "bulk.none");
    hall.h.clock.advance(TimeDelta::minutes(9));
    let job = hall.go(&hall.sam, draft).await;
    let job = hall.job(&hall.sam, job).await;
    assert_eq!((job.done.total, job.left_out.total), (1, 1));
    assert_eq!(job.undo, BulkUndo::No, "what was sent is sent");
    let draft = hall
        .start(&hall.sam, BulkAction::Cancel, &people)
        .await
        .unwrap();
    let job = hall.go(&hall.sam, draft).await;
    assert_eq!(hall.status(&people[1]).await, MembershipStatus::Cancelled);
    assert_eq!(hall.job(&hall.sam, job).await.undo, BulkUndo::Offered(1));
    hall.h.clock.advance(TimeDelta::minutes(11));
    let undoing = hall.h.services.undo_bulk_job(&hall.sam, "rx1", job).await;
    let undoing = hall.job(&hall.sam, undoing.unwrap()).await;
    assert_eq!(undoing.done.total, 1, "{undoing:?}");
    assert_eq!(hall.status(&people[1]).await, MembershipStatus::Pending);
}

/// C27: whoever has an address that is no longer allowed is left out of sending again.
#[tokio::test]
async fn an_address_that_is_no_longer_allowed_is_left_out() {
    let hall = Hall::new().await;
    let people = [hall.invited("ines.invited@nhs.net").await];
    hall.h.clock.advance(TimeDelta::minutes(9));
    let mut tx = hall.h.services.store.write().await.unwrap();
    let organisation = tx.organisation(hall.organisation).await.unwrap().unwrap();
    let policy = domain::Policy {
        email_domains: domain::policy::EmailDomains::Only(vec!["*.nhs.uk".to_owned()]),
        ..organisation.policy
    };
    tx.update_policy(hall.organisation, &policy).await.unwrap();
    tx.commit().await.unwrap();
    let draft = hall
        .start(&hall.sam, BulkAction::Resend, &people)
        .await
        .unwrap();
    let page = hall.check(&hall.sam, draft).await;
    assert_eq!(
        outcomes(&page.left_out.shown),
        [(
            "ines.invited@nhs.net".to_owned(),
            BulkOutcome::EmailNotAllowed
        )]
    );
}

/// J48 to J51: whoever is deactivated comes back with what they had.
#[tokio::test]
async fn people_come_back() {
    let hall = Hall::new().await;
    let people = hall.viewers(3).await;
    let draft = hall.leaving(&hall.sam, &people[..2]).await;
    hall.go(&hall.sam, draft).await;
    let draft = hall
        .start(&hall.sam, BulkAction::Reactivate, &people)
        .await
        .unwrap();
    let page = hall.check(&hall.sam, draft).await;
    assert_eq!(page.people.total, 2);
    assert_eq!(page.left_out.shown[0].outcome, BulkOutcome::AlreadyActive);
    hall.go(&hall.sam, draft).await;
    for person in &people {
        assert_eq!(hall.status(person).await, MembershipStatus::Active);
        assert_eq!(hall.access_of(person).await, ["Viewer"]);
    }
}
