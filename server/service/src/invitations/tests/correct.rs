//! Correcting the address of an invitation.

use chrono::TimeDelta;
use domain::{MembershipStatus, ShownStatus, invitation::InvitationStatus};

use super::{Hall, codes};
use crate::{Conflict, Error};

/// C5, E3: the same offer goes to the right address, and the link at the wrong one ends.
#[tokio::test]
async fn the_same_offer_goes_to_the_right_address() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let role = hall.limited_role(1, &[]).await;
    hall.invite_as("\"Carlton, Jane\" <jane.carlton@nhs.net>", role)
        .await;
    let (wrong, before) = hall.person("jane.carlton@nhs.net").await;
    let page = services
        .correct_email_page(&hall.sam, "rx1", wrong.id)
        .await;
    assert_eq!(page.unwrap().name, "Jane Carlton");
    let correct = async |email: &str| {
        services
            .correct_email(&hall.sam, "rx1", wrong.id, email)
            .await
    };
    for (email, code) in [
        ("", "email.empty"),
        ("jane@nhs", "email.format"),
        ("Jane.Carlton@NHS.net", "email.same"),
        ("sam.okoro@nhs.net", "email.taken"),
    ] {
        let refused = correct(email).await.unwrap_err();
        assert_eq!(codes(&refused), [("email".into(), code.into())], "{email}");
    }
    let right = correct("jane.carlton2@nhs.net").await.unwrap();
    let (user, membership) = hall.person("jane.carlton2@nhs.net").await;
    assert_eq!(user.id, right);
    assert_eq!(membership.status, MembershipStatus::Pending);
    assert_eq!(membership.details, before.details);
    let page = services.user_page(&hall.sam, "rx1", right).await.unwrap();
    assert_eq!(page.name, "Jane Carlton");
    assert_eq!(page.roles[0].name, "Super user");
    // Of the messages of the wrong address none is left.
    let waiting = hall.h.outbox().await;
    let to: Vec<_> = waiting.iter().map(|one| one.recipient.as_str()).collect();
    assert_eq!(to, ["jane.carlton2@nhs.net"]);
    let (_, old) = hall.person("jane.carlton@nhs.net").await;
    assert_eq!(old.status, MembershipStatus::Cancelled);
    let mut tx = services.store.read().await.unwrap();
    let rows = tx.invitations_of(hall.organisation, old.id).await.unwrap();
    assert_eq!(rows[0].status, InvitationStatus::Cancelled);
    drop(tx);
    // Twice, by somebody who did not see the first: the invitation is gone.
    let late = correct("jane.carlton3@nhs.net").await;
    assert!(matches!(late, Err(Error::Conflict(Conflict::NotInvited))));
}

/// R37: an address is corrected there and back again, and neither mailbox gets more than three
/// invitations in ten minutes, or more in a day than the organisation allows.
#[tokio::test]
async fn correcting_there_and_back_has_the_limits_of_sending_again() {
    let hall = Hall::new().await;
    hall.policy(|policy| policy.max_resends_a_day = 4).await;
    let services = &hall.h.services;
    let (one, other) = ("jane.carlton@nhs.net", "jane.carlton2@nhs.net");
    hall.invite(one).await;
    let correct = async |from: &str, to: &str| {
        let (wrong, _) = hall.person(from).await;
        let sent = services.correct_email(&hall.sam, "rx1", wrong.id, to).await;
        sent.map(drop)
    };
    for (from, to) in [(one, other), (other, one), (one, other), (other, one)] {
        correct(from, to).await.unwrap();
    }
    // The first was invited, and twice more: another one is too soon, and nothing is changed by it.
    correct(one, other).await.unwrap();
    let waiting = hall.h.outbox().await.len();
    let refused = correct(other, one).await;
    assert!(matches!(refused, Err(Error::Conflict(Conflict::TooSoon))));
    assert_eq!(hall.h.outbox().await.len(), waiting);
    let (_, membership) = hall.person(other).await;
    assert_eq!(membership.status, MembershipStatus::Pending);
    // Five in a day: the first invitation, and four times again.
    hall.h.clock.advance(TimeDelta::minutes(10));
    for (from, to) in [(other, one), (one, other), (other, one)] {
        correct(from, to).await.unwrap();
    }
    hall.h.clock.advance(TimeDelta::minutes(10));
    correct(one, other).await.unwrap();
    let refused = correct(other, one).await;
    assert!(matches!(refused, Err(Error::Conflict(Conflict::TooMany))));
    // Any other address is right still, and so is this one tomorrow.
    correct(other, "jane.carlton3@nhs.net").await.unwrap();
    hall.h.clock.advance(TimeDelta::hours(24));
    correct("jane.carlton3@nhs.net", one).await.unwrap();
}

/// J30: once they have registered the address is theirs.
#[tokio::test]
async fn whoever_has_registered_keeps_their_address() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let jane = hall.h.member("rx1", "jane.carlton@nhs.net", "viewer").await;
    let page = services.correct_email_page(&hall.sam, "rx1", jane.user());
    assert_eq!(page.await.unwrap().obstacle, "conflict.not_invited");
    let refused = services
        .correct_email(&hall.sam, "rx1", jane.user(), "other@nhs.net")
        .await;
    assert!(matches!(
        refused,
        Err(Error::Conflict(Conflict::NotInvited))
    ));
    let page = services.user_page(&hall.sam, "rx1", jane.user()).await;
    assert_eq!(page.unwrap().status, ShownStatus::Active);
}
