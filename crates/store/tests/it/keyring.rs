use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use store::{Keyring, KeyringFault};

#[test]
fn a_new_keyring_can_be_read_by_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.toml");
    Keyring::open_or_create(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    Keyring::open_or_create(&path).unwrap();
}

#[test]
fn a_keyring_that_others_may_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.toml");
    Keyring::open_or_create(&path).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(Keyring::open_or_create(&path), Err(KeyringFault::Open(_, 0o640))));
}

#[test]
fn a_damaged_keyring_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keyring.toml");
    for text in ["", "version = 1\n", "version = 1\nwrapping_key = \"AA==\"\nfinding_key = \"AA==\"\n"] {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(Keyring::open_or_create(&path), Err(KeyringFault::Form(..))), "{text:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
}
