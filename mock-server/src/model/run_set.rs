//! A set of runs that a million members keep small, and that is read from the newest on: one bit per run, and summaries
//! by which empty stretches are skipped.

use crate::model::RunId;

/// Bits of a word.
const BITS: usize = 64;
/// One level of runs and three summaries: the topmost word stands for 16 million runs, more than a world keeps.
const LEVELS: usize = 4;

/// Runs, in the order of their numbers. Adding, removing and finding one costs the same however many there are.
#[derive(Debug, Clone, Default)]
pub struct RunSet {
    /// The first level has a bit for each run; each bit of the next ones says that a word below is not empty. There are
    /// no levels before the first run.
    levels: Vec<Vec<u64>>,
    len: usize,
}

impl RunSet {
    /// Adds a run. Whether it was not there before.
    pub fn insert(&mut self, run: RunId) -> bool {
        if self.contains(run) {
            return false;
        }
        self.levels.resize_with(LEVELS, Vec::new);
        let mut place = run.0 as usize;
        for level in &mut self.levels {
            let (index, bit) = (place / BITS, 1 << (place % BITS));
            if level.len() <= index {
                level.resize(index + 1, 0);
            }
            level[index] |= bit;
            place = index;
        }
        self.len += 1;
        true
    }

    /// Takes a run out. Whether it was there.
    pub fn remove(&mut self, run: RunId) -> bool {
        if !self.contains(run) {
            return false;
        }
        let mut place = run.0 as usize;
        for level in &mut self.levels {
            let index = place / BITS;
            level[index] &= !(1 << (place % BITS));
            if level[index] != 0 {
                break;
            }
            place = index;
        }
        self.len -= 1;
        true
    }

    /// Whether the run is in the set.
    pub fn contains(&self, run: RunId) -> bool {
        let place = run.0 as usize;
        self.word(0, place / BITS) & (1 << (place % BITS)) != 0
    }

    /// How many runs there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The runs, newest first.
    pub fn newest(&self) -> impl Iterator<Item = RunId> + '_ {
        self.before(None)
    }

    /// The runs that came before this one, newest first; all of them, if there is none to be before.
    pub fn before(&self, run: Option<RunId>) -> impl Iterator<Item = RunId> + '_ {
        let end = self.levels.first().map_or(0, |runs| runs.len() * BITS);
        let end = run.map_or(end, |run| end.min(run.0 as usize));
        let places = std::iter::successors(self.last_before(end), |place| self.last_before(*place));
        places.filter_map(|place| u32::try_from(place).ok().map(RunId))
    }

    /// The last run before `place`: up to the first summary that knows of one, and down again.
    fn last_before(&self, place: usize) -> Option<usize> {
        let mut before = place;
        for level in 0..LEVELS {
            let word = self.word(level, before / BITS) & ((1 << (before % BITS)) - 1);
            let index = before / BITS;
            if let Some(bit) = word.checked_ilog2() {
                return Some(self.last_below(level, index * BITS + bit as usize));
            }
            before = index;
        }
        // Above the topmost level there is nothing left to skip by.
        let top = LEVELS - 1;
        let index = (0..before).rev().find(|index| self.word(top, *index) != 0)?;
        Some(self.last_below(LEVELS, index))
    }

    /// The last run that the bit at `place` of `level` stands for.
    fn last_below(&self, level: usize, place: usize) -> usize {
        (0..level).rev().fold(place, |index, level| {
            let last = self.word(level, index).checked_ilog2().unwrap_or(0);
            index * BITS + last as usize
        })
    }

    fn word(&self, level: usize, index: usize) -> u64 {
        self.levels.get(level).and_then(|words| words.get(index)).copied().unwrap_or(0)
    }
}

impl PartialEq for RunSet {
    /// Equal are sets of the same runs, however they came about.
    fn eq(&self, other: &Self) -> bool {
        self.len == other.len && self.newest().eq(other.newest())
    }
}

#[cfg(test)]
mod tests;
