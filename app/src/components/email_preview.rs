//! The message as its reader will see it.

use super::timeline::Moment;
use leptos::prelude::*;

/// The head of a message and its text.
#[component]
pub fn EmailPreview(
    #[prop(into)] from: String,
    #[prop(into)] to: String,
    #[prop(into)] subject: String,
    /// Plain text, with its line breaks.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    let head: Vec<AnyView> = [("From", from), ("To", to), ("Subject", subject)]
        .into_iter()
        .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }.into_any())
        .collect();
    view! {
        <div class="app-email-preview">
            <dl class="app-email-preview__head">{head}</dl>
            <div class="app-email-preview__body"><pre>{text}</pre></div>
        </div>
    }
}

/// For paper only: who printed this, when, and for which organisation (ux 6.33).
#[component]
pub fn PrintedBy(
    #[prop(into)] name: String,
    #[prop(into)] organisation: String,
    at: chrono::DateTime<chrono::Utc>,
) -> impl IntoView {
    view! {
        <p class="app-print-only">"Printed by " {name} ", " <Moment at/> ", page for " {organisation}</p>
    }
}
