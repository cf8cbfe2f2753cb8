use chrono::TimeDelta;
use domain::{
    MembershipStatus, ShownStatus,
    invitation::{Delivery, EntryOutcome, InvitationStatus},
    membership::ChangedThing,
    policy::EmailDomains,
};

use super::Hall;
use crate::{Conflict, Error, invitations::Delivered};

fn conflict<T: std::fmt::Debug>(result: crate::Result<T>) -> Conflict {
    match result {
        Err(Error::Conflict(conflict)) => conflict,
        other => panic!("{other:?}"),
    }
}

/// A17, B22, R19: sending again makes a new link with a new clock; the old link is replaced, and
/// what was not sent of the old message never is.
#[tokio::test]
async fn sending_again_replaces_the_link() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    hall.invite("bo@nhs.net").await;
    let old = hall.h.outbox().await.remove(0);
    let (bo, _) = hall.person("bo@nhs.net").await;
    hall.h.clock.advance(TimeDelta::minutes(2));
    let before = hall.audit_events().await;
    let name = services.resend_invitation(&hall.sam, "rx1", bo.id).await;
    assert_eq!(name.unwrap(), "bo@nhs.net");
    assert_eq!(hall.audit_events().await - before, 1);
    let mails = hall.h.outbox().await;
    assert_eq!(mails.len(), 1, "the old message is not sent any more");
    let new = hall.opened_by(&mails[0]).await;
    assert_eq!(new.status, InvitationStatus::Open);
    assert_eq!(new.expires_at, services.now() + TimeDelta::hours(168));
    assert_eq!(
        hall.opened_by(&old).await.status,
        InvitationStatus::Replaced
    );
    let (_, membership) = hall.person("bo@nhs.net").await;
    assert_eq!(membership.invitation_expires_at, Some(new.expires_at));
    assert_eq!(membership.invited_at, Some(services.now()));
}

/// A15, A17, B20, B22, R16: Pending until the second before the end, Expired at it; an Expired one
/// is sent again like any other.
#[tokio::test]
async fn an_expired_invitation_is_sent_again() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    hall.policy(|policy| {
        policy.invitation_ttl_hours = 24;
        policy.privileged_invitation_ttl_hours = 24;
    })
    .await;
    hall.invite("bo@nhs.net").await;
    let (bo, _) = hall.person("bo@nhs.net").await;
    let status = async || {
        let page = services
            .sent_invitation(&hall.sam, "rx1", bo.id)
            .await
            .unwrap();
        (page.status, page.new_expires_at)
    };
    let day = TimeDelta::hours(24);
    hall.h.clock.advance(day - TimeDelta::seconds(1));
    assert_eq!(status().await, (ShownStatus::Pending, services.now() + day));
    hall.h.clock.advance(TimeDelta::seconds(1));
    assert_eq!(status().await.0, ShownStatus::Expired);
    services
        .resend_invitation(&hall.sam, "rx1", bo.id)
        .await
        .unwrap();
    assert_eq!(status().await.0, ShownStatus::Pending);
}

/// C2: a privileged role has a lifetime of its own.
#[tokio::test]
async fn a_privileged_role_has_its_own_lifetime() {
    let hall = Hall::new().await;
    hall.policy(|policy| policy.privileged_invitation_ttl_hours = 24)
        .await;
    let manager = hall.role("manager").await;
    hall.invite_as("mo@nhs.net", manager).await;
    let now = hall.h.services.now();
    let invitations = hall.invitations("mo@nhs.net").await;
    assert_eq!(invitations[0].expires_at, now + TimeDelta::hours(24));
}

/// C27: an invitation that nobody could accept is not sent again; the page says why.
#[tokio::test]
async fn an_address_that_is_no_longer_allowed_is_not_invited_again() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    hall.invite("bo@old-trust.example").await;
    let (bo, _) = hall.person("bo@old-trust.example").await;
    hall.h.clock.advance(TimeDelta::hours(1));
    let rules = vec!["nhs.net".to_owned()];
    hall.policy(|policy| policy.email_domains = EmailDomains::Only(rules))
        .await;
    let page = services.sent_invitation(&hall.sam, "rx1", bo.id).await;
    assert_eq!(page.unwrap().obstacle, "conflict.domain_not_allowed");
    let resent = services.resend_invitation(&hall.sam, "rx1", bo.id).await;
    assert_eq!(conflict(resent), Conflict::DomainNotAllowed);
    // Another address takes its place.
    let corrected = services.correct_email(&hall.sam, "rx1", bo.id, "bo@nhs.net");
    assert!(corrected.await.is_ok());
}

