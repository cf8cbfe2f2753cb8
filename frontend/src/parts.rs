//! The parts of the program that are loaded when they are first needed. `cargo xtask build` cuts
//! the WebAssembly where these functions stand.

use std::{future::Future, pin::Pin};

use app::parts::{AnyPage, Entrance, Inviting, Users};
use futures::FutureExt;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_split_helpers::wasm_split;

#[wasm_split(entrance, preload(load_entrance))]
fn entrance(page: Entrance) -> AnyView {
    page.view()
}

#[wasm_split(users, preload(load_users))]
fn users(page: Users) -> AnyView {
    page.view()
}

#[wasm_split(inviting, preload(load_inviting))]
fn inviting(page: Inviting) -> AnyView {
    page.view()
}

/// Loads the part that has a page, unless it is there.
pub(crate) fn load(page: AnyPage) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(SendWrapper::new(async move {
        match page {
            AnyPage::Entrance(_) => load_entrance().await,
            AnyPage::Users(_) => load_users().await,
            AnyPage::Inviting(_) => load_inviting().await,
        }
    }))
}

/// The view of a page whose part is loaded.
pub(crate) fn show(page: AnyPage) -> Option<AnyView> {
    // What is loaded answers at once.
    match page {
        AnyPage::Entrance(page) => entrance(page).now_or_never(),
        AnyPage::Users(page) => users(page).now_or_never(),
        AnyPage::Inviting(page) => inviting(page).now_or_never(),
    }
}

/// Fetches what is likely to be needed next: whoever looks at people will invite some.
pub(crate) async fn load_next(page: Option<AnyPage>) {
    match page {
        Some(AnyPage::Users(_)) => load_inviting().await,
        Some(AnyPage::Inviting(_)) => load_users().await,
        Some(AnyPage::Entrance(_)) | None => {}
    }
}
