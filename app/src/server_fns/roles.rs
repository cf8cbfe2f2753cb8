//! Roles and what they can do (G).

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::role::{RolePage, RolesView};

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use super::{actor, log, services};

/// Every role of an organisation with its tasks.
///
/// # Errors
/// Sign in first; not found.
#[server(prefix = "/fn", endpoint = "roles/read", input = GetUrl, output = Wire)]
pub async fn read_roles(organisation: String) -> Result<RolesView, AppError> {
    let roles = services()?.role_matrix(&actor()?, &organisation).await;
    roles.map_err(|error| AppError::from(log(error)))
}

/// What the page of a role shows.
///
/// # Errors
/// Sign in first; not found.
#[server(prefix = "/fn", endpoint = "role/read", input = GetUrl, output = Wire)]
pub async fn read_role(organisation: String, role: String) -> Result<RolePage, AppError> {
    let role = role.parse().map_err(|_| AppError::NotFound)?;
    let page = services()?.role_page(&actor()?, &organisation, role).await;
    page.map_err(|error| AppError::from(log(error)))
}
