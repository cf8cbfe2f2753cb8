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

/// The kept form `draft`; empty when its time has run out or it belongs to somebody else.
///
/// # Errors
/// When the database is away.
#[server(prefix = "/fn", endpoint = "form-drafts/read", input = GetUrl, output = Wire)]
pub async fn read_form_draft(draft: String) -> Result<FormState, AppError> {
    let Some(visitor) = super::host_cookie("visitor") else {
        return Ok(FormState::default());
    };
    let state = super::services()?.form_draft(&visitor, &draft).await;
    let state = state.map_err(|error| AppError::from(super::log(error)))?;
    Ok(state
        .and_then(|json| serde_json::from_value(json).ok())
        .unwrap_or_default())
}
