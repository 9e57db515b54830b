//! Which files make up the model that a path names.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    io::Error as IoError,
    path::{Path, PathBuf},
};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};

use super::{
    Warning,
    cursor::{Cursor, small_file},
    error::{Error, Flaw, Part},
    limits::{FILES_MAX, INDEX_BYTES_MAX},
};

/// The files of one model, in the order of their names.
#[derive(Default)]
pub(super) struct Source {
    pub(super) is_gguf: bool,
    pub(super) files: Vec<PathBuf>,
    /// `config.json`, for safetensors only: GGUF carries its own.
    pub(super) config: Option<PathBuf>,
    /// Tensors that the index lists.
    pub(super) indexed_tensors: Option<u64>,
    pub(super) warnings: Vec<Warning>,
}

const INDEX_NAME: &str = "model.safetensors.index.json";

/// Finds the files of the model at `path`: a file, one file of a set, or a directory.
pub(super) fn locate(path: &Path) -> Result<Source, Error> {
    let metadata = fs::metadata(path).map_err(|error| Error::of_file(path, error))?;
    let mut source = if metadata.is_dir() {
        of_directory(path)?
    } else {
        let files = match split_name(path) {
            Some(shard) => shard.siblings(path)?,
            None => vec![path.to_owned()],
        };
        Source { is_gguf: is_gguf(path)?, files, ..Source::default() }
    };
    if !source.is_gguf {
        let directory = if metadata.is_dir() { path } else { path.parent().unwrap_or(Path::new("")) };
        source.config = Some(directory.join("config.json")).filter(|config| config.is_file());
    }
    Ok(source)
}

/// Tells the formats apart by content; a name that ends in `.safetensors` is believed, so that its errors are.
fn is_gguf(file: &Path) -> Result<bool, Error> {
    if has_extension(file, "safetensors") {
        return Ok(false);
    }
    let mut cursor = Cursor::open(file)?;
    match cursor.peek(9)?.as_slice() {
        [b'G', b'G', b'U', b'F', ..] | [b'F', b'U', b'G', b'G', ..] => Ok(true),
        [_, _, _, _, _, _, _, _, b'{'] => Ok(false),
        _ => Err(cursor.error(Flaw::NotAModelFile)),
    }
}

fn has_extension(file: &Path, wanted: &str) -> bool {
    file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(wanted))
}

fn name_of(file: &Path) -> String {
    file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A directory: what the index lists, else the one model whose files are there. safetensors come before GGUF, which are
/// most often made from them.
fn of_directory(directory: &Path) -> Result<Source, Error> {
    let names = list(directory)?;
    let mut source = Source::default();
    let index = directory.join(INDEX_NAME);
    if index.is_file() {
        let index = Index::read(&index)?;
        source.files = index.files(directory)?;
        source.indexed_tensors = Some(index.tensors);
    } else {
        for extension in ["safetensors", "gguf"] {
            let of_kind = names.iter().filter(|name| has_extension(name, extension)).cloned().collect();
            source.files = one_model(directory, of_kind)?;
            if !source.files.is_empty() {
                source.is_gguf = extension == "gguf";
                break;
            }
        }
    }
    if source.files.is_empty() {
        return Err(Error::of_file(directory, Flaw::NoModelFile));
    }
    let used: BTreeSet<&Path> = source.files.iter().map(PathBuf::as_path).collect();
    let ignored = names.iter().filter(|name| !used.contains(name.as_path()));
    source.warnings = ignored.map(|name| Warning::FileIgnored { name: name_of(name) }).collect();
    Ok(source)
}

/// The model files of a directory, sorted.
fn list(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let io = |error: IoError| Error::of_file(directory, error);
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).map_err(io)? {
        let file = entry.map_err(io)?.path();
        if (has_extension(&file, "safetensors") || has_extension(&file, "gguf")) && file.is_file() {
            files.push(file);
        }
        if files.len() as u64 > FILES_MAX {
            let claimed = files.len() as u64;
            let flaw = Flaw::LengthTooLarge { part: Part::Files, claimed, max: FILES_MAX };
            return Err(Error::of_file(directory, flaw));
        }
    }
    files.sort();
    Ok(files)
}

