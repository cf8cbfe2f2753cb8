//! Signing in as people do it, and as those do who are not them.

mod codes;
mod passwords;
mod places;
mod reset;
mod sessions;
mod set_up;
mod step_up;

use chrono::{DateTime, Utc};
use domain::{
    MembershipStatus, Policy, SecondFactorKind,
    id::UserId,
    password::Password,
    sign_in::{CodeForm, RecoveryCodeForm, SignInForm},
};
use store::UserRow;
use totp_rs::Builder;

use super::{Attempt, Cookies, Next, SignedIn};
use crate::{
    Actor, By, Error, RequestInfo, Result, Services,
    request::{Authentication, SecondStep},
    second_step::Recovered,
    testing::{Harness, Queued},
};

const PASSWORD: &str = "harbour lantern quilt";
const EMAIL: &str = "jane.carlton@nhs.net";
/// Tests of expiry need a hash, not a slow one; signing in renews it.
const FAST_HASH: &str = "$argon2id$v=19$m=1024,t=1,p=1$";

/// Hollybrook Hospital, and Jane Carlton, who works there.
struct Place {
    h: Harness,
    jane: UserId,
}

impl Place {
    /// Jane has a password and these second factors; the app's secret is sealed as the use cases
    /// do it.
    async fn new(factors: &[SecondFactorKind]) -> Self {
        let h = Harness::new().await;
        h.organisation("RX1", "Hollybrook Hospital").await;
        let jane = h.member("rx1", EMAIL, "viewer").await;
        let place = Self {
            h,
            jane: jane.user(),
        };
        place.give_password(PASSWORD).await;
        for kind in factors {
            place.add_factor(*kind).await;
        }
        // Long after registration, so that a new device is news.
        place.h.clock.advance(chrono::TimeDelta::days(1));
        place
    }

    fn services(&self) -> &Services {
        &self.h.services
    }

    fn request(&self) -> RequestInfo {
        self.h.request()
    }

    async fn user(&self) -> UserRow {
        let mut tx = self.services().store.read().await.unwrap();
        tx.user(self.jane).await.unwrap().unwrap()
    }

