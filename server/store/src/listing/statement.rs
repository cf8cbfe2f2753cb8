//! The statements of the list, from constant pieces.

use domain::{
    id::MembershipId,
    listing::{Direction, UsersSort},
};
use uuid::Uuid;

use super::{
    MOST_COUNTED, MemberQuery,
    plan::{Chosen, Facets, MOST_GATHERED, Plan},
};
use crate::{
    Dialect, Result, Tx,
    sql::{Arg, Sql, assembled, sql},
};

#[derive(sqlx::FromRow)]
struct CountRow {
    count: i64,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    #[sqlx(try_from = "Uuid")]
    id: MembershipId,
    #[sqlx(default)]
    total: i64,
}

/// Ends a `SELECT DISTINCT ... FROM (SELECT ...`. Nobody is left out by it. It is there because
/// SQLite would otherwise read everybody from another index to find the different ones.
const NO_LIMIT: &str = " LIMIT 1000000000) x";

/// A statement being put together. `$1` is the organisation.
pub(super) struct Pieces {
    text: String,
    arguments: Vec<Arg>,
}

impl Pieces {
    pub(super) fn new(query: &MemberQuery, text: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            arguments: vec![query.organisation.into()],
        }
    }

    pub(super) fn add(&mut self, piece: &'static str) {
        self.text.push_str(piece);
    }

    pub(super) fn bind(&mut self, argument: impl Into<Arg>) {
        self.arguments.push(argument.into());
        self.text.push('$');
        self.text.push_str(&self.arguments.len().to_string());
    }

    /// `($2, $3)`.
    pub(super) fn bind_all(&mut self, values: Vec<Uuid>) {
        for (index, value) in values.into_iter().enumerate() {
            self.add(if index == 0 { "(" } else { ", " });
            self.bind(value);
        }
        self.add(")");
    }

    pub(super) fn sql(self) -> Sql {
        assembled(self.text, self.arguments)
    }

    /// The words between a beginning and the first that can no longer begin with it.
    pub(super) fn begins(&mut self, word: &str) {
        self.add("w.word >= ");
        self.bind(word);
        self.add(" AND w.word < ");
        self.bind(format!("{word}\u{10ffff}"));
    }

    /// `ORDER BY`, by the columns of an index or of what was found.
    fn order(&mut self, sort: UsersSort, direction: Direction, from: From) {
        self.add(" ORDER BY ");
        self.add(match (from, sort) {
            (From::Found, _) => "k",
            (From::Members, UsersSort::Name) => "m.sort_name",
            (From::Members, UsersSort::LastSignIn) => "m.last_signed_in_at",
            (From::Members, UsersSort::Invited) => "m.invited_at",
        });
        // Whoever has no date comes before the oldest, in both directions and both databases.
        let dated = sort != UsersSort::Name;
        self.add(match (direction, dated) {
            (Direction::Ascending, true) => " ASC NULLS FIRST, ",
            (Direction::Ascending, false) => " ASC, ",
            (Direction::Descending, true) => " DESC NULLS LAST, ",
            (Direction::Descending, false) => " DESC, ",
        });
        self.add(match from {
            From::Found => "id",
            From::Members => "m.id",
        });
        self.add(match direction {
            Direction::Ascending => " ASC",
            Direction::Descending => " DESC",
        });
    }

    fn limit(&mut self, limit: i64, offset: i64) {
        self.add(" LIMIT ");
        self.bind(limit);
        self.add(" OFFSET ");
        self.bind(offset);
    }

    /// Everybody who matches, as `id` and sort key `k`; to be put in order of `direction`. What leaves
    /// out most for least comes first.
    fn found(&mut self, query: &MemberQuery, plan: Plan, direction: Direction) {
        if let Plan::Facets(facets) | Plan::OrderOf(facets) = plan {
            return self.found_along(query, plan, facets, direction);
        }
        self.add(match query.sort {
            UsersSort::Name => "SELECT m.id, m.sort_name AS k FROM ",
            UsersSort::LastSignIn => "SELECT m.id, m.last_signed_in_at AS k FROM ",
            UsersSort::Invited => "SELECT m.id, m.invited_at AS k FROM ",
        });
        if let Plan::Words(chosen) = plan {
            self.add("(");
            self.with_words(query, chosen);
            // SQLite makes a cross join in the order in which it is written.
            self.add(") c CROSS JOIN memberships m WHERE m.organisation_id = $1 AND m.id = c.id");
        } else if let Some(until) = query.ends_until.filter(|_| plan == Plan::Ending) {
            self.add(
                "(SELECT DISTINCT id FROM (SELECT e.membership_id AS id FROM role_assignments e WHERE ",
            );
            self.ending(query, until);
            self.add(NO_LIMIT);
            self.add(") c CROSS JOIN memberships m WHERE m.organisation_id = $1 AND m.id = c.id");
        } else {
            self.add("memberships m WHERE m.organisation_id = $1");
        }
        if let Plan::Person(id) = plan {
            self.add(" AND m.id = ");
            self.bind(id);
        }
        if plan == Plan::SignedIn {
            self.add(" AND ");
            self.not_signed_in(query, plan);
        }
        self.letters(query, plan);
        self.status(query, plan);
        self.filters(query, plan);
    }

    /// The ids of whoever has all of the chosen words.
    fn with_words(&mut self, query: &MemberQuery, chosen: Chosen) {
        self.add("SELECT DISTINCT id FROM (");
        let mut several = false;
        for (index, word) in query.words.iter().enumerate() {
            if chosen.has(index) {
                self.add(if several { " INTERSECT " } else { "" });
                self.add("SELECT w.membership_id AS id FROM membership_words w WHERE w.organisation_id = $1 AND ");
                self.begins(word);
                several = true;
            }
        }
        self.add(NO_LIMIT);
    }

    /// Everybody who matches among those with a facet, who are kept in order of name with what is
    /// mostly asked for. Only what is not kept there is looked up.
    fn found_along(
        &mut self,
        query: &MemberQuery,
        plan: Plan,
        facets: Facets,
        direction: Direction,
    ) {
        let keys = facets.keys(query);
        if plan.walks() {
            let several = keys.len() > 1;
            for (index, key) in keys.iter().enumerate() {
                self.add(if index == 0 { "" } else { " UNION ALL " });
                self.add(if several { "SELECT * FROM (" } else { "" });
                self.along(query, plan, facets, vec![*key]);
                if index > 0 {
                    self.add(" AND NOT ");
                    self.facet(plan, keys[..index].to_vec());
                }
                if several {
                    // Told that each comes in order, both databases merge them.
                    self.order(query.sort, direction, From::Found);
                    self.add(") f");
                }
            }
        } else if let [_] = keys[..]
            && !facets.has_none_too(query)
        {
            self.along(query, plan, facets, keys);
        } else {
            // Whoever has several of them is there several times.
            self.add("SELECT DISTINCT id, k FROM (");
            self.along(query, plan, facets, keys);
            self.add(NO_LIMIT);
        }
    }

    fn along(&mut self, query: &MemberQuery, plan: Plan, facets: Facets, keys: Vec<Uuid>) {
        let timed = query.stored().is_none();
        let looked_up = timed || query.sort == UsersSort::Invited;
        self.add(match query.sort {
            UsersSort::Name => "SELECT f.membership_id AS id, f.sort_name AS k FROM ",
            UsersSort::LastSignIn => "SELECT f.membership_id AS id, f.last_signed_in_at AS k FROM ",
            UsersSort::Invited => "SELECT f.membership_id AS id, m.invited_at AS k FROM ",
        });
        if facets.has_none_too(query) {
            // Facets do not know that the last role of a member has ended.
            self.add("(SELECT f.membership_id, f.sort_name, f.initials, f.status, f.last_signed_in_at FROM membership_facets f WHERE f.organisation_id = $1 AND f.key IN ");
            self.bind_all(keys);
            self.add(
                " UNION ALL SELECT e.membership_id, o.sort_name, o.initials, o.status, o.last_signed_in_at \
                 FROM role_assignments e CROSS JOIN memberships o \
                 WHERE e.organisation_id = $1 AND e.ends_at <= ",
            );
            self.bind(query.now);
            self.add(" AND o.organisation_id = $1 AND o.id = e.membership_id AND ");
            self.without_role(query, "e.membership_id");
            self.add(") f");
            self.add(if looked_up {
                " CROSS JOIN memberships m WHERE "
            } else {
                " WHERE "
            });
        } else {
            self.add("membership_facets f");
            self.add(if looked_up {
                " CROSS JOIN memberships m"
            } else {
                ""
            });
            self.add(" WHERE f.organisation_id = $1 AND f.key IN ");
            self.bind_all(keys);
            self.add(" AND ");
        }
        self.other_than_stored(&query.perhaps_stored(), "f.status");
        self.letters(query, plan);
        self.filters(query, plan);
        if looked_up {
            self.add(" AND m.organisation_id = $1 AND m.id = f.membership_id");
        }
        if timed {
            self.status(query, plan);
        }
    }
}

