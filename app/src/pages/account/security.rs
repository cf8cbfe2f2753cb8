//! How the person gets codes (K): an authenticator app, and recovery codes.

use domain::{
    SecondFactorKind, account::OwnSecurity, second_factor::AuthenticatorSetUp, sign_in::CodeForm,
};
use leptos::prelude::*;

use super::words_of;
use crate::components::{
    Button, ButtonLink, CodeInput, Page, RecoveryCodes, SummaryList, SummaryRow,
    codes::AppSetUp,
    form::{Fields, Form, Post, ask_again_after},
    lines,
    loaded::Loaded,
};
use crate::messages::plural;
use crate::pages::sign_in::return_to;
use crate::reading::reading;
use crate::server_fns::account_security::{
    BeginOwnApp, NewRecoveryCodes, ReadNewRecoveryCodes, ReadOwnApp, ReadOwnSecurity, RemoveOwnApp,
    SetOwnApp,
};

/// What there is, and what can be done about it.
#[component]
pub fn OwnSecurityPage() -> impl IntoView {
    let resource = reading(|| ReadOwnSecurity {});
    view! { <Loaded resource view=|security| view! { <Security security/> }.into_any()/> }
}

#[component]
fn Security(security: OwnSecurity) -> impl IntoView {
    let begin = Post::<BeginOwnApp>::new();
    let remove = Post::<RemoveOwnApp>::new();
    let kinds = if security.kinds.is_empty() {
        "Not set up".into()
    } else {
        lines(security.kinds.iter().map(|kind| words_of(*kind).to_owned()))
    };
    let codes = plural(
        u64::from(security.recovery_codes_left),
        "code left",
        "codes left",
    );
    let rows = vec![
        SummaryRow::new("How you can get codes", kinds),
        SummaryRow::new("Recovery codes", codes).action(
            "Get new codes",
            "/account/security/recovery-codes",
            "for recovery",
        ),
    ];
    let has_app = security.kinds.contains(&SecondFactorKind::Authenticator);
    let (words, about) = if has_app {
        (
            "Use a different authenticator app",
            "The app that you use now works until the new one is set up.",
        )
    } else {
        (
            "Set up an authenticator app",
            "An app on your phone shows codes. It is the safest way, and works without signal.",
        )
    };
    let removal = if security.can_remove_app {
        view! {
            <Form action=remove>
                <Button variant="secondary">"Remove the authenticator app"</Button>
            </Form>
        }
        .into_any()
    } else if has_app {
        view! { <p>"You cannot remove the app. Your organisation needs it, or it is your only way to get codes."</p> }
            .into_any()
    } else {
        ().into_any()
    };
    view! {
        <Page title="2-step sign in" back="/account">
            <SummaryList rows/>
            <h2 class="nhsuk-heading-m">"Authenticator app"</h2>
            <p>{about}</p>
            <p>"When you change or remove it, you are signed out on all other devices."</p>
            <Form action=begin>
                <Button variant="secondary">{words}</Button>
            </Form>
            {removal}
        </Page>
    }
}

/// The picture, the key, and the first code.
#[component]
pub fn OwnAppPage() -> impl IntoView {
    let resource = reading(|| ReadOwnApp {});
    view! { <Loaded resource view=|app| view! { <AppQuestion app/> }.into_any()/> }
}

#[component]
fn AppQuestion(app: AuthenticatorSetUp) -> impl IntoView {
    let action = Post::<SetOwnApp>::new();
    view! {
        <Page title="Set up your authenticator app" back="/account/security">
            <AppSetUp app/>
            <Form
                action
                validate=|post: &Fields| {
                    CodeForm { code: post.text("code") }.validate().map(drop)
                }
            >
                <CodeInput label="Code" hint="The code is 6 numbers"/>
                <Button>"Set up the app"</Button>
            </Form>
        </Page>
    }
}

/// New recovery codes: asked for, then shown once.
#[component]
pub fn OwnRecoveryCodesPage() -> impl IntoView {
    let resource = reading(|| ReadNewRecoveryCodes {});
    // The codes stand at the same address as the question.
    let action = Post::<NewRecoveryCodes>::new();
    ask_again_after(action, resource);
    provide_context(action);
    let view = |codes: Vec<String>| {
        if codes.is_empty() {
            view! { <AskForCodes/> }.into_any()
        } else {
            view! { <KeepCodes codes/> }.into_any()
        }
    };
    view! { <Loaded resource view/> }
}

#[component]
fn AskForCodes() -> impl IntoView {
    let action = use_context::<Post<NewRecoveryCodes>>().unwrap_or_else(Post::new);
    view! {
        <Page title="Get new recovery codes" back="/account/security">
            <p>"Recovery codes let you sign in when you cannot get a code, for example if you lose your phone."</p>
            <p>"Your old recovery codes will not work any more."</p>
            <Form action>
                <Button>"Get new codes"</Button>
            </Form>
        </Page>
    }
}

#[component]
fn KeepCodes(codes: Vec<String>) -> impl IntoView {
    // Whoever came here while signing in goes on to where they wanted to go.
    let wanted = return_to();
    let on = if wanted.starts_with('/') && !wanted[1..].starts_with(['/', '\\']) {
        wanted
    } else {
        "/account/security".to_owned()
    };
    view! {
        <Page title="Keep your recovery codes">
            <p>"Use one of these if you cannot get a code, for example if you lose your phone. Each works once."</p>
            <RecoveryCodes codes/>
            <p>"Keep them where only you can find them. We will not show them again."</p>
            <ButtonLink href=on>"Continue"</ButtonLink>
        </Page>
    }
}
