use chrono::TimeDelta;
use domain::{
    MembershipStatus,
    bulk::{BulkAction, BulkCheckPage, BulkJobView, BulkOutcome, BulkPerson, BulkStep, BulkUndo},
    id::{AreaId, BulkJobId, DraftId, OrganisationId},
    membership::{DatesForm, DeactivateForm},
};
use store::AreaRow;

use super::{At, Elsewhere};
use crate::{Actor, Conflict, Error, Result, invitations, testing::Harness};

mod actions;
mod journey;
mod process;
mod undo;

/// Hollybrook Hospital with Sam and Alex, who administer it, and two areas, one inside the other.
struct Hall {
    h: Harness,
    organisation: OrganisationId,
    sam: Actor,
    alex: Actor,
    nursing: AreaId,
    north: AreaId,
}

impl Hall {
    async fn new() -> Self {
        Self::over(Harness::new().await).await
    }

    async fn over(h: Harness) -> Self {
        let organisation = h.organisation("RX1", "Hollybrook Hospital").await;
        let id = || AreaId::from_uuid(h.services.random.uuid(h.services.now()));
        let (nursing, north) = (id(), id());
        let area = |id, parent_id, name: &str| AreaRow {
            id,
            organisation_id: organisation,
            parent_id,
            name: name.to_owned(),
            kind: "service area".to_owned(),
            position: 0,
            closed_at: None,
        };
        let mut tx = h.services.store.write().await.unwrap();
        let areas = [
            area(nursing, None, "Community nursing"),
            area(north, Some(nursing), "North team"),
        ];
        tx.insert_areas(&areas).await.unwrap();
        tx.commit().await.unwrap();
        Self {
            sam: signed_in(&h, "rx1", "sam.okoro@nhs.net").await,
            alex: signed_in(&h, "rx1", "alex.reed@nhs.net").await,
            h,
            organisation,
            nursing,
            north,
        }
    }

    /// So many viewers, by number.
    async fn viewers(&self, count: usize) -> Vec<Actor> {
        let mut people = Vec::new();
        for n in 0..count {
            let email = format!("jane.carlton{n}@nhs.net");
            people.push(self.h.member("rx1", &email, "viewer").await);
        }
        people
    }

    /// So many others.
    async fn viewers_more(&self, count: usize) -> Vec<Actor> {
        let mut people = Vec::new();
        for n in 0..count {
            let email = format!("kim.adler{n}@nhs.net");
            people.push(self.h.member("rx1", &email, "viewer").await);
        }
        people
    }

