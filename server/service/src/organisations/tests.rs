//! Organisations, their first administrators, and the set-up of an installation.

use chrono::TimeDelta;
use domain::{
    EmailAddress, MembershipStatus, OrganisationCode, Violations,
    invitation::InvitationLanding,
    organisation::OrganisationName,
    registration::{SetUp, SetUpForm, SetUpLanding},
};

use crate::{By, Conflict, Error, presets::Preset, request::Authentication, testing::Harness};

/// Requirements, section 4: an organisation made from a preset has its service, roles, tasks
/// and settings; its code is unique in whatever case.
#[tokio::test]
async fn an_organisation_starts_with_its_preset() {
    let h = Harness::new().await;
    let by = By::system(&h.request());
    let name = OrganisationName::parse("Hollybrook Hospital").unwrap();
    let preset = Preset::SelfRegistration;
    let create = async |code: &str| {
        let code = OrganisationCode::parse(code).unwrap();
        h.services
            .create_organisation(&by, preset, &code, &name)
            .await
    };
    let id = create("RX1").await.unwrap();

    let mut tx = h.services.store().read().await.unwrap();
    let row = tx.organisation_by_slug("rx1").await.unwrap().unwrap();
    assert_eq!((row.id, row.code.as_str()), (id, "RX1"));
    assert_eq!(row.policy.roles_per_member, Some(1));
    let services = tx.services(id).await.unwrap();
    assert_eq!(services.len(), 1);
    assert_eq!(services[0].name, "Service portal");
    let roles = tx.roles(id).await.unwrap();
    let names: Vec<_> = roles.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(names, ["Administrator", "Manager", "Contributor", "Viewer"]);
    let tasks = tx.tasks(id).await.unwrap();
    let held = tx.role_tasks(id).await.unwrap();
    let can = |role: usize| held.iter().filter(|(id, _)| *id == roles[role].id).count();
    assert_eq!([can(0), can(1), can(2), can(3)], [tasks.len(), 7, 4, 2]);
    assert!(tx.areas(id).await.unwrap().is_empty());
    drop(tx);

    let error = create("rx1").await.unwrap_err();
    let Error::Invalid(violations) = error else {
        panic!("{error:?}");
    };
    assert_eq!(
        violations,
        Violations::one("organisation_code", "organisation_code.taken")
    );
}

fn sam() -> EmailAddress {
    EmailAddress::parse("Sam.Okoro@nhs.net").unwrap()
}

fn token_of(url: &str, path: &str) -> String {
    let token = url.strip_prefix("https://lanyard.example").unwrap();
    token.strip_prefix(path).unwrap().to_owned()
}

/// R10, R25: the link is printed, works for 1 hour, and leads to the managing role; nothing is
/// sent and no password exists.
#[tokio::test]
async fn an_administrator_is_invited_by_a_printed_link() {
    let h = Harness::new().await;
    let id = h.organisation("RX1", "Hollybrook Hospital").await;
    let by = By::system(&h.request());
    let link = h.services.create_administrator(&by, "rx1", &sam()).await;
    let link = link.unwrap();
    assert_eq!(link.expires_at, h.services.now() + TimeDelta::hours(1));
    let token = token_of(&link.url, "/invitations/");
    let landing = async |token: &str| {
        let nobody = Authentication::Anonymous;
        h.services
            .invitation_landing(token, &nobody, &h.request())
            .await
            .unwrap()
    };
    let InvitationLanding::Open(view) = landing(&token).await else {
        panic!("must be open");
    };
    assert_eq!(view.roles[0].role.name, "Administrator");
    assert_eq!(view.email, "Sam.Okoro@nhs.net");
    assert_eq!(view.invited_by, "");
    assert!(h.outbox().await.is_empty());
    let mut tx = h.services.store().read().await.unwrap();
    let user = tx.user_by_email_key("sam.okoro@nhs.net").await.unwrap();
    let user = user.unwrap();
    assert!(user.password_hash.is_none());
    let member = tx.membership_of(id, user.id).await.unwrap().unwrap();
    assert_eq!(member.status, MembershipStatus::Pending);
    drop(tx);

    // A newer link takes its place; the role is there once.
    let newer = h.services.create_administrator(&by, "rx1", &sam()).await;
    let newer = token_of(&newer.unwrap().url, "/invitations/");
    assert_eq!(landing(&token).await, InvitationLanding::Replaced);
    let mut tx = h.services.store().read().await.unwrap();
    let roles = tx.assignments_of(id, member.id).await.unwrap();
    assert_eq!(roles.len(), 1);
    drop(tx);
    h.clock.advance(TimeDelta::hours(1));
    let expired = InvitationLanding::Expired { asked: false };
    assert_eq!(landing(&newer).await, expired);
}

