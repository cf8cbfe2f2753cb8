//! A browser without JavaScript.
//!
//! It behaves as real ones do: it keeps cookies, follows redirects, sends `Referer` as the page's
//! policy says, and posts forms as they stand in the HTML.

use std::{collections::BTreeMap, net::SocketAddr};

use app::error::AppError;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};

use crate::{
    forms::{self, Form},
    harness::{Answer, ORIGIN, exchange},
    html,
};

/// A browser without JavaScript.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    cookies: BTreeMap<String, String>,
    page: Option<Page>,
    /// The address it comes from.
    pub peer: SocketAddr,
}

/// A page that the browser shows.
#[derive(Clone, Debug)]
pub struct Page {
    /// Path and query.
    pub address: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub html: String,
}

impl Page {
    /// The title.
    pub fn title(&self) -> String {
        html::texts_of(&self.html, "title")
            .into_iter()
            .next()
            .unwrap_or_default()
    }

    /// The main heading.
    pub fn heading(&self) -> String {
        html::texts_of(&self.html, "h1")
            .into_iter()
            .next()
            .unwrap_or_default()
    }

    /// All words of the page.
    pub fn text(&self) -> String {
        html::text(&self.html)
    }

    /// The lines of the error summary.
    pub fn errors(&self) -> Vec<String> {
        let summaries = html::elements(&self.html, |tag| {
            tag.attribute("class").is_some_and(|class| {
                class
                    .split(' ')
                    .any(|class| class == "nhsuk-error-summary__list")
            })
        });
        if summaries.is_empty() {
            return Vec::new();
        }
        html::elements(&self.html, |tag| {
            tag.name == "a"
                && tag
                    .attribute("href")
                    .is_some_and(|href| href.starts_with('#') && href != "#maincontent")
        })
        .into_iter()
        .map(|(_, text)| text)
        .collect()
    }

    /// Where the link with these words leads.
    pub fn link(&self, words: &str) -> String {
        html::elements(&self.html, |tag| tag.name == "a")
            .into_iter()
            .find(|(_, text)| text.contains(words))
            .and_then(|(tag, _)| tag.attribute("href").map(ToOwned::to_owned))
            .unwrap_or_else(|| panic!("no link {words} on {}: {}", self.address, self.text()))
    }

    /// The form that posts to this server function (`sign-in/submit`), or gets this address.
    pub fn form(&self, action: &str) -> Form {
        forms::forms(&self.html)
            .into_iter()
            .find(|form| form.action.trim_start_matches("/fn/") == action || form.action == action)
            .unwrap_or_else(|| {
                let all: Vec<_> = forms::forms(&self.html)
                    .into_iter()
                    .map(|form| form.action)
                    .collect();
                panic!(
                    "no form {action} on {} (there are {all:?}): {}",
                    self.address,
                    self.text()
                )
            })
    }

    /// Fails unless the page has this heading.
    #[track_caller]
    pub fn is(&self, heading: &str) -> &Self {
        assert_eq!(
            self.heading(),
            heading,
            "{} ({}): {}",
            self.address,
            self.status,
            self.text()
        );
        self
    }

    /// Fails unless the page says this.
    #[track_caller]
    pub fn says(&self, words: &str) -> &Self {
        assert!(
            self.text().contains(words),
            "{words:?} is not on {}: {}",
            self.address,
            self.text()
        );
        self
    }

    /// Fails when the page says this.
    #[track_caller]
    pub fn hides(&self, words: &str) -> &Self {
        assert!(
            !self.text().contains(words),
            "{words:?} is on {}",
            self.address
        );
        self
    }
}

impl Browser {
    /// A browser that has never been at this router.
    pub fn at(router: Router) -> Self {
        Self {
            router,
            cookies: BTreeMap::new(),
            page: None,
            peer: ([192, 0, 2, 1], 50_000).into(),
        }
    }

    /// Types an address.
    pub async fn open(&mut self, address: &str) -> Page {
        self.page = None;
        self.go(Method::GET, address, None, "none").await
    }

    /// Follows the link with these words.
    pub async fn follow(&mut self, words: &str) -> Page {
        let address = self.current().link(words);
        self.go(Method::GET, &address, None, "same-origin").await
    }

    /// Presses a button of a form (an empty label: the first one).
    pub async fn submit(&mut self, form: &Form, button: &str) -> Page {
        let body = forms::urlencoded(&form.pressed(button));
        if form.method == "get" {
            let address = format!("{}?{body}", form.action);
            return self.go(Method::GET, &address, None, "same-origin").await;
        }
        self.go(Method::POST, &form.action, Some(body), "same-origin")
            .await
    }

