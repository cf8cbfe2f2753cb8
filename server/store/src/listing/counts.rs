//! How many members there are, by status, role and area.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use domain::{
    MembershipStatus, ShownStatus,
    id::{AreaId, OrganisationId},
};
use uuid::Uuid;

use super::{ListReach, MemberCounts};
use crate::{
    Result, Tx,
    sql::{Arg, Keyed, assembled, sql},
};

/// Counts of limited reaches, which take long to make, as long as they are right: until anything
/// that they are made from changes in the organisation, or an invitation expires. Clones share
/// what is kept.
#[derive(Clone, Debug, Default)]
pub struct KeptCounts(Arc<Mutex<ByReach>>);

/// An organisation and some of its areas.
type ByReach = HashMap<(OrganisationId, Vec<AreaId>), Kept>;

/// More reaches than this are not kept.
const MOST_KEPT: usize = 1_000;

#[derive(Clone, Debug)]
struct Kept {
    /// How many changes there had been.
    changes: i64,
    roles: BTreeMap<Uuid, i64>,
    stored: Vec<(MembershipStatus, i64)>,
    pending: PendingRow,
    /// From when on the Pending were counted.
    from: DateTime<Utc>,
    /// When the next of them expires.
    until: Option<DateTime<Utc>>,
}

impl Kept {
    fn is_of(&self, now: DateTime<Utc>) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

impl KeptCounts {
    fn map(&self) -> MutexGuard<'_, ByReach> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, organisation: OrganisationId, areas: &[AreaId], changes: i64) -> Option<Kept> {
        let kept = self.map().get(&(organisation, areas.to_vec())).cloned();
        kept.filter(|kept| kept.changes == changes)
    }

    fn keep(&self, organisation: OrganisationId, areas: &[AreaId], kept: Kept) {
        let mut map = self.map();
        if map.len() >= MOST_KEPT {
            map.clear();
        }
        map.insert((organisation, areas.to_vec()), kept);
    }
}

#[derive(sqlx::FromRow)]
struct TallyRow {
    key: Uuid,
    #[sqlx(try_from = "Keyed")]
    status: MembershipStatus,
    people: i64,
    changes: i64,
}

#[derive(sqlx::FromRow)]
struct StatusRow {
    #[sqlx(try_from = "Keyed")]
    status: MembershipStatus,
    people: i64,
}

#[derive(Clone, Copy, Debug, sqlx::FromRow)]
struct PendingRow {
    expired: i64,
    failed: i64,
}

#[derive(sqlx::FromRow)]
struct EndRow {
    invitation_expires_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    key: Uuid,
    count: i64,
}

/// Up to this many Pending members of an area are looked up one by one.
const FEW: i64 = 1_000;

/// A condition that both counts of the Pending share: whose people.
const IN_REACH: &str = " AND EXISTS (SELECT 1 FROM membership_facets f \
     WHERE f.organisation_id = $1 AND f.membership_id = m.id AND f.key IN ";

/// `($3, $4)`, for arguments that begin with number `first`.
fn placeholders(first: usize, count: usize) -> String {
    let numbers: Vec<String> = (first..first + count)
        .map(|number| format!("${number}"))
        .collect();
    format!("({})", numbers.join(", "))
}

fn uuids(areas: &[AreaId]) -> Vec<Uuid> {
    areas.iter().copied().map(AreaId::uuid).collect()
}

impl Tx {
    /// How many members there are within `reach` at `now`. `kept` is asked first for what takes
    /// long to count.
    pub async fn member_counts(
        &mut self,
        organisation: OrganisationId,
        reach: &ListReach,
        now: DateTime<Utc>,
        kept: &KeptCounts,
    ) -> Result<MemberCounts> {
        let rows: Vec<TallyRow> = sql(
            "SELECT key, status, CAST(sum(people) AS BIGINT) AS people, \
             CAST(sum(changes) AS BIGINT) AS changes FROM membership_tallies \
             WHERE organisation_id = $1 GROUP BY key, status",
        )
        .bind(organisation)
        .fetch_all(self)
        .await?;
        let changes = rows.iter().map(|row| row.changes).sum();
        let mut counts = MemberCounts {
            facets: rows
                .into_iter()
                .map(|row| ((row.key, row.status), row.people))
                .collect(),
            ..MemberCounts::default()
        };
        let (stored, pending) = match reach {
            ListReach::Areas(areas) if areas.is_empty() => return Ok(counts),
            ListReach::Whole => (
                counts.stored(organisation.uuid()),
                self.pending_in(organisation, &[], now).await?,
            ),
            ListReach::Areas(areas) => {
                let found = kept.find(organisation, areas, changes);
                let found = match found {
                    Some(found) if found.is_of(now) => found,
                    old => {
                        let new = self
                            .count_in(organisation, areas, now, &counts, old)
                            .await?;
                        let new = Kept { changes, ..new };
                        kept.keep(organisation, areas, new.clone());
                        new
                    }
                };
                counts.roles = Some(found.roles);
                (found.stored, found.pending)
            }
        };
        for (status, people) in stored {
            let shown = match status {
                MembershipStatus::Active => ShownStatus::Active,
                MembershipStatus::Inactive => ShownStatus::Inactive,
                MembershipStatus::Cancelled => ShownStatus::Cancelled,
                MembershipStatus::Pending => {
                    counts
                        .statuses
                        .insert(ShownStatus::Expired, pending.expired);
                    counts
                        .statuses
                        .insert(ShownStatus::EmailFailed, pending.failed);
                    counts.statuses.insert(
                        ShownStatus::Pending,
                        people - pending.expired - pending.failed,
                    );
                    continue;
                }
            };
            counts.statuses.insert(shown, people);
        }
        Ok(counts)
    }