/// The files of the one model among `files`. `model` is the name Hugging Face gives the model itself; projectors and
/// draft heads are named by a prefix (ggml-org/ggml, `docs/gguf.md`, naming convention).
fn one_model(directory: &Path, files: Vec<PathBuf>) -> Result<Vec<PathBuf>, Error> {
    let mut models: BTreeMap<String, PathBuf> = BTreeMap::new();
    for file in files {
        let key = split_name(&file).map_or_else(|| name_of(&file), |shard| shard.set_name());
        models.entry(key).or_insert(file);
    }
    if models.len() > 1 {
        models.retain(|_, first| {
            !["mmproj-", "mtp-"].iter().any(|sidecar| name_of(first).starts_with(sidecar))
        });
    }
    let is_main = |first: &Path| {
        let stem = first.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        split_name(first).map_or(stem, |shard| shard.base) == "model"
    };
    if models.len() > 1 && models.values().filter(|first| is_main(first)).count() == 1 {
        models.retain(|_, first| is_main(first));
    }
    let mut firsts = models.into_values();
    match (firsts.next(), firsts.next()) {
        (None, _) => Ok(Vec::new()),
        (Some(first), None) => match split_name(&first) {
            Some(shard) => shard.siblings(&first),
            None => Ok(vec![first]),
        },
        (Some(first), Some(second)) => {
            let candidates = [first, second].into_iter().chain(firsts).map(|file| name_of(&file)).collect();
            Err(Error::of_file(directory, Flaw::SeveralModels { candidates }))
        }
    }
}

/// `base-00002-of-00003.gguf`.
struct Shard {
    base: String,
    count_digits: String,
    extension: String,
}

fn split_name(file: &Path) -> Option<Shard> {
    let is_number =
        |text: &str| (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let (stem, extension) = (file.file_stem()?.to_str()?, file.extension()?.to_str()?);
    let (front, count) = stem.rsplit_once("-of-")?;
    let (base, number) = front.rsplit_once('-')?;
    let is_shard = is_number(count) && number.len() == count.len() && is_number(number);
    is_shard.then(|| Shard {
        base: base.to_owned(),
        count_digits: count.to_owned(),
        extension: extension.to_owned(),
    })
}

impl Shard {
    fn set_name(&self) -> String {
        format!("{}-of-{}.{}", self.base, self.count_digits, self.extension)
    }

    /// All files of the set that `file` belongs to.
    fn siblings(&self, file: &Path) -> Result<Vec<PathBuf>, Error> {
        let count: u64 = self.count_digits.parse().expect("at most nine digits");
        if count > FILES_MAX {
            let flaw = Flaw::LengthTooLarge { part: Part::Files, claimed: count, max: FILES_MAX };
            return Err(Error::of_file(file, flaw));
        }
        let width = self.count_digits.len();
        let names = (1..=count).map(|number| {
            format!("{}-{number:0width$}-of-{}.{}", self.base, self.count_digits, self.extension)
        });
        let found = present(file, file.parent().unwrap_or(Path::new("")), names)?;
        // A number beyond the count, or a count of 0: the file is not of its own set.
        if found.iter().any(|sibling| sibling.file_name() == file.file_name()) {
            Ok(found)
        } else {
            let (declared, found) = (count, found.len() as u64 + 1);
            Err(Error::of_file(file, Flaw::ShardCount { declared, found }))
        }
    }
}

/// The files of those names, all of which must be there; `asked` is what the caller named.
fn present(
    asked: &Path,
    directory: &Path,
    names: impl Iterator<Item = String>,
) -> Result<Vec<PathBuf>, Error> {
    names
        .map(|name| {
            let file = directory.join(&name);
            if file.is_file() { Ok(file) } else { Err(Error::of_file(asked, Flaw::MissingShard { name })) }
        })
        .collect()
}

/// What an index file lists: which file each tensor is in.
struct Index {
    tensors: u64,
    names: BTreeSet<String>,
}

impl Index {
    fn read(file: &Path) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct IndexFile {
            weight_map: Index,
        }
        let bytes = small_file(file, INDEX_BYTES_MAX)?;
        let parsed: IndexFile =
            serde_json::from_slice(&bytes).map_err(|error| Error::of_file(file, error))?;
        let index = parsed.weight_map;
        let claimed = index.names.len() as u64;
        if claimed > FILES_MAX {
            let flaw = Flaw::LengthTooLarge { part: Part::Files, claimed, max: FILES_MAX };
            return Err(Error::of_file(file, flaw));
        }
        // A name with a directory in it could point anywhere on this machine.
        match index.names.iter().find(|name| Path::new(name).file_name() != Some(name.as_ref())) {
            Some(name) => Err(Error::of_file(file, Flaw::BadShardName { name: name.clone() })),
            None => Ok(index),
        }
    }

    fn files(&self, directory: &Path) -> Result<Vec<PathBuf>, Error> {
        present(directory, directory, self.names.iter().cloned())
    }
}

impl<'de> Deserialize<'de> for Index {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WeightMap;
        impl<'de> Visitor<'de> for WeightMap {
            type Value = Index;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from tensor names to file names")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Index, A::Error> {
                let mut index = Index { tensors: 0, names: BTreeSet::new() };
                while let Some((_, name)) = map.next_entry::<IgnoredAny, String>()? {
                    index.tensors += 1;
                    // One beyond the limit is enough to refuse the index.
                    if index.names.len() as u64 <= FILES_MAX {
                        index.names.insert(name);
                    }
                }
                Ok(index)
            }
        }
        deserializer.deserialize_map(WeightMap)
    }
}
