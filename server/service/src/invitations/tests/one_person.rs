//! Adding one person, page by page (ux D3).

use chrono::TimeDelta;
use domain::{
    MembershipStatus, ShownStatus,
    id::{DraftId, RoleId},
    listing::UsersQuery,
    membership::{DatesForm, DetailsForm},
    one_person::{AddCheck, AddStep, ExistingPerson},
    policy::{EmailDomains, Field, FieldRule, JobTitleScope, ManagedBy},
};

use super::{Hall, codes, here};
use crate::{
    Conflict, Error, Result,
    invitations::{At, Elsewhere},
    presets::Preset,
    testing::Harness,
};

/// The journey of one administrator.
struct Adding<'a> {
    hall: &'a Hall,
    draft: DraftId,
}

fn jane() -> DetailsForm {
    DetailsForm {
        first_name: "Jane".into(),
        last_name: "Carlton".into(),
        ..DetailsForm::default()
    }
}

impl<'a> Adding<'a> {
    async fn start(hall: &'a Hall) -> Self {
        let draft = hall.h.services.start_adding(&hall.sam, hall.slug).await;
        Self {
            hall,
            draft: draft.unwrap(),
        }
    }

    async fn email(&self, email: &str) -> Result<At<(AddStep, usize)>> {
        let Hall { h, sam, slug, .. } = self.hall;
        h.services
            .answer_add_email(sam, slug, self.draft, email)
            .await
    }

    async fn details(&self, form: DetailsForm) -> Result<At<(AddStep, usize)>> {
        let Hall { h, sam, slug, .. } = self.hall;
        h.services
            .answer_add_details(sam, slug, self.draft, form)
            .await
    }

    async fn role(&self, number: usize, role: RoleId) -> Result<At<(AddStep, usize)>> {
        let Hall { h, sam, slug, .. } = self.hall;
        let role = role.to_string();
        h.services
            .answer_add_role(sam, slug, self.draft, number, &role)
            .await
    }

    async fn areas(&self, number: usize, areas: &[String]) -> Result<At<(AddStep, usize)>> {
        let Hall { h, sam, slug, .. } = self.hall;
        h.services
            .answer_add_areas(sam, slug, self.draft, number, areas.to_vec())
            .await
    }

    async fn check(&self) -> At<AddCheck> {
        let Hall { h, sam, slug, .. } = self.hall;
        let page = h.services.add_check_page(sam, slug, self.draft).await;
        page.unwrap()
    }

    async fn send(&self, version: i64) -> Result<At<()>> {
        let Hall { h, sam, slug, .. } = self.hall;
        h.services.add_person(sam, slug, self.draft, version).await
    }

    async fn existing(&self) -> ExistingPerson {
        let Hall { h, sam, slug, .. } = self.hall;
        let page = h.services.existing_person_page(sam, slug, self.draft).await;
        here(page.unwrap())
    }

    /// Everything up to the page of answers, for a viewer of the whole organisation.
    async fn up_to_check(hall: &'a Hall, email: &str) -> Self {
        let adding = Self::start(hall).await;
        adding.email(email).await.unwrap();
        adding.details(jane()).await.unwrap();
        let viewer = hall.role("viewer").await;
        adding.role(1, viewer).await.unwrap();
        let next = adding.areas(1, &["all".to_owned()]).await.unwrap();
        assert_eq!(here(next), (AddStep::Check, 1));
        adding
    }
}

fn code(result: Result<At<(AddStep, usize)>>) -> (String, String) {
    codes(&result.unwrap_err()).remove(0)
}

