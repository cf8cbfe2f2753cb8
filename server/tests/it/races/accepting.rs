//! Accepting an invitation while something ends it.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{MembershipStatus, RoleId, invitation::InvitationStatus};
use service::{
    Actor, RequestInfo, Services, invitations::At, request::Authentication, testing::Harness,
};
use store::{InvitationRow, MembershipRow};

use super::{
    AT_ONCE, Job, Trust, at_once, back_with_the_same, code, count, deactivation, job, rounds,
};

/// Somebody with an account at another hospital who is invited to this one.
pub(super) struct Invited {
    jo: Actor,
    token: String,
    ends_at: DateTime<Utc>,
}

impl Invited {
    async fn by(trust: &Trust, by: &Actor, round: u32) -> Self {
        Self::to(trust, by, trust.ordinary, round).await
    }

    /// To a role. Their codes are from an app, so that they may have any (R43).
    pub(super) async fn to(trust: &Trust, by: &Actor, role: RoleId, round: u32) -> Self {
        let services = &trust.h.services;
        let email = format!("joining{round}@nhs.net");
        let jo = trust.h.member("rx1", &email, "viewer").await;
        give_app(&trust.h, &jo, round).await;
        let (draft, version) = trust.journey(by, &email, role).await;
        let sent = services.send_invitations(by, "nj1", draft, version).await;
        assert!(matches!(sent.unwrap(), At::Here(_)));
        trust.work().await;
        let mails = trust.h.outbox().await;
        let mail = mails.iter().rfind(|mail| mail.recipient == email).unwrap();
        Self {
            jo,
            token: mail.secret.clone().unwrap(),
            ends_at: mail.content.expires_at.unwrap(),
        }
    }

    /// Opens the link and goes on to the last page.
    pub(super) async fn opened(self, trust: &Trust) -> Joining {
        let services = &trust.h.services;
        let who = Authentication::Complete(self.jo.clone());
        let request = trust.h.request();
        let begun = services.accept_invitation(&self.token, &who, &request);
        let begun = begun.await.unwrap();
        let terms = services.registration_terms(&begun.flow, begun.invitation, &who);
        let document = terms.await.unwrap().document;
        Joining {
            jo: self.jo,
            who,
            flow: begun.flow,
            terms: document.map_or_else(String::new, |document| document.version),
            request,
        }
    }
}

/// The same person about to press the last button.
#[derive(Clone)]
pub(super) struct Joining {
    pub(super) jo: Actor,
    who: Authentication,
    flow: String,
    terms: String,
    request: RequestInfo,
}

impl Joining {
    /// The press of the button.
    pub(super) fn accept(&self) -> Job {
        let me = self.clone();
        job(move |services: Services| async move {
            let done = services.finish_registration(&me.flow, &me.terms, &me.who, &me.request);
            format!("accept {}", code(&done.await))
        })
    }

    /// What has become of the membership and its invitations, newest first.
    pub(super) async fn state(&self, trust: &Trust) -> (MembershipRow, Vec<InvitationRow>) {
        let mut tx = trust.h.services.store().read().await.unwrap();
        let member = tx.membership_of(trust.organisation, self.jo.user()).await;
        let member = member.unwrap().unwrap();
        let invitations = tx.invitations_of(trust.organisation, member.id).await;
        (member, invitations.unwrap())
    }
}

