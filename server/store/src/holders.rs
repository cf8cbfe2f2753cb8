//! Who has a role, and who holds the places of one that is limited.

use chrono::{DateTime, Utc};
use domain::{
    MembershipStatus,
    id::{AreaId, MembershipId, OrganisationId, RoleId, UserId},
};
use uuid::Uuid;

use crate::{
    Result, Tx,
    memberships::member_names,
    sql::{Arg, Keyed, assembled},
};

/// Somebody who has a role now, or is invited to it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct RoleHolderRow {
    /// The member.
    #[sqlx(try_from = "Uuid")]
    pub membership_id: MembershipId,
    /// The person.
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    /// First name; empty until they registered.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Address.
    pub email: String,
    /// Active or Pending.
    #[sqlx(try_from = "Keyed")]
    pub status: MembershipStatus,
    /// When the link of their invitation ends.
    pub invitation_expires_at: Option<DateTime<Utc>>,
    /// When their invitation could not be delivered.
    pub delivery_failed_at: Option<DateTime<Utc>>,
}

/// How many people have a role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct RoleCountRow {
    /// Active members who have it now.
    pub active: i64,
    /// Those who are invited to it by a link that works.
    pub invited: i64,
}

const COLUMNS: &str = concat!(
    "m.id AS membership_id, m.user_id, ",
    member_names!(),
    ", u.email, m.status, m.invitation_expires_at, m.delivery_failed_at"
);

/// Those who count, as for seats: Active, and Pending with a link that works.
const COUNTS: &str = "(m.status = 'active' \
     OR (m.status = 'pending' AND m.invitation_expires_at > $3))";

/// Members are found by what the list filters by, in its order.
const LISTED: &str = "f.organisation_id = $1 AND f.key = $2";

/// Of a member `m`: the role holds now. What follows narrows the assignments.
const HOLDS: &str = "EXISTS (SELECT 1 FROM role_assignments a WHERE a.organisation_id = $1 \
     AND a.membership_id = m.id AND a.role_id = $2 \
     AND (a.starts_at IS NULL OR a.starts_at <= $3) \
     AND (a.ends_at IS NULL OR a.ends_at > $3)";

impl Tx {
    /// How many people have a role, anywhere.
    pub async fn count_role(
        &mut self,
        organisation: OrganisationId,
        role: RoleId,
        now: DateTime<Utc>,
    ) -> Result<RoleCountRow> {
        // Nearly everybody holds their role now. Counting those who do not is quick, even where a
        // hundred thousand do.
        let text = format!(
            "SELECT (SELECT count(*) FROM membership_facets f WHERE {LISTED} AND f.status = 'active') \
               - (SELECT count(*) FROM (\
                    SELECT a.membership_id AS id FROM role_assignments a \
                    WHERE a.organisation_id = $1 AND a.ends_at <= $3 AND a.role_id = $2 \
                    UNION SELECT a.membership_id FROM role_assignments a \
                    WHERE a.organisation_id = $1 AND a.starts_at > $3 AND a.role_id = $2) x \
                  JOIN memberships m ON m.organisation_id = $1 AND m.id = x.id \
                  WHERE m.status = 'active' AND NOT {HOLDS})) AS active, \
               (SELECT count(*) FROM membership_facets f CROSS JOIN memberships m \
                WHERE {LISTED} AND f.status = 'pending' AND m.organisation_id = $1 \
                  AND m.id = f.membership_id AND m.invitation_expires_at > $3 \
                  AND {HOLDS})) AS invited"
        );
        let arguments = vec![organisation.into(), role.into(), now.into()];
        assembled(text, arguments).fetch_one(self).await
    }

    /// People who have a role in the whole organisation or in one of `areas` (none: wherever they
    /// have it), by name, at the most `most` of them.
    pub async fn role_holders(
        &mut self,
        organisation: OrganisationId,
        role: RoleId,
        areas: &[AreaId],
        now: DateTime<Utc>,
        most: i64,
    ) -> Result<Vec<RoleHolderRow>> {
        let mut arguments: Vec<Arg> =
            vec![organisation.into(), role.into(), now.into(), most.into()];
        let numbers: Vec<String> = (5..5 + areas.len())
            .map(|number| format!("${number}"))
            .collect();
        arguments.extend(areas.iter().map(|area| Arg::from(*area)));
        let reach = if areas.is_empty() {
            String::new()
        } else {
            format!(" AND a.area_id IN ({})", numbers.join(", "))
        };
        let text = format!(
            "SELECT {COLUMNS} FROM membership_facets f CROSS JOIN memberships m \
             CROSS JOIN users u WHERE {LISTED} AND f.status IN ('active', 'pending') \
               AND m.organisation_id = $1 AND m.id = f.membership_id AND {COUNTS} \
               AND {HOLDS}{reach}) AND u.id = m.user_id \
             ORDER BY f.sort_name, f.membership_id LIMIT $4"
        );
        assembled(text, arguments).fetch_all(self).await
    }

    /// Who holds the places of a limited role, by name (J25).
    pub async fn seat_holders(
        &mut self,
        organisation: OrganisationId,
        role: RoleId,
        now: DateTime<Utc>,
    ) -> Result<Vec<RoleHolderRow>> {
        let text = format!(
            "SELECT {COLUMNS} FROM role_seats s CROSS JOIN memberships m CROSS JOIN users u \
             WHERE s.organisation_id = $1 AND s.role_id = $2 AND m.organisation_id = $1 \
               AND m.id = s.membership_id AND u.id = m.user_id AND {COUNTS} \
               AND NOT {} \
             ORDER BY m.sort_name, m.id",
            crate::seats::ended("$3")
        );
        let arguments = vec![organisation.into(), role.into(), now.into()];
        assembled(text, arguments).fetch_all(self).await
    }
}
