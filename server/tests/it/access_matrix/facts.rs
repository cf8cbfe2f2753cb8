//! What the questions of the table are about.

use domain::{bulk::BulkAction, id::UserId, membership::DetailsForm};
use service::{Actor, bulk, invitations::At};

use super::{Matrix, TARGETS, everything::ABOUT};
use crate::{harness::link, live};

/// What stands in the place of everybody's password, to be looked for.
const HASH: &str = "canary-of-a-password-hash";

/// What the questions are about.
pub struct Facts(Vec<(&'static str, String)>);

impl Facts {
    pub async fn of(matrix: &Matrix, actor: Option<&Actor>) -> Self {
        let services = &matrix.lanyard.services;
        let about = TARGETS.iter().find(|target| target.name == ABOUT).unwrap();
        let target = matrix.target(about, actor).await.unwrap();
        let mut browser = matrix.browser("", Some(&matrix.last)).await;
        let page = live::invite(&mut browser, "pat.new@nhs.net").await;
        let job = page.rsplit('/').next().unwrap().to_owned();
        let token = link(&*matrix.lanyard.newest_mail("pat.new@nhs.net").await);
        let token = token.rsplit('/').next().unwrap().to_owned();
        let (_, version) = matrix.facts(&target).await;
        let form = DetailsForm {
            first_name: "Tim".to_owned(),
            last_name: "Target".to_owned(),
            ..DetailsForm::default()
        };
        let version = version.parse().unwrap();
        let changed = services.change_details(&matrix.last, "rx1", target.user(), version, &form);
        let change = changed.await.unwrap().change.unwrap();
        // Of whoever may, their own journeys; for everybody else those of somebody else.
        let (boss, whom) = (&matrix.last, target.user());
        let inviter = match actor {
            Some(actor) if services.start_adding(actor, "rx1").await.is_ok() => actor,
            _ => boss,
        };
        let lister = match actor {
            Some(actor) if services.start_invite(actor, "rx1").await.is_ok() => actor,
            _ => boss,
        };
        let changer = match actor {
            Some(actor) => {
                let ask = BulkAction::Deactivate;
                let own = services.start_bulk(actor, "rx1", ask, vec![whom], None);
                if own.await.is_ok() { actor } else { boss }
            }
            None => boss,
        };
        let viewer = matrix.role("viewer").await;
        let to_invite = matrix.list(lister, ("pat.list@nhs.net", &viewer)).await;
        let At::Here(to_send) = services
            .invite_check(lister, "rx1", to_invite)
            .await
            .unwrap()
        else {
            panic!("to be checked");
        };
        let list = matrix.list(lister, ("pat.other@nhs.net", &viewer)).await;
        let problems = matrix.list_with_problems(lister).await;
        matrix
            .tools
            .member("rx2", "eve.elsewhere@nhs.net", "viewer")
            .await;
        let existing = matrix.adding(inviter, "eve.elsewhere@nhs.net").await;
        let doubtful = matrix.adding(inviter, "pat.doubt@nhs.ent").await;
        let adding = services.start_adding(inviter, "rx1").await.unwrap();
        let (details, _) = matrix.added(inviter, "pat.details@nhs.net").await;
        let (to_add, add_version) = matrix.added(inviter, "pat.add@nhs.net").await;
        let (done, version) = matrix.added(inviter, "pat.done@nhs.net").await;
        let added = services.add_person(inviter, "rx1", done, version);
        assert_eq!(added.await.unwrap(), At::Here(()));
        let draft = services.start_invite(lister, "rx1").await.unwrap();
        let (bulk, _) = matrix.bulk(changer, BulkAction::Deactivate, whom).await;
        let (bulk_role, _) = matrix.bulk(changer, BulkAction::Role, whom).await;
        let (bulk_areas, _) = matrix.bulk(changer, BulkAction::Areas, whom).await;
        let (bulk_dates, _) = matrix.bulk(changer, BulkAction::EndDate, whom).await;
        let changes = matrix.changes(whom).await;
        let people = [Some(&target), actor, Some(&matrix.last)];
        for person in people.into_iter().flatten() {
            matrix.give_password(person).await;
        }
        let (to_change, change_version) = matrix.bulk(changer, BulkAction::Role, whom).await;
        let (assignment, version) = matrix.facts(&target).await;
        let (invited, invitation) = matrix.invited("pat.new@nhs.net").await;
        Self(vec![
            ("user", target.user().to_string()),
            ("invited", invited),
            ("invitation", invitation),
            ("token", token),
            ("job", job),
            ("draft", draft.to_string()),
            ("list", list.to_string()),
            ("problems", problems.to_string()),
            ("to-invite", to_invite.to_string()),
            ("invite-version", to_send.version.to_string()),
            ("adding", adding.to_string()),
            ("doubtful", doubtful.to_string()),
            ("existing", existing.to_string()),
            ("details", details.to_string()),
            ("to-add", to_add.to_string()),
            ("add-version", add_version.to_string()),
            ("done", done.to_string()),
            ("bulk", bulk.to_string()),
            ("bulk-role", bulk_role.to_string()),
            ("bulk-areas", bulk_areas.to_string()),
            ("bulk-dates", bulk_dates.to_string()),
            ("to-change", to_change.to_string()),
            ("change-version", change_version),
            ("session", matrix.other_session(actor).await),
            ("nursing", matrix.nursing.to_string()),
            ("manager", matrix.role("manager").await),
            ("changes", changes),
            ("role", matrix.role("contributor").await),
            ("assignment", assignment),
            ("version", version),
            ("change", change.to_string()),
        ])
    }

    /// R11, R74: whoever asks, no page and no answer has what opens an account: the hash of a password,
    /// the link of an invitation, a session.
    pub fn tells_no_secret(&self, what: &str, said: &str) {
        let token = self.0.iter().find(|(name, _)| *name == "token");
        let secrets = [HASH, "$argon2", token.map_or(HASH, |(_, token)| token)];
        let told = secrets.iter().find(|secret| said.contains(**secret));
        assert!(told.is_none(), "{what} tells {told:?}");
    }

    fn known(&self, wanted: &str) -> &str {
        let known = self.0.iter().find(|(name, _)| *name == wanted);
        known.map_or("", |(_, value)| value.as_str())
    }

    /// A question with `{user}` and the others filled in.
    pub fn question(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("{{{name}}}"), value)
        })
    }

    /// An address with `:user` and the others filled in.
    pub fn address(&self, path: &str) -> String {
        let journey = match path {
            path if path.ends_with("/add/:draft/email") => "adding",
            path if path.ends_with("/check-email") => "doubtful",
            path if path.ends_with("/existing-person") => "existing",
            path if path.ends_with("/add/:draft/done") => "done",
            path if path.contains("/users/add/") => "details",
            path if path.contains("/users/bulk/") => "bulk",
            path if path.ends_with("/emails") => "draft",
            path if path.ends_with("/problems") => "problems",
            _ => "list",
        };
        let parts = path.split('/').map(|part| match part.strip_prefix(':') {
            Some("org") => "rx1",
            Some("step") => "check",
            Some("action") => "sign-out-everywhere",
            Some("topic") => "keyboard",
            Some("draft") => self.known(journey),
            Some(name) => {
                let known = self.0.iter().find(|(known, _)| *known == name);
                known.map_or(part, |(_, value)| value.as_str())
            }
            None => part,
        });
        parts.collect::<Vec<_>>().join("/")
    }
}