/// C18, R37: not sooner than the organisation allows, not more often in a day, and never more than
/// three messages in ten minutes.
#[tokio::test]
async fn sending_again_has_its_limits() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    hall.invite("bo@nhs.net").await;
    let (bo, _) = hall.person("bo@nhs.net").await;
    let resend = || services.resend_invitation(&hall.sam, "rx1", bo.id);
    let minute = TimeDelta::minutes(1);
    hall.h.clock.advance(minute * 2 - TimeDelta::seconds(1));
    assert_eq!(conflict(resend().await), Conflict::TooSoon);
    let page = services
        .sent_invitation(&hall.sam, "rx1", bo.id)
        .await
        .unwrap();
    assert_eq!(page.obstacle, "conflict.too_soon");
    hall.h.clock.advance(TimeDelta::seconds(1));
    assert!(resend().await.is_ok());
    hall.h.clock.advance(minute * 2);
    assert!(resend().await.is_ok());
    hall.h.clock.advance(minute * 2);
    assert_eq!(
        conflict(resend().await),
        Conflict::TooSoon,
        "the fourth in ten minutes"
    );
    hall.h.clock.advance(minute * 10);
    for _ in 0..8 {
        assert!(resend().await.is_ok());
        hall.h.clock.advance(minute * 10);
    }
    assert_eq!(
        conflict(resend().await),
        Conflict::TooMany,
        "ten times in a day"
    );
    hall.h.clock.advance(TimeDelta::hours(24));
    assert!(resend().await.is_ok());
}

/// Requirements, section 3: an Expired invitation has lost its seat; when the role is full, it is
/// not sent again.
#[tokio::test]
async fn an_expired_invitation_needs_a_seat_again() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let role = hall.limited_role(1, &[]).await;
    hall.invite_as("one@nhs.net", role).await;
    let (one, _) = hall.person("one@nhs.net").await;
    hall.h.clock.advance(TimeDelta::hours(168));
    hall.invite_as("two@nhs.net", role).await;
    let refused = services.resend_invitation(&hall.sam, "rx1", one.id).await;
    assert_eq!(conflict(refused), Conflict::RoleFull);
    let (two, _) = hall.person("two@nhs.net").await;
    services
        .cancel_invitation(&hall.sam, "rx1", two.id)
        .await
        .unwrap();
    services
        .resend_invitation(&hall.sam, "rx1", one.id)
        .await
        .unwrap();
}

/// R22: a cancelled invitation cannot be used; cancelling is taken back with a new link.
#[tokio::test]
async fn a_cancelled_invitation_is_over() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    hall.invite("bo@nhs.net").await;
    let mail = hall.h.outbox().await.remove(0);
    let (bo, _) = hall.person("bo@nhs.net").await;
    let before = hall.audit_events().await;
    let cancelled = services
        .cancel_invitation(&hall.sam, "rx1", bo.id)
        .await
        .unwrap();
    assert_eq!(cancelled.back, "invite bo@nhs.net again");
    let change = cancelled.change.unwrap();
    assert_eq!(hall.audit_events().await - before, 1);
    assert_eq!(
        hall.opened_by(&mail).await.status,
        InvitationStatus::Cancelled
    );
    assert!(
        hall.h.outbox().await.is_empty(),
        "what was not sent never is"
    );
    let (_, membership) = hall.person("bo@nhs.net").await;
    assert_eq!(membership.status, MembershipStatus::Cancelled);
    let again = services.cancel_invitation(&hall.sam, "rx1", bo.id).await;
    assert_eq!(conflict(again), Conflict::NotInvited);
    let resent = services.resend_invitation(&hall.sam, "rx1", bo.id).await;
    assert_eq!(conflict(resent), Conflict::NotInvited);
    assert_eq!(hall.offered_back().await, [change.to_string()]);
    let undone = services.undo(&hall.sam, "rx1", change).await.unwrap();
    assert!(!undone.before && undone.thing == ChangedThing::Invitation);
    assert!(hall.offered_back().await.is_empty());
    let mails = hall.h.outbox().await;
    assert_eq!(
        hall.opened_by(&mails[0]).await.status,
        InvitationStatus::Open
    );
    assert_eq!(
        hall.opened_by(&mail).await.status,
        InvitationStatus::Cancelled
    );
    let mail_before = hall.h.outbox().await.len();
    let again = services.undo(&hall.sam, "rx1", change).await.unwrap();
    assert!(again.before, "a second press changes nothing");
    assert_eq!(hall.h.outbox().await.len(), mail_before);
}

