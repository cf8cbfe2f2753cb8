//! Memberships: user x organisation, with a status.

use chrono::{DateTime, Utc};
use domain::{
    MembershipStatus,
    id::{MembershipId, OrganisationId, UserId},
    search::sort_name,
};
use uuid::Uuid;

use crate::{
    Result, Tx, UserRow,
    listing::initials,
    sql::{Arg, Keyed, assembled, insert_many, list, sql, update_versions},
};

/// A row of `memberships`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct MembershipRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: MembershipId,
    /// The organisation.
    #[sqlx(try_from = "Uuid")]
    pub organisation_id: OrganisationId,
    /// The person.
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    /// As stored; Expired is computed.
    #[sqlx(try_from = "Keyed")]
    pub status: MembershipStatus,
    /// Folded name for sorting.
    pub sort_name: String,
    /// In this organisation.
    pub job_title: String,
    /// What else this organisation keeps of the person.
    #[sqlx(flatten)]
    pub details: DetailsRow,
    /// When the person was first invited or added.
    pub created_at: DateTime<Utc>,
    /// When registration was finished.
    pub activated_at: Option<DateTime<Utc>>,
    /// When the membership was deactivated.
    pub deactivated_at: Option<DateTime<Utc>>,
    /// Last complete sign-in.
    pub last_signed_in_at: Option<DateTime<Utc>>,
    /// When the newest invitation was made.
    pub invited_at: Option<DateTime<Utc>>,
    /// When its link ends.
    pub invitation_expires_at: Option<DateTime<Utc>>,
    /// When its email failed for good.
    pub delivery_failed_at: Option<DateTime<Utc>>,
    /// Raised by each update.
    pub version: i64,
}

/// What an organisation keeps of a member besides the job title.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct DetailsRow {
    /// What whoever invited them calls them. It counts, here only, until they have registered: who
    /// they are is theirs to say (R24).
    pub known_first_name: String,
    /// As the first name.
    pub known_last_name: String,
    /// Whether they are registered with a professional body; nothing where nobody asked (V04).
    pub clinician: Option<bool>,
    /// Their number there, or empty.
    pub registration_number: String,
    /// For other administrators (M31).
    pub notes: String,
}

/// The name of the user `u` of a membership `m`, as columns: what the organisation calls them until
/// they have registered.
macro_rules! member_names {
    () => {
        "CASE WHEN u.registered_at IS NULL THEN coalesce(m.known_first_name, '') \
         ELSE u.first_name END AS first_name, \
         CASE WHEN u.registered_at IS NULL THEN coalesce(m.known_last_name, '') \
         ELSE u.last_name END AS last_name"
    };
}
pub(crate) use member_names;

impl UserRow {
    /// The person as an organisation knows them: until they have registered, by the name that it
    /// gave them.
    #[must_use]
    pub fn known_as(mut self, membership: &MembershipRow) -> Self {
        if self.registered_at.is_none() {
            let details = &membership.details;
            self.first_name.clone_from(&details.known_first_name);
            self.last_name.clone_from(&details.known_last_name);
        }
        self
    }
}

impl MembershipRow {
    /// Gives somebody who has not registered the name by which they are listed here.
    pub fn call(&mut self, first_name: &str, last_name: &str, email: &str) {
        first_name.clone_into(&mut self.details.known_first_name);
        last_name.clone_into(&mut self.details.known_last_name);
        self.sort_name = sort_name(first_name, last_name, email);
    }

    /// Somebody who is invited now, until `expires_at`.
    pub fn invited(
        id: MembershipId,
        organisation_id: OrganisationId,
        user: &UserRow,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            organisation_id,
            user_id: user.id,
            status: MembershipStatus::Pending,
            sort_name: sort_name(&user.first_name, &user.last_name, &user.email),
            job_title: String::new(),
            details: DetailsRow::default(),
            created_at: now,
            activated_at: None,
            deactivated_at: None,
            last_signed_in_at: None,
            invited_at: Some(now),
            invitation_expires_at: Some(expires_at),
            delivery_failed_at: None,
            version: 0,
        }
    }
}

