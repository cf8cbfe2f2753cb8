//! Making invitations out of entries: users, memberships, seats, roles, tokens, messages and audit
//! events, many with each statement.

use std::collections::BTreeMap;

use domain::{
    EmailAddress, MembershipStatus,
    audit::AuditEventKind,
    id::{AssignmentId, EntryId, InvitationId, MembershipId, UserId},
    invitation::{Delivery, EntryOutcome, InvitationStatus},
    search,
};
use serde_json::json;
use store::{
    AddressRow, AssignmentRow, InvitationRow, MembershipRow, Settled, StoreError, Tx, UserRow,
};

use super::{journey::check::lifetime, process::Work, reminders::reminders};
use crate::{
    Result, Services,
    audit::Event,
    outbox::{Channel, MessageContent, MessageKind, Outgoing},
    secrets::{Token, TokenPurpose},
};

/// An entry that is to become an invitation.
pub(super) struct Offer {
    pub entry: EntryId,
    /// As it stood beside the address.
    pub name: String,
    pub address: EmailAddress,
    /// What is known about the address.
    pub known: Option<AddressRow>,
}

/// A person with a membership that waits for them.
struct Invited {
    entry: EntryId,
    user: UserId,
    membership: MembershipId,
    email: String,
    first_name: String,
    last_name: String,
    /// Has an account, so signs in and accepts instead of registering (R23).
    registered: bool,
    words: Vec<String>,
}

impl Invited {
    fn name(&self) -> String {
        let name = format!("{} {}", self.first_name, self.last_name);
        let name = name.trim();
        if name.is_empty() {
            self.email.clone()
        } else {
            name.to_owned()
        }
    }
}

impl Services {
    /// Makes the invitations. Everybody ends as sent or without a seat.
    pub(super) async fn make_offers(
        &self,
        tx: &mut Tx,
        work: &Work,
        offers: Vec<Offer>,
    ) -> Result<Vec<Settled>> {
        let mut settled = Vec::with_capacity(offers.len());
        let (offers, without) = self.with_free_seats(tx, work, offers).await?;
        settled.extend(without.into_iter().map(|offer| no_seat(offer.entry)));
        let users = self.users_for(tx, &offers).await?;
        let mut invited = Vec::with_capacity(offers.len());
        let mut memberships = Vec::with_capacity(offers.len());
        for offer in offers {
            let Some(user) = users.get(offer.address.key()) else {
                return Err(StoreError::Stale.into());
            };
            let (person, new) = self.membership_for(tx, work, offer, user).await?;
            memberships.extend(new);
            invited.push(person);
        }
        tx.insert_memberships(&memberships).await?;
        let (invited, without) = self.claim_seats(tx, work, invited).await?;
        for person in without {
            self.take_back(tx, work, &person).await?;
            settled.push(no_seat(person.entry));
        }
        self.give_access(tx, work, &invited).await?;
        self.send_invitations_to(tx, work, &invited).await?;
        settled.extend(invited.iter().map(|person| Settled {
            entry: person.entry,
            outcome: EntryOutcome::Sent,
            membership: Some(person.membership),
        }));
        Ok(settled)
    }

    /// Cuts the list after the places that seem free. Whoever gets one is decided when it is
    /// claimed; this only saves making people who cannot get any.
    async fn with_free_seats(
        &self,
        tx: &mut Tx,
        work: &Work,
        mut offers: Vec<Offer>,
    ) -> Result<(Vec<Offer>, Vec<Offer>)> {
        let Some(limit) = work.role.seat_limit else {
            return Ok((offers, Vec::new()));
        };
        let used = tx.seats_used(work.organisation.id, work.now).await?;
        let used = used
            .iter()
            .find(|(role, _)| *role == work.role.id)
            .map_or(0, |(_, used)| *used);
        let free = usize::try_from(limit - used).unwrap_or_default();
        let rest = offers.split_off(free.min(offers.len()));
        Ok((offers, rest))
    }

