//! Headers of every answer (R90, R91), and the promise that no answer sends anybody away (R89).

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use super::{Web, visit::Visit};
use crate::config::Origin;

const PERMISSIONS: &str = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), \
    display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), picture-in-picture=(), \
    publickey-credentials-create=(self), publickey-credentials-get=(self), \
    screen-wake-lock=(), usb=(), xr-spatial-tracking=()";

/// Adds the headers to whatever comes back, errors and files included.
pub(super) async fn add(State(web): State<Web>, request: Request, next: Next) -> Response {
    let nonce = request
        .extensions()
        .get::<Visit>()
        .map_or_else(String::new, |visit| visit.nonce.clone());
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, referrer_policy(&path));
    set(
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    );
    set(
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    set(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    set(
        HeaderName::from_static("reporting-endpoints"),
        "lanyard=\"/reports\"",
    );
    if web.settings.origin.is_secure() {
        set(
            header::STRICT_TRANSPORT_SECURITY,
            "max-age=63072000; includeSubDomains",
        );
    }
    // The preview of a captured message has a policy of its own.
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY)
        && let Ok(value) = HeaderValue::from_str(&policy(&nonce))
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, value);
    }
    // Only files say that they may be kept.
    let kept = headers
        .get(header::CACHE_CONTROL)
        .is_some_and(|value| value.as_bytes().starts_with(b"public"));
    if !kept {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    stay_here(headers, &web.settings.origin);
    response
}

/// What the browser may load and run. Styles come from files only, so there are no `style`
/// attributes anywhere.
pub fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; \
         manifest-src 'self'; report-to lanyard"
    )
}

/// Forms need to know the page they came from; a page whose address is a secret tells nobody.
fn referrer_policy(path: &str) -> &'static str {
    let secret = ["/invitations/", "/reset-password/", "/set-up/"]
        .iter()
        .any(|start| path.starts_with(start));
    if secret { "no-referrer" } else { "same-origin" }
}

/// R89: a redirect leads to a path of this origin, whatever wrote it.
fn stay_here(headers: &mut HeaderMap, origin: &Origin) {
    let Some(location) = headers.get(header::LOCATION) else {
        return;
    };
    let here = location.to_str().map_or_else(
        |_| "/".to_owned(),
        |location| local_path(location, origin.as_str()),
    );
    if let Ok(value) = HeaderValue::from_str(&here) {
        headers.insert(header::LOCATION, value);
    }
}

/// The path of an address of this origin; `/` for any other.
pub fn local_path(location: &str, origin: &str) -> String {
    let path = match location.strip_prefix(origin) {
        Some("") => "/",
        Some(rest) if rest.starts_with('?') => return format!("/{rest}"),
        Some(rest) => rest,
        None => location,
    };
    app::server_fns::local(path)
}

#[cfg(test)]
mod tests {
    use super::{local_path, policy, referrer_policy};

    /// R89: no answer leads anywhere else.
    #[test]
    fn redirects_stay_here() {
        let origin = "https://access.example.uk";
        for (location, expected) in [
            ("/o/rx1/users?page=2", "/o/rx1/users?page=2"),
            ("https://access.example.uk/sign-in?x=1", "/sign-in?x=1"),
            ("https://access.example.uk", "/"),
            ("https://access.example.uk?x", "/?x"),
            ("https://access.example.uk.evil.example/", "/"),
            ("https://access.example.uk@evil.example/", "/"),
            ("https://evil.example/", "/"),
            ("//evil.example/", "/"),
            ("/\\evil.example/", "/"),
            ("\\\\evil.example", "/"),
            ("javascript:alert(1)", "/"),
            ("https://access.example.uk//evil.example", "/"),
            ("", "/"),
            ("users", "/"),
        ] {
            assert_eq!(local_path(location, origin), expected, "{location}");
        }
    }

    /// R90: nothing is allowed that was not thought of.
    #[test]
    fn the_policy_has_no_holes() {
        let policy = policy("abc");
        for part in [
            "default-src 'none'",
            "script-src 'nonce-abc' 'strict-dynamic' 'wasm-unsafe-eval'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{part}");
        }
        for hole in ["unsafe-inline", "'unsafe-eval'", "http:", "https:", "*"] {
            assert!(!policy.contains(hole), "{hole}");
        }
    }

    /// R29: the address of a page with a token goes to no other page.
    #[test]
    fn token_pages_send_no_referrer() {
        assert_eq!(referrer_policy("/invitations/inv_x"), "no-referrer");
        assert_eq!(referrer_policy("/reset-password/rst_x"), "no-referrer");
        assert_eq!(referrer_policy("/set-up/set_x"), "no-referrer");
        assert_eq!(referrer_policy("/sign-in"), "same-origin");
    }
}
