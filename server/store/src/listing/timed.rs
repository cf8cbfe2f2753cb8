//! Filters by dates: who has not signed in for some time, whose role ends soon. Nothing is kept about them,
//! because they change with the time; how many there are is looked up before a way to them is chosen.

use chrono::{DateTime, Utc};
use domain::listing::UsersSort;

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
    /// Entries of the index between the dates, as far as they were counted.
    pub entries: i64,
    /// Members among them with one of the statuses.
    pub members: i64,
    /// Only where there are too many to be counted.
    pub sample: Option<Sample>,
}

/// Some members, the first by name.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(super) struct Sample {
    /// All that were looked at.
    pub all: i64,
    /// Between the dates, whatever their status.
    pub between: i64,
    /// With one of the statuses.
    pub seen: i64,
    /// Both.
    pub left: i64,
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
        if plan == Plan::Order && query.sort == UsersSort::LastSignIn && !both {
            self.not_signed_in(query, plan);
            return;
        }
        // Said in a way that no index answers: SQLite would leave the one that it is to walk along.
        self.add("CASE WHEN ");
        self.not_signed_in(query, plan);
        self.add(" THEN 1 ELSE 0 END = 1");
    }

    pub(super) fn not_signed_in(&mut self, query: &MemberQuery, plan: Plan) {
        let column = match plan {
            Plan::Facets(_) | Plan::OrderOf(_) => "f.last_signed_in_at",
            _ => "m.last_signed_in_at",
        };
        self.add("(");
        if query.never_signed_in {
            self.add(column);
            self.add(" IS NULL");
        }
        if let Some(until) = query.signed_in_until {
            self.add(if query.never_signed_in { " OR " } else { "" });
            self.add(column);
            self.add(" <= ");
            self.bind(until);
        }
        self.add(")");
    }

    /// Some assignment of a member ends soon, and may be known of.
    pub(super) fn some_ending(&mut self, query: &MemberQuery, until: DateTime<Utc>, plan: Plan) {
        // Said in a way that no index answers: SQLite would go by the dates, for each member.
        self.add("EXISTS (SELECT 1 FROM role_assignments e WHERE e.organisation_id = $1 AND e.membership_id = ");
        self.add(member(plan));
        self.add(" AND CASE WHEN ");
        self.ending(query, until);
        self.add(" THEN 1 ELSE 0 END = 1");
        self.add(ONE_BY_ONE);
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

    /// Asks a sample how many are between the dates.
    fn sample(query: &MemberQuery, condition: impl Fn(&mut Self)) -> Self {
        let stored = query.perhaps_stored();
        let mut pieces = Self::new(query, "SELECT count(*) AS \"all\", count(CASE WHEN ");
        condition(&mut pieces);
        pieces.add(" THEN 1 END) AS \"between\", count(CASE WHEN ");
        pieces.other_than_stored(&stored, "m.status");
        pieces.add(" THEN 1 END) AS seen, count(CASE WHEN ");
        pieces.other_than_stored(&stored, "m.status");
        pieces.add(" AND ");
        condition(&mut pieces);
        pieces.add(
            " THEN 1 END) AS \"left\" FROM (SELECT m.id, m.status, m.last_signed_in_at \
             FROM memberships m WHERE m.organisation_id = $1 ORDER BY m.sort_name, m.id LIMIT ",
        );
        pieces.bind(SAMPLE);
        pieces.add(") m");
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
            dated.signed_in = Some(self.count_not_signed_in(query, most).await?);
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
            pieces.not_signed_in(&one, Plan::SignedIn);
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
            let condition = |pieces: &mut Pieces| pieces.not_signed_in(query, Plan::Order);
            Some(
                Pieces::sample(query, condition)
                    .sql()
                    .fetch_one(self)
                    .await?,
            )
        };
        Ok(Left {
            entries,
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
            let condition = |pieces: &mut Pieces| pieces.some_ending(query, until, Plan::Order);
            Some(
                Pieces::sample(query, condition)
                    .sql()
                    .fetch_one(self)
                    .await?,
            )
        };
        Ok(Left {
            entries: row.seen,
            members: row.left,
            sample,
        })
    }
}
