//! How numbers, dates and times are written (ux 5.2): "10,612", "21 November 2026", "21 Nov", "9:30am", in the
//! time of Europe/London. The rule for British Summer Time is worked out here, because a time zone database
//! would be the largest thing in the browser's download.

use chrono::{
    DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, TimeDelta, Timelike,
    Utc,
};

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

/// Commas over 999.
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// "1 user", "9 users", "10,612 users".
pub fn plural(count: u64, one: &str, many: &str) -> String {
    let mut text = number(count);
    text.push(' ');
    text.push_str(if count == 1 { one } else { many });
    text
}

/// The number of things in a list.
pub fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The clock on a wall in London: an hour ahead from 01:00 UTC on the last Sunday of March until 01:00 UTC on
/// the last Sunday of October.
pub fn london(at: DateTime<Utc>) -> NaiveDateTime {
    let utc = at.naive_utc();
    let change = |month| {
        let last = NaiveDate::from_ymd_opt(utc.year(), month, 31)?;
        let sunday = last - TimeDelta::days(i64::from(last.weekday().num_days_from_sunday()));
        sunday.and_hms_opt(1, 0, 0)
    };
    match (change(3), change(10)) {
        (Some(start), Some(end)) if start <= utc && utc < end => utc + TimeDelta::hours(1),
        _ => utc,
    }
}

/// The moment when the clock on a wall in London shows this; of an hour that it shows twice, the second.
pub fn from_london(shown: NaiveDateTime) -> DateTime<Utc> {
    let winter = shown.and_utc();
    let summer = winter - TimeDelta::hours(1);
    if london(winter) == shown {
        winter
    } else {
        summer
    }
}

/// The first moment of a day in London.
pub fn midnight(day: NaiveDate) -> DateTime<Utc> {
    from_london(day.and_time(NaiveTime::MIN))
}

/// "21 November 2026".
pub fn date(at: DateTime<Utc>) -> String {
    day(london(at).date())
}

/// "21 Nov".
pub fn short_date(at: DateTime<Utc>) -> String {
    let date = london(at).date();
    format!("{} {}", date.day(), &month(date)[..3])
}

/// For a column of dates: "21 Nov", and "21 Nov 2025" for another year than this.
pub fn column_date(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let year = london(at).date().year();
    if year == london(now).date().year() {
        short_date(at)
    } else {
        format!("{} {year}", short_date(at))
    }
}

/// "21 November 2026", for a day that is not a moment, such as a start date.
pub fn day(date: NaiveDate) -> String {
    format!("{} {} {}", date.day(), month(date), date.year())
}

fn month(date: NaiveDate) -> &'static str {
    MONTHS[date.month0() as usize]
}

/// "9:30am", "9am", "midday"; 12 at night is "12am", since "midnight" could be either end of a day.
pub fn time(at: DateTime<Utc>) -> String {
    clock(london(at).time())
}

fn clock(time: NaiveTime) -> String {
    let (afternoon, hour) = time.hour12();
    let half = if afternoon { "pm" } else { "am" };
    match (afternoon, hour, time.minute()) {
        (true, 12, 0) => "midday".to_owned(),
        (_, hour, 0) => format!("{hour}{half}"),
        (_, hour, minute) => format!("{hour}:{minute:02}{half}"),
    }
}

/// "21 November 2026 at 9:30am".
pub fn date_and_time(at: DateTime<Utc>) -> String {
    format!("{} at {}", date(at), time(at))
}

/// "today at 9:30am" for what happened earlier today, otherwise the date and the time.
pub fn moment(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    if at <= now && london(at).date() == london(now).date() {
        format!("today at {}", time(at))
    } else {
        date_and_time(at)
    }
}

