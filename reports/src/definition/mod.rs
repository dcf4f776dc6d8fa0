//! What a report is. Definitions are `definitions/<id>.toml`, templates `templates/<id>/main.typ`; loading is all or
//! nothing and reports every mistake of every file. Reading is in `read`, references in `check`.

mod check;
mod load;
mod read;

pub use pujiang_definition::DefinitionError;
use pujiang_definition::Places;
use pujiang_metrics::Compare;
use pujiang_security::RoleId;

use crate::data::ChartKind;
use crate::pdf::Template;
use crate::schedule::Schedule;
use crate::text::sentence::Sentence;

/// File format of a rendered report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Workbook.
    Xlsx,
    /// Document.
    Pdf,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Xlsx, Self::Pdf];

    /// File ending, also the name in definitions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
        }
    }

    /// Media type for downloads.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pdf => "application/pdf",
        }
    }

    /// The format of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }
}

/// Way to a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChannelKind {
    /// A folder below the output folder, once per scope.
    Folder,
    /// The account's inbox in the portal.
    Inbox,
}

impl ChannelKind {
    /// Every channel.
    pub const ALL: [Self; 2] = [Self::Folder, Self::Inbox];

    /// Name in definitions and ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Inbox => "inbox",
        }
    }
}

/// One report.
#[derive(Debug, Clone)]
pub struct ReportDefinition {
    /// Id = file name.
    pub id: String,
    /// Title.
    pub title: String,
    /// What it is for, in words.
    pub description: String,
    /// Department on the cover.
    pub department: String,
    /// The same for a report of one district, `{district}` standing for its name.
    pub district_department: String,
    /// When it is due.
    pub schedule: Schedule,
    /// Roles that get it.
    pub recipients: Vec<RoleId>,
    /// Files made.
    pub formats: Vec<Format>,
    /// Ways to the recipients.
    pub channels: Vec<ChannelKind>,
    /// Summary sentences as written.
    pub sentences: Vec<String>,
    /// Sections in order.
    pub sections: Vec<Section>,
    /// Charts of the PDF.
    pub charts: Vec<ChartDefinition>,
    /// Template of the PDF.
    pub template: Template,
    parsed_sentences: Vec<Sentence>,
    places: Places,
}

/// A part of the report with figures of its own.
#[derive(Debug, Clone)]
pub struct Section {
    /// Id, unique in the report.
    pub id: String,
    /// Form.
    pub kind: SectionKind,
    /// Title.
    pub title: String,
    /// Sheet of the workbook.
    pub sheet: String,
    /// Indicators in order.
    pub indicators: Vec<String>,
    /// Comparisons wanted; an indicator that has not all of them shows those it has.
    pub compare: Vec<Compare>,
}

/// Form of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SectionKind {
    /// One row per indicator. Exactly one per report.
    Figures,
    /// Groups × indicators.
    Breakdown {
        /// Dimension id.
        dimension: String,
        /// Heading of the dimension's column.
        title: String,
    },
    /// Months × indicators. Exactly one per report.
    Trend {
        /// Months listed.
        months: u32,
    },
}

/// A chart of the PDF.
#[derive(Debug, Clone)]
pub struct ChartDefinition {
    /// Id; the template names it.
    pub id: String,
    /// Form.
    pub kind: ChartKind,
    /// Title.
    pub title: String,
    /// Indicator drawn.
    pub indicator: String,
    /// Breakdown drawn; empty for a trend.
    pub section: String,
}

impl ReportDefinition {
    /// The section of one row per indicator.
    #[must_use]
    pub fn overview(&self) -> Option<&Section> {
        self.sections.iter().find(|s| s.kind == SectionKind::Figures)
    }

    /// The section of months.
    #[must_use]
    pub fn trend(&self) -> Option<(&Section, u32)> {
        self.sections.iter().find_map(|s| match s.kind {
            SectionKind::Trend { months } => Some((s, months)),
            _ => None,
        })
    }

    /// Indicators of all sections and charts, each once, overview first.
    #[must_use]
    pub fn indicators(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = vec![];
        let listed =
            self.sections.iter().flat_map(|s| &s.indicators).chain(self.charts.iter().map(|c| &c.indicator));
        for id in listed {
            if !ids.contains(&id.as_str()) {
                ids.push(id);
            }
        }
        ids
    }
}

/// All reports, in the order of their ids.
#[derive(Debug, Clone)]
pub struct ReportDefinitions {
    reports: Vec<ReportDefinition>,
}

impl ReportDefinitions {
    /// All reports in the order of their ids.
    #[must_use]
    pub fn all(&self) -> &[ReportDefinition] {
        &self.reports
    }

    /// The report of that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&ReportDefinition> {
        self.reports.iter().find(|report| report.id == id)
    }

    /// Lets a test change what a definition says.
    #[cfg(test)]
    pub(crate) fn reports_for_test(&mut self) -> &mut Vec<ReportDefinition> {
        &mut self.reports
    }
}
