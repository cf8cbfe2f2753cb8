//! Showing what a page loads, and what it shows instead when it cannot be loaded.

use leptos::prelude::*;

use crate::{error::AppError, pages::errors::ErrorPage};

/// Waits for a page's data. An error becomes its page, with its status: sign in first, not
/// allowed, not found, try again later.
#[component]
pub fn Loaded<T>(
    /// The page's data.
    resource: Resource<Result<T, AppError>>,
    /// What to show.
    view: fn(T) -> AnyView,
) -> impl IntoView
where
    T: Clone + Send + Sync + serde::Serialize + serde::de::DeserializeOwned + 'static,
{
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match resource.await {
                    Ok(data) => view(data),
                    Err(error) => view! { <ErrorPage error=error/> }.into_any(),
                }
            })}
        </Transition>
    }
}
