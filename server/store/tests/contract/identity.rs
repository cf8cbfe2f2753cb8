//! Sessions, second factors, questions for codes, throttles, devices, one-time links.

use chrono::TimeDelta;
use domain::{
    MembershipStatus, SecondFactorKind,
    id::{ChallengeId, SecondFactorId, SessionId, UserId},
};
use store::{
    AccountLinkRow, ChallengeRow, DeviceRow, LinkPurpose, SecondFactorRow, SessionRow, Store,
    StoreError, ThrottleRow,
};

use crate::harness::{id, membership, morning, user, ward};

mod on {
    use crate::harness::scenarios;
    scenarios!(
        a_session_is_found_by_its_digest_and_ends,
        a_person_has_sessions_of_their_own,
        at_most_ten_sessions_stay,
        opening_an_organisation_is_written_down,
        a_time_step_is_spent_once,
        a_recovery_code_is_spent_once,
        a_new_question_replaces_the_old,
        a_question_takes_so_many_answers,
        a_bucket_counts_every_request,
        a_bucket_in_use_survives_the_bound,
        a_device_is_known_to_its_person,
        a_link_works_once_and_until_its_end,
        a_reset_is_remembered_until_it_is_settled,
    );
}

async fn person(store: &Store) -> UserId {
    let jane = user(1, "Jane", "Carlton");
    let mut tx = store.write().await.unwrap();
    tx.insert_user(&jane).await.unwrap();
    tx.commit().await.unwrap();
    jane.id
}

fn session(n: u128, user: UserId) -> SessionRow {
    SessionRow {
        id: SessionId::from_uuid(id(n)),
        token_digest: vec![u8::try_from(n % 256).unwrap(); 32],
        user_id: user,
        assurance: 1,
        methods: "password".to_owned(),
        security_epoch: 3,
        created_at: morning(),
        authenticated_at: morning(),
        last_seen_at: morning() + TimeDelta::minutes(i64::try_from(n % 100).unwrap()),
        idle_minutes: 30,
        expires_at: morning() + TimeDelta::hours(12),
        return_to: "/account".to_owned(),
        last_organisation: None,
        ip: "127.0.0.1".to_owned(),
        user_agent: "test".to_owned(),
    }
}

/// R53, R57: the digest finds the session, and a session that was ended is gone.
async fn a_session_is_found_by_its_digest_and_ends(store: Store) {
    let jane = person(&store).await;
    let mut tx = store.write().await.unwrap();
    tx.insert_session(&session(1, jane)).await.unwrap();
    let found = tx.session_by_digest(&[1; 32]).await.unwrap().unwrap();
    assert_eq!((found.user_id, found.security_epoch), (jane, 3));
    assert_eq!(found.return_to, "/account");
    assert!(tx.session_by_digest(&[2; 32]).await.unwrap().is_none());
    let later = morning() + TimeDelta::minutes(5);
    tx.touch_session(found.id, later).await.unwrap();
    tx.touch_session(found.id, morning()).await.unwrap();
    assert_eq!(
        tx.session(found.id).await.unwrap().unwrap().last_seen_at,
        later
    );
    tx.end_session(found.id, later).await.unwrap();
    tx.end_session(found.id, later + TimeDelta::minutes(1))
        .await
        .unwrap();
    assert_eq!(
        tx.session(found.id).await.unwrap().unwrap().expires_at,
        later
    );
    assert!(tx.delete_session(found.id).await.unwrap());
    assert!(!tx.delete_session(found.id).await.unwrap());
    assert!(tx.session(found.id).await.unwrap().is_none());

    tx.insert_session(&session(2, jane)).await.unwrap();
    tx.insert_session(&session(3, jane)).await.unwrap();
    assert_eq!(tx.delete_sessions_of(jane).await.unwrap(), 2);
    tx.insert_session(&session(4, jane)).await.unwrap();
    let (before, end) = (morning(), morning() + TimeDelta::hours(12));
    assert_eq!(tx.delete_ended_sessions(before, before).await.unwrap(), 0);
    assert_eq!(tx.delete_ended_sessions(end, before).await.unwrap(), 1);
    tx.insert_session(&session(4, jane)).await.unwrap();
    assert_eq!(tx.delete_ended_sessions(before, end).await.unwrap(), 1);
}

