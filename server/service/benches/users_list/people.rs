//! Believable people in great numbers, the same in every run.

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use domain::{
    MembershipStatus, Permission, Policy, SecondFactorKind,
    id::{
        AreaId, AssignmentId, MembershipId, OrganisationId, RoleId, SecondFactorId, ServiceId,
        UserId,
    },
    policy::{Field, FieldRule, SecondFactorRule},
    search::{fold, index_words, sort_name},
};
use store::{
    AreaRow, AssignmentRow, DetailsRow, MembershipRow, OrganisationRow, RoleRow, SecondFactorRow,
    ServiceRow, Store, Tx, UserRow,
};
use uuid::Uuid;

const FIRST: &str = "Oliver Amelia George Isla Harry Ava Noah Mia Jack Ivy Leo Lily Arthur Isabella Muhammad Rosie \
    Oscar Sophia Charlie Grace Henry Freya Theo Willow Freddie Florence Archie Emily Jacob Ella Thomas Poppy Joshua \
    Evie Ethan Elsie James Charlotte William Evelyn Samuel Sienna Daniel Sofia Adam Phoebe Jane Niamh Priya Ewan Zara \
    Yusuf Bronwen Callum Deepa Fatima Gareth Hannah Imran Kezia Laura Nadia Omar Peter Quentin Rachel Siân Tariq Uma \
    Victor Wendy Xavier";
const LAST: &str = "Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker \
    White Roberts Green Hall Thomas Clarke Jackson Wood Harris Edwards Turner Martin Cooper Hill Ward Hughes Moore Clark \
    King Harrison Lewis Baker Lee Allen Morris Khan Scott Watson Davis Parker James Bennett Young Phillips Richardson \
    Mitchell Bailey Carter Cook Singh Shaw Bell Collins Morgan Kelly Begum Miller Cox Hussain Marshall Simpson Price \
    Anderson Adams Wilkinson Foster Ahmed Ellis Murphy Chapman Mason Gray Richards Webb Rogers Hunt Mills Holmes Palmer \
    Gibson Campbell Barker Jenkins Stevens Powell Carlton Núñez Okoro Quinn Udall Vaughan Xu Yates Zaman Iqbal O'Neill \
    O'Brien Fisher Lloyd Knight Russell Stewart Fraser Owen Murray Dixon Kaur Ali Griffiths Rees";

/// The instant at which the list is looked at.
pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 9, 30, 0).unwrap()
}

/// The end of that month.
fn month_end() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 12, 1, 0, 0, 0).unwrap()
}

/// The large organisation.
pub struct People {
    pub organisation: OrganisationId,
    /// From large to small.
    pub areas: Vec<AreaId>,
    pub inner: Vec<AreaId>,
    roles: Vec<RoleId>,
}

/// The address of one of them.
pub const SOMEBODY: &str = "jane.carlton0-0@nhs.net";

impl People {
    /// Those whom an earlier run has left.
    pub async fn found(store: &Store) -> Option<Self> {
        let mut tx = store.read().await.unwrap();
        let organisation = tx.organisation_by_slug("rx0").await.unwrap()?.id;
        let mut rows = tx.areas(organisation).await.unwrap();
        let number = |row: &AreaRow| row.name.rsplit(' ').next().map(str::parse::<usize>);
        rows.sort_by_key(|row| number(row).unwrap().unwrap());
        let (outer, inner): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.parent_id.is_none());
        let roles = tx.roles(organisation).await.unwrap();
        Some(Self {
            organisation,
            areas: outer.into_iter().map(|row| row.id).collect(),
            inner: inner.into_iter().map(|row| row.id).collect(),
            roles: roles.into_iter().map(|role| role.id).collect(),
        })
    }

    /// An id for an assignment that is added later.
    pub fn assignment(member: MembershipId, number: usize) -> AssignmentId {
        AssignmentId::from_uuid(Uuid::from_u128(
            member.uuid().as_u128().wrapping_add(number as u128 + 1),
        ))
    }
}

/// xorshift: the same numbers in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % below
    }

    /// An index, as likely as its weight.
    fn pick(&mut self, weights: &[usize]) -> usize {
        let mut left = self.roll(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if left < *weight {
                return index;
            }
            left -= weight;
        }
        0
    }
}

/// Ids in the order of time, as UUIDv7 are, with enough chance not to be too easy for an index.
struct Ids(u128, Dice);

