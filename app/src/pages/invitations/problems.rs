//! What needs checking before anything is sent (D4 step 2): the good addresses are never lost
//! because of the others.

use domain::invitation::{
    First, FixChoice, InviteProblems, InviteStep, KnownPerson, MembersChoice, PendingChoice,
    ProblemFix, ProblemLine,
};
use leptos::prelude::*;

use super::{CAPTION, journey};
use crate::components::{
    Button, Checkbox, Choice, Details, ErrorMessage, Page, Radios, TextInput,
    form::{Form, Post, ask_again_after, use_form},
    loaded::Loaded,
};
use crate::messages::{line_reason, plural, sentence};
use crate::reading::reading;
use crate::server_fns::invitations::{AnswerProblems, ReadInviteProblems};

const TITLE: &str = "Check these email addresses";

/// The page of problems. After an answer that leaves lines to mend, it shows the next ones.
#[component]
pub fn InviteProblemsPage() -> impl IntoView {
    let journey = journey();
    let action = Post::<AnswerProblems>::new();
    provide_context(action);
    let resource = reading(move || ReadInviteProblems {
        org: journey.org.clone(),
        draft: journey.draft.clone(),
    });
    ask_again_after(action, resource);
    view! {
        <Loaded
            resource
            view=|page| match page {
                Some(page) => view! { <Problems page/> }.into_any(),
                None => ().into_any(),
            }
        />
    }
}

#[component]
fn Problems(page: InviteProblems) -> impl IntoView {
    let journey = journey();
    let action = expect_context::<Post<AnswerProblems>>();
    let back = journey.page(InviteStep::Emails);
    let users = journey.users();
    let members = people_section(
        &page.already_members,
        "already has access",
        "already have access",
        "We will not invite them again.",
        &users,
        page.can_give_role.then(|| {
            choice_about(
                "answers[members]",
                "What do you want to do about people who already have access?",
                page.members.as_str(),
                [
                    (MembersChoice::Leave.as_str(), "Leave their access as it is"),
                    (MembersChoice::GiveRole.as_str(), "Also give them this role"),
                ],
            )
        }),
    );
    let pending = people_section(
        &page.already_pending,
        "has already been invited",
        "have already been invited",
        "They have not finished registering.",
        &users,
        Some(choice_about(
            "answers[pending]",
            "What do you want to do about people who have already been invited?",
            page.pending.as_str(),
            [
                (
                    PendingChoice::SendAgain.as_str(),
                    "Send the invitation again",
                ),
                (
                    PendingChoice::Leave.as_str(),
                    "Leave their invitation as it is",
                ),
            ],
        )),
    );
    let deactivated = people_section(
        &page.deactivated,
        "is deactivated",
        "are deactivated",
        "We will not invite them. Reactivate their account instead.",
        &users,
        None,
    );
    let (hidden, cancel) = (journey.hidden(), journey.cancel());
    view! {
        <Page title=TITLE caption=CAPTION back>
            <div id="problems" tabindex="-1">{nobody_left()}</div>
            {ready(&page)}
            <Form action>
                {hidden}
                {lines(&page)}
                {members}
                {pending}
                {deactivated}
                {not_allowed(&page)}
                {repeated(page.repeated)}
                <Button>"Continue"</Button>
            </Form>
            {cancel}
        </Page>
    }
}

/// The error that is about the whole page: nobody is left to invite.
fn nobody_left() -> impl IntoView {
    let form = use_form();
    move || {
        form.violation("problems").map(|violation| {
            view! { <ErrorMessage id="problems-error" words=sentence(&violation.code, &violation.params)/> }
        })
    }
}

fn ready(page: &InviteProblems) -> Option<impl IntoView + use<>> {
    if page.ready.is_empty() {
        return None;
    }
    let summary = plural(
        page.ready.total.into(),
        "person ready to invite",
        "people ready to invite",
    );
    let items: Vec<AnyView> = page
        .ready
        .shown
        .iter()
        .map(|person| {
            let name = person.name.clone().map(|name| [&name, ", "].concat());
            view! { <li>{name} {person.address.as_str().to_owned()}</li> }.into_any()
        })
        .collect();
    let more = more_people(page.ready.more());
    Some(view! {
        <Details summary>
            <ul class="nhsuk-list">{items}</ul>
            {more}
        </Details>
    })
}

fn more_people(more: u32) -> Option<impl IntoView> {
    (more > 0).then(|| {
        let words = [
            "And ",
            &plural(more.into(), "more person", "more people"),
            ".",
        ]
        .concat();
        view! { <p>{words}</p> }
    })
}

fn lines(page: &InviteProblems) -> Option<impl IntoView + use<>> {
    if page.lines.is_empty() {
        return None;
    }
    let heading = plural(
        page.lines.total.into(),
        "line needs checking",
        "lines need checking",
    );
    let fields: Vec<AnyView> = page
        .lines
        .shown
        .iter()
        .map(|line| {
            let fix = page.fixes.iter().find(|fix| fix.number == line.number);
            line_fields(line, fix)
        })
        .collect();
    let rest = (page.lines.more() > 0).then(|| {
        let label = [
            "Do not invite the other ",
            &plural(page.lines.more().into(), "line", "lines"),
        ]
        .concat();
        view! {
            <p>"You can correct the others on the next page."</p>
            <Checkbox name="answers[skip_rest]" label value="on"/>
        }
    });
    Some(view! { <h2 class="nhsuk-heading-m">{heading}</h2> {fields} {rest} })
}

