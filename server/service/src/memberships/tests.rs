use chrono::TimeDelta;
use domain::{
    MembershipStatus,
    id::{AreaId, OrganisationId},
    membership::{AssignmentForm, Changed, DatesForm, DeactivateForm, ReactivateForm},
};
use store::{AreaRow, MembershipRow, UserRow};

use super::status::Answered;
use crate::{Actor, Error, presets::Preset, testing::Harness};

mod assignments;
mod details;
mod security;
mod status;
mod undo;

/// Hollybrook Hospital with Sam and Alex, who administer it, Jane, who reads in North team, and two
/// areas, one inside the other.
struct Ward {
    h: Harness,
    organisation: OrganisationId,
    sam: Actor,
    alex: Actor,
    jane: Actor,
    nursing: AreaId,
    north: AreaId,
}

impl Ward {
    async fn new() -> Self {
        let h = Harness::new().await;
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
            sam: h.administrator("rx1", "sam.okoro@nhs.net").await,
            alex: h.administrator("rx1", "alex.reed@nhs.net").await,
            jane: h.member("rx1", "jane.carlton@nhs.net", "viewer").await,
            h,
            organisation,
            nursing,
            north,
        }
    }

    async fn policy(&self, change: impl FnOnce(&mut domain::Policy)) {
        let mut tx = self.h.services.store.write().await.unwrap();
        let organisation = tx.organisation(self.organisation).await.unwrap();
        let mut policy = organisation.unwrap().policy;
        change(&mut policy);
        tx.update_policy(self.organisation, &policy).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Lets somebody hold what they have only in an area.
    async fn limit(&self, person: &Actor, area: AreaId) {
        let (_, membership) = self.person(person).await;
        let mut tx = self.h.services.store.write().await.unwrap();
        let mut rows = tx
            .assignments_of(self.organisation, membership.id)
            .await
            .unwrap();
        rows[0].area_id = Some(area);
        tx.replace_assignments(self.organisation, membership.id, &rows)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    async fn person(&self, person: &Actor) -> (UserRow, MembershipRow) {
        let mut tx = self.h.services.store.read().await.unwrap();
        let user = tx.user(person.user()).await.unwrap().unwrap();
        let membership = tx.membership_of(self.organisation, user.id).await.unwrap();
        (user, membership.unwrap())
    }

    async fn status(&self, person: &Actor) -> MembershipStatus {
        self.person(person).await.1.status
    }

    async fn version(&self, person: &Actor) -> i64 {
        let (user, membership) = self.person(person).await;
        user.version + membership.version
    }

    /// The roles of somebody, as their page says them.
    async fn roles(&self, person: &Actor) -> Vec<String> {
        let mut tx = self.h.services.store.read().await.unwrap();
        let access = self
            .h
            .services
            .access(&mut tx, &self.sam, "rx1")
            .await
            .unwrap();
        let right = domain::Permission::UsersView;
        let member = self
            .h
            .services
            .member(&mut tx, &access, person.user(), right);
        member.await.unwrap().0.access_lines(&access)
    }

    /// The form for a role, with areas.
    async fn form(&self, role: &str, areas: &[AreaId]) -> AssignmentForm {
        let mut tx = self.h.services.store.read().await.unwrap();
        let roles = tx.roles(self.organisation).await.unwrap();
        let role = roles.iter().find(|known| known.key == role).unwrap();
        let areas = if areas.is_empty() {
            vec!["all".to_owned()]
        } else {
            areas.iter().map(ToString::to_string).collect()
        };
        AssignmentForm {
            role: role.id.to_string(),
            areas,
            dates: DatesForm::default(),
            reason: "Covers for Alex".to_owned(),
        }
    }

    async fn deactivate(&self, by: &Actor, person: &Actor) -> crate::Result<Changed> {
        let services = &self.h.services;
        let answer = services.deactivate(by, "rx1", person.user(), yes_left());
        match answer.await? {
            Answered::Done(changed) => Ok(changed),
            other => panic!("{other:?}"),
        }
    }

    async fn events(&self) -> i64 {
        let mut tx = self.h.services.store.write().await.unwrap();
        let end = tx.audit_chain_end(Some(self.organisation)).await.unwrap();
        end.sequence
    }

    /// Which messages wait.
    async fn mail(&self) -> Vec<String> {
        let waiting = self.h.outbox().await.into_iter();
        waiting
            .map(|message| format!("{} {}", message.kind, message.recipient))
            .collect()
    }
}

fn yes_left() -> &'static DeactivateForm {
    Box::leak(Box::new(DeactivateForm {
        confirm: "yes".to_owned(),
        reason: "left_organisation".to_owned(),
        reason_other: String::new(),
    }))
}

fn with(access: &str) -> &'static ReactivateForm {
    Box::leak(Box::new(ReactivateForm {
        confirm: "yes".to_owned(),
        access: access.to_owned(),
    }))
}

/// The code of a refusal.
fn refused<T: std::fmt::Debug>(result: crate::Result<T>) -> String {
    match result {
        Err(Error::Conflict(conflict)) => conflict.code().to_owned(),
        Err(Error::Invalid(violations)) => violations.0[0].code.clone(),
        Err(Error::NotAllowed) => "not allowed".to_owned(),
        Err(Error::NotFound) => "not found".to_owned(),
        other => panic!("{other:?}"),
    }
}