/// For the `datetime` of a `<time>`: "2026-11-21T09:30:00Z".
pub fn machine(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_at_midnight_in_london() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        for text in [
            "2026-01-01T00:00:00Z",
            "2026-03-29T00:00:00Z",
            "2026-03-29T23:00:00Z",
            "2026-07-01T23:00:00Z",
            "2026-10-24T23:00:00Z",
            "2026-10-26T00:00:00Z",
        ] {
            assert_eq!(from_london(london(at(text))), at(text), "{text}");
        }
    }

    #[test]
    fn a_column_of_dates_is_narrow() {
        let now = at("2026-01-02T12:00:00Z");
        assert_eq!(column_date(at("2026-01-01T09:00:00Z"), now), "1 Jan");
        assert_eq!(column_date(at("2025-11-21T09:00:00Z"), now), "21 Nov 2025");
    }

    #[test]
    fn numbers_have_commas_over_999() {
        for (value, text) in [
            (0, "0"),
            (7, "7"),
            (999, "999"),
            (1000, "1,000"),
            (10_612, "10,612"),
            (100_000, "100,000"),
            (1_234_567, "1,234,567"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(number(value), text);
        }
    }

    #[test]
    fn dates_and_times_read_as_people_write_them() {
        let morning = at("2026-11-21T09:30:00Z");
        assert_eq!(date(morning), "21 November 2026");
        assert_eq!(short_date(morning), "21 Nov");
        assert_eq!(time(morning), "9:30am");
        assert_eq!(date_and_time(morning), "21 November 2026 at 9:30am");
        assert_eq!(
            machine(at("2026-11-21T09:30:00.123456Z")),
            "2026-11-21T09:30:00Z"
        );
        for (moment, text) in [
            ("2026-11-21T00:00:00Z", "12am"),
            ("2026-11-21T00:05:00Z", "12:05am"),
            ("2026-11-21T09:00:59Z", "9am"),
            ("2026-11-21T12:00:00Z", "midday"),
            ("2026-11-21T12:01:00Z", "12:01pm"),
            ("2026-11-21T23:59:59Z", "11:59pm"),
        ] {
            assert_eq!(time(at(moment)), text);
        }
    }

    /// Requirements, section 3, "Ends of periods": shown in Europe/London.
    #[test]
    fn summer_time_changes_at_one_in_the_morning_utc() {
        for (utc, local) in [
            ("2026-03-29T00:59:59Z", "2026-03-29T00:59:59"),
            ("2026-03-29T01:00:00Z", "2026-03-29T02:00:00"),
            ("2026-10-25T00:59:59Z", "2026-10-25T01:59:59"),
            ("2026-10-25T01:00:00Z", "2026-10-25T01:00:00"),
            // The last Sunday is the 31st, and the 25th.
            ("2024-03-31T00:59:59Z", "2024-03-31T00:59:59"),
            ("2024-03-31T01:00:00Z", "2024-03-31T02:00:00"),
            ("2027-10-31T00:59:59Z", "2027-10-31T01:59:59"),
            ("2027-10-31T01:00:00Z", "2027-10-31T01:00:00"),
            ("2029-03-25T01:00:00Z", "2029-03-25T02:00:00"),
            ("2026-07-01T23:30:00Z", "2026-07-02T00:30:00"),
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00"),
            ("2026-12-31T23:59:59Z", "2026-12-31T23:59:59"),
        ] {
            assert_eq!(
                london(at(utc)),
                local.parse::<NaiveDateTime>().unwrap(),
                "{utc}"
            );
        }
        assert_eq!(date(at("2026-07-01T23:30:00Z")), "2 July 2026");
    }

    #[test]
    fn only_the_same_day_reads_today() {
        let now = at("2026-11-21T09:30:00Z");
        assert_eq!(moment(at("2026-11-21T00:10:00Z"), now), "today at 12:10am");
        assert_eq!(
            moment(at("2026-11-20T23:50:00Z"), now),
            "20 November 2026 at 11:50pm"
        );
        assert_eq!(
            moment(at("2026-11-21T10:00:00Z"), now),
            "21 November 2026 at 10am"
        );
    }
}
