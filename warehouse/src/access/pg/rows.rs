//! Rows for a table whose columns are given: what a row does not name is empty, or the type's zero where empty is not
//! allowed. System tables have dozens of columns of which we know three.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use datafusion::common::ScalarValue;
use datafusion::error::Result;

/// Rows being gathered.
pub(super) struct Rows {
    schema: SchemaRef,
    columns: Vec<Vec<ScalarValue>>,
}

impl Rows {
    pub fn new(schema: SchemaRef) -> Self {
        let columns = schema.fields().iter().map(|_| Vec::new()).collect();
        Self { schema, columns }
    }

    /// Adds a row from the columns that are known; names the table does not have are left out.
    pub fn push(&mut self, known: &[(&str, ScalarValue)]) {
        for (field, column) in self.schema.fields().iter().zip(&mut self.columns) {
            let value = known
                .iter()
                .find(|(name, _)| name == field.name())
                .and_then(|(_, value)| value.cast_to(field.data_type()).ok())
                .filter(|value| !value.is_null());
            let kind = field.data_type();
            column.push(value.unwrap_or_else(|| match field.is_nullable() {
                true => ScalarValue::try_from(kind).unwrap_or(ScalarValue::Null),
                false => ScalarValue::new_default(kind).unwrap_or(ScalarValue::Null),
            }));
        }
    }

    pub fn finish(self) -> Result<RecordBatch> {
        if self.columns.first().is_none_or(Vec::is_empty) {
            return Ok(RecordBatch::new_empty(self.schema));
        }
        let columns = self.columns.into_iter().map(ScalarValue::iter_to_array).collect::<Result<Vec<_>>>()?;
        Ok(RecordBatch::try_new(Arc::clone(&self.schema), columns)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{DataType, Field, Schema};

    #[test]
    fn unknown_columns_are_empty_or_zero() {
        let list = DataType::List(Arc::new(Field::new("item", DataType::Int16, true)));
        let schema = Arc::new(Schema::new(vec![
            Field::new("oid", DataType::Int32, false),
            Field::new("name", DataType::Utf8, false),
            Field::new("flag", DataType::Boolean, false),
            Field::new("key", list, true),
            Field::new("note", DataType::Utf8, true),
        ]));
        let mut rows = Rows::new(schema.clone());
        assert_eq!(Rows::new(schema).finish().expect("batch").num_rows(), 0);
        rows.push(&[("oid", ScalarValue::from(7)), ("nothing", ScalarValue::from(1))]);
        rows.push(&[("name", ScalarValue::from("x")), ("note", ScalarValue::from("y"))]);
        let text = arrow::util::pretty::pretty_format_batches(&[rows.finish().expect("batch")])
            .expect("text")
            .to_string();
        let cells = |line: usize| {
            text.lines().nth(line).expect("line").split('|').map(str::trim).collect::<Vec<_>>().join(",")
        };
        assert_eq!(cells(3), ",7,,false,,,");
        assert_eq!(cells(4), ",0,x,false,,y,");
    }
}
