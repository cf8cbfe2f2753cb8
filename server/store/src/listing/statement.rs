//! The statements of the list, from constant pieces.

use domain::{
    MembershipStatus, ShownStatus,
    id::MembershipId,
    listing::{Direction, UsersSort},
};
use uuid::Uuid;

use super::{
    MOST_COUNTED, MemberQuery,
    initials::{initials, is_initial},
    plan::{Facets, MOST_GATHERED, Plan},
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

/// A statement being put together. `$1` is the organisation.
struct Pieces {
    text: String,
    arguments: Vec<Arg>,
}

impl Pieces {
    fn new(query: &MemberQuery, text: &'static str) -> Self {
        Self {
            text: text.to_owned(),
            arguments: vec![query.organisation.into()],
        }
    }

    fn add(&mut self, piece: &'static str) {
        self.text.push_str(piece);
    }

    fn bind(&mut self, argument: impl Into<Arg>) {
        self.arguments.push(argument.into());
        self.text.push('$');
        self.text.push_str(&self.arguments.len().to_string());
    }

    /// `($2, $3)`.
    fn bind_all(&mut self, values: Vec<Uuid>) {
        for (index, value) in values.into_iter().enumerate() {
            self.add(if index == 0 { "(" } else { ", " });
            self.bind(value);
        }
        self.add(")");
    }

    fn sql(self) -> Sql {
        assembled(self.text, self.arguments)
    }

    /// The words between a beginning and the first that can no longer begin with it.
    fn begins(&mut self, word: &str) {
        self.add("w.word >= ");
        self.bind(word);
        self.add(" AND w.word < ");
        self.bind(format!("{word}\u{10ffff}"));
    }

    /// Leaves out who does not match, except for what the plan has seen to. Members are `m`, or
    /// `f` along facets.
    fn filters(&mut self, query: &MemberQuery, plan: Plan) {
        self.letters(query, plan);
        self.words(query, plan);
        if query.without_role && plan != Plan::Facets(Facets::Roles) {
            self.add(" AND (");
            self.without_role(query, member(plan));
            if !query.roles.is_empty() {
                self.add(" OR ");
                let roles = query.roles.iter().map(|role| role.uuid()).collect();
                self.facet(plan, roles);
            }
            self.add(")");
        }
        for facets in Facets::ALL {
            self.having(query, plan, facets);
        }
    }

    /// Leaves out who does not have a facet, unless that is seen to.
    fn having(&mut self, query: &MemberQuery, plan: Plan, facets: Facets) {
        let keys = facets.keys(query);
        let seen_to = match plan {
            Plan::Facets(by) | Plan::OrderOf(by) => by == facets,
            _ => false,
        };
        let has_none_too = facets == Facets::Roles && query.without_role;
        if !seen_to && !has_none_too && !keys.is_empty() {
            self.add(" AND ");
            self.facet(plan, keys);
        }
    }

    /// No role that holds or will.
    fn without_role(&mut self, query: &MemberQuery, member: &'static str) {
        self.add("NOT EXISTS (SELECT 1 FROM role_assignments a WHERE a.organisation_id = $1 AND a.membership_id = ");
        self.add(member);
        self.add(" AND (a.ends_at IS NULL OR a.ends_at > ");
        self.bind(query.now);
        self.add("))");
    }

    /// The member has one of some facets.
    fn facet(&mut self, plan: Plan, keys: Vec<Uuid>) {
        self.add(
            "EXISTS (SELECT 1 FROM membership_facets g WHERE g.organisation_id = $1 \
             AND g.membership_id = ",
        );
        self.add(member(plan));
        self.add(" AND g.key IN ");
        self.bind_all(keys);
        self.add(")");
    }

    fn status(&mut self, query: &MemberQuery) {
        use ShownStatus::{Active, Cancelled, EmailFailed, Expired, Inactive, Pending};
        if let Some(stored) = query.stored() {
            self.add(" AND ");
            self.stored(&stored, "m.status");
            return;
        }
        let has = |status| query.statuses.contains(&status);
        self.add(" AND (");
        for (shown, piece) in [
            (Active, "m.status = 'active' OR "),
            (Inactive, "m.status = 'inactive' OR "),
            (Cancelled, "m.status = 'cancelled' OR "),
        ] {
            if has(shown) {
                self.add(piece);
            }
        }
        // An invitation without an end is never Expired.
        self.add("m.status = 'pending' AND ");
        match (has(Pending), has(Expired), has(EmailFailed)) {
            (true, false, true) => self.not_expired(query),
            (true, false, false) => {
                self.not_expired(query);
                self.add(" AND m.delivery_failed_at IS NULL");
            }
            (false, false, _) => {
                self.not_expired(query);
                self.add(" AND m.delivery_failed_at IS NOT NULL");
            }
            (_, true, _) => {
                self.add("(m.invitation_expires_at <= ");
                self.bind(query.now);
                self.add(match (has(Pending), has(EmailFailed)) {
                    (true, _) => " OR m.delivery_failed_at IS NULL)",
                    (false, true) => " OR m.delivery_failed_at IS NOT NULL)",
                    (false, false) => ")",
                });
            }
        }
        self.add(")");
    }

    fn not_expired(&mut self, query: &MemberQuery) {
        self.add("(m.invitation_expires_at IS NULL OR m.invitation_expires_at > ");
        self.bind(query.now);
        self.add(")");
    }

    /// `m.status IN ('active', 'pending')`; a single one as an equality, which an index can use.
    fn stored(&mut self, statuses: &[MembershipStatus], column: &'static str) {
        self.add(column);
        self.add(if statuses.len() == 1 { " = " } else { " IN (" });
        for (index, status) in statuses.iter().enumerate() {
            if index > 0 {
                self.add(", ");
            }
            self.add(match status {
                MembershipStatus::Pending => "'pending'",
                MembershipStatus::Active => "'active'",
                MembershipStatus::Inactive => "'inactive'",
                MembershipStatus::Cancelled => "'cancelled'",
            });
        }
        if statuses.len() != 1 {
            self.add(")");
        }
    }

    /// Skips whoever has no word with one of the first letters.
    fn letters(&mut self, query: &MemberQuery, plan: Plan) {
        if query.person.is_some() || query.words.is_empty() {
            return;
        }
        let mask = initials(query.words.iter().map(String::as_str));
        self.add(match plan {
            Plan::OrderOf(_) => " AND (f.initials & ",
            _ => " AND (m.initials & ",
        });
        self.bind(mask);
        self.add(") = ");
        self.bind(mask);
    }

    fn words(&mut self, query: &MemberQuery, plan: Plan) {
        if query.person.is_some() {
            return;
        }
        for (index, word) in query.words.iter().enumerate() {
            if plan == Plan::Word(index) || is_initial(word) {
                continue;
            }
            self.add(" AND EXISTS (SELECT 1 FROM membership_words w WHERE w.organisation_id = $1 AND w.membership_id = ");
            self.add(member(plan));
            self.add(" AND ");
            self.begins(word);
            self.add(")");
        }
    }

    /// `ORDER BY`, by the columns of an index or of what was found.
    fn order(&mut self, sort: UsersSort, direction: Direction, from: From) {
        self.add(" ORDER BY ");
        self.add(match (from, sort) {
            (From::Found, _) => "k",
            (From::Facet, _) => "f.sort_name",
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
            From::Facet => "f.membership_id",
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

    /// Everybody who matches, as `id` and sort key `k`, in no order.
    fn found(&mut self, query: &MemberQuery, plan: Plan) {
        if let Plan::OrderOf(facets) = plan {
            return self.found_along(query, plan, facets);
        }
        self.add(match query.sort {
            UsersSort::Name => "SELECT m.id, m.sort_name AS k FROM ",
            UsersSort::LastSignIn => "SELECT m.id, m.last_signed_in_at AS k FROM ",
            UsersSort::Invited => "SELECT m.id, m.invited_at AS k FROM ",
        });
        let gathered = match plan {
            Plan::Word(index) => {
                self.add(
                    "(SELECT DISTINCT id FROM (SELECT w.membership_id AS id \
                     FROM membership_words w WHERE w.organisation_id = $1 AND ",
                );
                self.begins(&query.words[index]);
                true
            }
            Plan::Facets(facets) => {
                self.add(
                    "(SELECT DISTINCT id FROM (SELECT f.membership_id AS id \
                     FROM membership_facets f WHERE f.organisation_id = $1 AND f.key IN ",
                );
                self.bind_all(facets.keys(query));
                if facets == Facets::Roles && query.without_role {
                    self.add(" UNION ALL SELECT e.membership_id FROM role_assignments e WHERE e.organisation_id = $1 AND e.ends_at <= ");
                    self.bind(query.now);
                    self.add(" AND ");
                    self.without_role(query, "e.membership_id");
                }
                true
            }
            Plan::Person(_) | Plan::Statuses | Plan::Order | Plan::OrderOf(_) => false,
        };
        if gathered {
            // Nobody is left out by the limit. It is there because SQLite would otherwise read the
            // ids of everybody from another index to find the different ones. SQLite makes a
            // cross join in the order in which it is written.
            self.add(" LIMIT 1000000000) x) c CROSS JOIN memberships m WHERE m.organisation_id = $1 AND m.id = c.id");
        } else {
            self.add("memberships m WHERE m.organisation_id = $1");
        }
        if let Plan::Person(id) = plan {
            self.add(" AND m.id = ");
            self.bind(id);
        }
        self.status(query);
        self.filters(query, plan);
    }

    /// Everybody who matches, from the facet whose members are kept in order of name.
    fn found_along(&mut self, query: &MemberQuery, plan: Plan, facets: Facets) {
        let stored = query.stored();
        self.add("SELECT f.membership_id AS id, f.sort_name AS k FROM membership_facets f");
        self.add(if stored.is_some() {
            ""
        } else {
            " CROSS JOIN memberships m"
        });
        self.add(" WHERE f.organisation_id = $1 AND f.key IN ");
        self.bind_all(facets.keys(query));
        self.add(" AND ");
        self.stored(&query.perhaps_stored(), "f.status");
        if stored.is_none() {
            self.add(" AND m.organisation_id = $1 AND m.id = f.membership_id");
            self.status(query);
        }
        self.filters(query, plan);
    }
}

/// The id of a member in a statement.
const fn member(plan: Plan) -> &'static str {
    match plan {
        Plan::OrderOf(_) => "f.membership_id",
        _ => "m.id",
    }
}

/// What a statement orders.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Members,
    Facet,
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
    /// [`MOST_COUNTED`] along an order; 0 when the page is empty and nothing is known).
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
            Plan::OrderOf(_) => From::Facet,
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
            pieces.found(query, plan);
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
        pieces.found(query, plan);
        if plan.walks() {
            pieces.order(query.sort, query.direction, from);
            pieces.add(" LIMIT ");
            pieces.bind(i64::from(MOST_COUNTED) + 1);
        }
        pieces.add(") SELECT id, (SELECT count(*) FROM found) AS total FROM found");
        pieces.order(query.sort, query.direction, From::Found);
        pieces.limit(limit, offset);
        let rows: Vec<IdRow> = pieces.sql().fetch_all(self).await?;
        let total = rows.first().map_or(0, |row| row.total);
        Ok((rows.into_iter().map(|row| row.id).collect(), total))
    }
}
