//! The link in the email.

use chrono::TimeDelta;
use domain::{
    MembershipStatus,
    invitation::{InvitationLanding, InvitationStatus},
};

use super::{Hospital, NOBODY, code_of};
use crate::{Error, request::Authentication};

impl Hospital {
    async fn landing(&self, token: &str) -> InvitationLanding {
        self.services()
            .invitation_landing(token, &NOBODY, &self.h.request())
            .await
            .unwrap()
    }
}

/// B12, B1 of ux.md: who invited them to what, before anything is asked.
#[tokio::test]
async fn the_link_says_who_invites_to_what() {
    let h = Hospital::new().await;
    let ward = h.area("Ward 3").await;
    let invited = h
        .invite_as("jane.carlton@nhs.net", "contributor", &[ward])
        .await;
    let InvitationLanding::Open(view) = h.landing(&invited.token).await else {
        panic!("must be open");
    };
    assert_eq!(view.organisation_name, "Hollybrook Hospital");
    assert_eq!(view.invited_by, "Sam Okoro");
    assert_eq!(view.email, "jane.carlton@nhs.net");
    assert_eq!(view.message, "See you on Monday.");
    assert_eq!(view.expires_at, h.services().now() + TimeDelta::days(7));
    assert!(!view.has_user);
    let [offered] = &view.roles[..] else {
        panic!("{:?}", view.roles)
    };
    assert_eq!(offered.areas, ["Ward 3"]);
    let role = &offered.role;
    assert_eq!(role.name, "Contributor");
    assert_eq!((role.can.len(), role.cannot.len()), (4, 5));
}

/// R18: a scanner that opens the link again and again, and even posts the form, has changed
/// nothing that counts; the person still succeeds.
#[tokio::test]
async fn opening_and_accepting_grant_nothing() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    for _ in 0..200 {
        let landing = h.landing(&invited.token).await;
        assert!(matches!(landing, InvitationLanding::Open(_)));
    }
    for _ in 0..3 {
        h.begin(&invited).await;
    }
    let member = h.membership(invited.member).await;
    assert_eq!(member.status, MembershipStatus::Pending);
    assert!(h.user(invited.user).await.registered_at.is_none());
    let row = h.invitation(invited.id).await;
    assert_eq!(row.status, InvitationStatus::Open);
    assert!(h.h.outbox().await.is_empty());

    let flow = h.up_to_terms(&invited).await;
    h.finish(&flow).await.unwrap();
    let member = h.membership(invited.member).await;
    assert_eq!(member.status, MembershipStatus::Active);
}

/// B21, A15, R16: 7 days are 7 x 24 x 3600 seconds; good at T-1, refused at T, with nothing that
/// sweeps up.
#[tokio::test]
async fn the_link_works_until_its_last_second() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let end = h.services().now() + TimeDelta::days(7);
    h.h.clock.set(end - TimeDelta::seconds(1));
    assert!(matches!(
        h.landing(&invited.token).await,
        InvitationLanding::Open(_)
    ));
    let flow = h.up_to_terms(&invited).await;
    h.h.clock.set(end);
    assert_eq!(
        h.landing(&invited.token).await,
        InvitationLanding::Expired { asked: false }
    );
    assert_eq!(
        code_of(h.accept(&invited.token).await),
        "expired.invitation"
    );
    assert_eq!(code_of(h.finish(&flow).await), "expired.invitation");
    h.h.clock.set(end - TimeDelta::microseconds(1));
    assert!(h.finish(&flow).await.is_ok());
}

/// R19, requirements section 3: each state has its answer, and only an open one goes further.
#[tokio::test]
async fn links_that_cannot_be_used_say_so() {
    let h = Hospital::new().await;
    let now = h.services().now();
    for (status, landing, code) in [
        (
            InvitationStatus::Replaced,
            InvitationLanding::Replaced,
            "conflict.invitation_replaced",
        ),
        (
            InvitationStatus::Cancelled,
            InvitationLanding::Cancelled {
                ask: "Sam Okoro".to_owned(),
            },
            "conflict.invitation_cancelled",
        ),
        (
            InvitationStatus::Declined,
            InvitationLanding::Declined,
            "conflict.invitation_cancelled",
        ),
        (
            InvitationStatus::Accepted,
            InvitationLanding::Accepted,
            "conflict.already_used",
        ),
    ] {
        let invited = h.invite(&format!("{status}@nhs.net")).await;
        let flow = h.begin(&invited).await;
        let mut tx = h.services().store.write().await.unwrap();
        tx.close_invitation(h.id, invited.id, status, now)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(h.landing(&invited.token).await, landing);
        assert_eq!(code_of(h.accept(&invited.token).await), code);
        // A journey that had begun ends too.
        assert_eq!(code_of(h.give_details(&flow).await), code);
        let asked = h
            .services()
            .ask_for_new_invitation(&invited.token, &h.h.request())
            .await;
        assert_eq!(code_of(asked), "conflict.stale");
    }
}

