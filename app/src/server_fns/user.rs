//! One person in one organisation (E1).

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::user::UserPage;

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use super::{actor, log, services};

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
