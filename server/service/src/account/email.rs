//! A person's own email address (C5). A new one counts once a code sent to it and a code sent to the
//! old one were both entered, and not before (R73): until then it is written nowhere. Both questions
//! are bound to the session and to both addresses, so that no code proves an address that it was not
//! sent to, whatever else was begun meanwhile.

use domain::{
    EmailAddress, SecondFactorKind,
    account::{EmailChange, EmailCodesForm, OwnEmailForm},
    audit::AuditEventKind,
    search::{index_words, sort_name},
    violation::Violations,
};
use serde_json::json;
use store::{MembershipRow, OrganisationRow, StoreError, Tx, UserRow};

use super::Renewed;
use crate::{
    Actor, By, Error, Result, Services,
    audit::Event,
    codes::{Answer, LIFETIME, Question},
    outbox::{MessageContent, MessageKind, Outgoing},
    secrets::Digest32,
    sessions::open,
    throttling::{CODE, MESSAGE_DAY},
};

impl Services {
    /// The address as it is, for whoever may change it.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`].
    pub async fn own_email_to_change(&self, actor: &Actor) -> Result<String> {
        let mut tx = self.store.read().await?;
        let user = self.person_with_proof(&mut tx, actor).await?;
        Ok(user.email)
    }

    /// Both addresses, where the codes are asked for.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`]; [`Error::NotFound`] when `email` is not waiting for its code in this
    /// session.
    pub async fn own_email_change(&self, actor: &Actor, email: &str) -> Result<EmailChange> {
        let mut tx = self.store.read().await?;
        let user = self.person_going_on(&mut tx, actor).await?;
        let address = EmailAddress::parse(email).map_err(|_| Error::NotFound)?;
        let [_, new] = self.email_bindings(actor, &user, &address);
        if tx.challenge(&new).await?.is_none() {
            return Err(Error::NotFound);
        }
        Ok(EmailChange {
            current: user.email,
            new: address.as_str().to_owned(),
        })
    }

    /// Sends a code to the address as it is, and one to the address that shall take its place.
    /// Returns that one, which has to come back with the codes.
    ///
    /// Whether it belongs to somebody already cannot be told from anything but its mailbox, which
    /// gets a message in the place of the code (R31).
    ///
    /// # Errors
    /// [`Error::StepUpRequired`]; what is wrong with the address; `email.same`; `email.domain_of` when
    /// an organisation of the person does not allow it (C27); [`crate::Conflict::CodeTooSoon`];
    /// [`Error::SlowDown`] when an address or the person had too many codes (R37).
    pub async fn prove_own_email(&self, actor: &Actor, form: &OwnEmailForm) -> Result<String> {
        let mut tx = self.store.write().await?;
        let user = self.person_with_proof(&mut tx, actor).await?;
        let address = form.validate()?;
        if address.key() == user.email_key {
            return Err(Error::violation("email", "email.same"));
        }
        let places = tx.organisations_of(user.id).await?;
        allowed_everywhere(&places, &address, "email")?;
        // However many addresses somebody tries.
        let sender = self.lane_key("own email", user.id, None);
        self.take(&mut tx, &sender, MESSAGE_DAY).await?;
        self.ask_both(&mut tx, actor, &user, &address).await?;
        tx.commit().await?;
        Ok(address.as_str().to_owned())
    }

