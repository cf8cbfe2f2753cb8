use super::*;
use crate::outbox::Delivery;

/// ux 6.5: a quick undo sends nothing; afterwards everything is as it was.
#[tokio::test]
async fn a_quick_undo_sends_nothing() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let change = ward.deactivate(&ward.sam, &ward.jane).await.unwrap().change;
    assert!(
        services.claim_messages(9).await.unwrap().is_empty(),
        "the email is held"
    );
    let undone = services
        .undo(&ward.sam, "rx1", change.unwrap())
        .await
        .unwrap();
    assert_eq!(undone.name, "Jane Carlton");
    assert_eq!(ward.status(&ward.jane).await, MembershipStatus::Active);
    assert!(ward.mail().await.is_empty());
}

/// ux 6.5: Undo is idempotent: whoever presses again, or second, hears that it is done, and nothing is done
/// twice; also when it is too late for a first time, or something was changed since.
#[tokio::test]
async fn what_was_undone_stays_undone() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let change = ward.deactivate(&ward.sam, &ward.jane).await.unwrap().change;
    let undo = async |by: &Actor| services.undo(by, "rx1", change.unwrap()).await;
    assert!(!undo(&ward.sam).await.unwrap().before);
    for by in [&ward.sam, &ward.alex] {
        let again = undo(by).await.unwrap();
        assert!(again.before && again.name == "Jane Carlton");
    }
    ward.h.clock.advance(TimeDelta::hours(25));
    ward.deactivate(&ward.sam, &ward.jane).await.unwrap();
    assert!(undo(&ward.sam).await.unwrap().before);
    assert_eq!(ward.status(&ward.jane).await, MembershipStatus::Inactive);
    let mut tx = services.store.read().await.unwrap();
    assert_eq!(tx.count_audit_events("change_undone").await.unwrap(), 1);
    drop(tx);
    // R63: without the right nobody is told anything.
    assert_eq!(refused(undo(&ward.jane).await), "not found");
}

/// ux 6.5: a change says what Undo goes back to.
#[tokio::test]
async fn a_change_says_what_it_goes_back_to() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let jane = ward.jane.user();
    let page = services.user_page(&ward.sam, "rx1", jane).await.unwrap();
    let held = page.roles[0].assignment;
    let contributor = ward.form("contributor", &[]).await;
    let version = ward.version(&ward.jane).await;
    let changed = services
        .change_role(&ward.sam, "rx1", jane, held, version, &contributor)
        .await
        .unwrap();
    assert_eq!(changed.back, "change Jane Carlton back to Viewer");
    let query = domain::activity::ActivityQuery::default();
    let page = services.activity_page(&ward.sam, "rx1", None, &query);
    let event = page.await.unwrap().events.remove(0);
    assert_eq!(event.back, changed.back);
    services
        .undo(&ward.sam, "rx1", changed.change.unwrap())
        .await
        .unwrap();
    let page = services.activity_page(&ward.sam, "rx1", None, &query);
    let events = page.await.unwrap().events;
    let told: Vec<(&str, &str)> = events
        .iter()
        .take(2)
        .map(|event| (event.item.title.as_str(), event.back.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (
                "Role changed back from Contributor to Viewer for Jane Carlton",
                ""
            ),
            (
                "Role changed from Viewer to Contributor for Jane Carlton",
                ""
            )
        ]
    );
}

/// ux 6.5: once the person was told, another email corrects it.
#[tokio::test]
async fn a_later_undo_is_told() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let change = ward.deactivate(&ward.sam, &ward.jane).await.unwrap().change;
    ward.h.clock.advance(TimeDelta::minutes(2));
    let claimed = services.claim_messages(9).await.unwrap();
    let receipt = claimed.into_iter().next().unwrap().receipt;
    services
        .note_deliveries(&[(receipt, Delivery::Sent)])
        .await
        .unwrap();
    services
        .undo(&ward.alex, "rx1", change.unwrap())
        .await
        .unwrap();
    assert_eq!(ward.mail().await, ["reactivated jane.carlton@nhs.net"]);
}