async fn give_app(h: &Harness, person: &Actor, round: u32) {
    let mut tx = h.services.store().write().await.unwrap();
    tx.put_second_factor(&store::SecondFactorRow {
        id: domain::SecondFactorId::from_uuid(uuid::Uuid::from_u128(u128::from(round) + 1)),
        user_id: person.user(),
        kind: domain::SecondFactorKind::Authenticator,
        secret: None,
        last_step: 0,
        created_at: h.services.now(),
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// The hospital where everybody who joins has their account.
pub(super) async fn elsewhere(trust: &Trust) {
    trust.h.organisation("RX1", "Hollybrook Hospital").await;
    trust.h.administrator("rx1", "ada.first@nhs.net").await;
}

fn in_state(invitations: &[InvitationRow], wanted: InvitationStatus) -> usize {
    let state = |row: &&InvitationRow| row.status == wanted;
    invitations.iter().filter(state).count()
}

/// R17, R19, R22, races 3 to 5: somebody joins while their invitation is cancelled and sent again. Either
/// it was accepted, once, and stays so, or it was not and the link is dead.
pub(super) async fn against_cancelling_and_sending_again(trust: Trust) {
    let services = &trust.h.services;
    elsewhere(&trust).await;
    for round in 0..rounds() {
        let invited = Invited::by(&trust, &trust.supers[0], round).await;
        let joining = invited.opened(&trust).await;
        // Late enough to be sent again.
        trust.h.clock.advance(TimeDelta::minutes(11));
        let mut jobs: Vec<Job> = Vec::new();
        for n in 0..AT_ONCE {
            let (by, user) = (trust.supers[n % 6].clone(), joining.jo.user());
            jobs.push(match n % 3 {
                0 => joining.accept(),
                1 => job(move |services: Services| async move {
                    let done = services.cancel_invitation(&by, "nj1", user).await;
                    format!("cancel {}", code(&done))
                }),
                _ => job(move |services: Services| async move {
                    let done = services.resend_invitation(&by, "nj1", user).await;
                    format!("resend {}", code(&done))
                }),
            });
        }
        let codes = at_once(services, jobs).await;
        let accepted = count(&codes, "accept ok");
        let cancelled = count(&codes, "cancel ok");
        assert!(accepted + cancelled <= 1, "one of the two: {codes:?}");
        let (member, invitations) = joining.state(&trust).await;
        let in_state = |wanted| in_state(&invitations, wanted);
        assert_eq!(in_state(InvitationStatus::Accepted), accepted, "{codes:?}");
        assert!(in_state(InvitationStatus::Open) <= 1);
        let active = member.status == MembershipStatus::Active;
        assert_eq!(active, accepted == 1, "{codes:?}");
        trust.holds_after(round).await;
    }
    trust.holds_at_the_end().await;
}

/// R16, R17, race 6: the last second of an invitation passes while the button is pressed 23 times. It was
/// accepted before its end, once, or never.
pub(super) async fn against_its_end(trust: Trust) {
    let services = &trust.h.services;
    elsewhere(&trust).await;
    for round in 0..rounds() {
        let invited = Invited::by(&trust, &trust.supers[0], round).await;
        let end = invited.ends_at;
        trust.h.clock.set(end - TimeDelta::minutes(5));
        let joining = invited.opened(&trust).await;
        trust.h.clock.set(end - TimeDelta::seconds(1));
        let mut jobs: Vec<Job> = (1..AT_ONCE).map(|_| joining.accept()).collect();
        let clock = trust.h.clock.clone();
        let at = usize::try_from(round).unwrap() % AT_ONCE;
        jobs.insert(
            at,
            job(move |_| async move {
                clock.set(end);
                "over".to_owned()
            }),
        );
        let codes = at_once(services, jobs).await;
        let accepted = count(&codes, "accept ok");
        assert!(accepted <= 1, "{codes:?}");
        let late = count(&codes, "accept expired: invitation");
        assert!(accepted == 1 || late == AT_ONCE - 1, "{codes:?}");
        let (member, invitations) = joining.state(&trust).await;
        let stored = in_state(&invitations, InvitationStatus::Accepted);
        assert_eq!(stored, accepted, "{codes:?}");
        let active = member.status == MembershipStatus::Active;
        assert_eq!(active, accepted == 1, "{codes:?}");
        trust.holds_after(round).await;
    }
    trust.holds_at_the_end().await;
}

/// How somebody stops being able to invite.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Loss {
    Demoted,
    Deactivated,
}

/// R22, R56, race 7: whoever invited somebody loses the role while the invitation is accepted.
pub(super) async fn against_the_inviter_losing_the_role(trust: Trust) {
    against(trust, Loss::Demoted).await;
}

/// R22, R56, race 7: whoever invited somebody is deactivated while the invitation is accepted.
pub(super) async fn against_the_inviter_being_deactivated(trust: Trust) {
    against(trust, Loss::Deactivated).await;
}

/// It was accepted while the inviter had the role, or never: the acceptance does not stand behind the loss
/// in the chain of events.
async fn against(trust: Trust, loss: Loss) {
    let services = &trust.h.services;
    elsewhere(&trust).await;
    let inviter = &trust.supers[1];
    for round in 0..rounds() {
        let invited = Invited::by(&trust, inviter, round).await;
        let joining = invited.opened(&trust).await;
        let (held, version) = trust.page(inviter).await;
        let before = trust.newest_event().await;
        let mut jobs: Vec<Job> = Vec::new();
        for n in 0..AT_ONCE {
            let others = [0, 2, 3, 4, 5];
            let by = trust.supers[others[n % others.len()]].clone();
            let (user, form) = (inviter.user(), Trust::form(trust.manager));
            jobs.push(match (n % 2, loss) {
                (0, _) => joining.accept(),
                (_, Loss::Demoted) => job(move |services: Services| async move {
                    let done = services.change_role(&by, "nj1", user, held, version, &form);
                    format!("end {}", code(&done.await))
                }),
                (_, Loss::Deactivated) => job(move |services: Services| async move {
                    let done = services.deactivate(&by, "nj1", user, &deactivation()).await;
                    format!("end {}", code(&done))
                }),
            });
        }
        let codes = at_once(services, jobs).await;
        assert_eq!(count(&codes, "end ok"), 1, "{codes:?}");
        let accepted = count(&codes, "accept ok");
        let refused = count(&codes, "accept conflict.inviter_gone");
        assert!(accepted == 1 || refused == AT_ONCE / 2, "{codes:?}");
        let events = trust.events_after(before).await;
        let place = |kind: &str| events.iter().position(|event| event.kind == kind);
        let accepting = place("invitation_accepted");
        assert_eq!(accepting.is_some(), accepted == 1, "{codes:?}");
        let lost = place(match loss {
            Loss::Demoted => "role_changed",
            Loss::Deactivated => "membership_deactivated",
        });
        assert!(lost.is_some() && accepting < lost, "{codes:?}");
        let (member, _) = joining.state(&trust).await;
        let active = member.status == MembershipStatus::Active;
        assert_eq!(active, accepted == 1, "{codes:?}");
        trust.holds_after(round).await;
        let by = &trust.supers[0];
        match loss {
            Loss::Demoted => {
                let (held, version) = trust.page(inviter).await;
                let form = Trust::form(trust.super_user);
                let back = services.change_role(by, "nj1", inviter.user(), held, version, &form);
                back.await.unwrap();
            }
            Loss::Deactivated => {
                let form = back_with_the_same();
                let back = services.reactivate(by, "nj1", inviter.user(), &form);
                back.await.unwrap();
            }
        }
    }
    trust.holds_at_the_end().await;
}
