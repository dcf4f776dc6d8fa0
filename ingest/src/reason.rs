//! Why a row is quarantined or a file refused. The order of [`Reason`] is the contract's order: a row
//! has one reason, the smallest that applies.

use serde::{Deserialize, Serialize};

/// Why a row is quarantined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The line is no JSON object.
    NotJson,
    /// A quotation mark opens a field and nothing closes it.
    UnclosedQuote,
    /// More or fewer fields than the header has.
    WrongColumnCount,
    /// Bytes that mean nothing in the file's encoding.
    BadEncoding,
    /// A required field is empty.
    RequiredMissing,
    /// An identifier went through a number and lost its tail.
    IdentifierLostPrecision,
    /// No date and time, or an impossible one.
    BadTime,
    /// No number, or one with too many decimals.
    BadNumber,
    /// A code or identifier that the contract does not know.
    BadCode,
    /// An amount below zero.
    NegativeAmount,
    /// A business time that has not come yet.
    TimeInFuture,
    /// A place that is no district of Shanghai.
    UnknownDistrict,
    /// A reference to a record nobody knows.
    UnknownReference,
    /// Original price minus discount is not what was paid.
    AmountsDoNotAddUp,
}

impl Reason {
    /// All reasons in the contract's order.
    pub const ALL: [Reason; 14] = [
        Self::NotJson,
        Self::UnclosedQuote,
        Self::WrongColumnCount,
        Self::BadEncoding,
        Self::RequiredMissing,
        Self::IdentifierLostPrecision,
        Self::BadTime,
        Self::BadNumber,
        Self::BadCode,
        Self::NegativeAmount,
        Self::TimeInFuture,
        Self::UnknownDistrict,
        Self::UnknownReference,
        Self::AmountsDoNotAddUp,
    ];

    /// Stable name in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotJson => "not_json",
            Self::UnclosedQuote => "unclosed_quote",
            Self::WrongColumnCount => "wrong_column_count",
            Self::BadEncoding => "bad_encoding",
            Self::RequiredMissing => "required_missing",
            Self::IdentifierLostPrecision => "identifier_lost_precision",
            Self::BadTime => "bad_time",
            Self::BadNumber => "bad_number",
            Self::BadCode => "bad_code",
            Self::NegativeAmount => "negative_amount",
            Self::TimeInFuture => "time_in_future",
            Self::UnknownDistrict => "unknown_district",
            Self::UnknownReference => "unknown_reference",
            Self::AmountsDoNotAddUp => "amounts_do_not_add_up",
        }
    }

    /// What people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::NotJson => "不是 JSON 对象",
            Self::UnclosedQuote => "引号未闭合",
            Self::WrongColumnCount => "列数与表头不符",
            Self::BadEncoding => "含有乱码",
            Self::RequiredMissing => "必填项为空",
            Self::IdentifierLostPrecision => "编号被存成数字，末位已丢失",
            Self::BadTime => "时间无法识别",
            Self::BadNumber => "金额或数字无法识别",
            Self::BadCode => "代码不在约定范围内",
            Self::NegativeAmount => "金额为负",
            Self::TimeInFuture => "时间在未来",
            Self::UnknownDistrict => "不是上海的区",
            Self::UnknownReference => "引用的记录不存在",
            Self::AmountsDoNotAddUp => "原价减优惠不等于实付",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == text)
    }
}

/// Why a whole file is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalReason {
    /// Nothing in it.
    EmptyFile,
    /// Another kind of file than the feed has: a web page, a PDF, an archive …
    WrongFormat,
    /// The right kind of file, but damaged.
    Unreadable,
    /// Required columns are not there.
    MissingColumns,
    /// Two columns answer to one field.
    AmbiguousColumns,
    /// Amounts are in a unit that is not the yuan or a multiple of it.
    UnknownUnit,
    /// More than is taken: rows, columns, a line, or what a packed file unpacks to.
    TooLarge,
    /// So many rows do not fit that the file as a whole is wrong.
    TooManyBadRows,
}

impl RefusalReason {
    /// Stable name in status and ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EmptyFile => "empty_file",
            Self::WrongFormat => "wrong_format",
            Self::Unreadable => "unreadable",
            Self::MissingColumns => "missing_columns",
            Self::AmbiguousColumns => "ambiguous_columns",
            Self::UnknownUnit => "unknown_unit",
            Self::TooLarge => "too_large",
            Self::TooManyBadRows => "too_many_bad_rows",
        }
    }

    /// Reads the stable name.
    pub fn parse(text: &str) -> Option<Self> {
        use RefusalReason::*;
        let all = [
            EmptyFile,
            WrongFormat,
            Unreadable,
            MissingColumns,
            AmbiguousColumns,
            UnknownUnit,
            TooLarge,
            TooManyBadRows,
        ];
        all.into_iter().find(|r| r.as_str() == text)
    }
}

/// A refused file: the reason and a sentence that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    /// Why.
    pub reason: RefusalReason,
    /// For people, in Chinese.
    pub detail: String,
}

impl Refusal {
    /// A refusal with its sentence.
    pub fn new(reason: RefusalReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_the_contracts_and_names_are_stable() {
        assert!(Reason::ALL.windows(2).all(|w| w[0] < w[1]));
        for reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.as_str()), Some(reason));
            assert_eq!(serde_json::to_value(reason).ok(), Some(reason.as_str().into()));
        }
    }
}
