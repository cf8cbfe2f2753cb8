//! A forgotten password.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::sign_in::ResetRules;

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{Posted, checked, log, request, services},
    domain::sign_in::{ForgotPasswordForm, ResetPasswordForm},
};

/// Asks for a link to choose a new password. The answer is the same for every address.
///
/// # Errors
/// What is wrong with the address as such; slow down.
#[server(prefix = "/fn", endpoint = "password-reset/request")]
pub async fn request_password_reset(email: String) -> Result<(), AppError> {
    let posted = Posted::new().with("email", &email);
    let form = ForgotPasswordForm { email };
    let result = services()?.request_password_reset(&form, &request()?).await;
    if checked(posted, result).await?.is_some() {
        super::redirect("/forgot-password/check-your-email");
    }
    Ok(())
}

/// Whose password a link sets, and what it must be. Nothing changes, however often it is read.
///
/// # Errors
/// Expired, when the link does not work.
#[server(prefix = "/fn", endpoint = "password-reset/read", input = GetUrl, output = Wire)]
pub async fn read_password_reset(token: String) -> Result<ResetRules, AppError> {
    let rules = services()?.reset_rules(&token, &request()?).await;
    rules.map_err(|error| AppError::from(log(error)))
}

/// Sets the new password. Nobody is signed in by it (R12).
///
/// # Errors
/// What is wrong with the password; expired; slow down.
#[server(prefix = "/fn", endpoint = "password-reset/submit")]
pub async fn reset_password(token: String, new_password: String) -> Result<(), AppError> {
    // The page of a link sends no `Referer`, so the form says where it is.
    let posted = Posted::new().on_page(format!("/reset-password/{token}"));
    let form = ResetPasswordForm { new_password };
    let result = services()?.reset_password(&token, &form, &request()?).await;
    if checked(posted, result).await?.is_some() {
        super::leave_notice("password.reset", Vec::new());
        super::redirect("/sign-in");
    }
    Ok(())
}
