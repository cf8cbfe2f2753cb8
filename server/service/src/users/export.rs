//! The users list as a file: everybody who matches, whatever page was looked at (ux D1).

use domain::{
    AuditEventKind, Permission, area::AreaTree, id::MembershipId, listing::UsersQuery,
    policy::Field,
};
use serde_json::json;
use store::{AssignmentRow, RoleRow};

use super::{asks_for_clinicians, user_row};
use crate::{
    Access, Actor, By, Reach, Result, Services, activity::clock, audit::Event,
    invitations::area_tree,
};

/// As many people are read together.
const PIECE: usize = 1_000;

/// The people of an export, piece by piece.
pub struct UsersExport {
    services: Services,
    actor: Actor,
    access: Access,
    reach: Reach,
    roles: Vec<RoleRow>,
    tree: AreaTree,
    /// Who it is about was decided when it was asked for; 16 bytes each.
    members: Vec<MembershipId>,
    next: usize,
    started: bool,
}

impl Services {
    /// Everybody whom the users list with this query holds, in its order, for whoever may export:
    /// within the areas in which they may (R106). That it was done, and of how many, is recorded
    /// before the first line leaves.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] outside of the organisation, [`crate::Error::NotAllowed`] without the right.
    pub async fn export_users(
        &self,
        actor: &Actor,
        slug: &str,
        query: &UsersQuery,
    ) -> Result<UsersExport> {
        let mut tx = self.store.read().await?;
        let access = self.access(&mut tx, actor, slug).await?;
        let reach = export_reach(&access)?;
        let members = self.listed_members(&mut tx, &access, &reach, query).await?;
        drop(tx);
        let filter = query.with_page(1).to_query_string();
        self.export_of(actor, access, reach, members, filter).await
    }

    /// These people as a file, recorded with what they were found by.
    pub(crate) async fn export_of(
        &self,
        actor: &Actor,
        access: Access,
        reach: Reach,
        members: Vec<MembershipId>,
        filter: String,
    ) -> Result<UsersExport> {
        let organisation = access.organisation_id();
        let event = Event {
            organisation: Some(organisation),
            kind: AuditEventKind::UsersExported,
            subject: None,
            details: json!({ "rows": members.len(), "filter": filter }),
        };
        let mut tx = self.store.write().await?;
        self.audit(&mut tx, &By::actor(actor), event).await?;
        let roles = tx.roles(organisation).await?;
        tx.commit().await?;
        let tree = area_tree(&access.areas);
        Ok(UsersExport {
            services: self.clone(),
            actor: actor.clone(),
            access,
            reach,
            roles,
            tree,
            members,
            next: 0,
            started: false,
        })
    }
}

/// Whoever may export may still see no more than on the page.
pub(crate) fn export_reach(access: &Access) -> Result<Reach> {
    Ok(narrower(
        access.require(Permission::UsersView)?,
        access.require(Permission::UsersExport)?,
    ))
}

/// What is inside both.
fn narrower(one: Reach, other: Reach) -> Reach {
    match (one, other) {
        (Reach::Whole, other) => other,
        (one, Reach::Whole) => one,
        (Reach::Areas(one), Reach::Areas(other)) => {
            Reach::Areas(one.intersection(&other).copied().collect())
        }
    }
}

impl UsersExport {
    /// The next lines of the file; nothing after the last.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn next(&mut self) -> Result<Option<String>> {
        let mut text = String::new();
        if !self.started {
            self.started = true;
            text.push('\u{feff}');
            let header = [
                "Name",
                "Email address",
                "Status",
                "Roles",
                "Areas",
                "Invited (UK time)",
                "Last signed in (UK time)",
            ];
            let header = header.into_iter().chain(self.clinician_label());
            crate::csv::push_row(&mut text, header);
        }
        let end = (self.next + PIECE).min(self.members.len());
        let piece = self.members.get(self.next..end).unwrap_or_default();
        self.next = end;
        if !piece.is_empty() {
            self.push(&mut text, piece).await?;
        }
        Ok((!text.is_empty()).then_some(text))
    }

    /// The organisation's word for who is a registered clinician, where it asks (V05).
    fn clinician_label(&self) -> Option<&str> {
        let policy = &self.access.organisation.policy;
        let label = policy.field(Field::ClinicianStatus).label.as_deref();
        asks_for_clinicians(policy).then(|| label.unwrap_or("Registered clinician"))
    }

    async fn push(&self, text: &mut String, piece: &[MembershipId]) -> Result<()> {
        let now = self.services.now();
        let organisation = self.access.organisation_id();
        // Each piece is a look of its own, so that a slow reader holds up nobody.
        let mut tx = self.services.store.read().await?;
        let rows = tx.listed_members(organisation, piece).await?;
        let assignments = tx.assignments_of_members(organisation, piece, now).await?;
        drop(tx);
        let mut held: std::collections::HashMap<MembershipId, Vec<&AssignmentRow>> =
            std::collections::HashMap::new();
        for row in &assignments {
            held.entry(row.membership_id).or_default().push(row);
        }
        let policy = &self.access.organisation.policy;
        let asks = asks_for_clinicians(policy);
        for row in rows {
            let clinician = match row.clinician {
                Some(true) => "Yes",
                Some(false) => "No",
                None => "",
            };
            let all = held.remove(&row.id).unwrap_or_default();
            let shown = user_row(
                row,
                &all,
                &self.reach,
                &self.roles,
                &self.tree,
                &self.actor,
                now,
            );
            let mut areas = shown.areas;
            if shown.everywhere {
                areas.insert(0, format!("All of {}", self.access.organisation.name));
            }
            let cells = [
                shown.name.as_str(),
                &shown.email,
                policy.status_label(shown.status),
                &shown.roles.join("; "),
                &areas.join("; "),
                &shown.invited_at.map(clock).unwrap_or_default(),
                &shown.last_signed_in_at.map(clock).unwrap_or_default(),
            ];
            crate::csv::push_row(text, cells.into_iter().chain(asks.then_some(clinician)));
        }
        Ok(())
    }
}
