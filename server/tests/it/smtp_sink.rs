//! A mail server on this computer that takes everything, unless told otherwise.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What the server has received, and how it behaves.
#[derive(Debug, Default)]
pub struct State {
    /// Every message with its recipient, as it came over the wire.
    pub received: Vec<(String, String)>,
    /// What is answered for a recipient, such as `550 no such user`.
    pub answers: HashMap<String, String>,
    /// What is said first, such as `554 go away`.
    pub greeting: Option<String>,
}

/// The server; it ends with this.
pub struct Sink {
    pub address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Sink {
    /// Starts a server on a free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener)
    }

    /// Starts a server on a port that was free a moment ago.
    #[allow(dead_code, reason = "benchmarks need less than tests")]
    pub async fn start_at(address: SocketAddr) -> Self {
        Self::on(TcpListener::bind(address).await.unwrap())
    }

    fn on(listener: TcpListener) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let address = listener.local_addr().unwrap();
        let shared = state.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                tokio::spawn(converse(stream, shared.clone()));
            }
        });
        Self {
            address,
            state,
            task,
        }
    }

    /// What was received, and how to behave.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

async fn converse(stream: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let greeting = state.lock().unwrap().greeting.clone();
    let refused = greeting.is_some();
    let greeting = greeting.unwrap_or_else(|| "220 sink".to_owned());
    say(&mut stream, &greeting).await?;
    let mut recipient = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match command.as_str() {
            "QUIT" => {
                return say(&mut stream, "221 bye").await;
            }
            _ if refused => "554 go away".to_owned(),
            "EHLO" => "250-sink\r\n250 8BITMIME".to_owned(),
            "RCPT" => {
                let address = line
                    .split_once('<')
                    .and_then(|(_, rest)| rest.split_once('>'))
                    .map_or("", |(address, _)| address);
                address.clone_into(&mut recipient);
                let answer = state.lock().unwrap().answers.get(address).cloned();
                answer.unwrap_or_else(|| "250 ok".to_owned())
            }
            "DATA" => {
                say(&mut stream, "354 go on").await?;
                let mut message = String::new();
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).await? == 0 {
                        return Ok(());
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    message.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                let mut state = state.lock().unwrap();
                state.received.push((recipient.clone(), message));
                "250 taken".to_owned()
            }
            _ => "250 ok".to_owned(),
        };
        say(&mut stream, &answer).await?;
    }
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> std::io::Result<()> {
    stream.get_mut().write_all(line.as_bytes()).await?;
    stream.get_mut().write_all(b"\r\n").await
}