    /// Lets somebody hold what they have only in an area.
    async fn limit(&self, person: &Actor, area: AreaId) {
        let mut tx = self.h.services.store.write().await.unwrap();
        let member = tx.membership_of(self.organisation, person.user()).await;
        let member = member.unwrap().unwrap();
        let mut rows = tx
            .assignments_of(self.organisation, member.id)
            .await
            .unwrap();
        rows[0].area_id = Some(area);
        tx.replace_assignments(self.organisation, member.id, &rows)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn status(&self, person: &Actor) -> MembershipStatus {
        let mut tx = self.h.services.store.read().await.unwrap();
        let member = tx.membership_of(self.organisation, person.user()).await;
        member.unwrap().unwrap().status
    }

    /// What somebody has, in words.
    async fn access_of(&self, person: &Actor) -> Vec<String> {
        let services = &self.h.services;
        let mut tx = services.store.read().await.unwrap();
        let access = services.access(&mut tx, &self.sam, "rx1").await.unwrap();
        let right = domain::Permission::UsersView;
        let member = services.member(&mut tx, &access, person.user(), right);
        member.await.unwrap().0.access_lines(&access)
    }

    async fn role(&self, key: &str) -> String {
        let mut tx = self.h.services.store.read().await.unwrap();
        let roles = tx.roles(self.organisation).await.unwrap();
        let role = roles.iter().find(|role| role.key == key).unwrap();
        role.id.to_string()
    }

    async fn start(&self, by: &Actor, action: BulkAction, people: &[Actor]) -> Result<DraftId> {
        let users = people.iter().map(Actor::user).collect();
        let services = &self.h.services;
        let started = services.start_bulk(by, "rx1", action, users, None);
        Ok(started.await?.draft)
    }

    /// A journey to deactivate these people, with its reason.
    async fn leaving(&self, by: &Actor, people: &[Actor]) -> DraftId {
        let draft = self
            .start(by, BulkAction::Deactivate, people)
            .await
            .unwrap();
        self.because(by, draft, "left_organisation").await.unwrap();
        draft
    }

    async fn because(&self, by: &Actor, draft: DraftId, reason: &str) -> Result<At<BulkStep>> {
        let form = DeactivateForm {
            confirm: "yes".to_owned(),
            reason: reason.to_owned(),
            reason_other: String::new(),
        };
        let services = &self.h.services;
        services.answer_bulk_reason(by, "rx1", draft, &form).await
    }

    async fn check(&self, by: &Actor, draft: DraftId) -> BulkCheckPage {
        match self.h.services.bulk_check(by, "rx1", draft).await.unwrap() {
            At::Here(page) => page,
            At::Elsewhere(elsewhere) => panic!("{elsewhere:?}"),
        }
    }

    async fn confirm(&self, by: &Actor, draft: DraftId, version: &str) -> Result<At<BulkStep>> {
        let services = &self.h.services;
        services.confirm_bulk(by, "rx1", draft, version, true).await
    }

    /// Checks and confirms, and gives the job.
    async fn go(&self, by: &Actor, draft: DraftId) -> BulkJobId {
        let version = self.check(by, draft).await.version;
        match self.confirm(by, draft, &version).await.unwrap() {
            At::Elsewhere(Elsewhere::Job(job)) => job,
            other => panic!("{other:?}"),
        }
    }

    async fn job(&self, by: &Actor, job: BulkJobId) -> BulkJobView {
        self.h.services.bulk_job(by, "rx1", job).await.unwrap()
    }

    async fn work(&self) {
        while self.h.services.process_bulk_step().await.unwrap() {}
    }

    async fn mail(&self) -> Vec<String> {
        let mut all: Vec<String> = self
            .h
            .outbox()
            .await
            .into_iter()
            .map(|message| format!("{} {}", message.kind, message.recipient))
            .collect();
        all.sort();
        all
    }

    async fn events(&self) -> i64 {
        let mut tx = self.h.services.store.write().await.unwrap();
        let end = tx.audit_chain_end(Some(self.organisation)).await.unwrap();
        end.sequence
    }

    /// Somebody who is invited as a viewer.
    async fn invited(&self, email: &str) -> Actor {
        let services = &self.h.services;
        let draft = services.start_invite(&self.sam, "rx1").await.unwrap();
        services
            .answer_emails(&self.sam, "rx1", draft, email)
            .await
            .unwrap();
        let role = self.role("viewer").await;
        services
            .answer_role(&self.sam, "rx1", draft, &role)
            .await
            .unwrap();
        services
            .answer_areas(&self.sam, "rx1", draft, vec!["all".to_owned()])
            .await
            .unwrap();
        services
            .answer_message(&self.sam, "rx1", draft, "")
            .await
            .unwrap();
        let invitations::At::Here(page) = services
            .invite_check(&self.sam, "rx1", draft)
            .await
            .unwrap()
        else {
            panic!("not at the page of answers");
        };
        services
            .send_invitations(&self.sam, "rx1", draft, page.version)
            .await
            .unwrap();
        let mut tx = services.store.read().await.unwrap();
        let user = tx.user_by_email_key(email).await.unwrap().unwrap();
        self.h.actor(user.id, &user.name(), &user.email)
    }
}

/// An administrator with a session of their own, as whoever confirms has one.
async fn signed_in(h: &Harness, slug: &str, email: &str) -> Actor {
    let actor = h.administrator(slug, email).await;
    let session = h.session(&actor).await;
    h.signed_in(&session).await.unwrap()
}

/// Who is on a list, with the outcome.
fn outcomes(people: &[BulkPerson]) -> Vec<(String, BulkOutcome)> {
    let one = |person: &BulkPerson| (person.name.clone(), person.outcome);
    people.iter().map(one).collect()
}

/// The code of a refusal.
fn refused<T: std::fmt::Debug>(result: Result<T>) -> String {
    match result {
        Err(Error::Conflict(conflict)) => conflict.code().to_owned(),
        Err(Error::Invalid(violations)) => violations.0[0].code.clone(),
        Err(Error::NotAllowed) => "not allowed".to_owned(),
        Err(Error::NotFound) => "not found".to_owned(),
        Err(Error::StepUpRequired) => "password".to_owned(),
        other => panic!("{other:?}"),
    }
}
