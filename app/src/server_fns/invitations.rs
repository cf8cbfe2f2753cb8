//! Inviting: the journey page by page, its result, and what can be done with an invitation.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;

use domain::area::AreasQuestion;
use domain::bulk::ListedJob;
use domain::invitation::{
    AddUsersView, InviteCheck, InviteEmails, InviteMessage, InviteProblems, InviteRole, JobView,
    SentInvitation,
};

use crate::{error::AppError, wire::Wire};

#[cfg(feature = "ssr")]
use {
    super::{Posted, actor, checked, leave_notice, leave_undo, log, redirect, refuse, services},
    domain::{
        id::{BatchId, DraftId},
        invitation::InviteStep,
    },
    service::{
        Actor, Services,
        invitations::{At, Elsewhere, Started},
    },
    std::{future::Future, str::FromStr},
};

/// An id as it stands in an address; whatever is none names nothing.
#[cfg(feature = "ssr")]
pub(super) fn id<T: FromStr>(text: &str) -> service::Result<T> {
    text.parse().map_err(|_| service::Error::NotFound)
}

/// Runs a use case for whoever is signed in, and says what stands in its way: where a role has no place left,
/// who holds the places.
#[cfg(feature = "ssr")]
pub(super) async fn post<T, F>(
    posted: Posted,
    run: impl FnOnce(Services, Actor) -> F,
) -> Result<Option<T>, AppError>
where
    F: Future<Output = service::Result<T>>,
{
    match actor() {
        Ok(actor) => {
            let services = services()?;
            let result = match run(services.clone(), actor.clone()).await {
                Err(error) => Err(services.say_who_holds(&actor, error).await),
                done => done,
            };
            checked(posted, result).await
        }
        Err(error) => refuse(posted, error).await.map(|()| None),
    }
}

/// Reads what a page shows.
#[cfg(feature = "ssr")]
pub(super) async fn read<T, F>(run: impl FnOnce(Services, Actor) -> F) -> Result<T, AppError>
where
    F: Future<Output = service::Result<T>>,
{
    let result = run(services()?, actor()?).await;
    result.map_err(|error| AppError::from(log(error)))
}

/// The page of a journey; when it cannot be here, the way to where it can.
#[cfg(feature = "ssr")]
fn stay<T>(org: &str, draft: &str, at: At<T>) -> Option<T> {
    match at {
        At::Here(page) => Some(page),
        At::Elsewhere(elsewhere) => {
            redirect(&way(org, draft, elsewhere));
            None
        }
    }
}

#[cfg(feature = "ssr")]
fn way(org: &str, draft: &str, elsewhere: Elsewhere) -> String {
    match elsewhere {
        Elsewhere::Start | Elsewhere::Adding(..) => format!("/o/{org}/users/add"),
        Elsewhere::Job(job) => format!("/o/{org}/jobs/{job}"),
        Elsewhere::Step(step) => format!("/o/{org}/users/invite/{draft}/{step}"),
    }
}

/// Goes on to the page after an answer.
#[cfg(feature = "ssr")]
fn go_on(org: &str, draft: &str, next: Option<At<InviteStep>>) {
    match next {
        Some(At::Here(step)) => redirect(&way(org, draft, Elsewhere::Step(step))),
        Some(At::Elsewhere(elsewhere)) => redirect(&way(org, draft, elsewhere)),
        None => {}
    }
}

/// How users can be added.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "invitations/add-users", input = GetUrl, output = Wire)]
pub async fn read_add_users(org: String) -> Result<AddUsersView, AppError> {
    read(|services, actor| async move { services.add_users(&actor, &org).await }).await
}

/// Starts a journey.
///
/// # Errors
/// `how.empty`; not allowed.
#[server(prefix = "/fn", endpoint = "invitations/start")]
pub async fn start_invite(org: String, #[server(default)] how: String) -> Result<(), AppError> {
    let posted = Posted::new().with("how", &how);
    let place = org.clone();
    let started = post(posted, |services, actor| async move {
        services.start_to_add(&actor, &org, &how).await
    });
    match started.await? {
        Some(Started::Adding(draft)) => redirect(&format!("/o/{place}/users/add/{draft}/email")),
        Some(Started::Inviting(draft)) => {
            redirect(&format!("/o/{place}/users/invite/{draft}/emails"));
        }
        None => {}
    }
    Ok(())
}

