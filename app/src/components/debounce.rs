//! Waiting until something has stopped for a while: typing, mostly.

use leptos::prelude::*;
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

    pub fn cancel(self) {
        if let Some(Some(handle)) = self.0.try_update_value(Option::take) {
            handle.clear();
        }
    }
}
