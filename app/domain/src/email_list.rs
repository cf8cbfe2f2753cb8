//! Reads a pasted list of email addresses (B02 to B04, R97, ux 6.18). One function for the live count in the
//! browser and for the server, which is authoritative.
//!
//! Whatever people copy is meant to work: lines, commas, semicolons, tabs, spaces, `Name <address>`, lists out
//! of Outlook, columns of a spreadsheet, bullets and invisible characters. What is not certain is a problem for
//! the person to look at, never a guess: nobody is invited by mistake. Every entry that is not empty ends in
//! exactly one place, so the numbers always add up.
//!
//! The work grows with the length of the text and with nothing else.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::email::{EmailAddress, EmailProblem};
use crate::person_name::PersonName;

mod entry;
mod split;
mod suggest;

use entry::Reading;
use suggest::Suggestions;

/// An address to invite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recognised {
    /// From 1.
    pub line: u32,
    pub address: EmailAddress,
    /// The name that stood beside it, as written: "Carlton, Jane".
    pub name: Option<String>,
    /// A whole address that may have been meant, when the domain is very near to a well-known one.
    pub suggestion: Option<String>,
}

impl Recognised {
    /// First and last name, when the name is one: "Carlton, Jane (Hollybrook)" is Jane, Carlton.
    pub fn first_and_last(&self) -> Option<(PersonName, PersonName)> {
        let name = self.name.as_deref()?;
        let name = name.split(['(', '[']).next()?.trim();
        let (first, last) = match name.split_once(',') {
            Some((last, first)) => (first, last),
            None => name.split_once(char::is_whitespace)?,
        };
        Some((
            PersonName::parse(first).ok()?,
            PersonName::parse(last).ok()?,
        ))
    }
}

/// An address that was there before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repeated {
    pub line: u32,
    pub address: EmailAddress,
}

/// Something that is not an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineProblem {
    pub line: u32,
    /// What was entered, cut after [`EmailList::MAX_TEXT`] characters.
    pub text: String,
    /// Where it is in the input, in bytes.
    pub start: u32,
    pub end: u32,
    /// The same in UTF-16 code units, in which a browser counts.
    pub utf16_start: u32,
    pub utf16_end: u32,
    pub reason: EmailProblem,
    /// A whole address that may have been meant.
    pub suggestion: Option<String>,
}

/// What was found in a pasted list, each part in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmailList {
    pub recognised: Vec<Recognised>,
    pub repeated: Vec<Repeated>,
    pub problems: Vec<LineProblem>,
    /// Entries after the first [`EmailList::MAX_ENTRIES`], which were counted and not read.
    pub unread: u32,
}

impl EmailList {
    /// Ten times the largest list that anybody may send; a larger one is a mistake, and only counted.
    pub const MAX_ENTRIES: u32 = 100_000;
    /// The most characters that are kept of something that is not an address.
    pub const MAX_TEXT: usize = 500;

    /// Reads a list, with suggestions from the well-known domains.
    pub fn parse(input: &str) -> Self {
        Self::parse_with(input, &[])
    }

    /// Reads a list, with suggestions also from an organisation's own domains: `nhs.net`, `*.nhs.uk`.
    pub fn parse_with(input: &str, known_domains: &[String]) -> Self {
        let mut list = Self::default();
        let mut suggestions = Suggestions::new(known_domains);
        let mut seen: HashSet<String> = HashSet::new();
        let mut positions = Positions::new(input);
        split::entries(input, &mut |entry| {
            if list.entered() >= Self::MAX_ENTRIES {
                list.unread = list
                    .unread
                    .saturating_add(u32::from(entry::is_substantial(entry.text)));
                return;
            }
            match entry::read(entry.text, entry.column_name, &mut suggestions) {
                Reading::Nothing => {}
                Reading::Address { address, .. } if seen.contains(address.key()) => {
                    list.repeated.push(Repeated {
                        line: entry.line,
                        address,
                    });
                }
                Reading::Address { address, name } => {
                    seen.insert(address.key().to_owned());
                    let suggestion = suggestions.for_address(&address);
                    list.recognised.push(Recognised {
                        line: entry.line,
                        address,
                        name,
                        suggestion,
                    });
                }
                Reading::Problem { reason, suggestion } => {
                    let (start, utf16_start) = positions.at(entry.start);
                    let (end, utf16_end) = positions.at(entry.start + entry.text.len());
                    let text = entry.text.chars().take(Self::MAX_TEXT).collect();
                    list.problems.push(LineProblem {
                        line: entry.line,
                        text,
                        start,
                        end,
                        utf16_start,
                        utf16_end,
                        reason,
                        suggestion,
                    });
                }
            }
        });
        list
    }

    /// How many entries there were: the sum of the parts.
    pub fn entered(&self) -> u32 {
        let read = self.recognised.len() + self.repeated.len() + self.problems.len();
        crate::wording::count(read).saturating_add(self.unread)
    }

    /// Whether there was nothing at all.
    pub fn is_empty(&self) -> bool {
        self.entered() == 0
    }

    /// Recognised addresses whose domain is very near to a well-known one.
    pub fn looks_mistyped(&self) -> impl Iterator<Item = &Recognised> {
        self.recognised
            .iter()
            .filter(|recognised| recognised.suggestion.is_some())
    }

    /// The recognised addresses, one on each line: reading this again gives the same addresses.
    pub fn to_text(&self) -> String {
        self.recognised
            .iter()
            .map(|recognised| recognised.address.as_str())
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// Byte offsets and their UTF-16 counterparts, asked for in rising order.
struct Positions<'a> {
    input: &'a str,
    byte: usize,
    utf16: usize,
}

impl<'a> Positions<'a> {
    const fn new(input: &'a str) -> Self {
        Self {
            input,
            byte: 0,
            utf16: 0,
        }
    }

    fn at(&mut self, byte: usize) -> (u32, u32) {
        if let Some(between) = self.input.get(self.byte..byte) {
            self.utf16 += between.chars().map(char::len_utf16).sum::<usize>();
            self.byte = byte;
        }
        (
            crate::wording::count(self.byte),
            crate::wording::count(self.utf16),
        )
    }
}

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod tests;
