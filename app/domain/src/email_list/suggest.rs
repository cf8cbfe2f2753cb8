//! Guesses what was meant: `nhs.ent`, `nhs.nett`, `nhs,net`, `gmial.com` (B04). A guess is only ever shown.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::unicode::nfkc;

use crate::email::{EmailAddress, EmailProblem};

/// Domains that people who work in health services write to, the most usual first. A domain on this list is
/// never taken for another.
const WELL_KNOWN: &[&str] = &[
    "nhs.net",
    "nhs.uk",
    "gmail.com",
    "outlook.com",
    "hotmail.com",
    "hotmail.co.uk",
    "yahoo.com",
    "yahoo.co.uk",
    "icloud.com",
    "live.com",
    "live.co.uk",
    "btinternet.com",
    "doctors.org.uk",
    "doctors.net.uk",
    "googlemail.com",
    "aol.com",
    "msn.com",
    "me.com",
    "mac.com",
    "mail.com",
    "ymail.com",
    "sky.com",
    "talktalk.net",
    "virginmedia.com",
    "ntlworld.com",
    "protonmail.com",
    "proton.me",
    "outlook.co.uk",
    "nhs.scot",
    "gov.uk",
    "gov.scot",
    "gov.wales",
    "ac.uk",
    "org.uk",
    "co.uk",
];

/// Domains under which others are: with these, the beginning of a domain may be anything.
const PARENTS: &[&str] = &["nhs.uk", "gov.uk", "ac.uk"];
/// The same, where anybody may have one: a domain under them may still be a slip of a well-known one.
const SHARED_PARENTS: &[&str] = &["org.uk", "co.uk"];

/// Finds suggestions, each domain once.
pub(super) struct Suggestions {
    domains: Vec<Target>,
    parents: Vec<Target>,
    found: HashMap<String, Option<String>>,
    /// The last domain that nothing was found for: most lists have few.
    last_known: String,
}

/// A domain that may have been meant.
struct Target {
    domain: String,
    /// Which characters it has, one bit each: most domains are ruled out by it.
    letters: u64,
    /// How many labels it has.
    labels: usize,
    /// Whether anybody may have a domain under it.
    shared: bool,
}

impl Target {
    fn new(domain: &str) -> Self {
        Self {
            domain: domain.to_owned(),
            letters: letters(domain),
            labels: domain.split('.').count(),
            shared: false,
        }
    }
}

impl Suggestions {
    pub(super) fn new(known_domains: &[String]) -> Self {
        const MOST: usize = 50;
        let own = |wild: bool| {
            known_domains
                .iter()
                .take(MOST)
                .map(|rule| rule.trim().to_ascii_lowercase())
                .filter_map(move |rule| match rule.strip_prefix("*.") {
                    Some(parent) if wild => Some(parent.to_owned()),
                    None if !wild => Some(rule),
                    _ => None,
                })
        };
        let mut domains: Vec<Target> = own(false).map(|domain| Target::new(&domain)).collect();
        domains.extend(WELL_KNOWN.iter().map(|domain| Target::new(domain)));
        let mut parents: Vec<Target> = own(true).map(|domain| Target::new(&domain)).collect();
        parents.extend(PARENTS.iter().map(|domain| Target::new(domain)));
        parents.extend(SHARED_PARENTS.iter().map(|domain| Target {
            shared: true,
            ..Target::new(domain)
        }));
        Self {
            domains,
            parents,
            found: HashMap::new(),
            last_known: String::new(),
        }
    }

    /// Another address that may have been meant by this one.
    pub(super) fn for_address(&mut self, address: &EmailAddress) -> Option<String> {
        let domain = self.for_domain(address.domain())?;
        Some(format!("{}@{domain}", address.local()))
    }

