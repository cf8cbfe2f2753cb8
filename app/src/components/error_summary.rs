//! The list of what is wrong, at the top of the page, above the `h1`.

use super::field::{kebab, words_of};
use super::form::use_form;
use super::role_picker::held_places;
use crate::error::AppError;
use crate::messages::{Advice, GENERAL, advice, wait};
use leptos::{ev, html, prelude::*, wasm_bindgen::JsCast, web_sys};

/// Nothing while nothing was refused; then every violation, in the order of the page, each linked to its
/// field, or the one thing that stands in the way of the form. At page load `public/focus.js` moves the focus here; after an answer that wasm or the
/// server refused, this does.
#[component]
pub fn ErrorSummary() -> impl IntoView {
    let form = use_form();
    let summary = NodeRef::<html::Div>::new();
    Effect::new(move |seen: Option<()>| {
        let refused = form.error.with(Option::is_some);
        if seen.is_some() && refused {
            request_animation_frame(move || {
                if let Some(summary) = summary.get_untracked() {
                    focus_once(&summary);
                }
            });
        }
    });
    move || {
        let items = form.error.with(|error| error.as_ref().map(items_of))?;
        Some(view! {
            <div class="nhsuk-error-summary" data-module="nhsuk-error-summary" node_ref=summary>
                <div role="alert">
                    <h2 class="nhsuk-error-summary__heading">"There is a problem"</h2>
                    <div class="nhsuk-error-summary__body">
                        <ul class="nhsuk-list nhsuk-error-summary__list">{items}</ul>
                    </div>
                </div>
            </div>
        })
    }
}

/// The violations of the form, or the one thing that stands in its way.
fn items_of(error: &AppError) -> Vec<AnyView> {
    let AppError::Invalid(violations) = error else {
        return vec![obstacle(error)];
    };
    if violations.is_empty() {
        return vec![item("", GENERAL.to_owned())];
    }
    let mut items = Vec::new();
    for violation in violations {
        items.push(item(&violation.field, words_of(violation)));
        // A role without a place left comes with who holds them, and the way there.
        if let [_, _, held, words, href] = &violation.params[..] {
            let place = held_places(held.clone(), words.clone(), href.clone());
            items.push(view! { <li>{place}</li> }.into_any());
        }
    }
    items
}

fn obstacle(error: &AppError) -> AnyView {
    if matches!(
        error,
        AppError::SignInRequired | AppError::SecondFactorRequired
    ) {
        return view! { <li><a href="/sign-in">"Sign in to continue"</a></li> }.into_any();
    }
    let Advice { heading, text } = advice(error);
    let words = match error {
        AppError::SlowDown {
            retry_after_seconds,
        } => [heading, ". ", &wait(*retry_after_seconds)].concat(),
        _ => [heading, ". ", text].concat(),
    };
    item("", words)
}

fn item(field: &str, words: String) -> AnyView {
    if field.is_empty() {
        return view! { <li>{words}</li> }.into_any();
    }
    let id = kebab(field);
    let href = ["#", &id].concat();
    view! {
        <li>
            <a href=href on:click=move |event| go_to_field(&event, &id)>{words}</a>
        </li>
    }
    .into_any()
}

/// Shows the question before the control, then puts the focus into the control.
fn go_to_field(event: &ev::MouseEvent, id: &str) {
    let Some(control) = document()
        .get_element_by_id(id)
        .and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok())
    else {
        return;
    };
    event.prevent_default();
    let question = control.closest(".nhsuk-form-group").ok().flatten();
    question.as_ref().unwrap_or(&control).scroll_into_view();
    _ = control.focus();
}

/// Focus without making the element a stop for the Tab key later.
pub(crate) fn focus_once(element: &web_sys::HtmlElement) {
    if !element.has_attribute("tabindex") {
        _ = element.set_attribute("tabindex", "-1");
    }
    element.scroll_into_view();
    _ = element.focus();
}
