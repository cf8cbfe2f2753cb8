//! `lanyard verify-audit`

use std::{collections::BTreeMap, fs::File, io::BufRead, io::BufReader, path::PathBuf};

use clap::Args;
use domain::{
    id::OrganisationId,
    wording::{date_and_time, number},
};
use service::{
    Services,
    audit::{ChainFault, ChainReport, Witness},
};

use super::Failure;
use crate::{config::Config, installation::Installation};

/// What stands in the place of a code for what belongs to no organisation. No code has a bracket.
const NONE: &str = "(installation)";

#[derive(Args, Debug)]
pub(super) struct VerifyAudit {
    /// What this command printed at an earlier time, kept somewhere else
    ///
    /// Every event that was there then must be there still. Without it, an administrator of the
    /// database who puts back an older copy of it is not noticed.
    #[arg(long, value_name = "FILE")]
    earlier: Option<PathBuf>,
}

impl VerifyAudit {
    pub(super) async fn run(self, config: &Config) -> Result<(), Failure> {
        let mut witnesses = match &self.earlier {
            Some(file) => witnesses(file)?,
            None => BTreeMap::new(),
        };
        let installation = Installation::open(config, config.address).await?;
        let outcome = verify(&installation.services, &mut witnesses).await;
        installation.services.store().close().await;
        let mut broken = outcome?;
        // What is left belongs to organisations that are not there any more.
        for code in witnesses.keys() {
            println!("broken  {code}: it is in the earlier list, and not in the database");
            broken += 1;
        }
        match broken {
            0 => Ok(()),
            1 => Err(Failure("1 chain of events is broken".to_owned())),
            many => Err(Failure(format!("{many} chains of events are broken"))),
        }
    }
}

/// Prints a line for each chain; how many of them are broken.
async fn verify(
    services: &Services,
    witnesses: &mut BTreeMap<String, Witness>,
) -> Result<u32, Failure> {
    let mut broken = u32::from(!one(services, None, NONE, "", witnesses).await?);
    let mut last = String::new();
    loop {
        let owners = services.chain_owners(&last).await?;
        let Some(end) = owners.last() else {
            return Ok(broken);
        };
        last.clone_from(&end.slug);
        for owner in owners {
            let fine = one(
                services,
                Some(owner.id),
                &owner.code,
                &owner.name,
                witnesses,
            );
            broken += u32::from(!fine.await?);
        }
    }
}

async fn one(
    services: &Services,
    organisation: Option<OrganisationId>,
    code: &str,
    name: &str,
    witnesses: &mut BTreeMap<String, Witness>,
) -> Result<bool, Failure> {
    let witness = witnesses.remove(code);
    let report = services
        .verify_chain(organisation, witness.as_ref())
        .await?;
    let what = match name {
        "" => code.to_owned(),
        name => format!("{code} {name}"),
    };
    match &report.fault {
        None => println!("ok      {what}: {}", counted(&report)),
        Some(fault) => println!("broken  {what}: {}", told(fault)),
    }
    Ok(report.fault.is_none())
}

fn counted(report: &ChainReport) -> String {
    let Some(end) = &report.end else {
        return "no events".to_owned();
    };
    let events = match report.events {
        1 => "1 event".to_owned(),
        many => format!("{} events", number(many)),
    };
    format!("{events}, end {}:{}", end.sequence, end.hash)
}

