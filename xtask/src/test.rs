//! `cargo xtask test`: everything that must be true of a commit.
//!
//! The order is from quick to slow. All native steps choose the same packages, features and profile,
//! and the WebAssembly lint uses the profile of the build, so that nothing is compiled twice.
//! xtask is apart: beside the product it would be compiled again with other features.

use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::ValueEnum;

use crate::postgres::{Postgres, TEST_POSTGRES};
use crate::tools::{self, Doing, Failure, NATIVE, Outcome, WASM_TARGET};
use crate::{e2e, size};

/// The test programs that are parts of their own: the store's contract and the server's doors.
const DOORS: [&str; 2] = ["contract", "it"];

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Debug)]
pub enum Part {
    /// Format, lints of both targets, documentation
    Lint,
    /// Tests of the crates, but for the two below
    Unit,
    /// The store's contract on SQLite and PostgreSQL
    Store,
    /// The server's doors, without a browser
    Http,
    /// The browser tests
    E2e,
}

/// How many tests passed and failed.
#[derive(Default, Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tally {
    passed: u32,
    failed: u32,
}

impl Tally {
    /// Runs a test command, shows what it prints and adds up its closing lines.
    pub fn of(mut command: Command) -> Outcome<Self> {
        // One pipe for both streams, so that the lines stay in their order.
        let (printed, writer) = io::pipe().doing(|| "cannot make a pipe".into())?;
        let second = writer.try_clone().doing(|| "cannot make a pipe".into())?;
        if io::stdout().is_terminal() {
            command
                .env("CARGO_TERM_COLOR", "always")
                .env("FORCE_COLOR", "1");
        }
        let started = command
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(second)
            .spawn();
        let mut child = started.doing(|| "cannot start the tests".into())?;
        // It holds the writing end: without this the reading would never end.
        drop(command);
        let mut tally = Self::default();
        let mut printed = BufReader::new(printed);
        let mut line = Vec::new();
        while printed
            .read_until(b'\n', &mut line)
            .doing(|| "cannot read what the tests print".into())?
            > 0
        {
            let _ = io::stdout().write_all(&line);
            tally.add(Self::closing(&plain(&String::from_utf8_lossy(&line))));
            line.clear();
        }
        let status = child.wait().doing(|| "cannot wait for the tests".into())?;
        if !status.success() && tally.failed == 0 {
            tally.failed = 1;
        }
        Ok(tally)
    }

    /// Reads `test result: ok. 12 passed; 0 failed; ...` of cargo and `12 passed, 0 failed` of Playwright's reporter.
    fn closing(line: &str) -> Self {
        let line = line.trim();
        let (counts, separator) = match line.strip_prefix("test result: ") {
            Some(rest) => (rest.split_once(". ").map_or("", |(_, counts)| counts), "; "),
            None => (line, ", "),
        };
        let mut parts = counts.split(separator);
        let mut number = |word: &str| parts.next()?.strip_suffix(word)?.trim().parse().ok();
        match (number("passed"), number("failed")) {
            (Some(passed), Some(failed)) => Self { passed, failed },
            _ => Self::default(),
        }
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

/// A line without the colours of a terminal.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once('m').map_or("", |(_, rest)| rest)
    })
}

/// One line of the summary.
struct Step {
    name: &'static str,
    time: Duration,
    outcome: Outcome<Tally>,
}

/// The steps done so far.
struct Report {
    steps: Vec<Step>,
    keep_going: bool,
}

