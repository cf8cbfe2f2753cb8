//! An organisation's home, for those who manage it and those who do not.

use chrono::TimeDelta;
use domain::{
    AuditEventKind, MembershipStatus, SecondFactorKind,
    home::{Attention, AttentionCount, FirstRun, HomeView},
    id::{AreaId, AssignmentId, OrganisationId, SecondFactorId},
    policy::SecondFactorRule,
};
use serde_json::json;
use store::{AreaRow, AssignmentRow, MembershipRow, SecondFactorRow};

use crate::{Actor, By, Error, audit::Event, testing::Harness};

/// Hollybrook Hospital, with Sam Okoro as its administrator.
struct Hospital {
    h: Harness,
    id: OrganisationId,
    sam: Actor,
}

impl Hospital {
    async fn new() -> Self {
        let h = Harness::new().await;
        let id = h.organisation("RX1", "Hollybrook Hospital").await;
        let sam = h.administrator("rx1", "sam.okoro@nhs.net").await;
        Self { h, id, sam }
    }

    async fn home(&self, actor: &Actor) -> HomeView {
        self.h.services.home(actor, "rx1").await.unwrap()
    }

    async fn counts(&self) -> Vec<(Attention, u32)> {
        let counts = self.home(&self.sam).await.attention.unwrap();
        counts
            .into_iter()
            .map(|one| (one.what, one.count))
            .collect()
    }

