//! Inviting, from the pasted list to the mailbox and back.

use std::collections::BTreeMap;

use domain::{
    Permission,
    id::{AreaId, BatchId, DraftId, OrganisationId, RoleId, ServiceId},
    invitation::{EntryOutcome, InviteStep},
};
use store::{AreaRow, InvitationRow, MembershipRow, RoleRow, ServiceRow, UserRow};

use super::At;
use crate::{
    Actor,
    secrets::{Token, TokenPurpose},
    testing::{Harness, Queued},
};

mod correct;
mod grants;
mod journey;
mod limits;
mod one_person;
mod process;
mod reminders;
mod resend;
mod results;
mod send;

/// Hollybrook Hospital with Sam Okoro, who administers it, and two areas, one inside the other.
struct Hall {
    h: Harness,
    sam: Actor,
    organisation: OrganisationId,
    slug: &'static str,
    nursing: AreaId,
    north: AreaId,
}

impl Hall {
    async fn new() -> Self {
        Self::over(Harness::new().await).await
    }

    async fn over(h: Harness) -> Self {
        let organisation = h.organisation("RX1", "Hollybrook Hospital").await;
        let sam = h.administrator("rx1", "sam.okoro@nhs.net").await;
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
        tx.insert_areas(&[
            area(nursing, None, "Community nursing"),
            area(north, Some(nursing), "North team"),
        ])
        .await
        .unwrap();
        tx.commit().await.unwrap();
        Self {
            h,
            sam,
            organisation,
            slug: "rx1",
            nursing,
            north,
        }
    }

    /// The changes that activity offers Sam to take back.
    async fn offered_back(&self) -> Vec<String> {
        let query = domain::activity::ActivityQuery::default();
        let services = &self.h.services;
        let page = services.activity_page(&self.sam, self.slug, None, &query);
        let undo = page
            .await
            .unwrap()
            .events
            .into_iter()
            .map(|event| event.undo);
        undo.filter(|undo| !undo.is_empty()).collect()
    }

    async fn role(&self, key: &str) -> RoleId {
        let mut tx = self.h.services.store.read().await.unwrap();
        let roles = tx.roles(self.organisation).await.unwrap();
        roles.iter().find(|role| role.key == key).unwrap().id
    }

    /// A role with this many places, of a service of its own.
    async fn limited_role(&self, seats: i64, permissions: &[Permission]) -> RoleId {
        let uuid = || self.h.services.random.uuid(self.h.services.now());
        let role = RoleRow {
            id: RoleId::from_uuid(uuid()),
            organisation_id: self.organisation,
            service_id: ServiceId::from_uuid(uuid()),
            key: "super-user".to_owned(),
            name: "Super user".to_owned(),
            summary: String::new(),
            permissions: permissions.to_vec(),
            seat_limit: Some(seats),
            privileged: true,
            scope_allowed: false,
            position: 9,
        };
        let service = ServiceRow {
            id: role.service_id,
            organisation_id: self.organisation,
            key: "recruitment".to_owned(),
            name: "Recruitment".to_owned(),
            roles_per_member: None,
        };
        let mut tx = self.h.services.store.write().await.unwrap();
        tx.insert_service(&service, &[], std::slice::from_ref(&role), &[])
            .await
            .unwrap();
        tx.insert_seats(self.organisation, role.id, seats)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        role.id
    }

    /// Managers may invite many people at once, and give roles to nobody who is there.
    async fn let_managers_invite_many(&self) {
        let statement = r#"UPDATE roles SET permissions = '["users.view","users.invite","users.invite_in_bulk"]' WHERE key = 'manager'"#;
        let store = self.h.services.store();
        store.run_for_test(statement).await.unwrap();
    }

    async fn start(&self) -> DraftId {
        let services = &self.h.services;
        services.start_invite(&self.sam, self.slug).await.unwrap()
    }

    async fn emails(&self, draft: DraftId, emails: &str) -> InviteStep {
        let services = &self.h.services;
        let next = services
            .answer_emails(&self.sam, self.slug, draft, emails)
            .await;
        here(next.unwrap())
    }

    async fn problems(&self, draft: DraftId, answers: &[(&str, &str)]) -> InviteStep {
        let next = self.try_problems(draft, answers).await;
        here(next.unwrap())
    }

    /// Answers the page of problems the way its form does: every line on it is asked about.
    async fn try_problems(
        &self,
        draft: DraftId,
        answers: &[(&str, &str)],
    ) -> crate::Result<At<InviteStep>> {
        let services = &self.h.services;
        let page = services.invite_problems(&self.sam, self.slug, draft).await;
        let mut posted: BTreeMap<String, String> = here(page.unwrap())
            .lines
            .shown
            .iter()
            .map(|line| (format!("asked_{}", line.number), line.mark()))
            .collect();
        let answer = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        posted.extend(answers.iter().map(answer));
        services
            .answer_problems(&self.sam, self.slug, draft, posted)
            .await
    }

