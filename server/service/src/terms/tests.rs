use domain::{id::TermsId, policy::TermsChoice};
use store::TermsRow;

use crate::{Actor, Conflict, Error, testing::Harness};

/// A new version of the terms of an organisation, that counts from now on.
async fn publish(h: &Harness, version: &str) -> TermsId {
    let services = &h.services;
    let now = services.now();
    let mut tx = services.store.write().await.unwrap();
    let id = TermsId::from_uuid(services.random.uuid(now));
    let place = tx.organisation_by_slug("rx1").await.unwrap().unwrap();
    let before = services.terms_of(&mut tx, &place.policy).await.unwrap();
    let row = TermsRow {
        id,
        key: before.unwrap().key,
        version: version.to_owned(),
        title: "Terms of use".to_owned(),
        body: "Be careful.".to_owned(),
        approved_by: "Head of information governance".to_owned(),
        published_at: now,
    };
    assert!(tx.publish_terms(&row).await.unwrap());
    tx.commit().await.unwrap();
    id
}

async fn comes_in(h: &Harness, actor: &Actor, slug: &str) -> bool {
    match h.services.home(actor, slug).await {
        Ok(_) => true,
        Err(Error::TermsDue) => false,
        Err(other) => panic!("{other}"),
    }
}

/// B16, R14: a new version closes every organisation that has these terms, in open sessions too, for reading
/// and for changing, until the person agrees; the version and the time are kept.
#[tokio::test]
async fn new_terms_are_agreed_to_first() {
    let h = Harness::new().await;
    h.organisation("RX1", "Hollybrook Hospital").await;
    h.organisation("RX2", "Rosebush Hospital").await;
    let sam = h.administrator("rx1", "sam.okoro@nhs.net").await;
    let jane = h.member("rx1", "jane.carlton@nhs.net", "viewer").await;
    h.administrator("rx2", "sam.okoro@nhs.net").await;
    let mut tx = h.services.store.write().await.unwrap();
    let two = tx.organisation_by_slug("rx2").await.unwrap().unwrap();
    let mut policy = two.policy;
    policy.terms = TermsChoice::None;
    tx.update_policy(two.id, &policy).await.unwrap();
    tx.commit().await.unwrap();
    assert!(comes_in(&h, &sam, "rx1").await);
    assert!(h.services.new_terms(&sam).await.unwrap().is_none());

    h.clock.advance(chrono::TimeDelta::days(1));
    let id = publish(&h, "2.0").await;
    assert!(!comes_in(&h, &sam, "rx1").await);
    // An organisation without terms stays open.
    assert!(comes_in(&h, &sam, "rx2").await);
    let refused = h.services.end_sessions_of(&sam, "rx1", jane.user()).await;
    assert!(matches!(refused, Err(Error::TermsDue)));

    let page = h.services.new_terms(&sam).await.unwrap().unwrap();
    assert_eq!(page.organisation_name, "Hollybrook Hospital");
    assert_eq!(
        (page.document.id, page.document.version.as_str()),
        (id, "2.0")
    );
    let wrong = h.services.agree_to_new_terms(&sam, "1.0").await;
    assert!(matches!(wrong, Err(Error::Conflict(Conflict::Stale))));
    let more = h.services.agree_to_new_terms(&sam, &id.to_string()).await;
    assert!(!more.unwrap());
    assert!(comes_in(&h, &sam, "rx1").await);
    // Jane has not agreed by that.
    assert!(!comes_in(&h, &jane, "rx1").await);
    // A second post of the page changes nothing.
    let again = h.services.agree_to_new_terms(&sam, &id.to_string()).await;
    assert!(!again.unwrap());
    let mut tx = h.services.store.read().await.unwrap();
    let kept = tx.terms_acceptance(sam.user(), id).await.unwrap().unwrap();
    assert_eq!(kept.accepted_at, h.services.now());
    assert_eq!(tx.count_audit_events("terms_accepted").await.unwrap(), 1);
}
