//! What stands out on a page: facts, news, consequences, and the end of a journey.

use super::error_summary::focus_once;
use super::field::Text;
use leptos::{html, prelude::*};

/// A fact about this page. The children are paragraphs.
#[component]
pub fn InsetText(children: Children) -> impl IntoView {
    view! {
        <div class="nhsuk-inset-text">
            <span class="nhsuk-u-visually-hidden">"Information: "</span>
            {children()}
        </div>
    }
}

/// News that needs this person's attention; at most one on a page, never beside an error summary.
#[component]
pub fn ImportantBanner(
    #[prop(into)] heading: Text,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    banner(
        "Important",
        "region",
        "nhsuk-notification-banner",
        heading,
        children,
        NodeRef::new(),
    )
}

/// What was just done, on the page that the person came back to. It takes the focus: at page load by
/// `public/focus.js`, after a change of page in the browser here.
#[component]
pub fn SuccessBanner(
    #[prop(into)] heading: Text,
    /// For the end of work that somebody watches: it is announced and takes nobody's focus.
    #[prop(optional)]
    quiet: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let element = NodeRef::<html::Div>::new();
    let is_first_page = is_hydrating();
    Effect::new(move |_| {
        if let Some(element) = element.get().filter(|_| !is_first_page && !quiet) {
            request_animation_frame(move || focus_once(&element));
        }
    });
    let class = "nhsuk-notification-banner nhsuk-notification-banner--success";
    banner("Success", "alert", class, heading, children, element)
}

/// Whether this is rendered by taking over the server's page, where `public/focus.js` had its turn already.
fn is_hydrating() -> bool {
    Owner::current_shared_context().is_some_and(|shared| shared.during_hydration())
}

fn banner(
    title: &'static str,
    role: &'static str,
    class: &'static str,
    heading: Text,
    children: Option<Children>,
    element: NodeRef<html::Div>,
) -> AnyView {
    let heading = heading.into_option();
    let heading = if children.is_some() {
        view! { <h3 class="nhsuk-notification-banner__heading">{heading}</h3> }.into_any()
    } else {
        view! { <p class="nhsuk-notification-banner__heading">{heading}</p> }.into_any()
    };
    view! {
        <div
            class=class
            data-module="nhsuk-notification-banner"
            role=role
            aria-labelledby="nhsuk-notification-banner-title"
            node_ref=element
        >
            <div class="nhsuk-notification-banner__header">
                <h2 class="nhsuk-notification-banner__title" id="nhsuk-notification-banner-title">
                    {title}
                </h2>
            </div>
            <div class="nhsuk-notification-banner__content">{heading} {children.map(|children| children())}</div>
        </div>
    }
    .into_any()
}

/// The end of a journey of several pages. Holds the `h1`.
#[component]
pub fn Panel(
    #[prop(into)] heading: Text,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let body = children.map(|children| view! { <div class="nhsuk-panel__body">{children()}</div> });
    view! {
        <div class="nhsuk-panel">
            <h1 class="nhsuk-panel__heading">{heading.into_option()}</h1>
            {body}
        </div>
    }
}

/// Stops a rare and risky action for a second look. Holds the `h1`; the children end in one reverse button that
/// says the action, and one link that changes the answer.
#[component]
pub fn InterruptionPanel(#[prop(into)] heading: Text, children: Children) -> impl IntoView {
    view! {
        <div class="nhsuk-panel nhsuk-panel--interruption">
            <h1 class="nhsuk-panel__heading nhsuk-panel__heading--l">{heading.into_option()}</h1>
            <div class="nhsuk-panel__body">{children()}</div>
        </div>
    }
}

/// The consequences of what this page does. The children are paragraphs with the class
/// `nhsuk-card__description`.
#[component]
pub fn WarningCallout(#[prop(into)] heading: Text, children: Children) -> impl IntoView {
    view! {
        <div class="nhsuk-card nhsuk-card--warning">
            <div class="nhsuk-card__content">
                <h3 class="nhsuk-card__heading">{heading.into_option()}</h3>
                {children()}
            </div>
        </div>
    }
}
