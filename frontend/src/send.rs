//! Requests of pages to their server.

use std::{future::Future, pin::Pin};

use app::browser::{NoReply, Reply, Request};
use gloo_net::http::{self, Method, RequestBuilder};
use leptos::server_fn::redirect::REDIRECT_HEADER;
use send_wrapper::SendWrapper;

use crate::activity;

/// Sends a request of a page.
pub(crate) fn send(
    request: Request,
) -> Pin<Box<dyn Future<Output = Result<Reply, NoReply>> + Send>> {
    // There is one thread in a page, and no future leaves it.
    Box::pin(SendWrapper::new(async move {
        reply(request).await.map_err(|_| NoReply)
    }))
}

async fn reply(request: Request) -> Result<Reply, gloo_net::Error> {
    let quiet = request.quiet;
    let builder = RequestBuilder::new(&request.path)
        .method(if request.form.is_some() {
            Method::POST
        } else {
            Method::GET
        })
        .header("accept", "application/json");
    let builder = if quiet {
        builder.header("x-lanyard-quiet", "1")
    } else {
        builder
    };
    let response: http::Response = match request.form {
        Some(form) => {
            builder
                .header("content-type", "application/x-www-form-urlencoded")
                .body(form)?
                .send()
                .await?
        }
        None => builder.send().await?,
    };
    if response.ok() && !quiet {
        activity::happened();
    }
    let headers = response.headers();
    let redirect = headers
        .get(REDIRECT_HEADER)
        .and_then(|_| headers.get("location"));
    Ok(Reply {
        is_success: response.ok(),
        redirect,
        text: response.text().await?,
    })
}
