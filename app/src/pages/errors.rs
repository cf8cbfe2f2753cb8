//! placeholder until the page texts arrive
use crate::error::AppError;
use leptos::prelude::*;

/// Shows an error as a page.
#[component]
pub fn ErrorPage(error: AppError) -> impl IntoView {
    view! { <h1>{error.to_string()}</h1> }
}
/// Page not found.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! { <h1>"Page not found"</h1> }
}
