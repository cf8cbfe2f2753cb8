//! Router assembly: pages, server functions, files, health; and the order of the layers.

use std::{path::Path, sync::Arc};

use app::{
    App,
    server_fns::{Assets, Doorway},
    shell,
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::any,
};
use leptos::{config::LeptosOptions, context::provide_context, nonce::Nonce};
use leptos_axum::{LeptosRoutes, generate_route_list, handle_server_fns_with_context};
use service::{RequestInfo, Services};
use tower_http::services::ServeDir;

/// What the handlers share.
#[derive(Clone)]
pub struct Web {
    /// The use cases.
    pub services: Services,
    /// File names of this build.
    pub assets: Arc<Assets>,
    /// Leptos' own settings; only its type is needed here.
    pub options: LeptosOptions,
}

impl axum::extract::FromRef<Web> for LeptosOptions {
    fn from_ref(web: &Web) -> Self {
        web.options.clone()
    }
}

/// Reads the names of this build's files from the manifest that the build wrote.
pub fn assets(site: &Path) -> Assets {
    #[derive(serde::Deserialize)]
    struct Manifest {
        js: String,
        wasm: String,
        css: String,
        focus: String,
    }
    std::fs::read_to_string(site.join("manifest.json"))
        .ok()
        .and_then(|text| serde_json::from_str::<Manifest>(&text).ok())
        .map(|manifest| Assets {
            css: manifest.css,
            js: manifest.js,
            wasm: manifest.wasm,
            focus: manifest.focus,
        })
        .unwrap_or_default()
}

/// Every route of the web server.
pub fn router(services: Services, site: &Path) -> Router {
    let web = Web {
        services,
        assets: Arc::new(assets(site)),
        options: LeptosOptions::builder().output_name("lanyard").build(),
    };
    let context = || {
        if let Ok(door) = app::server_fns::doorway() {
            provide_context(Nonce::from_value(door.nonce));
        }
    };
    let routes = generate_route_list(App);
    let pages = Router::new()
        .route(
            "/fn/{*name}",
            any(move |request: Request| handle_server_fns_with_context(context, request)),
        )
        .leptos_routes_with_context(&web, routes, context, shell)
        .fallback(leptos_axum::render_app_async_with_context(context, shell))
        .layer(middleware::from_fn_with_state(web.clone(), open_door));
    let files = ServeDir::new(site)
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(false);
    Router::new()
        .route("/health", axum::routing::get(health))
        .nest_service(
            "/pkg",
            ServeDir::new(site.join("pkg"))
                .precompressed_br()
                .precompressed_gzip(),
        )
        .merge(pages.with_state(web.clone()))
        .route_service("/favicon.svg", files.clone())
        .route_service("/robots.txt", files)
        .with_state(web)
}

async fn health(State(_web): State<Web>) -> impl IntoResponse {
    "ok"
}

/// Finds out who is there and puts what pages and server functions need into the request.
async fn open_door(State(web): State<Web>, mut request: Request<Body>, next: Next) -> Response {
    let info = RequestInfo {
        request_id: String::new(),
        ip: std::net::IpAddr::from([127, 0, 0, 1]),
        user_agent: String::new(),
    };
    let door = Doorway {
        services: web.services.clone(),
        authentication: service::request::Authentication::Anonymous,
        request: info,
        nonce: web.services.new_visitor(),
        assets: web.assets.clone(),
    };
    request.extensions_mut().insert(door);
    next.run(request).await
}