    async fn change(&self, actor: &Actor, change: impl FnOnce(&mut MembershipRow)) {
        let mut tx = self.h.services.store.write().await.unwrap();
        let row = tx.membership_of(self.id, actor.user()).await.unwrap();
        let mut row = row.unwrap();
        change(&mut row);
        tx.update_membership(&row).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Replaces the assignments of a member by one to an area; without an area by none.
    async fn limit(&self, actor: &Actor, area: Option<AreaId>) {
        let now = self.h.services.now();
        let mut tx = self.h.services.store.write().await.unwrap();
        let member = tx.membership_of(self.id, actor.user()).await.unwrap();
        let member = member.unwrap().id;
        let held = tx.assignments_of(self.id, member).await.unwrap();
        tx.delete_assignments_of(self.id, member).await.unwrap();
        if area.is_some() {
            let row = AssignmentRow {
                id: AssignmentId::from_uuid(self.h.services.random.uuid(now)),
                area_id: area,
                ..held[0].clone()
            };
            tx.insert_assignments(&[row]).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    async fn area(&self, name: &str) -> AreaId {
        let services = &self.h.services;
        let id = AreaId::from_uuid(services.random.uuid(services.now()));
        let mut tx = services.store.write().await.unwrap();
        tx.insert_areas(&[AreaRow {
            id,
            organisation_id: self.id,
            parent_id: None,
            name: name.to_owned(),
            kind: "service area".to_owned(),
            position: 0,
            closed_at: None,
        }])
        .await
        .unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn event(&self, kind: AuditEventKind, details: serde_json::Value) {
        self.event_by("password+totp", kind, details).await;
    }

    /// An event that somebody caused in this way.
    async fn event_by(&self, method: &str, kind: AuditEventKind, details: serde_json::Value) {
        let mut tx = self.h.services.store.write().await.unwrap();
        let event = Event {
            organisation: Some(self.id),
            kind,
            subject: Some((self.sam.user(), "Jane Carlton".to_owned())),
            details,
        };
        let by = By {
            method: method.to_owned(),
            ..By::actor(&self.sam)
        };
        self.h.services.audit(&mut tx, &by, event).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// J11, A18: nothing is counted that needs nobody; what does is counted, and an invitation is Expired
/// from its last moment on (B20).
#[tokio::test]
async fn counts_are_those_of_this_moment() {
    let hospital = Hospital::new().await;
    assert_eq!(hospital.counts().await, []);
    let jane = hospital
        .h
        .member("rx1", "jane.carlton@nhs.net", "viewer")
        .await;
    let amir = hospital
        .h
        .member("rx1", "amir.shah@nhs.net", "viewer")
        .await;
    let start = hospital.h.services.now();
    let days = TimeDelta::days;
    for actor in [&jane, &amir] {
        hospital
            .change(actor, |row| {
                row.status = MembershipStatus::Pending;
                row.invitation_expires_at = Some(start + days(3));
            })
            .await;
    }
    assert_eq!(hospital.counts().await, []);
    hospital
        .change(&amir, |row| row.delivery_failed_at = Some(start))
        .await;
    assert_eq!(hospital.counts().await, [(Attention::EmailFailed, 1)]);
    hospital.h.clock.set(start + days(1));
    let expected = [(Attention::Ending, 1), (Attention::EmailFailed, 1)];
    assert_eq!(hospital.counts().await, expected);
    hospital.h.clock.set(start + days(3));
    assert_eq!(hospital.counts().await, [(Attention::Expired, 2)]);
}

/// Somebody whose roles were taken can sign in and do nothing: an administrator has to know.
#[tokio::test]
async fn active_people_without_a_role_are_counted() {
    let hospital = Hospital::new().await;
    let jane = hospital
        .h
        .member("rx1", "jane.carlton@nhs.net", "viewer")
        .await;
    hospital.limit(&jane, None).await;
    assert_eq!(hospital.counts().await, [(Attention::WithoutRole, 1)]);
    let home = hospital.home(&jane).await;
    let access = home.access.unwrap();
    assert!(access.roles.is_empty() && access.can.is_empty());
    assert_eq!(access.cannot.len(), 9);
    assert_eq!(access.administrators, ["Sam Okoro"]);
}

/// C2: who has not signed in for 60 days, whose access ends this week and, where it may be, who has no second
/// step are counted, each like the list that the number leads to; of an area only its people (R69).
#[tokio::test]
async fn people_who_are_away_open_or_leaving_are_counted() {
    let hospital = Hospital::new().await;
    let h = &hospital.h;
    let (ward, north) = (
        hospital.area("Ward 3").await,
        hospital.area("North team").await,
    );
    let jane = h.member("rx1", "jane.carlton@nhs.net", "viewer").await;
    let amir = h.member("rx1", "amir.shah@nhs.net", "viewer").await;
    let manager = h.member("rx1", "priya.nair@nhs.net", "manager").await;
    hospital.limit(&manager, Some(ward)).await;
    hospital.limit(&jane, Some(ward)).await;
    hospital.limit(&amir, Some(north)).await;
    assert_eq!(hospital.counts().await, []);
    let now = h.services.now();
    let mut tx = h.services.store.write().await.unwrap();
    for (actor, days) in [(&jane, 60), (&amir, 61), (&manager, 59)] {
        let at = now - TimeDelta::days(days);
        tx.set_last_signed_in(hospital.id, actor.user(), at)
            .await
            .unwrap();
    }
    let member = tx
        .membership_of(hospital.id, amir.user())
        .await
        .unwrap()
        .unwrap()
        .id;
    let mut held = tx.assignments_of(hospital.id, member).await.unwrap();
    held[0].ends_at = Some(now + TimeDelta::days(1));
    tx.replace_assignments(hospital.id, member, &held)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let expected = [(Attention::Dormant, 2), (Attention::AccessEnding, 1)];
    assert_eq!(hospital.counts().await, expected);
    let mut tx = h.services.store.write().await.unwrap();
    let mut row = tx.organisation_by_slug("rx1").await.unwrap().unwrap();
    row.policy.second_factor = SecondFactorRule::Optional;
    tx.update_policy(row.id, &row.policy).await.unwrap();
    tx.put_second_factor(&SecondFactorRow {
        id: SecondFactorId::from_uuid(h.services.random.uuid(now)),
        user_id: jane.user(),
        kind: SecondFactorKind::Email,
        secret: None,
        last_step: 0,
        created_at: now,
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let expected = [
        (Attention::Dormant, 2),
        (Attention::CodesOff, 3),
        (Attention::AccessEnding, 1),
    ];
    assert_eq!(hospital.counts().await, expected);
    let within = hospital.home(&manager).await.attention.unwrap();
    let one = |what| AttentionCount {
        what,
        count: 1,
        more: false,
    };
    assert_eq!(within, [one(Attention::Dormant), one(Attention::CodesOff)]);
    for (actor, counts) in [
        (
            &hospital.sam,
            hospital.home(&hospital.sam).await.attention.unwrap(),
        ),
        (&manager, within),
    ] {
        for one in counts {
            let page = h
                .services
                .users_page(actor, "rx1", &one.what.query())
                .await
                .unwrap();
            assert_eq!(page.total, one.count, "{:?}", one.what);
        }
    }
}

/// Whoever could invite a second administrator is asked to, until there is one.
#[tokio::test]
async fn a_lone_administrator_is_asked_for_a_second() {
    let hospital = Hospital::new().await;
    // The list of what to do first asks for it, until others are there.
    let alone = hospital.home(&hospital.sam).await;
    assert!(!alone.lone_administrator);
    assert!(!alone.first_run.unwrap().second_administrator);
    let manager = hospital
        .h
        .member("rx1", "priya.nair@nhs.net", "manager")
        .await;
    assert!(!hospital.home(&manager).await.lone_administrator);
    let home = hospital.home(&hospital.sam).await;
    assert!(home.lone_administrator && home.first_run.is_none());
    let second = hospital.h.administrator("rx1", "lee.marsh@nhs.net").await;
    assert!(!hospital.home(&hospital.sam).await.lone_administrator);
    hospital
        .change(&second, |row| row.status = MembershipStatus::Inactive)
        .await;
    assert!(hospital.home(&hospital.sam).await.lone_administrator);
}

/// R63, R65: a member sees what they can do and whom to ask, and nothing of other people; a
/// stranger sees nothing at all.
#[tokio::test]
async fn a_member_sees_their_own_access_and_no_figures() {
    let hospital = Hospital::new().await;
    let ward = hospital.area("Ward 3").await;
    let north = hospital.area("North team").await;
    let jane = hospital
        .h
        .member("rx1", "jane.carlton@nhs.net", "viewer")
        .await;
    let near = hospital.h.administrator("rx1", "ada.near@nhs.net").await;
    let far = hospital.h.administrator("rx1", "flo.far@nhs.net").await;
    hospital.limit(&jane, Some(ward)).await;
    hospital.limit(&near, Some(ward)).await;
    hospital.limit(&far, Some(north)).await;
    let home = hospital.home(&jane).await;
    assert_eq!(home.organisation_name, "Hollybrook Hospital");
    assert!(home.attention.is_none() && home.jobs.is_none() && home.activity.is_none());
    assert!(!home.can_add_users && !home.lone_administrator);
    let access = home.access.unwrap();
    assert_eq!(access.roles.len(), 1);
    assert_eq!(access.roles[0].areas, ["Ward 3"]);
    assert_eq!(access.can.len(), 2);
    assert_eq!(access.cannot.len(), 7);
    assert_eq!(access.administrators, ["Sam Okoro", "Ada Near"]);

    hospital.h.organisation("RX2", "St Luke's").await;
    let other = hospital.h.administrator("rx2", "kit.other@nhs.net").await;
    for slug in ["rx1", "rx9"] {
        let refused = hospital.h.services.home(&other, slug).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{slug}");
    }
}

/// R69: a manager of an area sees the figures of that area, and no activity of others.
#[tokio::test]
async fn a_manager_of_an_area_sees_its_figures() {
    let hospital = Hospital::new().await;
    let (ward, north) = (
        hospital.area("Ward 3").await,
        hospital.area("North team").await,
    );
    let start = hospital.h.services.now();
    let manager = hospital
        .h
        .member("rx1", "priya.nair@nhs.net", "manager")
        .await;
    hospital.limit(&manager, Some(ward)).await;
    for (email, area) in [("jane.carlton@nhs.net", ward), ("amir.shah@nhs.net", north)] {
        let actor = hospital.h.member("rx1", email, "viewer").await;
        hospital.limit(&actor, Some(area)).await;
        hospital
            .change(&actor, |row| {
                row.status = MembershipStatus::Pending;
                row.invitation_expires_at = Some(start);
            })
            .await;
    }
    assert_eq!(hospital.counts().await, [(Attention::Expired, 2)]);
    let home = hospital.home(&manager).await;
    let expected = AttentionCount {
        what: Attention::Expired,
        count: 1,
        more: false,
    };
    assert_eq!(home.attention, Some(vec![expected]));
    assert!(home.can_add_users && home.activity.is_none());
    assert_eq!(home.jobs, Some(Vec::new()));
    assert!(home.access.is_some());
}

/// C2: the last 5 events, newest first; a bulk send is one of them.
#[tokio::test]
async fn activity_is_the_last_five_events() {
    let hospital = Hospital::new().await;
    let before = hospital.home(&hospital.sam).await.activity.unwrap();
    assert_eq!(before.len(), 1);
    assert_eq!(before[0].kind, AuditEventKind::OrganisationCreated);
    for _ in 0..8 {
        hospital
            .event_by(By::BATCH, AuditEventKind::InvitationSent, json!({}))
            .await;
    }
    let outcomes = json!({ "sent": 39, "role_given": 2, "invalid": 4 });
    let details = json!({ "outcomes": outcomes });
    hospital.event(AuditEventKind::BatchFinished, details).await;
    let role = json!({ "role": "Manager" });
    hospital.event(AuditEventKind::RoleNotGiven, role).await;
    let after = hospital.home(&hospital.sam).await.activity.unwrap();
    assert_eq!(after.len(), 3);
    assert_eq!(after[0].title, "Jane Carlton did not get the role Manager");
    assert_eq!(after[0].subject, "Jane Carlton");
    let told = (after[1].title.as_str(), after[1].actor.as_str());
    assert_eq!(told, ("41 invitations sent", "Sam Okoro"));
    for _ in 0..4 {
        hospital
            .event(AuditEventKind::BatchStopped, json!({}))
            .await;
    }
    let full = hospital.home(&hospital.sam).await.activity.unwrap();
    assert_eq!(full.len(), 5);
    assert_eq!(full[0].kind, AuditEventKind::BatchStopped);
    assert_eq!(full[4].kind, AuditEventKind::RoleNotGiven);
}

/// ux C2: what was done to one person is among the last events, with what it was; done to many it is one event.
#[tokio::test]
async fn managing_users_is_recent_activity() {
    use AuditEventKind as Kind;
    let hospital = Hospital::new().await;
    for kind in [
        Kind::InvitationSent,
        Kind::RoleAssigned,
        Kind::RoleChanged,
        Kind::RoleRemoved,
        Kind::DetailsChanged,
        Kind::MembershipDeactivated,
        Kind::MembershipReactivated,
        Kind::ChangeUndone,
    ] {
        hospital.event(kind, json!({})).await;
        hospital.event_by(By::BULK, kind, json!({})).await;
        let newest = hospital.home(&hospital.sam).await.activity.unwrap();
        assert_eq!(newest[0].kind, kind);
        if newest.len() > 1 {
            assert_ne!(newest[1].kind, kind, "told twice");
        }
    }
    let done = json!({ "action": "deactivate", "job": "x", "outcomes": { "done": 30 } });
    hospital.event_by(By::BULK, Kind::BulkFinished, done).await;
    hospital
        .event(Kind::UsersExported, json!({ "rows": 2 }))
        .await;
    let newest = hospital.home(&hospital.sam).await.activity.unwrap();
    let titles: Vec<&str> = newest.iter().map(|item| item.title.as_str()).collect();
    assert_eq!(
        titles[..3],
        [
            "Users exported as CSV: 2 users",
            "Deactivated 30 users",
            "Change undone for Jane Carlton"
        ]
    );
    assert_eq!(newest[1].href, "/o/rx1/jobs/x");
}

/// ux C2: an organisation that has nobody else yet is told what to do first; once somebody was invited,
/// a lone administrator is still asked for a second one (R71).
#[tokio::test]
async fn the_first_things_to_do_are_told_until_they_are_done() {
    let hospital = Hospital::new().await;
    let first = hospital.home(&hospital.sam).await;
    assert_eq!(
        first.first_run,
        Some(FirstRun {
            second_administrator: false
        })
    );
    assert!(!first.lone_administrator);
    let alex = hospital.h.administrator("rx1", "alex.hart@nhs.net").await;
    let two = hospital.home(&alex).await.first_run.unwrap();
    assert!(two.second_administrator);
    hospital
        .change(&alex, |row| row.status = MembershipStatus::Inactive)
        .await;
    let jane = hospital
        .h
        .member("rx1", "jane.carlton@nhs.net", "viewer")
        .await;
    let later = hospital.home(&hospital.sam).await;
    assert!(later.first_run.is_none() && later.lone_administrator);
    assert!(hospital.home(&jane).await.first_run.is_none());
}

/// J08: what needs attention in one's other organisations is seen from each of them, as far as one may
/// see it there.
#[tokio::test]
async fn other_organisations_are_seen_from_here() {
    let hospital = Hospital::new().await;
    let h = &hospital.h;
    h.organisation("RX2", "Rosebush Hospital").await;
    h.organisation("RX3", "Larchwood Hospital").await;
    h.organisation("RX4", "Foxglove Hospital").await;
    h.member("rx2", "sam.okoro@nhs.net", "administrator").await;
    h.member("rx3", "sam.okoro@nhs.net", "viewer").await;
    let roleless = h.member("rx2", "bo.ash@nhs.net", "viewer").await;
    let mut tx = h.services.store.write().await.unwrap();
    let there = tx.organisation_by_slug("rx2").await.unwrap().unwrap().id;
    let row = tx.membership_of(there, roleless.user()).await.unwrap();
    tx.delete_assignments_of(there, row.unwrap().id)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let places: Vec<_> = hospital
        .home(&hospital.sam)
        .await
        .elsewhere
        .into_iter()
        .map(|place| (place.slug, place.attention))
        .collect();
    assert_eq!(places, [("rx3".into(), None), ("rx2".into(), Some(1))]);
}
