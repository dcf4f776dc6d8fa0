//! Where sets of definitions are looked at, applied and taken back. The newest applied set, kept in the operational store,
//! is the one everybody works by; the folder is where the next one is prepared.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pujiang_definition::{FileDifference, Layers, Overlay, differences};
use pujiang_transactional::audit::Entry;
use pujiang_transactional::{
    AppliedSet, AppliedSets, Error as StoreError, ErrorKind, NewSet, SetHead, Store,
};
use uuid::Uuid;

use super::plan::{Plan, Side};
use super::{DefinitionSet, DeskError};
use crate::config::StoreConfig;

/// Looks at, applies and takes back. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    store: Store,
    sets: AppliedSets,
    lake: PathBuf,
    /// Where sets are prepared.
    folder: PathBuf,
    /// What is looked at and applied: the same folder, unless another is named.
    source: PathBuf,
}

/// The set everybody works by.
#[derive(Debug)]
pub struct InUse {
    /// Its number; 0 where none was applied yet.
    pub number: i64,
    /// Name of its content; empty where nothing lies over the built-in definitions.
    pub edition: String,
    /// What it says.
    pub definitions: DefinitionSet,
}

/// A set that was applied, or found to be in use already.
#[derive(Debug)]
pub struct Applied {
    /// Its number.
    pub number: i64,
    /// What it changed; empty where it was in use already.
    pub plan: Plan,
    /// Where the files are that lay in the folder and in no set before it was brought to this one.
    pub set_aside: Option<PathBuf>,
}

/// A kept set, to look at.
#[derive(Debug)]
pub struct KeptSet {
    /// Who, when, why.
    pub head: SetHead,
    /// Names of its files.
    pub files: Vec<String>,
    /// What differs from the one before.
    pub differences: Vec<FileDifference>,
}

/// Files with what they say.
struct Loaded {
    overlay: Arc<Overlay>,
    set: DefinitionSet,
}

/// The set in use, to compare with.
struct Older {
    head: Option<SetHead>,
    loaded: Loaded,
}

impl Older {
    fn number(&self) -> i64 {
        self.head.as_ref().map_or(0, |head| head.number)
    }
}

impl Loaded {
    fn side(&self) -> Side<'_> {
        Side { set: &self.set, overlay: &self.overlay }
    }
}

impl Desk {
    /// Over a store, whose system tables are made if they are not there, and the folders of its data.
    pub async fn open(store: Store, paths: &StoreConfig) -> Result<Self, StoreError> {
        let sets = AppliedSets::open(store.clone()).await?;
        let (lake, folder) = (paths.lake(), paths.definitions());
        Ok(Self { store, sets, lake, source: folder.clone(), folder })
    }

    /// The same, applying what lies below another folder; the data folder is then brought to it.
    #[must_use]
    pub fn reading(self, source: PathBuf) -> Self {
        Self { source, ..self }
    }

    /// The newest applied set. Where there is none the folder is applied: it is a first start.
    pub async fn in_use(&self) -> Result<InUse, DeskError> {
        if let Some(newest) = self.sets.newest().await.map_err(DeskError::Store)? {
            return in_use(newest).await;
        }
        let loaded = load(Source::Folder(self.folder.clone())).await?;
        let entry = Entry { actor: "start".to_owned(), ..Entry::default() };
        match self.keep(&loaded, 0, entry, Some("首次启动".to_owned())).await {
            Ok(number) => Ok(InUse { number, edition: edition(&loaded.overlay), definitions: loaded.set }),
            // Another process was first.
            Err(DeskError::Store(error)) if error.kind() == ErrorKind::Conflict => {
                let newest = self.sets.newest().await.map_err(DeskError::Store)?;
                in_use(newest.ok_or(DeskError::Store(error))?).await
            }
            Err(error) => Err(error),
        }
    }

    /// The newest applied set if it is another than that of this number.
    pub async fn newer_than(&self, number: i64) -> Result<Option<InUse>, DeskError> {
        match self.sets.newest().await.map_err(DeskError::Store)? {
            Some(newest) if newest.head.number != number => in_use(newest).await.map(Some),
            _ => Ok(None),
        }
    }

