//! What every step needs: the root folder, the environment, other programs, and failures in one line.

use std::ffi::OsStr;
use std::fmt::{self, Write as _};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The one target of the browser side.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The packages of the product that are built for this computer. Every native step chooses all of
/// them, so that all have the same features and nothing is compiled twice.
pub const NATIVE: [&str; 5] = ["--workspace", "--exclude", "frontend", "--exclude", "xtask"];

/// There are no examples; asking for them switches on the features of what only tests use, as
/// `cargo test` does. Without it the same libraries would be compiled again with fewer features.
pub const WITH_TESTS: &str = "--examples";

/// Why a step failed, in words that tell what to do.
#[derive(Debug)]
pub struct Failure(pub String);

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

pub type Outcome<T = ()> = Result<T, Failure>;

/// Turns an error into a [`Failure`] that says what was being done.
pub trait Doing<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Outcome<T>;
}

impl<T, E: fmt::Display> Doing<T> for Result<T, E> {
    fn doing(self, what: impl FnOnce() -> String) -> Outcome<T> {
        self.map_err(|error| Failure(format!("{}: {error}", what())))
    }
}

/// The workspace folder.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// A variable of the environment; `None` when unset or empty. The one place where xtask reads it.
#[allow(
    clippy::disallowed_methods,
    reason = "a build driver takes its settings from the environment"
)]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where cargo puts what it builds.
pub fn target_dir() -> PathBuf {
    variable("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// `cargo` itself, run in the workspace folder.
///
/// The variables that `cargo run` gave to xtask are taken away: build scripts that watch them would
/// run again, and recompile their crates, on every change between `cargo` and `cargo xtask`.
pub fn cargo() -> Command {
    let mut command = Command::new(variable("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    for name in [
        "CARGO_MANIFEST_DIR",
        "CARGO_MANIFEST_PATH",
        "CARGO_PKG_NAME",
        "CARGO_PKG_VERSION",
        "OUT_DIR",
    ] {
        command.env_remove(name);
    }
    command
}

/// Any other program, run in the workspace folder.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// A folder's or file's name as people read it: relative to the workspace.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}

/// The command line as one would type it.
fn typed(command: &Command) -> String {
    let mut words = vec![
        Path::new(command.get_program())
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
    ];
    words.extend(
        command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

/// Runs a command with its output on ours, and fails when it fails.
pub fn must(command: &mut Command) -> Outcome {
    let status = command
        .status()
        .doing(|| format!("cannot start `{}`", typed(command)))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure(format!("`{}` failed ({status})", typed(command))))
    }
}

/// Runs a command and returns what it printed; its errors go to ours.
pub fn output(command: &mut Command) -> Outcome<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .doing(|| format!("cannot start `{}`", typed(command)))?;
    if !output.status.success() {
        return Err(Failure(format!(
            "`{}` failed ({})",
            typed(command),
            output.status
        )));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// True when the command can be started and ends well. Prints nothing.
pub fn works(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .stdin(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Looks a program up in `PATH`.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = variable("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// True for the superuser.
pub fn is_root() -> bool {
    find("id").is_some() && output(program("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Installs Debian packages when that is possible without asking anybody, or says in one line what to do.
pub fn install_debian(packages: &[&str], what_for: &str) -> Outcome {
    let names = packages.join(" ");
    let advice = || {
        Failure(format!(
            "missing for {what_for}: {}. On Debian: sudo apt-get install {names}",
            packages.join(" and ")
        ))
    };
    if !is_root() || find("apt-get").is_none() {
        return Err(advice());
    }
    println!("installing from Debian: {names}");
    let apt = || {
        let mut command = program("apt-get");
        command
            .env("DEBIAN_FRONTEND", "noninteractive")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    };
    must(apt().args(["update", "-qq"])).map_err(|_| advice())?;
    must(
        apt()
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(packages),
    )
    .map_err(|_| advice())
}

/// Adds the WebAssembly target to the toolchain when it is missing.
pub fn ensure_wasm_target() -> Outcome {
    let installed =
        output(program("rustc").args(["--print", "target-libdir", "--target", WASM_TARGET]))?;
    if Path::new(installed.trim()).is_dir() {
        return Ok(());
    }
    if find("rustup").is_none() {
        return Err(Failure(format!(
            "the Rust target {WASM_TARGET} is missing. Install Rust with rustup (https://rustup.rs), or your distribution's package of that target"
        )));
    }
    must(program("rustup").args(["target", "add", WASM_TARGET]))
}

/// Installs the packages of a folder's `package-lock.json`, unless that very file was installed already.
pub fn ensure_npm_packages(folder: &Path) -> Outcome {
    let lock = read(&folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed");
    let wanted = hash([lock.as_slice()]);
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    if find("npm").is_none() {
        return Err(Failure(
            "npm is missing. Install Node.js 20.19 or newer, which brings npm (https://nodejs.org)"
                .into(),
        ));
    }
    println!("installing the npm packages of {}/", shown(folder));
    must(program("npm").current_dir(folder).args([
        "ci",
        "--ignore-scripts",
        "--omit=optional",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]))?;
    write(&stamp, wanted.as_bytes())
}

/// SHA-256 over all parts, as hexadecimal.
pub fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut text = String::new();
    for byte in hasher.finalize() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

pub fn read(path: &Path) -> Outcome<Vec<u8>> {
    fs::read(path).doing(|| format!("cannot read {}", shown(path)))
}

/// Writes a file and the folders above it.
pub fn write(path: &Path, content: &[u8]) -> Outcome {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).doing(|| format!("cannot make {}", shown(folder)))?;
    }
    fs::write(path, content).doing(|| format!("cannot write {}", shown(path)))
}

/// All files below a folder, sorted, without `node_modules` and hidden ones. Empty when there is no such folder.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name == "node_modules" || name.starts_with('.') {
                continue;
            }
            if path.is_dir() {
                walk(&path, found)?;
            } else {
                found.push(path);
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    let _ = walk(folder, &mut found);
    found.sort();
    found
}

/// The package and the name of each target of a kind (`bench`, `test`) in the workspace.
pub fn targets(kind: &str) -> Outcome<Vec<(String, String)>> {
    let metadata = output(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata =
        serde_json::from_str(&metadata).doing(|| "cargo metadata cannot be read".into())?;
    Ok(targets_in(&metadata, kind))
}

fn targets_in(metadata: &Value, kind: &str) -> Vec<(String, String)> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found = Vec::new();
    for package in list(&metadata["packages"]) {
        for target in list(&package["targets"]) {
            if list(&target["kind"]).iter().any(|one| one == kind) {
                found.push((text(&package["name"]), text(&target["name"])));
            }
        }
    }
    found
}

/// A time as people say it: `4.2 s`, `3 min 05 s`.
pub fn spoken(time: Duration) -> String {
    if time < Duration::from_mins(1) {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
    }
}

/// A size as people say it. One kB is 1,000 bytes.
pub fn kilobytes(bytes: u64) -> String {
    format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_spoken_plainly() {
        assert_eq!(spoken(Duration::from_millis(4_240)), "4.2 s");
        assert_eq!(spoken(Duration::from_secs(185)), "3 min 05 s");
        assert_eq!(kilobytes(299_999), "299.9 kB");
    }

    #[test]
    fn the_hash_tells_where_one_part_ends() {
        assert_ne!(
            hash([b"ab".as_slice(), b"c"]),
            hash([b"a".as_slice(), b"bc"])
        );
    }

    #[test]
    fn only_targets_of_the_kind_are_picked() {
        let metadata = serde_json::json!({"packages": [{"name": "domain", "targets": [
            {"name": "domain", "kind": ["lib"]}, {"name": "email_list", "kind": ["bench"]}]}]});
        assert_eq!(
            targets_in(&metadata, "bench"),
            [("domain".to_owned(), "email_list".to_owned())]
        );
    }
}
