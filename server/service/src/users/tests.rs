use domain::{
    ShownStatus,
    id::{AreaId, AssignmentId, MembershipId, UserId},
    listing::{UsersPage, UsersQuery},
    search::index_words,
};
use store::{AreaRow, AssignmentRow, MembershipRow, UserRow};

use crate::{Actor, Error, testing::Harness};

mod filters;

/// An organisation with an administrator and 3 invited people in different areas.
async fn hospital(h: &Harness) -> (Actor, Vec<AreaId>) {
    h.organisation("RX1", "Hollybrook Hospital").await;
    let sam = h.administrator("rx1", "sam.okoro@nhs.net").await;
    let now = h.services.now();
    let id = || AreaId::from_uuid(h.services.random.uuid(now));
    let (outer, inner, other) = (id(), id(), id());
    let mut tx = h.services.store().write().await.unwrap();
    let organisation_id = tx.organisation_by_slug("rx1").await.unwrap().unwrap().id;
    let area = |id, parent_id, name: &str| AreaRow {
        id,
        organisation_id,
        parent_id,
        name: name.to_owned(),
        kind: "service area".to_owned(),
        position: 0,
        closed_at: None,
    };
    tx.insert_areas(&[
        area(outer, None, "Community nursing"),
        area(inner, Some(outer), "North team"),
        area(other, None, "Theatres"),
    ])
    .await
    .unwrap();
    tx.commit().await.unwrap();
    for (email, area) in [
        ("ann@nhs.net", outer),
        ("ben@nhs.net", inner),
        ("cat@nhs.net", other),
    ] {
        invited(h, email, "viewer", Some(area)).await;
    }
    (sam, vec![outer, inner, other])
}

/// Somebody who was invited now, for 7 days.
async fn invited(h: &Harness, email: &str, role: &str, area: Option<AreaId>) {
    let now = h.services.now();
    let uuid = || h.services.random.uuid(now);
    let mut tx = h.services.store().write().await.unwrap();
    let organisation = tx.organisation_by_slug("rx1").await.unwrap().unwrap().id;
    let roles = tx.roles(organisation).await.unwrap();
    let user = UserRow::unregistered(UserId::from_uuid(uuid()), email, email, now);
    let membership = MembershipRow::invited(
        MembershipId::from_uuid(uuid()),
        organisation,
        &user,
        now,
        now + chrono::TimeDelta::days(7),
    );
    let assignment = AssignmentRow {
        id: AssignmentId::from_uuid(uuid()),
        organisation_id: organisation,
        membership_id: membership.id,
        role_id: roles.iter().find(|known| known.key == role).unwrap().id,
        area_id: area,
        starts_at: None,
        ends_at: None,
        granted_by: None,
        granted_at: now,
    };
    tx.insert_user(&user).await.unwrap();
    tx.insert_memberships(std::slice::from_ref(&membership))
        .await
        .unwrap();
    tx.replace_words(organisation, membership.id, &index_words("", "", email))
        .await
        .unwrap();
    tx.insert_assignments(&[assignment]).await.unwrap();
    tx.commit().await.unwrap();
}

async fn list(h: &Harness, actor: &Actor, query: &str) -> UsersPage {
    h.services
        .users_page(actor, "rx1", &UsersQuery::parse(query))
        .await
        .unwrap()
}

fn labels(page: &UsersPage) -> Vec<&str> {
    page.rows
        .iter()
        .map(domain::listing::UserRow::label)
        .collect()
}

/// J13 to J18: who is there, what they have, and the counts beside the filters.
#[tokio::test]
async fn the_list_shows_everybody_with_counts() {
    let h = Harness::new().await;
    let (sam, areas) = hospital(&h).await;
    let page = list(&h, &sam, "").await;
    assert_eq!(
        labels(&page),
        ["ann@nhs.net", "ben@nhs.net", "cat@nhs.net", "Sam Okoro"]
    );
    assert_eq!((page.total, page.page, page.pages), (4, 1, 1));
    assert_eq!((page.current(), page.everybody()), (4, 4));
    assert!(page.rows[3].is_self && page.rows[3].everywhere);
    assert!(page.may_invite && page.limited_to.is_empty());
    let viewers = page
        .roles
        .iter()
        .find(|option| option.value == "viewer")
        .unwrap();
    assert_eq!(viewers.count, Some(3));
    let outer = page
        .areas
        .iter()
        .find(|option| option.value == areas[0].to_string())
        .unwrap();
    assert_eq!((outer.count, outer.depth), (Some(2), 0));
    // Nobody was sent anything here, so there is no invitation to send again.
    assert!(page.rows.iter().all(|row| row.invitation.is_none()));
    let found = list(
        &h,
        &sam,
        &format!(
            "?area={}&role=viewer&status=pending&status=active",
            areas[0]
        ),
    )
    .await;
    assert_eq!(labels(&found), ["ann@nhs.net", "ben@nhs.net"]);
    assert!(found.areas.iter().any(|option| option.selected));
    // Values that do not exist are not errors, and not filters (ux 4.3).
    let unknown = list(&h, &sam, "?area=ward-3&role=king&page=9&sort=age").await;
    assert_eq!((unknown.total, unknown.page), (4, 1));
}

