//! The page of answers: what will be sent to whom, before anything is sent.

use chrono::TimeDelta;
use domain::{
    RoleSummary,
    id::DraftId,
    invitation::{
        EntryOutcome, First, InviteCheck, InviteStep, MembersChoice, NotSent, PendingChoice,
    },
    letter::Letter,
};
use store::OrganisationRow;

use super::{At, Loaded, Standing, answers::still_grantable, here, pages::PEOPLE};
use crate::{
    Actor, Error, Result, Services,
    invitations::{DAY, Elsewhere, area_ids, area_tree, letter::invitation_letter},
    outbox::{MessageContent, MessageKind},
};

impl Services {
    /// The page of answers.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] without the right to invite.
    pub async fn invite_check(
        &self,
        actor: &Actor,
        slug: &str,
        id: DraftId,
    ) -> Result<At<InviteCheck>> {
        let mut tx = self.store.read().await?;
        let loaded = here!(self.load_invite(&mut tx, actor, slug, id).await?);
        let standing = here!(
            self.reach_invite_step(&mut tx, &loaded, InviteStep::Check)
                .await?
        );
        let Some(role) = self.chosen_role(&mut tx, &loaded).await? else {
            return Ok(At::Elsewhere(Elsewhere::Step(InviteStep::Role)));
        };
        if still_grantable(&loaded, &role).is_err() {
            return Ok(At::Elsewhere(Elsewhere::Step(InviteStep::Areas)));
        }
        let asks_areas = loaded.asks_areas(Some(&role));
        let organisation = &loaded.access.organisation;
        let role = self
            .role_summaries(&mut tx, organisation.id)
            .await?
            .into_iter()
            .find(|summary| summary.id == role.id)
            .ok_or(Error::NotFound)?;
        let now = self.now();
        let expires_at = now + lifetime(organisation, role.privileged);
        let areas = area_tree(&loaded.access.areas).labels(&area_ids(loaded.draft.areas.as_ref()));
        let content = MessageContent {
            organisation: organisation.name.clone(),
            organisation_slug: organisation.slug.clone(),
            by: actor.name().to_owned(),
            role: role.name.clone(),
            tasks: role.can.clone(),
            areas: areas.clone(),
            message: loaded.draft.message.clone(),
            expires_at: Some(expires_at),
            ..MessageContent::default()
        };
        let letter: Letter = invitation_letter(
            MessageKind::Invitation,
            &content,
            &self.settings.service_name,
        )
        .unwrap_or_default();
        let sent_today = tx
            .count_invitations_since(organisation.id, now - DAY)
            .await?;
        let left = quota_left(organisation, sent_today);
        let sorted = &standing.sorted;
        let again = match loaded.draft.pending {
            PendingChoice::SendAgain => {
                self.known_people(&mut tx, organisation, &sorted.pending)
                    .await?
            }
            PendingChoice::Leave => First::default(),
        };
        let members = match loaded.draft.members {
            MembersChoice::GiveRole => {
                self.known_people(&mut tx, organisation, &sorted.members)
                    .await?
            }
            MembersChoice::Leave => First::default(),
        };
        let to_invite = sorted.ready.len();
        Ok(At::Here(InviteCheck {
            version: loaded.journey.version,
            organisation_name: organisation.name.clone(),
            invitees: First::of(sorted.ready.iter().cloned(), PEOPLE),
            again,
            members,
            not_invited: First::of(left_out(&loaded, &standing), PEOPLE),
            role: RoleSummary { ..role },
            areas,
            asks_areas,
            area_label: organisation.policy.area_label.many.clone(),
            message: loaded.draft.message.clone(),
            expires_at,
            letter,
            quota_left: (left < to_invite).then(|| domain::wording::count(left)),
        }))
    }
}

/// How long a link works (C2).
pub(in crate::invitations) fn lifetime(
    organisation: &OrganisationRow,
    privileged: bool,
) -> TimeDelta {
    TimeDelta::hours(i64::from(organisation.policy.ttl_hours(privileged)))
}

/// How many more invitations the day's limit leaves room for (R37).
pub(in crate::invitations) fn quota_left(organisation: &OrganisationRow, sent: i64) -> usize {
    let limit = i64::from(organisation.policy.bulk_invitations_a_day);
    usize::try_from(limit - sent).unwrap_or_default()
}

/// Everything that was entered and will not be invited, with the outcome that it will have.
pub(in crate::invitations) fn left_out(loaded: &Loaded, standing: &Standing) -> Vec<NotSent> {
    let sorted = &standing.sorted;
    let mut out = Vec::new();
    let mut person = |line: u32, text: &str, outcome, row: Option<&store::AddressRow>| {
        out.push(NotSent {
            entry: None,
            line,
            text: text.to_owned(),
            outcome,
            user: row.map(|row| row.user_id),
            name: row.map_or_else(String::new, |row| {
                format!("{} {}", row.first_name, row.last_name)
                    .trim()
                    .to_owned()
            }),
        });
    };
    if loaded.draft.members == MembersChoice::Leave {
        for (invitee, row) in &sorted.members {
            let text = invitee.address.as_str();
            person(invitee.line, text, EntryOutcome::AlreadyMember, Some(row));
        }
    }
    if loaded.draft.pending == PendingChoice::Leave {
        for (invitee, row) in &sorted.pending {
            let text = invitee.address.as_str();
            person(invitee.line, text, EntryOutcome::AlreadyPending, Some(row));
        }
    }
    for (invitee, row) in &sorted.inactive {
        let text = invitee.address.as_str();
        person(invitee.line, text, EntryOutcome::Inactive, Some(row));
    }
    for invitee in &sorted.not_allowed {
        let text = invitee.address.as_str();
        person(invitee.line, text, EntryOutcome::DomainNotAllowed, None);
    }
    if let Some(mended) = &standing.mended {
        for line in &mended.skipped {
            let outcome = if line.is_address {
                EntryOutcome::Skipped
            } else {
                EntryOutcome::Invalid
            };
            person(line.line, &line.text, outcome, None);
        }
        for repeated in &mended.repeated {
            let text = repeated.address.as_str();
            person(repeated.line, text, EntryOutcome::Repeated, None);
        }
    }
    out.sort_by_key(|one| one.line);
    out
}