/// R58: a person sees their finished sign-ins, and ends no session but their own.
async fn a_person_has_sessions_of_their_own(store: Store) {
    let jane = person(&store).await;
    let mut tx = store.write().await.unwrap();
    let omar = user(2, "Omar", "Haddad");
    tx.insert_user(&omar).await.unwrap();
    for (n, who) in [(1, jane), (2, jane), (3, jane), (4, omar.id)] {
        let mut row = session(n, who);
        row.assurance = if n == 3 { 1 } else { 2 };
        tx.insert_session(&row).await.unwrap();
    }
    let [one, two, theirs] = [1, 2, 4].map(|n| SessionId::from_uuid(id(n)));
    let found = tx.sessions_of(jane, morning()).await.unwrap();
    let ids: Vec<_> = found.iter().map(|row| row.id).collect();
    assert_eq!(ids, [two, one]);
    let end = morning() + TimeDelta::hours(12);
    assert!(tx.sessions_of(jane, end).await.unwrap().is_empty());
    tx.set_session_proof(one, end, "password+authenticator")
        .await
        .unwrap();
    let proved = tx.session(one).await.unwrap().unwrap();
    assert_eq!(proved.authenticated_at, end);
    assert!(!tx.delete_own_session(jane, theirs).await.unwrap());
    // The half one goes too.
    assert_eq!(tx.delete_other_sessions(jane, one).await.unwrap(), 2);
    assert!(tx.delete_own_session(jane, one).await.unwrap());
    assert!(tx.session(theirs).await.unwrap().is_some());
}

/// R59: those that rested longest end.
async fn at_most_ten_sessions_stay(store: Store) {
    let jane = person(&store).await;
    let mut tx = store.write().await.unwrap();
    for n in 1..=12 {
        tx.insert_session(&session(n, jane)).await.unwrap();
    }
    assert_eq!(tx.delete_oldest_sessions(jane, 10).await.unwrap(), 2);
    let gone = SessionId::from_uuid(id(2));
    let stays = SessionId::from_uuid(id(3));
    assert!(tx.session(gone).await.unwrap().is_none());
    assert!(tx.session(stays).await.unwrap().is_some());
    assert_eq!(tx.delete_oldest_sessions(jane, 10).await.unwrap(), 0);
}

async fn opening_an_organisation_is_written_down(store: Store) {
    let place = ward(&store, 1).await;
    let jane = user(1, "Jane", "Carlton");
    let mut tx = store.write().await.unwrap();
    tx.insert_user(&jane).await.unwrap();
    let member = membership(2, place.organisation, &jane, MembershipStatus::Active);
    tx.insert_memberships(std::slice::from_ref(&member))
        .await
        .unwrap();
    tx.insert_session(&session(1, jane.id)).await.unwrap();
    let name = SessionId::from_uuid(id(1));
    tx.set_session_organisation(name, "rx1").await.unwrap();
    tx.set_last_signed_in(place.organisation, jane.id, morning())
        .await
        .unwrap();
    let read = tx.session(name).await.unwrap().unwrap();
    assert_eq!(read.last_organisation.as_deref(), Some("rx1"));
    let read = tx.membership(place.organisation, member.id).await.unwrap();
    let read = read.unwrap();
    assert_eq!(read.last_signed_in_at, Some(morning()));
    assert_eq!(read.version, member.version);
}

fn factor(n: u128, user: UserId, kind: SecondFactorKind) -> SecondFactorRow {
    SecondFactorRow {
        id: SecondFactorId::from_uuid(id(n)),
        user_id: user,
        kind,
        secret: (kind == SecondFactorKind::Authenticator).then(|| vec![9; 40]),
        last_step: 100,
        created_at: morning(),
    }
}

