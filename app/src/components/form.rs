//! The form pattern. One scope for each page holds what was typed and why it was refused; fields
//! read their value and their violation from it. It works in three states: wasm ready, wasm not
//! yet (or never) there, JavaScript off.

use std::{collections::BTreeMap, marker::PhantomData};

use domain::violation::{Violation, Violations};
use leptos::{
    ev::SubmitEvent,
    form::form_data_from_event,
    html::form,
    prelude::*,
    server_fn::{Http, ServerFn, codec::PostUrl, redirect::call_redirect_hook},
    wasm_bindgen::JsCast,
    web_sys::{Element, FormData, HtmlFormElement, UrlSearchParams},
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

    /// Whether the post was refused because somebody else changed the same meanwhile.
    pub fn is_stale(self) -> bool {
        self.error
            .with_untracked(|error| error.as_ref().is_some_and(AppError::is_stale))
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
            // Not in a closure, as around this.
            {Suspend::new(async move {
                provide_context(FormContext::from_state(state.load().await.unwrap_or_default()));
                children.with_value(|children| children())
            })}
        </Suspense>
    }
    .into_any()
}

/// What is about to be posted, by the names of the fields.
pub struct Fields(FormData);

impl Fields {
    /// What is in a field; empty when it is not there.
    pub fn text(&self, name: &str) -> String {
        self.0.get(name).as_string().unwrap_or_default()
    }

    /// Whether anything of a group is selected.
    pub fn has(&self, name: &str) -> bool {
        self.0.has(name)
    }

    /// As they are posted: those of the form, with the button where it has a name.
    pub(crate) fn of(event: &SubmitEvent) -> Option<Self> {
        let data = form_data_from_event(event).ok()?;
        // A button without a name is no field.
        data.delete("");
        Some(Self(data))
    }

    /// What is typed in a form that is not posted, as in a body; without passwords and codes.
    pub fn worth_keeping(form: Element) -> Option<String> {
        let form: HtmlFormElement = form.dyn_into().ok()?;
        let fields = Self(FormData::new_with_form(&form).ok()?);
        let controls = form.elements();
        for control in (0..controls.length()).filter_map(|index| controls.item(index)) {
            let is =
                |name: &str, value: &str| control.get_attribute(name).as_deref() == Some(value);
            if is("type", "password") || is("autocomplete", "one-time-code") {
                fields
                    .0
                    .delete(&control.get_attribute("name").unwrap_or_default());
            }
        }
        fields.encoded()
    }

    /// As the browser puts them into an address or a body.
    pub(crate) fn encoded(&self) -> Option<String> {
        let fields = UrlSearchParams::new_with_str_sequence_sequence(&self.0).ok()?;
        fields.to_string().as_string()
    }
}

/// What a form checks before it posts: the same rule that the server applies.
pub type Rule = fn(&Fields) -> Result<(), Violations>;

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
    validate: Option<Rule>,
    children: Children,
) -> impl IntoView
where
    S: ServerFn<
            Protocol = Http<PostUrl, leptos::server_fn::codec::Json>,
            Output = (),
            Error = AppError,
        > + 'static,
{
    form_to(S::PATH, action.state, validate, children)
}

/// A form that posts to `path`: the browser has this once, whatever is posted.
fn form_to(path: &'static str, posts: Posts, rule: Option<Rule>, children: Children) -> AnyView {
    let context = use_form();
    let frame = use_context::<FrameContext>();
    let browser = use_browser();
    let natively = StoredValue::new(false);
    let submit = move |event: SubmitEvent| {
        let Some(browser) = browser.filter(|_| !event.default_prevented() && !natively.get_value())
        else {
            return;
        };
        if posts.pending.get_untracked() {
            // A second click while the first is on its way.
            event.prevent_default();
            return;
        }
        // Without its fields the browser posts it, as it would without this program.
        let Some((fields, form)) = Fields::of(&event).and_then(|fields| {
            let form = fields.encoded()?;
            Some((fields, form))
        }) else {
            return;
        };
        event.prevent_default();
        if let Some(Err(violations)) = rule.map(|rule| rule(&fields)) {
            context.error.set(Some(AppError::Invalid(violations)));
            return;
        }
        posts.pending.set(true);
        let reply = (browser.send)(Request {
            path: path.to_owned(),
            form: Some(form),
            quiet: false,
        });
        leptos::task::spawn_local(async move {
            let reply = reply.await;
            // Nobody waits for it when the page has changed in the meantime.
            if posts.pending.try_set(false).is_some() {
                return;
            }
            let Ok(reply) = reply else {
                context.error.try_set(Some(AppError::Transport));
                return;
            };
            // Whoever has to sign in first is led there, and back.
            if !reply.is_success && reply.redirect.is_none() {
                let error = wire::error(&reply.text);
                if error.is_stale()
                    && let Some(form) = event.target()
                {
                    // The page is out of date: the browser posts, and comes back to one that is not.
                    natively.try_set_value(true);
                    let form: HtmlFormElement = form.unchecked_into();
                    _ = form.request_submit_with_submitter(event.submitter().as_ref());
                    return;
                }
                context.error.try_set(Some(error));
                return;
            }
            context.error.try_set(None);
            if let Some(frame) = frame {
                frame.refresh(reply.redirect.as_deref());
            }
            if reply.is_success {
                posts.done.try_update(|done| *done += 1);
            }
            if let Some(way) = reply.redirect {
                call_redirect_hook(&way);
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
