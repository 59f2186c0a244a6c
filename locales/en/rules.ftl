# Why TCP does what it does: one message for each variant of tcp::Rule.
#
# rule-KEY is the rule and its reason; it has no variables and stands alone.
# .sent says what a segment sent by this rule is; .arrived what became of a segment it decided about.
# Their variables: $seq $ack $len $win are the segment's fields, $end is the number after its last one,
# $ends and $acks the same as arithmetic ("1000 + 1 = 1001"), $isn the sender's first number; on arrival
# $expected is RCV.NXT, $last the last number inside the window, $una and $nxt the receiver's SND.UNA and SND.NXT;
# $waited is the time since the segment was last sent, $count how often it has been sent now.

## No connection

rule-closed-ignores-reset = A RST is never answered by a RST; otherwise two hosts could reset each other for ever.
    .arrived = Nothing is open here that this RST could end: dropped.
rule-closed-resets-without-ack = A RST refuses at once, so that connect() fails now and not after minutes of silence.
    .sent = RST,ACK: nobody listens on this port. ack = { $acks } shows which segment is refused; there is no number of our own, so seq = 0.
    .arrived = There is neither a connection nor a listener here: refused.
rule-closed-resets-with-ack = Who knows nothing of a connection says so with RST; the other end may be talking to a host that has restarted.
    .sent = RST: no such connection here. Its seq = { $seq } is copied from the acknowledgment it answers, so the other end can trust it.
    .arrived = It belongs to a connection that is unknown here: answered with RST.

## LISTEN

rule-listen-ignores-reset = A listener has sent nothing yet, so there is nothing that a RST could be about.
    .arrived = RST to a listener: ignored.
rule-listen-resets-ack = A listener has sent nothing, so an ACK cannot acknowledge anything of it: the segment is from some older connection.
    .sent = RST with seq = { $seq }, copied from the stray acknowledgment.
    .arrived = An ACK for a connection that the listener knows nothing of: refused.
rule-listen-answers-syn = Confirming one start and announcing the other in a single segment is why three segments suffice, not four.
    .sent = SYN,ACK: "your SYN arrived (ack = { $acks }); my numbers start at { $seq }."
    .arrived = A SYN for the listener: the half-open connection goes into the SYN queue.
rule-listen-drops-other = Only a SYN can open a connection.
    .arrived = Neither SYN, ACK nor RST: a listener drops it.
rule-listen-drops-syn-fin = "Open" and "close" in one segment makes no sense; Linux drops it without an answer.
    .arrived = SYN with FIN: dropped.
rule-listen-syn-queue-full = A half-open connection costs memory, so their number is limited. The client will repeat its SYN; perhaps there is room then. A SYN flood lives off this.
    .arrived = The SYN queue is full: the SYN is dropped in silence.
rule-listen-accept-queue-full = While finished connections wait for accept(), Linux takes no new ones; silence makes the client try again later.
    .arrived = The accept queue is full, because the program does not call accept(): the SYN is dropped in silence.
rule-listen-sends-cookie = With the SYN queue full the server remembers nothing; everything it needs is computed into its sequence number, and comes back in the third segment.
    .sent = SYN,ACK with a cookie: seq = { $seq } is a keyed hash of addresses, ports and time; ack = { $acks } as always.
    .arrived = The SYN queue is full, so this SYN gets a cookie instead of a place in it.
rule-cookie-accepted = Whoever returns the cookie received it, so the address is real; the connection is built from the cookie's bits now.
    .arrived = ack − 1 is a cookie that this server made: accepted.
rule-cookie-rejected = An ACK without a valid cookie answers nothing that this server sent.
    .sent = RST with seq = { $seq }: the cookie is not one of ours.
    .arrived = ack − 1 is no valid cookie: refused.
rule-accept-queue-full-drops-ack = The server acts as if the third segment had been lost: its SYN,ACK will be repeated, and the next ACK may find room. The client already believes the connection is open.
    .arrived = The accept queue filled up during the handshake: this ACK is dropped.
