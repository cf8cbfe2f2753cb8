//! The box for pasted addresses, with what was found in it while you type (ux 6.18, B02 to B04).
//!
//! The same function reads the list here and on the server. Nothing is red and nothing is an error before
//! "Continue"; without wasm the next page says all of it. The count changes 150 ms after the last key and is
//! spoken 1 second after it, only when it says something new.

use super::debounce::{Debounce, Presses};
use super::field::{Field, Heading, Text, label as label_view};
use super::textarea::TextareaControl;
use crate::messages::{line_reason, plural};
use domain::email_list::EmailList;
use domain::invitation::problem_lines;
use domain::wording::number;
use leptos::{html, prelude::*, web_sys};
use std::time::Duration;

const SEEN_AFTER: Duration = Duration::from_millis(150);
const SPOKEN_AFTER: Duration = Duration::from_secs(1);
/// How many lines are listed; a list with more of them is mended on the next page.
const LISTED: usize = 50;
/// How much of a line is quoted.
const QUOTED: usize = 80;

/// A line that needs checking, and where it is in the box.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    line: u32,
    text: String,
    /// In UTF-16 code units.
    start: u32,
    end: u32,
    reason: &'static str,
    suggestion: Option<String>,
}

/// What was found in the box.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Findings {
    recognised: u64,
    repeated: u64,
    to_check: u64,
    listed: Vec<Finding>,
}

impl Findings {
    /// The parts add up to everything that was entered. An address that looks mistyped counts as one to check,
    /// as on the next page.
    fn of(text: &str, known_domains: &[String]) -> Self {
        let list = EmailList::parse_with(text, known_domains);
        let mistyped = list.looks_mistyped().count();
        let lines = problem_lines(&list);
        let places = list
            .problems
            .iter()
            .map(|problem| (problem.line, Some((problem.utf16_start, problem.utf16_end))));
        let mistyped_places = list.looks_mistyped().map(|found| {
            let place = place_in_line(text, found.line, found.address.as_str());
            (found.line, place)
        });
        let mut places: Vec<_> = places.chain(mistyped_places).collect();
        // As the lines are sorted.
        places.sort_by_key(|(line, _)| *line);
        let listed = lines
            .iter()
            .zip(places)
            .filter_map(|(line, (_, place))| {
                let (start, end) = place?;
                Some(Finding {
                    line: line.line,
                    text: line.text.clone(),
                    start,
                    end,
                    reason: line_reason(&line.reason),
                    suggestion: line.suggestion.clone(),
                })
            })
            .take(LISTED)
            .collect();
        Self {
            recognised: (list.recognised.len() - mistyped) as u64,
            repeated: list.repeated.len() as u64,
            to_check: lines.len() as u64,
            listed,
        }
    }

    fn is_empty(&self) -> bool {
        self.recognised + self.repeated + self.to_check == 0
    }

    /// "9 email addresses recognised. 1 line needs checking."
    fn words(&self) -> String {
        if self.is_empty() {
            return BEFORE.to_owned();
        }
        let mut words = plural(
            self.recognised,
            "email address recognised.",
            "email addresses recognised.",
        );
        if self.repeated > 0 {
            words.push(' ');
            words.push_str(&plural(self.repeated, "is repeated.", "are repeated."));
        }
        if self.to_check > 0 {
            words.push(' ');
            words.push_str(&self.to_check_words());
            words.push('.');
        }
        words
    }

    fn to_check_words(&self) -> String {
        plural(self.to_check, "line needs checking", "lines need checking")
    }
}

/// What the server says, before anything was counted.
const BEFORE: &str = "Select Continue to check the email addresses.";

/// Where an address stands in a line of the text, in UTF-16 code units.
fn place_in_line(text: &str, line: u32, address: &str) -> Option<(u32, u32)> {
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    let before: usize = text
        .split('\n')
        .take(index)
        .map(|line| line.len() + 1)
        .sum();
    let content = text.get(before..)?.split('\n').next()?;
    let place = content
        .to_ascii_lowercase()
        .find(&address.to_ascii_lowercase())?;
    let units = |part: &str| u32::try_from(part.encode_utf16().count()).ok();
    let start = units(text.get(..before + place)?)?;
    Some((
        start,
        start + units(text.get(before + place..before + place + address.len())?)?,
    ))
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= QUOTED {
        return text.to_owned();
    }
    text.chars().take(QUOTED).chain(['…']).collect()
}

