# What talks to this machine's kernel: what is not permitted, watch, capture, lab.

## What the system does not permit, and the way out
live-denied-user-namespace-limit = This system allows no user namespace, or no further one (user.max_user_namespaces), so no private network can be made.
    .help =
        Whoever administers it can allow them:
        {"  "}{ $command }
live-denied-net-namespace-limit = This system allows no network namespace, or no further one (user.max_net_namespaces), so no private network can be made.
    .help =
        Whoever administers it can allow them:
        {"  "}{ $command }
live-denied-unprivileged-clone-off = On this system only root may make user namespaces (kernel.unprivileged_userns_clone), so no private network can be made.
    .help =
        Whoever administers it can allow them:
        {"  "}{ $command }
live-denied-apparmor = AppArmor gives programs no rights inside their own user namespaces here, as on Ubuntu since 23.10, so no private network can be made.
    .help =
        Whoever administers it can lift that until the next start:
        {"  "}{ $command }
live-denied-seccomp = A filter forbids user namespaces here, as container engines do, so no private network can be made.
    .help =
        Start the container without that filter, for example:
        {"  "}{ $command }
live-denied-not-built = This kernel was built without user namespaces, so only root can make a private network.
    .help =
        As root it works:
        {"  "}{ $command }
live-denied-chroot = In a chroot the kernel makes no user namespaces, so only root can make a private network.
    .help =
        As root it works:
        {"  "}{ $command }
live-denied-capture-capability = Capturing on an interface needs the right CAP_NET_RAW, which you do not have.
    .help =
        Give it to this program once:
        {"  "}{ $command }
        `handshake watch` and `handshake lab` need no permission.
