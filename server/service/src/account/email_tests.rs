//! How people change their email address themselves.

use chrono::TimeDelta;
use domain::{
    MembershipStatus,
    account::{EmailCodesForm, OwnEmailForm},
    id::{AuditEventId, OrganisationId, UserId},
    listing::UsersQuery,
    policy::EmailDomains,
};
use store::UserRow;

use crate::{Actor, Conflict, Error, Result, account::Renewed, testing::Harness};

const OLD: &str = "jane.carlton@nhs.net";
const NEW: &str = "jane.smith@hollybrook.nhs.uk";

/// Hollybrook Hospital and Rosebush Hospital, and Jane, who works in both and is signed in.
struct Place {
    h: Harness,
    organisations: [OrganisationId; 2],
    jane: Actor,
}

impl Place {
    async fn new() -> Self {
        let h = Harness::new().await;
        let one = h.organisation("RX1", "Hollybrook Hospital").await;
        let two = h.organisation("RX2", "Rosebush Hospital").await;
        for slug in ["rx1", "rx2"] {
            h.administrator(slug, "sam.okoro@nhs.net").await;
        }
        h.member("rx1", OLD, "viewer").await;
        let member = h.member("rx2", OLD, "viewer").await;
        let jane = signed_in(&h, &member).await;
        Self {
            h,
            organisations: [one, two],
            jane,
        }
    }

    /// Who administers both.
    async fn sam(&self) -> Actor {
        let mut tx = self.h.services.store.read().await.unwrap();
        let sam = tx.user_by_email_key("sam.okoro@nhs.net").await;
        let sam = sam.unwrap().unwrap();
        self.h.actor(sam.id, &sam.name(), &sam.email)
    }

    async fn user(&self) -> UserRow {
        self.user_of(self.jane.user()).await
    }

    async fn user_of(&self, id: UserId) -> UserRow {
        let mut tx = self.h.services.store.read().await.unwrap();
        tx.user(id).await.unwrap().unwrap()
    }

    async fn ask(&self, email: &str) -> Result<String> {
        self.ask_as(&self.jane, email).await
    }

    async fn ask_as(&self, actor: &Actor, email: &str) -> Result<String> {
        let form = OwnEmailForm {
            email: email.to_owned(),
        };
        self.h.services.prove_own_email(actor, &form).await
    }

    /// The newest code in a mailbox.
    async fn code(&self, mailbox: &str) -> String {
        let mut waiting = self.h.outbox().await;
        waiting.retain(|one| one.recipient == mailbox && one.kind == "email_change_code");
        waiting.pop().and_then(|one| one.secret).unwrap()
    }

    async fn change(&self, email: &str, current: &str, new: &str) -> Result<Renewed> {
        self.change_as(&self.jane, email, (current, new)).await
    }

    async fn change_as(
        &self,
        actor: &Actor,
        email: &str,
        (current, new): (&str, &str),
    ) -> Result<Renewed> {
        let form = EmailCodesForm {
            current_code: current.to_owned(),
            new_code: new.to_owned(),
        };
        let services = &self.h.services;
        services.change_own_email(actor, email, &form).await
    }

    async fn kinds(&self, organisation: Option<OrganisationId>, kind: &str) -> usize {
        let start = AuditEventId::from_uuid(uuid::Uuid::nil());
        let mut tx = self.h.services.store.read().await.unwrap();
        let events = tx
            .audit_events_after(organisation, (0, start), 1_000)
            .await
            .unwrap();
        events.iter().filter(|event| event.kind == kind).count()
    }

