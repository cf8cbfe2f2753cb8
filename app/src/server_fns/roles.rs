//! Roles and what they can do (G).

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::role::RolesView;

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