/// ux 6.5: for 24 hours, to the second, and only while nothing newer was changed of the same thing.
#[tokio::test]
async fn an_old_or_overtaken_change_stays() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let jane = ward.jane.user();
    let page = services.user_page(&ward.sam, "rx1", jane).await.unwrap();
    let held = page.roles[0].assignment;
    let contributor = ward.form("contributor", &[]).await;
    let version = ward.version(&ward.jane).await;
    let first = services
        .change_role(&ward.sam, "rx1", jane, held, version, &contributor)
        .await
        .unwrap();
    let held = services
        .user_page(&ward.sam, "rx1", jane)
        .await
        .unwrap()
        .roles[0]
        .assignment;
    let second = services
        .remove_role(&ward.alex, "rx1", jane, held)
        .await
        .unwrap();
    assert!(ward.roles(&ward.jane).await.is_empty());
    let undo = async |changed: &Changed| {
        services
            .undo(&ward.sam, "rx1", changed.change.unwrap())
            .await
    };
    assert_eq!(refused(undo(&first).await), "conflict.cannot_undo");
    // Of another thing: that does not count.
    ward.deactivate(&ward.sam, &ward.jane).await.unwrap();
    ward.h
        .clock
        .advance(TimeDelta::hours(24) - TimeDelta::microseconds(1));
    undo(&second).await.unwrap();
    assert_eq!(ward.roles(&ward.jane).await, ["Contributor"]);
    ward.h.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(refused(undo(&first).await), "conflict.cannot_undo");
}

/// R65, R67, R72: an undo needs the right that the change needed, and its organisation.
#[tokio::test]
async fn an_undo_needs_the_right_of_the_change() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    ward.h.organisation("RX2", "Rosebush Hospital").await;
    let bo = ward.h.administrator("rx2", "bo.ash@nhs.net").await;
    let lee = ward.h.member("rx1", "lee.ward@nhs.net", "manager").await;
    let change = ward
        .deactivate(&ward.sam, &ward.jane)
        .await
        .unwrap()
        .change
        .unwrap();
    for (by, slug, expected) in [
        (&bo, "rx1", "not found"),
        (&bo, "rx2", "not found"),
        (&lee, "rx1", "not allowed"),
        (&ward.jane, "rx1", "not found"),
    ] {
        assert_eq!(refused(services.undo(by, slug, change).await), expected);
    }
    assert!(services.undo(&ward.alex, "rx1", change).await.is_ok());
}

/// ux 6.5, 6.32: activity offers to take a change back, for 24 hours, to whoever may, until it was done.
#[tokio::test]
async fn activity_offers_what_can_be_undone() {
    let ward = Ward::new().await;
    let services = &ward.h.services;
    let offered = async |by: &Actor| {
        let query = domain::activity::ActivityQuery::default();
        let page = services
            .activity_page(by, "rx1", None, &query)
            .await
            .unwrap();
        let undo = page.events.into_iter().map(|event| event.undo);
        undo.filter(|undo| !undo.is_empty()).collect::<Vec<_>>()
    };
    assert!(offered(&ward.sam).await.is_empty());
    let change = ward
        .deactivate(&ward.sam, &ward.jane)
        .await
        .unwrap()
        .change
        .unwrap();
    assert_eq!(offered(&ward.alex).await, [change.to_string()]);
    services.undo(&ward.alex, "rx1", change).await.unwrap();
    assert!(offered(&ward.sam).await.is_empty());
    ward.h.clock.advance(TimeDelta::minutes(1));
    let change = ward
        .deactivate(&ward.sam, &ward.alex)
        .await
        .unwrap()
        .change
        .unwrap();
    assert_eq!(offered(&ward.sam).await, [change.to_string()]);
    ward.h.clock.advance(TimeDelta::hours(24));
    assert!(offered(&ward.sam).await.is_empty());
}