    async fn allow(&self, organisation: OrganisationId, rules: &[&str]) {
        let mut tx = self.h.services.store.write().await.unwrap();
        let mut policy = tx.organisation(organisation).await.unwrap().unwrap().policy;
        let rules = rules.iter().map(|rule| (*rule).to_owned()).collect();
        policy.email_domains = EmailDomains::Only(rules);
        tx.update_policy(organisation, &policy).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Somebody at their next request, in a session of their own.
async fn signed_in(h: &Harness, member: &Actor) -> Actor {
    let cookie = h.session(member).await;
    h.signed_in(&cookie).await.unwrap()
}

/// Another code than this one.
fn other(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

/// "current_code current_code.wrong", in the order of the page.
fn refused<T>(result: Result<T>) -> Vec<String> {
    match result {
        Err(Error::Invalid(violations)) => violations
            .iter()
            .map(|one| format!("{} {}", one.field, one.code))
            .collect(),
        Err(error) => vec![error.to_string()],
        Ok(_) => Vec::new(),
    }
}

/// C5, R73, R60: an address counts once both mailboxes have given their code, in every organisation at
/// once. Other sessions and older links end, the old address is told, each organisation has it in its
/// activity.
#[tokio::test]
async fn both_addresses_are_proved() {
    let place = Place::new().await;
    let services = &place.h.services;
    let other_session = place.h.session(&place.jane).await;
    let form = domain::sign_in::ForgotPasswordForm {
        email: OLD.to_owned(),
    };
    let request = place.h.request();
    services
        .request_password_reset(&form, &request)
        .await
        .unwrap();
    let reset = place.h.outbox().await.pop().unwrap().secret.unwrap();
    assert!(services.reset_rules(&reset, &request).await.is_ok());

    assert_eq!(refused(place.ask("").await), ["email email.empty_own"]);
    assert_eq!(refused(place.ask("jane@nhs").await), ["email email.format"]);
    let same = place.ask("Jane.Carlton@NHS.net").await;
    assert_eq!(refused(same), ["email email.same"]);
    assert_eq!(place.ask(NEW).await.unwrap(), NEW);
    let (current, new) = (place.code(OLD).await, place.code(NEW).await);
    let waiting = services.own_email_change(&place.jane, NEW).await.unwrap();
    assert_eq!((waiting.current.as_str(), waiting.new.as_str()), (OLD, NEW));
    let (not_current, not_new) = (other(&current), other(&new));
    for (one, two, codes) in [
        (current.as_str(), not_new, &["new_code new_code.wrong"][..]),
        (
            not_current,
            new.as_str(),
            &["current_code current_code.wrong"],
        ),
        (
            not_current,
            not_new,
            &["current_code current_code.wrong", "new_code new_code.wrong"],
        ),
    ] {
        assert_eq!(refused(place.change(NEW, one, two).await), codes);
    }
    // Neither is the other's.
    if current != new {
        assert_eq!(refused(place.change(NEW, &new, &current).await).len(), 2);
    }
    assert_eq!(place.user().await.email, OLD);
    assert!(place.h.is_signed_in(&other_session).await);

    let renewed = place.change(NEW, &current, &new).await.unwrap();
    let user = place.user().await;
    assert_eq!((user.email.as_str(), user.email_key.as_str()), (NEW, NEW));
    assert!(!place.h.is_signed_in(&other_session).await);
    let jane = place.h.signed_in(renewed.session.expose()).await.unwrap();
    assert_eq!(services.step_up(&jane).await.unwrap().email, NEW);
    assert!(services.reset_rules(&reset, &request).await.is_err());
    for organisation in place.organisations.map(Some).into_iter().chain([None]) {
        assert_eq!(place.kinds(organisation, "email_changed").await, 1);
    }
    let events = services.own_activity(&jane).await.unwrap();
    assert!(
        events
            .iter()
            .any(|event| event.item.kind == domain::AuditEventKind::EmailChanged)
    );
    let sam = place.sam().await;
    for (typed, found) in [("hollybrook.nhs", 1), (NEW, 1), (OLD, 0)] {
        let query = UsersQuery {
            q: typed.to_owned(),
            ..UsersQuery::default()
        };
        let list = services.users_page(&sam, "rx1", &query).await;
        assert_eq!(list.unwrap().rows.len(), found, "{typed}");
    }
    let sent = place.h.outbox().await;
    let told = sent.iter().find(|one| one.kind == "email_changed").unwrap();
    assert_eq!(told.recipient, OLD);
    assert_eq!(told.content.subject, NEW);
    // The codes are spent, and their session is over.
    let again = place.change(NEW, &current, &new).await;
    assert!(matches!(again, Err(Error::SignInRequired)));
    let again = place.change_as(&jane, NEW, (&current, &new)).await;
    assert!(refused(again).contains(&"current_code codes.used_up".to_owned()));
    assert_eq!(place.h.broken_invariants(true).await, [""; 0]);
}

/// R31: whether an address has an account is told by nothing but its mailbox; whose it is, it stays.
#[tokio::test]
async fn an_address_of_somebody_else_is_not_told_from_any_other() {
    let place = Place::new().await;
    let taken = "lee.ward@nhs.net";
    let lee = place.h.member("rx2", taken, "viewer").await;
    assert_eq!(place.ask(taken).await.unwrap(), taken);
    let sent = place.h.outbox().await;
    let mut kinds: Vec<_> = sent
        .iter()
        .map(|one| (one.recipient.as_str(), one.kind.as_str()))
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [(OLD, "email_change_code"), (taken, "email_taken")]);
    let message = sent.iter().find(|one| one.recipient == taken).unwrap();
    assert_eq!(message.secret, None);
    assert_eq!(message.content.recipient_name, "", "nothing of the person");
    let waiting = place.h.services.own_email_change(&place.jane, taken).await;
    assert_eq!(waiting.unwrap().new, taken);
    let current = place.code(OLD).await;
    for _ in 0..4 {
        let change = place.change(taken, &current, "123456").await;
        assert_eq!(refused(change), ["new_code new_code.wrong"]);
    }
    let change = place.change(taken, &current, "123456").await;
    assert_eq!(refused(change), ["current_code codes.used_up"]);
    assert_eq!(place.user().await.email, OLD);
    assert_eq!(place.user_of(lee.user()).await.email, taken);
    // The same of an address that nobody has, but for the mailbox.
    place.h.clock.advance(TimeDelta::minutes(1));
    assert_eq!(place.ask(NEW).await.unwrap(), NEW);
    let (current, new) = (place.code(OLD).await, place.code(NEW).await);
    for _ in 0..4 {
        let change = place.change(NEW, &current, other(&new)).await;
        assert_eq!(refused(change), ["new_code new_code.wrong"]);
    }
    let change = place.change(NEW, &current, other(&new)).await;
    assert_eq!(refused(change), ["current_code codes.used_up"]);
}

/// R73: an address that somebody else got between question and answer stays theirs.
#[tokio::test]
async fn an_address_that_was_given_away_meanwhile_is_refused() {
    let place = Place::new().await;
    place.ask(NEW).await.unwrap();
    let (current, new) = (place.code(OLD).await, place.code(NEW).await);
    let lee = place.h.member("rx2", NEW, "viewer").await;
    let change = place.change(NEW, &current, &new).await;
    assert_eq!(refused(change), ["new_code email.taken"]);
    assert_eq!(place.user().await.email, OLD);
    assert_eq!(place.user_of(lee.user()).await.email, NEW);
}

/// C27: every organisation of the person must allow the address, when it is asked for and when it is
/// written; the one that does not is named.
#[tokio::test]
async fn every_organisation_must_allow_the_address() {
    let place = Place::new().await;
    let [_, rosebush] = place.organisations;
    place
        .allow(rosebush, &["nhs.net", "*.rosebush.nhs.uk"])
        .await;
    let refusal = match place.ask(NEW).await {
        Err(Error::Invalid(violations)) => violations.iter().next().cloned().unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (refusal.field.as_str(), refusal.code.as_str()),
        ("email", "email.domain_of")
    );
    assert_eq!(
        refusal.params,
        ["Rosebush Hospital", "nhs.net or rosebush.nhs.uk"]
    );
    assert!(place.h.outbox().await.is_empty());
    let fine = "jane.smith@rosebush.nhs.uk";
    place.ask(fine).await.unwrap();
    let (current, new) = (place.code(OLD).await, place.code(fine).await);
    place.allow(rosebush, &["nhs.net"]).await;
    let change = place.change(fine, &current, &new).await;
    assert_eq!(refused(change), ["new_code email.domain_of"]);
    assert_eq!(place.user().await.email, OLD);
    // Where the person is no longer, nothing of it counts.
    let mut tx = place.h.services.store.write().await.unwrap();
    let member = tx.membership_of(rosebush, place.jane.user()).await;
    let mut member = member.unwrap().unwrap();
    member.status = MembershipStatus::Inactive;
    tx.update_membership(&member).await.unwrap();
    tx.commit().await.unwrap();
    place.change(fine, &current, &new).await.unwrap();
    assert_eq!(place.user().await.email, fine);
}

/// R73, CVE-2026-32700: of two changes at once, in one session or in two, each code proves the address
/// that it was sent to and no other, and the first that is finished ends the other.
#[tokio::test]
async fn two_changes_at_once_cannot_be_mixed() {
    let place = Place::new().await;
    let (mine, victim) = ("jane@attacker.example", "victim@nhs.net");
    let elsewhere = signed_in(&place.h, &place.jane).await;
    place.ask(mine).await.unwrap();
    let (current, new) = (place.code(OLD).await, place.code(mine).await);
    place.h.clock.advance(TimeDelta::minutes(1));
    place.ask(victim).await.unwrap();
    let later = place.code(OLD).await;
    // The codes of the one do not open the other, whichever of the old address is given.
    for code in [&current, &later] {
        let mixed = place.change(victim, code, &new).await;
        assert!(refused(mixed).contains(&"new_code new_code.wrong".to_owned()));
    }
    // Nor do they in another session of the same person.
    let stolen = place.change_as(&elsewhere, mine, (&current, &new)).await;
    assert_eq!(refused(stolen), ["current_code codes.used_up"]);
    place.h.clock.advance(TimeDelta::minutes(3));
    place.ask_as(&elsewhere, NEW).await.unwrap();
    let (there, new_there) = (place.code(OLD).await, place.code(NEW).await);
    place.change(mine, &current, &new).await.unwrap();
    let late = place.change_as(&elsewhere, NEW, (&there, &new_there)).await;
    assert!(matches!(late, Err(Error::SignInRequired)));
    assert_eq!(place.user().await.email, mine);
}

/// R42, R49, R37, R36: codes end after 10 minutes and new ones are sent; whoever begins proves who they are, 5
/// minutes before at most, and may go on for as long as the codes last; not too many messages to anybody.
#[tokio::test]
async fn codes_end_and_messages_have_limits() {
    let place = Place::new().await;
    place.ask(NEW).await.unwrap();
    let soon = place.ask(NEW).await;
    assert!(matches!(soon, Err(Error::Conflict(Conflict::CodeTooSoon))));
    let (current, new) = (place.code(OLD).await, place.code(NEW).await);
    place.h.clock.advance(TimeDelta::minutes(10));
    let late = place.change(NEW, &current, &new).await;
    assert_eq!(refused(late), ["current_code codes.expired"]);
    let begun = place.ask("jane.one@nhs.net").await;
    assert!(matches!(begun, Err(Error::StepUpRequired)));
    let mut tx = place.h.services.store.write().await.unwrap();
    let now = place.h.services.now();
    tx.set_session_proof(place.jane.session(), now, "password")
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let (again, new_again) = (place.code(OLD).await, place.code(NEW).await);
    // To the old address alone: the third in 10 minutes is the last.
    place.ask("jane.one@nhs.net").await.unwrap();
    place.ask("jane.two@nhs.net").await.unwrap();
    let more = place.ask("jane.three@nhs.net").await;
    assert!(matches!(more, Err(Error::SlowDown { .. })));
    place.change(NEW, &again, &new_again).await.unwrap();
}

/// R21, R19, R20: an invitation that waits goes along; its link in the old mailbox opens nothing and says
/// nothing of the new address, and nothing lasts longer than it would have.
#[tokio::test]
async fn an_invitation_that_waits_goes_along() {
    let place = Place::new().await;
    let services = &place.h.services;
    let third = place.h.organisation("RX3", "Larchwood Trust").await;
    let lee = place.h.administrator("rx3", "lee.ward@nhs.net").await;
    let address = domain::EmailAddress::parse(OLD).unwrap();
    let by = crate::By::actor(&lee);
    let printed = services.create_administrator(&by, "rx3", &address).await;
    let printed = printed.unwrap().url;
    let token = |url: &str| url.rsplit('/').next().unwrap_or_default().to_owned();
    let old = token(&printed);
    let mut tx = services.store.read().await.unwrap();
    let member = tx
        .membership_of(third, place.jane.user())
        .await
        .unwrap()
        .unwrap();
    let before = tx.invitations_of(third, member.id).await.unwrap();
    drop(tx);
    place.h.clock.advance(TimeDelta::minutes(1));
    place.ask(NEW).await.unwrap();
    let (current, new) = (place.code(OLD).await, place.code(NEW).await);
    place.change(NEW, &current, &new).await.unwrap();
    let nobody = crate::request::Authentication::Anonymous;
    let request = place.h.request();
    let landing = services.invitation_landing(&old, &nobody, &request).await;
    assert_eq!(
        landing.unwrap(),
        domain::invitation::InvitationLanding::Replaced
    );
    let refused = services.accept_invitation(&old, &nobody, &request).await;
    assert!(matches!(
        refused.map(drop),
        Err(Error::Conflict(Conflict::InvitationReplaced))
    ));
    let mut tx = services.store.read().await.unwrap();
    let rows = tx.invitations_of(third, member.id).await.unwrap();
    drop(tx);
    assert_eq!(rows.len(), before.len() + 1);
    assert_eq!(rows[0].expires_at, before[0].expires_at);
    assert_eq!(rows[0].invited_by, before[0].invited_by);
    let sent = place.h.outbox().await;
    let offer = sent.iter().find(|one| one.kind == "new_access").unwrap();
    assert_eq!(offer.recipient, NEW);
    assert_eq!(offer.content.organisation, "Larchwood Trust");
    assert_eq!(offer.content.role, "Administrator");
    // The owner of the account joins with the new link, and nobody else.
    let new = offer.secret.clone().unwrap();
    let begun = services
        .accept_invitation(&new, &nobody, &request)
        .await
        .unwrap();
    assert!(begun.has_user);
    let joined = services.join(&begun.flow, &nobody, &request).await;
    assert!(matches!(joined, Err(Error::SignInRequired)));
    assert_eq!(place.h.broken_invariants(true).await, [""; 0]);
}

/// R49: what was begun after a proof is ended before long, or not without another.
#[tokio::test]
async fn going_on_has_its_time() {
    let place = Place::new().await;
    place.ask(NEW).await.unwrap();
    let (current, new) = (place.code(OLD).await, place.code(NEW).await);
    place.h.clock.advance(TimeDelta::minutes(15));
    let late = place.change(NEW, &current, &new).await;
    assert!(matches!(late, Err(Error::StepUpRequired)));
    assert_eq!(place.user().await.email, OLD);
}
