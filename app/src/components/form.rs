//! The form pattern. One scope for each page holds what was typed and why it was refused; fields
//! read their value and their violation from it. It works in three states: wasm ready, wasm not
//! yet (or never) there, JavaScript off.

use std::collections::BTreeMap;

use domain::violation::{Violation, Violations};
use leptos::{
    form::{ActionForm, FromFormData},
    prelude::*,
    server_fn::{Http, ServerFn, client::Client, codec::PostUrl, request::ClientReq},
    web_sys::{FormData, SubmitEvent},
};
use leptos_router::hooks::use_query_map;
use serde::de::DeserializeOwned;

use crate::{
    components::layout::FrameContext,
    error::AppError,
    server_fns::form_drafts::{FormState, read_form_draft},
};

/// What was typed in the forms of this page, and why the last post was refused.
#[derive(Clone, Copy)]
pub struct FormContext {
    /// Why the last post was refused.
    pub error: RwSignal<Option<AppError>>,
    /// What was typed, from the form draft. In the browser the fields themselves keep it.
    pub values: StoredValue<BTreeMap<String, Vec<String>>>,
}

impl FormContext {
    fn from_state(state: FormState) -> Self {
        Self {
            error: RwSignal::new(state.error),
            values: StoredValue::new(state.values),
        }
    }

    /// The violation of a field, by its posted name.
    pub fn violation(self, name: &str) -> Option<Violation> {
        self.error.with(|error| match error {
            Some(AppError::Invalid(violations)) => violations.for_field(name).cloned(),
            _ => None,
        })
    }

    /// All violations, in the order of the page.
    pub fn violations(self) -> Vec<Violation> {
        self.error.with(|error| match error {
            Some(AppError::Invalid(violations)) => violations.iter().cloned().collect(),
            _ => Vec::new(),
        })
    }

    /// Whether a refused form is shown again, so that kept values win over stored ones.
    pub fn is_kept(self) -> bool {
        self.values.with_value(|values| !values.is_empty())
    }

    /// What was typed in a field; `None` when this form was not posted before.
    pub fn value(self, name: &str) -> Option<String> {
        self.values
            .with_value(|values| values.get(name).and_then(|all| all.first().cloned()))
    }

    /// What was selected in a group; `None` when this form was not posted before.
    pub fn values(self, name: &str) -> Option<Vec<String>> {
        self.values.with_value(|values| values.get(name).cloned())
    }
}

/// The context of the page's forms; an empty one outside of a [`FormScope`].
pub fn use_form() -> FormContext {
    use_context().unwrap_or_else(|| FormContext::from_state(FormState::default()))
}

/// Wraps a page: loads the form draft that the address names and gives it to the fields.
#[component]
pub fn FormScope(children: ChildrenFn) -> impl IntoView {
    let draft = use_query_map()
        .with_untracked(|query| query.get("draft"))
        .filter(|draft| !draft.is_empty());
    let children = StoredValue::new(children);
    let Some(draft) = draft else {
        provide_context(FormContext::from_state(FormState::default()));
        return children.with_value(|children| children()).into_any();
    };
    let state = Resource::new(
        || (),
        move |()| {
            let draft = draft.clone();
            async move { read_form_draft(draft).await.unwrap_or_default() }
        },
    );
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                provide_context(FormContext::from_state(state.await));
                children.with_value(|children| children())
            })}
        </Suspense>
    }
    .into_any()
}

/// What a form checks before it posts: the same rule that the server applies.
pub type Rule<S> = fn(&S) -> Result<(), Violations>;

/// A form for a server function. `validate` is the rule that the server applies too: with wasm it
/// runs before the post, and nothing is sent while it finds something.
#[component]
pub fn Form<S>(
    /// The action that posts.
    action: ServerAction<S>,
    /// The rule; without one everything is left to the server.
    #[prop(optional)]
    validate: Option<Rule<S>>,
    children: Children,
) -> impl IntoView
where
    S: ServerFn<
            Protocol = Http<PostUrl, leptos::server_fn::codec::Json>,
            Output = (),
            Error = AppError,
        > + DeserializeOwned
        + Clone
        + Send
        + Sync
        + 'static,
    S::Client: Client<AppError>,
    <<S::Client as Client<AppError>>::Request as ClientReq<AppError>>::FormData: From<FormData>,
{
    let form = use_form();
    let value = action.value();
    Effect::new(move |_| {
        match value.get() {
            Some(Err(error)) => form.error.set(Some(error)),
            // Who is signed in may have changed, and a message may wait to be shown.
            Some(Ok(())) => {
                if let Some(frame) = use_context::<FrameContext>() {
                    frame.refresh();
                }
            }
            None => {}
        }
    });
    let check = move |event: SubmitEvent| {
        if action.pending().get_untracked() {
            // A second click while the first is on its way.
            event.prevent_default();
            return;
        }
        let (Some(validate), Ok(posted)) = (validate, S::from_event(&event)) else {
            return;
        };
        match validate(&posted) {
            Ok(()) => form.error.set(None),
            Err(violations) => {
                event.prevent_default();
                form.error.set(Some(AppError::Invalid(violations)));
            }
        }
    };
    view! {
        <ActionForm action=action attr:novalidate=true on:submit:capture=check>
            {children()}
        </ActionForm>
    }
}
