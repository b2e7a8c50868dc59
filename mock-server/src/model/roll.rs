//! Numbered things of which some are gone, read from the newest on.

use crate::model::RunId;
use crate::model::run_set::RunSet;

/// Things in the order in which they were added. One that is taken off keeps its number and can still be got by it.
#[derive(Debug, Clone, PartialEq)]
pub struct Roll<T> {
    things: Vec<T>,
    seen: RunSet,
}

impl<T> Default for Roll<T> {
    fn default() -> Self {
        Self { things: Vec::new(), seen: RunSet::default() }
    }
}

impl<T> Roll<T> {
    /// Adds a thing that stands on the roll. Its number; `None` if there are as many as numbers.
    pub fn add(&mut self, thing: T) -> Option<u32> {
        let number = u32::try_from(self.things.len()).ok()?;
        self.things.push(thing);
        self.seen.insert(RunId(number));
        Some(number)
    }

    /// Takes a thing off the roll. Whether it was on it.
    pub fn strike(&mut self, number: u32) -> bool {
        self.seen.remove(RunId(number))
    }

    /// The thing of this number, whether or not it is on the roll.
    pub fn get(&self, number: u32) -> Option<&T> {
        self.things.get(number as usize)
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        self.things.get_mut(number as usize)
    }

    /// Whether the thing of this number is on the roll.
    pub fn holds(&self, number: u32) -> bool {
        self.seen.contains(RunId(number))
    }

    /// How many are on the roll.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether none is on the roll.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// How many there have ever been.
    pub fn ever(&self) -> usize {
        self.things.len()
    }

    /// Those on the roll that came before this number, newest first; all of them, if none is given.
    pub fn before(&self, number: Option<u32>) -> impl Iterator<Item = (u32, &T)> + '_ {
        let numbers = self.seen.before(number.map(RunId));
        numbers.filter_map(|RunId(number)| Some((number, self.get(number)?)))
    }

    /// All on the roll, newest first.
    pub fn newest(&self) -> impl Iterator<Item = (u32, &T)> + '_ {
        self.before(None)
    }
}
