//! The start page (A1).

use leptos::prelude::*;

use crate::components::{ButtonLink, Details, Page, loaded::Loaded};
use crate::reading::reading;
use crate::server_fns::account::ReadStart;

/// Says what this is and gets people to the right door. Somebody who is signed in is led to their
/// organisation.
#[component]
pub fn StartPage() -> impl IntoView {
    let resource = reading(|| ReadStart {});
    view! { <Loaded resource view=|()| view! { <Welcome/> }.into_any()/> }
}

#[component]
fn Welcome() -> impl IntoView {
    view! {
        <Page title="Manage who can use your services">
            <p class="nhsuk-lede-text">
                "Invite people, give them roles, and see who has access to what in your organisation."
            </p>
            <p>"You need an account. An administrator of your organisation can invite you."</p>
            <ButtonLink href="/sign-in" variant="login">"Sign in"</ButtonLink>
            <Details summary="I have an invitation">
                <p>"Use the link in your invitation email. If it has expired, open it and ask for a new one."</p>
                <p>"If you cannot find the email, check your spam folder, or ask the person who invited you to send it again."</p>
            </Details>
        </Page>
    }
}
