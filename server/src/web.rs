//! The web server's router: pages, server functions, files, health; and the order of the layers.

mod dev_mail;
mod door;
mod exports;
mod files;
mod functions;
mod headers;
mod health;
mod limits;
mod live;
mod rendering;
mod reports;
mod same_origin;
mod shape;
mod trouble;
pub mod visit;

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use app::{
    App,
    server_fns::{Assets, Doorway},
    shell,
};
use axum::{
    Router,
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::{self, Next},
    response::Response,
    routing::{any, get, post},
};
use futures::FutureExt;
use leptos::{config::LeptosOptions, context::provide_context, nonce::Nonce};
use leptos_axum::{
    AxumRouteListing, LeptosRoutes, generate_route_list, handle_server_fns_with_context,
};
use service::{Random, Services};
use tokio::sync::watch;
use tower_http::{CompressionLevel, compression::CompressionLayer};

use crate::{
    config::{Network, Origin},
    mail::Mailbox,
};

pub use functions::paths as server_function_paths;
pub use same_origin::is_allowed;

/// What the web server needs to know of the configuration.
#[derive(Clone, Debug)]
pub struct WebSettings {
    /// Where people reach it.
    pub origin: Origin,
    /// Proxies whose word about the client's address is taken.
    pub trusted_proxies: Vec<Network>,
    /// The folder of the built site.
    pub site: PathBuf,
    /// Captured messages, when they are captured: they are shown at `/dev/mail`.
    pub mailbox: Option<Mailbox>,
    /// Turns true when the program is told to stop: streams end then.
    pub stopping: watch::Receiver<bool>,
}

/// What the handlers share.
#[derive(Clone)]
pub struct Web {
    /// The use cases.
    pub services: Services,
    /// For request ids and nonces.
    pub random: Random,
    /// From the configuration.
    pub settings: Arc<WebSettings>,
    /// File names of this build.
    pub assets: Arc<Assets>,
    /// Every server function.
    functions: Arc<HashSet<(Method, String)>>,
    health: Arc<health::Health>,
    /// Leptos' own settings; only its type is needed here.
    options: LeptosOptions,
}

impl axum::extract::FromRef<Web> for LeptosOptions {
    fn from_ref(web: &Web) -> Self {
        web.options.clone()
    }
}

/// The routes of all pages. They are listed once: while Leptos lists them, nothing in this process
/// can load data for a page, and whatever tries then waits for ever.
fn page_routes() -> Vec<AxumRouteListing> {
    static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    ROUTES.get_or_init(|| generate_route_list(App)).clone()
}

/// Every route of the web server, behind its layers.
pub fn router(services: Services, random: Random, settings: WebSettings) -> Router {
    let web = Web {
        services,
        random,
        assets: Arc::new(files::assets(&settings.site)),
        functions: Arc::new(functions::paths()),
        health: Arc::default(),
        options: LeptosOptions::builder().output_name("lanyard").build(),
        settings: Arc::new(settings),
    };
    let pages = Router::new()
        .route("/fn/{*name}", any(answer_function))
        .leptos_routes_with_context(&web, page_routes(), provide, shell)
        .fallback(not_found)
        .layer(middleware::from_fn(rendering::alone))
        // Around the pages too: the routes of Leptos bring one for each server function.
        .layer(middleware::from_fn_with_state(web.clone(), functions::mend))
        .layer(middleware::from_fn_with_state(web.clone(), door::open_door))
        .layer(compression());
    let site = files::routes(&web.settings.site);
    let captured = web.settings.mailbox.clone().map(dev_mail::routes);
    // The last layer is the outermost: it sees the request first and the answer last.
    Router::new()
        .route("/health", get(health::answer))
        .route(same_origin::REPORTS, post(reports::receive))
        .route("/o/{organisation}/jobs/{job}/events", get(live::events))
        .route(
            "/o/{organisation}/jobs/{job}/results.csv",
            get(live::results),
        )
        .route("/o/{organisation}/users.csv", get(exports::users))
        .route(
            "/o/{organisation}/users/bulk/{draft}/selected.csv",
            get(exports::selected),
        )
        .route("/o/{organisation}/activity.csv", get(exports::activity))
        .merge(captured.unwrap_or_default())
        .merge(site)
        .merge(pages)
        .layer(middleware::from_fn_with_state(web.clone(), limits::keep))
        .layer(middleware::from_fn_with_state(
            web.clone(),
            same_origin::guard,
        ))
        .layer(middleware::from_fn_with_state(web.clone(), shape::check))
        .layer(middleware::from_fn_with_state(web.clone(), survive))
        .layer(middleware::from_fn_with_state(web.clone(), headers::add))
        .layer(middleware::from_fn_with_state(web.clone(), visit::receive))
        .with_state(web)
}

/// Pages are compressed as they go; files have twins that were compressed when they were built.
fn compression() -> CompressionLayer {
    CompressionLayer::new()
        .br(true)
        .gzip(true)
        .quality(CompressionLevel::Precise(4))
}

async fn answer_function(request: Request) -> Response {
    use axum::response::IntoResponse;
    handle_server_fns_with_context(provide, request)
        .await
        .into_response()
}

/// An address without a page: the application says so, in its own frame.
async fn not_found(request: Request) -> Response {
    let render = leptos_axum::render_app_async_with_context(provide, shell);
    let mut response = render(request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// Leptos marks its scripts with the nonce of the answer.
fn provide() {
    if let Ok(Doorway { nonce, .. }) = app::server_fns::doorway() {
        provide_context(Nonce::from_value(nonce));
    }
}

/// A panic ends one request, not the program (R105).
async fn survive(State(web): State<Web>, request: Request, next: Next) -> Response {
    let asked = trouble::Asked::of(&request);
    let answer = std::panic::AssertUnwindSafe(next.run(request)).catch_unwind();
    answer.await.unwrap_or_else(|_| {
        tracing::error!("a request panicked");
        trouble::Trouble::Fault.answer(&web, &asked)
    })
}
