//! What happened in an organisation, and to one person (J1, E10).

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::activity::ActivityPage;

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{actor, log, services},
    domain::activity::ActivityQuery,
};

/// A page of activity. `user` is empty for everybody's; `query` is the query string of the page's address.
///
/// # Errors
/// Sign in first; not allowed; not found.
#[server(prefix = "/fn", endpoint = "activity/list", input = GetUrl, output = Wire)]
pub async fn read_activity(
    organisation: String,
    user: String,
    query: String,
) -> Result<ActivityPage, AppError> {
    let user = match user.as_str() {
        "" => None,
        user => Some(user.parse().map_err(|_| AppError::NotFound)?),
    };
    let query = ActivityQuery::parse(&query);
    let page = services()?
        .activity_page(&actor()?, &organisation, user, &query)
        .await;
    page.map_err(|error| AppError::from(log(error)))
}
