//! What a role lets a person do, and what not: always in view, in words, in the same order for every role
//! (ux 6.15, J28).

use super::icon::Icon;
use domain::role::RoleSummary;
use leptos::prelude::*;

/// The list alone; its heading is the page's, or a label for the ear where several lists share a heading.
#[component]
pub fn PermissionsList(
    can: Vec<String>,
    cannot: Vec<String>,
    #[prop(optional, into)] label: Option<String>,
) -> impl IntoView {
    let item = |can: bool, sentence: String| {
        let (class, icon, word) = if can {
            ("app-permissions__item--yes", Icon::Tick, "Can ")
        } else {
            ("app-permissions__item--no", Icon::Cross, "Cannot ")
        };
        view! {
            <li class=class>
                {icon.view()} <span class="nhsuk-u-visually-hidden">{word}</span> {sentence}
            </li>
        }
        .into_any()
    };
    let items: Vec<AnyView> = can
        .into_iter()
        .map(|sentence| item(true, sentence))
        .chain(cannot.into_iter().map(|sentence| item(false, sentence)))
        .collect();
    view! { <ul class="app-permissions" aria-label=label>{items}</ul> }
}

/// The list of a role.
#[component]
pub fn RolePermissions(role: RoleSummary) -> impl IntoView {
    view! { <PermissionsList can=role.can cannot=role.cannot/> }
}