rule-accept-queue-full-resets = With tcp_abort_on_overflow=1 Linux tells the client at once that it cannot be served.
    .sent = RST: the handshake was fine, but the accept queue is full.
    .arrived = The accept queue is full, and this host is set to refuse.
rule-fast-open-gives-cookie = The cookie proves at the next connection that the client really has this address, so data may come with the SYN then.
    .sent = SYN,ACK with a Fast Open cookie; ack = { $acks }, seq = { $seq }.
    .arrived = The SYN asks for a Fast Open cookie.
rule-fast-open-accepts-data = The cookie was made for this client's address, so the data need not wait for the handshake: one round trip is saved.
    .sent = SYN,ACK takes the SYN and its data together: ack = { $acks }.
    .arrived = The cookie is valid: the { $len } bytes on the SYN go to the program at once.
rule-fast-open-rejects-data = Without a valid cookie anyone could have sent this SYN; the data must come again after the handshake.
    .sent = SYN,ACK takes the SYN alone, not its data: ack = { $ack }, seq = { $seq }.
    .arrived = No valid Fast Open cookie: the { $len } bytes on the SYN are ignored.
rule-listener-closed-resets = The connections in the queues have no program any more that could accept them.
    .sent = RST: the listener was closed before anyone accepted this connection.

## SYN-SENT

rule-syn-sent-bad-ack-resets = The answer is to some older SYN, not to ours. The RST makes the other end drop its half-open connection, and ours still waits for its own answer.
    .sent = RST with seq = { $seq }, the number that was wrongly acknowledged.
    .arrived = ack = { $ack }, but our SYN would be acknowledged by { $nxt }: not an answer to it.
rule-syn-sent-bad-ack-with-reset = A RST counts only if it shows that it saw our SYN; anybody could send this one.
    .arrived = RST with the wrong ack = { $ack } (ours would be { $nxt }): dropped.
rule-syn-sent-refused = The host is there, but nobody listens on that port: connect() fails with ECONNREFUSED.
    .arrived = The RST acknowledges our SYN (ack = { $ack }), so it is meant for us.
rule-syn-sent-reset-without-ack = Without an acknowledgment the RST cannot show that it saw our SYN.
    .arrived = A RST without ACK proves nothing: dropped.
rule-syn-sent-established = On this side both starts are known and confirmed. The other side cannot know that yet.
    .sent = ACK: ack = { $acks }. Now the server learns that its SYN arrived.
    .arrived = The SYN,ACK confirms our SYN (ack = { $ack }) and brings the peer's start.
rule-syn-sent-simultaneous = Both ends called connect() and their SYNs crossed. TCP makes one connection out of it, not two.
    .sent = SYN,ACK: our SYN again (seq = { $seq }), now confirming theirs: ack = { $acks }.
    .arrived = A SYN instead of a SYN,ACK: the other end is opening too.
rule-syn-sent-drops-other = Before the SYNs are exchanged no other segment means anything.
    .arrived = Neither SYN nor RST: dropped, we still wait for the SYN,ACK.
rule-syn-sent-retries-at-once = The RST has cleared the old half-open connection away, so Linux does not wait for its timer.
    .sent = The SYN again, at once: seq = { $seq }.
rule-syn-sent-ignores-text = Data on a SYN,ACK is not taken yet; it will come again once the connection is open.
    .arrived = The { $len } bytes of data on the SYN,ACK are left aside.

## Is it inside the window?

rule-sequence-unacceptable = Only numbers inside the receive window are believed; the ACK tells an honest peer where we really are.
    .sent = ACK to put the peer right: "I expect { $ack }".
    .arrived = seq = { $seq } lies outside the receive window { $expected } … { $last }: not taken.
rule-sequence-unacceptable-reset = A RST from outside the window is an old one or a forgery, and an answer would only help the forger.
    .arrived = RST with seq = { $seq }, outside the window { $expected } … { $last }: dropped in silence.
rule-zero-window-unacceptable = With a closed window there is no room for even one byte; the ACK repeats that, and one day it will carry an open window.
    .sent = ACK: still win = { $win }, still waiting for { $ack }.
    .arrived = Our window is closed (win = 0): the data cannot be taken.
