//! Organisations: made from a preset, with their first administrator.

use chrono::{DateTime, Utc};
use domain::{
    OrganisationCode,
    audit::AuditEventKind,
    id::{OrganisationId, RoleId, ServiceId, TaskId},
    organisation::OrganisationName,
};
use serde_json::json;
use store::{OrganisationRow, RoleRow, ServiceRow, StoreError, TaskRow, Tx};

use crate::{By, Error, Result, Services, audit::Event, presets::Preset};

mod administrator;
mod set_up;
#[cfg(test)]
mod tests;

/// A link that is shown once, to whoever runs a command.
pub struct PrintedLink {
    /// In full, from the configured origin (R25).
    pub url: String,
    /// When it stops working.
    pub expires_at: DateTime<Utc>,
}

impl Services {
    /// Makes an organisation from a preset: policy, service, tasks and roles. It starts without
    /// areas and without people.
    ///
    /// # Errors
    /// `organisation_code.taken` when another organisation has the code.
    pub async fn create_organisation(
        &self,
        by: &By,
        preset: Preset,
        code: &OrganisationCode,
        name: &OrganisationName,
    ) -> Result<OrganisationId> {
        let mut tx = self.store.write().await?;
        let row = self
            .create_organisation_in(&mut tx, by, preset, code, name)
            .await?;
        tx.commit().await?;
        Ok(row.id)
    }

    pub(crate) async fn create_organisation_in(
        &self,
        tx: &mut Tx,
        by: &By,
        preset: Preset,
        code: &OrganisationCode,
        name: &OrganisationName,
    ) -> Result<OrganisationRow> {
        let now = self.now();
        self.ensure_terms_in(tx, by).await?;
        let terms = self.newest_terms(tx, preset.terms_key()).await?;
        let organisation = OrganisationRow {
            id: OrganisationId::from_uuid(self.random.uuid(now)),
            code: code.as_str().to_owned(),
            slug: code.slug(),
            name: name.as_str().to_owned(),
            preset: preset.as_str().to_owned(),
            policy: preset.policy(terms.id),
            created_at: now,
            closed_at: None,
        };
        tx.insert_organisation(&organisation)
            .await
            .map_err(|error| match error {
                StoreError::Conflict(store::Conflict::OrganisationCodeTaken) => {
                    Error::violation("organisation_code", "organisation_code.taken")
                }
                other => other.into(),
            })?;
        self.insert_preset_service(tx, &organisation, preset)
            .await?;
        let event = Event {
            organisation: Some(organisation.id),
            kind: AuditEventKind::OrganisationCreated,
            subject: None,
            details: json!({
                "code": organisation.code,
                "name": organisation.name,
                "preset": organisation.preset,
            }),
        };
        self.audit(tx, by, event).await?;
        Ok(organisation)
    }

    async fn insert_preset_service(
        &self,
        tx: &mut Tx,
        organisation: &OrganisationRow,
        preset: Preset,
    ) -> Result<()> {
        let now = self.now();
        let data = preset.service();
        let service = ServiceRow {
            id: ServiceId::from_uuid(self.random.uuid(now)),
            organisation_id: organisation.id,
            key: data.key.to_owned(),
            name: data.name.to_owned(),
            roles_per_member: organisation.policy.roles_per_member.map(i64::from),
        };
        let tasks: Vec<TaskRow> = (0..)
            .zip(data.tasks)
            .map(|(position, task)| TaskRow {
                id: TaskId::from_uuid(self.random.uuid(now)),
                organisation_id: organisation.id,
                service_id: service.id,
                name: (*task).to_owned(),
                position,
            })
            .collect();
        let mut roles = Vec::with_capacity(data.roles.len());
        let mut role_tasks = Vec::new();
        for (position, role) in (0..).zip(data.roles) {
            let id = RoleId::from_uuid(self.random.uuid(now));
            let limit = organisation.policy.seat_limit.get(role.key);
            roles.push(RoleRow {
                id,
                organisation_id: organisation.id,
                service_id: service.id,
                key: role.key.to_owned(),
                name: role.name.to_owned(),
                summary: role.summary.to_owned(),
                permissions: role.permissions.to_vec(),
                seat_limit: limit.copied().map(i64::from),
                privileged: role.is_privileged(),
                scope_allowed: role.scope_allowed,
                position,
            });
            let held = tasks
                .iter()
                .filter(|task| role.can.contains(&task.name.as_str()));
            role_tasks.extend(held.map(|task| (id, task.id)));
        }
        tx.insert_service(&service, &tasks, &roles, &role_tasks)
            .await?;
        for role in &roles {
            if let Some(limit) = role.seat_limit {
                tx.insert_seats(organisation.id, role.id, limit).await?;
            }
        }
        Ok(())
    }

    /// A link of this installation; from the configured origin alone (R25).
    pub(crate) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.settings.public_origin)
    }
}
