//! The work behind the pages: sending queued messages, carrying bulk sends on, tidying up. It
//! survives the database and the mail server being away, and does nothing twice that matters.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures::StreamExt;
use service::{
    Services,
    outbox::{Claimed, Delivery, Receipt},
};
use tokio::sync::watch;

use crate::mail::Post;

/// Messages that are claimed together, and noted together.
const ROUND: u32 = 256;
/// While the mail server is away it is tried with so many.
const PROBE: u32 = 4;
/// Conversations with the mail server at once.
const AT_ONCE: usize = 16;
/// How often the queue is looked at when nobody rings.
const LOOK: Duration = Duration::from_secs(1);
/// After a ring, the commit may be a moment away.
const MOMENT: [Duration; 2] = [Duration::from_millis(30), Duration::from_millis(250)];
/// Pauses while the mail server or the database is away.
const AWAY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// How often old rows are removed.
const TIDY: Duration = Duration::from_secs(300);

/// Does the work of an installation.
#[derive(Clone)]
pub struct Worker {
    services: Services,
    post: Post,
}

/// What a round of sending came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// How many messages were claimed.
    pub claimed: usize,
    /// How many the other side took.
    pub sent: usize,
    /// Why nothing more can be handed over, when that is so.
    pub away: Option<String>,
}

impl Worker {
    /// Works for these use cases, through these ways out.
    pub fn new(services: Services, post: Post) -> Self {
        Self { services, post }
    }

    /// Works until `stopping` is true; then what is claimed is finished or given back.
    pub async fn run(self, stopping: watch::Receiver<bool>) {
        let (ring, rung) = watch::channel(0_u64);
        let listen = {
            let services = self.services.clone();
            let stopping = stopping.clone();
            async move {
                while until(&stopping, services.wake().heard()).await.is_some() {
                    ring.send_modify(|count| *count += 1);
                }
            }
        };
        tokio::join!(
            listen,
            self.deliver(rung.clone(), stopping.clone()),
            self.carry_on_batches(rung, stopping.clone()),
            self.tidy(stopping),
        );
    }

    /// Sends messages as they come.
    async fn deliver(&self, mut rung: watch::Receiver<u64>, stopping: watch::Receiver<bool>) {
        let mut pause = AWAY.0;
        let mut most = ROUND;
        while !*stopping.borrow() {
            let outcome = self.send_round(most, &stopping).await;
            let trouble = match outcome {
                Ok(Round {
                    away: Some(why), ..
                }) => {
                    tracing::warn!(why, "messages cannot be handed over");
                    true
                }
                Ok(Round { claimed: 0, .. }) => {
                    if most == PROBE {
                        most = ROUND;
                    }
                    self.wait_for_messages(&mut rung, &stopping).await;
                    false
                }
                Ok(_) => false,
                Err(error) => {
                    tracing::warn!(%error, "the queue of messages cannot be read");
                    true
                }
            };
            if trouble {
                most = PROBE;
                let _ = until(&stopping, tokio::time::sleep(pause)).await;
                pause = (pause * 2).min(AWAY.1);
            } else {
                if most == PROBE {
                    tracing::info!("messages can be handed over again");
                }
                most = ROUND;
                pause = AWAY.0;
            }
        }
    }

    /// Waits until somebody rings, or some time has passed. After a ring the queue is looked at
    /// again some moments later, since whoever rings commits only then.
    async fn wait_for_messages(
        &self,
        rung: &mut watch::Receiver<u64>,
        stopping: &watch::Receiver<bool>,
    ) {
        let heard = tokio::time::timeout(LOOK, rung.changed());
        let Some(Ok(_)) = until(stopping, heard).await else {
            return;
        };
        for moment in MOMENT {
            let _ = until(stopping, tokio::time::sleep(moment)).await;
            if *stopping.borrow() || self.send_round_quietly(stopping).await {
                return;
            }
        }
    }

    /// True when there was something to send.
    async fn send_round_quietly(&self, stopping: &watch::Receiver<bool>) -> bool {
        !matches!(
            self.send_round(ROUND, stopping).await,
            Ok(Round { claimed: 0, .. })
        )
    }

