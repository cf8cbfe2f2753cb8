//! Journeys, batches with their entries, invitations.

use chrono::TimeDelta;
use domain::{
    MembershipStatus,
    id::{BatchId, DraftId, EntryId, InvitationId, MessageId, OrganisationId, UserId},
    invitation::{Delivery, EntryOutcome, EntryWish, InvitationStatus},
};
use store::{
    BatchRow, Conflict, EntryRow, InvitationRow, JourneyRow, MembershipRow, OutboxRow, Settled,
    Store, StoreError,
};

use crate::harness::{Ward, id, membership, morning, user, ward};

mod on {
    use crate::harness::scenarios;
    scenarios!(
        a_journey_belongs_to_one_person_and_is_finished_once,
        a_batch_is_worked_on_by_one_server_at_a_time,
        an_entry_has_one_outcome,
        a_membership_has_one_open_invitation,
        addresses_are_looked_up_together,
        a_failed_email_marks_the_membership_once,
    );
}

async fn a_journey_belongs_to_one_person_and_is_finished_once(store: Store) {
    let (one, two) = (ward(&store, 1).await, ward(&store, 2).await);
    let (jane, sam) = (user(1, "Jane", "Carlton"), user(2, "Sam", "Okoro"));
    let mut tx = store.write().await.unwrap();
    tx.insert_users(&[jane.clone(), sam.clone()]).await.unwrap();
    let journey = JourneyRow {
        id: DraftId::from_uuid(id(10)),
        organisation_id: one.organisation,
        user_id: jane.id,
        kind: "invite".to_owned(),
        answers: serde_json::json!({"emails": "a@nhs.net\nbö@nhs.net"}),
        batch_id: None,
        job_id: None,
        version: 0,
        created_at: morning(),
        expires_at: morning() + TimeDelta::days(1),
    };
    tx.insert_journey(&journey).await.unwrap();
    let now = morning();
    let mut seen = tx
        .journey(one.organisation, jane.id, journey.id, now)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(seen.answers, journey.answers);
    for (organisation, person, at) in [
        (one.organisation, sam.id, now),
        (two.organisation, jane.id, now),
        (one.organisation, jane.id, journey.expires_at),
    ] {
        let other = tx.journey(organisation, person, journey.id, at).await;
        assert!(other.unwrap().is_none());
        let other = tx.lock_journey(organisation, person, journey.id, at).await;
        assert!(other.unwrap().is_none());
        if at == now {
            let gone = tx.delete_journey(organisation, person, journey.id).await;
            assert_eq!(gone.unwrap(), 0);
        }
    }
    seen.answers = serde_json::json!({});
    tx.update_journey(&seen).await.unwrap();
    assert!(matches!(
        tx.update_journey(&seen).await,
        Err(StoreError::Stale)
    ));
    let mut locked = tx
        .lock_journey(one.organisation, jane.id, journey.id, now)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((locked.version, locked.batch_id), (1, None));
    let batch = batch(&one, jane.id, 20);
    tx.insert_batch(&batch, &[one.area, one.inner_area])
        .await
        .unwrap();
    locked.batch_id = Some(batch.id);
    tx.update_journey(&locked).await.unwrap();
    let gone = tx.delete_journey(one.organisation, jane.id, journey.id);
    assert_eq!(gone.await.unwrap(), 0, "a finished journey stays");
    assert_eq!(
        tx.batch_areas(one.organisation, batch.id).await.unwrap(),
        [one.area, one.inner_area]
    );
    assert_eq!(
        tx.delete_expired_journeys(journey.expires_at)
            .await
            .unwrap(),
        1
    );
    tx.commit().await.unwrap();
}