/// `“jane.smith@nhs” needs an ending like .net or .uk`
fn reason(line: &ProblemLine) -> String {
    ["“", &line.text, "” ", line_reason(&line.reason)].concat()
}

fn line_fields(line: &ProblemLine, fix: Option<&ProblemFix>) -> AnyView {
    let number = line.number.to_string();
    let name = |kind: &str| ["answers[", kind, "_", &number, "]"].concat();
    let label = ["Line ", &domain::wording::number(line.line.into())].concat();
    let asked = view! { <input type="hidden" name=name("asked") value=line.mark()/> };
    let typed = fix.map_or_else(|| line.text.clone(), |fix| fix.text.clone());
    let Some(suggestion) = line.suggestion.clone() else {
        let skipped = fix.is_some_and(|fix| fix.choice == FixChoice::Skip);
        let about = [" (line ", &domain::wording::number(line.line.into()), ")"].concat();
        let skip = view! { "Do not invite" <span class="nhsuk-u-visually-hidden">{about}</span> }
            .into_any();
        return view! {
            {asked}
            <TextInput name=name("fix") label label_size="s" hint=reason(line) no_spellcheck=true autocomplete="off" value=typed/>
            <Checkbox name=name("skip") label=skip value="on" checked=skipped/>
        }
        .into_any();
    };
    let use_it = Choice::new(
        FixChoice::Suggestion.as_str(),
        ["Use ", &suggestion].concat(),
    );
    let keep = if line.is_address {
        Choice::new(FixChoice::Keep.as_str(), ["Keep ", &line.text].concat())
    } else {
        let field = view! {
            <TextInput name=name("fix") label="Email address" no_spellcheck=true autocomplete="off" value=typed/>
        };
        Choice::new(FixChoice::Keep.as_str(), "Enter a different email address")
            .reveals(field.into_any())
    };
    let skip = Choice::new(FixChoice::Skip.as_str(), "Do not invite");
    let checked = fix.map_or("", |fix| fix.choice.as_str());
    view! {
        {asked}
        <Radios
            name=name("choice")
            legend=label
            legend_size="s"
            hint=reason(line)
            choices=vec![use_it, keep, skip]
            checked=checked.to_owned()
            modifier="small"
        />
    }
    .into_any()
}

fn choice_about(
    name: &'static str,
    legend: &'static str,
    checked: &str,
    choices: [(&'static str, &'static str); 2],
) -> AnyView {
    let legend = view! { <span class="nhsuk-u-visually-hidden">{legend}</span> }.into_any();
    let choices = choices
        .into_iter()
        .map(|(value, label)| Choice::new(value, label))
        .collect();
    view! { <Radios name legend choices checked=checked.to_owned() modifier="small"/> }.into_any()
}

fn people_section(
    people: &First<KnownPerson>,
    one: &'static str,
    many: &'static str,
    about: &'static str,
    users: &str,
    choice: Option<AnyView>,
) -> Option<AnyView> {
    if people.is_empty() {
        return None;
    }
    let verb = if people.total == 1 { one } else { many };
    let heading = [&plural(people.total.into(), "person", "people"), " ", verb].concat();
    let items: Vec<AnyView> = people
        .shown
        .iter()
        .map(|person| {
            let href = [users, "/", &person.user.to_string()].concat();
            let name = if person.name.is_empty() {
                person.email.clone()
            } else {
                [&person.name, " (", &person.email, ")"].concat()
            };
            let roles =
                (!person.roles.is_empty()).then(|| [": ", &person.roles.join(", ")].concat());
            let invited = person
                .invited_at
                .filter(|_| person.roles.is_empty())
                .map(|at| [", invited on ", &domain::wording::date(at)].concat());
            view! { <li><a href=href>{name}</a> {roles} {invited}</li> }.into_any()
        })
        .collect();
    Some(
        view! {
            <h2 class="nhsuk-heading-m">{heading}</h2>
            <ul class="nhsuk-list nhsuk-list--bullet">{items}</ul>
            {more_people(people.more())}
            <p>{about}</p>
            {choice}
        }
        .into_any(),
    )
}

fn not_allowed(page: &InviteProblems) -> Option<impl IntoView + use<>> {
    if page.not_allowed.is_empty() {
        return None;
    }
    let heading = plural(
        page.not_allowed.total.into(),
        "address is not in an allowed domain",
        "addresses are not in an allowed domain",
    );
    let items: Vec<AnyView> = page
        .not_allowed
        .shown
        .iter()
        .map(|address| view! { <li>{address.clone()}</li> }.into_any())
        .collect();
    let domains = [
        "We will not invite them. Addresses must end in ",
        &page.domains.join(" or "),
        ".",
    ]
    .concat();
    let more = more_people(page.not_allowed.more());
    Some(view! {
        <h2 class="nhsuk-heading-m">{heading}</h2>
        <ul class="nhsuk-list nhsuk-list--bullet">{items}</ul>
        {more}
        <p>{domains}</p>
    })
}

fn repeated(count: u32) -> Option<impl IntoView> {
    let words = match count {
        0 => return None,
        1 => "1 repeated address: we will use it once.".to_owned(),
        _ => [
            &plural(count.into(), "repeated address", "repeated addresses"),
            ": we will use each of them once.",
        ]
        .concat(),
    };
    Some(view! { <p>{words}</p> })
}
