//! From the blocks of a GGUF file to tiles.
//!
//! A file stores each row by itself, in blocks of 32 or 256 columns. [`Blocks`] says how one is read; the
//! weights come out as unsigned integers, with the offset of [`super::activations::Zero`] where they are signed.

use super::{formats::ROWS, kind::Kind};

/// The largest block of a file, in columns.
pub(super) const MOST_COLUMNS: usize = 256;

/// The weights of one block of one row.
pub(super) type Quants = [u8; MOST_COLUMNS];

/// Puts the block of a row into the block of a tile.
pub(super) fn place(kind: Kind, row: usize, source: &[u8], tile: &mut [u8]) {
    let mut quants = [0; MOST_COLUMNS];
    read_quants(kind, source, &mut quants);
    let (bits, columns) = (kind.bits(), kind.block_columns());
    place_quants(bits, columns, row, &quants, tile);
    place_scales(kind, row, source, &mut tile[columns * ROWS * bits / 8..]);
}

fn place_quants(bits: usize, columns: usize, row: usize, quants: &Quants, tile: &mut [u8]) {
    let (low, above) = tile.split_at_mut(columns * 8);
    for (part, quants) in quants[..columns].chunks_exact(32).enumerate() {
        if bits == 8 {
            continue;
        }
        for (i, pair) in quants[..16].iter().zip(&quants[16..]).enumerate() {
            low[part * 256 + at(row, i)] = pair.0 & 15 | (pair.1 & 15) << 4;
        }
        for (i, quant) in quants.iter().enumerate() {
            match bits {
                5 => above[part * 64 + row * 4 + i % 4] |= (quant >> 4) << (i / 4),
                6 => above[part * 128 + i / 16 * 64 + row * 4 + i % 4] |= (quant >> 4) << (i % 16 / 4 * 2),
                _ => {}
            }
        }
    }
    if bits == 8 {
        for (i, quant) in quants[..columns].iter().enumerate() {
            tile[at(row, i)] = *quant;
        }
    }
}

/// Where the column of a row is among lines of 4 columns x 16 rows.
fn at(row: usize, column: usize) -> usize {
    column / 4 * 64 + row * 4 + column % 4
}

/// Weights as a file has them, offset so that none is negative.
fn read_quants(kind: Kind, source: &[u8], quants: &mut Quants) {
    match kind {
        Kind::Q4_0 => nibbles(&source[2..18], quants),
        Kind::Q4_1 => nibbles(&source[4..20], quants),
        Kind::Q5_0 => {
            nibbles(&source[6..22], quants);
            fifth_bits(&source[2..6], quants);
        }
        Kind::Q5_1 => {
            nibbles(&source[8..24], quants);
            fifth_bits(&source[4..8], quants);
        }
        Kind::Q8_0 => {
            for (quant, byte) in quants.iter_mut().zip(&source[2..34]) {
                *quant = byte ^ 0x80;
            }
        }
        Kind::Q4K => nibbles_of_pairs(&source[16..144], quants),
        Kind::Q5K => {
            nibbles_of_pairs(&source[48..176], quants);
            // Bit n of byte i is of column i of the n-th 32.
            for (i, quant) in quants.iter_mut().enumerate() {
                *quant |= (source[16 + i % 32] >> (i / 32) & 1) << 4;
            }
        }
        Kind::Q6K => six_bits(source, quants),
        Kind::F16 | Kind::BF16 | Kind::F32 => {}
    }
}

/// 16 bytes: the low nibbles are the first 16 columns, the high ones the others.
fn nibbles(bytes: &[u8], quants: &mut Quants) {
    for (i, byte) in bytes.iter().enumerate() {
        quants[i] = byte & 15;
        quants[16 + i] = byte >> 4;
    }
}

/// Bit i of the four bytes is the fifth bit of column i.
fn fifth_bits(bytes: &[u8], quants: &mut Quants) {
    for (i, quant) in quants[..32].iter_mut().enumerate() {
        *quant |= (bytes[i / 8] >> (i % 8) & 1) << 4;
    }
}

/// 32 bytes for each 64 columns: low nibbles first.
fn nibbles_of_pairs(bytes: &[u8], quants: &mut Quants) {
    for (bytes, quants) in bytes.chunks_exact(32).zip(quants.chunks_exact_mut(64)) {
        for (i, byte) in bytes.iter().enumerate() {
            quants[i] = byte & 15;
            quants[32 + i] = byte >> 4;
        }
    }
}

/// `Q6_K`: for each 128 columns 64 bytes of nibbles, and 32 bytes with two bits for each of four quarters.
fn six_bits(source: &[u8], quants: &mut Quants) {
    for (half, quants) in quants.chunks_exact_mut(128).enumerate() {
        let low = &source[half * 64..][..64];
        let above = &source[128 + half * 32..][..32];
        for (i, quant) in quants.iter_mut().enumerate() {
            let nibble = low[i % 64] >> (i / 64 * 4) & 15;
            *quant = nibble | (above[i % 32] >> (i / 32 * 2) & 3) << 4;
        }
    }
}

fn place_scales(kind: Kind, row: usize, source: &[u8], scales: &mut [u8]) {
    let mut float = |slot: usize, at: usize| {
        scales[slot * 32 + row * 2..][..2].copy_from_slice(&source[at..at + 2]);
    };
    match kind {
        Kind::Q4_0 | Kind::Q5_0 | Kind::Q8_0 => float(0, 0),
        Kind::Q4_1 | Kind::Q5_1 => {
            float(0, 0);
            float(1, 2);
        }
        Kind::Q4K | Kind::Q5K => {
            float(0, 0);
            float(1, 2);
            for part in 0..8 {
                let (scale, minimum) = scale_and_minimum(&source[4..16], part);
                scales[64 + part * 32 + row] = scale;
                scales[80 + part * 32 + row] = minimum;
            }
        }
        Kind::Q6K => {
            float(0, 208);
            for (half, scale) in source[192..208].iter().enumerate() {
                scales[32 + half * 16 + row] = *scale;
            }
        }
        Kind::F16 | Kind::BF16 | Kind::F32 => {}
    }
}

/// The 6-bit scale and minimum of a part of `Q4_K` and `Q5_K`: those of the last four are cut in two.
fn scale_and_minimum(packed: &[u8], part: usize) -> (u8, u8) {
    if part < 4 {
        (packed[part] & 63, packed[part + 4] & 63)
    } else {
        let scale = packed[part + 4] & 15 | packed[part - 4] >> 6 << 4;
        let minimum = packed[part + 4] >> 4 | packed[part] >> 6 << 4;
        (scale, minimum)
    }
}