/// ux 6.5: cancelling is taken back for 24 hours, and not once the person was invited anew.
#[tokio::test]
async fn the_way_back_from_cancelling_ends() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let mut changes = Vec::new();
    for email in ["bo@nhs.net", "cy@nhs.net"] {
        hall.invite(email).await;
        let (person, _) = hall.person(email).await;
        let cancelled = services
            .cancel_invitation(&hall.sam, "rx1", person.id)
            .await;
        changes.push(cancelled.unwrap().change.unwrap());
    }
    assert_eq!(hall.offered_back().await.len(), 2);
    // Anew, not again.
    hall.invite("bo@nhs.net").await;
    assert_eq!(hall.offered_back().await, [changes[1].to_string()]);
    let overtaken = services.undo(&hall.sam, "rx1", changes[0]).await;
    assert_eq!(conflict(overtaken), Conflict::CannotUndo);
    hall.h.clock.advance(TimeDelta::hours(24));
    assert!(hall.offered_back().await.is_empty());
    let late = services.undo(&hall.sam, "rx1", changes[1]).await;
    assert_eq!(conflict(late), Conflict::CannotUndo);
}

/// R63, R65, R67: taking it back needs the right to invite, to that role, and its organisation.
#[tokio::test]
async fn whoever_may_not_invite_takes_no_cancelling_back() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    hall.h.organisation("RX2", "Rosebush Hospital").await;
    let ros = hall.h.administrator("rx2", "ros.smith@nhs.net").await;
    let manager = hall.h.member("rx1", "mo.manager@nhs.net", "manager").await;
    let viewer = hall.h.member("rx1", "jo.bloggs@nhs.net", "viewer").await;
    let administrator = hall.role("administrator").await;
    hall.invite_as("bo@nhs.net", administrator).await;
    let (bo, _) = hall.person("bo@nhs.net").await;
    let cancelled = services.cancel_invitation(&hall.sam, "rx1", bo.id).await;
    let change = cancelled.unwrap().change.unwrap();
    for (actor, slug) in [(&ros, "rx1"), (&ros, "rx2")] {
        let refused = services.undo(actor, slug, change).await;
        assert!(matches!(refused, Err(Error::NotFound)));
    }
    for actor in [&manager, &viewer] {
        let refused = services.undo(actor, "rx1", change).await;
        assert!(matches!(refused, Err(Error::NotAllowed)));
    }
    let (_, membership) = hall.person("bo@nhs.net").await;
    assert_eq!(membership.status, MembershipStatus::Cancelled);
}

/// An active member has no invitation to send again or cancel.
#[tokio::test]
async fn a_member_is_not_invited_any_more() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let jo = hall.h.member("rx1", "jo.bloggs@nhs.net", "viewer").await;
    let resent = services
        .resend_invitation(&hall.sam, "rx1", jo.user())
        .await;
    assert_eq!(conflict(resent), Conflict::NotInvited);
    let cancelled = services
        .cancel_invitation(&hall.sam, "rx1", jo.user())
        .await;
    assert_eq!(conflict(cancelled), Conflict::NotInvited);
    let page = services.sent_invitation(&hall.sam, "rx1", jo.user()).await;
    assert!(matches!(page, Err(Error::NotFound)));
}

