//! The layering of the workspace, as its manifests have it (design, section 1).

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

/// Which crates of the workspace each crate may use.
const TABLE: [(&str, &[&str]); 7] = [
    ("domain", &[]),
    ("app", &["domain", "service"]),
    ("frontend", &["app", "domain"]),
    ("store", &["domain"]),
    ("service", &["domain", "store"]),
    ("server", &["app", "domain", "service", "store"]),
    ("xtask", &[]),
];

/// Which crates alone may use these libraries.
const OWNERS: [(&str, &[&str]); 11] = [
    ("sqlx", &["store"]),
    ("lettre", &["server"]),
    ("axum", &["server"]),
    ("hyper", &["server"]),
    ("argon2", &["service"]),
    ("totp-rs", &["service"]),
    ("leptos_axum", &["app", "server"]),
    ("gloo-net", &["frontend"]),
    ("web-sys", &["frontend"]),
    ("wasm-bindgen", &["frontend"]),
    ("js-sys", &["domain", "frontend"]),
];

/// What `domain` is made of: nothing that does input or output.
const DOMAIN_MAY_USE: [&str; 8] = [
    "chrono",
    "chrono-tz",
    "idna",
    // In the browser, for its tables of Unicode.
    "js-sys",
    "serde",
    "serde_json",
    "unicode-normalization",
    "uuid",
];

#[test]
fn crates_use_only_the_layers_below() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let own: BTreeSet<&str> = packages
        .iter()
        .map(|package| package["name"].as_str().unwrap())
        .collect();
    let listed: BTreeSet<&str> = TABLE.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        own, listed,
        "the table must name every crate of the workspace"
    );
    for package in packages {
        let name = package["name"].as_str().unwrap();
        let allowed = TABLE
            .iter()
            .find(|(crate_name, _)| *crate_name == name)
            .unwrap()
            .1;
        for used in dependencies(package, &[Value::Null]) {
            if own.contains(used.as_str()) {
                assert!(
                    allowed.contains(&used.as_str()),
                    "{name} must not use {used}"
                );
            }
            if let Some((_, owners)) = OWNERS.iter().find(|(library, _)| *library == used) {
                assert!(owners.contains(&name), "{name} must not use {used}");
            }
            if name == "domain" {
                let known = DOMAIN_MAY_USE.contains(&used.as_str()) || used == "zeroize";
                assert!(known, "domain must not use {used}");
            }
        }
    }
}

/// The browser's half of `app` must not reach the database.
#[test]
fn app_uses_the_service_on_the_server_only() {
    let metadata = metadata();
    let app = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"] == "app")
        .unwrap();
    let service = app["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .find(|dependency| dependency["name"] == "service")
        .unwrap();
    assert_eq!(service["optional"], true);
    for (feature, enables) in app["features"].as_object().unwrap() {
        let reaches = enables
            .as_array()
            .unwrap()
            .iter()
            .any(|part| part == "dep:service");
        assert!(
            !reaches || feature == "ssr",
            "feature {feature} of app brings the service"
        );
    }
}

/// Names of dependencies of these kinds (`null` is the normal one).
fn dependencies(package: &Value, kinds: &[Value]) -> Vec<String> {
    package["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|dependency| kinds.contains(&dependency["kind"]))
        .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
        .collect()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}
