use chrono::TimeDelta;
use domain::policy::Switch;

use super::Hall;
use crate::invitations::Delivered;

/// Whom the worker would write to now.
async fn due(hall: &Hall) -> Vec<String> {
    let claimed = hall.h.services.claim_messages(100).await.unwrap();
    let mut due: Vec<String> = claimed
        .into_iter()
        .map(|message| format!("{:?} {}", message.kind, message.recipient))
        .collect();
    due.sort();
    due
}

/// `ux.md` section 9, R15, R19: on the third day and the day before the end, with the link that
/// the first email has.
#[tokio::test]
async fn whoever_has_not_accepted_is_reminded_twice() {
    let hall = Hall::new().await;
    hall.invite("bo@nhs.net").await;
    let first = hall.h.outbox().await.remove(0);
    let reminders = hall.h.reminders().await;
    assert_eq!(reminders.len(), 2);
    for reminder in &reminders {
        assert_eq!(reminder.secret, first.secret);
        assert_eq!(reminder.content.expires_at, first.content.expires_at);
    }
    assert_eq!(due(&hall).await, ["Invitation bo@nhs.net"]);
    hall.h
        .clock
        .advance(TimeDelta::days(3) - TimeDelta::seconds(1));
    let held = "InvitationReminder bo@nhs.net";
    let now = due(&hall).await;
    assert!(!now.iter().any(|message| message == held), "{now:?}");
    hall.h.clock.advance(TimeDelta::seconds(1));
    let now = due(&hall).await;
    assert_eq!(now.iter().filter(|message| *message == held).count(), 1);
    hall.h.clock.advance(TimeDelta::days(4));
    assert_eq!(due(&hall).await, Vec::<String>::new(), "the link has ended");
    assert!(hall.h.reminders().await.is_empty());
}

/// R20, R22, R108: nobody is reminded of an invitation that was cancelled, replaced, or could not be
/// delivered; one that was sent again has reminders of its own.
#[tokio::test]
async fn nobody_is_reminded_of_an_invitation_that_is_closed() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    hall.invite("bo@nhs.net\nal@nhs.net\ncy@nhs.net").await;
    assert_eq!(hall.h.reminders().await.len(), 6);
    let (bo, _) = hall.person("bo@nhs.net").await;
    services
        .cancel_invitation(&hall.sam, "rx1", bo.id)
        .await
        .unwrap();
    assert_eq!(hall.h.reminders().await.len(), 4);

    let cy = hall.invitations("cy@nhs.net").await.remove(0);
    let mut tx = services.store.write().await.unwrap();
    services
        .invitation_email(&mut tx, cy.organisation_id, cy.id, Delivered::Never, "550")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(hall.h.reminders().await.len(), 2);

    hall.h.clock.advance(TimeDelta::days(1));
    let (al, _) = hall.person("al@nhs.net").await;
    services
        .resend_invitation(&hall.sam, "rx1", al.id)
        .await
        .unwrap();
    let reminders = hall.h.reminders().await;
    assert_eq!(reminders.len(), 2);
    let newest = hall.h.outbox().await.pop().unwrap();
    assert!(reminders.iter().all(|one| one.secret == newest.secret));
}

/// `ux.md` I: an organisation can do without reminders.
#[tokio::test]
async fn an_organisation_can_turn_reminders_off() {
    let hall = Hall::new().await;
    hall.policy(|policy| policy.invitation_reminders = Switch::Off)
        .await;
    hall.invite("bo@nhs.net").await;
    assert_eq!(hall.h.outbox().await.len(), 1);
    assert!(hall.h.reminders().await.is_empty());
}
