//! Adding, changing and removing a role (E4).

use domain::{
    Violations,
    membership::{AssignmentPage, DatesForm},
};
use leptos::prelude::*;

use super::{hidden, hidden_with_version, param, person, refused, where_and_when};
use crate::components::{
    AreaPicker, Button, ButtonGroup, Details, InsetText, Page, Period, RolePicker, SummaryList,
    SummaryRow, WarningCallout, dates_typed,
    form::{Fields, Form, Post},
    lines,
    loaded::Loaded,
};
use crate::reading::{Reading, reading};
use crate::server_fns::memberships::{ReadAssignment, RemoveRole, SaveRole};

/// `/o/{org}/users/{user}/roles/add`
#[component]
pub fn AddRolePage() -> impl IntoView {
    let resource = assignment();
    view! { <Loaded resource view=|page| unless_refused(page, form)/> }
}

/// `/o/{org}/users/{user}/roles/{assignment}/change`
#[component]
pub fn ChangeRolePage() -> impl IntoView {
    let resource = assignment();
    view! { <Loaded resource view=|page| unless_refused(page, form)/> }
}

/// `/o/{org}/users/{user}/roles/{assignment}/remove`
#[component]
pub fn RemoveRolePage() -> impl IntoView {
    let resource = assignment();
    view! { <Loaded resource view=|page| unless_refused(page, remove)/> }
}

fn assignment() -> Reading<AssignmentPage> {
    let (org, user, assignment) = (param("org"), param("user"), param("assignment"));
    reading(move || ReadAssignment {
        org: org.clone(),
        user: user.clone(),
        assignment: assignment.clone(),
    })
}

fn unless_refused(page: AssignmentPage, show: fn(AssignmentPage) -> AnyView) -> AnyView {
    if page.subject.obstacle.is_empty() {
        show(page)
    } else {
        refused(&page.subject)
    }
}

fn form(page: AssignmentPage) -> AnyView {
    let action = Post::<SaveRole>::new();
    let subject = &page.subject;
    let name = subject.name.clone();
    let (title, button, assignment) = match &page.current {
        None => (
            ["Add a role for ", &name].concat(),
            "Add role",
            String::new(),
        ),
        Some(role) => (
            ["Change what ", &name, " can do"].concat(),
            "Save changes",
            role.assignment.to_string(),
        ),
    };
    let back = person(subject);
    let cancel = back.clone();
    let fields = hidden_with_version(subject);
    let when = if page.from_next_sign_in {
        "What you take away ends at once. What you give counts from the next time that they sign in. We will email them."
    } else {
        "This applies at once, also where they are signed in. We will email them."
    };
    let dates = dates(page.dates.clone());
    let choice = role_and_areas(page);
    view! {
        <Page title back>
            <Form
                action
                validate=|post: &Fields| {
                    if post.text("role").is_empty() {
                        return Err(Violations::one("role", "role.empty"));
                    }
                    Ok(())
                }
            >
                {fields} <input type="hidden" name="assignment" value=assignment/> {choice} {dates}
                <p>{when}</p>
                <ButtonGroup>
                    <Button>{button}</Button>
                    <a href=cancel>"Cancel"</a>
                </ButtonGroup>
            </Form>
        </Page>
    }
    .into_any()
}

/// The choice of a role and, where one can be limited, of areas.
pub(super) fn role_and_areas(page: AssignmentPage) -> AnyView {
    let users = ["/o/", &page.subject.slug, "/users"].concat();
    let limitable = page.roles.iter().any(|role| role.scope_allowed) && !page.tree.is_empty();
    let all_limitable = page.roles.iter().all(|role| role.scope_allowed);
    let current = page.current.as_ref().map(|role| role.role);
    let areas = limitable.then(|| {
        let everywhere = if page.whole_offered {
            page.subject.organisation.clone()
        } else {
            String::new()
        };
        let mut hint = [
            "Select all that apply. What you select includes everything inside it.",
            if all_limitable {
                ""
            } else {
                " Leave this empty for a role that is for the whole organisation."
            },
        ]
        .concat();
        if !page.whole_offered {
            hint.push_str(" You can choose what you manage.");
        }
        let all_offered = page.offered.len() == page.tree.len();
        view! {
            <AreaPicker
                name="areas[]"
                legend="Where do they need access?"
                legend_size="m"
                legend_is_heading=false
                hint
                tree=page.tree
                all_of=everywhere
                manageable=(!all_offered).then_some(page.offered)
                checked=page.current_areas
            />
        }
        .into_any()
    });
    view! {
        <RolePicker
            legend="What role will they have?"
            legend_size="m"
            legend_is_heading=false
            roles=page.roles
            checked=current
            users
        />
        {areas}
    }
    .into_any()
}

/// When the role starts and ends; folded away while it does neither.
fn dates(dates: DatesForm) -> AnyView {
    let open = dates_typed() || dates != DatesForm::default();
    view! {
        <Details summary="Set a start or an end date" open>
            <Period dates/>
        </Details>
    }
    .into_any()
}

fn remove(page: AssignmentPage) -> AnyView {
    let action = Post::<RemoveRole>::new();
    let subject = &page.subject;
    let Some(role) = page.current.clone() else {
        return ().into_any();
    };
    let title = ["Remove ", &role.name, " from ", &subject.name].concat();
    let back = person(subject);
    let cancel = back.clone();
    let summary = page.roles.iter().find(|known| known.id == role.role);
    let lost: Vec<AnyView> = summary
        .map(|summary| summary.can.clone())
        .unwrap_or_default()
        .into_iter()
        .map(|task| view! { <li>{task}</li> }.into_any())
        .collect();
    let lost = (!lost.is_empty()).then(|| {
        view! {
            <h2 class="nhsuk-heading-m">"What they lose"</h2>
            <p>"With this role they can:"</p>
            <ul class="nhsuk-list nhsuk-list--bullet">{lost}</ul>
        }
    });
    let rows = vec![SummaryRow::new(
        role.name.clone(),
        lines(where_and_when(&role)),
    )];
    let fields = hidden(subject);
    let last = page.last_role.then(|| {
        view! {
            <WarningCallout heading="This is their last role">
                <p class="nhsuk-card__description">
                    "They will have no roles and cannot use any service here. Their account stays active."
                </p>
            </WarningCallout>
        }
    });
    view! {
        <Page title back>
            <SummaryList rows/>
            {lost} {last}
            <InsetText><p>"This applies at once, also where they are signed in. We will email them."</p></InsetText>
            <Form action>
                {fields} <input type="hidden" name="assignment" value=role.assignment.to_string()/>
                <ButtonGroup>
                    <Button variant="warning">"Remove role"</Button>
                    <a href=cancel>"Keep the role"</a>
                </ButtonGroup>
            </Form>
        </Page>
    }
    .into_any()
}
