//! Choosing the quickest way to a page, from what is known about how many members match.

use domain::{
    MembershipStatus,
    id::{AreaId, MembershipId, RoleId},
    listing::UsersSort,
};
use uuid::Uuid;

use super::{
    CLINICIAN, ListReach, MOST_COUNTED, MemberCounts, MemberQuery, codes_key,
    initials::{initials, is_initial},
    timed::{Dated, Left},
};

/// A word that begins more entries of the index than this is not gathered by.
pub(super) const MOST_GATHERED: i64 = 4_000;

/// What the steps cost, in microseconds on a small server: the next entry of an index of members
/// or of facets, a member looked up, a word or facet of a member looked up. Only their proportions
/// matter.
const NEXT: f64 = 0.15;
const NEXT_FACET: f64 = 0.2;
const LOOKUP: f64 = 4.0;
const PROBE: f64 = 2.5;
/// Leaving out or sorting what was gathered several times.
const SORT: f64 = 1.0;
/// Another facet to walk along at the same time: PostgreSQL has to plan it.
const BRANCH: f64 = 300.0;
/// More facets than this are not walked along at the same time.
const MOST_BRANCHES: usize = 8;
/// The share of people one of whose words begins with a letter, where more is not known.
const WITH_LETTER: f64 = 0.2;

/// How a page is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// Gathered: this one member.
    Person(MembershipId),
    /// Gathered: the members with words that begin like each of these.
    Words(Chosen),
    /// Gathered: the members with one of these facets, each of whom has what is mostly asked for
    /// beside it.
    Facets(Facets),
    /// Gathered: the members with one of the statuses.
    Statuses,
    /// Gathered: the members who have not signed in for long enough.
    SignedIn,
    /// Gathered: the members with a role that ends soon.
    Ending,
    /// Walked: everybody, along the index of the order.
    Order,
    /// Walked: the members with one of these facets, who are kept in order of name for each.
    OrderOf(Facets),
}

/// Some of the words of a query, by their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chosen(u32);

impl Chosen {
    pub(super) const fn has(self, place: usize) -> bool {
        self.0 >> place & 1 == 1
    }
}

impl Plan {
    /// Whether members come in order, so that the page is full before all are found.
    pub(super) const fn walks(self) -> bool {
        matches!(self, Self::Order | Self::OrderOf(_))
    }
}

/// A condition on facets: any of some keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Facets {
    Roles,
    Areas,
    Reach,
    Codes,
    Clinicians,
}

impl Facets {
    pub(super) const ALL: [Self; 5] = [
        Self::Roles,
        Self::Areas,
        Self::Reach,
        Self::Codes,
        Self::Clinicians,
    ];

    /// Whether those count too who have none: then the keys are not all that is asked for.
    pub(super) const fn has_none_too(self, query: &MemberQuery) -> bool {
        matches!(self, Self::Roles) && query.without_role
    }

    /// The keys; none when there is no such condition. Whoever has no role at all has a key too;
    /// whoever's last role has ended has not.
    pub(super) fn keys(self, query: &MemberQuery) -> Vec<Uuid> {
        let areas = |areas: &[AreaId]| areas.iter().copied().map(AreaId::uuid).collect();
        match self {
            Self::Roles => {
                let roles = query.roles.iter().copied().map(RoleId::uuid);
                roles.chain(query.without_role.then(Uuid::nil)).collect()
            }
            Self::Areas => areas(&query.areas),
            Self::Reach => match &query.reach {
                ListReach::Whole => Vec::new(),
                ListReach::Areas(within) => areas(within),
            },
            Self::Codes => query.codes.iter().copied().map(codes_key).collect(),
            Self::Clinicians => query.clinicians.then_some(CLINICIAN).into_iter().collect(),
        }
    }
}

