# The command line: help, errors, and what list and test say.

# Words that frame other texts
cli-error = error: { $what }
cli-did-you-mean = Did you mean { $near }?
cli-usage-more = `handshake --help` shows the commands, `handshake help COMMAND` their arguments.

# Help
cli-about = See how TCP opens and closes connections
cli-about-list = Show what can be run
cli-about-run = Simulate a scenario and explain every segment
cli-about-test = Check what scenarios expect (all built-in ones by default)
cli-about-read = Explain a pcap or pcapng file: connections, states, findings
cli-about-capture = Explain what passes an interface, as it happens
cli-about-watch = Run any programs on a private loopback: calls beside segments
cli-about-lab = Run scenarios on real kernels, and compare with the simulator
cli-about-demo = The notes' socket programs, UDP and TCP, server and client
cli-about-completions = Write a completion script for your shell
cli-about-man = Write the manual page
cli-about-help = Show this help, or that of a command
cli-heading-usage = Usage: { $usage }
cli-heading-commands = Commands
cli-heading-options = Options
cli-heading-common = Common options
cli-heading-arguments = Arguments
cli-value-options = OPTIONS
cli-value-command = COMMAND
cli-after =
    Start with:
      handshake run three-way
      handshake run synack-lost --step
      handshake list
cli-after-run =
    Examples:
      handshake run three-way
      handshake run syn-lost-forever --profile linux
      handshake run teardown -w teardown.pcapng
      handshake run my-scenario.toml --step
cli-after-read =
    Examples:
      handshake read trace.pcapng
      handshake read trace.pcapng --connection 3
      sudo tcpdump -i lo -w - tcp | handshake read -
cli-after-capture =
    Examples:
      handshake capture
      handshake capture -i eth0 --port 80 --count 100
      handshake capture -w trace.pcapng --duration 10

    This needs permission. `handshake watch` shows programs of yours without.
cli-after-watch =
    Examples:
      handshake watch -- python3 server.py --and python3 client.py
      handshake watch --duration 5 -- ./server --and curl http://127.0.0.1:8080/
      handshake watch -w talk.pcapng -- python3 server.py --and python3 client.py

    Each program starts as soon as the one before listens. They reach each other
    on 127.0.0.1 and ::1, and nothing else. No root is needed.
cli-after-lab =
    Examples:
      handshake lab three-way
      handshake lab syn-lost --server engine
      handshake lab data --server engine -- python3 client.py
      handshake lab

    Without a name every built-in scenario is run, which takes minutes. No root
    is needed. -w talk.pcapng writes talk.client.pcapng and talk.server.pcapng.
    A program calls the server at its address in the scenario, such as 10.0.0.2;
    with --client engine it plays the server, at that address.
cli-after-demo =
    Examples:
      handshake demo tcp-echo
      handshake demo tcp-echo server
      handshake demo tcp-echo client --timeline
      handshake demo udp-chat client --friends friends.toml
      handshake demo tcp-chat server 0.0.0.0:8081 --concurrent
      handshake demo tcp-chat client --framed --together hello --together world

    An address is a port (9000), or host and port (127.0.0.1:9000, [::1]:9000).
    Without one, only this machine can reach the server.
cli-after-completions =
    For bash:
      handshake completions bash > ~/.local/share/bash-completion/completions/handshake
    For fish:
      handshake completions fish > ~/.config/fish/completions/handshake.fish

    Scenario names are completed by bash, zsh and fish.
cli-after-man =
    To read it at once:
      handshake man | man -l -

