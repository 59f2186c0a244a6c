# What the analysis of a capture says about a packet, or about a whole connection: finding-KEY, one for each
# analyze::Finding. Sequence numbers are relative, counted from the initial ones.
# Variables, each only where PacketReport::numbers gives it: $seq the segment's number, $end the number after its
# last one, $octets = end − seq; $ack its acknowledgment number; $expected the number the sender was due to send;
# $acknowledged what the other end has acknowledged; $held how far the capture holds the other end's numbers;
# $millis since the sender's highest number; $count of duplicate ACKs in a row; $first the packet that first had
# this acknowledgment number; $window what the other end last offered, in octets; $before and $after this end's
# own window; $missing octets; $id the IP identification. Where an end is named, each end
# has a sentence of its own: .client and .server, by PacketReport::numbers' side, 0 and 1.

## In Wireshark's terms

finding-retransmission = Retransmission: numbers { $seq } up to { $end } were sent before, and no acknowledgment came in time. { $millis } ms have passed since this end's highest number went out.
finding-fast-retransmission = Fast retransmission: { $count } duplicate ACKs asked for number { $seq }, so its { $octets } octets are sent again at once, without waiting for the timer.
finding-spurious-retransmission = Spurious retransmission: numbers { $seq } up to { $end } are sent again although the other end has acknowledged everything below { $acknowledged }. The ACK was lost or late, not the data.
finding-out-of-order = Out of order: number { $expected } was due next, and here comes { $seq }. So soon after the later ones it was overtaken on its way, not sent again.
finding-duplicate-ack = Duplicate ACK number { $count }: ack = { $ack } again, as in packet { $first }. Something beyond { $ack } arrived, but { $ack } itself is still missing.
finding-lost-segment = A gap: { $expected } was due, { $seq } came. { $seq } − { $expected } = { $missing } numbers are missing: lost before this point, or overtaken, or not captured.
finding-ack-lost-segment = It acknowledges numbers below { $ack }, but the capture holds the other end's only up to { $held }. The receiver got them; the capture missed them.
finding-zero-window = Zero window: "stop sending". The receive buffer is full, because the program does not read.
finding-zero-window-probe = Zero-window probe: one octet into the closed window, to draw an answer. Without probes a lost window update would stall both ends for ever.
finding-zero-window-probe-ack = The answer to a zero-window probe: still no room.
finding-window-full = Window full: the last number reaches { $acknowledged } + { $window } = { $end }, all that the other end allowed. The sender must wait for an ACK.
finding-window-update = Window update: nothing new is acknowledged, the window just goes from { $before } to { $after } octets.
finding-keep-alive = Keep-alive: seq = { $seq } although { $expected } is due, one below. Anyone who is alive must answer such a segment with an ACK.
finding-keep-alive-ack = The answer to a keep-alive: the other end is alive.
finding-reused-ports = The same addresses and ports as an earlier connection, but another initial sequence number: a new connection begins.

## Beyond Wireshark's

finding-network-duplicate = The same packet twice (IP identification { $id }, same bytes): the network or the capture doubled it. A host that sends again makes a new IP packet.
finding-probe-below = A zero-window probe as Linux sends it: no new octet, but a number below the next one, so that the other end answers with its window. Wireshark calls it a keep-alive.
finding-missing-first-copy = Numbers { $seq } up to { $seq } + { $octets } appear here for the first time, but this looks like a resend: the first copy never reached the point of capture.
finding-unseen-resend = The ACK says by D-SACK that some octets arrived twice; the capture holds them once. A resend passed unseen, or the network doubled one behind this point.
finding-syn-retransmission = The SYN again, { $millis } ms after the one before. No answer came: it was lost, its answer was lost, or someone drops it in silence.
finding-unanswered = The SYN was never answered: the host is down, the way there is blocked, or a firewall drops SYNs in silence.
finding-incomplete-handshake = The handshake was not completed: the SYN,ACK got no ACK. The server keeps a half-open connection meanwhile; a SYN flood makes many of them.
finding-reset-refused = Refused: nobody listens on this port. connect() fails at once.
finding-reset-handshake = Reset during the handshake: this end does not want, or does not know, the connection that the other one is opening.
finding-reset-abort = Aborted: this end ends an open connection by RST instead of FIN. Data on the way is thrown away. Typical causes: close() with data unread, SO_LINGER of 0, or a program that was killed.
finding-reset-after-close = Reset after its own FIN: this end has closed completely, so data that still comes has no receiver.
finding-reset-no-connection = "No such connection": the RST's number { $seq } is copied from the acknowledgment it answers. This end has forgotten the connection, after a restart for example.
finding-reset-challenged = A RST with number { $seq }, where { $acknowledged } was due: inside the window of { $window }, but not exact. RFC 5961 answers with a challenge ACK instead of giving up the connection to a guess.
finding-reset-ignored = A RST with number { $seq }, outside the window of { $window } from { $acknowledged } on: it is ignored. A blind attacker's guess looks like this.
finding-challenge-ack = Challenge ACK: "if you really mean it, reset me with exactly this number". It answers a doubtful RST or SYN (RFC 5961).
finding-half-close = Half close: the other end has sent its FIN and can still receive. Each direction is closed on its own.
finding-simultaneous-open = Simultaneous open: both ends sent a SYN before they saw the other's. One connection comes of it, not two.
finding-simultaneous-close = Simultaneous close: both ends sent a FIN before they saw the other's. Both will be in TIME-WAIT.
finding-time-wait =
    .client = The client enters TIME-WAIT and stays there for twice a segment's lifetime: its last ACK may have to be sent again, and old segments must die out.
    .server = The server enters TIME-WAIT and stays there for twice a segment's lifetime: its last ACK may have to be sent again, and old segments must die out.
finding-bad-checksum = Bad checksum: damaged on its way. The receiver drops it in silence, as if it had never come.
finding-offloaded-checksum = The checksum was left to the network card, which fills it in after this point. Nothing is wrong.
finding-mid-stream = The capture begins in the middle of this connection: the handshake is not in it, so window scales and initial numbers are unknown.
finding-sequence-wrap = The sequence numbers pass 4294967295 and go on from 0. They are 32 bits wide and compared in a circle, so nothing breaks.
