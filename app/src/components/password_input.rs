//! A password, with a button to show it once the page is alive.
//!
//! Paste and password managers work; there is no second box to repeat it and no limit on what can be typed.

use super::field::{Field, Heading, Text, join, label as label_view, until_hydrated};
use super::form::use_form;
use super::text_input::input_class;
use crate::error::AppError;
use leptos::{ev, html, prelude::*};

/// A password input. It never gets a kept value, and empties itself when its answer was refused.
#[component]
pub fn PasswordInput(
    #[prop(into)] name: String,
    #[prop(into)] label: Text,
    #[prop(optional, into)] hint: Text,
    /// `current-password` or `new-password`.
    #[prop(default = "current-password")]
    autocomplete: &'static str,
    #[prop(optional)] width: Option<u8>,
    #[prop(optional)] label_size: &'static str,
    #[prop(optional)] label_is_heading: bool,
    #[prop(optional, into)] caption: Option<String>,
) -> impl IntoView {
    let field = Field::new(name);
    let hidden = until_hydrated();
    let (shown, set_shown) = signal(false);
    let input = NodeRef::<html::Input>::new();
    clear_when_refused(field.name.clone(), input);
    hide_when_submitted(set_shown);

    let kind = Signal::derive(move || if shown.get() { "text" } else { "password" });
    let button_label = Signal::derive(move || {
        if shown.get() {
            "Hide password"
        } else {
            "Show password"
        }
    });
    let button_text = Signal::derive(move || if shown.get() { "Hide" } else { "Show" });
    let described_by = field.described_by(None, hint.is_some());
    let classes = join(
        &input_class("nhsuk-input", false, width),
        "nhsuk-password-input__input nhsuk-js-password-input-input",
    );
    let heading = Heading {
        size: label_size,
        is_heading: label_is_heading,
    };
    let status = move || {
        (!hidden.get()).then(|| {
            let words = move || {
                if shown.get() {
                    "Your password is visible"
                } else {
                    ""
                }
            };
            view! { <div class="nhsuk-u-visually-hidden" aria-live="polite">{words}</div> }
        })
    };
    view! {
        <div class=field.group_class("nhsuk-password-input") data-module="nhsuk-password-input">
            {label_view(&field.id, label, heading, caption, false)} {field.hint(hint)} {field.error()}
            <div class="nhsuk-input-wrapper">
                <input
                    class=field.class(classes, "nhsuk-input--error")
                    id=field.id.clone()
                    name=field.name.clone()
                    type=kind
                    spellcheck="false"
                    autocomplete=autocomplete
                    autocapitalize="none"
                    aria-describedby=described_by
                    node_ref=input
                />
                <button
                    class="nhsuk-button nhsuk-button--secondary nhsuk-button--small nhsuk-password-input__toggle nhsuk-js-password-input-toggle"
                    data-module="nhsuk-button"
                    type="button"
                    aria-label=button_label
                    aria-controls=field.id.clone()
                    hidden=hidden
                    on:click=move |_| set_shown.update(|shown| *shown = !*shown)
                >
                    {button_text}
                </button>
            </div>
            {status}
        </div>
    }
}

/// A refused password is typed again, as it is without wasm; other answers stay.
fn clear_when_refused(name: String, input: NodeRef<html::Input>) {
    let form = use_form();
    Effect::new(move |seen: Option<()>| {
        let refused = form.error.with(|error| match error {
            Some(AppError::Invalid(violations)) => violations
                .iter()
                .any(|v| v.field == name || v.code.starts_with("sign_in.")),
            _ => false,
        });
        if seen.is_some()
            && refused
            && let Some(input) = input.get_untracked()
        {
            input.set_value("");
        }
    });
}

/// Browsers keep what was in a text input: it is a password again before the form goes.
fn hide_when_submitted(set_shown: WriteSignal<bool>) {
    Effect::new(move |_| {
        let listener = window_event_listener(ev::submit, move |_| set_shown.set(false));
        on_cleanup(move || listener.remove());
    });
}