    /// Answers everything after the problems.
    async fn finish(&self, draft: DraftId, role: RoleId, areas: &[String]) -> InviteStep {
        let services = &self.h.services;
        let (sam, slug) = (&self.sam, self.slug);
        let next = services
            .answer_role(sam, slug, draft, &role.to_string())
            .await;
        let mut next = here(next.unwrap());
        if next == InviteStep::Areas {
            let answer = services
                .answer_areas(sam, slug, draft, areas.to_vec())
                .await;
            next = here(answer.unwrap());
        }
        if next == InviteStep::Message {
            let answer = services.answer_message(sam, slug, draft, "").await;
            next = here(answer.unwrap());
        }
        next
    }

    async fn version(&self, draft: DraftId) -> i64 {
        let page = self
            .h
            .services
            .invite_check(&self.sam, self.slug, draft)
            .await;
        here(page.unwrap()).version
    }

    async fn send(&self, draft: DraftId) -> BatchId {
        let version = self.version(draft).await;
        let sent = self
            .h
            .services
            .send_invitations(&self.sam, self.slug, draft, version)
            .await;
        here(sent.unwrap())
    }

    /// Invites a list without problems as viewers of the whole organisation.
    async fn invite(&self, emails: &str) -> BatchId {
        let role = self.role("viewer").await;
        self.invite_as(emails, role).await
    }

    async fn invite_as(&self, emails: &str, role: RoleId) -> BatchId {
        let draft = self.start().await;
        let next = self.emails(draft, emails).await;
        if next == InviteStep::Problems {
            self.problems(draft, &[]).await;
        }
        let next = self.finish(draft, role, &["all".to_owned()]).await;
        assert_eq!(next, InviteStep::Check);
        self.send(draft).await
    }

    /// Lets the worker do everything there is to do.
    async fn work(&self) {
        while self.h.services.process_batch_step().await.unwrap() {}
    }

    /// Every entry of a batch, in order: what was entered and its outcome.
    async fn outcomes(&self, job: BatchId) -> Vec<(String, Option<EntryOutcome>)> {
        let mut tx = self.h.services.store.read().await.unwrap();
        let rows = tx
            .entry_results(self.organisation, job, -1, i64::MAX, false)
            .await
            .unwrap();
        rows.into_iter()
            .map(|row| (row.entered.clone(), row.outcome()))
            .collect()
    }

    async fn person(&self, email: &str) -> (UserRow, MembershipRow) {
        let mut tx = self.h.services.store.read().await.unwrap();
        let user = tx.user_by_email_key(email).await.unwrap().unwrap();
        let membership = tx.membership_of(self.organisation, user.id).await.unwrap();
        (user, membership.unwrap())
    }

    async fn invitations(&self, email: &str) -> Vec<InvitationRow> {
        let (_, membership) = self.person(email).await;
        let mut tx = self.h.services.store.read().await.unwrap();
        tx.invitations_of(self.organisation, membership.id)
            .await
            .unwrap()
    }

    /// The invitation that the link in a message opens.
    async fn opened_by(&self, message: &Queued) -> InvitationRow {
        let secret = message.secret.as_deref().unwrap();
        let digest = Token::digest_of(secret, TokenPurpose::Invitation).unwrap();
        let mut tx = self.h.services.store.read().await.unwrap();
        tx.invitation_by_digest(&digest).await.unwrap().unwrap()
    }

    async fn audit_events(&self) -> i64 {
        let mut tx = self.h.services.store.write().await.unwrap();
        let end = tx.audit_chain_end(Some(self.organisation)).await.unwrap();
        end.sequence
    }
}

fn here<T: std::fmt::Debug>(at: At<T>) -> T {
    match at {
        At::Here(here) => here,
        At::Elsewhere(elsewhere) => panic!("sent on to {elsewhere:?}"),
    }
}

/// `n` addresses, one on each line.
fn many(n: usize) -> String {
    (0..n)
        .map(|n| format!("person{n}@nhs.net"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The codes of a refusal, with the fields they are about.
fn codes(error: &crate::Error) -> Vec<(String, String)> {
    match error {
        crate::Error::Invalid(violations) => violations
            .iter()
            .map(|violation| (violation.field.clone(), violation.code.clone()))
            .collect(),
        other => panic!("{other:?}"),
    }
}
