//! Who it is: known elsewhere, here already, or an address that is doubtful or not allowed.

use super::*;

/// J21 to J23, V13, R38: somebody with an account elsewhere is recognised by name; where they work
/// is not told, looking them up leaves a trace, and their details are not asked again.
#[tokio::test]
async fn somebody_known_elsewhere_is_recognised_first() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    hall.h.organisation("RX2", "Rosebush Hospital").await;
    hall.h.member("rx2", "jane.carlton@nhs.net", "viewer").await;
    let adding = Adding::start(&hall).await;
    let next = adding.email("Jane.Carlton@nhs.net").await.unwrap();
    assert_eq!(here(next), (AddStep::ExistingPerson, 1));
    let seen = adding.existing().await;
    assert_eq!(
        seen,
        ExistingPerson::Elsewhere {
            email: "Jane.Carlton@nhs.net".into(),
            name: "Jane Carlton".into(),
            job_title: String::new(),
        }
    );
    let mut tx = services.store.read().await.unwrap();
    let looked_up = tx.count_audit_events("person_looked_up").await.unwrap();
    drop(tx);
    assert_eq!(looked_up, 1);

    let next = services
        .confirm_person(&hall.sam, "rx1", adding.draft)
        .await
        .unwrap();
    assert_eq!(here(next), (AddStep::Role, 1));
    let viewer = hall.role("viewer").await;
    adding.role(1, viewer).await.unwrap();
    adding.areas(1, &["all".to_owned()]).await.unwrap();
    let page = here(adding.check().await);
    assert!(page.has_account);
    assert!(page.letter.subject.starts_with("New access"));
    adding.send(page.version).await.unwrap();
    let (user, membership) = hall.person("jane.carlton@nhs.net").await;
    assert_eq!(user.first_name, "Jane");
    assert_eq!(membership.status, MembershipStatus::Pending);
    assert_eq!(membership.sort_name, "carlton jane");
}

/// D3 step 1, C22, J35: who is here already is shown as what they are, and never invited twice.
#[tokio::test]
async fn whoever_is_here_already_has_a_page_that_says_so() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let member = hall.h.member("rx1", "mo.member@nhs.net", "viewer").await;
    hall.h.member("rx1", "ina.inactive@nhs.net", "viewer").await;
    let (ina, mut row) = hall.person("ina.inactive@nhs.net").await;
    row.status = MembershipStatus::Inactive;
    row.deactivated_at = Some(services.now());
    let mut tx = services.store.write().await.unwrap();
    tx.update_membership(&row).await.unwrap();
    tx.commit().await.unwrap();
    let invited = Adding::up_to_check(&hall, "pia@nhs.net").await;
    let version = here(invited.check().await).version;
    invited.send(version).await.unwrap();

    let adding = Adding::start(&hall).await;
    adding.email("mo.member@nhs.net").await.unwrap();
    let ExistingPerson::Member(known) = adding.existing().await else {
        panic!("a member")
    };
    assert_eq!(known.user, Some(member.user()));
    assert_eq!(known.roles, ["Viewer"]);
    assert!(known.may_act);
    // The own address: nobody gives themselves a role.
    adding.email("sam.okoro@nhs.net").await.unwrap();
    let ExistingPerson::Member(own) = adding.existing().await else {
        panic!("oneself")
    };
    assert!(!own.may_act);
    adding.email("pia@nhs.net").await.unwrap();
    let ExistingPerson::Invited {
        person, expired, ..
    } = adding.existing().await
    else {
        panic!("invited")
    };
    assert_eq!((person.name.as_str(), expired), ("Jane Carlton", false));
    adding.email("ina.inactive@nhs.net").await.unwrap();
    let ExistingPerson::Inactive { person, at } = adding.existing().await else {
        panic!("inactive")
    };
    assert_eq!(person.user, Some(ina.id));
    assert!(at.is_some());
    // No way round the page.
    let refused = adding.details(jane()).await.unwrap();
    let there = At::Elsewhere(Elsewhere::Adding(AddStep::ExistingPerson, 1));
    assert_eq!(refused, there);
    assert_eq!(
        services
            .confirm_person(&hall.sam, "rx1", adding.draft)
            .await
            .unwrap(),
        At::Here((AddStep::ExistingPerson, 1))
    );
}

