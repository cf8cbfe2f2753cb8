//! What only a browser has. `frontend` provides it by context; on the server it is absent.

use leptos::prelude::*;

/// Capabilities of the browser, injected by the `frontend` crate.
#[derive(Clone, Copy)]
pub struct Browser {
    /// Subscribes to a stream of server-sent events at a path of this origin. Each message's data
    /// goes to the callback; the subscription ends with the reactive owner that made it.
    pub watch: fn(path: String, on_message: Callback<String>),
}

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
