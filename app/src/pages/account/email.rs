//! A new email address, and the codes of both mailboxes that make it the person's own (C5, R73).

use domain::account::{EmailChange, EmailCodesForm, OwnEmailForm};
use leptos::prelude::*;

use crate::components::{
    Button, CodeInput, Details, Page, TextInput, breakable,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::account_email::{
    ChangeOwnEmail, ProveOwnEmail, ReadEmailCodes, ReadOwnEmail,
};

/// Asks for the address.
#[component]
pub fn OwnEmailPage() -> impl IntoView {
    let resource = reading(|| ReadOwnEmail {});
    view! { <Loaded resource view=|current| view! { <EmailQuestion current/> }.into_any()/> }
}

#[component]
fn EmailQuestion(current: String) -> impl IntoView {
    let action = Post::<ProveOwnEmail>::new();
    view! {
        <Page title="What is your new email address?" back="/account">
            <p>
                "Your current email address is " {breakable(current)}
                ". It stays until you enter 2 codes: one that we send to it, and one that we send to the new address."
            </p>
            <Form
                action
                validate=|post: &Fields| {
                    OwnEmailForm { email: post.text("email") }.validate().map(drop)
                }
            >
                <TextInput
                    name="email"
                    label="New email address"
                    hint="You will sign in with it in all your organisations"
                    kind="email"
                    autocomplete="email"
                />
                <Button>"Continue"</Button>
            </Form>
            <Details summary="I cannot read email at my current address">
                <p>"Then you cannot change it here. Ask an administrator of your organisation to invite you with your new address, and to deactivate this account."</p>
            </Details>
        </Page>
    }
}

/// Asks for the codes.
#[component]
pub fn EmailCodesPage() -> impl IntoView {
    let resource = reading(|| ReadEmailCodes {});
    view! { <Loaded resource view=|change| view! { <EmailCodes change/> }.into_any()/> }
}

#[component]
fn EmailCodes(change: EmailChange) -> impl IntoView {
    let action = Post::<ChangeOwnEmail>::new();
    let sent_to = |address: String| view! { "Sent to " {breakable(address)} }.into_any();
    view! {
        <Page title="Check your email" back="/account/email">
            <p>"We have sent a different code to each of your email addresses. They can take a few minutes, and work for 10 minutes."</p>
            <p>"You will be signed out on all other devices."</p>
            <Form
                action
                validate=|post: &Fields| {
                    let form = EmailCodesForm {
                        current_code: post.text("current_code"),
                        new_code: post.text("new_code"),
                    };
                    form.validate().map(drop)
                }
            >
                <CodeInput
                    name="current_code"
                    label="Code from your current email address"
                    hint=sent_to(change.current)
                />
                <CodeInput
                    name="new_code"
                    label="Code from your new email address"
                    hint=sent_to(change.new)
                />
                <Button>"Change email address"</Button>
            </Form>
            <p><a href="/account/email">"I have not had a code"</a></p>
        </Page>
    }
}