/// What a statement orders.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Members,
    Found,
}

impl Tx {
    /// For each word, how many entries of the index begin with it, up to one more than matters.
    pub(super) async fn count_beginnings(&mut self, query: &MemberQuery) -> Result<Vec<i64>> {
        if query.person.is_some() || query.words.is_empty() {
            return Ok(Vec::new());
        }
        let mut pieces = Pieces::new(query, "");
        for (index, word) in query.words.iter().enumerate() {
            pieces.add(if index == 0 { "" } else { " UNION ALL " });
            pieces.add("SELECT count(*) AS count FROM (SELECT 1 FROM membership_words w WHERE w.organisation_id = $1 AND ");
            pieces.begins(word);
            pieces.add(" LIMIT ");
            pieces.bind(MOST_GATHERED + 1);
            pieces.add(") x");
        }
        let rows: Vec<CountRow> = pieces.sql().fetch_all(self).await?;
        Ok(rows.into_iter().map(|row| row.count).collect())
    }

    /// PostgreSQL is told to take the way that was chosen: it knows less about how many match, and
    /// would look at everybody. Holds to the end of the transaction.
    async fn insist(&mut self, plan: Plan) -> Result<()> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(());
        }
        sql("SELECT set_config('enable_seqscan', 'off', true), \
             set_config('enable_bitmapscan', 'off', true), \
             set_config('enable_hashjoin', 'off', true), \
             set_config('enable_mergejoin', 'off', true), \
             set_config('enable_sort', CASE WHEN $1 = 1 THEN 'off' ELSE 'on' END, true)")
        .bind(i64::from(plan.walks()))
        .execute(self)
        .await?;
        Ok(())
    }

    /// The members of a page in order, and how many match (counted up to one more than
    /// [`MOST_COUNTED`], or the end of the page, along an order; 0 when the page is empty and nothing is known).
    pub(super) async fn member_ids(
        &mut self,
        query: &MemberQuery,
        plan: Plan,
        known: Option<i64>,
        offset: u32,
    ) -> Result<(Vec<MembershipId>, i64)> {
        self.insist(plan).await?;
        let (offset, limit) = (i64::from(offset), i64::from(query.limit));
        let from = match plan {
            Plan::OrderOf(_) => From::Found,
            _ => From::Members,
        };
        if let Some(total) = known.filter(|_| plan.walks()) {
            let rows = limit.min(total - offset);
            if rows <= 0 {
                return Ok((Vec::new(), total));
            }
            // The second half is nearer from the other end.
            let from_the_end = offset > total / 2;
            let (direction, offset) = if from_the_end {
                (query.direction.reversed(), total - offset - rows)
            } else {
                (query.direction, offset)
            };
            let mut pieces = Pieces::new(query, "");
            pieces.found(query, plan, direction);
            pieces.order(query.sort, direction, from);
            pieces.limit(rows, offset);
            let rows: Vec<IdRow> = pieces.sql().fetch_all(self).await?;
            let mut ids: Vec<MembershipId> = rows.into_iter().map(|row| row.id).collect();
            if from_the_end {
                ids.reverse();
            }
            return Ok((ids, total));
        }
        let mut pieces = Pieces::new(query, "WITH found AS MATERIALIZED (");
        pieces.found(query, plan, query.direction);
        if plan.walks() {
            pieces.order(query.sort, query.direction, from);
            pieces.add(" LIMIT ");
            pieces.bind((offset + limit).max(i64::from(MOST_COUNTED)) + 1);
        }
        pieces.add(") SELECT id, (SELECT count(*) FROM found) AS total FROM found");
        pieces.order(query.sort, query.direction, From::Found);
        pieces.limit(limit, offset);
        let rows: Vec<IdRow> = pieces.sql().fetch_all(self).await?;
        let total = rows.first().map_or(0, |row| row.total);
        Ok((rows.into_iter().map(|row| row.id).collect(), total))
    }
}
