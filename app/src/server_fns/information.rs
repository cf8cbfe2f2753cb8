//! The texts of help and the small print.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use crate::{error::AppError, pages::information::Document, wire::Wire};

/// A text by its address without the slash. The terms are those that people agree to; the others come with this
/// version, and need no database.
///
/// # Errors
/// When there is no such text, or the database is away.
#[server(prefix = "/fn", endpoint = "document/read", input = GetUrl, output = Wire)]
pub async fn read_document(name: String) -> Result<Document, AppError> {
    if name == "terms" {
        let terms = super::services()?.platform_terms().await;
        return terms
            .map(Document::from)
            .map_err(|error| AppError::from(super::log(error)));
    }
    crate::pages::information::documents::document(&name).ok_or(AppError::NotFound)
}
