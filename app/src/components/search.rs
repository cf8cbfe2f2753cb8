//! One search box with its button.

use super::field::{Field, Heading, Text, label as label_view};
use super::icon::Icon;
use super::text_input::input_class;
use leptos::{html, prelude::*};

/// A search box inside a GET form. `on_input` is called after every change, once the page is alive.
#[component]
pub fn SearchInput(
    #[prop(default = "q".into(), into)] name: String,
    #[prop(into)] label: Text,
    /// The label is there for the ear only.
    #[prop(optional)]
    label_hidden: bool,
    #[prop(optional)] label_size: &'static str,
    #[prop(optional)] label_is_heading: bool,
    #[prop(optional, into)] hint: Text,
    #[prop(optional)] placeholder: Option<&'static str>,
    #[prop(optional)] width: Option<u8>,
    #[prop(optional, into)] value: Option<String>,
    /// Where a form has another box with the same name, its id.
    #[prop(optional)]
    id: Option<&'static str>,
    /// The words on a secondary button; without them it shows a magnifying glass.
    #[prop(optional)]
    button: &'static str,
    #[prop(optional)] on_input: Option<Callback<String>>,
) -> impl IntoView {
    let mut field = Field::new(name);
    if let Some(id) = id {
        id.clone_into(&mut field.id);
    }
    let value = field.value(value);
    let described_by = field.described_by(None, hint.is_some());
    let mut classes = input_class("nhsuk-input", false, width);
    classes.push_str(" nhsuk-search-input__input");
    let heading = Heading {
        size: label_size,
        is_heading: label_is_heading,
    };
    let input = NodeRef::<html::Input>::new();
    let changed = move |_| {
        if let (Some(on_input), Some(input)) = (on_input, input.get_untracked()) {
            on_input.run(input.value());
        }
    };
    view! {
        <div class=field.group_class("nhsuk-search-input")>
            {label_view(&field.id, label, heading, None, label_hidden)} {field.hint(hint)} {field.error()}
            <div class="nhsuk-input-wrapper nhsuk-search-input__wrapper">
                <input
                    class=field.class(classes, "nhsuk-input--error")
                    id=field.id.clone()
                    name=field.name.clone()
                    type="search"
                    value=(!value.is_empty()).then_some(value)
                    aria-describedby=described_by
                    autocomplete="off"
                    placeholder=placeholder
                    node_ref=input
                    on:input=changed
                />
                {search_button(button, "nhsuk-search-input__button")}
            </div>
        </div>
    }
}

pub(super) fn search_button(text: &'static str, class: &'static str) -> AnyView {
    let base = if text.is_empty() {
        "nhsuk-button nhsuk-button--icon nhsuk-button--small"
    } else {
        "nhsuk-button nhsuk-button--secondary nhsuk-button--icon nhsuk-button--small"
    };
    let words =
        (!text.is_empty()).then(|| view! { <span class="nhsuk-button__content">{text}</span> });
    view! {
        <button
            class=super::field::join(base, class)
            data-module="nhsuk-button"
            type="submit"
            aria-label=if text.is_empty() { "Search" } else { text }
        >
            {Icon::Search.view()}
            {words}
        </button>
    }
    .into_any()
}
