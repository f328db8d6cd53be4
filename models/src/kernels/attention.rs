//! Causal attention of several sequences' queries over their own cached keys and values.
//!
//! The context of a sequence is cut into pieces at fixed positions. A piece gives each query its largest score,
//! the sum of the weights, and the weighted sum of values; those are merged piece by piece, from the first to the
//! last. That is the order whether one thread does all pieces of a query or several share them, so a query's result
//! is the same alone, in a batch, and with any number of threads.
#![expect(unsafe_code, reason = "tasks write parts of one buffer")]

mod cache;
mod number;
mod piece;

use std::{cell::RefCell, ops::Range};

pub use cache::KvPrecision;
pub(crate) use cache::{BLOCK_TOKENS, KvShape, write_kv};
use piece::{PIECE_TOKENS, Tile, finish, merge};

use super::{
    pool::{Pool, SharedMut},
    tier::Tier,
};

/// Vectors of queries that share the loads of keys and values: rows times the heads of a group.
const TILE_VECTORS: usize = 16;

/// The rows of one sequence: queries at consecutive positions, each of which sees the positions up to its own.
pub(crate) struct Span<'a> {
    /// Index of its first row among all queries.
    pub(crate) first_row: usize,
    /// How many there are.
    pub(crate) rows: usize,
    /// The position of the first row.
    pub(crate) position: usize,
    /// How many positions a row sees at most, its own among them.
    pub(crate) sees: usize,
    /// The sequence's blocks in order, with keys and values of all positions up to the last row's.
    pub(crate) blocks: &'a [&'a [u8]],
}

thread_local! {
    /// Of the caller: what the tasks of a short span leave for the merge.
    static STATES: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

impl Span<'_> {
    /// The pieces of the context that some of its rows see, of which the first is at this position.
    fn pieces(&self, position: usize, rows: usize) -> Range<usize> {
        let first = (position + 1).saturating_sub(self.sees);
        first / PIECE_TOKENS..(position + rows).div_ceil(PIECE_TOKENS)
    }
}

/// What the tasks of a call have in common.
struct Call<'a> {
    shape: &'a KvShape,
    scale: f32,
    queries: &'a [f32],
    states: SharedMut<f32>,
    out: SharedMut<f32>,
    tier: Tier,
}

/// How the work on a span is cut into tasks.
struct Plan<'a> {
    span: &'a Span<'a>,
    /// Rows of a tile.
    tile_rows: usize,
    tiles: usize,
    /// Tasks that a tile is cut into: one for each piece of the context if there is one tile only, else one for all.
    cuts: usize,
    /// Where its states begin.
    states: usize,
}