/// V16, 6.6: an address that looks mistyped, or like a variant of one that is known, is asked about
/// before anything else.
#[tokio::test]
async fn a_doubtful_address_is_asked_about() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    hall.h.organisation("RX2", "Rosebush Hospital").await;
    hall.h.member("rx2", "jane.carlton@nhs.net", "viewer").await;
    let adding = Adding::start(&hall).await;
    let next = adding.email("bo@nhs.ent").await.unwrap();
    assert_eq!(here(next), (AddStep::Address, 1));
    let page = services.add_address_page(&hall.sam, "rx1", adding.draft);
    let page = here(page.await.unwrap());
    assert_eq!((page.instead.as_str(), page.variant), ("bo@nhs.net", false));
    let answer = async |choice: &str| {
        services
            .answer_add_address(&hall.sam, "rx1", adding.draft, choice)
            .await
    };
    assert_eq!(code(answer("").await).1, "address.empty");
    assert_eq!(here(answer("use").await.unwrap()), (AddStep::Details, 1));
    let page = services
        .add_email_page(&hall.sam, "rx1", adding.draft)
        .await;
    assert_eq!(here(page.unwrap()).email, "bo@nhs.net");

    let next = adding.email("jane.carlton+rosebush@nhs.net").await.unwrap();
    assert_eq!(here(next), (AddStep::Address, 1));
    let page = services.add_address_page(&hall.sam, "rx1", adding.draft);
    let page = here(page.await.unwrap());
    assert_eq!(
        (page.instead.as_str(), page.variant),
        ("jane.carlton@nhs.net", true)
    );
    assert_eq!(here(answer("keep").await.unwrap()), (AddStep::Details, 1));
    // The one that was meant is somebody, who is recognised in their turn.
    adding.email("jane.carlton+x@nhs.net").await.unwrap();
    assert_eq!(
        here(answer("use").await.unwrap()),
        (AddStep::ExistingPerson, 1)
    );
    // A plus that belongs to nobody who is known is part of an address like any other.
    let next = adding.email("nobody+ward@nhs.net").await.unwrap();
    assert_eq!(here(next), (AddStep::Details, 1));
}

/// V03, C27: whole labels are compared, at the answer and again when it is sent.
#[tokio::test]
async fn only_allowed_domains_are_added() {
    let hall = Hall::new().await;
    let rules = vec!["nhs.net".to_owned(), "*.nhs.uk".to_owned()];
    hall.policy(|policy| policy.email_domains = EmailDomains::Only(rules))
        .await;
    let adding = Adding::start(&hall).await;
    let refused = adding.email("jane@evilnhs.uk").await;
    assert_eq!(code(refused), ("email".into(), "email.domain".into()));
    let adding = Adding::up_to_check(&hall, "jane@hollybrook.nhs.uk").await;
    let page = here(adding.check().await);
    hall.policy(|policy| policy.email_domains = EmailDomains::Only(vec!["nhs.net".into()]))
        .await;
    let refused = adding.send(page.version).await.unwrap_err();
    assert_eq!(codes(&refused), [("email".into(), "email.domain".into())]);
    assert!(hall.h.outbox().await.is_empty());
}

/// V02, V04, V05: RAVS asks whether they are a registered clinician, of people with an account too.
#[tokio::test]
async fn clinician_status_is_asked_and_kept() {
    let h = Harness::new().await;
    let organisation = h
        .organisation_of(Preset::Ravs, "FGP", "Greenwood Pharmacy")
        .await;
    let lead = h
        .member("fgp", "lee.lead@nhs.net", "lead-administrator")
        .await;
    h.organisation("RX2", "Rosebush Hospital").await;
    h.member("rx2", "jane.carlton@nhs.net", "viewer").await;
    let services = &h.services;
    let draft = services.start_adding(&lead, "fgp").await.unwrap();
    services
        .answer_add_email(&lead, "fgp", draft, "jane.carlton@nhs.net")
        .await
        .unwrap();
    let next = services.confirm_person(&lead, "fgp", draft).await.unwrap();
    assert_eq!(here(next), (AddStep::Details, 1));
    let nothing = services
        .answer_add_details(&lead, "fgp", draft, DetailsForm::default())
        .await;
    assert_eq!(
        code(nothing),
        ("clinician".into(), "clinician.empty".into())
    );
    let yes = DetailsForm {
        clinician: "yes".into(),
        // Names of somebody with an account are theirs: what a form says of them is not read.
        first_name: "Mallory".into(),
        ..DetailsForm::default()
    };
    let next = services.answer_add_details(&lead, "fgp", draft, yes).await;
    assert_eq!(here(next.unwrap()), (AddStep::Role, 1));
    let mut tx = services.store.read().await.unwrap();
    let roles = tx.roles(organisation).await.unwrap();
    drop(tx);
    let recorder = roles.iter().find(|role| role.key == "recorder").unwrap();
    let role = recorder.id.to_string();
    let next = services
        .answer_add_role(&lead, "fgp", draft, 1, &role)
        .await
        .unwrap();
    assert_eq!(here(next), (AddStep::Check, 1));
    let page = services.add_check_page(&lead, "fgp", draft).await.unwrap();
    let page = here(page);
    assert_eq!(page.name, "Jane Carlton");
    services
        .add_person(&lead, "fgp", draft, page.version)
        .await
        .unwrap();
    let mut tx = services.store.read().await.unwrap();
    let user = tx.user_by_email_key("jane.carlton@nhs.net").await.unwrap();
    let user = user.unwrap();
    let row = tx.membership_of(organisation, user.id).await.unwrap();
    assert_eq!(row.unwrap().details.clinician, Some(true));
    assert_eq!(user.first_name, "Jane");
}

