//! A select: the last resort, for short lists that people know, such as "Sort by".

use super::field::{Field, Heading, Text, join, label as label_view};
use leptos::prelude::*;

/// Value and words of one option.
pub struct SelectOption {
    pub value: String,
    pub text: String,
}

impl SelectOption {
    pub fn new(value: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            text: text.into(),
        }
    }
}

/// A select with its label, hint and error.
#[component]
pub fn Select(
    #[prop(into)] name: String,
    #[prop(into)] label: Text,
    #[prop(optional, into)] hint: Text,
    options: Vec<SelectOption>,
    #[prop(optional, into)] value: Option<String>,
    #[prop(optional)] class: &'static str,
    #[prop(optional)] label_size: &'static str,
    #[prop(optional)] label_is_heading: bool,
) -> impl IntoView {
    let field = Field::new(name);
    let chosen = field.value(value);
    let described_by = field.described_by(None, hint.is_some());
    let heading = Heading {
        size: label_size,
        is_heading: label_is_heading,
    };
    let options: Vec<AnyView> = options
        .into_iter()
        .map(|option| {
            let selected = option.value == chosen;
            view! { <option value=option.value selected=selected>{option.text}</option> }.into_any()
        })
        .collect();
    view! {
        <div class=field.group_class("")>
            {label_view(&field.id, label, heading, None, false)} {field.hint(hint)} {field.error()}
            <select
                class=field.class(join("nhsuk-select", class), "nhsuk-select--error")
                id=field.id.clone()
                name=field.name.clone()
                aria-describedby=described_by
            >
                {options}
            </select>
        </div>
    }
}
