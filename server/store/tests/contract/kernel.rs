//! Users, memberships, organisations, seats, drafts, audit, outbox.

use chrono::TimeDelta;
use domain::{
    MembershipStatus,
    id::{AuditEventId, DraftId, MembershipId, MessageId, OrganisationId, UserId},
};
use store::{AuditEventRow, Conflict, OutboxRow, Store, StoreError};

use crate::harness::{id, membership, morning, user, ward};
use crate::schema::raw;

mod on {
    use crate::harness::scenarios;
    scenarios!(
        an_address_has_one_user,
        an_address_is_changed_once,
        an_address_is_not_changed_in_passing,
        a_stale_update_is_refused,
        a_child_row_cannot_point_into_another_organisation,
        seven_seats_have_seven_holders,
        a_lapsed_invitation_frees_its_seat,
        a_draft_is_seen_by_its_owner_until_it_ends,
        audit_events_are_never_changed,
        two_events_never_have_one_number,
        chains_are_read_as_they_were_written,
        queued_messages_are_kept,
    );
}

async fn an_address_has_one_user(store: Store) {
    let mut tx = store.write().await.unwrap();
    let jane = user(1, "Jane", "Carlton");
    tx.insert_user(&jane).await.unwrap();
    assert_eq!(
        tx.user_by_email_key("jane.carlton@nhs.net")
            .await
            .unwrap()
            .unwrap()
            .id,
        jane.id
    );
    let mut twin = user(2, "Jane", "Carlton");
    twin.id = UserId::from_uuid(id(2));
    assert_eq!(tx.insert_users(&[twin.clone()]).await.unwrap(), 0);
    tx.commit().await.unwrap();
    let mut tx = store.write().await.unwrap();
    assert!(matches!(
        tx.insert_user(&twin).await,
        Err(StoreError::Conflict(Conflict::EmailTaken))
    ));
}

/// R73: of two changes of one address, each read before the other, one is written; an address that
/// somebody has is not given to another.
async fn an_address_is_changed_once(store: Store) {
    let (jane, omar) = (user(1, "Jane", "Carlton"), user(2, "Omar", "Haddad"));
    let mut tx = store.write().await.unwrap();
    for row in [&jane, &omar] {
        tx.insert_user(row).await.unwrap();
    }
    let read = (jane.id, jane.version);
    tx.change_email(read, "Jane.Smith@nhs.net", "jane.smith@nhs.net")
        .await
        .unwrap();
    let late = tx.change_email(read, "jane@nhs.net", "jane@nhs.net").await;
    assert!(matches!(late, Err(StoreError::Stale)));
    let changed = tx.user(jane.id).await.unwrap().unwrap();
    assert_eq!(changed.email, "Jane.Smith@nhs.net");
    assert_eq!(changed.version, jane.version + 1);
    assert_eq!(changed.security_epoch, jane.security_epoch + 1);
    // The old one is free, the new one finds her.
    let old = tx.user_by_email_key(&jane.email_key).await.unwrap();
    assert!(old.is_none());
    let found = tx.user_by_email_key("jane.smith@nhs.net").await.unwrap();
    assert_eq!(found.unwrap().id, jane.id);
    tx.commit().await.unwrap();
    let mut tx = store.write().await.unwrap();
    let taken = tx
        .change_email(
            (omar.id, omar.version),
            "jane.smith@nhs.net",
            "jane.smith@nhs.net",
        )
        .await;
    assert!(matches!(
        taken,
        Err(StoreError::Conflict(Conflict::EmailTaken))
    ));
}

/// R76: no statement gives somebody another address and lets go on what they began with the old one.
async fn an_address_is_not_changed_in_passing(store: Store) {
    let jane = user(1, "Jane", "Carlton");
    let mut tx = store.write().await.unwrap();
    tx.insert_user(&jane).await.unwrap();
    tx.commit().await.unwrap();
    for statement in [
        "UPDATE users SET email = 'eve@nhs.net'",
        "UPDATE users SET email_key = 'eve@nhs.net', version = version + 1",
    ] {
        let mut tx = store.write().await.unwrap();
        assert!(raw(&mut tx, statement).await.is_err(), "{statement}");
    }
    let mut tx = store.write().await.unwrap();
    raw(
        &mut tx,
        "UPDATE users SET email = email, first_name = 'Janet'",
    )
    .await
    .unwrap();
    let now = tx.user(jane.id).await.unwrap().unwrap();
    assert_eq!(
        (now.email, now.security_epoch),
        (jane.email, jane.security_epoch)
    );
}

