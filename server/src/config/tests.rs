use super::{Config, MailSetting};

fn read(pairs: &[(&str, &str)]) -> Result<Config, String> {
    Config::read(|name| {
        pairs
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    })
    .map_err(|problem| problem.to_string())
}

#[test]
fn without_settings_everything_has_a_default() {
    let config = read(&[]).unwrap();
    assert_eq!(config.address.to_string(), "127.0.0.1:3000");
    assert_eq!(
        config.origin(config.address).as_str(),
        "http://127.0.0.1:3000"
    );
    assert_eq!(config.database.expose(), "sqlite:data/lanyard.db");
    assert!(matches!(config.mail, MailSetting::Folder(path) if path.ends_with("data/mail")));
    assert_eq!(config.service_name, "Lanyard");
    assert!(config.key_file.ends_with("data/key"));
    assert_eq!(config.log, "info");
    assert!(config.site_dir.ends_with("target/site"));
    assert!(config.trusted_proxies.is_empty());
}

#[test]
fn the_data_folder_moves_everything_in_it() {
    let config = read(&[("LANYARD_DATA_DIR", "/srv/lanyard")]).unwrap();
    assert_eq!(config.database.expose(), "sqlite:/srv/lanyard/lanyard.db");
    assert!(config.key_file.starts_with("/srv/lanyard"));
    assert!(matches!(config.mail, MailSetting::Folder(path) if path.starts_with("/srv")));
}

#[test]
fn an_empty_value_is_no_value() {
    let config = read(&[("LANYARD_ADDR", "  "), ("LANYARD_MAIL", "")]).unwrap();
    assert_eq!(config.address.port(), 3000);
}

#[test]
fn the_origin_of_an_open_address_is_this_computer() {
    for (address, origin) in [
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("[::]:8080", "http://127.0.0.1:8080"),
        ("192.0.2.7:80", "http://192.0.2.7"),
        ("localhost:4000", "http://127.0.0.1:4000"),
        ("[::1]:4000", "http://[::1]:4000"),
    ] {
        let config = read(&[("LANYARD_ADDR", address)]).unwrap();
        assert_eq!(config.origin(config.address).as_str(), origin, "{address}");
    }
}

#[test]
fn mail_comes_from_the_host_of_the_origin() {
    let config = read(&[("LANYARD_PUBLIC_ORIGIN", "https://access.example.uk")]).unwrap();
    let origin = config.origin(config.address);
    assert_eq!(config.sender(&origin), "no-reply@access.example.uk");
    let config = read(&[("LANYARD_MAIL_FROM", "access@trust.nhs.uk")]).unwrap();
    let origin = config.origin(config.address);
    assert_eq!(config.sender(&origin), "access@trust.nhs.uk");
}

#[test]
fn a_wrong_setting_is_one_line_with_its_name_what_is_wrong_and_an_example() {
    for (name, value, expected) in [
        (
            "LANYARD_ADDR",
            "banana",
            "LANYARD_ADDR is \"banana\", which is not an address with a port. Example: LANYARD_ADDR=127.0.0.1:3000",
        ),
        ("LANYARD_ADDR", "127.0.0.1", "not an address with a port"),
        (
            "LANYARD_ADDR",
            "127.0.0.1:99999",
            "not an address with a port",
        ),
        (
            "LANYARD_PUBLIC_ORIGIN",
            "access.example.uk",
            "does not start with https:// or http://",
        ),
        ("LANYARD_PUBLIC_ORIGIN", "https://", "names no host"),
        (
            "LANYARD_PUBLIC_ORIGIN",
            "http://access.example.uk",
            "must start with https:// unless it is this computer",
        ),
        (
            "LANYARD_PUBLIC_ORIGIN",
            "https://a.uk/path",
            "has something after the host",
        ),
        ("LANYARD_PUBLIC_ORIGIN", "https://me@a.uk", "names a user"),
        (
            "LANYARD_PUBLIC_ORIGIN",
            "https://a.uk:port",
            "port that is not a number",
        ),
        ("LANYARD_PUBLIC_ORIGIN", "https://a b.uk", "not a host name"),
        (
            "LANYARD_DATABASE_URL",
            "mysql://u:hunter2@h/d",
            "LANYARD_DATABASE_URL does not start with sqlite: or postgres://. Example: LANYARD_DATABASE_URL=sqlite:data/lanyard.db",
        ),
        ("LANYARD_DATABASE_URL", "sqlite:", "names no file"),
        ("LANYARD_DATABASE_URL", "sqlite::memory:", "names no file"),
        (
            "LANYARD_DATABASE_URL",
            "postgres:///hunter2",
            "names no host",
        ),
        (
            "LANYARD_MAIL",
            "mail.example.uk:25",
            "does not start with smtp://, smtps:// or folder:",
        ),
        ("LANYARD_MAIL", "smtp://", "names no host"),
        ("LANYARD_MAIL", "smtp://user:hunter2@:25", "names no host"),
        (
            "LANYARD_MAIL",
            "smtp://host:hunter2",
            "port that is not a number",
        ),
        (
            "LANYARD_MAIL",
            "smtp://user@host",
            "has a user without a password",
        ),
        (
            "LANYARD_MAIL",
            "smtp://host/hunter2",
            "has something after the host",
        ),
        ("LANYARD_MAIL", "folder:", "names no folder"),
        ("LANYARD_MAIL_FROM", "Lanyard", "is not an email address"),
        (
            "LANYARD_MAIL_FROM",
            "a@b.uk\nBcc: c@d.uk",
            "is not an email address",
        ),
        (
            "LANYARD_SMS",
            "twilio:hunter2",
            "does not start with folder:",
        ),
        ("LANYARD_SMS", "folder:", "names no folder"),
        (
            "LANYARD_SERVICE_NAME",
            "<b>Lanyard</b>",
            "letters, numbers, spaces",
        ),
        (
            "LANYARD_SERVICE_NAME",
            "A name that goes on and on and on and on and on",
            "40 characters or fewer",
        ),
        ("LANYARD_LOG", "a=b=c", "is not a level"),
        ("LANYARD_LOG", "loud", "is not a level"),
        ("LANYARD_LOG", "info,sqlx", "is not a level"),
        ("LANYARD_TRUSTED_PROXIES", "10.0.0.0/8, proxy", "\"proxy\""),
        ("LANYARD_TRUSTED_PROXIES", "10.0.0.0/33", "\"10.0.0.0/33\""),
    ] {
        let problem = read(&[(name, value)]).unwrap_err();
        assert!(problem.contains(expected), "{problem}");
        assert!(problem.starts_with(name), "{problem}");
        assert!(problem.contains(&format!("Example: {name}=")), "{problem}");
        assert_eq!(problem.lines().count(), 1, "{problem}");
        // R104: a password in a setting is not repeated.
        assert!(!problem.contains("hunter2"), "{problem}");
    }
}

/// R104: what is printed about a configuration has no passwords in it.
#[test]
fn passwords_are_not_shown() {
    let config = read(&[
        (
            "LANYARD_DATABASE_URL",
            "postgres://lanyard:hunter2@db:5432/lanyard?sslmode=require",
        ),
        ("LANYARD_MAIL", "smtps://mailer:hunter2@mail.example.uk"),
    ])
    .unwrap();
    assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
    assert_eq!(config.database.to_string(), "postgres://db:5432/lanyard");
    assert_eq!(config.mail.to_string(), "smtps://mail.example.uk:465");
}
