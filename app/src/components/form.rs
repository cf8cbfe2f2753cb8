//! The form pattern. One scope for each page holds what was typed and why it was refused; fields
//! read their value and their violation from it. It works in three states: wasm ready, wasm not
//! yet (or never) there, JavaScript off.

use std::{collections::BTreeMap, marker::PhantomData, sync::Arc};

use domain::violation::{Violation, Violations};
use leptos::{
    ev::SubmitEvent,
    form::form_data_from_event,
    html::form,
    prelude::*,
    server_fn::{Http, ServerFn, codec::PostUrl, redirect::call_redirect_hook},
    web_sys::UrlSearchParams,
};
use leptos_router::hooks::use_query_map;
use serde::de::DeserializeOwned;

use crate::{
    browser::{Request, use_browser},
    components::layout::FrameContext,
    error::AppError,
    reading::{Reading, reading},
    server_fns::form_drafts::{FormState, ReadFormDraft},
    wire,
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
    let state = reading(move || ReadFormDraft {
        draft: draft.clone(),
    });
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                provide_context(FormContext::from_state(state.load().await.unwrap_or_default()));
                children.with_value(|children| children())
            })}
        </Suspense>
    }
    .into_any()
}

/// What a form checks before it posts: the same rule that the server applies.
pub type Rule<S> = fn(&S) -> Result<(), Violations>;

/// The server function `S` that a form posts to, and how its posts went.
pub struct Post<S> {
    state: Posts,
    function: PhantomData<fn() -> S>,
}

impl<S> Clone for Post<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Post<S> {}

#[derive(Clone, Copy)]
struct Posts {
    /// One is on its way.
    pending: RwSignal<bool>,
    done: RwSignal<u32>,
}

impl<S> Post<S> {
    /// Nothing is posted yet.
    #[expect(
        clippy::new_without_default,
        reason = "it makes signals: not for everywhere"
    )]
    pub fn new() -> Self {
        let state = Posts {
            pending: RwSignal::new(false),
            done: RwSignal::new(0),
        };
        Self {
            state,
            function: PhantomData,
        }
    }

    /// How many posts were accepted.
    pub fn done(self) -> Signal<u32> {
        self.state.done.into()
    }
}

/// Reads `reading` again after every post that was accepted: the answer that a page shows has
/// changed, and its address has not.
pub fn ask_again_after<S: 'static, T: DeserializeOwned + 'static>(
    post: Post<S>,
    reading: Reading<T>,
) {
    let done = post.done();
    Effect::new(move |before: Option<u32>| {
        let done = done.get();
        if before.is_some_and(|before| before != done) {
            reading.again();
        }
        done
    });
}

/// A form for a server function. `validate` is the rule that the server applies too: with wasm it
/// runs before the post, and nothing is sent while it finds something.
#[component]
pub fn Form<S>(
    /// The server function.
    action: Post<S>,
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
        + 'static,
{
    let check = validate.map(|validate| -> Check {
        Arc::new(move |fields| {
            // What cannot be read here is left to the server.
            match serde_qs::Config::new(5, false).deserialize_str::<S>(fields) {
                Ok(posted) => validate(&posted),
                Err(_) => Ok(()),
            }
        })
    });
    form_to(S::PATH, action.state, check, children)
}

/// The rule, for the fields as they are posted.
type Check = Arc<dyn Fn(&str) -> Result<(), Violations> + Send + Sync>;

/// A form that posts to `path`: the browser has this once, whatever is posted.
fn form_to(path: &'static str, posts: Posts, check: Option<Check>, children: Children) -> AnyView {
    let context = use_form();
    let frame = use_context::<FrameContext>();
    let browser = use_browser();
    let submit = move |event: SubmitEvent| {
        let Some(browser) = browser.filter(|_| !event.default_prevented()) else {
            return;
        };
        if posts.pending.get_untracked() {
            // A second click while the first is on its way.
            event.prevent_default();
            return;
        }
        // Without its fields the browser posts it, as it would without this program.
        let Some(fields) = fields(&event) else {
            return;
        };
        event.prevent_default();
        if let Some(Err(violations)) = check.as_ref().map(|check| check(&fields)) {
            context.error.set(Some(AppError::Invalid(violations)));
            return;
        }
        posts.pending.set(true);
        let reply = (browser.send)(Request {
            path: path.to_owned(),
            form: Some(fields),
        });
        leptos::task::spawn_local(async move {
            let reply = reply.await;
            // Nobody waits for it when the page has changed in the meantime.
            if posts.pending.try_set(false).is_some() {
                return;
            }
            match reply {
                Ok(reply) if reply.is_success => {
                    context.error.try_set(None);
                    // Who is signed in may have changed, and a message may wait to be shown.
                    if let Some(frame) = frame {
                        frame.refresh();
                    }
                    posts.done.try_update(|done| *done += 1);
                    if let Some(way) = reply.redirect {
                        call_redirect_hook(&way);
                    }
                }
                Ok(reply) => drop(context.error.try_set(Some(wire::error(&reply.text)))),
                Err(_) => drop(context.error.try_set(Some(AppError::Transport))),
            }
        });
    };
    form()
        .action(path)
        .method("post")
        .novalidate(true)
        .on(leptos::ev::submit, submit)
        .child(children())
        .into_any()
}

/// The fields of a form as they are posted, with the name of the button where it has one.
fn fields(event: &SubmitEvent) -> Option<String> {
    let data = form_data_from_event(event).ok()?;
    // A button without a name is no field.
    data.delete("");
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    fields.to_string().as_string()
}
