//! The choice of a role, with what each lets a person do always in view (ux D3 step 3, R13, J25 to J28).

use super::field::{Field, Heading, Text, legend as legend_view};
use super::permissions::PermissionsList;
use domain::RoleId;
use domain::role::{HeldPlaces, RoleSummary};
use leptos::prelude::*;

/// Radios, one for each role that has a place left; privileged roles come after the others. A full role is text,
/// with who has it. Nothing is selected in a question.
#[component]
pub fn RolePicker(
    #[prop(default = "role".into(), into)] name: String,
    #[prop(into)] legend: Text,
    #[prop(optional, into)] hint: Text,
    roles: Vec<RoleSummary>,
    /// The current role, when this is a change.
    #[prop(optional_no_strip)]
    checked: Option<RoleId>,
    /// The list of users, to which `?role=` is added for those who have a full role.
    #[prop(into)]
    users: String,
    #[prop(default = "l")] legend_size: &'static str,
    #[prop(default = true)] legend_is_heading: bool,
    #[prop(optional, into)] caption: Option<String>,
) -> impl IntoView {
    let field = Field::new(name);
    let chosen = field.value(checked.map(|role| role.to_string()));
    let described_by = field.described_by(None, hint.is_some());
    let (privileged, ordinary): (Vec<_>, Vec<_>) =
        roles.into_iter().partition(|role| role.privileged);
    let divided = !privileged.is_empty() && !ordinary.is_empty();
    let mut number = 0;
    let mut items: Vec<AnyView> = Vec::new();
    for (index, role) in ordinary.into_iter().map(|role| (0, role)).chain(
        privileged
            .into_iter()
            .enumerate()
            .map(|(i, role)| (i + 1, role)),
    ) {
        if divided && index == 1 {
            items.push(view! { <div class="nhsuk-radios__divider">"or"</div> }.into_any());
        }
        if role.is_full() {
            items.push(full(role, &users));
            continue;
        }
        number += 1;
        let id = if number == 1 {
            field.id.clone()
        } else {
            [&field.id, "-", &number.to_string()].concat()
        };
        items.push(choice(&field.name, id, role, &chosen));
    }
    // Without a choice the way from the error summary still leads here.
    let id = (number == 0).then(|| field.id.clone());
    let heading = Heading {
        size: legend_size,
        is_heading: legend_is_heading,
    };
    view! {
        <div class=field.group_class("")>
            <fieldset class="nhsuk-fieldset" aria-describedby=described_by>
                {legend_view(legend, heading, caption)} {field.hint(hint)} {field.error()}
                <div class="nhsuk-radios app-role-picker" id=id data-module="nhsuk-radios">
                    {items}
                </div>
            </fieldset>
        </div>
    }
}

fn choice(name: &str, id: String, role: RoleSummary, chosen: &str) -> AnyView {
    let value = role.id.to_string();
    let (hint_id, seats_id) = ([&id, "-item-hint"].concat(), [&id, "-seats"].concat());
    let described_by = if role.places.is_empty() {
        hint_id.clone()
    } else {
        [&hint_id, " ", &seats_id].concat()
    };
    let seats = (!role.places.is_empty()).then(|| {
        let words = role.places.clone();
        view! { <p class="app-role-picker__seats" id=seats_id>{words}</p> }
    });
    view! {
        <div class="app-role-picker__item">
            <div class="nhsuk-radios__item">
                <input
                    class="nhsuk-radios__input"
                    id=id.clone()
                    name=name.to_owned()
                    type="radio"
                    checked=value == chosen
                    value=value
                    aria-describedby=described_by
                />
                <label class="nhsuk-label nhsuk-radios__label" for=id>{role.name.clone()}</label>
                <div class="nhsuk-hint nhsuk-radios__hint" id=hint_id>{role.summary.clone()}</div>
            </div>
            <div class="app-role-picker__about">{seats} {permissions(role)}</div>
        </div>
    }
    .into_any()
}

fn full(role: RoleSummary, users: &str) -> AnyView {
    let href = [
        users,
        &domain::listing::encode_query(&[("role", role.key.clone())]),
    ]
    .concat();
    view! {
        <div class="app-role-picker__item app-role-picker__item--full">
            <p class="nhsuk-u-margin-bottom-2"><strong>{role.name.clone()}</strong></p>
            <p class="app-role-picker__seats">
                {role.places.clone()} ". "
                <a href=href>"See who has this role"<span class="nhsuk-u-visually-hidden">{[": ", &role.name].concat()}</span></a>
            </p>
            <div class="app-role-picker__about">{permissions(role)}</div>
        </div>
    }
    .into_any()
}

fn permissions(role: RoleSummary) -> AnyView {
    let label = ["What ", &role.name, " can do"].concat();
    view! { <PermissionsList can=role.can cannot=role.cannot label/> }.into_any()
}

/// Who holds the places of a role, and the way to them.
pub fn held_places(held: String, words: String, href: String) -> AnyView {
    view! { {held} " " <a href=href>{words}</a> }.into_any()
}

/// The same of several roles, one paragraph each.
pub fn who_holds(places: Vec<HeldPlaces>) -> Vec<AnyView> {
    let paragraph = |HeldPlaces { words, way }| {
        let place = held_places(words, way.words, way.href);
        view! { <p>{place}</p> }.into_any()
    };
    places.into_iter().map(paragraph).collect()
}