impl MemberQuery {
    /// How many members match, when what is kept tells.
    pub(super) fn known_total(&self, counts: &MemberCounts) -> Option<i64> {
        if !self.words.is_empty() || self.person.is_some() {
            return None;
        }
        if self.without_role || self.by_sign_in() || self.ends_until.is_some() {
            return None;
        }
        let chosen = |facets: &Facets| *facets != Facets::Reach;
        let keys: Vec<Uuid> = Facets::ALL
            .into_iter()
            .filter(chosen)
            .flat_map(|facets| facets.keys(self))
            .collect();
        let key = match (&self.reach, &keys[..]) {
            (_, []) => {
                let count = |status| counts.statuses.get(status).copied().unwrap_or(0);
                return Some(self.statuses.iter().map(count).sum());
            }
            (ListReach::Whole, [key]) => *key,
            _ => return None,
        };
        let stored = self.stored()?;
        Some(
            stored
                .into_iter()
                .map(|status| counts.facet(key, status))
                .sum(),
        )
    }

    /// The ways to the page with what each costs. `beginnings` says how many entries of the index
    /// begin with each word, counted up to one more than [`MOST_GATHERED`].
    pub(super) fn plans(
        &self,
        counts: &MemberCounts,
        beginnings: &[i64],
        dated: &Dated,
        known: Option<i64>,
    ) -> Vec<(f64, Plan)> {
        if let Some(person) = self.person {
            return vec![(0.0, Plan::Person(person))];
        }
        let everybody = counts.everybody(self.organisation).max(1.0);
        let having = |facets: Facets| -> f64 {
            facets
                .keys(self)
                .into_iter()
                .map(|key| counts.everybody_with(key))
                .sum()
        };
        let conditions: Vec<Facets> = Facets::ALL
            .into_iter()
            .filter(|facets| !facets.keys(self).is_empty())
            .collect();
        let with_status: f64 = self
            .perhaps_stored()
            .into_iter()
            .map(|status| float(counts.facet(self.organisation.uuid(), status)))
            .sum();
        let share = |members: f64| (members / everybody).clamp(1e-6, 1.0);
        let by_words: f64 = beginnings
            .iter()
            .map(|entries| share(float(*entries)))
            .product();
        let by_facets: f64 = conditions
            .iter()
            .map(|facets| share(having(*facets)))
            .product();
        // The share of those with one of the statuses whom a filter by dates leaves.
        let by_date = |left: Option<Left>| left.map_or(1.0, |left| left.share(with_status));
        let (signed_in, ending) = (by_date(dated.signed_in), by_date(dated.ending));
        let dates = signed_in * ending;
        let matching = (everybody * by_words * by_facets * share(with_status) * dates).max(1.0);

        let words = self.words.iter().filter(|word| !is_initial(word)).count();
        let looked_for = words + conditions.len() + usize::from(dated.ending.is_some());
        let probes = |seen_to: usize| float_of(looked_for - seen_to) * PROBE;
        let letters = initials(self.words.iter().map(String::as_str)).count_ones();
        let after_letters = by_words.max(WITH_LETTER.powi(letters.cast_signed()));
        let wanted = match known {
            Some(total) => {
                let offset = i64::from(self.offset);
                float(offset.min((total - offset).max(0)) + i64::from(self.limit))
            }
            None => f64::from(MOST_COUNTED),
        };
        let walk = |along: f64, seen_to: usize, others: f64| {
            let examined = along.min(along * wanted / matching);
            examined * (NEXT + after_letters * signed_in * probes(seen_to) + others)
        };

        let by_name = self.sort == UsersSort::Name;
        let ordered = if by_name && self.perhaps_stored().len() == 1 {
            with_status
        } else {
            everybody
        };
        let mut plans = vec![(walk(ordered, 0, 0.0), Plan::Order)];
        if !by_name {
            plans.push((
                with_status * (SORT + after_letters * probes(0)),
                Plan::Statuses,
            ));
        }
        let looked_up = if self.sort == UsersSort::Invited {
            share(with_status)
        } else if self.stored().is_none() {
            share(float(
                counts.facet(self.organisation.uuid(), MembershipStatus::Pending),
            ))
        } else {
            0.0
        };
        for &facets in &conditions {
            let members = having(facets);
            let each =
                after_letters * signed_in * (SORT + probes(1) + looked_up * by_words * LOOKUP);
            plans.push((members * (NEXT_FACET + each), Plan::Facets(facets)));
            let branches = facets.keys(self).len();
            let whole = !facets.has_none_too(self);
            if by_name && branches <= MOST_BRANCHES && whole {
                let others = after_letters * looked_up * LOOKUP;
                // Whoever has several of them has to be left out again.
                let seen_to = usize::from(branches == 1);
                let cost = walk(members, seen_to, others) + float_of(branches - 1) * BRANCH;
                plans.push((cost, Plan::OrderOf(facets)));
            }
        }
        if let Some((chosen, seen_to, entries, left)) = self.rare_words(beginnings, everybody) {
            let cost = entries * SORT + left * (LOOKUP + probes(seen_to));
            plans.push((cost, Plan::Words(chosen)));
        }
        if let Some(left) = dated.signed_in {
            let entries = left.entries(everybody);
            let found = signed_in * with_status * after_letters;
            let others = if self.sort == UsersSort::Invited {
                LOOKUP
            } else {
                0.0
            };
            let cost = entries * NEXT + found * (SORT + probes(0) + others);
            plans.push((cost, Plan::SignedIn));
        }
        if let Some(left) = dated.ending {
            let cost = left.entries(everybody) * (SORT + LOOKUP + probes(1));
            plans.push((cost, Plan::Ending));
        }
        plans
    }

