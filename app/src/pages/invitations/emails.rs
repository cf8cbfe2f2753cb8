//! Who to invite (D4 step 1, 6.18).

use domain::{
    invitation::{InviteEmails, InviteEmailsForm, InviteStep},
    wording::number,
};
use leptos::prelude::*;

use super::{CAPTION, journey};
use crate::components::{
    Button, EmailCounter, Page,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::invitations::{AnswerEmails, ReadInviteEmails};

/// The pasted list.
#[component]
pub fn InviteEmailsPage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadInviteEmails {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page| match page {
                Some(page) => view! { <ListQuestion page/> }.into_any(),
                None => ().into_any(),
            }
        />
    }
}

/// The page of answers for who came from there, otherwise the question before the journey.
fn way_back(page: &InviteEmails, journey: &super::Journey) -> String {
    if page.from_check {
        journey.page(InviteStep::Check)
    } else {
        [&journey.users(), "/add"].concat()
    }
}

#[component]
fn ListQuestion(page: InviteEmails) -> impl IntoView {
    let journey = journey();
    let action = Post::<AnswerEmails>::new();
    let back = way_back(&page, &journey);
    let hint = [
        "Type or paste email addresses. Put each one on its own line, or separate them with commas or \
         semicolons. You can paste straight from Outlook. You can invite up to ",
        &number(page.limit.into()),
        " people at a time.",
    ]
    .concat();
    let (hidden, cancel) = (journey.hidden(), journey.cancel());
    view! {
        <Page title="Who do you want to invite?" heading=false back>
            <Form
                action
                validate=|post: &Fields| {
                    let form = InviteEmailsForm { emails: post.text("emails") };
                    form.validate(u32::MAX, &[]).map(drop)
                }
            >
                {hidden}
                <EmailCounter
                    label="Who do you want to invite?"
                    caption=CAPTION
                    hint
                    value=page.emails
                    known_domains=page.domains
                />
                <Button>"Continue"</Button>
            </Form>
            {cancel}
        </Page>
    }
}