/// R20: text of another purpose, or of none, opens nothing.
#[tokio::test]
async fn only_an_invitations_own_token_opens_it() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let body = invited.token.strip_prefix("inv_").unwrap();
    let mut flipped = invited.token.clone();
    let last = if flipped.ends_with('A') { "B" } else { "A" };
    flipped.replace_range(10..11, last);
    for token in [
        String::new(),
        " ".to_owned(),
        "inv_".to_owned(),
        body.to_owned(),
        format!("rst_{body}"),
        format!("set_{body}"),
        format!("ck_{body}"),
        format!("{}=", invited.token),
        format!(" {}", invited.token),
        flipped,
        invited.id.to_string(),
    ] {
        // Long enough for the next guesses to be let through.
        h.h.clock.advance(TimeDelta::minutes(1));
        let request = h.h.request();
        let landing = h.services().invitation_landing(&token, &NOBODY, &request);
        assert!(matches!(landing.await, Err(Error::NotFound)), "{token:?}");
        assert!(matches!(h.accept(&token).await, Err(Error::NotFound)));
        let declined = h.services().decline_invitation(&token, &request);
        assert!(matches!(declined.await, Err(Error::NotFound)));
        let asked = h.services().ask_for_new_invitation(&token, &request);
        assert!(matches!(asked.await, Err(Error::NotFound)));
        let set_up = h.services().set_up_landing(&token, &request);
        assert!(matches!(set_up.await, Err(Error::NotFound)));
        // The same text is no cookie of a journey either.
        assert_eq!(
            code_of(h.give_details(&token).await),
            "expired.registration"
        );
    }
}

/// Security, section 5: looking for links by guessing comes to an end.
#[tokio::test]
async fn guessing_links_is_slowed_down() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let request = h.h.request();
    let mut guessed = 0;
    let last = loop {
        let landing = h.services().invitation_landing("inv_x", &NOBODY, &request);
        match landing.await {
            Err(Error::NotFound) => guessed += 1,
            other => break other,
        }
    };
    assert!(matches!(last, Err(Error::SlowDown { .. })), "{last:?}");
    assert_eq!(guessed, 30);
    // A link that works is not slowed down by others' guesses.
    assert!(matches!(
        h.landing(&invited.token).await,
        InvitationLanding::Open(_)
    ));
}

/// Requirements, section 3: signed in as someone else, nothing is accepted.
#[tokio::test]
async fn somebody_else_is_told_and_nothing_happens() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let sam = Authentication::Complete(h.sam.clone());
    let request = h.h.request();
    let landing = h
        .services()
        .invitation_landing(&invited.token, &sam, &request)
        .await;
    assert_eq!(
        landing.unwrap(),
        InvitationLanding::SomeoneElse {
            signed_in_as: "Sam Okoro".to_owned()
        }
    );
    let accepted = h
        .services()
        .accept_invitation(&invited.token, &sam, &request)
        .await;
    assert_eq!(code_of(accepted), "conflict.wrong_person");
}

/// "This is not for me": tells the inviter and ends the invitation.
#[tokio::test]
async fn declining_ends_the_invitation_and_tells_the_inviter() {
    let h = Hospital::new().await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let flow = h.begin(&invited).await;
    let request = h.h.request();
    let declined = h.services().decline_invitation(&invited.token, &request);
    declined.await.unwrap();
    let member = h.membership(invited.member).await;
    assert_eq!(member.status, MembershipStatus::Cancelled);
    assert_eq!(h.mail("invitation_declined").await, ["sam.okoro@nhs.net"]);
    let message = h.h.outbox().await.remove(0);
    assert_eq!(message.content.subject, "jane.carlton@nhs.net");
    assert_eq!(h.landing(&invited.token).await, InvitationLanding::Declined);
    assert_eq!(
        code_of(h.give_details(&flow).await),
        "conflict.invitation_cancelled"
    );
    let again = h.services().decline_invitation(&invited.token, &request);
    assert_eq!(code_of(again.await), "conflict.invitation_cancelled");
    assert_eq!(h.h.outbox().await.len(), 1);
}

/// B7 of ux.md: at most 1 request a day, to the inviter and the administrators, each once.
#[tokio::test]
async fn a_new_invitation_is_asked_for_once_a_day() {
    let h = Hospital::new().await;
    h.h.administrator("rx1", "ayo.bello@nhs.net").await;
    h.h.member("rx1", "kim.lee@nhs.net", "contributor").await;
    let invited = h.invite("jane.carlton@nhs.net").await;
    let request = h.h.request();
    let ask = async || {
        h.services()
            .ask_for_new_invitation(&invited.token, &request)
            .await
    };
    assert_eq!(code_of(ask().await), "conflict.stale");
    h.h.clock.advance(TimeDelta::days(7));
    for _ in 0..3 {
        ask().await.unwrap();
    }
    let everybody = ["sam.okoro@nhs.net", "ayo.bello@nhs.net"];
    assert_eq!(h.mail("new_invitation_requested").await, everybody);
    assert_eq!(
        h.landing(&invited.token).await,
        InvitationLanding::Expired { asked: true }
    );
    h.h.clock
        .advance(TimeDelta::days(1) - TimeDelta::seconds(1));
    ask().await.unwrap();
    assert_eq!(h.mail("new_invitation_requested").await.len(), 2);
    h.h.clock.advance(TimeDelta::seconds(1));
    ask().await.unwrap();
    assert_eq!(h.mail("new_invitation_requested").await.len(), 4);
}
