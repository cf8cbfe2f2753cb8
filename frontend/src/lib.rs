//! The browser side of Lanyard: takes the server's page over and adds what only a browser has.

mod live;
mod send;

use app::{App, Browser};
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once the module is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(|| {
        provide_context(Browser {
            watch: live::watch,
            send: send::send,
        });
        view! { <App/> }
    });
    // Browser tests wait for this.
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-hydrated", "true");
    }
}
