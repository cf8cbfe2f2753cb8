//! A person's own account, and choosing the organisation to act in (C1, K).

mod access;
mod activity;
mod details;
mod email;
#[cfg(test)]
mod email_tests;
#[cfg(test)]
mod factor_tests;
mod factors;
mod mobile;
mod security;
mod sessions;
mod step_up;

pub(crate) use factors::codes_owner;
pub use security::Renewed;

use domain::{
    MembershipStatus, Permission, SecondFactorKind,
    account::{
        Account, AccountOrganisation, AccountRole, ChooseOrganisationForm, OrganisationChoices,
    },
};
use store::{MembershipRow, OrganisationRow, Tx};

use crate::{Access, Actor, Error, Result, Services, second_step::ending};

impl Services {
    /// Where somebody who is signed in starts: their last organisation, their only one, or the
    /// choice.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn start(&self, actor: &Actor) -> Result<String> {
        let mut tx = self.store.read().await?;
        let last = self.last_organisation(&mut tx, actor).await?;
        let active = active_places(&mut tx, actor).await?;
        let open = active
            .iter()
            .find(|(organisation, _)| Some(&organisation.slug) == last.as_ref())
            .or_else(|| active.first().filter(|_| active.len() == 1));
        Ok(match open {
            Some((organisation, _)) => format!("/o/{}", organisation.slug),
            None if active.is_empty() => "/account".to_owned(),
            None => "/choose-organisation".to_owned(),
        })
    }

    /// The organisations to choose from, the last one first.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn organisation_choices(&self, actor: &Actor) -> Result<OrganisationChoices> {
        let mut tx = self.store.read().await?;
        let last = self.last_organisation(&mut tx, actor).await?;
        let mut choices = OrganisationChoices::default();
        for (organisation, membership) in tx.organisations_of(actor.user()).await? {
            match membership.status {
                _ if organisation.closed_at.is_some() => {}
                MembershipStatus::Active => {
                    let is_last = last.as_ref() == Some(&organisation.slug);
                    let access = self.access_of(&mut tx, organisation, membership).await?;
                    if is_last {
                        choices.recent = Some(with_roles(&access));
                    } else {
                        choices.others.push(with_roles(&access));
                    }
                }
                MembershipStatus::Inactive => choices.no_longer.push(organisation.name),
                MembershipStatus::Pending | MembershipStatus::Cancelled => {}
            }
        }
        Ok(choices)
    }

    /// Opens an organisation. Returns the path of the page that is like `return_to` there, or its
    /// home.
    ///
    /// # Errors
    /// `organisation.empty` when nothing that the person belongs to was chosen.
    pub async fn choose_organisation(
        &self,
        actor: &Actor,
        form: &ChooseOrganisationForm,
        return_to: &str,
    ) -> Result<String> {
        form.validate()?;
        let mut tx = self.store.read().await?;
        let access = match self.access(&mut tx, actor, &form.organisation).await {
            Err(Error::NotFound) => {
                return Err(Error::violation("organisation", "organisation.empty"));
            }
            access => access?,
        };
        drop(tx);
        self.remember_organisation(actor, &access).await?;
        let home = format!("/o/{}", access.organisation.slug);
        Ok(match kind_of_page(return_to) {
            Some("users") if access.has(Permission::UsersView) => home + "/users",
            Some("roles") => home + "/roles",
            _ => home,
        })
    }

    /// What is known about the person.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn account(&self, actor: &Actor) -> Result<Account> {
        let mut tx = self.store.read().await?;
        let user = tx.user(actor.user()).await?.ok_or(Error::SignInRequired)?;
        let factors = tx.second_factors(user.id).await?;
        let codes_left = tx.recovery_codes_left(user.id).await?;
        let mut organisations = Vec::new();
        for (organisation, membership) in active_places(&mut tx, actor).await? {
            let access = self.access_of(&mut tx, organisation, membership).await?;
            organisations.push(with_roles(&access));
        }
        Ok(Account {
            name: user.name(),
            email: user.email.clone(),
            mobile_ending: ending(&user, SecondFactorKind::Sms),
            second_factors: SecondFactorKind::ALL
                .iter()
                .copied()
                .filter(|kind| factors.iter().any(|factor| factor.kind == *kind))
                .collect(),
            recovery_codes_left: u32::try_from(codes_left).unwrap_or_default(),
            organisations,
        })
    }

    async fn last_organisation(&self, tx: &mut Tx, actor: &Actor) -> Result<Option<String>> {
        let session = tx.session(actor.session()).await?;
        Ok(session.and_then(|session| session.last_organisation))
    }
}

async fn active_places(
    tx: &mut Tx,
    actor: &Actor,
) -> Result<Vec<(OrganisationRow, MembershipRow)>> {
    let mut places = tx.organisations_of(actor.user()).await?;
    places.retain(|(organisation, membership)| {
        organisation.closed_at.is_none() && membership.status == MembershipStatus::Active
    });
    Ok(places)
}

/// `users` of `/o/rx1/users?q=x`: what may be the same in another organisation. Never an id.
fn kind_of_page(path: &str) -> Option<&str> {
    path.strip_prefix("/o/")?.split(['/', '?', '#']).nth(1)
}

/// The organisation, with the roles that hold there now.
pub(crate) fn with_roles(access: &Access) -> AccountOrganisation {
    let mut roles: Vec<AccountRole> = Vec::new();
    for grant in &access.grants {
        let area = grant
            .area
            .and_then(|area| access.areas.iter().find(|row| row.id == area))
            .map(|row| row.name.clone());
        let known = roles.iter_mut().find(|role| role.name == grant.role.name);
        match (known, area) {
            // The whole organisation includes every area of it.
            (Some(role), None) => role.areas.clear(),
            (Some(role), Some(area)) if !role.areas.is_empty() => role.areas.push(area),
            (Some(_), Some(_)) => {}
            (None, area) => roles.push(AccountRole {
                name: grant.role.name.clone(),
                areas: area.into_iter().collect(),
            }),
        }
    }
    AccountOrganisation {
        name: access.organisation.name.clone(),
        code: access.organisation.code.clone(),
        slug: access.organisation.slug.clone(),
        roles,
    }
}

#[cfg(test)]
mod tests {
    use super::kind_of_page;

    #[test]
    fn only_the_kind_of_a_page_is_carried_over() {
        assert_eq!(kind_of_page("/o/rx1/users?q=carlton"), Some("users"));
        assert_eq!(kind_of_page("/o/rx1/users/u-1"), Some("users"));
        assert_eq!(kind_of_page("/o/rx1"), None);
        assert_eq!(kind_of_page("/account"), None);
        assert_eq!(kind_of_page(""), None);
    }
}
