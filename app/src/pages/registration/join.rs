//! Joining with an account that exists (B1a, R23): no password and no name is asked again.

use domain::registration::JoinView;
use leptos::prelude::*;

use super::{
    invitation,
    landing::{OfferSummary, SomeoneElse},
};
use crate::components::{
    Button, ButtonLink, InsetText, Page,
    form::{Form, Post},
    loaded::{Instead, Loaded},
};
use crate::error::AppError;
use crate::reading::reading;
use crate::server_fns::registration::{DeclineJoining, JoinOrganisation, ReadJoin};

/// The page on which the owner of an account joins.
#[component]
pub fn JoinPage() -> impl IntoView {
    let resource = reading(|| ReadJoin {
        invitation: invitation(),
    });
    let view = |view: JoinView| {
        if view.done {
            let path = ["/o/", &view.organisation_slug].concat();
            view! { <super::GoTo path/> }.into_any()
        } else {
            view! { <Join view/> }.into_any()
        }
    };
    let instead: Instead = |error| {
        let wrong_person =
            matches!(error, AppError::Conflict(code) if code == "conflict.wrong_person");
        wrong_person.then(|| view! { <SomeoneElse signed_in_as=String::new()/> }.into_any())
    };
    view! { <Loaded resource view instead/> }
}

#[component]
fn Join(view: JoinView) -> impl IntoView {
    let join = Post::<JoinOrganisation>::new();
    let decline = Post::<DeclineJoining>::new();
    let title = ["Join ", &view.invitation.organisation_name].concat();
    let terms = view.has_terms.then(|| {
        view! { <p>"Next we will ask you to agree to the organisation’s terms of use."</p> }
    });
    let buttons = if view.needs_app {
        view! {
            <InsetText>
                <p>"This role can manage other people, so codes by text message or email are not enough for it. Add an authenticator app to your account, then open the link in your invitation again."</p>
            </InsetText>
            <ButtonLink href="/account/security/authenticator-app">"Add an authenticator app"</ButtonLink>
        }
        .into_any()
    } else {
        view! {
            {terms}
            <Form action=join>
                <Button>"Join"</Button>
            </Form>
        }
        .into_any()
    };
    view! {
        <Page title>
            <OfferSummary view=view.invitation/>
            {buttons}
            <Form action=decline>
                <Button variant="secondary">"Decline"</Button>
            </Form>
        </Page>
    }
}
