//! Where everybody gets access (D4 step 4, 6.16).

use domain::{
    Violations,
    invitation::{InviteAreas, InviteStep},
};
use leptos::prelude::*;

use super::{CAPTION, journey};
use crate::components::{
    AreaPicker, Button, Page,
    form::{Fields, Form, Post},
    loaded::Loaded,
};
use crate::reading::reading;
use crate::server_fns::invitations::{AnswerAreas, ReadInviteAreas};

/// The question about the areas.
#[component]
pub fn InviteAreasPage() -> impl IntoView {
    let journey = journey();
    let resource = reading(move || ReadInviteAreas {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    view! {
        <Loaded
            resource
            view=|page| match page {
                Some(page) => view! { <AreasQuestion page/> }.into_any(),
                None => ().into_any(),
            }
        />
    }
}

#[component]
fn AreasQuestion(page: InviteAreas) -> impl IntoView {
    let journey = journey();
    let action = Post::<AnswerAreas>::new();
    let back = journey.page(InviteStep::Role);
    let title = "Where do they need access?";
    let article = if page.area_label.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an "
    } else {
        "a "
    };
    let hint = [
        "Select all that apply. Selecting ",
        article,
        &page.area_label,
        " includes everything inside it.",
    ]
    .concat();
    let everywhere = page.whole_offered.then_some(page.organisation_name);
    let all_offered = page.offered.len() == page.tree.len();
    let (hidden, cancel) = (journey.hidden(), journey.cancel());
    view! {
        <Page title heading=false back>
            <Form
                action
                validate=|post: &Fields| {
                    if !post.has("areas[]") {
                        return Err(Violations::one("areas", "areas.empty"));
                    }
                    Ok(())
                }
            >
                {hidden}
                <AreaPicker
                    name="areas[]"
                    legend=title
                    caption=CAPTION
                    hint
                    tree=page.tree
                    all_of=everywhere.unwrap_or_default()
                    manageable=(!all_offered).then_some(page.offered)
                    checked=page.chosen
                />
                <Button>"Continue"</Button>
            </Form>
            {cancel}
        </Page>
    }
}
