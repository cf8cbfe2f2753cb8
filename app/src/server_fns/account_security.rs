//! How people get their codes, changed by themselves. What waits between two pages (the secret of
//! an app, recovery codes to be shown) is in a cookie, sealed for the session that asked.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::{account::OwnSecurity, form::NothingElse, second_factor::AuthenticatorSetUp};

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{Posted, actor, checked, log, refuse, services},
    base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD},
    domain::sign_in::CodeForm,
};

/// How long an app can be set up, in seconds.
#[cfg(feature = "ssr")]
const APP_SECONDS: u32 = 1_200;
/// How long codes wait to be shown.
#[cfg(feature = "ssr")]
const CODES_SECONDS: u32 = 120;

#[cfg(feature = "ssr")]
pub(super) fn put(name: &str, sealed: &[u8], seconds: u32) {
    super::set_cookie(name, &URL_SAFE_NO_PAD.encode(sealed), Some(seconds));
}

/// Recovery codes that were just made, to be shown by the next page.
#[cfg(feature = "ssr")]
pub(super) fn keep_codes(sealed: &[u8]) {
    put("codes", sealed, CODES_SECONDS);
}

#[cfg(feature = "ssr")]
pub(super) fn kept(name: &str) -> Option<Vec<u8>> {
    super::host_cookie(name).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok())
}

/// How the person gets codes.
///
/// # Errors
/// Sign in first; the password first.
#[server(prefix = "/fn", endpoint = "account/read-security", input = GetUrl, output = Wire)]
pub async fn read_own_security() -> Result<OwnSecurity, AppError> {
    let security = services()?.own_security(&actor()?).await;
    security.map_err(|error| AppError::from(log(error)))
}

/// Begins to set up an authenticator app.
///
/// # Errors
/// Sign in first; the password first.
#[server(prefix = "/fn", endpoint = "account/begin-app")]
pub async fn begin_own_app(#[server(flatten)] rest: NothingElse) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().on_page("/account/security".to_owned());
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let result = services()?.begin_own_app(&actor).await;
    if let Some(sealed) = checked(posted, result).await? {
        put("app", &sealed, APP_SECONDS);
        super::redirect("/account/security/authenticator-app");
    }
    Ok(())
}

/// What the app has to be given; leads back when none is being set up.
///
/// # Errors
/// Sign in first; the password first.
#[server(prefix = "/fn", endpoint = "account/read-app", input = GetUrl, output = Wire)]
pub async fn read_own_app() -> Result<AuthenticatorSetUp, AppError> {
    let actor = actor()?;
    let sealed = kept("app").unwrap_or_default();
    match services()?.own_app_set_up(&actor, &sealed).await {
        Err(service::Error::NotFound) => {
            super::redirect("/account/security");
            Ok(AuthenticatorSetUp::default())
        }
        app => app.map_err(|error| AppError::from(log(error))),
    }
}

/// The first code of the app: from then on it is the person's.
///
/// # Errors
/// `code.wrong`, `code.used_up`; slow down; the password first.
#[server(prefix = "/fn", endpoint = "account/set-app")]
pub async fn set_own_app(
    code: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().on_page("/account/security/authenticator-app".to_owned());
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let sealed = kept("app").unwrap_or_default();
    let form = CodeForm { code };
    let result = services()?.set_own_app(&actor, &sealed, &form).await;
    if let Some(renewed) = checked(posted, result).await? {
        super::keep_renewed(&renewed);
        super::set_cookie("app", "", Some(0));
        super::leave_notice("account.app_added", Vec::new());
        super::redirect("/account/security");
    }
    Ok(())
}

/// Removes the app.
///
/// # Errors
/// App needed; the password first.
#[server(prefix = "/fn", endpoint = "account/remove-app")]
pub async fn remove_own_app(#[server(flatten)] rest: NothingElse) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().on_page("/account/security".to_owned());
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let result = services()?.remove_own_app(&actor).await;
    if let Some(renewed) = checked(posted, result).await? {
        super::keep_renewed(&renewed);
        super::leave_notice("account.app_removed", Vec::new());
        super::redirect("/account/security");
    }
    Ok(())
}

/// New recovery codes in the place of the old ones.
///
/// # Errors
/// Sign in first; the password first.
#[server(prefix = "/fn", endpoint = "account/new-recovery-codes")]
pub async fn new_recovery_codes(#[server(flatten)] rest: NothingElse) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().on_page("/account/security/recovery-codes".to_owned());
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let result = services()?.new_own_recovery_codes(&actor).await;
    if let Some(sealed) = checked(posted, result).await? {
        keep_codes(&sealed);
        super::redirect("/account/security/recovery-codes");
    }
    Ok(())
}

/// The codes that were just made, once; none otherwise.
///
/// # Errors
/// Sign in first; the password first.
#[server(prefix = "/fn", endpoint = "account/read-new-recovery-codes", input = GetUrl, output = Wire)]
pub async fn read_new_recovery_codes() -> Result<Vec<String>, AppError> {
    let actor = actor()?;
    let proof = services()?.require_step_up(&actor).await;
    proof.map_err(|error| AppError::from(log(error)))?;
    let Some(sealed) = kept("codes") else {
        return Ok(Vec::new());
    };
    super::set_cookie("codes", "", Some(0));
    Ok(services()?.shown_recovery_codes(&actor, &sealed))
}
