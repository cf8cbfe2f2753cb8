//! A new mobile number, and the code that proves it (R73).

use domain::{MobileRegion, account::OwnMobileForm, sign_in::CodeForm};
use leptos::prelude::*;

use crate::components::{
    Button, CodeInput, Page, TextInput,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::account_changes::{
    ChangeOwnMobile, ProveOwnMobile, ReadMobileCode, ReadOwnMobile,
};

/// Asks for the number.
#[component]
pub fn OwnMobilePage() -> impl IntoView {
    let resource = reading(|| ReadOwnMobile {});
    view! { <Loaded resource view=|ending| view! { <MobileQuestion ending/> }.into_any()/> }
}

#[component]
fn MobileQuestion(ending: String) -> impl IntoView {
    let action = Post::<ProveOwnMobile>::new();
    let now = (!ending.is_empty()).then(|| {
        view! { <p>"Your number now ends " {ending} ". It stays until you enter the code that we send to the new one."</p> }
    });
    view! {
        <Page title="What is your mobile phone number?" back="/account">
            {now}
            <Form
                action
                validate=|post: &Fields| {
                    let form = OwnMobileForm { mobile: post.text("mobile") };
                    // Which countries are allowed, the server knows.
                    form.validate(MobileRegion::Any).map(drop)
                }
            >
                <TextInput
                    name="mobile"
                    label="Mobile phone number"
                    hint="We will send you a code by text message"
                    kind="tel"
                    autocomplete="tel"
                    width=20
                />
                <Button>"Continue"</Button>
            </Form>
        </Page>
    }
}

/// Asks for the code.
#[component]
pub fn MobileCodePage() -> impl IntoView {
    let resource = reading(|| ReadMobileCode {});
    view! { <Loaded resource view=|ending| view! { <MobileCode ending/> }.into_any()/> }
}

#[component]
fn MobileCode(ending: String) -> impl IntoView {
    let action = Post::<ChangeOwnMobile>::new();
    view! {
        <Page title="Check your phone" back="/account/mobile-number">
            <p>"We have sent a code to your mobile phone number ending " {ending} "."</p>
            <p>"It can take a few minutes. The code works for 10 minutes. You will be signed out on all other devices."</p>
            <Form
                action
                validate=|post: &Fields| {
                    CodeForm { code: post.text("code") }.validate().map(drop)
                }
            >
                <CodeInput label="Code" hint="The code is 6 numbers"/>
                <Button>"Change number"</Button>
            </Form>
            <p><a href="/account/mobile-number">"I have not had a code"</a></p>
        </Page>
    }
}
