//! The set-up of an empty installation (R10).

use domain::{form::NothingElse, registration::SetUpLanding};
use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{Posted, checked, log, refuse, registration::begin, request, services},
    domain::registration::SetUpForm,
};

/// What a set-up link leads to. Nothing changes, however often it is read.
///
/// # Errors
/// Not found, for what is no link.
#[server(prefix = "/fn", endpoint = "set-up/read", input = GetUrl, output = Wire)]
pub async fn read_set_up(token: String) -> Result<SetUpLanding, AppError> {
    let landing = services()?.set_up_landing(&token, &request()?).await;
    landing.map_err(|error| AppError::from(log(error)))
}

/// Makes the first organisation and begins the registration of its administrator.
///
/// # Errors
/// What is wrong with the answers; expired (`set_up`); already set up.
#[server(prefix = "/fn", endpoint = "set-up/submit")]
pub async fn set_up(
    token: String,
    organisation_name: String,
    organisation_code: String,
    email: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let _ = rest;
    let posted = Posted::new()
        .on_page(format!("/set-up/{token}"))
        .with("organisation_name", &organisation_name)
        .with("organisation_code", &organisation_code)
        .with("email", &email);
    let form = SetUpForm {
        organisation_name,
        organisation_code,
        email,
    };
    let form = match form.validate() {
        Ok(form) => form,
        Err(violations) => return refuse(posted, AppError::Invalid(violations)).await,
    };
    let result = services()?.set_up(&token, &form, &request()?).await;
    if let Some(begun) = checked(posted, result).await? {
        begin(&begun);
    }
    Ok(())
}
