//! How long it takes until a lab stands: namespaces, cables, settings, addresses, links up on all ends.
//! Needs no root: `cargo bench --bench lab`.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

#[cfg(all(feature = "live", target_os = "linux"))]
fn main() {
    use std::io::Write;
    // Before there is a second thread: divan starts none for a benchmark of one.
    if let Err(error) = handshake::live::lab::enter() {
        let _ = writeln!(std::io::stderr(), "lab: not measured: {error}");
        return;
    }
    divan::main();
}

#[cfg(not(all(feature = "live", target_os = "linux")))]
fn main() {}

#[cfg(all(feature = "live", target_os = "linux"))]
mod set_up {
    use handshake::live::lab::{self, Options, Prepared};
    use handshake::scenario::{Scenario, builtin};
    use handshake::timeline::HostId;

    fn scenario(name: &str) -> Scenario {
        let (_, text) = builtin().iter().find(|(known, _)| *known == name).expect("a built-in scenario");
        let scenario = Scenario::parse(name, text).expect("it can be read");
        lab::adapted(&scenario, &[])
    }

    /// Two kernels.
    #[divan::bench(sample_count = 50, sample_size = 1)]
    fn two_hosts(bencher: divan::Bencher<'_, '_>) {
        let (scenario, options) = (scenario("three-way"), Options::default());
        bencher.bench_local(|| -> Prepared { lab::prepare(&scenario, &options).unwrap() });
    }

    /// A kernel, and our own TCP.
    #[divan::bench(sample_count = 50, sample_size = 1)]
    fn kernel_and_engine(bencher: divan::Bencher<'_, '_>) {
        let scenario = scenario("three-way");
        let options = Options { engines: vec![HostId(1)], ..Options::default() };
        bencher.bench_local(|| -> Prepared { lab::prepare(&scenario, &options).unwrap() });
    }
}
