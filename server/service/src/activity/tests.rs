//! Activity of an organisation and of its people: who sees what of it.

use domain::{
    AuditEventKind, Permission,
    activity::{ActivityPage, ActivityQuery},
    id::{AreaId, OrganisationId},
    listing::UsersQuery,
};
use serde_json::json;
use store::{AreaRow, AssignmentRow};

use crate::{Actor, By, Error, audit::Event, testing::Harness};

mod areas;

struct Hospital {
    h: Harness,
    id: OrganisationId,
    sam: Actor,
    area: AreaId,
}

impl Hospital {
    async fn new() -> Self {
        let h = Harness::new().await;
        let id = h.organisation("RX1", "Hollybrook Hospital").await;
        let sam = h.administrator("rx1", "sam.okoro@nhs.net").await;
        let area = AreaId::from_uuid(h.services.random.uuid(h.services.now()));
        let mut tx = h.services.store.write().await.unwrap();
        tx.insert_areas(&[AreaRow {
            id: area,
            organisation_id: id,
            parent_id: None,
            name: "Theatres".to_owned(),
            kind: "service area".to_owned(),
            position: 0,
            closed_at: None,
        }])
        .await
        .unwrap();
        tx.commit().await.unwrap();
        Self { h, id, sam, area }
    }

    /// Limits what a member has to the area.
    async fn limit(&self, actor: &Actor) {
        let mut tx = self.h.services.store.write().await.unwrap();
        let member = tx.membership_of(self.id, actor.user()).await.unwrap();
        let member = member.unwrap().id;
        let held = tx.assignments_of(self.id, member).await.unwrap();
        tx.delete_assignments_of(self.id, member).await.unwrap();
        tx.insert_assignments(&[AssignmentRow {
            area_id: Some(self.area),
            ..held[0].clone()
        }])
        .await
        .unwrap();
        tx.commit().await.unwrap();
    }

