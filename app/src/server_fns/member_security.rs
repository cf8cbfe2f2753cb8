//! How somebody signs in, and what an administrator can do about it (E8).

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::{form::NothingElse, membership::MemberSecurity};

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use super::{
    Posted,
    invitations::{id, post, read},
    leave_notice, redirect,
};
#[cfg(feature = "ssr")]
use domain::set_up_codes::ResetCodesForm;

/// Back to the page, with what was done.
#[cfg(feature = "ssr")]
fn done(code: &str, org: &str, user: &str, name: Option<String>) {
    if let Some(name) = name {
        leave_notice(code, vec![name]);
        redirect(&format!("/o/{org}/users/{user}/security"));
    }
}

/// How somebody signs in.
///
/// # Errors
/// Not allowed; not found.
#[server(prefix = "/fn", endpoint = "member-security/read", input = GetUrl, output = Wire)]
pub async fn read_security(org: String, user: String) -> Result<MemberSecurity, AppError> {
    read(|services, actor| async move { services.security_page(&actor, &org, id(&user)?).await })
        .await
}

/// Signs somebody out everywhere.
///
/// # Errors
/// Conflicts; not allowed; not found.
#[server(prefix = "/fn", endpoint = "member-security/sign-out")]
pub async fn end_sessions_of(
    org: String,
    user: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let (slug, whom) = (org.clone(), user.clone());
    let name = post(Posted::new(), |services, actor| async move {
        services.end_sessions_of(&actor, &org, id(&user)?).await
    });
    done("member.signed_out", &slug, &whom, name.await?);
    Ok(())
}

/// The page that asks why somebody's codes are reset.
///
/// # Errors
/// The password first; not allowed; not found.
#[server(prefix = "/fn", endpoint = "member-security/read-reset-codes", input = GetUrl, output = Wire)]
pub async fn read_reset_codes(org: String, user: String) -> Result<MemberSecurity, AppError> {
    read(|services, actor| async move { services.reset_codes_page(&actor, &org, id(&user)?).await })
        .await
}

/// Takes away how somebody gets codes: they set up anew (R46).
///
/// # Errors
/// What is wrong with the reason; the password first; conflicts; not allowed; not found.
#[server(prefix = "/fn", endpoint = "member-security/reset-codes")]
pub async fn reset_codes(
    org: String,
    user: String,
    #[server(default)] reason: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let (slug, whom) = (org.clone(), user.clone());
    let posted = Posted::new().with("reason", &reason);
    let form = ResetCodesForm { reason };
    let name = post(posted, |services, actor| async move {
        services
            .reset_codes_of(&actor, &org, id(&user)?, &form)
            .await
    });
    done("member.codes_reset", &slug, &whom, name.await?);
    Ok(())
}

/// Sends somebody a link for a new password.
///
/// # Errors
/// Too soon; conflicts; not allowed; not found.
#[server(prefix = "/fn", endpoint = "member-security/send-reset")]
pub async fn send_reset(
    org: String,
    user: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let (slug, whom) = (org.clone(), user.clone());
    let name = post(Posted::new(), |services, actor| async move {
        services.send_reset_to(&actor, &org, id(&user)?).await
    });
    done("member.reset_sent", &slug, &whom, name.await?);
    Ok(())
}

/// Clears the wait after wrong guesses.
///
/// # Errors
/// Conflicts; not allowed; not found.
#[server(prefix = "/fn", endpoint = "member-security/clear-wait")]
pub async fn clear_wait(
    org: String,
    user: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let (slug, whom) = (org.clone(), user.clone());
    let name = post(Posted::new(), |services, actor| async move {
        services.clear_wait_of(&actor, &org, id(&user)?).await
    });
    done("member.wait_cleared", &slug, &whom, name.await?);
    Ok(())
}
