//! How far a long piece of work is (ux 6.25), and figures that add up (B08).

use domain::wording::number;
use leptos::prelude::*;

/// A bar, its words, and a voice at a quarter, a half, three quarters and the end only. Nothing moves the focus
/// and nothing leaves the page by itself.
#[component]
pub fn Progress(
    /// The id of the heading that says what is being done.
    title_id: &'static str,
    done: Signal<u32>,
    total: Signal<u32>,
    /// What happened to those that are done: "sent".
    verb: &'static str,
) -> impl IntoView {
    let words = Signal::derive(move || words(done.get(), total.get(), verb));
    let spoken = Memo::new(move |before: Option<&(u32, String)>| {
        let quarter = quarter(done.get(), total.get());
        match before {
            // What the page said first is on the page.
            None => (quarter, String::new()),
            Some((last, said)) if *last == quarter => (quarter, said.clone()),
            Some(_) => (quarter, words.get()),
        }
    });
    let status = Signal::derive(move || spoken.with(|(_, said)| said.clone()));
    view! {
        <progress
            class="app-progress"
            max=Signal::derive(move || total.get().max(1).to_string())
            value=Signal::derive(move || done.get().to_string())
            aria-labelledby=title_id
        >
            {words}
        </progress>
        <p id="job-count">{words}</p>
        <p role="status" class="nhsuk-u-visually-hidden" id="job-status">{status}</p>
    }
}

/// What to do until it is done: leave, or look again (the browser looks by itself where it can).
#[component]
pub fn Meanwhile(
    /// The address of this page.
    href: String,
) -> impl IntoView {
    view! {
        <p>"You can leave this page. We will email you when it is finished."</p>
        <p><a href=href rel="external">"Refresh this page"</a></p>
    }
}

fn words(done: u32, total: u32, verb: &str) -> String {
    [
        &number(done.into()),
        " of ",
        &number(total.into()),
        " ",
        verb,
    ]
    .concat()
}

/// How many quarters are done.
fn quarter(done: u32, total: u32) -> u32 {
    if total == 0 {
        4
    } else {
        u32::try_from(u64::from(done) * 4 / u64::from(total)).unwrap_or(4)
    }
}

/// Figures that add up: what was entered and what became of it.
#[component]
pub fn OutcomeFigures(figures: Vec<(&'static str, u32)>) -> impl IntoView {
    let figures: Vec<AnyView> = figures
        .into_iter()
        .map(|(name, count)| {
            view! { <div class="app-outcome__item"><dt>{name}</dt><dd>{number(count.into())}</dd></div> }.into_any()
        })
        .collect();
    view! { <dl class="app-outcome">{figures}</dl> }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T-JOB-01: spoken at 25, 50, 75 and 100 only.
    #[test]
    fn the_voice_has_four_things_to_say() {
        let said: Vec<u32> = (0..=41).map(|done| quarter(done, 41)).collect();
        let changes = said.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert_eq!(changes, 4);
        assert_eq!((quarter(0, 0), quarter(u32::MAX, u32::MAX)), (4, 4));
        assert_eq!(words(12, 1_041, "sent"), "12 of 1,041 sent");
    }
}
