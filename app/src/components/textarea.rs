//! Several lines of text, with or without a count of the characters that are left.

use super::debounce::Debounce;
use super::field::{Field, Heading, Text, escaped_on_server, join, label as label_view};
use crate::browser::use_hydrated;
use crate::messages::plural;
use domain::wording::number;
use leptos::{html, prelude::*};
use std::time::Duration;

/// Text as it stands inside `<textarea>`: the HTML parser drops one line break right after the tag, so the server
/// adds one.
fn content(text: String) -> String {
    let text = escaped_on_server(text);
    if cfg!(feature = "ssr") && text.starts_with('\n') {
        ["\n", &text].concat()
    } else {
        text
    }
}

/// The control alone. An empty one has no child at all: a placeholder would be read as typed text.
#[component]
pub(super) fn TextareaControl(
    id: String,
    name: String,
    class: Signal<String>,
    rows: u8,
    value: String,
    described_by: Signal<Option<String>>,
    no_spellcheck: bool,
    autocomplete: Option<&'static str>,
    node_ref: NodeRef<html::Textarea>,
    on_input: Callback<()>,
) -> impl IntoView {
    let control = html::textarea()
        .class(class)
        .id(id)
        .name(name)
        .rows(rows.to_string())
        .spellcheck(no_spellcheck.then_some("false"))
        .autocapitalize(no_spellcheck.then_some("none"))
        .autocomplete(autocomplete)
        .aria_describedby(described_by)
        .node_ref(node_ref)
        .on(leptos::ev::input, move |_| on_input.run(()));
    if value.is_empty() {
        control.into_any()
    } else {
        control.child(content(value)).into_any()
    }
}

/// Several lines of text.
#[component]
pub fn Textarea(
    #[prop(into)] name: String,
    #[prop(into)] label: Text,
    #[prop(optional, into)] hint: Text,
    #[prop(default = 5)] rows: u8,
    #[prop(optional)] no_spellcheck: bool,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] label_size: &'static str,
    #[prop(optional)] label_is_heading: bool,
    #[prop(optional, into)] caption: Option<String>,
    #[prop(optional, into)] value: Option<String>,
) -> impl IntoView {
    let field = Field::new(name);
    let heading = Heading {
        size: label_size,
        is_heading: label_is_heading,
    };
    let described_by = field.described_by(None, hint.is_some());
    view! {
        <div class=field.group_class("")>
            {label_view(&field.id, label, heading, caption, false)} {field.hint(hint)} {field.error()}
            <TextareaControl
                id=field.id.clone()
                name=field.name.clone()
                class=field.class("nhsuk-textarea".to_owned(), "nhsuk-textarea--error")
                rows
                value=field.value(value)
                described_by
                no_spellcheck
                autocomplete
                node_ref=NodeRef::new()
                on_input=Callback::new(|()| ())
            />
        </div>
    }
}

/// Several lines of text with a limit. Text over the limit stays; the form says so after "Continue".
///
/// The message says the limit until three quarters of it are used, then how many characters are left. It is
/// spoken 1 second after the last key, and keeps its height, so that nothing moves.
#[component]
pub fn CharacterCount(
    #[prop(into)] name: String,
    #[prop(into)] label: Text,
    #[prop(optional, into)] hint: Text,
    #[prop(default = 1_000)] limit: u32,
    #[prop(default = 5)] rows: u8,
    #[prop(optional)] label_size: &'static str,
    #[prop(optional)] label_is_heading: bool,
    #[prop(optional, into)] caption: Option<String>,
    #[prop(optional, into)] value: Option<String>,
) -> impl IntoView {
    let field = Field::new(name);
    let alive = use_hydrated();
    let input = NodeRef::<html::Textarea>::new();
    let (used, set_used) = signal(0_usize);
    let (spoken, set_spoken) = signal(String::new());
    let say = Debounce::new();
    let count = move || {
        let Some(input) = input.get_untracked() else {
            return;
        };
        set_used.set(input.value().chars().count());
        say.run(Duration::from_secs(1), move || {
            set_spoken.set(count_words(used.get_untracked(), limit));
        });
    };
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            set_used.set(input.value().chars().count());
        }
    });
    let info_id = [&field.id, "-info"].concat();
    let described_by = field.described_by(Some(info_id.clone()), hint.is_some());
    let message_class = Signal::derive(move || {
        let kind = if used.get() > limit as usize {
            "nhsuk-error-message"
        } else {
            "nhsuk-hint"
        };
        join(kind, "nhsuk-character-count__message")
    });
    let words = Signal::derive(move || count_words(used.get(), limit));
    let status = move || {
        alive.get().then(
            || view! { <div class="nhsuk-u-visually-hidden" aria-live="polite">{spoken}</div> },
        )
    };
    let heading = Heading {
        size: label_size,
        is_heading: label_is_heading,
    };
    view! {
        <div class=field.group_class("nhsuk-character-count") data-module="nhsuk-character-count" data-maxlength=limit.to_string()>
            {label_view(&field.id, label, heading, caption, false)} {field.hint(hint)} {field.error()}
            <TextareaControl
                id=field.id.clone()
                name=field.name.clone()
                class=field.class("nhsuk-textarea nhsuk-js-character-count".to_owned(), "nhsuk-textarea--error")
                rows
                value=field.value(value)
                described_by
                no_spellcheck=false
                autocomplete=None
                node_ref=input
                on_input=Callback::new(move |()| count())
            />
            <div class=message_class id=info_id>{words}</div>
            {status}
        </div>
    }
}

fn count_words(used: usize, limit: u32) -> String {
    let limit = limit as usize;
    if used > limit {
        return [
            "You have ",
            &plural((used - limit) as u64, "character", "characters"),
            " too many",
        ]
        .concat();
    }
    if used * 4 < limit * 3 {
        return ["You can enter up to ", &number(limit as u64), " characters"].concat();
    }
    [
        "You have ",
        &plural((limit - used) as u64, "character", "characters"),
        " remaining",
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_starts_at_three_quarters() {
        assert_eq!(
            count_words(0, 1_000),
            "You can enter up to 1,000 characters"
        );
        assert_eq!(
            count_words(749, 1_000),
            "You can enter up to 1,000 characters"
        );
        assert_eq!(count_words(750, 1_000), "You have 250 characters remaining");
        assert_eq!(count_words(999, 1_000), "You have 1 character remaining");
        assert_eq!(count_words(1_002, 1_000), "You have 2 characters too many");
    }
}