async fn a_stale_update_is_refused(store: Store) {
    let mut tx = store.write().await.unwrap();
    let mut jane = user(1, "Jane", "Carlton");
    tx.insert_user(&jane).await.unwrap();
    jane.first_name = "Janet".to_owned();
    tx.update_user(&jane).await.unwrap();
    assert!(matches!(
        tx.update_user(&jane).await,
        Err(StoreError::Stale)
    ));
    assert_eq!(tx.user(jane.id).await.unwrap().unwrap().first_name, "Janet");
}

/// R66: composite foreign keys keep every row inside its organisation.
async fn a_child_row_cannot_point_into_another_organisation(store: Store) {
    let (one, two) = (ward(&store, 1).await, ward(&store, 2).await);
    let mut tx = store.write().await.unwrap();
    let jane = user(1, "Jane", "Carlton");
    tx.insert_user(&jane).await.unwrap();
    let member = membership(2, one.organisation, &jane, MembershipStatus::Active);
    tx.insert_memberships(&[member.clone()]).await.unwrap();
    assert!(
        tx.membership(two.organisation, member.id)
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        tx.role(two.organisation, one.viewer)
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(tx.organisations_of(jane.id).await.unwrap().len(), 1);
    assert_eq!(tx.count_organisations().await.unwrap(), 2);
    let wrong = store::AssignmentRow {
        id: domain::id::AssignmentId::from_uuid(id(3)),
        organisation_id: one.organisation,
        membership_id: member.id,
        role_id: two.viewer,
        area_id: None,
        starts_at: None,
        ends_at: None,
        granted_by: None,
        granted_at: morning(),
    };
    tx.commit().await.unwrap();
    let mut tx = store.write().await.unwrap();
    assert!(matches!(
        tx.insert_assignments(&[wrong.clone()]).await,
        Err(StoreError::Conflict(_))
    ));
    drop(tx);
    let mut tx = store.write().await.unwrap();
    let fine = store::AssignmentRow {
        role_id: one.viewer,
        area_id: Some(one.area),
        ..wrong
    };
    tx.insert_assignments(&[fine]).await.unwrap();
    let read = tx
        .assignments_of(one.organisation, member.id)
        .await
        .unwrap();
    assert_eq!(read[0].area_id, Some(one.area));
    assert_eq!(
        tx.delete_assignments_of(two.organisation, member.id)
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        tx.delete_assignments_of(one.organisation, member.id)
            .await
            .unwrap(),
        1
    );
}

/// R70, J25: 24 people who take one of 7 places at once leave 7 holders.
async fn seven_seats_have_seven_holders(store: Store) {
    let ward = ward(&store, 1).await;
    let mut tx = store.write().await.unwrap();
    for n in 0..24_u128 {
        let person = user(100 + n, &format!("Person{n}"), "Test");
        tx.insert_user(&person).await.unwrap();
        let row = membership(
            200 + n,
            ward.organisation,
            &person,
            MembershipStatus::Active,
        );
        tx.insert_memberships(&[row]).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut races = Vec::new();
    for n in 0..24_u128 {
        let store = store.clone();
        races.push(tokio::spawn(async move {
            let mut tx = store.write().await.unwrap();
            let member = MembershipId::from_uuid(id(200 + n));
            let claimed = tx
                .claim_seat(ward.organisation, ward.administrator, member, morning())
                .await
                .unwrap();
            tx.commit().await.unwrap();
            claimed
        }));
    }
    let mut holders = 0;
    for race in races {
        holders += i32::from(race.await.unwrap());
    }
    assert_eq!(holders, 7);
    let mut tx = store.read().await.unwrap();
    let used = tx.seats_used(ward.organisation, morning()).await.unwrap();
    assert_eq!(used, vec![(ward.administrator, 7)]);
}

/// Edge: an Expired invitation holds no seat; a Pending one does.
async fn a_lapsed_invitation_frees_its_seat(store: Store) {
    let ward = ward(&store, 1).await;
    let ends = morning() + TimeDelta::hours(1);
    let mut tx = store.write().await.unwrap();
    for n in 0..8_u128 {
        let person = user(100 + n, &format!("Person{n}"), "Test");
        tx.insert_user(&person).await.unwrap();
        let mut row = membership(
            200 + n,
            ward.organisation,
            &person,
            MembershipStatus::Pending,
        );
        row.invitation_expires_at = Some(ends);
        tx.insert_memberships(&[row]).await.unwrap();
    }
    let member = |n: u128| MembershipId::from_uuid(id(200 + n));
    for n in 0..7 {
        assert!(
            tx.claim_seat(ward.organisation, ward.administrator, member(n), morning())
                .await
                .unwrap()
        );
    }
    let last_moment = ends - TimeDelta::microseconds(1);
    assert!(
        !tx.claim_seat(
            ward.organisation,
            ward.administrator,
            member(7),
            last_moment
        )
        .await
        .unwrap()
    );
    // Who has a seat keeps it.
    assert!(
        tx.claim_seat(
            ward.organisation,
            ward.administrator,
            member(0),
            last_moment
        )
        .await
        .unwrap()
    );
    assert!(
        tx.claim_seat(ward.organisation, ward.administrator, member(7), ends)
            .await
            .unwrap()
    );
    assert_eq!(
        tx.release_seats(ward.organisation, member(7))
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        tx.seats_used(ward.organisation, ends).await.unwrap(),
        vec![(ward.administrator, 0)]
    );
}

async fn a_draft_is_seen_by_its_owner_until_it_ends(store: Store) {
    let mut tx = store.write().await.unwrap();
    let draft = DraftId::from_uuid(id(1));
    let state = serde_json::json!({ "values": { "email": ["jane@nhs.ent"] } });
    let ends = morning() + TimeDelta::minutes(30);
    tx.insert_form_draft(draft, &[1; 32], state.clone(), ends)
        .await
        .unwrap();
    assert_eq!(
        tx.form_draft(draft, &[1; 32], morning()).await.unwrap(),
        Some(state)
    );
    assert_eq!(
        tx.form_draft(draft, &[2; 32], morning()).await.unwrap(),
        None
    );
    assert_eq!(tx.form_draft(draft, &[1; 32], ends).await.unwrap(), None);
    assert_eq!(tx.delete_expired_form_drafts(ends).await.unwrap(), 1);
}

/// An event with number `sequence` of an organisation.
fn event(organisation: Option<OrganisationId>, n: u128, sequence: i64) -> AuditEventRow {
    AuditEventRow {
        id: AuditEventId::from_uuid(id(n)),
        organisation_id: organisation,
        sequence,
        kind: "signed_in".to_owned(),
        actor_id: Some(UserId::from_uuid(id(77))),
        actor_name: "Zoë O’Neill".to_owned(),
        subject_id: None,
        subject_name: String::new(),
        details: serde_json::json!({ "z": [1, 2.5, null], "a": { "é": "\u{1F600}", "b": true } }),
        request_id: "r".to_owned(),
        ip: "127.0.0.1".to_owned(),
        method: "password".to_owned(),
        at: morning() + TimeDelta::microseconds(123_456),
        previous_hash: vec![0; 32],
        hash: vec![1; 32],
    }
}

/// R103: the database refuses to change, delete or replace what was recorded, and to take back
/// the end of a chain.
async fn audit_events_are_never_changed(store: Store) {
    let ward = ward(&store, 1).await;
    let organisation = Some(ward.organisation);
    let mut tx = store.write().await.unwrap();
    let end = tx.audit_chain_end(organisation).await.unwrap();
    assert_eq!((end.sequence, end.hash.len()), (0, 32));
    tx.append_audit(&[event(organisation, 9, 1)], &[1; 32])
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.write().await.unwrap();
    let end = tx.audit_chain_end(organisation).await.unwrap();
    assert_eq!((end.sequence, end.seal), (1, vec![1; 32]));
    drop(tx);
    let sqlite = store.dialect() == store::Dialect::Sqlite;
    for statement in [
        "UPDATE audit_events SET actor_name = 'x'",
        "DELETE FROM audit_events",
        "UPDATE audit_chains SET sequence = 0",
        "DELETE FROM audit_chains",
        if sqlite {
            "INSERT OR REPLACE INTO audit_events SELECT * FROM audit_events"
        } else {
            "TRUNCATE audit_events"
        },
        if sqlite {
            "REPLACE INTO audit_events SELECT randomblob(16), organisation_id, sequence, kind, \
             actor_id, actor_name, subject_id, subject_name, details, request_id, ip, method, at, \
             previous_hash, hash FROM audit_events"
        } else {
            "TRUNCATE audit_chains"
        },
    ] {
        let mut tx = store.write().await.unwrap();
        let done = raw(&mut tx, statement).await;
        assert!(done.is_err(), "{statement}");
    }
}

/// R102: a number is given once, in the chain of what belongs to no organisation too.
async fn two_events_never_have_one_number(store: Store) {
    let ward = ward(&store, 1).await;
    for organisation in [None, Some(ward.organisation)] {
        let mut tx = store.write().await.unwrap();
        tx.audit_chain_end(organisation).await.unwrap();
        let n = organisation.map_or(10, |_| 20);
        tx.append_audit(&[event(organisation, n, 1)], &[1; 32])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.write().await.unwrap();
        let other = event(organisation, n + 1, 1);
        assert!(tx.append_audit(&[other], &[1; 32]).await.is_err());
    }
}

/// R102: what is hashed is read as it was written, piece by piece, each chain by itself.
async fn chains_are_read_as_they_were_written(store: Store) {
    let (one, two) = (ward(&store, 1).await, ward(&store, 2).await);
    let nil = AuditEventId::from_uuid(id(0));
    for (organisation, n) in [
        (None, 10),
        (Some(one.organisation), 20),
        (Some(two.organisation), 30),
    ] {
        let mut tx = store.write().await.unwrap();
        tx.audit_chain_end(organisation).await.unwrap();
        let rows: Vec<_> = (1_i64..=5)
            .map(|number| event(organisation, n + u128::from(number.unsigned_abs()), number))
            .collect();
        tx.append_audit(&rows, &[7; 32]).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.read().await.unwrap();
        let mut found = Vec::new();
        let mut after = (i64::MIN, nil);
        loop {
            let piece = tx.audit_events_after(organisation, after, 2).await.unwrap();
            let Some(last) = piece.last() else { break };
            after = (last.sequence, last.id);
            found.extend(piece);
        }
        assert_eq!(format!("{found:?}"), format!("{rows:?}"));
        let end = tx.audit_chain(organisation).await.unwrap().unwrap();
        assert_eq!((end.sequence, end.seal), (5, vec![7; 32]));
    }
    let mut tx = store.read().await.unwrap();
    let owners = tx.chain_owners_after("", 1).await.unwrap();
    assert_eq!(owners[0].code, "RX1");
    let owners = tx.chain_owners_after("rx1", 10).await.unwrap();
    assert_eq!(owners.len(), 1);
    assert_eq!(owners[0].id, two.organisation);
}

async fn queued_messages_are_kept(store: Store) {
    let mut tx = store.write().await.unwrap();
    tx.enqueue(&[OutboxRow {
        id: MessageId::from_uuid(id(1)),
        channel: "email",
        kind: "code".to_owned(),
        organisation_id: None,
        invitation_id: None,
        recipient: "jane@nhs.net".to_owned(),
        content: serde_json::json!({}),
        secret: Some(vec![1, 2, 3]),
        created_at: morning(),
        next_attempt_at: morning(),
        not_after: None,
    }])
    .await
    .unwrap();
    tx.commit().await.unwrap();
}
