//! What is asked for only in a world of the run's own, where nothing costs anybody anything.

use serde_json::json;

use crate::client::{Credential, Stop};
use crate::plan::{Driver, Role};
use crate::profile::Family;
use crate::profile::catalog::FLAGS;

/// An extract that says of each flag that it is off, which is what saying nothing means.
pub(super) async fn switch_off(
    driver: &mut Driver<'_>,
    extract: &'static Family,
    site: &str,
) -> Result<(), Stop> {
    let mut body = json!({"urls": [format!("https://{site}/products/plain")]});
    for (flag, _) in FLAGS {
        body[*flag] = json!(false);
    }
    driver.start(extract, Credential::A, Role::Finish, &body).await.map(|_| ())
}
