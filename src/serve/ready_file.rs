//! The file that says that a server answers, and where: there, whole, for as long as the server is.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// Writes the file in one step: who sees it sees all of it.
pub(super) fn write(path: &Path, text: &str) -> Result<(), String> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let unfinished = path.with_file_name(name);
    fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, path)).map_err(|error| {
        // It may not have come into being.
        drop(fs::remove_file(&unfinished));
        format!(
            "cannot write the ready file {}: {error}\n  choose a file in a folder that exists and can be written to",
            path.display()
        )
    })
}

/// Removes the file if it still says what was written: a server that was started meanwhile may have put its own in the
/// same place, and it goes on answering.
pub(super) fn take_back(path: &Path, text: &str) -> Result<(), String> {
    match fs::read(path) {
        Ok(found) if found != text.as_bytes() => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        // What cannot be read may be ours; to remove it takes no more than the folder.
        Ok(_) | Err(_) => remove(path),
    }
}

/// Removes the file if it is there. Anything but a regular file is somebody else's, and an error.
pub(super) fn remove(path: &Path) -> Result<(), String> {
    let removed = match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => {
            return Err(format!(
                "the ready file {} is there already and is not a regular file\n  choose another path with --ready-file",
                path.display()
            ));
        }
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(format!(
            "cannot remove the old ready file {}: {error}\n  remove it, or choose another path with --ready-file",
            path.display()
        )),
        _ => Ok(()),
    }
}
