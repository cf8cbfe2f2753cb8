//! A Lanyard of its own for each test. Whatever it answers must keep the promises that hold for
//! every answer (R54, R89, R90, R91), or the test fails.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use app::error::AppError;
use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode, header},
};
use server::{
    config::{Network, Origin},
    mail::{Memory, Message, Post, Transport, Writer},
    web::{self, WebSettings},
    worker::Worker,
};
use service::{Keys, Random, Services, Settings, clock::FixedClock, testing::morning};
use store::Store;
use tokio::sync::watch;
use tower::ServiceExt;

use crate::{browser::Browser, html};

/// Where the browser thinks that it is.
pub const ORIGIN: &str = "https://lanyard.example";

/// The web server over use cases that were made elsewhere, without a site and without a mailbox.
pub fn router_over(services: Services) -> Router {
    let settings = WebSettings {
        origin: Origin::parse(ORIGIN).unwrap(),
        trusted_proxies: Vec::new(),
        site: PathBuf::from("no-site"),
        mailbox: None,
        stopping: watch::channel(false).1,
    };
    web::router(services, Random::from_seed([8; 32]), settings)
}

/// An installation in memory: its own database, a clock that stands at 9:30 on 21 November 2026
/// until it is moved, and seeded randomness.
pub struct Lanyard {
    pub services: Services,
    pub clock: Arc<FixedClock>,
    pub router: Router,
    /// Sends what is queued when it is told to ([`Lanyard::mail`]).
    pub worker: Worker,
    memory: Memory,
    settings: WebSettings,
    random: Random,
    // Removed when the test ends.
    folder: tempfile::TempDir,
}

impl Lanyard {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("lanyard.db").display());
        let store = Store::connect(&url).await.unwrap();
        store.migrate().await.unwrap();
        let clock = Arc::new(FixedClock::at(morning()));
        let random = Random::from_seed([7; 32]);
        let services = Services::new(
            store,
            clock.clone(),
            random.clone(),
            Keys::derive(&[1; 32]),
            Settings {
                public_origin: ORIGIN.to_owned(),
                service_name: "Lanyard".to_owned(),
            },
        );
        let origin = Origin::parse(ORIGIN).unwrap();
        let memory = Memory::default();
        let post = Post {
            writer: Arc::new(Writer {
                origin: origin.clone(),
                service: "Lanyard".to_owned(),
                sender: "no-reply@lanyard.example".to_owned(),
            }),
            email: Transport::Memory(memory.clone()),
            sms: Transport::Memory(memory.clone()),
        };
        let settings = WebSettings {
            origin,
            trusted_proxies: vec![Network::parse("10.0.0.1").unwrap()],
            site: folder.path().join("site"),
            mailbox: post.mailbox(),
            stopping: watch::channel(false).1,
        };
        let worker = Worker::new(services.clone(), post);
        let router = web::router(services.clone(), random.clone(), settings.clone());
        Self {
            services,
            clock,
            router,
            worker,
            memory,
            settings,
            random,
            folder,
        }
    }

    /// The same installation, as it is when messages leave the computer.
    pub fn router_without_mailbox(&self) -> Router {
        let settings = WebSettings {
            mailbox: None,
            ..self.settings.clone()
        };
        web::router(self.services.clone(), self.random.clone(), settings)
    }

    /// Every byte that the database has written, as text, to look for what must not be there.
    pub fn dump(&self) -> String {
        let mut all = String::new();
        for name in ["lanyard.db", "lanyard.db-wal"] {
            if let Ok(bytes) = std::fs::read(self.folder.path().join(name)) {
                all.push_str(&String::from_utf8_lossy(&bytes));
            }
        }
        all
    }

    /// Sends everything that is queued, and gives every message that was ever sent, in order.
    pub async fn mail(&self) -> Vec<Arc<Message>> {
        self.worker.send_all().await.unwrap();
        self.memory.messages()
    }

    /// The newest message to an address or number, after sending what is queued.
    pub async fn newest_mail(&self, to: &str) -> Arc<Message> {
        let mail = self.mail().await;
        let found = mail.iter().rev().find(|message| message.to.contains(to));
        found
            .cloned()
            .unwrap_or_else(|| panic!("no message to {to}"))
    }

    /// A browser that has never been here.
    pub fn browser(&self) -> Browser {
        Browser::at(self.router.clone())
    }

    /// Sends a request as it is.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        self.door().send(request).await
    }

    /// Its door alone, to be used beside it.
    pub fn door(&self) -> Door {
        Door(self.router.clone())
    }

    /// As [`Lanyard::new`], with the organisations of the demo.
    pub async fn with_demo() -> Self {
        let lanyard = Self::new().await;
        let request = service::RequestInfo::internal("test");
        lanyard.services.seed_demo(&request).await.unwrap();
        lanyard
    }

    /// The browser of somebody of the demo, signed in with a code from their mailbox.
    pub async fn signed_in(&self, email: &str) -> Browser {
        let request = service::RequestInfo::internal("test");
        let demo = self.services.seed_demo(&request).await.unwrap();
        let mut browser = self.browser();
        let page = browser.open("/sign-in").await;
        let form = page
            .form("sign-in/submit")
            .fill("email", email)
            .fill("password", demo.password);
        // What waits from before goes first: the clock stands still, and the code is to be the newest.
        self.mail().await;
        let page = browser.submit(&form, "").await;
        page.is("Check your email");
        let code = code(&*self.newest_mail(email).await);
        let form = page.form("sign-in/check-code").fill("code", &code);
        browser.submit(&form, "").await.hides("There is a problem");
        browser
    }
}

