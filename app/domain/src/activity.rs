//! Activity (J1, E10): what is asked for, in the URL, and what the page shows.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    home::ActivityItem,
    id::UserId,
    keyed::keyed_enum,
    listing::{FilterOption, add, decode_query, encode_query},
    policy::AreaLabel,
    search::MAX_SEARCH_TEXT,
    violation::Violations,
    wording::{day, from_london},
};

keyed_enum! {
    /// What an event is about, as activity is filtered.
    pub enum ActivityType {
        Invitations = "invitations",
        Registration = "registration",
        People = "people",
        Access = "access",
        Exports = "exports",
        Organisation = "organisation",
        SignIn = "sign-in",
        Refusals = "refusals",
    }
}

/// A date as it was typed into three boxes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypedDate {
    pub day: String,
    pub month: String,
    pub year: String,
}

impl TypedDate {
    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.day.is_empty() && self.month.is_empty() && self.year.is_empty()
    }

    /// The date, if it is one: nothing for what is no real date.
    pub fn date(&self) -> Option<NaiveDate> {
        let year: i32 = self.year.parse().ok()?;
        if !(2000..=2999).contains(&year) {
            return None;
        }
        NaiveDate::from_ymd_opt(year, self.month.parse().ok()?, self.day.parse().ok()?)
    }

    fn set(&mut self, part: &str, value: &str) {
        let value: String = value.chars().take(4).collect();
        match part {
            "day" => self.day = value,
            "month" => self.month = value,
            "year" => self.year = value,
            _ => {}
        }
    }
}

/// What is asked of the activity of an organisation or a person. It lives in the URL only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityQuery {
    /// A name or an address, as it was typed: whom it is about.
    pub person: String,
    /// A name or an address: who did it.
    pub by: String,
    /// None: all.
    pub types: Vec<ActivityType>,
    /// Ids of areas: about people who have a role in one of them. None: about whomever.
    pub area: Vec<String>,
    pub from: TypedDate,
    /// The last day.
    pub to: TypedDate,
    /// The page begins behind the event with this number, going back in time.
    pub before: Option<i64>,
    /// The page ends in front of the event with this number.
    pub after: Option<i64>,
}

impl ActivityQuery {
    /// Reads a query string. Unknown names and values are ignored, they are not errors (ux 4.3).
    pub fn parse(query: &str) -> Self {
        let mut asked = Self::default();
        for (name, value) in decode_query(query) {
            let value = value.trim();
            let text = || value.chars().take(MAX_SEARCH_TEXT).collect();
            match name.as_str() {
                "person" => asked.person = text(),
                "by" => asked.by = text(),
                "type" => {
                    if let Some(kind) = ActivityType::parse(value)
                        && !asked.types.contains(&kind)
                    {
                        asked.types.push(kind);
                    }
                }
                "area" => add(&mut asked.area, value),
                "before" => asked.before = value.parse().ok(),
                "after" => asked.after = value.parse().ok(),
                other => {
                    if let Some(part) = other.strip_prefix("from-") {
                        asked.from.set(part, value);
                    } else if let Some(part) = other.strip_prefix("to-") {
                        asked.to.set(part, value);
                    }
                }
            }
        }
        asked.types.sort_unstable();
        asked
    }

    /// With its question mark; empty when nothing is asked for.
    pub fn to_query_string(&self) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        let mut add = |name, value: &str| {
            if !value.is_empty() {
                pairs.push((name, value.to_owned()));
            }
        };
        add("person", &self.person);
        add("by", &self.by);
        for kind in &self.types {
            add("type", kind.as_str());
        }
        for area in &self.area {
            add("area", area);
        }
        for (names, date) in [
            (["from-day", "from-month", "from-year"], &self.from),
            (["to-day", "to-month", "to-year"], &self.to),
        ] {
            for (name, part) in names.into_iter().zip([&date.day, &date.month, &date.year]) {
                add(name, part);
            }
        }
        let number = |number: Option<i64>| number.map_or_else(String::new, |n| n.to_string());
        add("before", &number(self.before));
        add("after", &number(self.after));
        encode_query(&pairs)
    }

    /// Whether anything is filtered.
    pub fn is_filtered(&self) -> bool {
        !self.first_page().to_query_string().is_empty()
    }

    /// The same, from the newest event.
    #[must_use]
    pub fn first_page(&self) -> Self {
        Self {
            before: None,
            after: None,
            ..self.clone()
        }
    }

    /// The page of what is older than an event.
    #[must_use]
    pub fn older_than(&self, sequence: i64) -> Self {
        Self {
            before: Some(sequence),
            ..self.first_page()
        }
    }

    /// The page of what is newer than an event.
    #[must_use]
    pub fn newer_than(&self, sequence: i64) -> Self {
        Self {
            after: Some(sequence),
            ..self.first_page()
        }
    }

    /// What is wrong with the dates.
    pub fn violations(&self) -> Violations {
        let mut violations = Violations::default();
        let mut ends = [None, None];
        for (end, (date, field, code)) in ends.iter_mut().zip([
            (&self.from, "from-day", "start.real"),
            (&self.to, "to-day", "end.real"),
        ]) {
            *end = date.date();
            if end.is_none() && !date.is_empty() {
                violations.add(field, code);
            }
        }
        if let [Some(from), Some(to)] = ends
            && to < from
        {
            violations.add_with("to-day", "end.before_start", vec![day(from)]);
        }
        violations
    }

    /// The moments of the first and after the last day, in London; nothing for a date that is none.
    pub fn moments(&self) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let midnight = |date: NaiveDate| from_london(date.and_time(chrono::NaiveTime::MIN));
        (
            self.from.date().map(midnight),
            self.to
                .date()
                .and_then(|date| date.checked_add_days(Days::new(1)))
                .map(midnight),
        )
    }
}

