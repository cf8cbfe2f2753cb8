//! Whether a chain of audit events is as it was written (R102). Walks it in pieces, so that its
//! length costs time and no memory, and stops at the first event that is not right.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use domain::id::{AuditEventId, OrganisationId};
use store::{AuditEventRow, ChainEnd, ChainOwner, StoreError, Tx};

use super::hash;
use crate::{Result, Services, secrets::same};

/// As many events are looked at together.
const PIECE: i64 = 1_000;
/// As many organisations are named together.
const OWNERS: i64 = 500;

/// The first thing that is wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChainFault {
    /// Events were taken out: from the first number to the last.
    Missing(i64, i64),
    /// An event does not say any more what it said.
    Altered {
        /// Its number.
        sequence: i64,
        /// What it says now.
        kind: String,
        /// When, as it says now.
        at: DateTime<Utc>,
    },
    /// An event is whole, but was not written behind the one before it: one of the two was put in
    /// or took the place of another.
    OutOfPlace(i64),
    /// Two events have this number.
    Repeated(i64),
    /// The event behind this number cannot even be read.
    Unreadable(i64),
    /// Events at the end were taken away: from the first number to the last.
    EndMissing(i64, i64),
    /// Events were put behind the end that was written down: from this number.
    BehindTheEnd(i64),
    /// The end that was written down is not that of these events.
    OtherEnd(i64),
    /// The end was not written with the key of this installation: the chain was rewritten, or the
    /// key file is another one.
    NotSealed(i64),
    /// There is no end, though an organisation has events from the moment it is made.
    NoEnd,
    /// What was seen at an earlier time is not there any more, or is another event.
    NotAsWitnessed(i64),
}

/// The end of a chain as it was seen at an earlier time, kept outside of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// The number of the newest event at that time.
    pub sequence: i64,
    /// Its hash, in hexadecimal digits.
    pub hash: String,
}

/// What was found out about one chain.
#[derive(Clone, Debug)]
pub struct ChainReport {
    /// How many events were looked at.
    pub events: u64,
    /// The end, to be kept for another time; `None` for a chain without events.
    pub end: Option<Witness>,
    /// The first thing that is wrong.
    pub fault: Option<ChainFault>,
}

impl Services {
    /// The organisations whose chains there are to look at, in the order of their codes, behind
    /// the code in addresses of another. Empty when there are no more.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn chain_owners(&self, after: &str) -> Result<Vec<ChainOwner>> {
        let mut tx = self.store.read().await?;
        Ok(tx.chain_owners_after(after, OWNERS).await?)
    }

    /// Looks through the chain of an organisation, or that of what belongs to none.
    ///
    /// # Errors
    /// When the database is away. What is wrong with the chain is no error, but in the report.
    pub async fn verify_chain(
        &self,
        organisation: Option<OrganisationId>,
        witness: Option<&Witness>,
    ) -> Result<ChainReport> {
        // One look for all pieces: what is added meanwhile is not there yet.
        let mut tx = self.store.read().await?;
        let end = tx.audit_chain(organisation).await?;
        let mut walk = Walk::new(witness);
        let mut fault = walk.through(&mut tx, organisation).await?;
        if fault.is_none() {
            fault = self.fault_of_end(organisation, &walk, end.as_ref());
        }
        if fault.is_none() && witness.is_some_and(|witness| witness.sequence > walk.sequence) {
            fault = Some(ChainFault::EndMissing(
                walk.sequence + 1,
                witness.map_or(0, |witness| witness.sequence),
            ));
        }
        Ok(ChainReport {
            events: walk.events,
            end: (walk.events > 0 && fault.is_none()).then(|| Witness {
                sequence: walk.sequence,
                hash: hexadecimal(&walk.hash),
            }),
            fault,
        })
    }

    fn fault_of_end(
        &self,
        organisation: Option<OrganisationId>,
        walk: &Walk<'_>,
        end: Option<&ChainEnd>,
    ) -> Option<ChainFault> {
        let Some(end) = end else {
            return (organisation.is_some() || walk.events > 0).then_some(ChainFault::NoEnd);
        };
        if end.sequence > walk.sequence {
            return Some(ChainFault::EndMissing(walk.sequence + 1, end.sequence));
        }
        if end.sequence < walk.sequence {
            return Some(ChainFault::BehindTheEnd(end.sequence + 1));
        }
        if end.sequence == 0 {
            return organisation.is_some().then_some(ChainFault::NoEnd);
        }
        if end.hash != walk.hash {
            return Some(ChainFault::OtherEnd(end.sequence));
        }
        let seal = self.chain_seal(organisation, end.sequence, &end.hash);
        (!same(&seal, &end.seal)).then_some(ChainFault::NotSealed(end.sequence))
    }
}

/// Where a walk along a chain is.
pub(super) struct Walk<'a> {
    events: u64,
    sequence: i64,
    hash: Vec<u8>,
    id: AuditEventId,
    witness: Option<&'a Witness>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(witness: Option<&'a Witness>) -> Self {
        Self {
            events: 0,
            sequence: 0,
            hash: vec![0; 32],
            id: AuditEventId::from_uuid(uuid::Uuid::nil()),
            witness,
        }
    }

    /// To the end, or to the first event that is not right.
    async fn through(
        &mut self,
        tx: &mut Tx,
        organisation: Option<OrganisationId>,
    ) -> Result<Option<ChainFault>> {
        let mut most = PIECE;
        loop {
            // Numbers start at 1; whatever stands before that was put in.
            let after = if self.events == 0 {
                (i64::MIN, self.id)
            } else {
                (self.sequence, self.id)
            };
            let rows = match tx.audit_events_after(organisation, after, most).await {
                Ok(rows) => rows,
                // One of them is no event: go on one by one, to find out which.
                Err(StoreError::Corrupt(_)) if most > 1 => {
                    most = 1;
                    continue;
                }
                Err(StoreError::Corrupt(_)) => {
                    return Ok(Some(ChainFault::Unreadable(self.sequence)));
                }
                Err(error) => return Err(error.into()),
            };
            if rows.is_empty() {
                return Ok(None);
            }
            for row in &rows {
                if let Some(fault) = self.step(row) {
                    return Ok(Some(fault));
                }
            }
        }
    }

    pub(super) fn step(&mut self, row: &AuditEventRow) -> Option<ChainFault> {
        let expected = self.sequence + 1;
        if row.sequence > expected {
            return Some(ChainFault::Missing(expected, row.sequence - 1));
        }
        if row.sequence < expected {
            return Some(ChainFault::Repeated(row.sequence));
        }
        if hash(row) != row.hash {
            return Some(ChainFault::Altered {
                sequence: row.sequence,
                kind: row.kind.clone(),
                at: row.at,
            });
        }
        if row.previous_hash != self.hash {
            return Some(ChainFault::OutOfPlace(row.sequence));
        }
        let witnessed = |witness: &&Witness| witness.sequence == row.sequence;
        if let Some(witness) = self.witness.filter(witnessed)
            && witness.hash != hexadecimal(&row.hash)
        {
            return Some(ChainFault::NotAsWitnessed(row.sequence));
        }
        self.events += 1;
        self.sequence = row.sequence;
        self.id = row.id;
        self.hash.clone_from(&row.hash);
        None
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
