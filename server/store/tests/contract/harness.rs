//! Fresh databases for scenarios.

use chrono::{DateTime, TimeZone, Utc};
use domain::{
    MembershipStatus, Permission, Policy,
    id::{AreaId, MembershipId, OrganisationId, RoleId, ServiceId, TaskId, UserId},
};
use sqlx::{Connection, Executor, PgConnection};
use store::{
    AreaRow, DetailsRow, MembershipRow, OrganisationRow, RoleRow, ServiceRow, Store, TaskRow,
    UserRow,
};
use uuid::Uuid;

/// Runs `async fn scenario(store: Store)` as `scenario::sqlite` and `scenario::postgres`.
macro_rules! scenarios {
    ($($(#[$meta:meta])* $name:ident),* $(,)?) => {$(
        $(#[$meta])*
        mod $name {
            #[tokio::test]
            async fn sqlite() {
                let (store, _folder) = $crate::harness::sqlite().await;
                super::super::$name(store).await;
            }
            #[tokio::test]
            async fn postgres() {
                if let Some(store) = $crate::harness::postgres().await {
                    super::super::$name(store).await;
                }
            }
        }
    )*};
}
pub(crate) use scenarios;

/// A database file of its own, gone with the folder.
pub async fn sqlite() -> (Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let store = Store::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    (store, folder)
}

/// A PostgreSQL database of its own, when there is a server.
pub async fn postgres() -> Option<Store> {
    let url = postgres_url().await?;
    let store = Store::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    Some(store)
}

/// The URL of an empty PostgreSQL database made for one test.
pub async fn postgres_url() -> Option<String> {
    #[allow(
        clippy::disallowed_methods,
        reason = "the test command tells where its server is"
    )]
    let Ok(server) = std::env::var("LANYARD_TEST_POSTGRES") else {
        eprintln!("not run: LANYARD_TEST_POSTGRES is not set");
        return None;
    };
    let name = format!("t{}", unique().simple());
    let mut connection = PgConnection::connect(&server).await.unwrap();
    connection
        .execute(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .await
        .unwrap();
    let (base, query) = server.split_once('?').unwrap_or((&server, ""));
    let base = base.rsplit_once('/').map_or(base, |(front, _)| front);
    Some(format!("{base}/{name}?{query}"))
}

/// Distinct ids without randomness: the process, the time of day it started, and a counter.
fn unique() -> Uuid {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let stack = u64::from(std::process::id());
    let started = std::fs::metadata("/proc/self")
        .and_then(|data| data.modified())
        .ok()
        .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos() as u64);
    Uuid::from_u64_pair(
        started ^ (stack << 32),
        NEXT.fetch_add(1, Ordering::Relaxed),
    )
}

/// The instant at which scenarios play.
pub fn morning() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 21, 9, 30, 0).unwrap()
}

/// An id that is the same in every run.
pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// An organisation with a service, two roles (`administrator` limited to 7 places, `viewer`), a
/// task and two areas, one inside the other.
pub struct Ward {
    pub organisation: OrganisationId,
    pub administrator: RoleId,
    pub viewer: RoleId,
    pub area: AreaId,
    pub inner_area: AreaId,
}

/// Adds the organisation with number `n`; ids are made from it.
pub async fn ward(store: &Store, n: u128) -> Ward {
    let base = n * 1_000;
    let organisation = OrganisationId::from_uuid(id(base));
    let service = ServiceId::from_uuid(id(base + 1));
    let (administrator, viewer) = (
        RoleId::from_uuid(id(base + 2)),
        RoleId::from_uuid(id(base + 3)),
    );
    let (area, inner_area) = (
        AreaId::from_uuid(id(base + 4)),
        AreaId::from_uuid(id(base + 5)),
    );
    let task = TaskId::from_uuid(id(base + 6));
    let mut tx = store.write().await.unwrap();
    tx.insert_organisation(&OrganisationRow {
        id: organisation,
        code: format!("RX{n}"),
        slug: format!("rx{n}"),
        name: format!("Hospital {n}"),
        preset: "self-registration".to_owned(),
        policy: Policy::default(),
        created_at: morning(),
        closed_at: None,
    })
    .await
    .unwrap();
    let role = |id, key: &str, seat_limit, permissions: Vec<Permission>, position| RoleRow {
        id,
        organisation_id: organisation,
        service_id: service,
        key: key.to_owned(),
        name: key.to_owned(),
        summary: String::new(),
        privileged: !permissions.is_empty(),
        permissions,
        seat_limit,
        scope_allowed: true,
        position,
    };
    tx.insert_service(
        &ServiceRow {
            id: service,
            organisation_id: organisation,
            key: "portal".to_owned(),
            name: "Service portal".to_owned(),
            roles_per_member: Some(1),
        },
        &[TaskRow {
            id: task,
            organisation_id: organisation,
            service_id: service,
            name: "view records".to_owned(),
            position: 0,
        }],
        &[
            role(
                administrator,
                "administrator",
                Some(7),
                Permission::ALL.to_vec(),
                0,
            ),
            role(viewer, "viewer", None, Vec::new(), 1),
        ],
        &[(viewer, task)],
    )
    .await
    .unwrap();
    tx.insert_seats(organisation, administrator, 7)
        .await
        .unwrap();
    let row = |id, parent_id, name: &str| AreaRow {
        id,
        organisation_id: organisation,
        parent_id,
        name: name.to_owned(),
        kind: "service area".to_owned(),
        position: 0,
        closed_at: None,
    };
    tx.insert_areas(&[
        row(area, None, "Community nursing"),
        row(inner_area, Some(area), "North team"),
    ])
    .await
    .unwrap();
    tx.commit().await.unwrap();
    Ward {
        organisation,
        administrator,
        viewer,
        area,
        inner_area,
    }
}

/// A user row with this number.
pub fn user(n: u128, first: &str, last: &str) -> UserRow {
    let email = format!("{}.{}@nhs.net", first.to_lowercase(), last.to_lowercase());
    UserRow {
        id: UserId::from_uuid(id(n)),
        email_key: email.clone(),
        email,
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        mobile: None,
        password_hash: None,
        security_epoch: 0,
        registered_at: Some(morning()),
        created_at: morning(),
        version: 0,
    }
}

/// A membership row with this number.
pub fn membership(
    n: u128,
    organisation: OrganisationId,
    user: &UserRow,
    status: MembershipStatus,
) -> MembershipRow {
    MembershipRow {
        id: MembershipId::from_uuid(id(n)),
        organisation_id: organisation,
        user_id: user.id,
        status,
        sort_name: user.name().to_lowercase(),
        job_title: String::new(),
        details: DetailsRow::default(),
        created_at: morning(),
        activated_at: None,
        deactivated_at: None,
        last_signed_in_at: None,
        invited_at: None,
        invitation_expires_at: None,
        delivery_failed_at: None,
        version: 0,
    }
}
