//! The second step: a code, and what to do without one (A3 to A5).

use domain::{
    SecondFactorKind,
    account::ChooseMethodForm,
    sign_in::{CodeForm, RecoveryCodeForm, SecondStep},
};
use leptos::prelude::*;

use crate::components::{
    Button, Choice, CodeInput, InsetText, Page, Radios, TextInput,
    codes::CodeChecks,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::sign_in::{
    CheckSignInCode, ChooseSignInMethod, ReadSecondStep, SendSignInCode, UseRecoveryCode,
};

/// A page of the second step, once it is known what can be asked for.
fn with_step(view: fn(SecondStep) -> AnyView) -> impl IntoView {
    let resource = reading(|| ReadSecondStep {});
    view! { <Loaded resource view/> }
}

/// Asks for the code.
#[component]
pub fn CheckYourCodePage() -> impl IntoView {
    with_step(|step| match step.kind {
        Some(kind) => view! { <CodeQuestion kind step/> }.into_any(),
        None => view! { <RecoveryQuestion step/> }.into_any(),
    })
}

#[component]
fn CodeQuestion(kind: SecondFactorKind, step: SecondStep) -> impl IntoView {
    let action = Post::<CheckSignInCode>::new();
    let (title, sent) = match kind {
        SecondFactorKind::Sms => (
            "Check your phone",
            Some(view! {
                <p>"We have sent a code to your mobile phone number ending " {step.ending} "."</p>
            }
            .into_any()),
        ),
        SecondFactorKind::Email => (
            "Check your email",
            Some(view! { <p>"We have sent a code to " {step.ending} "."</p> }.into_any()),
        ),
        SecondFactorKind::Authenticator | SecondFactorKind::Passkey => {
            ("Enter the code from your authenticator app", None)
        }
    };
    let was_sent = sent.is_some();
    let how_long = was_sent.then(|| {
        view! { <p>"It can take a few minutes. The code works for 10 minutes."</p> }
    });
    let not_received = was_sent.then(|| {
        view! { <p><a href="/sign-in/code-not-received">"I have not had a code"</a></p> }
    });
    let recovery = step.has_recovery_codes.then(|| {
        view! { <p><a href="/sign-in/use-recovery-code">"Use a recovery code"</a></p> }
    });
    let other = (!step.others.is_empty()).then(|| {
        view! { <p><a href="/sign-in/choose-method">"Use a different method"</a></p> }
    });
    view! {
        <Page title back="/sign-in">
            {sent}
            {how_long}
            <Form
                action
                validate=|post: &Fields| {
                    CodeForm { code: post.text("code") }.validate().map(drop)
                }
            >
                <CodeInput label="Code" hint="The code is 6 numbers"/>
                <Button>"Continue"</Button>
            </Form>
            {not_received}
            {recovery}
            {other}
        </Page>
    }
}

/// What to check, and a new code.
#[component]
pub fn CodeNotReceivedPage() -> impl IntoView {
    with_step(|step| view! { <NotReceived step/> }.into_any())
}

#[component]
fn NotReceived(step: SecondStep) -> impl IntoView {
    let action = Post::<SendSignInCode>::new();
    let is_text = step.kind == Some(SecondFactorKind::Sms);
    let own = if is_text {
        "Check that you are using the phone with the number that we hold."
    } else {
        "Check that you are looking at the mailbox of the address that you sign in with."
    };
    let help = if is_text {
        "My mobile number has changed"
    } else {
        "I cannot get codes any more"
    };
    view! {
        <Page title="If you have not had a code" back="/sign-in/check-your-code">
            <CodeChecks is_text own/>
            <Form action>
                <Button>"Send a new code"</Button>
            </Form>
            <p><a href="/help/signing-in">{help}</a></p>
        </Page>
    }
}

/// Another of the person's methods.
#[component]
pub fn ChooseMethodPage() -> impl IntoView {
    with_step(|step| view! { <MethodQuestion step/> }.into_any())
}

#[component]
fn MethodQuestion(step: SecondStep) -> impl IntoView {
    let action = Post::<ChooseSignInMethod>::new();
    let choices = step
        .kind
        .into_iter()
        .chain(step.others)
        .map(|kind| {
            let (label, hint) = match kind {
                SecondFactorKind::Sms => {
                    ("Text message", "We will send a code to your mobile phone")
                }
                SecondFactorKind::Email => ("Email", "We will send a code to your email address"),
                SecondFactorKind::Authenticator | SecondFactorKind::Passkey => {
                    ("Authenticator app", "This works without signal")
                }
            };
            Choice::new(kind.as_str().to_owned(), label).hint(hint)
        })
        .collect();
    view! {
        <Page title="How do you want to get a code?" heading=false back="/sign-in/check-your-code">
            <Form
                action
                validate=|post: &Fields| {
                    ChooseMethodForm { method: post.text("method") }.validate().map(drop)
                }
            >
                <Radios
                    name="method"
                    legend="How do you want to get a code?"
                    legend_size="l"
                    legend_is_heading=true
                    choices
                />
                <Button>"Continue"</Button>
            </Form>
        </Page>
    }
}

/// A recovery code in the place of the code.
#[component]
pub fn UseRecoveryCodePage() -> impl IntoView {
    with_step(|step| view! { <RecoveryQuestion step/> }.into_any())
}

#[component]
fn RecoveryQuestion(step: SecondStep) -> impl IntoView {
    let action = Post::<UseRecoveryCode>::new();
    let why = step.mailbox_spent.then(|| {
        view! {
            <InsetText>
                <p>
                    "You chose your password with a link that we emailed you. A code to the same mailbox is not enough to sign in this time."
                </p>
            </InsetText>
        }
    });
    let back = if step.kind.is_some() {
        "/sign-in/check-your-code"
    } else {
        "/sign-in"
    };
    if !step.has_recovery_codes {
        return view! {
            <Page title="You need help to sign in" back=back>
                {why}
                <p>"You have no recovery codes left. Ask an administrator of your organisation to reset your codes."</p>
                <p>"If you do not know who your administrator is, " <a href="/contact">"contact us"</a> "."</p>
            </Page>
        }
        .into_any();
    }
    view! {
        <Page title="Use a recovery code" back=back>
            {why}
            <p>"You were given 10 recovery codes when you set up 2-step sign in. Each works once."</p>
            <Form
                action
                validate=|post: &Fields| {
                    let form = RecoveryCodeForm { recovery_code: post.text("recovery_code") };
                    form.validate().map(drop)
                }
            >
                <TextInput
                    name="recovery_code"
                    label="Recovery code"
                    hint="It has 16 letters and numbers. You can leave out the hyphens"
                    code=true
                    width=20
                    autocomplete="off"
                    autocapitalize="none"
                />
                <Button>"Continue"</Button>
            </Form>
            <p><a href="/help/signing-in">"I do not have my recovery codes"</a></p>
        </Page>
    }
    .into_any()
}
