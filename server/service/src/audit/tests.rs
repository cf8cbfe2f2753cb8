//! R102: whatever is done to a chain behind the back of the program is found, and where.

use domain::{AuditEventKind, id::OrganisationId};
use serde_json::json;
use store::Store;

use super::{By, ChainFault, ChainReport, Event, Witness};
use crate::{Keys, Services, testing::Harness};

struct Scene {
    h: Harness,
    organisation: OrganisationId,
}

impl Scene {
    /// Twelve events of an organisation, in a database that lets everything be done to them.
    async fn new() -> Self {
        let h = Harness::new().await;
        let organisation = h.organisation("RX1", "Hollybrook Hospital").await;
        let scene = Self { h, organisation };
        let by = By::system(&scene.h.request());
        let sofar = scene.verify().await.events;
        for number in sofar..12 {
            let mut tx = scene.h.services.store.write().await.unwrap();
            let event = Event {
                organisation: Some(organisation),
                kind: AuditEventKind::AreaAdded,
                subject: None,
                details: json!({ "area": number, "before": { "b": 1, "a": null } }),
            };
            scene.h.services.audit(&mut tx, &by, event).await.unwrap();
            tx.commit().await.unwrap();
        }
        for statement in [
            "DROP TRIGGER audit_events_no_update",
            "DROP TRIGGER audit_events_no_delete",
            "DROP TRIGGER audit_events_no_replace",
            "DROP TRIGGER audit_chains_only_grow",
            "DROP TRIGGER audit_chains_stay",
            "DROP INDEX audit_events_order",
        ] {
            scene.run(statement).await;
        }
        scene
    }

    fn store(&self) -> &Store {
        &self.h.services.store
    }

    async fn run(&self, statement: &'static str) {
        self.store().run_for_test(statement).await.unwrap();
    }

    async fn verify(&self) -> ChainReport {
        self.witnessed(None).await
    }

    async fn witnessed(&self, witness: Option<&Witness>) -> ChainReport {
        self.h
            .services
            .verify_chain(Some(self.organisation), witness)
            .await
            .unwrap()
    }

    async fn fault(&self) -> Option<ChainFault> {
        self.verify().await.fault
    }
}

#[tokio::test]
async fn a_chain_that_nobody_touched_is_whole() {
    let scene = Scene::new().await;
    let report = scene.verify().await;
    assert_eq!((report.events, report.fault), (12, None));
    let end = report.end.unwrap();
    assert_eq!((end.sequence, end.hash.len()), (12, 64));
    // The chain of what belongs to no organisation is one of its own.
    let none = scene.h.services.verify_chain(None, None).await.unwrap();
    assert_eq!(none.fault, None);
}

/// R102: each column of an event is part of its hash.
#[tokio::test]
async fn an_altered_event_is_found() {
    for statement in [
        "UPDATE audit_events SET id = X'00112233445566778899AABBCCDDEEFF' WHERE sequence = 7",
        "UPDATE audit_events SET kind = 'policy_changed' WHERE sequence = 7",
        "UPDATE audit_events SET actor_id = X'00112233445566778899AABBCCDDEEFF' WHERE sequence = 7",
        "UPDATE audit_events SET actor_name = 'Sam' WHERE sequence = 7",
        "UPDATE audit_events SET subject_id = X'00112233445566778899AABBCCDDEEFF' WHERE sequence = 7",
        "UPDATE audit_events SET subject_name = 'Sam' WHERE sequence = 7",
        "UPDATE audit_events SET details = '{}' WHERE sequence = 7",
        "UPDATE audit_events SET request_id = 'x' WHERE sequence = 7",
        "UPDATE audit_events SET ip = '10.0.0.1' WHERE sequence = 7",
        "UPDATE audit_events SET method = 'password' WHERE sequence = 7",
        "UPDATE audit_events SET at = '2026-11-21T09:30:00.000001+00:00' WHERE sequence = 7",
        "UPDATE audit_events SET hash = X'00' WHERE sequence = 7",
        "UPDATE audit_events SET previous_hash = X'00' WHERE sequence = 7",
    ] {
        let scene = Scene::new().await;
        scene.run(statement).await;
        let fault = scene.fault().await;
        assert!(
            matches!(fault, Some(ChainFault::Altered { sequence: 7, .. })),
            "{statement}: {fault:?}"
        );
    }
}

