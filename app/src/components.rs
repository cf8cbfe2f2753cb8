//! Building blocks of pages. Each takes its values and shows them; none loads anything.

pub mod form;
pub mod loaded;
