//! Finds the world of a key, and makes one for a key never seen before.

use std::borrow::Cow;
use std::collections::{BinaryHeap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::clock::{RealTime, VirtualTime};
use crate::journal::{Journal, Weight};
use crate::scenario::Scenario;
use crate::scenario::account::DeclaredAccount;
use crate::scenario::clock::ClockSettings;
use crate::world::World;
use crate::world::attention::Attention;
use crate::world::keys::{KeyRefusal, public_id, welcome};
use crate::world::marks::Marks;
use crate::world::state::WorldState;

mod template;

pub use template::{SeedChoice, Start, Template};

const SHARDS: usize = 64;

/// Why a key has no world.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoWorld {
    /// The key is refused.
    Key(KeyRefusal),
    /// There are as many worlds as the server keeps.
    TooMany(usize),
}

/// Every world of a server.
#[derive(Debug)]
pub struct Registry {
    // Spread over shards, so that keys seen for the first time do not stop the others.
    shards: Vec<RwLock<HashMap<Box<str>, Arc<World>>>>,
    marks: Marks,
    hasher: RandomState,
    count: AtomicUsize,
    most: usize,
    journals: Arc<Weight>,
    attention: Arc<Attention>,
    trimming: Mutex<()>,
    declared: HashMap<String, DeclaredAccount>,
    // As the server was started; what it says by flag outranks every scenario that comes later. Only its scenario
    // changes, where that is a file that is followed.
    started: RwLock<Template>,
    template: RwLock<Template>,
}

