//! Terms documents and who agreed to them.

use chrono::TimeDelta;
use domain::id::TermsId;
use store::{Store, TermsRow};

use crate::harness::{id, morning, user, ward};

mod on {
    use crate::harness::scenarios;
    scenarios!(
        the_newest_version_that_counts_is_found,
        a_person_agrees_to_a_version_once,
    );
}

fn version(n: u128, version: &str, days: i64) -> TermsRow {
    TermsRow {
        id: TermsId::from_uuid(id(n)),
        key: "eula".to_owned(),
        version: version.to_owned(),
        title: "End user licence agreement".to_owned(),
        body: "Keep to it.".to_owned(),
        approved_by: "Sam Okoro".to_owned(),
        published_at: morning() + TimeDelta::days(days),
    }
}

/// A20: a version is published once, with its date; a version of tomorrow does not count today.
async fn the_newest_version_that_counts_is_found(store: Store) {
    let mut tx = store.write().await.unwrap();
    assert!(tx.newest_terms("eula", morning()).await.unwrap().is_none());
    for (n, name, days) in [(1, "1.0", -30), (2, "1.1", 0), (3, "2.0", 1)] {
        assert!(tx.publish_terms(&version(n, name, days)).await.unwrap());
    }
    let twin = TermsRow {
        body: "Something else.".to_owned(),
        ..version(4, "1.1", 0)
    };
    assert!(!tx.publish_terms(&twin).await.unwrap());
    tx.commit().await.unwrap();

    let mut tx = store.read().await.unwrap();
    let newest = tx.newest_terms("eula", morning()).await.unwrap().unwrap();
    assert_eq!(
        (newest.version.as_str(), newest.body.as_str()),
        ("1.1", "Keep to it.")
    );
    let second = TimeDelta::microseconds(1);
    let before = tx.newest_terms("eula", morning() - second).await.unwrap();
    assert_eq!(before.unwrap().version, "1.0");
    let first = tx.terms(TermsId::from_uuid(id(1))).await.unwrap().unwrap();
    assert_eq!(first.approved_by, "Sam Okoro");
    let other = tx.newest_terms("platform", morning()).await.unwrap();
    assert!(other.is_none());
}

/// B16: the version and the time are kept; agreeing again changes neither.
async fn a_person_agrees_to_a_version_once(store: Store) {
    let ward = ward(&store, 1).await;
    let mut tx = store.write().await.unwrap();
    let jane = user(1, "Jane", "Carlton");
    tx.insert_user(&jane).await.unwrap();
    let terms = version(1, "1.0", 0);
    tx.publish_terms(&terms).await.unwrap();
    let acceptance = tx.terms_acceptance(jane.id, terms.id).await.unwrap();
    assert!(acceptance.is_none());
    let key = &terms.key;
    assert!(tx.has_not_agreed(jane.id, key, morning()).await.unwrap());
    for (minutes, first) in [(0, true), (5, false)] {
        let at = morning() + TimeDelta::minutes(minutes);
        let added = tx.accept_terms(jane.id, terms.id, ward.organisation, at);
        assert_eq!(added.await.unwrap(), first);
    }
    tx.commit().await.unwrap();
    let mut tx = store.read().await.unwrap();
    let acceptance = tx.terms_acceptance(jane.id, terms.id).await.unwrap();
    assert_eq!(acceptance.unwrap().accepted_at, morning());
    drop(tx);
    // Until a newer version counts; a document that does not exist asks for nothing.
    let mut tx = store.write().await.unwrap();
    assert!(!tx.has_not_agreed(jane.id, key, morning()).await.unwrap());
    tx.publish_terms(&version(2, "2.0", 2)).await.unwrap();
    for (days, due) in [(1, false), (2, true)] {
        let at = morning() + TimeDelta::days(days);
        let found = tx.has_not_agreed(jane.id, key, at).await.unwrap();
        assert_eq!(found, due, "{days}");
    }
    assert!(!tx.has_not_agreed(jane.id, "none", morning()).await.unwrap());
}
