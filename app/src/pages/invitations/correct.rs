//! The address of an invitation was wrong (E3): the same offer to another one.

use domain::{invitation::CorrectEmail, one_person::AddEmailForm, wording};
use leptos::prelude::*;

use super::param;
use crate::components::{
    Button, ButtonGroup, InsetText, Page, SummaryList, SummaryRow, TextInput, breakable,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::messages::conflict;
use crate::reading::reading;
use crate::server_fns::user::{CorrectEmail as SendToOther, ReadCorrectEmail};

/// `/o/{org}/users/{user}/email`
#[component]
pub fn CorrectEmailPage() -> impl IntoView {
    let (org, user) = (param("org"), param("user"));
    let resource = reading(move || ReadCorrectEmail {
        org: org.clone(),
        user: user.clone(),
    });
    view! { <Loaded resource view=|page| view! { <Correct page/> }.into_any()/> }
}

#[component]
fn Correct(page: CorrectEmail) -> impl IntoView {
    let action = Post::<SendToOther>::new();
    let org = param("org");
    let user = page.user.to_string();
    let back = ["/o/", &org, "/users/", &user].concat();
    if !page.obstacle.is_empty() {
        let (heading, text) = match page.obstacle.as_str() {
            "conflict.not_invited" => (
                "You cannot change this email address",
                "They have registered with it. They can change it themselves, in their own account.",
            ),
            "not_allowed" => (
                "You cannot change this email address",
                "The invitation gives access that you do not have, or in places that you do not manage.",
            ),
            code => {
                let advice = conflict(code);
                (advice.heading, advice.text)
            }
        };
        return view! {
            <Page title=heading back>
                <p>{text}</p>
            </Page>
        }
        .into_any();
    }
    let hint = match page.domains.as_slice() {
        [] => String::new(),
        domains => ["It must end in ", &domains.join(" or ")].concat(),
    };
    let end = [
        "We will send the invitation to the new address, with a link that works until ",
        &wording::date_and_time(page.expires_at),
        ". The link that was sent to the old address stops working.",
    ]
    .concat();
    let rows = vec![
        SummaryRow::new("Name", page.name),
        SummaryRow::new("Email address now", breakable(page.email)),
    ];
    let cancel = back.clone();
    view! {
        <Page title="Correct this email address" back>
            <SummaryList rows/>
            <Form
                action
                validate=|post: &Fields| AddEmailForm { email: post.text("email") }.validate().map(drop)
            >
                <input type="hidden" name="org" value=org/>
                <input type="hidden" name="user" value=user/>
                <TextInput
                    name="email"
                    label="What is their email address?"
                    label_size="m"
                    hint
                    kind="email"
                    autocomplete="off"
                />
                <InsetText><p>{end}</p></InsetText>
                <ButtonGroup>
                    <Button>"Send invitation"</Button>
                    <a href=cancel>"Cancel"</a>
                </ButtonGroup>
            </Form>
        </Page>
    }
    .into_any()
}