impl Ids {
    fn next(&mut self) -> Uuid {
        self.0 += 1;
        Uuid::from_u128((self.0 << 64) | self.1.roll(usize::MAX) as u128)
    }
}

/// One organisation with `most` people and 199 with 500 each (fewer when `most` is smaller).
pub async fn generate(store: &Store, most: usize) -> People {
    let mut ids = Ids(1 << 40, Dice(0x9e37_79b9_7f4a_7c15));
    let mut large = None;
    for number in 0..200 {
        let size = if number == 0 { most } else { most.min(500) };
        let people = organisation(store, &mut ids, number, size).await;
        large.get_or_insert(people);
    }
    large.unwrap()
}

async fn organisation(store: &Store, ids: &mut Ids, number: usize, size: usize) -> People {
    let organisation = OrganisationId::from_uuid(ids.next());
    let mut policy = Policy::default();
    policy
        .fields
        .insert(Field::ClinicianStatus, FieldRule::OPTIONAL);
    policy.second_factor = SecondFactorRule::Optional;
    let mut tx = store.write().await.unwrap();
    tx.insert_organisation(&OrganisationRow {
        id: organisation,
        code: format!("RX{number}"),
        slug: format!("rx{number}"),
        name: format!("Hospital {number}"),
        preset: "self-registration".into(),
        policy,
        created_at: now(),
        closed_at: None,
    })
    .await
    .unwrap();
    let roles = add_roles(&mut tx, ids, organisation).await;
    let (areas, inner) = add_areas(&mut tx, ids, organisation).await;
    let people = People {
        organisation,
        areas,
        inner,
        roles,
    };
    for start in (0..size).step_by(5_000) {
        add_people(
            &mut tx,
            ids,
            &people,
            number,
            start..(start + 5_000).min(size),
        )
        .await;
    }
    tx.commit().await.unwrap();
    people
}

async fn add_roles(tx: &mut Tx, ids: &mut Ids, organisation: OrganisationId) -> Vec<RoleId> {
    let service = ServiceId::from_uuid(ids.next());
    let roles: Vec<RoleRow> = ["administrator", "manager", "contributor", "viewer"]
        .into_iter()
        .enumerate()
        .map(|(position, key)| RoleRow {
            id: RoleId::from_uuid(ids.next()),
            organisation_id: organisation,
            service_id: service,
            key: key.into(),
            name: key.into(),
            summary: String::new(),
            permissions: match key {
                "administrator" => Permission::ALL.to_vec(),
                "manager" => vec![Permission::UsersView, Permission::UsersInvite],
                _ => Vec::new(),
            },
            seat_limit: None,
            privileged: false,
            scope_allowed: true,
            position: i64::try_from(position).unwrap(),
        })
        .collect();
    let row = ServiceRow {
        id: service,
        organisation_id: organisation,
        key: "portal".into(),
        name: "Service portal".into(),
        roles_per_member: Some(1),
    };
    tx.insert_service(&row, &[], &roles, &[]).await.unwrap();
    roles.into_iter().map(|role| role.id).collect()
}

/// 8 areas with 6 inside each.
async fn add_areas(
    tx: &mut Tx,
    ids: &mut Ids,
    organisation: OrganisationId,
) -> (Vec<AreaId>, Vec<AreaId>) {
    let mut rows = Vec::new();
    let mut row = |parent_id, name: String| {
        let id = AreaId::from_uuid(ids.next());
        rows.push(AreaRow {
            id,
            organisation_id: organisation,
            parent_id,
            name,
            kind: "service area".into(),
            position: 0,
            closed_at: None,
        });
        id
    };
    let areas: Vec<AreaId> = (0..8).map(|n| row(None, format!("Area {n}"))).collect();
    let inner = (0..48)
        .map(|n| row(Some(areas[n / 6]), format!("Team {n}")))
        .collect();
    tx.insert_areas(&rows).await.unwrap();
    (areas, inner)
}

