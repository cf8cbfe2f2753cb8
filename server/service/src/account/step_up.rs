//! Proving once more who one is, before what keeps an account or an organisation safe is changed (R49):
//! with the password, and with a code by the best method that the person has. It counts for 5 minutes,
//! and so does signing in by that method.

use chrono::TimeDelta;
use domain::{
    SecondFactorKind,
    account::{ConfirmPasswordForm, StepUp, StepUpCode},
    audit::AuditEventKind,
    sign_in::CodeForm,
};
use store::{SessionRow, Tx, UserRow};

use super::security::about;
use crate::{
    Actor, By, Conflict, Error, Result, Services,
    codes::LIFETIME,
    passwords::Verdict,
    request::SecondStep,
    second_step::ending,
    sign_in::{Cookies, Standing},
};

/// How long a proof counts (R49).
const PROOF: TimeDelta = TimeDelta::minutes(5);

/// Whether a session by these methods (`password+email`) was proved as well as `best` proves. A recovery code
/// is what people have in the place of the best that they had.
fn proves(methods: &str, best: Option<SecondFactorKind>) -> bool {
    let Some(best) = best else { return true };
    let as_good = SecondFactorKind::CHOICES
        .iter()
        .take_while(|kind| **kind != best)
        .chain([&best]);
    let mut as_good = as_good.map(|kind| kind.as_str()).chain(["recovery"]);
    as_good.any(|good| methods.split('+').any(|method| method == good))
}

fn best(user: &UserRow, standing: &Standing) -> Option<SecondFactorKind> {
    standing.usable(user).first().copied()
}

/// A signed-in person is asked like one who signs in.
fn question(actor: &Actor) -> SecondStep {
    SecondStep {
        user: actor.user(),
        session: actor.session(),
        request: actor.request().clone(),
    }
}

impl Services {
    /// Refuses whoever did not prove who they are in the last 5 minutes, in this session (R49).
    ///
    /// # Errors
    /// [`Error::StepUpRequired`].
    pub async fn require_step_up(&self, actor: &Actor) -> Result<()> {
        let mut tx = self.store.read().await?;
        self.require_proof(&mut tx, actor).await
    }

    /// As [`Services::require_step_up`].
    pub(crate) async fn require_proof(&self, tx: &mut Tx, actor: &Actor) -> Result<()> {
        self.require_proof_of(tx, actor, PROOF).await
    }

    async fn require_proof_of(&self, tx: &mut Tx, actor: &Actor, last: TimeDelta) -> Result<()> {
        let session = own_session(tx, actor).await?;
        if self.now() >= session.authenticated_at + last {
            return Err(Error::StepUpRequired);
        }
        let (user, standing) = self.person_at(tx, &question(actor)).await?;
        if proves(&session.methods, best(&user, &standing)) {
            Ok(())
        } else {
            Err(Error::StepUpRequired)
        }
    }

    /// The person who proved who they are.
    pub(crate) async fn person_with_proof(&self, tx: &mut Tx, actor: &Actor) -> Result<UserRow> {
        self.require_proof(tx, actor).await?;
        tx.user(actor.user()).await?.ok_or(Error::SignInRequired)
    }

    /// The person who did so before they began what they end now, with codes that last for a while.
    pub(crate) async fn person_going_on(&self, tx: &mut Tx, actor: &Actor) -> Result<UserRow> {
        self.require_proof_of(tx, actor, PROOF + LIFETIME).await?;
        tx.user(actor.user()).await?.ok_or(Error::SignInRequired)
    }

