//! Help and the small print: texts with a version, an approver and a date (A20). The texts stay on the server, so
//! that the browser's program is not larger for them.

#[cfg(feature = "ssr")]
pub(crate) mod documents;

use crate::components::loaded::Loaded;
use crate::components::{Column, Link, Page, Table, Text, kebab};
use crate::reading::reading;
use crate::server_fns::information::ReadDocument;
use domain::terms::{TermsBlock, TermsDocument};
use domain::wording::day;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use serde::{Deserialize, Serialize};

/// A text of the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub title: String,
    pub version: String,
    pub approved_by: String,
    /// "22 November 2026"
    pub approved_on: String,
    /// Whether it is a part of the help.
    pub is_topic: bool,
    /// Whether a list of the headings helps.
    pub contents: bool,
    pub blocks: Vec<Block>,
}

/// A piece of a text. Words may hold links: `[contact us](/contact)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    Heading(String),
    Paragraph(String),
    List(Vec<String>),
    /// The first row is the head; the first column names the row.
    Table(Vec<Vec<String>>),
}

impl From<TermsBlock> for Block {
    fn from(block: TermsBlock) -> Self {
        match block {
            TermsBlock::Heading(words) => Self::Heading(words),
            TermsBlock::Paragraph(words) => Self::Paragraph(words),
            TermsBlock::List(items) => Self::List(items),
        }
    }
}

impl From<TermsDocument> for Document {
    fn from(terms: TermsDocument) -> Self {
        let blocks = terms.blocks().into_iter().map(Block::from).collect();
        Self {
            title: terms.title,
            version: terms.version,
            approved_by: terms.approved_by,
            approved_on: day(terms.approved_on),
            is_topic: false,
            contents: false,
            blocks,
        }
    }
}

/// The page of a text: `name` is its address without the slash, or the first part of it, to which the topic
/// comes.
#[component]
pub fn InformationPage(name: &'static str) -> impl IntoView {
    let params = use_params_map();
    let document = reading(move || ReadDocument {
        name: params.with(|params| [name, &params.get("topic").unwrap_or_default()].concat()),
    });
    view! { <Loaded resource=document view=page/> }
}

fn page(document: Document) -> AnyView {
    let approval = [
        "Version ",
        &document.version,
        ". Approved by the ",
        &document.approved_by,
        " on ",
        &document.approved_on,
        ".",
    ]
    .concat();
    let contents = document.contents.then(|| contents(&document.blocks));
    let help = document.is_topic.then(|| Link::new("Help", "/help"));
    let breadcrumb = help.into_iter().collect();
    view! {
        <Page title=document.title breadcrumb>
            {contents}
            <Prose blocks=document.blocks/>
            <p class="app-secondary">{lower_approver(approval)}</p>
        </Page>
    }
    .into_any()
}

/// "Approved by the head of information governance": roles are words like others.
fn lower_approver(approval: String) -> String {
    match approval.split_once("by the ") {
        Some((before, after)) => {
            [before, "by the ", &domain::unicode::uncapitalised(after)].concat()
        }
        None => approval,
    }
}

/// The headings, each a link to its place.
fn contents(blocks: &[Block]) -> AnyView {
    let items: Vec<AnyView> = blocks
        .iter()
        .filter_map(|block| match block {
            Block::Heading(words) => {
                let href = ["#", &heading_id(words)].concat();
                Some(view! { <li><a href=href>{words.clone()}</a></li> }.into_any())
            }
            _ => None,
        })
        .collect();
    view! {
        <nav aria-label="On this page">
            <ul class="nhsuk-list">{items}</ul>
        </nav>
    }
    .into_any()
}

/// "I have not had a code" has the address `#i-have-not-had-a-code`.
fn heading_id(words: &str) -> String {
    let words: String = domain::unicode::lowercase(words)
        .chars()
        .filter(|letter| letter.is_alphanumeric() || *letter == ' ')
        .collect();
    kebab(&words.split_whitespace().collect::<Vec<_>>().join("_"))
}

/// A text as paragraphs, headings, lists and tables. Also for terms of use: their blocks become [`Block`]s.
#[component]
pub fn Prose(blocks: Vec<Block>) -> impl IntoView {
    blocks.into_iter().map(block).collect::<Vec<AnyView>>()
}

fn block(block: Block) -> AnyView {
    match block {
        Block::Heading(words) => {
            let id = heading_id(next_link(&words).map_or(&*words, |(_, text, _, _)| text));
            view! { <h2 class="nhsuk-heading-m" id=id>{linked(&words)}</h2> }.into_any()
        }
        Block::Paragraph(words) => view! { <p>{linked(&words)}</p> }.into_any(),
        Block::List(items) => {
            let items: Vec<AnyView> = items
                .iter()
                .map(|item| view! { <li>{linked(item)}</li> }.into_any())
                .collect();
            view! { <ul class="nhsuk-list nhsuk-list--bullet">{items}</ul> }.into_any()
        }
        Block::Table(rows) => {
            let mut rows = rows.into_iter();
            let columns = rows
                .next()
                .unwrap_or_default()
                .into_iter()
                .map(Column::new)
                .collect();
            let rows = rows
                .map(|cells| cells.into_iter().map(Text::from).collect())
                .collect();
            view! { <Table caption="" columns rows responsive=true/> }.into_any()
        }
    }
}

/// Words with their links.
fn linked(words: &str) -> Vec<AnyView> {
    let mut views: Vec<AnyView> = Vec::new();
    let mut rest = words;
    while let Some((before, text, href, after)) = next_link(rest) {
        views.push(before.to_owned().into_any());
        let (text, href) = (text.to_owned(), href.to_owned());
        views.push(view! { <a href=href>{text}</a> }.into_any());
        rest = after;
    }
    views.push(rest.to_owned().into_any());
    views
}

/// What is before the next link, its words, its address, and what is after it. Only addresses of this service.
fn next_link(text: &str) -> Option<(&str, &str, &str, &str)> {
    let (before, inside) = text.split_once('[')?;
    let (words, inside) = inside.split_once("](/")?;
    let end = inside.find(')')?;
    let start = text.len() - inside.len() - 1;
    let href = text.get(start..=start + end)?;
    Some((before, words, href, inside.get(end + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_in_words() {
        let found = next_link("Go to the [sign in page](/sign-in), then.");
        assert_eq!(
            found,
            Some(("Go to the ", "sign in page", "/sign-in", ", then."))
        );
        assert_eq!(next_link("No [link](https://elsewhere.example) here"), None);
        assert_eq!(next_link("Plain words"), None);
    }

    #[test]
    fn a_heading_has_an_address() {
        assert_eq!(heading_id("“Try again later”"), "try-again-later");
        assert_eq!(heading_id("I have not had a code"), "i-have-not-had-a-code");
    }

    #[test]
    fn an_approver_is_a_role_in_a_sentence() {
        assert_eq!(
            lower_approver(
                "Approved by the Head of information governance on 1 May 2026.".to_owned()
            ),
            "Approved by the head of information governance on 1 May 2026."
        );
    }
}