    /// Makes an address the person's own, with the codes that were sent to it and to the old one, in
    /// every organisation at once. Every other session, link and question ends (R60); the old address
    /// is told; invitations that wait for the person go on to the new one.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`]; `current_code.wrong`, `new_code.wrong`, `codes.expired`, `codes.used_up`;
    /// `email.taken`, `email.domain_of` when that became so meanwhile; [`Error::SlowDown`] after 10
    /// wrong answers in an hour (R36); [`crate::Conflict::Stale`] when the person was changed in this
    /// moment.
    pub async fn change_own_email(
        &self,
        actor: &Actor,
        email: &str,
        form: &EmailCodesForm,
    ) -> Result<Renewed> {
        let (current, new) = form.validate()?;
        let mut tx = self.store.write().await?;
        // Before anything else is locked: in the order of everybody who changes an organisation.
        for (organisation, _) in tx.organisations_of(actor.user()).await? {
            tx.lock_organisation(organisation.id).await?;
        }
        let mut user = self.person_going_on(&mut tx, actor).await?;
        let Ok(address) = EmailAddress::parse(email) else {
            return Err(Error::violation("current_code", "codes.used_up"));
        };
        let [old_binding, new_binding] = self.email_bindings(actor, &user, &address);
        let account = self.lane_key("own email code", user.id, None);
        self.take(&mut tx, &account, CODE).await?;
        // Both are counted, whichever is wrong.
        let answers = [
            self.look_at_answer(&mut tx, &old_binding, &current).await?,
            self.look_at_answer(&mut tx, &new_binding, &new).await?,
        ];
        if answers != [Answer::Right; 2] {
            return self
                .refuse_email(tx, actor, (&user, &address), answers)
                .await;
        }
        tx.delete_challenge(&old_binding).await?;
        self.answered(&mut tx, &new_binding, &account).await?;
        // Both mailboxes are the person's: their buckets for messages are full again.
        for mailbox in [user.email.as_str(), address.as_str()] {
            for key in self.message_keys("own email", mailbox) {
                tx.delete_throttle(&key).await?;
            }
        }
        let places = tx.organisations_of(user.id).await?;
        allowed_everywhere(&places, &address, "new_code")?;
        let before = user.email.clone();
        take_address(&mut tx, &mut user, &address).await?;
        let renewed = self.start_again(&mut tx, &mut user, actor).await?;
        self.carry_address(&mut tx, actor, &user, (&before, places))
            .await?;
        let mut notice = self.notice_to(&user, MessageKind::EmailChanged, actor.request());
        notice.content.subject.clone_from(&user.email);
        notice.recipient = before;
        self.queue(&mut tx, vec![notice]).await?;
        tx.commit().await?;
        Ok(renewed)
    }

    /// The person is found, listed and invited by the new address wherever they are, and each
    /// organisation has it in its activity.
    async fn carry_address(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        user: &UserRow,
        (before, places): (&str, Vec<(OrganisationRow, MembershipRow)>),
    ) -> Result<()> {
        let words = index_words(&user.first_name, &user.last_name, &user.email);
        let sorted = sort_name(&user.first_name, &user.last_name, &user.email);
        let event = |organisation| Event {
            organisation,
            kind: AuditEventKind::EmailChanged,
            subject: Some((user.id, user.name())),
            details: json!({ "before": before, "after": user.email }),
        };
        let mut events = vec![event(None)];
        for (organisation, mut member) in places {
            member.sort_name.clone_from(&sorted);
            // What failed was sent to the old one.
            member.delivery_failed_at = None;
            tx.update_membership(&member).await?;
            tx.replace_words(organisation.id, member.id, &words).await?;
            events.push(event(Some(organisation.id)));
            events.extend(
                self.move_invitation(tx, (organisation, member), user)
                    .await?,
            );
        }
        let by = By::actor(actor);
        for event in events {
            self.audit(tx, &by, event).await?;
        }
        Ok(())
    }

    /// Wrong answers are counted, and codes whose time is over replaced.
    async fn refuse_email<T>(
        &self,
        mut tx: Tx,
        actor: &Actor,
        (user, address): (&UserRow, &EmailAddress),
        answers: [Answer; 2],
    ) -> Result<T> {
        let event = Event {
            organisation: None,
            kind: AuditEventKind::CodeFailed,
            subject: Some((user.id, user.name())),
            details: json!({ "method": "own_email" }),
        };
        self.audit(&mut tx, &By::actor(actor), event).await?;
        // They are sent together, so they end together.
        let over = answers.contains(&Answer::Expired);
        if over {
            self.ask_both(&mut tx, actor, user, address).await?;
        }
        tx.commit().await?;
        let mut violations = Violations::new();
        if over {
            violations.add("current_code", "codes.expired");
        } else if answers
            .iter()
            .all(|one| matches!(one, Answer::Right | Answer::Wrong))
        {
            for (field, answer) in ["current_code", "new_code"].into_iter().zip(answers) {
                if answer == Answer::Wrong {
                    violations.add(field, format!("{field}.wrong"));
                }
            }
        } else {
            // They are counted together, so they are used up together.
            violations.add("current_code", "codes.used_up");
        }
        Err(Error::Invalid(violations))
    }

