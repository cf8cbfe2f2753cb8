//! One role (G): what it lets a person do, who has it, where it holds, and who holds its places.

use domain::{
    Permission,
    listing::UsersQuery,
    role::{RoleHolder, RolePage as RoleView, RoleSummary},
    wording::number,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::components::{
    Column, Link, Moment, Page, PermissionsList, PrintedBy, StatusTag, Table, breakable,
    layout::use_frame, loaded::Loaded,
};
use crate::messages::{permission, plural};
use crate::reading::reading;
use crate::server_fns::roles::ReadRole;

/// A role. Nothing can be changed here.
#[component]
pub fn RolePage() -> impl IntoView {
    let params = use_params_map();
    let param = move |name: &str| params.with(|params| params.get(name).unwrap_or_default());
    let resource = reading(move || ReadRole {
        organisation: param("org"),
        role: param("role"),
    });
    view! { <Loaded resource view=|role| view! { <Role view=role/> }.into_any()/> }
}

#[component]
fn Role(view: RoleView) -> impl IntoView {
    let viewer = use_frame().with_untracked(|frame| {
        let viewer = frame.viewer.as_ref();
        viewer.map(|viewer| viewer.name.clone()).unwrap_or_default()
    });
    let base = ["/o/", &view.slug].concat();
    let rights = rights(&view.role);
    let holders = holders(&view, &base);
    let reach = reach(&view);
    let (
        RoleSummary {
            name,
            summary,
            can,
            cannot,
            ..
        },
        at,
    ) = (view.role, view.at);
    view! {
        <Page
            title=name
            caption=["Role in ", &view.service].concat()
            breadcrumb=vec![Link::new("Roles and permissions", [&base, "/roles"].concat())]
        >
            <p class="nhsuk-body-l">{summary}"."</p>
            <h2 class="nhsuk-heading-m">"What this role can do"</h2>
            <PermissionsList can cannot/>
            <h2 class="nhsuk-heading-m">"What this role can do in Lanyard"</h2>
            {rights}
            <h2 class="nhsuk-heading-m">"Who has this role"</h2>
            {holders}
            <h2 class="nhsuk-heading-m">"Where this role counts"</h2>
            {reach}
            <PrintedBy name=viewer organisation=view.organisation at/>
        </Page>
    }
}

/// Rights inside Lanyard, in the order of all rights.
fn rights(role: &RoleSummary) -> AnyView {
    if role.permissions.is_empty() {
        return view! {
            <p>"Nothing beyond their own account. This role does not manage users or settings."</p>
        }
        .into_any();
    }
    let (can, cannot): (Vec<Permission>, Vec<Permission>) = Permission::ALL
        .iter()
        .partition(|permission| role.permissions.contains(permission));
    let words = |permissions: Vec<Permission>| {
        let words = permissions.into_iter().map(permission);
        words.map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    view! { <PermissionsList can=words(can) cannot=words(cannot)/> }.into_any()
}

/// "4 active users have this role. 1 person is invited to it."
fn how_many(active: u32, invited: u32) -> String {
    let has = match active {
        0 => "No active user has this role.".to_owned(),
        1 => "1 active user has this role.".to_owned(),
        more => [&number(more.into()), " active users have this role."].concat(),
    };
    match invited {
        0 => has,
        1 => [&has, " 1 person is invited to it."].concat(),
        more => [
            &has,
            " ",
            &number(more.into()),
            " people are invited to it.",
        ]
        .concat(),
    }
}

/// "5 of 7 places are used. 2 places are left."; nothing for a role without a limit (J26, J27).
fn cap(role: &RoleSummary) -> Option<String> {
    let (limit, left) = (role.seat_limit?, role.places_left()?);
    let used = limit - left;
    let left = match left {
        0 => "No places are left".to_owned(),
        1 => "1 place is left".to_owned(),
        more => [&number(more.into()), " places are left"].concat(),
    };
    let verb = if used == 1 {
        " is used. "
    } else {
        " are used. "
    };
    let places = plural(limit.into(), "place", "places");
    Some([&number(used.into()), " of ", &places, verb, &left, "."].concat())
}

/// "At most 7 people can have this role."
fn most(limit: u32) -> String {
    [
        "At most ",
        &plural(limit.into(), "person", "people"),
        " can have this role.",
    ]
    .concat()
}

fn holders(view: &RoleView, base: &str) -> AnyView {
    let limit = view.role.seat_limit.map(most);
    let cap = cap(&view.role).map(|cap| view! { <p>{limit} " " {cap}</p> });
    let how_many = how_many(view.active, view.invited);
    let Some(holders) = &view.holders else {
        return view! { {cap} <p>{how_many}</p> }.into_any();
    };
    let query = UsersQuery {
        role: vec![view.role.key.clone()],
        ..UsersQuery::default()
    };
    let href = [base, "/users", &query.to_query_string()].concat();
    let some = holders.some_areas.then(|| {
        let words = if holders.people.is_empty() {
            "None of them are in the areas where you can see users."
        } else {
            "These are in the areas where you can see users."
        };
        view! { <p>{words}</p> }
    });
    let limited = view.role.seat_limit.is_some();
    let kept = (limited && view.invited > 0)
        .then(|| view! { <p>"An invitation keeps its place until its link ends."</p> });
    let people = (!holders.people.is_empty()).then(|| table(view, &holders.people, base));
    let link = if holders.more {
        "See all users with this role"
    } else {
        "See users with this role in the list"
    };
    view! {
        {cap}
        <p>{how_many}</p>
        {kept}
        {some}
        {people}
        <p class="app-no-print"><a class="nhsuk-link" href=href>{link}</a></p>
    }
    .into_any()
}

fn table(view: &RoleView, people: &[RoleHolder], base: &str) -> AnyView {
    let scoped = view.role.scope_allowed;
    let mut columns = vec![Column::new("Name")];
    if scoped {
        columns.push(Column::new(domain::unicode::capitalised(&view.areas)));
    }
    columns.push(Column::new("Status"));
    let rows = people.iter().map(|person| {
        let href = [base, "/users/", &person.id.to_string()].concat();
        let name = breakable(person.name.clone());
        let mut cells = vec![
            view! { <a class="nhsuk-link app-break" href=href>{name}</a> }
                .into_any()
                .into(),
        ];
        if scoped {
            cells.push(if person.areas.is_empty() {
                "All".into()
            } else {
                person.areas.join(", ").into()
            });
        }
        let until = person.until.map(|until| {
            let words = if view.role.seat_limit.is_some() {
                "Place kept until "
            } else {
                "Link ends on "
            };
            view! { <span class="app-secondary">{words} <Moment at=until/></span> }
        });
        let label = person.status_label.clone();
        cells.push(
            view! { <div><StatusTag status=person.status label/> {until}</div> }
                .into_any()
                .into(),
        );
        cells
    });
    let rows = rows.collect();
    let caption = ["People with the role ", &view.role.name].concat();
    let caption = view! { <span class="nhsuk-u-visually-hidden">{caption}</span> }.into_any();
    view! { <Table caption columns rows responsive=true/> }.into_any()
}

/// Where the role can be limited, and how many of its kind a person can have.
fn reach(view: &RoleView) -> AnyView {
    let place = if view.role.scope_allowed {
        [
            "In the whole of ",
            &view.organisation,
            ", or in some of its ",
            &view.areas,
            " only.",
        ]
    } else {
        [
            "In the whole of ",
            &view.organisation,
            ". It cannot be limited to some ",
            &view.areas,
            ".",
        ]
    }
    .concat();
    let single = view.roles_per_member.map(|most| {
        let roles = plural(most.into(), "role", "roles");
        let words = [
            "A person can have ",
            &roles,
            " in ",
            &view.service,
            " at a time.",
        ]
        .concat();
        view! { <p>{words}</p> }
    });
    view! { <p>{place}</p> {single} }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(seat_limit: Option<u32>, seats_used: u32) -> RoleSummary {
        RoleSummary {
            id: "r-00000000000000000000000000000001".parse().unwrap(),
            key: "super-user".to_owned(),
            name: "Super user".to_owned(),
            summary: String::new(),
            permissions: Vec::new(),
            seat_limit,
            seats_used,
            places: String::new(),
            privileged: true,
            scope_allowed: false,
            can: Vec::new(),
            cannot: Vec::new(),
        }
    }

    /// J25 to J27: the limit, and what is left of it.
    #[test]
    fn a_limit_is_told_with_what_is_left() {
        let words = |limit, used| cap(&role(Some(limit), used)).unwrap();
        assert_eq!(words(7, 5), "5 of 7 places are used. 2 places are left.");
        assert_eq!(words(7, 6), "6 of 7 places are used. 1 place is left.");
        assert_eq!(words(7, 7), "7 of 7 places are used. No places are left.");
        assert_eq!(words(7, 1), "1 of 7 places is used. 6 places are left.");
        assert_eq!(cap(&role(None, 5)), None);
        assert_eq!(most(7), "At most 7 people can have this role.");
    }

    #[test]
    fn people_are_counted_in_a_sentence() {
        for (active, invited, words) in [
            (0, 0, "No active user has this role."),
            (
                1,
                1,
                "1 active user has this role. 1 person is invited to it.",
            ),
            (
                1_200,
                2,
                "1,200 active users have this role. 2 people are invited to it.",
            ),
        ] {
            assert_eq!(how_many(active, invited), words);
        }
    }
}
