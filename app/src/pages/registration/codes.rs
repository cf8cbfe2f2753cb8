//! The second factor of a new account (B3, B4), and the recovery codes.

use domain::{
    SecondFactorKind,
    registration::{ConfirmCodeView, RecoveryCodesView, RegistrationStep, RegistrationView},
    sign_in::CodeForm,
};
use leptos::prelude::*;

use super::{CAPTION, address, elsewhere, invitation, landing::service_name};
use crate::components::{
    Button, CodeInput, Page, Radios, TextInput,
    codes::{AppSetUp, CodeChecks, RecoveryCodes, code_choices},
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::registration::{
    ChooseCodesMethod, ConfirmCode, KeepRecoveryCodes, ReadConfirmCode, ReadRecoveryCodes,
    ReadRegistration, SendRegistrationCode,
};

/// How codes come.
#[component]
pub fn ChooseCodesMethodPage() -> impl IntoView {
    let resource = reading(|| ReadRegistration {
        invitation: invitation(),
    });
    let view = |view: RegistrationView| {
        elsewhere(view.step, RegistrationStep::CodesMethod)
            .unwrap_or_else(|| view! { <MethodQuestion view/> }.into_any())
    };
    view! { <Loaded resource view/> }
}

#[component]
fn MethodQuestion(view: RegistrationView) -> impl IntoView {
    let action = Post::<ChooseCodesMethod>::new();
    let mobile_known = view.mobile_known;
    let choices = code_choices(
        view.codes_methods,
        "We will send codes to the address that we invited",
        (!mobile_known).then(|| mobile_input().into_any()),
    );
    let question = "How do you want to get codes?";
    view! {
        <Page title=question heading=false back=address(RegistrationStep::Details.as_str())>
            <Form action>
                <Radios
                    name="codes_method"
                    legend=question
                    legend_size="l"
                    legend_is_heading=true
                    caption=CAPTION
                    hint="You will need a code each time you sign in"
                    choices
                    checked=view.codes_method.map(|kind| kind.as_str().to_owned()).unwrap_or_default()
                />
                <Button>"Continue"</Button>
            </Form>
        </Page>
    }
}

fn mobile_input() -> impl IntoView {
    view! {
        <TextInput name="mobile" label="Mobile phone number" kind="tel" autocomplete="tel" width=20/>
    }
}

/// The first code.
#[component]
pub fn ConfirmCodePage() -> impl IntoView {
    let resource = reading(|| ReadConfirmCode {
        invitation: invitation(),
    });
    let view = |view: ConfirmCodeView| {
        if view.step == RegistrationStep::ConfirmCode {
            view! { <CodeQuestion view/> }.into_any()
        } else {
            view! { <super::GoTo path=address(view.step.as_str())/> }.into_any()
        }
    };
    view! { <Loaded resource view/> }
}

#[component]
fn CodeQuestion(view: ConfirmCodeView) -> impl IntoView {
    let action = Post::<ConfirmCode>::new();
    let title = match view.kind {
        SecondFactorKind::Sms => "Check your phone",
        SecondFactorKind::Email => "Check your email",
        SecondFactorKind::Authenticator | SecondFactorKind::Passkey => {
            "Set up your authenticator app"
        }
    };
    let back = if view.can_choose {
        RegistrationStep::CodesMethod
    } else {
        RegistrationStep::Details
    };
    let is_sent = view.app.is_none();
    let before = match view.app {
        Some(app) => view! { <AppSetUp app/> }.into_any(),
        None => {
            let sent = if view.kind == SecondFactorKind::Sms {
                [
                    "We have sent a code to your mobile phone number ending ",
                    &view.ending,
                    ".",
                ]
            } else {
                ["We have sent a code to ", &view.ending, "."]
            };
            view! {
                <p>{sent.concat()}</p>
                <p>"It can take a few minutes. The code works for 10 minutes."</p>
            }
            .into_any()
        }
    };
    let not_received = is_sent.then(|| {
        view! { <p><a href=address("code-not-received")>"I have not had a code"</a></p> }
    });
    let other = view.can_choose.then(|| {
        let href = address(RegistrationStep::CodesMethod.as_str());
        view! { <p><a href=href>"Use a different method"</a></p> }
    });
    view! {
        <Page title caption=CAPTION back=address(back.as_str())>
            {before}
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
            {other}
        </Page>
    }
}

/// What to check when no code has come, and a new code.
#[component]
pub fn CodeNotSentPage() -> impl IntoView {
    let resource = reading(|| ReadConfirmCode {
        invitation: invitation(),
    });
    let view = |view: ConfirmCodeView| {
        if view.step == RegistrationStep::ConfirmCode {
            view! { <NotSent view/> }.into_any()
        } else {
            view! { <super::GoTo path=address(view.step.as_str())/> }.into_any()
        }
    };
    view! { <Loaded resource view/> }
}

#[component]
fn NotSent(view: ConfirmCodeView) -> impl IntoView {
    let action = Post::<SendRegistrationCode>::new();
    let is_text = view.kind == SecondFactorKind::Sms;
    let own = if is_text {
        "Check that you entered the right mobile phone number."
    } else {
        "Check that you are looking at the mailbox that the invitation came to."
    };
    let correct = is_text.then(|| {
        let href = address(RegistrationStep::Details.as_str());
        view! { <p><a href=href>"Change your mobile phone number"</a></p> }
    });
    let other = view.can_choose.then(|| {
        let href = address(RegistrationStep::CodesMethod.as_str());
        view! { <p><a href=href>"Use a different method"</a></p> }
    });
    view! {
        <Page
            title="If you have not had a code"
            caption=CAPTION
            back=address(RegistrationStep::ConfirmCode.as_str())
        >
            <CodeChecks is_text own/>
            <Form action>
                <Button>"Send a new code"</Button>
            </Form>
            {correct}
            {other}
        </Page>
    }
}

/// Ten codes to keep, shown until the person goes on.
#[component]
pub fn RecoveryCodesPage() -> impl IntoView {
    let resource = reading(|| ReadRecoveryCodes {
        invitation: invitation(),
    });
    let view = |view: RecoveryCodesView| {
        if view.step == RegistrationStep::RecoveryCodes {
            view! { <KeepCodes codes=view.codes/> }.into_any()
        } else {
            view! { <super::GoTo path=address(view.step.as_str())/> }.into_any()
        }
    };
    view! { <Loaded resource view/> }
}

#[component]
fn KeepCodes(codes: Vec<String>) -> impl IntoView {
    let action = Post::<KeepRecoveryCodes>::new();
    view! {
        <Page title="Keep your recovery codes" caption=CAPTION>
            <p>"Use one of these if you cannot get a code, for example if you lose your phone. Each works once."</p>
            <RecoveryCodes codes service_name=service_name()/>
            <p>"Keep them where only you can find them. We will not show them again."</p>
            <Form action>
                <Button>"Continue"</Button>
            </Form>
        </Page>
    }
}
