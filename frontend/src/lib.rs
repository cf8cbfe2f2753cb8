//! The browser side of Lanyard: takes the server's page over and adds what only a browser has.

mod activity;
mod live;
mod parts;
mod send;
mod timeout;

use app::{App, Browser};
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once the module is loaded.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let path = window().location().pathname().unwrap_or_default();
    let page = app::routes::page_at(&path);
    // The page is taken over in one go: what it is made of must be there.
    if let Some(page) = page {
        parts::load(page).await;
    }
    leptos::mount::hydrate_body(|| {
        provide_context(Browser {
            watch: live::watch,
            load: parts::load,
            show: parts::show,
            send: send::send,
            session: timeout::watch,
        });
        view! { <App/> }
    });
    activity::happened();
    // Browser tests wait for this.
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-hydrated", "true");
    }
    parts::load_next(page).await;
}
