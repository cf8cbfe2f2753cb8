//! Terms of use (B5), and the end of the journey (B6).

use domain::{
    registration::{RegistrationDone, RegistrationStep, RegistrationTerms},
    wording::date,
};
use leptos::prelude::*;

use super::{CAPTION, address, elsewhere, invitation};
use crate::components::{
    Button, ButtonLink, Details, InsetText, Page, Panel, TermsText,
    form::{Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::registration::{
    FinishRegistration, ReadRegistrationDone, ReadRegistrationTerms,
};

/// The terms, in full; agreeing to them is the step that counts.
#[component]
pub fn TermsPage() -> impl IntoView {
    let resource = reading(|| ReadRegistrationTerms {
        invitation: invitation(),
    });
    let view = |view: RegistrationTerms| {
        elsewhere(view.step, RegistrationStep::Terms)
            .unwrap_or_else(|| view! { <TermsQuestion view/> }.into_any())
    };
    view! { <Loaded resource view/> }
}

#[component]
fn TermsQuestion(view: RegistrationTerms) -> impl IntoView {
    let action = Post::<FinishRegistration>::new();
    let back = view.joining.then(|| address("join"));
    let Some(document) = view.document else {
        let begin = if view.joining {
            "You are about to join "
        } else {
            "You are about to create your account for "
        };
        let what = [begin, &view.organisation_name, "."].concat();
        return view! {
            <Page title="Finish setting up" caption=CAPTION>
                <p>{what}</p>
                <Form action>
                    <input type="hidden" name="version" value=""/>
                    <Button>"Finish setting up"</Button>
                </Form>
            </Page>
        }
        .into_any();
    };
    let version = document.version.clone();
    let back = back.unwrap_or_default();
    let content = view! {
        <TermsText document/>
        <Form action>
            <input type="hidden" name="version" value=version/>
            <Button>"Agree and continue"</Button>
        </Form>
        <Details summary="I do not agree">
            <p>"You cannot use the service without agreeing to its terms. Close this page, and nothing is saved: no account is created and your answers are deleted after 30 minutes."</p>
            <p>"You can use the link in your invitation email again until it expires."</p>
        </Details>
    };
    if back.is_empty() {
        view! { <Page title="Terms of use" caption=CAPTION>{content}</Page> }.into_any()
    } else {
        view! { <Page title="Terms of use" caption=CAPTION back>{content}</Page> }.into_any()
    }
}

/// The end. Nobody is signed in by it (A14).
#[component]
pub fn RegistrationDonePage() -> impl IntoView {
    let resource = reading(|| ReadRegistrationDone {
        invitation: invitation(),
    });
    view! { <Loaded resource view=|done| view! { <Done done/> }.into_any()/> }
}

#[component]
fn Done(done: RegistrationDone) -> impl IntoView {
    let go = ["Go to ", &done.organisation_name].concat();
    let href = ["/sign-in?return-to=/o/", &done.organisation_slug].concat();
    let no_role = done.roles.is_empty().then(|| {
        view! {
            <InsetText>
                <p>"You have no role yet. The role that you were invited to is no longer available. The administrators can see this and can give you another one."</p>
            </InsetText>
        }
    });
    let later: Vec<AnyView> = (done.later.into_iter())
        .map(|(role, starts_at)| {
            let words = ["You can use ", &role, " from ", &date(starts_at), "."].concat();
            view! { <p>{words}</p> }.into_any()
        })
        .collect();
    view! {
        <Page title="You are set up" heading=false>
            <Panel heading="You are set up">
                <p>"You can now use " {done.organisation_name.clone()}</p>
            </Panel>
            {no_role}
            <h2 class="nhsuk-heading-m">"What happens next"</h2>
            {later}
            <p>"Sign in with " <strong class="app-break">{done.email}</strong> ", your new password and a code."</p>
            <ButtonLink href>{go}</ButtonLink>
        </Page>
    }
}