    /// The words to gather by: the rarest, and those that are quicker compared with it as a whole
    /// than looked up for each of its members. With how many of them need no more looking up, how
    /// many entries of the index they have, and about how many members are left.
    fn rare_words(&self, beginnings: &[i64], everybody: f64) -> Option<(Chosen, usize, f64, f64)> {
        let rarest = *beginnings.iter().min()?;
        if rarest > MOST_GATHERED {
            return None;
        }
        let most = (float(rarest) * PROBE / SORT).min(float(MOST_GATHERED));
        let (mut chosen, mut seen_to, mut sum, mut left) = (Chosen(0), 0, 0.0, everybody);
        for (place, word) in self.words.iter().enumerate() {
            let entries = float(beginnings[place]);
            if beginnings[place] == rarest || entries <= most {
                chosen.0 |= 1 << place;
                seen_to += usize::from(!is_initial(word));
                sum += entries;
                left *= (entries / everybody).min(1.0);
            }
        }
        Some((chosen, seen_to, sum, left))
    }
}

impl Left {
    /// The share of `members` with one of the statuses that is left.
    fn share(self, members: f64) -> f64 {
        let counted = float(self.members) / members.max(1.0);
        let estimated = self
            .sample
            .map_or(0.0, |sample| float(sample.left) / float(sample.seen.max(1)));
        counted.max(estimated).min(1.0)
    }

    /// Entries of the index between the dates, of `everybody`.
    fn entries(self, everybody: f64) -> f64 {
        let estimated = self.sample.map_or(0.0, |sample| {
            everybody * float(sample.between) / float(sample.all.max(1))
        });
        float(self.entries).max(estimated)
    }
}

/// The way that costs least.
pub(super) fn quickest(plans: &[(f64, Plan)]) -> Plan {
    let quickest = plans
        .iter()
        .min_by(|(one, _), (other, _)| one.total_cmp(other));
    quickest.map_or(Plan::Order, |(_, plan)| *plan)
}

impl MemberCounts {
    fn everybody(&self, organisation: domain::id::OrganisationId) -> f64 {
        self.everybody_with(organisation.uuid())
    }

    fn everybody_with(&self, key: Uuid) -> f64 {
        MembershipStatus::ALL
            .iter()
            .map(|status| float(self.facet(key, *status)))
            .sum()
    }
}

/// Counts of members are far below the numbers that a float cannot hold exactly.
#[allow(clippy::cast_precision_loss)]
fn float(count: i64) -> f64 {
    count as f64
}

#[allow(clippy::cast_precision_loss)]
fn float_of(count: usize) -> f64 {
    count as f64
}
