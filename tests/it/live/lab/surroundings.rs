//! What a lab asks of the system.

use crate::live::spawn::{as_nobody, copy_for_everyone, finish, is_root, permitted};

#[test]
fn an_ordinary_user_needs_no_permission() {
    if !is_root() {
        return;
    }
    let (_guard, copy) = copy_for_everyone();
    for arguments in [&["lab", "three-way"][..], &["lab", "three-way", "--server", "engine"]] {
        let ran = finish(&mut as_nobody(&copy, arguments));
        if permitted(&ran) {
            ran.code(0);
            assert!(ran.stdout.contains("3 of 3 segments"), "{}", ran.stdout);
        }
    }
}
