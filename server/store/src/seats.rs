//! Seats: the limited places of a role. A seat is claimed by an update that must touch exactly one
//! row; counting first and inserting afterwards lets two people take the last place (R70).

use chrono::{DateTime, Utc};
use domain::id::{MembershipId, OrganisationId, RoleId};
use uuid::Uuid;

use crate::{
    Result, Tx,
    sql::{assembled, insert_many, sql},
};

#[derive(sqlx::FromRow)]
struct UsedRow {
    #[sqlx(try_from = "Uuid")]
    role_id: RoleId,
    used: i64,
}

/// Holders who no longer count: an invitation that ran out or was cancelled, a person who was
/// deactivated. Active and Pending hold their seat.
const LAPSED: &str = "EXISTS (SELECT 1 FROM memberships m \
     WHERE m.organisation_id = s.organisation_id AND m.id = s.membership_id \
       AND (m.status IN ('inactive', 'cancelled') \
            OR (m.status = 'pending' AND m.invitation_expires_at <= $3)))";

/// Whether a holder's role has had its last day (R69): at `now`, a placeholder. Whoever has no
/// assignment at all is only just getting one.
pub(crate) fn ended(now: &str) -> String {
    let some = |end: &str| {
        format!(
            "EXISTS (SELECT 1 FROM role_assignments a \
             WHERE a.organisation_id = s.organisation_id AND a.membership_id = s.membership_id \
               AND a.role_id = s.role_id AND {end})"
        )
    };
    format!(
        "({} AND NOT {})",
        some(&format!("a.ends_at <= {now}")),
        some(&format!("(a.ends_at IS NULL OR a.ends_at > {now})"))
    )
}

impl Tx {
    /// Makes the seats of a role, numbered from 1.
    pub async fn insert_seats(
        &mut self,
        organisation: OrganisationId,
        role: RoleId,
        count: i64,
    ) -> Result<()> {
        let rows = (1..=count)
            .map(|number| vec![organisation.into(), role.into(), number.into()])
            .collect();
        insert_many(
            self,
            "INSERT INTO role_seats (organisation_id, role_id, seat_number)",
            rows,
            "",
        )
        .await?;
        Ok(())
    }

    /// Gives a seat of `role` to a member; true when they have one afterwards. Seats of lapsed
    /// holders are free.
    pub async fn claim_seat(
        &mut self,
        organisation: OrganisationId,
        role: RoleId,
        membership: MembershipId,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        let held = sql("UPDATE role_seats SET membership_id = membership_id \
             WHERE organisation_id = $1 AND role_id = $2 AND membership_id = $3")
        .bind(organisation)
        .bind(role)
        .bind(membership)
        .execute(self)
        .await?;
        if held > 0 {
            return Ok(true);
        }
        let ended = ended("$3");
        let text = format!(
            "UPDATE role_seats SET membership_id = $4 \
             WHERE organisation_id = $1 AND role_id = $2 AND seat_number = ( \
                SELECT s.seat_number FROM role_seats s \
                WHERE s.organisation_id = $1 AND s.role_id = $2 \
                  AND (s.membership_id IS NULL OR {LAPSED} OR {ended}) \
                ORDER BY s.seat_number LIMIT 1{})",
            self.dialect().skip_locked()
        );
        let arguments = vec![
            organisation.into(),
            role.into(),
            now.into(),
            membership.into(),
        ];
        Ok(assembled(text, arguments).execute(self).await? == 1)
    }

    /// Frees the seat that a member has of `role`, if any.
    pub async fn release_seat(
        &mut self,
        organisation: OrganisationId,
        role: RoleId,
        membership: MembershipId,
    ) -> Result<u64> {
        sql("UPDATE role_seats SET membership_id = NULL \
             WHERE organisation_id = $1 AND role_id = $2 AND membership_id = $3")
        .bind(organisation)
        .bind(role)
        .bind(membership)
        .execute(self)
        .await
    }

    /// Frees every seat of a member.
    pub async fn release_seats(
        &mut self,
        organisation: OrganisationId,
        membership: MembershipId,
    ) -> Result<u64> {
        sql("UPDATE role_seats SET membership_id = NULL \
             WHERE organisation_id = $1 AND membership_id = $2")
        .bind(organisation)
        .bind(membership)
        .execute(self)
        .await
    }

    /// How many seats of each limited role are held by somebody who counts.
    pub async fn seats_used(
        &mut self,
        organisation: OrganisationId,
        now: DateTime<Utc>,
    ) -> Result<Vec<(RoleId, i64)>> {
        let ended = ended("$2");
        let text = format!(
            "SELECT s.role_id, count(m.id) AS used FROM role_seats s \
             LEFT JOIN memberships m ON m.organisation_id = s.organisation_id \
               AND m.id = s.membership_id \
               AND (m.status = 'active' \
                    OR (m.status = 'pending' AND m.invitation_expires_at > $2)) \
               AND NOT {ended} \
             WHERE s.organisation_id = $1 GROUP BY s.role_id"
        );
        let arguments = vec![organisation.into(), now.into()];
        let rows: Vec<UsedRow> = assembled(text, arguments)
            .kept_when(true)
            .fetch_all(self)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.role_id, row.used))
            .collect())
    }
}
