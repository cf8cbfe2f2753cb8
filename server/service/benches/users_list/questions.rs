//! What people ask of the list, as it stands in the address bar.

use domain::{ShownStatus, id::AreaId};

use crate::people::{People, SOMEBODY};

/// Who asks.
#[derive(Clone, Debug)]
pub enum Who {
    /// Somebody who sees everybody.
    Administrator,
    /// Somebody who sees whoever has a role in these areas.
    Manager(Vec<AreaId>),
}

impl Who {
    pub fn email(&self) -> String {
        match self {
            Self::Administrator => "sam.okoro@bench.nhs.net".to_owned(),
            Self::Manager(areas) => {
                let areas: Vec<String> = areas.iter().map(ToString::to_string).collect();
                format!("m{}@bench.nhs.net", areas.join("."))
            }
        }
    }
}

/// One question.
pub struct Question {
    pub who: Who,
    pub what: String,
    pub query: String,
}

struct List(Vec<Question>);

impl List {
    fn ask(&mut self, what: &str, query: impl Into<String>) {
        self.of(&Who::Administrator, what, query);
    }

    fn of(&mut self, who: &Who, what: &str, query: impl Into<String>) {
        self.0.push(Question {
            who: who.clone(),
            what: what.to_owned(),
            query: query.into(),
        });
    }
}

const TYPED: [&str; 19] = [
    "j",
    "n",
    "z",
    "s",
    "x",
    "ja",
    "car",
    "smi",
    "nhs",
    "jan",
    "j s",
    "x z",
    "ja smi",
    "jane carl",
    "o'n",
    "sian eva",
    "zzzz",
    "jane zzzz",
    "jane.carlton5",
];

pub fn questions(people: &People, most: usize) -> Vec<Question> {
    let mut list = List(Vec::new());
    // People in the middle of the list are on page `deep`.
    let deep = most * 47 / 100 / 25;
    list.ask("first page", "");
    list.ask("deep page, near the middle", format!("page={deep}"));
    list.ask("last pages", format!("page={}", deep * 9 / 5));
    list.ask("page of 100", "per-page=100");
    for text in TYPED {
        let q = text.replace(' ', "+").replace('\'', "%27");
        list.ask(&format!("search {text:?}"), format!("q={q}"));
        if ["j", "smi", "nhs", "j s"].contains(&text) {
            let (inactive, seen) = ("status=inactive", "sort=last-sign-in");
            list.ask(
                &format!("search {text:?}, Inactive"),
                format!("q={q}&{inactive}"),
            );
            list.ask(
                &format!("search {text:?}, newest sign-in"),
                format!("q={q}&{seen}"),
            );
        }
    }
    list.ask("exact email", format!("q={SOMEBODY}"));
    statuses(&mut list);
    filters(&mut list, people);
    roles(&mut list, deep);
    areas(&mut list, people);
    managers(&mut list, people);
    for sort in ["last-sign-in", "invited"] {
        for direction in ["asc", "desc"] {
            let query = format!("sort={sort}&dir={direction}");
            list.ask(&format!("sort {sort} {direction}"), query.as_str());
            list.ask(
                &format!("sort {sort} {direction}, deep page"),
                format!("{query}&page={deep}"),
            );
            list.ask(
                &format!("sort {sort} {direction}, page 40"),
                format!("{query}&page=40"),
            );
        }
    }
    list.0
}

fn statuses(list: &mut List) {
    for status in ShownStatus::ALL {
        let query = format!("status={status}");
        list.ask(&format!("status {status}"), query.as_str());
        list.ask(
            &format!("status {status}, newest sign-in"),
            format!("{query}&sort=last-sign-in"),
        );
    }
    list.ask("every status", "status=all");
}

