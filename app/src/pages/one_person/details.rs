//! Who they are (D3 step 2, J20, V02).

use domain::one_person::{AddDetailsView, AddStep};
use domain::policy::FieldUse;
use leptos::prelude::*;

use super::{CAPTION, journey};
use crate::components::{
    Button, DetailsFields, Page, breakable, details_rule,
    form::{Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::one_person::{AnswerAddDetails, ReadAddDetails};

/// `/o/{org}/users/add/{draft}/details`
#[component]
pub fn AddDetailsPage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadAddDetails {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page| match page {
                Some(page) => view! { <DetailsQuestion page/> }.into_any(),
                None => ().into_any(),
            }
        />
    }
}

#[component]
fn DetailsQuestion(page: AddDetailsView) -> impl IntoView {
    let journey = journey();
    let action = Post::<AnswerAddDetails>::new();
    let back = journey.page(match page.back {
        AddStep::ExistingPerson => AddStep::ExistingPerson,
        _ => AddStep::Email,
    });
    let title = if page.rules.names == FieldUse::Hidden {
        "What do you know about them?"
    } else {
        "Who are they?"
    };
    let rule = details_rule(&page.rules);
    let (hidden, cancel) = (journey.hidden(), journey.cancel());
    view! {
        <Page title caption=CAPTION back>
            <p>"Email address: " {breakable(page.email)}</p>
            <Form action validate=rule>
                {hidden}
                <DetailsFields rules=page.rules details=page.details/>
                <Button>"Continue"</Button>
            </Form>
            {cancel}
        </Page>
    }
}
