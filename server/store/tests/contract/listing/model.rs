//! People and queries, and what the rules say about them.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    MembershipStatus, SecondFactorKind, ShownStatus,
    id::{AreaId, AssignmentId, MembershipId, OrganisationId, RoleId, SecondFactorId},
    listing::{Codes, Direction, UsersQuery, UsersSort},
    search::{index_words, matches, search_words, sort_name},
};
use store::{
    AssignmentRow, ListReach, MemberQuery, MembershipRow, SecondFactorRow, Store, UserRow,
};

use crate::harness::{Ward, id, membership, morning, user};

/// A member with everything by which the list finds them.
#[derive(Clone)]
pub struct Person {
    pub row: MembershipRow,
    pub user: UserRow,
    pub words: Vec<String>,
    /// A role, and where; empty: in the whole organisation.
    pub roles: Vec<(RoleId, Option<AreaId>)>,
    /// When the first of the roles ends.
    pub ends: Option<DateTime<Utc>>,
    /// Signs in with a second step.
    pub codes: bool,
}

impl Person {
    pub fn new(
        ward: &Ward,
        n: u128,
        first: &str,
        last: &str,
        email: &str,
        status: MembershipStatus,
    ) -> Self {
        let mut person = user(n, first, last);
        person.email = email.to_owned();
        person.email_key = email.to_lowercase();
        let mut row = membership(n + 1, ward.organisation, &person, status);
        row.sort_name = sort_name(first, last, email);
        Self {
            row,
            words: index_words(first, last, email),
            user: person,
            roles: Vec::new(),
            ends: None,
            codes: false,
        }
    }

    /// The factor that they have, or would have.
    pub fn factor(&self) -> SecondFactorRow {
        SecondFactorRow {
            id: SecondFactorId::from_uuid(self.user.id.uuid()),
            user_id: self.user.id,
            kind: SecondFactorKind::Email,
            secret: None,
            last_step: 0,
            created_at: morning(),
        }
    }

    pub fn shown(&self, now: DateTime<Utc>) -> ShownStatus {
        ShownStatus::of(
            self.row.status,
            self.row.invitation_expires_at,
            self.row.delivery_failed_at.is_some(),
            now,
        )
    }
}

pub async fn add(store: &Store, people: &[Person]) {
    let mut tx = store.write().await.unwrap();
    let users: Vec<_> = people.iter().map(|person| person.user.clone()).collect();
    let rows: Vec<_> = people.iter().map(|person| person.row.clone()).collect();
    tx.insert_users(&users).await.unwrap();
    // A factor is there before the membership or comes after it.
    for (before, half) in people.chunks(people.len().div_ceil(2)).enumerate() {
        if before == 1 {
            tx.insert_memberships(&rows).await.unwrap();
        }
        for person in half.iter().filter(|person| person.codes) {
            tx.put_second_factor(&person.factor()).await.unwrap();
        }
    }
    if people.len() < 2 {
        tx.insert_memberships(&rows).await.unwrap();
    }
    for person in people {
        let words = [(person.row.id, person.words.clone())];
        tx.insert_words(person.row.organisation_id, &words)
            .await
            .unwrap();
    }
    let assignments: Vec<_> = people.iter().flat_map(assignments).collect();
    tx.insert_assignments(&assignments).await.unwrap();
    tx.commit().await.unwrap();
}

pub fn assignments(person: &Person) -> Vec<AssignmentRow> {
    let rows = person.roles.iter().zip(10_u128..);
    let first = 10;
    rows.map(|((role, area), n)| AssignmentRow {
        id: AssignmentId::from_uuid(id(person.row.id.uuid().as_u128() * 100 + n)),
        organisation_id: person.row.organisation_id,
        membership_id: person.row.id,
        role_id: *role,
        area_id: *area,
        starts_at: None,
        ends_at: person.ends.filter(|_| n == first),
        granted_by: None,
        granted_at: morning(),
    })
    .collect()
}

