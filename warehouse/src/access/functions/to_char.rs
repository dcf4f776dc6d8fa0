//! `to_char(time or number, template)`, whatever expression the template is. Templates in the engine's own letters
//! (`%Y-%m`) go on working: `date_format` is asked with them.

use arrow::array::{Array, ArrayRef, AsArray, Decimal128Array, Decimal256Array, StringBuilder};
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit, UInt64Type};
use chrono::format::{Item, StrftimeItems};
use datafusion::common::plan_err;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs};

use super::moment::Column;
use super::number_template::{self, Part, Shape};
use super::number_text::{self, Value};
use super::plain::{Plain, answer, column, constant, field, is_number, is_text, is_time, refused, texts};
use super::template::{LONGEST, Node, nodes};
use super::time_text;

pub(super) fn function() -> Plain {
    Plain::new("to_char", takes, |_: &ReturnFieldArgs| Ok(field("to_char", DataType::Utf8)), run)
        .also(&["date_format"])
}

fn takes(types: &[DataType]) -> Result<Vec<DataType>> {
    let [value, template] = types else { return plan_err!("to_char 需要一个值和一个格式") };
    if !is_text(template) {
        return plan_err!("to_char 的格式须是文字");
    }
    let value = match value {
        DataType::Null => DataType::Timestamp(TimeUnit::Microsecond, None),
        // Written with as many digits as a double keeps for its size.
        DataType::Float16 | DataType::Float32 => DataType::Float64,
        DataType::Decimal32(p, s) | DataType::Decimal64(p, s) => DataType::Decimal128(*p, *s),
        kind if kind.is_signed_integer() => DataType::Int64,
        kind if kind.is_unsigned_integer() => DataType::UInt64,
        kind if is_time(kind) || is_number(kind) => kind.clone(),
        kind => return plan_err!("to_char 的第一个参数须是时间或数字，得到的是 {kind}；文字请先转换类型"),
    };
    Ok(vec![value, DataType::Utf8])
}

/// A template, cut once for all rows that share it.
enum Template {
    Times(Vec<Node>),
    /// In the engine's letters.
    Letters(String),
    Numbers(Vec<Part>, Shape),
}

impl Template {
    fn of(text: &str, values: &Values) -> Result<Self> {
        let made = match values {
            Values::Times(_) if has_letters(text) => letters(text),
            Values::Times(_) => nodes(text).map(Self::Times),
            _ => number_template::parts(text).map(|(parts, shape)| Self::Numbers(parts, shape)),
        };
        made.or_else(refused)
    }
}

/// Whether a template is one of the engine's: a percent sign before a letter.
pub(super) fn has_letters(template: &str) -> bool {
    let mut bytes = template.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if byte == b'%' && bytes.peek().is_some_and(u8::is_ascii_alphabetic) {
            return true;
        }
    }
    false
}

fn letters(text: &str) -> Result<Template, String> {
    if text.len() > LONGEST {
        return Err(format!("时间格式太长（{} 字节，上限 {LONGEST} 字节）", text.len()));
    }
    if StrftimeItems::new(text).any(|item| matches!(item, Item::Error)) {
        return Err(format!("时间格式“{text}”里有不认识的百分号写法"));
    }
    Ok(Template::Letters(text.to_owned()))
}

enum Values {
    Times(Column),
    Whole(ArrayRef),
    Float(ArrayRef),
    Decimal(Decimal128Array),
    Wide(Decimal256Array),
}

impl Values {
    fn of(array: &ArrayRef) -> Result<Self> {
        Ok(match array.data_type() {
            DataType::Int64 | DataType::UInt64 => Self::Whole(array.clone()),
            DataType::Float64 => Self::Float(array.clone()),
            DataType::Decimal128(..) => Self::Decimal(array.as_primitive().clone()),
            DataType::Decimal256(..) => Self::Wide(array.as_primitive().clone()),
            _ => Self::Times(Column::of(array)?),
        })
    }

    fn number(&self, row: usize) -> Option<Value> {
        Some(match self {
            Self::Whole(array) => Value::Exact(match array.as_primitive_opt::<Int64Type>() {
                Some(numbers) => numbers.value(row).to_string(),
                None => array.as_primitive_opt::<UInt64Type>()?.value(row).to_string(),
            }),
            Self::Float(array) => Value::Float(array.as_primitive::<Float64Type>().value(row)),
            Self::Decimal(array) => Value::Exact(array.value_as_string(row)),
            Self::Wide(array) => Value::Exact(array.value_as_string(row)),
            Self::Times(_) => return None,
        })
    }
}

fn run(args: &ScalarFunctionArgs) -> Result<ColumnarValue> {
    let array = column(args, 0)?;
    let values = Values::of(&array)?;
    let mut out = StringBuilder::with_capacity(array.len(), array.len() * 12);
    if let Some(text) = constant(args, 1) {
        let template = Template::of(text, &values)?;
        let mut buffer = String::new();
        for row in 0..array.len() {
            write(&values, &template, &array, row, &mut buffer, &mut out)?;
        }
        return answer(args, std::sync::Arc::new(out.finish()));
    }
    let templates = texts(args, 1)?;
    let (mut last, mut buffer) = (None::<(String, Template)>, String::new());
    for row in 0..array.len() {
        if templates.is_null(row) {
            out.append_null();
            continue;
        }
        let text = templates.value(row);
        if last.as_ref().is_none_or(|(known, _)| known != text) {
            last = Some((text.to_owned(), Template::of(text, &values)?));
        }
        if let Some((_, template)) = &last {
            write(&values, template, &array, row, &mut buffer, &mut out)?;
        }
    }
    answer(args, std::sync::Arc::new(out.finish()))
}

fn write(
    values: &Values,
    template: &Template,
    array: &ArrayRef,
    row: usize,
    buffer: &mut String,
    out: &mut StringBuilder,
) -> Result<()> {
    if array.is_null(row) {
        out.append_null();
        return Ok(());
    }
    buffer.clear();
    match (template, values) {
        (Template::Times(nodes), Values::Times(column)) => match column.parts(row) {
            // PostgreSQL writes nothing at all for an empty template.
            _ if nodes.is_empty() => {
                out.append_null();
                return Ok(());
            }
            Some(parts) => time_text::write(nodes, &parts, buffer).or_else(refused)?,
            None => return refused("时间超出可以书写的范围"),
        },
        (Template::Letters(text), Values::Times(column)) => match column.wall(row) {
            Some(wall) => buffer.push_str(&wall.format(text).to_string()),
            None => return refused("时段不能按百分号写法的格式书写"),
        },
        (Template::Numbers(parts, shape), values) => {
            let Some(number) = values.number(row) else { return refused("数字格式用在了时间上") };
            buffer.push_str(&number_text::write(parts, shape, &number));
        }
        _ => return refused("时间格式用在了数字上"),
    }
    out.append_value(&buffer);
    Ok(())
}