/// Attention of all rows of queries (`heads * head_width` values each) over what their spans cached.
///
/// # Panics
///
/// Unless `shape` is supported, `out` is as long as `queries`, and each span's rows are within the queries, apart
/// from those of the other spans, and its blocks hold as many positions as it sees.
pub(crate) fn attend(
    shape: &KvShape,
    scale: f32,
    queries: &[f32],
    spans: &[Span<'_>],
    out: &mut [f32],
    pool: &Pool,
) {
    check(shape, queries, spans, out);
    let mut states = 0;
    let plans: Vec<_> = spans
        .iter()
        .filter(|span| span.rows > 0)
        .map(|span| plan(shape, span, &mut states))
        .collect();
    STATES.with_borrow_mut(|buffer| {
        if buffer.len() < states {
            buffer.resize(states, 0.0);
        }
        let call = Call {
            shape,
            scale,
            queries,
            states: SharedMut(buffer.as_mut_ptr()),
            out: SharedMut(out.as_mut_ptr()),
            tier: pool.tier(),
        };
        let tasks = plans
            .iter()
            .map(|plan| plan.tiles * plan.cuts * shape.kv_heads)
            .sum();
        pool.run(tasks, &|mut task| {
            for plan in &plans {
                let count = plan.tiles * plan.cuts * shape.kv_heads;
                if task < count {
                    return plan.run(task, &call);
                }
                task -= count;
            }
        });
        for plan in plans.iter().filter(|plan| plan.cuts > 1) {
            plan.merge(shape, buffer, out);
        }
    });
}

fn check(shape: &KvShape, queries: &[f32], spans: &[Span<'_>], out: &[f32]) {
    let width = shape.heads * shape.head_width;
    assert!(shape.is_supported(), "{shape:?} is not supported");
    assert!(queries.len() == out.len(), "as many outputs as queries");
    let mut end = 0;
    for span in spans {
        assert!(
            span.first_row >= end,
            "spans are in the order of their rows, and apart"
        );
        end = span.first_row + span.rows;
        assert!(
            end * width <= queries.len(),
            "rows {}..{end} are among the queries",
            span.first_row
        );
        assert!(
            span.blocks.len() * BLOCK_TOKENS >= span.position + span.rows,
            "blocks for all positions"
        );
        assert!(
            span.blocks.iter().all(|block| block.len() == shape.block_bytes()),
            "whole blocks"
        );
    }
}

fn plan<'a>(shape: &KvShape, span: &'a Span<'a>, states: &mut usize) -> Plan<'a> {
    let tile_rows = (TILE_VECTORS / shape.group()).max(1);
    let tiles = span.rows.div_ceil(tile_rows);
    let pieces = span.pieces(span.position, span.rows).len();
    let plan = Plan {
        span,
        tile_rows,
        tiles,
        cuts: if tiles == 1 { pieces } else { 1 },
        states: *states,
    };
    if plan.cuts > 1 {
        *states += plan.cuts * shape.heads * span.rows * shape.state_len();
    }
    plan
}

impl Plan<'_> {
    /// One tile of queries of one head of keys, over all pieces or over one.
    fn run(&self, task: usize, call: &Call<'_>) {
        let Call {
            shape,
            scale,
            queries,
            states,
            out,
            tier,
        } = *call;
        let (piece, task) = (task % self.cuts, task / self.cuts);
        // The last tiles see most, so they go first.
        let (kv_head, tile) = (task % shape.kv_heads, self.tiles - 1 - task / shape.kv_heads);
        let from = tile * self.tile_rows;
        let rows = self.tile_rows.min(self.span.rows - from);
        let position = self.span.position + from;
        let pieces = self.span.pieces(position, rows);
        let first = pieces.start;
        let tile = Tile {
            shape,
            scale,
            queries: &queries[(self.span.first_row + from) * shape.heads * shape.head_width..],
            rows,
            position,
            kv_head,
            sees: self.span.sees,
            blocks: self.span.blocks,
            pieces: if self.cuts > 1 {
                first + piece..first + piece + 1
            } else {
                pieces
            },
        };
        tile.run(tier, &mut |vector, state| {
            let (row, head) = (
                from + vector / shape.group(),
                kv_head * shape.group() + vector % shape.group(),
            );
            if self.cuts > 1 {
                let at = self.state_at(shape, piece, row, head);
                // SAFETY: the buffer has a state for each piece, row and head of this plan, and only the task of
                // this piece and head writes it.
                unsafe {
                    states
                        .at(at)
                        .copy_from_nonoverlapping(state.as_ptr(), state.len());
                };
            } else {
                let at = ((self.span.first_row + row) * shape.heads + head) * shape.head_width;
                // SAFETY: `check` saw that the row is within `out` and in no other span, and only the task of
                // this tile and head writes this part of it.
                let out = unsafe { std::slice::from_raw_parts_mut(out.at(at), shape.head_width) };
                finish(state, out);
            }
        });
    }

    /// The results of a span whose pieces were shared out.
    fn merge(&self, shape: &KvShape, states: &mut [f32], out: &mut [f32]) {
        let len = shape.state_len();
        let start = self.span.pieces(self.span.position, self.span.rows).start;
        for row in 0..self.span.rows {
            let Range { start: from, end } = self.span.pieces(self.span.position + row, 1);
            let (from, end) = (from - start, end - start);
            for head in 0..shape.heads {
                let first = self.state_at(shape, from, row, head);
                for piece in from + 1..end {
                    let next = self.state_at(shape, piece, row, head);
                    let (before, from) = states.split_at_mut(next);
                    merge(&mut before[first..first + len], &from[..len]);
                }
                let at = ((self.span.first_row + row) * shape.heads + head) * shape.head_width;
                finish(&states[first..first + len], &mut out[at..at + shape.head_width]);
            }
        }
    }

    fn state_at(&self, shape: &KvShape, piece: usize, row: usize, head: usize) -> usize {
        self.states + ((piece * self.span.rows + row) * shape.heads + head) * shape.state_len()
    }
}

#[cfg(test)]
mod tests;