impl Registry {
    /// A registry for at most `most` worlds. If the template's scenario declares accounts, no other key is welcome.
    pub fn new(template: Template, most: usize) -> Self {
        let declared =
            template.scenario.accounts.iter().map(|account| (account.key.clone(), account.clone()));
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
            marks: Marks::new(),
            hasher: RandomState::new(),
            count: AtomicUsize::new(0),
            most,
            journals: Arc::default(),
            attention: Arc::default(),
            trimming: Mutex::new(()),
            declared: declared.collect(),
            template: RwLock::new(template.clone()),
            started: RwLock::new(template),
        }
    }

    /// The world of `key`; a fresh one if the key has not been seen. `wall` is the wall-clock time.
    pub fn enter(&self, key: &str, real: RealTime, wall: VirtualTime) -> Result<Arc<World>, NoWorld> {
        let name = self.name(key).map_err(NoWorld::Key)?;
        if let Some(world) = self.get(&name) {
            return Ok(world);
        }
        let declared = self.declared.get(key);
        let public = declared.and_then(|declared| declared.organization.as_deref()).unwrap_or(key);
        let id = public_id(&self.hasher, public, declared.is_some());
        if self.len() >= self.most {
            return self.get(&name).ok_or(NoWorld::TooMany(self.most));
        }
        let made = |template: &Template| {
            let account = declared.map_or_else(|| template.account(), |declared| declared.account.clone());
            WorldState::new(template.origin(public, account, wall), real)
        };
        // Made before the shard is locked: a world may begin with thousands of runs.
        let template = self.template();
        let mut state = made(&template);

        let mut shard = write(self.shard(&name));
        if let Some(world) = shard.get(&*name) {
            return Ok(Arc::clone(world));
        }
        if self.count.fetch_add(1, Ordering::Relaxed) >= self.most {
            self.count.fetch_sub(1, Ordering::Relaxed);
            return Err(NoWorld::TooMany(self.most));
        }
        // Under the shard's lock: once the template has changed, every world that began as the former one is there.
        let present = self.template();
        if !Arc::ptr_eq(&present.scenario, &template.scenario) {
            state = made(&present);
        }
        let world = Arc::new(World::new(&id, state, Journal::new(Arc::clone(&self.journals))));
        world.connect(&self.attention);
        self.marks.add(&world);
        shard.insert(name.into(), Arc::clone(&world));
        Ok(world)
    }

    /// The world that a key or a public id names, if there is one.
    pub fn find(&self, key_or_id: &str) -> Option<Arc<World>> {
        if let Some(world) = self.name(key_or_id).ok().and_then(|name| self.get(&name)) {
            return Some(world);
        }
        self.all().into_iter().find(|world| world.id() == key_or_id)
    }

    /// The world of this mark, if there is one.
    pub fn by_mark(&self, mark: &str) -> Option<Arc<World>> {
        self.marks.find(mark)
    }

    /// Whether this very world has not been forgotten, and its key not got another since.
    pub fn keeps(&self, world: &Arc<World>) -> bool {
        // An open key is its own public id; the world of any other key is looked for.
        let of_id = self.name(world.id()).ok().and_then(|name| self.get(&name));
        of_id.is_some_and(|found| Arc::ptr_eq(&found, world))
            || self.shards.iter().any(|shard| read(shard).values().any(|other| Arc::ptr_eq(other, world)))
    }

    /// Every world, by public id.
    pub fn all(&self) -> Vec<Arc<World>> {
        let mut worlds: Vec<_> =
            self.shards.iter().flat_map(|shard| read(shard).values().cloned().collect::<Vec<_>>()).collect();
        worlds.sort_by(|one, other| one.id().cmp(other.id()));
        worlds
    }

    /// How many worlds there are.
    pub fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Whether there is no world.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets the world that a key or a public id names. Whether there was one.
    pub fn remove(&self, key_or_id: &str) -> bool {
        let Some(world) = self.find(key_or_id) else { return false };
        let of_key = self.name(key_or_id).ok().filter(|name| self.get(name).is_some());
        let removed = match of_key {
            Some(name) => write(self.shard(&name)).remove(&*name).is_some(),
            None => self
                .shards
                .iter()
                .any(|shard| write(shard).extract_if(|_, other| Arc::ptr_eq(other, &world)).next().is_some()),
        };
        if removed {
            world.forget();
            self.marks.remove(&world);
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
        removed
    }

    /// What new worlds begin as.
    pub fn template(&self) -> Template {
        read(&self.template).clone()
    }

    /// What worlds began as when the server was started: nothing of it was changed since, but for the scenario where
    /// that is a file that is followed.
    pub fn started(&self) -> Template {
        read(&self.started).clone()
    }

    /// Lets new worlds begin as they did when the server was started.
    pub fn restore_template(&self) {
        self.change_template(|template| *template = self.started());
    }

    /// What a world begins as that follows `scenario`.
    pub fn following(&self, scenario: &Arc<Scenario>) -> Template {
        self.successor(self.template(), scenario)
    }

    /// Lets new worlds follow `scenario`. Their account stays as it is if the scenario says nothing about it.
    pub fn follow(&self, mut scenario: Scenario) -> Arc<Scenario> {
        self.change_template(|template| {
            scenario.account = scenario.account.or_else(|| template.scenario.account.clone());
            *template = self.successor(template.clone(), &Arc::new(scenario));
            Arc::clone(&template.scenario)
        })
    }

    /// Lets new worlds follow `scenario`, the next version of the file that the server was started with.
    pub fn renew(&self, scenario: &Arc<Scenario>) {
        write(&self.started).scenario = Arc::clone(scenario);
        self.change_template(|template| *template = self.successor(template.clone(), scenario));
    }

    /// `template` with another scenario. One that says something of the seed or the clock ends what was changed about
    /// them since the start.
    fn successor(&self, template: Template, scenario: &Arc<Scenario>) -> Template {
        let other = !Arc::ptr_eq(&template.scenario, scenario);
        let says = scenario.seed.is_some() || scenario.clock != ClockSettings::default();
        let base = if other && says { self.started() } else { template };
        Template { scenario: Arc::clone(scenario), ..base }
    }

    /// Changes what new worlds begin as.
    pub fn change_template<T>(&self, change: impl FnOnce(&mut Template) -> T) -> T {
        change(&mut write(&self.template))
    }

    /// The worlds that want the attention of whoever sends webhooks.
    pub fn attention(&self) -> &Attention {
        &self.attention
    }

    /// What the journals of all worlds weigh.
    pub fn journals(&self) -> &Arc<Weight> {
        &self.journals
    }

    /// Lets the fattest journals drop their oldest entries when all of them together are beyond `capacity` bytes, until
    /// a sixteenth of it is free.
    pub fn trim_journals(&self, capacity: usize) {
        if self.journals.bytes() <= capacity {
            return;
        }
        // One at a time is enough, and nobody needs to wait for it.
        let Ok(_trimming) = self.trimming.try_lock() else { return };
        let worlds = self.all();
        let weighed = worlds.iter().enumerate().map(|(place, world)| (world.journal().weight(), place));
        let mut fattest: BinaryHeap<(usize, usize)> = weighed.collect();
        while self.journals.bytes() > capacity - capacity / 16
            && let Some((_, place)) = fattest.pop()
        {
            let mut journal = worlds[place].journal();
            if journal.drop_oldest() > 0 {
                fattest.push((journal.weight(), place));
            }
        }
    }

    /// How many keys are declared; zero means that every key is welcome.
    pub fn declared(&self) -> usize {
        self.declared.len()
    }

    /// The name under which the world of a key is kept: keys of one organization share it. An organization's name
    /// holds a space, which no key does.
    fn name<'a>(&self, key: &'a str) -> Result<Cow<'a, str>, KeyRefusal> {
        welcome(key)?;
        if self.declared.is_empty() {
            return Ok(Cow::Borrowed(key));
        }
        let declared = self.declared.get(key).ok_or(KeyRefusal::Invalid)?;
        Ok(declared
            .organization
            .as_ref()
            .map_or(Cow::Borrowed(key), |name| Cow::Owned(format!("organization {name}"))))
    }

    fn shard(&self, name: &str) -> &RwLock<HashMap<Box<str>, Arc<World>>> {
        let place = usize::try_from(self.hasher.hash_one(name) % SHARDS as u64).unwrap_or(0);
        &self.shards[place]
    }

    fn get(&self, name: &str) -> Option<Arc<World>> {
        read(self.shard(name)).get(name).cloned()
    }
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
