//! Follows the references of definitions: section → indicator, chart → section, sentence → both. A definition that
//! names what is not there does not load.

use pujiang_metrics::IndicatorDef;
use pujiang_metrics::definition::with_titles;

use super::{ChartKind, DefinitionError, Format, ReportDefinition, ReportDefinitions, Section, SectionKind};
use crate::text::sentence::Mention;

impl ReportDefinitions {
    /// Checks that every indicator named exists and has the dimension it is broken down by.
    #[must_use]
    pub fn check_against(&self, indicators: &[IndicatorDef]) -> Vec<DefinitionError> {
        self.reports.iter().flat_map(|report| report.check_indicators(indicators)).collect()
    }
}

impl ReportDefinition {
    /// References within the file.
    pub(super) fn check_itself(&self) -> Vec<DefinitionError> {
        let mut errors = vec![];
        let mut wrong = |key: String, message: String| errors.push(self.places.error(&key, message));
        for (at, section) in self.sections.iter().enumerate() {
            if self.sections[..at].iter().any(|other| other.id == section.id) {
                wrong(
                    format!("section.{at}.id"),
                    format!("section “{}” is there twice; give it another id", section.id),
                );
            }
            let alone = !matches!(section.kind, SectionKind::Breakdown { .. });
            if alone && self.sections.iter().filter(|other| other.sheet == section.sheet).count() > 1 {
                wrong(
                    format!("section.{at}.sheet"),
                    "only breakdowns may share a sheet; use another name".into(),
                );
            }
        }
        for (at, chart) in self.charts.iter().enumerate() {
            if self.charts[..at].iter().any(|other| other.id == chart.id) {
                wrong(
                    format!("chart.{at}.id"),
                    format!("chart “{}” is there twice; give it another id", chart.id),
                );
            }
            if self.formats.contains(&Format::Pdf) && !self.template.shows(&chart.id) {
                let message = format!(
                    "templates/{}/main.typ does not show “{}”; show it there or remove it here",
                    self.id, chart.id
                );
                wrong(format!("chart.{at}.id"), message);
            }
            match (chart.kind, self.breakdown(&chart.section)) {
                (ChartKind::Trend, _) => {}
                (_, None) => wrong(
                    format!("chart.{at}.section"),
                    format!("there is no breakdown section “{}”", chart.section),
                ),
                (kind, Some((section, dimension))) => {
                    if !section.indicators.contains(&chart.indicator) {
                        wrong(
                            format!("chart.{at}.indicator"),
                            format!(
                                "section “{}” does not list {}; add it there",
                                section.id, chart.indicator
                            ),
                        );
                    }
                    if kind == ChartKind::Map && dimension != "district" {
                        wrong(
                            format!("chart.{at}.section"),
                            "a map needs a section whose dimension is district".into(),
                        );
                    }
                }
            }
        }
        for (at, sentence) in self.parsed_sentences.iter().enumerate() {
            for mention in sentence.mentions() {
                match mention {
                    Mention::Indicator(id) => {
                        if !self.overview().is_some_and(|s| s.indicators.iter().any(|own| own == id)) {
                            wrong(
                                format!("sentences.{at}"),
                                format!("the section of kind figures does not list {id}; add it there"),
                            );
                        }
                    }
                    Mention::Breakdown(section, id) => match self.breakdown(section) {
                        None => wrong(
                            format!("sentences.{at}"),
                            format!("there is no breakdown section “{section}”"),
                        ),
                        Some((found, _)) if !found.indicators.iter().any(|own| own == id) => {
                            wrong(
                                format!("sentences.{at}"),
                                format!("section “{section}” does not list {id}; add it there"),
                            );
                        }
                        Some(_) => {}
                    },
                }
            }
        }
        errors
    }

    fn check_indicators(&self, indicators: &[IndicatorDef]) -> Vec<DefinitionError> {
        let mut errors = vec![];
        let known = |id: &str| indicators.iter().find(|indicator| indicator.id == id);
        for (at, section) in self.sections.iter().enumerate() {
            for (place, id) in section.indicators.iter().enumerate() {
                let key = format!("section.{at}.indicators.{place}");
                match (known(id), &section.kind) {
                    (None, _) => errors.push(self.places.error(&key, format!("there is no indicator {id}"))),
                    (Some(indicator), SectionKind::Breakdown { dimension, .. })
                        if !indicator.dimensions.contains(dimension) =>
                    {
                        let message = format!(
                            "indicator {id} has no dimension “{dimension}”; it has {}",
                            indicator.dimensions.join(", ")
                        );
                        errors.push(self.places.error(&key, message));
                    }
                    (Some(_), _) => {}
                }
            }
        }
        for (at, chart) in self.charts.iter().enumerate() {
            if known(&chart.indicator).is_none() {
                errors.push(self.places.error(
                    &format!("chart.{at}.indicator"),
                    format!("there is no indicator {}", chart.indicator),
                ));
            }
            if let Err(code) = with_titles(&chart.title, indicators) {
                let message = format!("there is no indicator {code}");
                errors.push(self.places.error(&format!("chart.{at}.title"), message));
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

#[cfg(test)]
mod tests {
    use super::*;
    use pujiang_metrics::IndicatorDefinitions;

    #[test]
    fn the_built_in_reports_name_only_what_exists() {
        let indicators = IndicatorDefinitions::builtin().expect("correct");
        let errors = ReportDefinitions::builtin().expect("correct").check_against(indicators.all());
        assert!(
            errors.is_empty(),
            "{}",
            errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        );
    }

    #[test]
    fn an_indicator_that_is_not_there_is_named_with_its_place() {
        let errors = ReportDefinitions::builtin().expect("correct").check_against(&[]);
        assert!(
            errors.iter().any(|e| e.key == "section.0.indicators.2" && e.message.contains("S1-U03")),
            "{errors:?}"
        );
    }
}
