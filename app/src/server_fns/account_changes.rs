//! What people change of their own account. Every form has its own fields and no others: a post
//! with a role, an area or a status in it is refused (J36, R72).

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::{
    account::{LeavePage, OwnNameForm, OwnPlace, SignedInDevice},
    form::NothingElse,
    sign_in::ResetRules,
    terms::NewTerms,
};

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{Posted, actor, checked, log, refuse, services},
    domain::{
        MobileNumber, MobileRegion,
        account::{LeaveForm, OwnMobileForm},
        id::SessionId,
        sign_in::{CodeForm, ResetPasswordForm},
    },
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

/// The next terms that the person has to agree to; leads on when there are none.
///
/// # Errors
/// Sign in first.
#[server(prefix = "/fn", endpoint = "account/new-terms", input = GetUrl, output = Wire)]
pub async fn read_new_terms(return_to: String) -> Result<Option<NewTerms>, AppError> {
    let terms = services()?.new_terms(&actor()?).await.map_err(log)?;
    if terms.is_none() {
        let back = super::return_path(&return_to);
        super::redirect(if back.is_empty() { "/account" } else { &back });
    }
    Ok(terms)
}

/// Agrees to the terms that were shown (B16).
///
/// # Errors
/// Stale, when others are due.
#[server(prefix = "/fn", endpoint = "account/agree")]
pub async fn agree_to_new_terms(
    terms: String,
    #[server(default)] return_to: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().on_page("/account/terms".to_owned());
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let back = super::return_path(&return_to);
    let result = services()?.agree_to_new_terms(&actor, &terms).await;
    match checked(posted, result).await? {
        Some(true) => {
            let back = domain::listing::encode_query(&[("return-to", back)]);
            super::redirect(&["/account/terms", &back].concat());
        }
        Some(false) => super::redirect(if back.is_empty() { "/" } else { &back }),
        None => {}
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

/// The last digits of the mobile number as it is.
///
/// # Errors
/// Sign in first; the password first.
#[server(prefix = "/fn", endpoint = "account/read-mobile", input = GetUrl, output = Wire)]
pub async fn read_own_mobile() -> Result<String, AppError> {
    let ending = services()?.own_mobile(&actor()?).await;
    ending.map_err(|error| AppError::from(log(error)))
}

/// How long a number waits for its code, in seconds.
#[cfg(feature = "ssr")]
const MOBILE_SECONDS: u32 = 600;

/// Sends a code to a new number.
///
/// # Errors
/// What is wrong with it; too soon; slow down; the password first.
#[server(prefix = "/fn", endpoint = "account/prove-mobile")]
pub async fn prove_own_mobile(
    mobile: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().with("mobile", &mobile);
    let posted = posted.on_page("/account/mobile-number".to_owned());
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let form = OwnMobileForm { mobile };
    let result = services()?.prove_own_mobile(&actor, &form).await;
    if let Some(number) = checked(posted, result).await? {
        // Only the browser keeps it; the code proves nothing with another.
        super::set_cookie("mobile", &number, Some(MOBILE_SECONDS));
        super::redirect("/account/mobile-number/check-your-phone");
    }
    Ok(())
}

/// The last digits of the number that waits for its code; leads back when there is none.
///
/// # Errors
/// Sign in first; the password first.
#[server(prefix = "/fn", endpoint = "account/read-mobile-code", input = GetUrl, output = Wire)]
pub async fn read_mobile_code() -> Result<String, AppError> {
    let proof = services()?.require_step_up(&actor()?).await;
    proof.map_err(|error| AppError::from(log(error)))?;
    let number = super::host_cookie("mobile").unwrap_or_default();
    match MobileNumber::parse(&number, MobileRegion::Any) {
        Ok(number) => Ok(number.ending().to_owned()),
        Err(_) => {
            super::redirect("/account/mobile-number");
            Ok(String::new())
        }
    }
}

/// The code that was sent to the new number: from then on it is the person's.
///
/// # Errors
/// `code.wrong`, `code.expired`, `code.used_up`; slow down; the password first.
#[server(prefix = "/fn", endpoint = "account/change-mobile")]
pub async fn change_own_mobile(
    code: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().on_page("/account/mobile-number/check-your-phone".to_owned());
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let number = super::host_cookie("mobile").unwrap_or_default();
    let form = CodeForm { code };
    let result = services()?.change_own_mobile(&actor, &number, &form).await;
    if let Some(renewed) = checked(posted, result).await? {
        super::keep_renewed(&renewed);
        super::set_cookie("mobile", "", Some(0));
        super::leave_notice("account.mobile_changed", Vec::new());
        super::redirect("/account");
    }
    Ok(())
}

/// What the person has in each organisation.
///
/// # Errors
/// Sign in first.
#[server(prefix = "/fn", endpoint = "account/places", input = GetUrl, output = Wire)]
pub async fn read_own_places() -> Result<Vec<OwnPlace>, AppError> {
    let places = services()?.own_places(&actor()?).await;
    places.map_err(|error| AppError::from(log(error)))
}

/// The question before somebody leaves an organisation.
///
/// # Errors
/// Sign in first; not found.
#[server(prefix = "/fn", endpoint = "account/leaving", input = GetUrl, output = Wire)]
pub async fn read_leave(organisation: String) -> Result<LeavePage, AppError> {
    let page = services()?.leave_page(&actor()?, &organisation).await;
    page.map_err(|error| AppError::from(log(error)))
}

/// Leaves an organisation, or not.
///
/// # Errors
/// `leave.empty`; `last_admin`; not found.
#[server(prefix = "/fn", endpoint = "account/leave")]
pub async fn leave_organisation(
    organisation: String,
    #[server(default)] confirm: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().with("confirm", &confirm);
    let actor = match actor() {
        Ok(actor) => actor,
        Err(error) => return refuse(posted, error).await,
    };
    let form = LeaveForm { confirm };
    let left = services()?.leave(&actor, &organisation, &form).await;
    if let Some(left) = checked(posted, left).await? {
        if let Some(name) = left {
            super::leave_notice("account.left", vec![name]);
        }
        super::redirect("/account/access");
    }
    Ok(())
}