/// By dates, second factors and clinicians, each alone and with what narrows it most.
fn filters(list: &mut List, people: &People) {
    let (areas, inner) = (&people.areas, &people.inner);
    for filter in [
        "last-sign-in=never",
        "last-sign-in=30",
        "last-sign-in=60",
        "last-sign-in=90",
        "last-sign-in=never&last-sign-in=90",
        "access-ends=week",
        "access-ends=month",
        "codes=on",
        "codes=off",
        "clinician=yes",
        "codes=off&last-sign-in=60",
        "codes=off&clinician=yes&last-sign-in=never&access-ends=month",
    ] {
        let mut more = vec![
            ("alone", String::new()),
            ("Active", "status=active".to_owned()),
            ("Expired", "status=expired".to_owned()),
            ("every status, page 9", "status=all&page=9".to_owned()),
            ("newest sign-in", "sort=last-sign-in".to_owned()),
            ("oldest sign-in", "sort=last-sign-in&dir=asc".to_owned()),
            (
                "newest invited, Active",
                "sort=invited&status=active".to_owned(),
            ),
            ("search \"ja\"", "q=ja".to_owned()),
            ("search \"j s\", Active", "q=j+s&status=active".to_owned()),
            ("role manager", "role=manager".to_owned()),
            (
                "role contributor, Active",
                "role=contributor&status=active".to_owned(),
            ),
        ];
        for (what, area) in [
            ("large area, Active", areas[0]),
            ("middle area, Active", areas[4]),
            ("small area, Active", areas[7]),
            ("inner area, Active", inner[0]),
        ] {
            more.push((what, format!("area={area}&status=active")));
        }
        for (what, more) in more {
            list.ask(
                &format!("filter {filter}, {what}"),
                format!("{filter}&{more}"),
            );
        }
        for (name, within) in [
            ("a large area", vec![areas[0]]),
            ("a middle area", vec![areas[4]]),
            ("a small area", vec![areas[7]]),
            ("two large areas", areas[0..2].to_vec()),
            ("every area", areas.clone()),
        ] {
            let who = Who::Manager(within);
            for (what, more) in [
                ("alone", ""),
                ("Active", "status=active"),
                ("search \"ja\"", "q=ja"),
            ] {
                list.of(
                    &who,
                    &format!("filter {filter}, manager of {name}, {what}"),
                    format!("{filter}&{more}"),
                );
            }
        }
    }
}

fn roles(list: &mut List, deep: usize) {
    for role in ["administrator", "manager", "contributor", "viewer", "none"] {
        let query = format!("role={role}");
        list.ask(&format!("role {role}"), query.as_str());
        list.ask(
            &format!("role {role}, Expired"),
            format!("{query}&status=expired"),
        );
        list.ask(
            &format!("role {role}, newest invited, page 40"),
            format!("{query}&sort=invited&page=40"),
        );
        list.ask(
            &format!("role {role}, search \"ja\""),
            format!("{query}&q=ja"),
        );
    }
    list.ask(
        "role contributor, deep page",
        format!("role=contributor&page={}", deep / 2),
    );
    list.ask("two roles", "role=contributor&role=manager");
    list.ask("no role or manager", "role=none&role=manager");
}

fn areas(list: &mut List, people: &People) {
    for (index, area) in [people.areas[0], people.areas[7], people.inner[0]]
        .into_iter()
        .enumerate()
    {
        let query = format!("area={area}");
        let name = ["large", "small", "inner"][index];
        list.ask(&format!("area {name}"), query.as_str());
        for (what, more) in [
            ("role contributor", "role=contributor"),
            ("no role", "role=none"),
            ("search \"ja\"", "q=ja"),
            ("search \"j s\"", "q=j+s"),
            ("newest invited", "sort=invited"),
            ("newest sign-in, page 40", "sort=last-sign-in&page=40"),
            ("Expired", "status=expired"),
        ] {
            list.ask(&format!("area {name}, {what}"), format!("{query}&{more}"));
        }
    }
    let two = format!("area={}&area={}", people.areas[1], people.areas[2]);
    list.ask("two areas", two);
}

fn managers(list: &mut List, people: &People) {
    let (areas, inner) = (&people.areas, &people.inner);
    for (name, within) in [
        ("a large area", vec![areas[0]]),
        ("a small area", vec![areas[7]]),
        ("an inner area", vec![inner[0]]),
        ("two areas", areas[5..7].to_vec()),
        ("two large areas", areas[0..2].to_vec()),
        ("every area", areas.clone()),
    ] {
        let who = Who::Manager(within.clone());
        for (what, query) in [
            ("first page", String::new()),
            ("page 40", "page=40".to_owned()),
            ("search \"ja\"", "q=ja".to_owned()),
            ("search \"j s\"", "q=j+s".to_owned()),
            ("role contributor", "role=contributor".to_owned()),
            ("Expired", "status=expired".to_owned()),
            ("newest sign-in", "sort=last-sign-in".to_owned()),
            ("an area", format!("area={}", inner[0])),
        ] {
            list.of(&who, &format!("manager of {name}, {what}"), query);
        }
    }
}
