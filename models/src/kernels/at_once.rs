//! How many rows of activations a kernel takes at once.
#![expect(
    unsafe_code,
    unsafe_op_in_unsafe_fn,
    reason = "kernels have the contract of `Lanes`"
)]

use super::lanes::Lanes;

/// A kernel that gives the outputs of `M` rows of activations from one on.
pub(super) trait AtOnce {
    /// # Safety
    ///
    /// That of [`Lanes`]; there are so many rows.
    unsafe fn rows<L: Lanes, const M: usize>(&self, row: usize);

    /// Takes the rows from `row` up to `rows`, as many at once as the registers hold: weights are read and unpacked for all
    /// of those together. So three rows or seven are not cut up into ones, twos and fours.
    ///
    /// # Safety
    ///
    /// That of [`Lanes`]; there are so many rows.
    #[inline(always)]
    unsafe fn all_rows<L: Lanes>(&self, mut row: usize, rows: usize) {
        while row < rows {
            let count = (rows - row).min(L::ROWS);
            match count {
                8 if L::ROWS >= 8 => self.rows::<L, 8>(row),
                7 if L::ROWS >= 8 => self.rows::<L, 7>(row),
                6 if L::ROWS >= 8 => self.rows::<L, 6>(row),
                5 if L::ROWS >= 8 => self.rows::<L, 5>(row),
                4 if L::ROWS >= 4 => self.rows::<L, 4>(row),
                3 if L::ROWS >= 4 => self.rows::<L, 3>(row),
                2 => self.rows::<L, 2>(row),
                _ => self.rows::<L, 1>(row),
            }
            row += count;
        }
    }
}
