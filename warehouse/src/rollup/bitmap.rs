//! Exact distinct counts: the aggregate function that merges serialised Roaring bitmaps and counts.

use std::sync::{Arc, LazyLock};

use arrow::array::{ArrayRef, AsArray};
use arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Accumulator, AggregateUDF, Volatility, create_udaf};
use roaring::RoaringBitmap;

/// Binary bitmaps → number of different ids (UInt64), 0 for no rows.
pub fn bitmap_count() -> Arc<AggregateUDF> {
    static FUNCTION: LazyLock<Arc<AggregateUDF>> = LazyLock::new(|| {
        Arc::new(create_udaf(
            "bitmap_count",
            vec![DataType::Binary],
            Arc::new(DataType::UInt64),
            Volatility::Immutable,
            Arc::new(|_| Ok(Box::new(Merged::default()))),
            Arc::new(vec![DataType::Binary]),
        ))
    });
    FUNCTION.clone()
}

#[derive(Debug, Default)]
struct Merged(RoaringBitmap);

impl Merged {
    fn merge(&mut self, values: &[ArrayRef]) -> Result<()> {
        for bytes in values[0].as_binary::<i32>().iter().flatten() {
            self.0 |= read(bytes)?;
        }
        Ok(())
    }
}

impl Accumulator for Merged {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.merge(values)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::UInt64(Some(self.0.len())))
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.0.serialized_size()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![ScalarValue::Binary(Some(write(&self.0)?))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.merge(states)
    }
}

fn read(bytes: &[u8]) -> Result<RoaringBitmap> {
    // These bytes were written by this process or looked at when they were read from disk: no second check.
    RoaringBitmap::deserialize_unchecked_from(bytes).map_err(|e| DataFusionError::External(Box::new(e)))
}

/// Whether bytes from disk are a bitmap.
pub(super) fn is_intact(bytes: &[u8]) -> bool {
    RoaringBitmap::deserialize_from(bytes).is_ok()
}

/// Serialises a bitmap.
pub(super) fn write(bitmap: &RoaringBitmap) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(bitmap.serialized_size());
    bitmap.serialize_into(&mut bytes).map_err(|e| DataFusionError::External(Box::new(e)))?;
    Ok(bytes)
}
