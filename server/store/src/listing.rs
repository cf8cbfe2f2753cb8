//! The users list: a page of the members of an organisation by search, filters and order (J13 to
//! J18), and how many there are.
//!
//! This is where SQL is put together from constant pieces, and so where a reviewer must look:
//! values are only ever bound.
//!
//! With 100,000 members neither counting nor sorting all of them is quick enough, so:
//!
//! * counts by status, role and area are kept (`membership_tallies`); only what depends on the
//!   time, Expired and Email failed, is counted when asked for (B20);
//! * a page is either **gathered** (words or a filter that few members have name them; they are
//!   looked up, counted and sorted; so are those whose dates a filter asks for, when they are few) or **walked** (an index in the order of the list, or one for
//!   each of several filters, is read from the start, leaving out who does not match, until the
//!   page is full), whichever costs less;
//! * a search that has to walk is counted up to [`MOST_COUNTED`]; what is left is "more".
//!
//! Areas are compared with everything inside them, through `area_ancestors`.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{
    MembershipStatus, ShownStatus,
    id::{AreaId, MembershipId, OrganisationId, RoleId, UserId},
    listing::{Codes, Direction, UsersSort},
};
use uuid::Uuid;

use crate::{Result, Tx};

mod conditions;
mod counts;
mod initials;
mod plan;
mod rows;
mod statement;
mod timed;

pub use counts::KeptCounts;
pub(crate) use initials::initials;
use plan::{MOST_GATHERED, Plan, quickest};

/// How far a search is counted that would have to look at everybody.
pub const MOST_COUNTED: u32 = 500;

/// The keys of what members have beside roles and areas, as the triggers write them.
pub(crate) const CODES_ON: Uuid = Uuid::from_u128(1);
pub(crate) const CODES_OFF: Uuid = Uuid::from_u128(2);
pub(crate) const CLINICIAN: Uuid = Uuid::from_u128(3);

const fn codes_key(codes: Codes) -> Uuid {
    match codes {
        Codes::On => CODES_ON,
        Codes::Off => CODES_OFF,
    }
}

/// Whose people are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListReach {
    /// The whole organisation.
    Whole,
    /// These areas and everything inside them. No area: nobody.
    Areas(Vec<AreaId>),
}

/// What is asked of the list.
#[derive(Clone, Debug)]
pub struct MemberQuery {
    /// Whose members.
    pub organisation: OrganisationId,
    /// Statuses are worked out from this moment.
    pub now: DateTime<Utc>,
    /// Whose people whoever asks may see.
    pub reach: ListReach,
    /// Wanted statuses, each once.
    pub statuses: Vec<ShownStatus>,
    /// Folded words; each must begin a word of the member.
    pub words: Vec<String>,
    /// One person, instead of the words.
    pub person: Option<MembershipId>,
    /// Any of these roles; none: whatever role.
    pub roles: Vec<RoleId>,
    /// Or no role at all.
    pub without_role: bool,
    /// In any of these areas or inside them; none: wherever.
    pub areas: Vec<AreaId>,
    /// Who has joined and signs in like any of these; none: whoever.
    pub codes: Vec<Codes>,
    /// Registered clinicians only.
    pub clinicians: bool,
    /// Whoever has not signed in yet; an alternative to `signed_in_until`.
    pub never_signed_in: bool,
    /// Whoever signed in last at this moment or before it.
    pub signed_in_until: Option<DateTime<Utc>>,
    /// Whoever has a role that ends after `now` and at this moment or before it. With a limited reach, a
    /// role within it: nothing is told of what is held elsewhere (R65).
    pub ends_until: Option<DateTime<Utc>>,
    /// The order.
    pub sort: UsersSort,
    /// Its direction.
    pub direction: Direction,
    /// How many to leave out at the start.
    pub offset: u32,
    /// How many to give at the most.
    pub limit: u32,
}

/// A page of the list.
#[derive(Clone, Debug, Default)]
pub struct MemberPage {
    /// In order.
    pub rows: Vec<ListedMember>,
    /// How many come before them; 0 when the offset was behind the last.
    pub offset: u32,
    /// How many there are on all pages.
    pub total: u32,
    /// There are more than `total`; they were not counted.
    pub more: bool,
}