/// Starts a journey with the role and areas of a job, or with what of it can be tried again.
///
/// # Errors
/// Not found.
#[server(prefix = "/fn", endpoint = "invitations/send-more")]
pub async fn send_more(
    org: String,
    job: String,
    #[server(default)] again: String,
) -> Result<(), AppError> {
    let place = org.clone();
    let draft = post(Posted::new(), |services, actor| async move {
        let job: BatchId = id(&job)?;
        if again.is_empty() {
            services.send_more(&actor, &org, job).await
        } else {
            services.try_again(&actor, &org, job).await
        }
    });
    if let Some(draft) = draft.await? {
        redirect(&format!("/o/{place}/users/invite/{draft}/check"));
    }
    Ok(())
}

/// The page of the list; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "invitations/emails", input = GetUrl, output = Wire)]
pub async fn read_invite_emails(
    org: String,
    draft: String,
) -> Result<Option<InviteEmails>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page = read(|services, actor| async move {
        services.invite_emails(&actor, &org, id(&draft)?).await
    });
    Ok(stay(&place, &journey, page.await?))
}

/// Answers the page of the list.
///
/// # Errors
/// `emails.*`, `email.*`.
#[server(prefix = "/fn", endpoint = "invitations/answer-emails")]
pub async fn answer_emails(
    org: String,
    draft: String,
    #[server(default)] emails: String,
) -> Result<(), AppError> {
    let posted = Posted::new().with("emails", &emails);
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let draft: DraftId = id(&draft)?;
        services.answer_emails(&actor, &org, draft, &emails).await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The page of problems; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "invitations/problems", input = GetUrl, output = Wire)]
pub async fn read_invite_problems(
    org: String,
    draft: String,
) -> Result<Option<InviteProblems>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page = read(|services, actor| async move {
        services.invite_problems(&actor, &org, id(&draft)?).await
    });
    Ok(stay(&place, &journey, page.await?))
}

/// Answers the page of problems.
///
/// # Errors
/// `email_line.*`, `emails.all_skipped`.
#[server(prefix = "/fn", endpoint = "invitations/answer-problems")]
pub async fn answer_problems(
    org: String,
    draft: String,
    #[server(default)] answers: BTreeMap<String, String>,
) -> Result<(), AppError> {
    let keep = |posted: Posted, (name, text): (&String, &String)| posted.with(name, text);
    let posted = answers.iter().fold(Posted::new(), keep);
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let draft: DraftId = id(&draft)?;
        services.answer_problems(&actor, &org, draft, answers).await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The page of the role; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "invitations/role", input = GetUrl, output = Wire)]
pub async fn read_invite_role(org: String, draft: String) -> Result<Option<InviteRole>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page =
        read(
            |services, actor| async move { services.invite_role(&actor, &org, id(&draft)?).await },
        );
    Ok(stay(&place, &journey, page.await?))
}

/// Answers the page of the role.
///
/// # Errors
/// `role.empty`, `role.full`.
#[server(prefix = "/fn", endpoint = "invitations/answer-role")]
pub async fn answer_role(
    org: String,
    draft: String,
    #[server(default)] role: String,
) -> Result<(), AppError> {
    let posted = Posted::new().with("role", &role);
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let draft: DraftId = id(&draft)?;
        services.answer_role(&actor, &org, draft, &role).await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The page of the areas; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "invitations/areas", input = GetUrl, output = Wire)]
pub async fn read_invite_areas(
    org: String,
    draft: String,
) -> Result<Option<AreasQuestion>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page =
        read(
            |services, actor| async move { services.invite_areas(&actor, &org, id(&draft)?).await },
        );
    Ok(stay(&place, &journey, page.await?))
}

/// Answers the page of the areas.
///
/// # Errors
/// `areas.*`; not allowed.
#[server(prefix = "/fn", endpoint = "invitations/answer-areas")]
pub async fn answer_areas(
    org: String,
    draft: String,
    #[server(default)] areas: Vec<String>,
) -> Result<(), AppError> {
    let posted = Posted::new().with_all("areas", &areas);
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let draft: DraftId = id(&draft)?;
        services.answer_areas(&actor, &org, draft, areas).await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The page of the message; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "invitations/message", input = GetUrl, output = Wire)]
pub async fn read_invite_message(
    org: String,
    draft: String,
) -> Result<Option<InviteMessage>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page = read(|services, actor| async move {
        services.invite_message(&actor, &org, id(&draft)?).await
    });
    Ok(stay(&place, &journey, page.await?))
}

