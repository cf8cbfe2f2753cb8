//! People and queries, and what the rules say about them.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    MembershipStatus, ShownStatus,
    id::{AreaId, AssignmentId, MembershipId, OrganisationId, RoleId},
    listing::{Direction, UsersQuery, UsersSort},
    search::{index_words, matches, search_words, sort_name},
};
use store::{AssignmentRow, ListReach, MemberQuery, MembershipRow, Store, UserRow};

use crate::harness::{Ward, id, membership, morning, user};

/// A member with everything by which the list finds them.
#[derive(Clone)]
pub struct Person {
    pub row: MembershipRow,
    pub user: UserRow,
    pub words: Vec<String>,
    /// A role, and where; empty: in the whole organisation.
    pub roles: Vec<(RoleId, Option<AreaId>)>,
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
    tx.insert_memberships(&rows).await.unwrap();
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
    rows.map(|((role, area), n)| AssignmentRow {
        id: AssignmentId::from_uuid(id(person.row.id.uuid().as_u128() * 100 + n)),
        organisation_id: person.row.organisation_id,
        membership_id: person.row.id,
        role_id: *role,
        area_id: *area,
        starts_at: None,
        ends_at: None,
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
    queries
}
