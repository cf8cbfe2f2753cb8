//! What may have changed between the invitation and its acceptance (requirements, section 3; R22).

use chrono::TimeDelta;
use domain::{
    MembershipStatus, Policy,
    id::{RoleId, ServiceId},
    invitation::{InvitationLanding, InvitationStatus},
    policy::EmailDomains,
};
use store::{RoleRow, ServiceRow};

use super::{Hospital, Invited, NOBODY, code_of};
use crate::request::Authentication;

impl Hospital {
    async fn assignments(&self, invited: &Invited) -> usize {
        let mut tx = self.services().store.read().await.unwrap();
        let rows = tx.assignments_of(self.id, invited.member).await.unwrap();
        rows.len()
    }

    async fn deactivate_sam(&self) {
        let mut tx = self.services().store.write().await.unwrap();
        let member = tx.membership_of(self.id, self.sam.user()).await.unwrap();
        let mut member = member.unwrap();
        member.status = MembershipStatus::Inactive;
        tx.update_membership(&member).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A second service with a role that so many people may have.
    async fn limited_role(&self, limit: i64) -> RoleId {
        let service = ServiceRow {
            id: ServiceId::from_uuid(uuid::Uuid::from_u128(7)),
            organisation_id: self.id,
            key: "recruitment".to_owned(),
            name: "Recruitment".to_owned(),
            roles_per_member: None,
        };
        let role = RoleRow {
            id: RoleId::from_uuid(uuid::Uuid::from_u128(8)),
            organisation_id: self.id,
            service_id: service.id,
            key: "super-user".to_owned(),
            name: "Super user".to_owned(),
            summary: String::new(),
            permissions: Vec::new(),
            seat_limit: Some(limit),
            privileged: false,
            scope_allowed: false,
            position: 0,
        };
        let mut tx = self.services().store.write().await.unwrap();
        tx.insert_service(&service, &[], std::slice::from_ref(&role), &[])
            .await
            .unwrap();
        tx.insert_seats(self.id, role.id, limit).await.unwrap();
        tx.commit().await.unwrap();
        role.id
    }

    async fn allow(&self, domains: EmailDomains) {
        let mut tx = self.services().store.write().await.unwrap();
        let organisation = tx.organisation(self.id).await.unwrap().unwrap();
        let policy = Policy {
            email_domains: domains,
            ..organisation.policy
        };
        tx.update_policy(self.id, &policy).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn demote_sam(&self) {
        let mut tx = self.services().store.write().await.unwrap();
        let member = tx.membership_of(self.id, self.sam.user()).await.unwrap();
        tx.delete_assignments_of(self.id, member.unwrap().id)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

/// R22: the inviter's authority counts at the moment of acceptance. The invitation waits, the
/// person is told, and another administrator can be asked.
#[tokio::test]
async fn an_inviter_without_authority_gives_nothing() {
    for demoted in [false, true] {
        let h = Hospital::new().await;
        h.h.administrator("rx1", "ayo.bello@nhs.net").await;
        let invited = h.invite("jane.carlton@nhs.net").await;
        let flow = h.up_to_terms(&invited).await;
        if demoted {
            h.demote_sam().await;
        } else {
            h.deactivate_sam().await;
        }
        let request = h.h.request();
        let landing = async || {
            h.services()
                .invitation_landing(&invited.token, &NOBODY, &request)
                .await
                .unwrap()
        };
        let waiting = |asked| InvitationLanding::Waiting {
            organisation_name: "Hollybrook Hospital".to_owned(),
            asked,
        };
        assert_eq!(landing().await, waiting(false));
        assert_eq!(
            code_of(h.accept(&invited.token).await),
            "conflict.inviter_gone"
        );
        assert_eq!(code_of(h.finish(&flow).await), "conflict.inviter_gone");
        let member = h.membership(invited.member).await;
        assert_eq!(member.status, MembershipStatus::Pending);
        assert!(h.user(invited.user).await.registered_at.is_none());

        let asked = h
            .services()
            .ask_for_new_invitation(&invited.token, &request)
            .await;
        asked.unwrap();
        let mut people = h.mail("new_invitation_requested").await;
        people.sort();
        // The inviter is written to only while they belong to the organisation.
        let expected: &[&str] = if demoted {
            &["ayo.bello@nhs.net", "sam.okoro@nhs.net"]
        } else {
            &["ayo.bello@nhs.net"]
        };
        assert_eq!(people, expected);
        assert_eq!(landing().await, waiting(true));
    }
}

/// C27: what the organisation allows is asked again at acceptance, at every step of it and in the last
/// one, also of somebody who has an account; nothing is written, and the person is told whom to ask.
#[tokio::test]
async fn an_address_that_is_no_longer_allowed_is_not_let_in() {
    for has_account in [false, true] {
        let h = Hospital::new().await;
        let email = "jane.carlton@old-trust.example";
        let mut who = NOBODY;
        if has_account {
            h.h.organisation("RX2", "Rosebush Hospital").await;
            let jane = h.h.member("rx2", email, "viewer").await;
            who = Authentication::Complete(jane);
        }
        let invited = h.invite(email).await;
        let flow = if has_account {
            h.begin(&invited).await
        } else {
            h.up_to_terms(&invited).await
        };
        let before = h.membership(invited.member).await;
        h.allow(EmailDomains::Only(vec![
            "nhs.net".to_owned(),
            "*.nhs.uk".to_owned(),
        ]))
        .await;
        let request = h.h.request();
        let services = h.services();
        let landing = async || {
            let landing = services.invitation_landing(&invited.token, &who, &request);
            landing.await.unwrap()
        };
        assert_eq!(
            landing().await,
            InvitationLanding::OtherDomain {
                organisation_name: "Hollybrook Hospital".to_owned(),
                email: email.to_owned(),
                domains: vec!["nhs.net".to_owned(), "nhs.uk".to_owned()],
                ask: "Sam Okoro".to_owned(),
            }
        );
        let code = "conflict.email_not_allowed";
        let accepted = services.accept_invitation(&invited.token, &who, &request);
        assert_eq!(code_of(accepted.await), code);
        let terms = services.registration_terms(&flow, invited.id, &who);
        assert_eq!(code_of(terms.await), code);
        let finished = services.finish_registration(&flow, "", &who, &request);
        assert_eq!(code_of(finished.await), code);
        if has_account {
            assert_eq!(code_of(services.join(&flow, &who, &request).await), code);
        } else {
            assert_eq!(code_of(h.give_details(&flow).await), code);
            assert!(h.user(invited.user).await.registered_at.is_none());
        }
        assert_eq!(h.membership(invited.member).await.version, before.version);
        let open = h.invitation(invited.id).await;
        assert_eq!(open.status, InvitationStatus::Open);
        // A new one would not help, and is not asked for.
        let asked = services.ask_for_new_invitation(&invited.token, &request);
        assert_eq!(code_of(asked.await), "conflict.stale");
        h.h.clock.advance(TimeDelta::hours(169));
        assert!(matches!(
            landing().await,
            InvitationLanding::OtherDomain { .. }
        ));
        // Allowed again, the same link works as before.
        h.allow(EmailDomains::Any).await;
        assert_eq!(landing().await, InvitationLanding::Expired { asked: false });
    }
}

/// R67: an inviter who keeps a part of their authority gives only what they still hold.
#[tokio::test]
async fn a_demoted_inviter_cannot_make_administrators() {
    let h = Hospital::new().await;
    let (jane, kim) = (
        h.invite_as("jane.carlton@nhs.net", "administrator", &[])
            .await,
        h.invite_as("kim.lee@nhs.net", "viewer", &[]).await,
    );
    h.demote_sam().await;
    let mut tx = h.services().store.write().await.unwrap();
    let roles = tx.roles(h.id).await.unwrap();
    let manager = roles.iter().find(|role| role.key == "manager").unwrap();
    let member = tx.membership_of(h.id, h.sam.user()).await.unwrap().unwrap();
    let row = store::AssignmentRow {
        id: domain::id::AssignmentId::from_uuid(uuid::Uuid::from_u128(1)),
        organisation_id: h.id,
        membership_id: member.id,
        role_id: manager.id,
        area_id: None,
        starts_at: None,
        ends_at: None,
        granted_by: None,
        granted_at: h.services().now(),
    };
    tx.insert_assignments(&[row]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(
        code_of(h.accept(&jane.token).await),
        "conflict.inviter_gone"
    );
    assert!(h.accept(&kim.token).await.is_ok());
}

/// An area that was closed: the person is let in without it, and the record says why.
#[tokio::test]
async fn a_closed_area_is_left_out() {
    let h = Hospital::new().await;
    let (open, closed) = (h.area("Ward 3").await, h.area("Ward 4").await);
    let both = h
        .invite_as("jane.carlton@nhs.net", "contributor", &[open, closed])
        .await;
    let only = h
        .invite_as("kim.lee@nhs.net", "contributor", &[closed])
        .await;
    let mut tx = h.services().store.write().await.unwrap();
    let now = h.services().now();
    tx.close_area(h.id, closed, now).await.unwrap();
    tx.commit().await.unwrap();
    for (invited, roles) in [(&both, 1), (&only, 0)] {
        let flow = h.up_to_terms(invited).await;
        h.finish(&flow).await.unwrap();
        let member = h.membership(invited.member).await;
        assert_eq!(member.status, MembershipStatus::Active);
        assert_eq!(h.assignments(invited).await, roles);
        let done = h.services().registration_done(&flow, invited.id).await;
        assert_eq!(done.unwrap().roles.len(), roles);
    }
}

/// R30: somebody who was deactivated or cancelled between two steps does not get in.
#[tokio::test]
async fn a_membership_that_no_longer_waits_ends_the_journey() {
    for status in [MembershipStatus::Cancelled, MembershipStatus::Inactive] {
        let h = Hospital::new().await;
        let invited = h.invite("jane.carlton@nhs.net").await;
        let flow = h.up_to_terms(&invited).await;
        let mut member = h.membership(invited.member).await;
        member.status = status;
        let mut tx = h.services().store.write().await.unwrap();
        tx.update_membership(&member).await.unwrap();
        tx.commit().await.unwrap();
        let code = "conflict.invitation_cancelled";
        assert_eq!(code_of(h.finish(&flow).await), code);
        assert_eq!(code_of(h.give_details(&flow).await), code);
        assert_eq!(code_of(h.accept(&invited.token).await), code);
    }
}

/// Places that others got meanwhile: let in without the role, and the record says why. Nobody gets
/// a place that there is not (R70).
#[tokio::test]
async fn a_full_role_is_left_out() {
    let h = Hospital::new().await;
    let role = h.limited_role(1).await;
    let jane = h.invite_as("jane.carlton@nhs.net", "super-user", &[]).await;
    let mut tx = h.services().store.write().await.unwrap();
    tx.release_seats(h.id, jane.member).await.unwrap();
    tx.commit().await.unwrap();
    let kim = h.invite_as("kim.lee@nhs.net", "super-user", &[]).await;
    for (invited, roles) in [(&jane, 0), (&kim, 1)] {
        let flow = h.up_to_terms(invited).await;
        h.finish(&flow).await.unwrap();
        let member = h.membership(invited.member).await;
        assert_eq!(member.status, MembershipStatus::Active);
        assert_eq!(h.assignments(invited).await, roles);
    }
    let mut tx = h.services().store.read().await.unwrap();
    let used = tx.seats_used(h.id, h.services().now()).await.unwrap();
    assert_eq!(used, [(role, 1)]);
}
