//! Invitations: offers of a membership, of which at most one is open for each (R19).

use chrono::{DateTime, Utc};
use domain::{
    MembershipStatus,
    id::{BatchId, InvitationId, MembershipId, OrganisationId, UserId},
    invitation::{Delivery, InvitationStatus},
};
use uuid::Uuid;

use crate::{
    Result, Tx,
    memberships::member_names,
    sql::{Keyed, MaybeId, insert_many, list, sql},
};

/// A row of `invitations`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct InvitationRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: InvitationId,
    /// Into which organisation.
    #[sqlx(try_from = "Uuid")]
    pub organisation_id: OrganisationId,
    /// The membership that it offers.
    #[sqlx(try_from = "Uuid")]
    pub membership_id: MembershipId,
    /// The batch that it was sent with; empty when it was sent alone.
    #[sqlx(try_from = "MaybeId")]
    pub batch_id: Option<BatchId>,
    /// Who sent it; empty: a command.
    #[sqlx(try_from = "MaybeId")]
    pub invited_by: Option<UserId>,
    /// What the inviter wrote, plain text.
    pub message: String,
    /// SHA-256 of the token (R15).
    pub token_digest: Vec<u8>,
    /// Whether it can still be accepted, apart from its time.
    #[sqlx(try_from = "Keyed")]
    pub status: InvitationStatus,
    /// What became of the email.
    #[sqlx(try_from = "Keyed")]
    pub delivery: Delivery,
    /// When it was made; its lifetime starts here.
    pub created_at: DateTime<Utc>,
    /// When the mail server took the email.
    pub sent_at: Option<DateTime<Utc>>,
    /// Good until just before, refused at this instant (R16).
    pub expires_at: DateTime<Utc>,
    /// When it was accepted, cancelled, declined or replaced.
    pub closed_at: Option<DateTime<Utc>>,
    /// When the invited person last asked for a new one.
    pub new_one_asked_at: Option<DateTime<Utc>>,
}

/// What is known about an address, in general and in one organisation.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AddressRow {
    /// The comparison key of the address.
    pub email_key: String,
    /// The person.
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    /// The address as displayed.
    pub email: String,
    /// Empty until the person has registered.
    pub first_name: String,
    /// Empty until the person has registered.
    pub last_name: String,
    /// When the person registered, anywhere.
    pub registered_at: Option<DateTime<Utc>>,
    /// The membership in this organisation.
    #[sqlx(try_from = "MaybeId")]
    pub membership_id: Option<MembershipId>,
    /// Its status; present with it.
    status: Option<String>,
    /// When the person was last invited here.
    pub invited_at: Option<DateTime<Utc>>,
    /// When the newest link ends.
    pub invitation_expires_at: Option<DateTime<Utc>>,
    /// When the newest email failed for good.
    pub delivery_failed_at: Option<DateTime<Utc>>,
    /// Version of the membership; present with it.
    version: Option<i64>,
}

impl AddressRow {
    /// The status of the membership in this organisation.
    pub fn status(&self) -> Option<MembershipStatus> {
        self.status.as_deref().and_then(MembershipStatus::parse)
    }

    /// The version of the membership, for a change of it.
    pub fn version(&self) -> i64 {
        self.version.unwrap_or_default()
    }
}

#[derive(sqlx::FromRow)]
struct Count {
    count: i64,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    #[sqlx(try_from = "Uuid")]
    membership_id: MembershipId,
    count: i64,
}

impl Tx {
    /// Adds invitations. [`crate::Conflict::InvitationOpen`] when a membership has an open one.
    pub async fn insert_invitations(&mut self, rows: &[InvitationRow]) -> Result<()> {
        let rows = rows
            .iter()
            .map(|row| {
                vec![
                    row.id.into(),
                    row.organisation_id.into(),
                    row.membership_id.into(),
                    row.batch_id.into(),
                    row.invited_by.into(),
                    row.message.clone().into(),
                    row.token_digest.clone().into(),
                    row.status.as_str().into(),
                    row.delivery.as_str().into(),
                    row.created_at.into(),
                    row.sent_at.into(),
                    row.expires_at.into(),
                    row.closed_at.into(),
                    row.new_one_asked_at.into(),
                ]
            })
            .collect();
        insert_many(
            self,
            "INSERT INTO invitations (id, organisation_id, membership_id, batch_id, invited_by, \
             message, token_digest, status, delivery, created_at, sent_at, expires_at, closed_at, \
             new_one_asked_at)",
            rows,
            "",
        )
        .await?;
        Ok(())
    }

    /// An invitation of an organisation.
    pub async fn invitation(
        &mut self,
        organisation: OrganisationId,
        id: InvitationId,
    ) -> Result<Option<InvitationRow>> {
        sql("SELECT * FROM invitations WHERE organisation_id = $1 AND id = $2")
            .bind(organisation)
            .bind(id)
            .fetch_optional(self)
            .await
    }