/// What is wrong, for somebody who has to find out who did it.
fn told(fault: &ChainFault) -> String {
    match fault {
        ChainFault::Missing(from, to) if from == to => format!("event {from} was removed"),
        ChainFault::Missing(from, to) => format!("events {from} to {to} were removed"),
        ChainFault::Altered { sequence, kind, at } => format!(
            "event {sequence} was altered; it now says {kind}, {}",
            date_and_time(*at)
        ),
        ChainFault::OutOfPlace(sequence) => format!(
            "event {sequence} does not follow event {}: one of them was altered, inserted or moved",
            sequence - 1
        ),
        ChainFault::Repeated(sequence) => {
            format!("event {sequence} was inserted: there is another in its place")
        }
        ChainFault::Unreadable(sequence) => {
            format!("the event after number {sequence} was altered and cannot be read")
        }
        ChainFault::EndMissing(from, to) if from == to => {
            format!("event {from}, the newest, was removed")
        }
        ChainFault::EndMissing(from, to) => {
            format!("events {from} to {to}, the newest, were removed")
        }
        ChainFault::BehindTheEnd(sequence) => {
            format!("event {sequence} was inserted behind the newest")
        }
        ChainFault::OtherEnd(sequence) => format!(
            "the chain was rewritten: its end is not event {sequence} as it is in the database"
        ),
        ChainFault::NotSealed(sequence) => format!(
            "the chain was rewritten: its end, event {sequence}, was not written with the key in LANYARD_KEY_FILE"
        ),
        ChainFault::NoEnd => "the end of the chain was removed".to_owned(),
        ChainFault::NotAsWitnessed(sequence) => {
            format!("event {sequence} is not the one that the earlier list names")
        }
    }
}

/// The ends of chains in what [`counted`] printed; other lines are passed over.
fn witnesses(file: &PathBuf) -> Result<BTreeMap<String, Witness>, Failure> {
    let unusable = |why: String| {
        Failure(format!(
            "--earlier {} cannot be used: {why}",
            file.display()
        ))
    };
    let text = File::open(file).map_err(|error| unusable(error.to_string()))?;
    let mut found = BTreeMap::new();
    for line in BufReader::new(text).lines() {
        let line = line.map_err(|error| unusable(error.to_string()))?;
        if let Some((code, witness)) = witness(&line) {
            found.insert(code, witness);
        }
    }
    if found.is_empty() {
        return Err(unusable(
            "it has no line of lanyard verify-audit".to_owned(),
        ));
    }
    Ok(found)
}

fn witness(line: &str) -> Option<(String, Witness)> {
    let rest = line.strip_prefix("ok ")?.trim_start();
    let code = rest.split([' ', ':']).next()?;
    let (_, end) = rest.rsplit_once(", end ")?;
    let (sequence, hash) = end.trim_end().split_once(':')?;
    let hash_fits = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let witness = Witness {
        sequence: sequence.parse().ok()?,
        hash: hash_fits.then(|| hash.to_owned())?,
    };
    Some((code.to_owned(), witness))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R102: what the command printed once, it reads again, whatever an organisation is called.
    #[test]
    fn a_printed_end_is_read_again() {
        let hash = "0123456789abcdef".repeat(4);
        let report = ChainReport {
            events: 1_204,
            end: Some(Witness {
                sequence: 1_204,
                hash: hash.clone(),
            }),
            fault: None,
        };
        let line = format!("ok      RX1 St Mary’s: A, end 1:2: {}", counted(&report));
        let (code, witness) = witness(&line).unwrap();
        assert_eq!(code, "RX1");
        assert_eq!((witness.sequence, witness.hash), (1_204, hash));
    }

    #[test]
    fn other_lines_are_no_witnesses() {
        for line in [
            "",
            "ok      RX1 Hollybrook Hospital: no events",
            "ok      RX1: 1 event, end 1:abc",
            "broken  RX1: event 5 was removed",
        ] {
            assert_eq!(witness(line), None, "{line}");
        }
    }

    /// R102: each thing that can be wrong is told with the event it is about.
    #[test]
    fn every_fault_names_its_event() {
        for fault in [
            ChainFault::Missing(17, 17),
            ChainFault::Missing(17, 19),
            ChainFault::Altered {
                sequence: 17,
                kind: "role_assigned".to_owned(),
                at: chrono::DateTime::UNIX_EPOCH,
            },
            ChainFault::OutOfPlace(17),
            ChainFault::Repeated(17),
            ChainFault::Unreadable(17),
            ChainFault::EndMissing(17, 17),
            ChainFault::EndMissing(17, 19),
            ChainFault::BehindTheEnd(17),
            ChainFault::OtherEnd(17),
            ChainFault::NotSealed(17),
            ChainFault::NotAsWitnessed(17),
        ] {
            assert!(told(&fault).contains("17"), "{fault:?}");
        }
    }
}
