//! Changing a membership: deactivating and reactivating (E5, E6), roles (E4), details (E2).

use domain::membership::{HeldRole, Subject};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::components::{ButtonLink, InsetText, Page, SummaryList, SummaryRow, lines};
use crate::messages::conflict;

mod assignment;
mod deactivate;
mod details;
mod done;
mod reactivate;
mod security;

pub use assignment::{AddRolePage, ChangeRolePage, CheckRolePage, RemoveRolePage};
pub use deactivate::DeactivatePage;
pub use details::{ChangeDetailsPage, CheckDetailsPage};
pub use done::{DeactivatedPage, ReactivatedPage};
pub use reactivate::ReactivatePage;
pub use security::{MemberSecurityPage, SecurityActionPage};

/// A part of the address of this page.
fn param(name: &str) -> String {
    use_params_map().with_untracked(|params| params.get(name).unwrap_or_default())
}

/// The page of the person.
fn person(subject: &Subject) -> String {
    let user = subject.user.to_string();
    ["/o/", &subject.slug, "/users/", &user].concat()
}

/// What every form about a person posts.
fn hidden(subject: &Subject) -> AnyView {
    view! {
        <input type="hidden" name="org" value=subject.slug.clone()/>
        <input type="hidden" name="user" value=subject.user.to_string()/>
    }
    .into_any()
}

/// The same where the change is of what the page showed, and of nothing newer.
fn hidden_with_version(subject: &Subject) -> AnyView {
    view! {
        {hidden(subject)}
        <input type="hidden" name="version" value=subject.version.to_string()/>
    }
    .into_any()
}

/// The page in place of a question whose answer would be refused: why, and who can help.
fn refused(subject: &Subject) -> AnyView {
    let back = person(subject);
    let users = ["/o/", &subject.slug, "/users"].concat();
    if subject.obstacle == "not_allowed" {
        let words = [
            "They have access that you do not have, or in places that you do not manage. Ask an administrator of ",
            &subject.organisation,
            " to do it.",
        ]
        .concat();
        return view! {
            <Page title="You cannot change this person’s access" back>
                <p>{words}</p>
                <p><a href=users>"Go to users"</a></p>
            </Page>
        }
        .into_any();
    }
    let advice = conflict(&subject.obstacle);
    let roles = ["/o/", &subject.slug, "/roles"].concat();
    let help = (subject.obstacle == "last_admin").then(|| {
        view! { <ButtonLink href=users.clone()>"Give someone else this role"</ButtonLink> }
    });
    view! {
        <Page title=advice.heading back>
            <p>{advice.text}</p>
            {help}
            <p><a href=roles>"See what each role can do"</a></p>
        </Page>
    }
    .into_any()
}

/// Roles as rows: where, and for how long; with a mark each where something is to be said besides.
fn role_rows(roles: &[HeldRole], marks: &[String]) -> AnyView {
    if roles.is_empty() {
        return view! { <InsetText><p>"No role yet."</p></InsetText> }.into_any();
    }
    let rows = roles
        .iter()
        .enumerate()
        .map(|(index, role)| {
            let mut said = where_and_when(role);
            said.extend(marks.get(index).filter(|mark| !mark.is_empty()).cloned());
            SummaryRow::new(role.name.clone(), lines(said))
        })
        .collect();
    view! { <SummaryList rows/> }.into_any()
}

/// "In the whole organisation", or a line for each area; "Until 31 March 2027".
pub fn where_and_when(role: &HeldRole) -> Vec<String> {
    let mut said = if role.areas.is_empty() {
        vec!["In the whole organisation".to_owned()]
    } else {
        role.areas.clone()
    };
    let period = role.period();
    if !period.is_empty() {
        said.push(period);
    }
    said
}
