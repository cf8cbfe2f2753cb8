//! What is done in one tab is known in all: a session ends when nothing was done in any of them.

use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::BroadcastChannel;

use crate::timeout;

thread_local! {
    static OTHERS: Option<BroadcastChannel> = other_tabs();
}

fn other_tabs() -> Option<BroadcastChannel> {
    let channel = BroadcastChannel::new("lanyard-activity").ok()?;
    let listener: Closure<dyn Fn()> = Closure::new(timeout::seen);
    let listener = listener.into_js_value();
    channel.set_onmessage(Some(listener.unchecked_ref()));
    Some(channel)
}

/// A request was answered, or this page itself.
pub(crate) fn happened() {
    timeout::seen();
    OTHERS.with(|channel| {
        if let Some(channel) = channel {
            let _ = channel.post_message(&JsValue::NULL);
        }
    });
}