/// R102: what is no event at all does not hide what is wrong.
#[tokio::test]
async fn an_event_that_cannot_be_read_is_found() {
    for statement in [
        "UPDATE audit_events SET details = 'nothing' WHERE sequence = 7",
        "UPDATE audit_events SET at = 'yesterday' WHERE sequence = 7",
        "UPDATE audit_events SET id = X'00' WHERE sequence = 7",
    ] {
        let scene = Scene::new().await;
        scene.run(statement).await;
        assert_eq!(scene.fault().await, Some(ChainFault::Unreadable(6)));
    }
}

/// R102.
#[tokio::test]
async fn a_removed_event_is_found() {
    let scene = Scene::new().await;
    scene
        .run("DELETE FROM audit_events WHERE sequence IN (5, 6)")
        .await;
    assert_eq!(scene.fault().await, Some(ChainFault::Missing(5, 6)));
    let scene = Scene::new().await;
    scene
        .run("DELETE FROM audit_events WHERE sequence = 1")
        .await;
    assert_eq!(scene.fault().await, Some(ChainFault::Missing(1, 1)));
}

/// R102: closing the gap afterwards does not help.
#[tokio::test]
async fn a_removed_event_is_found_when_the_others_move_up() {
    let scene = Scene::new().await;
    scene
        .run("DELETE FROM audit_events WHERE sequence = 5")
        .await;
    scene
        .run("UPDATE audit_events SET sequence = sequence - 1 WHERE sequence > 5")
        .await;
    scene
        .run("UPDATE audit_chains SET sequence = sequence - 1 WHERE sequence = 12")
        .await;
    assert!(matches!(
        scene.fault().await,
        Some(ChainFault::Altered { sequence: 5, .. })
    ));
}

const COPY_OF_5: &str = "INSERT INTO audit_events SELECT randomblob(16), organisation_id, 5, kind, \
    actor_id, actor_name, subject_id, subject_name, details, request_id, ip, method, at, \
    previous_hash, hash FROM audit_events WHERE sequence = 4";

/// R102.
#[tokio::test]
async fn an_inserted_event_is_found() {
    let scene = Scene::new().await;
    scene.run(COPY_OF_5).await;
    let fault = scene.fault().await;
    assert!(
        matches!(
            fault,
            Some(ChainFault::Repeated(5) | ChainFault::Altered { sequence: 5, .. })
        ),
        "{fault:?}"
    );
    // In front of the first, and behind the last.
    for (statement, sequence) in [
        (
            "UPDATE audit_events SET sequence = 0 WHERE sequence = 12",
            0,
        ),
        (
            "UPDATE audit_events SET sequence = -5 WHERE sequence = 12",
            -5,
        ),
    ] {
        let scene = Scene::new().await;
        scene.run(statement).await;
        assert_eq!(scene.fault().await, Some(ChainFault::Repeated(sequence)));
    }
}

/// R102.
#[tokio::test]
async fn events_that_changed_places_are_found() {
    let scene = Scene::new().await;
    scene
        .run("UPDATE audit_events SET sequence = 13 - sequence WHERE sequence IN (6, 7)")
        .await;
    assert!(matches!(
        scene.fault().await,
        Some(ChainFault::Altered { sequence: 6, .. })
    ));
}

/// R102: an event that is made to measure, with the right hash of its own, does not fit in.
#[tokio::test]
async fn a_rewritten_event_is_found() {
    let scene = Scene::new().await;
    let mut tx = scene.store().write().await.unwrap();
    let nil = domain::id::AuditEventId::from_uuid(uuid::Uuid::nil());
    let rows = tx
        .audit_events_after(Some(scene.organisation), (0, nil), 100)
        .await
        .unwrap();
    let mut forged = rows[8].clone();
    forged.actor_name = "Sam Okoro".to_owned();
    forged.hash = super::hash(&forged);
    tx.forge_audit_for_test(&forged).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(scene.fault().await, Some(ChainFault::OutOfPlace(10)));
}

