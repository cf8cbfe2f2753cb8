//! A date in three boxes: day, month and year (ux 6.4).

use super::field::{Field, Text, legend};
use domain::activity::TypedDate;
use leptos::prelude::*;

/// A date. Its boxes are posted as `{name}-day`, `{name}-month` and `{name}-year`; what is wrong with it is said
/// of the first.
#[component]
pub fn DateInput(
    #[prop(into)] name: String,
    #[prop(into)] legend: Text,
    #[prop(optional, into)] hint: Text,
    value: TypedDate,
) -> impl IntoView {
    let part = |part: &str| [&name, "-", part].concat();
    let field = Field::new(part("day"));
    let described_by = field.described_by(None, hint.is_some());
    let boxes: Vec<AnyView> = [
        ("day", "Day", "nhsuk-input--width-2", value.day),
        ("month", "Month", "nhsuk-input--width-2", value.month),
        ("year", "Year", "nhsuk-input--width-4", value.year),
    ]
    .into_iter()
    .map(|(key, label, width, value)| {
        let id = part(key);
        let class = ["nhsuk-input nhsuk-date-input__input ", width].concat();
        let class = field.class(class, "nhsuk-input--error");
        view! {
            <div class="nhsuk-date-input__item">
                <div class="nhsuk-form-group">
                    <label class="nhsuk-label nhsuk-date-input__label" for=id.clone()>{label}</label>
                    <input
                        class=class
                        id=id.clone()
                        name=id
                        type="text"
                        inputmode="numeric"
                        autocomplete="off"
                        value=(!value.is_empty()).then_some(value)
                    />
                </div>
            </div>
        }
        .into_any()
    })
    .collect();
    let legend = self::legend(legend, super::field::Heading::default(), None);
    view! {
        <div class=field.group_class("")>
            <fieldset class="nhsuk-fieldset" role="group" aria-describedby=described_by>
                {legend} {field.hint(hint)} {field.error()}
                <div class="nhsuk-date-input">{boxes}</div>
            </fieldset>
        </div>
    }
}
