//! Adding, changing and removing a role (E4).

use domain::{
    Violations,
    membership::{AssignmentForm, AssignmentPage, DatesForm},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{hidden, hidden_with_version, param, person, refused, where_and_when};
use crate::components::{
    AreaPicker, Button, ButtonGroup, CharacterCount, DATE_FIELDS, Details, InsetText, Page, Period,
    RolePermissions, RolePicker, SummaryList, SummaryRow, WarningCallout, area_lines, dates_typed,
    form::{Fields, Form, Post, use_form},
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

/// `/o/{org}/users/{user}/roles/{assignment}/check`, where the assignment is `add` for a new one.
#[component]
pub fn CheckRolePage() -> impl IntoView {
    let resource = assignment();
    view! { <Loaded resource view=|page| unless_refused(page, check)/> }
}

fn assignment() -> Reading<AssignmentPage> {
    let (org, user) = (param("org"), param("user"));
    let assignment = match param("assignment") {
        new if new == "add" => String::new(),
        held => held,
    };
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
            "Continue",
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
    let theirs = page.current.as_ref().filter(|_| use_form().is_stale());
    let theirs = theirs.map(|role| {
        let place = where_and_when(role).join(", ");
        let now = [&name, " has now: ", &role.name, ", ", &place, "."].concat();
        view! { <InsetText><p>{now}</p></InsetText> }
    });
    let choice = role_and_areas(page);
    view! {
        <Page title back>
            {theirs}
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

/// A role once more before it is given, and why when others are managed with it (E4).
fn check(page: AssignmentPage) -> AnyView {
    let action = Post::<SaveRole>::new();
    let form = use_form();
    let subject = &page.subject;
    let assignment = page
        .current
        .as_ref()
        .map(|held| held.assignment.to_string())
        .unwrap_or_default();
    let place = match assignment.as_str() {
        "" => "/roles/add".to_owned(),
        held => ["/roles/", held, "/change"].concat(),
    };
    let draft = use_query_map()
        .with_untracked(|query| query.get("draft"))
        .map(|draft| ["?draft=", &draft].concat())
        .unwrap_or_default();
    let back = [person(subject), place, draft].concat();
    let typed = |name: &str| form.value(name).unwrap_or_default();
    let role = typed("role");
    let chosen = page.roles.iter().find(|one| one.id.to_string() == role);
    let Some(chosen) = chosen.cloned() else {
        // Nothing is kept of what was chosen.
        return view! {
            <Page title="Choose the role again" back=back.clone()>
                <p><a href=back>"Go back to the choice of roles"</a></p>
            </Page>
        }
        .into_any();
    };
    let areas = form.values("areas").unwrap_or_default();
    let named: Vec<_> = areas.iter().filter_map(|area| area.parse().ok()).collect();
    let labels = if chosen.scope_allowed {
        page.tree.labels(&named)
    } else {
        Vec::new()
    };
    let mut rows = vec![
        SummaryRow::new("Role", chosen.name.clone()),
        SummaryRow::new(
            domain::unicode::capitalised(&page.area_label),
            area_lines(&labels, &subject.organisation),
        ),
    ];
    let dates = DatesForm {
        start_day: typed("start_day"),
        start_month: typed("start_month"),
        start_year: typed("start_year"),
        end_day: typed("end_day"),
        end_month: typed("end_month"),
        end_year: typed("end_year"),
    };
    let when = dates.in_words(page.now);
    if !when.is_empty() {
        rows.push(SummaryRow::new("Dates", when));
    }
    let manages = chosen.privileged.then(|| {
        view! {
            <WarningCallout heading="This role manages other people">
                <p class="nhsuk-card__description">
                    "They will be able to give other people access and take it away. We keep who gave the role, and why."
                </p>
            </WarningCallout>
        }
    });
    let why = chosen.privileged.then(|| {
        view! {
            <CharacterCount
                name="reason"
                label="Why do they need this role?"
                label_size="m"
                hint="For example, they cover for someone who is on leave. Administrators can see this."
                limit=500
                rows=3
            />
        }
    });
    let title = ["Check and give ", &subject.name, " the role ", &chosen.name].concat();
    let can = ["What ", &chosen.name, " can do"].concat();
    let kept: Vec<AnyView> = DATE_FIELDS
        .iter()
        .map(|name| (*name, typed(name)))
        .chain([("role", role)])
        .chain(areas.into_iter().map(|area| ("areas[]", area)))
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> }.into_any())
        .collect();
    let cancel = person(subject);
    let fields = hidden_with_version(subject);
    view! {
        <Page title back>
            <div id="role"><SummaryList rows/></div>
            <h2 class="nhsuk-heading-m">{can}</h2>
            <RolePermissions role=chosen/>
            {manages}
            <Form
                action
                validate=|post: &Fields| {
                    if !post.has("reason") {
                        return Ok(());
                    }
                    let form = AssignmentForm { reason: post.text("reason"), ..AssignmentForm::default() };
                    form.validate_reason().map(drop)
                }
            >
                {fields}
                <input type="hidden" name="assignment" value=assignment/>
                <input type="hidden" name="checked" value="yes"/>
                {kept} {why}
                <ButtonGroup>
                    <Button>"Give this role"</Button>
                    <a href=cancel>"Cancel"</a>
                </ButtonGroup>
            </Form>
        </Page>
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
