//! The parts of the program that are loaded when they are first needed. `cargo xtask build` cuts
//! the WebAssembly where these functions stand.

use std::{future::Future, pin::Pin};

use app::parts::{
    Adding, AnyPage, Entrance, Inviting, Many, Members, Organisation, Registration, Users,
};
use futures::FutureExt;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_split_helpers::wasm_split;

#[wasm_split(entrance, preload(load_entrance))]
fn entrance(page: Entrance) -> AnyView {
    page.view()
}

#[wasm_split(registration, preload(load_registration))]
fn registration(page: Registration) -> AnyView {
    page.view()
}

#[wasm_split(users, preload(load_users))]
fn users(page: Users) -> AnyView {
    page.view()
}

#[wasm_split(organisation, preload(load_organisation))]
fn organisation(page: Organisation) -> AnyView {
    page.view()
}

#[wasm_split(adding, preload(load_adding))]
fn adding(page: Adding) -> AnyView {
    page.view()
}

#[wasm_split(inviting, preload(load_inviting))]
fn inviting(page: Inviting) -> AnyView {
    page.view()
}

#[wasm_split(members, preload(load_members))]
fn members(page: Members) -> AnyView {
    page.view()
}

#[wasm_split(many, preload(load_many))]
fn many(page: Many) -> AnyView {
    page.view()
}

/// Loads the part that has a page, unless it is there.
pub(crate) fn load(page: AnyPage) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(SendWrapper::new(async move {
        match page {
            AnyPage::Entrance(_) => load_entrance().await,
            AnyPage::Registration(_) => load_registration().await,
            AnyPage::Users(_) => load_users().await,
            AnyPage::Organisation(_) => load_organisation().await,
            AnyPage::Adding(_) => load_adding().await,
            AnyPage::Inviting(_) => load_inviting().await,
            AnyPage::Members(_) => load_members().await,
            AnyPage::Many(_) => load_many().await,
        }
    }))
}

/// The view of a page whose part is loaded.
pub(crate) fn show(page: AnyPage) -> Option<AnyView> {
    // What is loaded answers at once.
    match page {
        AnyPage::Entrance(page) => entrance(page).now_or_never(),
        AnyPage::Registration(page) => registration(page).now_or_never(),
        AnyPage::Users(page) => users(page).now_or_never(),
        AnyPage::Organisation(page) => organisation(page).now_or_never(),
        AnyPage::Adding(page) => adding(page).now_or_never(),
        AnyPage::Inviting(page) => inviting(page).now_or_never(),
        AnyPage::Members(page) => members(page).now_or_never(),
        AnyPage::Many(page) => many(page).now_or_never(),
    }
}

/// Fetches what is likely to be needed next: whoever looks at people opens one, or invites some.
pub(crate) async fn load_next(page: Option<AnyPage>) {
    match page {
        Some(
            AnyPage::Users(_)
            | AnyPage::Organisation(_)
            | AnyPage::Adding(_)
            | AnyPage::Inviting(_)
            | AnyPage::Members(_)
            | AnyPage::Many(_),
        ) => {
            load_users().await;
            load_organisation().await;
            load_adding().await;
            load_inviting().await;
            load_members().await;
            load_many().await;
        }
        // The last page leads to signing in.
        Some(AnyPage::Registration(_)) => load_entrance().await,
        Some(AnyPage::Entrance(_)) | None => {}
    }
}
