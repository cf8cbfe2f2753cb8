//! Filters by dates: who has not signed in for some time, whose role ends soon. Nothing is kept about them,
//! because they change with the time; how many there are is looked up before a way to them is chosen.

use chrono::{DateTime, Utc};

use super::{
    MemberQuery,
    conditions::{ONE_BY_ONE, member},
    plan::Plan,
    statement::Pieces,
};
use crate::{Result, Tx};

/// From so many members, the first by name, is estimated.
const SAMPLE: i64 = 400;

/// About how many members a filter by dates leaves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Left {
    /// Entries of the index between the dates; nothing when there are more than were looked at.
    pub entries: Option<i64>,
    /// Of the members with one of the statuses.
    pub members: i64,
    /// Of so many of them that were looked at, members that are left; only where the entries are too many.
    pub sample: Option<(i64, i64)>,
}

/// What is known of the filters by dates; nothing for those that are off.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Dated {
    pub signed_in: Option<Left>,
    pub ending: Option<Left>,
}

#[derive(sqlx::FromRow)]
struct SeenRow {
    seen: i64,
    left: i64,
}

impl MemberQuery {
    /// Whether a filter by the last sign-in is on.
    pub(super) const fn by_sign_in(&self) -> bool {
        self.never_signed_in || self.signed_in_until.is_some()
    }
}

impl Pieces {
    /// Who has not signed in for long enough, unless that is seen to.
    pub(super) fn signed_in(&mut self, query: &MemberQuery, plan: Plan) {
        if !query.by_sign_in() || plan == Plan::SignedIn {
            return;
        }
        self.add(" AND ");
        let both = query.never_signed_in && query.signed_in_until.is_some();
        if plan == Plan::Order && query.sort == domain::listing::UsersSort::LastSignIn && !both {
            self.not_signed_in(query);
            return;
        }
        // Said in a way that no index answers: SQLite would leave the one that it is to walk along.
        self.add("CASE WHEN ");
        self.not_signed_in(query);
        self.add(" THEN 1 ELSE 0 END = 1");
    }

    pub(super) fn not_signed_in(&mut self, query: &MemberQuery) {
        self.add("(");
        if query.never_signed_in {
            self.add("m.last_signed_in_at IS NULL");
        }
        if let Some(until) = query.signed_in_until {
            self.add(if query.never_signed_in { " OR " } else { "" });
            self.add("m.last_signed_in_at <= ");
            self.bind(until);
        }
        self.add(")");
    }

    /// An assignment `e` ends soon, and may be known of.
    pub(super) fn ending(&mut self, query: &MemberQuery, until: DateTime<Utc>) {
        self.between(query, until);
        let within = super::plan::Facets::Reach.keys(query);
        if !within.is_empty() {
            self.add(
                " AND EXISTS (SELECT 1 FROM area_ancestors n WHERE n.organisation_id = $1 \
                 AND n.area_id = e.area_id AND n.ancestor_id IN ",
            );
            self.bind_all(within);
            self.add(ONE_BY_ONE);
        }
    }

    fn between(&mut self, query: &MemberQuery, until: DateTime<Utc>) {
        self.add("e.organisation_id = $1 AND e.ends_at > ");
        self.bind(query.now);
        self.add(" AND e.ends_at <= ");
        self.bind(until);
    }

    /// Of the first members by name, how many have one of the statuses, and of those how many are left.
    fn sample(query: &MemberQuery, condition: impl FnOnce(&mut Self)) -> Self {
        let mut pieces = Self::new(query, "SELECT count(*) AS seen, count(CASE WHEN ");
        condition(&mut pieces);
        pieces.add(
            " THEN 1 END) AS \"left\" FROM (SELECT m.id, m.status, m.last_signed_in_at \
             FROM memberships m WHERE m.organisation_id = $1 ORDER BY m.sort_name, m.id LIMIT ",
        );
        pieces.bind(SAMPLE);
        pieces.add(") m WHERE ");
        pieces.other_than_stored(&query.perhaps_stored(), "m.status");
        pieces
    }
}

impl Tx {
    /// How many members the filters by dates leave, as far as it must be known to choose a way to them. Of
    /// more than `most` it is estimated.
    pub(super) async fn count_dated(&mut self, query: &MemberQuery, most: i64) -> Result<Dated> {
        let mut dated = Dated::default();
        if query.person.is_some() {
            return Ok(dated);
        }
        if query.by_sign_in() {
            dated.signed_in = Some(self.count_not_signed_in(query, 4 * most).await?);
        }
        if let Some(until) = query.ends_until {
            dated.ending = Some(self.count_ending(query, until, most).await?);
        }
        Ok(dated)
    }

    async fn count_not_signed_in(&mut self, query: &MemberQuery, most: i64) -> Result<Left> {
        let alone = |never| MemberQuery {
            never_signed_in: never,
            signed_in_until: query.signed_in_until.filter(|_| !never),
            ..query.clone()
        };
        let (mut entries, mut members) = (0, 0);
        for one in [alone(true), alone(false)] {
            let asked = if one.never_signed_in {
                query.never_signed_in
            } else {
                one.signed_in_until.is_some()
            };
            if !asked {
                continue;
            }
            let mut pieces = Pieces::new(query, "SELECT count(*) AS seen, count(CASE WHEN ");
            pieces.other_than_stored(&query.perhaps_stored(), "x.status");
            pieces.add(
                " THEN 1 END) AS \"left\" FROM (SELECT m.status FROM memberships m \
                 WHERE m.organisation_id = $1 AND ",
            );
            pieces.not_signed_in(&one);
            pieces.add(" LIMIT ");
            pieces.bind(most);
            pieces.add(") x");
            let row: SeenRow = pieces.sql().fetch_one(self).await?;
            entries += row.seen;
            members += row.left;
        }
        let sample = if entries < most {
            None
        } else {
            let pieces = Pieces::sample(query, |pieces| pieces.not_signed_in(query));
            let row: SeenRow = pieces.sql().fetch_one(self).await?;
            Some((row.seen, row.left))
        };
        Ok(Left {
            entries: sample.is_none().then_some(entries),
            members,
            sample,
        })
    }

    async fn count_ending(
        &mut self,
        query: &MemberQuery,
        until: DateTime<Utc>,
        most: i64,
    ) -> Result<Left> {
        let mut pieces = Pieces::new(
            query,
            "SELECT count(*) AS seen, count(*) AS \"left\" FROM (SELECT 1 FROM role_assignments e WHERE ",
        );
        pieces.between(query, until);
        pieces.add(" LIMIT ");
        pieces.bind(most + 1);
        pieces.add(") x");
        let row: SeenRow = pieces.sql().fetch_one(self).await?;
        let sample = if row.seen <= most {
            None
        } else {
            let pieces = Pieces::sample(query, |pieces| {
                pieces.add("EXISTS (SELECT 1 FROM role_assignments e WHERE e.membership_id = ");
                pieces.add(member(Plan::Order));
                pieces.add(" AND ");
                pieces.ending(query, until);
                pieces.add(ONE_BY_ONE);
            });
            let row: SeenRow = pieces.sql().fetch_one(self).await?;
            Some((row.seen, row.left))
        };
        Ok(Left {
            entries: sample.is_none().then_some(row.seen),
            members: row.left,
            sample,
        })
    }
}
