//! The message as its reader will see it.

use super::timeline::Moment;
use domain::letter::{Letter, Part};
use leptos::prelude::*;

/// The head of a message and its words, part by part: those of the message that is sent.
#[component]
pub fn EmailPreview(
    #[prop(into)] from: String,
    #[prop(into)] to: String,
    letter: Letter,
) -> impl IntoView {
    let head: Vec<AnyView> = [("From", from), ("To", to), ("Subject", letter.subject)]
        .into_iter()
        .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }.into_any())
        .collect();
    let body: Vec<AnyView> = letter.parts.into_iter().map(part).collect();
    view! {
        <div class="app-email-preview">
            <dl class="app-email-preview__head">{head}</dl>
            <div class="app-email-preview__body">{body}</div>
        </div>
    }
}

/// A part of the message. Its headings are no headings of the page.
fn part(part: Part) -> AnyView {
    match part {
        Part::Paragraph(words) => view! { <p>{words}</p> }.into_any(),
        Part::Heading(words) => view! { <p><strong>{words}</strong></p> }.into_any(),
        Part::List(items) => {
            let items: Vec<AnyView> = items
                .into_iter()
                .map(|item| view! { <li>{item}</li> }.into_any())
                .collect();
            view! { <ul class="nhsuk-list nhsuk-list--bullet">{items}</ul> }.into_any()
        }
        Part::Quote(words) => {
            let lines = super::summary_list::lines(words.lines().map(ToOwned::to_owned));
            view! { <blockquote class="app-email-preview__quote"><p>{lines.into_option()}</p></blockquote> }
                .into_any()
        }
        Part::Action(words) => {
            view! { <p><span class="app-email-preview__action">{words}</span></p> }.into_any()
        }
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
