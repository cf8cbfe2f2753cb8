//! Changes of memberships that can be taken back (ux 6.5): what was before, until when and by whom.

use chrono::{DateTime, Utc};
use domain::{
    id::{ChangeId, MembershipId, MessageId, OrganisationId, UserId},
    membership::ChangedThing,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Result, Tx,
    sql::{Keyed, MaybeId, insert_many, sql},
};

/// A row of `membership_changes`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ChangeRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: ChangeId,
    /// Where.
    #[sqlx(try_from = "Uuid")]
    pub organisation_id: OrganisationId,
    /// Whose membership.
    #[sqlx(try_from = "Uuid")]
    pub membership_id: MembershipId,
    /// What was changed of it.
    #[sqlx(try_from = "Keyed")]
    pub thing: ChangedThing,
    /// What it was.
    #[sqlx(json)]
    pub state_before: Value,
    /// Why, in words; empty where nobody asked.
    pub reason: String,
    /// The email to the person, which may still be held.
    #[sqlx(try_from = "MaybeId")]
    pub message_id: Option<MessageId>,
    /// Who did it.
    #[sqlx(try_from = "MaybeId")]
    pub changed_by: Option<UserId>,
    /// When.
    pub changed_at: DateTime<Utc>,
    /// When it was taken back.
    pub undone_at: Option<DateTime<Utc>>,
}

impl Tx {
    /// Notes changes.
    pub async fn insert_changes(&mut self, rows: &[ChangeRow]) -> Result<()> {
        let rows = rows
            .iter()
            .map(|row| {
                vec![
                    row.id.into(),
                    row.organisation_id.into(),
                    row.membership_id.into(),
                    row.thing.as_str().into(),
                    row.state_before.clone().into(),
                    row.reason.clone().into(),
                    row.message_id.into(),
                    row.changed_by.into(),
                    row.changed_at.into(),
                    row.undone_at.into(),
                ]
            })
            .collect();
        insert_many(
            self,
            "INSERT INTO membership_changes (id, organisation_id, membership_id, thing, \
             state_before, reason, message_id, changed_by, changed_at, undone_at)",
            rows,
            "",
        )
        .await?;
        Ok(())
    }

    /// A change in an organisation.
    pub async fn change(
        &mut self,
        organisation: OrganisationId,
        id: ChangeId,
    ) -> Result<Option<ChangeRow>> {
        sql("SELECT * FROM membership_changes WHERE organisation_id = $1 AND id = $2")
            .bind(organisation)
            .bind(id)
            .fetch_optional(self)
            .await
    }

    /// The newest change of something of a member that was not taken back.
    pub async fn newest_change(
        &mut self,
        organisation: OrganisationId,
        membership: MembershipId,
        thing: ChangedThing,
    ) -> Result<Option<ChangeRow>> {
        sql(
            "SELECT * FROM membership_changes WHERE organisation_id = $1 AND membership_id = $2 \
             AND thing = $3 AND undone_at IS NULL ORDER BY changed_at DESC, id DESC LIMIT 1",
        )
        .bind(organisation)
        .bind(membership)
        .bind(thing.as_str())
        .fetch_optional(self)
        .await
    }

    /// Notes that a change was taken back; false when it was already.
    pub async fn undo_change(
        &mut self,
        organisation: OrganisationId,
        id: ChangeId,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let undone = sql("UPDATE membership_changes SET undone_at = $3 \
             WHERE organisation_id = $1 AND id = $2 AND undone_at IS NULL")
        .bind(organisation)
        .bind(id)
        .bind(now)
        .execute(self)
        .await?;
        Ok(undone == 1)
    }
}
