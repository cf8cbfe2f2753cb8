//! One line of text: names, email addresses, mobile numbers, codes.

use super::field::{Field, Heading, Text, join, label as label_view};
use leptos::prelude::*;

/// A text input with its label, hint and error.
#[component]
pub fn TextInput(
    /// In snake case, as posted.
    #[prop(into)]
    name: String,
    #[prop(into)] label: Text,
    #[prop(optional, into)] hint: Text,
    /// The `type`: text, email, tel, url.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] inputmode: Option<&'static str>,
    #[prop(optional)] autocapitalize: Option<&'static str>,
    /// Names, addresses and codes are not words: no red lines under them.
    #[prop(optional)]
    no_spellcheck: bool,
    /// In characters: 2, 3, 4, 5, 10, 20 or 30.
    #[prop(optional)]
    width: Option<u8>,
    /// More classes, such as `nhsuk-u-width-two-thirds`.
    #[prop(optional)]
    class: &'static str,
    /// Wide digits for codes and reference numbers.
    #[prop(optional)]
    code: bool,
    #[prop(optional, into)] prefix: Text,
    #[prop(optional, into)] suffix: Text,
    #[prop(optional)] label_size: &'static str,
    #[prop(optional)] label_is_heading: bool,
    #[prop(optional, into)] caption: Option<String>,
    /// What the field starts with; a kept answer wins.
    #[prop(optional, into)]
    value: Option<String>,
) -> impl IntoView {
    let field = Field::new(name);
    let value = field.value(value);
    let classes = field.class(
        join(&input_class("nhsuk-input", code, width), class),
        "nhsuk-input--error",
    );
    let spellcheck = (no_spellcheck || code || kind == "email").then_some("false");
    let described_by = field.described_by(None, hint.is_some());
    let input = view! {
        <input
            class=classes
            id=field.id.clone()
            name=field.name.clone()
            type=kind
            value=(!value.is_empty()).then_some(value)
            spellcheck=spellcheck
            autocomplete=autocomplete
            inputmode=inputmode
            autocapitalize=autocapitalize
            aria-describedby=described_by
        />
    };
    let heading = Heading {
        size: label_size,
        is_heading: label_is_heading,
    };
    let control = if prefix.is_some() || suffix.is_some() {
        let part = |text: Text, class: &'static str| {
            text.into_option()
                .map(|text| view! { <div class=class aria-hidden="true">{text}</div> })
        };
        view! {
            <div class="nhsuk-input-wrapper">
                {part(prefix, "nhsuk-input-wrapper__prefix")} {input} {part(suffix, "nhsuk-input-wrapper__suffix")}
            </div>
        }
        .into_any()
    } else {
        input.into_any()
    };
    view! {
        <div class=field.group_class("")>
            {label_view(&field.id, label, heading, caption, false)} {field.hint(hint)} {field.error()} {control}
        </div>
    }
}

pub(super) fn input_class(block: &str, code: bool, width: Option<u8>) -> String {
    let mut class = block.to_owned();
    if code {
        class.push_str(" nhsuk-input--code");
    }
    if let Some(width) = width {
        class.push_str(" nhsuk-input--width-");
        class.push_str(&width.to_string());
    }
    class
}

/// A one-time code: one box, never six. Accepts spaces, fills from the message, submits nothing by itself.
#[component]
pub fn CodeInput(
    #[prop(default = "code".into(), into)] name: String,
    #[prop(into)] label: Text,
    #[prop(optional, into)] hint: Text,
    #[prop(optional)] label_size: &'static str,
    #[prop(optional)] label_is_heading: bool,
) -> impl IntoView {
    view! { <TextInput name label hint code=true width=5 inputmode="numeric" autocomplete="one-time-code" label_size label_is_heading/> }
}

/// The account that a new password belongs to, for password managers only: it is not posted, not shown and
/// not reachable with the keyboard.
#[component]
pub fn UsernameForManagers(#[prop(into)] email: String) -> impl IntoView {
    view! {
        <input
            class="app-username"
            type="text"
            autocomplete="username"
            value=email
            readonly=true
            tabindex="-1"
            aria-hidden="true"
        />
    }
}
