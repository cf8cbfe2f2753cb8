//! From when until when a role holds (ux D3 step 5): calendar days in London, the last one included.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::period;
use crate::violation::Violations;
use crate::wording::{day as long_date, london, midnight};

/// Two questions with a date each. Empty fields are no date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatesForm {
    #[serde(default)]
    pub start_day: String,
    #[serde(default)]
    pub start_month: String,
    #[serde(default)]
    pub start_year: String,
    #[serde(default)]
    pub end_day: String,
    #[serde(default)]
    pub end_month: String,
    #[serde(default)]
    pub end_year: String,
}

/// A role ends within two years: longer is without end.
const LONGEST: Months = Months::new(24);

impl DatesForm {
    /// The fields for these days.
    pub fn of(start: Option<NaiveDate>, end: Option<NaiveDate>) -> Self {
        let parts = |day: Option<NaiveDate>| {
            day.map(|day| {
                (
                    day.day().to_string(),
                    day.month().to_string(),
                    day.year().to_string(),
                )
            })
            .unwrap_or_default()
        };
        let (start_day, start_month, start_year) = parts(start);
        let (end_day, end_month, end_year) = parts(end);
        Self {
            start_day,
            start_month,
            start_year,
            end_day,
            end_month,
            end_year,
        }
    }

    /// "From 3 January 2027 until 31 March 2027"; empty without dates, or with such as are wrong.
    pub fn in_words(&self, now: DateTime<Utc>) -> String {
        let (start, end) = self.validate(now).unwrap_or_default();
        let after = end.and_then(|end| end.succ_opt());
        period(start.map(midnight), after.map(midnight))
    }

    /// The first and the last day. A start that is today or past on an assignment that began already is the
    /// caller's to allow. Codes: `start.incomplete`, `start.real`, `start.past`, `end.*`, `end.before_start`,
    /// `end.too_far`.
    pub fn validate(
        &self,
        now: DateTime<Utc>,
    ) -> Result<(Option<NaiveDate>, Option<NaiveDate>), Violations> {
        let today = london(now).date();
        let mut violations = Violations::new();
        let start = day(
            "start",
            [&self.start_day, &self.start_month, &self.start_year],
            &mut violations,
        );
        let end = day(
            "end",
            [&self.end_day, &self.end_month, &self.end_year],
            &mut violations,
        );
        if start.is_some_and(|start| start < today) {
            violations.add("start_day", "start.past");
        }
        let first = start.unwrap_or(today);
        if let Some(end) = end {
            let furthest = first.checked_add_months(LONGEST).unwrap_or(NaiveDate::MAX);
            if end < first || (start.is_some() && end == first) {
                let shown = if start.is_some() {
                    first
                } else {
                    today - Days::new(1)
                };
                violations.add_with("end_day", "end.before_start", vec![long_date(shown)]);
            } else if end > furthest {
                violations.add_with("end_day", "end.too_far", vec![long_date(furthest)]);
            }
        }
        // Today is now: the role holds at once.
        violations.into_result((start.filter(|start| *start > today), end))
    }
}

/// A date out of three fields; the first wrong part gets the focus.
fn day(which: &str, parts: [&String; 3], violations: &mut Violations) -> Option<NaiveDate> {
    let parts = parts.map(|part| part.trim());
    if parts.iter().all(|part| part.is_empty()) {
        return None;
    }
    let names = ["day", "month", "year"];
    if let Some(missing) = parts.iter().position(|part| part.is_empty()) {
        let name = names[missing];
        violations.add_with(
            [which, "_", name].concat(),
            [which, ".incomplete"].concat(),
            vec![name.to_owned()],
        );
        return None;
    }
    let number = |text: &str| {
        let digits =
            !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| digits)
    };
    let month = number(parts[1]).or_else(|| month_of(parts[1]));
    let found = match (number(parts[0]), month, number(parts[2])) {
        (Some(day), Some(month), Some(year)) => {
            let year = if parts[2].len() == 2 {
                2000 + year
            } else {
                year
            };
            i32::try_from(year)
                .ok()
                .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
                .filter(|date| date.year() >= 1900)
        }
        _ => None,
    };
    if found.is_none() {
        violations.add([which, "_day"].concat(), [which, ".real"].concat());
    }
    found
}

/// "March", "mar".
fn month_of(text: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let text = text.to_ascii_lowercase();
    let index = MONTHS
        .iter()
        .position(|month| text.len() >= 3 && month.starts_with(&text))?;
    u32::try_from(index + 1).ok()
}