/// Takes requests as they are.
#[derive(Clone)]
pub struct Door(Router);

impl Door {
    /// Sends a request.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        exchange(&self.0, ([192, 0, 2, 1], 50_000).into(), request).await
    }
}

/// The address that a message wants its reader to follow, as a path.
pub fn link(message: &Message) -> String {
    let found = message
        .text
        .lines()
        .find_map(|line| line.strip_prefix(ORIGIN));
    found.map_or_else(|| panic!("no link in {}", message.text), ToOwned::to_owned)
}

/// The code of 6 digits in a message.
pub fn code(message: &Message) -> String {
    let mut words = message.text.split(|c: char| !c.is_ascii_digit());
    let found = words.find(|word| word.len() == 6);
    found.map_or_else(|| panic!("no code in {}", message.text), ToOwned::to_owned)
}

/// What came back for one request.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// A header, empty when it is absent.
    pub fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The refusal of a server function.
    pub fn error(&self) -> Option<AppError> {
        let refused = !self.status.is_success();
        refused.then(|| app::wire::decode(self.body.as_bytes()).ok())?
    }
}

pub async fn exchange(router: &Router, peer: SocketAddr, mut request: Request<Body>) -> Answer {
    request.extensions_mut().insert(ConnectInfo(peer));
    let what = format!("{} {}", request.method(), request.uri());
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let answer = Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8_lossy(&bytes).into_owned(),
    };
    keeps_promises(&what, &answer);
    answer
}

/// What holds for every answer, whatever it is.
fn keeps_promises(what: &str, answer: &Answer) {
    // R90. The HTML of a captured message is the one document with a policy of its own.
    let preview = what.contains("/dev/mail/") && what.ends_with("/preview");
    for (name, part) in [
        ("strict-transport-security", "includeSubDomains"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "camera=()"),
        ("reporting-endpoints", "/reports"),
        ("content-security-policy", "default-src 'none'"),
        (
            "content-security-policy",
            if preview {
                "sandbox"
            } else {
                "frame-ancestors 'none'"
            },
        ),
    ] {
        assert!(
            answer.header(name).contains(part),
            "{what}: {name} is {:?}",
            answer.header(name)
        );
    }
    let policy = answer.header("content-security-policy");
    assert!(
        preview || !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"),
        "{what}: {policy}"
    );
    assert!(
        ["same-origin", "no-referrer"].contains(&answer.header("referrer-policy")),
        "{what}"
    );
    // R91
    let cache = answer.header(header::CACHE_CONTROL);
    assert!(
        cache == "no-store" || cache.starts_with("public"),
        "{what}: {cache}"
    );
    // R89
    if let Some(location) = answer.headers.get(header::LOCATION) {
        let location = location.to_str().unwrap();
        assert!(
            location.starts_with('/') && !location.starts_with("//"),
            "{what} leads to {location}"
        );
    }
    // R54
    for cookie in answer.headers.get_all(header::SET_COOKIE) {
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.starts_with("__Host-"), "{what} sets {cookie}");
        for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite="] {
            assert!(cookie.contains(part), "{what} sets {cookie}");
        }
        assert!(
            !cookie.contains("Domain=") && cookie.len() <= 4096,
            "{what} sets {cookie}"
        );
    }
    // R94, R105
    assert!(
        answer.headers.get(header::SERVER).is_none(),
        "{what} tells its version"
    );
    for leak in ["SELECT ", "sqlx", "/server/src/", "panicked at"] {
        assert!(!answer.body.contains(leak), "{what} shows {leak}");
    }
    // No styles or scripts in attributes: the policy would stop them.
    if answer.header(header::CONTENT_TYPE).starts_with("text/html") && !preview {
        for piece in html::pieces(&answer.body) {
            if let html::Piece::Open(tag) = piece {
                let bad = tag
                    .attributes
                    .keys()
                    .find(|name| *name == "style" || name.starts_with("on"));
                assert!(bad.is_none(), "{what}: {tag:?}");
            }
        }
    }
}
