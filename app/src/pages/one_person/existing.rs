//! Who has the address already (D3 step 1, J21 to J23, C22): somebody to be recognised, or a page that says what
//! they are here.

use domain::one_person::{AddStep, ExistingPerson, KnownHere};
use domain::wording::date;
use leptos::prelude::*;

use super::{CAPTION, Journey, journey};
use crate::components::{
    Button, ButtonLink, InsetText, Page, SummaryList, SummaryRow, breakable,
    form::{Form, Post},
    lines,
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::one_person::{ConfirmPerson, ReadExistingPerson};

/// `/o/{org}/users/add/{draft}/existing-person`
#[component]
pub fn ExistingPersonPage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadExistingPerson {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page| match page {
                Some(person) => existing(person),
                None => ().into_any(),
            }
        />
    }
}

fn existing(person: ExistingPerson) -> AnyView {
    let journey = journey();
    match person {
        ExistingPerson::Elsewhere {
            email,
            name,
            job_title,
        } => view! { <Recognise email name job_title/> }.into_any(),
        ExistingPerson::Member(known) => {
            let title = [&known.name, " already has access"].concat();
            let action = known.may_act.then(|| match &known.change {
                Some(role) => (
                    ["/roles/", &role.to_string(), "/change"].concat(),
                    "Change role",
                ),
                None => ("/roles/add".to_owned(), "Add a role"),
            });
            here(&journey, &known, title, String::new(), action)
        }
        ExistingPerson::Invited {
            person,
            at,
            expired,
        } => {
            let title = [&person.name, " has already been invited"].concat();
            let mut when = at
                .map(|at| ["They were invited on ", &date(at), "."].concat())
                .unwrap_or_default();
            if expired {
                when.push_str(" The link has stopped working.");
            }
            let action = person
                .may_act
                .then(|| ("/invitation".to_owned(), "Send invitation again"));
            here(&journey, &person, title, when, action)
        }
        ExistingPerson::Inactive { person, at } => inactive(&journey, &person, at.map(date)),
        ExistingPerson::Managed { email } => {
            let words = [
                "People of this organisation come from another system. When ",
                &email,
                " is added there, they appear here.",
            ]
            .concat();
            let other = other_address(&journey);
            view! {
                <Page title="This person is added automatically" caption=CAPTION back=journey.page(AddStep::Email)>
                    <p>{breakable(words)}</p>
                    {other}
                </Page>
            }
            .into_any()
        }
    }
}

#[component]
fn Recognise(email: String, name: String, job_title: String) -> impl IntoView {
    let journey = journey();
    let action = Post::<ConfirmPerson>::new();
    let back = journey.page(AddStep::Email);
    let mut rows = vec![SummaryRow::new("Name", name)];
    if !job_title.is_empty() {
        rows.push(SummaryRow::new("Job title", job_title));
    }
    rows.push(SummaryRow::new("Email address", breakable(email)));
    let hidden = journey.hidden();
    let (other, cancel) = (other_address(&journey), journey.cancel());
    view! {
        <Page title="Check this is the user you want to add" caption=CAPTION back>
            <p>"Someone with this email address already uses this service with another organisation. You can still add them as a user to your organisation."</p>
            <SummaryList rows/>
            <Form action>
                {hidden}
                <Button>"Yes, continue"</Button>
            </Form>
            {other} {cancel}
        </Page>
    }
}

/// "No, use a different email address"
fn other_address(journey: &Journey) -> AnyView {
    let href = journey.page(AddStep::Email);
    view! { <p><a href=href>"No, use a different email address"</a></p> }.into_any()
}

fn facts(known: &KnownHere) -> AnyView {
    let roles = if known.roles.is_empty() {
        "No role yet".into()
    } else {
        lines(known.roles.clone())
    };
    let rows = vec![
        SummaryRow::new("Email address", breakable(known.email.clone())),
        SummaryRow::new("Role", roles),
    ];
    view! { <SummaryList rows/> }.into_any()
}

fn view_user(person: &str, name: &str) -> AnyView {
    let words = ["View ", name].concat();
    view! { <p><a href=person.to_owned()>{words}</a></p> }.into_any()
}

/// Somebody who is here: what they are, what is usually wanted of it, and their page.
fn here(
    journey: &Journey,
    known: &KnownHere,
    title: String,
    when: String,
    action: Option<(String, &'static str)>,
) -> AnyView {
    let person = known
        .user
        .map(|user| [&journey.users(), "/", &user.to_string()].concat());
    let when = (!when.is_empty()).then(|| view! { <p>{when}</p> });
    let actions = match &person {
        Some(person) => {
            let button = action.map(|(path, words)| {
                let href = [person, path.as_str()].concat();
                view! { <ButtonLink href>{words}</ButtonLink> }
            });
            view! { {button} {view_user(person, &known.name)} }.into_any()
        }
        None => view! {
            <InsetText>
                <p>"They have access in a part of the organisation that you do not manage. Ask an administrator to change it."</p>
            </InsetText>
        }
        .into_any(),
    };
    let (facts, other) = (facts(known), other_address(journey));
    view! {
        <Page title caption=CAPTION back=journey.page(AddStep::Email)>
            {when} {facts} {actions} {other}
        </Page>
    }
    .into_any()
}

fn inactive(journey: &Journey, known: &KnownHere, since: Option<String>) -> AnyView {
    let title = [&known.name, "’s account is deactivated"].concat();
    let since = since.map(|since| {
        let words = ["It was deactivated on ", &since, "."].concat();
        view! { <p>{words}</p> }
    });
    let actions = match (known.user, known.may_act) {
        (Some(user), true) => {
            let person = [&journey.users(), "/", &user.to_string()].concat();
            let same = [&person, "/reactivate"].concat();
            let other = [&person, "/reactivate?access=new"].concat();
            view! {
                <ButtonLink href=same>"Reactivate with the same access"</ButtonLink>
                <p><a href=other>"Reactivate with different access"</a></p>
                {view_user(&person, &known.name)}
            }
            .into_any()
        }
        _ => view! {
            <InsetText><p>"Ask an administrator of the organisation to reactivate it."</p></InsetText>
        }
        .into_any(),
    };
    let (facts, other) = (facts(known), other_address(journey));
    view! {
        <Page title caption=CAPTION back=journey.page(AddStep::Email)>
            {since} {facts} {actions} {other}
        </Page>
    }
    .into_any()
}
