//! Who matches: the conditions of a statement of the list.

use domain::{MembershipStatus, ShownStatus};
use uuid::Uuid;

use super::{
    MemberQuery,
    initials::{initials, is_initial},
    plan::{Facets, Plan},
    statement::Pieces,
};

/// Ends an `EXISTS`. PostgreSQL would otherwise make a join of it, on guesses about how many match
/// that are far off; so it is answered for one member after the other, from an index.
pub(super) const ONE_BY_ONE: &str = " LIMIT 1 OFFSET 0)";

impl Pieces {
    /// Leaves out who does not match, except for what the plan has seen to.
    pub(super) fn filters(&mut self, query: &MemberQuery, plan: Plan) {
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
        self.signed_in(query, plan);
        if let Some(until) = query.ends_until.filter(|_| plan != Plan::Ending) {
            self.add(" AND ");
            self.some_ending(query, until, plan);
        }
    }

    /// Leaves out who does not have a facet, unless that is seen to.
    fn having(&mut self, query: &MemberQuery, plan: Plan, facets: Facets) {
        let keys = facets.keys(query);
        let seen_to = match plan {
            Plan::Facets(by) | Plan::OrderOf(by) => by == facets,
            _ => false,
        };
        if !seen_to && !facets.has_none_too(query) && !keys.is_empty() {
            self.add(" AND ");
            self.facet(plan, keys);
        }
    }

    /// No role that holds or will.
    pub(super) fn without_role(&mut self, query: &MemberQuery, member: &'static str) {
        self.add("NOT EXISTS (SELECT 1 FROM role_assignments a WHERE a.organisation_id = $1 AND a.membership_id = ");
        self.add(member);
        self.add(" AND (a.ends_at IS NULL OR a.ends_at > ");
        self.bind(query.now);
        self.add(")");
        self.add(ONE_BY_ONE);
    }

    /// The member has one of some facets.
    pub(super) fn facet(&mut self, plan: Plan, keys: Vec<Uuid>) {
        self.add(
            "EXISTS (SELECT 1 FROM membership_facets g WHERE g.organisation_id = $1 \
             AND g.membership_id = ",
        );
        self.add(member(plan));
        self.add(" AND g.key IN ");
        self.bind_all(keys);
        self.add(ONE_BY_ONE);
    }

    pub(super) fn status(&mut self, query: &MemberQuery, plan: Plan) {
        use ShownStatus::{Active, Cancelled, EmailFailed, Expired, Inactive, Pending};
        if let Some(stored) = query.stored() {
            self.add(" AND ");
            if plan == Plan::SignedIn {
                // SQLite would go by the status.
                self.other_than_stored(&stored, "m.status");
            } else {
                self.stored(&stored, "m.status");
            }
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

    /// A status is one of these, said in a way that makes PostgreSQL read an index of facets once and
    /// not once for each.
    pub(super) fn other_than_stored(
        &mut self,
        statuses: &[MembershipStatus],
        column: &'static str,
    ) {
        let others: Vec<MembershipStatus> = MembershipStatus::ALL
            .iter()
            .filter(|status| !statuses.contains(status))
            .copied()
            .collect();
        if others.is_empty() {
            self.add("1 = 1");
        } else {
            self.add("NOT (");
            self.stored(&others, column);
            self.add(")");
        }
    }

    /// Skips whoever has no word with one of the first letters.
    pub(super) fn letters(&mut self, query: &MemberQuery, plan: Plan) {
        if query.person.is_some() || query.words.is_empty() {
            return;
        }
        let mask = initials(query.words.iter().map(String::as_str));
        self.add(match plan {
            Plan::Facets(_) | Plan::OrderOf(_) => " AND (f.initials & ",
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
            let seen_to = matches!(plan, Plan::Words(chosen) if chosen.has(index));
            if seen_to || is_initial(word) {
                continue;
            }
            self.add(" AND EXISTS (SELECT 1 FROM membership_words w WHERE w.organisation_id = $1 AND w.membership_id = ");
            self.add(member(plan));
            self.add(" AND ");
            self.begins(word);
            self.add(ONE_BY_ONE);
        }
    }
}

/// The id of a member in a statement.
pub(super) const fn member(plan: Plan) -> &'static str {
    match plan {
        Plan::Facets(_) | Plan::OrderOf(_) => "f.membership_id",
        Plan::Words(_) | Plan::Ending => "c.id",
        _ => "m.id",
    }
}
