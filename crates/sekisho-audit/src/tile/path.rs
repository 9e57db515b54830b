//! Paths of tiles, both ways: `tile/0/x001/x234/067`, `tile/1/004.p/17`, `tile/entries/004.p/17`.

use std::fmt;
use std::str::FromStr;

use super::{Bundle, TILE_WIDTH, Tile};

/// The most groups of three digits that an index has: 7, for 19 digits.
const GROUPS_MAX: usize = 7;

/// Not the path of a tile that a tree can have, in the one way it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the path of a tile")]
pub struct PathError;

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/", self.level)?;
        write_place(f, self.index, self.width)
    }
}

impl FromStr for Tile {
    type Err = PathError;

    fn from_str(path: &str) -> Result<Self, PathError> {
        let (level, place) =
            path.strip_prefix("tile/").and_then(|path| path.split_once('/')).ok_or(PathError)?;
        let [level @ b'0'..=b'7'] = level.as_bytes() else { return Err(PathError) };
        let (index, width) = parse_place(place).ok_or(PathError)?;
        Self::new(level - b'0', index, width).map_err(|_| PathError)
    }
}

impl fmt::Display for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tile/entries/")?;
        write_place(f, self.index(), self.width())
    }
}

impl FromStr for Bundle {
    type Err = PathError;

    fn from_str(path: &str) -> Result<Self, PathError> {
        let place = path.strip_prefix("tile/entries/").ok_or(PathError)?;
        let (index, width) = parse_place(place).ok_or(PathError)?;
        Self::new(index, width).map_err(|_| PathError)
    }
}

fn write_place(f: &mut fmt::Formatter<'_>, index: u64, width: u16) -> fmt::Result {
    let groups = (1..GROUPS_MAX as u32).take_while(|&group| index >= 1000_u64.pow(group)).count() as u32;
    for group in (1..=groups).rev() {
        write!(f, "x{:03}/", index / 1000_u64.pow(group) % 1000)?;
    }
    write!(f, "{:03}", index % 1000)?;
    if width < TILE_WIDTH { write!(f, ".p/{width}") } else { Ok(()) }
}

/// `N[.p/W]`.
fn parse_place(place: &str) -> Option<(u64, u16)> {
    let (number, width) = match place.split_once(".p/") {
        Some((number, width)) => (number, parse_width(width)?),
        None => (place, TILE_WIDTH),
    };
    let mut index = 0_u64;
    let mut groups = number.split('/').peekable();
    for position in 0.. {
        let group = groups.next()?;
        let is_last = groups.peek().is_none();
        let digits = if is_last { group } else { group.strip_prefix('x')? };
        // One way to write a number: no group of zeros in front.
        if position == GROUPS_MAX || (position == 0 && !is_last && digits == "000") {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(parse_digits(digits)?)?;
        if is_last {
            break;
        }
    }
    Some((index, width))
}

fn parse_digits(digits: &str) -> Option<u64> {
    let is_group = digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_group { digits.parse().ok() } else { None }
}

fn parse_width(width: &str) -> Option<u16> {
    let canonical = width.len() <= 3 && !width.starts_with('0') && width.bytes().all(|b| b.is_ascii_digit());
    width.parse().ok().filter(|width| canonical && (1..TILE_WIDTH).contains(width))
}
