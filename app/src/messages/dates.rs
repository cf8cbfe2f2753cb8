//! Dates and times as people in the United Kingdom read them: "21 November 2026", "9:30am".
//!
//! Everything is stored in UTC and shown in Europe/London. The clock change is computed from the law
//! (last Sunday of March and of October, 01:00 UTC, in force since 1996), so that the browser needs no
//! time zone table and says the same as the server.

use super::number;
use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, Timelike, Utc};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The wall clock in Europe/London.
pub fn local(at: DateTime<Utc>) -> NaiveDateTime {
    let at = at.naive_utc();
    if is_summer(at) {
        at + Duration::hours(1)
    } else {
        at
    }
}

fn is_summer(at: NaiveDateTime) -> bool {
    let change = |month| last_sunday(at.year(), month).and_then(|day| day.and_hms_opt(1, 0, 0));
    match (change(3), change(10)) {
        (Some(start), Some(end)) => at >= start && at < end,
        _ => false,
    }
}

/// March and October both have 31 days.
fn last_sunday(year: i32, month: u32) -> Option<NaiveDate> {
    let last = NaiveDate::from_ymd_opt(year, month, 31)?;
    Some(last - Duration::days(i64::from(last.weekday().num_days_from_sunday())))
}

fn month_name(month: u32) -> &'static str {
    MONTHS
        .get(month.saturating_sub(1) as usize)
        .copied()
        .unwrap_or_default()
}

/// "21 November 2026"
pub fn date(at: DateTime<Utc>) -> String {
    let day = local(at);
    [
        &day.day().to_string(),
        month_name(day.month()),
        &day.year().to_string(),
    ]
    .join(" ")
}

/// "21 Nov": for a table, where the year is plain from the context.
pub fn short_date(at: DateTime<Utc>) -> String {
    let day = local(at);
    [
        &day.day().to_string(),
        month_name(day.month()).get(..3).unwrap_or_default(),
    ]
    .join(" ")
}

/// "9:30am", "midday", "midnight"
pub fn time(at: DateTime<Utc>) -> String {
    let clock = local(at);
    if clock.minute() == 0 && clock.hour() == 0 {
        return "midnight".to_owned();
    }
    if clock.minute() == 0 && clock.hour() == 12 {
        return "midday".to_owned();
    }
    let (afternoon, hour) = clock.hour12();
    let mut text = hour.to_string();
    if clock.minute() > 0 {
        text.push_str(if clock.minute() < 10 { ":0" } else { ":" });
        text.push_str(&clock.minute().to_string());
    }
    text.push_str(if afternoon { "pm" } else { "am" });
    text
}

/// "today at 9:30am" in the newest 24 hours of today, otherwise "21 November 2026 at 9:30am".
/// Without `now` it is always the full date.
pub fn date_time(at: DateTime<Utc>, now: Option<DateTime<Utc>>) -> String {
    let is_today = now.is_some_and(|now| local(now).date() == local(at).date());
    let day = if is_today {
        "today".to_owned()
    } else {
        date(at)
    };
    [&day, " at ", &time(at)].concat()
}

/// The machine's form for `<time datetime>`: "2026-11-21T09:30:00Z".
pub fn iso(at: DateTime<Utc>) -> String {
    let at = at.naive_utc();
    let mut text = at.year().to_string();
    let parts = [
        ("-", at.month()),
        ("-", at.day()),
        ("T", at.hour()),
        (":", at.minute()),
        (":", at.second()),
    ];
    for (mark, value) in parts {
        text.push_str(mark);
        if value < 10 {
            text.push('0');
        }
        text.push_str(&value.to_string());
    }
    text.push('Z');
    text
}

/// "today", "tomorrow", "in 2 days": how long a link or a role still lasts. Empty once it is over.
pub fn days_until(end: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if end <= now {
        return String::new();
    }
    match (local(end).date() - local(now).date()).num_days() {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        days => [
            "in ",
            &number(u64::try_from(days).unwrap_or_default()),
            " days",
        ]
        .concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn dates_and_times_read_as_people_write_them() {
        let morning = at("2026-11-21T09:30:00Z");
        assert_eq!(date(morning), "21 November 2026");
        assert_eq!(short_date(morning), "21 Nov");
        assert_eq!(time(morning), "9:30am");
        assert_eq!(date_time(morning, None), "21 November 2026 at 9:30am");
        assert_eq!(
            date_time(morning, Some(at("2026-11-21T20:00:00Z"))),
            "today at 9:30am"
        );
        assert_eq!(
            date_time(morning, Some(at("2026-11-22T01:00:00Z"))),
            "21 November 2026 at 9:30am"
        );
        assert_eq!(time(at("2026-01-05T17:05:00Z")), "5:05pm");
        assert_eq!(time(at("2026-01-05T09:00:00Z")), "9am");
        assert_eq!(time(at("2026-01-05T12:00:00Z")), "midday");
        assert_eq!(time(at("2026-01-05T00:00:00Z")), "midnight");
        assert_eq!(iso(morning), "2026-11-21T09:30:00Z");
    }

    /// Stored in UTC, shown in Europe/London, to the second of the clock change.
    #[test]
    fn summer_time_starts_and_ends_at_one_in_the_morning() {
        assert_eq!(time(at("2026-03-29T00:59:59Z")), "12:59am");
        assert_eq!(time(at("2026-03-29T01:00:00Z")), "2am");
        assert_eq!(time(at("2026-10-25T00:59:59Z")), "1:59am");
        assert_eq!(time(at("2026-10-25T01:00:00Z")), "1am");
        assert_eq!(date(at("2026-06-30T23:30:00Z")), "1 July 2026");
    }

    #[test]
    fn the_days_that_are_left_are_calendar_days() {
        let now = at("2026-11-21T09:30:00Z");
        assert_eq!(days_until(at("2026-11-21T17:00:00Z"), now), "today");
        assert_eq!(days_until(at("2026-11-22T00:00:00Z"), now), "tomorrow");
        assert_eq!(days_until(at("2026-11-28T09:30:00Z"), now), "in 7 days");
        assert_eq!(days_until(now, now), "");
    }
}
