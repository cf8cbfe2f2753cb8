//! `/dev/mail`: captured messages, for development and demonstrations. The routes are there only
//! when messages are captured; with a mail server nothing answers here.

use std::sync::Arc;

use askama::Template;
use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use domain::wording;
use serde::Deserialize;

use super::{Web, headers, trouble, visit::Visit};
use crate::mail::{Mailbox, Message};

/// The newest so many are shown; `/dev/mail.json` has them all.
const SHOWN: usize = 200;

/// The routes for this mailbox.
pub(super) fn routes(mailbox: Mailbox) -> Router<Web> {
    Router::new()
        .route("/dev/mail", get(list))
        .route("/dev/mail.json", get(json))
        .route("/dev/mail/{id}", get(message))
        .route("/dev/mail/{id}/preview", get(preview))
        .layer(axum::Extension(mailbox))
}

/// A piece of a text: words, or an address to follow.
enum Piece<'a> {
    Words(&'a str),
    Link(&'a str),
}

/// A message as it is shown.
struct Entry<'a> {
    message: &'a Message,
    title: &'a str,
    time: String,
    machine_time: String,
    pieces: Vec<Piece<'a>>,
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct ListPage<'a> {
    css: &'a str,
    service: &'a str,
    query: &'a str,
    count: String,
    messages: Vec<Entry<'a>>,
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    css: &'a str,
    service: &'a str,
    entry: Entry<'a>,
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

fn entry(message: &Message) -> Entry<'_> {
    Entry {
        message,
        title: if message.subject.is_empty() {
            message.text.lines().next().unwrap_or_default()
        } else {
            &message.subject
        },
        time: wording::date_and_time(message.sent_at),
        machine_time: wording::machine(message.sent_at),
        pieces: pieces(&message.text),
    }
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end();
        let is_link = ["https://", "http://"]
            .iter()
            .any(|scheme| bare.starts_with(scheme))
            && !bare.contains(char::is_whitespace);
        if is_link {
            pieces.push(Piece::Link(bare));
            pieces.push(Piece::Words(line.get(bare.len()..).unwrap_or_default()));
        } else {
            pieces.push(Piece::Words(line));
        }
    }
    pieces
}

async fn all(mailbox: Mailbox) -> Vec<Arc<Message>> {
    // Reading files.
    tokio::task::spawn_blocking(move || mailbox.messages())
        .await
        .unwrap_or_default()
}

async fn list(
    State(web): State<Web>,
    axum::Extension(mailbox): axum::Extension<Mailbox>,
    Query(search): Query<Search>,
) -> Response {
    let words = search.q.trim().to_lowercase();
    let mut messages = all(mailbox).await;
    messages.retain(|message| {
        message.to.to_lowercase().contains(&words)
            || message.subject.to_lowercase().contains(&words)
    });
    let count = app::messages::plural(messages.len() as u64, "message", "messages");
    let page = ListPage {
        css: &web.assets.css,
        service: &web.services.settings().service_name,
        query: &search.q,
        count: if messages.len() > SHOWN {
            format!("{count}, the newest {SHOWN} of them here")
        } else {
            count
        },
        messages: messages
            .iter()
            .take(SHOWN)
            .map(|message| entry(message))
            .collect(),
    };
    Html(page.render().unwrap_or_default()).into_response()
}

async fn json(axum::Extension(mailbox): axum::Extension<Mailbox>) -> Response {
    let messages = all(mailbox).await;
    let messages: Vec<&Message> = messages.iter().map(AsRef::as_ref).collect();
    Json(messages).into_response()
}

async fn find(mailbox: Mailbox, id: &str) -> Option<Arc<Message>> {
    all(mailbox)
        .await
        .into_iter()
        .find(|message| message.id == id)
}

async fn message(
    State(web): State<Web>,
    axum::Extension(mailbox): axum::Extension<Mailbox>,
    axum::Extension(visit): axum::Extension<Visit>,
    Path(id): Path<String>,
) -> Response {
    let Some(message) = find(mailbox, &id).await else {
        return trouble::Trouble::NotFound.status_alone();
    };
    let page = MessagePage {
        css: &web.assets.css,
        service: &web.services.settings().service_name,
        entry: entry(&message),
    };
    let policy = format!("{}; frame-src 'self'", headers::policy(&visit.nonce));
    with_policy(
        Html(page.render().unwrap_or_default()).into_response(),
        &policy,
    )
}

/// The HTML of a message, alone. It brings its styles as attributes, as mail must, so it has a
/// policy of its own: no scripts, nothing loaded, nothing sent, framed by this origin only.
async fn preview(
    axum::Extension(mailbox): axum::Extension<Mailbox>,
    Path(id): Path<String>,
) -> Response {
    let Some(message) = find(mailbox, &id).await else {
        return trouble::Trouble::NotFound.status_alone();
    };
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'self'; sandbox";
    with_policy(Html(message.html.clone()).into_response(), policy)
}

fn with_policy(mut response: Response, policy: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(policy) {
        response
            .headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, value);
    }
    response
}
