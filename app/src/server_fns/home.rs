//! An organisation's home (C2).

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::home::HomeView;

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use super::{actor, log, services};

/// What the home of an organisation shows to the person who asks.
///
/// # Errors
/// Sign in first; not found.
#[server(prefix = "/fn", endpoint = "home/read", input = GetUrl, output = Wire)]
pub async fn read_home(organisation: String) -> Result<HomeView, AppError> {
    let home = services()?.home(&actor()?, &organisation).await;
    home.map_err(|error| AppError::from(log(error)))
}
