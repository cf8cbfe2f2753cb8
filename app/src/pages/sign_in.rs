//! Signing in (A2), the pages around it, and the way out (A8, A9).

mod second_step;
mod set_up_codes;

pub use second_step::{
    CheckYourCodePage, ChooseMethodPage, CodeNotReceivedPage, UseRecoveryCodePage,
};
pub use set_up_codes::SetUpCodesPage;

use domain::sign_in::SignInForm;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::components::{
    Button, ButtonLink, InsetText, Page, PasswordInput, TextInput,
    form::{Fields, Form, Post},
    layout::use_frame,
    loaded::Loaded,
};
use crate::messages::plural;
use crate::reading::reading;
use crate::server_fns::sign_in::{ReadLostAccess, ReadSignIn, SignIn};

/// Where the person wanted to go when they were asked to sign in; empty for nowhere.
pub(crate) fn return_to() -> String {
    use_query_map()
        .with_untracked(|query| query.get("return-to"))
        .unwrap_or_default()
}

/// Email address and password. Somebody who is signed in already is led on.
#[component]
pub fn SignInPage() -> impl IntoView {
    let resource = reading(|| ReadSignIn {
        return_to: return_to(),
    });
    view! { <Loaded resource view=|()| view! { <SignInQuestions/> }.into_any()/> }
}

#[component]
fn SignInQuestions() -> impl IntoView {
    let action = Post::<SignIn>::new();
    let return_to = return_to();
    let banner = (!return_to.is_empty()).then(|| {
        view! { <InsetText><p>"Sign in to continue."</p></InsetText> }
    });
    view! {
        <Page title="Sign in">
            {banner}
            <Form
                action
                validate=|post: &Fields| {
                    let form = SignInForm {
                        email: post.text("email"),
                        password: post.text("password"),
                    };
                    form.validate().map(drop)
                }
            >
                <input type="hidden" name="return_to" value=return_to/>
                <TextInput
                    name="email"
                    label="Email address"
                    kind="email"
                    autocomplete="username"
                    class="nhsuk-u-width-two-thirds"
                />
                <PasswordInput name="password" label="Password" autocomplete="current-password"/>
                <Button>"Sign in"</Button>
            </Form>
            <p><a href="/forgot-password">"I have forgotten my password"</a></p>
            <p><a href="/help/signing-in">"I cannot sign in"</a></p>
        </Page>
    }
}

/// The password was right, but the person belongs nowhere any more.
#[component]
pub fn NoOrganisationPage() -> impl IntoView {
    let resource = reading(|| ReadLostAccess {});
    let view = |lost: Vec<String>| view! { <NoOrganisation lost/> }.into_any();
    view! { <Loaded resource view/> }
}

#[component]
fn NoOrganisation(lost: Vec<String>) -> impl IntoView {
    let lost: Vec<AnyView> = lost
        .into_iter()
        .map(|lost| view! { <p>{lost}</p> }.into_any())
        .collect();
    view! {
        <Page title="You do not have access to any organisation">
            <p>"Your email address and password are correct, but your account is not active in any organisation."</p>
            {lost}
            <p>"To get access:"</p>
            <ul class="nhsuk-list nhsuk-list--bullet">
                <li>"ask an administrator of your organisation to reactivate your account or invite you"</li>
                <li>"if you have an invitation, use the link in the email"</li>
            </ul>
            <p>"If you do not know who your administrator is, " <a href="/contact">"contact us"</a> "."</p>
        </Page>
    }
}

/// After signing out. Somebody who is still signed in can do it here.
#[component]
pub fn SignedOutPage() -> impl IntoView {
    let frame = use_frame();
    let signed_in = frame.with_untracked(|frame| frame.viewer.is_some());
    if signed_in {
        return view! {
            <Page title="Sign out">
                <p>"You are signed in. Sign out when you have finished, above all on a shared computer."</p>
                <form action="/fn/session/sign-out" method="post">
                    <Button>"Sign out"</Button>
                </form>
            </Page>
        }
        .into_any();
    }
    view! {
        <Page title="You have signed out">
            <ButtonLink href="/sign-in">"Sign in"</ButtonLink>
        </Page>
    }
    .into_any()
}

/// After a session that rested too long.
#[component]
pub fn TimedOutPage() -> impl IntoView {
    let return_to = return_to();
    let href = if return_to.is_empty() {
        "/sign-in".to_owned()
    } else {
        let query = domain::listing::encode_query(&[("return-to", return_to)]);
        ["/sign-in", &query].concat()
    };
    let minutes = use_query_map().with_untracked(|query| query.get("minutes"));
    let minutes: u32 = minutes
        .and_then(|minutes| minutes.parse().ok())
        .unwrap_or(30);
    let words = [
        "We logged you out because you had not done anything for ",
        &plural(minutes.into(), "minute", "minutes"),
        ". Your answers are saved.",
    ]
    .concat();
    view! {
        <Page title="You have been signed out">
            <p>{words}</p>
            <ButtonLink href>"Sign in and continue"</ButtonLink>
        </Page>
    }
}