/// J19 to J33, V02, V11, V12: email, details, role, areas, the email as it will be sent, and the
/// invitation, which is the only thing that the person gets.
#[tokio::test]
async fn a_new_person_is_added_page_by_page() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let adding = Adding::start(&hall).await;
    assert_eq!(code(adding.email(" ").await).1, "email.empty");
    assert_eq!(code(adding.email("jane@nhs").await).1, "email.format");
    let early = adding.details(jane()).await.unwrap();
    assert_eq!(early, At::Elsewhere(Elsewhere::Adding(AddStep::Email, 1)));
    let next = adding.email("jane.carlton2@nhs.net").await.unwrap();
    assert_eq!(here(next), (AddStep::Details, 1));
    let empty = adding.details(DetailsForm::default()).await;
    assert_eq!(code(empty).1, "first_name.empty");
    let form = DetailsForm {
        notes: "On leave until June".into(),
        ..jane()
    };
    assert_eq!(
        here(adding.details(form).await.unwrap()),
        (AddStep::Role, 1)
    );
    let viewer = hall.role("viewer").await;
    let next = adding.role(1, viewer).await.unwrap();
    assert_eq!(here(next), (AddStep::Areas, 1));
    let north = [hall.north.to_string()];
    let next = adding.areas(1, &north).await.unwrap();
    assert_eq!(here(next), (AddStep::Check, 1));

    let page = here(adding.check().await);
    assert_eq!(
        (page.name.as_str(), page.email.as_str()),
        ("Jane Carlton", "jane.carlton2@nhs.net")
    );
    assert!(!page.has_account && !page.more_roles);
    assert_eq!(page.roles[0].areas, ["North team"]);
    assert!(
        page.letter
            .subject
            .starts_with("Invitation to join Hollybrook Hospital")
    );
    assert_eq!(page.expires_at - services.now(), TimeDelta::days(7));
    assert!(hall.h.outbox().await.is_empty());
    // A page that is older than the answers sends nothing; a repeat finds what was sent (R98).
    let stale = adding.send(page.version - 1).await;
    assert!(matches!(stale, Err(Error::Conflict(Conflict::Stale))));
    for _ in 0..2 {
        assert_eq!(adding.send(page.version).await.unwrap(), At::Here(()));
    }
    let [message] = &hall.h.outbox().await[..] else {
        panic!("one invitation")
    };
    assert_eq!(message.recipient, "jane.carlton2@nhs.net");
    assert_eq!(message.content.areas, ["North team"]);

    let done = services.add_done_page(&hall.sam, "rx1", adding.draft).await;
    let done = here(done.unwrap());
    assert_eq!(done.name, "Jane Carlton");
    assert!(done.expires_at.is_some());
    // R24: the name is this organisation's word for the person; their account has none yet.
    let (user, membership) = hall.person("jane.carlton2@nhs.net").await;
    assert!(user.first_name.is_empty() && user.registered_at.is_none());
    assert_eq!(membership.details.known_last_name, "Carlton");
    let person = services.user_page(&hall.sam, "rx1", user.id).await.unwrap();
    assert_eq!(person.name, "Jane Carlton");
    assert_eq!(person.status, ShownStatus::Pending);
    assert_eq!(person.notes.as_deref(), Some("On leave until June"));
    let query = UsersQuery::parse("q=carlton");
    let found = services.users_page(&hall.sam, "rx1", &query).await.unwrap();
    assert_eq!(found.rows[0].name, "Jane Carlton");
    // Nothing of it stays in the draft.
    let other = services
        .add_email_page(&hall.sam, "rx1", adding.draft)
        .await;
    assert_eq!(
        other.unwrap(),
        At::Elsewhere(Elsewhere::Adding(AddStep::Done, 1))
    );
}

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

