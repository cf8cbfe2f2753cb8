//! The question before somebody is reactivated (J48 to J51), and the choice of another role.

use domain::{
    Violations,
    membership::{ReactivateForm, ReactivatePage as View},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    assignment::role_and_areas, hidden, hidden_with_version, param, person, refused, role_rows,
};
use crate::components::{
    Button, ButtonGroup, ButtonLink, CharacterCount, Choice, InsetText, Page, Radios, Text,
    form::{Fields, Form, Post},
    lines,
    loaded::Loaded,
    who_holds,
};
use crate::reading::reading;
use crate::server_fns::memberships::{Reactivate, ReactivateAs, ReadReactivation};

/// `/o/{org}/users/{user}/reactivate`; with `?access=new` the choice of another role.
#[component]
pub fn ReactivatePage() -> impl IntoView {
    let (org, user) = (param("org"), param("user"));
    let resource = reading(move || ReadReactivation {
        org: org.clone(),
        user: user.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page| {
                if page.subject.obstacle.is_empty() {
                    view! { <Asked page/> }.into_any()
                } else {
                    refused(&page.subject)
                }
            }
        />
    }
}

/// The question, or the choice of a role: what the address asks for.
#[component]
fn Asked(page: View) -> impl IntoView {
    let query = use_query_map();
    let chooses = Memo::new(move |_| query.with(|query| query.get("access").is_some()));
    move || {
        let page = page.clone();
        if chooses.get() {
            view! { <ChooseRole page/> }.into_any()
        } else {
            view! { <Question page/> }.into_any()
        }
    }
}

#[component]
fn Question(page: View) -> impl IntoView {
    let action = Post::<Reactivate>::new();
    let subject = &page.subject;
    let title = [
        "Are you sure you want to reactivate ",
        &subject.name,
        "’s account?",
    ]
    .concat();
    let back = person(subject);
    let new = [&back, "/reactivate?access=new"].concat();
    let cancel = back.clone();
    let fields = hidden(subject);
    let roles = role_rows(&page.roles, &page.marks);
    let had = view! {
        <h2 class="nhsuk-heading-m">"What they had"</h2>
        <div id="role">{roles}</div>
    };
    let inside = if page.same_obstacle.is_empty() {
        let access = vec![
            Choice::new("same", "Same access as before").hint(same(&page)),
            Choice::new("new", "Choose new access"),
        ];
        let access = view! {
            <Radios name="access" legend="What access will they have?" modifier="small" choices=access/>
        };
        let choices = vec![
            Choice::new("yes", "Yes").reveals(access.into_any()),
            Choice::new("no", "No"),
        ];
        view! {
            <Form action validate=rule>
                {fields}
                <Radios name="confirm" legend="Do you want to reactivate this account?" legend_size="m" choices/>
                <ButtonGroup>
                    <Button>"Save and continue"</Button>
                    <a href=cancel>"Cancel"</a>
                </ButtonGroup>
            </Form>
        }
        .into_any()
    } else {
        let (why, full) = (why_not(&page.same_obstacle), who_holds(page.full));
        view! {
            <InsetText>{full} <p>{why}</p></InsetText>
            <ButtonGroup>
                <ButtonLink href=new>"Reactivate as another role"</ButtonLink>
                <a href=cancel>"Cancel"</a>
            </ButtonGroup>
        }
        .into_any()
    };
    view! {
        <Page title back>
            <p>"You can deactivate them at any time. We will email them how to sign in."</p>
            {had}
            {inside}
        </Page>
    }
}

/// Why they cannot have what they had.
fn why_not(obstacle: &str) -> &'static str {
    match obstacle {
        "role.full" => "Choose another role, or make a place by changing someone else’s role.",
        "access.none" => "They had no role. Choose one.",
        _ => "You cannot give back the access that they had. Choose another role.",
    }
}

/// What the same access is, with what is no longer as it was (E6).
fn same(page: &View) -> Text {
    let marked = page.roles.iter().zip(&page.marks).map(|(role, mark)| {
        if mark.is_empty() {
            role.name.clone()
        } else {
            [&role.name, ". ", mark].concat()
        }
    });
    lines(marked)
}

fn rule(post: &Fields) -> Result<(), Violations> {
    ReactivateForm {
        confirm: post.text("confirm"),
        access: post.text("access"),
    }
    .validate()
    .map(drop)
}

#[component]
fn ChooseRole(page: View) -> impl IntoView {
    let action = Post::<ReactivateAs>::new();
    let subject = &page.subject;
    let title = ["What access will ", &subject.name, " have?"].concat();
    let back = [&person(subject), "/reactivate"].concat();
    let fields = hidden_with_version(subject);
    let cancel = person(subject);
    let button = ["Reactivate ", &subject.name].concat();
    let manages = page.choice.roles.iter().any(|role| role.privileged);
    let reason = manages.then(|| {
        view! {
            <CharacterCount
                name="reason"
                label="Why do they need this role?"
                label_size="m"
                hint="Only for a role with which they manage other people. Administrators can see this."
                limit=500
                rows=3
            />
        }
        .into_any()
    });
    let choice = role_and_areas(page.choice);
    view! {
        <Page title back>
            <p>"Their account is reactivated with this role in the place of those that they had."</p>
            <Form action>
                {fields} {choice} {reason}
                <ButtonGroup>
                    <Button>{button}</Button>
                    <a href=cancel>"Cancel"</a>
                </ButtonGroup>
            </Form>
        </Page>
    }
}
