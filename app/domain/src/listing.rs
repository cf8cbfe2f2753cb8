//! The users list: what is asked for, in the URL (ux 4.3), and what the page shows.

use serde::{Deserialize, Serialize};

use crate::keyed::keyed_enum;
use crate::search::MAX_SEARCH_TEXT;
use crate::status::ShownStatus;

mod filter;
mod pages;
mod query_string;
mod view;

pub use filter::{AccessEnds, Codes, Filter, LastSignIn};
pub use pages::{PageItem, page_window};
pub use query_string::{decode_query, encode_query};
pub use view::{FilterOption, StatusCount, UserRow, UsersPage};

keyed_enum! {
    /// The columns that have an order.
    pub enum UsersSort {
        Name = "name",
        LastSignIn = "last-sign-in",
        Invited = "invited",
    }
}

impl UsersSort {
    /// The direction of the first click: names from A, dates from the newest.
    pub const fn first_direction(self) -> Direction {
        match self {
            Self::Name => Direction::Ascending,
            Self::LastSignIn | Self::Invited => Direction::Descending,
        }
    }
}

keyed_enum! {
    pub enum Direction {
        Ascending = "asc",
        Descending = "desc",
    }
}

impl Direction {
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }

    /// The value of `aria-sort`.
    pub const fn aria(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
        }
    }
}

/// What is asked of the users list. It lives in the URL only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsersQuery {
    /// What was typed into the search box.
    pub q: String,
    /// The statuses that were selected; none for everybody who is current.
    pub status: Vec<ShownStatus>,
    /// `status=all`: every status, whatever else is selected.
    pub all: bool,
    /// Keys of roles.
    pub role: Vec<String>,
    /// Ids of areas.
    pub area: Vec<String>,
    /// 2-step sign in.
    pub codes: Vec<Codes>,
    pub last_sign_in: Vec<LastSignIn>,
    /// Registered clinicians only.
    pub clinician: bool,
    pub access_ends: Vec<AccessEnds>,
    pub sort: UsersSort,
    pub dir: Direction,
    /// From 1.
    pub page: u32,
    pub per_page: u32,
}

impl Default for UsersQuery {
    fn default() -> Self {
        Self {
            q: String::new(),
            status: Vec::new(),
            all: false,
            role: Vec::new(),
            area: Vec::new(),
            codes: Vec::new(),
            last_sign_in: Vec::new(),
            clinician: false,
            access_ends: Vec::new(),
            sort: UsersSort::Name,
            dir: Direction::Ascending,
            page: 1,
            per_page: Self::PER_PAGE[0],
        }
    }
}

impl UsersQuery {
    /// How many rows a page can have, the usual number first.
    pub const PER_PAGE: [u32; 3] = [25, 50, 100];
    /// The statuses of people who are current: all but those who left and those who never came.
    pub const CURRENT: [ShownStatus; 4] = [
        ShownStatus::Active,
        ShownStatus::Pending,
        ShownStatus::Expired,
        ShownStatus::EmailFailed,
    ];
    /// The value of the filter for people who have no role; no role has it as its key.
    pub const NO_ROLE: &str = "none";
    /// The value of a filter that has no other.
    pub const YES: &str = "yes";
    /// The most values of one filter that are looked at.
    const MAX_VALUES: usize = 100;