impl Tx {
    /// A membership of an organisation.
    pub async fn membership(
        &mut self,
        organisation: OrganisationId,
        id: MembershipId,
    ) -> Result<Option<MembershipRow>> {
        sql("SELECT * FROM memberships WHERE organisation_id = $1 AND id = $2")
            .bind(organisation)
            .bind(id)
            .fetch_optional(self)
            .await
    }

    /// The membership of a user in an organisation.
    pub async fn membership_of(
        &mut self,
        organisation: OrganisationId,
        user: UserId,
    ) -> Result<Option<MembershipRow>> {
        sql("SELECT * FROM memberships WHERE organisation_id = $1 AND user_id = $2")
            .bind(organisation)
            .bind(user)
            .fetch_optional(self)
            .await
    }

    /// Adds memberships. [`crate::Conflict::AlreadyMember`] when one exists.
    pub async fn insert_memberships(&mut self, rows: &[MembershipRow]) -> Result<()> {
        let rows = rows
            .iter()
            .map(|row| {
                vec![
                    row.id.into(),
                    row.organisation_id.into(),
                    row.user_id.into(),
                    row.status.as_str().into(),
                    row.sort_name.clone().into(),
                    row.job_title.clone().into(),
                    row.details.known_first_name.clone().into(),
                    row.details.known_last_name.clone().into(),
                    row.details.clinician.into(),
                    row.details.registration_number.clone().into(),
                    row.details.notes.clone().into(),
                    row.created_at.into(),
                    row.activated_at.into(),
                    row.deactivated_at.into(),
                    row.last_signed_in_at.into(),
                    row.invited_at.into(),
                    row.invitation_expires_at.into(),
                    row.delivery_failed_at.into(),
                    row.version.into(),
                ]
            })
            .collect();
        insert_many(
            self,
            "INSERT INTO memberships (id, organisation_id, user_id, status, sort_name, job_title, \
             known_first_name, known_last_name, clinician, registration_number, notes, \
             created_at, activated_at, deactivated_at, last_signed_in_at, invited_at, \
             invitation_expires_at, delivery_failed_at, version)",
            rows,
            "",
        )
        .await?;
        Ok(())
    }

    /// Writes everything that may change of a membership. [`crate::StoreError::Stale`] when
    /// somebody else was faster.
    pub async fn update_membership(&mut self, row: &MembershipRow) -> Result<()> {
        sql(
            "UPDATE memberships SET status = $4, sort_name = $5, job_title = $6, \
             activated_at = $7, deactivated_at = $8, last_signed_in_at = $9, invited_at = $10, \
             invitation_expires_at = $11, delivery_failed_at = $12, known_first_name = $13, \
             known_last_name = $14, clinician = $15, registration_number = $16, notes = $17, \
             version = version + 1 \
             WHERE organisation_id = $1 AND id = $2 AND version = $3",
        )
        .bind(row.organisation_id)
        .bind(row.id)
        .bind(row.version)
        .bind(row.status.as_str())
        .bind(row.sort_name.clone())
        .bind(row.job_title.clone())
        .bind(row.activated_at)
        .bind(row.deactivated_at)
        .bind(row.last_signed_in_at)
        .bind(row.invited_at)
        .bind(row.invitation_expires_at)
        .bind(row.delivery_failed_at)
        .bind(row.details.known_first_name.clone())
        .bind(row.details.known_last_name.clone())
        .bind(row.details.clinician)
        .bind(row.details.registration_number.clone())
        .bind(row.details.notes.clone())
        .execute_one(self)
        .await
    }

    /// Memberships of an organisation by their ids, in a few statements.
    pub async fn memberships(
        &mut self,
        organisation: OrganisationId,
        ids: &[MembershipId],
    ) -> Result<Vec<MembershipRow>> {
        let mut rows = Vec::with_capacity(ids.len());
        for chunk in list::chunks(ids) {
            let some: Vec<MembershipRow> = list::around(
                "SELECT * FROM memberships WHERE organisation_id = $1 AND id IN (",
                vec![organisation.into()],
                chunk,
                ")",
            )
            .fetch_all(self)
            .await?;
            rows.extend(some);
        }
        Ok(rows)
    }

