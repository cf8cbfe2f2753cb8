//! Showing what a page loads, and what it shows instead when it cannot be loaded.

use std::sync::Arc;

use domain::listing::encode_query;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

use serde::de::DeserializeOwned;

use crate::{
    error::AppError,
    pages::errors::ErrorPage,
    reading::{Answer, Reading},
    wire,
};

/// What a page shows instead, for errors that mean something of their own there.
pub type Instead = fn(&AppError) -> Option<AnyView>;

/// Waits for a page's data. An error becomes its page, with its status: sign in first, not
/// allowed, not found, try again later.
#[component]
pub fn Loaded<T>(
    /// The page's data.
    resource: Reading<T>,
    /// What to show.
    view: fn(T) -> AnyView,
    /// What to show for errors that are not everybody's.
    #[prop(optional)]
    instead: Option<Instead>,
) -> impl IntoView
where
    T: DeserializeOwned + 'static,
{
    let show = move |text: &str| match wire::unpack(text) {
        Ok(data) => view(data),
        Err(error) => instead
            .and_then(|instead| instead(&error))
            .unwrap_or_else(|| refusal(error)),
    };
    loaded(resource.text(), Arc::new(show))
}

/// Shows an answer once it is there: the browser has this once, whatever is answered.
fn loaded(answer: Answer, show: Arc<dyn Fn(&str) -> AnyView + Send + Sync>) -> AnyView {
    if cfg!(feature = "ssr") {
        // Once: a closure is run again and again while the answer is waited for.
        return view! { <Transition>{Suspend::new(async move { show(&answer.await) })}</Transition> }
            .into_any();
    }
    view! {
        <Transition>
            {move || {
                let show = Arc::clone(&show);
                Suspend::new(async move { show(&answer.await) })
            }}
        </Transition>
    }
    .into_any()
}

/// The page of an error, or the way to the page that has to be passed first.
fn refusal(error: AppError) -> AnyView {
    match way_in(&error) {
        Some(way) => view! { <Elsewhere way/> }.into_any(),
        None => view! { <ErrorPage error/> }.into_any(),
    }
}

/// Where somebody has to go first before this page can be shown.
fn way_in(error: &AppError) -> Option<&'static str> {
    match error {
        AppError::SignInRequired => Some("/sign-in"),
        AppError::SecondFactorRequired => Some("/sign-in/check-your-code"),
        AppError::StepUpRequired => Some("/account/confirm"),
        AppError::TermsDue => Some("/account/terms"),
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
    let path = if way == "/sign-in/check-your-code" {
        way.to_owned()
    } else {
        way.to_owned() + &encode_query(&[("return-to", here)])
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
