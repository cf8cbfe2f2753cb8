//! The people of an organisation, as they are seen.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::listing::UsersPage;

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{actor, log, redirect, services},
    domain::listing::UsersQuery,
};

/// A page of the users list. `query` is the query string of the list's address; a page number
/// behind the last page leads to the first.
///
/// # Errors
/// Sign in first; not allowed; not found.
#[server(prefix = "/fn", endpoint = "users/list", input = GetUrl, output = Wire)]
pub async fn read_users(organisation: String, query: String) -> Result<UsersPage, AppError> {
    let query = UsersQuery::parse(&query);
    let page = services()?
        .users_page(&actor()?, &organisation, &query)
        .await
        .map_err(|error| AppError::from(log(error)))?;
    if page.page != query.page {
        let first = query.with_page(1).to_query_string();
        redirect(&["/o/", &organisation, "/users", &first].concat());
    }
    Ok(page)
}