/// Something that happened, as one item of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityEvent {
    /// Its number in the chain of the organisation.
    pub sequence: i64,
    pub item: ActivityItem,
    /// What was changed, where and why; empty when the title says everything.
    pub text: String,
    /// The change that the actor can take back; empty for none (ux 6.5).
    pub undo: String,
    /// What taking it back does: "change Jane Carlton back to Recorder".
    pub back: String,
}

/// A page of `/o/{org}/activity` or `/o/{org}/users/{user}/activity`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityPage {
    /// Newest first.
    pub events: Vec<ActivityEvent>,
    /// There is more before and after this page.
    pub newer: bool,
    pub older: bool,
    /// Whose activity it is; nothing for everybody's.
    pub person: Option<ActivityPerson>,
    /// Labels of the areas whose people are all that is seen; none for the whole organisation.
    pub limited_to: Vec<String>,
    /// The areas by which it can be filtered; none for the activity of one person.
    pub areas: Vec<FilterOption>,
    /// What the organisation calls its areas.
    pub area_label: AreaLabel,
    /// What is wrong with the filters.
    pub violations: Violations,
}

/// A person whose activity is looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityPerson {
    pub id: UserId,
    pub name: String,
    pub email: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ux 4.3: what the page is filtered by is in its address, and nowhere else.
    #[test]
    fn a_query_survives_its_address() {
        let text = "?person=jane&by=sam%40nhs.net&type=invitations&type=access&area=a&area=b&from-day=1&from-month=10\
                    &from-year=2026&before=17";
        let query = ActivityQuery::parse(text);
        assert_eq!(query.to_query_string(), text);
        assert_eq!(query.before, Some(17));
        assert!(query.is_filtered());
        assert!(!ActivityQuery::parse("?before=17&type=nothing&x=1").is_filtered());
        let newer = query.newer_than(20);
        assert_eq!((newer.before, newer.after), (None, Some(20)));
        assert_eq!(newer.first_page(), query.first_page());
    }

    #[test]
    fn days_are_those_of_london() {
        let query = ActivityQuery::parse(
            "from-day=1&from-month=7&from-year=2026&to-day=1&to-month=7&to-year=2026",
        );
        let (from, to) = query.moments();
        let text = |at: Option<DateTime<Utc>>| at.unwrap().to_rfc3339();
        assert_eq!(text(from), "2026-06-30T23:00:00+00:00");
        assert_eq!(text(to), "2026-07-01T23:00:00+00:00");
        assert!(query.violations().is_empty());
    }

    #[test]
    fn a_date_that_is_none_is_refused() {
        for (typed, field, code) in [
            (
                "from-day=31&from-month=2&from-year=2026",
                "from-day",
                "start.real",
            ),
            ("to-day=1&to-month=2", "to-day", "end.real"),
            ("to-day=1&to-month=2&to-year=26", "to-day", "end.real"),
            ("to-day=x&to-month=2&to-year=2026", "to-day", "end.real"),
            (
                "from-day=2&from-month=2&from-year=2026&to-day=1&to-month=2&to-year=2026",
                "to-day",
                "end.before_start",
            ),
        ] {
            let violations = ActivityQuery::parse(typed).violations();
            let found = violations.for_field(field).map(|found| found.code.clone());
            assert_eq!(found.as_deref(), Some(code), "{typed}");
        }
    }
}