rule-keepalive-answered = The probe carries an old number on purpose: it is outside the window, so an ACK must follow, and that shows somebody is alive here.
    .sent = ACK: "still here, I expect { $ack }".
    .arrived = seq = { $seq } is one below what we expect ({ $expected }): a keep-alive probe.
rule-paws-rejects = Timestamps only grow within a connection, so an older one unmasks a segment that wandered in the network for too long, even when its number fits again.
    .sent = ACK: the segment was too old; we expect { $ack }.
    .arrived = Its timestamp is older than the last one we took: an old segment, dropped.

## RST

rule-reset-returns-to-listen = The SYN was perhaps an old one, and its sender takes it back. A passive open goes on listening as if nothing had happened.
    .arrived = RST for the half-open connection: it is removed from the SYN queue.
rule-reset-refuses-active-open = This end had called connect() itself, so its program must be told: ECONNREFUSED.
    .arrived = RST during a simultaneous open: refused.
rule-reset-accepted = Only a RST with exactly the next number is obeyed; a blind guess succeeds once in 2³² tries. Data under way is lost.
    .arrived = RST with seq = { $seq }, exactly what we expect: the connection is torn down.
rule-reset-while-closing = Both sides had finished anyway; the RST just cuts the farewell short.
    .arrived = RST with seq = { $seq }, as expected, while closing: it is over.
rule-reset-challenged = It may be a guess. A real peer that lost its connection answers the challenge with an exact RST; a forger never sees the challenge.
    .sent = Challenge ACK: "did you mean that? I expect { $ack }".
    .arrived = RST with seq = { $seq }, inside the window but not exactly { $expected }: not obeyed.
rule-reset-just-below-window = After the peer's FIN the expected number moved by one; Linux forgives a RST that does not count the FIN yet.
    .arrived = RST with seq = { $seq }, one below { $expected }: taken, as the FIN made the difference.
rule-time-wait-ignores-reset = TIME-WAIT protects the next connection from old segments; a stray RST must not end it ("TIME-WAIT assassination").
    .arrived = RST in TIME-WAIT: ignored.
rule-time-wait-ended-by-reset = RFC 9293 and Linux's default (tcp_rfc1337=0) obey the RST; RFC 1337 calls it "assassination", as old segments may now hit a new connection.
    .arrived = RST in TIME-WAIT: it ends the wait early.

## SYN where none should be

rule-syn-returns-to-listen = A different SYN for the same half-open connection: the client has started anew, and so do we.
    .arrived = A new SYN (seq = { $seq }) for a half-open connection: the old attempt is forgotten.
rule-syn-challenged = Is it a forgery, or has the peer restarted? The challenge ACK finds out: a peer that knows nothing of it answers with an exact RST, and that clears the way.
    .sent = Challenge ACK: "this connection is open, I expect { $ack }".
    .arrived = A SYN on a connection that is already open: not obeyed.
rule-syn-repeated = The peer has not heard our SYN,ACK. RFC 9293 answers with an ACK that says where we are; Linux sends the SYN,ACK again.
    .sent = { $flags ->
        [ACK] ACK: seq = { $seq }, ack = { $acks }. The SYN was taken before; this is where we are.
       *[other] SYN,ACK again: seq = { $seq }, ack = { $acks }.
    }
    .arrived = The same SYN (seq = { $seq }) once more: our answer must have been lost.
rule-syn-ack-repeated = An ACK is never repeated by itself; the peer's repetition asks for it. So the loss of the third segment is made good.
    .sent = ACK once more: ack = { $acks }. The SYN,ACK was taken before.
    .arrived = The same SYN,ACK (seq = { $seq }) once more: our ACK of it must have been lost.
rule-time-wait-accepts-syn = Its number (or timestamp) is above everything the old connection used, so old and new cannot be mixed up: the port may be used again at once.
    .sent = SYN,ACK out of TIME-WAIT: seq = { $seq }, ack = { $acks }.
    .arrived = SYN with seq = { $seq }, above the old connection's { $expected }: accepted.
