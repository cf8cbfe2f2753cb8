//! Waiting until something has stopped for a while: typing, mostly.

use leptos::{ev, leptos_dom::helpers::WindowListenerHandle, prelude::*, web_sys};
use std::time::Duration;

/// Runs the last of several calls, once no other came for a time. Ends with the component that made it.
#[derive(Clone, Copy)]
pub(crate) struct Debounce(StoredValue<Option<TimeoutHandle>>);

impl Debounce {
    pub fn new() -> Self {
        let debounce = Self(StoredValue::new(None));
        on_cleanup(move || debounce.cancel());
        debounce
    }

    pub fn run(self, after: Duration, call: impl FnOnce() + 'static) {
        self.cancel();
        let handle = set_timeout_with_handle(call, after).ok();
        _ = self.0.try_set_value(handle);
    }

    /// As [`run`](Self::run), but never while a pointer is pressed: what moves between press and release takes
    /// the click from what was pressed.
    pub fn run_between_presses(self, after: Duration, presses: Presses, call: impl Fn() + 'static) {
        self.run(after, move || {
            if presses.pressed() {
                self.run_between_presses(after, presses, call);
            } else {
                call();
            }
        });
    }

    pub fn cancel(self) {
        if let Some(Some(handle)) = self.0.try_update_value(Option::take) {
            handle.clear();
        }
    }
}

/// Whether a pointer is pressed anywhere on the page.
#[derive(Clone, Copy)]
pub(crate) struct Presses(StoredValue<bool>);

impl Presses {
    pub fn watch() -> Self {
        let pressed = StoredValue::new(false);
        // Effects run in the browser alone.
        Effect::new(move |_| {
            let set = move |value| move |_: web_sys::PointerEvent| pressed.set_value(value);
            let handles = [
                window_event_listener(ev::pointerdown, set(true)),
                window_event_listener(ev::pointerup, set(false)),
                window_event_listener(ev::pointercancel, set(false)),
            ];
            on_cleanup(move || handles.into_iter().for_each(WindowListenerHandle::remove));
        });
        Self(pressed)
    }

    fn pressed(self) -> bool {
        self.0.try_get_value().unwrap_or_default()
    }
}
