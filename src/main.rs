//! The program: everything is in the library.

fn main() -> std::process::ExitCode {
    handshake::cli::main()
}