    /// The memberships of these users in an organisation.
    pub async fn memberships_of(
        &mut self,
        organisation: OrganisationId,
        users: &[UserId],
    ) -> Result<Vec<MembershipRow>> {
        let mut rows = Vec::with_capacity(users.len());
        for chunk in list::chunks(users) {
            let some: Vec<MembershipRow> = list::around(
                "SELECT * FROM memberships WHERE organisation_id = $1 AND user_id IN (",
                vec![organisation.into()],
                chunk,
                ")",
            )
            .fetch_all(self)
            .await?;
            rows.extend(some);
        }
        Ok(rows)
    }

    /// Deactivates memberships, each as it was read, and frees their seats.
    /// [`crate::StoreError::Stale`] when somebody else was faster with one of them.
    pub async fn deactivate_memberships(
        &mut self,
        organisation: OrganisationId,
        rows: &[(MembershipId, i64)],
        now: DateTime<Utc>,
    ) -> Result<()> {
        update_versions(
            self,
            "UPDATE memberships SET status = 'inactive', deactivated_at = $2, \
             version = version + 1 FROM (VALUES ",
            vec![organisation.into(), now.into()],
            rows,
            ") AS v WHERE memberships.organisation_id = $1 AND memberships.id = v.column1 \
             AND memberships.version = v.column2",
        )
        .await?;
        let ids: Vec<MembershipId> = rows.iter().map(|(id, _)| *id).collect();
        for chunk in list::chunks(&ids) {
            list::around(
                "UPDATE role_seats SET membership_id = NULL \
                 WHERE organisation_id = $1 AND membership_id IN (",
                vec![organisation.into()],
                chunk,
                ")",
            )
            .execute(self)
            .await?;
        }
        Ok(())
    }

    /// Replaces the words by which a member is found.
    pub async fn replace_words(
        &mut self,
        organisation: OrganisationId,
        membership: MembershipId,
        words: &[String],
    ) -> Result<()> {
        sql("DELETE FROM membership_words WHERE organisation_id = $1 AND membership_id = $2")
            .bind(organisation)
            .bind(membership)
            .execute(self)
            .await?;
        sql("UPDATE memberships SET initials = 0 WHERE organisation_id = $1 AND id = $2")
            .bind(organisation)
            .bind(membership)
            .execute(self)
            .await?;
        self.insert_words(organisation, &[(membership, words.to_vec())])
            .await
    }

    /// Adds the words by which members are found.
    pub async fn insert_words(
        &mut self,
        organisation: OrganisationId,
        members: &[(MembershipId, Vec<String>)],
    ) -> Result<()> {
        let rows = members
            .iter()
            .flat_map(|(membership, words)| {
                words.iter().map(move |word| {
                    vec![
                        organisation.into(),
                        word.clone().into(),
                        (*membership).into(),
                    ]
                })
            })
            .collect();
        insert_many(
            self,
            "INSERT INTO membership_words (organisation_id, word, membership_id)",
            rows,
            "ON CONFLICT DO NOTHING",
        )
        .await?;
        self.add_initials(organisation, members).await
    }

    /// Notes the first letters of new words with their members.
    async fn add_initials(
        &mut self,
        organisation: OrganisationId,
        members: &[(MembershipId, Vec<String>)],
    ) -> Result<()> {
        const MEMBERS_PER_STATEMENT: usize = 500;
        for chunk in members.chunks(MEMBERS_PER_STATEMENT) {
            let mut text =
                "UPDATE memberships SET initials = initials | v.column2 FROM (VALUES ".to_owned();
            let mut arguments: Vec<Arg> = vec![organisation.into()];
            for (membership, words) in chunk {
                text.push_str(if arguments.len() == 1 { "" } else { ", " });
                arguments.push((*membership).into());
                text.push_str("($");
                text.push_str(&arguments.len().to_string());
                arguments.push(initials(words.iter().map(String::as_str)).into());
                text.push_str(", $");
                text.push_str(&arguments.len().to_string());
                text.push(')');
            }
            text.push_str(
                ") AS v WHERE memberships.organisation_id = $1 AND memberships.id = v.column1",
            );
            assembled(text, arguments).execute(self).await?;
        }
        Ok(())
    }
}
