//! The settings: the only reader of the environment.
//!
//! Every setting has a default, so that a newcomer sets none. A wrong one stops the start with one
//! line that names the setting, says what is wrong and gives an example. Values that may hold a
//! password are never repeated.

mod mail;
mod names;
mod network;
mod origin;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use tracing_subscriber::filter::{LevelFilter, Targets};

pub use mail::{MAIL_EXAMPLE, MailSetting, SmtpServer, TextSetting};
pub use network::Network;
pub use origin::Origin;

/// Where people reach the server.
pub const ADDR: &str = "LANYARD_ADDR";
/// What people type into the browser to get here.
pub const PUBLIC_ORIGIN: &str = "LANYARD_PUBLIC_ORIGIN";
/// Which database.
pub const DATABASE_URL: &str = "LANYARD_DATABASE_URL";
/// What it may be.
pub const DATABASE_EXAMPLE: &str =
    "sqlite:data/lanyard.db (or postgres://name:password@host/database)";
/// Where files of its own go.
pub const DATA_DIR: &str = "LANYARD_DATA_DIR";
/// How mail is sent.
pub const MAIL: &str = "LANYARD_MAIL";
/// Who mail comes from.
pub const MAIL_FROM: &str = "LANYARD_MAIL_FROM";
/// How text messages are sent.
pub const SMS: &str = "LANYARD_SMS";
/// What the service is called.
pub const SERVICE_NAME: &str = "LANYARD_SERVICE_NAME";
/// The key for secrets at rest.
pub const KEY_FILE: &str = "LANYARD_KEY_FILE";
/// How much is logged.
pub const LOG: &str = "LANYARD_LOG";
/// Which proxies are believed.
pub const TRUSTED_PROXIES: &str = "LANYARD_TRUSTED_PROXIES";
/// Where the built site is.
pub const SITE_DIR: &str = "LANYARD_SITE_DIR";
/// Where `cargo xtask build` puts it.
pub const DEFAULT_SITE: &str = "target/site";

/// All settings of an installation.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the server listens.
    pub address: SocketAddr,
    /// The origin that was set; see [`Config::origin`].
    pub public_origin: Option<Origin>,
    /// `sqlite:PATH` or `postgres://…`; may hold a password.
    pub database: DatabaseUrl,
    /// The folder for the key, captured mail and the embedded database.
    pub data_dir: PathBuf,
    /// How mail is sent.
    pub mail: MailSetting,
    /// The sender's address that was set; see [`Config::sender`].
    pub mail_from: Option<String>,
    /// How text messages are sent.
    pub sms: TextSetting,
    /// The name in headings and messages.
    pub service_name: String,
    /// The key file.
    pub key_file: PathBuf,
    /// Filter for log lines.
    pub log: String,
    /// Proxies whose `X-Forwarded-For` is believed (R35).
    pub trusted_proxies: Vec<Network>,
    /// The folder with the built site.
    pub site_dir: PathBuf,
}

/// An address of a database. Neither shown nor logged whole: it may hold a password.
#[derive(Clone)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The whole address, for connecting.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_once("://") {
            Some((scheme, rest)) if scheme != "sqlite" => {
                let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
                let place = place.split('?').next().unwrap_or_default();
                write!(f, "{scheme}://{place}")
            }
            _ => f.write_str(&self.0),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A setting that cannot be used. Its text is one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongSetting {
    setting: &'static str,
    wrong: String,
    example: &'static str,
}

impl fmt::Display for WrongSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            setting,
            wrong,
            example,
        } = self;
        write!(f, "{setting} {wrong}. Example: {setting}={example}")
    }
}

impl std::error::Error for WrongSetting {}

/// Makes the error for a setting.
fn wrong(setting: &'static str, what: impl Into<String>, example: &'static str) -> WrongSetting {
    WrongSetting {
        setting,
        wrong: what.into(),
        example,
    }
}

/// A value as it may be repeated in an error: one line, not too long.
fn quoted(value: &str) -> String {
    let mut text: String = value.chars().take(60).collect();
    if text.len() < value.len() {
        text.push('…');
    }
    format!("{text:?}")
}

impl Config {
    /// Whether the style sheet and the browser's program are where they should be.
    ///
    /// # Errors
    /// One line, when they are not.
    pub fn built_site(&self) -> Result<(), String> {
        if self.site_dir.join("manifest.json").is_file() {
            return Ok(());
        }
        Err(format!(
            "{SITE_DIR} is {}, where there is no built site: run cargo xtask build. Example: {SITE_DIR}={DEFAULT_SITE}",
            self.site_dir.display()
        ))
    }

    /// Reads the settings from the environment.
    ///
    /// # Errors
    /// When one cannot be used.
    pub fn from_environment() -> Result<Self, WrongSetting> {
        #[allow(clippy::disallowed_methods, reason = "the one place that may")]
        let set = std::env::vars_os().map(|(name, _)| name);
        names::refuse_misspelt(set.filter_map(|name| name.into_string().ok()))?;
        Self::read(|name| {
            #[allow(clippy::disallowed_methods, reason = "the one place that may")]
            let value = std::env::var_os(name);
            value.map(|value| value.to_string_lossy().into_owned())
        })
    }

