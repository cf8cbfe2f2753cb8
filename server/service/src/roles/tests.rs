//! The table of tasks by role.

use crate::{Error, testing::Harness};

/// J04, C7: the table says of every task which roles can do it, out of the data that the access
/// check reads; everybody in the organisation may read it.
#[tokio::test]
async fn every_member_reads_which_role_does_what() {
    let h = Harness::new().await;
    h.organisation("RX1", "Hollybrook Hospital").await;
    let jane = h.member("rx1", "jane.carlton@nhs.net", "viewer").await;
    let sam = h.administrator("rx1", "sam.okoro@nhs.net").await;
    let view = h.services.role_matrix(&jane, "rx1").await.unwrap();
    assert!(!view.can_view_users);
    assert_eq!((view.slug.as_str(), view.at), ("rx1", h.services.now()));
    let names: Vec<&str> = view.matrix.roles.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["Administrator", "Manager", "Contributor", "Viewer"]);
    for role in &view.matrix.roles {
        let can: Vec<String> = view
            .matrix
            .tasks
            .iter()
            .filter(|task| task.roles.contains(&role.id))
            .map(|task| task.sentence.clone())
            .collect();
        assert_eq!(can, role.can, "{}", role.name);
        let all = role.can.len() + role.cannot.len();
        assert_eq!(all, view.matrix.tasks.len(), "{}", role.name);
    }
    let view = h.services.role_matrix(&sam, "rx1").await.unwrap();
    assert!(view.can_view_users);
}

/// R65: whoever is no member learns nothing, not even that the organisation exists.
#[tokio::test]
async fn a_stranger_cannot_read_the_roles() {
    let h = Harness::new().await;
    h.organisation("RX1", "Hollybrook Hospital").await;
    h.organisation("RX2", "St Luke's").await;
    let sam = h.administrator("rx2", "sam.okoro@nhs.net").await;
    for slug in ["rx1", "rx9"] {
        let refused = h.services.role_matrix(&sam, slug).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{slug}");
    }
}

/// J25, J27: how many places of a limited role are used.
#[tokio::test]
async fn used_places_are_those_of_this_moment() {
    let h = Harness::new().await;
    let organisation = h.organisation("RX1", "Hollybrook Hospital").await;
    let sam = h.administrator("rx1", "sam.okoro@nhs.net").await;
    let used = async || {
        let view = h.services.role_matrix(&sam, "rx1").await.unwrap();
        view.matrix.roles[0].seats_used
    };
    assert_eq!(used().await, 0);
    let mut tx = h.services.store().write().await.unwrap();
    let role = tx.roles(organisation).await.unwrap()[0].id;
    let member = tx.membership_of(organisation, sam.user()).await.unwrap();
    let member = member.unwrap().id;
    tx.insert_seats(organisation, role, 7).await.unwrap();
    let now = h.services.now();
    let claimed = tx.claim_seat(organisation, role, member, now).await;
    assert!(claimed.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(used().await, 1);
}