    /// What the pages ask for.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn step_up(&self, actor: &Actor) -> Result<StepUp> {
        let mut tx = self.store.read().await?;
        let (user, standing) = self.person_at(&mut tx, &question(actor)).await?;
        let code = self.asked_for(&mut tx, actor, best(&user, &standing));
        let code = code.await?.map(|kind| StepUpCode {
            kind,
            ending: ending(&user, kind),
        });
        Ok(StepUp {
            email: user.email,
            code,
        })
    }

    /// The method of the code that is asked for, when it is the best one: the password was right, not long
    /// ago.
    async fn asked_for(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        best: Option<SecondFactorKind>,
    ) -> Result<Option<SecondFactorKind>> {
        let asked = tx.challenge(&self.session_binding(actor.session())).await?;
        Ok(asked
            .filter(|asked| Some(asked.kind) == best && self.now() < asked.expires_at)
            .map(|asked| asked.kind))
    }

    /// Checks the password. Guesses are counted as those of signing in are, in the same buckets (R32,
    /// R33). Returns whether that is enough; otherwise a code is asked for.
    ///
    /// # Errors
    /// `password.wrong`; [`Error::SlowDown`] when guesses come too fast.
    pub async fn confirm_password(
        &self,
        actor: &Actor,
        form: &ConfirmPasswordForm,
        cookies: Cookies<'_>,
    ) -> Result<bool> {
        let password = form.validate()?;
        let before = {
            let mut tx = self.store.read().await?;
            tx.user(actor.user()).await?.ok_or(Error::SignInRequired)?
        };
        let device = cookies.device_digest();
        let (user, bucket) = self
            .admit(&before.email_key, device.as_ref(), actor.request())
            .await?;
        let user = user.ok_or(Error::SignInRequired)?;
        let verdict = self
            .hashing
            .verify(password, user.password_hash.clone())
            .await?;
        let mut tx = self.store.write().await?;
        let by = By::actor(actor);
        if verdict == Verdict::Wrong {
            let event = about(&user, AuditEventKind::PasswordCheckFailed);
            self.audit(&mut tx, &by, event).await?;
            tx.commit().await?;
            return Err(Error::violation("password", "password.wrong"));
        }
        let (now, standing) = self.person_at(&mut tx, &question(actor)).await?;
        // A password that was changed meanwhile proves nothing any more (R60).
        if now.security_epoch != user.security_epoch {
            return Err(Error::SignInRequired);
        }
        self.forget_guesses(&mut tx, &bucket).await?;
        let best = best(&now, &standing);
        match best {
            None => {
                let methods = own_session(&mut tx, actor).await?.methods;
                tx.set_session_proof(actor.session(), self.now(), &methods)
                    .await?;
            }
            Some(kind) => {
                let asked = self.ask(&mut tx, &by, &now, actor.session(), kind).await;
                match asked {
                    // The code that was sent a moment ago is good.
                    Ok(()) | Err(Error::Conflict(Conflict::CodeTooSoon)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        tx.commit().await?;
        Ok(best.is_none())
    }

    /// Checks the code, after the password.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`] when none is asked for; otherwise as [`Services::answer_code`].
    pub async fn confirm_code(
        &self,
        actor: &Actor,
        form: &CodeForm,
        cookies: Cookies<'_>,
    ) -> Result<()> {
        let code = form.validate()?;
        let step = question(actor);
        let mut tx = self.store.write().await?;
        let (user, standing) = self.person_at(&mut tx, &step).await?;
        let best = best(&user, &standing);
        let Some(kind) = self.asked_for(&mut tx, actor, best).await? else {
            return Err(Error::StepUpRequired);
        };
        let device = cookies.device_digest();
        let answer = self.look_at_code(&mut tx, &step, (&user, &standing), kind, (&code, device));
        let answer = answer.await?;
        if answer.is_ok() {
            tx.delete_challenge(&self.session_binding(actor.session()))
                .await?;
            let methods = format!("password+{kind}");
            tx.set_session_proof(actor.session(), self.now(), &methods)
                .await?;
        }
        tx.commit().await?;
        answer
    }

    /// Sends a new code.
    ///
    /// # Errors
    /// [`Error::StepUpRequired`] when none is asked for; [`Conflict::CodeTooSoon`] within 30 seconds;
    /// [`Error::SlowDown`] after too many.
    pub async fn send_step_up_code(&self, actor: &Actor) -> Result<()> {
        let mut tx = self.store.write().await?;
        let (user, standing) = self.person_at(&mut tx, &question(actor)).await?;
        let best = best(&user, &standing);
        let Some(kind) = self.asked_for(&mut tx, actor, best).await? else {
            return Err(Error::StepUpRequired);
        };
        let by = By::actor(actor);
        self.ask(&mut tx, &by, &user, actor.session(), kind).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn own_session(tx: &mut Tx, actor: &Actor) -> Result<SessionRow> {
    tx.session(actor.session())
        .await?
        .ok_or(Error::SignInRequired)
}

#[cfg(test)]
mod tests {
    use super::*;
    use SecondFactorKind::{Authenticator, Email, Sms};

    /// R49: a weaker method than the best one does not do, a stronger one does.
    #[test]
    fn a_weaker_method_does_not_do() {
        for (methods, best, does) in [
            ("password", None, true),
            ("password+email", Some(Email), true),
            ("password+sms", Some(Email), true),
            ("password+email", Some(Sms), false),
            ("password+email", Some(Authenticator), false),
            ("password+sms", Some(Authenticator), false),
            ("password+authenticator", Some(Authenticator), true),
            ("password+authenticator", Some(Email), true),
            ("password+recovery", Some(Authenticator), true),
            ("password", Some(Email), false),
        ] {
            assert_eq!(proves(methods, best), does, "{methods} {best:?}");
        }
    }
}
