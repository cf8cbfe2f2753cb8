//! Keeps the renderings of different requests apart.
//!
//! Leptos holds the reactive values of a rendering in an arena, and finds it through a variable of
//! the thread. Some futures of `leptos_axum` (those that put the title into the page) do not set
//! that variable: when another request has used the thread in between, they look into its arena.
//! Then a page fails, or waits for ever for a value that is elsewhere. So the future of each
//! request remembers its arena, and sets the variable whenever it goes on.

use std::{
    future::{Future, Ready, ready},
    pin::Pin,
    task::{Context, Poll},
};

use axum::{extract::Request, middleware::Next, response::Response};
use leptos::reactive::owner::Sandboxed;

/// Answers a request in an arena that no other request touches.
pub(super) async fn alone(request: Request, next: Next) -> Response {
    InItsArena {
        rendering: Box::pin(next.run(request)),
        arena: None,
    }
    .await
}

struct InItsArena<F> {
    rendering: Pin<Box<F>>,
    /// Sets the arena by being polled.
    arena: Option<Sandboxed<Ready<()>>>,
}

impl<F: Future> Future for InItsArena<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        if let Some(mut arena) = self.arena.take() {
            let _ = Pin::new(&mut arena).poll(context);
        }
        let outcome = self.rendering.as_mut().poll(context);
        self.arena = Some(Sandboxed::new(ready(())));
        outcome
    }
}
