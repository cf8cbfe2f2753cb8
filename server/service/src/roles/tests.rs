//! The table of tasks by role, and the page of each.

use chrono::TimeDelta;
use domain::{
    Permission, ShownStatus,
    id::RoleId,
    role::{RoleHolders, RolePage},
};

use crate::{Actor, Error, presets::Preset, testing::Harness};

/// J04, C7: the table says of every task which roles can do it, out of the data that the access
/// check reads; everybody in the organisation may read it.
#[tokio::test]
async fn every_member_reads_which_role_does_what() {
    let h = Harness::new().await;
    h.organisation("RX1", "Hollybrook Hospital").await;
    let jane = h.member("rx1", "jane.carlton@nhs.net", "viewer").await;
    let sam = h.administrator("rx1", "sam.okoro@nhs.net").await;
    let view = h.services.role_matrix(&jane, "rx1").await.unwrap();
    assert_eq!((view.slug.as_str(), view.at), ("rx1", h.services.now()));
    let names: Vec<&str> = view.matrix.roles.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["Administrator", "Manager", "Contributor", "Viewer"]);
    assert_eq!(view.matrix.services.len(), 1);
    assert_eq!(view.matrix.services[0].name, "Service portal");
    let tasks = &view.matrix.services[0].tasks;
    for role in &view.matrix.roles {
        let can: Vec<String> = tasks
            .iter()
            .filter(|task| task.roles.contains(&role.id))
            .map(|task| task.sentence.clone())
            .collect();
        assert_eq!(can, role.can, "{}", role.name);
        let all = role.can.len() + role.cannot.len();
        assert_eq!(all, tasks.len(), "{}", role.name);
    }
    // Who has the roles is not in it: it is the same for everybody.
    assert_eq!(h.services.role_matrix(&sam, "rx1").await.unwrap(), view);
}

/// R65: whoever is no member learns nothing, not even that the organisation exists.
#[tokio::test]
async fn a_stranger_cannot_read_the_roles() {
    let h = Harness::new().await;
    h.organisation("RX1", "Hollybrook Hospital").await;
    h.organisation("RX2", "St Luke's").await;
    let sam = h.administrator("rx2", "sam.okoro@nhs.net").await;
    for slug in ["rx1", "rx9"] {
        let refused = h.services.role_matrix(&sam, slug).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{slug}");
    }
}

