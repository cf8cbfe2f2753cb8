//! A person's own account, where they start, and the organisation that they act in.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::account::{Account, OrganisationChoices, OwnEvent};

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{Posted, actor, checked, log, refuse, services},
    domain::account::ChooseOrganisationForm,
    service::request::Authentication,
};

/// Leads somebody who is signed in to where they start; does nothing for all others.
///
/// # Errors
/// When the database is away.
#[server(prefix = "/fn", endpoint = "account/start", input = GetUrl, output = Wire)]
pub async fn read_start() -> Result<(), AppError> {
    if let Authentication::Complete(actor) = super::doorway()?.authentication {
        let start = services()?.start(&actor).await.map_err(log)?;
        super::redirect(&start);
    }
    Ok(())
}

/// What is known about the person.
///
/// # Errors
/// Sign in first.
#[server(prefix = "/fn", endpoint = "account/read", input = GetUrl, output = Wire)]
pub async fn read_account() -> Result<Account, AppError> {
    let account = services()?.account(&actor()?).await;
    account.map_err(|error| AppError::from(log(error)))
}

/// What happened to the person's account.
///
/// # Errors
/// Sign in first.
#[server(prefix = "/fn", endpoint = "account/activity", input = GetUrl, output = Wire)]
pub async fn read_own_activity() -> Result<Vec<OwnEvent>, AppError> {
    let events = services()?.own_activity(&actor()?).await;
    events.map_err(|error| AppError::from(log(error)))
}

/// The organisations to choose from. Somebody with only one is led there.
///
/// # Errors
/// Sign in first.
#[server(prefix = "/fn", endpoint = "account/organisations", input = GetUrl, output = Wire)]
pub async fn read_organisations() -> Result<OrganisationChoices, AppError> {
    let actor = actor()?;
    let choices = services()?
        .organisation_choices(&actor)
        .await
        .map_err(log)?;
    if choices.count() == 1 && choices.no_longer.is_empty() {
        let start = services()?.start(&actor).await.map_err(log)?;
        super::redirect(&start);
    }
    Ok(choices)
}

/// Opens an organisation, at the kind of page that `return_to` is.
///
/// # Errors
/// `organisation.empty`.
#[server(prefix = "/fn", endpoint = "account/choose-organisation")]
pub async fn choose_organisation(
    #[server(default)] organisation: String,
    return_to: String,
) -> Result<(), AppError> {
    let posted = Posted::new().with("organisation", &organisation);
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let form = ChooseOrganisationForm { organisation };
    let result = services()?
        .choose_organisation(&actor, &form, &return_to)
        .await;
    if let Some(path) = checked(posted, result).await? {
        super::redirect(&path);
    }
    Ok(())
}
