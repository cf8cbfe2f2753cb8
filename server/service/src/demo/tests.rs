//! The demo holds what it promises.

use std::collections::{BTreeMap, BTreeSet};

use domain::{EmailAddress, ShownStatus, membership::ChangedThing, sign_in::SignInForm};

use super::{CASTS, PASSWORD};
use crate::{
    presets::Preset,
    sign_in::{Attempt, Cookies, Next},
    testing::Harness,
};

/// Requirements, section 4: an organisation of each preset, with areas two levels deep where roles can
/// be limited to them, and at least 40 people each in every status; made once.
#[tokio::test]
async fn organisations_of_each_preset_with_people_in_every_status() {
    let h = Harness::new().await;
    let demo = h.services.seed_demo(&h.request()).await.unwrap();
    assert!(demo.is_new);
    let again = h.services.seed_demo(&h.request()).await.unwrap();
    assert!(!again.is_new);
    assert_eq!(
        (again.password, &again.people),
        (demo.password, &demo.people)
    );

    for preset in Preset::ALL {
        assert!(CASTS.iter().any(|cast| cast.preset == *preset));
    }
    let everybody: BTreeSet<String> = CASTS
        .iter()
        .flat_map(|cast| cast.people().unwrap())
        .map(|person| person.email)
        .collect();
    let mut places: BTreeMap<&String, Vec<(&str, String)>> = BTreeMap::new();
    let now = h.services.now();
    let mut inactive = 0;
    let mut tx = h.services.store.read().await.unwrap();
    assert_eq!(tx.count_organisations().await.unwrap(), 4);
    for cast in &CASTS {
        let slug = cast.code.to_lowercase();
        let organisation = tx.organisation_by_slug(&slug).await.unwrap().unwrap();
        let areas = tx.areas(organisation.id).await.unwrap();
        if cast.preset == Preset::SelfRegistration {
            assert!(areas.len() >= 12);
            let inner = areas.iter().filter(|area| area.parent_id.is_some());
            assert!(inner.count() >= 12, "two levels deep");
        } else {
            assert!(areas.is_empty());
        }

        let known = tx.roles(organisation.id).await.unwrap();
        let mut clinicians = 0;
        let mut counts: BTreeMap<ShownStatus, u32> = BTreeMap::new();
        let mut roles: BTreeMap<&str, u32> = BTreeMap::new();
        for email in &everybody {
            let user = tx.user_by_email_key(email).await.unwrap().unwrap();
            let member = tx.membership_of(organisation.id, user.id).await.unwrap();
            let Some(member) = member else { continue };
            let shown = ShownStatus::of(
                member.status,
                member.invitation_expires_at,
                member.delivery_failed_at.is_some(),
                now,
            );
            *counts.entry(shown).or_default() += 1;
            let asked = cast.preset == Preset::Ravs;
            assert_eq!(member.details.clinician.is_some(), asked, "{email}");
            let number = &member.details.registration_number;
            assert_eq!(number.is_empty(), member.details.clinician != Some(true));
            if member.details.clinician == Some(true) {
                assert_eq!(number.len(), if number.contains('I') { 8 } else { 7 });
                clinicians += 1;
            }
            if shown == ShownStatus::Inactive {
                // ux E5: by whom, when and why.
                let change = tx.newest_change(organisation.id, member.id, ChangedThing::Status);
                let change = change.await.unwrap().unwrap();
                assert!(change.changed_by.is_some() && !change.reason.is_empty());
                assert_eq!(Some(change.changed_at), member.deactivated_at);
                inactive += 1;
            }
            let held = tx.assignments_of(organisation.id, member.id).await.unwrap();
            assert!(!held.is_empty(), "{email} has a role, and its areas exist");
            let role = known.iter().find(|role| role.id == held[0].role_id);
            let role = role.unwrap();
            *roles.entry(role.key.as_str()).or_default() += 1;
            if shown == ShownStatus::Active {
                let place = (cast.code, role.key.clone());
                places.entry(email).or_default().push(place);
            }
            // C27: nobody is where their address is not allowed.
            let address = EmailAddress::parse(email).unwrap();
            assert!(organisation.policy.email_domains.allows(&address));
            if let Some(signed_in) = member.last_signed_in_at {
                assert!(signed_in <= now && Some(signed_in) >= member.activated_at);
            }
        }
        let all = counts.values().sum::<u32>();
        assert!(all >= 40, "{counts:?}");
        // V04: most of the pharmacy are, some are not.
        if cast.preset == Preset::Ravs {
            assert!(
                clinicians * 2 > all && clinicians + 5 < all,
                "{clinicians} of {all}"
            );
        }
        for status in [
            ShownStatus::Active,
            ShownStatus::Pending,
            ShownStatus::Expired,
            ShownStatus::Inactive,
            ShownStatus::EmailFailed,
        ] {
            assert!(counts.get(&status).is_some_and(|n| *n >= 3), "{counts:?}");
        }
        let service = cast.preset.service();
        assert_eq!(roles.len(), service.roles.len(), "{roles:?}");
        assert!(roles[service.managing_role().unwrap().key] >= 2);
    }
    let told = tx.count_audit_events("membership_deactivated").await;
    assert_eq!(told.unwrap(), inactive);
    drop(tx);
    // C1: people who belong to several organisations, with other roles there; one manages everything
    // in the one and nothing in the other.
    let several: Vec<&Vec<(&str, String)>> =
        places.values().filter(|places| places.len() > 1).collect();
    let differing = several
        .iter()
        .filter(|places| places.iter().any(|place| place.1 != places[0].1));
    assert!(differing.count() >= 3, "{several:?}");
    let arjun = &places[&"arjun.mehta@hollybrook.example".to_owned()];
    assert_eq!(
        arjun,
        &[
            ("RX1", "viewer".to_owned()),
            ("RJ1", "super-user".to_owned())
        ]
    );
    assert!(several.iter().any(|places| places.len() == 3));
    assert!(h.outbox().await.is_empty());
}

