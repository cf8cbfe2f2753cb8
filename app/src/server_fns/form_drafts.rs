//! Reading back what was typed in a form that was refused.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, wire::Wire};

/// What a page needs to show a refused form again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FormState {
    /// Everything that was typed, except secrets.
    pub values: BTreeMap<String, Vec<String>>,
    /// Why it was refused.
    pub error: Option<AppError>,
}

/// The kept form `draft`; empty when its time has run out or it belongs to somebody else: to another
/// browser, or after a session ended to another person.
///
/// # Errors
/// When the database is away.
#[server(prefix = "/fn", endpoint = "form-drafts/read", input = GetUrl, output = Wire)]
pub async fn read_form_draft(draft: String) -> Result<FormState, AppError> {
    let visitor = super::host_cookie("visitor");
    let user = super::actor().ok().map(|actor| actor.user());
    let services = super::services()?;
    let state = services.form_draft(visitor.as_deref(), user, &draft).await;
    let state = state.map_err(|error| AppError::from(super::log(error)))?;
    Ok(state
        .and_then(|json| serde_json::from_value(json).ok())
        .unwrap_or_default())
}

/// The session ends for want of a request: what stands in the form of the page `page` is kept for its user, and
/// the way leads to the page that says so. `values` are the form's fields as they would be posted, without
/// secrets.
///
/// # Errors
/// When the database is away.
#[server(prefix = "/fn", endpoint = "session/time-out")]
pub async fn time_out(page: String, #[server(default)] values: String) -> Result<(), AppError> {
    let mut posted = super::Posted::new().on_page(super::local(&page));
    for (name, value) in domain::listing::decode_query(&values) {
        posted = posted.and(&name, &value);
    }
    super::lead_to_sign_in(&posted).await
}
