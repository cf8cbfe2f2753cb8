//! A few words of the inviter's own (D4 step 5).

use domain::invitation::{InviteMessage, MessageForm};
use leptos::prelude::*;

use super::{CAPTION, journey};
use crate::components::{
    Button, CharacterCount, Page,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::invitations::{AnswerMessage, ReadInviteMessage};

/// The question about the message.
#[component]
pub fn InviteMessagePage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadInviteMessage {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page| match page {
                Some(page) => view! { <MessageQuestion page/> }.into_any(),
                None => ().into_any(),
            }
        />
    }
}

#[component]
fn MessageQuestion(page: InviteMessage) -> impl IntoView {
    let journey = journey();
    let action = Post::<AnswerMessage>::new();
    let back = journey.page(page.back);
    let title = "Do you want to add a message? (optional)";
    let (hidden, cancel) = (journey.hidden(), journey.cancel());
    view! {
        <Page title heading=false back>
            <Form
                action
                validate=|post: &Fields| {
                    MessageForm { message: post.text("message") }.validate().map(drop)
                }
            >
                {hidden}
                <CharacterCount
                    name="message"
                    label=title
                    label_size="l"
                    label_is_heading=true
                    caption=CAPTION
                    hint="It will be part of the email. Do not include web addresses or sensitive information."
                    limit=1_000
                    value=page.message
                />
                <Button>"Continue"</Button>
            </Form>
            {cancel}
        </Page>
    }
}
