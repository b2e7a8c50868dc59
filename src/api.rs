//! The API a flag names.

use conformance::profile::{self, Profile};
use fixtures::contract::Contract;

/// The name that stands for every API and version there is.
pub(crate) const ALL: &str = "all";

/// What is known of the API of this name, or with [`ALL`] of every one.
///
/// # Errors
///
/// Which there are, when there is none of this name.
pub(crate) fn those(name: &str) -> Result<Vec<(&'static Profile, &'static Contract)>, String> {
    if name != ALL {
        return named(name).map(|one| vec![one]).map_err(|error| format!("{error}, and {ALL}"));
    }
    let every = profile::ALL.iter();
    Ok(every.filter_map(|it| Some((*it, Contract::find(it.api, it.version)?))).collect())
}

/// What is known of the API of this name: `catalog`, or `catalog/v2`.
///
/// # Errors
///
/// Which there are, when there is none of this name.
pub(crate) fn named(name: &str) -> Result<(&'static Profile, &'static Contract), String> {
    let found = profile::find(name);
    let contract = found.and_then(|profile| Some((profile, Contract::find(profile.api, profile.version)?)));
    contract.ok_or_else(|| {
        let mut known: Vec<String> = Vec::new();
        for (place, profile) in profile::ALL.iter().enumerate() {
            let (api, version) = (profile.api, profile.version);
            let is_usual = profile::ALL[..place].iter().all(|earlier| earlier.api != api);
            known.push(if is_usual {
                format!("{api} ({api}/{version})")
            } else {
                format!("{api}/{version}")
            });
        }
        format!("--api: `{name}` is not known; this build knows {}", known.join(", "))
    })
}
