//! The program itself, as a process of its own that can be killed.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, Response, StatusCode},
};
use server::machine;
use service::{
    Actor, Services, Settings,
    clock::{Clock, FixedClock, SystemClock},
    testing::Harness,
};
use store::Store;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{browser::Browser, harness::ORIGIN};

/// An installation on disk, with Hollybrook Hospital and Sam Okoro who administers it. Servers are
/// started on it and killed; what it holds is looked at from here.
pub struct Site {
    folder: tempfile::TempDir,
    pub tools: Harness,
    pub sam: Actor,
    session: String,
}

impl Site {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::connect(&database(folder.path())).await.unwrap();
        store.migrate().await.unwrap();
        let clock = Arc::new(FixedClock::at(SystemClock.now()));
        let services = Services::new(
            store,
            clock.clone(),
            machine::random().unwrap(),
            machine::keys(&folder.path().join("key")).unwrap(),
            Settings {
                public_origin: ORIGIN.to_owned(),
                service_name: "Lanyard".to_owned(),
            },
        );
        let tools = Harness { services, clock };
        tools.organisation("RX1", "Hollybrook Hospital").await;
        let sam = tools.administrator("rx1", "sam.okoro@nhs.net").await;
        let session = tools.session(&sam).await;
        Self {
            folder,
            tools,
            sam,
            session,
        }
    }

    /// Starts a server that hands its email to `mail`, and waits until it answers.
    pub async fn serve(&self, mail: SocketAddr) -> Server {
        let address = free();
        let child = self.command(address, mail).spawn().unwrap();
        let mut server = Server { child, address };
        for _ in 0..600 {
            if TcpStream::connect(address).await.is_ok() {
                return server;
            }
            assert!(server.is_up(), "the server ended at its start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not listen");
    }

    /// Tries to start a server that cannot start, and says what it said.
    pub fn serve_in_vain(&self, mail: SocketAddr) -> String {
        let ended = self.command(free(), mail).output().unwrap();
        assert!(!ended.status.success());
        String::from_utf8(ended.stderr).unwrap()
    }

    fn command(&self, address: SocketAddr, mail: SocketAddr) -> Command {
        let folder = self.folder.path();
        // A file that may not grow is an error like others, not a signal: see `Server::disk`.
        let mut command = Command::new("sh");
        command
            .args(["-c", "trap '' XFSZ; exec \"$0\" serve"])
            .arg(env!("CARGO_BIN_EXE_lanyard"))
            .env("LANYARD_ADDR", address.to_string())
            .env("LANYARD_PUBLIC_ORIGIN", ORIGIN)
            .env("LANYARD_DATABASE_URL", database(folder))
            .env("LANYARD_DATA_DIR", folder)
            .env("LANYARD_KEY_FILE", folder.join("key"))
            .env("LANYARD_MAIL", format!("smtp://{mail}"))
            .env("LANYARD_SMS", format!("folder:{}", folder.display()))
            .env("LANYARD_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// Sam's browser at a server.
    pub fn browser(&self, server: &Server) -> Browser {
        let mut browser = Browser::at(server.router());
        browser.set_cookie("session", &self.session);
        browser
    }
}

fn database(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("lanyard.db").display())
}

fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// A running server; killed when this ends.
pub struct Server {
    child: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// SIGKILL: it has no moment left.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn is_up(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Sets how long its files may become, in bytes or `unlimited`: it is as if the disk were full
    /// to whoever wants more. False where there is no such command.
    pub fn disk(&self, limit: &str) -> bool {
        Command::new("prlimit")
            .arg(format!("--pid={}", self.child.id()))
            .arg(format!("--fsize={limit}:unlimited"))
            .status()
            .is_ok_and(|status| status.success())
    }

    /// Passes requests on over the network.
    pub fn router(&self) -> Router {
        let address = self.address;
        Router::new().fallback(move |request: Request| pass_on(address, request))
    }
}

/// One request over one connection. HTTP/1.0 ends an answer by closing, which is easy to read.
async fn pass_on(address: SocketAddr, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let mut head = format!("{} {} HTTP/1.0\r\n", parts.method, parts.uri);
    for (name, value) in &parts.headers {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.expect("an answer without an end of its headers");
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let mut response = Response::new(Body::from(answer[end + 4..].to_vec()));
    *response.status_mut() = StatusCode::from_bytes(status.unwrap().as_bytes()).unwrap();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        response.headers_mut().append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_str(value).unwrap(),
        );
    }
    response
}