/// J25, J27: how many places of a limited role are used.
#[tokio::test]
async fn used_places_are_those_of_this_moment() {
    let h = Harness::new().await;
    let organisation = h.organisation("RX1", "Hollybrook Hospital").await;
    let sam = h.administrator("rx1", "sam.okoro@nhs.net").await;
    let used = async || {
        let view = h.services.role_matrix(&sam, "rx1").await.unwrap();
        view.matrix.roles[0].seats_used
    };
    assert_eq!(used().await, 0);
    let mut tx = h.services.store().write().await.unwrap();
    let role = tx.roles(organisation).await.unwrap()[0].id;
    let member = tx.membership_of(organisation, sam.user()).await.unwrap();
    let member = member.unwrap().id;
    tx.insert_seats(organisation, role, 7).await.unwrap();
    let now = h.services.now();
    let claimed = tx.claim_seat(organisation, role, member, now).await;
    assert!(claimed.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(used().await, 1);
}

/// The role with a name, out of the table that everybody may read.
async fn role(h: &Harness, actor: &Actor, slug: &str, name: &str) -> RoleId {
    let view = h.services.role_matrix(actor, slug).await.unwrap();
    let roles = view.matrix.roles.iter();
    roles.into_iter().find(|role| role.name == name).unwrap().id
}

async fn page(h: &Harness, actor: &Actor, slug: &str, name: &str) -> RolePage {
    let role = role(h, actor, slug, name).await;
    h.services.role_page(actor, slug, role).await.unwrap()
}

/// Somebody of the demo.
async fn of_demo(h: &Harness, email: &str) -> Actor {
    let mut tx = h.services.store().read().await.unwrap();
    let user = tx.user_by_email_key(email).await.unwrap().unwrap();
    h.actor(user.id, &user.name(), &user.email)
}

fn names(holders: &RoleHolders) -> Vec<&str> {
    let people = holders.people.iter();
    people.map(|person| person.name.as_str()).collect()
}

/// J25 to J27: who holds the places of a limited role, with those who are invited to it.
#[tokio::test]
async fn a_limited_role_names_who_holds_its_places() {
    let h = Harness::new().await;
    h.services.seed_demo(&h.request()).await.unwrap();
    let josephine = of_demo(&h, "josephine.adu@larchwood.example").await;
    let view = page(&h, &josephine, "rj1", "Super user").await;
    assert_eq!((view.role.seats_used, view.role.seat_limit), (5, Some(7)));
    assert_eq!((view.active, view.invited), (4, 1));
    assert_eq!(
        (view.service.as_str(), view.roles_per_member),
        ("Recruitment", Some(1))
    );
    assert!(!view.role.scope_allowed);
    let holders = view.holders.unwrap();
    assert_eq!(
        names(&holders),
        [
            "Josephine Adu",
            "Natalie Ingleby",
            "Liam Marsden",
            "Arjun Mehta",
            "Callie Rutherford"
        ]
    );
    assert!(!holders.more && !holders.some_areas);
    let natalie = &holders.people[1];
    assert_eq!(natalie.status, ShownStatus::Pending);
    assert!(natalie.until.unwrap() > h.services.now());
    assert!(holders.people[0].until.is_none());
    // The seat of an invitation is free when its link has ended.
    h.clock.advance(TimeDelta::days(1));
    let view = page(&h, &josephine, "rj1", "Super user").await;
    assert_eq!((view.active, view.invited, view.role.seats_used), (4, 0, 4));
    assert_eq!(view.holders.unwrap().people.len(), 4);
}

/// J04, J05: everybody reads what a role is and how many have it; names are for those who may see users.
#[tokio::test]
async fn who_has_a_role_is_for_those_who_may_see_users() {
    let h = Harness::new().await;
    h.services.seed_demo(&h.request()).await.unwrap();
    let zainab = of_demo(&h, "zainab.osman@larchwood.example").await;
    let view = page(&h, &zainab, "rj1", "Super user").await;
    assert_eq!((view.active, view.invited), (4, 1));
    assert_eq!(view.holders, None);
    let dominic = of_demo(&h, "dominic.farrow@larchwood.example").await;
    let view = page(&h, &dominic, "rj1", "Recruiting manager").await;
    let holders = view.holders.unwrap();
    assert_eq!(
        (view.active, view.invited, holders.people.len()),
        (12, 5, 10)
    );
    assert!(holders.more);
}

/// R63, R68: the manager of a ward sees who has a role there, and nobody else.
#[tokio::test]
async fn a_manager_of_one_area_sees_who_has_a_role_there() {
    let h = Harness::new().await;
    h.services.seed_demo(&h.request()).await.unwrap();
    let jane = of_demo(&h, "jane.carlton@hollybrook.example").await;
    let view = page(&h, &jane, "rx1", "Contributor").await;
    let holders = view.holders.unwrap();
    assert!(holders.some_areas);
    assert_eq!(names(&holders), ["Marcus Delacroix", "Aisha Karim"]);
    assert!(view.active > 2);
    for person in &holders.people {
        assert_eq!(person.areas, ["Ward 3"], "{}", person.name);
    }
    let view = page(&h, &jane, "rx1", "Administrator").await;
    assert!(view.holders.unwrap().people.is_empty());
}

/// R65: a role of another organisation, or of none, is not there, whatever the organisation in front.
#[tokio::test]
async fn a_foreign_role_is_not_found() {
    let h = Harness::new().await;
    h.organisation("RX1", "Hollybrook Hospital").await;
    h.organisation("RX2", "Rosebush Hospital").await;
    let sam = h.administrator("rx1", "sam.okoro@nhs.net").await;
    let margaret = h.administrator("rx2", "margaret@nhs.net").await;
    let mine = role(&h, &sam, "rx1", "Viewer").await;
    let theirs = role(&h, &margaret, "rx2", "Viewer").await;
    let nobodys = RoleId::from_uuid(uuid::Uuid::from_u128(7));
    for (slug, role) in [
        ("rx1", theirs),
        ("rx2", theirs),
        ("rx2", mine),
        ("rx1", nobodys),
    ] {
        let refused = h.services.role_page(&sam, slug, role).await;
        assert!(matches!(refused, Err(Error::NotFound)), "{slug} {role}");
    }
    assert!(h.services.role_page(&sam, "rx1", mine).await.is_ok());
}

/// J04, J05, V01, V06 to V09: in every preset the rights that the page of a role lists are those that the
/// access check finds for whoever has it, one by one, and the table is the one that the role's own page
/// shows.
#[tokio::test]
async fn what_is_shown_of_a_role_is_what_is_checked() {
    let h = Harness::new().await;
    for (number, preset) in (1..).zip(Preset::ALL) {
        let slug = format!("rx{number}");
        h.organisation_of(*preset, &slug, "Hollybrook").await;
        for role in preset.service().roles {
            let email = format!("{}@{number}.nhs.uk", role.key);
            let actor = h.member(&slug, &email, role.key).await;
            let view = page(&h, &actor, &slug, role.name).await;
            assert_eq!(view.role.can, role.can);
            let mut tx = h.services.store().read().await.unwrap();
            let access = h.services.access(&mut tx, &actor, &slug).await.unwrap();
            for permission in Permission::ALL {
                let shown = view.role.permissions.contains(permission);
                assert_eq!(access.require(*permission).is_ok(), shown, "{permission}");
            }
            drop(tx);
            let matrix = h.services.role_matrix(&actor, &slug).await.unwrap().matrix;
            for task in &matrix.services[0].tasks {
                let cell = task.roles.contains(&view.role.id);
                assert_eq!(cell, view.role.can.contains(&task.sentence));
                assert_eq!(!cell, view.role.cannot.contains(&task.sentence));
            }
        }
    }
}

/// Requirements, section 3, R65: a refusal for want of a place says who holds the places to those who may see
/// them, how many are used to other members, and nothing to anybody else.
#[tokio::test]
async fn who_holds_the_places_is_said_as_far_as_it_may_be() {
    let h = Harness::new().await;
    h.services.seed_demo(&h.request()).await.unwrap();
    let zainab = of_demo(&h, "zainab.osman@larchwood.example").await;
    let super_user = role(&h, &zainab, "rj1", "Super user").await;
    let said = async |email: &str| {
        let actor = of_demo(&h, email).await;
        let full = domain::role::role_full(super_user, "Super user", 7);
        match h.services.say_who_holds(&actor, Error::Invalid(full)).await {
            Error::Invalid(violations) => violations.0[0].params[2..].to_vec(),
            other => panic!("{other}"),
        }
    };
    assert_eq!(
        said("zainab.osman@larchwood.example").await,
        [
            "5 of 7 places for Super user are used.",
            "See the role Super user",
            &format!("/o/rj1/roles/{super_user}"),
        ]
    );
    let dominic = said("dominic.farrow@larchwood.example").await;
    assert!(
        dominic[0].starts_with("5 of 7 places for Super user are held by "),
        "{dominic:?}"
    );
    assert_eq!(dominic[2], "/o/rj1/users?role=super-user");
    assert!(said("jane.carlton@hollybrook.example").await.is_empty());
}
