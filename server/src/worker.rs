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

use domain::id::MessageId;
use futures::StreamExt;
use service::{
    Services,
    outbox::{Claimed, Delivery, Receipt},
};
use tokio::sync::watch;

use crate::mail::Post;

/// Messages that are claimed together: so few that a code which somebody waits for is soon next.
const ROUND: u32 = 64;
/// While the mail server is away it is tried with so many.
const PROBE: u32 = 4;
/// Conversations with the mail server at once, and outcomes that are noted together: when the
/// program dies, at most twice as many messages were handed over and are not noted.
const AT_ONCE: usize = 16;
/// How often the queue is looked at when nobody rings.
const LOOK: Duration = Duration::from_secs(1);
/// After a ring, the commit may be a moment away.
const MOMENT: [Duration; 2] = [Duration::from_millis(30), Duration::from_millis(250)];
/// Pauses while the mail server or the database is away.
const AWAY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// How often the claims of messages on their way are renewed, well before they end.
const RENEW: Duration = Duration::from_secs(10);
/// A fault that comes back so often is there to stay.
const MOST_FAULTS: u32 = 8;
/// How often old rows are removed.
const TIDY: Duration = Duration::from_secs(300);

/// Does the work of an installation.
#[derive(Clone)]
pub struct Worker {
    services: Services,
    post: Post,
    renew: Duration,
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
        Self {
            services,
            post,
            renew: RENEW,
        }
    }

    /// Renews its claims so often, instead of every ten seconds.
    #[must_use]
    pub fn renewing_every(mut self, pause: Duration) -> Self {
        self.renew = pause;
        self
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
                    self.services.stands_still(&error);
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
        while self.carry_on().await? {}
        loop {
            let round = self.send_round(ROUND, &stopping).await?;
            sent += round.sent;
            if round.claimed == 0 || round.away.is_some() {
                return Ok(sent);
            }
        }
    }

    /// Claims messages, sends them side by side, and notes what became of each as soon as it is
    /// known. The claims hold for as long as that takes.
    async fn send_round(
        &self,
        most: u32,
        stopping: &watch::Receiver<bool>,
    ) -> service::Result<Round> {
        let claimed = self.services.claim_messages(most).await?;
        if claimed.is_empty() {
            return Ok(Round::default());
        }
        let ids: Vec<MessageId> = claimed.iter().map(|message| message.id).collect();
        tokio::select! {
            round = self.send_claimed(claimed, stopping) => round,
            () = self.keep_claims(&ids) => Ok(Round::default()),
        }
    }

    async fn send_claimed(
        &self,
        claimed: Vec<Claimed>,
        stopping: &watch::Receiver<bool>,
    ) -> service::Result<Round> {
        let mut round = Round {
            claimed: claimed.len(),
            ..Round::default()
        };
        let closed = Arc::new(AtomicBool::new(false));
        // Nothing new is handed over while outcomes are being noted. Whatever else has come to its
        // end by then is noted together, so that a quick mail server does not wait for the disk.
        let mut ended = futures::stream::iter(claimed)
            .map(|message| self.send_one(message, closed.clone(), stopping))
            .buffer_unordered(AT_ONCE)
            .ready_chunks(AT_ONCE);
        while let Some(some) = ended.next().await {
            let mut outcomes = Vec::with_capacity(some.len());
            for (receipt, delivery, away) in some {
                match &delivery {
                    Delivery::Sent => round.sent += 1,
                    Delivery::Refused(why) | Delivery::Later(why) => {
                        tracing::warn!(message = ?receipt.id(), why, "a message was not taken");
                    }
                    Delivery::NotTried => {}
                }
                round.away = round.away.or(away);
                outcomes.push((receipt, delivery));
            }
            self.note(&outcomes, stopping).await?;
        }
        Ok(round)
    }

    /// Renews claims for ever. Whoever dies stops doing so, and soon somebody else may send.
    async fn keep_claims(&self, ids: &[MessageId]) {
        loop {
            tokio::time::sleep(self.renew).await;
            if let Err(error) = self.services.renew_claims(ids).await {
                tracing::warn!(%error, "messages on their way cannot be kept");
            }
        }
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

    /// Notes outcomes. What was sent must not be sent again because the database was away or
    /// full, so this tries until it works or the program ends, and hands over nothing meanwhile.
    async fn note(
        &self,
        outcomes: &[(Receipt, Delivery)],
        stopping: &watch::Receiver<bool>,
    ) -> service::Result<()> {
        let mut pause = AWAY.0;
        let mut faults = 0;
        loop {
            let error = match self.services.note_deliveries(outcomes).await {
                Ok(()) => {
                    self.services.goes_on();
                    return Ok(());
                }
                Err(error) => error,
            };
            self.services.stands_still(&error);
            tracing::warn!(%error, "what was sent cannot be noted");
            // A fault of the program does not pass; the rest of the mail must not wait for it.
            faults += u32::from(!matches!(error, service::Error::Unavailable(_)));
            if *stopping.borrow() || faults == MOST_FAULTS {
                return Err(error);
            }
            let _ = until(stopping, tokio::time::sleep(pause)).await;
            pause = (pause * 2).min(AWAY.1);
        }
    }

    /// One step of the oldest bulk send and one of the oldest change of many members, so that neither
    /// waits for the other. True when there may be more.
    async fn carry_on(&self) -> service::Result<bool> {
        let sent = self.services.process_batch_step().await?;
        Ok(self.services.process_bulk_step().await? || sent)
    }

    /// Carries bulk work on, step by step (B08).
    async fn carry_on_batches(
        &self,
        mut rung: watch::Receiver<u64>,
        stopping: watch::Receiver<bool>,
    ) {
        let mut pause = AWAY.0;
        while !*stopping.borrow() {
            match self.carry_on().await {
                Ok(true) => {
                    self.services.goes_on();
                    pause = AWAY.0;
                }
                Ok(false) => {
                    pause = AWAY.0;
                    let heard = tokio::time::timeout(LOOK, rung.changed());
                    let _ = until(&stopping, heard).await;
                }
                Err(error) => {
                    // It is claimed for a while; by then it may work.
                    self.services.stands_still(&error);
                    let error = self.services.log(error);
                    tracing::warn!(%error, "bulk work stands still");
                    let _ = until(&stopping, tokio::time::sleep(pause)).await;
                    pause = (pause * 2).min(AWAY.1);
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
