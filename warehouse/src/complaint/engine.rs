//! What the engine says in English, as a Chinese sentence that tells what to do. The engine's own words follow in
//! brackets: programs and whoever searches for them know them. Does not change what columns or our own functions say.

/// One kind of complaint: how it is known, and the sentence for it.
struct Kind {
    /// Parts of the engine's text; any of them tells the kind.
    parts: &'static [&'static str],
    /// The sentence; `{}` stands for what the engine quotes after the part.
    sentence: &'static str,
    /// The sign around what is quoted.
    quote: &'static str,
}

const fn kind(parts: &'static [&'static str], sentence: &'static str) -> Kind {
    Kind { parts, sentence, quote: "'" }
}

/// The kinds, the first that fits counts.
const KINDS: [Kind; 21] = [
    kind(&["Unterminated string literal"], "文本缺少结尾的单引号，请补上"),
    kind(&[", found: EOF"], "语句没有写完，请补全后再运行"),
    Kind {
        parts: &[", found: "],
        sentence: "读到“{}”时看不懂了，请检查此处及之前的拼写、逗号和括号",
        quote: " at Line",
    },
    kind(&["sql parser error", "ParserError", "TokenizerError"], "语句的写法不对，请检查拼写、逗号和括号"),
    kind(&["table '"], "没有“{}”这张表，可用的表见表目录"),
    kind(&["Invalid function '"], "没有“{}”这个函数，请检查拼写"),
    kind(&["Divide by zero", "DivideByZero"], "计算中出现除以零，可把分母写成 nullif(分母, 0)"),
    kind(
        &["Cannot cast", "Can't cast", "Cast error", "Error parsing"],
        "有值不能转换成要求的类型，可改用 try_cast(… as …)，转换不了的得到空值",
    ),
    kind(&["verflow"], "计算结果太大，类型放不下，可先转换成 numeric"),
    kind(&["must appear in the GROUP BY", "must be in GROUP BY"], "SELECT 中没有汇总的列，须写进 GROUP BY"),
    kind(
        &["OuterReferenceColumn", "orrelated"],
        "暂不支持这样引用外层列的子查询，请改写成连接（JOIN）或 WITH",
    ),
    kind(
        &["Cannot coerce", "Cannot infer common", "Incompatible", "incompatible"],
        "几个值的类型不能一起计算或比较，请先用 cast 转换",
    ),
    kind(
        &["Failed to coerce arguments", "failed to match any signature", "No function matches"],
        "函数不能用于这样的参数，请检查参数的个数和类型",
    ),
    kind(&["more than one row"], "子查询给出了多行；请加条件、LIMIT 1 或汇总"),
    kind(&["different number of columns"], "UNION、INTERSECT、EXCEPT 各部分的列数须相同"),
    kind(&["must appear in select list"], "SELECT DISTINCT 只能按列表中的列排序（ORDER BY）"),
    kind(&["have the same name"], "有两列同名，请用 AS 给其中一列起别名"),
    kind(&["sliding accumulator"], "这个汇总不能用于会移动的窗口范围，请去掉 ROWS BETWEEN … 或换一种汇总"),
    kind(&["cannot take", "zero raised"], "参数不在函数能取的范围内"),
    kind(&["Ambiguous reference"], "几张表都有同名的列，请写明是哪张表的"),
    kind(
        &["not implemented", "not supported", "does not support", "Unsupported"],
        "暂不支持这种写法，请换一种写法",
    ),
];

/// The sentence for an English text of the engine, its own words behind.
pub(super) fn translated(text: &str) -> String {
    let words = without_kind(text);
    match KINDS.iter().find_map(|kind| kind.told(text)) {
        Some(sentence) => format!("{sentence}（{words}）"),
        None => format!("请检查语句的写法（{words}）"),
    }
}

impl Kind {
    fn told(&self, text: &str) -> Option<String> {
        let (_, rest) = self.parts.iter().find_map(|part| text.split_once(part))?;
        if !self.sentence.contains("{}") {
            return Some(self.sentence.to_owned());
        }
        let quoted = rest.split(self.quote).next().unwrap_or(rest);
        // Of `pujiang.public.name` people wrote the last.
        let name = match self.quote {
            "'" => quoted.rsplit('.').next().unwrap_or(quoted),
            _ => quoted,
        };
        Some(self.sentence.replace("{}", name))
    }
}

/// The text without what the engine writes before it of its own parts.
fn without_kind(text: &str) -> &str {
    const BEFORE: [&str; 7] = [
        "sql parser error: ",
        "This feature is not implemented: ",
        "Error during planning: ",
        "Execution error: ",
        "External error: ",
        "Arrow error: ",
        "SQL error: ",
    ];
    BEFORE.iter().find_map(|before| text.strip_prefix(before)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_engine_says_is_told_in_chinese_with_its_words_behind() {
        for (text, want) in [
            (
                "Arrow error: Divide by zero error",
                "计算中出现除以零，可把分母写成 nullif(分母, 0)（Divide by zero error）",
            ),
            (
                "Error during planning: table 'pujiang.public.nothing' not found",
                "没有“nothing”这张表，可用的表见表目录（table 'pujiang.public.nothing' not found）",
            ),
            (
                r#"SQL error: ParserError("Expected: end of statement, found: form at Line: 1, Column: 10")"#,
                r#"读到“form”时看不懂了，请检查此处及之前的拼写、逗号和括号（ParserError("Expected: end of statement, found: form at Line: 1, Column: 10")）"#,
            ),
            (
                "This feature is not implemented: Physical plan does not support logical expression OuterReferenceColumn(x)",
                "暂不支持这样引用外层列的子查询，请改写成连接（JOIN）或 WITH（Physical plan does not support logical expression OuterReferenceColumn(x)）",
            ),
            ("something new", "请检查语句的写法（something new）"),
        ] {
            assert_eq!(translated(text), want);
        }
    }
}