/// The box with its live count and the lines that need checking.
#[component]
pub fn EmailCounter(
    #[prop(default = "emails".into(), into)] name: String,
    #[prop(into)] label: Text,
    #[prop(optional, into)] hint: Text,
    /// What the box starts with; a kept answer wins.
    #[prop(optional, into)]
    value: Option<String>,
    /// The organisation's own domains, for suggestions.
    #[prop(optional)]
    known_domains: Vec<String>,
    #[prop(default = "l")] label_size: &'static str,
    #[prop(default = true)] label_is_heading: bool,
    #[prop(optional, into)] caption: Option<String>,
) -> impl IntoView {
    let field = Field::new(name);
    let value = field.value(value);
    let area = NodeRef::<html::Textarea>::new();
    let domains = StoredValue::new(known_domains);
    let (findings, set_findings) = signal(Findings::default());
    let (listing, set_listing) = signal(false);
    let (spoken, set_spoken) = signal(String::new());
    // The text that the findings are about.
    let read = StoredValue::new(String::new());
    let (look, speak) = (Debounce::new(), Debounce::new());
    let presses = Presses::watch();

    let count = move || {
        let Some(area) = area.get_untracked() else {
            return;
        };
        let text = area.value();
        set_findings.set(domains.with_value(|domains| Findings::of(&text, domains)));
        read.set_value(text);
    };
    let say = move || {
        let words = findings.with_untracked(Findings::words);
        if spoken.with_untracked(|before| *before != words) {
            set_spoken.set(words);
        }
    };
    let typed = move || {
        set_listing.set(true);
        // The list grows above "Continue".
        look.run_between_presses(SEEN_AFTER, presses, count);
        speak.run(SPOKEN_AFTER, say);
    };
    // What was typed before the page was alive is counted, but lists nothing: nothing may move by itself.
    Effect::new(move |_| {
        if area.get().is_some_and(|area| !area.value().is_empty()) {
            count();
        }
    });
    let act = Callback::new(move |(finding, suggestion): (Finding, Option<String>)| {
        let Some(area) = area.get_untracked() else {
            return;
        };
        if read.with_value(|read| *read != area.value()) {
            // Typed since: what is listed is not what is there.
            count();
            return;
        }
        let mut end = finding.end;
        if let Some(suggestion) = suggestion {
            if area
                .set_range_text_with_start_and_end(&suggestion, finding.start, finding.end)
                .is_err()
            {
                return;
            }
            end = finding.start
                + u32::try_from(suggestion.encode_utf16().count()).unwrap_or_default();
            count();
            speak.run(SPOKEN_AFTER, say);
        }
        show(&area, finding.line, finding.start, end);
    });

    let count_id = [&field.id, "-count"].concat();
    let described_by = {
        let (others, count_id) = (field.described_by(None, hint.is_some()), count_id.clone());
        Signal::derive(move || {
            let mut ids = others.get().unwrap_or_default();
            if !ids.is_empty() {
                ids.push(' ');
            }
            ids.push_str(&count_id);
            Some(ids)
        })
    };
    let words = Signal::derive(move || findings.with(Findings::words));
    // The list stays the same one while there is anything in it: whoever moves into it by keyboard stands on one
    // of its buttons.
    let any = Memo::new(move |_| listing.get() && findings.with(|found| found.to_check > 0));
    let problems = move || any.get().then(|| view! { <Problems findings act/> });
    let heading = Heading {
        size: label_size,
        is_heading: label_is_heading,
    };
    view! {
        <div class=field.group_class("") on:focusin=move |_| set_listing.set(true)>
            {label_view(&field.id, label, heading, caption, false)} {field.hint(hint)} {field.error()}
            <TextareaControl
                id=field.id.clone()
                name=field.name.clone()
                class=field.class("nhsuk-textarea app-line-problems__input".to_owned(), "nhsuk-textarea--error")
                rows=10
                value
                described_by
                no_spellcheck=true
                autocomplete=Some("off")
                node_ref=area
                on_input=Callback::new(move |()| typed())
            />
            <p class="nhsuk-hint app-line-problems__count" id=count_id>{words}</p>
            <div role="status" aria-atomic="true" class="nhsuk-u-visually-hidden" id=[&field.id, "-status"].concat()>
                {spoken}
            </div>
            <div id=[&field.id, "-problems"].concat()>{problems}</div>
        </div>
    }
}

/// Puts the focus on a place in the box and brings its line into view.
fn show(area: &web_sys::HtmlTextAreaElement, line: u32, start: u32, end: u32) {
    _ = area.focus();
    _ = area.set_selection_range(start, end);
    let lines = i64::try_from(area.value().split('\n').count()).unwrap_or(1);
    let top = i64::from(area.scroll_height()) * i64::from(line.saturating_sub(1)) / lines;
    let top = top - i64::from(area.client_height()) / 2;
    area.set_scroll_top(i32::try_from(top.max(0)).unwrap_or_default());
}

