//! What an organisation keeps of a person, as fields of a form (ux D3 step 2, E2).

use super::choices::{Choice, Radios};
use super::form::{Fields, Rule};
use super::text_input::TextInput;
use super::textarea::CharacterCount;
use domain::membership::{DetailsForm, DetailsRules};
use domain::policy::FieldUse;
use leptos::prelude::*;

const TWO_THIRDS: &str = "nhsuk-u-width-two-thirds";

/// The fields that the organisation asks for; `details` is what they start with.
#[component]
pub fn DetailsFields(rules: DetailsRules, details: DetailsForm) -> impl IntoView {
    let names = (rules.names != FieldUse::Hidden).then(|| {
        view! {
            <TextInput
                name="first_name"
                label="First name"
                value=details.first_name.clone()
                autocomplete="off"
                no_spellcheck=true
                class=TWO_THIRDS
            />
            <TextInput
                name="last_name"
                label="Last name"
                value=details.last_name.clone()
                autocomplete="off"
                no_spellcheck=true
                class=TWO_THIRDS
            />
        }
    });
    let job_title = (rules.job_title != FieldUse::Hidden).then(|| {
        let label = labelled("Job title", rules.job_title);
        view! { <TextInput name="job_title" label value=details.job_title.clone() autocomplete="off" class=TWO_THIRDS/> }
    });
    let clinician = clinician(&rules, &details);
    let notes = (rules.notes != FieldUse::Hidden).then(|| {
        view! {
            <CharacterCount
                name="notes"
                label=labelled("Notes for other administrators", rules.notes)
                hint="Other administrators can see this. Do not include sensitive information."
                value=details.notes.clone()
            />
        }
    });
    view! { {names} {job_title} {clinician} {notes} }
}

/// Whether they are registered with a professional body, and under Yes the number (V04).
fn clinician(rules: &DetailsRules, details: &DetailsForm) -> Option<AnyView> {
    if rules.clinician == FieldUse::Hidden {
        return None;
    }
    let number = (rules.registration_number != FieldUse::Hidden).then(|| {
        view! {
            <TextInput
                name="registration_number"
                label=labelled("Registration number", rules.registration_number)
                value=details.registration_number.clone()
                autocomplete="off"
                no_spellcheck=true
                class="nhsuk-u-width-one-half"
            />
        }
        .into_any()
    });
    let yes = Choice::new("yes", "Yes");
    let yes = match number {
        Some(number) => yes.reveals(number),
        None => yes,
    };
    let hint = if rules.clinician_hint.is_empty() {
        "For example with the GMC, the NMC or the GPhC.".to_owned()
    } else {
        rules.clinician_hint.clone()
    };
    Some(
        view! {
            <Radios
                name="clinician"
                legend=clinician_question(rules)
                legend_size="s"
                hint
                choices=vec![yes, Choice::new("no", "No")]
                checked=details.clinician.clone()
            />
        }
        .into_any(),
    )
}

/// The organisation's question, or ours.
pub fn clinician_question(rules: &DetailsRules) -> String {
    if rules.clinician_label.is_empty() {
        "Are they a registered clinician?".to_owned()
    } else {
        rules.clinician_label.clone()
    }
}

fn labelled(label: &str, usage: FieldUse) -> String {
    if usage == FieldUse::Optional {
        [label, " (optional)"].concat()
    } else {
        label.to_owned()
    }
}

/// What was typed.
pub fn details_of(post: &Fields) -> DetailsForm {
    DetailsForm {
        first_name: post.text("first_name"),
        last_name: post.text("last_name"),
        job_title: post.text("job_title"),
        clinician: post.text("clinician"),
        registration_number: post.text("registration_number"),
        notes: post.text("notes"),
    }
}

/// The rule by which the browser checks what was typed. What is not in the form is not asked for.
pub fn details_rule(rules: &DetailsRules) -> Rule {
    fn check(
        post: &Fields,
        job_title: FieldUse,
        clinician: FieldUse,
    ) -> Result<(), domain::Violations> {
        let asked = |name: &str, usage| {
            if post.has(name) {
                usage
            } else {
                FieldUse::Hidden
            }
        };
        let rules = DetailsRules {
            names: asked("first_name", FieldUse::Required),
            job_title: asked("job_title", job_title),
            clinician,
            registration_number: asked("registration_number", FieldUse::Optional),
            notes: asked("notes", FieldUse::Optional),
            clinician_label: String::new(),
            clinician_hint: String::new(),
        };
        details_of(post).validate(&rules).map(drop)
    }
    let required = |usage| usage == FieldUse::Required;
    match (required(rules.job_title), required(rules.clinician)) {
        (false, false) => |post| check(post, FieldUse::Optional, FieldUse::Optional),
        (true, false) => |post| check(post, FieldUse::Required, FieldUse::Optional),
        (false, true) => |post| check(post, FieldUse::Optional, FieldUse::Required),
        (true, true) => |post| check(post, FieldUse::Required, FieldUse::Required),
    }
}
