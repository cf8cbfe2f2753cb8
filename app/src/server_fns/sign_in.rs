//! Signing in, its second step, and signing out.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::sign_in::SecondStep;

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{Posted, checked, cookies, go_on, log, refuse, request, second_step, services},
    domain::sign_in::{CodeForm, LostAccess, RecoveryCodeForm, SignInForm},
    service::{request::Authentication, sign_in::Attempt},
};

/// What somebody is told who belongs nowhere any more, one sentence for each organisation that deactivated
/// their account (V26). Nothing for whoever did not sign in a moment ago.
///
/// # Errors
/// None of its own.
#[allow(
    clippy::unused_async,
    reason = "every server function is asked and waited for"
)]
#[server(prefix = "/fn", endpoint = "sign-in/lost-access", input = GetUrl, output = Wire)]
pub async fn read_lost_access() -> Result<Vec<String>, AppError> {
    let sentence = |lost: LostAccess| {
        let ended = format!("Your account is deactivated at {}.", lost.organisation);
        match lost.whom_to_ask.as_slice() {
            [] => format!("{ended} Ask an administrator there to reactivate it."),
            [one] => format!("{ended} Ask {one} to reactivate it."),
            many => format!(
                "{ended} Ask one of these people to reactivate it: {}.",
                many.join(", ")
            ),
        }
    };
    Ok(super::lost_access().into_iter().map(sentence).collect())
}

/// Where somebody goes who opens the sign-in page and is signed in already; nothing for all others.
///
/// # Errors
/// When the database is away.
#[server(prefix = "/fn", endpoint = "sign-in/read", input = GetUrl, output = Wire)]
pub async fn read_sign_in(return_to: String) -> Result<(), AppError> {
    if let Authentication::Complete(actor) = super::doorway()?.authentication {
        let start = services()?.start(&actor).await.map_err(log)?;
        let wanted = super::return_path(&return_to);
        super::redirect(if wanted.is_empty() { &start } else { &wanted });
    }
    Ok(())
}

/// The first step: email address and password.
///
/// # Errors
/// `sign_in.failed` for every wrong pair; slow down.
#[server(prefix = "/fn", endpoint = "sign-in/submit")]
pub async fn sign_in(email: String, password: String, return_to: String) -> Result<(), AppError> {
    let posted = Posted::new().with("email", &email);
    let return_to = super::return_path(&return_to);
    let cookies = cookies();
    let attempt = Attempt {
        form: &SignInForm { email, password },
        return_to: &return_to,
        cookies: cookies.given(),
    };
    let result = services()?.sign_in(&attempt, &request()?).await;
    go_on(posted, result).await
}

/// What the page of the second step shows.
///
/// # Errors
/// When the first step is missing.
#[server(prefix = "/fn", endpoint = "sign-in/second-step", input = GetUrl, output = Wire)]
pub async fn read_second_step() -> Result<SecondStep, AppError> {
    let step = second_step()?;
    let view = services()?.second_step(&step).await;
    view.map_err(|error| AppError::from(log(error)))
}

/// The second step: a code.
///
/// # Errors
/// `code.wrong`, `code.expired`, `code.used_up`; slow down.
#[server(prefix = "/fn", endpoint = "sign-in/check-code")]
pub async fn check_sign_in_code(code: String) -> Result<(), AppError> {
    let step = match second_step() {
        Ok(step) => step,
        Err(error) => return refuse(Posted::new(), error).await,
    };
    let form = CodeForm { code };
    let result = services()?
        .answer_code(&step, &form, cookies().given())
        .await;
    go_on(Posted::new(), result).await
}

/// Sends a new code for the second step.
///
/// # Errors
/// Too soon; slow down.
#[server(prefix = "/fn", endpoint = "sign-in/send-code")]
pub async fn send_sign_in_code() -> Result<(), AppError> {
    let step = match second_step() {
        Ok(step) => step,
        Err(error) => return refuse(Posted::new(), error).await,
    };
    let result = services()?.send_new_code(&step).await;
    if checked(Posted::new(), result).await?.is_some() {
        super::leave_notice("code.sent", Vec::new());
        super::redirect("/sign-in/check-your-code");
    }
    Ok(())
}

/// Goes on with another method.
///
/// # Errors
/// `codes_method.empty`; too soon; slow down.
#[server(prefix = "/fn", endpoint = "sign-in/choose-method")]
pub async fn choose_sign_in_method(#[server(default)] method: String) -> Result<(), AppError> {
    let step = match second_step() {
        Ok(step) => step,
        Err(error) => return refuse(Posted::new(), error).await,
    };
    let result = services()?.choose_method(&step, &method).await;
    if checked(Posted::new(), result).await?.is_some() {
        super::redirect("/sign-in/check-your-code");
    }
    Ok(())
}

/// A recovery code in the place of the second step.
///
/// # Errors
/// `recovery.wrong`; slow down.
#[server(prefix = "/fn", endpoint = "sign-in/use-recovery-code")]
pub async fn use_recovery_code(recovery_code: String) -> Result<(), AppError> {
    let step = match second_step() {
        Ok(step) => step,
        Err(error) => return refuse(Posted::new(), error).await,
    };
    let form = RecoveryCodeForm { recovery_code };
    let result = services()?
        .use_recovery_code(&step, &form, cookies().given())
        .await;
    let Some(recovered) = checked(Posted::new(), result).await? else {
        return Ok(());
    };
    match recovered.codes_left {
        0 => super::leave_notice("recovery.left_none", Vec::new()),
        1 => super::leave_notice("recovery.left_one", Vec::new()),
        left => super::leave_notice("recovery.left", vec![left.to_string()]),
    }
    go_on(Posted::new(), Ok(recovered.signed_in)).await
}

/// Signs out. What the browser keeps of this service goes too (R57).
///
/// # Errors
/// When the database is away.
#[server(prefix = "/fn", endpoint = "session/sign-out")]
pub async fn sign_out() -> Result<(), AppError> {
    let door = super::doorway()?;
    door.services
        .sign_out(&door.authentication)
        .await
        .map_err(|error| AppError::from(log(error)))?;
    super::forget_browser();
    super::redirect("/sign-out");
    Ok(())
}
