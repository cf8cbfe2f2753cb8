//! Taking a change back, from the banner that says it was made and from lists of changes (ux 6.5).

use leptos::{prelude::*, server_fn::ServerFn};

use super::layout::use_frame;
use crate::server_fns::memberships::Undo;

/// A form with one button; `about` says what it goes back to, for those who do not see what stands around it.
///
/// It is posted by the browser itself, with wasm too: it stands in the banner of every page, and none is to
/// load more for it.
#[component]
pub fn UndoButton(#[prop(into)] change: String, #[prop(into)] about: String) -> impl IntoView {
    let org = use_frame().with_untracked(|frame| {
        frame
            .organisation
            .as_ref()
            .map(|organisation| organisation.slug.clone())
            .unwrap_or_default()
    });
    view! {
        <form action=Undo::PATH method="post">
            <input type="hidden" name="org" value=org/>
            <input type="hidden" name="change" value=change/>
            <button class="nhsuk-button nhsuk-button--secondary nhsuk-button--small app-undo" type="submit">
                "Undo" <span class="nhsuk-u-visually-hidden">" (" {about} ")"</span>
            </button>
        </form>
    }
}
