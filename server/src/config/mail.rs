//! How messages leave: `LANYARD_MAIL`, `LANYARD_MAIL_FROM`, `LANYARD_SMS`.

use std::{fmt, net::IpAddr, path::PathBuf};

use super::{MAIL, MAIL_FROM, SMS, WrongSetting, wrong};

/// What `LANYARD_MAIL` may be.
pub const MAIL_EXAMPLE: &str = "smtp://user:password@mail.example.uk:587 (or folder:data/mail)";

/// How mail is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailSetting {
    /// By a mail server.
    Smtp(SmtpServer),
    /// Into files, for development and tests.
    Folder(PathBuf),
}

/// A mail server. Its password is neither shown nor logged.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpServer {
    /// Host name or address.
    pub host: String,
    /// Port; 587 and 465 when none is given.
    pub port: u16,
    /// TLS from the first byte (`smtps://`); otherwise STARTTLS.
    pub wrapped: bool,
    /// User and password.
    pub login: Option<(String, String)>,
}

impl SmtpServer {
    /// Only this computer may be spoken to without TLS.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self
                .host
                .trim_matches(['[', ']'])
                .parse::<IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    }
}

impl fmt::Display for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.wrapped { "smtps" } else { "smtp" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for MailSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smtp(server) => write!(f, "{server}"),
            Self::Folder(path) => write!(f, "folder:{}", path.display()),
        }
    }
}

impl MailSetting {
    /// Reads the setting.
    ///
    /// # Errors
    /// When it is none of the kinds.
    pub fn parse(text: &str) -> Result<Self, WrongSetting> {
        let no = |what: &str| Err(wrong(MAIL, what, MAIL_EXAMPLE));
        if let Some(path) = text.strip_prefix("folder:") {
            return match folder(path) {
                Some(path) => Ok(Self::Folder(path)),
                None => no("names no folder after folder:"),
            };
        }
        let (wrapped, rest) = if let Some(rest) = text.strip_prefix("smtps://") {
            (true, rest)
        } else if let Some(rest) = text.strip_prefix("smtp://") {
            (false, rest)
        } else {
            return no("does not start with smtp://, smtps:// or folder:");
        };
        // The password may hold an @: the last one separates.
        let (login, place) = match rest.rsplit_once('@') {
            Some((login, place)) => (Some(login), place),
            None => (None, rest),
        };
        let login = match login.map(|login| login.split_once(':')) {
            None => None,
            Some(Some((user, password))) => match (decoded(user), decoded(password)) {
                (Some(user), Some(password)) => Some((user, password)),
                _ => {
                    return no(
                        "has a % in its user or password that is not followed by two hexadecimal digits (write %25 for %)",
                    );
                }
            },
            Some(None) => return no("has a user without a password"),
        };
        let place = place.strip_suffix('/').unwrap_or(place);
        if place.contains(['/', '?', '#']) {
            return no("has something after the host");
        }
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (place, None),
        };
        if host.is_empty() {
            return no("names no host");
        }
        let port = match port.map(str::parse) {
            None if wrapped => 465,
            None => 587,
            Some(Ok(port)) => port,
            Some(Err(_)) => return no("has a port that is not a number"),
        };
        Ok(Self::Smtp(SmtpServer {
            host: host.to_owned(),
            port,
            wrapped,
            login,
        }))
    }
}

/// How text messages are sent. This version writes them into files only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextSetting {
    /// Into files.
    Folder(PathBuf),
}

impl TextSetting {
    /// Reads the setting.
    ///
    /// # Errors
    /// When it is not a folder.
    pub fn parse(text: &str) -> Result<Self, WrongSetting> {
        let Some(path) = text.strip_prefix("folder:") else {
            return Err(wrong(SMS, "does not start with folder:", "folder:data/sms"));
        };
        match folder(path) {
            Some(path) => Ok(Self::Folder(path)),
            None => Err(wrong(
                SMS,
                "names no folder after folder:",
                "folder:data/sms",
            )),
        }
    }
}

impl fmt::Display for TextSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Folder(path) = self;
        write!(f, "folder:{}", path.display())
    }
}

/// Checks the sender's address.
pub(super) fn sender(text: String) -> Result<String, WrongSetting> {
    match domain::email::EmailAddress::parse(&text) {
        Ok(address) => Ok(address.as_str().to_owned()),
        Err(_) => Err(wrong(
            MAIL_FROM,
            "is not an email address",
            "no-reply@access.example.uk",
        )),
    }
}

fn folder(path: &str) -> Option<PathBuf> {
    let path = path.trim().trim_start_matches("//");
    (!path.is_empty()).then(|| PathBuf::from(path))
}

/// Undoes percent-encoding.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let value = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{MailSetting, SmtpServer};

    #[test]
    fn a_mail_server_is_read_with_its_defaults() {
        let server = |host: &str, port, wrapped, login: Option<(&str, &str)>| {
            MailSetting::Smtp(SmtpServer {
                host: host.into(),
                port,
                wrapped,
                login: login.map(|(user, password)| (user.into(), password.into())),
            })
        };
        for (text, expected) in [
            ("smtp://mail.uk", server("mail.uk", 587, false, None)),
            ("smtps://mail.uk", server("mail.uk", 465, true, None)),
            (
                "smtp://a%40b.uk:p%25@ss@mail.uk:2525/",
                server("mail.uk", 2525, false, Some(("a@b.uk", "p%@ss"))),
            ),
            ("smtp://[::1]:25", server("[::1]", 25, false, None)),
            ("folder:data/mail", MailSetting::Folder("data/mail".into())),
        ] {
            assert_eq!(MailSetting::parse(text).unwrap(), expected, "{text}");
        }
        assert!(MailSetting::parse("smtp://u:50%@mail.uk").is_err());
    }

    #[test]
    fn only_this_computer_is_loopback() {
        for (text, expected) in [
            ("smtp://127.0.0.1:25", true),
            ("smtp://localhost:25", true),
            ("smtp://[::1]:25", true),
            ("smtp://mail.uk:25", false),
            ("smtp://10.0.0.1:25", false),
        ] {
            let MailSetting::Smtp(server) = MailSetting::parse(text).unwrap() else {
                panic!("{text}")
            };
            assert_eq!(server.is_loopback(), expected, "{text}");
        }
    }
}