/// R65, and CVE-2024-10452: invitations of another organisation do not exist. R67: an invitation to
/// a role beyond one's own is not one's to send or cancel.
#[tokio::test]
async fn invitations_are_their_organisations_own() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    hall.h.organisation("RX2", "Rosebush Hospital").await;
    let ros = hall.h.administrator("rx2", "ros.smith@nhs.net").await;
    let manager = hall.h.member("rx1", "mo.manager@nhs.net", "manager").await;
    let administrator = hall.role("administrator").await;
    hall.invite_as("bo@nhs.net", administrator).await;
    let (bo, _) = hall.person("bo@nhs.net").await;
    for (actor, slug) in [(&ros, "rx1"), (&ros, "rx2")] {
        let refused = services.resend_invitation(actor, slug, bo.id).await;
        assert!(matches!(refused, Err(Error::NotFound)));
        let refused = services.cancel_invitation(actor, slug, bo.id).await;
        assert!(matches!(refused, Err(Error::NotFound)));
        let refused = services.sent_invitation(actor, slug, bo.id).await;
        assert!(matches!(refused, Err(Error::NotFound)));
    }
    hall.h.clock.advance(TimeDelta::minutes(5));
    let refused = services.resend_invitation(&manager, "rx1", bo.id).await;
    assert!(matches!(refused, Err(Error::NotAllowed)));
    let refused = services.cancel_invitation(&manager, "rx1", bo.id).await;
    assert!(matches!(refused, Err(Error::NotAllowed)));
}

/// D4: somebody who is Pending is sent the invitation again as part of a list, once its time has come.
#[tokio::test]
async fn a_list_sends_invitations_again() {
    let hall = Hall::new().await;
    hall.invite("bo@nhs.net").await;
    let role = hall.role("viewer").await;
    let mut outcomes = Vec::new();
    for _ in 0..2 {
        let draft = hall.start().await;
        hall.emails(draft, "bo@nhs.net").await;
        hall.problems(draft, &[("pending", "send_again")]).await;
        hall.finish(draft, role, &["all".to_owned()]).await;
        let job = hall.send(draft).await;
        outcomes.push(hall.outcomes(job).await[0].1.unwrap());
        hall.h.clock.advance(TimeDelta::minutes(2));
    }
    assert_eq!(outcomes, [EntryOutcome::AlreadyPending, EntryOutcome::Sent]);
    let rows = hall.invitations("bo@nhs.net").await;
    let statuses: Vec<_> = rows.iter().map(|row| row.status).collect();
    assert_eq!(
        statuses,
        [InvitationStatus::Open, InvitationStatus::Replaced]
    );
}

/// R108: a mail that can never be delivered shows as "Email failed", until it is sent again.
#[tokio::test]
async fn a_failed_mail_shows_on_the_person() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let job = hall.invite("bo@nhs.net").await;
    let (bo, _) = hall.person("bo@nhs.net").await;
    let invitation = hall.invitations("bo@nhs.net").await[0].id;
    let note = async |delivered, reason: &str| {
        let mut tx = services.store.write().await.unwrap();
        services
            .invitation_email(&mut tx, hall.organisation, invitation, delivered, reason)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    };
    note(Delivered::Yes, "").await;
    let row = &hall.invitations("bo@nhs.net").await[0];
    assert_eq!(
        (row.delivery, row.sent_at),
        (Delivery::Sent, Some(services.now()))
    );
    let before = hall.audit_events().await;
    note(Delivered::Never, "550 no such user").await;
    note(Delivered::Never, "550 no such user").await;
    assert_eq!(hall.audit_events().await - before, 1);
    let page = services
        .sent_invitation(&hall.sam, "rx1", bo.id)
        .await
        .unwrap();
    assert_eq!(page.status, ShownStatus::EmailFailed);
    let view = services.job(&hall.sam, "rx1", job).await.unwrap();
    assert_eq!(
        (
            view.count(EntryOutcome::Sent),
            view.count(EntryOutcome::EmailFailed)
        ),
        (0, 1)
    );
    assert_eq!(view.failed.shown[0].outcome, EntryOutcome::EmailFailed);
    hall.h.clock.advance(TimeDelta::minutes(2));
    services
        .resend_invitation(&hall.sam, "rx1", bo.id)
        .await
        .unwrap();
    let page = services
        .sent_invitation(&hall.sam, "rx1", bo.id)
        .await
        .unwrap();
    assert_eq!(page.status, ShownStatus::Pending);
}
