//! Codes sent by email or text message (R36, R42), for signing in and for registering alike.
//! A question for a code is bound to one session or registration; nobody else can answer it.

use chrono::TimeDelta;
use domain::{
    OneTimeCode, SecondFactorKind,
    id::{ChallengeId, MessageId},
};
use store::{ChallengeRow, Tx};

use crate::{
    Conflict, Error, Result, Services,
    outbox::{Channel, MessageContent, MessageKind, Outgoing},
    secrets::{Digest32, same},
    throttling::{CODE, MESSAGE, MESSAGE_DAY},
};

/// How long a code works.
pub(crate) const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// A new one is not sent within so long.
const RESEND: TimeDelta = TimeDelta::seconds(30);
/// Wrong answers that end a question.
const MOST_TRIES: i64 = 5;

/// Whom to ask for a code, and how.
#[derive(Clone, Debug)]
pub(crate) struct Question<'a> {
    /// The session or registration that is asked.
    pub binding: Digest32,
    /// [`SecondFactorKind::Email`] or [`SecondFactorKind::Sms`].
    pub kind: SecondFactorKind,
    /// Address or number: from a stored row, never from the request that asks (R26).
    pub recipient: &'a str,
    /// The person's name, for the greeting.
    pub name: &'a str,
}

/// What came of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Right; the question is gone.
    Right,
    /// Wrong; there are tries left.
    Wrong,
    /// Wrong for the last time: a new code is needed from now on.
    LastWrong,
    /// Not looked at: the tries were used up before.
    UsedUp,
    /// The code's time is over.
    Expired,
    /// Nothing was asked.
    NotAsked,
}

impl Answer {
    /// What the person is told of an answer that was not right.
    pub(crate) fn refusal(self) -> Error {
        Error::violation(
            "code",
            match self {
                Self::Right | Self::Wrong => "code.wrong",
                Self::Expired => "code.expired",
                Self::LastWrong | Self::UsedUp | Self::NotAsked => "code.used_up",
            },
        )
    }
}

/// The message that carries a question's code has its id, so that it is found again.
fn message_of(question: ChallengeId) -> MessageId {
    MessageId::from_uuid(question.uuid())
}

impl Services {
    /// Sends a code, in the place of an earlier one. Mail and question are of one transaction.
    ///
    /// # Errors
    /// [`Conflict::CodeTooSoon`] within 30 seconds of the last; [`Error::SlowDown`] when the address
    /// or number had too many.
    pub(crate) async fn send_code(&self, tx: &mut Tx, question: &Question<'_>) -> Result<()> {
        let (id, code) = self.ask_for_code(tx, question, "code").await?;
        let now = self.now();
        let message = Outgoing {
            id: Some(id),
            channel: match question.kind {
                SecondFactorKind::Sms => Channel::Sms,
                _ => Channel::Email,
            },
            kind: MessageKind::Code,
            organisation: None,
            invitation: None,
            recipient: question.recipient.to_owned(),
            content: MessageContent {
                recipient_name: question.name.to_owned(),
                expires_at: Some(now + LIFETIME),
                ..MessageContent::default()
            },
            secret: Some(code),
            not_after: Some(now + LIFETIME),
            hold_until: None,
        };
        self.queue(tx, vec![message]).await
    }

    /// Asks for a new code, and leaves it to the caller to send it: in a message with this name, until
    /// it ends. `what` separates the buckets of messages to the recipient (R37).
    ///
    /// # Errors
    /// As [`Services::send_code`].
    pub(crate) async fn ask_for_code(
        &self,
        tx: &mut Tx,
        question: &Question<'_>,
        what: &str,
    ) -> Result<(MessageId, String)> {
        let now = self.now();
        let before = tx.challenge(&question.binding).await?;
        if before
            .as_ref()
            .is_some_and(|row| row.kind == question.kind && now < row.sent_at + RESEND)
        {
            return Err(Error::Conflict(Conflict::CodeTooSoon));
        }
        let [short, day] = self.message_keys(what, question.recipient);
        self.take(tx, &short, MESSAGE).await?;
        self.take(tx, &day, MESSAGE_DAY).await?;
        let code = format!("{:06}", self.random.below(1_000_000));
        self.withdraw_code(tx, before.as_ref()).await?;
        let id = ChallengeId::from_uuid(self.random.uuid(now));
        tx.put_challenge(&ChallengeRow {
            id,
            binding: question.binding.to_vec(),
            kind: question.kind,
            digest: self.code_digest(&question.binding, &code).to_vec(),
            attempts: 0,
            sent_at: now,
            expires_at: now + LIFETIME,
        })
        .await?;
        Ok((message_of(id), code))
    }

