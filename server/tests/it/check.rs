//! `lanyard check` and wrong settings, as somebody sees them who runs the program for the first
//! time.

use std::process::{Command, Output};

/// Runs `lanyard` in a folder of its own, with these settings and no others.
fn lanyard(command: &str, settings: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "not a folder").unwrap();
    Command::new(env!("CARGO_BIN_EXE_lanyard"))
        .arg(command)
        .env_clear()
        .envs(settings.iter().copied())
        .current_dir(folder.path())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What was set and cannot be used is told in one line with the setting and an example; what has
/// nothing to do with it is fine.
#[test]
fn a_check_names_what_cannot_be_used() {
    for (setting, value, what) in [
        ("LANYARD_DATA_DIR", "file", "files"),
        ("LANYARD_KEY_FILE", "file", "files"),
        ("LANYARD_DATABASE_URL", "sqlite:file/lanyard.db", "database"),
        ("LANYARD_DATABASE_URL", "sqlite:file", "database"),
        (
            "LANYARD_DATABASE_URL",
            "postgres://lanyard:hunter2@127.0.0.1:1/lanyard",
            "database",
        ),
        ("LANYARD_MAIL", "folder:file/mail", "mail"),
        ("LANYARD_MAIL", "smtp://lanyard:hunter2@127.0.0.1:1", "mail"),
        ("LANYARD_SMS", "folder:file/sms", "text messages"),
        ("LANYARD_SITE_DIR", "nowhere", "site"),
    ] {
        let checked = lanyard("check", &[(setting, value)]);
        assert!(!checked.status.success());
        let said = text(&checked.stdout);
        let line = said
            .lines()
            .find(|line| line.starts_with(&format!("failed  {what}: ")))
            .unwrap_or_else(|| panic!("{setting}={value}: {said}"));
        assert!(line.contains(setting), "{line}");
        assert!(line.contains(&format!("Example: {setting}=")), "{line}");
        assert!(!said.contains("hunter2"), "{said}");
        for vague in ["database:", "timed out", "code:"] {
            let rest = line.trim_start_matches("failed  database: ");
            assert!(!rest.contains(vague), "{line}");
        }
        if setting != "LANYARD_DATA_DIR" {
            for fine in ["files", "database", "mail", "text messages"] {
                let fine = format!("ok      {fine}: ");
                assert_eq!(said.contains(&fine), !fine.contains(&format!(" {what}:")));
            }
        }
        assert_eq!(text(&checked.stderr), "lanyard: something does not work\n");
    }
}

/// A wrong setting stops the start, with one line.
#[test]
fn a_wrong_setting_stops_the_start() {
    for (setting, value) in [
        ("LANYARD_ADDR", "127.0.0.1"),
        ("LANYARD_ADDR", "192.0.2.1:3000"),
        ("LANYARD_PUBLIC_ORIGIN", "lanyard.example"),
        ("LANYARD_DATABASE_URL", "mysql://db/lanyard"),
        ("LANYARD_DATABASE_URL", "sqlite:file"),
        ("LANYARD_DATA_DIR", "file"),
        ("LANYARD_MAIL", "mail.example"),
        ("LANYARD_MAIL_FROM", "nobody"),
        ("LANYARD_SMS", "twilio"),
        ("LANYARD_SERVICE_NAME", "<b>"),
        ("LANYARD_KEY_FILE", "file"),
        ("LANYARD_LOG", "loud"),
        ("LANYARD_TRUSTED_PROXIES", "proxy"),
        ("LANYARD_SITE_DIR", "nowhere"),
    ] {
        let mut settings = vec![("LANYARD_ADDR", "127.0.0.1:0")];
        settings.retain(|(name, _)| *name != setting);
        settings.push((setting, value));
        let ended = lanyard("serve", &settings);
        assert_eq!(ended.status.code(), Some(1), "{setting}={value}");
        let said = text(&ended.stderr);
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.starts_with(&format!("lanyard: {setting} ")), "{said}");
        assert!(said.contains(&format!("Example: {setting}=")), "{said}");
        assert_eq!(text(&ended.stdout), "");
    }
}
