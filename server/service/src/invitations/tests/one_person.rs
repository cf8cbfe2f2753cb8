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

mod access;
mod people;

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
