//! What they get: roles, areas and places.

use super::*;

/// C7, J24: several roles where the service allows it, none twice in one place, each with its dates.
#[tokio::test]
async fn roles_go_together_or_are_refused() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let second = hall.limited_role(1, &[]).await;
    let adding = Adding::up_to_check(&hall, "jane@nhs.net").await;
    assert!(here(adding.check().await).more_roles);
    let contributor = hall.role("contributor").await;
    let refused = adding.role(2, contributor).await;
    assert_eq!(code(refused), ("role".into(), "role.only_one".into()));
    assert!(matches!(adding.role(3, second).await, Err(Error::NotFound)));
    let next = adding.role(2, second).await.unwrap();
    assert_eq!(here(next), (AddStep::Check, 1));
    let again = adding.role(3, second).await;
    assert_eq!(code(again), ("role".into(), "role.duplicate".into()));
    let dates = DatesForm {
        start_day: "3".into(),
        start_month: "1".into(),
        start_year: "2027".into(),
        ..DatesForm::default()
    };
    let next = services
        .answer_add_dates(&hall.sam, "rx1", adding.draft, 2, dates)
        .await;
    assert_eq!(here(next.unwrap()), (AddStep::Check, 1));
    let page = here(adding.check().await);
    assert_eq!(page.roles[1].period, "From 3 January 2027");
    adding.send(page.version).await.unwrap();
    let [message] = &hall.h.outbox().await[..] else {
        panic!("one invitation")
    };
    let mut access = message.content.after.clone();
    access.sort_unstable();
    assert_eq!(access, ["Super user (from 3 January 2027)", "Viewer"]);
    // J25: the place is taken by the invitation; the next one is told who is first.
    let other = Adding::up_to_check(&hall, "bo@nhs.net").await;
    let refused = other.role(2, second).await;
    assert_eq!(code(refused), ("role".into(), "role.full".into()));
}

/// J25, J31: the loser of a race for the last place is told on the page of answers, and nothing of
/// it was done.
#[tokio::test]
async fn a_place_that_was_taken_meanwhile_is_told() {
    let hall = Hall::new().await;
    let role = hall.limited_role(1, &[]).await;
    let mut both = Vec::new();
    for email in ["jane@nhs.net", "bo@nhs.net"] {
        let adding = Adding::up_to_check(&hall, email).await;
        adding.role(2, role).await.unwrap();
        both.push(adding);
    }
    let first = here(both[0].check().await).version;
    both[0].send(first).await.unwrap();
    let second = here(both[1].check().await).version;
    let refused = both[1].send(second).await.unwrap_err();
    assert_eq!(codes(&refused), [("role".into(), "role.full".into())]);
    let mut tx = hall.h.services.store.read().await.unwrap();
    let nobody = tx.user_by_email_key("bo@nhs.net").await.unwrap();
    assert!(nobody.is_none());
}

/// A06, C20: a person may be added without a role, by whoever would still see them.
#[tokio::test]
async fn a_person_may_come_without_a_role() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let adding = Adding::start(&hall).await;
    adding.email("jane@nhs.net").await.unwrap();
    adding.details(jane()).await.unwrap();
    let next = services
        .skip_add_role(&hall.sam, "rx1", adding.draft)
        .await
        .unwrap();
    assert_eq!(here(next), (AddStep::Check, 1));
    let page = here(adding.check().await);
    assert!(page.roles.is_empty());
    adding.send(page.version).await.unwrap();
    let query = UsersQuery::parse("role=none");
    let found = services.users_page(&hall.sam, "rx1", &query).await.unwrap();
    assert_eq!(found.rows.len(), 1);
}

/// R65, R67: whoever manages one area adds people to that area alone, gives no role beyond their
/// own, and the draft of somebody else is nobody's.
#[tokio::test]
async fn nobody_adds_beyond_what_they_manage() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let manager = hall.h.member("rx1", "mo.manager@nhs.net", "manager").await;
    let (_, membership) = hall.person("mo.manager@nhs.net").await;
    let mut tx = services.store.write().await.unwrap();
    let mut held = tx
        .assignments_of(hall.organisation, membership.id)
        .await
        .unwrap();
    held[0].area_id = Some(hall.north);
    tx.replace_assignments(hall.organisation, membership.id, &held)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let draft = services.start_adding(&manager, "rx1").await.unwrap();
    let next = services
        .answer_add_email(&manager, "rx1", draft, "jane@nhs.net")
        .await;
    here(next.unwrap());
    services
        .answer_add_details(&manager, "rx1", draft, jane())
        .await
        .unwrap();
    let page = services.add_role_page(&manager, "rx1", draft, 1).await;
    let page = here(page.unwrap());
    assert!(!page.may_skip);
    assert!(page.roles.iter().all(|role| role.key != "administrator"));
    let skipped = services.skip_add_role(&manager, "rx1", draft).await;
    assert!(matches!(skipped, Err(Error::NotAllowed)));
    let administrator = hall.role("administrator").await.to_string();
    let refused = services
        .answer_add_role(&manager, "rx1", draft, 1, &administrator)
        .await;
    assert_eq!(code(refused).1, "role.empty");
    let viewer = hall.role("viewer").await.to_string();
    services
        .answer_add_role(&manager, "rx1", draft, 1, &viewer)
        .await
        .unwrap();
    for areas in [vec!["all".to_owned()], vec![hall.nursing.to_string()]] {
        let refused = services
            .answer_add_areas(&manager, "rx1", draft, 1, areas)
            .await;
        assert!(matches!(refused, Err(Error::NotAllowed)));
    }
    let theirs = services.add_check_page(&hall.sam, "rx1", draft).await;
    assert_eq!(theirs.unwrap(), At::Elsewhere(Elsewhere::Start));
    let viewer = hall.h.member("rx1", "vi.viewer@nhs.net", "viewer").await;
    let refused = services.start_adding(&viewer, "rx1").await;
    assert!(matches!(refused, Err(Error::NotAllowed)));
    // Notes are for those who may see them.
    let page = services.add_details_page(&manager, "rx1", draft).await;
    let page = here(page.unwrap());
    assert_eq!(page.rules.notes, domain::policy::FieldUse::Hidden);
}

/// J32: another person with the same role and areas.
#[tokio::test]
async fn another_person_gets_the_same_role() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let first = Adding::up_to_check(&hall, "jane@nhs.net").await;
    let version = here(first.check().await).version;
    first.send(version).await.unwrap();
    let another = services.add_another(&hall.sam, "rx1", first.draft).await;
    let next = Adding {
        hall: &hall,
        draft: here(another.unwrap()),
    };
    assert_eq!(
        here(next.email("bo@nhs.net").await.unwrap()).0,
        AddStep::Details
    );
    let after = here(next.details(jane()).await.unwrap());
    assert_eq!(after, (AddStep::Check, 1));
    assert_eq!(here(next.check().await).roles[0].role.key, "viewer");
}

/// An area that was closed since is asked for again, before anything is sent.
#[tokio::test]
async fn an_area_that_is_gone_is_asked_for_again() {
    let hall = Hall::new().await;
    let adding = Adding::up_to_check(&hall, "jane@nhs.net").await;
    adding.areas(1, &[hall.north.to_string()]).await.unwrap();
    let store = hall.h.services.store();
    store
        .run_for_test(
            "UPDATE areas SET closed_at = '2026-01-01T00:00:00+00:00' WHERE name = 'North team'",
        )
        .await
        .unwrap();
    assert_eq!(
        adding.check().await,
        At::Elsewhere(Elsewhere::Adding(AddStep::Areas, 1))
    );
}