/// A member as the list shows them.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ListedMember {
    /// The membership.
    #[sqlx(try_from = "Uuid")]
    pub id: MembershipId,
    /// The person.
    #[sqlx(try_from = "Uuid")]
    pub user_id: UserId,
    /// Empty until the person has registered.
    pub first_name: String,
    /// Empty until the person has registered.
    pub last_name: String,
    /// As displayed.
    pub email: String,
    /// As stored.
    #[sqlx(try_from = "crate::sql::Keyed")]
    pub status: MembershipStatus,
    /// When the newest invitation was made.
    pub invited_at: Option<DateTime<Utc>>,
    /// When its link ends.
    pub invitation_expires_at: Option<DateTime<Utc>>,
    /// When its email failed for good.
    pub delivery_failed_at: Option<DateTime<Utc>>,
    /// Last complete sign-in.
    pub last_signed_in_at: Option<DateTime<Utc>>,
    /// Whether they are registered with a professional body; nothing where nobody asked (V04).
    pub clinician: Option<bool>,
}

/// How many members there are, by what the list is filtered by.
#[derive(Clone, Debug, Default)]
pub struct MemberCounts {
    statuses: BTreeMap<ShownStatus, i64>,
    /// Of the whole organisation.
    facets: BTreeMap<(Uuid, MembershipStatus), i64>,
    /// Current members by role, where the reach is not the whole organisation.
    roles: Option<BTreeMap<Uuid, i64>>,
}

impl MemberCounts {
    /// Members within reach with a status.
    pub fn status(&self, status: ShownStatus) -> u32 {
        clamp(self.statuses.get(&status).copied().unwrap_or(0))
    }

    /// Members within reach who are Active or invited and have a role.
    pub fn current_with_role(&self, role: RoleId) -> u32 {
        clamp(match &self.roles {
            Some(roles) => roles.get(&role.uuid()).copied().unwrap_or(0),
            None => self.current(role.uuid()),
        })
    }

    /// Members of the whole organisation who are Active or invited and have a role in an area or
    /// inside it.
    pub fn current_in_area(&self, area: AreaId) -> u32 {
        clamp(self.current(area.uuid()))
    }

    /// Members of the whole organisation who are Active and sign in like this.
    pub fn current_with_codes(&self, codes: Codes) -> u32 {
        clamp(self.current(codes_key(codes)))
    }

    /// Members of the whole organisation who are Active or invited, and registered clinicians.
    pub fn current_clinicians(&self) -> u32 {
        clamp(self.current(CLINICIAN))
    }

    fn current(&self, key: Uuid) -> i64 {
        self.facet(key, MembershipStatus::Active) + self.facet(key, MembershipStatus::Pending)
    }

    fn facet(&self, key: Uuid, status: MembershipStatus) -> i64 {
        self.facets.get(&(key, status)).copied().unwrap_or(0)
    }
}

pub(crate) fn clamp(count: i64) -> u32 {
    u32::try_from(count.max(0)).unwrap_or(u32::MAX)
}

impl MemberQuery {
    /// The statuses as stored that say the same; nothing when it depends on the time.
    fn stored(&self) -> Option<Vec<MembershipStatus>> {
        let invited = self
            .statuses
            .iter()
            .filter(|status| status.is_invited())
            .count();
        matches!(invited, 0 | 3).then(|| self.perhaps_stored())
    }

    /// The statuses as stored that members with one of the statuses have.
    fn perhaps_stored(&self) -> Vec<MembershipStatus> {
        let mut stored: Vec<MembershipStatus> = self
            .statuses
            .iter()
            .map(|status| match status {
                ShownStatus::Active => MembershipStatus::Active,
                ShownStatus::Inactive => MembershipStatus::Inactive,
                ShownStatus::Cancelled => MembershipStatus::Cancelled,
                ShownStatus::Pending | ShownStatus::Expired | ShownStatus::EmailFailed => {
                    MembershipStatus::Pending
                }
            })
            .collect();
        stored.sort_unstable();
        stored.dedup();
        stored
    }
}

impl Tx {
    /// A page of the members who match. An offset behind the last of them gives the first page.
    /// `counts` must come from this transaction and have the query's reach and time.
    pub async fn list_members(
        &mut self,
        query: &MemberQuery,
        counts: &MemberCounts,
    ) -> Result<MemberPage> {
        if query.statuses.is_empty() || query.reach == ListReach::Areas(Vec::new()) {
            return Ok(MemberPage::default());
        }
        let (known, plans) = self.plans(query, counts).await?;
        self.page(query, known, quickest(&plans)).await
    }

