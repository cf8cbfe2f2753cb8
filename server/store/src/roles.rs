//! Services with their tasks and roles, and which role holds where for whom.

use chrono::{DateTime, Utc};
use domain::{
    Permission,
    id::{AreaId, AssignmentId, MembershipId, OrganisationId, RoleId, ServiceId, TaskId, UserId},
};
use uuid::Uuid;

use crate::{
    Result, Tx,
    sql::{MaybeId, insert_many, list, sql},
    users::UserRow,
};

/// A row of `services`: a system that people are given access to.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ServiceRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: ServiceId,
    /// Whose service it is.
    #[sqlx(try_from = "Uuid")]
    pub organisation_id: OrganisationId,
    /// Stable name in presets.
    pub key: String,
    /// Its name.
    pub name: String,
    /// How many of its roles one person may have; empty: any number (C7).
    pub roles_per_member: Option<i64>,
}

/// A row of `tasks`: what a role lets a person do in the service.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TaskRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: TaskId,
    /// Whose task it is.
    #[sqlx(try_from = "Uuid")]
    pub organisation_id: OrganisationId,
    /// The service it is a task of.
    #[sqlx(try_from = "Uuid")]
    pub service_id: ServiceId,
    /// A phrase that starts with a verb.
    pub name: String,
    /// Its place in lists.
    pub position: i64,
}

/// A row of `roles`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct RoleRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: RoleId,
    /// Whose role it is.
    #[sqlx(try_from = "Uuid")]
    pub organisation_id: OrganisationId,
    /// The service it is a role of.
    #[sqlx(try_from = "Uuid")]
    pub service_id: ServiceId,
    /// Stable name in presets.
    pub key: String,
    /// Its name.
    pub name: String,
    /// One line that says what it is for.
    pub summary: String,
    /// The rights inside Lanyard that it gives.
    #[sqlx(json)]
    pub permissions: Vec<Permission>,
    /// How many people may have it; empty: any number.
    pub seat_limit: Option<i64>,
    /// Whether it gives rights over other people.
    pub privileged: bool,
    /// Whether it can be limited to areas.
    pub scope_allowed: bool,
    /// Its place in lists.
    pub position: i64,
}

/// A row of `role_assignments`: membership x role x area x dates.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AssignmentRow {
    /// Primary key.
    #[sqlx(try_from = "Uuid")]
    pub id: AssignmentId,
    /// The organisation.
    #[sqlx(try_from = "Uuid")]
    pub organisation_id: OrganisationId,
    /// Who has the role.
    #[sqlx(try_from = "Uuid")]
    pub membership_id: MembershipId,
    /// The role.
    #[sqlx(try_from = "Uuid")]
    pub role_id: RoleId,
    /// Where it holds; empty: in the whole organisation.
    #[sqlx(try_from = "MaybeId")]
    pub area_id: Option<AreaId>,
    /// From when; empty: from the beginning.
    pub starts_at: Option<DateTime<Utc>>,
    /// Until when; empty: without end.
    pub ends_at: Option<DateTime<Utc>>,
    /// Who gave it; empty: a command.
    #[sqlx(try_from = "MaybeId")]
    pub granted_by: Option<UserId>,
    /// When it was given.
    pub granted_at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    count: i64,
}

#[derive(sqlx::FromRow)]
struct RoleTaskRow {
    #[sqlx(try_from = "Uuid")]
    role_id: RoleId,
    #[sqlx(try_from = "Uuid")]
    task_id: TaskId,
}

impl Tx {
    /// The services of an organisation.
    pub async fn services(&mut self, organisation: OrganisationId) -> Result<Vec<ServiceRow>> {
        sql("SELECT * FROM services WHERE organisation_id = $1 ORDER BY name, id")
            .bind(organisation)
            .fetch_all(self)
            .await
    }

    /// The tasks of all services of an organisation, in their order.
    pub async fn tasks(&mut self, organisation: OrganisationId) -> Result<Vec<TaskRow>> {
        sql("SELECT * FROM tasks WHERE organisation_id = $1 ORDER BY service_id, position, id")
            .bind(organisation)
            .fetch_all(self)
            .await
    }

