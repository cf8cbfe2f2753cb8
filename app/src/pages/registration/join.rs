//! Joining with an account that exists (B1a, R23): no password and no name is asked again.

use domain::registration::JoinView;
use leptos::prelude::*;

use super::{
    invitation,
    landing::{OfferSummary, SomeoneElse},
};
use crate::components::{Button, ButtonLink, InsetText, Page, form::Form, loaded::Loaded};
use crate::error::AppError;
use crate::server_fns::registration::{DeclineJoining, JoinOrganisation, read_join};

/// The page on which the owner of an account joins.
#[component]
pub fn JoinPage() -> impl IntoView {
    let resource = Resource::new(invitation, |invitation| async move {
        match read_join(invitation).await {
            Ok(view) => Ok(Some(view)),
            Err(AppError::Conflict(code)) if code == "conflict.wrong_person" => Ok(None),
            Err(error) => Err(error),
        }
    });
    let view = |view: Option<JoinView>| match view {
        Some(view) if view.done => {
            let path = ["/o/", &view.organisation_slug].concat();
            view! { <super::GoTo path/> }.into_any()
        }
        Some(view) => view! { <Join view/> }.into_any(),
        None => view! { <SomeoneElse signed_in_as=String::new()/> }.into_any(),
    };
    view! { <Loaded resource view/> }
}

#[component]
fn Join(view: JoinView) -> impl IntoView {
    let join = ServerAction::<JoinOrganisation>::new();
    let decline = ServerAction::<DeclineJoining>::new();
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
