//! The names of the settings. One that is misspelt would be as if it were not set, and nobody would know.

use super::{
    ADDR, DATA_DIR, DATABASE_EXAMPLE, DATABASE_URL, DEFAULT_SITE, KEY_FILE, LOG, MAIL,
    MAIL_EXAMPLE, MAIL_FROM, PUBLIC_ORIGIN, SERVICE_NAME, SITE_DIR, SMS, TRUSTED_PROXIES,
    WrongSetting, wrong,
};

/// Every setting with an example.
const ALL: [(&str, &str); 12] = [
    (ADDR, "127.0.0.1:3000"),
    (PUBLIC_ORIGIN, "https://lanyard.example.nhs.uk"),
    (DATABASE_URL, DATABASE_EXAMPLE),
    (DATA_DIR, "data"),
    (MAIL, MAIL_EXAMPLE),
    (MAIL_FROM, "lanyard@example.nhs.uk"),
    (SMS, "folder:data/sms"),
    (SERVICE_NAME, "Lanyard"),
    (KEY_FILE, "data/key"),
    (LOG, "info"),
    (TRUSTED_PROXIES, "10.0.0.0/8"),
    (SITE_DIR, DEFAULT_SITE),
];
/// So many letters may be wrong.
const MOST: usize = 2;

/// Refuses a name that is no setting and looks like one.
pub(super) fn refuse_misspelt(names: impl Iterator<Item = String>) -> Result<(), WrongSetting> {
    for name in names {
        let upper = name.to_uppercase();
        let Some(rest) = upper.strip_prefix("LANYARD_") else {
            continue;
        };
        if ALL.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let near = ALL.iter().find(|(known, _)| {
            let known = known.trim_start_matches("LANYARD_");
            let most = MOST.min(known.len() / 2);
            strsim::osa_distance(known, rest) <= most
        });
        if let Some((known, example)) = near {
            return Err(wrong(known, format!("is misspelt as {name}"), example));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str) -> Option<String> {
        let refused = refuse_misspelt(std::iter::once(name.to_owned()));
        refused.err().map(|wrong| wrong.to_string())
    }

    #[test]
    fn a_misspelt_setting_is_named() {
        assert_eq!(
            refused("LANYARD_ADRR").as_deref(),
            Some("LANYARD_ADDR is misspelt as LANYARD_ADRR. Example: LANYARD_ADDR=127.0.0.1:3000")
        );
        for misspelt in [
            "LANYARD_DATABASE_ULR",
            "LANYARD_DATABASEURL",
            "lanyard_mail",
            "LANYARD_MIAL",
            "LANYARD_SMSS",
            "LANYARD_PUBLIC_ORGIN",
        ] {
            assert!(refused(misspelt).is_some(), "{misspelt}");
        }
        for (known, _) in ALL {
            assert_eq!(refused(known), None);
        }
        for other in [
            "PATH",
            "LANYARD_TEST_POSTGRES",
            "LANYARD_BIN",
            "LANYARD_CHROMIUM",
            "LANYARD_SHOTS",
            "LANYARD_ROUNDS",
            "LANYARD_UPDATE",
        ] {
            assert_eq!(refused(other), None, "{other}");
        }
    }
}
