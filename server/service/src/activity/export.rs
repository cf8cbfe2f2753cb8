//! Activity as a file.

use chrono::{DateTime, Utc};
use domain::{AuditEventKind, activity::ActivityQuery, id::UserId, wording::london};
use serde_json::json;
use store::ActivityPlace;

use super::{Sees, told};
use crate::{Actor, By, Error, Result, Services, audit::Event};

/// As many events are read together.
const PIECE: u32 = 1_000;

/// The events of an export, piece by piece.
pub struct ActivityExport {
    services: Services,
    query: store::ActivityQuery,
    sees: Sees,
    started: bool,
    finished: bool,
}

impl Services {
    /// The same events as a file, all of them, which is itself recorded.
    ///
    /// # Errors
    /// As for [`Services::activity_page`]; [`Error::Invalid`] when a filter cannot be understood.
    pub async fn export_activity(
        &self,
        actor: &Actor,
        slug: &str,
        user: Option<UserId>,
        query: &ActivityQuery,
    ) -> Result<ActivityExport> {
        let mut tx = self.store.read().await?;
        let query = query.first_page();
        let mut wanted = self.wanted(&mut tx, actor, slug, user, &query).await?;
        drop(tx);
        if !wanted.violations.is_empty() {
            return Err(Error::Invalid(wanted.violations));
        }
        wanted.query.limit = PIECE;
        let event = Event {
            organisation: Some(wanted.access.organisation_id()),
            kind: AuditEventKind::ActivityExported,
            subject: wanted.person.map(|person| (person.id, person.name)),
            details: json!({ "filter": query.to_query_string() }),
        };
        let mut tx = self.store.write().await?;
        self.audit(&mut tx, &By::actor(actor), event).await?;
        tx.commit().await?;
        Ok(ActivityExport {
            services: self.clone(),
            sees: Sees::of(&wanted.access, &wanted.reach),
            query: wanted.query,
            started: false,
            finished: false,
        })
    }
}

impl ActivityExport {
    /// The next lines of the file; nothing after the last.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn next(&mut self) -> Result<Option<String>> {
        let mut text = String::new();
        if !self.started {
            self.started = true;
            text.push('\u{feff}');
            let header = [
                "Number",
                "Time (UK)",
                "What happened",
                "Done by",
                "About",
                "Type",
                "Areas",
                "Reason",
                "Changes",
            ];
            crate::csv::push_row(&mut text, header);
        }
        if self.finished {
            return Ok((!text.is_empty()).then_some(text));
        }
        // Each piece is a look of its own, so that a slow reader holds up nobody. Events are only
        // added at the other end.
        let mut tx = self.services.store.read().await?;
        let rows = tx.activity(&self.query).await?;
        drop(tx);
        self.finished = rows.len() < self.query.limit as usize;
        if let Some(last) = rows.last() {
            self.query.place = ActivityPlace::Before(last.sequence);
        }
        for row in rows {
            let Some(told) = told(row, &self.sees) else {
                continue;
            };
            let item = &told.event.item;
            crate::csv::push_row(
                &mut text,
                [
                    told.event.sequence.to_string().as_str(),
                    &clock(item.at),
                    &item.title,
                    &item.actor,
                    &item.subject,
                    item.kind.as_str(),
                    &told.areas.join("; "),
                    &told.reason,
                    &told.changes,
                ],
            );
        }
        if text.is_empty() && !self.finished {
            // A piece of events that this version does not know.
            return Box::pin(self.next()).await;
        }
        Ok((!text.is_empty()).then_some(text))
    }
}

/// A moment as spreadsheets sort it.
pub(crate) fn clock(at: DateTime<Utc>) -> String {
    london(at).format("%Y-%m-%d %H:%M:%S").to_string()
}