    /// The invitation that a token opens, in whatever organisation: the token is the right to it.
    pub async fn invitation_by_digest(
        &mut self,
        digest: &[u8; 32],
    ) -> Result<Option<InvitationRow>> {
        sql("SELECT * FROM invitations WHERE token_digest = $1")
            .bind(digest)
            .fetch_optional(self)
            .await
    }

    /// Every invitation that a membership was offered with, newest first.
    pub async fn invitations_of(
        &mut self,
        organisation: OrganisationId,
        membership: MembershipId,
    ) -> Result<Vec<InvitationRow>> {
        sql(
            "SELECT * FROM invitations WHERE organisation_id = $1 AND membership_id = $2 \
             ORDER BY created_at DESC, id DESC",
        )
        .bind(organisation)
        .bind(membership)
        .fetch_all(self)
        .await
    }

    /// Every invitation of many memberships, newest first.
    pub async fn invitations_of_many(
        &mut self,
        organisation: OrganisationId,
        memberships: &[MembershipId],
    ) -> Result<Vec<InvitationRow>> {
        let mut rows = Vec::new();
        for chunk in list::chunks(memberships) {
            let some: Vec<InvitationRow> = list::around(
                "SELECT * FROM invitations WHERE organisation_id = $1 AND membership_id IN (",
                vec![organisation.into()],
                chunk,
                ") ORDER BY created_at DESC, id DESC",
            )
            .fetch_all(self)
            .await?;
            rows.extend(some);
        }
        Ok(rows)
    }

    /// Ends an open invitation. [`crate::StoreError::Stale`] when it is not open any more.
    pub async fn close_invitation(
        &mut self,
        organisation: OrganisationId,
        id: InvitationId,
        status: InvitationStatus,
        now: DateTime<Utc>,
    ) -> Result<()> {
        sql("UPDATE invitations SET status = $3, closed_at = $4 \
             WHERE organisation_id = $1 AND id = $2 AND status = 'open'")
        .bind(organisation)
        .bind(id)
        .bind(status.as_str())
        .bind(now)
        .execute_one(self)
        .await
    }

    /// Ends the open invitations of memberships because newer ones take their place (R19). What of
    /// their messages was not sent yet is never sent.
    pub async fn replace_invitations(
        &mut self,
        organisation: OrganisationId,
        memberships: &[MembershipId],
        now: DateTime<Utc>,
    ) -> Result<()> {
        for chunk in list::chunks(memberships) {
            list::around(
                "UPDATE outbox SET status = 'cancelled', secret = NULL WHERE status = 'queued' \
                 AND invitation_id IN (SELECT id FROM invitations WHERE organisation_id = $1 \
                 AND status = 'open' AND membership_id IN (",
                vec![organisation.into()],
                chunk,
                "))",
            )
            .execute(self)
            .await?;
            list::around(
                "UPDATE invitations SET status = 'replaced', closed_at = $2 \
                 WHERE organisation_id = $1 AND status = 'open' AND membership_id IN (",
                vec![organisation.into(), now.into()],
                chunk,
                ")",
            )
            .execute(self)
            .await?;
        }
        Ok(())
    }

    /// What of an invitation's messages was not sent yet is never sent, and their secrets go.
    pub async fn cancel_messages_of(&mut self, invitation: InvitationId) -> Result<u64> {
        sql("UPDATE outbox SET status = 'cancelled', secret = NULL \
             WHERE invitation_id = $1 AND status = 'queued'")
        .bind(invitation)
        .execute(self)
        .await
    }

    /// Notes that the mail server took the email of an invitation.
    pub async fn mark_invitation_sent(
        &mut self,
        organisation: OrganisationId,
        id: InvitationId,
        now: DateTime<Utc>,
    ) -> Result<u64> {
        sql("UPDATE invitations SET delivery = 'sent', sent_at = $3 \
             WHERE organisation_id = $1 AND id = $2 AND delivery = 'queued'")
        .bind(organisation)
        .bind(id)
        .bind(now)
        .execute(self)
        .await
    }

    /// Notes that the email of an invitation can never be delivered; on the membership too, as
    /// long as this is its newest invitation. True when the membership was marked.
    pub async fn mark_invitation_failed(
        &mut self,
        organisation: OrganisationId,
        id: InvitationId,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        sql("UPDATE invitations SET delivery = 'failed' WHERE organisation_id = $1 AND id = $2")
            .bind(organisation)
            .bind(id)
            .execute(self)
            .await?;
        let marked = sql(
            "UPDATE memberships SET delivery_failed_at = $3, version = version + 1 \
             WHERE organisation_id = $1 AND status = 'pending' AND delivery_failed_at IS NULL \
               AND id = (SELECT membership_id FROM invitations \
                         WHERE organisation_id = $1 AND id = $2 AND status = 'open')",
        )
        .bind(organisation)
        .bind(id)
        .bind(now)
        .execute(self)
        .await?;
        Ok(marked > 0)
    }