/// C6, J20: where job titles are shared, the page says what is known and keeps it.
#[tokio::test]
async fn a_shared_job_title_comes_along() {
    let hall = Hall::new().await;
    hall.policy(|policy| {
        policy.job_title_scope = JobTitleScope::Shared;
        policy.fields.insert(Field::JobTitle, FieldRule::OPTIONAL);
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
}

/// C7, J24: several roles where the service allows it, none twice in one place, each with its dates.
#[tokio::test]
async fn roles_go_together_or_are_refused() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let second = hall.limited_role(1, &[]).await;
    let adding = Adding::up_to_check(&hall, "jane@nhs.net").await;
    assert!(here(adding.check().await).more_roles);
    let contributor = hall.role("contributor").await;
    let refused = adding.role(2, contributor).await;
    assert_eq!(code(refused), ("role".into(), "role.only_one".into()));
    assert!(matches!(adding.role(3, second).await, Err(Error::NotFound)));
    let next = adding.role(2, second).await.unwrap();
    assert_eq!(here(next), (AddStep::Check, 1));
    let again = adding.role(3, second).await;
    assert_eq!(code(again), ("role".into(), "role.duplicate".into()));
    let dates = DatesForm {
        start_day: "3".into(),
        start_month: "1".into(),
        start_year: "2027".into(),
        ..DatesForm::default()
    };
    let next = services
        .answer_add_dates(&hall.sam, "rx1", adding.draft, 2, dates)
        .await;
    assert_eq!(here(next.unwrap()), (AddStep::Check, 1));
    let page = here(adding.check().await);
    assert_eq!(page.roles[1].period, "From 3 January 2027");
    adding.send(page.version).await.unwrap();
    let [message] = &hall.h.outbox().await[..] else {
        panic!("one invitation")
    };
    let mut access = message.content.after.clone();
    access.sort_unstable();
    assert_eq!(access, ["Super user (from 3 January 2027)", "Viewer"]);
    // J25: the place is taken by the invitation; the next one is told who is first.
    let other = Adding::up_to_check(&hall, "bo@nhs.net").await;
    let refused = other.role(2, second).await;
    assert_eq!(code(refused), ("role".into(), "role.full".into()));
}

/// J25, J31: the loser of a race for the last place is told on the page of answers, and nothing of
/// it was done.
#[tokio::test]
async fn a_place_that_was_taken_meanwhile_is_told() {
    let hall = Hall::new().await;
    let role = hall.limited_role(1, &[]).await;
    let mut both = Vec::new();
    for email in ["jane@nhs.net", "bo@nhs.net"] {
        let adding = Adding::up_to_check(&hall, email).await;
        adding.role(2, role).await.unwrap();
        both.push(adding);
    }
    let first = here(both[0].check().await).version;
    both[0].send(first).await.unwrap();
    let second = here(both[1].check().await).version;
    let refused = both[1].send(second).await.unwrap_err();
    assert_eq!(codes(&refused), [("role".into(), "role.full".into())]);
    let mut tx = hall.h.services.store.read().await.unwrap();
    let nobody = tx.user_by_email_key("bo@nhs.net").await.unwrap();
    assert!(nobody.is_none());
}

/// A06, C20: a person may be added without a role, by whoever would still see them.
#[tokio::test]
async fn a_person_may_come_without_a_role() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let adding = Adding::start(&hall).await;
    adding.email("jane@nhs.net").await.unwrap();
    adding.details(jane()).await.unwrap();
    let next = services
        .skip_add_role(&hall.sam, "rx1", adding.draft)
        .await
        .unwrap();
    assert_eq!(here(next), (AddStep::Check, 1));
    let page = here(adding.check().await);
    assert!(page.roles.is_empty());
    adding.send(page.version).await.unwrap();
    let query = UsersQuery::parse("role=none");
    let found = services.users_page(&hall.sam, "rx1", &query).await.unwrap();
    assert_eq!(found.rows.len(), 1);
}

/// R65, R67: whoever manages one area adds people to that area alone, gives no role beyond their
/// own, and the draft of somebody else is nobody's.
#[tokio::test]
async fn nobody_adds_beyond_what_they_manage() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let manager = hall.h.member("rx1", "mo.manager@nhs.net", "manager").await;
    let (_, membership) = hall.person("mo.manager@nhs.net").await;
    let mut tx = services.store.write().await.unwrap();
    let mut held = tx
        .assignments_of(hall.organisation, membership.id)
        .await
        .unwrap();
    held[0].area_id = Some(hall.north);
    tx.replace_assignments(hall.organisation, membership.id, &held)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let draft = services.start_adding(&manager, "rx1").await.unwrap();
    let next = services
        .answer_add_email(&manager, "rx1", draft, "jane@nhs.net")
        .await;
    here(next.unwrap());
    services
        .answer_add_details(&manager, "rx1", draft, jane())
        .await
        .unwrap();
    let page = services.add_role_page(&manager, "rx1", draft, 1).await;
    let page = here(page.unwrap());
    assert!(!page.may_skip);
    assert!(page.roles.iter().all(|role| role.key != "administrator"));
    let skipped = services.skip_add_role(&manager, "rx1", draft).await;
    assert!(matches!(skipped, Err(Error::NotAllowed)));
    let administrator = hall.role("administrator").await.to_string();
    let refused = services
        .answer_add_role(&manager, "rx1", draft, 1, &administrator)
        .await;
    assert_eq!(code(refused).1, "role.empty");
    let viewer = hall.role("viewer").await.to_string();
    services
        .answer_add_role(&manager, "rx1", draft, 1, &viewer)
        .await
        .unwrap();
    for areas in [vec!["all".to_owned()], vec![hall.nursing.to_string()]] {
        let refused = services
            .answer_add_areas(&manager, "rx1", draft, 1, areas)
            .await;
        assert!(matches!(refused, Err(Error::NotAllowed)));
    }
    let theirs = services.add_check_page(&hall.sam, "rx1", draft).await;
    assert_eq!(theirs.unwrap(), At::Elsewhere(Elsewhere::Start));
    let viewer = hall.h.member("rx1", "vi.viewer@nhs.net", "viewer").await;
    let refused = services.start_adding(&viewer, "rx1").await;
    assert!(matches!(refused, Err(Error::NotAllowed)));
    // Notes are for those who may see them.
    let page = services.add_details_page(&manager, "rx1", draft).await;
    let page = here(page.unwrap());
    assert_eq!(page.rules.notes, domain::policy::FieldUse::Hidden);
}

