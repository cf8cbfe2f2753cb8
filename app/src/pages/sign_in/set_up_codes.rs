//! Setting up a way to get codes in the middle of signing in (R46, R48): a code to the person's own
//! address, how codes come from now on, and the first of them.

use domain::{
    SecondFactorKind,
    set_up_codes::{SetUpCodes, SetUpStep},
    sign_in::CodeForm,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::components::{
    Button, CodeInput, Page, Radios, TextInput,
    codes::{AppSetUp, CodeChecks, code_choices},
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::set_up_codes::{
    ChooseWayOfCodes, ConfirmWayOfCodes, ProveMailbox, ReadSetUpCodes, SendSetUpCode,
};

const CAPTION: &str = "Set up 2-step sign in";
const START: &str = "/sign-in/set-up-codes";
const NOT_RECEIVED: &str = "/sign-in/set-up-codes/code-not-received";

fn address(step: SetUpStep) -> String {
    match step {
        SetUpStep::Mailbox => START.to_owned(),
        step => [START, "/", step.as_str()].concat(),
    }
}

/// The end of the address of a page; empty for the first one.
fn asked() -> String {
    use_params_map().with_untracked(|params| params.get("step").unwrap_or_default())
}

/// One page for all steps, which show parts of the same.
#[component]
pub fn SetUpCodesPage() -> impl IntoView {
    let params = use_params_map();
    let step = Memo::new(move |_| params.with(|params| params.get("step").unwrap_or_default()));
    move || {
        // Read, not merely tracked: a memo that nobody has read follows nothing.
        let page = step.get();
        let resource = reading(move || ReadSetUpCodes { page: page.clone() });
        view! { <Loaded resource view=self::page/> }
    }
}

fn page(page: SetUpCodes) -> AnyView {
    let asked = asked();
    if !page.shows(&asked) {
        // The answer leads on.
        return ().into_any();
    }
    match SetUpStep::parse(&asked) {
        _ if asked == SetUpCodes::NOT_RECEIVED => view! { <NotReceived page/> }.into_any(),
        Some(SetUpStep::Method) => view! { <Method page/> }.into_any(),
        Some(SetUpStep::Code) => view! { <FirstCode page/> }.into_any(),
        Some(SetUpStep::Mailbox) | None => view! { <Mailbox ending=page.ending/> }.into_any(),
    }
}

/// The code to the person's own address.
#[component]
fn Mailbox(ending: String) -> impl IntoView {
    let action = Post::<ProveMailbox>::new();
    let sent = ["First, enter the code that we have sent to ", &ending, "."].concat();
    view! {
        <Page title="Set up 2-step sign in" back="/sign-in">
            <p>"You need a code when you sign in, and your account has no way to get one yet."</p>
            <p>{sent}</p>
            <p>"It can take a few minutes. The code works for 10 minutes."</p>
            <Form action validate=rule>
                <CodeInput label="Code" hint="The code is 6 numbers"/>
                <Button>"Continue"</Button>
            </Form>
            <p><a href=NOT_RECEIVED>"I have not had a code"</a></p>
        </Page>
    }
}

fn rule(post: &Fields) -> Result<(), domain::Violations> {
    let code = post.text("code");
    CodeForm { code }.validate().map(drop)
}

/// How codes come.
#[component]
fn Method(page: SetUpCodes) -> impl IntoView {
    let action = Post::<ChooseWayOfCodes>::new();
    let mobile = view! {
        <TextInput
            name="mobile"
            label="Mobile phone number"
            kind="tel"
            autocomplete="tel"
            width=20
            value=page.mobile
        />
    };
    let choices = code_choices(
        page.methods,
        "We will send codes to the address that you sign in with",
        Some(mobile.into_any()),
    );
    let question = "How do you want to get codes?";
    let checked = page.method.map(SecondFactorKind::as_str);
    view! {
        <Page title=question heading=false>
            <Form action>
                <Radios
                    name="codes_method"
                    legend=question
                    legend_size="l"
                    legend_is_heading=true
                    caption=CAPTION
                    hint="You will need a code each time you sign in"
                    choices
                    checked=checked.unwrap_or_default().to_owned()
                />
                <Button>"Continue"</Button>
            </Form>
        </Page>
    }
}

/// The first code.
#[component]
fn FirstCode(page: SetUpCodes) -> impl IntoView {
    let action = Post::<ConfirmWayOfCodes>::new();
    let can_choose = page.methods.len() > 1;
    let back = if can_choose {
        address(SetUpStep::Method)
    } else {
        "/sign-in".to_owned()
    };
    let other = can_choose.then(|| {
        view! { <p><a href=address(SetUpStep::Method)>"Use a different method"</a></p> }
    });
    let (title, before, after) = match page.app {
        Some(app) => (
            "Set up your authenticator app",
            view! { <AppSetUp app/> }.into_any(),
            None,
        ),
        None => {
            let sent = [
                "We have sent a code to your mobile phone number ending ",
                &page.ending,
                ".",
            ]
            .concat();
            (
                "Check your phone",
                view! {
                    <p>{sent}</p>
                    <p>"It can take a few minutes. The code works for 10 minutes."</p>
                }
                .into_any(),
                Some(view! { <p><a href=NOT_RECEIVED>"I have not had a code"</a></p> }),
            )
        }
    };
    view! {
        <Page title caption=CAPTION back>
            {before}
            <Form action validate=rule>
                <CodeInput label="Code" hint="The code is 6 numbers"/>
                <Button>"Continue"</Button>
            </Form>
            {after}
            {other}
        </Page>
    }
}

/// What to check, and a new code.
#[component]
fn NotReceived(page: SetUpCodes) -> impl IntoView {
    let action = Post::<SendSetUpCode>::new();
    let is_text = page.kind == SecondFactorKind::Sms;
    let own = if is_text {
        "Check that you entered the right mobile phone number."
    } else {
        "Check that you are looking at the mailbox of the address that you sign in with."
    };
    view! {
        <Page title="If you have not had a code" caption=CAPTION back=address(page.step)>
            <CodeChecks is_text own/>
            <Form action>
                <Button>"Send a new code"</Button>
            </Form>
            <p><a href="/help/signing-in">"I cannot get codes any more"</a></p>
        </Page>
    }
}
