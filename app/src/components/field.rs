//! What every field has in common: an id made from its name, a label that can be the heading of the page,
//! a hint, its error, and the value that was kept when the form came back.
//!
//! The markup is that of nhsuk-frontend 10.6.1, proven against its fixtures (T-FIX-01). Fields never carry
//! `required` or `maxlength`: the form says what is wrong after "Continue", and keeps what was typed.

use super::form::use_form;
use crate::browser::use_hydrated;
use crate::messages::sentence;
use domain::violation::Violation;
use leptos::prelude::*;

/// Words, a small piece of a page where plain words are not enough (a link in a hint), or nothing.
#[derive(Default)]
pub struct Text(Option<AnyView>);

impl Text {
    pub fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// The piece of page, if there is one.
    pub fn into_option(self) -> Option<AnyView> {
        self.0
    }
}

impl From<&'static str> for Text {
    fn from(text: &'static str) -> Self {
        Self((!text.is_empty()).then(|| text.into_any()))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self((!text.is_empty()).then(|| text.into_any()))
    }
}

impl From<AnyView> for Text {
    fn from(view: AnyView) -> Self {
        Self(Some(view))
    }
}

impl<T: Into<Text>> From<Option<T>> for Text {
    fn from(text: Option<T>) -> Self {
        text.map(Into::into).unwrap_or_default()
    }
}

/// `first_name` becomes `first-name`: names are posted, ids are linked to.
pub fn kebab(name: &str) -> String {
    key_of(name).replace('_', "-")
}

/// What a field is called in violations and among kept values. Names of groups say how they are posted:
/// `areas[]` is the list `areas`, `answers[fix_3]` is the answer `fix_3`.
pub(crate) fn key_of(name: &str) -> &str {
    match name.split_once('[') {
        Some((list, "]")) => list,
        Some((_, key)) => key.trim_end_matches(']'),
        None => name,
    }
}

/// What a violation says.
pub fn words_of(violation: &Violation) -> String {
    sentence(&violation.code, &violation.params)
}

/// The state of one field in the form around it.
pub(crate) struct Field {
    pub name: String,
    pub id: String,
    pub error: Signal<Option<String>>,
}

impl Field {
    pub fn new(name: String) -> Self {
        let form = use_form();
        let field = key_of(&name).to_owned();
        let error = Signal::derive(move || form.violation(&field).as_ref().map(words_of));
        Self {
            id: kebab(&name),
            name,
            error,
        }
    }

    /// What was typed before the form came back, otherwise what the page starts with.
    pub fn value(&self, initial: Option<String>) -> String {
        let kept = use_form().value(key_of(&self.name));
        kept.or(initial).unwrap_or_default()
    }

    /// All kept values of a group, otherwise those that the page starts with. A form that came back with
    /// nothing selected stays that way.
    pub fn values(&self, initial: Vec<String>) -> Vec<String> {
        let form = use_form();
        form.values(key_of(&self.name))
            .unwrap_or(if form.is_kept() { Vec::new() } else { initial })
    }

    pub fn hint_id(&self) -> String {
        [&self.id, "-hint"].concat()
    }

    /// `base`, with the error class of the block while there is an error.
    pub fn class(&self, base: String, error_class: &'static str) -> Signal<String> {
        let error = self.error;
        Signal::derive(move || {
            let mut class = base.clone();
            if error.with(Option::is_some) {
                class.push(' ');
                class.push_str(error_class);
            }
            class
        })
    }

    pub fn group_class(&self, extra: &str) -> Signal<String> {
        self.class(join("nhsuk-form-group", extra), "nhsuk-form-group--error")
    }

    /// The ids that describe the control: those in `before`, the hint, the error.
    pub fn described_by(&self, before: Option<String>, has_hint: bool) -> Signal<Option<String>> {
        let (id, error) = (self.id.clone(), self.error);
        Signal::derive(move || {
            let mut ids = before.clone().unwrap_or_default();
            let mut add = |suffix: &str| {
                if !ids.is_empty() {
                    ids.push(' ');
                }
                ids.push_str(&id);
                ids.push_str(suffix);
            };
            if has_hint {
                add("-hint");
            }
            if error.with(Option::is_some) {
                add("-error");
            }
            (!ids.is_empty()).then_some(ids)
        })
    }

    pub fn hint(&self, hint: Text) -> Option<AnyView> {
        hint.into_option()
            .map(|hint| view! { <div class="nhsuk-hint" id=self.hint_id()>{hint}</div> }.into_any())
    }

