//! Streams of server-sent events.

use futures::{StreamExt, future::AbortHandle};
use gloo_net::eventsource::futures::EventSource;
use leptos::prelude::*;

/// Passes the data of each message at `path` to `on_message`, until the reactive owner that asked
/// for it is gone or the server ends the stream with an `end` event.
pub(crate) fn watch(path: String, on_message: Callback<String>) {
    let Ok(mut source) = EventSource::new(&path) else {
        return;
    };
    let Ok(mut messages) = source.subscribe("message") else {
        return;
    };
    let (abort, registration) = AbortHandle::new_pair();
    on_cleanup(move || abort.abort());
    let reading = futures::future::Abortable::new(
        async move {
            // Keep the connection as long as its messages are read.
            let _source = source;
            while let Some(Ok((_, message))) = messages.next().await {
                if let Some(text) = message.data().as_string() {
                    on_message.run(text);
                }
            }
        },
        registration,
    );
    leptos::task::spawn_local(async move {
        let _ = reading.await;
    });
}
