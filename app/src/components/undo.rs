//! Taking a change back, from the banner that says it was made and from lists of changes (ux 6.5).

use leptos::prelude::*;

use super::button::Button;
use super::form::{Form, Post};
use super::layout::use_frame;
use crate::server_fns::memberships::Undo;

/// A button; `about` is what is undone, for those who do not see what stands around it.
#[component]
pub fn UndoButton(#[prop(into)] change: String, #[prop(into)] about: String) -> impl IntoView {
    let action = Post::<Undo>::new();
    let org = use_frame().with_untracked(|frame| {
        frame
            .organisation
            .as_ref()
            .map(|organisation| organisation.slug.clone())
            .unwrap_or_default()
    });
    view! {
        <Form action>
            <input type="hidden" name="org" value=org/>
            <input type="hidden" name="change" value=change/>
            <Button variant="secondary" small=true class="app-undo" hidden_text=about>
                "Undo"
            </Button>
        </Form>
    }
}
