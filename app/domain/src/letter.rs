//! An email as its words, before it becomes text and HTML: the one source of the message that is sent and of
//! the preview on a page, so that they never differ (V12, ux 6.3).

use serde::{Deserialize, Serialize};

/// A message in parts, in the order in which it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Names the service and the organisation, never a person.
    pub subject: String,
    pub parts: Vec<Part>,
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    Paragraph(String),
    Heading(String),
    /// A list of short phrases.
    List(Vec<String>),
    /// Somebody's own words, plain text with line ends, never to be taken for the service's.
    Quote(String),
    /// The one action: the words on the link. Where it goes is known when the message is sent.
    Action(String),
}

impl Letter {
    /// A message with this subject.
    pub fn new(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            parts: Vec::new(),
        }
    }

    pub fn paragraph(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Paragraph(text.into()));
        self
    }

    pub fn heading(mut self, text: impl Into<String>) -> Self {
        self.parts.push(Part::Heading(text.into()));
        self
    }

    /// A list; nothing when it is empty.
    pub fn list(mut self, items: Vec<String>) -> Self {
        if !items.is_empty() {
            self.parts.push(Part::List(items));
        }
        self
    }

    /// Somebody's own words; nothing when there are none.
    pub fn quote(mut self, text: &str) -> Self {
        if !text.is_empty() {
            self.parts.push(Part::Quote(text.to_owned()));
        }
        self
    }

    pub fn action(mut self, words: impl Into<String>) -> Self {
        self.parts.push(Part::Action(words.into()));
        self
    }

    /// The letter, with another part under a condition.
    pub fn when(self, condition: bool, more: impl FnOnce(Self) -> Self) -> Self {
        if condition { more(self) } else { self }
    }

    /// As plain text, with `link` under the words of the action.
    pub fn text(&self, link: &str) -> String {
        let mut text = String::new();
        for part in &self.parts {
            if !text.is_empty() {
                text.push('\n');
            }
            match part {
                Part::Paragraph(words) => push_line(&mut text, "", words),
                Part::Heading(words) => push_line(&mut text, "# ", words),
                Part::List(items) => {
                    for item in items {
                        push_line(&mut text, "* ", item);
                    }
                }
                Part::Quote(words) => {
                    for line in words.split('\n') {
                        push_line(&mut text, "> ", line);
                    }
                }
                Part::Action(words) => {
                    push_line(&mut text, "", &format!("{words}:"));
                    push_line(&mut text, "", link);
                }
            }
        }
        text
    }
}

fn push_line(text: &mut String, before: &str, words: &str) {
    text.push_str(before);
    text.push_str(words);
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_reads_as_plain_text() {
        let letter = Letter::new("You are invited")
            .paragraph("Sam has invited you.")
            .quote("Welcome!\nSee you soon.")
            .quote("")
            .heading("What you can do")
            .list(vec!["view records".into(), "create reports".into()])
            .list(Vec::new())
            .when(false, |letter| letter.paragraph("never"))
            .action("Accept invitation");
        assert_eq!(
            letter.text("https://lanyard.example/invitations/inv_x"),
            "Sam has invited you.\n\n> Welcome!\n> See you soon.\n\n# What you can do\n\n* view records\n\
             * create reports\n\nAccept invitation:\nhttps://lanyard.example/invitations/inv_x\n"
        );
    }
}
