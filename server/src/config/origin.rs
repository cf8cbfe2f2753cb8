//! The public origin: the only source of links (R25) and the measure of "same origin" (R88).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::{PUBLIC_ORIGIN, WrongSetting, quoted, wrong};

/// Scheme, host and port, as a browser writes them in `Origin`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    text: String,
    host: String,
}

impl Origin {
    /// Reads an origin. A trailing slash is forgiven, everything else after the host is not.
    ///
    /// # Errors
    /// When it is not an origin.
    pub fn parse(text: &str) -> Result<Self, WrongSetting> {
        let no = |what: &str| Err(wrong(PUBLIC_ORIGIN, what, "https://access.example.uk"));
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => ("https", rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => ("http", rest),
            _ => return no("does not start with https:// or http://"),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#']) {
            return no("has something after the host");
        }
        if rest.contains('@') {
            return no("names a user");
        }
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (rest, None),
        };
        if host.is_empty() {
            return no("names no host");
        }
        let host = host.to_ascii_lowercase();
        let is_name = host
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
        let is_v6 = host
            .strip_prefix('[')
            .and_then(|inner| inner.strip_suffix(']'))
            .is_some_and(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok());
        if !is_name && !is_v6 {
            return Err(wrong(
                PUBLIC_ORIGIN,
                format!("has {}, which is not a host name", quoted(&host)),
                "https://access.example.uk",
            ));
        }
        let port = match port.map(str::parse::<u16>) {
            None => None,
            Some(Ok(port)) => Some(port),
            Some(Err(_)) => return no("has a port that is not a number"),
        };
        let origin = Self::from_parts(scheme, &host, port);
        if !origin.is_secure() && !origin.is_loopback() {
            // Browsers would throw the session's cookie away (R54).
            return no("must start with https:// unless it is this computer");
        }
        Ok(origin)
    }

    /// The origin of a server that listens at `address` without a proxy in front.
    pub fn of_address(address: SocketAddr) -> Self {
        let ip = if address.ip().is_unspecified() {
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        } else {
            address.ip()
        };
        let host = match ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Self::from_parts("http", &host, Some(address.port()))
    }

    fn from_parts(scheme: &str, host: &str, port: Option<u16>) -> Self {
        let usual = if scheme == "https" { 443 } else { 80 };
        let text = match port {
            Some(port) if port != usual => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        };
        Self {
            text,
            host: host.to_owned(),
        }
    }

    /// As a browser writes it: `https://access.example.uk`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, without port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether people come over TLS.
    pub fn is_secure(&self) -> bool {
        self.text.starts_with("https://")
    }

    /// Whether only this computer can reach it.
    pub fn is_loopback(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "[::1]")
            || self.host.ends_with(".localhost")
            || self
                .host
                .parse::<Ipv4Addr>()
                .is_ok_and(|ip| ip.is_loopback())
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Origin;

    #[test]
    fn an_origin_has_one_spelling() {
        for (text, expected) in [
            ("https://Access.Example.UK/", "https://access.example.uk"),
            ("https://access.example.uk:443", "https://access.example.uk"),
            ("http://localhost:80", "http://localhost"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            assert_eq!(Origin::parse(text).unwrap().as_str(), expected);
        }
    }

    #[test]
    fn loopback_is_known() {
        let is = |text: &str| Origin::parse(text).unwrap().is_loopback();
        assert!(is("http://127.0.0.1:3000"));
        assert!(is("http://localhost"));
        assert!(is("http://[::1]:1"));
        assert!(!is("https://192.0.2.1"));
        assert!(!is("https://localhost.example.uk"));
    }
}
