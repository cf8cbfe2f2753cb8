//! Activity by area.

use domain::{AuditEventKind, activity::ActivityQuery, id::AreaId};
use serde_json::json;
use store::AreaRow;

use super::{Hospital, kinds};

/// J1, R65: by area, what happened to the people who have a role there now. An area out of reach, or that is none,
/// is no filter; one person's activity has no areas.
#[tokio::test]
async fn activity_is_found_by_the_areas_of_its_people() {
    use AuditEventKind as Kind;
    let hospital = Hospital::new().await;
    let jane = hospital
        .h
        .member("rx1", "jane.carlton@nhs.net", "viewer")
        .await;
    let kim = hospital
        .h
        .member("rx1", "kim.adler@nhs.net", "viewer")
        .await;
    let amy = hospital
        .h
        .member("rx1", "amy.field@nhs.net", "administrator")
        .await;
    hospital.limit(&jane).await;
    hospital.limit(&amy).await;
    let (other, services) = (
        AreaId::from_uuid(uuid::Uuid::from_u128(7)),
        &hospital.h.services,
    );
    let mut tx = services.store.write().await.unwrap();
    tx.insert_areas(&[AreaRow {
        id: other,
        organisation_id: hospital.id,
        parent_id: None,
        name: "Wards".to_owned(),
        kind: "service area".to_owned(),
        position: 1,
        closed_at: None,
    }])
    .await
    .unwrap();
    tx.commit().await.unwrap();
    hospital
        .event(Kind::RoleAssigned, Some(&jane), json!({}))
        .await;
    hospital
        .event(Kind::RoleRemoved, Some(&kim), json!({}))
        .await;
    let area = format!("area={}", hospital.area);
    let elsewhere = format!("area={other}");
    let page = hospital.page(&hospital.sam, &area).await;
    assert_eq!(kinds(&page), [Kind::RoleAssigned]);
    let options: Vec<(&str, bool)> = page
        .areas
        .iter()
        .map(|option| (option.label.as_str(), option.selected))
        .collect();
    assert_eq!(options, [("Theatres", true), ("Wards", false)]);
    let nobody = hospital.page(&hospital.sam, &elsewhere).await;
    assert_eq!(kinds(&nobody), []);
    let both = hospital
        .page(&hospital.sam, &format!("{area}&{elsewhere}&type=access"))
        .await;
    assert_eq!(kinds(&both), [Kind::RoleAssigned]);
    let unknown = hospital
        .page(&hospital.sam, "area=ward-3&type=access")
        .await;
    assert_eq!(kinds(&unknown), [Kind::RoleRemoved, Kind::RoleAssigned]);
    let file = hospital.file(&hospital.sam, &area).await;
    assert_eq!(file.lines().count(), 2, "{file}");
    // Whoever manages an area is offered it alone, and an area out of reach shows them nothing more.
    for query in ["", &area, &elsewhere] {
        let page = hospital.page(&amy, query).await;
        assert_eq!(kinds(&page), [Kind::RoleAssigned], "{query}");
        assert_eq!(page.areas.len(), 1);
    }
    let query = ActivityQuery::parse(&elsewhere);
    let page = services.activity_page(&hospital.sam, "rx1", Some(jane.user()), &query);
    let page = page.await.unwrap();
    assert_eq!(kinds(&page), [Kind::RoleAssigned]);
    assert!(page.areas.is_empty());
}