/// R41: a code is good for one request, and older codes go with it.
async fn a_time_step_is_spent_once(store: Store) {
    let jane = person(&store).await;
    let mut tx = store.write().await.unwrap();
    let app = factor(1, jane, SecondFactorKind::Authenticator);
    tx.put_second_factor(&app).await.unwrap();
    tx.put_second_factor(&factor(2, jane, SecondFactorKind::Email))
        .await
        .unwrap();
    assert!(!tx.spend_step(app.id, 100).await.unwrap());
    assert!(tx.spend_step(app.id, 102).await.unwrap());
    assert!(!tx.spend_step(app.id, 102).await.unwrap());
    assert!(!tx.spend_step(app.id, 101).await.unwrap());
    // Another app takes the place of the first.
    let mut other = factor(3, jane, SecondFactorKind::Authenticator);
    other.last_step = 0;
    tx.put_second_factor(&other).await.unwrap();
    let all = tx.second_factors(jane).await.unwrap();
    assert_eq!(all.len(), 2);
    assert!(!tx.spend_step(app.id, 200).await.unwrap());
    assert!(
        tx.delete_second_factor(jane, SecondFactorKind::Authenticator)
            .await
            .unwrap()
    );
    assert!(
        !tx.delete_second_factor(jane, SecondFactorKind::Authenticator)
            .await
            .unwrap()
    );
}

/// R45: once, and only by the person whose code it is.
async fn a_recovery_code_is_spent_once(store: Store) {
    let jane = person(&store).await;
    let john = user(2, "John", "Omar");
    let mut tx = store.write().await.unwrap();
    tx.insert_user(&john).await.unwrap();
    tx.replace_recovery_codes(jane, &[[1; 32], [2; 32]])
        .await
        .unwrap();
    let now = morning();
    assert!(
        !tx.spend_recovery_code(john.id, &[1; 32], now)
            .await
            .unwrap()
    );
    assert!(tx.spend_recovery_code(jane, &[1; 32], now).await.unwrap());
    assert!(!tx.spend_recovery_code(jane, &[1; 32], now).await.unwrap());
    assert_eq!(tx.recovery_codes_left(jane).await.unwrap(), 1);
    tx.replace_recovery_codes(jane, &[[3; 32]]).await.unwrap();
    assert!(!tx.spend_recovery_code(jane, &[2; 32], now).await.unwrap());
    assert_eq!(tx.recovery_codes_left(jane).await.unwrap(), 1);
    assert_eq!(tx.recovery_codes_left(john.id).await.unwrap(), 0);
}

fn challenge(n: u128, code: u8) -> ChallengeRow {
    ChallengeRow {
        id: ChallengeId::from_uuid(id(n)),
        binding: vec![7; 32],
        kind: SecondFactorKind::Email,
        digest: vec![code; 32],
        attempts: 0,
        sent_at: morning(),
        expires_at: morning() + TimeDelta::minutes(10),
    }
}

/// R42: one question at a time.
async fn a_new_question_replaces_the_old(store: Store) {
    let mut tx = store.write().await.unwrap();
    tx.put_challenge(&challenge(1, 1)).await.unwrap();
    tx.count_attempt(&[7; 32], 5).await.unwrap().unwrap();
    let second = ChallengeRow {
        kind: SecondFactorKind::Sms,
        ..challenge(2, 2)
    };
    tx.put_challenge(&second).await.unwrap();
    let read = tx.challenge(&[7; 32]).await.unwrap().unwrap();
    assert_eq!((read.id, read.attempts), (second.id, 0));
    assert_eq!(read.kind, SecondFactorKind::Sms);
    assert!(tx.challenge(&[8; 32]).await.unwrap().is_none());
    assert!(tx.delete_challenge(&[7; 32]).await.unwrap());
    assert!(!tx.delete_challenge(&[7; 32]).await.unwrap());
    tx.put_challenge(&second).await.unwrap();
    let end = second.expires_at;
    assert_eq!(tx.delete_ended_challenges(end).await.unwrap(), 0);
    let after = end + TimeDelta::seconds(1);
    assert_eq!(tx.delete_ended_challenges(after).await.unwrap(), 1);
}

