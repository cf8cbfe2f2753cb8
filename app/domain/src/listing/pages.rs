//! Which page numbers to show (ux 6.12).

/// A place in the row of page numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageItem {
    Page(u32),
    /// Pages that are left out.
    Gap,
}

/// The first page, the last, the current one and one at each side of it, with gaps between. A gap never
/// stands for a single page. Nothing when there is only one page.
pub fn page_window(page: u32, pages: u32) -> Vec<PageItem> {
    if pages <= 1 {
        return Vec::new();
    }
    let page = page.clamp(1, pages);
    let mut shown = vec![
        1,
        page.saturating_sub(1),
        page,
        page.saturating_add(1),
        pages,
    ];
    shown.retain(|number| (1..=pages).contains(number));
    shown.sort_unstable();
    shown.dedup();
    let mut items = Vec::new();
    let mut last = 0;
    for number in shown {
        match number - last {
            1 => {}
            2 => items.push(PageItem::Page(number - 1)),
            _ => items.push(PageItem::Gap),
        }
        items.push(PageItem::Page(number));
        last = number;
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(page: u32, pages: u32) -> String {
        let item = |item: &PageItem| match item {
            PageItem::Page(number) => number.to_string(),
            PageItem::Gap => "…".to_owned(),
        };
        page_window(page, pages)
            .iter()
            .map(item)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// ux 6.12.
    #[test]
    fn the_row_of_pages_shows_both_ends_and_the_neighbours() {
        for (page, pages, row) in [
            (1, 0, ""),
            (1, 1, ""),
            (1, 2, "1 2"),
            (1, 3, "1 2 3"),
            (1, 4, "1 2 3 4"),
            (1, 9, "1 2 … 9"),
            (2, 9, "1 2 3 … 9"),
            (4, 9, "1 2 3 4 5 … 9"),
            (5, 9, "1 … 4 5 6 … 9"),
            (6, 9, "1 … 5 6 7 8 9"),
            (9, 9, "1 … 8 9"),
            (99, 9, "1 … 8 9"),
            (u32::MAX, u32::MAX, "1 … 4294967294 4294967295"),
        ] {
            assert_eq!(window(page, pages), row, "page {page} of {pages}");
        }
    }
}
