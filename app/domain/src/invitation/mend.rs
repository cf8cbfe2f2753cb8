//! Mending a list before anything is sent: the good addresses are never lost because of the others (R98).

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::email::EmailAddress;
use crate::email_list::EmailList;
use crate::keyed::keyed_enum;
use crate::violation::Violations;

/// A line on the page of problems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemLine {
    /// From 1; in the names of the inputs: `fix_3`, `choice_3`.
    pub number: u32,
    /// The line of the pasted list.
    pub line: u32,
    pub text: String,
    /// A code: `email_line.no_at` and so on, or `email_line.mistyped` for an address that could be meant.
    pub reason: String,
    pub suggestion: Option<String>,
    /// Whether the text is an address as it stands.
    pub is_address: bool,
}

impl ProblemLine {
    /// Tells one text from another, so that an answer is never taken for that of another list.
    pub fn mark(&self) -> String {
        // FNV-1a: short, the same everywhere, and no secret.
        let mark = self
            .text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |mark, byte| {
                (mark ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        format!("{mark:016x}")
    }
}

/// What the page of problems asks about, in the order of the list: what is not an address, and what looks
/// mistyped.
pub fn problem_lines(list: &EmailList) -> Vec<ProblemLine> {
    let problems = list.problems.iter().map(|problem| ProblemLine {
        number: 0,
        line: problem.line,
        text: problem.text.clone(),
        reason: problem.reason.reason().to_owned(),
        suggestion: problem.suggestion.clone(),
        is_address: false,
    });
    let mistyped = list.looks_mistyped().map(|recognised| ProblemLine {
        number: 0,
        line: recognised.line,
        text: recognised.address.as_str().to_owned(),
        reason: "email_line.mistyped".to_owned(),
        suggestion: recognised.suggestion.clone(),
        is_address: true,
    });
    let mut lines: Vec<ProblemLine> = problems.chain(mistyped).collect();
    lines.sort_by_key(|line| line.line);
    for (number, line) in (1..).zip(&mut lines) {
        line.number = number;
    }
    lines
}

keyed_enum! {
    /// What to do about a line.
    pub enum FixChoice {
        /// Use what is in the box; for an address, use it as it stands.
        Keep = "keep",
        /// Use the suggestion.
        Suggestion = "suggestion",
        /// Do not invite.
        Skip = "skip",
    }
}

/// The answer about a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemFix {
    pub number: u32,
    pub choice: FixChoice,
    /// What is in the box.
    pub text: String,
}

/// The page of problems as it is posted: `asked_3` says that line 3 was on the page, `fix_3` is the text of a
/// line, `choice_3` is `keep`, `suggestion` or `skip`, and `skip_3` with any value is the same as
/// `choice_3=skip`. Other names are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemsForm {
    pub answers: BTreeMap<String, String>,
}

/// Somebody to invite.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitee {
    pub line: u32,
    pub address: EmailAddress,
    pub name: Option<String>,
}

/// A list without problems. Its parts add up to what was entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mended {
    pub invitees: Vec<Invitee>,
    /// Lines that are not to be invited.
    pub skipped: Vec<ProblemLine>,
    /// Addresses that were there before.
    pub repeated: Vec<Invitee>,
}

impl ProblemsForm {
    /// The lines that were on the page: `asked_3` carries the mark of the line's text. Answers about a text
    /// that is not in this list are not answers.
    pub fn asked(&self, lines: &[ProblemLine]) -> Vec<u32> {
        let asked = |line: &&ProblemLine| {
            let mark = self.answers.get(&format!("asked_{}", line.number));
            mark.is_some_and(|mark| *mark == line.mark())
        };
        lines.iter().filter(asked).map(|line| line.number).collect()
    }

    /// Whether the lines that were not on the page are not to be invited.
    pub fn skips_the_rest(&self) -> bool {
        self.answers.contains_key("skip_rest")
    }

