//! What holds for every answer and every request, whoever asks (`harness.rs` checks the headers of
//! each answer of each test).

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use std::{collections::HashSet, time::Duration};

use crate::{
    harness::{Lanyard, ORIGIN},
    html,
};

fn get(path: &str) -> Request<Body> {
    Request::get(path)
        .header(header::ACCEPT, "text/html")
        .body(Body::empty())
        .unwrap()
}

/// R90, R91: pages, errors, files that are not there: all have the headers.
#[tokio::test]
async fn every_answer_has_the_headers() {
    let lanyard = Lanyard::new().await;
    for path in [
        "/",
        "/nothing",
        "/health",
        "/pkg/nothing.js",
        "/fn/nothing",
        "/.git/config",
        "/%00",
        "/o/rx1/users",
    ] {
        let answer = lanyard.send(get(path)).await;
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store", "{path}");
    }
    // R29
    for path in [
        "/invitations/inv_x",
        "/reset-password/rst_x",
        "/set-up/set_x",
    ] {
        assert_eq!(
            lanyard.send(get(path)).await.header("referrer-policy"),
            "no-referrer",
            "{path}"
        );
    }
    assert_eq!(
        lanyard.send(get("/")).await.header("referrer-policy"),
        "same-origin"
    );
}

/// R90: no two answers share a nonce, and the page's scripts carry the one of its header.
#[tokio::test]
async fn nonces_are_new_each_time() {
    let lanyard = Lanyard::new().await;
    let mut seen = HashSet::new();
    for _ in 0..200 {
        let answer = lanyard.send(get("/health")).await;
        let policy = answer.header("content-security-policy").to_owned();
        assert!(seen.insert(policy));
    }
    let page = lanyard.send(get("/")).await;
    let nonce = page
        .header("content-security-policy")
        .split("'nonce-")
        .nth(1)
        .unwrap();
    let nonce = nonce.split('\'').next().unwrap();
    let scripts = page.body.matches("<script").count();
    assert!(scripts > 0);
    assert_eq!(
        page.body.matches(&format!("nonce=\"{nonce}\"")).count(),
        scripts + page.body.matches("rel=\"modulepreload\"").count()
    );
}

/// R94: only methods that mean something; nothing tells what else there is.
#[tokio::test]
async fn unknown_methods_are_refused() {
    let lanyard = Lanyard::new().await;
    for method in [
        "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "OPTIONS", "BREW",
    ] {
        let method: Method = method.parse().unwrap();
        for path in ["/", "/nothing", "/health", "/fn/frame/read"] {
            let request = Request::builder()
                .method(method.clone())
                .uri(path)
                .header("sec-fetch-site", "same-origin")
                .body(Body::empty())
                .unwrap();
            let answer = lanyard.send(request).await;
            assert_eq!(
                answer.status,
                StatusCode::METHOD_NOT_ALLOWED,
                "{method} {path}"
            );
            assert!(
                answer.header(header::ALLOW).contains("GET"),
                "{method} {path}"
            );
        }
    }
    let request = Request::post("/")
        .header(header::ORIGIN, ORIGIN)
        .header(header::ACCEPT, "text/html")
        .body(Body::empty())
        .unwrap();
    let answer = lanyard.send(request).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.body.contains("<h1"));
}

/// R88: a form on another site does nothing here, and the person sees a page.
#[tokio::test]
async fn another_site_cannot_post() {
    let lanyard = Lanyard::new().await;
    let request = || {
        Request::post("/fn/frame/read")
            .header("sec-fetch-site", "cross-site")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
    };
    let answer = lanyard
        .send(
            request()
                .header(header::ACCEPT, "text/html")
                .body(Body::empty())
                .unwrap(),
        )
        .await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        answer.body.contains("This page has expired"),
        "{}",
        answer.body
    );
    assert!(answer.headers.get(header::LOCATION).is_none());
    let answer = lanyard.send(request().body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.headers.contains_key("serverfnerror"));
}

/// One address for each page (`ux.md` 4.3), and no way from there to another host (R89).
#[tokio::test]
async fn a_trailing_slash_is_dropped() {
    let lanyard = Lanyard::new().await;
    for (path, expected) in [
        ("/sign-in/", "/sign-in"),
        ("/o/rx1/users/?page=2", "/o/rx1/users?page=2"),
        ("//evil.example/", "/evil.example"),
        ("///", "/"),
    ] {
        let answer = lanyard.send(get(path)).await;
        assert_eq!(answer.status, StatusCode::MOVED_PERMANENTLY, "{path}");
        assert_eq!(answer.header(header::LOCATION), expected, "{path}");
    }
}

