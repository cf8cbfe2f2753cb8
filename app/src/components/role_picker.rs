//! The choice of a role, with what each lets a person do always in view (ux D3 step 3, R13, J25 to J28).

use super::field::{Field, Heading, Text, legend as legend_view};
use super::permissions::PermissionsList;
use crate::messages::plural;
use domain::RoleId;
use domain::role::RoleSummary;
use domain::wording::number;
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
    /// How many people will get the role.
    #[prop(default = 1)]
    people: u32,
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
        items.push(choice(&field.name, id, role, &chosen, people));
    }
    let heading = Heading {
        size: legend_size,
        is_heading: legend_is_heading,
    };
    view! {
        <div class=field.group_class("")>
            <fieldset class="nhsuk-fieldset" aria-describedby=described_by>
                {legend_view(legend, heading, caption)} {field.hint(hint)} {field.error()}
                <div class="nhsuk-radios app-role-picker" data-module="nhsuk-radios">
                    {items}
                </div>
            </fieldset>
        </div>
    }
}

fn choice(name: &str, id: String, role: RoleSummary, chosen: &str, people: u32) -> AnyView {
    let value = role.id.to_string();
    let seats = seats(&role, people);
    let (hint_id, seats_id) = ([&id, "-item-hint"].concat(), [&id, "-seats"].concat());
    let described_by = if seats.is_some() {
        [&hint_id, " ", &seats_id].concat()
    } else {
        hint_id.clone()
    };
    let seats =
        seats.map(|words| view! { <p class="app-role-picker__seats" id=seats_id>{words}</p> });
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
                "No places left. "
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

/// "4 of 7 places left", and what that means for a list that needs more.
fn seats(role: &RoleSummary, people: u32) -> Option<String> {
    let (left, limit) = (role.places_left()?, role.seat_limit?);
    let mut words = [
        &number(left.into()),
        " of ",
        &plural(limit.into(), "place", "places"),
        " left",
    ]
    .concat();
    if people > left {
        words.push_str(". You are inviting ");
        words.push_str(&plural(people.into(), "person", "people"));
        words.push_str(", so ");
        words.push_str(&number((people - left).into()));
        words.push_str(" of them will not be sent an invitation");
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// J25, J27: how many places are left, and what a list with more people means.
    #[test]
    fn a_limited_role_says_how_many_places_are_left() {
        let role = RoleSummary {
            id: "r-0198c0de000070008000000000000001".parse().unwrap(),
            key: "administrator".into(),
            name: "Administrator".into(),
            summary: String::new(),
            permissions: Vec::new(),
            seat_limit: Some(7),
            seats_used: 3,
            privileged: true,
            scope_allowed: false,
            can: Vec::new(),
            cannot: Vec::new(),
        };
        assert_eq!(seats(&role, 4).as_deref(), Some("4 of 7 places left"));
        assert_eq!(
            seats(&role, 12).as_deref(),
            Some(
                "4 of 7 places left. You are inviting 12 people, so 8 of them will not be sent an invitation"
            )
        );
        assert_eq!(
            seats(
                &RoleSummary {
                    seat_limit: None,
                    ..role
                },
                12
            ),
            None
        );
    }
}
