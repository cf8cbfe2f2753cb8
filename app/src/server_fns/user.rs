//! One person in one organisation (E1), and the address of their invitation (E3).

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::{form::NothingElse, user::UserPage};

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use super::{
    Posted, actor,
    invitations::{id, post, read},
    leave_notice, log, redirect, services,
};

/// What the page of a person shows.
///
/// # Errors
/// Sign in first; not allowed; not found.
#[server(prefix = "/fn", endpoint = "user/read", input = GetUrl, output = Wire)]
pub async fn read_user(organisation: String, user: String) -> Result<UserPage, AppError> {
    let user = user.parse().map_err(|_| AppError::NotFound)?;
    let page = services()?.user_page(&actor()?, &organisation, user).await;
    page.map_err(|error| AppError::from(log(error)))
}

/// The invitation whose address is to be corrected.
///
/// # Errors
/// Not allowed; not found.
#[server(prefix = "/fn", endpoint = "invitations/address", input = GetUrl, output = Wire)]
pub async fn read_correct_email(
    org: String,
    user: String,
) -> Result<domain::invitation::CorrectEmail, AppError> {
    read(|services, actor| async move {
        services
            .correct_email_page(&actor, &org, id(&user)?)
            .await
    })
    .await
}

/// Sends the invitation to another address in the place of the wrong one.
///
/// # Errors
/// `email.*`; registered meanwhile; too many today; not allowed; not found.
#[server(prefix = "/fn", endpoint = "invitations/correct-email")]
pub async fn correct_email(
    org: String,
    user: String,
    #[server(default)] email: String,
    #[server(flatten)] rest: NothingElse,
) -> Result<(), AppError> {
    let NothingElse = rest;
    let posted = Posted::new().with("email", &email);
    let (place, address) = (org.clone(), email.clone());
    let corrected = post(posted, |services, actor| async move {
        services
            .correct_email(&actor, &org, id(&user)?, &email)
            .await
    });
    if let Some(user) = corrected.await? {
        leave_notice("invitation.corrected", vec![address.trim().to_owned()]);
        redirect(&format!("/o/{place}/users/{user}"));
    }
    Ok(())
}
