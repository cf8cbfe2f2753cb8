//! Radios and checkboxes, with hints, dividers and one conditional field per choice.
//!
//! What belongs to a choice is revealed by the style sheet alone (`:has(:checked)`), so it works before and
//! without wasm, and nothing moves when wasm arrives. The server ignores the fields of a choice that was not
//! made. Nothing is pre-selected in a question; `checked` is for changing an answer.

use super::field::{Field, Heading, Text, join, kebab, legend as legend_view};
use leptos::{ev, html, prelude::*, wasm_bindgen::JsCast, web_sys};

/// One choice of a group, or the word between two of them.
pub struct Choice {
    value: String,
    label: Text,
    hint: Text,
    conditional: Text,
    divider: bool,
    exclusive: bool,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<Text>) -> Self {
        let (hint, conditional) = (Text::default(), Text::default());
        Self {
            value: value.into(),
            label: label.into(),
            hint,
            conditional,
            divider: false,
            exclusive: false,
        }
    }

    /// "or"
    pub fn divider(word: &'static str) -> Self {
        Self {
            divider: true,
            ..Self::new("", word)
        }
    }

    pub fn hint(mut self, hint: impl Into<Text>) -> Self {
        self.hint = hint.into();
        self
    }

    /// One simple field that belongs to this choice.
    pub fn reveals(mut self, field: AnyView) -> Self {
        self.conditional = field.into();
        self
    }

    /// Choosing it clears the others, once the page is alive (checkboxes only).
    pub fn exclusive(mut self) -> Self {
        self.exclusive = true;
        self
    }
}

/// What differs between the two kinds.
#[derive(Clone, Copy)]
enum Kind {
    Radios,
    Checkboxes,
}

impl Kind {
    const fn block(self) -> &'static str {
        match self {
            Self::Radios => "nhsuk-radios",
            Self::Checkboxes => "nhsuk-checkboxes",
        }
    }

    const fn input_type(self) -> &'static str {
        match self {
            Self::Radios => "radio",
            Self::Checkboxes => "checkbox",
        }
    }
}

fn items(
    kind: Kind,
    id: &str,
    name: &str,
    choices: Vec<Choice>,
    checked: &[String],
) -> Vec<AnyView> {
    let block = kind.block();
    let class = |suffix: &str| [block, suffix].concat();
    choices
        .into_iter()
        .enumerate()
        .map(|(index, choice)| {
            if choice.divider {
                return view! { <div class=class("__divider")>{choice.label.into_option()}</div> }.into_any();
            }
            let id = if index == 0 { id.to_owned() } else { [id, "-", &(index + 1).to_string()].concat() };
            let hint_id = choice.hint.is_some().then(|| [&id, "-item-hint"].concat());
            let conditional_id = choice.conditional.is_some().then(|| ["conditional-", &id].concat());
            let hint = choice.hint.into_option().map(|hint| {
                view! { <div class=join("nhsuk-hint", &class("__hint")) id=hint_id.clone()>{hint}</div> }
            });
            let conditional = choice.conditional.into_option().map(|field| {
                view! { <div class=class("__conditional") id=conditional_id.clone()>{field}</div> }
            });
            view! {
                <div class=class("__item")>
                    <input
                        class=class("__input")
                        id=id.clone()
                        name=name.to_owned()
                        type=kind.input_type()
                        checked=checked.contains(&choice.value)
                        value=choice.value
                        aria-describedby=hint_id.clone()
                        data-aria-controls=conditional_id.clone()
                        data-behaviour=choice.exclusive.then_some("exclusive")
                    />
                    <label class=join("nhsuk-label", &class("__label")) for=id>{choice.label.into_option()}</label>
                    {hint}
                </div>
                {conditional}
            }
            .into_any()
        })
        .collect()
}

/// What both groups are made of.
struct Group {
    kind: Kind,
    name: String,
    legend: Text,
    hint: Text,
    heading: Heading,
    caption: Option<String>,
    modifier: &'static str,
    choices: Vec<Choice>,
    checked: Vec<String>,
}

