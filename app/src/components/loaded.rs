//! Showing what a page loads, and what it shows instead when it cannot be loaded.

use domain::listing::encode_query;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

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
                    Err(error) => match way_in(&error) {
                        Some(way) => view! { <Elsewhere way/> }.into_any(),
                        None => view! { <ErrorPage error=error/> }.into_any(),
                    },
                }
            })}
        </Transition>
    }
}

/// Where somebody has to go first before this page can be shown.
fn way_in(error: &AppError) -> Option<&'static str> {
    match error {
        AppError::SignInRequired => Some("/sign-in"),
        AppError::SecondFactorRequired => Some("/sign-in/check-your-code"),
        _ => None,
    }
}

/// Leads to `way`, which comes back here afterwards.
#[component]
fn Elsewhere(way: &'static str) -> impl IntoView {
    let location = use_location();
    let here = location.pathname.get_untracked()
        + &location.search.with_untracked(|search| {
            if search.is_empty() {
                String::new()
            } else {
                format!("?{search}")
            }
        });
    let path = if way == "/sign-in" {
        way.to_owned() + &encode_query(&[("return-to", here)])
    } else {
        way.to_owned()
    };
    let page = view! { <ErrorPage error=AppError::SignInRequired/> };
    // After the page, whose status is no redirect's: a browser follows none but 303.
    #[cfg(feature = "ssr")]
    crate::server_fns::redirect(&path);
    let navigate = use_navigate();
    Effect::new(move |_| {
        navigate(
            &path,
            NavigateOptions {
                replace: true,
                ..Default::default()
            },
        );
    });
    page
}