    /// Posts to a server function as the wasm half does, and gives its status and error.
    pub async fn call(
        &mut self,
        function: &str,
        pairs: &[(&str, &str)],
    ) -> (StatusCode, Option<AppError>) {
        let answer = self.tell(function, pairs).await;
        (
            answer.status,
            app::wire::decode(answer.body.as_bytes()).ok(),
        )
    }

    /// The same, with the whole answer.
    pub async fn tell(&mut self, function: &str, pairs: &[(&str, &str)]) -> Answer {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let request = Request::post(format!("/fn/{function}"))
            .header(header::ACCEPT, "application/json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::COOKIE, self.cookie_line())
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(forms::urlencoded(&pairs)))
            .unwrap();
        let answer = exchange(&self.router, self.peer, request).await;
        self.keep_cookies(&answer);
        answer
    }

    /// Asks a server function that reads, as the wasm half does.
    pub async fn ask(&mut self, function: &str, query: &str) -> Answer {
        let request = Request::get(format!("/fn/{function}?{query}"))
            .header(header::ACCEPT, "application/json")
            .header(header::COOKIE, self.cookie_line())
            .header("sec-fetch-site", "same-origin")
            .body(Body::empty())
            .unwrap();
        let answer = exchange(&self.router, self.peer, request).await;
        self.keep_cookies(&answer);
        answer
    }

    /// The page it shows.
    pub fn current(&self) -> &Page {
        self.page.as_ref().expect("no page is open")
    }

    /// The value of a cookie, without its `__Host-`.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies
            .get(&format!("__Host-{name}"))
            .map(String::as_str)
    }

    /// Gives the browser a cookie, as somebody who stole it would.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies
            .insert(format!("__Host-{name}"), value.to_owned());
    }

    /// Forgets all cookies.
    pub fn forget(&mut self) {
        self.cookies.clear();
    }

    async fn go(
        &mut self,
        method: Method,
        address: &str,
        body: Option<String>,
        site: &str,
    ) -> Page {
        let mut address = resolved(address);
        let mut method = method;
        let mut body = body;
        for _ in 0..10 {
            let mut request = Request::builder()
                .method(method.clone())
                .uri(&address)
                .header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8")
                .header("sec-fetch-site", site)
                .header("sec-fetch-mode", "navigate")
                .header("sec-fetch-dest", "document")
                .header(header::USER_AGENT, "A browser without JavaScript");
            if !self.cookies.is_empty() {
                request = request.header(header::COOKIE, self.cookie_line());
            }
            let quiet = self.page.as_ref().is_some_and(|page| {
                page.headers
                    .get(header::REFERRER_POLICY)
                    .is_some_and(|value| value == "no-referrer")
            });
            if let (Some(page), false) = (&self.page, quiet) {
                request = request.header(header::REFERER, format!("{ORIGIN}{}", page.address));
            }
            let content = match body.take() {
                Some(form) => {
                    request = request
                        .header(header::ORIGIN, if quiet { "null" } else { ORIGIN })
                        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                        .header(header::CONTENT_LENGTH, form.len());
                    Body::from(form)
                }
                None => Body::empty(),
            };
            let answer = exchange(&self.router, self.peer, request.body(content).unwrap()).await;
            self.keep_cookies(&answer);
            if answer.status.is_redirection() {
                assert!(
                    method != Method::POST || answer.status == StatusCode::SEE_OTHER,
                    "a post is answered with {} instead of 303",
                    answer.status
                );
                address = resolved(answer.header(header::LOCATION));
                method = Method::GET;
                continue;
            }
            let page = Page {
                address,
                status: answer.status,
                headers: answer.headers,
                html: answer.body,
            };
            self.page = Some(page.clone());
            return page;
        }
        panic!("redirects go round in circles: {address}");
    }

    fn cookie_line(&self) -> String {
        let pairs: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn keep_cookies(&mut self, answer: &Answer) {
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.split(';').any(|part| part.trim() == "Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// An address as it is asked for: without origin and fragment.
fn resolved(address: &str) -> String {
    let path = address.strip_prefix(ORIGIN).unwrap_or(address);
    let path = path.split('#').next().unwrap_or_default();
    assert!(
        path.starts_with('/'),
        "{address} is no address of this origin"
    );
    path.to_owned()
}
