//! The questions by which people change their own account, one on each page (K).

use domain::{
    account::OwnNameForm,
    sign_in::{ResetPasswordForm, ResetRules},
    terms::NewTerms,
};
use leptos::prelude::*;

use crate::components::{
    Button, Details, Page, PasswordInput, TermsText, TextInput, UsernameForManagers,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::pages::sign_in::return_to;
use crate::reading::reading;
use crate::server_fns::account_changes::{
    AgreeToNewTerms, ChangeOwnName, ChangeOwnPassword, ReadNewTerms, ReadOwnName, ReadOwnPassword,
};

/// New terms, in full. Until they are agreed to, the organisation stays closed (B16).
#[component]
pub fn NewTermsPage() -> impl IntoView {
    let resource = reading(|| ReadNewTerms {
        return_to: return_to(),
    });
    let view = |terms: Option<NewTerms>| match terms {
        Some(terms) => view! { <NewTermsQuestion terms/> }.into_any(),
        // The answer leads on.
        None => ().into_any(),
    };
    view! { <Loaded resource view/> }
}

#[component]
fn NewTermsQuestion(terms: NewTerms) -> impl IntoView {
    let action = Post::<AgreeToNewTerms>::new();
    let why = [
        "The terms of use of ",
        &terms.organisation_name,
        " have changed. Read them, and agree to them to go on.",
    ]
    .concat();
    let (id, document) = (terms.document.id.to_string(), terms.document);
    view! {
        <Page title="There are new terms of use">
            <p>{why}</p>
            <TermsText document/>
            <Form action>
                <input type="hidden" name="terms" value=id/>
                <input type="hidden" name="return_to" value=return_to()/>
                <Button>"Agree and continue"</Button>
            </Form>
            <Details summary="I do not agree">
                <p>"You cannot use the organisation’s services without agreeing. You can still change your own account, leave the organisation, or sign out."</p>
                <p><a href="/account">"Go to your account"</a></p>
            </Details>
        </Page>
    }
}

/// A new password.
#[component]
pub fn OwnPasswordPage() -> impl IntoView {
    let resource = reading(|| ReadOwnPassword {});
    view! { <Loaded resource view=|rules| view! { <PasswordQuestion rules/> }.into_any()/> }
}

#[component]
fn PasswordQuestion(rules: ResetRules) -> impl IntoView {
    let action = Post::<ChangeOwnPassword>::new();
    let hint = format!(
        "Use {} characters or more. 3 random words work well.",
        rules.password_min
    );
    view! {
        <Page title="Change your password" back="/account">
            <p>"You will be signed out on all other devices."</p>
            <Form
                action
                validate=|post: &Fields| {
                    let form = ResetPasswordForm { new_password: post.text("new_password") };
                    // The shortest length that any organisation allows; the server knows the rest.
                    form.validate(12, &[]).map(drop)
                }
            >
                <UsernameForManagers email=rules.email/>
                <PasswordInput
                    name="new_password"
                    label="New password"
                    hint
                    autocomplete="new-password"
                />
                <Button>"Change password"</Button>
            </Form>
        </Page>
    }
}

/// The person's name.
#[component]
pub fn OwnNamePage() -> impl IntoView {
    let resource = reading(|| ReadOwnName {});
    view! { <Loaded resource view=|name| view! { <NameQuestion name/> }.into_any()/> }
}

#[component]
fn NameQuestion(name: OwnNameForm) -> impl IntoView {
    let action = Post::<ChangeOwnName>::new();
    view! {
        <Page title="What is your name?" back="/account">
            <p>"All your organisations see the same name."</p>
            <Form
                action
                validate=|post: &Fields| {
                    let form = OwnNameForm {
                        first_name: post.text("first_name"),
                        last_name: post.text("last_name"),
                    };
                    form.validate().map(drop)
                }
            >
                <TextInput
                    name="first_name"
                    label="First name"
                    autocomplete="given-name"
                    no_spellcheck=true
                    class="nhsuk-u-width-two-thirds"
                    value=name.first_name
                />
                <TextInput
                    name="last_name"
                    label="Last name"
                    autocomplete="family-name"
                    no_spellcheck=true
                    class="nhsuk-u-width-two-thirds"
                    value=name.last_name
                />
                <Button>"Save"</Button>
            </Form>
        </Page>
    }
}