    /// The inline error: nothing until there is one.
    pub fn error(&self) -> AnyView {
        let (id, error) = ([&self.id, "-error"].concat(), self.error);
        (move || {
            error
                .get()
                .map(|words| view! { <ErrorMessage id=id.clone() words/> })
        })
        .into_any()
    }
}

/// The words of one error beside its control.
#[component]
pub fn ErrorMessage(
    #[prop(optional, into)] id: Option<String>,
    #[prop(into)] words: String,
) -> impl IntoView {
    view! { <span class="nhsuk-error-message" id=id><span class="nhsuk-u-visually-hidden">"Error: "</span>{words}</span> }
}

/// How a label or a legend looks.
#[derive(Clone, Copy, Default)]
pub(crate) struct Heading {
    /// "", "s", "m", "l" or "xl".
    pub size: &'static str,
    /// The question is the only one of the page, and its heading.
    pub is_heading: bool,
}

impl Heading {
    fn class(self, block: &str) -> String {
        if self.size.is_empty() {
            block.to_owned()
        } else {
            [block, " ", block, "--", self.size].concat()
        }
    }

    fn caption(self, caption: Option<String>) -> Option<AnyView> {
        let class = if self.size.is_empty() {
            "nhsuk-caption".to_owned()
        } else {
            ["nhsuk-caption-", self.size].concat()
        };
        caption.map(|caption| view! { <span class=class>{caption}</span> "\n" }.into_any())
    }
}

/// A label; inside the `h1` when it is the heading of the page.
pub(crate) fn label(
    id: &str,
    text: Text,
    heading: Heading,
    caption: Option<String>,
    hidden: bool,
) -> AnyView {
    let mut class = heading.class("nhsuk-label");
    if hidden {
        class.push_str(" nhsuk-u-visually-hidden");
    }
    let caption = heading.caption(caption);
    let label =
        view! { <label class=class for=id.to_owned()>{caption}{text.into_option()}</label> };
    if heading.is_heading {
        view! { <h1 class="nhsuk-label-wrapper">{label}</h1> }.into_any()
    } else {
        label.into_any()
    }
}

/// A legend; holds the `h1` when it is the heading of the page.
pub(crate) fn legend(text: Text, heading: Heading, caption: Option<String>) -> AnyView {
    let class = heading.class("nhsuk-fieldset__legend");
    let caption = heading.caption(caption);
    if heading.is_heading {
        view! {
            <legend class=class>
                <h1 class="nhsuk-fieldset__heading">{caption}{text.into_option()}</h1>
            </legend>
        }
        .into_any()
    } else {
        view! { <legend class=class>{caption}{text.into_option()}</legend> }.into_any()
    }
}

/// Questions that belong together.
#[component]
pub fn Fieldset(
    #[prop(into)] legend: Text,
    #[prop(optional)] legend_size: &'static str,
    #[prop(optional)] legend_is_heading: bool,
    #[prop(optional, into)] caption: Option<String>,
    children: Children,
) -> impl IntoView {
    let heading = Heading {
        size: legend_size,
        is_heading: legend_is_heading,
    };
    view! { <fieldset class="nhsuk-fieldset">{self::legend(legend, heading, caption)} {children()}</fieldset> }
}

/// Two class lists as one.
pub(crate) fn join(first: &str, second: &str) -> String {
    if second.is_empty() {
        first.to_owned()
    } else {
        [first, " ", second].concat()
    }
}

/// Text for the two places whose text Leptos writes into the server's HTML as it is: the children of
/// `<textarea>` and the title of the document. In the browser text is text.
pub(crate) fn escaped_on_server(text: String) -> String {
    if cfg!(feature = "ssr") {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    } else {
        text
    }
}

/// For `hidden=`: hidden on the server and in the first render, shown once the page is alive. For controls
/// that do nothing without wasm; nothing may move when it changes.
pub(crate) fn until_hydrated() -> Signal<bool> {
    let alive = use_hydrated();
    Signal::derive(move || !alive.get())
}

/// `base` for a control that works only once the page is alive and would push others aside if it came later: it
/// has its room from the start, and none at all where there is no script.
pub(crate) fn waiting(base: &'static str) -> Signal<String> {
    let alive = use_hydrated();
    Signal::derive(move || join(base, if alive.get() { "" } else { "app-waits" }))
}

#[cfg(test)]
mod tests {
    use super::kebab;

    #[test]
    fn ids_are_names_in_kebab_case() {
        assert_eq!(kebab("first_name"), "first-name");
        assert_eq!(kebab("email"), "email");
        assert_eq!(kebab("areas[]"), "areas");
        assert_eq!(kebab("answers[fix_3]"), "fix-3");
    }
}
