//! Registration as people go through it, to the second.

mod edges;
mod finishing;
mod joining;
mod landing;
mod steps;

use chrono::TimeDelta;
use domain::{
    SecondFactorKind,
    id::{AreaId, AssignmentId, InvitationId, MembershipId, OrganisationId, UserId},
    invitation::{Delivery, InvitationStatus},
    registration::{CodesMethodForm, RegistrationDetailsForm, RegistrationStep},
    sign_in::CodeForm,
};
use store::{AreaRow, AssignmentRow, InvitationRow, MembershipRow, UserRow};

use crate::{
    Actor, Error, Result, Services,
    registration::Begun,
    request::Authentication,
    secrets::{Token, TokenPurpose},
    testing::Harness,
};

pub(super) const NOBODY: Authentication = Authentication::Anonymous;
pub(super) const PASSWORD: &str = "three quiet herons";

/// Hollybrook Hospital, with Sam Okoro as its administrator.
pub(super) struct Hospital {
    pub(super) h: Harness,
    pub(super) id: OrganisationId,
    pub(super) sam: Actor,
}

/// An invitation in somebody's mailbox.
pub(super) struct Invited {
    pub(super) token: String,
    pub(super) id: InvitationId,
    pub(super) user: UserId,
    pub(super) member: MembershipId,
}

impl Hospital {
    pub(super) async fn new() -> Self {
        Self::over(Harness::new().await).await
    }

    pub(super) async fn over(h: Harness) -> Self {
        let id = h.organisation("RX1", "Hollybrook Hospital").await;
        let sam = h.administrator("rx1", "sam.okoro@nhs.net").await;
        Self { h, id, sam }
    }

    pub(super) fn services(&self) -> &Services {
        &self.h.services
    }

    pub(super) async fn area(&self, name: &str) -> AreaId {
        let row = AreaRow {
            id: AreaId::from_uuid(self.uuid()),
            organisation_id: self.id,
            parent_id: None,
            name: name.to_owned(),
            kind: "service area".to_owned(),
            position: 0,
            closed_at: None,
        };
        let mut tx = self.services().store.write().await.unwrap();
        tx.insert_areas(std::slice::from_ref(&row)).await.unwrap();
        tx.commit().await.unwrap();
        row.id
    }

    fn uuid(&self) -> uuid::Uuid {
        self.services().random.uuid(self.services().now())
    }

    /// Sam invites somebody as a contributor.
    pub(super) async fn invite(&self, email: &str) -> Invited {
        self.invite_as(email, "contributor", &[]).await
    }

    /// Sam invites somebody for 7 days.
    pub(super) async fn invite_as(&self, email: &str, role: &str, areas: &[AreaId]) -> Invited {
        let now = self.services().now();
        let mut tx = self.services().store.write().await.unwrap();
        let known = tx.user_by_email_key(email).await.unwrap();
        let user = if let Some(user) = known {
            user
        } else {
            let user = UserRow::unregistered(UserId::from_uuid(self.uuid()), email, email, now);
            tx.insert_user(&user).await.unwrap();
            user
        };
        let expires_at = now + TimeDelta::hours(168);
        let member = MembershipRow::invited(
            MembershipId::from_uuid(self.uuid()),
            self.id,
            &user,
            now,
            expires_at,
        );
        tx.insert_memberships(std::slice::from_ref(&member))
            .await
            .unwrap();
        let roles = tx.roles(self.id).await.unwrap();
        let role = roles.iter().find(|known| known.key == role).unwrap();
        let places = match areas {
            [] => vec![None],
            areas => areas.iter().copied().map(Some).collect(),
        };
        let assignments: Vec<_> = places
            .into_iter()
            .map(|area_id| AssignmentRow {
                id: AssignmentId::from_uuid(self.uuid()),
                organisation_id: self.id,
                membership_id: member.id,
                role_id: role.id,
                area_id,
                starts_at: None,
                ends_at: None,
                granted_by: Some(self.sam.user()),
                granted_at: now,
            })
            .collect();
        tx.insert_assignments(&assignments).await.unwrap();
        if role.seat_limit.is_some() {
            let claimed = tx.claim_seat(self.id, role.id, member.id, now).await;
            assert!(claimed.unwrap());
        }
        let token = Token::generate(TokenPurpose::Invitation, &self.services().random);
        let row = InvitationRow {
            id: InvitationId::from_uuid(self.uuid()),
            organisation_id: self.id,
            membership_id: member.id,
            batch_id: None,
            invited_by: Some(self.sam.user()),
            message: "See you on Monday.".to_owned(),
            token_digest: token.digest().to_vec(),
            status: InvitationStatus::Open,
            delivery: Delivery::Sent,
            created_at: now,
            sent_at: Some(now),
            expires_at,
            closed_at: None,
            new_one_asked_at: None,
        };
        tx.insert_invitations(std::slice::from_ref(&row))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Invited {
            token: token.expose().to_owned(),
            id: row.id,
            user: user.id,
            member: member.id,
        }
    }