    /// The users of the offers by the keys of their addresses; those that are missing are made.
    async fn users_for(&self, tx: &mut Tx, offers: &[Offer]) -> Result<BTreeMap<String, UserRow>> {
        let now = self.now();
        let mut users = BTreeMap::new();
        let mut new = Vec::new();
        for offer in offers {
            let mut row = UserRow::unregistered(
                UserId::from_uuid(self.random.uuid(now)),
                offer.address.as_str(),
                offer.address.key(),
                now,
            );
            if let Some(known) = &offer.known {
                row.id = known.user_id;
                row.email.clone_from(&known.email);
                row.first_name.clone_from(&known.first_name);
                row.last_name.clone_from(&known.last_name);
                row.registered_at = known.registered_at;
            } else {
                new.push(row.clone());
            }
            users.insert(row.email_key.clone(), row);
        }
        let made = tx.insert_users(&new).await?;
        if made != new.len() as u64 {
            // Another organisation made one of them in this moment.
            for row in &new {
                if let Some(user) = tx.user_by_email_key(&row.email_key).await? {
                    users.insert(row.email_key.clone(), user);
                }
            }
        }
        Ok(users)
    }

    /// The membership that an offer leads to: a new row, or the one that was cancelled before.
    async fn membership_for(
        &self,
        tx: &mut Tx,
        work: &Work,
        offer: Offer,
        user: &UserRow,
    ) -> Result<(Invited, Option<MembershipRow>)> {
        let organisation = work.organisation.id;
        let expires_at = work.now + lifetime(&work.organisation, work.role.privileged);
        let pasted = domain::email_list::Recognised {
            line: 0,
            address: offer.address.clone(),
            name: Some(offer.name),
            suggestion: None,
        };
        // Before they have registered, people are known by the name that stood in the list, here only.
        let (first, last) = if user.registered_at.is_some() {
            (user.first_name.clone(), user.last_name.clone())
        } else {
            pasted
                .first_and_last()
                .map_or_else(Default::default, |(first, last)| {
                    (first.as_str().to_owned(), last.as_str().to_owned())
                })
        };
        let mut person = Invited {
            entry: offer.entry,
            user: user.id,
            membership: MembershipId::from_uuid(self.random.uuid(work.now)),
            email: user.email.clone(),
            first_name: first.clone(),
            last_name: last.clone(),
            registered: user.registered_at.is_some(),
            words: search::index_words(&first, &last, &user.email),
        };
        let known = offer.known.and_then(|known| known.membership_id);
        if let Some(known) = known {
            let Some(mut row) = tx.membership(organisation, known).await? else {
                return Err(StoreError::Stale.into());
            };
            row.status = MembershipStatus::Pending;
            row.invited_at = Some(work.now);
            row.invitation_expires_at = Some(expires_at);
            row.delivery_failed_at = None;
            row.deactivated_at = None;
            if !first.is_empty() {
                row.call(&first, &last, &user.email);
            }
            tx.update_membership(&row).await?;
            tx.delete_assignments_of(organisation, known).await?;
            person.membership = known;
            return Ok((person, None));
        }
        let mut row =
            MembershipRow::invited(person.membership, organisation, user, work.now, expires_at);
        row.call(&first, &last, &user.email);
        Ok((person, Some(row)))
    }

    /// Claims a seat for everybody, when the role has a limit (R70). Returns who has one and who
    /// has not.
    async fn claim_seats(
        &self,
        tx: &mut Tx,
        work: &Work,
        invited: Vec<Invited>,
    ) -> Result<(Vec<Invited>, Vec<Invited>)> {
        if work.role.seat_limit.is_none() {
            return Ok((invited, Vec::new()));
        }
        let (mut with, mut without) = (Vec::new(), Vec::new());
        for person in invited {
            let got = tx
                .claim_seat(
                    work.organisation.id,
                    work.role.id,
                    person.membership,
                    work.now,
                )
                .await?;
            if got {
                with.push(person);
            } else {
                without.push(person);
            }
        }
        Ok((with, without))
    }

    /// Undoes the membership of somebody who got no seat: in this transaction, so that it never was.
    async fn take_back(&self, tx: &mut Tx, work: &Work, person: &Invited) -> Result<()> {
        let organisation = work.organisation.id;
        let Some(mut row) = tx.membership(organisation, person.membership).await? else {
            return Ok(());
        };
        if row.created_at == work.now && row.version == 0 {
            tx.delete_membership(organisation, row.id).await?;
        } else {
            row.status = MembershipStatus::Cancelled;
            tx.update_membership(&row).await?;
        }
        Ok(())
    }