    /// How many match, as a page of them would say it: the count, and whether there are more.
    pub async fn count_members(
        &mut self,
        query: &MemberQuery,
        counts: &MemberCounts,
    ) -> Result<(u32, bool)> {
        if query.statuses.is_empty() || query.reach == ListReach::Areas(Vec::new()) {
            return Ok((0, false));
        }
        if let Some(known) = query.known_total(counts) {
            return Ok((clamp(known), false));
        }
        let query = MemberQuery {
            offset: 0,
            limit: 1,
            ..query.clone()
        };
        let (_, plans) = self.plans(&query, counts).await?;
        let plan = quickest(&plans);
        let (_, total) = self.member_ids(&query, plan, None, 0).await?;
        Ok(shown_total(plan, None, total))
    }

    /// Everybody who matches, in the order of the list, whatever page is asked for: for an export,
    /// which then reads them piece by piece with [`Tx::listed_members`].
    pub async fn list_member_ids(
        &mut self,
        query: &MemberQuery,
        counts: &MemberCounts,
    ) -> Result<Vec<MembershipId>> {
        if query.statuses.is_empty() || query.reach == ListReach::Areas(Vec::new()) {
            return Ok(Vec::new());
        }
        let query = MemberQuery {
            offset: 0,
            limit: u32::MAX,
            ..query.clone()
        };
        let (known, plans) = self.plans(&query, counts).await?;
        let (ids, _) = self.member_ids(&query, quickest(&plans), known, 0).await?;
        Ok(ids)
    }

    /// The same page in every way in which it can be found: they differ in what they cost only.
    #[cfg(feature = "testing")]
    pub async fn list_members_in_every_way(
        &mut self,
        query: &MemberQuery,
        counts: &MemberCounts,
    ) -> Result<Vec<MemberPage>> {
        let (known, plans) = self.plans(query, counts).await?;
        let mut pages = Vec::new();
        // Also the way that is chosen when all that is known of dates is estimated.
        let (_, estimated) = self.plans_of_most(query, counts, 0).await?;
        let estimated = (0.0, quickest(&estimated));
        for (_, plan) in plans.into_iter().chain([estimated]) {
            pages.push(self.page(query, known, plan).await?);
        }
        Ok(pages)
    }

    /// How many members match, when that is known, and the ways to find a page of them.
    async fn plans(
        &mut self,
        query: &MemberQuery,
        counts: &MemberCounts,
    ) -> Result<(Option<i64>, Vec<(f64, Plan)>)> {
        self.plans_of_most(query, counts, MOST_GATHERED).await
    }

    async fn plans_of_most(
        &mut self,
        query: &MemberQuery,
        counts: &MemberCounts,
        most: i64,
    ) -> Result<(Option<i64>, Vec<(f64, Plan)>)> {
        let beginnings = self.count_beginnings(query).await?;
        let known = query.known_total(counts);
        let dated = self.count_dated(query, most).await?;
        Ok((known, query.plans(counts, &beginnings, &dated, known)))
    }

    async fn page(
        &mut self,
        query: &MemberQuery,
        known: Option<i64>,
        plan: Plan,
    ) -> Result<MemberPage> {
        let (mut ids, mut total) = self.member_ids(query, plan, known, query.offset).await?;
        let mut offset = query.offset;
        if ids.is_empty() && offset > 0 {
            offset = 0;
            (ids, total) = self.member_ids(query, plan, known, 0).await?;
        }
        let total = known.unwrap_or(total);
        let (total, more) = shown_total(plan, known, total);
        Ok(MemberPage {
            rows: self.listed_members(query.organisation, &ids).await?,
            offset,
            total,
            more,
        })
    }
}

/// How many there are, and whether there are more: whoever is found along an order is only counted so far.
fn shown_total(plan: Plan, known: Option<i64>, total: i64) -> (u32, bool) {
    let counted = plan.walks() && known.is_none();
    let most = i64::from(MOST_COUNTED);
    let shown = if counted { total.min(most) } else { total };
    (clamp(shown), counted && total > most)
}
