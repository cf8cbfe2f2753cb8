//! Roles as people choose them: what each can and cannot do, and how many places are left (J04,
//! J27, ux 6.15).

use std::collections::BTreeMap;

use domain::{
    RoleSummary,
    id::{OrganisationId, RoleId, TaskId},
    role::{RoleMatrix, RolesView},
    task::{ServiceTasks, TaskRow},
};
use store::Tx;

use crate::{Actor, Result, Services};

mod page;
mod places;
#[cfg(test)]
mod tests;

pub(crate) use places::{ForMany, places, say_for_many};

impl Services {
    /// Every role of an organisation beside the others, with all tasks (J04, G). Every member may
    /// read it: what a role can do is no secret, who has it is.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when the actor is no active member (R65).
    pub async fn role_matrix(&self, actor: &Actor, slug: &str) -> Result<RolesView> {
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let organisation = access.organisation_id();
        let roles = self.role_summaries(&mut tx, organisation).await?;
        let mut holders: BTreeMap<TaskId, Vec<RoleId>> = BTreeMap::new();
        for (role, task) in tx.role_tasks(organisation).await? {
            holders.entry(task).or_default().push(role);
        }
        let tasks = tx.tasks(organisation).await?;
        let services = tx.services(organisation).await?.into_iter();
        let services = services.map(|service| ServiceTasks {
            tasks: tasks
                .iter()
                .filter(|task| task.service_id == service.id)
                .map(|task| TaskRow {
                    roles: holders.remove(&task.id).unwrap_or_default(),
                    sentence: task.name.clone(),
                })
                .collect(),
            name: service.name,
        });
        Ok(RolesView {
            matrix: RoleMatrix {
                roles,
                services: services.collect(),
            },
            slug: access.organisation.slug.clone(),
            at: self.now(),
        })
    }

    /// Every role of an organisation, in the order in which roles are offered. Reads in the
    /// caller's transaction, so that the places left are those of the same moment.
    pub(crate) async fn role_summaries(
        &self,
        tx: &mut Tx,
        organisation: OrganisationId,
    ) -> Result<Vec<RoleSummary>> {
        let roles = tx.roles(organisation).await?;
        let tasks = tx.tasks(organisation).await?;
        let used: BTreeMap<RoleId, i64> = tx
            .seats_used(organisation, self.now())
            .await?
            .into_iter()
            .collect();
        let mut held: BTreeMap<RoleId, Vec<TaskId>> = BTreeMap::new();
        for (role, task) in tx.role_tasks(organisation).await? {
            held.entry(role).or_default().push(task);
        }
        let count = |number: i64| u32::try_from(number).unwrap_or_default();
        Ok(roles
            .into_iter()
            .map(|role| {
                let held = held.remove(&role.id).unwrap_or_default();
                let (can, cannot): (Vec<_>, Vec<_>) = tasks
                    .iter()
                    .filter(|task| task.service_id == role.service_id)
                    .partition(|task| held.contains(&task.id));
                let names = |tasks: Vec<&store::TaskRow>| {
                    tasks.into_iter().map(|task| task.name.clone()).collect()
                };
                let mut summary = RoleSummary {
                    seats_used: used.get(&role.id).copied().map_or(0, count),
                    places: String::new(),
                    seat_limit: role.seat_limit.map(count),
                    id: role.id,
                    key: role.key,
                    name: role.name,
                    summary: role.summary,
                    permissions: role.permissions,
                    privileged: role.privileged,
                    scope_allowed: role.scope_allowed,
                    can: names(can),
                    cannot: names(cannot),
                };
                summary.places = places(&summary);
                summary
            })
            .collect())
    }
}