    /// Roles in their areas, and the words by which people are found.
    async fn give_access(&self, tx: &mut Tx, work: &Work, invited: &[Invited]) -> Result<()> {
        let organisation = work.organisation.id;
        let places: Vec<_> = if work.areas.is_empty() {
            vec![None]
        } else {
            work.areas.iter().copied().map(Some).collect()
        };
        let mut assignments = Vec::with_capacity(invited.len() * places.len());
        for person in invited {
            for area in &places {
                assignments.push(AssignmentRow {
                    id: AssignmentId::from_uuid(self.random.uuid(work.now)),
                    organisation_id: organisation,
                    membership_id: person.membership,
                    role_id: work.role.id,
                    area_id: *area,
                    starts_at: None,
                    ends_at: None,
                    granted_by: Some(work.sender.id),
                    granted_at: work.now,
                });
            }
        }
        tx.insert_assignments(&assignments).await?;
        let words: Vec<_> = invited
            .iter()
            .map(|person| (person.membership, person.words.clone()))
            .collect();
        tx.insert_words(organisation, &words).await?;
        Ok(())
    }

    /// Invitations with their tokens, messages and audit events.
    async fn send_invitations_to(
        &self,
        tx: &mut Tx,
        work: &Work,
        invited: &[Invited],
    ) -> Result<()> {
        let organisation = work.organisation.id;
        let expires_at = work.now + lifetime(&work.organisation, work.role.privileged);
        let mut rows = Vec::with_capacity(invited.len());
        let mut messages = Vec::with_capacity(invited.len());
        let mut events = Vec::with_capacity(invited.len());
        for person in invited {
            let token = Token::generate(TokenPurpose::Invitation, &self.random);
            let row = InvitationRow {
                id: InvitationId::from_uuid(self.random.uuid(work.now)),
                organisation_id: organisation,
                membership_id: person.membership,
                batch_id: Some(work.batch.id),
                invited_by: Some(work.sender.id),
                message: work.batch.message.clone(),
                token_digest: token.digest().to_vec(),
                status: InvitationStatus::Open,
                delivery: Delivery::Queued,
                created_at: work.now,
                sent_at: None,
                expires_at,
                closed_at: None,
                new_one_asked_at: None,
            };
            let offer = Outgoing {
                id: None,
                channel: Channel::Email,
                kind: if person.registered {
                    MessageKind::NewAccess
                } else {
                    MessageKind::Invitation
                },
                organisation: Some(organisation),
                invitation: Some(row.id),
                recipient: person.email.clone(),
                content: MessageContent {
                    recipient_name: person.first_name.clone(),
                    organisation: work.organisation.name.clone(),
                    organisation_slug: work.organisation.slug.clone(),
                    by: work.sender.name(),
                    role: work.role.name.clone(),
                    tasks: work.summary.can.clone(),
                    areas: work.area_labels.clone(),
                    message: work.batch.message.clone(),
                    expires_at: Some(expires_at),
                    ..MessageContent::default()
                },
                secret: Some(token.expose().to_owned()),
                not_after: Some(expires_at),
                hold_until: None,
            };
            messages.extend(reminders(&work.organisation, &offer, work.now));
            messages.push(offer);
            events.push(Event {
                organisation: Some(organisation),
                kind: AuditEventKind::InvitationSent,
                subject: Some((person.user, person.name())),
                details: json!({
                    "invitation": row.id,
                    "batch": work.batch.id,
                    "role": work.role.name,
                    "areas": work.area_labels,
                    "expires_at": expires_at,
                }),
            });
            rows.push(row);
        }
        tx.insert_invitations(&rows).await?;
        self.queue(tx, messages).await?;
        self.audit_all(tx, &work.by, events).await
    }
}

fn no_seat(entry: EntryId) -> Settled {
    Settled {
        entry,
        outcome: EntryOutcome::NoSeat,
        membership: None,
    }
}
