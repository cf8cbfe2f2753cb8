//! What people change of their own account. Every form has its own fields and no others: a post
//! with a role, an area or a status in it is refused (J36, R72).

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::{
    account::{OwnNameForm, SignedInDevice},
    form::NothingElse,
    sign_in::ResetRules,
};

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{Posted, actor, checked, cookies, log, refuse, services},
    domain::{account::ConfirmPasswordForm, id::SessionId, sign_in::ResetPasswordForm},
};

/// Where the person is signed in.
///
/// # Errors
/// Sign in first.
#[server(prefix = "/fn", endpoint = "account/devices", input = GetUrl, output = Wire)]
pub async fn read_devices() -> Result<Vec<SignedInDevice>, AppError> {
    let devices = services()?.signed_in_devices(&actor()?).await;
    devices.map_err(|error| AppError::from(log(error)))
}

/// Signs one device out.
///
/// # Errors
/// Sign in first.
#[server(prefix = "/fn", endpoint = "account/end-session")]
pub async fn end_session(
    session: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(Posted::new(), error).await,
    };
    let result = match session.parse::<SessionId>() {
        Ok(session) => services()?.end_own_session(&actor, session).await,
        Err(_) => Err(service::Error::NotFound),
    };
    match checked(Posted::new(), result).await? {
        Some(true) => signed_out(),
        Some(false) => {
            super::leave_notice("account.device_signed_out", Vec::new());
            super::redirect("/account/sessions");
        }
        None => {}
    }
    Ok(())
}

/// Signs out everywhere: on all other devices (`which` is `others`), or on all.
///
/// # Errors
/// Sign in first.
#[server(prefix = "/fn", endpoint = "account/end-sessions")]
pub async fn end_sessions(
    which: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(Posted::new(), error).await,
    };
    let this_too = which != "others";
    let result = services()?.end_own_sessions(&actor, this_too).await;
    if checked(Posted::new(), result).await?.is_some() {
        if this_too {
            signed_out();
        } else {
            super::leave_notice("account.others_signed_out", Vec::new());
            super::redirect("/account/sessions");
        }
    }
    Ok(())
}

#[cfg(feature = "ssr")]
fn signed_out() {
    super::forget_browser();
    super::redirect("/sign-out");
}

/// Whether somebody is there whose password can be asked for again.
///
/// # Errors
/// Sign in first.
#[server(prefix = "/fn", endpoint = "account/read-confirm", input = GetUrl, output = Wire)]
pub async fn read_confirm() -> Result<String, AppError> {
    Ok(actor()?.email().to_owned())
}

/// The password once more, before something is changed that keeps the account safe.
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
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(Posted::new(), error).await,
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
    if checked(Posted::new(), result).await?.is_some() {
        let back = super::return_path(&return_to);
        super::redirect(if back.starts_with("/account/") {
            &back
        } else {
            "/account"
        });
    }
    Ok(())
}

/// What a new password must be.
///
/// # Errors
/// Sign in first; the password first.
#[server(prefix = "/fn", endpoint = "account/password-rules", input = GetUrl, output = Wire)]
pub async fn read_own_password() -> Result<ResetRules, AppError> {
    let rules = services()?.own_password_rules(&actor()?).await;
    rules.map_err(|error| AppError::from(log(error)))
}

/// Sets a new password.
///
/// # Errors
/// What is wrong with it; the old one first.
#[server(prefix = "/fn", endpoint = "account/change-password")]
pub async fn change_own_password(
    new_password: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().on_page("/account/password".to_owned());
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let form = ResetPasswordForm { new_password };
    let result = services()?.change_password(&actor, &form).await;
    if let Some(renewed) = checked(posted, result).await? {
        super::keep_renewed(&renewed);
        super::leave_notice("account.password_changed", Vec::new());
        super::redirect("/account");
    }
    Ok(())
}

/// The name as it is.
///
/// # Errors
/// Sign in first.
#[server(prefix = "/fn", endpoint = "account/read-name", input = GetUrl, output = Wire)]
pub async fn read_own_name() -> Result<OwnNameForm, AppError> {
    let name = services()?.own_name(&actor()?).await;
    name.map_err(|error| AppError::from(log(error)))
}

/// Changes the name everywhere.
///
/// # Errors
/// What is wrong with it.
#[server(prefix = "/fn", endpoint = "account/change-name")]
pub async fn change_own_name(
    first_name: String,
    last_name: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new()
        .with("first_name", &first_name)
        .with("last_name", &last_name);
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let form = OwnNameForm {
        first_name,
        last_name,
    };
    let result = services()?.change_own_name(&actor, &form).await;
    if let Some(changed) = checked(posted, result).await? {
        if changed {
            super::leave_notice("account.name_changed", Vec::new());
        }
        super::redirect("/account");
    }
    Ok(())
}