pub fn everybody(organisation: OrganisationId) -> MemberQuery {
    MemberQuery {
        organisation,
        now: morning(),
        reach: ListReach::Whole,
        statuses: ShownStatus::ALL.to_vec(),
        words: Vec::new(),
        person: None,
        roles: Vec::new(),
        without_role: false,
        areas: Vec::new(),
        codes: Vec::new(),
        clinicians: false,
        never_signed_in: false,
        signed_in_until: None,
        ends_until: None,
        sort: UsersSort::Name,
        direction: Direction::Ascending,
        offset: 0,
        limit: 100,
    }
}

/// People with every mixture of status, role, area, dates and letters.
pub fn crowd(ward: &Ward, size: u128) -> Vec<Person> {
    let first = ["Jane", "Jan", "Siân", "Omar", "Zoë", "Priya"];
    let last = [
        "Smith",
        "O'Neil",
        "Smithson",
        "van der Berg",
        "Núñez",
        "Jones",
    ];
    let places = [
        vec![],
        vec![(ward.administrator, None)],
        vec![(ward.viewer, Some(ward.area))],
        vec![(ward.viewer, Some(ward.inner_area))],
        vec![
            (ward.viewer, Some(ward.inner_area)),
            (ward.administrator, Some(ward.area)),
        ],
    ];
    (0..size)
        .map(|n| {
            let number = usize::try_from(n).unwrap();
            let status = MembershipStatus::ALL[number % 7 % 4];
            let named = status != MembershipStatus::Pending;
            let (first, last) = if named {
                (first[number % 6], last[number % 5])
            } else {
                ("", "")
            };
            let email = format!("p{n}.{}@nhs.net", ["ja", "sm", "x"][number % 3]);
            let mut person = Person::new(
                ward,
                ward.organisation.uuid().as_u128() * 100 + n * 10,
                first,
                last,
                &email,
                status,
            );
            let hours = TimeDelta::hours(i64::try_from(n % 11).unwrap() - 5);
            person.row.invited_at = (n % 4 > 0).then(|| morning() - TimeDelta::days(7) + hours);
            person.row.invitation_expires_at = (n % 9 > 0).then(|| morning() + hours);
            person.row.delivery_failed_at = (n % 5 == 0).then(morning);
            person.row.last_signed_in_at =
                (n % 3 > 0).then(|| morning() - TimeDelta::days(1) + hours);
            person.roles.clone_from(&places[number % 5]);
            person.codes = n % 4 < 2;
            person.row.details.clinician = [None, Some(true), Some(false)][number % 3];
            let days = [None, Some(1), Some(3), Some(20)][number % 8 / 2];
            person.ends = days.map(|days| morning() + TimeDelta::days(days));
            person
        })
        .collect()
}

/// What the rules say about a query.
pub fn expected(people: &[Person], ward: &Ward, query: &MemberQuery) -> Vec<MembershipId> {
    let within = |area: Option<AreaId>, outer: &[AreaId]| {
        area.is_some_and(|area| {
            outer.contains(&area) || (area == ward.inner_area && outer.contains(&ward.area))
        })
    };
    let mut found: Vec<&Person> = people
        .iter()
        .filter(|person| {
            let has =
                |test: &dyn Fn(&(RoleId, Option<AreaId>)) -> bool| person.roles.iter().any(test);
            query.statuses.contains(&person.shown(query.now))
                && matches(&query.words, &person.words)
                && ((query.roles.is_empty() && !query.without_role)
                    || (query.without_role && person.roles.is_empty())
                    || has(&|(role, _)| query.roles.contains(role)))
                && (query.areas.is_empty() || has(&|(_, area)| within(*area, &query.areas)))
                && with_codes(person, &query.codes)
                && (!query.clinicians || person.row.details.clinician == Some(true))
                && not_signed_in(person, query)
                && query.ends_until.is_none_or(|until| {
                    let seen = |area| match &query.reach {
                        ListReach::Whole => true,
                        ListReach::Areas(areas) => within(area, areas),
                    };
                    let soon = |end| query.now < end && end <= until;
                    person.ends.is_some_and(soon)
                        && person.roles.first().is_some_and(|(_, area)| seen(*area))
                })
                && match &query.reach {
                    ListReach::Whole => true,
                    ListReach::Areas(areas) => has(&|(_, area)| within(*area, areas)),
                }
        })
        .collect();
    found.sort_by(|one, other| {
        let by = match query.sort {
            UsersSort::Name => one.row.sort_name.cmp(&other.row.sort_name),
            // Nothing comes before the oldest.
            UsersSort::LastSignIn => one.row.last_signed_in_at.cmp(&other.row.last_signed_in_at),
            UsersSort::Invited => one.row.invited_at.cmp(&other.row.invited_at),
        };
        by.then(one.row.id.cmp(&other.row.id))
    });
    if query.direction == Direction::Descending {
        found.reverse();
    }
    found.into_iter().map(|person| person.row.id).collect()
}

