//! Where everybody gets access (D4 step 4, 6.16).

use domain::{area::AreasQuestion as Question, invitation::InviteStep};
use leptos::prelude::*;

use super::{CAPTION, journey};
use crate::components::{AreasQuestion, areas_hint, form::Post, loaded::Loaded};
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
                Some(page) => question(page),
                None => ().into_any(),
            }
        />
    }
}

fn question(page: Question) -> AnyView {
    let journey = journey();
    let action = Post::<AnswerAreas>::new();
    let back = journey.page(InviteStep::Role);
    let hint = areas_hint(&page.area_label);
    let (hidden, cancel) = (journey.hidden().into_any(), journey.cancel().into_any());
    view! { <AreasQuestion action caption=CAPTION hint question=page back hidden cancel/> }
        .into_any()
}
