//! Tiles against the tree they are cut from, and the numbers of the specification.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::merkle::{
    Frontier, MemoryTree, MissingHash, TreeHead, consistency_proof, inclusion_proof, leaf_hash, root_at,
    verify_consistency, verify_inclusion,
};

fn leaf(index: u64) -> Hash {
    leaf_hash(&index.to_be_bytes())
}

fn tree(size: u64) -> MemoryTree {
    let mut tree = MemoryTree::new();
    for index in 0..size {
        tree.push(leaf(index));
    }
    tree
}

/// Tiles by path, as a folder would keep them.
#[derive(Debug, Default)]
struct Folder(BTreeMap<String, Vec<u8>>);

impl Folder {
    fn of(size: u64, tree: &MemoryTree) -> Self {
        Self(tiles(size).map(|tile| (tile.to_string(), tile.write(tree).unwrap())).collect())
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such file")]
struct NoFile(String);

impl Tiles for &Folder {
    type Error = NoFile;

    fn tile(&self, tile: Tile) -> Result<Vec<u8>, NoFile> {
        self.0.get(&tile.to_string()).cloned().ok_or(NoFile(tile.to_string()))
    }
}

/// The example of C2SP tlog-tiles: 70,000 leaves, and 256.
#[test]
fn a_tree_has_the_tiles_of_the_specification() {
    let paths = |size| tiles(size).map(|tile| tile.to_string()).collect::<Vec<_>>();
    let all = paths(70_000);
    assert_eq!(all.len(), 273 + 1 + 1 + 1 + 1);
    assert_eq!(
        &all[271..],
        ["tile/0/271", "tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
    );
    assert_eq!(paths(256), ["tile/0/000", "tile/1/000.p/1"]);
    assert_eq!(paths(0), Vec::<String>::new());
}

#[test]
fn paths_go_both_ways() {
    for (path, level, index, width) in [
        ("tile/0/x001/x234/067", 0, 1_234_067, 256),
        ("tile/1/000.p/1", 1, 0, 1),
        ("tile/7/000.p/127", 7, 0, 127),
        ("tile/0/x001/000.p/255", 0, 1_000, 255),
        ("tile/0/x036/x028/x797/x018/x963/966", 0, (SIZE_MAX >> 8) - 1, 256),
    ] {
        let tile = Tile::new(level, index, width).unwrap();
        assert_eq!(tile.to_string(), path);
        assert_eq!(path.parse(), Ok(tile));
    }
    let bundle = Bundle::new(1_234_067, 8).unwrap();
    assert_eq!(bundle.to_string(), "tile/entries/x001/x234/067.p/8");
    assert_eq!("tile/entries/x001/x234/067.p/8".parse(), Ok(bundle));
}

#[test]
fn a_path_is_written_in_one_way_only() {
    for path in [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/00/000",
        "tile/8/000",
        "tile/63/000",
        "tile/0/x000/001",
        "tile/0/001/001",
        "tile/0/x001",
        "tile/0/x001/",
        "tile/0/x001/x002",
        "tile/0/+01",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/+1",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000.p/1/",
        "/tile/0/000",
        "tile/0/000 ",
        "tile/0/０００",
        "tile/0/../000",
        "tile/7/000.p/128",
        "tile/0/x036/x028/x797/x018/x963/967",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/x001/x000/x000/x000/x000/x000/x000/000",
        "tile/entries/000",
    ] {
        assert_eq!(path.parse::<Tile>(), Err(PathError), "{path}");
    }
    assert_eq!("tile/0/000".parse::<Bundle>(), Err(PathError));
    assert!(
        Tile::new(0, 0, 0).is_err() && Tile::new(0, 0, 257).is_err() && Tile::new(0, u64::MAX, 1).is_err()
    );
}

/// Everything that can be asked of a tree comes out of its tiles as out of the tree.
#[test]
fn tiles_are_the_tree() {
    let size = 70_000;
    let tree = tree(size);
    let folder = Folder::of(size, &tree);
    let read = TileHashes::new(size, &folder);
    let head = TreeHead { size, root: root_at(size, &tree).unwrap() };
    assert_eq!(root_at(size, &read).unwrap(), head.root);
    assert_eq!(Frontier::read(size, &read).unwrap().head(), head);
    for index in [0, 1, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999] {
        let proof = inclusion_proof(index, size, &read).unwrap();
        assert_eq!(proof, inclusion_proof(index, size, &tree).unwrap());
        assert_eq!(verify_inclusion(leaf(index), index, &head, &proof), Ok(()));
        let proof = consistency_proof(index, size, &read).unwrap();
        let old = TreeHead { size: index, root: root_at(index, &read).unwrap() };
        assert_eq!(verify_consistency(&old, &head, &proof), Ok(()));
    }
    let past = read.hash(0, size);
    assert_eq!(past, Err(ReadError::Missing(MissingHash { level: 0, index: size })));
    assert!(read.hash(64, 0).is_err() && read.hash(3, u64::MAX).is_err() && read.hash(17, 0).is_err());
}

#[test]
fn a_missing_or_short_tile_is_an_error() {
    let tree = tree(300);
    let mut folder = Folder::of(300, &tree);
    folder.0.get_mut("tile/0/001.p/44").unwrap().pop();
    folder.0.remove("tile/0/000");
    let read = TileHashes::new(300, &folder);
    assert_eq!(read.hash(0, 1), Err(ReadError::Store(NoFile("tile/0/000".to_owned()))));
    let short = TileError::Length { width: 44, bytes: 44 * 32 - 1 };
    assert_eq!(read.hash(2, 64), Err(ReadError::Tile(short)));
    assert_eq!(read.hash(8, 0), tree.hash(8, 0).map_err(ReadError::Missing));
}

/// A writer with the edge alone writes the same files, step by step, as if the whole tree were cut at once.
#[test]
fn the_edge_writes_the_tiles_of_the_whole_tree() {
    let whole = tree(66_000);
    let mut folder = Folder::default();
    let mut edge = TileEdge::new();
    let mut published = 0;
    for step in [1, 254, 1, 1, 300, 64_979, 1, 463] {
        for index in edge.size()..edge.size() + step {
            edge.push(leaf(index), |tile, hashes| {
                folder.0.insert(tile.to_string(), hashes.iter().flat_map(|hash| hash.0).collect());
            });
        }
        for (tile, hashes) in edge.partial() {
            folder.0.insert(tile.to_string(), hashes.iter().flat_map(|hash| hash.0).collect());
        }
        for tile in superseded(published, edge.size()) {
            assert!(folder.0.remove(&tile.to_string()).is_some(), "{tile}");
        }
        published = edge.size();
        let read = TileHashes::new(published, &folder);
        assert_eq!(root_at(published, &read), Ok(root_at(published, &whole).unwrap()), "{published}");
        let again = TileEdge::read(published, &read).unwrap();
        assert!(again.partial().eq(edge.partial()));
    }
    assert_eq!(published, 66_000);
    let last = Folder::of(published, &whole);
    assert!(last.0.iter().all(|(path, bytes)| folder.0.get(path) == Some(bytes)));
}

#[test]
fn bundles_hold_entries_of_any_length_that_fits() {
    let bundle = Bundle::new(3, 3).unwrap();
    assert_eq!(bundle.first(), 768);
    let longest = vec![7; ENTRY_BYTES_MAX];
    let entries: [&[u8]; 3] = [b"", b"abc", &longest];
    let bytes = bundle.write(entries).unwrap();
    assert_eq!(&bytes[..9], b"\0\0\0\x03abc\xff\xff");
    assert_eq!(bundle.parse(&bytes).unwrap(), entries);

    let too_long = vec![7; ENTRY_BYTES_MAX + 1];
    let write = |entries: &[&[u8]]| bundle.write(entries.iter().copied());
    assert_eq!(write(&[b"", &too_long]), Err(BundleError::TooLong { entry: 1, bytes: 65_536 }));
    assert_eq!(write(&[b"a"]), Err(BundleError::CutOff { entry: 1 }));
    assert_eq!(write(&[&b"a"[..]; 4]), Err(BundleError::Surplus { width: 3 }));
    assert_eq!(bundle.parse(&bytes[..bytes.len() - 1]), Err(BundleError::CutOff { entry: 2 }));
    assert_eq!(bundle.parse(&[&bytes[..], b"x"].concat()), Err(BundleError::Surplus { width: 3 }));
    assert_eq!(bundle.parse(b""), Err(BundleError::CutOff { entry: 0 }));
}

proptest! {
    /// Growing in two steps touches what growing at once touches, and nothing that was full before.
    #[test]
    fn growth_touches_only_the_edge(a in 0_u64..200_000, more in 0_u64..200_000) {
        let b = a + more;
        let paths = |tiles: &mut dyn Iterator<Item = Tile>| tiles.map(|tile| tile.to_string()).collect::<Vec<_>>();
        let before = paths(&mut tiles(a));
        let after = paths(&mut tiles(b));
        let new = paths(&mut changed(a, b));
        let kept: Vec<_> = after.iter().filter(|path| !new.contains(path)).collect();
        prop_assert!(kept.iter().all(|path| before.contains(path)));
        prop_assert!(new.iter().all(|path| !before.contains(path)));
        prop_assert!(superseded(a, b).all(|tile| before.contains(&tile.to_string()) && !tile.is_full()));
    }

    #[test]
    fn every_tile_has_a_path(level in 0_u8..=7, index in any::<u64>(), width in 1_u16..=256) {
        let index = index.checked_shr(u32::from(10 + shift(level))).unwrap_or(0);
        if let Ok(tile) = Tile::new(level, index, width) {
            prop_assert_eq!(tile.to_string().parse(), Ok(tile));
        } else {
            prop_assert!(level == 7 && width > 127);
        }
    }

    #[test]
    fn no_path_panics(path in "(tile/)?[0-9x./p entris]{0,40}") {
        if let Ok(tile) = path.parse::<Tile>() {
            prop_assert_eq!(tile.to_string(), path.clone());
        }
        if let Ok(bundle) = path.parse::<Bundle>() {
            prop_assert_eq!(bundle.to_string(), path);
        }
    }

    #[test]
    fn a_bundle_is_read_as_it_is_written(bytes in prop::collection::vec(any::<u8>(), 0..200), width in 1_u16..20) {
        let bundle = Bundle::new(0, width).unwrap();
        if let Ok(entries) = bundle.parse(&bytes) {
            prop_assert_eq!(bundle.write(entries).unwrap(), bytes);
        }
    }
}
