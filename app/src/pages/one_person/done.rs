//! What was sent to whom, and what happens next (D3 step 7, J32).

use domain::{one_person::AddDone, wording};
use leptos::prelude::*;

use super::journey;
use crate::components::{
    Button, Page, Panel, breakable,
    form::{Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::one_person::{AddAnother, ReadAdded};

/// `/o/{org}/users/add/{draft}/done`
#[component]
pub fn AddedPage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadAdded {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page| match page {
                Some(page) => view! { <Done page/> }.into_any(),
                None => ().into_any(),
            }
        />
    }
}

#[component]
fn Done(page: AddDone) -> impl IntoView {
    let journey = journey();
    let action = Post::<AddAnother>::new();
    let heading = ["Invitation sent to ", &page.name].concat();
    let where_to = [
        "You have added ",
        &page.name,
        " to ",
        &page.organisation_name,
        ".",
    ]
    .concat();
    let first = if page.has_account {
        "They will get an email with a link. They sign in with the account that they have, and accept."
    } else {
        "They will get an email with a link to set up their account: a password, a way to get codes, and the terms of use."
    };
    let end = page.expires_at.map(|end| {
        let words = [
            "The link works until ",
            &wording::date_and_time(end),
            ". Until then they are Pending on the users list, where you can send the invitation again or cancel it.",
        ]
        .concat();
        view! { <p>{words}</p> }
    });
    let users = journey.users();
    let person = [&users, "/", &page.user.to_string()].concat();
    let view_user = ["View ", &page.name].concat();
    let hidden = journey.hidden();
    view! {
        <Page title=heading.clone() heading=false>
            <Panel heading=breakable(heading)>
                {breakable(where_to)}
            </Panel>
            <h2 class="nhsuk-heading-m">"What happens next"</h2>
            <p>{first}</p>
            {end}
            <Form action>
                {hidden}
                <Button>"Add another person"</Button>
            </Form>
            <p><a href=users>"Go to users"</a></p>
            <p><a href=person>{view_user}</a></p>
        </Page>
    }
}
