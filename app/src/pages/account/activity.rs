//! The last sign-ins, and what was changed of what opens the account (K).

use domain::account::OwnEvent;
use leptos::prelude::*;

use crate::components::{Page, Timeline, TimelineItem, loaded::Loaded};
use crate::pages::activity::short_item;
use crate::reading::reading;
use crate::server_fns::account::ReadOwnActivity;

/// `/account/activity`
#[component]
pub fn OwnActivityPage() -> impl IntoView {
    let resource = reading(|| ReadOwnActivity {});
    view! { <Loaded resource view=|events| view! { <OwnActivity events/> }.into_any()/> }
}

#[component]
fn OwnActivity(events: Vec<OwnEvent>) -> impl IntoView {
    let content = if events.is_empty() {
        view! { <p>"There is no activity yet."</p> }.into_any()
    } else {
        let items = events.into_iter().map(happened).collect();
        view! { <Timeline items/> }.into_any()
    };
    view! {
        <Page title="Your account activity" back="/account">
            <p>
                "The last 50 sign-ins and changes. If you do not know one of them, "
                <a href="/account/password">"change your password"</a> " and "
                <a href="/account/sessions">"sign out everywhere"</a> "."
            </p>
            {content}
        </Page>
    }
}

fn happened(event: OwnEvent) -> TimelineItem {
    TimelineItem {
        text: event.text,
        ..short_item(event.item)
    }
}