rule-time-wait-refuses-syn = The number may belong to the old connection; it is answered as an old segment is. A real client will answer with RST and try again.
    .sent = The last ACK again: ack = { $ack }.
    .arrived = SYN with seq = { $seq }, not above the old connection's { $expected }: not accepted.

## ACK

rule-no-ack-dropped = After the handshake every segment carries ACK; one without it is not from our peer.
    .arrived = No ACK bit: dropped.
rule-ack-too-old = Nobody honest acknowledges numbers from before the last window; someone may be guessing. The challenge ACK gives nothing away.
    .sent = Challenge ACK: we expect { $ack }.
    .arrived = ack = { $ack } is far below what has long been acknowledged ({ $una }): not believed.
rule-ack-of-unsent = One can only acknowledge what has been sent.
    .sent = ACK: puts the peer right: our seq = { $seq }, and we expect { $ack }.
    .arrived = ack = { $ack }, but we have only sent up to { $nxt }: not taken.
rule-syn-received-established = Only now do both ends know that each can send and be heard. Two segments could not show that.
    .arrived = ack = { $ack } confirms our SYN: the connection is open here too.
rule-syn-received-bad-ack = It is not the answer to our SYN,ACK: perhaps from an old connection.
    .sent = RST with seq = { $seq }, copied from the wrong acknowledgment.
    .arrived = ack = { $ack }, but our SYN is acknowledged by { $nxt }: refused.
rule-ack-advances = An acknowledgment is cumulative: it names the next number expected, so everything before it has arrived.
    .arrived = ack = { $ack }: everything before { $ack } has arrived there.
rule-ack-duplicate = The peer repeats the number it waits for. One such ACK may be mere reordering; three mean that a segment is missing.
    .arrived = ack = { $ack } again, though more is under way: a duplicate ACK.
rule-ack-repeats-nothing-new = Nothing that was still open is acknowledged by it.
    .arrived = ack = { $ack }: nothing new.
rule-window-updated = The window says how many bytes beyond ack the receiver has room for.
    .arrived = win = { $win }: the peer announces a new window.
rule-fin-acknowledged = The connection is half closed now: the peer may go on sending.
    .arrived = ack = { $ack } covers our FIN.
rule-closing-fin-acknowledged = Both FINs are sent and acknowledged; what is left is to wait until old segments have died.
    .arrived = ack = { $ack } covers our FIN: the simultaneous close is complete.
rule-last-ack-fin-acknowledged = The second closer need not wait: TIME-WAIT is the first closer's part.
    .arrived = ack = { $ack } covers our FIN: closed.
rule-time-wait-fin-repeated = Our last ACK got lost, so the peer repeats its FIN. TIME-WAIT exists for this moment; its 2MSL start over.
    .sent = The last ACK once more: ack = { $acks }.
    .arrived = The peer's FIN again: it has not heard our last ACK.

## Urgent pointer and data

rule-urgent-advances = The urgent pointer only tells the program to hurry; the data stays in its order.
    .arrived = URG: the urgent data ends further ahead now.
rule-text-accepted = Data is delivered strictly in order; the next expected number moves on by its length.
    .arrived = { $len } bytes from { $seq } on, in order: next we expect { $ends }.
rule-text-held = TCP delivers in order only, so what comes after a gap waits in the buffer.
    .arrived = seq = { $seq }, but { $expected } is missing: the { $len } bytes are kept until the gap fills.
rule-text-fills-gap = The missing piece is there, so everything kept behind it can be delivered too, and the sender should know at once.
    .sent = ACK: the gap is filled, ack jumps to { $ack }.
    .arrived = The { $len } bytes from { $seq } on fill the gap.
rule-text-duplicate = It came before; probably our ACK was lost or late. The ACK is repeated, so that the peer stops repeating.
    .sent = ACK again: "I have everything before { $ack }".
    .arrived = The bytes from { $seq } on came before (we expect { $expected }): thrown away.
