//! Nobody else's page may act for a person here (R88). Lanyard has no form tokens: every request
//! that could change something must come from a page of this origin, and browsers say so.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::Response,
};

use super::{
    Web,
    trouble::{Asked, Trouble},
};

/// Where browsers send reports about the content security policy: changes nothing.
pub(super) const REPORTS: &str = "/reports";

/// Refuses what comes from elsewhere, before anything else looks at it.
pub(super) async fn guard(State(web): State<Web>, request: Request, next: Next) -> Response {
    let allowed = is_allowed(
        request.method(),
        request.uri().path(),
        request.headers(),
        web.settings.origin.as_str(),
    );
    if allowed {
        return next.run(request).await;
    }
    tracing::warn!(
        site = ?request.headers().get("sec-fetch-site"),
        origin = ?request.headers().get(header::ORIGIN),
        "a request from another origin was refused"
    );
    Trouble::CrossSite.answer(&web, &Asked::of(&request))
}

/// The rule of R88. `Sec-Fetch-Site` decides when there is one; else `Origin`; with neither, only
/// a program that brings its own bearer token and no cookie may pass.
pub fn is_allowed(method: &Method, path: &str, headers: &HeaderMap, origin: &str) -> bool {
    let only_reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    // Server functions that read are asked with GET; they are guarded all the same.
    if (only_reads && !path.starts_with("/fn/")) || path == REPORTS {
        return true;
    }
    let text = |name: &str| -> Option<Result<&str, ()>> {
        let mut values = headers.get_all(name).iter();
        let first = values.next()?;
        // Twice the same header is somebody's trick.
        Some(if values.next().is_some() {
            Err(())
        } else {
            first.to_str().map_err(|_| ())
        })
    };
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, Ok("same-origin" | "none")),
        (None, Some(from)) => from.is_ok_and(|from| from.eq_ignore_ascii_case(origin)),
        (None, None) => {
            let bearer = matches!(text("authorization"), Some(Ok(value))
                if value.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer ")));
            bearer && !headers.contains_key(header::COOKIE)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_allowed;
    use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};

    const OURS: &str = "https://access.example.uk";

    /// Method, path, headers, and whether it is allowed.
    type Case<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], bool);

    /// R88: the table of who may post.
    #[test]
    fn only_pages_of_this_origin_may_act() {
        let ours = ("origin", OURS);
        let evil = ("origin", "https://evil.example");
        let site = |value: &'static str| ("sec-fetch-site", value);
        let cookie = ("cookie", "__Host-session=ck_x");
        let bearer = ("authorization", "Bearer api_x");
        let cases: [Case; 38] = [
            // Reading pages and files is free to everyone.
            ("GET", "/", &[], true),
            ("GET", "/o/rx1/users", &[site("cross-site")], true),
            ("HEAD", "/", &[evil], true),
            ("GET", "/fnord", &[site("cross-site")], true),
            // The browser says where the request comes from.
            ("POST", "/fn/sign-in/submit", &[site("same-origin")], true),
            ("POST", "/fn/sign-in/submit", &[site("none")], true),
            ("POST", "/fn/sign-in/submit", &[site("same-site")], false),
            ("POST", "/fn/sign-in/submit", &[site("cross-site")], false),
            ("POST", "/fn/sign-in/submit", &[site("")], false),
            ("POST", "/fn/sign-in/submit", &[site("Same-Origin")], false),
            (
                "POST",
                "/fn/sign-in/submit",
                &[site("same-origin, cross-site")],
                false,
            ),
            (
                "POST",
                "/fn/sign-in/submit",
                &[site("same-origin"), site("cross-site")],
                false,
            ),
            (
                "POST",
                "/fn/sign-in/submit",
                &[site("cross-site"), ours],
                false,
            ),
            (
                "POST",
                "/fn/sign-in/submit",
                &[site("same-origin"), evil],
                true,
            ),
            // A page that sends no referrer has a null origin, but the browser still tells.
            (
                "POST",
                "/fn/invitations/accept",
                &[site("same-origin"), ("origin", "null")],
                true,
            ),
            // Older browsers send only the origin.
            ("POST", "/fn/sign-in/submit", &[ours], true),
            (
                "POST",
                "/fn/sign-in/submit",
                &[("origin", "https://ACCESS.example.uk")],
                true,
            ),
            ("POST", "/fn/sign-in/submit", &[evil], false),
            ("POST", "/fn/sign-in/submit", &[("origin", "null")], false),
            ("POST", "/fn/sign-in/submit", &[("origin", "")], false),
            (
                "POST",
                "/fn/sign-in/submit",
                &[("origin", "http://access.example.uk")],
                false,
            ),
            (
                "POST",
                "/fn/sign-in/submit",
                &[("origin", "https://access.example.uk:444")],
                false,
            ),
            (
                "POST",
                "/fn/sign-in/submit",
                &[("origin", "https://access.example.uk.evil.example")],
                false,
            ),
            (
                "POST",
                "/fn/sign-in/submit",
                &[("origin", "https://evil.example/https://access.example.uk")],
                false,
            ),
            ("POST", "/fn/sign-in/submit", &[ours, evil], false),
            (
                "POST",
                "/fn/sign-in/submit",
                &[("referer", "https://access.example.uk/sign-in")],
                false,
            ),
            // Neither: a program with its own token, which no browser adds by itself.
            ("POST", "/fn/sign-in/submit", &[], false),
            ("POST", "/fn/sign-in/submit", &[cookie], false),
            ("POST", "/api/v1/users", &[bearer], true),
            (
                "POST",
                "/api/v1/users",
                &[("authorization", "bearer api_x")],
                true,
            ),
            ("POST", "/api/v1/users", &[bearer, cookie], false),
            (
                "POST",
                "/api/v1/users",
                &[("authorization", "Basic eA==")],
                false,
            ),
            (
                "POST",
                "/api/v1/users",
                &[bearer, site("cross-site")],
                false,
            ),
            // Other methods, and server functions that read.
            ("DELETE", "/o/rx1", &[site("cross-site")], false),
            ("GET", "/fn/users/list", &[site("cross-site")], false),
            ("GET", "/fn/users/list", &[site("same-origin")], true),
            ("GET", "/fn/users/list", &[cookie], false),
            // Browsers report policy violations without being asked; a report changes nothing.
            ("POST", "/reports", &[], true),
        ];
        for (method, path, pairs, expected) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                let name: HeaderName = name.parse().unwrap();
                headers.append(name, HeaderValue::from_str(value).unwrap());
            }
            let method: Method = method.parse().unwrap();
            assert_eq!(
                is_allowed(&method, path, &headers, OURS),
                expected,
                "{method} {path} {pairs:?}"
            );
        }
    }
}