/// J03, J24, J25, V06, V10: an organisation of each preset has its roles, their limits with as many
/// seats, and at most one role for a person.
#[tokio::test]
async fn every_preset_makes_an_organisation() {
    let h = Harness::new().await;
    for (number, preset) in (1..).zip(Preset::ALL) {
        let code = format!("RX{number}");
        let id = h.organisation_of(*preset, &code, "Hollybrook").await;
        let mut tx = h.services.store().read().await.unwrap();
        let services = tx.services(id).await.unwrap();
        assert_eq!(services.len(), 1);
        assert_eq!(services[0].name, preset.service().name);
        assert_eq!(services[0].roles_per_member, Some(1));
        let limits: Vec<(String, i64)> =
            tx.roles(id)
                .await
                .unwrap()
                .into_iter()
                .fold(Vec::new(), |mut limits, role| {
                    limits.extend(role.seat_limit.map(|limit| (role.key, limit)));
                    limits
                });
        let expected: &[(String, i64)] = match preset {
            Preset::NhsJobs => &[("super-user".to_owned(), 7)],
            Preset::SelfRegistration | Preset::Ravs => &[],
        };
        assert_eq!(limits, expected);
        let row = tx.organisation_by_slug(&code.to_lowercase()).await.unwrap();
        let policy = row.unwrap().policy;
        let platform = policy.terms == domain::policy::TermsChoice::Platform;
        assert_eq!(platform, *preset != Preset::SelfRegistration);
        assert!(
            h.services
                .terms_of(&mut tx, &policy)
                .await
                .unwrap()
                .is_some()
        );
    }
}

/// J25: 7 super users at the most, by the command as well.
#[tokio::test]
async fn an_eighth_super_user_finds_no_place() {
    let h = Harness::new().await;
    let id = h.organisation_of(Preset::NhsJobs, "RJ1", "Larchwood").await;
    let by = By::system(&h.request());
    let invite = async |number: u32| {
        let email = EmailAddress::parse(&format!("user{number}@larchwood.example")).unwrap();
        h.services.create_administrator(&by, "rj1", &email).await
    };
    for number in 1..=7 {
        invite(number).await.unwrap();
    }
    let refused = invite(8).await;
    assert!(matches!(refused, Err(Error::Conflict(Conflict::RoleFull))));
    // The same person again takes no second place.
    invite(7).await.unwrap();
    let mut tx = h.services.store().read().await.unwrap();
    let used = tx.seats_used(id, h.services.now()).await.unwrap();
    assert_eq!(used[0].1, 7);
    drop(tx);
    // The seat of an invitation that ran out is free.
    h.clock.advance(TimeDelta::hours(1));
    invite(8).await.unwrap();
}

/// V03, C27: whoever does not have an NHS-approved address is not made a lead administrator.
#[tokio::test]
async fn a_lead_administrator_has_an_approved_address() {
    let h = Harness::new().await;
    h.organisation_of(Preset::Ravs, "FGP", "Greenwood Pharmacy")
        .await;
    let by = By::system(&h.request());
    let invite = async |email: &str| {
        let email = EmailAddress::parse(email).unwrap();
        h.services.create_administrator(&by, "fgp", &email).await
    };
    for email in ["jane@evilnhs.uk", "jane@greenwood.example"] {
        let Err(Error::Invalid(violations)) = invite(email).await else {
            panic!("{email}");
        };
        assert_eq!(violations, Violations::one("email", "email.domain"));
    }
    invite("jane.carlton2@nhs.net").await.unwrap();
    invite("jane@greenwood.nhs.uk").await.unwrap();
}