    /// Reads the settings from anything that has values under names. An empty value is none.
    ///
    /// # Errors
    /// When one cannot be used.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, WrongSetting> {
        let get = |name: &'static str| {
            get(name)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        let data_dir = PathBuf::from(get(DATA_DIR).unwrap_or_else(|| "data".into()));
        let in_data = |name: &str| data_dir.join(name);
        Ok(Self {
            address: address(get(ADDR))?,
            public_origin: get(PUBLIC_ORIGIN)
                .map(|text| Origin::parse(&text))
                .transpose()?,
            database: database(get(DATABASE_URL), &in_data("lanyard.db"))?,
            mail: match get(MAIL) {
                Some(text) => MailSetting::parse(&text)?,
                None => MailSetting::Folder(in_data("mail")),
            },
            mail_from: get(MAIL_FROM).map(mail::sender).transpose()?,
            sms: match get(SMS) {
                Some(text) => TextSetting::parse(&text)?,
                None => TextSetting::Folder(in_data("sms")),
            },
            service_name: service_name(get(SERVICE_NAME))?,
            key_file: get(KEY_FILE).map_or_else(|| in_data("key"), PathBuf::from),
            log: log_filter(get(LOG))?,
            trusted_proxies: network::list(get(TRUSTED_PROXIES).as_deref().unwrap_or_default())?,
            site_dir: PathBuf::from(get(SITE_DIR).unwrap_or_else(|| DEFAULT_SITE.into())),
            data_dir,
        })
    }

    /// The origin in every link and in the check of who posts: the one that was set, else the
    /// address that the server listens at.
    pub fn origin(&self, bound: SocketAddr) -> Origin {
        self.public_origin
            .clone()
            .unwrap_or_else(|| Origin::of_address(bound))
    }

    /// Who mail comes from: the address that was set, else one at the host of the origin.
    pub fn sender(&self, origin: &Origin) -> String {
        self.mail_from.clone().unwrap_or_else(|| {
            if origin.is_loopback() {
                "no-reply@localhost".to_owned()
            } else {
                format!("no-reply@{}", origin.host())
            }
        })
    }
}

fn address(text: Option<String>) -> Result<SocketAddr, WrongSetting> {
    let Some(text) = text else {
        return Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, 3000)));
    };
    let numeric = text
        .strip_prefix("localhost:")
        .map_or_else(|| text.clone(), |port| format!("127.0.0.1:{port}"));
    numeric.parse().map_err(|_| {
        let what = format!("is {}, which is not an address with a port", quoted(&text));
        wrong(ADDR, what, "127.0.0.1:3000")
    })
}

fn database(text: Option<String>, default: &std::path::Path) -> Result<DatabaseUrl, WrongSetting> {
    let Some(text) = text else {
        return Ok(DatabaseUrl(format!("sqlite:{}", default.display())));
    };
    let example = DATABASE_EXAMPLE;
    if let Some(path) = text.strip_prefix("sqlite:") {
        let path = path.trim_start_matches("//");
        if path.is_empty() || path.starts_with(":memory:") {
            return Err(wrong(DATABASE_URL, "names no file after sqlite:", example));
        }
    } else if let Some(rest) = ["postgres://", "postgresql://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))
    {
        let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
        if place.starts_with('/') || place.is_empty() {
            return Err(wrong(DATABASE_URL, "names no host", example));
        }
    } else {
        let what = "does not start with sqlite: or postgres://";
        return Err(wrong(DATABASE_URL, what, example));
    }
    Ok(DatabaseUrl(text))
}

fn service_name(text: Option<String>) -> Result<String, WrongSetting> {
    let name = text.unwrap_or_else(|| "Lanyard".into());
    // It goes into subjects and senders of mail: one line, no markup, no address.
    let fine = name.chars().count() <= 40
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '\'' | '’' | '.' | '&'));
    if fine {
        return Ok(name);
    }
    let what = "must be 40 characters or fewer: letters, numbers, spaces, hyphens, apostrophes, full stops and &";
    Err(wrong(SERVICE_NAME, what, "Lanyard"))
}

fn log_filter(text: Option<String>) -> Result<String, WrongSetting> {
    let text = text.unwrap_or_else(|| "info".into());
    // A word alone would be taken for a module, and everything else fall silent.
    let levels = text
        .split(',')
        .filter(|part| !part.contains('='))
        .all(|part| part.trim().parse::<LevelFilter>().is_ok());
    if levels && text.parse::<Targets>().is_ok() {
        return Ok(text);
    }
    let what = format!(
        "is {}, which is not a level (error, warn, info, debug, trace)",
        quoted(&text)
    );
    Err(wrong(LOG, what, "info (or info,sqlx=warn)"))
}
