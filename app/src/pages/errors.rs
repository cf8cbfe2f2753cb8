//! Pages for what cannot be shown, each with its status (ux N, 3.3). No error codes, no jokes, no red.

use crate::components::layout::use_frame;
use crate::components::page::{InsidePage, Page};
use crate::components::{ButtonLink, Link};
use crate::error::AppError;
use crate::messages::{Advice, advice, wait};
use leptos::prelude::*;

/// Sets the status of the response; in the browser there is none.
fn set_status(status: u16) {
    #[cfg(feature = "ssr")]
    crate::server_fns::set_status(status);
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}

/// Shows an error as a page; inside another page, as a part of it.
#[component]
pub fn ErrorPage(error: AppError) -> impl IntoView {
    set_status(error.status());
    let Advice { heading, text } = advice(&error);
    let more = more(&error);
    if use_context::<InsidePage>().is_some() {
        return view! {
            <h2 class="nhsuk-heading-m">{heading}</h2>
            <p>{text}</p>
            {more}
        }
        .into_any();
    }
    view! {
        <Page title=heading>
            <p>{text}</p>
            {more}
        </Page>
    }
    .into_any()
}

/// Nothing lives at this address.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! { <ErrorPage error=AppError::NotFound/> }
}

/// What to do next.
fn more(error: &AppError) -> AnyView {
    match error {
        AppError::NotFound => view! {
            <p>"If you pasted the address, check that you copied the whole of it."</p>
            <p>"If the address is correct, the page may have moved, or you may not have access to it. Go to the "
                <a href="/">"start page"</a> " or " <a href="/help">"get help"</a> "."</p>
        }
        .into_any(),
        AppError::NotAllowed => view! {
            <p>{whom_to_ask()}</p>
            <p>"If you are an administrator of another organisation, you can "
                <a href="/choose-organisation">"change organisation"</a> "."</p>
        }
        .into_any(),
        AppError::SignInRequired | AppError::SecondFactorRequired | AppError::StepUpRequired => {
            view! { <ButtonLink href="/sign-in">"Sign in"</ButtonLink> }.into_any()
        }
        AppError::TermsDue => {
            view! { <ButtonLink href="/account/terms">"Read the terms"</ButtonLink> }.into_any()
        }
        AppError::SlowDown { retry_after_seconds } => view! {
            <p>{wait(*retry_after_seconds)}</p>
            <p>"If you have forgotten your password, you can "
                <a href="/forgot-password">"choose a new one"</a> " now."</p>
        }
        .into_any(),
        AppError::Conflict(_) | AppError::Expired(_) => view! { <p><a href="/">"Go to the start page"</a></p> }.into_any(),
        AppError::Unexpected { incident } if !incident.is_empty() => view! {
            <p>"If you " <a href="/contact">"contact us"</a> " about this, tell us this reference:"</p>
            <p class="app-incident">{incident.clone()}</p>
        }
        .into_any(),
        AppError::Unexpected { .. } | AppError::Unavailable | AppError::Transport | AppError::Invalid(_) => {
            view! { <p>"If it keeps happening, " <a href="/contact">"contact us"</a> "."</p> }.into_any()
        }
    }
}

/// Who can give somebody the right to see a page (J05).
fn whom_to_ask() -> String {
    let names = use_frame().with_untracked(|frame| {
        let here = frame.organisation.as_ref();
        here.map(|here| here.whom_to_ask.join(", "))
            .unwrap_or_default()
    });
    if names.is_empty() {
        return "Ask an administrator of your organisation if you need to.".to_owned();
    }
    [
        "If you need to, ask one of these people to change your access: ",
        &names,
        ".",
    ]
    .concat()
}

/// A form or journey that is too old (ux 7.10). `continue_at` is where the person left off, when that is known.
#[component]
pub fn ExpiredPage(
    /// Where the journey starts.
    #[prop(into)]
    start: String,
    #[prop(optional)] continue_at: Option<Link>,
) -> impl IntoView {
    set_status(AppError::Expired(String::new()).status());
    let carry_on = continue_at
        .map(|link| view! { <p><a href=link.href>"Continue where you left off"</a></p> });
    view! {
        <Page title="This page has expired">
            <p>"You had not done anything here for a while, or you finished this already. Nothing was changed."</p>
            <ButtonLink href=start>"Start again"</ButtonLink>
            {carry_on}
        </Page>
    }
}
