//! A throw-away PostgreSQL for the tests: made, used and removed by one run.
//!
//! It listens on a free port of 127.0.0.1 and nowhere else, keeps its data in a temporary folder
//! and never waits for the disk. PostgreSQL refuses to run as root; then it runs as another user.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::tools::{self, Doing, Failure, Outcome};

/// Tells the tests where the database server is.
pub const TEST_POSTGRES: &str = "LANYARD_TEST_POSTGRES";

/// Speed instead of safety: the data lives as long as the test run.
const SETTINGS: [&str; 8] = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
    "shared_buffers=128MB",
    "autovacuum=off",
    "listen_addresses=127.0.0.1",
    "log_min_messages=warning",
];

/// Users to run as when we are root, by preference.
const USERS: [&str; 2] = ["postgres", "nobody"];

/// A running cluster; dropping it stops the server and removes the data.
pub struct Postgres {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    user: Option<&'static str>,
}

impl Postgres {
    /// Makes and starts a cluster, after installing PostgreSQL where that is possible.
    pub fn start() -> Outcome<Self> {
        let programs = if let Some(found) = programs() {
            found
        } else {
            tools::install_debian(&["postgresql"], "the store's tests on PostgreSQL")?;
            programs()
                .ok_or_else(|| Failure("initdb was not found after installing postgresql".into()))?
        };
        let user = if tools::is_root() {
            Some(other_user()?)
        } else {
            None
        };
        let folder = std::env::temp_dir().join(format!("lanyard-postgres-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).doing(|| format!("cannot make {}", folder.display()))?;
        if let Some(user) = user {
            tools::must(tools::program("chown").arg(user).arg(&folder))?;
        }
        let cluster = Self {
            programs,
            folder,
            port: free_port()?,
            user,
        };
        cluster.initialise()?;
        cluster.launch()?;
        Ok(cluster)
    }

    /// The address of a superuser's connection; each test makes its own database.
    pub fn url(&self) -> String {
        format!("postgres://lanyard@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn initialise(&self) -> Outcome {
        let mut command = self.command("initdb");
        command.arg("-D").arg(self.data());
        command.args([
            "--username=lanyard",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            "--no-instructions",
        ]);
        tools::must(command.stdout(Stdio::null()))
    }

    fn launch(&self) -> Outcome {
        let mut options = format!("-p {} -k {}", self.port, self.folder.display());
        for setting in SETTINGS {
            options.push_str(" -c ");
            options.push_str(setting);
        }
        let log = self.folder.join("log");
        let mut command = self.command("pg_ctl");
        command
            .arg("-D")
            .arg(self.data())
            .arg("-l")
            .arg(&log)
            .arg("-o")
            .arg(&options)
            .args(["-w", "-s", "-t", "60", "start"]);
        tools::must(&mut command).map_err(|failure| {
            let log = fs::read_to_string(&log).unwrap_or_default();
            Failure(format!("{failure}\n{log}"))
        })
    }

    /// One of PostgreSQL's programs, as the right user.
    fn command(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if let Some(user) = self.user {
            let mut command = tools::program("runuser");
            command.args(["-u", user, "--"]).arg(program);
            command
        } else {
            tools::program(program)
        };
        command.current_dir(&self.folder).stdin(Stdio::null());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let mut command = self.command("pg_ctl");
        command
            .arg("-D")
            .arg(self.data())
            .args(["-m", "immediate", "-s", "-w", "stop"]);
        tools::works(&mut command);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The folder with `initdb` and `pg_ctl`: beside the one in `PATH`, or Debian's newest.
fn programs() -> Option<PathBuf> {
    let complete =
        |folder: &Path| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file();
    if let Some(folder) = tools::find("initdb")
        .and_then(|file| fs::canonicalize(file).ok()?.parent().map(Path::to_path_buf))
        && complete(&folder)
    {
        return Some(folder);
    }
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path.join("bin")))
        })
        .filter(|(_, folder)| complete(folder))
        .collect();
    versions.sort();
    versions.pop().map(|(_, folder)| folder)
}

fn other_user() -> Outcome<&'static str> {
    USERS
        .into_iter()
        .find(|user| tools::works(tools::program("id").args(["-u", user])))
        .ok_or_else(|| Failure("PostgreSQL does not run as root, and there is no other user: run the tests as an ordinary user".into()))
}

/// A port that nobody listens on now.
fn free_port() -> Outcome<u16> {
    let listener =
        TcpListener::bind(("127.0.0.1", 0)).doing(|| "cannot find a free port".into())?;
    listener
        .local_addr()
        .map(|address| address.port())
        .doing(|| "cannot find a free port".into())
}