/// R102: as far as it can be known, the end is where it was.
#[tokio::test]
async fn a_shortened_chain_is_found() {
    let scene = Scene::new().await;
    let seen = scene.verify().await.end.unwrap();
    scene
        .run("DELETE FROM audit_events WHERE sequence > 9")
        .await;
    assert_eq!(scene.fault().await, Some(ChainFault::EndMissing(10, 12)));
    // Whoever sets the end back as well cannot seal it.
    scene
        .run("UPDATE audit_chains SET sequence = 9 WHERE sequence = 12")
        .await;
    assert_eq!(scene.fault().await, Some(ChainFault::OtherEnd(9)));
    scene
        .run(
            "UPDATE audit_chains SET hash = (SELECT hash FROM audit_events WHERE sequence = 9) \
             WHERE sequence = 9",
        )
        .await;
    assert_eq!(scene.fault().await, Some(ChainFault::NotSealed(9)));
    // And what was noted elsewhere finds even an old end with its seal.
    let report = scene.witnessed(Some(&seen)).await;
    assert!(report.fault.is_some() && report.end.is_none());
    scene.run("DELETE FROM audit_chains").await;
    assert_eq!(scene.fault().await, Some(ChainFault::NoEnd));
    scene.run("DELETE FROM audit_events").await;
    assert_eq!(scene.fault().await, Some(ChainFault::NoEnd));
}

/// R102: an end that was seen once must stay in the chain.
#[tokio::test]
async fn what_was_witnessed_must_still_be_there() {
    let scene = Scene::new().await;
    let seen = scene.verify().await.end.unwrap();
    assert_eq!(scene.witnessed(Some(&seen)).await.fault, None);
    let other = Witness {
        hash: "00".repeat(32),
        ..seen.clone()
    };
    assert_eq!(
        scene.witnessed(Some(&other)).await.fault,
        Some(ChainFault::NotAsWitnessed(12))
    );
    let later = Witness {
        sequence: 14,
        ..seen
    };
    assert_eq!(
        scene.witnessed(Some(&later)).await.fault,
        Some(ChainFault::EndMissing(13, 14))
    );
}

/// R102: events behind the end that was written down.
#[tokio::test]
async fn events_behind_the_end_are_found() {
    let scene = Scene::new().await;
    scene
        .run("UPDATE audit_chains SET sequence = 11 WHERE sequence = 12")
        .await;
    assert_eq!(scene.fault().await, Some(ChainFault::BehindTheEnd(12)));
}

/// R102: a chain that was written anew from its beginning has no seal of this installation.
#[tokio::test]
async fn a_chain_with_the_seal_of_another_key_is_found() {
    let scene = Scene::new().await;
    let services: Services = Services {
        keys: Keys::derive(&[2; 32]),
        ..scene.h.services.clone()
    };
    let report = services.verify_chain(Some(scene.organisation), None).await;
    assert_eq!(report.unwrap().fault, Some(ChainFault::NotSealed(12)));
}

/// R102: 1,000 tamperings at random places, all of them found.
#[tokio::test]
async fn every_one_of_a_thousand_tamperings_is_found() {
    let scene = Scene::new().await;
    let mut tx = scene.store().write().await.unwrap();
    let nil = domain::id::AuditEventId::from_uuid(uuid::Uuid::nil());
    let rows = tx
        .audit_events_after(Some(scene.organisation), (0, nil), 100)
        .await
        .unwrap();
    drop(tx);
    let random = crate::Random::from_seed([9; 32]);
    for round in 0..1_000 {
        let [place, column, other, bit, ..]: [u8; 8] = random.bytes();
        let row = &rows[usize::from(place) % rows.len()];
        let mut forged = row.clone();
        let flip = |bytes: &mut Vec<u8>| {
            let index = usize::from(other) % bytes.len();
            bytes[index] ^= 1 << (bit % 8);
        };
        match column % 8 {
            0 => forged.kind.push('x'),
            1 => forged.actor_name.push('x'),
            2 => forged.details = json!({ "area": round + 100 }),
            3 => forged.ip.push('1'),
            4 => forged.at += chrono::TimeDelta::microseconds(i64::from(other) + 1),
            5 => flip(&mut forged.hash),
            6 => flip(&mut forged.previous_hash),
            _ => forged.method.push('x'),
        }
        let mut walk = super::verify::Walk::new(None);
        let found = rows.iter().find_map(|row| {
            let row = if row.sequence == forged.sequence {
                &forged
            } else {
                row
            };
            walk.step(row)
        });
        assert!(
            matches!(found, Some(ChainFault::Altered { sequence, .. }) if sequence == forged.sequence),
            "round {round}: {found:?}"
        );
    }
}