    async fn ask_both(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        user: &UserRow,
        address: &EmailAddress,
    ) -> Result<()> {
        let bindings = self.email_bindings(actor, user, address);
        let taken = tx.user_by_email_key(address.key()).await?.is_some();
        let name = user.name();
        let until = self.now() + LIFETIME;
        let both = [user.email.as_str(), address.as_str()];
        let mut messages = Vec::new();
        for (binding, recipient) in bindings.into_iter().zip(both) {
            let question = Question {
                binding,
                kind: SecondFactorKind::Email,
                recipient,
                name: &name,
            };
            let (id, code) = self.ask_for_code(tx, &question, "own email").await?;
            let is_new = recipient == address.as_str();
            // Whoever reads the new mailbox may be a stranger: they are told nothing of the person.
            let content = MessageContent {
                recipient_name: if is_new { String::new() } else { name.clone() },
                subject: if is_new { "" } else { address.as_str() }.to_owned(),
                expires_at: Some(until),
                ..MessageContent::default()
            };
            let kind = if is_new && taken {
                MessageKind::EmailTaken
            } else {
                MessageKind::EmailChangeCode
            };
            messages.push(Outgoing {
                id: Some(id),
                secret: (kind == MessageKind::EmailChangeCode).then_some(code),
                not_after: Some(until),
                ..Outgoing::email(kind, recipient.to_owned(), content)
            });
        }
        self.queue(tx, messages).await?;
        let (by, kind) = (By::actor(actor), SecondFactorKind::Email);
        self.audit_code(tx, &by, user, AuditEventKind::CodeSent, kind)
            .await
    }

    /// What the codes of the old and of the new address are bound to.
    fn email_bindings(
        &self,
        actor: &Actor,
        user: &UserRow,
        address: &EmailAddress,
    ) -> [Digest32; 2] {
        let mut text = actor.session().uuid().as_bytes().to_vec();
        for part in [user.email_key.as_str(), address.as_str()] {
            text.extend_from_slice(part.as_bytes());
            text.push(0);
        }
        ["own email: old", "own email: new"].map(|what| self.keys.digest(what, &text))
    }
}

/// The one statement in which an address becomes a person's.
async fn take_address(tx: &mut Tx, user: &mut UserRow, address: &EmailAddress) -> Result<()> {
    let (email, key) = (address.as_str(), address.key());
    match tx.change_email((user.id, user.version), email, key).await {
        Ok(()) => {}
        // They read this mailbox, so it is no secret from them.
        Err(StoreError::Conflict(store::Conflict::EmailTaken)) => {
            return Err(Error::violation("new_code", "email.taken"));
        }
        Err(error) => return Err(error.into()),
    }
    email.clone_into(&mut user.email);
    key.clone_into(&mut user.email_key);
    user.security_epoch += 1;
    user.version += 1;
    Ok(())
}

/// Every open organisation of the person must allow the address (C27). Which one does not is no
/// secret from somebody who belongs to it.
fn allowed_everywhere(
    places: &[(OrganisationRow, MembershipRow)],
    address: &EmailAddress,
    field: &str,
) -> Result<()> {
    let strict = open(places).find(|(organisation, _)| {
        let domains = &organisation.policy.email_domains;
        !domains.allows(address)
    });
    let Some((organisation, _)) = strict else {
        return Ok(());
    };
    let endings = organisation.policy.email_domains.endings().join(" or ");
    let mut violations = Violations::new();
    let values = vec![organisation.name.clone(), endings];
    violations.add_with(field, "email.domain_of", values);
    Err(Error::Invalid(violations))
}