    /// The roles of all services of an organisation, in their order.
    pub async fn roles(&mut self, organisation: OrganisationId) -> Result<Vec<RoleRow>> {
        sql("SELECT * FROM roles WHERE organisation_id = $1 ORDER BY position, name, id")
            .bind(organisation)
            .fetch_all(self)
            .await
    }

    /// A role of an organisation.
    pub async fn role(
        &mut self,
        organisation: OrganisationId,
        role: RoleId,
    ) -> Result<Option<RoleRow>> {
        sql("SELECT * FROM roles WHERE organisation_id = $1 AND id = $2")
            .bind(organisation)
            .bind(role)
            .fetch_optional(self)
            .await
    }

    /// Which role can do which task.
    pub async fn role_tasks(
        &mut self,
        organisation: OrganisationId,
    ) -> Result<Vec<(RoleId, TaskId)>> {
        let rows: Vec<RoleTaskRow> =
            sql("SELECT role_id, task_id FROM role_tasks WHERE organisation_id = $1")
                .bind(organisation)
                .fetch_all(self)
                .await?;
        Ok(rows
            .into_iter()
            .map(|row| (row.role_id, row.task_id))
            .collect())
    }

    /// Adds a service with its tasks and roles.
    pub async fn insert_service(
        &mut self,
        service: &ServiceRow,
        tasks: &[TaskRow],
        roles: &[RoleRow],
        role_tasks: &[(RoleId, TaskId)],
    ) -> Result<()> {
        let organisation = service.organisation_id;
        sql(
            "INSERT INTO services (id, organisation_id, key, name, roles_per_member) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(service.id)
        .bind(organisation)
        .bind(service.key.clone())
        .bind(service.name.clone())
        .bind(service.roles_per_member)
        .execute_one(self)
        .await?;
        let rows = tasks
            .iter()
            .map(|task| {
                vec![
                    task.id.into(),
                    organisation.into(),
                    service.id.into(),
                    task.name.clone().into(),
                    task.position.into(),
                ]
            })
            .collect();
        insert_many(
            self,
            "INSERT INTO tasks (id, organisation_id, service_id, name, position)",
            rows,
            "",
        )
        .await?;
        for role in roles {
            sql(
                "INSERT INTO roles (id, organisation_id, service_id, key, name, summary, \
                 permissions, seat_limit, privileged, scope_allowed, position) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            )
            .bind(role.id)
            .bind(organisation)
            .bind(service.id)
            .bind(role.key.clone())
            .bind(role.name.clone())
            .bind(role.summary.clone())
            .bind(serde_json::to_value(&role.permissions)?)
            .bind(role.seat_limit)
            .bind(role.privileged)
            .bind(role.scope_allowed)
            .bind(role.position)
            .execute_one(self)
            .await?;
        }
        let rows = role_tasks
            .iter()
            .map(|(role, task)| vec![organisation.into(), (*role).into(), (*task).into()])
            .collect();
        insert_many(
            self,
            "INSERT INTO role_tasks (organisation_id, role_id, task_id)",
            rows,
            "",
        )
        .await?;
        Ok(())
    }

    /// The role assignments of a member.
    pub async fn assignments_of(
        &mut self,
        organisation: OrganisationId,
        membership: MembershipId,
    ) -> Result<Vec<AssignmentRow>> {
        sql(
            "SELECT * FROM role_assignments WHERE organisation_id = $1 AND membership_id = $2 \
             ORDER BY granted_at, id",
        )
        .bind(organisation)
        .bind(membership)
        .fetch_all(self)
        .await
    }

    /// The role assignments of many members, in a few statements.
    pub async fn assignments_of_many(
        &mut self,
        organisation: OrganisationId,
        memberships: &[MembershipId],
    ) -> Result<Vec<AssignmentRow>> {
        let mut rows = Vec::new();
        for chunk in list::chunks(memberships) {
            let some: Vec<AssignmentRow> = list::around(
                "SELECT * FROM role_assignments \
                 WHERE organisation_id = $1 AND membership_id IN (",
                vec![organisation.into()],
                chunk,
                ") ORDER BY granted_at, id",
            )
            .fetch_all(self)
            .await?;
            rows.extend(some);
        }
        Ok(rows)
    }

    /// People who have a role in the whole organisation now, the longest-standing first, at most
    /// `most` of them.
    pub async fn active_holders(
        &mut self,
        organisation: OrganisationId,
        role: RoleId,
        now: DateTime<Utc>,
        most: i64,
    ) -> Result<Vec<UserRow>> {
        sql("SELECT u.* FROM users u \
             JOIN memberships m ON m.user_id = u.id AND m.organisation_id = $1 \
             WHERE m.status = 'active' AND EXISTS (SELECT 1 FROM role_assignments a \
               WHERE a.organisation_id = $1 AND a.membership_id = m.id AND a.role_id = $2 \
                 AND a.area_id IS NULL AND (a.starts_at IS NULL OR a.starts_at <= $3) \
                 AND (a.ends_at IS NULL OR a.ends_at > $3)) \
             ORDER BY m.activated_at, m.id LIMIT $4")
        .bind(organisation)
        .bind(role)
        .bind(now)
        .bind(most)
        .fetch_all(self)
        .await
    }

    /// How many active members hold one of these roles in the whole organisation now, with no end in
    /// sight.
    pub async fn count_lasting_holders(
        &mut self,
        organisation: OrganisationId,
        roles: &[RoleId],
        now: DateTime<Utc>,
    ) -> Result<i64> {
        if roles.is_empty() {
            return Ok(0);
        }
        let row: CountRow = list::around(
            "SELECT count(DISTINCT m.id) AS count FROM role_assignments a \
             JOIN memberships m ON m.organisation_id = a.organisation_id \
               AND m.id = a.membership_id \
             WHERE a.organisation_id = $1 AND m.status = 'active' \
               AND a.area_id IS NULL AND a.ends_at IS NULL \
               AND (a.starts_at IS NULL OR a.starts_at <= $2) AND a.role_id IN (",
            vec![organisation.into(), now.into()],
            roles,
            ")",
        )
        .fetch_one(self)
        .await?;
        Ok(row.count)
    }

    /// How many active members other than `without` have a role somewhere now.
    pub async fn count_holders(
        &mut self,
        organisation: OrganisationId,
        role: RoleId,
        without: MembershipId,
        now: DateTime<Utc>,
    ) -> Result<i64> {
        let row: CountRow = sql(
            "SELECT count(DISTINCT m.id) AS count FROM role_assignments a \
             JOIN memberships m ON m.organisation_id = a.organisation_id \
               AND m.id = a.membership_id \
             WHERE a.organisation_id = $1 AND a.role_id = $2 AND a.membership_id <> $3 \
               AND m.status = 'active' AND (a.starts_at IS NULL OR a.starts_at <= $4) \
               AND (a.ends_at IS NULL OR a.ends_at > $4)",
        )
        .bind(organisation)
        .bind(role)
        .bind(without)
        .bind(now)
        .fetch_one(self)
        .await?;
        Ok(row.count)
    }

    /// Gives a member exactly these role assignments.
    pub async fn replace_assignments(
        &mut self,
        organisation: OrganisationId,
        membership: MembershipId,
        rows: &[AssignmentRow],
    ) -> Result<()> {
        self.delete_assignments_of(organisation, membership).await?;
        self.insert_assignments(rows).await
    }

    /// Adds role assignments.
    pub async fn insert_assignments(&mut self, rows: &[AssignmentRow]) -> Result<()> {
        let rows = rows
            .iter()
            .map(|row| {
                vec![
                    row.id.into(),
                    row.organisation_id.into(),
                    row.membership_id.into(),
                    row.role_id.into(),
                    row.area_id.into(),
                    row.starts_at.into(),
                    row.ends_at.into(),
                    row.granted_by.into(),
                    row.granted_at.into(),
                ]
            })
            .collect();
        insert_many(
            self,
            "INSERT INTO role_assignments (id, organisation_id, membership_id, role_id, area_id, \
             starts_at, ends_at, granted_by, granted_at)",
            rows,
            "",
        )
        .await?;
        Ok(())
    }

    /// Removes all role assignments of a member. Returns how many there were.
    pub async fn delete_assignments_of(
        &mut self,
        organisation: OrganisationId,
        membership: MembershipId,
    ) -> Result<u64> {
        sql("DELETE FROM role_assignments WHERE organisation_id = $1 AND membership_id = $2")
            .bind(organisation)
            .bind(membership)
            .execute(self)
            .await
    }
}