/// R38: one administrator does not look up a whole address book.
#[tokio::test]
async fn looking_people_up_is_limited() {
    let hall = Hall::new().await;
    let adding = Adding::start(&hall).await;
    for n in 0..60 {
        adding.email(&format!("p{n}@nhs.net")).await.unwrap();
    }
    let refused = adding.email("one.more@nhs.net").await;
    assert!(matches!(refused, Err(Error::SlowDown { .. })));
    // The same address again is no look-up.
    assert!(adding.email("p59@nhs.net").await.is_ok());
    hall.h.clock.advance(TimeDelta::minutes(1));
    assert!(adding.email("one.more@nhs.net").await.is_ok());
}

/// R37: limits hold for one person too, and somebody who was cancelled can be added again.
#[tokio::test]
async fn limits_hold_for_one_person_too() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    hall.policy(|policy| policy.bulk_invitations_a_day = 1)
        .await;
    let first = Adding::up_to_check(&hall, "jane@nhs.net").await;
    let version = here(first.check().await).version;
    first.send(version).await.unwrap();
    let (jane, _) = hall.person("jane@nhs.net").await;
    services
        .cancel_invitation(&hall.sam, "rx1", jane.id)
        .await
        .unwrap();
    let again = Adding::up_to_check(&hall, "jane@nhs.net").await;
    let version = here(again.check().await).version;
    let refused = again.send(version).await;
    assert!(matches!(refused, Err(Error::Conflict(Conflict::OverQuota))));
    hall.h.clock.advance(TimeDelta::days(1));
    let sam = hall
        .h
        .actor(hall.sam.user(), "Sam Okoro", "sam.okoro@nhs.net");
    let sent = services.add_person(&sam, "rx1", again.draft, version).await;
    assert_eq!(sent.unwrap(), At::Here(()));
    let (_, membership) = hall.person("jane@nhs.net").await;
    assert_eq!(membership.status, MembershipStatus::Pending);
}

/// J32: another person with the same role and areas.
#[tokio::test]
async fn another_person_gets_the_same_role() {
    let hall = Hall::new().await;
    let services = &hall.h.services;
    let first = Adding::up_to_check(&hall, "jane@nhs.net").await;
    let version = here(first.check().await).version;
    first.send(version).await.unwrap();
    let another = services.add_another(&hall.sam, "rx1", first.draft).await;
    let next = Adding {
        hall: &hall,
        draft: here(another.unwrap()),
    };
    assert_eq!(
        here(next.email("bo@nhs.net").await.unwrap()).0,
        AddStep::Details
    );
    let after = here(next.details(jane()).await.unwrap());
    assert_eq!(after, (AddStep::Check, 1));
    assert_eq!(here(next.check().await).roles[0].role.key, "viewer");
}

/// An area that was closed since is asked for again, before anything is sent.
#[tokio::test]
async fn an_area_that_is_gone_is_asked_for_again() {
    let hall = Hall::new().await;
    let adding = Adding::up_to_check(&hall, "jane@nhs.net").await;
    adding.areas(1, &[hall.north.to_string()]).await.unwrap();
    let store = hall.h.services.store();
    store
        .run_for_test(
            "UPDATE areas SET closed_at = '2026-01-01T00:00:00+00:00' WHERE name = 'North team'",
        )
        .await
        .unwrap();
    assert_eq!(
        adding.check().await,
        At::Elsewhere(Elsewhere::Adding(AddStep::Areas, 1))
    );
}
