//! Activity of an organisation and of one person (J1, E10): what was recorded, for those who may see it,
//! on pages and as a file. Whoever sees people of some areas only sees what is about them.

use chrono::{DateTime, Utc};
use domain::{
    AuditEventKind, Permission,
    activity::{ActivityEvent, ActivityPage, ActivityPerson, ActivityQuery},
    area::{AreaNode, AreaTree},
    home::ActivityItem,
    id::UserId,
    invitation::EntryOutcome,
    listing::FilterOption,
    search::{exact_email, search_words},
    violation::Violations,
};
use serde_json::Value;
use store::{ActivityEventRow, ActivityPlace, ListReach, Tx};

use crate::{
    Access, Actor, Error, Reach, Result, Services,
    invitations::area_tree,
    users::{known_areas, list_reach, outermost},
};

mod export;
#[cfg(test)]
mod tests;

pub use export::ActivityExport;
pub(crate) use export::clock;

/// As many events are on a page.
const PER_PAGE: u32 = 50;
/// A name that fits more people than this is no filter.
const MOST_PEOPLE: usize = 50;

/// A question to the store, or what is wrong with it.
struct Wanted {
    query: store::ActivityQuery,
    violations: Violations,
    person: Option<ActivityPerson>,
    access: Access,
    reach: Reach,
}

impl Services {
    /// A page of the activity of an organisation, or of one of its people.
    ///
    /// # Errors
    /// [`Error::NotFound`] outside of the organisation, and for a person who is not there or out
    /// of the actor's reach (R65); [`Error::NotAllowed`] without the right.
    pub async fn activity_page(
        &self,
        actor: &Actor,
        slug: &str,
        user: Option<UserId>,
        query: &ActivityQuery,
    ) -> Result<ActivityPage> {
        let mut tx = self.store.read().await?;
        let mut wanted = self.wanted(&mut tx, actor, slug, user, query).await?;
        let mut events = Vec::new();
        let (mut newer, mut older) = (false, false);
        if wanted.violations.is_empty() {
            let most = PER_PAGE as usize;
            wanted.query.limit = PER_PAGE + 1;
            let mut rows = tx.activity(&wanted.query).await?;
            let more = rows.len() > most;
            match wanted.query.place {
                ActivityPlace::After(_) if more => {
                    // The extra one is the newest.
                    rows.remove(0);
                    (newer, older) = (true, true);
                }
                ActivityPlace::After(_) => {
                    // The first page is always full.
                    wanted.query.place = ActivityPlace::Newest;
                    rows = tx.activity(&wanted.query).await?;
                    older = rows.len() > most;
                }
                place => {
                    newer = matches!(place, ActivityPlace::Before(_));
                    older = more;
                }
            }
            rows.truncate(most);
            let whole = wanted.reach == Reach::Whole;
            events = rows
                .into_iter()
                .filter_map(|row| event(row, whole))
                .collect();
            for event in &mut events {
                let offered = match event.undo.parse() {
                    Ok(change) => {
                        self.offers_undo(&mut tx, &wanted.access, actor, change)
                            .await?
                    }
                    Err(_) => false,
                };
                if !offered {
                    event.undo.clear();
                }
            }
        }
        let limits = outermost(&wanted.access, &wanted.reach).unwrap_or_default();
        let tree = area_tree(&wanted.access.areas);
        let areas = match user {
            None => areas(query, &tree, &wanted.reach),
            Some(_) => Vec::new(),
        };
        Ok(ActivityPage {
            events,
            newer,
            older,
            person: wanted.person,
            limited_to: tree.labels(&limits),
            areas,
            area_label: wanted.access.organisation.policy.area_label.clone(),
            violations: wanted.violations,
        })
    }

    /// The newest events about somebody, for whoever may see them; the caller knows that.
    pub(crate) async fn newest_about(
        &self,
        tx: &mut Tx,
        access: &Access,
        user: UserId,
        most: u32,
    ) -> Result<Vec<ActivityItem>> {
        let rows = tx
            .activity(&store::ActivityQuery {
                organisation: access.organisation_id(),
                reach: ListReach::Whole,
                subjects: Some(vec![user]),
                actors: None,
                kinds: None,
                from: None,
                to: None,
                place: ActivityPlace::Newest,
                limit: most,
            })
            .await?;
        let events = rows.into_iter().filter_map(|row| event(row, false));
        Ok(events.map(|event| event.item).collect())
    }

