//! Pages, components and server functions of Lanyard: the same code renders on the server and
//! takes over in the browser.
#![recursion_limit = "256"]

pub mod browser;
pub mod components;
pub mod error;
pub mod messages;
pub mod pages;
pub mod parts;
pub mod reading;
pub mod routes;
pub mod server_fns;
pub mod wire;

pub use browser::Browser;
pub use routes::App;
#[cfg(feature = "ssr")]
pub use routes::shell;
