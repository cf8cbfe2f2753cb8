//! Proving once more who one is, before something is changed that keeps an account or an organisation safe
//! (R49): the password, and a code by the best method that the person has.

use domain::{
    SecondFactorKind,
    account::{ConfirmPasswordForm, StepUp, StepUpCode},
    listing::encode_query,
    sign_in::CodeForm,
};
use leptos::prelude::*;

use crate::components::{
    Button, CodeInput, Page, PasswordInput, UsernameForManagers,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::pages::sign_in::return_to;
use crate::reading::reading;
use crate::server_fns::step_up::{ConfirmCode, ConfirmPassword, ReadConfirm, SendConfirmCode};

/// Asks for the password again.
#[component]
pub fn ConfirmPasswordPage() -> impl IntoView {
    let resource = reading(|| ReadConfirm {
        code: false,
        return_to: return_to(),
    });
    let view = |asked: StepUp| view! { <PasswordAgain email=asked.email/> }.into_any();
    view! { <Loaded resource view/> }
}

#[component]
fn PasswordAgain(email: String) -> impl IntoView {
    let action = Post::<ConfirmPassword>::new();
    view! {
        <Page title="Enter your password to continue" back="/account">
            <p>"We ask for your password again before a change like this."</p>
            <Form
                action
                validate=|post: &Fields| {
                    let form = ConfirmPasswordForm { password: post.text("password") };
                    form.validate().map(drop)
                }
            >
                <input type="hidden" name="return_to" value=return_to()/>
                <UsernameForManagers email/>
                <PasswordInput name="password" label="Password" autocomplete="current-password"/>
                <Button>"Continue"</Button>
            </Form>
        </Page>
    }
}

/// Asks for the code, after the password.
#[component]
pub fn StepUpCodePage() -> impl IntoView {
    let resource = reading(|| ReadConfirm {
        code: true,
        return_to: return_to(),
    });
    let view = |asked: StepUp| match asked.code {
        Some(asked) => view! { <CodeAgain asked/> }.into_any(),
        // The answer leads on.
        None => ().into_any(),
    };
    view! { <Loaded resource view/> }
}

#[component]
fn CodeAgain(asked: StepUpCode) -> impl IntoView {
    let action = Post::<ConfirmCode>::new();
    let back = "/account/confirm".to_owned() + &encode_query(&[("return-to", return_to())]);
    let (title, sent) = match asked.kind {
        SecondFactorKind::Sms => (
            "Check your phone",
            Some(["mobile phone number ending ", &asked.ending].concat()),
        ),
        SecondFactorKind::Email => ("Check your email", Some(asked.ending)),
        SecondFactorKind::Authenticator | SecondFactorKind::Passkey => {
            ("Enter the code from your authenticator app", None)
        }
    };
    let again = sent.is_some().then(|| view! { <SendAgain/> });
    let sent = sent.map(|to| {
        let sent = ["We have sent a code to ", &to, "."].concat();
        view! {
            <p>{sent}</p>
            <p>"It can take a few minutes. The code works for 10 minutes."</p>
        }
    });
    view! {
        <Page title back>
            {sent}
            <Form
                action
                validate=|post: &Fields| {
                    CodeForm { code: post.text("code") }.validate().map(drop)
                }
            >
                <input type="hidden" name="return_to" value=return_to()/>
                <CodeInput label="Code" hint="The code is 6 numbers"/>
                <Button>"Continue"</Button>
            </Form>
            {again}
            <p><a href="/help/signing-in">"I cannot get codes any more"</a></p>
        </Page>
    }
}

#[component]
fn SendAgain() -> impl IntoView {
    let action = Post::<SendConfirmCode>::new();
    view! {
        <Form action>
            <input type="hidden" name="return_to" value=return_to()/>
            <Button variant="secondary">"Send a new code"</Button>
        </Form>
    }
}