    /// An address that may have been meant by something that is not one.
    pub(super) fn for_problem(&mut self, text: &str, reason: EmailProblem) -> Option<String> {
        if text.chars().nth(EmailAddress::MAX).is_some() || text.contains(char::is_control) {
            return None;
        }
        let plain: Cow<'_, str> = if text.is_ascii() {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(nfkc(text))
        };
        let tidy = match reason {
            _ if plain != text && EmailAddress::parse(&plain).is_ok() => plain.into_owned(),
            EmailProblem::NoAt => self.with_at(&plain)?,
            EmailProblem::ManyAt => one_at(&plain)?,
            EmailProblem::Space => without_spaces(&plain)?,
            _ => plain.into_owned(),
        };
        let (local, domain) = tidy.split_once('@')?;
        let local = single_dots(local);
        let domain = single_dots(&domain.replace([',', ';'], "."));
        let address = EmailAddress::parse(&format!("{local}@{domain}"));
        match address {
            Ok(address) => Some(
                self.for_address(&address)
                    .unwrap_or_else(|| address.as_str().to_owned()),
            ),
            Err(EmailProblem::NoEnding) => {
                let domain = domain.to_ascii_lowercase();
                let ended = self
                    .domains
                    .iter()
                    .find(|target| target.domain.split('.').next() == Some(domain.as_str()));
                let whole = match ended {
                    Some(target) => target.domain.clone(),
                    None => self.for_domain(&domain)?,
                };
                EmailAddress::parse(&format!("{local}@{whole}"))
                    .ok()
                    .map(|address| address.as_str().to_owned())
            }
            Err(_) => None,
        }
    }

    /// `jane.carlton"nhs.net`: the key beside the one that was meant.
    fn with_at(&self, text: &str) -> Option<String> {
        self.domains
            .iter()
            .filter(|target| target.labels > 1)
            .find_map(|target| {
                let before = strip_suffix_ignoring_case(text, &target.domain)?;
                let local = before.strip_suffix(['"', '\'', '#', '.', ' ', '\u{201d}', '2'])?;
                (!local.trim().is_empty() && !local.contains(' '))
                    .then(|| format!("{local}@{}", target.domain))
            })
    }

    fn for_domain(&mut self, domain: &str) -> Option<String> {
        if self.last_known == domain {
            return None;
        }
        if let Some(found) = self.found.get(domain) {
            return found.clone();
        }
        let found = self.look_up(domain);
        self.found.insert(domain.to_owned(), found.clone());
        if found.is_none() {
            domain.clone_into(&mut self.last_known);
        }
        found
    }

    fn look_up(&self, domain: &str) -> Option<String> {
        let below = |target: &&Target| {
            let beginning = domain.strip_suffix(target.domain.as_str());
            beginning.is_some_and(|beginning| beginning.is_empty() || beginning.ends_with('.'))
        };
        let parent = self.parents.iter().find(below);
        let known = self.domains.iter().any(|target| target.domain == domain);
        if known || parent.is_some_and(|parent| !parent.shared) {
            return None;
        }
        let mask = letters(domain);
        let near = self
            .domains
            .iter()
            .filter_map(|target| Some((distance(domain, mask, target)?, target)))
            .min_by_key(|(distance, _)| *distance);
        match (near, parent) {
            (Some((_, target)), _) => Some(target.domain.clone()),
            (None, Some(_)) => None,
            (None, None) => self.parents.iter().find_map(|target| {
                let labels = domain
                    .split('.')
                    .count()
                    .checked_sub(target.labels)
                    .filter(|labels| *labels > 0)?;
                let beginning: usize = domain
                    .split('.')
                    .take(labels)
                    .map(|label| label.len() + 1)
                    .sum();
                let (beginning, ending) = domain.split_at(beginning);
                distance(ending, letters(ending), target)
                    .map(|_| format!("{beginning}{}", target.domain))
            }),
        }
    }
}

/// How many slips of the finger two domains are apart: 1, or 2 when they are long enough for it not to be
/// chance. Nothing when they are further apart.
fn distance(domain: &str, mask: u64, target: &Target) -> Option<usize> {
    const LONG: usize = 9;
    let most = if domain.len().min(target.domain.len()) >= LONG {
        2
    } else {
        1
    };
    // A slip changes at most 2 characters of the set.
    if domain.len().abs_diff(target.domain.len()) > most
        || (mask ^ target.letters).count_ones() as usize > most * 2
    {
        return None;
    }
    edit_distance(domain.as_bytes(), target.domain.as_bytes(), most)
}

/// Insertions, deletions, replacements and swaps of neighbours, when there are at most `most`.
fn edit_distance(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    let mut before = vec![0; b.len() + 1];
    let mut above: Vec<usize> = (0..=b.len()).collect();
    let mut here = vec![0; b.len() + 1];
    for (row, x) in a.iter().enumerate() {
        here[0] = row + 1;
        let mut least = here[0];
        for (column, y) in b.iter().enumerate() {
            let mut cost = (above[column] + usize::from(x != y))
                .min(above[column + 1] + 1)
                .min(here[column] + 1);
            if row > 0 && column > 0 && *x == b[column - 1] && a[row - 1] == *y {
                cost = cost.min(before[column - 1] + 1);
            }
            here[column + 1] = cost;
            least = least.min(cost);
        }
        if least > most {
            return None;
        }
        std::mem::swap(&mut before, &mut above);
        std::mem::swap(&mut above, &mut here);
    }
    above.last().copied().filter(|distance| *distance <= most)
}

/// The characters of a domain as a set.
fn letters(domain: &str) -> u64 {
    domain.bytes().fold(0, |set, byte| set | 1 << (byte % 64))
}

/// `jane@@nhs.net`, `jane@nhs.net@nhs.net`.
fn one_at(text: &str) -> Option<String> {
    let mut parts = text.split('@').filter(|part| !part.is_empty());
    let (local, domain) = (parts.next()?, parts.next()?);
    parts
        .all(|part| part == domain)
        .then(|| format!("{local}@{domain}"))
}

/// `jane @nhs.net`, `jane carlton@nhs.net`, `Jane Carlton jane@nhs.net`.
fn without_spaces(text: &str) -> Option<String> {
    let (before, after) = text.split_once('@')?;
    let domain: String = after.split_whitespace().collect();
    let words: Vec<&str> = before.split_whitespace().collect();
    let at_the_end = before.ends_with(char::is_whitespace);
    let local = match words.as_slice() {
        [local] => (*local).to_owned(),
        [first, last] if !at_the_end => format!("{first}.{last}"),
        [.., local] if !at_the_end => (*local).to_owned(),
        _ => return None,
    };
    // Words after a whole address are something else: `jane@nhs.net Jane Carlton`.
    let first = after.split_whitespace().next()?;
    match EmailAddress::parse(&format!("{local}@{first}")) {
        Ok(address) if !domain.eq_ignore_ascii_case(first) => Some(address.as_str().to_owned()),
        _ => Some(format!("{local}@{domain}")),
    }
}

/// Without full stops at the ends or beside each other.
fn single_dots(text: &str) -> String {
    text.split('.')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(".")
}

fn strip_suffix_ignoring_case<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(suffix.len())?;
    let (before, end) = (text.get(..at)?, text.get(at..)?);
    end.eq_ignore_ascii_case(suffix).then_some(before)
}