async fn a_batch_is_worked_on_by_one_server_at_a_time(store: Store) {
    let (one, two) = (ward(&store, 1).await, ward(&store, 2).await);
    let jane = user(1, "Jane", "Carlton");
    let mut tx = store.write().await.unwrap();
    tx.insert_user(&jane).await.unwrap();
    let first = batch(&one, jane.id, 20);
    let second = BatchRow {
        created_at: morning() + TimeDelta::seconds(1),
        ..batch(&two, jane.id, 21)
    };
    tx.insert_batch(&first, &[]).await.unwrap();
    tx.insert_batch(&second, &[]).await.unwrap();
    tx.commit().await.unwrap();

    let now = morning() + TimeDelta::seconds(2);
    let until = now + TimeDelta::seconds(30);
    let mut tx = store.write().await.unwrap();
    let claimed = tx.claim_batch(now, until).await.unwrap().unwrap();
    assert_eq!((claimed.id, claimed.leased_until), (first.id, Some(until)));
    let claimed = tx.claim_batch(now, until).await.unwrap().unwrap();
    assert_eq!(claimed.id, second.id);
    assert!(tx.claim_batch(now, until).await.unwrap().is_none());
    // Whoever had it is gone: it is free when the lease is over, not before.
    let at = until - TimeDelta::microseconds(1);
    assert!(tx.claim_batch(at, until).await.unwrap().is_none());
    // Or when it is known that nobody else is there.
    assert_eq!(tx.free_all_batches().await.unwrap(), 2);
    let claimed = tx.claim_batch(at, until).await.unwrap().unwrap();
    assert_eq!(claimed.id, first.id);
    let later = until + TimeDelta::seconds(30);
    let again = tx.claim_batch(until, later).await.unwrap().unwrap();
    assert_eq!(again.id, first.id);
    let organisation = one.organisation;
    let old = tx.lock_batch(organisation, first.id, Some(until)).await;
    assert!(old.unwrap().is_none(), "the old lease no longer counts");
    let new = tx.lock_batch(organisation, first.id, Some(later)).await;
    assert!(new.unwrap().is_some());
    assert!(tx.stop_batch(organisation, first.id, now).await.unwrap());
    assert!(!tx.stop_batch(organisation, first.id, now).await.unwrap());
    assert!(
        !tx.stop_batch(organisation, second.id, now).await.unwrap(),
        "another organisation's"
    );
    tx.release_batch(organisation, first.id, Some(now))
        .await
        .unwrap();
    assert!(matches!(
        tx.release_batch(organisation, first.id, None).await,
        Err(StoreError::Stale)
    ));
    let finished = tx.batch(organisation, first.id).await.unwrap().unwrap();
    assert_eq!(
        (finished.finished_at, finished.leased_until),
        (Some(now), None)
    );
    assert!(tx.batch(organisation, second.id).await.unwrap().is_none());
    let since = morning() - TimeDelta::days(1);
    let listed = tx.batches(organisation, since, 20).await.unwrap();
    assert_eq!(listed.iter().map(|b| b.id).collect::<Vec<_>>(), [first.id]);
    assert!(
        tx.batches(organisation, morning(), 20)
            .await
            .unwrap()
            .is_empty()
    );
    tx.commit().await.unwrap();
}

/// R97.
async fn an_entry_has_one_outcome(store: Store) {
    let one = ward(&store, 1).await;
    let (jane, sam) = (user(1, "Jane", "Carlton"), user(2, "Sam", "Okoro"));
    let batch = batch(&one, jane.id, 20);
    let organisation = one.organisation;
    let mut tx = store.write().await.unwrap();
    tx.insert_users(&[jane.clone(), sam.clone()]).await.unwrap();
    let member = membership(3, organisation, &sam, MembershipStatus::Active);
    tx.insert_memberships(&[member.clone()]).await.unwrap();
    tx.insert_batch(&batch, &[]).await.unwrap();
    let mut entries: Vec<EntryRow> = (0..1_203)
        .map(|n| {
            let mut entry = entry(organisation, batch.id, n);
            entry.email = Some(format!("person{n}@nhs.net"));
            entry
        })
        .collect();
    entries[2] = entry(organisation, batch.id, 2).settled(EntryOutcome::Invalid, morning());
    tx.insert_entries(&entries).await.unwrap();
    let waiting = tx.waiting_entries(organisation, batch.id, 3).await.unwrap();
    let places: Vec<_> = waiting
        .iter()
        .map(|e| (e.position, e.line, e.wish))
        .collect();
    let invite = EntryWish::Invite;
    assert_eq!(places, [(0, 1, invite), (1, 2, invite), (3, 4, invite)]);
    let settled: Vec<Settled> = entries
        .iter()
        .filter(|entry| entry.outcome().is_none())
        .take(1_200)
        .map(|entry| Settled {
            entry: entry.id,
            outcome: if entry.position == 0 {
                EntryOutcome::AlreadyMember
            } else {
                EntryOutcome::Sent
            },
            membership: (entry.position == 0).then_some(member.id),
        })
        .collect();
    tx.settle_entries(organisation, &settled, morning())
        .await
        .unwrap();
    let mut counts = tx.count_outcomes(organisation, batch.id).await.unwrap();
    counts.sort_unstable();
    assert_eq!(
        counts,
        [
            (None, 2),
            (Some(EntryOutcome::Sent), 1_199),
            (Some(EntryOutcome::AlreadyMember), 1),
            (Some(EntryOutcome::Invalid), 1),
        ]
    );
    let rest = tx.settle_waiting(organisation, batch.id, EntryOutcome::Stopped, morning());
    assert_eq!(rest.await.unwrap(), 2);
    let problems = tx
        .entry_results(organisation, batch.id, -1, 100, true)
        .await
        .unwrap();
    let found: Vec<_> = problems
        .iter()
        .map(|row| (row.position, row.outcome().unwrap(), row.user_id))
        .collect();
    assert_eq!(
        found,
        [
            (0, EntryOutcome::AlreadyMember, Some(sam.id)),
            (2, EntryOutcome::Invalid, None),
            (1_201, EntryOutcome::Stopped, None),
            (1_202, EntryOutcome::Stopped, None),
        ]
    );
    assert_eq!(problems[0].first_name.as_deref(), Some("Sam"));
    let page = tx
        .entry_results(organisation, batch.id, 1_199, 2, false)
        .await
        .unwrap();
    let places: Vec<_> = page.iter().map(|row| row.position).collect();
    assert_eq!(places, [1_200, 1_201]);
    tx.commit().await.unwrap();
    let mut tx = store.write().await.unwrap();
    assert!(matches!(
        tx.settle_entries(organisation, &settled[..1], morning())
            .await,
        Err(StoreError::Stale)
    ));
}