    /// Reads the pairs of a URL. Unknown names and values are ignored, they are not errors (ux 4.3).
    pub fn from_pairs<N: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let mut query = Self::default();
        let mut dir = None;
        for (name, value) in pairs {
            let value = value.as_ref().trim();
            match name.as_ref() {
                "q" => query.q = value.chars().take(MAX_SEARCH_TEXT).collect(),
                "status" if value == "all" => query.all = true,
                "status" => known(&mut query.status, ShownStatus::parse(value)),
                "role" => add(&mut query.role, value),
                "area" => add(&mut query.area, value),
                "codes" => known(&mut query.codes, Codes::parse(value)),
                "last-sign-in" => known(&mut query.last_sign_in, LastSignIn::parse(value)),
                "clinician" => query.clinician |= value == Self::YES,
                "access-ends" => known(&mut query.access_ends, AccessEnds::parse(value)),
                "sort" => query.sort = UsersSort::parse(value).unwrap_or(query.sort),
                "dir" => dir = Direction::parse(value).or(dir),
                "page" => query.page = value.parse().unwrap_or(1).max(1),
                "per-page" => {
                    if let Some(size) = value
                        .parse()
                        .ok()
                        .filter(|size| Self::PER_PAGE.contains(size))
                    {
                        query.per_page = size;
                    }
                }
                _ => {}
            }
        }
        query.dir = dir.unwrap_or(query.sort.first_direction());
        query
    }

    /// Reads a query string, with or without its question mark.
    pub fn parse(query: &str) -> Self {
        Self::from_pairs(decode_query(query))
    }

    /// The pairs, always in the same order and without what is usual anyway.
    pub fn to_pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        if !self.q.is_empty() {
            pairs.push(("q", self.q.clone()));
        }
        if self.all {
            pairs.push(("status", "all".to_owned()));
        }
        let filters = self.filters();
        let values = filters
            .iter()
            .map(|one| (one.name(), one.value().to_owned()));
        pairs.extend(values);
        if self.sort != UsersSort::Name {
            pairs.push(("sort", self.sort.to_string()));
        }
        if self.dir != self.sort.first_direction() {
            pairs.push(("dir", self.dir.to_string()));
        }
        if self.page > 1 {
            pairs.push(("page", self.page.to_string()));
        }
        if self.per_page != Self::PER_PAGE[0] {
            pairs.push(("per-page", self.per_page.to_string()));
        }
        pairs
    }

    /// The query string with its question mark, or nothing when everything is as usual.
    pub fn to_query_string(&self) -> String {
        encode_query(&self.to_pairs())
    }

    /// The statuses to list.
    pub fn statuses(&self) -> &[ShownStatus] {
        match (self.all, self.status.is_empty()) {
            (true, _) => ShownStatus::ALL,
            (false, true) => &Self::CURRENT,
            (false, false) => &self.status,
        }
    }

    pub fn with_page(&self, page: u32) -> Self {
        Self {
            page: page.max(1),
            ..self.clone()
        }
    }

    /// Another size of page, from the first one.
    pub fn with_per_page(&self, per_page: u32) -> Self {
        Self {
            per_page,
            page: 1,
            ..self.clone()
        }
    }

    /// Only these statuses, as the links above the list choose them; none for everybody who is current.
    pub fn with_statuses(&self, status: &[ShownStatus]) -> Self {
        Self {
            status: status.to_vec(),
            all: false,
            page: 1,
            ..self.clone()
        }
    }

    /// Every status.
    pub fn with_all(&self) -> Self {
        Self {
            status: Vec::new(),
            all: true,
            page: 1,
            ..self.clone()
        }
    }

    /// Without one value of one filter.
    pub fn without(&self, filter: &Filter) -> Self {
        let mut query = self.with_page(1);
        match filter {
            Filter::Status(status) => query.status.retain(|other| other != status),
            Filter::Role(role) => query.role.retain(|other| other != role),
            Filter::Area(area) => query.area.retain(|other| other != area),
            Filter::Codes(codes) => query.codes.retain(|other| other != codes),
            Filter::LastSignIn(when) => query.last_sign_in.retain(|other| other != when),
            Filter::Clinician => query.clinician = false,
            Filter::AccessEnds(when) => query.access_ends.retain(|other| other != when),
        }
        query
    }

    /// The filters that are on, in the order of the page.
    pub fn filters(&self) -> Vec<Filter> {
        let mut filters: Vec<Filter> = Vec::new();
        filters.extend(self.status.iter().copied().map(Filter::Status));
        filters.extend(self.role.iter().cloned().map(Filter::Role));
        filters.extend(self.area.iter().cloned().map(Filter::Area));
        filters.extend(self.codes.iter().copied().map(Filter::Codes));
        filters.extend(self.last_sign_in.iter().copied().map(Filter::LastSignIn));
        filters.extend(self.clinician.then_some(Filter::Clinician));
        filters.extend(self.access_ends.iter().copied().map(Filter::AccessEnds));
        filters
    }

    /// "Clear filters": keeps the search and the order.
    pub fn without_filters(&self) -> Self {
        Self {
            q: self.q.clone(),
            sort: self.sort,
            dir: self.dir,
            per_page: self.per_page,
            ..Self::default()
        }
    }

    /// "Clear search": keeps the filters and the order.
    pub fn without_search(&self) -> Self {
        Self {
            q: String::new(),
            page: 1,
            ..self.clone()
        }
    }

    /// What a click on a column does: its first direction, or the other way round when it is the order already.
    pub fn toggle_sort(&self, sort: UsersSort) -> Self {
        let dir = if self.sort == sort {
            self.dir.reversed()
        } else {
            sort.first_direction()
        };
        Self {
            sort,
            dir,
            page: 1,
            ..self.clone()
        }
    }

    /// The value of `aria-sort` of a column.
    pub fn aria_sort(&self, sort: UsersSort) -> &'static str {
        if self.sort == sort {
            self.dir.aria()
        } else {
            "none"
        }
    }
}

/// Keeps values in the order of the page, each once; what is no value is nothing.
fn known<T: Copy + Ord>(values: &mut Vec<T>, value: Option<T>) {
    if let Some(value) = value
        && let Err(place) = values.binary_search(&value)
    {
        values.insert(place, value);
    }
}

/// Keeps a value that could be a key or an id, once.
pub(crate) fn add(values: &mut Vec<String>, value: &str) {
    const LONGEST: usize = 100;
    let fresh =
        !value.is_empty() && value.len() <= LONGEST && !values.iter().any(|other| other == value);
    if fresh && values.len() < UsersQuery::MAX_VALUES {
        values.push(value.to_owned());
    }
}

#[cfg(test)]
mod tests;
