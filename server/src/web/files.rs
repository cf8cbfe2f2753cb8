//! The built site: hashed names are kept by browsers for ever, other names for a short while.

use std::{collections::BTreeMap, path::Path};

use app::server_fns::Assets;
use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::Response,
};
use tower_http::services::{ServeDir, ServeFile};

use super::Web;

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
            parts: parts(site, &manifest.js),
            css: manifest.css,
            js: manifest.js,
            wasm: manifest.wasm,
            focus: manifest.focus,
        })
        .unwrap_or_default()
}

/// Where the modules of each part of the program are, beside its glue.
fn parts(site: &Path, glue: &str) -> BTreeMap<String, Vec<String>> {
    let folder = glue.rsplit_once('/').map_or("", |(folder, _)| folder);
    let list = site.join(folder.trim_start_matches('/')).join("parts.json");
    let parts: BTreeMap<String, Vec<String>> = std::fs::read_to_string(list)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
    let addresses = |modules: Vec<String>| {
        modules
            .iter()
            .map(|module| format!("{folder}/{module}.wasm"))
            .collect()
    };
    parts
        .into_iter()
        .map(|(part, modules)| (part, addresses(modules)))
        .collect()
}

/// A route for each file at the top of the site and for each folder in it; nothing is listed, and
/// nothing outside of what the build put there is served (R94).
pub(super) fn routes(site: &Path) -> Router<Web> {
    let mut router = Router::new();
    let entries = std::fs::read_dir(site).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let plain = name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        let is_twin = name.ends_with(".br") || name.ends_with(".gz");
        if !plain || name.starts_with('.') || is_twin || name == "manifest.json" {
            continue;
        }
        let address = format!("/{name}");
        if entry.path().is_dir() {
            let folder = ServeDir::new(entry.path())
                .precompressed_br()
                .precompressed_gzip()
                .append_index_html_on_directories(false);
            router = router.nest_service(&address, folder);
        } else {
            let file = ServeFile::new(entry.path())
                .precompressed_br()
                .precompressed_gzip();
            router = router.route_service(&address, file);
        }
    }
    router.layer(middleware::from_fn(keep))
}

async fn keep(request: Request, next: Next) -> Response {
    let hashed = is_hashed(request.uri().path());
    let mut response = next.run(request).await;
    if matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED) {
        let value = if hashed {
            "public, max-age=31536000, immutable"
        } else {
            "public, max-age=3600"
        };
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
    }
    response
}

/// Whether a name, or that of a folder, carries the hash of its content:
/// `focus.0123456789abcdef.js`.
fn is_hashed(path: &str) -> bool {
    path.split(['/', '.'])
        .any(|part| part.len() == 16 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::is_hashed;

    /// R91: only what can never change may be kept for ever.
    #[test]
    fn a_hashed_name_is_known() {
        assert!(is_hashed("/focus.0123456789abcdef.js"));
        assert!(is_hashed("/program/0123456789abcdef/users.wasm"));
        assert!(!is_hashed("/favicon.svg"));
        assert!(!is_hashed("/0123456789abcde.js"));
    }
}
