//! Proving once more who one is, before something is changed that keeps an account or an organisation safe
//! (R49): doorways.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::{account::StepUp, form::NothingElse};

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{Posted, actor, checked, cookies, log, redirect, refuse, return_path, services},
    domain::{account::ConfirmPasswordForm, listing::encode_query, sign_in::CodeForm},
};

#[cfg(feature = "ssr")]
const PASSWORD: &str = "/account/confirm";
#[cfg(feature = "ssr")]
const CODE: &str = "/account/confirm/check-your-code";

/// A page of these, which leads back in the end.
#[cfg(feature = "ssr")]
fn leading_back(page: &str, return_to: &str) -> String {
    [page, &encode_query(&[("return-to", return_to.to_owned())])].concat()
}

#[cfg(feature = "ssr")]
fn lead_back(return_to: &str) {
    let back = return_path(return_to);
    redirect(if back.is_empty() { "/account" } else { &back });
}

/// What the pages ask for. The page of the code leads to that of the password while no code is asked for.
///
/// # Errors
/// Sign in first.
#[server(prefix = "/fn", endpoint = "account/read-confirm", input = GetUrl, output = Wire)]
pub async fn read_confirm(code: bool, return_to: String) -> Result<StepUp, AppError> {
    let asked = services()?.step_up(&actor()?).await;
    let asked = asked.map_err(|error| AppError::from(log(error)))?;
    if code && asked.code.is_none() {
        redirect(&leading_back(PASSWORD, &return_to));
    }
    Ok(asked)
}

/// The password once more.
///
/// # Errors
/// `password.wrong`; slow down.
#[server(prefix = "/fn", endpoint = "account/confirm")]
pub async fn confirm_password(
    password: String,
    return_to: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().on_page(leading_back(PASSWORD, &return_to));
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let form = ConfirmPasswordForm { password };
    let result = services()?
        .confirm_password(&actor, &form, cookies().given())
        .await;
    if let Err(service::Error::SlowDown {
        retry_after_seconds,
    }) = result
    {
        return Err(AppError::SlowDown {
            retry_after_seconds,
        });
    }
    match checked(posted, result).await? {
        Some(true) => lead_back(&return_to),
        Some(false) => redirect(&leading_back(CODE, &return_to)),
        None => {}
    }
    Ok(())
}

/// The code, after the password.
///
/// # Errors
/// `code.wrong`, `code.used_up`; slow down.
#[server(prefix = "/fn", endpoint = "account/confirm-code")]
pub async fn confirm_code(
    code: String,
    return_to: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().on_page(leading_back(CODE, &return_to));
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let form = CodeForm { code };
    let result = services()?
        .confirm_code(&actor, &form, cookies().given())
        .await;
    if matches!(result, Err(service::Error::StepUpRequired)) {
        // Its time is over: the password comes first again, and then what it was all about.
        redirect(&leading_back(PASSWORD, &return_to));
        return Ok(());
    }
    if checked(posted, result).await?.is_some() {
        lead_back(&return_to);
    }
    Ok(())
}

/// Sends a new code.
///
/// # Errors
/// Too soon; slow down.
#[server(prefix = "/fn", endpoint = "account/send-confirm-code")]
pub async fn send_confirm_code(
    return_to: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let page = leading_back(CODE, &return_to);
    let posted = Posted::new().on_page(page.clone());
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let result = services()?.send_step_up_code(&actor).await;
    if checked(posted, result).await?.is_some() {
        super::leave_notice("code.sent", Vec::new());
        redirect(&page);
    }
    Ok(())
}
