//! Writing down what happened, in the transaction in which it happens (R101), as a chain of
//! hashes for each organisation so that nothing can be changed or left out unseen (R102).

use chrono::{DateTime, Utc};
use domain::{
    audit::AuditEventKind,
    id::{AuditEventId, OrganisationId, UserId},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{AuditEventRow, Tx};

use crate::{
    Result, Services,
    request::{Actor, RequestInfo, SecondStep},
    secrets::Digest32,
};

#[cfg(test)]
mod tests;
mod verify;

pub use verify::{ChainFault, ChainReport, Witness};

/// Who did it, and through what.
#[derive(Clone, Debug)]
pub struct By {
    pub(crate) id: Option<UserId>,
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) request: RequestInfo,
}

impl By {
    /// Methods of work on many at once, which goes on without whoever began it.
    pub(crate) const TOGETHER: [&'static str; 2] = [Self::BATCH, Self::BULK];
    pub(crate) const BATCH: &'static str = "batch";
    pub(crate) const BULK: &'static str = "bulk";

    /// A person who is signed in.
    pub fn actor(actor: &Actor) -> Self {
        Self {
            id: Some(actor.user),
            name: actor.name.clone(),
            method: actor.methods.clone(),
            request: actor.request.clone(),
        }
    }

    /// A person between the two steps of signing in.
    pub fn step(step: &SecondStep, name: &str) -> Self {
        Self::person(step.user, name, &step.request, "password")
    }

    /// A person who is known by something else than a session: a link, a password just checked.
    pub fn person(id: UserId, name: &str, request: &RequestInfo, method: &str) -> Self {
        Self {
            id: Some(id),
            name: name.to_owned(),
            method: method.to_owned(),
            request: request.clone(),
        }
    }

    /// The program itself: a command, the worker, or a visitor nobody knows.
    pub fn system(request: &RequestInfo) -> Self {
        Self {
            id: None,
            name: String::new(),
            method: String::new(),
            request: request.clone(),
        }
    }
}

/// What happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// Where; empty for what belongs to no organisation.
    pub organisation: Option<OrganisationId>,
    /// What.
    pub kind: AuditEventKind,
    /// To whom, with the name of the moment.
    pub subject: Option<(UserId, String)>,
    /// Before and after of what changed, never a secret.
    pub details: Value,
}

impl Services {
    /// Writes one event.
    pub(crate) async fn audit(&self, tx: &mut Tx, by: &By, event: Event) -> Result<()> {
        self.audit_all(tx, by, vec![event]).await
    }

    /// Writes events, all of the same organisation, in this order.
    pub(crate) async fn audit_all(&self, tx: &mut Tx, by: &By, events: Vec<Event>) -> Result<()> {
        let now = self.now();
        let events = events.into_iter().map(|event| (by, now, event)).collect();
        self.audit_at(tx, events).await
    }

    /// Writes events, each of somebody and of a time of its own, all of the same organisation, in
    /// this order: for a history that is made up. What really happens, happens now.
    pub(crate) async fn audit_at(
        &self,
        tx: &mut Tx,
        events: Vec<(&By, DateTime<Utc>, Event)>,
    ) -> Result<()> {
        let Some(organisation) = events.first().map(|(_, _, event)| event.organisation) else {
            return Ok(());
        };
        let end = tx.audit_chain_end(organisation).await?;
        let mut previous_hash = end.hash;
        let mut rows = Vec::with_capacity(events.len());
        for (sequence, (by, at, mut event)) in (end.sequence + 1..).zip(events) {
            debug_assert_eq!(event.organisation, organisation, "one chain at a time");
            if organisation.is_none() {
                name_device(&mut event.details, by);
            }
            let (subject_id, subject_name) = match event.subject {
                Some((id, name)) => (Some(id), name),
                None => (None, String::new()),
            };
            let mut row = AuditEventRow {
                id: AuditEventId::from_uuid(self.random.uuid(at)),
                organisation_id: organisation,
                sequence,
                kind: event.kind.as_str().to_owned(),
                actor_id: by.id,
                actor_name: by.name.clone(),
                subject_id,
                subject_name,
                details: event.details,
                request_id: by.request.request_id.clone(),
                ip: by.request.ip.to_string(),
                method: by.method.clone(),
                at,
                previous_hash: std::mem::take(&mut previous_hash),
                hash: Vec::new(),
            };
            row.hash = hash(&row);
            previous_hash.clone_from(&row.hash);
            rows.push(row);
        }
        if let Some(last) = rows.last() {
            let seal = self.chain_seal(organisation, last.sequence, &last.hash);
            tx.append_audit(&rows, &seal).await?;
        }
        Ok(())
    }

    /// What only this installation can say of the end of a chain: the key is not in the database,
    /// so that whoever rewrites a chain there cannot make its end look right.
    fn chain_seal(
        &self,
        organisation: Option<OrganisationId>,
        sequence: i64,
        hash: &[u8],
    ) -> Digest32 {
        let end = json!([organisation, sequence, hash]);
        self.keys.digest("audit chain", end.to_string().as_bytes())
    }
}

/// What happens to an account says on which device, for its owner to know it by (ux K).
fn name_device(details: &mut Value, by: &By) {
    if let Some(details) = details.as_object_mut()
        && let Some(device) = domain::device::device(&by.request.user_agent)
    {
        details.entry("device").or_insert_with(|| json!(device));
    }
}

/// The hash of an event over the one before it: a JSON array in a fixed order, so that there is
/// one text for one event.
fn hash(row: &AuditEventRow) -> Vec<u8> {
    let canonical = json!([
        row.id,
        row.organisation_id,
        row.sequence,
        row.kind,
        row.actor_id,
        row.actor_name,
        row.subject_id,
        row.subject_name,
        row.details,
        row.request_id,
        row.ip,
        row.method,
        row.at.timestamp_micros(),
    ]);
    let mut hasher = Sha256::new();
    hasher.update(&row.previous_hash);
    hasher.update(canonical.to_string().as_bytes());
    hasher.finalize().to_vec()
}
