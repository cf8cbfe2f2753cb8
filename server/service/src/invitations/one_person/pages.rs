//! What the pages of questions show. They read only.

use domain::{
    Permission,
    id::DraftId,
    one_person::{
        AddAreasView, AddDatesView, AddDetailsView, AddEmailView, AddFacts, AddRoleView, AddStep,
        AddressView, ExistingPerson, KnownHere,
    },
    policy::JobTitleScope,
    status::MembershipStatus,
    wording,
};
use store::{AddressRow, Tx};

use super::{Adding, Found, answers::role_of};
use crate::{
    Access, Actor, Error, Result, Services,
    invitations::{At, Elsewhere, journey::here},
};

impl Services {
    /// The page of the address.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right to invite.
    pub async fn add_email_page(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<AddEmailView>> {
        let mut tx = self.store.read().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        let known = here!(
            self.reach_add_step(&mut tx, &mut loaded, AddStep::Email)
                .await?
        );
        let (next, _) = loaded.draft.next_step(&known.facts);
        Ok(At::Here(AddEmailView {
            domains: loaded.rules().to_vec(),
            from_check: next == AddStep::Check,
            email: loaded.draft.email,
        }))
    }

    /// The page of a doubtful address.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right to invite.
    pub async fn add_address_page(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<AddressView>> {
        let mut tx = self.store.read().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        let known = here!(
            self.reach_add_step(&mut tx, &mut loaded, AddStep::Address)
                .await?
        );
        Ok(match known.doubt {
            Some(doubt) => At::Here(doubt),
            None => elsewhere(&loaded, &known.facts),
        })
    }

    /// Who has the address: to be recognised, or in the way.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right to invite.
    pub async fn existing_person_page(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<ExistingPerson>> {
        let mut tx = self.store.read().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        let known = here!(
            self.reach_add_step(&mut tx, &mut loaded, AddStep::ExistingPerson)
                .await?
        );
        let access = &loaded.access;
        let email = address_of(&loaded);
        let person = match &known.found {
            Found::Nobody => return Ok(elsewhere(&loaded, &known.facts)),
            Found::Elsewhere(row) => ExistingPerson::Elsewhere {
                email,
                name: name_of(row),
                job_title: known.shared_title.clone(),
            },
            Found::Managed => ExistingPerson::Managed { email },
            Found::Member(row) => {
                let may = access.has(Permission::RolesAssign) && row.user_id != actor.user();
                let mut known = self.known_here(&mut tx, &loaded, row, may).await?;
                if known.may_act {
                    self.add_or_change(&mut tx, access, actor, &mut known)
                        .await?;
                }
                ExistingPerson::Member(known)
            }
            Found::Invited(row) => ExistingPerson::Invited {
                at: row.invited_at,
                expired: row
                    .invitation_expires_at
                    .is_some_and(|end| end <= self.now()),
                person: self.known_here(&mut tx, &loaded, row, true).await?,
            },
            Found::Inactive(row) => {
                let may = access.has(Permission::UsersDeactivate);
                let membership = match row.membership_id {
                    Some(id) => tx.membership(access.organisation_id(), id).await?,
                    None => None,
                };
                ExistingPerson::Inactive {
                    person: self.known_here(&mut tx, &loaded, row, may).await?,
                    at: membership.and_then(|row| row.deactivated_at),
                }
            }
        };
        Ok(At::Here(person))
    }

    /// Somebody of this organisation, with the way to their page for whoever may see it.
    async fn known_here(
        &self,
        tx: &mut Tx,
        loaded: &Adding,
        row: &AddressRow,
        may_act: bool,
    ) -> Result<KnownHere> {
        let access = &loaded.access;
        let organisation = &access.organisation;
        let memberships: Vec<_> = row.membership_id.into_iter().collect();
        let roles = self.role_names_of(tx, organisation, &memberships).await?;
        let seen = self
            .member(tx, access, row.user_id, Permission::UsersInvite)
            .await;
        let user = match seen {
            Ok(_) => Some(row.user_id),
            Err(Error::NotFound) => None,
            Err(other) => return Err(other),
        };
        Ok(KnownHere {
            email: row.email.clone(),
            name: name_of(row),
            roles: roles.into_values().flatten().collect(),
            may_act: may_act && user.is_some(),
            user,
            change: None,
        })
    }

    /// Where one more role of no service can be added, the one that they have is changed instead (C7, C22).
    async fn add_or_change(
        &self,
        tx: &mut Tx,
        access: &Access,
        actor: &Actor,
        known: &mut KnownHere,
    ) -> Result<()> {
        let Some(user) = known.user else {
            return Ok(());
        };
        let (member, reach) = self
            .member(tx, access, user, Permission::UsersInvite)
            .await?;
        if self.has_room(tx, access, &member).await? {
            return Ok(());
        }
        let held = self.held_roles(tx, access, actor, &member, &reach).await?;
        known.change = held
            .iter()
            .find(|role| role.changeable)
            .map(|role| role.assignment);
        known.may_act = known.change.is_some();
        Ok(())
    }

    /// The job title of somebody who is known elsewhere, where job titles are shared on both sides
    /// (C6); what one organisation alone says of a person is its own.
    pub(super) async fn shared_job_title(
        &self,
        tx: &mut Tx,
        loaded: &Adding,
        row: &AddressRow,
    ) -> Result<String> {
        let shares = |scope| scope == JobTitleScope::Shared;
        if !shares(loaded.access.organisation.policy.job_title_scope) {
            return Ok(String::new());
        }
        let elsewhere = tx.organisations_of(row.user_id).await?;
        let title = elsewhere.into_iter().find(|(organisation, member)| {
            shares(organisation.policy.job_title_scope)
                && member.status == MembershipStatus::Active
                && !member.job_title.is_empty()
        });
        Ok(title
            .map(|(_, member)| member.job_title)
            .unwrap_or_default())
    }

    /// The page of the details.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right to invite.
    pub async fn add_details_page(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<AddDetailsView>> {
        let mut tx = self.store.read().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        let known = here!(
            self.reach_add_step(&mut tx, &mut loaded, AddStep::Details)
                .await?
        );
        let mut details = loaded.draft.details.clone().unwrap_or_default();
        if loaded.draft.details.is_none() {
            details.job_title.clone_from(&known.shared_title);
            let beside = loaded.draft.recognised();
            if let Some((first, last)) = beside.and_then(|one| one.first_and_last()) {
                first.as_str().clone_into(&mut details.first_name);
                last.as_str().clone_into(&mut details.last_name);
            }
        }
        Ok(At::Here(AddDetailsView {
            back: if known.has_account() {
                AddStep::ExistingPerson
            } else {
                AddStep::Email
            },
            email: address_of(&loaded),
            rules: known.rules,
            details,
        }))
    }

    /// The page of a role.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right to invite; [`Error::NotFound`] for a role that is not
    /// the next.
    pub async fn add_role_page(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        number: usize,
    ) -> Result<At<AddRoleView>> {
        let mut tx = self.store.read().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        let known = here!(
            self.reach_add_step(&mut tx, &mut loaded, AddStep::Role)
                .await?
        );
        let may_skip = number == 1 && loaded.draft.roles.len() < 2 && loaded.may_skip_role();
        let chosen = loaded.draft.role_at(number).ok_or(Error::NotFound)?.role;
        Ok(At::Here(AddRoleView {
            number: wording::count(number),
            roles: self.grantable_roles(&mut tx, &loaded.access).await?,
            chosen,
            may_skip,
            back: if number > 1 {
                AddStep::Check
            } else if known.facts.asks_details || loaded.draft.details.is_some() {
                AddStep::Details
            } else if known.has_account() {
                AddStep::ExistingPerson
            } else {
                AddStep::Email
            },
        }))
    }

    /// The page of the areas of a role.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right to invite; [`Error::NotFound`] for a role that is not
    /// there.
    pub async fn add_areas_page(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        number: usize,
    ) -> Result<At<AddAreasView>> {
        let mut tx = self.store.read().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        let known = here!(
            self.reach_add_step(&mut tx, &mut loaded, AddStep::Areas)
                .await?
        );
        let role = role_of(&loaded, &known, number).ok_or(Error::NotFound)?;
        if !loaded.asks_areas(role) {
            return Ok(At::Elsewhere(Elsewhere::Adding(AddStep::Role, number)));
        }
        let chosen = loaded.draft.roles[number - 1].areas.clone();
        Ok(At::Here(AddAreasView {
            number: wording::count(number),
            role: role.name.clone(),
            question: loaded.access.where_to_give(role, chosen),
        }))
    }

    /// The page of the dates of a role.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right to invite; [`Error::NotFound`] for a role that is not
    /// there.
    pub async fn add_dates_page(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
        number: usize,
    ) -> Result<At<AddDatesView>> {
        let mut tx = self.store.read().await?;
        let mut loaded = here!(self.load_adding(&mut tx, actor, slug, id).await?);
        let known = here!(
            self.reach_add_step(&mut tx, &mut loaded, AddStep::Dates)
                .await?
        );
        let role = role_of(&loaded, &known, number).ok_or(Error::NotFound)?;
        Ok(At::Here(AddDatesView {
            number: wording::count(number),
            role: role.name.clone(),
            dates: loaded.draft.roles[number - 1].dates.clone(),
        }))
    }
}

/// Where a journey goes on whose page has nothing to ask.
fn elsewhere<T>(loaded: &Adding, facts: &AddFacts) -> At<T> {
    let (next, number) = loaded.draft.next_step(facts);
    At::Elsewhere(Elsewhere::Adding(next, number))
}

/// The address of the draft.
pub(super) fn address_of(loaded: &Adding) -> String {
    let address = loaded.draft.address();
    address.map_or_else(String::new, |address| address.as_str().to_owned())
}

/// First and last name, or the address while there is none.
pub(super) fn name_of(row: &AddressRow) -> String {
    let name = format!("{} {}", row.first_name, row.last_name);
    match name.trim() {
        "" => row.email.clone(),
        name => name.to_owned(),
    }
}