    async fn wanted(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        slug: &str,
        user: Option<UserId>,
        query: &ActivityQuery,
    ) -> Result<Wanted> {
        let access = self.access(tx, actor, slug).await?;
        let reach = access.require(Permission::ActivityView)?;
        let mut violations = query.violations();
        let person = match user {
            Some(user) => Some(seen(tx, &access, &reach, user).await?),
            None => None,
        };
        let subjects = match &person {
            Some(person) => Some(vec![person.id]),
            None => people(tx, &access, &query.person, "person", &mut violations).await?,
        };
        let actors = people(tx, &access, &query.by, "by", &mut violations).await?;
        let (from, to) = query.moments();
        let within = match user {
            None => known_areas(&query.area, &access, &reach),
            Some(_) => Vec::new(),
        };
        let asked = store::ActivityQuery {
            organisation: access.organisation_id(),
            // Events hold names of areas, not areas: what is asked for is what happened to the people in them.
            reach: if within.is_empty() {
                list_reach(&access, &reach)
            } else {
                ListReach::Areas(within)
            },
            subjects,
            actors,
            kinds: (!query.types.is_empty()).then(|| AuditEventKind::about_any(&query.types)),
            from,
            to,
            place: match (query.before, query.after) {
                (Some(before), _) => ActivityPlace::Before(before),
                (None, Some(after)) => ActivityPlace::After(after),
                (None, None) => ActivityPlace::Newest,
            },
            limit: PER_PAGE,
        };
        Ok(Wanted {
            query: asked,
            violations,
            person,
            access,
            reach,
        })
    }
}

/// The areas within reach, those that are closed only while they are selected.
fn areas(query: &ActivityQuery, tree: &AreaTree, reach: &Reach) -> Vec<FilterOption> {
    let option = |node: &AreaNode| {
        let value = node.area.id.to_string();
        let selected = query.area.contains(&value);
        let shown = reach.covers(Some(node.area.id)) && (selected || !node.area.closed);
        shown.then(|| FilterOption {
            value,
            label: node.label(),
            count: None,
            selected,
            depth: node.depth,
        })
    };
    tree.nodes().iter().filter_map(option).collect()
}

/// A member within reach.
async fn seen(tx: &mut Tx, access: &Access, reach: &Reach, user: UserId) -> Result<ActivityPerson> {
    let organisation = access.organisation_id();
    let person = tx.user(user).await?.ok_or(Error::NotFound)?;
    let membership = tx
        .membership_of(organisation, user)
        .await?
        .ok_or(Error::NotFound)?;
    let within = reach.covers(None)
        || tx
            .assignments_of(organisation, membership.id)
            .await?
            .iter()
            .any(|row| reach.covers(row.area_id));
    if !within {
        return Err(Error::NotFound);
    }
    Ok(ActivityPerson {
        id: user,
        name: person.name(),
        email: person.email,
    })
}

/// The members whom a typed name or address means; nothing when none was typed.
async fn people(
    tx: &mut Tx,
    access: &Access,
    typed: &str,
    field: &str,
    violations: &mut Violations,
) -> Result<Option<Vec<UserId>>> {
    if typed.is_empty() {
        return Ok(None);
    }
    let organisation = access.organisation_id();
    if let Some(key) = exact_email(typed)
        && let Some(user) = tx.user_by_email_key(&key).await?
        && tx.membership_of(organisation, user.id).await?.is_some()
    {
        return Ok(Some(vec![user.id]));
    }
    let words = search_words(typed);
    if words.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let most = i64::try_from(MOST_PEOPLE + 1).unwrap_or(i64::MAX);
    let found = tx.people_with_words(organisation, &words, most).await?;
    if found.len() > MOST_PEOPLE {
        violations.add(field, "person.too_many");
    }
    Ok(Some(found))
}

/// An event as people are told of it; nothing for a kind that is not known to this version. Only what is
/// named here leaves the database, whatever else was recorded. Areas may be others than those of the actor.
fn event(row: ActivityEventRow, with_areas: bool) -> Option<ActivityEvent> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let areas = row.details.get("areas").and_then(Value::as_array);
    Some(ActivityEvent {
        sequence: row.sequence,
        areas: areas
            .filter(|_| with_areas)
            .into_iter()
            .flatten()
            .map(text)
            .filter(|area| !area.is_empty())
            .collect(),
        reason: row
            .details
            .get("reason_given")
            .map(text)
            .unwrap_or_default(),
        undo: row.details.get("change").map(text).unwrap_or_default(),
        item: item(
            &row.kind,
            row.actor_name,
            row.subject_name,
            &row.details,
            row.at,
        )?,
    })
}

/// An event in short, when its kind is known to this version.
pub(crate) fn item(
    kind: &str,
    actor: String,
    subject: String,
    details: &Value,
    at: DateTime<Utc>,
) -> Option<ActivityItem> {
    let role = details.get("role").and_then(Value::as_str);
    let rows = details.get("rows").and_then(Value::as_u64);
    Some(ActivityItem {
        kind: AuditEventKind::parse(kind)?,
        actor,
        subject,
        role: role.unwrap_or_default().to_owned(),
        count: u32::try_from(rows.unwrap_or_else(|| sent(details))).unwrap_or(u32::MAX),
        at,
    })
}

/// For how many people a batch did what was asked: its outcomes are pairs of a word and a number.
fn sent(details: &Value) -> u64 {
    let outcomes = details.get("outcomes").and_then(Value::as_array);
    outcomes
        .into_iter()
        .flatten()
        .filter_map(|pair| Some((pair.get(0)?.as_str()?, pair.get(1)?.as_u64()?)))
        .filter(|(outcome, _)| EntryOutcome::parse(outcome).is_some_and(EntryOutcome::is_done))
        .map(|(_, count)| count)
        .sum()
}
