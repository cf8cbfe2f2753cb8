//! Giving the role of a batch to people who are members already (B11, C23): the entry says that
//! they were not invited, and that they have the role now.

use std::collections::BTreeMap;

use domain::{
    Permission,
    audit::AuditEventKind,
    id::{AreaId, AssignmentId, EntryId, RoleId, ServiceId},
    invitation::EntryOutcome,
};
use serde_json::json;
use store::{AddressRow, AssignmentRow, RoleRow, Settled, Tx};

use super::process::Work;
use crate::{
    Result, Services,
    audit::Event,
    outbox::{Channel, MessageContent, MessageKind, Outgoing},
};

/// What must be known of an organisation to give roles.
struct Rules {
    roles: BTreeMap<RoleId, RoleRow>,
    /// By service, how many of its roles one person may have (C7).
    most: BTreeMap<ServiceId, i64>,
}

impl Services {
    /// Gives the role to members, one by one. Whoever may not get it stays "already a member".
    pub(super) async fn give_roles(
        &self,
        tx: &mut Tx,
        work: &Work,
        members: Vec<(EntryId, Option<AddressRow>)>,
    ) -> Result<Vec<Settled>> {
        if members.is_empty() {
            return Ok(Vec::new());
        }
        let organisation = work.organisation.id;
        let rules = Rules {
            roles: tx
                .roles(organisation)
                .await?
                .into_iter()
                .map(|role| (role.id, role))
                .collect(),
            most: tx
                .services(organisation)
                .await?
                .into_iter()
                .filter_map(|service| Some((service.id, service.roles_per_member?)))
                .collect(),
        };
        let mut settled = Vec::with_capacity(members.len());
        for (entry, row) in members {
            let membership = row.as_ref().and_then(|row| row.membership_id);
            let outcome = match row {
                Some(row) => self.give_role(tx, work, &rules, row).await?,
                None => EntryOutcome::AlreadyMember,
            };
            settled.push(Settled {
                entry,
                outcome,
                membership,
            });
        }
        Ok(settled)
    }

    async fn give_role(
        &self,
        tx: &mut Tx,
        work: &Work,
        rules: &Rules,
        person: AddressRow,
    ) -> Result<EntryOutcome> {
        let organisation = work.organisation.id;
        let Some(membership) = person.membership_id else {
            return Ok(EntryOutcome::AlreadyMember);
        };
        let held = tx.assignments_of(organisation, membership).await?;
        let places = work.missing_places(&held);
        // Nobody changes their own role, by any route (requirements, section 3).
        let refused = person.user_id == work.sender.id
            || places.is_empty()
            || !work.may_assign()
            || !work.may_change(rules, &held)
            || !rules.leaves_room(&work.role, &held);
        if refused {
            return Ok(EntryOutcome::AlreadyMember);
        }
        if work.role.seat_limit.is_some()
            && !tx
                .claim_seat(organisation, work.role.id, membership, work.now)
                .await?
        {
            return Ok(EntryOutcome::NoSeat);
        }
        let rows: Vec<AssignmentRow> = places
            .into_iter()
            .map(|area_id| AssignmentRow {
                id: AssignmentId::from_uuid(self.random.uuid(work.now)),
                organisation_id: organisation,
                membership_id: membership,
                role_id: work.role.id,
                area_id,
                starts_at: None,
                ends_at: None,
                granted_by: Some(work.sender.id),
                granted_at: work.now,
            })
            .collect();
        tx.insert_assignments(&rows).await?;
        let name = format!("{} {}", person.first_name, person.last_name);
        let event = Event {
            organisation: Some(organisation),
            kind: AuditEventKind::RoleAssigned,
            subject: Some((person.user_id, name.trim().to_owned())),
            details: json!({
                "batch": work.batch.id,
                "role": work.role.name,
                "areas": work.area_labels,
            }),
        };
        self.audit(tx, &work.by, event).await?;
        let message = Outgoing {
            id: None,
            channel: Channel::Email,
            kind: MessageKind::NewAccess,
            organisation: Some(organisation),
            invitation: None,
            recipient: person.email,
            content: MessageContent {
                recipient_name: person.first_name,
                organisation: work.organisation.name.clone(),
                organisation_slug: work.organisation.slug.clone(),
                by: work.sender.name(),
                role: work.role.name.clone(),
                tasks: work.summary.can.clone(),
                areas: work.area_labels.clone(),
                path: format!("/o/{}", work.organisation.slug),
                ..MessageContent::default()
            },
            secret: None,
            not_after: None,
            hold_until: None,
        };
        self.queue(tx, vec![message]).await?;
        Ok(EntryOutcome::RoleGiven)
    }
}

impl Work {
    /// Where the role does not hold yet for somebody; empty place: the whole organisation.
    fn missing_places(&self, held: &[AssignmentRow]) -> Vec<Option<AreaId>> {
        let mine = || held.iter().filter(|row| row.role_id == self.role.id);
        if mine().any(|row| row.area_id.is_none()) {
            return Vec::new();
        }
        let wanted: Vec<Option<AreaId>> = if self.areas.is_empty() {
            vec![None]
        } else {
            self.areas.iter().copied().map(Some).collect()
        };
        let inside = |place: &Option<AreaId>| {
            place.is_some_and(|place| {
                mine().any(|row| {
                    row.area_id.is_some_and(|area| {
                        self.access.with_everything_inside(area).contains(&place)
                    })
                })
            })
        };
        wanted.into_iter().filter(|place| !inside(place)).collect()
    }

    /// Whether the sender may give roles to members in the places of the batch.
    fn may_assign(&self) -> bool {
        let Ok(reach) = self.access.require(Permission::RolesAssign) else {
            return false;
        };
        if self.areas.is_empty() {
            reach.covers(None)
        } else {
            self.areas.iter().all(|area| reach.covers(Some(*area)))
        }
    }

    /// Whether the sender may change this person: not when they have more rights (R67).
    fn may_change(&self, rules: &Rules, held: &[AssignmentRow]) -> bool {
        held.iter().all(|row| {
            let areas: Vec<AreaId> = row.area_id.into_iter().collect();
            rules
                .roles
                .get(&row.role_id)
                .is_some_and(|role| self.access.may_grant(role, &areas).is_ok())
        })
    }
}

impl Rules {
    /// Whether a person may have one more role of the service, or has this one already.
    fn leaves_room(&self, role: &RoleRow, held: &[AssignmentRow]) -> bool {
        let Some(most) = self.most.get(&role.service_id) else {
            return true;
        };
        let mut others: Vec<RoleId> = held
            .iter()
            .map(|row| row.role_id)
            .filter(|id| *id != role.id)
            .filter(|id| {
                self.roles
                    .get(id)
                    .is_some_and(|other| other.service_id == role.service_id)
            })
            .collect();
        others.sort_unstable();
        others.dedup();
        i64::try_from(others.len()).unwrap_or(i64::MAX) < *most
    }
}
