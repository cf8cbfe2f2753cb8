//! The browser tests: Playwright in `end2end/`, with the distribution's Chromium and `sqlite3`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::site::Flavour;
use crate::test::Tally;
use crate::tools::{self, Failure, Outcome};
use crate::{build, run};

/// Where Chromium is called what.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
];

/// What the browser tests need besides the server.
pub fn prepare() -> Outcome<PathBuf> {
    tools::ensure_npm_packages(&tools::root().join("end2end"))?;
    let mut missing = Vec::new();
    // With it the tests let days pass.
    if tools::find("sqlite3").is_none() {
        missing.push("sqlite3");
    }
    if browser().is_none() {
        missing.push("chromium");
    }
    if !missing.is_empty() {
        tools::install_debian(&missing, "the browser tests")?;
    }
    browser().ok_or_else(|| Failure("chromium was not found after installing it".into()))
}

/// Runs the browser tests.
pub fn test(browser: &Path, arguments: &[String]) -> Outcome<Tally> {
    let mut command = playwright(browser);
    command.args(arguments);
    Tally::of(command)
}

/// Runs what is measured in the browser.
pub fn bench(browser: &Path) -> Outcome {
    tools::must(playwright(browser).args(["--config", "bench.config.ts"]))
}

/// Playwright with the debug server and the release site, both built before.
fn playwright(browser: &Path) -> Command {
    let folder = tools::root().join("end2end");
    let server = tools::target_dir()
        .join("debug")
        .join("lanyard")
        .with_extension(std::env::consts::EXE_EXTENSION);
    let mut command = tools::program(folder.join("node_modules/.bin/playwright"));
    command
        .current_dir(&folder)
        .arg("test")
        .env("LANYARD_BIN", server)
        .env("LANYARD_CHROMIUM", browser)
        .env(run::SITE_DIR, Flavour::Release.site_dir());
    command
}

/// Builds what the browser tests use.
pub fn build() -> Outcome {
    build::site(Flavour::Release)?;
    build::server(Flavour::Debug).map(|_| ())
}

fn browser() -> Option<PathBuf> {
    tools::variable("LANYARD_CHROMIUM")
        .map(PathBuf::from)
        .or_else(|| BROWSERS.into_iter().find_map(tools::find))
}
