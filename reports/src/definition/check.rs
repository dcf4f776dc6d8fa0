//! Follows the references of definitions: section → dimension of its indicators, chart → section, sentence → both. An
//! indicator that is not there at all is found where all references are followed.

use pujiang_definition::TEMPLATES;
use pujiang_metrics::IndicatorDef;

use super::{
    ChartDefinition, ChartKind, DefinitionError, Format, ReportDefinition, ReportDefinitions, Section,
    SectionKind,
};
use crate::text::sentence::Mention;

const DISTRICT: &str = "district";

impl ReportDefinitions {
    /// Every indicator that does not have the dimension it is broken down by.
    #[must_use]
    pub fn check_against(&self, indicators: &[IndicatorDef]) -> Vec<DefinitionError> {
        self.reports.iter().flat_map(|report| report.check_indicators(indicators)).collect()
    }
}

impl ReportDefinition {
    /// References within the file.
    pub(super) fn check_itself(&self) -> Vec<DefinitionError> {
        let mut errors = self.check_kinds();
        for (at, section) in self.sections.iter().enumerate() {
            errors.extend(self.check_section(section, &self.sections[..at]));
        }
        for (at, chart) in self.charts.iter().enumerate() {
            errors.extend(self.check_chart(chart, &self.charts[..at]));
        }
        for (at, sentence) in self.parsed_sentences.iter().enumerate() {
            let messages = sentence.mentions().filter_map(|mention| self.unlisted(&mention));
            errors.extend(messages.map(|message| self.places.error(&format!("sentences[{at}]"), message)));
        }
        errors
    }

    /// The kinds of section that every report has once.
    fn check_kinds(&self) -> Vec<DefinitionError> {
        let figures = self.sections.iter().filter(|s| s.kind == SectionKind::Figures).count();
        let trends = self.sections.iter().filter(|s| matches!(s.kind, SectionKind::Trend { .. })).count();
        let wrong = [("figures", figures), ("trend", trends)].into_iter().filter(|(_, count)| *count != 1);
        wrong
            .map(|(kind, _)| {
                let message = format!("kind = \"{kind}\" 的 [[section]] 应正好有一个");
                self.places.error("section", message)
            })
            .collect()
    }

    fn check_section(&self, section: &Section, before: &[Section]) -> Vec<DefinitionError> {
        let wrong = |key: &str, message: String| {
            self.places.error(&format!("section[{}].{key}", section.id), message)
        };
        let mut errors = Vec::new();
        if before.iter().any(|other| other.id == section.id) {
            errors.push(wrong("id", format!("“{}”写了两次，请改成别的 id", section.id)));
        }
        let alone = !matches!(section.kind, SectionKind::Breakdown { .. });
        if alone && self.sections.iter().filter(|other| other.sheet == section.sheet).count() > 1 {
            errors.push(wrong("sheet", "只有 breakdown 可以共用一张工作表，请换个名称".to_owned()));
        }
        errors
    }

    fn check_chart(&self, chart: &ChartDefinition, before: &[ChartDefinition]) -> Vec<DefinitionError> {
        let wrong =
            |key: &str, message: String| self.places.error(&format!("chart[{}].{key}", chart.id), message);
        let mut errors = Vec::new();
        if before.iter().any(|other| other.id == chart.id) {
            errors.push(wrong("id", format!("“{}”写了两次，请改成别的 id", chart.id)));
        }
        if self.formats.contains(&Format::Pdf) && !self.template.shows(&chart.id) {
            let path = format!("{TEMPLATES}/{}/main.typ", self.id);
            errors.push(wrong("id", format!("{path} 没有用到“{}”，请在模板中用上或在这里删去", chart.id)));
        }
        if chart.kind == ChartKind::Trend {
            return errors;
        }
        let Some((section, dimension)) = self.breakdown(&chart.section) else {
            errors.push(wrong("section", no_breakdown(&chart.section)));
            return errors;
        };
        if !section.indicators.contains(&chart.indicator) {
            errors.push(wrong("indicator", not_listed(&section.id, &chart.indicator)));
        }
        if chart.kind == ChartKind::Map && dimension != DISTRICT {
            let message = format!("地图要用 dimension = \"{DISTRICT}\" 的 [[section]]，请换一个");
            errors.push(wrong("section", message));
        }
        errors
    }