/// R19.
async fn a_membership_has_one_open_invitation(store: Store) {
    let one = ward(&store, 1).await;
    let organisation = one.organisation;
    let (jane, member) = pending(&store, &one).await;
    let mut tx = store.write().await.unwrap();
    let first = invitation(organisation, &member, 30);
    tx.insert_invitations(&[first.clone()]).await.unwrap();
    tx.enqueue(&[message(&first, &jane.email)]).await.unwrap();
    tx.commit().await.unwrap();

    let second = invitation(organisation, &member, 31);
    let mut tx = store.write().await.unwrap();
    assert!(matches!(
        tx.insert_invitations(&[second.clone()]).await,
        Err(StoreError::Conflict(Conflict::InvitationOpen))
    ));
    drop(tx);

    let mut tx = store.write().await.unwrap();
    let now = morning() + TimeDelta::minutes(3);
    tx.replace_invitations(organisation, &[member.id], now)
        .await
        .unwrap();
    let second = InvitationRow {
        created_at: now,
        ..second
    };
    tx.insert_invitations(&[second.clone()]).await.unwrap();
    let all = tx.invitations_of(organisation, member.id).await.unwrap();
    let found: Vec<_> = all.iter().map(|i| (i.id, i.status, i.closed_at)).collect();
    assert_eq!(
        found,
        [
            (second.id, InvitationStatus::Open, None),
            (first.id, InvitationStatus::Replaced, Some(now)),
        ]
    );
    assert_eq!(
        tx.cancel_messages_of(first.id).await.unwrap(),
        0,
        "the old message was cancelled with its invitation"
    );
    let digest: [u8; 32] = second.token_digest.clone().try_into().unwrap();
    let by_token = tx.invitation_by_digest(&digest).await.unwrap().unwrap();
    assert_eq!(by_token.id, second.id);
    assert!(tx.invitation_by_digest(&[9; 32]).await.unwrap().is_none());
    let quiet = TimeDelta::days(1);
    for (at, asked) in [(now, true), (now + quiet - TimeDelta::seconds(1), false)] {
        let first = tx.ask_for_new_invitation(organisation, second.id, at, at - quiet);
        assert_eq!(first.await.unwrap(), asked, "at most 1 a day");
    }
    tx.close_invitation(organisation, second.id, InvitationStatus::Cancelled, now)
        .await
        .unwrap();
    assert!(matches!(
        tx.close_invitation(organisation, second.id, InvitationStatus::Accepted, now)
            .await,
        Err(StoreError::Stale)
    ));
    let row = tx
        .invitation(organisation, second.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (row.status, row.new_one_asked_at),
        (InvitationStatus::Cancelled, Some(now))
    );
    let since = morning() - TimeDelta::seconds(1);
    let only = [member.id];
    let counted = tx.count_invitations_of(organisation, &only, since);
    assert_eq!(counted.await.unwrap(), [(member.id, 2)]);
    let counted = tx.count_invitations_of(organisation, &only, now);
    assert!(counted.await.unwrap().is_empty());
    assert_eq!(
        tx.count_invitations_since(organisation, since)
            .await
            .unwrap(),
        2
    );
    assert_eq!(
        tx.count_invitations_since(organisation, morning())
            .await
            .unwrap(),
        1
    );
    tx.commit().await.unwrap();
}