/// J25 to J27: of the 7 places of the super user 5 are held, by those who are Active or Pending, and
/// each of them holds one.
#[tokio::test]
async fn five_of_seven_super_users() {
    let h = Harness::new().await;
    h.services.seed_demo(&h.request()).await.unwrap();
    let mut tx = h.services.store.read().await.unwrap();
    let place = tx.organisation_by_slug("rj1").await.unwrap().unwrap();
    let roles = tx.roles(place.id).await.unwrap();
    let role = roles.iter().find(|role| role.seat_limit.is_some()).unwrap();
    assert_eq!(
        (role.key.as_str(), role.seat_limit),
        ("super-user", Some(7))
    );
    let used = tx.seats_used(place.id, h.services.now()).await.unwrap();
    assert_eq!(used, [(role.id, 5)]);
    drop(tx);
    // Links to manage users live for a day.
    h.clock.advance(chrono::TimeDelta::days(1));
    let mut tx = h.services.store.read().await.unwrap();
    let used = tx.seats_used(place.id, h.services.now()).await.unwrap();
    assert_eq!(used, [(role.id, 4)]);
}

/// Everybody to sign in as signs in with the printed password, and is asked for a code by email.
#[tokio::test]
async fn the_printed_password_signs_in() {
    let h = Harness::new().await;
    let demo = h.services.seed_demo(&h.request()).await.unwrap();
    let named: Vec<&str> = demo.people.iter().map(|p| p.what.as_str()).collect();
    assert_eq!(
        named,
        [
            "Administrator, Hollybrook Hospital (RX1)",
            "Manager, Hollybrook Hospital (RX1)",
            "Contributor, Hollybrook Hospital (RX1)",
            "Administrator, Rosebush Hospital (RX2)",
            "Manager, Rosebush Hospital (RX2)",
            "Contributor, Rosebush Hospital (RX2)",
            "Super user, Larchwood Health Trust (RJ1)",
            "Team manager, Larchwood Health Trust (RJ1)",
            "Recruitment administrator, Larchwood Health Trust (RJ1)",
            "Lead administrator, Greenwood Pharmacy Group (FGP)",
            "Recorder, Greenwood Pharmacy Group (FGP)",
            "Administrator, Greenwood Pharmacy Group (FGP)",
            "Viewer, Hollybrook Hospital (RX1); Super user, Larchwood Health Trust (RJ1)",
            "Super user, Larchwood Health Trust (RJ1); Recorder, Greenwood Pharmacy Group (FGP)",
            "Recruiting manager, Larchwood Health Trust (RJ1); Lead administrator, Greenwood Pharmacy Group (FGP)",
            "Administrator, Hollybrook Hospital (RX1); Administrator, Rosebush Hospital (RX2)",
        ]
    );
    assert_eq!(demo.people[0].email, "sam.okoro@hollybrook.example");
    for person in &demo.people {
        let form = SignInForm {
            email: person.email.clone(),
            password: PASSWORD.to_owned(),
        };
        let attempt = Attempt {
            form: &form,
            return_to: "",
            cookies: Cookies::default(),
        };
        let signed_in = h.services.sign_in(&attempt, &h.request()).await.unwrap();
        assert_eq!(signed_in.next, Next::Code, "{}", person.email);
        let message = h.outbox().await.pop().unwrap();
        assert_eq!(message.kind, "code");
    }
    let recipients: Vec<_> = h.outbox().await.into_iter().map(|m| m.recipient).collect();
    for person in &demo.people {
        assert!(recipients.contains(&person.email));
    }
}