/// Answers the page of the message.
///
/// # Errors
/// `message.*`.
#[server(prefix = "/fn", endpoint = "invitations/answer-message")]
pub async fn answer_message(
    org: String,
    draft: String,
    #[server(default)] message: String,
) -> Result<(), AppError> {
    let posted = Posted::new().with("message", &message);
    let (place, journey) = (org.clone(), draft.clone());
    let next = post(posted, |services, actor| async move {
        let draft: DraftId = id(&draft)?;
        services.answer_message(&actor, &org, draft, &message).await
    });
    go_on(&place, &journey, next.await?);
    Ok(())
}

/// The page of answers; nothing when the journey goes on elsewhere.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "invitations/check", input = GetUrl, output = Wire)]
pub async fn read_invite_check(
    org: String,
    draft: String,
) -> Result<Option<InviteCheck>, AppError> {
    let (place, journey) = (org.clone(), draft.clone());
    let page =
        read(
            |services, actor| async move { services.invite_check(&actor, &org, id(&draft)?).await },
        );
    Ok(stay(&place, &journey, page.await?))
}

/// Sends what the page of answers showed. The draft is the form's `once`: a second post finds the
/// result of the first (R98).
///
/// # Errors
/// `role.full`, `emails.all_skipped`; somebody has changed the answers.
#[server(prefix = "/fn", endpoint = "invitations/send")]
pub async fn send_invitations(org: String, once: String, version: i64) -> Result<(), AppError> {
    let (place, journey) = (org.clone(), once.clone());
    let sent = post(Posted::new(), |services, actor| async move {
        let draft: DraftId = id(&once)?;
        services
            .send_invitations(&actor, &org, draft, version)
            .await
    });
    match sent.await? {
        Some(At::Here(job)) => redirect(&way(&place, &journey, Elsewhere::Job(job))),
        Some(At::Elsewhere(elsewhere)) => redirect(&way(&place, &journey, elsewhere)),
        None => {}
    }
    Ok(())
}

/// The bulk work of the last 90 days.
///
/// # Errors
/// Not allowed.
#[server(prefix = "/fn", endpoint = "jobs/list", input = GetUrl, output = Wire)]
pub async fn read_jobs(org: String) -> Result<Vec<ListedJob>, AppError> {
    read(|services, actor| async move { services.bulk_work(&actor, &org).await }).await
}

/// A job: how far it is, and what came of it.
///
/// # Errors
/// Not found.
#[server(prefix = "/fn", endpoint = "jobs/read", input = GetUrl, output = Wire)]
pub async fn read_job(org: String, job: String) -> Result<JobView, AppError> {
    read(|services, actor| async move { services.job(&actor, &org, id(&job)?).await }).await
}

/// Stops a job; what was sent stays sent.
///
/// # Errors
/// Not found.
#[server(prefix = "/fn", endpoint = "jobs/stop")]
pub async fn stop_job(org: String, job: String) -> Result<(), AppError> {
    let page = format!("/o/{org}/jobs/{job}");
    let stopped = post(Posted::new(), |services, actor| async move {
        services.stop_job(&actor, &org, id(&job)?).await
    });
    if stopped.await?.is_some() {
        leave_notice("job.stopped", Vec::new());
        redirect(&page);
    }
    Ok(())
}

/// An invitation that can be sent again or cancelled.
///
/// # Errors
/// Not found.
#[server(prefix = "/fn", endpoint = "invitations/sent", input = GetUrl, output = Wire)]
pub async fn read_sent_invitation(org: String, user: String) -> Result<SentInvitation, AppError> {
    read(|services, actor| async move { services.sent_invitation(&actor, &org, id(&user)?).await })
        .await
}

/// Sends an invitation again.
///
/// # Errors
/// Too soon, too often, no places left; not found.
#[server(prefix = "/fn", endpoint = "invitations/resend")]
pub async fn resend_invitation(org: String, user: String) -> Result<(), AppError> {
    let page = format!("/o/{org}/users/{user}");
    let sent = post(Posted::new(), |services, actor| async move {
        services.resend_invitation(&actor, &org, id(&user)?).await
    });
    if let Some(name) = sent.await? {
        leave_notice("invitation.sent_again", vec![name]);
        redirect(&page);
    }
    Ok(())
}

/// Cancels an invitation.
///
/// # Errors
/// Not invited any more; not found.
#[server(prefix = "/fn", endpoint = "invitations/cancel")]
pub async fn cancel_invitation(org: String, user: String) -> Result<(), AppError> {
    let page = format!("/o/{org}/users");
    let cancelled = post(Posted::new(), |services, actor| async move {
        services.cancel_invitation(&actor, &org, id(&user)?).await
    });
    if let Some(changed) = cancelled.await? {
        leave_undo("invitation.cancelled", changed);
        redirect(&page);
    }
    Ok(())
}
