//! Names of indicators in texts of boards and reports: `{S1-U03.title}` stands for the title of the definition, so that
//! an indicator has one name wherever it is shown.

use super::IndicatorDef;

/// The text with every `{CODE.title}` replaced; other braces stay as they are.
///
/// # Errors
/// The code nobody defines.
pub fn with_titles(text: &str, indicators: &[IndicatorDef]) -> Result<String, String> {
    let mut named = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        named.push_str(before);
        let code =
            after.split_once('}').and_then(|(inside, tail)| Some((inside.strip_suffix(".title")?, tail)));
        match code {
            Some((code, tail)) => {
                let known = indicators.iter().find(|indicator| indicator.id == code);
                named.push_str(&known.ok_or_else(|| code.to_owned())?.title);
                rest = tail;
            }
            None => {
                named.push('{');
                rest = after;
            }
        }
    }
    named.push_str(rest);
    Ok(named)
}

/// The codes whose titles a text asks for.
#[must_use]
pub fn titled(text: &str) -> Vec<&str> {
    let inside = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
    inside.filter_map(|(inside, _)| inside.strip_suffix(".title")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::IndicatorDefinitions;
    use super::*;

    #[test]
    fn page_8_names_come_from_the_definition() {
        let definitions = IndicatorDefinitions::builtin().unwrap();
        let named = |text: &str| with_titles(text, definitions.all());
        assert_eq!(named("{S1-U03.title}：各区排名").unwrap(), "优待用户交易笔数：各区排名");
        assert_eq!(named("{S1-B05.title}、{S1-B06.title}").unwrap(), "优待交易金额、优惠让利金额");
        assert_eq!(named("{S1-U03}，{period").unwrap(), "{S1-U03}，{period");
        assert_eq!(named("{S1-U99.title}"), Err("S1-U99".to_owned()));
        assert_eq!(titled("{S1-B05.title}、{S1-B06}、{S1-U03.title}"), ["S1-B05", "S1-U03"]);
    }
}