rule-text-after-close = The program has closed and will never read this. Taking data silently would be a lie, so the peer is told with RST.
    .sent = RST with seq = { $seq }: nobody reads here any more.
    .arrived = { $len } bytes arrive, but the program has already closed.
rule-text-after-peer-fin = The peer's FIN said that nothing comes after it.
    .arrived = Data beyond the peer's own FIN: ignored.
rule-fast-open-data-established = With Fast Open the data of the SYN is delivered before the handshake is complete.
    .arrived = The { $len } bytes on the SYN are delivered.

## FIN

rule-fin-to-close-wait = recv() returns 0 once all is read, and we may still send. If our program forgets to close(), CLOSE-WAIT stays for ever.
    .arrived = FIN: the peer sends no more. We acknowledge it with { $end }.
rule-fin-to-closing = Both ends called close() at the same time and the FINs crossed; each still waits for the ACK of its own.
    .arrived = The peer's FIN comes before the ACK of ours: a simultaneous close.
rule-fin-to-time-wait = The first closer waits for 2MSL: its last ACK may get lost, and old segments must die before these ports are used again.
    .arrived = The peer's FIN: both directions are closed.
rule-fin-with-ack-to-time-wait = The four segments of the teardown became three. The first closer waits for 2MSL: its last ACK may get lost, and old segments must die.
    .arrived = FIN,ACK: ack = { $ack } covers our FIN, and the peer's own comes with it.
rule-fin-held = The FIN counts only once all data before it is there.
    .arrived = FIN, but { $expected } is still missing: the FIN is kept until the gap fills.
rule-fin-repeated = The peer has not heard our ACK of its FIN, so it repeats the FIN, and we repeat the ACK.
    .sent = ACK of the FIN again: ack = { $ack }.
    .arrived = The same FIN once more.

## Calls

rule-open-passive = listen() sends nothing. From now on SYNs are welcome; two queues keep the half-open connections and those waiting for accept().
rule-open-active = Each end numbers its bytes from a start of its own, the ISN. A SYN counts like one byte, so that it can be acknowledged.
    .sent = SYN: "let us connect; my numbers start at { $seq }." The SYN takes that one, so the first byte will be { $ends }.
rule-open-fast-open = The client already has this server's cookie, so its data need not wait for the handshake.
    .sent = SYN with a Fast Open cookie and { $len } bytes of data: they end at { $ends }.
rule-open-asks-cookie = The empty Fast Open option asks for a cookie; at the next connection data may go with the SYN.
    .sent = SYN with seq = { $seq }, asking for a Fast Open cookie.
rule-sends-text = seq is the number of the first byte; ack will be the number after the last one that arrived.
    .sent = { $len } bytes from number { $seq } on; their acknowledgment will be { $ends }.
rule-sends-handshake-ack = It takes no number, so it is never acknowledged and never repeated; if it gets lost, the next data does its work.
    .sent = ACK: ack = { $acks }. Now the peer learns that its SYN arrived.
rule-close-listen = The listener is gone; there is no peer to tell.
rule-close-syn-sent = No connection exists yet, so nothing needs to be said: the attempt is just dropped.
rule-close-syn-received = The connection is closed before it was ever used; the peer is told by a FIN as usual.
rule-close-established = close() says: I send no more. The other direction stays open until the peer closes too, hence four segments.
    .sent = FIN: "nothing more to send." It takes number { $seq }; its acknowledgment will be { $ends }.
rule-close-close-wait = The peer closed first; with our FIN the other direction ends too.
    .sent = FIN: our side has finished too. Its acknowledgment will be { $ends }.
rule-sends-fin = A FIN goes after all data and counts like one byte, so it can be acknowledged and repeated.
    .sent = FIN: "nothing more to send." It takes number { $seq }; its acknowledgment will be { $ends }.
rule-close-with-unread-text = A FIN would pretend that all went well. The RST tells the peer that its data was never read.
    .sent = RST: the program closed without reading what had arrived.
