//! Filters by dates, second factors and clinicians.

use chrono::TimeDelta;
use domain::{
    SecondFactorKind,
    bulk::BulkAction,
    id::{AreaId, SecondFactorId},
    listing::{FilterOption, UsersPage},
    policy::{Field, FieldRule},
};
use store::{AssignmentRow, MembershipRow, SecondFactorRow};

use super::{hospital, labels, list};
use crate::{Actor, testing::Harness};

/// Changes a member of RX1 and what they hold.
async fn change(
    h: &Harness,
    actor: &Actor,
    change: impl FnOnce(&mut MembershipRow, &mut Vec<AssignmentRow>),
) {
    let mut tx = h.services.store().write().await.unwrap();
    let organisation = tx.organisation_by_slug("rx1").await.unwrap().unwrap().id;
    let row = tx.membership_of(organisation, actor.user()).await.unwrap();
    let mut row = row.unwrap();
    let mut held = tx.assignments_of(organisation, row.id).await.unwrap();
    change(&mut row, &mut held);
    let signed_in = row.last_signed_in_at;
    tx.update_membership(&row).await.unwrap();
    tx.replace_assignments(organisation, row.id, &held)
        .await
        .unwrap();
    if let Some(at) = signed_in {
        tx.set_last_signed_in(organisation, actor.user(), at)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

async fn add_factor(h: &Harness, actor: &Actor) {
    let now = h.services.now();
    let mut tx = h.services.store().write().await.unwrap();
    tx.put_second_factor(&SecondFactorRow {
        id: SecondFactorId::from_uuid(h.services.random.uuid(now)),
        user_id: actor.user(),
        kind: SecondFactorKind::Email,
        secret: None,
        last_step: 0,
        created_at: now,
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// Ann, Ben and Cat are invited. Jane signed in 60 days ago, has a second factor, and a role in Theatres that ends
/// with this Sunday; Kim signed in now, and has a role in Community nursing that ends a month later. Mia manages
/// Community nursing.
struct People {
    h: Harness,
    sam: Actor,
    jane: Actor,
    kim: Actor,
    mia: Actor,
    areas: Vec<AreaId>,
}

impl People {
    async fn new() -> Self {
        let h = Harness::new().await;
        let (sam, areas) = hospital(&h).await;
        let jane = h.member("rx1", "jane.carlton@nhs.net", "viewer").await;
        let kim = h.member("rx1", "kim.adler@nhs.net", "viewer").await;
        let mia = h.member("rx1", "mia.ward@nhs.net", "manager").await;
        let now = h.services.now();
        // A Saturday morning.
        assert_eq!(now.to_rfc3339(), "2026-11-21T09:30:00+00:00");
        let sunday = "2026-11-23T00:00:00Z".parse().unwrap();
        add_factor(&h, &jane).await;
        change(&h, &jane, |row, held| {
            row.last_signed_in_at = Some(now - TimeDelta::days(60));
            held[0].area_id = Some(areas[2]);
            held[0].ends_at = Some(sunday);
        })
        .await;
        change(&h, &kim, |row, held| {
            row.last_signed_in_at = Some(now);
            row.details.clinician = Some(true);
            held[0].area_id = Some(areas[1]);
            held[0].ends_at = Some(sunday + TimeDelta::days(30));
        })
        .await;
        change(&h, &mia, |_, held| held[0].area_id = Some(areas[0])).await;
        Self {
            h,
            sam,
            jane,
            kim,
            mia,
            areas,
        }
    }

    async fn found(&self, query: &str) -> Vec<String> {
        let page = list(&self.h, &self.sam, query).await;
        labels(&page).into_iter().map(str::to_owned).collect()
    }
}

fn counted(options: &[FilterOption]) -> Vec<(&str, Option<u32>)> {
    let one = |option: &'_ FilterOption| option.count;
    options
        .iter()
        .map(|option| (option.value.as_str(), one(option)))
        .collect()
}

/// D1: who is found by each filter, alone and together with others; the end of a role stands in the row.
#[tokio::test]
async fn each_filter_finds_its_people_and_narrows_the_others() {
    let people = People::new().await;
    for (query, found) in [
        ("last-sign-in=30", &["Jane Carlton"][..]),
        ("last-sign-in=60", &["Jane Carlton"]),
        ("last-sign-in=90", &[]),
        ("last-sign-in=90&last-sign-in=30", &["Jane Carlton"]),
        (
            "last-sign-in=never&status=active",
            &["Sam Okoro", "Mia Ward"],
        ),
        ("codes=on", &["Jane Carlton"]),
        ("codes=off", &["Kim Adler", "Sam Okoro", "Mia Ward"]),
        ("access-ends=week", &["Jane Carlton"]),
        ("access-ends=month", &["Jane Carlton"]),
        ("access-ends=week&status=pending", &[]),
        ("access-ends=week&codes=off", &[]),
        (
            "access-ends=week&codes=on&last-sign-in=60&q=carl&role=viewer",
            &["Jane Carlton"],
        ),
        (
            "codes=off&sort=last-sign-in",
            &["Kim Adler", "Sam Okoro", "Mia Ward"],
        ),
    ] {
        let mut names = people.found(query).await;
        let mut found: Vec<&str> = found.to_vec();
        names.sort_unstable();
        found.sort_unstable();
        assert_eq!(names, found, "{query}");
    }
    // A month on, Jane's role has ended and Kim's is about to.
    people.h.clock.set("2026-12-21T09:30:00Z".parse().unwrap());
    assert_eq!(people.found("access-ends=week").await, ["Kim Adler"]);
    let page = list(&people.h, &people.sam, "status=active").await;
    let ends: Vec<bool> = page.rows.iter().map(|row| row.ends_at.is_some()).collect();
    assert_eq!(labels(&page)[0], "Kim Adler");
    assert_eq!(ends, [true, false, false, false]);
}

/// 6.10: what is selected and how many have it, where that is counted.
#[tokio::test]
async fn the_filters_say_what_is_selected_and_what_is_counted() {
    let people = People::new().await;
    let page = list(
        &people.h,
        &people.sam,
        "codes=off&last-sign-in=60&access-ends=month",
    )
    .await;
    assert_eq!(counted(&page.codes), [("on", Some(1)), ("off", Some(3))]);
    let none = |value| (value, None);
    assert_eq!(
        counted(&page.last_sign_in),
        ["never", "30", "60", "90"].map(none)
    );
    assert_eq!(counted(&page.access_ends), ["week", "month"].map(none));
    let selected = |page: &UsersPage| -> Vec<String> {
        let all = [&page.codes, &page.last_sign_in, &page.access_ends];
        let on = all.into_iter().flatten().filter(|option| option.selected);
        on.map(|option| option.label.clone()).collect()
    };
    assert_eq!(selected(&page), ["Off", "Not for 60 days", "This month"]);
    // What is no value of a filter is no filter (ux 4.3).
    let page = list(
        &people.h,
        &people.sam,
        "codes=maybe&last-sign-in=1&access-ends=never",
    )
    .await;
    assert_eq!((page.total, selected(&page)), (7, Vec::new()));
}

/// V04: an organisation that does not ask for it has no such filter, whatever the address says.
#[tokio::test]
async fn clinicians_are_found_where_the_organisation_asks_for_them() {
    let people = People::new().await;
    let page = list(&people.h, &people.sam, "clinician=yes").await;
    assert!(page.clinicians.is_empty());
    assert_eq!(page.total, 7);
    let mut tx = people.h.services.store().write().await.unwrap();
    let mut organisation = tx.organisation_by_slug("rx1").await.unwrap().unwrap();
    let rule = FieldRule {
        label: Some("Prescriber".to_owned()),
        ..FieldRule::OPTIONAL
    };
    organisation
        .policy
        .fields
        .insert(Field::ClinicianStatus, rule);
    tx.update_policy(organisation.id, &organisation.policy)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let page = list(&people.h, &people.sam, "clinician=yes").await;
    assert_eq!(labels(&page), ["Kim Adler"]);
    assert_eq!(counted(&page.clinicians), [("yes", Some(1))]);
    assert_eq!(page.clinician_label, "Prescriber");
}

/// R38, R65: whoever manages an area finds nobody outside of it, and learns of nobody what they hold elsewhere.
#[tokio::test]
async fn filters_tell_a_manager_of_an_area_nothing_of_others() {
    let people = People::new().await;
    let found = async |query: &str| {
        let page = list(&people.h, &people.mia, query).await;
        labels(&page)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(found("last-sign-in=30").await, [""; 0]);
    assert_eq!(found("codes=on").await, [""; 0]);
    assert_eq!(found("codes=off").await, ["Kim Adler", "Mia Ward"]);
    assert_eq!(found("access-ends=month").await, [""; 0]);
    let page = list(&people.h, &people.mia, "").await;
    assert_eq!(counted(&page.codes), [("on", None), ("off", None)]);
    // Jane is given something in Mia's area too; what ends is still elsewhere.
    let (area, now) = (people.areas[0], people.h.services.now());
    let id = people.h.services.random.uuid(now);
    change(&people.h, &people.jane, |_, held| {
        let more = AssignmentRow {
            id: domain::id::AssignmentId::from_uuid(id),
            area_id: Some(area),
            ends_at: None,
            ..held[0].clone()
        };
        held.push(more);
    })
    .await;
    assert_eq!(found("last-sign-in=30").await, ["Jane Carlton"]);
    assert_eq!(found("codes=on").await, ["Jane Carlton"]);
    assert_eq!(found("access-ends=week").await, [""; 0]);
    let page = list(&people.h, &people.mia, "q=jane").await;
    assert_eq!(page.rows[0].ends_at, None);
    assert_eq!(people.found("access-ends=week").await, ["Jane Carlton"]);
    change(&people.h, &people.jane, |_, held| {
        held[1].ends_at = held[0].ends_at;
    })
    .await;
    assert_eq!(found("access-ends=week").await, ["Jane Carlton"]);
}

/// 6.13: a file and "everybody who matches" hold whom the list holds, and know the filters that they were made by.
#[tokio::test]
async fn files_and_selections_hold_whom_the_filters_find() {
    let people = People::new().await;
    let services = &people.h.services;
    let query = "?codes=off&last-sign-in=30&last-sign-in=never&status=active";
    assert_eq!(people.found(query).await, ["Sam Okoro", "Mia Ward"]);
    let asked = domain::listing::UsersQuery::parse(query);
    let mut file = services
        .export_users(&people.sam, "rx1", &asked)
        .await
        .unwrap();
    let mut text = String::new();
    while let Some(lines) = file.next().await.unwrap() {
        text.push_str(&lines);
    }
    assert_eq!(text.lines().count(), 3, "{text}");
    let start = |query: &'static str| {
        services.start_bulk(
            &people.sam,
            "rx1",
            BulkAction::Export,
            Vec::new(),
            Some(query),
        )
    };
    let draft = start("?access-ends=week&page=3").await.unwrap().draft;
    let names = async |draft| {
        let mut file = services
            .export_selected(&people.sam, "rx1", draft)
            .await
            .unwrap();
        let mut text = String::new();
        while let Some(lines) = file.next().await.unwrap() {
            text.push_str(&lines);
        }
        let lines = text.lines().skip(1);
        lines
            .map(|line| line.split(',').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(draft).await, ["Jane Carlton"]);
    // The filter is what was selected: whoever matches when it is used.
    change(&people.h, &people.kim, |_, held| {
        held[0].ends_at = Some(services.now() + TimeDelta::hours(1));
    })
    .await;
    let mut both = names(draft).await;
    both.sort_unstable();
    assert_eq!(both, ["Jane Carlton", "Kim Adler"]);
    let none = start("?last-sign-in=90").await;
    assert!(none.is_err());
}

/// V05: the file has the clinician status where the organisation asks for it, under its own label.
#[tokio::test]
async fn a_file_says_who_is_a_clinician_where_that_is_asked() {
    let people = People::new().await;
    let services = &people.h.services;
    let file = async || {
        let asked = domain::listing::UsersQuery::parse("?status=active");
        let mut file = services
            .export_users(&people.sam, "rx1", &asked)
            .await
            .unwrap();
        let mut text = String::new();
        while let Some(lines) = file.next().await.unwrap() {
            text.push_str(&lines);
        }
        text
    };
    assert!(!file().await.contains("linician"));
    let mut tx = services.store.write().await.unwrap();
    let place = tx.organisation_by_slug("rx1").await.unwrap().unwrap();
    let mut policy = place.policy.clone();
    let rule = FieldRule {
        label: Some("Vaccinator".to_owned()),
        ..FieldRule::REQUIRED
    };
    policy.fields.insert(Field::ClinicianStatus, rule);
    tx.update_policy(place.id, &policy).await.unwrap();
    for (person, clinician) in [(&people.sam, true), (&people.kim, false)] {
        let member = tx.membership_of(place.id, person.user()).await.unwrap();
        let mut member = member.unwrap();
        member.details.clinician = Some(clinician);
        tx.update_membership(&member).await.unwrap();
    }
    tx.commit().await.unwrap();
    let text = file().await;
    let mut lines = text.lines();
    assert!(lines.next().unwrap().ends_with(",Vaccinator"), "{text}");
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
    assert!(line("Sam Okoro").ends_with(",Yes"), "{text}");
    assert!(line("Kim Adler").ends_with(",No"), "{text}");
    assert!(line("Mia Ward").ends_with(','), "{text}");
}
