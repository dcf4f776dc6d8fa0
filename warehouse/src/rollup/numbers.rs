//! Numbers ids, once for all partials of a lake, and keeps the numbers on disk: bitmaps of different files and tables
//! can be merged, and a start reads bitmaps instead of ids.
//!
//! The numbering only grows, segment by segment. A segment is a Parquet file with the next ids and the name of the
//! segment before it; its own name is new each time, so the name of the last one (a [`Mark`]) stands for
//! everything numbered so far. A partial is kept with the mark it was made at and is worth something only where that
//! mark belongs to the numbering in use: a segment that is lost, broken or written by two processes at once costs the
//! partials made after it, never a right answer.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use uuid::Uuid;

use super::side_file;
use crate::error::WarehouseError;

/// Segments that are joined to one, so that a start opens few files.
const SEGMENTS: usize = 32;
/// Marks that a joined segment carries on. Partials with an older one are made again.
const MARKS: usize = 8192;
const BEFORE: &str = "pujiang.before";
const STANDS_FOR: &str = "pujiang.marks";
const MARK: &str = "pujiang.mark";

/// A state of the numbering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Mark(Uuid);

impl Mark {
    /// The words that are written beside a partial.
    pub(super) fn words(self) -> HashMap<String, String> {
        HashMap::from([(MARK.to_owned(), self.0.simple().to_string())])
    }

    /// The mark in the words beside a partial.
    pub(super) fn of(rows: &RecordBatch) -> Option<Self> {
        rows.schema_ref().metadata().get(MARK)?.parse().ok().map(Self)
    }
}

/// The numbering of one lake.
pub(super) struct IdNumbers {
    folder: PathBuf,
    known: Mutex<Option<Known>>,
}

/// What is read once per process.
#[derive(Default)]
struct Known {
    numbers: HashMap<Box<str>, u32>,
    /// Every state the numbering went through, oldest first. Empty: nothing is numbered.
    marks: Vec<Mark>,
    /// Files the numbering is read from.
    segments: Vec<PathBuf>,
}

/// Ids with their numbers, in the order of the ids.
pub(super) struct Numbered {
    pub(super) numbers: Vec<u32>,
    pub(super) mark: Mark,
}

impl IdNumbers {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder, known: Mutex::default() }
    }

    /// Numbers all values; an absent one counts as the empty id. New ids are on disk when this returns.
    pub(super) fn number_all(&self, values: &StringArray) -> Result<Numbered, WarehouseError> {
        self.with(|known| {
            let id = |at: usize| if values.is_valid(at) { values.value(at) } else { "" };
            let mut seen: HashSet<&str> = HashSet::new();
            let new: Vec<&str> = (0..values.len())
                .map(id)
                .filter(|id| !known.numbers.contains_key(*id) && seen.insert(*id))
                .collect();
            if !new.is_empty() || known.marks.is_empty() {
                known.append(&self.folder, &new)?;
            }
            let numbers = (0..values.len()).map(|at| known.numbers.get(id(at)).copied()).collect();
            match (numbers, known.marks.last()) {
                (Some(numbers), Some(mark)) => Ok(Numbered { numbers, mark: *mark }),
                _ => Err(too_many(&self.folder)),
            }
        })
    }

    /// Whether the numbers given up to a mark are the numbers in use.
    pub(super) fn holds(&self, mark: Mark) -> bool {
        self.with(|known| known.marks.contains(&mark))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Known) -> T) -> T {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        act(known.get_or_insert_with(|| Known::read(&self.folder)))
    }
}

