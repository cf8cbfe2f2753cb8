//! Text that opens on request: examples, previews, formats. Native, so it works without wasm.

use super::field::Text;
use leptos::prelude::*;

/// A small disclosure.
#[component]
pub fn Details(
    #[prop(into)] summary: Text,
    #[prop(optional)] open: bool,
    children: Children,
) -> impl IntoView {
    disclosure("nhsuk-details", summary, open, children)
}

/// A disclosure with a border, for a larger part of a page. `class` adds to it.
#[component]
pub fn Expander(
    #[prop(into)] summary: Text,
    #[prop(optional)] open: bool,
    #[prop(default = "nhsuk-details nhsuk-expander")] class: &'static str,
    children: Children,
) -> impl IntoView {
    disclosure(class, summary, open, children)
}

fn disclosure(class: &'static str, summary: Text, open: bool, children: Children) -> AnyView {
    view! {
        <details class=class open=open>
            <summary class="nhsuk-details__summary">
                <span class="nhsuk-details__summary-text">{summary.into_option()}</span>
            </summary>
            <div class="nhsuk-details__text">{children()}</div>
        </details>
    }
    .into_any()
}
