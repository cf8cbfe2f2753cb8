//! What the browser's program finds of a page's data: each answer under the number by which the program
//! asks for it.

use crate::harness::Lanyard;

const SAM: &str = "sam.okoro@hollybrook.example";

/// The numbers of the answers in a page.
fn numbers(html: &str) -> Vec<u32> {
    let mut found: Vec<u32> = html
        .split("__RESOLVED_RESOURCES[")
        .skip(1)
        .filter_map(|part| part.split(']').next()?.parse().ok())
        .collect();
    found.sort_unstable();
    found
}

/// A page that is shown again with what was typed asks for each thing once, and in one order, however long each
/// answer takes: the browser would find one answer in the place of another, and the page would be dead.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_has_its_answers_in_one_order() {
    let lanyard = Lanyard::with_demo().await;
    let mut browser = lanyard.signed_in(SAM).await;
    browser.open("/o/rx1/users").await;
    let form = browser.current().form("bulk/start");
    let page = browser.submit(&form, "Deactivate").await;
    let address = page.address.clone();
    assert!(address.contains("draft="), "{address}");
    // What is around the page, what was typed, and the list.
    let expected = numbers(&page.html);
    assert_eq!(expected.len(), 3);
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let mut browser = lanyard.signed_in(SAM).await;
        let (address, expected) = (address.clone(), expected.clone());
        tasks.push(tokio::spawn(async move {
            for _ in 0..20 {
                let page = browser.open(&address).await;
                assert_eq!(numbers(&page.html), expected);
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}
