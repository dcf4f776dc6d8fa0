//! What a client is told when something does not work: a SQLSTATE programs know and a Chinese sentence for people.
//! Details of our own defects go to the log only, with a number people can quote.

use pgwire::error::{ErrorInfo, PgWireError};
use pujiang_transactional::Error as StoreError;
use pujiang_warehouse::{ErrorKind, WarehouseError};

use crate::problem::chain;
use crate::sql::Refusal;

/// Texts of the engine and of our own functions, and the SQLSTATE of each, first match counts.
const ENGINE_TEXTS: [(&str, &str); 50] = [
    ("正则表达式不成立", "2201B"),
    ("请检查拼写、逗号和括号", "42601"),
    ("文本缺少结尾", "42601"),
    ("Expected:", "42601"),
    ("table '", "42P01"),
    ("No table named", "42P01"),
    ("没有列“", "42703"),
    ("在几张表中都有", "42702"),
    ("Invalid function", "42883"),
    ("not found in the catalog", "42883"),
    ("Ambiguous reference", "42702"),
    ("Divide by zero", "22012"),
    ("divide by zero", "22012"),
    ("malformed array literal", "22P02"),
    ("Can't cast value", "22003"),
    ("is out of range", "22003"),
    ("is too large to store in a Decimal", "22003"),
    ("is too small to store in a Decimal", "22003"),
    ("Cannot cast", "22P02"),
    ("Cast error", "22P02"),
    ("verflow", "22003"),
    ("value out of range", "22003"),
    ("width_bucket 的", "2201G"),
    ("not implemented", "0A000"),
    ("Cannot coerce", "42883"),
    ("Cannot infer common", "42883"),
    ("must appear in the GROUP BY", "42803"),
    ("日期或时间的写法不对", "22007"),
    ("不合“", "22007"),
    ("两次读出不同的值", "22007"),
    ("小时制的钟点", "22007"),
    ("不能混用 ISO 周历", "22007"),
    ("每天不同", "22007"),
    ("百分位的比例", "22003"),
    ("步长不能为零", "22023"),
    ("须成对", "22023"),
    ("不认识时区", "22023"),
    ("extract 不认识", "22023"),
    ("没有参数", "42704"),
    ("给出了多行", "21000"),
    ("不能当作日期或时间", "42846"),
    ("时间不能当作数字", "42846"),
    ("JSON 的键", "22023"),
    ("format 的", "22023"),
    ("格式不成立", "42601"),
    ("WITH TIES 须与", "42601"),
    ("超出范围", "22008"),
    ("没有“", "0A000"),
    ("会话时区是", "0A000"),
    ("不支持", "0A000"),
];

/// Whether the connection goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The statement failed.
    Error,
    /// The connection ends.
    Fatal,
}

/// A refusal on its way to the client.
#[derive(Debug)]
pub struct Failure {
    weight: Weight,
    code: &'static str,
    message: String,
    hint: Option<&'static str>,
}

impl Failure {
    /// The statement failed.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self { weight: Weight::Error, code, message: message.into(), hint: None }
    }

    /// The connection ends.
    pub fn fatal(code: &'static str, message: impl Into<String>) -> Self {
        Self { weight: Weight::Fatal, ..Self::error(code, message) }
    }

    /// Says what to do instead.
    #[must_use]
    pub fn with_hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// Says which parameter is meant.
    #[must_use]
    pub fn about_parameter(mut self, number: usize) -> Self {
        self.message = format!("第 {number} 个参数：{}", self.message);
        self
    }

    /// A defect of ours.
    pub fn internal(operation: &str, cause: &(dyn std::error::Error + 'static)) -> Self {
        let incident = uuid::Uuid::now_v7();
        tracing::error!(incident = %incident, operation, error = %chain(cause), "wire request failed");
        Self::error("XX000", format!("系统出错，请稍后重试；如仍失败，请把编号 {incident} 告诉管理员。"))
    }

    /// The same, and the connection ends.
    #[must_use]
    pub fn and_end(mut self) -> Self {
        self.weight = Weight::Fatal;
        self
    }

    /// Whether the connection ends.
    pub fn weight(&self) -> Weight {
        self.weight
    }

    /// The fields of the message.
    pub fn into_info(self) -> ErrorInfo {
        let severity = match self.weight {
            Weight::Error => "ERROR",
            Weight::Fatal => "FATAL",
        };
        let mut info = ErrorInfo::new(severity.to_owned(), self.code.to_owned(), self.message);
        info.severity_nonlocalized = Some(severity.to_owned());
        info.hint = self.hint.map(str::to_owned);
        info
    }

    /// What became of an error of the protocol library or one of ours that passed through it.
    pub fn of_wire(error: PgWireError) -> Result<ErrorInfo, Self> {
        match error {
            PgWireError::UserError(info) => Ok(*info),
            PgWireError::ApiError(cause) => Err(Self::internal("answer on the wire", cause.as_ref())),
            PgWireError::QueryCanceled => Err(Self::from(Refusal::Cancelled)),
            PgWireError::PortalNotFound(_) => Err(Self::error("34000", "没有这个游标，可能事务已经结束。")),
            PgWireError::StatementNotFound(_) => Err(Self::error("26000", "没有这个预备语句。")),
            PgWireError::FailedToParseParameter(_) => Err(Self::error("22P02", "参数的写法与它的类型不符。")),
            other => {
                let mut info = ErrorInfo::from(other);
                info.severity_nonlocalized = Some(info.severity.clone());
                Ok(info)
            }
        }
    }
}

