//! The first organisation of an empty installation, and its first administrator (R10).

use domain::registration::{SetUpForm, SetUpLanding};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::components::{
    Button, ButtonLink, Page, TextInput,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::set_up::{ReadSetUp, SetUp};

fn token() -> String {
    use_params_map()
        .with_untracked(|params| params.get("token"))
        .unwrap_or_default()
}

/// The page behind the link that the server prints when it starts with an empty database.
#[component]
pub fn SetUpPage() -> impl IntoView {
    let resource = reading(|| ReadSetUp { token: token() });
    let view = |landing| {
        match landing {
        SetUpLanding::Open => view! { <SetUpQuestions/> }.into_any(),
        SetUpLanding::Expired | SetUpLanding::Replaced => view! {
            <Page title="This set-up link has expired">
                <p>"Set-up links work for 1 hour, and only the newest one works."</p>
                <p>"Restart the server. It prints a new link while there is no organisation."</p>
            </Page>
        }
        .into_any(),
        SetUpLanding::Done => view! {
            <Page title="This service has already been set up">
                <p>"If you are an administrator, sign in."</p>
                <ButtonLink href="/sign-in">"Sign in"</ButtonLink>
                <p>"If you did not finish creating your account, make a new link on the server with this command:"</p>
                <p><code>"lanyard create-administrator --organisation CODE --email ADDRESS"</code></p>
            </Page>
        }
        .into_any(),
    }
    };
    view! { <Loaded resource view/> }
}

#[component]
fn SetUpQuestions() -> impl IntoView {
    let action = Post::<SetUp>::new();
    view! {
        <Page title="Set up your organisation">
            <p>"You will be its first administrator. Next we will ask for your name, a password and an authenticator app."</p>
            <Form
                action
                validate=|post: &Fields| {
                    let form = SetUpForm {
                        organisation_name: post.text("organisation_name"),
                        organisation_code: post.text("organisation_code"),
                        email: post.text("email"),
                    };
                    form.validate().map(drop)
                }
            >
                <input type="hidden" name="token" value=token()/>
                <TextInput
                    name="organisation_name"
                    label="Organisation name"
                    hint="For example, Hollybrook Hospital"
                    autocomplete="organization"
                    class="nhsuk-u-width-two-thirds"
                />
                <TextInput
                    name="organisation_code"
                    label="Organisation code"
                    hint="The ODS code if it has one, like RX1. It is part of every web address"
                    width=10
                    autocomplete="off"
                    autocapitalize="characters"
                    no_spellcheck=true
                />
                <TextInput
                    name="email"
                    label="Your email address"
                    kind="email"
                    autocomplete="email"
                    class="nhsuk-u-width-two-thirds"
                />
                <Button>"Continue"</Button>
            </Form>
        </Page>
    }
}