    /// Number of the newest applied set.
    pub async fn newest_number(&self) -> Result<i64, DeskError> {
        self.sets.newest_number().await.map_err(DeskError::Store)
    }

    /// Whether the folder holds something else than the newest applied set.
    pub async fn is_edited(&self) -> Result<bool, DeskError> {
        let newest = self.sets.newest().await.map_err(DeskError::Store)?;
        let overlay = read(self.folder.clone()).await?;
        Ok(newest.is_some_and(|newest| !differences(&Overlay::of(newest.files), &overlay).is_empty()))
    }

    /// What applying the folder would change.
    pub async fn plan(&self) -> Result<Plan, DeskError> {
        let newer = load(Source::Folder(self.source.clone())).await?;
        self.compare(&self.older().await?, &newer).await
    }

    /// Applies the folder: all of it or nothing. `seen` is the edition of the plan it was decided by, if there was one.
    pub async fn apply(
        &self,
        entry: Entry,
        note: Option<String>,
        seen: Option<&str>,
    ) -> Result<Applied, DeskError> {
        let newer = load(Source::Folder(self.source.clone())).await?;
        let older = self.older().await?;
        let plan = self.compare(&older, &newer).await?;
        if seen.is_some_and(|seen| seen != plan.edition) {
            return Err(DeskError::Edited);
        }
        let mut applied = self.decide(&older, &newer, plan, entry, note).await?;
        if self.source != self.folder {
            applied.set_aside = self.write(&older.loaded.overlay, &newer.overlay, applied.number).await?;
        }
        Ok(applied)
    }

    /// Applies an earlier set again and brings the folder to it.
    pub async fn revert(
        &self,
        number: i64,
        entry: Entry,
        note: Option<String>,
    ) -> Result<Applied, DeskError> {
        let kept = self.kept(number).await?;
        let newer = load(Source::Files(Arc::new(Overlay::of(kept.files)))).await?;
        let older = self.older().await?;
        let plan = self.compare(&older, &newer).await?;
        let note = note.or_else(|| Some(format!("还原到第 {number} 套")));
        let mut applied = self.decide(&older, &newer, plan, entry, note).await?;
        applied.set_aside = self.write(&older.loaded.overlay, &newer.overlay, applied.number).await?;
        Ok(applied)
    }

    /// The applied sets, newest first.
    pub async fn history(&self) -> Result<Vec<SetHead>, DeskError> {
        self.sets.list().await.map_err(DeskError::Store)
    }

    /// One applied set, beside the one before.
    pub async fn show(&self, number: i64) -> Result<KeptSet, DeskError> {
        let kept = self.kept(number).await?;
        let before = self.sets.get(number - 1).await.map_err(DeskError::Store)?;
        let before = Overlay::of(before.map(|before| before.files).unwrap_or_default());
        let files = kept.files.keys().cloned().collect();
        let differences = differences(&before, &Overlay::of(kept.files));
        Ok(KeptSet { head: kept.head, files, differences })
    }

    async fn kept(&self, number: i64) -> Result<AppliedSet, DeskError> {
        self.sets.get(number).await.map_err(DeskError::Store)?.ok_or(DeskError::NoSuchSet(number))
    }

    /// The set in use. One that this program finds mistakes in, as after an upgrade, is compared as if nothing lay over the
    /// built-in definitions: what is to be applied is what mends it.
    async fn older(&self) -> Result<Older, DeskError> {
        let newest = self.sets.newest().await.map_err(DeskError::Store)?;
        let (head, files) = newest.map(|newest| (newest.head, newest.files)).unzip();
        let loaded = match load(Source::Files(Arc::new(Overlay::of(files.unwrap_or_default())))).await {
            Err(DeskError::Mistakes(_)) => load(Source::Files(Arc::default())).await?,
            loaded => loaded?,
        };
        Ok(Older { head, loaded })
    }