rule-linger-zero = close() with SO_LINGER set to zero throws the connection away: no FIN, no TIME-WAIT, data under way may be lost.
    .sent = RST with seq = { $seq } instead of a FIN.
rule-abort-sends-reset = An abort drops everything at once; the peer learns it from the RST.
    .sent = RST with seq = { $seq }: connection aborted.
rule-abort-silent = There is no peer yet, or it has said goodbye already; nobody needs a RST.

## Acknowledging

rule-acks-at-once = Some segments must be acknowledged without delay.
    .sent = ACK: ack = { $acks }.
rule-acks-every-second-segment = ACKs may be delayed to save segments, but at least every second full segment should be acknowledged, or the sender would stall.
    .sent = ACK of two segments together: ack = { $acks }.
rule-acks-out-of-order = A gap is announced at once by repeating the last number; after three such ACKs the sender repeats the missing segment without waiting for its timer.
    .sent = Duplicate ACK: "I still wait for { $ack }".
rule-acks-fin = A FIN counts like one byte: hence the + 1.
    .sent = ACK of the FIN: ack = { $acks }.
rule-ack-delayed = The ACK waits a moment (at most 0.5 s): perhaps it can ride on data of our own.
rule-ack-delay-expired = No data of our own came up for the ACK to ride on, so it goes alone.
    .sent = The delayed ACK: ack = { $acks }.
rule-ack-quick = At the start of a connection Linux does not delay its ACKs, so that the sender may speed up.
    .sent = ACK at once: ack = { $acks }.
rule-challenge-limited = Challenge ACKs are limited in number, so that nobody can use this host to flood another.
    .arrived = A challenge ACK would be due, but there were too many lately: silence.
rule-window-opens = The program has read, so there is room again. A sender that waits at a closed window must hear of it.
    .sent = ACK just for the window: win = { $win }.
rule-reports-duplicate = The first SACK block (D-SACK) names bytes that came twice; from it the sender learns that its repetition was not needed.
    .sent = ACK: ack = { $ack }, and its SACK block names what came twice.

## Holding back

rule-nagle-holds = Nagle's algorithm: while data is unacknowledged, small pieces are collected instead of being sent one by one. TCP_NODELAY switches it off.
rule-silly-window-holds = A tiny window is not worth a segment: the header would outweigh the data. The sender waits for a useful one.
rule-window-closed-holds = The peer has no room (win = 0). Sending stops, and the persist timer will ask from time to time.
rule-congestion-holds = The network, not the peer, sets this limit: no more may be under way than the congestion window allows.

## Repeating

rule-retransmit-timeout = The oldest unacknowledged segment is repeated, and the timer doubles, so that a crowded network can recover.
    .sent = No ACK within { $waited }: the bytes from { $seq } on again (sending no. { $count }).
rule-syn-timeout = The SYN or its answer got lost; the client cannot know which. It repeats the same SYN and waits twice as long each time.
    .sent = No answer within { $waited }: the same SYN again (sending no. { $count }).
rule-syn-timeout-linear = Linux repeats the first SYNs (4 by default, since 6.5) after one second each, and only then doubles the wait.
    .sent = No answer within { $waited }: the same SYN again (sending no. { $count }).
rule-syn-ack-timeout = An ACK alone is never repeated by the client; the repeated SYN,ACK is what repairs its loss.
    .sent = No ACK within { $waited }: the same SYN,ACK again (sending no. { $count }).
rule-fin-timeout = A FIN counts like a byte, so it is repeated like data until it is acknowledged.
    .sent = No ACK within { $waited }: the same FIN again (sending no. { $count }).
rule-retransmissions-mount = Three repetitions without an answer (R1): the path may be dead, so the program is told while the trying goes on until R2.
rule-gives-up = After too many repetitions the peer counts as gone; the program gets ETIMEDOUT.
    .sent = RST: given up; if the peer is still there, it should know.
rule-syn-gives-up = No SYN was ever answered: connect() fails with ETIMEDOUT. A host that refuses would have sent a RST; this one stays silent.
rule-syn-ack-gives-up = No SYN,ACK was ever answered: the half-open connection is forgotten and its place in the SYN queue is free.
    .sent = RST: the half-open connection is given up.
