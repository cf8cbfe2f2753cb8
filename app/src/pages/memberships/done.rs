//! What was done (J44, J50): "Account deactivated", "Account reactivated", and what happens next.

use domain::{ShownStatus, user::UserPage};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::param;
use crate::components::{ButtonLink, Page, Panel, UndoButton, loaded::Loaded};
use crate::reading::reading;
use crate::server_fns::user::ReadUser;

/// `/o/{org}/users/{user}/deactivated`
#[component]
pub fn DeactivatedPage() -> impl IntoView {
    let resource = user();
    view! { <Loaded resource view=|user| view! { <Done user wanted=ShownStatus::Inactive/> }.into_any()/> }
}

/// `/o/{org}/users/{user}/reactivated`
#[component]
pub fn ReactivatedPage() -> impl IntoView {
    let resource = user();
    view! { <Loaded resource view=|user| view! { <Done user wanted=ShownStatus::Active/> }.into_any()/> }
}

fn user() -> crate::reading::Reading<UserPage> {
    let (org, user) = (param("org"), param("user"));
    reading(move || ReadUser {
        organisation: org.clone(),
        user: user.clone(),
    })
}

#[component]
fn Done(user: UserPage, wanted: ShownStatus) -> impl IntoView {
    let change = use_query_map()
        .with_untracked(|query| query.get("change"))
        .unwrap_or_default();
    let users = ["/o/", &user.slug, "/users"].concat();
    let id = user.id.to_string();
    let person = ["/o/", &user.slug, "/users/", &id].concat();
    let view_user = ["View ", &user.name].concat();
    if user.status != wanted {
        // Opened again later, or undone since.
        let words = [
            &user.name,
            "’s account has changed since. Open their page to see what it says now.",
        ]
        .concat();
        return view! {
            <Page title="This has changed">
                <p>{words}</p>
                <p><a href=person>{view_user}</a></p>
            </Page>
        }
        .into_any();
    }
    let deactivated = wanted == ShownStatus::Inactive;
    let (title, done, next, about) = if deactivated {
        (
            "Account deactivated",
            [&user.name, " can no longer use ", &user.organisation].concat(),
            "They have lost access now, also where they were signed in. We will email them. You can reactivate them at any time.",
            ["reactivate ", &user.name].concat(),
        )
    } else {
        (
            "Account reactivated",
            [&user.name, " can use ", &user.organisation, " again"].concat(),
            "We will email them how to sign in. They keep their password.",
            ["deactivate ", &user.name].concat(),
        )
    };
    let undo = (!change.is_empty()).then(|| view! { <UndoButton change about/> });
    let roles = deactivated.then(|| {
        view! { <p>"You’ll need to assign other people to what they were doing."</p> }
    });
    view! {
        <Page title heading=false>
            <Panel heading=title>{done}</Panel>
            <h2 class="nhsuk-heading-m">"What happens next"</h2>
            <p>{next}</p>
            {roles} {undo}
            <ButtonLink href=users>"Back to manage your users"</ButtonLink>
            <p><a href=person>{view_user}</a></p>
        </Page>
    }
    .into_any()
}