impl Known {
    /// Follows the chain from its first segment as far as it holds.
    fn read(folder: &Path) -> Self {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|e| e == "parquet"))
            .collect();
        // Where two segments follow the same one, the order decides, and it is the same at every start.
        paths.sort();
        let mut following: HashMap<Option<Mark>, Vec<(PathBuf, RecordBatch)>> = HashMap::new();
        for path in paths {
            let Some(rows) = side_file::read(&path) else { continue };
            let before = word(&rows, BEFORE).parse().ok().map(Mark);
            following.entry(before).or_default().push((path, rows));
        }
        let mut known = Self::default();
        while let Some((path, rows)) = following.remove(&known.marks.last().copied()).and_then(|mut same| {
            // The longest of them is the one that joins others.
            same.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.num_rows()));
            same.into_iter().next()
        }) {
            let marks: Option<Vec<Mark>> =
                word(&rows, STANDS_FOR).split(',').map(|m| m.parse().ok().map(Mark)).collect();
            let ids = rows.column_by_name("id").and_then(|c| c.as_string_opt::<i32>());
            let (Some(marks), Some(ids)) = (marks, ids) else { break };
            if known.take(ids.iter().map(Option::unwrap_or_default)).is_err() {
                break;
            }
            known.marks.extend(marks);
            known.segments.push(path);
        }
        known
    }

    fn take<'a>(&mut self, ids: impl Iterator<Item = &'a str>) -> Result<(), std::num::TryFromIntError> {
        for id in ids {
            let number = u32::try_from(self.numbers.len())?;
            self.numbers.insert(id.into(), number);
        }
        Ok(())
    }

    /// Writes new ids behind the known ones, then counts them as known.
    fn append(&mut self, folder: &Path, new: &[&str]) -> Result<(), WarehouseError> {
        u32::try_from(self.numbers.len() + new.len()).map_err(|_| too_many(folder))?;
        let mark = Mark(Uuid::now_v7());
        if self.segments.len() >= SEGMENTS {
            self.join(folder)?;
        }
        let path = write_segment(folder, new, self.marks.last().copied(), &[mark], mark)?;
        self.take(new.iter().copied()).map_err(|_| too_many(folder))?;
        self.marks.push(mark);
        self.segments.push(path);
        Ok(())
    }

    /// Writes everything known as one segment that stands for all the marks, then removes what it is made of.
    fn join(&mut self, folder: &Path) -> Result<(), WarehouseError> {
        let mut ids: Vec<(&u32, &Box<str>)> = self.numbers.iter().map(|(id, number)| (number, id)).collect();
        ids.sort_unstable();
        let ids: Vec<&str> = ids.into_iter().map(|(_, id)| id.as_ref()).collect();
        self.marks.drain(..self.marks.len().saturating_sub(MARKS));
        let joined = write_segment(folder, &ids, None, &self.marks, Mark(Uuid::now_v7()))?;
        for path in std::mem::replace(&mut self.segments, vec![joined]) {
            // One that stays is not followed at the next start: the joined one is longer.
            if let Err(e) = std::fs::remove_file(&path) {
                tracing::debug!(path = %path.display(), error = %e, "a joined segment of id numbers stays");
            }
        }
        Ok(())
    }
}

fn write_segment(
    folder: &Path,
    ids: &[&str],
    before: Option<Mark>,
    marks: &[Mark],
    name: Mark,
) -> Result<PathBuf, WarehouseError> {
    let text = |mark: &Mark| mark.0.simple().to_string();
    let schema = Arc::new(Schema::new(vec![Field::new("id", DataType::Utf8, false)]));
    let rows = RecordBatch::try_new(schema, vec![Arc::new(StringArray::from_iter_values(ids))])
        .map_err(WarehouseError::arrow("numbering ids"))?;
    let words = HashMap::from([
        (BEFORE.to_owned(), before.as_ref().map(text).unwrap_or_default()),
        (STANDS_FOR.to_owned(), marks.iter().map(text).collect::<Vec<_>>().join(",")),
    ]);
    let path = folder.join(format!("{}.parquet", text(&name)));
    side_file::write(&path, &rows, words)?;
    Ok(path)
}

fn word<'a>(rows: &'a RecordBatch, name: &str) -> &'a str {
    rows.schema_ref().metadata().get(name).map(String::as_str).unwrap_or_default()
}

