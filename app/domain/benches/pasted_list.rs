//! How long 10,000 pasted addresses take to be recognised in native code. `cargo xtask bench paste`
//! measures the same in Chromium too.

use std::{fmt::Write, hint::black_box, time::Instant};

use domain::email_list::EmailList;

const ADDRESSES: usize = 10_000;
const ROUNDS: usize = 25;
/// Milliseconds.
const GOAL: f64 = 16.0;

fn main() {
    // As copied out of a mail program.
    let text = (0..ADDRESSES).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "Person Number{number} <person{number}@nhs.net>");
        text
    });
    let domains = ["nhs.net".to_owned(), "*.nhs.uk".to_owned()];
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let started = Instant::now();
            let list = black_box(EmailList::parse_with(black_box(&text), &domains));
            let milliseconds = started.elapsed().as_secs_f64() * 1e3;
            assert_eq!(list.recognised.len(), ADDRESSES);
            milliseconds
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let median = times[ROUNDS / 2];
    let verdict = if median <= GOAL { "met" } else { "MISSED" };
    println!(
        "{:<62} {median:>6.1} ms    goal: at most {GOAL:.0} ms    {verdict}",
        "10,000 pasted addresses recognised in native code",
    );
}
