//! Pages of what can be counted beforehand.

use std::ops::Range;

use crate::apis::catalog::wire::Pagination;
use crate::apis::dialect::Call;

/// The places, of `total`, of the items on page `number`, counted from one, of `size` items each; and how the page
/// describes itself. Past the end there is nothing.
pub(super) fn part(number: u64, size: u64, total: u64) -> (Range<u64>, Pagination) {
    let size = size.max(1);
    let total_pages = total.div_ceil(size);
    let first = number.max(1).saturating_sub(1).saturating_mul(size).min(total);
    let last = first.saturating_add(size).min(total);
    let pagination = Pagination {
        page: number,
        page_size: size,
        total_items: total,
        total_pages,
        has_next: number < total_pages,
        has_prev: number > 1,
    };
    (first..last, pagination)
}

/// The page a client asked for.
pub(super) fn asked(call: &Call<'_>, total: u64) -> (Range<u64>, Pagination) {
    part(call.number("page"), call.number("page_size"), total)
}

/// The only page of an answer that shows all it has.
pub(super) fn single(total: u64) -> Pagination {
    Pagination {
        page: 1,
        page_size: total,
        total_items: total,
        total_pages: 1,
        has_next: false,
        has_prev: false,
    }
}