    /// Counts a limited reach; `old` counts are right but for the Pending.
    async fn count_in(
        &mut self,
        organisation: OrganisationId,
        areas: &[AreaId],
        now: DateTime<Utc>,
        counts: &MemberCounts,
        old: Option<Kept>,
    ) -> Result<Kept> {
        let keys = uuids(areas);
        let (roles, stored) = match (old, &keys[..]) {
            (Some(old), _) => (old.roles, old.stored),
            (None, [area]) => (
                self.roles_in(organisation, &keys).await?,
                counts.stored(*area),
            ),
            (None, _) => (
                self.roles_in(organisation, &keys).await?,
                self.stored_in(organisation, &keys).await?,
            ),
        };
        let pending = match keys[..] {
            [area] if counts.facet(area, MembershipStatus::Pending) <= FEW => {
                self.few_pending_in(organisation, area, now).await?
            }
            _ => self.pending_in(organisation, &keys, now).await?,
        };
        let next: Option<EndRow> = sql("SELECT invitation_expires_at FROM memberships \
             WHERE organisation_id = $1 AND status = 'pending' AND invitation_expires_at > $2 \
             ORDER BY invitation_expires_at LIMIT 1")
        .bind(organisation)
        .bind(now)
        .fetch_optional(self)
        .await?;
        Ok(Kept {
            changes: 0,
            roles,
            stored,
            pending,
            from: now,
            until: next.and_then(|row| row.invitation_expires_at),
        })
    }

    /// Members of several areas, each counted once.
    async fn stored_in(
        &mut self,
        organisation: OrganisationId,
        areas: &[Uuid],
    ) -> Result<Vec<(MembershipStatus, i64)>> {
        let mut arguments: Vec<Arg> = vec![organisation.into()];
        arguments.extend(areas.iter().map(|area| Arg::from(*area)));
        let text = format!(
            "SELECT f.status, count(DISTINCT f.membership_id) AS people FROM membership_facets f \
             WHERE f.organisation_id = $1 AND f.key IN {} GROUP BY f.status",
            placeholders(2, areas.len())
        );
        let rows: Vec<StatusRow> = assembled(text, arguments).fetch_all(self).await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.status, row.people))
            .collect())
    }

    /// Current members of some areas by role, each counted once.
    async fn roles_in(
        &mut self,
        organisation: OrganisationId,
        areas: &[Uuid],
    ) -> Result<BTreeMap<Uuid, i64>> {
        let mut arguments: Vec<Arg> = vec![organisation.into()];
        arguments.extend(areas.iter().map(|area| Arg::from(*area)));
        let text = format!(
            "SELECT g.key, count(DISTINCT g.membership_id) AS count FROM membership_facets f \
             CROSS JOIN membership_facets g CROSS JOIN roles r \
             WHERE f.organisation_id = $1 AND f.key IN {} AND f.status IN ('active', 'pending') \
               AND g.organisation_id = $1 AND g.membership_id = f.membership_id \
               AND r.organisation_id = $1 AND r.id = g.key GROUP BY g.key",
            placeholders(2, areas.len())
        );
        let rows: Vec<KeyRow> = assembled(text, arguments).fetch_all(self).await?;
        Ok(rows.into_iter().map(|row| (row.key, row.count)).collect())
    }

    /// Of the Pending, those whose link has ended and those whose email failed before that.
    async fn pending_in(
        &mut self,
        organisation: OrganisationId,
        areas: &[Uuid],
        now: DateTime<Utc>,
    ) -> Result<PendingRow> {
        let mut arguments: Vec<Arg> = vec![organisation.into(), now.into()];
        arguments.extend(areas.iter().map(|area| Arg::from(*area)));
        let reach = if areas.is_empty() {
            String::new()
        } else {
            format!("{IN_REACH}{})", placeholders(3, areas.len()))
        };
        let text = format!(
            "SELECT (SELECT count(*) FROM memberships m WHERE m.organisation_id = $1 \
                     AND m.status = 'pending' AND m.invitation_expires_at <= $2{reach}) AS expired, \
                    (SELECT count(*) FROM memberships m WHERE m.organisation_id = $1 \
                     AND m.status = 'pending' AND m.delivery_failed_at IS NOT NULL \
                     AND (m.invitation_expires_at IS NULL OR m.invitation_expires_at > $2){reach}) AS failed"
        );
        assembled(text, arguments).fetch_one(self).await
    }

    /// The same for one area with few Pending members: from the area, not from all who expired.
    async fn few_pending_in(
        &mut self,
        organisation: OrganisationId,
        area: Uuid,
        now: DateTime<Utc>,
    ) -> Result<PendingRow> {
        sql(
            "SELECT count(CASE WHEN m.invitation_expires_at <= $3 THEN 1 END) AS expired, \
             count(CASE WHEN m.delivery_failed_at IS NOT NULL \
                         AND (m.invitation_expires_at IS NULL OR m.invitation_expires_at > $3) \
                        THEN 1 END) AS failed \
             FROM membership_facets f CROSS JOIN memberships m \
             WHERE f.organisation_id = $1 AND f.key = $2 AND f.status = 'pending' \
               AND m.organisation_id = $1 AND m.id = f.membership_id",
        )
        .bind(organisation)
        .bind(area)
        .bind(now)
        .fetch_one(self)
        .await
    }
}

impl MemberCounts {
    fn stored(&self, key: Uuid) -> Vec<(MembershipStatus, i64)> {
        MembershipStatus::ALL
            .iter()
            .map(|status| (*status, self.facet(key, *status)))
            .collect()
    }
}