cli-arg-help = Show this help
cli-arg-version = Show the version
cli-arg-lang = Language (default: your locale's)
cli-arg-color = Colour (default: auto, on terminals)
cli-arg-width = Columns (default: the terminal's, or 80)
cli-arg-output = Write to this file instead of stdout
cli-arg-format = Text for people, or JSON for programs
cli-arg-style = How to show segments (default: ladder)
cli-arg-absolute = Sequence numbers as on the wire
cli-arg-step = Wait for Enter before each event
cli-arg-pace = Play in scaled time; 2x is double speed
cli-arg-write = Also write a capture file
cli-arg-seed = Where random numbers come from
cli-arg-profile = The TCP stack (default: the scenario's)
cli-arg-scenario = A scenario by name, or a file
cli-arg-scenarios = Scenarios by name, or files
cli-arg-capture = A pcap or pcapng file; - is stdin
cli-arg-connection = One connection, by its number in the summary
cli-arg-port = Only connections that use this port
cli-arg-host = Only connections that use this address
cli-capture-arg-interface = The interface (default: lo)
cli-capture-arg-port = Only packets from or to this port
cli-capture-arg-host = Only packets from or to this address
cli-capture-arg-count = End after N packets
cli-capture-arg-duration = End after so many seconds
cli-capture-arg-write = Also write a capture file, losing nothing
cli-watch-arg-programs = A program and its arguments; --and begins the next one
cli-watch-arg-duration = End the programs after so many seconds
cli-watch-arg-wait = Wait for servers without clients too
cli-watch-arg-names = Names for the lanes
cli-watch-arg-live = Show events as they happen, on stderr
cli-lab-arg-client = Who plays the client: its kernel, or our TCP
cli-lab-arg-server = Who plays the server: its kernel, or our TCP
cli-lab-arg-limit = Stop after so many seconds (default: 30)
cli-lab-arg-write = Write a capture file for each host
cli-lab-arg-program = A program instead of the client's script
cli-read-arg-format = Text; TSV with a line a packet; or JSON
cli-demo-arg-name = udp-echo, udp-chat, tcp-echo or tcp-chat
cli-demo-arg-role = Which end to play; without it both, and what happened
cli-demo-arg-address = Where to listen or call (default: port 9000 or 8081 here)
cli-demo-arg-framed = A length before each message (tcp-chat)
cli-demo-arg-concurrent = Serve many callers at once (tcp-chat server)
cli-demo-arg-say = Say this, not what is typed
cli-demo-arg-lane = A name before each line
cli-demo-arg-answer = What to answer (echo servers)
cli-demo-arg-together = Send these without a pause (tcp-chat client)
cli-demo-arg-friends = The address book (udp-chat client)
cli-demo-arg-wait = How long to wait for an answer (UDP clients)
cli-demo-arg-count = End after N messages or calls (servers)
cli-demo-arg-backlog = Length of listen()'s queue (default: 5)
cli-demo-arg-timeline = Show this end's calls and segments too
cli-demo-arg-buffer = Room for each recv() (default: 1024)
cli-arg-shell = bash, zsh, fish, elvish or powershell
cli-arg-command = A command of handshake

# What an argument takes, for errors
cli-expected-seed = a whole number such as 7
cli-expected-width = a whole number from 20 to 1000
cli-expected-pace = a factor such as 2x or 0.5x
cli-expected-connection = the number of a connection, such as 0
cli-expected-port = a port from 0 to 65535
cli-expected-wait = seconds such as 5 or 0.5
cli-expected-duration = seconds such as 5 or 0.5
cli-expected-limit = seconds such as 5 or 0.5
cli-expected-count = a whole number from 1
cli-expected-backlog = a whole number such as 5
cli-expected-buffer = a number of bytes from 1 to 1048576
cli-expected-host = an IPv4 or IPv6 address such as 10.0.0.1

# Usage errors
cli-usage-no-value = { $argument } needs a value.
cli-usage-not-a-choice = { $argument }: found "{ $value }", expected one of: { $choices }.
cli-usage-bad-value = { $argument }: found "{ $value }", expected { $expected }.
cli-usage-unknown-argument = There is no argument { $argument } here.
cli-usage-unknown-command = There is no command "{ $command }".
cli-usage-missing = Missing: { $argument }.
cli-usage-conflict = { $argument } and { $other } cannot be used together.
cli-usage-value-count = { $argument }: the number of values is not right.
cli-usage-not-utf8 = An argument is not valid UTF-8.

# Files
cli-read-no-file = { $path }: there is no such file.
cli-read-directory = { $path } is a directory; expected a file.
cli-read-forbidden = { $path }: you are not allowed to read this file.
    .help =
        Reading it as its owner needs no rights for handshake:
          sudo cat { $path } | handshake read -
cli-read-failed = { $path }: cannot be read: { $reason }.
cli-write-no-directory = { $path }: cannot be made, its directory does not exist.
cli-write-directory = { $path } is a directory; expected the name of a file.
cli-write-forbidden = { $path }: you are not allowed to write there.
    .help = Choose another place: -o /tmp/NAME
cli-write-failed = { $path }: cannot be written: { $reason }.
cli-write-over-input = { $path } would be written over while it is still needed.
    .help = Choose another name.

# Stepping
cli-step-prompt = [Enter: next · q: quit]
cli-step-needs-text = --step and --pace need --format text.

# Capture files
cli-read-progress = Reading
cli-note = note: { $what }
cli-capture-empty = { $path } is empty; expected a pcap or pcapng file.
    .help = Was the capture stopped before a packet came? `tcpdump -U -w FILE` writes each one at once.
cli-capture-text = { $path } is text that starts with "{ $start }"; expected a pcap or pcapng file.
    .help = tcpdump and tshark write one with -w FILE.
cli-capture-compressed = { $path } is compressed with { $program }; expected a pcap or pcapng file.
    .help = Unpack it on the way: { $program } -dc { $path } | handshake read -
cli-capture-unknown-format = { $path } starts with { $start }, as neither pcap nor pcapng does.
    .help = editcap -F pcapng IN OUT converts other capture formats.
cli-capture-header-cut-off = { $path } ends after { $found } bytes, within its header of { $needed }.
    .help = The file was not copied whole, or the disk was full when it was written.
cli-capture-damaged-record = { $path }: damaged at byte { $offset }, after { $records } good records: the next one claims { $claimed } bytes, at most { $limit } can be.
cli-capture-damaged-block = { $path }: damaged at byte { $offset }, after { $records } good records: a block claims { $claimed } bytes, which cannot be.
cli-capture-damaged-contents = { $path }: damaged at byte { $offset }, after { $records } good records: a block contradicts its own length.
cli-capture-damaged-byte-order = { $path }: damaged at byte { $offset }, after { $records } good records: the byte-order mark is { $found }.
cli-capture-damaged-interfaces = { $path }: damaged at byte { $offset }, after { $records } good records: it describes more than { $limit } interfaces.
cli-capture-note-cut-off = { $path } ends within record { $record } ({ $found } of { $needed } bytes at byte { $offset }); the whole records before it were read.
cli-capture-note-unknown-interface = { $path }: from record { $record } on, { $count } records are on interface { $interface }, which the file does not describe; they were left out.
cli-capture-note-no-times = { $path }: from record { $record } on, { $count } records have no time; each took that of the record before it.
cli-capture-note-obsolete-packets = { $path }: from record { $record } on, { $count } records are in an obsolete kind of block and were left out.

# The summary of a capture
cli-read-head = { $path }: { $packets ->
        [one] 1 TCP packet
       *[other] { $packets } TCP packets
    } in { $span }, { $connections ->
        [one] 1 connection
       *[other] { $connections } connections
    }
cli-read-datagrams = UDP datagrams: { $count }
cli-read-others = IP packets that are neither TCP nor UDP: { $count }
cli-read-not-ip = frames that hold no readable IP packet: { $count }
cli-read-none-match = No connection uses this address or port.
cli-read-no-connections = There is no connection { $number }: the capture holds no TCP connection.
cli-read-no-connection = There is no connection { $number }; the last one is { $last }.
cli-read-findings = Packets in which something was found, by what it is:
cli-read-hint = `handshake read { $path } --connection N` explains one of them segment by segment.
cli-read-roles-guessed = which end is the client is a guess
cli-read-client = client
cli-read-server = server
cli-read-packet = packet
cli-read-packets = packets
cli-read-byte = byte
cli-read-bytes = bytes
cli-read-comma = {", "}
cli-read-resent = resent
cli-outcome-unanswered = never answered
cli-outcome-refused = refused
cli-outcome-incomplete = handshake not completed
cli-outcome-open = still open
cli-outcome-half-closed = half closed
cli-outcome-closed = closed
cli-outcome-reset = reset

# Short names of the findings
cli-finding-retransmission = retransmission
cli-finding-fast-retransmission = fast retransmission
cli-finding-spurious-retransmission = spurious retransmission
cli-finding-out-of-order = out of order
cli-finding-duplicate-ack = duplicate ACK
cli-finding-lost-segment = a segment before it was not captured
cli-finding-ack-lost-segment = acknowledges what was not captured
cli-finding-zero-window = zero window
cli-finding-zero-window-probe = zero-window probe
cli-finding-zero-window-probe-ack = answer to a zero-window probe
cli-finding-window-full = window full
cli-finding-window-update = window update
cli-finding-keep-alive = keep-alive
cli-finding-keep-alive-ack = answer to a keep-alive
cli-finding-reused-ports = ports used again
cli-finding-network-duplicate = duplicated by the network
cli-finding-missing-first-copy = resent, first copy not captured
cli-finding-unseen-resend = resend reported that was not captured
cli-finding-probe-below = zero-window probe, Linux's kind
cli-finding-syn-retransmission = SYN sent again
cli-finding-unanswered = SYN never answered
cli-finding-incomplete-handshake = handshake not completed
cli-finding-reset-refused = connection refused
cli-finding-reset-handshake = reset during the handshake
cli-finding-reset-abort = open connection broken off
cli-finding-reset-after-close = reset after its own close
cli-finding-reset-no-connection = reset: no such connection
cli-finding-reset-challenged = doubtful reset, challenged
cli-finding-reset-ignored = reset out of the window, ignored
cli-finding-challenge-ack = challenge ACK
cli-finding-half-close = data after the other end's FIN
cli-finding-simultaneous-open = simultaneous open
cli-finding-simultaneous-close = simultaneous close
cli-finding-time-wait = enters TIME-WAIT
cli-finding-bad-checksum = wrong checksum
cli-finding-offloaded-checksum = checksum left to the network card
cli-finding-mid-stream = capture began in the middle
cli-finding-sequence-wrap = sequence numbers wrap

# Scenarios
cli-run-unknown = There is no scenario "{ $name }".
    .help = `handshake list` shows them all; a file of your own needs its path: ./{ $name }.toml
cli-run-unknown-near = There is no scenario "{ $name }".
    .help = Did you mean { $near }? `handshake list` shows them all.
cli-run-not-text = { $path } is not text; expected a scenario, a TOML file.
    .help = If it is a capture: handshake read { $path }
cli-run-endless = The scenario "{ $name }" does not end by itself: { $seconds } s of virtual time were not enough.
    .help = Give it an end, a line such as: until = "60s"
cli-test-ok = { "ok     " }
cli-test-differs = { "DIFFERS" }
cli-test-sum = { $good } of { $all } as expected.

# The list
cli-list-start =
    First things to try:
      handshake run three-way           how a connection opens
      handshake run synack-lost         what happens when a segment is lost
      handshake run teardown --step     how it closes; Enter shows the next event
cli-list-more =
    `handshake run NAME` shows one, `handshake test` checks them all,
    `handshake read FILE` explains a capture, `handshake --help` tells the rest.
cli-group-open = Opening a connection
cli-group-queues = Queues and floods
cli-group-data = Data
cli-group-close = Closing, and TIME-WAIT
cli-group-reset = Resets and crashes
cli-group-udp = UDP
cli-group-what-if = What if TCP had less?
cli-group-more = More
cli-read-step-needs-connection = --step and --pace need --connection N: there is no one timeline of a whole capture.