async fn add_people(
    tx: &mut Tx,
    ids: &mut Ids,
    people: &People,
    number: usize,
    range: std::ops::Range<usize>,
) {
    let first_names: Vec<&str> = FIRST.split_whitespace().collect();
    let last_names: Vec<&str> = LAST.split_whitespace().collect();
    let (mut users, mut memberships, mut words, mut assignments) = (vec![], vec![], vec![], vec![]);
    let mut factors = Vec::new();
    for n in range {
        let first = first_names[ids.1.roll(first_names.len())];
        let last = last_names[ids.1.roll(last_names.len())];
        let (first, last) = if n == 0 {
            ("Jane", "Carlton")
        } else {
            (first, last)
        };
        let email = format!("{}.{}{n}-{number}@nhs.net", fold(first), fold(last));
        let minutes = |most: usize, dice: &mut Dice| {
            TimeDelta::minutes(i64::try_from(dice.roll(most)).unwrap())
        };
        let mut invited_at = now() - minutes(1_000_000, &mut ids.1);
        let mut failed = None;
        let status = match ids.1.roll(1_000) {
            0..80 => {
                invited_at = now() - minutes(10_000, &mut ids.1);
                MembershipStatus::Pending
            }
            80..120 => {
                invited_at = now() - TimeDelta::days(7) - minutes(100_000, &mut ids.1);
                MembershipStatus::Pending
            }
            120 => {
                invited_at = now() - minutes(10_000, &mut ids.1);
                failed = Some(invited_at);
                MembershipStatus::Pending
            }
            121..200 => MembershipStatus::Inactive,
            200..210 => MembershipStatus::Cancelled,
            _ => MembershipStatus::Active,
        };
        let registered = matches!(
            status,
            MembershipStatus::Active | MembershipStatus::Inactive
        );
        let (first, last) = if registered { (first, last) } else { ("", "") };
        let user = UserRow {
            id: UserId::from_uuid(ids.next()),
            email: email.clone(),
            email_key: email.clone(),
            first_name: first.into(),
            last_name: last.into(),
            mobile: None,
            password_hash: None,
            security_epoch: 0,
            registered_at: registered.then_some(invited_at),
            created_at: invited_at,
            version: 0,
        };
        let membership = MembershipRow {
            id: MembershipId::from_uuid(ids.next()),
            organisation_id: people.organisation,
            user_id: user.id,
            status,
            sort_name: sort_name(first, last, &email),
            job_title: String::new(),
            details: DetailsRow {
                known_first_name: first.into(),
                known_last_name: last.into(),
                clinician: Some(ids.1.roll(4) == 0),
                ..DetailsRow::default()
            },
            created_at: invited_at,
            activated_at: registered.then_some(invited_at),
            deactivated_at: None,
            last_signed_in_at: registered.then(|| {
                // Most people come every few weeks, some have gone.
                let most = if ids.1.roll(10) == 0 { 400_000 } else { 57_600 };
                now() - minutes(most, &mut ids.1)
            }),
            invited_at: Some(invited_at),
            invitation_expires_at: Some(invited_at + TimeDelta::days(7)),
            delivery_failed_at: failed,
            version: 0,
        };
        words.push((membership.id, index_words(first, last, &email)));
        let role = ids.1.pick(&[4, 50, 600, 346]);
        let mut places = Vec::new();
        if role == 0 {
            places.push(None);
        } else {
            for _ in 0..ids.1.pick(&[0, 75, 25]) {
                let area = ids.1.pick(&[30, 20, 15, 10, 10, 8, 5, 2]);
                let team = people.inner[area * 6 + ids.1.roll(6)];
                places.push(Some(if ids.1.roll(5) == 0 {
                    people.areas[area]
                } else {
                    team
                }));
            }
        }
        // Some have an end of their own, and whoever came for a year all have the same.
        let ends_at = match ids.1.roll(100) {
            0..2 => Some(now() + minutes(86_400, &mut ids.1)),
            2..10 => Some(month_end()),
            _ => None,
        };
        if registered && ids.1.roll(10) < 7 {
            factors.push(SecondFactorRow {
                id: SecondFactorId::from_uuid(ids.next()),
                user_id: user.id,
                kind: SecondFactorKind::Email,
                secret: None,
                last_step: 0,
                created_at: invited_at,
            });
        }
        for area_id in places {
            assignments.push(AssignmentRow {
                id: AssignmentId::from_uuid(ids.next()),
                organisation_id: people.organisation,
                membership_id: membership.id,
                role_id: people.roles[role],
                area_id,
                starts_at: None,
                ends_at,
                granted_by: None,
                granted_at: invited_at,
            });
        }
        users.push(user);
        memberships.push(membership);
    }
    tx.insert_users(&users).await.unwrap();
    for factor in &factors {
        tx.put_second_factor(factor).await.unwrap();
    }
    tx.insert_memberships(&memberships).await.unwrap();
    tx.insert_words(people.organisation, &words).await.unwrap();
    tx.insert_assignments(&assignments).await.unwrap();
}
