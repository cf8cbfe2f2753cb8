//! What an organisation's home shows: counts of what needs attention, who holds a role, what
//! happened last.

use chrono::{DateTime, Utc};
use domain::id::{AreaId, MembershipId, OrganisationId, RoleId};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Result, Tx,
    sql::{Arg, MaybeId, assembled, list, sql},
};

/// How many of the newest events are looked through for those wanted: more than a bulk send writes.
const LOOKED_THROUGH: i64 = 25_000;

/// What needs attention, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct AttentionRow {
    /// Invitations whose link works now and ends soon.
    pub ending: i64,
    /// Invitations whose link has ended.
    pub expired: i64,
    /// Invitations that could not be delivered and have not ended.
    pub email_failed: i64,
}

/// Somebody who has a role now.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct HolderRow {
    /// The member.
    #[sqlx(try_from = "Uuid")]
    pub membership_id: MembershipId,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Their address.
    pub email: String,
    /// Where the role holds; empty: in the whole organisation.
    #[sqlx(try_from = "MaybeId")]
    pub area_id: Option<AreaId>,
}

/// An audit event as a list shows it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ActivityRow {
    /// What happened; a key of `domain::audit`.
    pub kind: String,
    /// Who did it, by their name at the time.
    pub actor_name: String,
    /// Whom it is about, by their name at the time.
    pub subject_name: String,
    /// What was written down with it.
    #[sqlx(json)]
    pub details: Value,
    /// When.
    pub at: DateTime<Utc>,
}

/// Which events are wanted.
#[derive(Clone, Copy, Debug)]
pub struct NewestActivity<'a> {
    /// Whoever did it, and however.
    pub kinds: &'a [&'static str],
    /// Only when it was not done by one of `together`.
    pub one_by_one: &'a [&'static str],
    /// The methods of work on many at once.
    pub together: &'a [&'static str],
}

#[derive(sqlx::FromRow)]
struct CountRow {
    count: i64,
}

impl Tx {
    /// Invitations that need attention at `now`, among the members of the organisation, or among
    /// those who have a role in one of `areas`. "Soon" ends at `soon`.
    pub async fn count_attention(
        &mut self,
        organisation: OrganisationId,
        areas: Option<&[AreaId]>,
        now: DateTime<Utc>,
        soon: DateTime<Utc>,
    ) -> Result<AttentionRow> {
        let arguments: Vec<Arg> = vec![organisation.into(), now.into(), soon.into()];
        let Some(areas) = areas else {
            return sql("SELECT count(CASE WHEN delivery_failed_at IS NULL \
                   AND invitation_expires_at > $2 AND invitation_expires_at <= $3 \
                   THEN 1 END) AS ending, \
                 count(CASE WHEN invitation_expires_at <= $2 THEN 1 END) AS expired, \
                 count(CASE WHEN delivery_failed_at IS NOT NULL \
                   AND (invitation_expires_at IS NULL OR invitation_expires_at > $2) \
                   THEN 1 END) AS email_failed \
                 FROM memberships WHERE organisation_id = $1 AND status = 'pending'")
            .bind(organisation)
            .bind(now)
            .bind(soon)
            .fetch_one(self)
            .await;
        };
        if areas.is_empty() {
            return Ok(AttentionRow::default());
        }
        list::around(
            "SELECT count(CASE WHEN m.delivery_failed_at IS NULL \
               AND m.invitation_expires_at > $2 AND m.invitation_expires_at <= $3 \
               THEN 1 END) AS ending, \
             count(CASE WHEN m.invitation_expires_at <= $2 THEN 1 END) AS expired, \
             count(CASE WHEN m.delivery_failed_at IS NOT NULL \
               AND (m.invitation_expires_at IS NULL OR m.invitation_expires_at > $2) \
               THEN 1 END) AS email_failed \
             FROM memberships m WHERE m.organisation_id = $1 AND m.status = 'pending' \
               AND EXISTS (SELECT 1 FROM role_assignments a \
                 WHERE a.organisation_id = $1 AND a.membership_id = m.id AND a.area_id IN (",
            arguments,
            areas,
            "))",
        )
        .fetch_one(self)
        .await
    }

