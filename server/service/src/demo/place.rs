//! Putting the people of the demo where they belong, with dates spread so that lists look lived in.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    OrganisationCode, SecondFactorKind,
    audit::AuditEventKind,
    id::{
        AreaId, AssignmentId, ChangeId, InvitationId, MembershipId, OrganisationId, RoleId,
        SecondFactorId, UserId,
    },
    invitation::{Delivery, InvitationStatus},
    membership::{ChangedThing, DeactivationReason},
    organisation::OrganisationName,
    policy::EmailDomains,
    search::{index_words, sort_name},
};
use serde_json::json;
use store::{
    AreaRow, AssignmentRow, ChangeRow, InvitationRow, MembershipRow, OrganisationRow, RoleRow,
    SecondFactorRow, Tx, UserRow,
};

use super::{
    cast::{CASTS, Cast, Person, Status},
    facts::{Dates, details},
};
use crate::{
    By, Error, Result, Services,
    audit::Event,
    secrets::{Token, TokenPurpose},
};

/// Somebody with their name.
type Named = (UserId, String);

/// An organisation while its people are added.
pub(super) struct Place {
    organisation: OrganisationRow,
    roles: Vec<RoleRow>,
    areas: Vec<(String, AreaId)>,
    /// Who invited everybody else, with their name.
    inviter: Option<Named>,
    /// How many people there are so far; spreads their dates.
    count: i64,
    rows: Rows,
}

/// Everything about the people of an organisation, written together.
#[derive(Default)]
struct Rows {
    members: Vec<MembershipRow>,
    words: Vec<(MembershipId, Vec<String>)>,
    assignments: Vec<AssignmentRow>,
    seats: Vec<(RoleId, MembershipId)>,
    invitations: Vec<InvitationRow>,
    changes: Vec<ChangeRow>,
    /// What happened to them, by whom (by nobody: a command did it) and when.
    events: Vec<(Option<Named>, DateTime<Utc>, Event)>,
}

impl Services {
    pub(super) async fn demo_place(&self, tx: &mut Tx, by: &By, cast: &Cast) -> Result<Place> {
        let fault = || Error::Fault(format!("demo organisation {}", cast.code));
        let code = OrganisationCode::parse(cast.code).map_err(|_| fault())?;
        let name = OrganisationName::parse(cast.name).map_err(|_| fault())?;
        let mut organisation = self
            .create_organisation_in(tx, by, cast.preset, &code, &name)
            .await?;
        // V03: an organisation may allow more than its preset does. Nobody real has such an address.
        if let EmailDomains::Only(rules) = &mut organisation.policy.email_domains {
            rules.extend(CASTS.iter().map(|cast| cast.domain.to_owned()));
            tx.update_policy(organisation.id, &organisation.policy)
                .await?;
        }
        let mut areas = Vec::new();
        for (position, (outer, inner)) in (0..).zip(cast.areas()) {
            let parent = self.demo_area(organisation.id, None, outer, position);
            areas.push(parent.clone());
            for (position, name) in (0..).zip(inner) {
                areas.push(self.demo_area(organisation.id, Some(parent.id), name, position));
            }
        }
        tx.insert_areas(&areas).await?;
        Ok(Place {
            roles: tx.roles(organisation.id).await?,
            organisation,
            areas: areas.into_iter().map(|area| (area.name, area.id)).collect(),
            inviter: None,
            count: 0,
            rows: Rows::default(),
        })
    }

    fn demo_area(
        &self,
        organisation_id: OrganisationId,
        parent_id: Option<AreaId>,
        name: &str,
        position: i64,
    ) -> AreaRow {
        AreaRow {
            id: AreaId::from_uuid(self.random.uuid(self.now())),
            organisation_id,
            parent_id,
            name: name.to_owned(),
            kind: "service area".to_owned(),
            position,
            closed_at: None,
        }
    }

