use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Permission,
    bulk::BulkAction,
    id::{AreaId, OrganisationId},
    listing::UsersQuery,
};
use store::AreaRow;

use crate::{Actor, Error, Result, testing::Harness};

mod growth;

/// An area of an organisation.
fn area(organisation: OrganisationId, n: u128, parent: Option<u128>, name: &str) -> AreaRow {
    let id = |n| AreaId::from_uuid(uuid::Uuid::from_u128(n));
    AreaRow {
        id: id(n),
        organisation_id: organisation,
        parent_id: parent.map(id),
        name: name.to_owned(),
        kind: "service area".to_owned(),
        position: 0,
        closed_at: None,
    }
}

/// Hollybrook Hospital with Kim, who administers it, or an area of it, for a while; and Jane, who reads there.
struct Term {
    h: Harness,
    organisation: OrganisationId,
    kim: Actor,
    jane: Actor,
}

impl Term {
    async fn of(starts: DateTime<Utc>, ends: DateTime<Utc>, whole: bool) -> Self {
        let h = Harness::new().await;
        let organisation = h.organisation("RX1", "Hollybrook Hospital").await;
        let nursing = area(organisation, 1, None, "Nursing");
        let place = (!whole).then_some(nursing.id);
        let mut tx = h.services.store.write().await.unwrap();
        tx.insert_areas(&[nursing]).await.unwrap();
        tx.commit().await.unwrap();
        h.administrator("rx1", "sam.okoro@nhs.net").await;
        let term = Self {
            kim: h.administrator("rx1", "kim.adler@nhs.net").await,
            jane: h.member("rx1", "jane.carlton@nhs.net", "viewer").await,
            organisation,
            h,
        };
        term.hold(&term.kim, place, Some(starts), Some(ends)).await;
        term.hold(&term.jane, place, None, None).await;
        term
    }

    async fn hold(
        &self,
        person: &Actor,
        place: Option<AreaId>,
        starts: Option<DateTime<Utc>>,
        ends: Option<DateTime<Utc>>,
    ) {
        let mut tx = self.h.services.store.write().await.unwrap();
        let member = tx.membership_of(self.organisation, person.user()).await;
        let member = member.unwrap().unwrap().id;
        let rows = tx.assignments_of(self.organisation, member).await;
        let mut rows = rows.unwrap();
        rows[0].area_id = place;
        rows[0].starts_at = starts;
        rows[0].ends_at = ends;
        tx.replace_assignments(self.organisation, member, &rows)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// What Kim may do at an instant; nothing besides the clock moves.
    async fn at(&self, instant: DateTime<Utc>) -> Vec<Permission> {
        self.h.clock.set(instant);
        let services = &self.h.services;
        let mut tx = services.store.read().await.unwrap();
        let access = services.access(&mut tx, &self.kim, "rx1").await.unwrap();
        drop(tx);
        let held = access.permissions();
        // What is done with it, page and change alike, is decided the same way.
        let (kim, jane) = (&self.kim, &self.jane);
        let query = UsersQuery::default();
        let list = services.users_page(kim, "rx1", &query);
        assert_eq!(allowed(&list.await), !held.is_empty());
        let page = services.user_page(kim, "rx1", jane.user());
        assert_eq!(allowed(&page.await), !held.is_empty());
        let adding = services.start_adding(kim, "rx1");
        assert_eq!(allowed(&adding.await), !held.is_empty());
        let people = vec![jane.user()];
        let bulk = services.start_bulk(kim, "rx1", BulkAction::Deactivate, people, None);
        assert_eq!(allowed(&bulk.await), !held.is_empty());
        held
    }
}

/// Whether something was allowed; anything else than a plain refusal fails.
fn allowed<T>(result: &Result<T>) -> bool {
    match result {
        Ok(_) => true,
        Err(Error::NotAllowed) => false,
        Err(other) => panic!("{other}"),
    }
}

/// R69: a role assignment gives everything from its first instant to the last before its end, and nothing
/// outside, without a job that begins or ends it.
#[tokio::test]
async fn an_assignment_counts_from_its_first_instant_to_its_end() {
    let moment = TimeDelta::milliseconds(1);
    for whole in [true, false] {
        let starts = crate::testing::morning() + TimeDelta::hours(1);
        let ends = starts + TimeDelta::hours(8);
        let term = Term::of(starts, ends, whole).await;
        assert_eq!(term.at(starts - moment).await, []);
        assert_eq!(term.at(starts).await, Permission::ALL);
        assert_eq!(term.at(ends - moment).await, Permission::ALL);
        assert_eq!(term.at(ends).await, []);
        // The clock alone decides, in both directions.
        assert_eq!(term.at(starts).await, Permission::ALL);
        assert_eq!(term.at(ends + TimeDelta::days(400)).await, []);
    }
}
