//! The end of a session (ux 6.24): a warning two minutes before it in every tab, and at the end what was typed is
//! kept, and the page that says so is opened. The dialog stands in the document (`app::components::timeout`).

use std::{cell::Cell, time::Duration};

use app::{
    browser::Request,
    components::{form::Fields, timeout::countdown},
    server_fns::form_drafts::TimeOut,
};
use domain::{frame::SessionTime, listing::encode_query};
use leptos::{prelude::*, server_fn::ServerFn};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlDialogElement};

use crate::send::send;

/// How long before the end the warning comes, in seconds.
const WARNED: u64 = 120;
/// When the warning is spoken again, in seconds before the end.
const SPOKEN: [u64; 4] = [20, 40, 60, 120];
/// How long an answer of the server may take, in milliseconds.
const PATIENCE: u64 = 5_000;

/// The session of this page. Times in milliseconds since 1970.
#[derive(Default)]
struct Session {
    /// How long may pass without a request.
    idle: Cell<u64>,
    /// When the last request was answered, in any tab.
    seen: Cell<u64>,
    /// When it ends, whatever happens.
    end: Cell<u64>,
    timer: Cell<Option<TimeoutHandle>>,
    /// Asks the server for something, so that the session goes on; set once the dialog is ready.
    stay: Cell<Option<Callback<()>>>,
}

thread_local! {
    static SESSION: Session = Session::default();
}

/// Watches over a session that has just been heard of; over none when nobody is signed in.
pub(crate) fn watch(session: Option<SessionTime>, stay: Callback<()>) {
    SESSION.with(|this| {
        if this.stay.replace(Some(stay)).is_none() {
            listen();
        }
        let Some(session) = session else {
            if let Some(timer) = this.timer.take() {
                timer.clear();
            }
            show(None);
            return;
        };
        this.idle.set(u64::from(session.idle_seconds) * 1_000);
        this.end
            .set(now() + u64::from(session.seconds_left) * 1_000);
        seen();
        tick();
    });
}

/// A request was answered, here or in another tab.
pub(crate) fn seen() {
    SESSION.with(|this| this.seen.set(now()));
}

/// Looks how much time is left, and when to look again.
fn tick() {
    SESSION.with(|this| {
        let end = (this.seen.get() + this.idle.get()).min(this.end.get());
        let left = end.saturating_sub(now());
        let seconds = left.div_ceil(1_000);
        show((seconds <= WARNED).then_some(seconds));
        let again = if left == 0 {
            end_session();
            PATIENCE
        } else if seconds <= WARNED {
            1_000
        } else {
            left - WARNED * 1_000
        };
        look_after(again);
    });
}

fn look_after(milliseconds: u64) {
    SESSION.with(|this| {
        let timer = set_timeout_with_handle(tick, Duration::from_millis(milliseconds));
        if let Some(before) = this.timer.replace(timer.ok()) {
            before.clear();
        }
    });
}

/// Opens the dialog and says in it how many seconds are left, or closes it.
fn show(left: Option<u64>) {
    let Some(dialog) = element("timeout").and_then(|dialog| dialog.dyn_into().ok()) else {
        return;
    };
    let dialog: HtmlDialogElement = dialog;
    let Some(left) = left else {
        dialog.close();
        return;
    };
    if !dialog.open() {
        let _ = dialog.show_modal();
    }
    write("timeout-left", &countdown(left));
    if let Some(due) = SPOKEN.into_iter().find(|due| left <= *due) {
        write(
            "timeout-spoken",
            &["You will be signed out in ", &countdown(due), "."].concat(),
        );
    }
}

fn listen() {
    let stay = || {
        show(None);
        look_after(PATIENCE);
        SESSION.with(|this| {
            if let Some(stay) = this.stay.get() {
                stay.run(());
            }
        });
    };
    // Escape stays, as the button does.
    for (id, event) in [("timeout-stay", "click"), ("timeout", "cancel")] {
        if let Some(element) = element(id) {
            let listener: Closure<dyn Fn()> = Closure::new(stay);
            let listener = listener.into_js_value();
            let _ = element.add_event_listener_with_callback(event, listener.unchecked_ref());
        }
    }
}

/// Has what was typed kept, and opens the page that says so. Where the server cannot be reached the page stays as it
/// is.
fn end_session() {
    let form = document().query_selector("main form[method=post]");
    let values = form.ok().flatten().and_then(Fields::worth_keeping);
    let location = window().location();
    let page = [
        location.pathname().unwrap_or_default(),
        location.search().unwrap_or_default(),
    ]
    .concat();
    let query = encode_query(&[("page", page), ("values", values.unwrap_or_default())]);
    let reply = send(Request {
        path: TimeOut::PATH.to_owned(),
        form: Some(query.trim_start_matches('?').to_owned()),
        quiet: true,
    });
    leptos::task::spawn_local(async move {
        if let Ok(reply) = reply.await {
            let way = reply.redirect.unwrap_or_else(|| "/timed-out".to_owned());
            let _ = location.assign(&way);
        }
    });
}

fn element(id: &str) -> Option<Element> {
    document().get_element_by_id(id)
}

/// Words that are the same already are not spoken again.
fn write(id: &str, words: &str) {
    if let Some(element) = element(id)
        && element.text_content().as_deref() != Some(words)
    {
        element.set_text_content(Some(words));
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number, and after 1970"
)]
fn now() -> u64 {
    js_sys::Date::now() as u64
}
