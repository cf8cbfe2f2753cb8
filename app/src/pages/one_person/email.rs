//! The address (D3 step 1, J19), and the interruption where it is doubtful (6.6, V16).

use domain::one_person::{AddEmailForm, AddEmailView, AddStep, AddressView};
use leptos::prelude::*;

use super::{CAPTION, journey};
use crate::components::{
    Button, ButtonGroup, InsetText, InterruptionPanel, Page, TextInput, breakable,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::one_person::{
    AnswerAddAddress, AnswerAddEmail, ReadAddAddress, ReadAddEmail,
};

/// `/o/{org}/users/add/{draft}/email`
#[component]
pub fn AddEmailPage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadAddEmail {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page| match page {
                Some(page) => view! { <EmailQuestion page/> }.into_any(),
                None => ().into_any(),
            }
        />
    }
}

#[component]
fn EmailQuestion(page: AddEmailView) -> impl IntoView {
    let journey = journey();
    let action = Post::<AnswerAddEmail>::new();
    let back = if page.from_check {
        journey.page(AddStep::Check)
    } else {
        [&journey.users(), "/add"].concat()
    };
    let hint = match page.domains.as_slice() {
        [] => String::new(),
        domains => ["It must end in ", &domains.join(" or ")].concat(),
    };
    let (hidden, cancel) = (journey.hidden(), journey.cancel());
    view! {
        <Page title="What is their email address?" heading=false back>
            <Form
                action
                validate=|post: &Fields| AddEmailForm { email: post.text("email") }.validate().map(drop)
            >
                {hidden}
                <TextInput
                    name="email"
                    label="What is their email address?"
                    label_size="l"
                    label_is_heading=true
                    caption=CAPTION
                    hint
                    kind="email"
                    autocomplete="off"
                    value=page.email
                />
                <InsetText>
                    <p>"If they already work with another organisation, use the email address they already use."</p>
                </InsetText>
                <Button>"Continue"</Button>
            </Form>
            {cancel}
        </Page>
    }
}

/// `/o/{org}/users/add/{draft}/check-email`
#[component]
pub fn AddAddressPage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadAddAddress {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page| match page {
                Some(page) => view! { <Doubtful page/> }.into_any(),
                None => ().into_any(),
            }
        />
    }
}

#[component]
fn Doubtful(page: AddressView) -> impl IntoView {
    let journey = journey();
    let action = Post::<AnswerAddAddress>::new();
    let back = journey.page(AddStep::Email);
    let (heading, why) = if page.variant {
        (
            "You do not need a different email address for each organisation".to_owned(),
            "Someone with this email address has an account already. Use it, and they can choose your organisation when they sign in.",
        )
    } else {
        (
            ["Is ", &page.email, " correct?"].concat(),
            "It looks mistyped. An invitation to a wrong email address reaches nobody, or the wrong person.",
        )
    };
    let use_other = ["Use ", &page.instead].concat();
    let keep = ["No, ", &page.email, " is correct"].concat();
    let hidden = journey.hidden();
    view! {
        <Page title=heading.clone() heading=false back>
            <InterruptionPanel heading=breakable(heading)>
                <p>{why}</p>
                <Form action>
                    {hidden}
                    <ButtonGroup>
                        <Button variant="reverse" name="choice" value="use">
                            {breakable(use_other)}
                        </Button>
                        <button class="app-button-link app-button-link--reverse" type="submit" name="choice" value="keep">
                            {breakable(keep)}
                        </button>
                    </ButtonGroup>
                </Form>
            </InterruptionPanel>
        </Page>
    }
}