    /// How many active members have no role that holds at `now` or begins later.
    pub async fn count_without_role(
        &mut self,
        organisation: OrganisationId,
        now: DateTime<Utc>,
    ) -> Result<i64> {
        let row: CountRow = sql("SELECT count(*) AS count FROM (\
               SELECT f.membership_id FROM membership_facets f \
               WHERE f.organisation_id = $1 AND f.key = $3 AND f.status = 'active' \
               UNION ALL \
               SELECT m.id FROM (SELECT DISTINCT membership_id AS id FROM role_assignments \
                                 WHERE organisation_id = $1 AND ends_at <= $2) e \
               JOIN memberships m ON m.organisation_id = $1 AND m.id = e.id \
               WHERE m.status = 'active' AND NOT EXISTS (SELECT 1 FROM role_assignments a \
                 WHERE a.organisation_id = $1 AND a.membership_id = m.id \
                   AND (a.ends_at IS NULL OR a.ends_at > $2))) x")
        .bind(organisation)
        .bind(now)
        .bind(Uuid::nil())
        .fetch_one(self)
        .await?;
        Ok(row.count)
    }

    /// The active members who have one of `roles` at `now`, by name; somebody who has it in
    /// several areas comes several times. At the most `most` rows, whole organisation first.
    pub async fn holders(
        &mut self,
        organisation: OrganisationId,
        roles: &[RoleId],
        now: DateTime<Utc>,
        most: i64,
    ) -> Result<Vec<HolderRow>> {
        if roles.is_empty() {
            return Ok(Vec::new());
        }
        list::around(
            "SELECT m.id AS membership_id, u.first_name, u.last_name, u.email, a.area_id \
             FROM role_assignments a \
             JOIN memberships m ON m.organisation_id = a.organisation_id AND m.id = a.membership_id \
             JOIN users u ON u.id = m.user_id \
             WHERE a.organisation_id = $1 AND m.status = 'active' \
               AND (a.starts_at IS NULL OR a.starts_at <= $2) \
               AND (a.ends_at IS NULL OR a.ends_at > $2) AND a.role_id IN (",
            vec![organisation.into(), now.into(), most.into()],
            roles,
            ") ORDER BY CASE WHEN a.area_id IS NULL THEN 0 ELSE 1 END, m.sort_name, m.id, a.id \
             LIMIT $3",
        )
        .fetch_all(self)
        .await
    }

    /// How many people an organisation has, invited ones too, counted up to `most`.
    pub async fn count_people(&mut self, organisation: OrganisationId, most: i64) -> Result<i64> {
        let row: CountRow = sql("SELECT count(*) AS count FROM (SELECT 1 FROM memberships \
             WHERE organisation_id = $1 AND status <> 'cancelled' LIMIT $2) x")
        .bind(organisation)
        .bind(most)
        .fetch_one(self)
        .await?;
        Ok(row.count)
    }

    /// The newest audit events of these kinds, newest first. Some count only when a person did them, and
    /// not work on many at once, which is an event of its own.
    pub async fn newest_activity(
        &mut self,
        organisation: OrganisationId,
        wanted: &NewestActivity<'_>,
        most: i64,
    ) -> Result<Vec<ActivityRow>> {
        let mut arguments: Vec<Arg> = vec![organisation.into(), LOOKED_THROUGH.into()];
        let mut placeholders = |values: &[&'static str]| {
            let mut text = String::from("(''");
            for value in values {
                arguments.push((*value).into());
                text.push_str(",$");
                text.push_str(&arguments.len().to_string());
            }
            text.push(')');
            text
        };
        let (kinds, one_by_one) = (placeholders(wanted.kinds), placeholders(wanted.one_by_one));
        let together = placeholders(wanted.together);
        arguments.push(most.into());
        let limit = arguments.len();
        // Read from the newest on: nothing here is looked for by another index.
        let text = [
            "SELECT kind, actor_name, subject_name, details, at FROM audit_events \
             WHERE organisation_id = $1 \
               AND sequence > (SELECT coalesce(max(sequence), 0) FROM audit_events \
                 WHERE organisation_id = $1) - $2 \
               AND (kind IN ",
            &kinds,
            " OR (kind IN ",
            &one_by_one,
            " AND method NOT IN ",
            &together,
            ")) ORDER BY sequence DESC LIMIT $",
            &limit.to_string(),
        ]
        .concat();
        assembled(text, arguments).fetch_all(self).await
    }
}