/// R65: what is known is what this organisation knows.
async fn addresses_are_looked_up_together(store: Store) {
    let (one, two) = (ward(&store, 1).await, ward(&store, 2).await);
    let (jane, member) = pending(&store, &one).await;
    let mut tx = store.write().await.unwrap();
    let mut keys: Vec<String> = (0..2_500).map(|n| format!("person{n}@nhs.net")).collect();
    keys.push(jane.email_key.clone());
    let here = tx.known_addresses(one.organisation, &keys).await.unwrap();
    assert_eq!(here.len(), 1);
    assert_eq!(
        (here[0].user_id, here[0].membership_id, here[0].status()),
        (jane.id, Some(member.id), Some(MembershipStatus::Pending))
    );
    let there = tx.known_addresses(two.organisation, &keys).await.unwrap();
    assert_eq!(
        (there[0].user_id, there[0].membership_id, there[0].status()),
        (jane.id, None, None)
    );
    assert!(
        tx.known_addresses(one.organisation, &[])
            .await
            .unwrap()
            .is_empty()
    );
    tx.delete_membership(one.organisation, member.id)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// R108.
async fn a_failed_email_marks_the_membership_once(store: Store) {
    let (one, two) = (ward(&store, 1).await, ward(&store, 2).await);
    let organisation = one.organisation;
    let (jane, member) = pending(&store, &one).await;
    let batch = batch(&one, jane.id, 20);
    let invitation = InvitationRow {
        batch_id: Some(batch.id),
        ..invitation(organisation, &member, 30)
    };
    let now = morning() + TimeDelta::minutes(1);
    let mut tx = store.write().await.unwrap();
    tx.insert_batch(&batch, &[]).await.unwrap();
    tx.insert_invitations(&[invitation.clone()]).await.unwrap();
    let other = tx.mark_invitation_sent(two.organisation, invitation.id, now);
    assert_eq!(other.await.unwrap(), 0);
    let queued = tx.count_deliveries(organisation, batch.id).await.unwrap();
    assert_eq!(queued, [(Delivery::Queued, 1)]);
    let sent = tx.mark_invitation_sent(organisation, invitation.id, now);
    assert_eq!(sent.await.unwrap(), 1);
    let failed = tx.mark_invitation_failed(organisation, invitation.id, now);
    assert!(failed.await.unwrap());
    let failed = tx.mark_invitation_failed(organisation, invitation.id, now);
    assert!(!failed.await.unwrap(), "marked already");
    let deliveries = tx.count_deliveries(organisation, batch.id).await.unwrap();
    assert_eq!(deliveries, [(Delivery::Failed, 1)]);
    let row = tx
        .membership(organisation, member.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.delivery_failed_at, row.version), (Some(now), 1));
    tx.commit().await.unwrap();
}

async fn pending(store: &Store, ward: &Ward) -> (store::UserRow, MembershipRow) {
    let jane = user(1, "Jane", "Carlton");
    let member = membership(2, ward.organisation, &jane, MembershipStatus::Pending);
    let mut tx = store.write().await.unwrap();
    tx.insert_user(&jane).await.unwrap();
    tx.insert_memberships(&[member.clone()]).await.unwrap();
    tx.commit().await.unwrap();
    (jane, member)
}

fn batch(ward: &Ward, by: UserId, n: u128) -> BatchRow {
    BatchRow {
        id: BatchId::from_uuid(id(n)),
        organisation_id: ward.organisation,
        created_by: by,
        role_id: ward.viewer,
        message: String::new(),
        total: 3,
        to_send: 2,
        created_at: morning(),
        finished_at: None,
        stopped_at: None,
        leased_until: None,
    }
}

fn entry(organisation: OrganisationId, batch: BatchId, n: u128) -> EntryRow {
    let position = i64::try_from(n).unwrap();
    EntryRow::new(
        EntryId::from_uuid(id(100_000 + n)),
        (organisation, batch),
        (position, position + 1),
        format!("person{n}"),
        EntryWish::Invite,
    )
}

fn invitation(organisation: OrganisationId, member: &MembershipRow, n: u8) -> InvitationRow {
    InvitationRow {
        id: InvitationId::from_uuid(id(n.into())),
        organisation_id: organisation,
        membership_id: member.id,
        batch_id: None,
        invited_by: Some(member.user_id),
        message: "Welcome".to_owned(),
        token_digest: vec![n; 32],
        status: InvitationStatus::Open,
        delivery: Delivery::Queued,
        created_at: morning(),
        sent_at: None,
        expires_at: morning() + TimeDelta::days(7),
        closed_at: None,
        new_one_asked_at: None,
    }
}

fn message(invitation: &InvitationRow, recipient: &str) -> OutboxRow {
    OutboxRow {
        id: MessageId::from_uuid(invitation.id.uuid()),
        channel: "email",
        kind: "invitation".to_owned(),
        organisation_id: Some(invitation.organisation_id),
        invitation_id: Some(invitation.id),
        recipient: recipient.to_owned(),
        content: serde_json::json!({}),
        secret: Some(vec![1, 2, 3]),
        created_at: morning(),
        next_attempt_at: morning(),
        not_after: Some(invitation.expires_at),
    }
}