/// A03, M16: where people come from somewhere else, nobody is made by hand.
#[tokio::test]
async fn people_of_a_connector_are_not_made_by_hand() {
    let hall = Hall::new().await;
    hall.policy(|policy| policy.managed_by = ManagedBy::Connector)
        .await;
    let adding = Adding::start(&hall).await;
    let next = adding.email("jane@nhs.net").await.unwrap();
    assert_eq!(here(next), (AddStep::ExistingPerson, 1));
    let email = "jane@nhs.net".to_owned();
    assert_eq!(adding.existing().await, ExistingPerson::Managed { email });
}

/// C6, J20: where job titles are shared, the page says what is known and keeps it; it is not asked again,
/// though everybody else is asked for one.
#[tokio::test]
async fn a_shared_job_title_comes_along() {
    let hall = Hall::new().await;
    hall.policy(|policy| {
        policy.job_title_scope = JobTitleScope::Shared;
        policy.fields.insert(Field::JobTitle, FieldRule::REQUIRED);
    })
    .await;
    hall.h
        .organisation_of(Preset::NhsJobs, "RJ1", "Larchwood Health Trust")
        .await;
    hall.h
        .member("rj1", "jane.carlton@nhs.net", "recruiting-manager")
        .await;
    let services = &hall.h.services;
    let mut tx = services.store.write().await.unwrap();
    let user = tx.user_by_email_key("jane.carlton@nhs.net").await.unwrap();
    let there = tx.organisations_of(user.unwrap().id).await.unwrap();
    let mut row = there[0].1.clone();
    row.job_title = "Ward manager".to_owned();
    tx.update_membership(&row).await.unwrap();
    tx.commit().await.unwrap();
    let adding = Adding::start(&hall).await;
    adding.email("jane.carlton@nhs.net").await.unwrap();
    let ExistingPerson::Elsewhere { job_title, .. } = adding.existing().await else {
        panic!("somebody else")
    };
    assert_eq!(job_title, "Ward manager");
    let confirm = async || {
        let next = services.confirm_person(&hall.sam, "rx1", adding.draft);
        here(next.await.unwrap())
    };
    assert_eq!(confirm().await, (AddStep::Role, 1));
    // Somebody without one is asked.
    hall.h
        .member("rj1", "kim.adler@nhs.net", "recruiting-manager")
        .await;
    adding.email("kim.adler@nhs.net").await.unwrap();
    assert_eq!(confirm().await, (AddStep::Details, 1));
    adding.email("jane.carlton@nhs.net").await.unwrap();
    confirm().await;
    let viewer = hall.role("viewer").await;
    adding.role(1, viewer).await.unwrap();
    adding.areas(1, &["all".to_owned()]).await.unwrap();
    let page = here(adding.check().await);
    assert_eq!(page.details.job_title, "Ward manager");
    adding.send(page.version).await.unwrap();
    let (_, membership) = hall.person("jane.carlton@nhs.net").await;
    assert_eq!(membership.job_title, "Ward manager");
}

/// C7, C22, D3 step 1: where a person has one role, whoever has access already is not offered another one but
/// the change of theirs; nothing where the actor may not change it.
#[tokio::test]
async fn where_a_person_has_one_role_it_is_changed() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    hall.h
        .organisation_of(Preset::NhsJobs, "NJ1", "Elm Trust")
        .await;
    let sam = hall.h.member("nj1", "sam.ash@nhs.net", "super-user").await;
    let jane = hall
        .h
        .member("nj1", "jane.lee@nhs.net", "team-manager")
        .await;
    let draft = services.start_adding(&sam, "nj1").await.unwrap();
    let seen = async || {
        let email = services.answer_add_email(&sam, "nj1", draft, "jane.lee@nhs.net");
        email.await.unwrap();
        match here(
            services
                .existing_person_page(&sam, "nj1", draft)
                .await
                .unwrap(),
        ) {
            ExistingPerson::Member(known) => known,
            other => panic!("{other:?}"),
        }
    };
    let known = seen().await;
    let page = services.user_page(&sam, "nj1", jane.user()).await.unwrap();
    assert_eq!(known.change, Some(page.roles[0].assignment));
    assert!(known.may_act);
    let gone = services.remove_role(&sam, "nj1", jane.user(), page.roles[0].assignment);
    gone.await.unwrap();
    let known = seen().await;
    assert_eq!((known.may_act, known.change), (true, None));
}