/// A19, J13: an address in full finds its person alone; so does the beginning of it.
#[tokio::test]
async fn an_exact_address_finds_its_person() {
    let h = Harness::new().await;
    let (sam, _) = hospital(&h).await;
    invited(&h, "ann@nhs.net.example", "viewer", None).await;
    assert_eq!(
        labels(&list(&h, &sam, "?q=ann%40nhs.net").await),
        ["ann@nhs.net"]
    );
    assert_eq!(list(&h, &sam, "?q=ann%40nhs").await.total, 2);
    assert_eq!(list(&h, &sam, "?q=nobody%40nhs.net").await.total, 0);
    assert_eq!(list(&h, &sam, "?q=sam+okoro").await.total, 1);
}

/// B19, B20: Pending until just before the end, Expired at it, in rows, filters and counts.
#[tokio::test]
async fn an_invitation_expires_to_the_second() {
    let h = Harness::new().await;
    let (sam, _) = hospital(&h).await;
    let end = h.services.now() + chrono::TimeDelta::days(7);
    for (at, status) in [
        (end - chrono::TimeDelta::seconds(1), ShownStatus::Pending),
        (end, ShownStatus::Expired),
    ] {
        h.clock.set(at);
        let page = list(&h, &sam, &format!("?status={status}")).await;
        assert_eq!(page.total, 3);
        assert_eq!(page.count(status), 3);
        assert!(page.rows.iter().all(|row| row.status == status));
        let other = list(&h, &sam, "").await;
        assert_eq!(other.total, 4);
    }
}

/// R38, M43: who manages an area sees who has a role there or inside it, and nobody else.
#[tokio::test]
async fn a_manager_of_an_area_sees_only_its_people() {
    let h = Harness::new().await;
    let (_, areas) = hospital(&h).await;
    let mia = h.member("rx1", "mia.ward@nhs.net", "manager").await;
    let mut tx = h.services.store().write().await.unwrap();
    let organisation = tx.organisation_by_slug("rx1").await.unwrap().unwrap().id;
    let membership = tx
        .membership_of(organisation, mia.user())
        .await
        .unwrap()
        .unwrap();
    let mut assignment = tx
        .assignments_of(organisation, membership.id)
        .await
        .unwrap()
        .remove(0);
    tx.delete_assignments_of(organisation, membership.id)
        .await
        .unwrap();
    assignment.area_id = Some(areas[0]);
    tx.insert_assignments(&[assignment]).await.unwrap();
    tx.commit().await.unwrap();
    let page = list(&h, &mia, "?status=all").await;
    assert_eq!(labels(&page), ["ann@nhs.net", "ben@nhs.net", "Mia Ward"]);
    assert_eq!(page.everybody(), 3);
    assert_eq!(page.limited_to.len(), 1);
    assert_eq!(
        page.areas.iter().filter(|option| option.depth == 0).count(),
        1
    );
    let counted: u32 = page.roles.iter().filter_map(|option| option.count).sum();
    assert_eq!(counted, 3);
    // Filters and exact addresses do not reach further.
    for query in [
        "?q=cat%40nhs.net",
        "?q=cat",
        "?role=administrator",
        "?q=sam",
    ] {
        assert_eq!(list(&h, &mia, query).await.total, 0, "{query}");
    }
    let elsewhere = list(&h, &mia, &format!("?area={}", areas[2])).await;
    assert_eq!(
        elsewhere.total, 3,
        "an area that cannot be seen is no filter"
    );
}

/// R63, R65.
#[tokio::test]
async fn the_list_is_for_those_who_may_view_users() {
    let h = Harness::new().await;
    hospital(&h).await;
    let viewer = h.member("rx1", "vic.viewer@nhs.net", "viewer").await;
    h.organisation("RX2", "Rosebush Hospital").await;
    let stranger = h.administrator("rx2", "kim.other@nhs.net").await;
    let query = UsersQuery::default();
    let list = async |actor: &Actor, slug: &str| {
        h.services
            .users_page(actor, slug, &query)
            .await
            .unwrap_err()
    };
    assert!(matches!(list(&viewer, "rx1").await, Error::NotAllowed));
    assert!(matches!(list(&stranger, "rx1").await, Error::NotFound));
    assert!(matches!(list(&stranger, "rx9").await, Error::NotFound));
}