/// R36: the sixth answer is not looked at, and requests at once do not share a try.
async fn a_question_takes_so_many_answers(store: Store) {
    let mut tx = store.write().await.unwrap();
    tx.put_challenge(&challenge(1, 1)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tasks = Vec::new();
    for _ in 0..12 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let mut tx = store.write().await.unwrap();
            let counted = tx.count_attempt(&[7; 32], 5).await.unwrap().is_some();
            tx.commit().await.unwrap();
            counted
        }));
    }
    let mut counted = 0;
    for task in tasks {
        counted += u32::from(task.await.unwrap());
    }
    assert_eq!(counted, 5);
}

/// R32: requests at once are counted one by one.
async fn a_bucket_counts_every_request(store: Store) {
    let mut tasks = Vec::new();
    for _ in 0..12 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            let mut tx = store.write().await.unwrap();
            let mut row = tx.lock_throttle(&[1; 32], morning()).await.unwrap();
            row.failures += 1;
            row.arrival_at += TimeDelta::minutes(1);
            tx.save_throttle(&[1; 32], row).await.unwrap();
            tx.commit().await.unwrap();
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let mut tx = store.write().await.unwrap();
    let row = tx.lock_throttle(&[1; 32], morning()).await.unwrap();
    assert_eq!(
        row,
        ThrottleRow {
            arrival_at: morning() + TimeDelta::minutes(12),
            failures: 12
        }
    );
    tx.delete_throttle(&[1; 32]).await.unwrap();
    let row = tx.lock_throttle(&[1; 32], morning()).await.unwrap();
    assert_eq!((row.arrival_at, row.failures), (morning(), 0));
    assert!(matches!(
        tx.save_throttle(&[2; 32], row).await,
        Err(StoreError::Stale)
    ));
}

/// R34: the number of buckets has a bound, and reaching it resets no bucket that is in use.
async fn a_bucket_in_use_survives_the_bound(store: Store) {
    let mut tx = store.write().await.unwrap();
    let now = morning();
    for n in 1..=6_u8 {
        let mut row = tx.lock_throttle(&[n; 32], now).await.unwrap();
        row.failures = i64::from(n % 3);
        if n == 1 {
            row.arrival_at = now + TimeDelta::hours(1);
        }
        tx.save_throttle(&[n; 32], row).await.unwrap();
    }
    // Failures: 1 0 in use, 2 and 5 two, 3 and 6 none, 4 one.
    assert_eq!(tx.bound_throttles(now, 3).await.unwrap(), 3);
    for (key, failures) in [(1, 1), (2, 2), (5, 2), (3, 0)] {
        let row = tx.lock_throttle(&[key; 32], now).await.unwrap();
        assert_eq!(row.failures, failures, "{key}");
    }
    let quiet = now - TimeDelta::days(1);
    assert_eq!(tx.delete_full_throttles(now, quiet).await.unwrap(), 1);
    assert_eq!(tx.delete_full_throttles(now, now).await.unwrap(), 2);
}

/// R33, R60: known to one person, for a time, until their epoch changes.
async fn a_device_is_known_to_its_person(store: Store) {
    let jane = person(&store).await;
    let john = user(2, "John", "Omar");
    let mut tx = store.write().await.unwrap();
    tx.insert_user(&john).await.unwrap();
    let end = morning() + TimeDelta::days(90);
    let device = DeviceRow {
        digest: [5; 32],
        user_id: jane,
        security_epoch: 1,
        created_at: morning(),
        expires_at: end,
    };
    tx.put_device(&device).await.unwrap();
    tx.put_device(&device).await.unwrap();
    let just_before = end - TimeDelta::microseconds(1);
    for (user, epoch, at, known) in [
        (jane, 1, just_before, true),
        (jane, 1, end, false),
        (jane, 2, morning(), false),
        (john.id, 1, morning(), false),
    ] {
        assert_eq!(
            tx.device_known(&[5; 32], user, epoch, at).await.unwrap(),
            known
        );
    }
    assert_eq!(tx.devices_of(jane).await.unwrap(), [[5; 32]]);
    assert!(tx.devices_of(john.id).await.unwrap().is_empty());
    assert_eq!(tx.delete_devices_of(john.id).await.unwrap(), 0);
    assert_eq!(tx.delete_devices_of(jane).await.unwrap(), 1);
    tx.put_device(&device).await.unwrap();
    assert_eq!(tx.delete_expired_devices(just_before).await.unwrap(), 0);
    assert_eq!(tx.delete_expired_devices(end).await.unwrap(), 1);
}