    /// The account, with a password and codes by email for those who have registered.
    pub(super) async fn demo_user(
        &self,
        tx: &mut Tx,
        person: &Person,
        number: usize,
        hash: &str,
    ) -> Result<UserRow> {
        let now = self.now();
        let registered = person.status.has_registered();
        // Whoever has not registered has not said their name yet.
        let own = |name: &String| {
            if registered {
                name.clone()
            } else {
                String::new()
            }
        };
        let created_at = now - TimeDelta::days(500)
            + TimeDelta::days(5) * i32::try_from(number % 95).unwrap_or_default();
        let user = UserRow {
            id: UserId::from_uuid(self.random.uuid(now)),
            email: person.email.clone(),
            email_key: person.email.clone(),
            first_name: own(&person.first_name),
            last_name: own(&person.last_name),
            mobile: registered.then(|| format!("+447700900{:03}", 100 + number)),
            password_hash: registered.then(|| hash.to_owned()),
            security_epoch: 0,
            registered_at: registered.then_some(created_at + TimeDelta::days(1)),
            created_at,
            version: 0,
        };
        tx.insert_user(&user).await?;
        if registered {
            tx.put_second_factor(&SecondFactorRow {
                id: SecondFactorId::from_uuid(self.random.uuid(now)),
                user_id: user.id,
                kind: SecondFactorKind::Email,
                secret: None,
                last_step: 0,
                created_at,
            })
            .await?;
        }
        Ok(user)
    }

    /// The membership with its role, its invitation and its dates.
    pub(super) fn demo_member(&self, place: &mut Place, user: &UserRow, person: &Person) {
        let now = self.now();
        let uuid = || self.random.uuid(now);
        let organisation_id = place.organisation.id;
        let (invited_by, number) = (place.inviter.clone(), place.count);
        let inviter = invited_by.as_ref().map(|(id, _)| *id);
        place.inviter.get_or_insert_with(|| (user.id, user.name()));
        place.count += 1;
        let role = place.roles.iter().find(|role| role.key == person.role);
        let hours = (place.organisation.policy).ttl_hours(role.is_some_and(|role| role.privileged));
        let dates = Dates::of(person.status, number, now, TimeDelta::hours(hours.into()));
        let member = MembershipRow {
            id: MembershipId::from_uuid(uuid()),
            organisation_id,
            user_id: user.id,
            status: person.status.stored(),
            sort_name: sort_name(&person.first_name, &person.last_name, &user.email),
            job_title: person.job_title.clone(),
            details: details(&place.organisation.policy, person, number),
            created_at: dates.invited,
            activated_at: dates.activated,
            deactivated_at: dates.deactivated,
            last_signed_in_at: dates.signed_in,
            invited_at: Some(dates.invited),
            invitation_expires_at: Some(dates.expires),
            delivery_failed_at: (person.status == Status::EmailFailed)
                .then_some(dates.invited + TimeDelta::minutes(2)),
            version: 0,
        };
        let words = index_words(&person.first_name, &person.last_name, &user.email);
        place.rows.words.push((member.id, words));
        let areas: Vec<Option<AreaId>> = if person.areas.is_empty() {
            vec![None]
        } else {
            let named = |name: &String| place.areas.iter().find(|(known, _)| known == name);
            let found = person.areas.iter().filter_map(named);
            found.map(|(_, id)| Some(*id)).collect()
        };
        if let Some(role) = role {
            if role.seat_limit.is_some() && person.status.holds_seat() {
                place.rows.seats.push((role.id, member.id));
            }
            let assignments = areas.into_iter().map(|area_id| AssignmentRow {
                id: AssignmentId::from_uuid(uuid()),
                organisation_id,
                membership_id: member.id,
                role_id: role.id,
                area_id,
                starts_at: None,
                ends_at: None,
                granted_by: inviter,
                granted_at: dates.invited,
            });
            place.rows.assignments.extend(assignments);
        }
        let token = Token::generate(TokenPurpose::Invitation, &self.random);
        let (status, delivery) = match person.status {
            Status::Active | Status::Inactive => (InvitationStatus::Accepted, Delivery::Sent),
            Status::Pending | Status::Expired => (InvitationStatus::Open, Delivery::Sent),
            Status::EmailFailed => (InvitationStatus::Open, Delivery::Failed),
            Status::Cancelled => (InvitationStatus::Cancelled, Delivery::Sent),
        };
        place.rows.invitations.push(InvitationRow {
            id: InvitationId::from_uuid(uuid()),
            organisation_id,
            membership_id: member.id,
            batch_id: None,
            invited_by: inviter,
            message: String::new(),
            // The token itself is dropped here: nobody has these links.
            token_digest: token.digest().to_vec(),
            status,
            delivery,
            created_at: dates.invited,
            sent_at: (delivery == Delivery::Sent).then_some(dates.invited),
            expires_at: dates.expires,
            closed_at: dates.activated.or(dates.cancelled),
            new_one_asked_at: None,
        });
        let role = role.map(|role| role.name.clone()).unwrap_or_default();
        let mut happened = |by, at, kind| {
            let event = Event {
                organisation: Some(organisation_id),
                kind,
                subject: Some((user.id, user.name())),
                details: json!({ "role": role, "demo": true }),
            };
            place.rows.events.push((by, at, event));
        };
        happened(
            invited_by.clone(),
            dates.invited,
            AuditEventKind::InvitationSent,
        );
        if let Some(at) = member.delivery_failed_at {
            happened(None, at, AuditEventKind::InvitationEmailFailed);
        }
        if let Some(at) = dates.activated {
            let themselves = Some((user.id, user.name()));
            happened(themselves, at, AuditEventKind::MembershipActivated);
        }
        if let Some(at) = dates.cancelled {
            happened(invited_by.clone(), at, AuditEventKind::InvitationCancelled);
        }
        if let Some(at) = dates.deactivated {
            self.demo_deactivated(place, (invited_by, at), &member, (user.name(), role));
        }
        place.rows.members.push(member);
    }

