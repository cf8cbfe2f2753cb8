//! A person's own email address, changed by themselves (C5). The new one waits in a cookie for its
//! code; the codes prove no other.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::{account::EmailChange, form::NothingElse};

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{Posted, actor, checked, log, refuse, services},
    domain::account::{EmailCodesForm, OwnEmailForm},
};

/// How long an address waits for its code, in seconds.
#[cfg(feature = "ssr")]
const EMAIL_SECONDS: u32 = 600;

/// The address as it is.
///
/// # Errors
/// Sign in first; the password first.
#[server(prefix = "/fn", endpoint = "account/read-email", input = GetUrl, output = Wire)]
pub async fn read_own_email() -> Result<String, AppError> {
    let email = services()?.own_email_to_change(&actor()?).await;
    email.map_err(|error| AppError::from(log(error)))
}

/// Sends a code to the address as it is, and to the new one.
///
/// # Errors
/// What is wrong with it; too soon; slow down; the password first.
#[server(prefix = "/fn", endpoint = "account/prove-email")]
pub async fn prove_own_email(
    email: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().with("email", &email);
    let posted = posted.on_page("/account/email".to_owned());
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let form = OwnEmailForm { email };
    let result = services()?.prove_own_email(&actor, &form).await;
    if let Some(email) = checked(posted, result).await? {
        super::set_cookie("email", &email, Some(EMAIL_SECONDS));
        super::redirect("/account/email/check-your-email");
    }
    Ok(())
}

/// Where the codes were sent; leads back when none is waited for.
///
/// # Errors
/// Sign in first; the password first.
#[server(prefix = "/fn", endpoint = "account/read-email-codes", input = GetUrl, output = Wire)]
pub async fn read_email_codes() -> Result<EmailChange, AppError> {
    let email = super::host_cookie("email").unwrap_or_default();
    match services()?.own_email_change(&actor()?, &email).await {
        Err(service::Error::NotFound) => {
            super::redirect("/account/email");
            Ok(EmailChange::default())
        }
        change => change.map_err(|error| AppError::from(log(error))),
    }
}

/// The codes that were sent to both addresses: from then on the new one is the person's.
///
/// # Errors
/// `current_code.wrong`, `new_code.wrong`, `codes.expired`, `codes.used_up`; `email.taken`; slow down; the
/// password first.
#[server(prefix = "/fn", endpoint = "account/change-email")]
pub async fn change_own_email(
    current_code: String,
    new_code: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().on_page("/account/email/check-your-email".to_owned());
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let email = super::host_cookie("email").unwrap_or_default();
    let form = EmailCodesForm {
        current_code,
        new_code,
    };
    let result = services()?.change_own_email(&actor, &email, &form).await;
    if let Some(renewed) = checked(posted, result).await? {
        super::keep_renewed(&renewed);
        super::set_cookie("email", "", Some(0));
        super::leave_notice("account.email_changed", Vec::new());
        super::redirect("/account");
    }
    Ok(())
}