fn link(n: u128, purpose: LinkPurpose, user: Option<UserId>) -> AccountLinkRow {
    AccountLinkRow {
        id: id(n),
        purpose,
        user_id: user,
        token_digest: vec![u8::try_from(n % 256).unwrap(); 32],
        security_epoch: 0,
        created_at: morning(),
        expires_at: morning() + TimeDelta::hours(1),
        consumed_at: None,
        revoked_at: None,
    }
}

/// R16, R17, R20: once, until its end, and for one purpose.
async fn a_link_works_once_and_until_its_end(store: Store) {
    let jane = person(&store).await;
    let mut tx = store.write().await.unwrap();
    let end = morning() + TimeDelta::hours(1);
    for n in 1..=3 {
        tx.insert_account_link(&link(n, LinkPurpose::Reset, Some(jane)))
            .await
            .unwrap();
    }
    tx.insert_account_link(&link(4, LinkPurpose::SetUp, None))
        .await
        .unwrap();
    let found = tx.account_link(LinkPurpose::Reset, &[1; 32]).await.unwrap();
    assert_eq!(found.unwrap().user_id, Some(jane));
    for (purpose, digest) in [(LinkPurpose::SetUp, 1), (LinkPurpose::Reset, 4)] {
        let none = tx.account_link(purpose, &[digest; 32]).await.unwrap();
        assert!(none.is_none());
    }
    assert!(!tx.consume_account_link(id(1), end).await.unwrap());
    let just_before = end - TimeDelta::microseconds(1);
    assert!(tx.consume_account_link(id(1), just_before).await.unwrap());
    assert!(!tx.consume_account_link(id(1), just_before).await.unwrap());
    let revoked = tx
        .revoke_account_links(LinkPurpose::Reset, Some(jane), morning())
        .await;
    assert_eq!(revoked.unwrap(), 2);
    assert!(!tx.consume_account_link(id(2), morning()).await.unwrap());
    let revoked = tx
        .revoke_account_links(LinkPurpose::SetUp, None, morning())
        .await;
    assert_eq!(revoked.unwrap(), 1);
    let found = tx.account_link(LinkPurpose::SetUp, &[4; 32]).await.unwrap();
    assert_eq!(found.unwrap().revoked_at, Some(morning()));
}

/// R12: a used reset counts until the person proves more than the mailbox, however old it is.
async fn a_reset_is_remembered_until_it_is_settled(store: Store) {
    let jane = person(&store).await;
    let mut tx = store.write().await.unwrap();
    tx.insert_account_link(&link(1, LinkPurpose::Reset, Some(jane)))
        .await
        .unwrap();
    assert!(!tx.password_came_by_email(jane).await.unwrap());
    tx.consume_account_link(id(1), morning()).await.unwrap();
    assert!(tx.password_came_by_email(jane).await.unwrap());
    let years_later = morning() + TimeDelta::days(2_000);
    assert_eq!(tx.delete_ended_account_links(years_later).await.unwrap(), 0);
    tx.settle_password_resets(jane, morning()).await.unwrap();
    assert!(!tx.password_came_by_email(jane).await.unwrap());
    assert_eq!(tx.delete_ended_account_links(years_later).await.unwrap(), 1);
}
