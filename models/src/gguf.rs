//! The header of a GGUF file, read with bounds: what is in it, and where its tensors lie.
//!
//! Nothing here trusts the file. Every count is checked against what the file can hold before memory is
//! taken for it, so that a damaged or hostile file costs an error, not the process.

use std::{
    collections::HashMap,
    io::{Read, Seek, SeekFrom},
};

use candle_core::quantized::GgmlDType;

use crate::engine::LoadError;

mod cursor;

use cursor::Cursor;

const MAX_METADATA_KEYS: u64 = 4_096;
const MAX_TENSORS: u64 = 65_536;
const MAX_ELEMENTS_IN_ALL: u64 = 1 << 22;
const MAX_ALIGNMENT: u64 = 1 << 20;
const DEFAULT_ALIGNMENT: u64 = 32;

/// A value of the metadata.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Any integer type, and nothing negative is lost.
    Integer(i128),
    /// Either float type.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// A string; bytes that are not UTF-8 are replaced.
    Text(String),
    /// An array of strings.
    Texts(Vec<String>),
    /// An array of integers or of booleans.
    Integers(Vec<i64>),
    /// An array of floats.
    Floats(Vec<f32>),
}

/// Where one tensor lies and what it holds.
#[derive(Debug, Clone)]
pub(crate) struct TensorHead {
    pub(crate) name: String,
    /// Candle's order: rows first, the contiguous dimension last.
    pub(crate) shape: Vec<usize>,
    pub(crate) kind: GgmlDType,
    /// From the start of the tensor data.
    pub(crate) offset: u64,
    pub(crate) bytes: u64,
}

impl TensorHead {
    pub(crate) fn elements(&self) -> u64 {
        self.shape.iter().map(|&d| d as u64).product()
    }
}

/// The whole header.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) metadata: HashMap<String, Value>,
    pub(crate) tensors: HashMap<String, TensorHead>,
    pub(crate) data_offset: u64,
    pub(crate) file_bytes: u64,
}

impl Header {
    /// Reads and checks a header. Tensor data is not touched.
    pub(crate) fn read(source: &mut (impl Read + Seek)) -> Result<Self, LoadError> {
        let end = source
            .seek(SeekFrom::End(0))
            .map_err(|e| malformed(format!("cannot seek: {e}")))?;
        source
            .seek(SeekFrom::Start(0))
            .map_err(|e| malformed(format!("cannot seek: {e}")))?;
        let mut cursor = Cursor {
            source,
            at: 0,
            end,
            elements_left: MAX_ELEMENTS_IN_ALL,
        };
        cursor.expect_magic()?;
        let tensor_count = cursor.count("tensors", MAX_TENSORS, 32)?;
        let key_count = cursor.count("metadata keys", MAX_METADATA_KEYS, 13)?;
        let metadata = cursor.metadata(key_count)?;
        let alignment = alignment(&metadata)?;
        let tensors = cursor.tensor_heads(tensor_count, alignment)?;
        let data_offset = cursor.at.next_multiple_of(alignment);
        check_extents(&tensors, data_offset, end)?;
        let tensors = tensors.into_iter().map(|t| (t.name.clone(), t)).collect();
        Ok(Self {
            metadata,
            tensors,
            data_offset,
            file_bytes: end,
        })
    }

    /// A string, if the key is there and holds one.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        match self.metadata.get(key) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// An unsigned number, if the key is there and holds one.
    pub(crate) fn integer(&self, key: &str) -> Option<u64> {
        match self.metadata.get(key) {
            Some(Value::Integer(number)) => u64::try_from(*number).ok(),
            _ => None,
        }
    }

    /// A float, if the key is there and holds a number.
    #[expect(clippy::cast_precision_loss, reason = "hyperparameters are small")]
    pub(crate) fn float(&self, key: &str) -> Option<f64> {
        match self.metadata.get(key) {
            Some(Value::Float(number)) => Some(*number),
            Some(Value::Integer(number)) => Some(*number as f64),
            _ => None,
        }
    }

