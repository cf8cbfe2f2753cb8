//! What was done (J44, J50): "Account deactivated", "Account reactivated", and what happens next.

use domain::{ShownStatus, membership::DeactivatePage};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{deactivate::leaves, param, person};
use crate::components::{ButtonLink, Page, Panel, UndoButton, loaded::Loaded};
use crate::reading::reading;
use crate::server_fns::memberships::ReadDeactivation;

/// `/o/{org}/users/{user}/deactivated`
#[component]
pub fn DeactivatedPage() -> impl IntoView {
    let resource = what_was_done();
    view! { <Loaded resource view=|page| view! { <Done page wanted=ShownStatus::Inactive/> }.into_any()/> }
}

/// `/o/{org}/users/{user}/reactivated`
#[component]
pub fn ReactivatedPage() -> impl IntoView {
    let resource = what_was_done();
    view! { <Loaded resource view=|page| view! { <Done page wanted=ShownStatus::Active/> }.into_any()/> }
}

/// The person as the question before it shows them, with what somebody else has to take over.
fn what_was_done() -> crate::reading::Reading<DeactivatePage> {
    let (org, user) = (param("org"), param("user"));
    reading(move || ReadDeactivation {
        org: org.clone(),
        user: user.clone(),
    })
}

#[component]
fn Done(page: DeactivatePage, wanted: ShownStatus) -> impl IntoView {
    let change = use_query_map()
        .with_untracked(|query| query.get("change"))
        .unwrap_or_default();
    let subject = &page.subject;
    let users = ["/o/", &subject.slug, "/users"].concat();
    let person = person(subject);
    let view_user = ["View ", &subject.name].concat();
    if subject.status != wanted {
        // Opened again later, or undone since.
        let words = [
            &subject.name,
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
            [&subject.name, " can no longer use ", &subject.organisation].concat(),
            "They have lost access now, also where they were signed in. We will email them. You can reactivate them at any time.",
            ["reactivate ", &subject.name].concat(),
        )
    } else {
        (
            "Account reactivated",
            [&subject.name, " can use ", &subject.organisation, " again"].concat(),
            "We will email them how to sign in. They keep their password.",
            ["deactivate ", &subject.name].concat(),
        )
    };
    let undo = (!change.is_empty()).then(|| view! { <UndoButton change about/> });
    let roles = deactivated.then(|| {
        let leaves = leaves(&page);
        view! { <p>"You’ll need to assign other people to what they were doing."</p> {leaves} }
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
