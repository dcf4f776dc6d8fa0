//! Masks of columns, worked out a second time for the lakes the oracle compares with. The table below repeats the
//! definitions' `[[mask]]` sections in words of its own; columns shown as keyed tokens are left out of the questions,
//! since nobody but the platform can make the token (tests/adversarial/masks.slt asks about those).

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, StringArray};

use super::grants::texts;

/// How a role sees a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    Clear,
    /// The first sign of a name.
    Name,
    /// Three digits, four stars, four digits.
    Mobile,
    /// Four signs, stars, four signs.
    Number,
    /// Stars.
    Text,
    Token,
    Hidden,
}

use Shown::{Clear, Hidden, Mobile, Name, Number, Text, Token};

/// Table, column, and how it is shown to city analyst, district clerk, street clerk, unit clerk, holder.
const TREATED: [(&str, &str, [Shown; 5]); 7] = [
    ("merchant_profile", "credit_code", [Clear, Clear, Token, Clear, Hidden]),
    ("organization", "credit_code", [Clear, Clear, Token, Clear, Hidden]),
    ("person", "full_name", [Clear, Clear, Name, Hidden, Clear]),
    ("person", "gender", [Clear, Clear, Clear, Text, Clear]),
    ("person", "id_no", [Token, Number, Number, Hidden, Clear]),
    ("person", "mobile", [Mobile, Mobile, Mobile, Hidden, Clear]),
    ("preferential_card", "card_no", [Number, Number, Number, Hidden, Clear]),
];

fn to(role: &str, shown: &[Shown; 5]) -> Shown {
    match role {
        "city_analyst" => shown[0],
        "district_clerk" => shown[1],
        "street_clerk" => shown[2],
        "unit_clerk" => shown[3],
        "holder" => shown[4],
        _ => panic!("{role} asks no questions"),
    }
}

/// A value of a text column. Columns of personal data have values of that shape, in clear.
pub fn sample(column: &str, number: usize) -> String {
    match column {
        "full_name" => {
            ["张三", "李四", "欧阳娜娜", "张四", "王五", "李", "赵六七", "欧阳锋"][number % 8].into()
        }
        "mobile" => format!("138{:04}{:04}", number * 7, number % 3),
        "id_no" => format!("31010119900101{:03}{}", number, number % 2),
        "card_no" => format!("31001234{:04}{:04}", number, number % 3),
        "gender" => ["男", "女"][number % 2].into(),
        _ => format!("v{number}"),
    }
}

fn shown_text(shown: Shown, text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let stars = |count: usize| "*".repeat(count);
    let ends = |head: usize| {
        let tail: String = signs[signs.len() - 4..].iter().collect();
        format!("{}{}{tail}", signs[..head].iter().collect::<String>(), stars(signs.len() - head - 4))
    };
    match shown {
        Clear => text.to_owned(),
        Name if signs.len() == 1 => stars(1),
        Name => format!("{}{}", signs[0], stars(signs.len() - 1)),
        Mobile => ends(3),
        Number => ends(4),
        Text => stars(4),
        Token | Hidden => String::new(),
    }
}

/// The batch as a role sees its values.
pub fn treat(table: &str, batch: &RecordBatch, role: &str) -> RecordBatch {
    let treated = |(at, field): (usize, &Arc<arrow::datatypes::Field>)| -> ArrayRef {
        let rule = TREATED.iter().find(|(of, column, _)| *of == table && column == field.name());
        let Some((_, column, shown)) = rule else { return batch.column(at).clone() };
        let shown = to(role, shown);
        let texts = texts(batch, column).unwrap().into_iter();
        let values = texts.map(|text| text.map(|text| shown_text(shown, &text)));
        Arc::new(values.collect::<StringArray>())
    };
    let columns = batch.schema().fields().iter().enumerate().map(treated).collect();
    RecordBatch::try_new(batch.schema(), columns).unwrap()
}

/// Columns a question of this role leaves out: those it cannot name, and those whose values nobody else can make.
pub fn hidden_from(role: &str) -> Vec<(&'static str, &'static str)> {
    let hidden = TREATED.iter().filter(|(_, _, shown)| matches!(to(role, shown), Token | Hidden));
    hidden.map(|(table, column, _)| (*table, *column)).collect()
}

#[test]
fn naive_masks() {
    for (shown, text, masked) in [
        (Mobile, "13812345678", "138****5678"),
        (Number, "310101199001011234", "3101**********1234"),
        (Name, "欧阳娜娜", "欧***"),
        (Name, "李", "*"),
        (Text, "男", "****"),
    ] {
        assert_eq!(shown_text(shown, text), masked);
    }
}
