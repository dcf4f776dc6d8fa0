//! The documents are true to the tree: links resolve, and no file names one particular machine.

use pujiang_tests::repository::{root, texts};

/// Targets of `[text](target)` and `![alt](target)`, without fenced code.
fn links(markdown: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let mut rest = if fenced { "" } else { line };
        while let Some(at) = rest.find("](") {
            rest = &rest[at + 2..];
            if let Some(end) = rest.find(')') {
                found.push(rest[..end].to_owned());
            }
        }
    }
    found
}

#[test]
fn relative_links_resolve() {
    let mut broken = Vec::new();
    let mut seen = 0;
    for (file, text) in texts(&["md"]).unwrap() {
        for link in links(&text) {
            let target = link.split('#').next().unwrap_or_default();
            if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            seen += 1;
            let folder = root().join(file.parent().unwrap());
            if !folder.join(target).exists() {
                broken.push(format!("{}: {link}", file.display()));
            }
        }
    }
    assert!(seen > 10, "the documents hold only {seen} relative links; is the search broken?");
    assert!(broken.is_empty(), "broken links:\n{}", broken.join("\n"));
}

/// A path of one machine works on one machine.
#[test]
fn no_file_names_a_machine() {
    let paths =
        [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("../sha", "red"), concat!("/ho", "me/")];
    let kinds = ["rs", "toml", "md", "sh", "ts", "vue", "json", "mjs", "sql", "typ", "txt", "yml", "js"];
    let mut found = Vec::new();
    for (file, text) in texts(&kinds).unwrap() {
        for (number, line) in text.lines().enumerate() {
            if paths.iter().any(|path| line.contains(path)) {
                found.push(format!("{}:{}", file.display(), number + 1));
            }
        }
    }
    assert!(found.is_empty(), "absolute paths of a machine in:\n{}", found.join("\n"));
}

#[test]
fn links_are_found_outside_code_only() {
    let text = "see [a](x.md) and ![b](y.png#z)\n```\n[c](no.md)\n```\n";
    assert_eq!(links(text), ["x.md", "y.png#z"]);
}