rule-orphan-gives-up = After close() no program waits for this connection any more, so Linux gives up sooner (tcp_orphan_retries) than for one in use.
    .sent = RST: the orphaned connection is given up.
rule-tail-loss-probe = When the last segments of a flight are lost, no later ones bring duplicate ACKs. So Linux probes after about two round trips instead of waiting for the timer.
    .sent = A probe for lost last segments: { $seq } again, before the timer.
rule-fast-retransmit = Three duplicate ACKs prove that later segments arrived and this one did not: no need to wait for the timer.
    .sent = The missing segment from { $seq } on again, before its timer.
rule-limited-transmit = Each of the first two duplicate ACKs shows that a segment has left the network, so a new one may go: it helps to reach the third duplicate.
    .sent = New data from { $seq } on, let out by a duplicate ACK.
rule-partial-ack-retransmits = In recovery an ACK that covers only part of what was under way points at the next gap.
    .sent = The next missing segment, from { $seq } on, again.
rule-sack-retransmits = SACK blocks tell exactly what arrived, so exactly the holes are repeated.
    .sent = The hole from { $seq } on is sent again.
rule-recovery-ends = Everything that was under way when the loss was noticed is acknowledged; sending goes on at half the former pace.
rule-slow-start-grows = Slow start: each ACK lets the congestion window grow by one segment, so it doubles every round trip until a loss or the threshold.
rule-karn-skips-sample = Karn's rule: after a repetition nobody knows which copy the ACK is for, so it says nothing about the round-trip time.

## Timers

rule-zero-window-probe = The ACK that opens the window may have been lost, and then both would wait for ever. One byte, sent from time to time, asks.
    .sent = Window probe with one byte, seq = { $seq }: "is there room now?"
rule-keepalive-probe = Long silence: is the peer still there? The probe repeats an old number (SND.NXT − 1), which must be answered by an ACK and changes nothing.
    .sent = Keep-alive probe: seq = { $seq }, one below the next number.
rule-keepalive-gives-up = No probe was answered: the peer has crashed or the line is cut. The program gets ETIMEDOUT.
    .sent = RST: no keep-alive probe was answered.
rule-user-timeout-expires = The program's own limit (TCP_USER_TIMEOUT) for unacknowledged data has passed.
    .sent = RST: the user timeout has passed.
rule-time-wait-expires = 2MSL have passed: old segments are dead, and the pair of ports is free again.
rule-fin-wait-2-expires = The program has closed and the peer never sent its FIN. Linux does not wait for ever (tcp_fin_timeout, 60 s; it limits FIN-WAIT-2 and not TIME-WAIT).
rule-time-wait-recycled = tcp_tw_reuse: a client's new connection may take over a port in TIME-WAIT when timestamps can tell old segments from new.

## Whole packets

rule-bad-checksum-dropped = Damaged on the way. Nothing in it can be trusted, not even who sent it: no answer. The sender's timer will repeat it.
    .arrived = The checksum is wrong: dropped in silence.
rule-bad-address-dropped = TCP connects exactly two hosts; a broadcast or multicast address cannot be one of them.
    .arrived = From or to a broadcast or multicast address: dropped.
rule-unreachable-soft = An ICMP "unreachable" may be forged or pass by soon; it is remembered, but only the timeout ends the attempt.

## Broken on purpose

rule-two-way-established = Broken on purpose (two-way handshake): the server believes the SYN alone. An old duplicate SYN now leaves it with a connection that nobody wants.
    .sent = SYN,ACK: seq = { $seq }, ack = { $acks }; the server counts the connection as open already.
    .arrived = A SYN alone opens the connection here.
rule-no-time-wait = Broken on purpose (no TIME-WAIT): the port pair is free at once, and an old segment may land in the next connection.
rule-reset-unchecked = Broken on purpose: any RST is obeyed, whatever its number. Anyone can cut the connection.
    .arrived = RST with seq = { $seq }, obeyed although { $expected } was expected.
