//! Setting up a way to get codes in the middle of signing in: doorways. What was answered so far
//! is in a cookie, sealed for the session that asked.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::{form::NothingElse, set_up_codes::SetUpCodes};

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{Posted, account_security, checked, cookies, log, refuse, second_step, services},
    domain::{registration::CodesMethodForm, set_up_codes::SetUpStep, sign_in::CodeForm},
    service::set_up_codes::{Chosen, LIFETIME, SetUpDone},
};

/// The cookie of what was answered.
#[cfg(feature = "ssr")]
const COOKIE: &str = "set-up";

#[cfg(feature = "ssr")]
fn answers() -> Vec<u8> {
    account_security::kept(COOKIE).unwrap_or_default()
}

#[cfg(feature = "ssr")]
fn keep(sealed: &[u8]) {
    let seconds = u32::try_from(LIFETIME.num_seconds()).unwrap_or_default();
    account_security::put(COOKIE, sealed, seconds);
}

/// The address of a step.
#[cfg(feature = "ssr")]
fn path(step: SetUpStep) -> String {
    match step {
        SetUpStep::Mailbox => "/sign-in/set-up-codes".to_owned(),
        step => format!("/sign-in/set-up-codes/{step}"),
    }
}

/// Signed in: the recovery codes are shown once, and lead on to where the person wanted to go.
#[cfg(feature = "ssr")]
async fn done(done: SetUpDone) -> Result<(), AppError> {
    let next = super::next_page(&done.signed_in).to_owned();
    super::go_on(Posted::new(), Ok(done.signed_in)).await?;
    super::set_cookie(COOKIE, "", Some(0));
    account_security::keep_codes(&done.recovery_codes);
    super::leave_notice("account.codes_set_up", Vec::new());
    let back = domain::listing::encode_query(&[("return-to", next)]);
    super::redirect(&["/account/security/recovery-codes", &back].concat());
    Ok(())
}

/// What a page shows; leads to where the person is when that is elsewhere.
///
/// # Errors
/// When the first step is missing, or codes are set up.
#[server(prefix = "/fn", endpoint = "set-up-codes/read", input = GetUrl, output = Wire)]
pub async fn read_set_up_codes(page: String) -> Result<SetUpCodes, AppError> {
    let step = second_step()?;
    let view = match services()?.set_up_codes(&step, &answers()).await {
        // They have a way: that is asked for.
        Err(service::Error::NotAllowed) => return Err(AppError::SecondFactorRequired),
        view => view.map_err(|error| AppError::from(log(error)))?,
    };
    if !view.shows(&page) {
        super::redirect(&path(view.step));
    }
    Ok(view)
}

/// The code to the person's own address.
///
/// # Errors
/// `code.wrong`, `code.expired`, `code.used_up`; slow down.
#[server(prefix = "/fn", endpoint = "set-up-codes/prove-mailbox")]
pub async fn prove_mailbox(
    code: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().on_page(path(SetUpStep::Mailbox));
    let step = match second_step() {
        Ok(step) => step,
        Err(error) => return refuse(posted, error).await,
    };
    let result = services()?.prove_mailbox(&step, &CodeForm { code }).await;
    if let Some((sealed, next)) = checked(posted, result).await? {
        keep(&sealed);
        super::redirect(&path(next));
    }
    Ok(())
}

/// How codes come from now on.
///
/// # Errors
/// What is wrong with the choice; step missing; slow down.
#[server(prefix = "/fn", endpoint = "set-up-codes/choose")]
pub async fn choose_way_of_codes(
    #[server(default)] codes_method: String,
    #[server(default)] mobile: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new()
        .on_page(path(SetUpStep::Method))
        .with("codes_method", &codes_method)
        .with("mobile", &mobile);
    let step = match second_step() {
        Ok(step) => step,
        Err(error) => return refuse(posted, error).await,
    };
    let form = CodesMethodForm {
        codes_method,
        mobile,
    };
    let result = services()?
        .choose_way_of_codes(&step, &answers(), &form, cookies().given())
        .await;
    match checked(posted, result).await? {
        Some(Chosen::Ask(sealed)) => {
            keep(&sealed);
            super::redirect(&path(SetUpStep::Code));
            Ok(())
        }
        Some(Chosen::Done(over)) => done(*over).await,
        None => Ok(()),
    }
}

/// Sends a new code.
///
/// # Errors
/// Too soon; slow down.
#[server(prefix = "/fn", endpoint = "set-up-codes/send-code")]
pub async fn send_set_up_code(#[server(flatten)] rest: NothingElse) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().on_page("/sign-in/set-up-codes/code-not-received".to_owned());
    let step = match second_step() {
        Ok(step) => step,
        Err(error) => return refuse(posted, error).await,
    };
    let result = services()?.send_another_code(&step, &answers()).await;
    if let Some(at) = checked(posted, result).await? {
        super::leave_notice("code.sent", Vec::new());
        super::redirect(&path(at));
    }
    Ok(())
}

/// The first code of the new way.
///
/// # Errors
/// As [`prove_mailbox`]; step missing.
#[server(prefix = "/fn", endpoint = "set-up-codes/confirm")]
pub async fn confirm_way_of_codes(
    code: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().on_page(path(SetUpStep::Code));
    let step = match second_step() {
        Ok(step) => step,
        Err(error) => return refuse(posted, error).await,
    };
    let result = services()?
        .confirm_way_of_codes(&step, &answers(), &CodeForm { code }, cookies().given())
        .await;
    match checked(posted, result).await? {
        Some(over) => done(over).await,
        None => Ok(()),
    }
}
