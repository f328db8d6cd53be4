//! Reads a GGUF header piece by piece, never more than the file can hold.

use std::{
    collections::{HashMap, HashSet},
    io::Read,
};

use candle_core::quantized::GgmlDType;

use super::{MAX_ELEMENTS_IN_ALL, TensorHead, Value, malformed};
use crate::engine::LoadError;

const MAGIC: &[u8; 4] = b"GGUF";
const MAX_NAME_BYTES: u64 = 1_024;
const MAX_TEXT_BYTES: u64 = 16 << 20;
/// Above the largest vocabularies (262 k tokens, half a million merges), far below what would hurt.
const MAX_ARRAY_ELEMENTS: u64 = 1 << 21;
const MAX_DIMENSIONS: u32 = 4;

/// Reads a file front to back and knows where it is.
pub(super) struct Cursor<'a, R> {
    pub(super) source: &'a mut R,
    pub(super) at: u64,
    pub(super) end: u64,
    pub(super) elements_left: u64,
}

impl<R: Read> Cursor<'_, R> {
    fn bytes<const N: usize>(&mut self, what: &str) -> Result<[u8; N], LoadError> {
        let mut buffer = [0; N];
        self.source
            .read_exact(&mut buffer)
            .map_err(|_| malformed(format!("ends at byte {} of {}, within {what}", self.at, self.end)))?;
        self.at += N as u64;
        Ok(buffer)
    }

    fn u32(&mut self, what: &str) -> Result<u32, LoadError> {
        self.bytes(what).map(u32::from_le_bytes)
    }

    fn u64(&mut self, what: &str) -> Result<u64, LoadError> {
        self.bytes(what).map(u64::from_le_bytes)
    }

    pub(super) fn expect_magic(&mut self) -> Result<(), LoadError> {
        let magic: [u8; 4] = self.bytes("the magic")?;
        if &magic != MAGIC {
            return Err(malformed(format!(
                "starts with bytes {magic:02x?}, expected \"GGUF\""
            )));
        }
        match self.u32("the version")? {
            2 | 3 => Ok(()),
            1 => Err(LoadError::Unsupported(
                "GGUF version 1; convert the file again".to_owned(),
            )),
            n if matches!(n.swap_bytes(), 1..=3) => {
                Err(LoadError::Unsupported("a big-endian GGUF file".to_owned()))
            }
            n => Err(malformed(format!("GGUF version is {n}, expected 2 or 3"))),
        }
    }

    /// A count of things that each take at least `least_bytes` of what is left of the file.
    pub(super) fn count(&mut self, what: &str, most: u64, least_bytes: u64) -> Result<u64, LoadError> {
        let count = self.u64(what)?;
        let (at, left) = (self.at - 8, self.end.saturating_sub(self.at));
        if count > most {
            return Err(malformed(format!(
                "claims {count} {what} at byte {at}, more than {most}"
            )));
        }
        if count.saturating_mul(least_bytes) > left {
            return Err(malformed(format!(
                "claims {count} {what} at byte {at} and has {left} bytes left: the file is cut short"
            )));
        }
        Ok(count)
    }

    fn text(&mut self, what: &str, most: u64) -> Result<String, LoadError> {
        let length = self.count(&format!("bytes of {what}"), most, 1)?;
        let size = usize::try_from(length).map_err(|_| malformed(format!("{what} is too long")))?;
        let mut buffer = vec![0; size];
        self.source
            .read_exact(&mut buffer)
            .map_err(|_| malformed(format!("ends at byte {} of {}, within {what}", self.at, self.end)))?;
        self.at += length;
        Ok(match String::from_utf8(buffer) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        })
    }

    pub(super) fn metadata(&mut self, keys: u64) -> Result<HashMap<String, Value>, LoadError> {
        let mut metadata = HashMap::new();
        for index in 0..keys {
            let key = self.text(&format!("metadata key {index}"), MAX_NAME_BYTES)?;
            let kind = self.u32(&key)?;
            let value = if kind == 9 {
                self.array(&key)?
            } else {
                self.scalar(&key, kind)?
            };
            if metadata.insert(key.clone(), value).is_some() {
                return Err(malformed(format!("metadata key '{key}' appears twice")));
            }
        }
        Ok(metadata)
    }

    fn scalar(&mut self, key: &str, kind: u32) -> Result<Value, LoadError> {
        Ok(match kind {
            0 => Value::Integer(i128::from(u8::from_le_bytes(self.bytes(key)?))),
            1 => Value::Integer(i128::from(i8::from_le_bytes(self.bytes(key)?))),
            2 => Value::Integer(i128::from(u16::from_le_bytes(self.bytes(key)?))),
            3 => Value::Integer(i128::from(i16::from_le_bytes(self.bytes(key)?))),
            4 => Value::Integer(i128::from(self.u32(key)?)),
            5 => Value::Integer(i128::from(i32::from_le_bytes(self.bytes(key)?))),
            6 => Value::Float(f64::from(f32::from_le_bytes(self.bytes(key)?))),
            7 => match self.bytes::<1>(key)?[0] {
                0 => Value::Bool(false),
                1 => Value::Bool(true),
                b => return Err(malformed(format!("'{key}' is the boolean {b}"))),
            },
            8 => Value::Text(self.text(&format!("the value of '{key}'"), MAX_TEXT_BYTES)?),
            10 => Value::Integer(i128::from(self.u64(key)?)),
            11 => Value::Integer(i128::from(i64::from_le_bytes(self.bytes(key)?))),
            12 => Value::Float(f64::from_le_bytes(self.bytes(key)?)),
            _ => return Err(malformed(format!("'{key}' has the unknown value type {kind}"))),
        })
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "scores are stored as 32-bit floats by every writer"
    )]
    fn array(&mut self, key: &str) -> Result<Value, LoadError> {
        let kind = self.u32(key)?;
        let least_bytes = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            8 | 10..=12 => 8,
            9 => {
                return Err(malformed(format!(
                    "'{key}' is an array of arrays, which no known model needs"
                )));
            }
            _ => {
                return Err(malformed(format!(
                    "'{key}' is an array of the unknown value type {kind}"
                )));
            }
        };
        let length = self.count(&format!("elements of '{key}'"), MAX_ARRAY_ELEMENTS, least_bytes)?;
        self.elements_left = self.elements_left.checked_sub(length).ok_or_else(|| {
            malformed(format!(
                "more than {MAX_ELEMENTS_IN_ALL} array elements, at '{key}'"
            ))
        })?;
        Ok(match kind {
            8 => {
                let mut texts = Vec::new();
                for _ in 0..length {
                    texts.push(self.text(&format!("an element of '{key}'"), MAX_TEXT_BYTES)?);
                }
                Value::Texts(texts)
            }
            6 | 12 => {
                let mut numbers = Vec::new();
                for _ in 0..length {
                    if let Value::Float(number) = self.scalar(key, kind)? {
                        numbers.push(number as f32);
                    }
                }
                Value::Floats(numbers)
            }
            _ => {
                let mut numbers = Vec::new();
                for _ in 0..length {
                    numbers.push(match self.scalar(key, kind)? {
                        Value::Integer(n) => i64::try_from(n)
                            .map_err(|_| malformed(format!("'{key}' holds the number {n}")))?,
                        value => i64::from(value == Value::Bool(true)),
                    });
                }
                Value::Integers(numbers)
            }
        })
    }

    pub(super) fn tensor_heads(&mut self, count: u64, alignment: u64) -> Result<Vec<TensorHead>, LoadError> {
        let mut names = HashSet::new();
        let mut heads = Vec::new();
        for index in 0..count {
            let head = self.tensor_head(index, alignment)?;
            if !names.insert(head.name.clone()) {
                return Err(malformed(format!("tensor '{}' appears twice", head.name)));
            }
            heads.push(head);
        }
        Ok(heads)
    }

    fn tensor_head(&mut self, index: u64, alignment: u64) -> Result<TensorHead, LoadError> {
        let name = self.text(&format!("the name of tensor {index}"), MAX_NAME_BYTES)?;
        let dimensions = self.u32(&name)?;
        if !(1..=MAX_DIMENSIONS).contains(&dimensions) {
            return Err(malformed(format!(
                "tensor '{name}' has {dimensions} dimensions, expected 1 to {MAX_DIMENSIONS}"
            )));
        }
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            shape.push(self.u64(&name)?);
        }
        let kind_id = self.u32(&name)?;
        let kind = tensor_kind(kind_id).ok_or_else(|| {
            LoadError::Unsupported(format!(
                "tensor '{name}' is stored as type {kind_id}; F32, F16, BF16, Q4_0 to Q8_0 and Q2_K to Q6_K are read"
            ))
        })?;
        let offset = self.u64(&name)?;
        if !offset.is_multiple_of(alignment) {
            return Err(malformed(format!(
                "tensor '{name}' starts at {offset}, not a multiple of {alignment}"
            )));
        }
        let (block, block_bytes) = (kind.block_size() as u64, kind.type_size() as u64);
        let elements = shape.iter().try_fold(1_u64, |product, &d| product.checked_mul(d));
        let bytes = elements.and_then(|e| (e / block).checked_mul(block_bytes));
        let (Some(elements), Some(bytes)) = (elements, bytes) else {
            return Err(malformed(format!(
                "tensor '{name}' has the absurd shape {shape:?}"
            )));
        };
        if elements == 0 || !shape[0].is_multiple_of(block) {
            return Err(malformed(format!(
                "tensor '{name}' of shape {shape:?} is not made of blocks of {block}"
            )));
        }
        let shape: Option<Vec<usize>> = shape.iter().rev().map(|&d| usize::try_from(d).ok()).collect();
        let shape = shape.ok_or_else(|| malformed(format!("tensor '{name}' has an absurd shape")))?;
        Ok(TensorHead {
            name,
            shape,
            kind,
            offset,
            bytes,
        })
    }
}

fn tensor_kind(id: u32) -> Option<GgmlDType> {
    Some(match id {
        0 => GgmlDType::F32,
        1 => GgmlDType::F16,
        2 => GgmlDType::Q4_0,
        3 => GgmlDType::Q4_1,
        6 => GgmlDType::Q5_0,
        7 => GgmlDType::Q5_1,
        8 => GgmlDType::Q8_0,
        10 => GgmlDType::Q2K,
        11 => GgmlDType::Q3K,
        12 => GgmlDType::Q4K,
        13 => GgmlDType::Q5K,
        14 => GgmlDType::Q6K,
        30 => GgmlDType::BF16,
        _ => return None,
    })
}