    /// A code that still waits to be sent is not, once another takes its place; the codes of other
    /// sessions and registrations are left alone, whoever they go to (R42).
    async fn withdraw_code(&self, tx: &mut Tx, question: Option<&ChallengeRow>) -> Result<()> {
        if let Some(question) = question {
            tx.cancel_message(message_of(question.id)).await?;
        }
        Ok(())
    }

    /// Asks for the code that an authenticator app shows: only its tries are counted.
    pub(crate) async fn ask_app(&self, tx: &mut Tx, binding: Digest32) -> Result<()> {
        let now = self.now();
        let before = tx.challenge(&binding).await?;
        self.withdraw_code(tx, before.as_ref()).await?;
        tx.put_challenge(&ChallengeRow {
            id: ChallengeId::from_uuid(self.random.uuid(now)),
            binding: binding.to_vec(),
            kind: SecondFactorKind::Authenticator,
            digest: vec![0; 32],
            attempts: 0,
            sent_at: now,
            expires_at: now + TimeDelta::hours(2),
        })
        .await?;
        Ok(())
    }

    /// Looks at an answer. It is counted before it is looked at, against the question and against
    /// `account`, the bucket of wrong answers ([`Services::lane_key`]): 10 an hour, whatever is
    /// sent or started anew (R36). Commit whatever comes of it.
    ///
    /// # Errors
    /// [`Error::SlowDown`] when the account had too many wrong answers in the last hour.
    pub(crate) async fn check_code(
        &self,
        tx: &mut Tx,
        binding: &Digest32,
        account: &Digest32,
        code: &OneTimeCode,
    ) -> Result<Answer> {
        self.take(tx, account, CODE).await?;
        let answer = self.look_at_answer(tx, binding, code).await?;
        if answer == Answer::Right {
            self.answered(tx, binding, account).await?;
        }
        Ok(answer)
    }

    /// Counts an answer and looks at it; a right one leaves the question where it is.
    pub(crate) async fn look_at_answer(
        &self,
        tx: &mut Tx,
        binding: &Digest32,
        code: &OneTimeCode,
    ) -> Result<Answer> {
        let (answer, row) = self.count_answer(tx, binding).await?;
        let digest = self.code_digest(binding, code.expose());
        Ok(match row {
            Some(row) if same(&row.digest, &digest) => Answer::Right,
            _ => answer,
        })
    }

    /// Counts an answer: the question, while an answer may be looked at, and what it is when it is
    /// not right.
    pub(crate) async fn count_answer(
        &self,
        tx: &mut Tx,
        binding: &Digest32,
    ) -> Result<(Answer, Option<ChallengeRow>)> {
        let Some(row) = tx.count_attempt(binding, MOST_TRIES).await? else {
            let asked = tx.challenge(binding).await?.is_some();
            let answer = if asked {
                Answer::UsedUp
            } else {
                Answer::NotAsked
            };
            return Ok((answer, None));
        };
        if self.now() >= row.expires_at {
            return Ok((Answer::Expired, None));
        }
        let answer = if row.attempts >= MOST_TRIES {
            Answer::LastWrong
        } else {
            Answer::Wrong
        };
        Ok((answer, Some(row)))
    }

    /// A right answer: the question is over, and the account's bucket gets its try back.
    pub(crate) async fn answered(
        &self,
        tx: &mut Tx,
        binding: &Digest32,
        account: &Digest32,
    ) -> Result<()> {
        tx.delete_challenge(binding).await?;
        self.give_back(tx, account, CODE).await
    }

    /// The person reads what is sent to them: their buckets for messages are full again.
    pub(crate) async fn forget_messages(&self, tx: &mut Tx, recipient: &str) -> Result<()> {
        for key in self.message_keys("code", recipient) {
            tx.delete_throttle(&key).await?;
        }
        Ok(())
    }

    /// The buckets for messages to one address or number: of minutes, and of a day (R37).
    pub(crate) fn message_keys(&self, what: &str, recipient: &str) -> [Digest32; 2] {
        let recipient = recipient.to_lowercase();
        ["short", "day"].map(|span| {
            self.keys.digest(
                &format!("throttle:message:{what}:{span}"),
                recipient.as_bytes(),
            )
        })
    }

    /// A code has little randomness, so its digest is keyed, and bound to the question.
    fn code_digest(&self, binding: &Digest32, code: &str) -> Digest32 {
        let mut text = binding.to_vec();
        text.extend_from_slice(code.as_bytes());
        self.keys.digest("code", &text)
    }
}
