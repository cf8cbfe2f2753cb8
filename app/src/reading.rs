//! What pages read. There is one way down for all of them: a server function is called on the
//! server, asked by its address in the browser, and its answer is text until the page decodes it.
//! So the browser has this once, and not once for each page.

use std::{marker::PhantomData, time::Duration};

use leptos::{
    prelude::*,
    server::codee::string::FromToStringCodec,
    server_fn::{Http, ServerFn, codec::GetUrl},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    browser::{Browser, Request, use_browser},
    error::AppError,
    wire::{self, Wire},
};

/// A question to the server: the arguments of a server function that reads.
pub trait Question:
    ServerFn<Protocol = Http<GetUrl, Wire>, Error = AppError, Output: Serialize + DeserializeOwned>
    + Serialize
    + Send
    + 'static
{
}

impl<S> Question for S where
    S: ServerFn<
            Protocol = Http<GetUrl, Wire>,
            Error = AppError,
            Output: Serialize + DeserializeOwned,
        > + Serialize
        + Send
        + 'static
{
}

/// An answer as text.
pub(crate) type Answer = Resource<String, FromToStringCodec>;

/// What a page has asked for. Asked again when what the question was made of changes.
pub struct Reading<T> {
    answer: Answer,
    value: PhantomData<fn() -> T>,
}

impl<T> Clone for Reading<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Reading<T> {}

impl<T: DeserializeOwned> Reading<T> {
    /// Waits for the answer.
    ///
    /// # Errors
    /// Those of the server function; [`AppError::Transport`] when it could not be asked.
    pub async fn load(self) -> Result<T, AppError> {
        wire::unpack(&self.answer.await)
    }

    /// The answer, when it is here.
    pub fn now(self) -> Option<Result<T, AppError>> {
        self.answer
            .with_untracked(|answer| answer.as_deref().map(wire::unpack))
    }

    /// Asks once more.
    pub fn again(self) {
        self.answer.refetch();
    }

    /// The answer as text, for those who do not know what it is.
    pub(crate) fn text(self) -> Answer {
        self.answer
    }
}

/// Asks `question` for a page.
pub fn reading<S: Question>(
    question: impl Fn() -> S + Clone + Send + Sync + 'static,
) -> Reading<S::Output> {
    let address = {
        let question = question.clone();
        move || address(&question())
    };
    let answer = if cfg!(feature = "ssr") {
        Resource::new_str(address, move |_| {
            let answer = caught(untrack(&question).run_body());
            async move { wire::pack(answer.await) }
        })
    } else {
        reading_of(Box::new(address))
    };
    Reading {
        answer,
        value: PhantomData,
    }
}

/// Asks `question` once.
///
/// # Errors
/// As for [`Reading::load`].
pub fn ask<S: Question>(question: S) -> impl Future<Output = Result<S::Output, AppError>> {
    let browser = use_browser();
    async move {
        if cfg!(feature = "ssr") {
            question.run_body().await
        } else {
            wire::unpack(&fetch(browser, address(&question), false).await)
        }
    }
}

/// A fault of the program becomes an answer. The task in which it is met ends without one, and whoever
/// waited for it would wait for ever (R105).
#[cfg(feature = "ssr")]
fn caught<T>(
    work: impl Future<Output = Result<T, AppError>>,
) -> impl Future<Output = Result<T, AppError>> {
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        task::Poll,
    };

    let services = crate::server_fns::services().ok();
    let mut work = Box::pin(work);
    std::future::poll_fn(move |context| {
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        polled.unwrap_or_else(|_| {
            let fault = service::Error::Fault("a question panicked".to_owned());
            let fault = match &services {
                Some(services) => services.log(fault),
                None => fault,
            };
            Poll::Ready(Err(AppError::from(fault)))
        })
    })
}

/// In the browser a fault ends everything.
#[cfg(not(feature = "ssr"))]
fn caught<T>(work: T) -> T {
    work
}

/// Asks `question` again and again while the page is in sight, and hands over each answer: nobody is there for
/// it, so the session does not go on because of it. Ends with the reactive owner that asked.
pub fn watch<S: Question + Clone>(question: S, every: Duration, answered: Callback<S::Output>)
where
    S::Output: Send + Sync,
{
    let browser = use_browser();
    let ask = move || {
        if document().hidden() {
            return;
        }
        let address = address(&question);
        leptos::task::spawn_local(async move {
            if let Ok(answer) = wire::unpack(&fetch(browser, address, true).await) {
                answered.try_run(answer);
            }
        });
    };
    Effect::new(move |_| {
        if let Ok(handle) = set_interval_with_handle(ask.clone(), every) {
            on_cleanup(move || handle.clear());
        }
    });
}

fn reading_of(address: Box<dyn Fn() -> String + Send + Sync>) -> Answer {
    let browser = use_browser();
    Resource::new_str(address, move |address| fetch(browser, address, false))
}

/// Where the browser asks.
fn address<S: Question>(question: &S) -> String {
    let arguments = serde_qs::to_string(question).unwrap_or_default();
    if arguments.is_empty() {
        return S::PATH.to_owned();
    }
    [S::PATH, "?", &arguments].concat()
}

async fn fetch(browser: Option<Browser>, address: String, quiet: bool) -> String {
    let Some(browser) = browser else {
        return wire::refused(&AppError::Transport);
    };
    let reply = (browser.send)(Request {
        path: address,
        form: None,
        quiet,
    });
    match reply.await {
        Ok(reply) => {
            if let Some(way) = reply.redirect {
                leptos::server_fn::redirect::call_redirect_hook(&way);
            }
            if reply.is_success {
                wire::answered(&reply.text)
            } else {
                wire::refused(&wire::error(&reply.text))
            }
        }
        Err(_) => wire::refused(&AppError::Transport),
    }
}
