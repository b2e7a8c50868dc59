//! The plan for Extralt.
use crate::client::Stop;
use crate::plan::Driver;
use crate::profile::Profile;

pub(super) async fn drive(_: &mut Driver<'_>, _: &'static Profile, _: &str) -> Result<(), Stop> {
    Ok(())
}