#[tokio::test]
async fn an_active_person_is_not_invited_again() {
    let h = Harness::new().await;
    h.organisation("RX1", "Hollybrook Hospital").await;
    h.member("rx1", "sam.okoro@nhs.net", "viewer").await;
    let by = By::system(&h.request());
    let again = h.services.create_administrator(&by, "rx1", &sam()).await;
    assert!(matches!(
        again,
        Err(Error::Conflict(Conflict::AlreadyMember))
    ));
    let nowhere = h.services.create_administrator(&by, "rx9", &sam()).await;
    assert!(matches!(nowhere, Err(Error::NotFound)));
}

fn first_hospital() -> SetUp {
    let [organisation_name, organisation_code, email] =
        ["Hollybrook Hospital", "rx1", "sam.okoro@nhs.net"].map(str::to_owned);
    let form = SetUpForm {
        organisation_name,
        organisation_code,
        email,
    };
    form.validate().unwrap()
}

/// R10: an empty installation prints a link, good for 1 hour; a newer one takes its place; it
/// makes one organisation and never another.
#[tokio::test]
async fn an_empty_installation_is_set_up_once() {
    let h = Harness::new().await;
    let link = async || {
        let link = h.services.set_up_link().await.unwrap();
        token_of(&link.unwrap().url, "/set-up/")
    };
    let landing = async |token: &str| {
        let landing = h.services.set_up_landing(token, &h.request()).await;
        landing.unwrap()
    };
    let (first, second) = (link().await, link().await);
    assert_eq!(landing(&first).await, SetUpLanding::Replaced);
    assert_eq!(landing(&second).await, SetUpLanding::Open);
    h.clock.advance(TimeDelta::hours(1));
    assert_eq!(landing(&second).await, SetUpLanding::Expired);
    let third = link().await;
    h.clock
        .advance(TimeDelta::hours(1) - TimeDelta::microseconds(1));
    assert_eq!(landing(&third).await, SetUpLanding::Open);

    let set_up = async |token: &str| {
        let form = first_hospital();
        h.services.set_up(token, &form, &h.request()).await
    };
    for token in [&first, &second] {
        assert!(matches!(set_up(token).await, Err(Error::Expired("set_up"))));
    }
    let begun = set_up(&third).await.unwrap();
    assert!(!begun.has_user);
    let view = h.services.registration(&begun.flow, begun.invitation).await;
    let view = view.unwrap();
    assert_eq!(view.rules.email.as_str(), "sam.okoro@nhs.net");
    assert!(view.privileged);
    assert_eq!(landing(&third).await, SetUpLanding::Done);
    assert!(matches!(
        set_up(&third).await,
        Err(Error::Conflict(Conflict::AlreadySetUp))
    ));
    assert!(h.services.set_up_link().await.unwrap().is_none());
}

/// A link that was printed before somebody else set up the installation opens nothing.
#[tokio::test]
async fn a_set_up_link_ends_with_the_first_organisation() {
    let h = Harness::new().await;
    let link = h.services.set_up_link().await.unwrap().unwrap();
    let token = token_of(&link.url, "/set-up/");
    h.organisation("RX2", "Rosebush Hospital").await;
    let landing = h.services.set_up_landing(&token, &h.request()).await;
    assert_eq!(landing.unwrap(), SetUpLanding::Done);
    let form = first_hospital();
    let made = h.services.set_up(&token, &form, &h.request()).await;
    assert!(matches!(made, Err(Error::Conflict(Conflict::AlreadySetUp))));
}