    pub(super) async fn accept(&self, token: &str) -> Result<Begun> {
        self.services()
            .accept_invitation(token, &NOBODY, &self.h.request())
            .await
    }

    pub(super) async fn begin(&self, invited: &Invited) -> String {
        self.accept(&invited.token).await.unwrap().flow
    }

    pub(super) async fn give_details(&self, flow: &str) -> Result<RegistrationStep> {
        self.services()
            .give_registration_details(flow, details())
            .await
    }

    pub(super) async fn choose(
        &self,
        flow: &str,
        method: SecondFactorKind,
    ) -> Result<RegistrationStep> {
        let form = CodesMethodForm {
            codes_method: method.as_str().to_owned(),
            mobile: String::new(),
        };
        self.services().choose_codes_method(flow, &form).await
    }

    pub(super) async fn confirm(&self, flow: &str, code: &str) -> Result<RegistrationStep> {
        let form = CodeForm {
            code: code.to_owned(),
        };
        self.services().confirm_registration_code(flow, &form).await
    }

    pub(super) async fn finish(&self, flow: &str) -> Result<super::finish::Finished> {
        self.services()
            .finish_registration(flow, "1.0", &NOBODY, &self.h.request())
            .await
    }

    /// The newest code that was sent.
    pub(super) async fn code(&self) -> String {
        let messages = self.h.outbox().await;
        let message = messages.iter().rev().find(|message| message.kind == "code");
        message.unwrap().secret.clone().unwrap()
    }

    /// All steps with codes by email, up to the terms.
    pub(super) async fn up_to_terms(&self, invited: &Invited) -> String {
        // No two codes of one test are sent at the same time, so that one is the newest.
        self.h.clock.advance(TimeDelta::microseconds(1));
        let flow = self.begin(invited).await;
        self.give_details(&flow).await.unwrap();
        self.choose(&flow, SecondFactorKind::Email).await.unwrap();
        let code = self.code().await;
        self.confirm(&flow, &code).await.unwrap();
        self.services().keep_recovery_codes(&flow).await.unwrap();
        flow
    }

    pub(super) async fn user(&self, id: UserId) -> UserRow {
        let mut tx = self.services().store.read().await.unwrap();
        tx.user(id).await.unwrap().unwrap()
    }

    pub(super) async fn membership(&self, id: MembershipId) -> MembershipRow {
        let mut tx = self.services().store.read().await.unwrap();
        tx.membership(self.id, id).await.unwrap().unwrap()
    }

    pub(super) async fn invitation(&self, id: InvitationId) -> InvitationRow {
        let mut tx = self.services().store.read().await.unwrap();
        tx.invitation(self.id, id).await.unwrap().unwrap()
    }

    /// Which messages of these kinds wait, and for whom.
    pub(super) async fn mail(&self, kind: &str) -> Vec<String> {
        let messages = self.h.outbox().await.into_iter();
        messages
            .filter(|message| message.kind == kind)
            .map(|message| message.recipient)
            .collect()
    }
}

pub(super) fn details() -> RegistrationDetailsForm {
    let [first_name, last_name, mobile, password] =
        ["Jane", "Carlton", "07700 900 982", PASSWORD].map(str::to_owned);
    RegistrationDetailsForm {
        first_name,
        last_name,
        mobile,
        password,
    }
}

/// The code of an error, as the catalogue knows it.
pub(super) fn code_of<T>(result: Result<T>) -> String {
    match result.err() {
        None => "none".to_owned(),
        Some(Error::Conflict(conflict)) => conflict.code().to_owned(),
        Some(Error::Expired(what)) => format!("expired.{what}"),
        Some(Error::Invalid(violations)) => violations
            .iter()
            .map(|violation| violation.code.clone())
            .collect::<Vec<_>>()
            .join(" "),
        Some(error) => error.to_string(),
    }
}