impl Report {
    /// Runs a step, unless an earlier one failed. Says what it does and how long it took.
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Outcome<Tally>) {
        if !self.keep_going && self.has_failed() {
            return;
        }
        println!("\n==> {name}");
        let started = Instant::now();
        let outcome = work().and_then(|tally| match tally.failed {
            0 => Ok(tally),
            1 => Err(Failure("1 test failed".into())),
            failed => Err(Failure(format!("{failed} tests failed"))),
        });
        let time = started.elapsed();
        match &outcome {
            Ok(_) => println!("<== {name}: {}", tools::spoken(time)),
            Err(failure) => println!("<== {name} FAILED after {}: {failure}", tools::spoken(time)),
        }
        self.steps.push(Step {
            name,
            time,
            outcome,
        });
    }

    /// A step that counts no tests.
    fn check(&mut self, name: &'static str, work: impl FnOnce() -> Outcome) {
        self.step(name, || work().map(|()| Tally::default()));
    }

    fn has_failed(&self) -> bool {
        self.steps.iter().any(|step| step.outcome.is_err())
    }

    /// Prints the table and the closing line.
    fn close(&self) -> Outcome {
        let total: Duration = self.steps.iter().map(|step| step.time).sum();
        println!("\nstep                          time  outcome");
        println!("------------------------------------------------");
        for step in &self.steps {
            let outcome = match &step.outcome {
                Ok(Tally { passed: 0, .. }) => "ok".to_owned(),
                Ok(tally) => format!("ok, {} tests", tally.passed),
                Err(failure) => format!("FAILED: {}", failure.0.lines().next().unwrap_or_default()),
            };
            println!(
                "{:<22}  {:>12}  {outcome}",
                step.name,
                tools::spoken(step.time)
            );
        }
        println!("{:<22}  {:>12}", "all", tools::spoken(total));
        let passed: u32 = self
            .steps
            .iter()
            .filter_map(|step| step.outcome.as_ref().ok())
            .map(|tally| tally.passed)
            .sum();
        let failed = self
            .steps
            .iter()
            .filter(|step| step.outcome.is_err())
            .count();
        if passed > 0 || failed > 0 {
            println!("\n{passed} passed, {failed} failed");
        } else {
            println!("\nall steps passed");
        }
        if failed == 0 {
            Ok(())
        } else {
            Err(Failure("the tests failed".into()))
        }
    }
}

/// `cargo xtask test [part]`
pub fn run(part: Option<Part>, keep_going: bool, arguments: &[String]) -> Outcome {
    let mut report = Report {
        steps: Vec::new(),
        keep_going,
    };
    let wanted = |one: Part| part.is_none_or(|part| part == one);
    if wanted(Part::Lint) {
        lint(&mut report);
    }
    match part {
        None => {
            report.step("xtask's own tests", || {
                let mut command = tools::cargo();
                command.args(["test", "--quiet", "-p", "xtask"]);
                Tally::of(command)
            });
            report.step("tests", || with_postgres(&[], arguments));
        }
        Some(Part::Unit) => report.step("unit tests", || {
            let tests = tools::targets("test")?;
            let mut choice = vec!["--lib", "--bins"];
            for (_, test) in tests
                .iter()
                .filter(|(_, test)| !DOORS.contains(&test.as_str()))
            {
                choice.extend(["--test", test]);
            }
            with_postgres(&choice, arguments)
        }),
        Some(Part::Store) => {
            report.step("store tests", || {
                with_postgres(&["--test", DOORS[0]], arguments)
            });
        }
        Some(Part::Http) => {
            report.step("HTTP tests", || {
                with_postgres(&["--test", DOORS[1]], arguments)
            });
        }
        Some(Part::Lint | Part::E2e) => {}
    }
    if wanted(Part::E2e) {
        browser(&mut report, if part.is_some() { arguments } else { &[] });
    }
    report.close()
}