impl Matrix {
    async fn give_password(&self, person: &Actor) {
        let mut tx = self.lanyard.services.store().write().await.unwrap();
        let mut user = tx.user(person.user()).await.unwrap().unwrap();
        user.password_hash = Some(HASH.to_owned());
        tx.update_user(&user).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A bulk change that waits: a last day for what somebody has.
    async fn changes(&self, whom: UserId) -> String {
        let services = &self.lanyard.services;
        let (draft, version) = self.bulk(&self.last, BulkAction::EndDate, whom).await;
        let confirmed = services.confirm_bulk(&self.last, "rx1", draft, &version, true);
        match confirmed.await.unwrap() {
            bulk::At::Elsewhere(bulk::Elsewhere::Job(job)) => job.to_string(),
            other => panic!("{other:?}"),
        }
    }

    async fn invited(&self, email: &str) -> (String, String) {
        let mut tx = self.lanyard.services.store().read().await.unwrap();
        let user = tx.user_by_email_key(email).await.unwrap().unwrap();
        let member = tx.membership_of(self.organisation, user.id).await;
        let member = member.unwrap().unwrap();
        let all = tx.invitations_of(self.organisation, member.id).await;
        (user.id.to_string(), all.unwrap()[0].id.to_string())
    }

    /// One more session of somebody, on another device; of nobody, one that is not there.
    async fn other_session(&self, actor: Option<&Actor>) -> String {
        let Some(actor) = actor else {
            return "s-0192f0c1a2b37c4d8e5f60718293a4b5".to_owned();
        };
        let cookie = self.tools.session(actor).await;
        let there = self.tools.signed_in(&cookie).await.unwrap();
        there.session().to_string()
    }
}
