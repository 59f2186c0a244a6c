//! Many callers at once.

use super::process::{demo, peer};

#[test]
fn two_hundred_clients_at_once() {
    let server = demo("tcp-chat server 0 --concurrent --count 200");
    let crowd = peer("crowd", &format!("{} 200", server.port()));
    assert_eq!(crowd.says("failures ").trim(), "[]");
    crowd.ended(0);
    let server = server.ended(0);
    assert_eq!(server.out.matches("A call from ").count(), 200);
    assert_eq!(server.out.matches(" says 2\n").count(), 200);
    assert_eq!(server.err.matches(" has hung up.").count(), 200);
}