    /// A boolean, if the key is there and holds one.
    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        match self.metadata.get(key) {
            Some(Value::Bool(flag)) => Some(*flag),
            _ => None,
        }
    }

    /// An array of strings, if the key is there and holds one.
    pub(crate) fn texts(&self, key: &str) -> Option<&[String]> {
        match self.metadata.get(key) {
            Some(Value::Texts(texts)) => Some(texts),
            _ => None,
        }
    }

    /// An array of integers, if the key is there and holds one.
    pub(crate) fn integers(&self, key: &str) -> Option<&[i64]> {
        match self.metadata.get(key) {
            Some(Value::Integers(numbers)) => Some(numbers),
            _ => None,
        }
    }

    /// An array of floats, if the key is there and holds one.
    pub(crate) fn floats(&self, key: &str) -> Option<&[f32]> {
        match self.metadata.get(key) {
            Some(Value::Floats(numbers)) => Some(numbers),
            _ => None,
        }
    }
}

fn malformed(what: impl Into<String>) -> LoadError {
    LoadError::Malformed(what.into())
}

fn alignment(metadata: &HashMap<String, Value>) -> Result<u64, LoadError> {
    let Some(value) = metadata.get("general.alignment") else {
        return Ok(DEFAULT_ALIGNMENT);
    };
    match value {
        Value::Integer(n) => match u64::try_from(*n) {
            Ok(n) if n.is_power_of_two() && n <= MAX_ALIGNMENT => Ok(n),
            _ => Err(malformed(format!(
                "general.alignment is {n}, expected a power of two up to {MAX_ALIGNMENT}"
            ))),
        },
        _ => Err(malformed("general.alignment is not an integer")),
    }
}

/// Every tensor lies within the file and none shares bytes with another: what is read is never more than
/// the file holds.
fn check_extents(tensors: &[TensorHead], data_offset: u64, end: u64) -> Result<(), LoadError> {
    let mut order: Vec<&TensorHead> = tensors.iter().collect();
    order.sort_by_key(|t| t.offset);
    let mut free_from = 0;
    for tensor in order {
        let last = tensor.offset.checked_add(tensor.bytes);
        let last_in_file = last.and_then(|l| l.checked_add(data_offset));
        let (Some(last), Some(last_in_file)) = (last, last_in_file) else {
            return Err(malformed(format!(
                "tensor '{}': its offset {} overflows",
                tensor.name, tensor.offset
            )));
        };
        if last_in_file > end {
            return Err(malformed(format!(
                "tensor '{}' ends at byte {last_in_file} and the file at byte {end}: the file is cut short",
                tensor.name
            )));
        }
        if tensor.offset < free_from {
            return Err(malformed(format!(
                "tensor '{}' overlaps another tensor",
                tensor.name
            )));
        }
        free_from = last;
    }
    Ok(())
}

/// How llama.cpp and everybody else write a type's name.
pub(crate) fn kind_name(kind: GgmlDType) -> &'static str {
    match kind {
        GgmlDType::F32 => "F32",
        GgmlDType::F16 => "F16",
        GgmlDType::BF16 => "BF16",
        GgmlDType::Q4_0 => "Q4_0",
        GgmlDType::Q4_1 => "Q4_1",
        GgmlDType::Q5_0 => "Q5_0",
        GgmlDType::Q5_1 => "Q5_1",
        GgmlDType::Q8_0 => "Q8_0",
        GgmlDType::Q8_1 => "Q8_1",
        GgmlDType::Q2K => "Q2_K",
        GgmlDType::Q3K => "Q3_K",
        GgmlDType::Q4K => "Q4_K",
        GgmlDType::Q5K => "Q5_K",
        GgmlDType::Q6K => "Q6_K",
        GgmlDType::Q8K => "Q8_K",
    }
}

#[cfg(test)]
mod tests;
