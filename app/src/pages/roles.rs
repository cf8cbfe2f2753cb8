//! What each role can do (G, J04): every task by every role, for everybody in the organisation.

use domain::{
    role::{RoleMatrix, RoleSummary, RolesView},
    task::{ServiceTasks, TaskRow},
};
use leptos::prelude::*;

use super::home::organisation;
use crate::components::{
    Card, Page, PermissionsList, PrintedBy, icon::Icon, layout::use_frame, loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::roles::ReadRoles;
use domain::wording::number;

/// Roles and permissions. Nothing can be changed here.
#[component]
pub fn RolesPage() -> impl IntoView {
    let resource = {
        let organisation = organisation();
        reading(move || ReadRoles {
            organisation: organisation(),
        })
    };
    view! { <Loaded resource view=|roles| view! { <Roles roles/> }.into_any()/> }
}

#[component]
fn Roles(roles: RolesView) -> impl IntoView {
    let RolesView {
        matrix, slug, at, ..
    } = roles;
    let frame = use_frame();
    let (name, place) = frame.with_untracked(|frame| {
        let name = frame.viewer.as_ref().map(|viewer| viewer.name.clone());
        let place = frame.organisation.as_ref().map(|place| place.name.clone());
        (name.unwrap_or_default(), place.unwrap_or_default())
    });
    let cards: Vec<AnyView> = matrix
        .roles
        .iter()
        .map(|role| view! { <RoleCard role=role.clone() href=page_of(&slug, role)/> }.into_any())
        .collect();
    if matrix.roles.is_empty() {
        return view! {
            <Page title="Roles and permissions" wide=true>
                <p>"There are no roles yet."</p>
            </Page>
        }
        .into_any();
    }
    view! {
        <Page title="Roles and permissions" wide=true>
            <p class="app-no-print">"A person's role decides what they can do here."</p>
            <div class="app-matrix nhsuk-scroll">
                <div class="nhsuk-scroll__content" role="region" aria-label="What each role can do" tabindex="0">
                    {table(&matrix, &slug)}
                </div>
            </div>
            <div class="app-matrix-cards">{cards}</div>
            <PrintedBy name organisation=place at/>
        </Page>
    }
    .into_any()
}

/// The page of a role.
fn page_of(slug: &str, role: &RoleSummary) -> String {
    ["/o/", slug, "/roles/", &role.id.to_string()].concat()
}

/// "5 of 7 used"; nothing for a role without a limit (J27).
fn places(role: &RoleSummary) -> Option<String> {
    role.seat_limit.map(|limit| {
        let used = number(role.seats_used.into());
        [&used, " of ", &number(limit.into()), " used"].concat()
    })
}

fn table(matrix: &RoleMatrix, slug: &str) -> AnyView {
    let heads: Vec<AnyView> = matrix
        .roles
        .iter()
        .map(|role| {
            let places = places(role)
                .map(|places| view! { <span class="app-matrix__places">{places}</span> });
            let href = page_of(slug, role);
            view! {
                <th class="nhsuk-table__header app-matrix__role" scope="col">
                    <a class="nhsuk-link" href=href>{role.name.clone()}</a> {places}
                </th>
            }
            .into_any()
        })
        .collect();
    let services: Vec<AnyView> = matrix
        .services
        .iter()
        .map(|service| group(service, &matrix.roles))
        .collect();
    view! {
        <table class="nhsuk-table app-matrix__table">
            <caption class="nhsuk-table__caption nhsuk-u-visually-hidden">"What each role can do"</caption>
            <thead class="nhsuk-table__head">
                <tr class="nhsuk-table__row">
                    <th class="nhsuk-table__header app-matrix__task" scope="col">"Task"</th>
                    {heads}
                </tr>
            </thead>
            {services}
        </table>
    }
    .into_any()
}

/// The tasks of a service, under its name.
fn group(service: &ServiceTasks, roles: &[RoleSummary]) -> AnyView {
    let rows: Vec<AnyView> = service
        .tasks
        .iter()
        .map(|task| {
            let cells: Vec<AnyView> = roles.iter().map(|role| cell(task, role)).collect();
            view! {
                <tr class="nhsuk-table__row">
                    <th class="nhsuk-table__header app-matrix__task" scope="row">
                        {domain::unicode::capitalised(&task.sentence)}
                    </th>
                    {cells}
                </tr>
            }
            .into_any()
        })
        .collect();
    view! {
        <tbody class="nhsuk-table__body">
            <tr class="nhsuk-table__row">
                <th class="nhsuk-table__header app-matrix__service" scope="rowgroup" colspan=roles.len() + 1>
                    <span>{service.name.clone()}</span>
                </th>
            </tr>
            {rows}
        </tbody>
    }
    .into_any()
}

fn cell(task: &TaskRow, role: &RoleSummary) -> AnyView {
    let (class, icon, word) = if task.roles.contains(&role.id) {
        (
            "app-matrix__answer app-matrix__answer--yes",
            Icon::Tick,
            "Yes",
        )
    } else {
        (
            "app-matrix__answer app-matrix__answer--no",
            Icon::Cross,
            "No",
        )
    };
    view! {
        <td class="nhsuk-table__cell"><span class=class>{icon.view()} {word}</span></td>
    }
    .into_any()
}

/// A role by itself, where there is no room for columns.
#[component]
fn RoleCard(role: RoleSummary, href: String) -> impl IntoView {
    let places = places(&role).map(|places| view! { <p>{places}</p> });
    let label = ["What ", &role.name, " can do"].concat();
    let about = [" ", &role.name].concat();
    view! {
        <Card heading=role.name.clone() heading_size="m">
            <p>{role.summary.clone()}</p>
            {places}
            <PermissionsList can=role.can cannot=role.cannot label/>
            <p>
                <a class="nhsuk-link" href=href>
                    "More about this role"<span class="nhsuk-u-visually-hidden">{about}</span>
                </a>
            </p>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(seat_limit: Option<u32>) -> RoleSummary {
        RoleSummary {
            id: "r-00000000000000000000000000000001".parse().unwrap(),
            key: "super-user".to_owned(),
            name: "Super user".to_owned(),
            summary: String::new(),
            permissions: Vec::new(),
            seat_limit,
            seats_used: 5,
            places: String::new(),
            privileged: true,
            scope_allowed: false,
            can: Vec::new(),
            cannot: Vec::new(),
        }
    }

    /// J25, J27: "5 of 7 used" under a role that has a limit.
    #[test]
    fn places_are_told_of_limited_roles_only() {
        assert_eq!(places(&role(Some(7))).as_deref(), Some("5 of 7 used"));
        assert_eq!(places(&role(None)), None);
        assert_eq!(
            page_of("rx1", &role(None)),
            "/o/rx1/roles/r-00000000000000000000000000000001"
        );
    }

    #[test]
    fn tasks_begin_with_a_capital_in_the_table() {
        assert_eq!(domain::unicode::capitalised("view records"), "View records");
        assert_eq!(domain::unicode::capitalised(""), "");
    }
}
