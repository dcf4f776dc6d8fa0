//! What kind of file bytes really are, whatever their name says.

use crate::reason::{Refusal, RefusalReason};

/// What the first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Empty,
    Text,
    Zip,
    Parquet,
    Foreign(&'static str),
}

pub(super) fn kind(bytes: &[u8]) -> Kind {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    if starts(b"PAR1") {
        return Kind::Parquet;
    }
    if starts(b"PK\x03\x04") || starts(b"PK\x05\x06") {
        return Kind::Zip;
    }
    for (magic, name) in [
        (b"%PDF".as_slice(), "PDF"),
        (b"\xd0\xcf\x11\xe0", "旧版 Excel（.xls）或加密的 Office"),
        (b"\x1f\x8b", "GZIP 压缩"),
        (b"Rar!", "RAR 压缩"),
        (b"7z\xbc\xaf\x27\x1c", "7z 压缩"),
        (b"\x89PNG", "图片"),
        (b"\xff\xd8\xff", "图片"),
        (b"GIF8", "图片"),
        (b"SQLite format 3", "数据库"),
        (b"Obj\x01", "Avro"),
        (b"ORC", "ORC"),
    ] {
        if starts(magic) {
            return Kind::Foreign(name);
        }
    }
    let head = &bytes[..bytes.len().min(4096)];
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = text.trim_ascii_start();
    if text.is_empty() && bytes.len() <= 4096 || matches!(bytes, b"\xff\xfe" | b"\xfe\xff") {
        return Kind::Empty;
    }
    let lower: Vec<u8> = text.iter().take(256).map(u8::to_ascii_lowercase).collect();
    if [b"<!doctype".as_slice(), b"<html", b"<head", b"<?xml", b"<script", b"<body", b"<table"]
        .iter()
        .any(|t| lower.starts_with(t))
    {
        return Kind::Foreign("网页或 XML");
    }
    Kind::Text
}

/// Refuses everything but the wanted kind.
pub(super) fn demand(bytes: &[u8], wanted: Kind, wanted_name: &str) -> Result<(), Refusal> {
    let found = match kind(bytes) {
        Kind::Empty => return Err(Refusal::new(RefusalReason::EmptyFile, "文件是空的，请重新导出后再送")),
        found if found == wanted => return Ok(()),
        Kind::Text => "文本",
        Kind::Zip => "压缩包或 Excel",
        Kind::Parquet => "Parquet",
        Kind::Foreign(name) => name,
    };
    Err(Refusal::new(
        RefusalReason::WrongFormat,
        format!("这是{found}文件，本通道只收 {wanted_name}，请核对后重新送"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        for (bytes, expected) in [
            (b"".as_slice(), Kind::Empty),
            (b"\xef\xbb\xbf \r\n", Kind::Empty),
            (b"a,b", Kind::Text),
            (b"{\"a\":1}", Kind::Text),
            (b"PK\x03\x04xx", Kind::Zip),
            (b"PAR1xxPAR1", Kind::Parquet),
            (b"\n <!DOCTYPE html><html>", Kind::Foreign("网页或 XML")),
            (b"%PDF-1.7", Kind::Foreign("PDF")),
        ] {
            assert_eq!(kind(bytes), expected, "{bytes:?}");
        }
    }
}
