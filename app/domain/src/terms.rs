//! Terms of use: versioned documents that people agree to (B16, A20).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::id::TermsId;

/// One version of a terms document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsDocument {
    pub id: TermsId,
    pub title: String,
    pub version: String,
    pub approved_by: String,
    #[serde(with = "days")]
    pub approved_on: NaiveDate,
    /// Plain text: paragraphs separated by empty lines, `## ` before a heading, `- ` before items of a list.
    pub body: String,
}

/// `/account/terms`: terms that came out since the person agreed to others (B16).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTerms {
    /// The organisation that asks for it.
    pub organisation_name: String,
    pub document: TermsDocument,
}

/// A date on the wire: days since the year 1. Reading dates from text is more program than all of them.
mod days {
    use chrono::{Datelike, NaiveDate};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub(super) fn serialize<S: Serializer>(date: &NaiveDate, to: S) -> Result<S::Ok, S::Error> {
        date.num_days_from_ce().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveDate, D::Error> {
        let days = i32::deserialize(from)?;
        NaiveDate::from_num_days_from_ce_opt(days).ok_or_else(|| D::Error::custom("no date"))
    }
}

/// That a person agreed to one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsAcceptance {
    pub terms: TermsId,
    pub version: String,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub accepted_at: DateTime<Utc>,
}

/// A piece of a document, for the page to put into its own markup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TermsBlock {
    Heading(String),
    Paragraph(String),
    List(Vec<String>),
}

impl TermsDocument {
    /// The document in pieces. Text is only ever text: there is no markup that could get through.
    pub fn blocks(&self) -> Vec<TermsBlock> {
        let mut blocks = Vec::new();
        let mut ended = true;
        for line in self.body.lines().map(str::trim) {
            if line.is_empty() {
                ended = true;
            } else if let Some(heading) = line.strip_prefix("## ") {
                blocks.push(TermsBlock::Heading(heading.trim().to_owned()));
                ended = true;
            } else if let Some(item) = line.strip_prefix("- ") {
                match blocks.last_mut() {
                    Some(TermsBlock::List(items)) if !ended => items.push(item.trim().to_owned()),
                    _ => blocks.push(TermsBlock::List(vec![item.trim().to_owned()])),
                }
                ended = false;
            } else {
                match blocks.last_mut() {
                    Some(TermsBlock::Paragraph(text)) if !ended => {
                        text.push(' ');
                        text.push_str(line);
                    }
                    Some(TermsBlock::List(items)) if !ended => {
                        if let Some(item) = items.last_mut() {
                            item.push(' ');
                            item.push_str(line);
                        }
                    }
                    _ => blocks.push(TermsBlock::Paragraph(line.to_owned())),
                }
                ended = false;
            }
        }
        blocks
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_document_falls_into_headings_paragraphs_and_lists() {
        let document = TermsDocument {
            id: TermsId::from_uuid(Uuid::from_u128(1)),
            title: "Terms of use".into(),
            version: "1.0".into(),
            approved_by: "Sam Okoro".into(),
            approved_on: NaiveDate::from_ymd_opt(2026, 11, 21).unwrap(),
            body: "First line\nsecond line.\n\n## Your account\nYou must:\n\n- not share\n  it\n- <b>lock</b> it\n\n- x".into(),
        };
        assert_eq!(
            document.blocks(),
            [
                TermsBlock::Paragraph("First line second line.".into()),
                TermsBlock::Heading("Your account".into()),
                TermsBlock::Paragraph("You must:".into()),
                TermsBlock::List(vec!["not share it".into(), "<b>lock</b> it".into()]),
                TermsBlock::List(vec!["x".into()]),
            ]
        );
    }
}