live-denied-tracing = This system forbids programs to follow the system calls of others, even of those that they started (Yama, or a container's filter).
    .help =
        Whoever administers it can allow it:
        {"  "}{ $command }
live-denied-unknown = The kernel refused ({ $errno }), and nothing that is known here explains why.
    .help =
        As root it may work:
        {"  "}{ $command }
live-failed = { $doing }: { $reason }
live-needs-linux = `handshake { $command }` talks to the Linux kernel and does not exist on this system.
    .help = Everything else works here; `handshake run` simulates.

## watch
live-watch-empty = Between two --and stands no program.
    .help = For example: handshake watch -- python3 server.py --and python3 client.py
live-watch-not-found = There is no program { $program }.
    .help = Give its name as in a shell, or its path: ./{ $program }
live-watch-not-executable = { $program } cannot be run: no permission, or it is no program.
    .help = A script runs with its interpreter, as python3 { $program }; or make it executable with chmod +x.
live-watch-not-started = { $program } could not be started: { $reason }
live-watch-names = --names gives { $names } names, but there are { $programs } programs.
live-watch-started = { $program } starts (process { $process })
live-watch-not-listening = { $program } has not called listen() or bind() so far; the next program starts nevertheless.
live-watch-stopping = { $program } would not end by itself: asked to end (SIGTERM).
live-watch-exited = { $program }: exit code { $code }
live-watch-killed = { $program }: ended by the signal { $signal }
live-watch-stopped = { $program }: ended by us
live-watch-not-run = { $program }: not started
live-watch-dropped = { $count } segments are missing: they came faster than they could be taken.
live-watch-time-up = The time is up (--duration).
live-watch-server-left = Nobody was left to talk to; --wait waits until every program ends by itself.
live-watch-unseen = { $program }: { $what }
live-watch-nothing = No program used the network.

## capture
live-capture-begins = Capturing on { $interface }; Ctrl-C ends it.
live-capture-no-interface = There is no interface { $interface }.
    .help = There are: { $interfaces }
live-capture-skipped = … { $count } packets not shown: too many to read. All are in the file.
live-capture-more-connections = … and { $count } connections more.
live-capture-counts = { $frames } packets captured, { $dropped } dropped by the kernel.
live-capture-dropped = What was dropped is missing above: some findings may come from the gaps. -w loses less, and so do --port and --host.
live-capture-not-shown = { $count } packets came faster than they could be written here, and are not shown.

## lab
live-lab-variant = { $variant } is broken on purpose: no kernel does that, only the simulator.
    .help = handshake run shows it.
live-lab-no-mss = The kernel of { $host } cannot leave the MSS option out of its SYN.
    .help = handshake run shows it; with --{ $host } engine our own TCP plays that host.
live-lab-itself = { $host } calls itself, and a kernel does that without a cable: nothing would pass our wire.
    .help = handshake run shows it.
live-lab-udp-engine = { $host } sends datagrams, and our engine is a TCP.
    .help = Leave that host to its kernel.
live-lab-no-host = The scenario has no host called { $host }.
    .help = --client and --server are for hosts of these names; without such names, for the first and the second.
live-lab-nobody = No host is left for the program to play: our own TCP plays all of them.
live-lab-only-one = -w and a program are for one scenario at a time.
live-lab-profile = The scenario's profile is { $profile }. Kernels are set to it where they have a setting: options, retries, shortest timeouts. Windows and delayed ACKs stay Linux's own.
live-lab-setting = { $host }: a kernel cannot be told { $setting }; it does as it always does.
live-lab-isn = { $host } opens passively, and a kernel then chooses its initial sequence number itself: numbers are shown relative to it.
live-lab-kernel = Linux { $release } on each host, in network namespaces of their own, joined by our wire. Built in { $setup }.
live-lab-refused = { $host }: this kernel refused { $setting } ({ $reason }).
live-lab-dead-fault = The fault “{ $fault }” met no packet.
live-lab-compared = Kernel and simulator, segment by segment. Numbers count from each side's first one.
live-lab-simulator = simulator
live-lab-kernel-column = kernel
live-lab-first-difference = The first difference.
live-lab-only-simulator = only in the simulator
live-lab-only-kernel = only from the kernel
live-lab-kernel-sends = kernel: { $segment }
live-lab-differs-in = differs in: { $aspects }
live-lab-separator = ,{" "}
live-lab-aspect-flags = control bits
live-lab-aspect-seq = sequence number
live-lab-aspect-ack = acknowledgment number
live-lab-aspect-len = length
live-lab-aspect-options = options
live-lab-aspect-fate = whether it was lost
live-lab-aspect-time = time
live-lab-states = The states of { $host } differ.
live-lab-states-simulator = simulator: { $states }
live-lab-states-kernel = kernel: { $states }
live-lab-known-found = Known (~ { $what }):
live-lab-known-gone = Known, but not seen any more ({ $what }): the scenario should not say so.
live-lab-verdict-same = The kernel does as the simulator: { $all } of { $all } segments, and every state.
live-lab-verdict-known = { $same } of { $all } segments are the same; the rest is known.
live-lab-verdict-differs = { $same } of { $all } segments are the same.
live-lab-stopped = The lab stopped after { $lasted }; the simulator goes on until { $simulated }. --limit SECONDS waits longer.
live-lab-late = This machine was busy: the lab itself was up to { $late } late, so times say little.
live-lab-runs = Run { $runs } times, because the lab itself had been late; this is the last run.
live-lab-kernel-some = Linux { $release } on { $hosts }, in a network namespace of its own, joined by our wire to our own TCP on { $engines }. Built in { $setup }.
live-lab-kernel-none = Our own TCP on each host, over real cables and our wire; no kernel's TCP takes part. Built in { $setup }.
live-lab-same = same
live-lab-known = known
live-lab-differs = DIFFERS
live-lab-unsuitable = not here
live-lab-line = { $same } of { $all } segments
live-lab-sum = { $same } as in the simulator, { $known } with known differences, { $differ } with others; { $unsuitable } that cannot be done here.
live-lab-received = { $host } received { $octets } bytes (CRC-32 { $crc }).