impl From<Failure> for PgWireError {
    fn from(failure: Failure) -> Self {
        Self::UserError(Box::new(failure.into_info()))
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            Refusal::Forbidden => Self::error("42501", text),
            Refusal::Length => Self::error("54001", text),
            Refusal::Busy => Self::error("53300", text),
            Refusal::TimedOut { .. } | Refusal::Cancelled => Self::error("57014", text),
            Refusal::TooLarge | Refusal::Unread | Refusal::UnreadByAll => Self::error("53200", text),
            Refusal::Panicked => Self::error("XX000", text),
            Refusal::Unsupported(error) => {
                tracing::warn!(error = %chain(&error), "statement the engine cannot run");
                Self::error("0A000", text)
            }
            Refusal::Lake(error) => Self::from(error),
            Refusal::Audit(error) => Self::from(error),
        }
    }
}

impl From<WarehouseError> for Failure {
    fn from(error: WarehouseError) -> Self {
        let text = error.to_string();
        match error.kind() {
            ErrorKind::NotFound => Self::error("42P01", text),
            ErrorKind::Forbidden if matches!(error, WarehouseError::ReadOnly(_)) => {
                Self::error("25006", text)
            }
            ErrorKind::Forbidden => Self::error("42501", text),
            ErrorKind::Invalid => Self::error(code_of(&text), text),
            ErrorKind::Conflict | ErrorKind::Unavailable => Self::error("53000", text),
            ErrorKind::Internal => Self::internal("ask the lake", &error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        if error.is_full() {
            return Self::error(
                "53100",
                "磁盘空间不足，无法写入审计日志，暂时不能查询；请联系管理员清理磁盘。",
            );
        }
        Self::internal("ask the operational store", &error)
    }
}

fn code_of(text: &str) -> &'static str {
    ENGINE_TEXTS.iter().find(|(part, _)| text.contains(part)).map_or("42000", |(_, code)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_get_the_code_they_know() {
        let cases = [
            ("语句的写法不对，请检查拼写、逗号和括号（…）", "42601"),
            ("Error during planning: table 'pujiang.public.nothing' not found", "42P01"),
            ("没有列“x”，可用的列有：y", "42703"),
            ("列“x”在几张表中都有，请写明是哪张表的", "42702"),
            ("Error during planning: Invalid function 'foo'.", "42883"),
            ("Arrow error: Divide by zero error", "22012"),
            ("Arrow error: Cast error: Cannot cast string 'x' to value of Int32 type", "22P02"),
            ("something new", "42000"),
        ];
        for (text, code) in cases {
            let failure = Failure::from(WarehouseError::BadQuery(text.to_owned()));
            assert_eq!(failure.into_info().code, code, "{text}");
        }
        assert_eq!(Failure::from(WarehouseError::ReadOnly("x".to_owned())).into_info().code, "25006");
        assert_eq!(Failure::from(Refusal::Busy).into_info().code, "53300");
    }

    #[test]
    fn defects_are_not_told() {
        let cause = std::io::Error::other("disk on /secret/path");
        let info = Failure::internal("read", &cause).into_info();
        assert_eq!(info.code, "XX000");
        assert!(!info.message.contains("secret"), "{}", info.message);
    }
}