/// Format, lints and documentation.
fn lint(report: &mut Report) {
    report.check("format", || {
        tools::must(tools::cargo().args(["fmt", "--all", "--check"]))
    });
    report.check("clippy, native", || {
        tools::must(tools::cargo().arg("clippy").args(NATIVE).args([
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    });
    report.check("clippy, xtask", || {
        tools::must(tools::cargo().args([
            "clippy",
            "-p",
            "xtask",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]))
    });
    report.check("clippy, wasm", || {
        tools::ensure_wasm_target()?;
        let arguments = [
            "clippy",
            "-p",
            "frontend",
            "--lib",
            "--target",
            WASM_TARGET,
            "--profile",
            "wasm-release",
            "--",
            "-D",
            "warnings",
        ];
        tools::must(tools::cargo().args(arguments))
    });
    report.check("documentation", || {
        tools::must(
            tools::cargo()
                .arg("doc")
                .args(NATIVE)
                .args(["--no-deps", "--lib", "--bins"])
                .arg(tools::WITH_TESTS)
                .env("RUSTDOCFLAGS", "-D warnings"),
        )
    });
}

/// `cargo xtask soak`: the races, for so many rounds each. The test command does 50.
pub fn soak(rounds: u32) -> Outcome {
    let postgres = Postgres::start()?;
    let mut command = tools::cargo();
    command
        .arg("test")
        .args(NATIVE)
        .args(["--test", "it", "races", "--", "--nocapture"])
        .env(TEST_POSTGRES, postgres.url())
        .env("LANYARD_ROUNDS", rounds.to_string());
    tools::must(&mut command)
}

/// `cargo test` of the chosen tests with a PostgreSQL of its own, stopped afterwards whatever happens.
fn with_postgres(choice: &[&str], arguments: &[String]) -> Outcome<Tally> {
    let postgres = Postgres::start()?;
    let mut command = tools::cargo();
    command
        .arg("test")
        .args(NATIVE)
        .arg("--no-fail-fast")
        .args(choice)
        .args(arguments);
    command.env(TEST_POSTGRES, postgres.url());
    Tally::of(command)
}

/// The site and the browser tests.
fn browser(report: &mut Report, arguments: &[String]) {
    let mut chromium = None;
    report.check("browser and packages", || {
        chromium = Some(e2e::prepare()?);
        Ok(())
    });
    report.check("build for the browser", || {
        e2e::build()?;
        let sizes = size::measure()?;
        size::print(&sizes);
        size::judge(&sizes)
    });
    if let Some(chromium) = chromium {
        report.step("browser tests", || e2e::test(&chromium, arguments));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_both_runners_are_read() {
        let cargo = "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in 0.03s\n";
        assert_eq!(
            Tally::closing(cargo),
            Tally {
                passed: 12,
                failed: 0
            }
        );
        let failing = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.03s";
        assert_eq!(
            Tally::closing(failing),
            Tally {
                passed: 3,
                failed: 2
            }
        );
        assert_eq!(
            Tally::closing("  7 passed, 1 failed\n"),
            Tally {
                passed: 7,
                failed: 1
            }
        );
        assert_eq!(
            Tally::closing("7 passed, 1 failed, 2 skipped"),
            Tally {
                passed: 7,
                failed: 1
            }
        );
        assert_eq!(Tally::closing("nothing of the kind"), Tally::default());
    }

    #[test]
    fn colours_do_not_hide_a_closing_line() {
        let line = "test result: \u{1b}[32mok\u{1b}[m. 2 passed; 0 failed; 0 ignored";
        assert_eq!(
            Tally::closing(&plain(line)),
            Tally {
                passed: 2,
                failed: 0
            }
        );
    }

    #[test]
    fn a_failed_step_stops_the_rest_unless_told_otherwise() {
        for (keep_going, expected) in [(false, 1), (true, 2)] {
            let mut report = Report {
                steps: Vec::new(),
                keep_going,
            };
            report.check("first", || Err(Failure("broken".into())));
            report.check("second", || Ok(()));
            assert_eq!(report.steps.len(), expected);
            assert!(report.close().is_err());
        }
    }

    #[test]
    fn a_command_that_ends_badly_without_counting_has_one_failure() {
        let mut command = tools::program("sh");
        command.args(["-c", "echo no closing line; exit 3"]);
        assert_eq!(
            Tally::of(command).unwrap(),
            Tally {
                passed: 0,
                failed: 1
            }
        );
    }
}
