//! Activity of an organisation and of one person (J1, E10): what was recorded, for those who may see it,
//! on pages and as a file. Whoever sees people of some areas only sees what is about them.

use chrono::{DateTime, Utc};
use domain::{
    AuditEventKind, Permission,
    activity::{ActivityEvent, ActivityPage, ActivityPerson, ActivityQuery},
    area::{AreaNode, AreaTree},
    home::ActivityItem,
    id::{BulkJobId, UserId},
    listing::FilterOption,
    search::{exact_email, search_words},
    violation::Violations,
    wording,
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
pub(crate) mod words;

pub use export::ActivityExport;
pub(crate) use export::clock;
pub(crate) use words::Sees;

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
        let mut found = Vec::new();
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
            let sees = Sees::of(&wanted.access, &wanted.reach);
            found = rows
                .into_iter()
                .filter_map(|row| told(row, &sees))
                .collect();
        }
        let mut events = Vec::with_capacity(found.len());
        for told in found {
            events.push(
                self.with_ways_back(&mut tx, &wanted.access, actor, told)
                    .await?,
            );
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

    /// An event with the way back from it, as long as there is one (ux 6.5): from bulk work it is on the
    /// page of the work.
    async fn with_ways_back(
        &self,
        tx: &mut Tx,
        access: &Access,
        actor: &Actor,
        told: Told,
    ) -> Result<ActivityEvent> {
        let Told { mut event, job, .. } = told;
        if let Some(job) = job.filter(|_| !event.item.href.is_empty())
            && let Some(until) = self.bulk_undo_until(tx, access, job).await?
        {
            let until = wording::date_and_time(until);
            event.text = format!("You can undo all of it on its page until {until}.");
        }
        let offered = match event.undo.parse() {
            Ok(change) => self.offers_undo(tx, access, actor, change).await?,
            Err(_) => false,
        };
        if !offered {
            event.undo.clear();
            event.back.clear();
        }
        Ok(event)
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
        let reach = access.require(Permission::ActivityView)?;
        let sees = Sees::of(access, &reach);
        let events = rows.into_iter().filter_map(|row| told(row, &sees));
        Ok(events.map(|told| told.event.item).collect())
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

/// An event as people are told of it, for a page or for a file.
pub(crate) struct Told {
    pub event: ActivityEvent,
    /// Where: labels of areas.
    pub areas: Vec<String>,
    /// Why, in the words of whoever did it.
    pub reason: String,
    /// What was changed, where the title and the areas do not say it.
    pub changes: String,
    /// The bulk work that ended with it.
    pub job: Option<BulkJobId>,
}

/// An event in words; nothing for a kind that is not known to this version. Only what is named here leaves
/// the database, whatever else was recorded.
fn told(row: ActivityEventRow, sees: &Sees) -> Option<Told> {
    let change = row.details.get("change").and_then(Value::as_str);
    let undo = change.unwrap_or_default().to_owned();
    let kind = AuditEventKind::parse(&row.kind)?;
    let event = ActivityEvent {
        sequence: row.sequence,
        text: words::more(kind, &row.details, sees),
        back: if undo.is_empty() {
            String::new()
        } else {
            words::back(kind, &row.subject_name, &row.details, sees)
        },
        undo,
        item: item(
            kind,
            (row.actor_name, row.subject_name),
            &row.details,
            row.at,
            sees,
        ),
    };
    let areas = words::areas(kind, &row.details, sees);
    let mut changes = words::changes(kind, &row.details, sees);
    if changes == format!("{}.", areas.join(", ")) {
        changes.clear();
    }
    Some(Told {
        areas,
        reason: words::reason(kind, &row.details),
        job: row
            .details
            .get("job")
            .filter(|_| kind == AuditEventKind::BulkFinished)
            .and_then(|job| job.as_str()?.parse().ok()),
        changes,
        event,
    })
}

/// An event in short.
pub(crate) fn item(
    kind: AuditEventKind,
    (actor, subject): (String, String),
    details: &Value,
    at: DateTime<Utc>,
    sees: &Sees,
) -> ActivityItem {
    ActivityItem {
        kind,
        title: words::title(kind, &subject, details, sees),
        actor,
        subject,
        href: words::href(kind, details, sees),
        at,
    }
}
