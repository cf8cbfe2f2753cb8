//! The page of answers, and the end of the journey.

use domain::{
    MembershipStatus,
    id::{DraftId, MembershipId, ServiceId},
    membership::{DetailsForm, period},
    one_person::{AddCheck, AddDone, AddStep, CheckedRole, RoleAnswer},
    wording,
};
use store::{AssignmentRow, MembershipRow, RoleRow, Tx, UserRow};

use super::{
    Adding, Found, Known,
    pages::{address_of, name_of},
};
use crate::{
    Actor, Error, Result, Services,
    invitations::{
        At, Elsewhere, area_tree,
        journey::{check::lifetime, here},
        letter::invitation_letter,
        resend::{Offered, kind_for, offer_content},
    },
    memberships::{midnights, refuse_repeats},
};

impl Services {
    /// The page of answers: what will be sent, before it is sent (V12).
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right to invite.
    pub async fn add_check_page(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<AddCheck>> {
        let now = self.now();
        let mut tx = self.store.read().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        let known = here!(
            self.reach_add_step(&mut tx, &mut loaded, AddStep::Check)
                .await?
        );
        if let Some(elsewhere) = self.asked_again(&loaded, &known.roles, actor)? {
            return Ok(At::Elsewhere(elsewhere));
        }
        let membership = self.new_membership(&loaded, &known);
        let rows = self.added_assignments(&loaded, &known.roles, &membership, actor)?;
        let details = loaded.draft.details.clone();
        let details = details.unwrap_or_else(|| DetailsForm {
            job_title: known.shared_title.clone(),
            ..DetailsForm::default()
        });
        let name = match &known.found {
            Found::Elsewhere(row) => name_of(row),
            _ => format!("{} {}", details.first_name.trim(), details.last_name.trim())
                .trim()
                .to_owned(),
        };
        let offered = self
            .offered_now(&mut tx, &loaded, &known, (membership, rows), &name)
            .await?;
        let expires_at = now + lifetime(&loaded.access.organisation, offered.privileged());
        let letter = invitation_letter(
            kind_for(&offered.user),
            &offer_content(&loaded.access, &offered, actor.name(), expires_at),
            &self.settings.service_name,
        );
        let organisation = &loaded.access.organisation;
        Ok(At::Here(AddCheck {
            version: loaded.journey.version,
            email: offered.user.email.clone(),
            name,
            has_account: known.has_account(),
            roles: self.checked_roles(&mut tx, &loaded, &known).await?,
            more_roles: self.has_room_for_more(&mut tx, &loaded, &known).await?,
            organisation_name: organisation.name.clone(),
            area_label: organisation.policy.area_label.many.clone(),
            expires_at,
            letter: letter.unwrap_or_default(),
            rules: known.rules,
            details,
        }))
    }

    /// The page that has to be answered anew, when something that was chosen is no longer there.
    fn asked_again(
        &self,
        loaded: &Adding,
        roles: &[RoleRow],
        actor: &Actor,
    ) -> Result<Option<Elsewhere>> {
        let membership = MembershipId::from_uuid(self.random.uuid(self.now()));
        for (index, answer) in loaded.draft.roles.iter().enumerate() {
            let violations = match self.rows_of(loaded, roles, answer, membership, actor) {
                Ok(_) => continue,
                Err(Error::Invalid(violations)) => violations,
                Err(other) => return Err(other),
            };
            let field = violations.iter().next().map(|one| one.field.as_str());
            let step = match field {
                Some("areas") => AddStep::Areas,
                Some("role") => AddStep::Role,
                _ => AddStep::Dates,
            };
            return Ok(Some(Elsewhere::Adding(step, index + 1)));
        }
        Ok(None)
    }

    /// The offer as it would be sent now, for showing it.
    async fn offered_now(
        &self,
        tx: &mut Tx,
        loaded: &Adding,
        known: &Known,
        (membership, assignments): (MembershipRow, Vec<AssignmentRow>),
        name: &str,
    ) -> Result<Offered> {
        let now = self.now();
        let mut user = UserRow::unregistered(membership.user_id, &address_of(loaded), "", now);
        if let Found::Elsewhere(row) = &known.found {
            user.email.clone_from(&row.email);
            user.first_name.clone_from(&row.first_name);
            user.last_name.clone_from(&row.last_name);
            user.registered_at = row.registered_at;
        } else {
            name.clone_into(&mut user.first_name);
        }
        self.offer_of(
            tx,
            &loaded.access,
            (user, membership),
            Vec::new(),
            assignments,
        )
        .await
    }

    async fn checked_roles(
        &self,
        tx: &mut Tx,
        loaded: &Adding,
        known: &Known,
    ) -> Result<Vec<CheckedRole>> {
        let summaries = self
            .role_summaries(tx, loaded.access.organisation_id())
            .await?;
        let tree = area_tree(&loaded.access.areas);
        let mut checked = Vec::with_capacity(loaded.draft.roles.len());
        for (index, answer) in loaded.draft.roles.iter().enumerate() {
            let summary = summaries.iter().find(|one| Some(one.id) == answer.role);
            let Some(summary) = summary else { continue };
            let areas = answer.areas.as_ref().map(|areas| areas.areas().to_vec());
            let dates = answer.dates.validate(self.now()).unwrap_or_default();
            let (starts_at, ends_at) = midnights(dates.0, dates.1);
            checked.push(CheckedRole {
                number: wording::count(index + 1),
                role: summary.clone(),
                areas: tree.labels(&areas.unwrap_or_default()),
                asks_areas: known.facts.asks_areas.get(index) == Some(&true),
                period: period(starts_at, ends_at),
            });
        }
        Ok(checked)
    }

    /// What came of it, read from the database.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right to invite; [`Error::NotFound`] when the person is gone
    /// since.
    pub async fn add_done_page(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<AddDone>> {
        let mut tx = self.store.read().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        let Some(user) = loaded.draft.added else {
            let known = self.known(&mut tx, &mut loaded).await?;
            let (next, number) = loaded.draft.next_step(&known.facts);
            return Ok(At::Elsewhere(Elsewhere::Adding(next, number)));
        };
        let offered = self.offered_to(&mut tx, &loaded.access, user).await?;
        let waits = offered.membership.status == MembershipStatus::Pending;
        Ok(At::Here(AddDone {
            user,
            name: offered.user.name(),
            email: offered.user.email.clone(),
            has_account: offered.user.registered_at.is_some(),
            organisation_name: loaded.access.organisation.name.clone(),
            expires_at: (offered.membership.invitation_expires_at).filter(|_| waits),
        }))
    }

    /// Whether one more role can be added: some service allows it (C7).
    async fn has_room_for_more(&self, tx: &mut Tx, loaded: &Adding, known: &Known) -> Result<bool> {
        if loaded.draft.roles.is_empty() {
            return Ok(false);
        }
        let services = tx.services(loaded.access.organisation_id()).await?;
        Ok(services.iter().any(|service| {
            let count = roles_in(loaded, &known.roles, service.id).len();
            let count = i64::try_from(count).unwrap_or(i64::MAX);
            service.roles_per_member.is_none_or(|most| count < most)
        }))
    }

    /// The chosen roles go together: not more of a service than its policy allows (C7), and none
    /// twice in one place at one time.
    pub(super) async fn fits_together(
        &self,
        tx: &mut Tx,
        loaded: &Adding,
        actor: &Actor,
    ) -> Result<()> {
        let organisation = loaded.access.organisation_id();
        let roles = tx.roles(organisation).await?;
        for service in tx.services(organisation).await? {
            let chosen = roles_in(loaded, &roles, service.id).len();
            let chosen = i64::try_from(chosen).unwrap_or(i64::MAX);
            if service.roles_per_member.is_some_and(|most| chosen > most) {
                return Err(Error::violation("role", "role.only_one"));
            }
        }
        let membership = MembershipId::from_uuid(self.random.uuid(self.now()));
        let mut held = Vec::new();
        for answer in &loaded.draft.roles {
            // What is no longer as it was chosen is asked for again, in its turn.
            let new = self.rows_of(loaded, &roles, answer, membership, actor);
            let new = new.unwrap_or_default();
            refuse_repeats(&loaded.access, &held, &new)?;
            held.extend(new);
        }
        Ok(())
    }
}

/// The roles of a service that are chosen.
fn roles_in<'a>(loaded: &Adding, roles: &'a [RoleRow], service: ServiceId) -> Vec<&'a RoleRow> {
    roles
        .iter()
        .filter(|role| {
            let chosen = |answer: &RoleAnswer| answer.role == Some(role.id);
            role.service_id == service && loaded.draft.roles.iter().any(chosen)
        })
        .collect()
}