    async fn compare(&self, older: &Older, newer: &Loaded) -> Result<Plan, DeskError> {
        let newer = (edition(&newer.overlay), newer.side());
        Box::pin(Plan::make((older.number(), older.loaded.side()), newer, &self.store, &self.lake)).await
    }

    async fn decide(
        &self,
        older: &Older,
        newer: &Loaded,
        plan: Plan,
        entry: Entry,
        note: Option<String>,
    ) -> Result<Applied, DeskError> {
        let problems = plan.problems();
        if !problems.is_empty() {
            return Err(DeskError::Impossible(problems));
        }
        if older.head.as_ref().is_some_and(|head| head.edition == plan.edition) {
            return Ok(Applied { number: older.number(), plan, set_aside: None });
        }
        let number = self.keep(newer, older.number(), entry, note).await?;
        Ok(Applied { number, plan, set_aside: None })
    }

    async fn keep(
        &self,
        loaded: &Loaded,
        follows: i64,
        entry: Entry,
        note: Option<String>,
    ) -> Result<i64, DeskError> {
        let files = loaded.overlay.texts().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let set = NewSet { entry, note, edition: edition(&loaded.overlay), files, follows };
        Box::pin(self.sets.apply(&loaded.set.resources, set)).await.map_err(DeskError::Store)
    }

    /// Brings the folder to a set. What lies there and was never applied is put beside it.
    async fn write(
        &self,
        older: &Overlay,
        newer: &Arc<Overlay>,
        number: i64,
    ) -> Result<Option<PathBuf>, DeskError> {
        let present = read(self.folder.clone()).await?;
        let unkept = [older, newer.as_ref()].iter().all(|kept| !differences(kept, &present).is_empty());
        let aside = self.folder.with_file_name(format!("definitions-before-{number}"));
        let (folder, newer, target) = (self.folder.clone(), newer.clone(), aside.clone());
        let written = tokio::task::spawn_blocking(move || {
            let write = |overlay: &Overlay, path: &Path| {
                overlay.write(path).map_err(|source| DeskError::Folder { path: path.to_path_buf(), source })
            };
            if unkept {
                write(&present, &target)?;
            }
            write(&newer, &folder)
        });
        written.await.map_err(|_| DeskError::Stopped("写入定义目录"))??;
        Ok(unkept.then_some(aside))
    }
}

/// Where files come from.
enum Source {
    Folder(PathBuf),
    Files(Arc<Overlay>),
}

async fn read(folder: PathBuf) -> Result<Overlay, DeskError> {
    let reading = tokio::task::spawn_blocking(move || Overlay::read(&folder));
    reading.await.map_err(|_| DeskError::Stopped("读取定义目录"))
}

/// Reads the files once and loads them as a whole.
async fn load(source: Source) -> Result<Loaded, DeskError> {
    let loading = tokio::task::spawn_blocking(move || {
        let overlay = match source {
            Source::Folder(folder) => Arc::new(Overlay::read(&folder)),
            Source::Files(overlay) => overlay,
        };
        let set =
            DefinitionSet::load(&Layers::builtin().with(overlay.clone())).map_err(DeskError::Mistakes)?;
        Ok(Loaded { overlay, set })
    });
    loading.await.map_err(|_| DeskError::Stopped("装载定义"))?
}

async fn in_use(kept: AppliedSet) -> Result<InUse, DeskError> {
    let loaded = load(Source::Files(Arc::new(Overlay::of(kept.files)))).await?;
    Ok(InUse { number: kept.head.number, edition: kept.head.edition, definitions: loaded.set })
}

/// The name of a content: equal for equal files, empty for none.
fn edition(overlay: &Overlay) -> String {
    let mut content = Vec::new();
    for (name, text) in overlay.texts() {
        for part in [name, text] {
            content.extend_from_slice(&(part.len() as u64).to_be_bytes());
            content.extend_from_slice(part.as_bytes());
        }
    }
    match content.is_empty() {
        true => String::new(),
        false => Uuid::new_v5(&Uuid::NAMESPACE_OID, &content).simple().to_string()[..16].to_owned(),
    }
}