    async fn change(&self, change: impl FnOnce(&mut UserRow)) {
        let mut tx = self.services().store.write().await.unwrap();
        let mut user = tx.user(self.jane).await.unwrap().unwrap();
        change(&mut user);
        tx.update_user(&user).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn give_password(&self, password: &str) {
        let password = Password::parse(password).unwrap();
        let services = self.services();
        let hash = services.hashing.hash(password, &services.random).await;
        let hash = hash.unwrap();
        self.change(|user| user.password_hash = Some(hash)).await;
    }

    async fn add_factor(&self, kind: SecondFactorKind) {
        let services = self.services();
        let mut tx = services.store.write().await.unwrap();
        let user = tx.user(self.jane).await.unwrap().unwrap();
        let by = By::system(&self.request());
        if kind == SecondFactorKind::Authenticator {
            let sealed = services.keys.seal("test", &SECRET, &services.random);
            let added = services
                .add_authenticator(&mut tx, &by, &user, ("test", &sealed.unwrap()), 0)
                .await;
            added.unwrap();
        } else {
            let added = services.add_codes_by(&mut tx, &by, &user, kind).await;
            added.unwrap();
        }
        tx.commit().await.unwrap();
    }

    async fn recovery_codes(&self) -> Vec<String> {
        let services = self.services();
        let codes = services.new_recovery_codes();
        let digests: Vec<_> = codes
            .iter()
            .map(|code| services.recovery_digest(self.jane, code))
            .collect();
        let mut tx = services.store.write().await.unwrap();
        let kept = tx.replace_recovery_codes(self.jane, &digests).await;
        kept.unwrap();
        tx.commit().await.unwrap();
        codes.iter().map(domain::RecoveryCode::grouped).collect()
    }

    async fn policy(&self, change: impl FnOnce(&mut Policy)) {
        self.policy_of("rx1", change).await;
    }

    async fn policy_of(&self, slug: &str, change: impl FnOnce(&mut Policy)) {
        let mut tx = self.services().store.write().await.unwrap();
        let row = tx.organisation_by_slug(slug).await.unwrap().unwrap();
        let mut policy = row.policy;
        change(&mut policy);
        tx.update_policy(row.id, &policy).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn set_status(&self, slug: &str, status: MembershipStatus) {
        let mut tx = self.services().store.write().await.unwrap();
        let row = tx.organisation_by_slug(slug).await.unwrap().unwrap();
        let member = tx.membership_of(row.id, self.jane).await.unwrap();
        let mut member = member.unwrap();
        member.status = status;
        tx.update_membership(&member).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn last_signed_in(&self, slug: &str) -> Option<DateTime<Utc>> {
        let mut tx = self.services().store.read().await.unwrap();
        let row = tx.organisation_by_slug(slug).await.unwrap().unwrap();
        let member = tx.membership_of(row.id, self.jane).await.unwrap();
        member.unwrap().last_signed_in_at
    }

    async fn try_password(&self, email: &str, password: &str) -> Result<SignedIn> {
        self.attempt(email, password, "", Cookies::default()).await
    }

    async fn attempt(
        &self,
        email: &str,
        password: &str,
        return_to: &str,
        cookies: Cookies<'_>,
    ) -> Result<SignedIn> {
        let form = SignInForm {
            email: email.to_owned(),
            password: password.to_owned(),
        };
        let attempt = Attempt {
            form: &form,
            return_to,
            cookies,
        };
        self.services().sign_in(&attempt, &self.request()).await
    }

    /// The right password, up to the second step.
    async fn half_way(&self) -> SecondStep {
        let signed_in = self.try_password(EMAIL, PASSWORD).await.unwrap();
        self.step(&signed_in).await
    }

    async fn step(&self, signed_in: &SignedIn) -> SecondStep {
        match self.who(signed_in).await {
            Authentication::SecondStep(step) => step,
            other => panic!("not at the second step: {other:?}"),
        }
    }

    async fn actor(&self, signed_in: &SignedIn) -> Actor {
        match self.who(signed_in).await {
            Authentication::Complete(actor) => actor,
            other => panic!("not signed in: {other:?}"),
        }
    }

    async fn who(&self, signed_in: &SignedIn) -> Authentication {
        let token = signed_in
            .session
            .as_ref()
            .map(crate::secrets::Token::expose);
        self.whose(token).await
    }

    async fn whose(&self, token: Option<&str>) -> Authentication {
        let who = self.services().authenticate(token, &self.request()).await;
        who.unwrap()
    }

    async fn answer(&self, step: &SecondStep, code: &str) -> Result<SignedIn> {
        let form = CodeForm {
            code: code.to_owned(),
        };
        self.services()
            .answer_code(step, &form, Cookies::default())
            .await
    }

    async fn recover(&self, step: &SecondStep, code: &str) -> Result<Recovered> {
        let form = RecoveryCodeForm {
            recovery_code: code.to_owned(),
        };
        self.services()
            .use_recovery_code(step, &form, Cookies::default())
            .await
    }

    /// Signs in with password and email code.
    async fn sign_in_by_email(&self) -> SignedIn {
        // So that the newest message is the one with the newest time.
        self.h.clock.advance(chrono::TimeDelta::seconds(1));
        let step = self.half_way().await;
        let code = self.sent_code().await;
        self.answer(&step, &code).await.unwrap()
    }

    async fn messages(&self, kind: &str) -> Vec<Queued> {
        let all = self.h.outbox().await;
        all.into_iter().filter(|it| it.kind == kind).collect()
    }

    /// The newest code that was sent.
    async fn sent_code(&self) -> String {
        let messages = self.messages("code").await;
        messages.last().unwrap().secret.clone().unwrap()
    }

    async fn events(&self, kind: &str) -> i64 {
        let mut tx = self.services().store.read().await.unwrap();
        tx.count_audit_events(kind).await.unwrap()
    }
}

/// The secret of Jane's app: 160 bits.
const SECRET: [u8; 20] = [11; 20];

/// The code that Jane's app shows at this second.
fn app_code(at: DateTime<Utc>) -> String {
    let app = Builder::new()
        .with_secret(SECRET.to_vec())
        .with_account_name(EMAIL)
        .build()
        .unwrap();
    app.generate(u64::try_from(at.timestamp()).unwrap())
        .to_string()
}

/// A code that is not `code`.
fn other_than(code: &str) -> String {
    let number: u32 = code.parse().unwrap();
    format!("{:06}", (number + 1) % 1_000_000)
}

/// The code of a refused form's only violation.
fn violation<T>(result: Result<T>) -> String {
    match result {
        Err(Error::Invalid(violations)) => violations
            .iter()
            .map(|violation| violation.code.clone())
            .collect::<Vec<_>>()
            .join(" "),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("let through"),
    }
}

fn is_slow_down<T>(result: &Result<T>) -> bool {
    matches!(result, Err(Error::SlowDown { .. }))
}