    async fn event(&self, kind: AuditEventKind, about: Option<&Actor>, details: serde_json::Value) {
        let event = Event {
            organisation: Some(self.id),
            kind,
            subject: about.map(|about| (about.user(), about.name().to_owned())),
            details,
        };
        let by = By::actor(&self.sam);
        let mut tx = self.h.services.store.write().await.unwrap();
        self.h.services.audit(&mut tx, &by, event).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn page(&self, actor: &Actor, query: &str) -> ActivityPage {
        let query = ActivityQuery::parse(query);
        let page = self.h.services.activity_page(actor, "rx1", None, &query);
        page.await.unwrap()
    }

    async fn file(&self, actor: &Actor, query: &str) -> String {
        let query = ActivityQuery::parse(query);
        let export = self.h.services.export_activity(actor, "rx1", None, &query);
        let mut export = export.await.unwrap();
        let mut text = String::new();
        while let Some(lines) = export.next().await.unwrap() {
            text.push_str(&lines);
        }
        text
    }
}

fn kinds(page: &ActivityPage) -> Vec<AuditEventKind> {
    page.events.iter().map(|event| event.item.kind).collect()
}

/// J1: newest first, with what was recorded as far as it may be told; filters by person, by whoever
/// did it, type and date.
#[tokio::test]
async fn activity_is_found_by_its_filters() {
    use AuditEventKind as Kind;
    let hospital = Hospital::new().await;
    let jane = hospital
        .h
        .member("rx1", "jane.carlton@nhs.net", "viewer")
        .await;
    let secret =
        json!({ "role": "Viewer", "areas": ["Theatres"], "token": "inv_secret", "reason": "550" });
    hospital
        .event(Kind::RoleAssigned, Some(&jane), secret)
        .await;
    hospital.event(Kind::PolicyChanged, None, json!({})).await;
    let page = hospital.page(&hospital.sam, "").await;
    assert_eq!(
        kinds(&page),
        [
            Kind::PolicyChanged,
            Kind::RoleAssigned,
            Kind::OrganisationCreated
        ]
    );
    let assigned = &page.events[1];
    assert_eq!(
        (assigned.item.title.as_str(), assigned.text.as_str()),
        ("Jane Carlton was given the role Viewer", "Theatres.")
    );
    // R104: nothing leaves but what is named.
    assert!(!format!("{page:?}").contains("secret"));
    for (query, found) in [
        ("person=carl+jane", &[Kind::RoleAssigned][..]),
        ("person=jane.carlton%40nhs.net", &[Kind::RoleAssigned]),
        ("person=sam", &[]),
        ("person=nobody", &[]),
        ("person=%2C", &[]),
        ("by=sam", &[Kind::PolicyChanged, Kind::RoleAssigned]),
        ("by=sam&type=access", &[Kind::RoleAssigned]),
        (
            "type=organisation",
            &[Kind::PolicyChanged, Kind::OrganisationCreated],
        ),
        ("type=exports", &[]),
        ("from-day=22&from-month=11&from-year=2026", &[]),
        ("to-day=20&to-month=11&to-year=2026", &[]),
        (
            "type=access&from-day=21&from-month=11&from-year=2026",
            &[Kind::RoleAssigned],
        ),
    ] {
        let page = hospital.page(&hospital.sam, query).await;
        assert_eq!(kinds(&page), found, "{query}");
    }
    let page = hospital
        .page(&hospital.sam, "from-day=31&from-month=2&from-year=2026")
        .await;
    assert!(page.events.is_empty() && page.violations.for_field("from-day").is_some());
}

/// J1: pages have a way to older and newer ones, and the first is always full.
#[tokio::test]
async fn pages_lead_to_older_and_newer_ones() {
    let hospital = Hospital::new().await;
    for _ in 0..119 {
        hospital
            .event(AuditEventKind::AreaAdded, None, json!({}))
            .await;
    }
    let first = hospital.page(&hospital.sam, "").await;
    assert_eq!(
        (first.events.len(), first.newer, first.older),
        (50, false, true)
    );
    assert_eq!(first.events[0].sequence, 120);
    let second = hospital.page(&hospital.sam, "before=71").await;
    assert_eq!(
        (second.events[0].sequence, second.newer, second.older),
        (70, true, true)
    );
    let third = hospital.page(&hospital.sam, "before=21").await;
    assert_eq!(
        (third.events.len(), third.newer, third.older),
        (20, true, false)
    );
    let back = hospital.page(&hospital.sam, "after=20").await;
    assert_eq!(
        (back.events[0].sequence, back.newer, back.older),
        (70, true, true)
    );
    let start = hospital.page(&hospital.sam, "after=100").await;
    assert_eq!(start, hospital.page(&hospital.sam, "").await);
}

/// R63, R65: activity is for those who have the right, of people who are there.
#[tokio::test]
async fn activity_is_not_for_everybody() {
    let hospital = Hospital::new().await;
    hospital.h.organisation("RX2", "Rosebush Hospital").await;
    let other = hospital.h.administrator("rx2", "lee.ward@nhs.net").await;
    let viewer = hospital
        .h
        .member("rx1", "jane.carlton@nhs.net", "viewer")
        .await;
    let services = &hospital.h.services;
    let query = ActivityQuery::default();
    let ask = |actor: Actor, user| {
        let query = query.clone();
        async move { services.activity_page(&actor, "rx1", user, &query).await }
    };
    assert!(matches!(
        ask(viewer.clone(), None).await,
        Err(Error::NotAllowed)
    ));
    assert!(matches!(
        ask(other.clone(), None).await,
        Err(Error::NotFound)
    ));
    let sam = hospital.sam.clone();
    let about = ask(sam.clone(), Some(other.user())).await;
    assert!(matches!(about, Err(Error::NotFound)));
    let page = ask(sam, Some(viewer.user())).await.unwrap();
    assert_eq!(page.person.unwrap().name, "Jane Carlton");
    for actor in [&viewer, &other] {
        let export = services.export_activity(actor, "rx1", None, &query);
        assert!(export.await.is_err());
    }
}

/// R106: whoever manages an area sees what is about its people, and nothing else.
#[tokio::test]
async fn an_area_manager_sees_the_activity_of_their_people() {
    use AuditEventKind as Kind;
    let hospital = Hospital::new().await;
    let amy = hospital.h.administrator("rx1", "amy.cole@nhs.net").await;
    let jane = hospital
        .h
        .member("rx1", "jane.carlton@nhs.net", "viewer")
        .await;
    let ben = hospital.h.member("rx1", "ben.moss@nhs.net", "viewer").await;
    hospital.limit(&amy).await;
    hospital.limit(&jane).await;
    let details = || json!({ "role": "Viewer", "areas": ["Another place"] });
    for person in [&jane, &ben] {
        hospital
            .event(Kind::RoleAssigned, Some(person), details())
            .await;
    }
    let page = hospital.page(&amy, "").await;
    assert_eq!(kinds(&page), [Kind::RoleAssigned]);
    assert_eq!(page.events[0].item.subject, "Jane Carlton");
    assert!(page.events[0].text.is_empty(), "areas beyond their reach");
    assert_eq!(page.limited_to, ["Theatres"]);
    assert!(hospital.page(&amy, "person=ben").await.events.is_empty());
    let services = &hospital.h.services;
    let query = ActivityQuery::default();
    let about = services.activity_page(&amy, "rx1", Some(ben.user()), &query);
    assert!(matches!(about.await, Err(Error::NotFound)));
    let file = hospital.file(&amy, "").await;
    assert!(file.contains("Jane Carlton") && !file.contains("Ben Moss"));
    // The page of a person has the newest.
    let page = services.user_page(&amy, "rx1", jane.user()).await.unwrap();
    assert_eq!(page.activity.unwrap().len(), 1);
}

/// R99, R101: the file has every event that matches, no formula, and leaves a trace.
#[tokio::test]
async fn the_file_has_everything_and_is_recorded() {
    let hospital = Hospital::new().await;
    let actor = hospital.h.actor(hospital.sam.user(), "=cmd", "x@nhs.net");
    hospital
        .event(AuditEventKind::RoleAssigned, Some(&actor), json!({}))
        .await;
    for _ in 0..1_500 {
        hospital
            .event(AuditEventKind::AreaAdded, None, json!({}))
            .await;
    }
    let file = hospital.file(&hospital.sam, "before=3").await;
    assert!(file.starts_with("\u{feff}Number,Time (UK),"), "{file:.80}");
    // The export itself is in it.
    assert_eq!(file.lines().count(), 1 + 1_503);
    assert!(file.contains("'=cmd was given a role,Sam Okoro,'=cmd,role_assigned"));
    assert!(file.contains("2026-11-21 09:30:00"));
    let file = hospital.file(&hospital.sam, "type=access").await;
    assert_eq!(file.lines().count(), 2);
    let page = hospital.page(&hospital.sam, "type=exports").await;
    assert_eq!(kinds(&page), [AuditEventKind::ActivityExported; 2]);
}

/// R99, R101, R106: the users list as a file: those of the filter, in its order, within reach, and how
/// many they were is recorded.
#[tokio::test]
async fn the_users_list_is_exported() {
    let hospital = Hospital::new().await;
    let amy = hospital.h.administrator("rx1", "amy.cole@nhs.net").await;
    let jane = hospital
        .h
        .member("rx1", "jane.carlton@nhs.net", "viewer")
        .await;
    hospital
        .h
        .member("rx1", "=ben.moss@nhs.net", "viewer")
        .await;
    hospital.limit(&amy).await;
    hospital.limit(&jane).await;
    let services = &hospital.h.services;
    let file = |actor: Actor, query: &'static str| async move {
        let query = UsersQuery::parse(query);
        let mut export = services.export_users(&actor, "rx1", &query).await?;
        let mut text = String::new();
        while let Some(lines) = export.next().await? {
            text.push_str(&lines);
        }
        Ok::<_, Error>(text)
    };
    let all = file(hospital.sam.clone(), "page=7").await.unwrap();
    let lines: Vec<&str> = all.lines().collect();
    assert_eq!(
        lines[0],
        "\u{feff}Name,Email address,Status,Roles,Areas,Invited (UK time),Last signed in (UK time)"
    );
    assert_eq!(lines.len(), 5, "{all}");
    assert!(lines.contains(&"Jane Carlton,jane.carlton@nhs.net,Active,Viewer,Theatres,,"));
    assert!(all.contains("'=ben.moss@nhs.net"));
    assert!(
        all.contains(
            "Sam Okoro,sam.okoro@nhs.net,Active,Administrator,All of Hollybrook Hospital,,"
        )
    );
    let some = file(hospital.sam.clone(), "role=viewer&q=jane")
        .await
        .unwrap();
    assert_eq!(some.lines().count(), 2);
    let within = file(amy, "").await.unwrap();
    assert_eq!(within.lines().count(), 3, "{within}");
    assert!(!within.contains("Sam Okoro"));
    assert!(matches!(file(jane, "").await, Err(Error::NotAllowed)));
    let page = hospital.page(&hospital.sam, "type=exports").await;
    let titles: Vec<&str> = page
        .events
        .iter()
        .map(|event| event.item.title.as_str())
        .collect();
    let expected =
        ["2 users", "1 user", "4 users"].map(|count| format!("Users exported as CSV: {count}"));
    assert_eq!(titles, expected);
}

/// R63: the right to see users is not the right to export them.
#[tokio::test]
async fn whoever_sees_users_may_not_export_them() {
    let hospital = Hospital::new().await;
    let manager = hospital
        .h
        .member("rx1", "mia.jones@nhs.net", "manager")
        .await;
    let services = &hospital.h.services;
    let query = UsersQuery::default();
    let page = services.users_page(&manager, "rx1", &query).await.unwrap();
    assert!(!page.may_export);
    let mut tx = services.store.read().await.unwrap();
    let access = services.access(&mut tx, &manager, "rx1").await.unwrap();
    assert!(access.has(Permission::UsersView));
    drop(tx);
    let export = services.export_users(&manager, "rx1", &query).await;
    assert!(matches!(export, Err(Error::NotAllowed)));
}
