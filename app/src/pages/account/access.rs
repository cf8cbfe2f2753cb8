//! What the person has in each organisation, whom to ask, and leaving one (K, C16).

use domain::account::{LeaveForm, LeavePage as Question, OwnPlace};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::role_and_areas;
use crate::components::{
    Button, ButtonGroup, Choice, Page, Radios, SummaryList, SummaryRow,
    form::{Fields, Form, Post},
    lines,
    loaded::Loaded,
};
use crate::messages::conflict;
use crate::reading::reading;
use crate::server_fns::account_changes::{LeaveOrganisation, ReadLeave, ReadOwnPlaces};

/// `/account/access`
#[component]
pub fn OwnAccessPage() -> impl IntoView {
    let resource = reading(|| ReadOwnPlaces {});
    view! { <Loaded resource view=|places| view! { <Places places/> }.into_any()/> }
}

#[component]
fn Places(places: Vec<OwnPlace>) -> impl IntoView {
    let none = places
        .is_empty()
        .then(|| view! { <p>"You do not have access to any organisation."</p> });
    let places: Vec<AnyView> = places.into_iter().map(place).collect();
    view! {
        <Page title="Your access" back="/account">
            <p>"Administrators change your roles and areas. You cannot change your own."</p>
            {none} {places}
        </Page>
    }
}

fn place(place: OwnPlace) -> AnyView {
    let organisation = place.organisation;
    let or_none = |text: &'static str, all: Vec<String>| {
        if all.is_empty() {
            text.into()
        } else {
            lines(all)
        }
    };
    let roles = organisation.roles.iter().map(role_and_areas).collect();
    let rows = vec![
        SummaryRow::new("Your roles", or_none("No role yet", roles)),
        SummaryRow::new(
            "Who can change them",
            or_none("Nobody. Contact us", place.administrators),
        ),
    ];
    let open = ["/o/", &organisation.slug].concat();
    let leave = ["/account/access/", &organisation.slug, "/leave"].concat();
    let (open_words, leave_words) = (
        ["Open ", &organisation.name].concat(),
        ["Leave ", &organisation.name].concat(),
    );
    let name = [&organisation.name, " (", &organisation.code, ")"].concat();
    view! {
        <h2 class="nhsuk-heading-m">{name}</h2>
        <SummaryList rows/>
        <ul class="app-actions nhsuk-u-margin-bottom-6">
            <li><a href=open>{open_words}</a></li>
            <li><a href=leave>{leave_words}</a></li>
        </ul>
    }
    .into_any()
}

/// `/account/access/{organisation}/leave`
#[component]
pub fn LeavePage() -> impl IntoView {
    let org = use_params_map().with_untracked(|params| params.get("org").unwrap_or_default());
    let resource = reading(move || ReadLeave {
        organisation: org.clone(),
    });
    view! { <Loaded resource view=|question| view! { <Leave question/> }.into_any()/> }
}

#[component]
fn Leave(question: Question) -> impl IntoView {
    if !question.obstacle.is_empty() {
        let advice = conflict(&question.obstacle);
        return view! {
            <Page title=advice.heading back="/account/access">
                <p>{advice.text}</p>
            </Page>
        }
        .into_any();
    }
    let action = Post::<LeaveOrganisation>::new();
    let title = ["Are you sure you want to leave ", &question.name, "?"].concat();
    let choices = vec![Choice::new("yes", "Yes"), Choice::new("no", "No")];
    view! {
        <Page title back="/account/access">
            <p>
                "You lose your access there now. You keep your account, and your access to other organisations. Only an administrator can bring you back."
            </p>
            <Form
                action
                validate=|post: &Fields| {
                    LeaveForm { confirm: post.text("confirm") }.validate().map(drop)
                }
            >
                <input type="hidden" name="organisation" value=question.slug/>
                <Radios name="confirm" legend="Do you want to leave?" legend_size="m" choices/>
                <ButtonGroup>
                    <Button>"Save and continue"</Button>
                    <a href="/account/access">"Cancel"</a>
                </ButtonGroup>
            </Form>
        </Page>
    }
    .into_any()
}