/// The lines that need checking, each with what can be done about it here.
#[component]
fn Problems(
    findings: ReadSignal<Findings>,
    act: Callback<(Finding, Option<String>)>,
) -> impl IntoView {
    let heading = Signal::derive(move || findings.with(Findings::to_check_words));
    let items = move || {
        findings.with(|found| {
            found
                .listed
                .iter()
                .cloned()
                .map(|finding| problem(finding, act))
                .collect::<Vec<_>>()
        })
    };
    let more = move || {
        let hidden =
            findings.with(|found| found.to_check.saturating_sub(found.listed.len() as u64));
        (hidden > 0).then(|| {
            let words = [
                "And ",
                &number(hidden),
                " more. You can correct them on the next page.",
            ]
            .concat();
            view! { <p class="app-line-problems__text">{words}</p> }
        })
    };
    view! {
        <section class="app-line-problems">
            <h2 class="nhsuk-heading-s">{heading}</h2>
            <ul class="app-line-problems__list">{items}</ul>
            {more}
        </section>
    }
}

fn problem(finding: Finding, act: Callback<(Finding, Option<String>)>) -> AnyView {
    let line = number(u64::from(finding.line));
    let quote = shortened(&finding.text);
    let about = [": ", &quote].concat();
    let go = {
        let finding = finding.clone();
        move |_| act.run((finding.clone(), None))
    };
    let change = finding.suggestion.clone().map(|suggestion| {
        let words = ["Change to ", &suggestion].concat();
        let finding = finding.clone();
        let change = move |_| act.run((finding.clone(), Some(suggestion.clone())));
        view! { <button class="app-button-link" type="button" on:click=change>{words}</button> }
    });
    let start = ["Line ", &line, ": "].concat();
    let end = [" ", finding.reason].concat();
    view! {
        <li class="app-line-problems__item">
            <p class="app-line-problems__text">
                {start} <q class="app-line-problems__quote">{quote}</q> {end}
            </p>
            <div class="app-line-problems__actions">
                <button class="app-button-link" type="button" on:click=go>
                    {["Go to line ", &line].concat()}
                    <span class="nhsuk-u-visually-hidden">{about}</span>
                </button>
                {change}
            </div>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// B04: the count, the lines that are not recognised with their reasons, and suggestions.
    #[test]
    fn the_count_says_what_was_found() {
        let text = "jane@nhs.net\nsam@nhs.net\njane@nhs.net\njane.smith@nhs\nkim@nhs.ent";
        let found = Findings::of(text, &[]);
        assert_eq!(
            found.words(),
            "2 email addresses recognised. 1 is repeated. 2 lines need checking."
        );
        assert_eq!(found.recognised + found.repeated + found.to_check, 5);
        let [first, second] = found.listed.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!(
            (first.line, first.reason),
            (4, "needs an ending like .net or .uk")
        );
        assert_eq!((second.line, second.reason), (5, "looks mistyped"));
        assert_eq!(second.suggestion.as_deref(), Some("kim@nhs.net"));
    }

    #[test]
    fn an_empty_box_says_what_the_server_says() {
        assert_eq!(Findings::of("", &[]).words(), BEFORE);
        assert_eq!(Findings::of(" \n ", &[]).words(), BEFORE);
        assert_eq!(
            Findings::of("jane@nhs.net", &[]).words(),
            "1 email address recognised."
        );
    }

    /// T-BLK-03: the place of a finding is that of its text, in the units of the browser.
    #[test]
    fn a_finding_knows_where_it_is() {
        let text = "Zoë 😀 <zoe@nhs.net>\nSam <sam@nhs.ent>, kim@nhs";
        let units: Vec<u16> = text.encode_utf16().collect();
        let found = Findings::of(text, &[]);
        assert_eq!(found.listed.len(), 2, "{found:?}");
        for finding in &found.listed {
            let slice = &units[finding.start as usize..finding.end as usize];
            assert!(
                String::from_utf16_lossy(slice).contains(&finding.text),
                "{finding:?}"
            );
        }
        let mistyped = found
            .listed
            .iter()
            .find(|finding| finding.reason == "looks mistyped")
            .unwrap();
        let slice = &units[mistyped.start as usize..mistyped.end as usize];
        assert_eq!(String::from_utf16_lossy(slice), "sam@nhs.ent");
    }

    #[test]
    fn a_long_list_is_listed_in_part_and_counted_in_full() {
        let text = "nobody\n".repeat(120);
        let found = Findings::of(&text, &[]);
        assert_eq!((found.to_check, found.listed.len()), (120, LISTED));
        assert_eq!(shortened(&"x".repeat(500)).chars().count(), QUOTED + 1);
    }
}
