//! Sending by a mail server: STARTTLS or TLS from the first byte; without TLS only to this
//! computer itself.

use std::time::{Duration, SystemTime};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error, PoolConfig, authentication::Credentials, client::Tls, extension::ClientId,
    },
};

use super::{Message, Trouble};
use crate::config::SmtpServer;

/// Each step of a conversation.
const STEP: Duration = Duration::from_secs(10);
/// Conversations at once.
pub const CONVERSATIONS: u32 = 16;
const IDLE: Duration = Duration::from_secs(30);

/// A mail server.
#[derive(Clone)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    name: String,
    host: String,
}

impl Smtp {
    /// Sends as `name` (the service's), from the host of the public origin.
    ///
    /// # Errors
    /// When TLS cannot be set up for the server's name.
    pub fn new(server: &SmtpServer, name: &str, host: &str) -> Result<Self, String> {
        let server_name = server.host.trim_matches(['[', ']']);
        let builder = if server.wrapped {
            AsyncSmtpTransport::<Tokio1Executor>::relay(server_name)
        } else if server.is_loopback() {
            Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server_name).tls(Tls::None))
        } else {
            AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(server_name)
        };
        let mut builder = builder
            .map_err(|error| error.to_string())?
            .port(server.port)
            .timeout(Some(STEP))
            .hello_name(ClientId::Domain(host.to_owned()))
            .pool_config(PoolConfig::new().max_size(CONVERSATIONS).idle_timeout(IDLE));
        if let Some((user, password)) = &server.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Self {
            transport: builder.build(),
            name: name.to_owned(),
            host: host.to_owned(),
        })
    }

    pub(super) async fn send(&self, message: &Message) -> Result<(), Trouble> {
        let email = self.email(message).map_err(Trouble::Refused)?;
        let Err(error) = self.transport.send(email).await else {
            return Ok(());
        };
        let why = plain(&error);
        if error.is_transient() && !is_about_us(&error) {
            return Err(Trouble::Later(why));
        }
        if error.is_permanent() && !is_about_us(&error) {
            // A server that says no to everybody says nothing about this reader.
            return match self.check().await {
                Ok(()) => Err(Trouble::Refused(why)),
                Err(why) => Err(Trouble::Away(why)),
            };
        }
        Err(Trouble::Away(why))
    }

    pub(super) async fn check(&self) -> Result<(), String> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err("the mail server does not answer as one".to_owned()),
            Err(error) => Err(plain(&error)),
        }
    }

    fn email(&self, message: &Message) -> Result<lettre::Message, String> {
        let mailbox = |name: Option<&str>, address: &str| -> Result<Mailbox, String> {
            let address: Address = address.parse().map_err(|_| "not an address".to_owned())?;
            Ok(Mailbox::new(name.map(ToOwned::to_owned), address))
        };
        let mut email = lettre::Message::builder()
            .from(mailbox(Some(&self.name), &message.from)?)
            .to(mailbox(None, &message.to)?)
            .date(SystemTime::from(message.sent_at))
            // A second delivery of the same message can be seen by its id.
            .message_id(Some(format!("<{}@{}>", message.id, self.host)))
            .subject(message.subject.clone());
        for (name, value) in [
            // No absence notes in reply.
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
        ] {
            email = email.raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str(name),
                value.to_owned(),
            ));
        }
        email
            .multipart(MultiPart::alternative_plain_html(
                message.text.clone(),
                message.html.clone(),
            ))
            .map_err(|error| error.to_string())
    }
}

/// Codes by which a server says that it does not let us in, or is closing.
fn is_about_us(error: &Error) -> bool {
    error
        .status()
        .is_some_and(|code| matches!(u16::from(code), 421 | 454 | 530 | 534 | 535 | 538))
}

/// What went wrong, in one line.
fn plain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text.push_str(": ");
            text.push_str(&inner_text);
        }
        source = inner.source();
    }
    text.replace(['\r', '\n'], " ")
}
