//! `lanyard verify-audit`, as somebody runs it who looks after an installation.

use std::{
    path::Path,
    process::{Command, Output},
};

use store::Store;

/// Runs `lanyard` on the data in a folder.
fn lanyard(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lanyard"))
        .args(arguments)
        .env_clear()
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn make(folder: &Path, code: &str, name: &str) {
    let preset = ["organisation", "create", "--preset", "self-registration"];
    let made = lanyard(
        folder,
        &[&preset[..], &["--code", code, "--name", name]].concat(),
    );
    assert!(made.status.success(), "{}", text(&made.stderr));
}

async fn tamper(folder: &Path, statements: &[&'static str]) {
    let url = format!("sqlite:{}", folder.join("data/lanyard.db").display());
    let store = Store::connect(&url).await.unwrap();
    for statement in statements {
        store.run_for_test(statement).await.unwrap();
    }
    store.close().await;
}

/// R102, R103: one line for each chain, 0 when all are whole; 1 and the first event that is not
/// right when somebody got past the triggers.
#[tokio::test(flavor = "multi_thread")]
async fn tampering_is_told_with_its_event_and_its_organisation() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    make(here, "RX1", "Hollybrook Hospital");
    make(here, "RX2", "Rosebush Hospital");
    let invite = [
        "create-administrator",
        "--organisation",
        "RX1",
        "--email",
        "sam@hollybrook.example",
    ];
    assert!(lanyard(here, &invite).status.success());
    let whole = lanyard(here, &["verify-audit"]);
    let said = text(&whole.stdout);
    assert!(whole.status.success(), "{said}{}", text(&whole.stderr));
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    assert!(lines[0].starts_with("ok      (installation): "), "{said}");
    assert!(
        lines[1].starts_with("ok      RX1 Hollybrook Hospital: "),
        "{said}"
    );
    assert!(
        lines[2].starts_with("ok      RX2 Rosebush Hospital: "),
        "{said}"
    );
    std::fs::write(here.join("earlier.txt"), &said).unwrap();
    let again = lanyard(here, &["verify-audit", "--earlier", "earlier.txt"]);
    assert!(again.status.success(), "{}", text(&again.stdout));

    tamper(
        here,
        &[
            "DROP TRIGGER audit_events_no_update",
            "UPDATE audit_events SET actor_name = 'Nobody' WHERE kind = 'organisation_created' \
             AND organisation_id = (SELECT id FROM organisations WHERE code = 'RX2')",
        ],
    )
    .await;
    let broken = lanyard(here, &["verify-audit"]);
    assert_eq!(broken.status.code(), Some(1));
    let said = text(&broken.stdout);
    assert!(said.contains("ok      RX1 Hollybrook Hospital: "), "{said}");
    let line = said
        .lines()
        .find(|line| line.starts_with("broken  RX2 Rosebush Hospital: event "));
    assert!(
        line.is_some_and(|line| line.contains("was altered; it now says organisation_created")),
        "{said}"
    );
    assert_eq!(
        text(&broken.stderr),
        "lanyard: 1 chain of events is broken\n"
    );

    // An older copy of the database is whole in itself; only what was noted elsewhere knows more.
    let fresh = tempfile::tempdir().unwrap();
    make(fresh.path(), "RX1", "Hollybrook Hospital");
    assert!(lanyard(fresh.path(), &["verify-audit"]).status.success());
    std::fs::copy(here.join("earlier.txt"), fresh.path().join("earlier.txt")).unwrap();
    let older = lanyard(fresh.path(), &["verify-audit", "--earlier", "earlier.txt"]);
    assert_eq!(older.status.code(), Some(1));
    let said = text(&older.stdout);
    assert!(said.contains("broken  RX1 Hollybrook Hospital: "), "{said}");
    assert!(
        said.contains("broken  RX2: it is in the earlier list"),
        "{said}"
    );

    let missing = lanyard(here, &["verify-audit", "--earlier", "nowhere.txt"]);
    assert!(text(&missing.stderr).contains("--earlier nowhere.txt cannot be used"));
}
