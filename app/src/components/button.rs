//! Buttons: green for the one thing that a page is for, secondary for the rest, warning where people lose
//! something, reverse on a dark panel. A link that looks like a button is a link.

use super::field::join;
use super::form::use_form;
use leptos::{ev, prelude::*, wasm_bindgen::JsCast, web_sys};
use std::time::Duration;

/// How long a second press of the same button is taken for a double click.
const DOUBLE_CLICK: Duration = Duration::from_secs(1);

fn button_class(variant: &str, small: bool) -> String {
    let mut class = "nhsuk-button".to_owned();
    if !variant.is_empty() {
        class.push_str(" nhsuk-button--");
        class.push_str(variant);
    }
    if small {
        class.push_str(" nhsuk-button--small");
    }
    class
}

/// A button that submits the form around it.
///
/// Once the page is alive, a second press within 1 second does nothing, unless the first was refused; without wasm
/// the form's `once` value makes a repeated post harmless (R98).
#[component]
pub fn Button(
    /// "" (green), "secondary", "warning", "reverse" or "login".
    #[prop(optional)]
    variant: &'static str,
    #[prop(optional)] small: bool,
    /// For forms with several actions: what is posted when this button is pressed.
    #[prop(optional)]
    name: Option<&'static str>,
    #[prop(optional, into)] value: Option<String>,
    /// "submit" or "button".
    #[prop(default = "submit")]
    kind: &'static str,
    /// Said after the visible words: "Undo" + " role change on 21 November".
    #[prop(optional, into)]
    hidden_text: Option<String>,
    /// More classes, separated by spaces.
    #[prop(optional)]
    class: &'static str,
    children: Children,
) -> impl IntoView {
    let pressed = StoredValue::new(false);
    let form = use_form();
    Effect::new(move |_| {
        form.error.track();
        pressed.set_value(false);
    });
    let guard = move |event: ev::MouseEvent| {
        if kind != "submit" {
            return;
        }
        if pressed.get_value() {
            event.prevent_default();
            return;
        }
        pressed.set_value(true);
        set_timeout(move || _ = pressed.try_set_value(false), DOUBLE_CLICK);
    };
    let hidden_text = hidden_text
        .map(|text| view! { <span class="nhsuk-u-visually-hidden">{[" ", &text].concat()}</span> });
    view! {
        <button
            class=join(&button_class(variant, small), class)
            data-module="nhsuk-button"
            type=kind
            name=name
            value=value
            on:click=guard
        >
            {children()}
            {hidden_text}
        </button>
    }
}

/// A link that looks like a button: it goes somewhere and changes nothing.
#[component]
pub fn ButtonLink(
    #[prop(into)] href: String,
    #[prop(optional)] variant: &'static str,
    #[prop(optional)] small: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a
            class=button_class(variant, small)
            data-module="nhsuk-button"
            href=href
            role="button"
            draggable="false"
            on:keydown=press_with_space
        >
            {children()}
        </a>
    }
}

/// What says "button" answers to the space key.
fn press_with_space(event: ev::KeyboardEvent) {
    if event.key() == " "
        && let Some(link) = event
            .current_target()
            .and_then(|link| link.dyn_into::<web_sys::HtmlElement>().ok())
    {
        event.prevent_default();
        link.click();
    }
}

/// Buttons, and the links that belong to them, in a row.
#[component]
pub fn ButtonGroup(children: Children) -> impl IntoView {
    view! { <div class="nhsuk-button-group">{children()}</div> }
}