    /// The answers, one for each line that has one.
    pub fn fixes(&self, lines: &[ProblemLine]) -> Vec<ProblemFix> {
        let answer = |name: &str, number: u32| self.answers.get(&format!("{name}_{number}"));
        let fix = |line: &ProblemLine| {
            let number = line.number;
            let text = answer("fix", number);
            let choice = match answer("choice", number)
                .and_then(|choice| FixChoice::parse(choice.trim()))
            {
                _ if answer("skip", number).is_some() => FixChoice::Skip,
                Some(choice) => choice,
                // Beside a suggestion the text is one of several answers: as long as it is what it was,
                // nothing was chosen.
                None if text
                    .is_some_and(|text| line.suggestion.is_none() || text.trim() != line.text) =>
                {
                    FixChoice::Keep
                }
                None => return None,
            };
            Some(ProblemFix {
                number,
                choice,
                text: text.unwrap_or(&line.text).trim().to_owned(),
            })
        };
        lines.iter().filter_map(fix).collect()
    }

    /// The fixes, when with them every line is settled. Codes, with the number of the line: `email_line.format`
    /// for a text that still is no address, `email_line.choose` for a line without an answer.
    pub fn validate(&self, list: &EmailList) -> Result<Vec<ProblemFix>, Violations> {
        let fixes = self.fixes(&problem_lines(list));
        Mended::new(list, &fixes).map(|_| fixes)
    }
}

impl Mended {
    /// The list with its fixes. Fails as long as there is a line that nothing was said about, or whose new text
    /// is no address either.
    pub fn new(list: &EmailList, fixes: &[ProblemFix]) -> Result<Self, Violations> {
        let answers: BTreeMap<u32, &ProblemFix> =
            fixes.iter().map(|fix| (fix.number, fix)).collect();
        let lines = problem_lines(list);
        let mut violations = Violations::new();
        let mut mended = Self::default();
        mended
            .repeated
            .extend(list.repeated.iter().map(|repeated| Invitee {
                line: repeated.line,
                address: repeated.address.clone(),
                name: None,
            }));
        let mut candidates: Vec<Invitee> = Vec::new();
        let mut names: BTreeMap<&str, Option<&String>> = BTreeMap::new();
        for recognised in &list.recognised {
            names.insert(recognised.address.key(), recognised.name.as_ref());
            if recognised.suggestion.is_none() {
                let (line, address) = (recognised.line, recognised.address.clone());
                candidates.push(Invitee {
                    line,
                    address,
                    name: recognised.name.clone(),
                });
            }
        }
        for line in lines {
            let answer = answers.get(&line.number);
            let text = match answer.map(|fix| fix.choice) {
                Some(FixChoice::Skip) => {
                    mended.skipped.push(line);
                    continue;
                }
                Some(FixChoice::Suggestion) => line.suggestion.as_deref(),
                Some(FixChoice::Keep) if line.is_address => Some(line.text.as_str()),
                Some(FixChoice::Keep) => answer.map(|fix| fix.text.as_str()),
                None => None,
            };
            let field = format!("fix_{}", line.number);
            let params = vec![crate::wording::number(line.line.into())];
            match text.map(one_address) {
                Some(Some(address)) => {
                    let name = names
                        .get(line.text.to_ascii_lowercase().as_str())
                        .copied()
                        .flatten()
                        .cloned();
                    candidates.push(Invitee {
                        line: line.line,
                        address,
                        name,
                    });
                }
                Some(None) => violations.add_with(field, "email_line.format", params),
                None => violations.add_with(field, "email_line.choose", params),
            }
        }
        candidates.sort_by_key(|candidate| candidate.line);
        let mut seen: HashSet<String> = HashSet::new();
        for candidate in candidates {
            if seen.insert(candidate.address.key().to_owned()) {
                mended.invitees.push(candidate);
            } else {
                mended.repeated.push(candidate);
            }
        }
        violations.into_result(mended)
    }

    /// How many entries there were: what [`EmailList::entered`] said.
    pub fn entered(&self) -> u32 {
        crate::wording::count(self.invitees.len() + self.skipped.len() + self.repeated.len())
    }
}

/// The one address that somebody typed into a box, pasted with whatever is around it.
fn one_address(text: &str) -> Option<EmailAddress> {
    let mut list = EmailList::parse(text);
    match (list.entered(), list.recognised.pop()) {
        (1, Some(recognised)) => Some(recognised.address),
        _ => None,
    }
}