fn too_many(folder: &Path) -> WarehouseError {
    WarehouseError::WriteFile {
        path: folder.display().to_string(),
        source: "more than 4,294,967,295 different ids are counted".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> PathBuf {
        let folder = std::env::temp_dir().join(format!("id-numbers-{}", Uuid::now_v7().simple()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn number(numbers: &IdNumbers, ids: &[&str]) -> (Vec<u32>, Mark) {
        let numbered = numbers.number_all(&StringArray::from(ids.to_vec())).unwrap();
        (numbered.numbers, numbered.mark)
    }

    fn segments(folder: &Path) -> Vec<PathBuf> {
        let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
        paths.sort();
        paths
    }

    #[test]
    fn a_later_start_gives_the_same_numbers_and_knows_every_mark() {
        let folder = folder();
        let first = IdNumbers::new(folder.clone());
        let (numbers, a) = number(&first, &["x", "y", "x", ""]);
        assert_eq!(numbers, [0, 1, 0, 2]);
        assert_eq!(number(&first, &["y"]), (vec![1], a), "nothing new, no new segment");
        let (_, b) = number(&first, &["z"]);
        let second = IdNumbers::new(folder.clone());
        assert!(second.holds(a) && second.holds(b));
        assert!(!second.holds(Mark(Uuid::now_v7())));
        assert_eq!(number(&second, &["z", "", "new", "y"]).0, [3, 2, 4, 1]);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_lost_or_broken_segment_takes_its_marks_with_it() {
        for damage in [
            |path: &Path| std::fs::remove_file(path).unwrap(),
            |path: &Path| {
                let bytes = std::fs::read(path).unwrap();
                std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
            },
        ] {
            let folder = folder();
            let first = IdNumbers::new(folder.clone());
            let (_, a) = number(&first, &["x"]);
            let (_, b) = number(&first, &["y"]);
            let (_, c) = number(&first, &["z"]);
            damage(&segments(&folder)[1]);
            let second = IdNumbers::new(folder.clone());
            // Given the number of y again: marks b and c must be worth nothing from now on.
            assert_eq!(number(&second, &["other"]).0, [1]);
            assert!(second.holds(a));
            assert!(!second.holds(b) && !second.holds(c));
            let third = IdNumbers::new(folder.clone());
            assert_eq!(number(&third, &["x", "other"]).0, [0, 1]);
            assert!(!third.holds(b) && !third.holds(c));
            std::fs::remove_dir_all(folder).unwrap();
        }
    }

    #[test]
    fn of_two_processes_one_is_followed() {
        let folder = folder();
        let (one, two) = (IdNumbers::new(folder.clone()), IdNumbers::new(folder.clone()));
        let (_, common) = number(&one, &["x"]);
        assert_eq!(number(&two, &["x"]).0, [0], "read after it was written");
        let (_, a) = number(&one, &["a"]);
        let (_, b) = number(&two, &["b"]);
        assert!(!one.holds(b) && !two.holds(a), "both gave number 1");
        let later = IdNumbers::new(folder.clone());
        assert!(later.holds(common));
        assert!(later.holds(a) != later.holds(b));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn many_segments_are_joined_and_stand_for_the_same() {
        let folder = folder();
        let first = IdNumbers::new(folder.clone());
        let marks: Vec<Mark> =
            (0..3 * SEGMENTS).map(|i| number(&first, &[format!("id {i}").as_str()]).1).collect();
        assert!(segments(&folder).len() <= SEGMENTS + 1, "{} files", segments(&folder).len());
        let second = IdNumbers::new(folder.clone());
        assert!(marks.iter().all(|mark| second.holds(*mark)));
        for i in 0..3 * SEGMENTS {
            assert_eq!(number(&second, &[format!("id {i}").as_str()]).0, [u32::try_from(i).unwrap()]);
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