    /// Their page says by whom, when and why (ux E5).
    fn demo_deactivated(
        &self,
        place: &mut Place,
        (by, at): (Option<Named>, DateTime<Utc>),
        member: &MembershipRow,
        (name, role): (String, String),
    ) {
        const REASONS: [DeactivationReason; 3] = [
            DeactivationReason::LeftOrganisation,
            DeactivationReason::ChangedJob,
            DeactivationReason::OnLeave,
        ];
        let id = ChangeId::from_uuid(self.random.uuid(self.now()));
        let reason = REASONS[place.rows.changes.len() % REASONS.len()].words();
        place.rows.changes.push(ChangeRow {
            id,
            organisation_id: member.organisation_id,
            membership_id: member.id,
            thing: ChangedThing::Status,
            state_before: json!({ "status": "active" }),
            reason: reason.to_owned(),
            message_id: None,
            changed_by: by.as_ref().map(|(id, _)| *id),
            changed_at: at,
            undone_at: None,
        });
        let event = Event {
            organisation: Some(member.organisation_id),
            kind: AuditEventKind::MembershipDeactivated,
            subject: Some((member.user_id, name)),
            details: json!({
                "reason_given": reason,
                "had": [role],
                "change": id,
                "demo": true,
            }),
        };
        place.rows.events.push((by, at, event));
    }

    pub(super) async fn write_place(&self, tx: &mut Tx, by: &By, place: Place) -> Result<()> {
        let organisation = place.organisation.id;
        let terms = self.terms_of(tx, &place.organisation.policy).await?;
        let Rows {
            members,
            words,
            assignments,
            seats,
            invitations,
            changes,
            events,
        } = place.rows;
        tx.insert_memberships(&members).await?;
        tx.insert_words(organisation, &words).await?;
        tx.insert_assignments(&assignments).await?;
        tx.insert_invitations(&invitations).await?;
        tx.insert_changes(&changes).await?;
        for (role, member) in seats {
            let now = self.now();
            if !tx.claim_seat(organisation, role, member, now).await? {
                return Err(Error::Fault("demo: more people than places".to_owned()));
            }
        }
        if let Some(terms) = terms {
            for member in &members {
                if let Some(at) = member.activated_at {
                    tx.accept_terms(member.user_id, terms.id, organisation, at)
                        .await?;
                }
            }
        }
        let mut events: Vec<_> = events
            .into_iter()
            .map(|(who, at, event)| {
                let by = who.map_or_else(
                    || by.clone(),
                    |(id, name)| By::person(id, &name, &by.request, "password+email"),
                );
                (by, at, event)
            })
            .collect();
        events.sort_by_key(|(_, at, _)| *at);
        let events = events
            .iter()
            .map(|(by, at, event)| (by, *at, event.clone()));
        self.audit_at(tx, events.collect()).await
    }
}