    /// Carries bulk sends on as far as they go, sends everything that is due now, and says how
    /// many messages that were: for tests and commands that do not stay.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn send_all(&self) -> service::Result<usize> {
        let (_keep, stopping) = watch::channel(false);
        let mut sent = 0;
        while self.services.process_batch_step().await? {}
        loop {
            let round = self.send_round(ROUND, &stopping).await?;
            sent += round.sent;
            if round.claimed == 0 || round.away.is_some() {
                return Ok(sent);
            }
        }
    }

    /// Claims messages, sends them side by side, and notes what became of them.
    async fn send_round(
        &self,
        most: u32,
        stopping: &watch::Receiver<bool>,
    ) -> service::Result<Round> {
        let claimed = self.services.claim_messages(most).await?;
        let mut round = Round {
            claimed: claimed.len(),
            ..Round::default()
        };
        if claimed.is_empty() {
            return Ok(round);
        }
        let closed = Arc::new(AtomicBool::new(false));
        let outcomes: Vec<(Receipt, Delivery, Option<String>)> = futures::stream::iter(claimed)
            .map(|message| self.send_one(message, closed.clone(), stopping))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        round.away = outcomes.iter().find_map(|(_, _, why)| why.clone());
        let outcomes: Vec<(Receipt, Delivery)> = outcomes
            .into_iter()
            .map(|(receipt, delivery, _)| (receipt, delivery))
            .collect();
        round.sent = outcomes
            .iter()
            .filter(|(_, delivery)| *delivery == Delivery::Sent)
            .count();
        for (receipt, delivery) in &outcomes {
            if let Delivery::Refused(why) | Delivery::Later(why) = delivery {
                tracing::warn!(message = ?receipt.id(), why, "a message was not taken");
            }
        }
        self.note(&outcomes, stopping).await?;
        Ok(round)
    }

    async fn send_one(
        &self,
        message: Claimed,
        closed: Arc<AtomicBool>,
        stopping: &watch::Receiver<bool>,
    ) -> (Receipt, Delivery, Option<String>) {
        if closed.load(Ordering::Relaxed) || *stopping.borrow() {
            return (message.receipt, Delivery::NotTried, None);
        }
        let (delivery, away) = self.post.send(&message, self.services.now()).await;
        if away.is_some() {
            closed.store(true, Ordering::Relaxed);
        }
        (message.receipt, delivery, away)
    }

    /// Notes outcomes. What was sent must not be sent again because the database was away for a
    /// moment, so this tries for as long as the claims hold.
    async fn note(
        &self,
        outcomes: &[(Receipt, Delivery)],
        stopping: &watch::Receiver<bool>,
    ) -> service::Result<()> {
        let mut pause = AWAY.0;
        for _ in 0..8 {
            match self.services.note_deliveries(outcomes).await {
                Ok(()) => return Ok(()),
                Err(error) => {
                    tracing::warn!(%error, "what was sent cannot be noted");
                    if *stopping.borrow() {
                        return Err(error);
                    }
                }
            }
            let _ = until(stopping, tokio::time::sleep(pause)).await;
            pause = (pause * 2).min(AWAY.1);
        }
        self.services.note_deliveries(outcomes).await
    }

    /// Turns the entries of bulk sends into invitations, step by step (B08).
    async fn carry_on_batches(
        &self,
        mut rung: watch::Receiver<u64>,
        stopping: watch::Receiver<bool>,
    ) {
        while !*stopping.borrow() {
            match self.services.process_batch_step().await {
                Ok(true) => {}
                Ok(false) => {
                    let heard = tokio::time::timeout(LOOK, rung.changed());
                    let _ = until(&stopping, heard).await;
                }
                Err(error) => {
                    // It is claimed for a while; by then it may work.
                    let error = self.services.log(error);
                    tracing::warn!(%error, "a bulk send stands still");
                    let _ = until(&stopping, tokio::time::sleep(AWAY.0)).await;
                }
            }
        }
    }

    /// Removes what nobody can see any more.
    async fn tidy(&self, stopping: watch::Receiver<bool>) {
        while !*stopping.borrow() {
            match self.services.tidy_up().await {
                Ok(0) => {}
                Ok(rows) => tracing::debug!(rows, "tidied up"),
                Err(error) => tracing::warn!(%error, "cannot tidy up"),
            }
            let _ = until(&stopping, tokio::time::sleep(TIDY)).await;
        }
    }
}

/// Waits for `work`; nothing when the program is told to stop first.
async fn until<T>(stopping: &watch::Receiver<bool>, work: impl Future<Output = T>) -> Option<T> {
    let mut stopping = stopping.clone();
    tokio::select! {
        _ = stopping.wait_for(|stop| *stop) => None,
        done = work => Some(done),
    }
}