fn with_codes(person: &Person, codes: &[Codes]) -> bool {
    use MembershipStatus::{Active, Inactive};
    let has = if person.codes { Codes::On } else { Codes::Off };
    codes.is_empty() || (matches!(person.row.status, Active | Inactive) && codes.contains(&has))
}

fn not_signed_in(person: &Person, query: &MemberQuery) -> bool {
    match person.row.last_signed_in_at {
        _ if !query.never_signed_in && query.signed_in_until.is_none() => true,
        None => query.never_signed_in,
        Some(at) => query.signed_in_until.is_some_and(|until| at <= until),
    }
}

/// The same queries with filters by dates, second factors and clinicians.
fn with_more_filters(queries: &[MemberQuery]) -> Vec<MemberQuery> {
    let codes = [
        vec![],
        vec![Codes::Off],
        vec![Codes::On],
        vec![Codes::On, Codes::Off],
    ];
    let ends = [None, Some(1), None, Some(7)];
    // Not twice as many: a number that shares nothing with the turns of what is mixed.
    let queries = queries.iter().step_by(5).enumerate();
    queries
        .map(|(n, query)| MemberQuery {
            codes: codes[n % 4].clone(),
            clinicians: n % 5 == 1,
            never_signed_in: n % 3 == 0,
            signed_in_until: (n % 7 > 3).then(|| morning() - TimeDelta::days(1)),
            ends_until: ends[n / 2 % 4].map(|days| morning() + TimeDelta::days(days)),
            ..query.clone()
        })
        .collect()
}

/// Queries over everything that can be asked.
pub fn queries(ward: &Ward) -> Vec<MemberQuery> {
    let statuses: [&[ShownStatus]; 8] = [
        ShownStatus::ALL,
        &UsersQuery::CURRENT,
        &[ShownStatus::Pending],
        &[ShownStatus::Expired],
        &[ShownStatus::EmailFailed],
        &[
            ShownStatus::Pending,
            ShownStatus::EmailFailed,
            ShownStatus::Inactive,
        ],
        &[ShownStatus::Expired, ShownStatus::EmailFailed],
        &[
            ShownStatus::Active,
            ShownStatus::Pending,
            ShownStatus::Expired,
        ],
    ];
    let words = ["", "j", "ja", "jane smith", "p1", "nhs", "s n", "zz"];
    let roles = [
        vec![],
        vec![ward.viewer],
        vec![ward.viewer, ward.administrator],
    ];
    let areas = [vec![], vec![ward.area], vec![ward.inner_area, ward.area]];
    let reaches = [
        ListReach::Whole,
        ListReach::Areas(vec![ward.inner_area]),
        ListReach::Areas(vec![ward.area, ward.inner_area]),
    ];
    let mut queries = Vec::new();
    for statuses in statuses {
        for (words, text) in words.iter().enumerate() {
            for roles in &roles {
                for (reach, areas) in areas.iter().enumerate() {
                    // Not everything with everything: each pair of values meets somewhere.
                    let turn = queries.len() + words + reach;
                    queries.push(MemberQuery {
                        statuses: statuses.to_vec(),
                        words: search_words(text),
                        roles: roles.clone(),
                        areas: areas.clone(),
                        reach: reaches[turn / 3 % 3].clone(),
                        without_role: turn % 5 == 4,
                        sort: UsersSort::ALL[turn % 3],
                        direction: Direction::ALL[turn / 2 % 2],
                        ..everybody(ward.organisation)
                    });
                }
            }
        }
    }
    queries.extend(with_more_filters(&queries));
    queries
}
