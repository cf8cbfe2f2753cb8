//! `cargo xtask dev`: rebuild and restart whenever a source file changes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::thread;
use std::time::{Duration, SystemTime};

use crate::site::{Flavour, Site};
use crate::tools::{self, Doing, Outcome};
use crate::{build, css, run};

const POLL: Duration = Duration::from_millis(500);

/// Folders whose change needs the compiler.
const RUST: [&str; 4] = ["app", "frontend", "server", "Cargo.toml"];
/// Folders whose change needs only the style sheet and a copy.
const PLAIN: [&str; 2] = ["style", "public"];

/// Runs until it is interrupted.
pub fn run(arguments: &[String]) -> Outcome {
    let mut server: Option<Child> = None;
    let mut seen_rust = Seen::default();
    let mut seen_plain = Seen::default();
    loop {
        let rust = Seen::look(&RUST);
        let plain = Seen::look(&PLAIN);
        let compile = rust != seen_rust;
        if !compile && plain == seen_plain {
            wait(&mut server);
            continue;
        }
        (seen_rust, seen_plain) = (rust, plain);
        // There a running program cannot be replaced.
        if cfg!(windows) {
            server.take().into_iter().for_each(stop);
        }
        // The site comes last, so that the old server has its own for as long as possible.
        let built = build::server(Flavour::Debug).and_then(|binary| {
            if compile {
                build::site(Flavour::Debug)?;
            } else {
                restyle()?;
            }
            Ok(binary)
        });
        // The old server works until there is a new one. It reads the names of the files when it
        // starts, so every change needs another.
        let started = built.and_then(|binary| {
            if let Some(running) = server.take() {
                stop(running);
            }
            run::serve(&binary, &Flavour::Debug.site_dir(), arguments)
                .spawn()
                .doing(|| "cannot start the server".into())
        });
        match started {
            Ok(child) => server = Some(child),
            Err(failure) => eprintln!("xtask: {failure}\nwaiting for a change"),
        }
    }
}

/// Some time until the next look. Says so when the server has ended by itself.
fn wait(server: &mut Option<Child>) {
    if let Some(child) = server
        && let Ok(Some(status)) = child.try_wait()
    {
        eprintln!("xtask: the server ended ({status})\nwaiting for a change");
        *server = None;
    }
    thread::sleep(POLL);
}

fn restyle() -> Outcome {
    let mut site = Site::open(Flavour::Debug)?;
    css::add(&mut site, Flavour::Debug)?;
    site.finish()
}

/// Asks the server to end, so that it can finish what it is writing.
fn stop(mut child: Child) {
    let asked = tools::find("kill").is_some()
        && tools::works(tools::program("kill").arg(child.id().to_string()));
    if asked {
        for _ in 0..50 {
            if matches!(child.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// The source files and when each was last changed.
#[derive(Default, PartialEq, Eq)]
struct Seen(BTreeMap<PathBuf, Option<SystemTime>>);

impl Seen {
    fn look(places: &[&str]) -> Self {
        let mut files = BTreeMap::new();
        for place in places {
            let place = tools::root().join(place);
            let below = if place.is_file() {
                vec![place]
            } else {
                tools::files_below(&place)
            };
            files.extend(
                below
                    .into_iter()
                    .filter(|file| !file.starts_with(tools::target_dir()))
                    .map(|file| {
                        let changed = changed(&file);
                        (file, changed)
                    }),
            );
        }
        Self(files)
    }
}

fn changed(file: &Path) -> Option<SystemTime> {
    file.metadata()
        .and_then(|metadata| metadata.modified())
        .ok()
}