    /// What is wrong with what a sentence mentions.
    fn unlisted(&self, mention: &Mention<'_>) -> Option<String> {
        let lists = |section: &Section, id: &str| section.indicators.iter().any(|own| own == id);
        match *mention {
            Mention::Indicator(id) => {
                let listed = self.overview().is_some_and(|section| lists(section, id));
                let message = || format!("kind = \"figures\" 的 [[section]] 中没有 {id}，请在那里补上");
                (!listed).then(message)
            }
            Mention::Breakdown(section, id) => match self.breakdown(section) {
                None => Some(no_breakdown(section)),
                Some((found, _)) => (!lists(found, id)).then(|| not_listed(section, id)),
            },
        }
    }

    fn check_indicators(&self, indicators: &[IndicatorDef]) -> Vec<DefinitionError> {
        let mut errors = Vec::new();
        for section in &self.sections {
            let SectionKind::Breakdown { dimension, .. } = &section.kind else { continue };
            for (place, id) in section.indicators.iter().enumerate() {
                let Some(indicator) = indicators.iter().find(|known| known.id == *id) else { continue };
                if !indicator.dimensions.contains(dimension) {
                    let all = indicator.dimensions.join("、");
                    let message = format!("指标“{id}”不能按 {dimension} 分，可用的维度有 {all}");
                    let key = format!("section[{}].indicators[{place}]", section.id);
                    errors.push(self.places.error(&key, message));
                }
            }
        }
        errors
    }

    fn breakdown(&self, id: &str) -> Option<(&Section, &str)> {
        self.sections.iter().find_map(|section| match &section.kind {
            SectionKind::Breakdown { dimension, .. } if section.id == id => {
                Some((section, dimension.as_str()))
            }
            _ => None,
        })
    }
}

fn no_breakdown(id: &str) -> String {
    format!("没有 kind = \"breakdown\" 的 [[section]]“{id}”，请改成已有的 id")
}

fn not_listed(section: &str, indicator: &str) -> String {
    format!("[[section]]“{section}”中没有 {indicator}，请在那里补上")
}

#[cfg(test)]
mod tests {
    use pujiang_definition::{INDICATORS, Known, Layers, REPORTS, Sources};
    use pujiang_metrics::IndicatorDefinitions;

    use super::*;

    #[test]
    fn the_built_in_reports_name_only_what_exists() {
        let indicators = IndicatorDefinitions::load(&Layers::builtin());
        let reports = ReportDefinitions::load(&Layers::builtin());
        let mut known = Known::default();
        known.add(&INDICATORS, &indicators.ids);
        assert_eq!(known.dangling(&reports.references).collect::<Vec<_>>(), []);
        assert_eq!(reports.definitions.check_against(indicators.definitions.all()), []);
    }

    #[test]
    fn an_indicator_that_is_not_there_is_named_with_its_place() {
        let reports = ReportDefinitions::load(&Layers::builtin());
        let named = |id: &str, key: &str| {
            reports.references.iter().any(|one| {
                let place = &one.place;
                (one.room, one.id.as_str(), place.key.as_str()) == (INDICATORS, id, key) && place.line > 1
            })
        };
        assert!(named("S1-U03", "section[overview].indicators[2]"), "{:?}", reports.references);
        assert!(named("S1-U03", "chart[trend_count].indicator"), "{:?}", reports.references);
        assert!(named("S1-U03", "chart[trend_count].title"), "{:?}", reports.references);
        assert_eq!(reports.definitions.check_against(&[]), []);
    }

    #[test]
    fn a_dimension_an_indicator_lacks_is_named_at_the_indicator() {
        let text = include_str!("../../definitions/benefit_monthly.toml")
            .replace("formats = [\"xlsx\", \"pdf\"]", "formats = [\"xlsx\"]")
            .replace("dimension = \"mode\"", "dimension = \"shoe_size\"");
        let sources = Sources::texts(&REPORTS, [("benefit_monthly.toml", text.as_str())]);
        let reports = ReportDefinitions::read(&sources, |_| None).definitions;
        let indicators = IndicatorDefinitions::builtin().expect("correct");
        let errors = reports.check_against(indicators.all());
        let keys: Vec<&str> = errors.iter().map(|error| error.key.as_str()).collect();
        let of_mode = |at: usize| format!("section[mode].indicators[{at}]");
        assert_eq!(keys, [of_mode(0), of_mode(1), of_mode(2)], "{errors:?}");
        assert!(errors.iter().all(|error| error.line > 70), "{errors:?}");
    }
}