    /// Uses an invitation up. False when it is not open any more or its time is over: of many
    /// requests at once exactly one wins (R16, R17).
    pub async fn accept_invitation(
        &mut self,
        organisation: OrganisationId,
        id: InvitationId,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let accepted = sql(
            "UPDATE invitations SET status = 'accepted', closed_at = $3 \
             WHERE organisation_id = $1 AND id = $2 AND status = 'open' AND expires_at > $3",
        )
        .bind(organisation)
        .bind(id)
        .bind(now)
        .execute(self)
        .await?;
        Ok(accepted == 1)
    }

    /// Notes that the invited person asks for a new invitation. False when they have asked after
    /// `quiet_since` already.
    pub async fn ask_for_new_invitation(
        &mut self,
        organisation: OrganisationId,
        id: InvitationId,
        now: DateTime<Utc>,
        quiet_since: DateTime<Utc>,
    ) -> Result<bool> {
        let asked = sql("UPDATE invitations SET new_one_asked_at = $3 \
             WHERE organisation_id = $1 AND id = $2 \
               AND (new_one_asked_at IS NULL OR new_one_asked_at <= $4)")
        .bind(organisation)
        .bind(id)
        .bind(now)
        .bind(quiet_since)
        .execute(self)
        .await?;
        Ok(asked == 1)
    }

    /// How many invitations an organisation has made since `since`.
    pub async fn count_invitations_since(
        &mut self,
        organisation: OrganisationId,
        since: DateTime<Utc>,
    ) -> Result<i64> {
        let row: Count = sql("SELECT count(*) AS count FROM invitations \
             WHERE organisation_id = $1 AND created_at > $2")
        .bind(organisation)
        .bind(since)
        .fetch_one(self)
        .await?;
        Ok(row.count)
    }

    /// How many invitations that a person sent can still be accepted.
    pub async fn count_open_invitations_by(
        &mut self,
        organisation: OrganisationId,
        inviter: UserId,
        now: DateTime<Utc>,
    ) -> Result<i64> {
        let row: Count = sql("SELECT count(*) AS count FROM invitations \
             WHERE organisation_id = $1 AND invited_by = $2 AND status = 'open' \
               AND expires_at > $3")
        .bind(organisation)
        .bind(inviter)
        .bind(now)
        .fetch_one(self)
        .await?;
        Ok(row.count)
    }

    /// How many invitations each of these memberships was offered with since `since`; those with
    /// none are left out (R37).
    pub async fn count_invitations_of(
        &mut self,
        organisation: OrganisationId,
        memberships: &[MembershipId],
        since: DateTime<Utc>,
    ) -> Result<Vec<(MembershipId, i64)>> {
        let mut counts = Vec::new();
        for chunk in list::chunks(memberships) {
            let rows: Vec<CountRow> = list::around(
                "SELECT membership_id, count(*) AS count FROM invitations \
                 WHERE organisation_id = $1 AND created_at > $2 AND membership_id IN (",
                vec![organisation.into(), since.into()],
                chunk,
                ") GROUP BY membership_id",
            )
            .fetch_all(self)
            .await?;
            counts.extend(rows.into_iter().map(|row| (row.membership_id, row.count)));
        }
        Ok(counts)
    }

    /// What is known about addresses, by their comparison keys; unknown ones are left out. A few
    /// statements, whatever the number (R98).
    pub async fn known_addresses(
        &mut self,
        organisation: OrganisationId,
        keys: &[String],
    ) -> Result<Vec<AddressRow>> {
        let mut known = Vec::new();
        for chunk in list::chunks(keys) {
            let rows: Vec<AddressRow> = list::around(
                concat!(
                    "SELECT u.email_key, u.id AS user_id, u.email, ",
                    member_names!(),
                    ", u.registered_at, m.id AS membership_id, m.status, m.invited_at, \
                 m.invitation_expires_at, m.delivery_failed_at, m.version \
                 FROM users u LEFT JOIN memberships m \
                   ON m.user_id = u.id AND m.organisation_id = $1 WHERE u.email_key IN ("
                ),
                vec![organisation.into()],
                chunk,
                ")",
            )
            .fetch_all(self)
            .await?;
            known.extend(rows);
        }
        Ok(known)
    }

    /// Takes a membership back that was made in this transaction, because it got no seat.
    pub async fn delete_membership(
        &mut self,
        organisation: OrganisationId,
        id: MembershipId,
    ) -> Result<()> {
        sql("DELETE FROM memberships WHERE organisation_id = $1 AND id = $2")
            .bind(organisation)
            .bind(id)
            .execute_one(self)
            .await
    }
}
