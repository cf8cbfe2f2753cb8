//! What only a browser has. `frontend` provides it by context; on the server it is absent.

use std::{future::Future, pin::Pin};

use domain::frame::SessionTime;
use leptos::prelude::*;

use crate::parts::AnyPage;

/// A request on its way.
pub type Sending = Pin<Box<dyn Future<Output = Result<Reply, NoReply>> + Send>>;

/// Capabilities of the browser, injected by the `frontend` crate.
#[derive(Clone, Copy)]
pub struct Browser {
    /// Subscribes to a stream of server-sent events at a path of this origin. Each message's data
    /// goes to the callback; the subscription ends with the reactive owner that made it.
    pub watch: fn(path: String, on_message: Callback<String>),
    /// Loads the part of the program that has a page, unless it is there.
    pub load: fn(AnyPage) -> Pin<Box<dyn Future<Output = ()> + Send>>,
    /// The view of a page whose part is loaded.
    pub show: fn(AnyPage) -> Option<AnyView>,
    /// Asks this origin for something.
    pub send: fn(Request) -> Sending,
    /// Warns before the session ends, with a way to have it go on.
    pub session: fn(Option<SessionTime>, stay: Callback<()>),
}

/// What a page asks its server.
pub struct Request {
    /// Path and query.
    pub path: String,
    /// The fields of a form, URL encoded, when it is posted.
    pub form: Option<String>,
    /// Made by the page itself: nobody is there for it.
    pub quiet: bool,
}

/// What the server said.
pub struct Reply {
    /// Whether the status is one of success.
    pub is_success: bool,
    /// The page that the server leads to.
    pub redirect: Option<String>,
    /// The body.
    pub text: String,
}

/// The server could not be reached, or was interrupted.
pub struct NoReply;

/// The browser's capabilities; `None` on the server.
pub fn use_browser() -> Option<Browser> {
    use_context()
}

/// True once the page is hydrated: controls that need the browser appear then.
pub fn use_hydrated() -> ReadSignal<bool> {
    let (hydrated, set_hydrated) = signal(false);
    Effect::new(move |_| set_hydrated.set(true));
    hydrated
}
