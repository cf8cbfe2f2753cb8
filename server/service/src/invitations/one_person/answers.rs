//! What is answered on the pages. An answer that breaks a rule changes nothing.

use domain::{
    EmailAddress, Violations,
    audit::AuditEventKind,
    id::DraftId,
    membership::{DatesForm, DetailsForm},
    one_person::{AddEmailForm, AddStep, AddressChoice, AddressChoiceForm},
    role::RoleForm,
};
use serde_json::json;
use store::{RoleRow, Tx};

use super::{Adding, Found, Known};
use crate::{
    Access, Actor, By, Error, Result, Services,
    audit::Event,
    invitations::{
        At, Elsewhere,
        journey::{answers::chosen_areas, here},
        storable,
    },
    throttling::LOOK_UP,
};

impl Services {
    /// Answers the page of the address. Looking people up is limited and leaves a trace where it
    /// finds somebody of another organisation (J21, J23, R38).
    ///
    /// # Errors
    /// `email.*`; [`Error::SlowDown`] when one administrator looks up very many people.
    pub async fn answer_add_email(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        email: &str,
    ) -> Result<At<(AddStep, usize)>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        let form = AddEmailForm {
            email: storable(email),
        };
        let address = form.validate()?.address;
        if loaded.draft.email != form.email {
            let key = self.lane_key("look_up", actor.user(), None);
            self.take(&mut tx, &key, LOOK_UP).await?;
        }
        loaded.draft.set_email(form.email);
        let known = self.known(&mut tx, &mut loaded).await?;
        if let Found::Nobody | Found::Elsewhere(_) = known.found {
            allowed(&loaded, &address)?;
        }
        if matches!(known.found, Found::Elsewhere(_)) && !loaded.draft.confirmed {
            let event = Event {
                organisation: Some(loaded.access.organisation_id()),
                kind: AuditEventKind::PersonLookedUp,
                subject: None,
                details: json!({ "email": address.as_str() }),
            };
            self.audit(&mut tx, &By::actor(actor), event).await?;
        }
        self.go_on_adding(tx, loaded, &known).await
    }

    /// Answers the page of a doubtful address (V16).
    ///
    /// # Errors
    /// `address.empty`; `email.domain` where the other address is not allowed either.
    pub async fn answer_add_address(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        choice: &str,
    ) -> Result<At<(AddStep, usize)>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        let form = AddressChoiceForm {
            choice: choice.to_owned(),
        };
        let choice = form.validate()?;
        let known = self.known(&mut tx, &mut loaded).await?;
        if let Some(doubt) = known.doubt {
            match choice {
                AddressChoice::Keep => loaded.draft.address_kept = true,
                AddressChoice::Use => {
                    // From here on as if it had been typed, limits and traces included.
                    drop(tx);
                    return self.answer_add_email(actor, slug, id, &doubt.instead).await;
                }
            }
        }
        let known = self.known(&mut tx, &mut loaded).await?;
        self.go_on_adding(tx, loaded, &known).await
    }

    /// Says that this is the right person (J21, J22).
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right to invite.
    pub async fn confirm_person(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<(AddStep, usize)>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        loaded.draft.confirmed = true;
        let known = self.known(&mut tx, &mut loaded).await?;
        self.go_on_adding(tx, loaded, &known).await
    }

    /// Answers the page of the details.
    ///
    /// # Errors
    /// Those of [`DetailsForm::validate`].
    pub async fn answer_add_details(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        form: DetailsForm,
    ) -> Result<At<(AddStep, usize)>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        let known = here!(
            self.reach_add_step(&mut tx, &mut loaded, AddStep::Details)
                .await?
        );
        let form = DetailsForm {
            first_name: storable(&form.first_name),
            last_name: storable(&form.last_name),
            job_title: storable(&form.job_title),
            clinician: storable(&form.clinician),
            registration_number: storable(&form.registration_number),
            notes: storable(&form.notes),
        };
        form.validate(&known.rules)?;
        loaded.draft.details = Some(form);
        self.go_on_adding(tx, loaded, &known).await
    }

    /// Answers the page of a role. Areas that were chosen stay chosen while the new role may be held
    /// there.
    ///
    /// # Errors
    /// `role.empty`, `role.full`, `role.duplicate`, `role.only_one`; [`Error::NotFound`] for a role
    /// that is not the next.
    pub async fn answer_add_role(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        number: usize,
        role: &str,
    ) -> Result<At<(AddStep, usize)>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        here!(
            self.reach_add_step(&mut tx, &mut loaded, AddStep::Role)
                .await?
        );
        let offered = self.grantable_roles(&mut tx, &loaded.access).await?;
        let form = RoleForm {
            role: role.to_owned(),
        };
        let role = form.validate(&offered)?.id;
        let row = tx.role(loaded.access.organisation_id(), role).await?;
        let row = row.ok_or(Error::NotFound)?;
        let asks_areas = loaded.asks_areas(&row);
        let access = loaded.access.clone();
        let answer = loaded.draft.role_at(number).ok_or(Error::NotFound)?;
        answer.role = Some(role);
        answer.areas = answer
            .areas
            .take()
            .filter(|areas| asks_areas && access.may_grant(&row, areas.areas()).is_ok());
        loaded.draft.without_role = false;
        self.fits_together(&mut tx, &loaded, actor).await?;
        let known = self.known(&mut tx, &mut loaded).await?;
        self.go_on_adding(tx, loaded, &known).await
    }

    /// Adds the person without a role: they get one later (C20).
    ///
    /// # Errors
    /// [`Error::NotAllowed`] for whoever manages some areas alone.
    pub async fn skip_add_role(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<(AddStep, usize)>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        if !loaded.may_skip_role() {
            return Err(Error::NotAllowed);
        }
        loaded.draft.roles.clear();
        loaded.draft.without_role = true;
        let known = self.known(&mut tx, &mut loaded).await?;
        self.go_on_adding(tx, loaded, &known).await
    }

    /// Takes a role out of the answers again.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a role that is not there.
    pub async fn drop_add_role(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        number: usize,
    ) -> Result<At<(AddStep, usize)>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        if number == 0 || number > loaded.draft.roles.len() {
            return Err(Error::NotFound);
        }
        loaded.draft.roles.remove(number - 1);
        let known = self.known(&mut tx, &mut loaded).await?;
        self.go_on_adding(tx, loaded, &known).await
    }

    /// Answers the page of the areas of a role.
    ///
    /// # Errors
    /// `areas.*`; `role.duplicate`; [`Error::NotAllowed`] for areas that the actor was not offered
    /// (R67).
    pub async fn answer_add_areas(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        number: usize,
        areas: Vec<String>,
    ) -> Result<At<(AddStep, usize)>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        let known = here!(
            self.reach_add_step(&mut tx, &mut loaded, AddStep::Areas)
                .await?
        );
        let role = role_of(&loaded, &known, number).ok_or(Error::NotFound)?;
        let selection = chosen_areas(&loaded.access, areas)?;
        loaded.access.may_grant(role, selection.areas())?;
        let answer = loaded.draft.role_at(number).ok_or(Error::NotFound)?;
        answer.areas = Some(selection);
        self.fits_together(&mut tx, &loaded, actor).await?;
        self.go_on_adding(tx, loaded, &known).await
    }

    /// Answers the page of the dates of a role.
    ///
    /// # Errors
    /// `start.*`, `end.*`.
    pub async fn answer_add_dates(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        number: usize,
        dates: DatesForm,
    ) -> Result<At<(AddStep, usize)>> {
        let mut tx = self.store.write().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        let known = here!(
            self.reach_add_step(&mut tx, &mut loaded, AddStep::Dates)
                .await?
        );
        dates.validate(self.now())?;
        role_of(&loaded, &known, number).ok_or(Error::NotFound)?;
        let answer = loaded.draft.role_at(number).ok_or(Error::NotFound)?;
        answer.dates = dates;
        self.fits_together(&mut tx, &loaded, actor).await?;
        self.go_on_adding(tx, loaded, &known).await
    }

    /// Keeps the answers and says which page comes next.
    async fn go_on_adding(
        &self,
        mut tx: Tx,
        mut loaded: Adding,
        known: &Known,
    ) -> Result<At<(AddStep, usize)>> {
        let next = loaded.draft.next_step(&known.facts);
        loaded.journey.answers =
            serde_json::to_value(&loaded.draft).map_err(store::StoreError::from)?;
        loaded.journey.expires_at = self.now() + super::LIFETIME;
        tx.update_journey(&loaded.journey).await?;
        tx.commit().await?;
        Ok(match next {
            (AddStep::Done, number) => At::Elsewhere(Elsewhere::Adding(AddStep::Done, number)),
            next => At::Here(next),
        })
    }
}

/// The address is of a domain that the organisation allows (V03, C27).
pub(super) fn allowed(loaded: &Adding, address: &EmailAddress) -> Result<()> {
    let domains = &loaded.access.organisation.policy.email_domains;
    if domains.allows(address) {
        Ok(())
    } else {
        Err(domain_not_allowed(&loaded.access))
    }
}

/// `email.domain`, with one that is allowed.
pub(in crate::invitations) fn domain_not_allowed(access: &Access) -> Error {
    let rules = access.organisation.policy.email_domains.rules();
    let first = rules.first().map(String::as_str).unwrap_or_default();
    let mut violations = Violations::new();
    let domain = first.trim_start_matches("*.").to_owned();
    violations.add_with("email", "email.domain", vec![domain]);
    Error::Invalid(violations)
}

/// The role that an answer is about.
pub(super) fn role_of<'a>(loaded: &Adding, known: &'a Known, number: usize) -> Option<&'a RoleRow> {
    let answer = loaded.draft.roles.get(number.checked_sub(1)?)?;
    known.roles.iter().find(|row| Some(row.id) == answer.role)
}