fn group(group: Group) -> AnyView {
    let field = Field::new(group.name);
    let checked = field.values(group.checked);
    let block = group.kind.block();
    let modifier = if group.modifier.is_empty() {
        String::new()
    } else {
        [block, "--", group.modifier].concat()
    };
    let described_by = field.described_by(None, group.hint.is_some());
    let has_exclusive = group.choices.iter().any(|choice| choice.exclusive);
    let items = items(group.kind, &field.id, &field.name, group.choices, &checked);
    let list = html::div()
        .class(join(block, &modifier))
        .attr("data-module", block)
        .child(items);
    let list = if has_exclusive {
        list.on(ev::change, move |event| keep_exclusive(&event))
            .into_any()
    } else {
        list.into_any()
    };
    let inside = view! { {field.hint(group.hint)} {field.error()} {list} };
    let group_class = field.group_class("");
    match group.legend.into_option() {
        Some(legend) => view! {
            <div class=group_class>
                <fieldset class="nhsuk-fieldset" aria-describedby=described_by>
                    {legend_view(legend.into(), group.heading, group.caption)} {inside}
                </fieldset>
            </div>
        }
        .into_any(),
        None => view! { <div class=group_class>{inside}</div> }.into_any(),
    }
}

/// The "none of these" choice and the others exclude each other.
fn keep_exclusive(event: &web_sys::Event) {
    let changed = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
    let list = event
        .current_target()
        .and_then(|list| list.dyn_into::<web_sys::Element>().ok());
    let (Some(changed), Some(list)) = (changed, list) else {
        return;
    };
    let is_exclusive = |input: &web_sys::HtmlInputElement| input.has_attribute("data-behaviour");
    if !changed.checked() {
        return;
    }
    let inputs = list.get_elements_by_class_name("nhsuk-checkboxes__input");
    for index in 0..inputs.length() {
        let input = inputs
            .item(index)
            .and_then(|input| input.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(input) = input
            && (is_exclusive(&changed) != is_exclusive(&input))
        {
            input.set_checked(false);
        }
    }
}

/// One answer out of several.
#[component]
pub fn Radios(
    #[prop(into)] name: String,
    #[prop(optional, into)] legend: Text,
    #[prop(optional, into)] hint: Text,
    choices: Vec<Choice>,
    /// The current answer, when this is a change.
    #[prop(optional, into)]
    checked: String,
    /// "", "small" or "inline".
    #[prop(optional)]
    modifier: &'static str,
    #[prop(optional)] legend_size: &'static str,
    #[prop(optional)] legend_is_heading: bool,
    #[prop(optional, into)] caption: Option<String>,
) -> impl IntoView {
    let heading = Heading {
        size: legend_size,
        is_heading: legend_is_heading,
    };
    let checked = if checked.is_empty() {
        Vec::new()
    } else {
        vec![checked]
    };
    group(Group {
        kind: Kind::Radios,
        name,
        legend,
        hint,
        heading,
        caption,
        modifier,
        choices,
        checked,
    })
}

/// Any number of answers.
#[component]
pub fn Checkboxes(
    #[prop(into)] name: String,
    #[prop(optional, into)] legend: Text,
    #[prop(optional, into)] hint: Text,
    choices: Vec<Choice>,
    #[prop(optional)] checked: Vec<String>,
    /// "", "small" or "inline".
    #[prop(optional)]
    modifier: &'static str,
    #[prop(optional)] legend_size: &'static str,
    #[prop(optional)] legend_is_heading: bool,
    #[prop(optional, into)] caption: Option<String>,
) -> impl IntoView {
    let heading = Heading {
        size: legend_size,
        is_heading: legend_is_heading,
    };
    group(Group {
        kind: Kind::Checkboxes,
        name,
        legend,
        hint,
        heading,
        caption,
        modifier,
        choices,
        checked,
    })
}

/// One small checkbox on its own: "Remember this device". Posts `value` when it is selected.
#[component]
pub fn Checkbox(
    #[prop(into)] name: String,
    #[prop(into)] label: Text,
    #[prop(optional, into)] hint: Text,
    #[prop(default = "yes".into(), into)] value: String,
    #[prop(optional)] checked: bool,
) -> impl IntoView {
    let checked = if checked {
        vec![value.clone()]
    } else {
        Vec::new()
    };
    view! { <Checkboxes name choices=vec![Choice::new(value, label).hint(hint)] checked modifier="small"/> }
}

/// A checkbox in a table row or a list, whose words are there for the ear only: "Select Jane Carlton".
#[component]
pub fn RowCheckbox(
    #[prop(into)] id: String,
    #[prop(into)] name: String,
    #[prop(into)] value: String,
    #[prop(into)] label: String,
    #[prop(optional)] checked: bool,
) -> impl IntoView {
    let id = kebab(&id);
    view! {
        <div class="nhsuk-checkboxes nhsuk-checkboxes--small">
            <div class="nhsuk-checkboxes__item">
                <input class="nhsuk-checkboxes__input" id=id.clone() name=name type="checkbox" value=value checked=checked/>
                <label class="nhsuk-label nhsuk-checkboxes__label" for=id>
                    <span class="nhsuk-u-visually-hidden">{label}</span>
                </label>
            </div>
        </div>
    }
}