/// R93: a body that is too long is refused, with a page that says so.
#[tokio::test]
async fn a_long_body_is_refused() {
    let lanyard = Lanyard::new().await;
    let request = |path: &str, length: usize| {
        Request::post(path)
            .header(header::ACCEPT, "text/html")
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(vec![b'a'; length]))
            .unwrap()
    };
    let answer = lanyard.send(request("/fn/frame/read", 64 * 1024 + 1)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(
        answer.body.contains("You entered too much at once"),
        "{}",
        answer.body
    );
    let answer = lanyard.send(request("/fn/frame/read", 64 * 1024)).await;
    assert_ne!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let answer = lanyard
        .send(request("/fn/invitations/nothing", 1024 * 1024))
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let answer = lanyard
        .send(request("/fn/invitations/nothing", 20 * 1024 * 1024))
        .await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

/// A server function that is not there answers 404 in the form that was asked for, and says
/// nothing about how the program is built.
#[tokio::test]
async fn an_unknown_server_function_is_not_found() {
    let lanyard = Lanyard::new().await;
    let ask = |accept: &str| {
        Request::post("/fn/no/such")
            .header(header::ACCEPT, accept)
            .header("sec-fetch-site", "same-origin")
            .body(Body::empty())
            .unwrap()
    };
    let page = lanyard.send(ask("text/html")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.body.contains("Page not found"));
    let error = lanyard.send(ask("application/json")).await;
    assert_eq!(error.status, StatusCode::NOT_FOUND);
    let told = app::wire::decode(error.body.as_bytes()).ok();
    assert_eq!(told, Some(app::error::AppError::NotFound));
    assert!(!error.body.contains("server function"));
}

/// R94: server functions that read are asked with GET, the others with POST; each lives under
/// `/fn` with a name of its own.
#[tokio::test]
async fn server_functions_are_named_by_noun_and_verb() {
    let paths = server::web::server_function_paths();
    assert!(!paths.is_empty());
    for (method, path) in &paths {
        assert!(
            matches!(*method, Method::GET | Method::POST),
            "{method} {path}"
        );
        let parts: Vec<_> = path.trim_start_matches('/').split('/').collect();
        assert!(parts.len() == 3 && parts[0] == "fn", "{path}");
        assert!(
            path.bytes()
                .all(|b| b.is_ascii_lowercase() || matches!(b, b'/' | b'-')),
            "{path}"
        );
    }
}

/// R109: health is what the database says.
#[tokio::test]
async fn health_says_whether_the_database_can_be_written() {
    let lanyard = Lanyard::new().await;
    let answer = lanyard.send(get("/health")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, r#"{"database":"ok","status":"ok"}"#);

    let lanyard = Lanyard::new().await;
    lanyard.services.store().close().await;
    let answer = lanyard.send(get("/health")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.body.contains("degraded"));
}

/// A page of the application is found and has its title, without JavaScript.
#[tokio::test]
async fn a_page_is_complete_without_javascript() {
    let lanyard = Lanyard::new().await;
    let mut browser = lanyard.browser();
    let page = browser.open("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.heading().is_empty());
    let page = browser.open("/nothing").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    page.is("Page not found");
}

/// Pages that are asked for at once, on few threads, are each their own: none fails, none waits,
/// none has the title of another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_are_rendered_apart() {
    let lanyard = Lanyard::new().await;
    let door = lanyard.door();
    let pages = ["/", "/sign-in", "/nothing", "/help", "/forgot-password"];
    let asked = (0..40).map(|_| {
        let door = door.clone();
        tokio::spawn(async move {
            for path in pages {
                let answer = tokio::time::timeout(Duration::from_secs(30), door.send(get(path)));
                let answer = answer.await.expect(path);
                let heading = html::texts_of(&answer.body, "h1").join("");
                let title = html::texts_of(&answer.body, "title").join("");
                assert!(
                    answer.status != 500 && !heading.is_empty(),
                    "{path}: {}",
                    answer.body
                );
                assert_eq!(title, format!("{heading} – Lanyard"), "{path}");
            }
        })
    });
    for task in asked.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}
