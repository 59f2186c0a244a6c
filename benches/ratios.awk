#!/usr/bin/awk -f
# Reads what divan prints and says, in each group, how many times as long as ours each peer takes, at its fastest: on a
# shared machine that is what the code costs, and the rest is what the neighbours cost.
#     cargo bench --bench wire | awk -f benches/ratios.awk
function nanoseconds(number, unit) {
    return number * (unit == "ns" ? 1 : unit == "µs" ? 1e3 : unit == "ms" ? 1e6 : 1e9)
}
{
    line = $0
    gsub(/[│├╰─]/, " ", line)
    fields = split(line, part, " ")
    # A contestant's line: name, then fastest, slowest, median and mean, each a number and its unit.
    if (fields >= 9 && part[3] ~ /^(ns|µs|ms|s)$/) {
        peers++
        name[peers] = part[1]
        time[peers] = nanoseconds(part[2], part[3])
        if (part[1] == "handshake") ours = time[peers]
    } else if (fields >= 1) {
        show()
        group = part[1]
    }
}
END { show() }
function show(    peer) {
    if (ours > 0)
        for (peer = 1; peer <= peers; peer++)
            printf "%-22s %-24s %8.1f ns  %5.2fx\n", group, name[peer], time[peer], time[peer] / ours
    peers = 0
    ours = 0
}
