//! The first administrator of an organisation, and the one after everybody else has left: an
//! invitation whose link a command prints (R10). There is no first password.

use chrono::TimeDelta;
use domain::{
    EmailAddress, MembershipStatus,
    audit::AuditEventKind,
    id::{AssignmentId, InvitationId, MembershipId, UserId},
    invitation::{Delivery, InvitationStatus},
    search::index_words,
};
use serde_json::json;
use store::{AssignmentRow, InvitationRow, MembershipRow, OrganisationRow, Tx, UserRow};

use super::PrintedLink;
use crate::{
    By, Conflict, Error, Result, Services,
    audit::Event,
    presets::Preset,
    secrets::{Token, TokenPurpose},
};

/// How long the links work that a command prints (R10).
pub(super) const PRINTED_LINK: TimeDelta = TimeDelta::hours(1);

impl Services {
    /// Invites somebody to manage an organisation and returns the link, which is sent to nobody.
    /// It works for 1 hour; a newer one takes its place.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such organisation, [`Conflict::AlreadyMember`] when the
    /// person is Active there: another administrator gives them the role. `email.domain` when the
    /// organisation does not take such addresses (V03), [`Conflict::RoleFull`] when the role has
    /// no place left (J25).
    pub async fn create_administrator(
        &self,
        by: &By,
        slug: &str,
        email: &EmailAddress,
    ) -> Result<PrintedLink> {
        let mut tx = self.store.write().await?;
        let organisation = tx.organisation_by_slug(slug).await?;
        let organisation = organisation.ok_or(Error::NotFound)?;
        if organisation.closed_at.is_some() {
            return Err(Error::Conflict(Conflict::OrganisationClosed));
        }
        let (invitation, token) = self
            .invite_administrator(&mut tx, by, &organisation, email)
            .await?;
        tx.commit().await?;
        Ok(PrintedLink {
            url: self.link(&format!("/invitations/{}", token.expose())),
            expires_at: invitation.expires_at,
        })
    }

    pub(super) async fn invite_administrator(
        &self,
        tx: &mut Tx,
        by: &By,
        organisation: &OrganisationRow,
        email: &EmailAddress,
    ) -> Result<(InvitationRow, Token)> {
        let now = self.now();
        if !organisation.policy.email_domains.allows(email) {
            return Err(Error::violation("email", "email.domain"));
        }
        let user = self.user_with_address(tx, email).await?;
        let expires_at = now + PRINTED_LINK;
        let member = self
            .pending_member(tx, organisation, &user, expires_at)
            .await?;
        self.give_managing_role(tx, by, organisation, &member)
            .await?;
        tx.replace_invitations(organisation.id, &[member.id], now)
            .await?;
        let token = Token::generate(TokenPurpose::Invitation, &self.random);
        let invitation = InvitationRow {
            id: InvitationId::from_uuid(self.random.uuid(now)),
            organisation_id: organisation.id,
            membership_id: member.id,
            batch_id: None,
            invited_by: None,
            message: String::new(),
            token_digest: token.digest().to_vec(),
            status: InvitationStatus::Open,
            delivery: Delivery::Printed,
            created_at: now,
            sent_at: None,
            expires_at,
            closed_at: None,
            new_one_asked_at: None,
        };
        tx.insert_invitations(std::slice::from_ref(&invitation))
            .await?;
        let event = Event {
            organisation: Some(organisation.id),
            kind: AuditEventKind::AdministratorInvited,
            subject: Some((user.id, user.name())),
            details: json!({ "invitation": invitation.id, "expires_at": expires_at }),
        };
        self.audit(tx, by, event).await?;
        Ok((invitation, token))
    }

    /// The user with this address; a new one holds nothing but the address (R24).
    async fn user_with_address(&self, tx: &mut Tx, email: &EmailAddress) -> Result<UserRow> {
        if let Some(user) = tx.user_by_email_key(email.key()).await? {
            return Ok(user);
        }
        let now = self.now();
        let user = UserRow::unregistered(
            UserId::from_uuid(self.random.uuid(now)),
            email.as_str(),
            email.key(),
            now,
        );
        tx.insert_user(&user).await?;
        Ok(user)
    }

    /// The membership, new or again waiting for its person.
    async fn pending_member(
        &self,
        tx: &mut Tx,
        organisation: &OrganisationRow,
        user: &UserRow,
        expires_at: chrono::DateTime<chrono::Utc>,
    ) -> Result<MembershipRow> {
        let now = self.now();
        if let Some(mut member) = tx.membership_of(organisation.id, user.id).await? {
            if member.status == MembershipStatus::Active {
                return Err(Error::Conflict(Conflict::AlreadyMember));
            }
            member.status = MembershipStatus::Pending;
            member.invited_at = Some(now);
            member.invitation_expires_at = Some(expires_at);
            member.delivery_failed_at = None;
            tx.update_membership(&member).await?;
            return Ok(member);
        }
        let member = MembershipRow::invited(
            MembershipId::from_uuid(self.random.uuid(now)),
            organisation.id,
            user,
            now,
            expires_at,
        );
        tx.insert_memberships(std::slice::from_ref(&member)).await?;
        let words = index_words(&user.first_name, &user.last_name, &user.email);
        tx.replace_words(organisation.id, member.id, &words).await?;
        Ok(member)
    }

    /// The preset's managing role, in the whole organisation, in the place of any other role of
    /// its service where one person may have one role only.
    async fn give_managing_role(
        &self,
        tx: &mut Tx,
        by: &By,
        organisation: &OrganisationRow,
        member: &MembershipRow,
    ) -> Result<()> {
        let key = Preset::parse(&organisation.preset)
            .and_then(|preset| preset.service().managing_role())
            .map(|role| role.key);
        let roles = tx.roles(organisation.id).await?;
        let role = roles.iter().find(|role| Some(role.key.as_str()) == key);
        let role = role.ok_or_else(|| Error::Fault("no managing role".to_owned()))?;
        if role.seat_limit.is_some()
            && !tx
                .claim_seat(organisation.id, role.id, member.id, self.now())
                .await?
        {
            return Err(Error::Conflict(Conflict::RoleFull));
        }
        let mut kept = tx.assignments_of(organisation.id, member.id).await?;
        let single = organisation.policy.roles_per_member == Some(1);
        kept.retain(|assignment| assignment.role_id != role.id && !single);
        kept.push(AssignmentRow {
            id: AssignmentId::from_uuid(self.random.uuid(self.now())),
            organisation_id: organisation.id,
            membership_id: member.id,
            role_id: role.id,
            area_id: None,
            starts_at: None,
            ends_at: None,
            granted_by: by.id,
            granted_at: self.now(),
        });
        tx.delete_assignments_of(organisation.id, member.id).await?;
        tx.insert_assignments(&kept).await?;
        Ok(())
    }
}
