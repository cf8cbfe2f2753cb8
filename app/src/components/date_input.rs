//! A date in three boxes: day, month and year (ux 6.4).

use super::field::{Field, Heading, Text, legend as legend_view};
use super::form::use_form;
use domain::activity::TypedDate;
use domain::membership::DatesForm;
use leptos::prelude::*;

/// A date. Its boxes are named `{name}{joint}day`, `month` and `year`; what is wrong with one of them is said of
/// the whole, and that box alone is marked.
#[component]
pub fn DateInput(
    #[prop(into)] name: String,
    /// What stands between the name and its parts: `-` in addresses, `_` in what is posted.
    #[prop(default = "-")]
    joint: &'static str,
    #[prop(into)] legend: Text,
    #[prop(optional, into)] hint: Text,
    #[prop(optional)] legend_size: &'static str,
    value: TypedDate,
) -> impl IntoView {
    let parts = [
        ("day", "Day", "nhsuk-input--width-2", value.day),
        ("month", "Month", "nhsuk-input--width-2", value.month),
        ("year", "Year", "nhsuk-input--width-4", value.year),
    ]
    .map(|(key, label, width, value)| {
        let field = Field::new([&name, joint, key].concat());
        (field, label, width, value)
    });
    let whole = Field::new(name);
    let errors = [&parts[0].0, &parts[1].0, &parts[2].0].map(|field| field.error);
    let wrong = Signal::derive(move || errors.iter().any(|error| error.with(Option::is_some)));
    let group_class = move || {
        if wrong.get() {
            "nhsuk-form-group nhsuk-form-group--error"
        } else {
            "nhsuk-form-group"
        }
    };
    let messages = parts.each_ref().map(|(field, ..)| field.error());
    let described_by = hint.is_some().then(|| whole.hint_id());
    let boxes = parts.map(|(field, label, width, value)| {
        let value = field.value(Some(value));
        let class = ["nhsuk-input nhsuk-date-input__input ", width].concat();
        let class = field.class(class, "nhsuk-input--error");
        let described_by = field.described_by(None, false);
        view! {
            <div class="nhsuk-date-input__item">
                <div class="nhsuk-form-group">
                    <label class="nhsuk-label nhsuk-date-input__label" for=field.id.clone()>{label}</label>
                    <input
                        class=class
                        id=field.id.clone()
                        name=field.name.clone()
                        type="text"
                        inputmode="numeric"
                        autocomplete="off"
                        value=(!value.is_empty()).then_some(value)
                        aria-describedby=described_by
                    />
                </div>
            </div>
        }
        .into_any()
    });
    let heading = Heading {
        size: legend_size,
        is_heading: false,
    };
    view! {
        <div class=group_class>
            <fieldset class="nhsuk-fieldset" role="group" aria-describedby=described_by>
                {legend_view(legend, heading, None)} {whole.hint(hint)} {messages.into_iter().collect::<Vec<_>>()}
                <div class="nhsuk-date-input" id=whole.id.clone()>{boxes.into_iter().collect::<Vec<_>>()}</div>
            </fieldset>
        </div>
    }
}

/// The boxes of a [`Period`], as they are posted.
pub const DATE_FIELDS: [&str; 6] = [
    "start_day",
    "start_month",
    "start_year",
    "end_day",
    "end_month",
    "end_year",
];

/// The first and the last day of a role, in boxes.
#[component]
pub fn Period(dates: DatesForm) -> impl IntoView {
    let typed = |day: String, month: String, year: String| TypedDate { day, month, year };
    let start = typed(dates.start_day, dates.start_month, dates.start_year);
    let end = typed(dates.end_day, dates.end_month, dates.end_year);
    view! {
        <DateInput
            name="start"
            joint="_"
            legend="When should it start?"
            hint="For example, 3 1 2027. Leave this empty to start now."
            value=start
        />
        <DateInput
            name="end"
            joint="_"
            legend="What is the last day?"
            hint="For example, 31 3 2027. Leave this empty if it does not end."
            value=end
        />
    }
}

/// Whether something was typed in a [`Period`] before: whatever is there, or wrong with it, must be seen.
pub fn dates_typed() -> bool {
    let form = use_form();
    DATE_FIELDS
        .iter()
        .any(|name| form.value(name).is_some_and(|value| !value.is_empty()))
}
