use chrono::TimeDelta;
use domain::{MembershipStatus, Policy, invitation::EntryOutcome};

use super::{Hall, codes, many};

impl Hall {
    /// Changes the organisation's settings.
    pub(super) async fn policy(&self, change: impl FnOnce(&mut Policy)) {
        let mut tx = self.h.services.store.write().await.unwrap();
        let organisation = tx.organisation(self.organisation).await.unwrap().unwrap();
        let mut policy = organisation.policy;
        change(&mut policy);
        tx.update_policy(self.organisation, &policy).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn count(&self, job: domain::id::BatchId, outcome: EntryOutcome) -> usize {
        let outcomes = self.outcomes(job).await;
        outcomes
            .iter()
            .filter(|(_, one)| *one == Some(outcome))
            .count()
    }
}

/// R37: what is beyond the day's limit is told, and goes another day.
#[tokio::test]
async fn the_days_limit_is_kept() {
    let hall = Hall::new().await;
    hall.policy(|policy| policy.bulk_invitations_a_day = 300)
        .await;
    let job = hall.invite(&many(310)).await;
    hall.work().await;
    assert_eq!(hall.count(job, EntryOutcome::Sent).await, 300);
    assert_eq!(hall.count(job, EntryOutcome::OverQuota).await, 10);
    let services = &hall.h.services;
    let again = services.try_again(&hall.sam, "rx1", job).await.unwrap();
    let check = services
        .invite_check(&hall.sam, "rx1", again)
        .await
        .unwrap();
    assert_eq!(super::here(check).quota_left, Some(0));
    hall.h.clock.advance(TimeDelta::hours(24));
    let job = hall.send(again).await;
    hall.work().await;
    assert_eq!(hall.count(job, EntryOutcome::Sent).await, 10);
}

/// The limit of a batch is the organisation's.
#[tokio::test]
async fn a_batch_has_the_organisations_limit() {
    let hall = Hall::new().await;
    hall.policy(|policy| policy.bulk_invitation_limit = 20)
        .await;
    let draft = hall.start().await;
    let answer = hall
        .h
        .services
        .answer_emails(&hall.sam, "rx1", draft, &many(21))
        .await;
    assert_eq!(
        codes(&answer.unwrap_err()),
        [("emails".into(), "emails.too_many".into())]
    );
}

/// R70, J25, requirements section 3: an invitation reserves its seat; Expired and Cancelled free
/// it; nobody beyond the last place is invited.
#[tokio::test]
async fn a_limited_role_is_given_as_often_as_it_has_places() {
    let hall = Hall::new().await;
    let role = hall.limited_role(7, &[]).await;
    let draft = hall.start().await;
    hall.emails(draft, &many(12)).await;
    let services = &hall.h.services;
    let page = super::here(services.invite_role(&hall.sam, "rx1", draft).await.unwrap());
    let picked = page.roles.iter().find(|one| one.id == role).unwrap();
    assert_eq!((page.people, picked.places_left()), (12, Some(7)));
    hall.finish(draft, role, &[]).await;
    let job = hall.send(draft).await;
    hall.work().await;
    assert_eq!(hall.count(job, EntryOutcome::Sent).await, 7);
    assert_eq!(hall.count(job, EntryOutcome::NoSeat).await, 5);
    let mut tx = services.store.read().await.unwrap();
    let nobody = tx
        .known_addresses(hall.organisation, &["person11@nhs.net".to_owned()])
        .await
        .unwrap();
    assert!(nobody.iter().all(|row| row.membership_id.is_none()));
    drop(tx);
    // Full: the page of the role says so.
    let draft = hall.start().await;
    hall.emails(draft, "bo@nhs.net").await;
    let full = services
        .answer_role(&hall.sam, "rx1", draft, &role.to_string())
        .await;
    assert_eq!(
        codes(&full.unwrap_err()),
        [("role".into(), "role.full".into())]
    );
    // One is cancelled: one place is free again.
    let (user, _) = hall.person("person0@nhs.net").await;
    services
        .cancel_invitation(&hall.sam, "rx1", user.id)
        .await
        .unwrap();
    let job = hall.invite_as("bo@nhs.net", role).await;
    assert_eq!(hall.count(job, EntryOutcome::Sent).await, 1);
    // All run out: all are free, at that second.
    let privileged = TimeDelta::hours(168);
    hall.h.clock.advance(privileged - TimeDelta::seconds(1));
    let draft = hall.start().await;
    hall.emails(draft, "nia@nhs.net").await;
    let full = services
        .answer_role(&hall.sam, "rx1", draft, &role.to_string())
        .await;
    assert!(full.is_err());
    hall.h.clock.advance(TimeDelta::seconds(1));
    let job = hall.invite_as("nia@nhs.net", role).await;
    assert_eq!(hall.count(job, EntryOutcome::Sent).await, 1);
}

/// Requirements, section 3: the last place is taken between the page and the work.
#[tokio::test]
async fn the_last_place_goes_to_one_of_two() {
    let hall = Hall::new().await;
    let role = hall.limited_role(1, &[]).await;
    let prepare = async |email: &str| {
        let draft = hall.start().await;
        hall.emails(draft, email).await;
        hall.finish(draft, role, &[]).await;
        let version = hall.version(draft).await;
        (draft, version)
    };
    let (one, two) = (prepare("one@nhs.net").await, prepare("two@nhs.net").await);
    let services = &hall.h.services;
    let first = services
        .send_invitations(&hall.sam, "rx1", one.0, one.1)
        .await;
    assert!(first.is_ok());
    let second = services
        .send_invitations(&hall.sam, "rx1", two.0, two.1)
        .await;
    assert_eq!(
        codes(&second.unwrap_err()),
        [("role".into(), "role.full".into())]
    );
}

/// R37: cancelling and inviting again is no way around the limit of messages to one address.
#[tokio::test]
async fn one_address_gets_three_messages_in_ten_minutes() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    for _ in 0..3 {
        hall.invite("bo@nhs.net").await;
        let (user, membership) = hall.person("bo@nhs.net").await;
        assert_eq!(membership.status, MembershipStatus::Pending);
        services
            .cancel_invitation(&hall.sam, "rx1", user.id)
            .await
            .unwrap();
        hall.h.clock.advance(TimeDelta::minutes(3));
    }
    let job = hall.invite("bo@nhs.net").await;
    assert_eq!(hall.count(job, EntryOutcome::OverQuota).await, 1);
    hall.h.clock.advance(TimeDelta::minutes(10));
    let job = hall.invite("bo@nhs.net").await;
    assert_eq!(hall.count(job, EntryOutcome::Sent).await, 1);
}
