# Segments explained from themselves alone, where no engine said why (captures, live traffic).
# Variables as in rules.ftl.

segment-syn = SYN: asks to open. It announces the first number { $seq } and takes it, so the first byte will be { $ends }.
segment-syn-again = The same SYN again: no answer came within { $waited }.
segment-syn-ack = SYN,ACK: acknowledges the SYN (ack = { $acks }) and offers its own first number { $seq }.
segment-syn-ack-again = The same SYN,ACK again: the third segment did not come within { $waited }.
segment-handshake-ack = ACK of the SYN: ack = { $acks }. Both ends now know both first numbers.
segment-data = { $len } bytes, from number { $seq } on; they will be acknowledged by { $ends }.
segment-data-again = The bytes from { $seq } on again, { $waited } after the last try.
segment-ack = ACK: everything before { $ack } has arrived (ack = { $acks }).
segment-ack-again = The same ack = { $ack } again: it still waits for { $ack }.
segment-ack-fin = ACK of the FIN: ack = { $acks }.
segment-window = The same ack = { $ack }, but a new window: win = { $win }.
segment-window-zero = win = 0: there is no room left; the other end must stop sending.
segment-fin = FIN: this end sends no more. It takes the number { $seq }, so its acknowledgment will be { $ends }.
segment-fin-data = The last { $len } bytes and the FIN in one segment: its acknowledgment will be { $ends }.
segment-fin-again = The same FIN again: it was not acknowledged within { $waited }.
segment-refused = RST,ACK in answer to the SYN (ack = { $acks }): nobody listens there, the connection is refused.
segment-rst = RST: this end tears the connection down, or knows nothing of it (seq = { $seq }).
segment-keepalive = seq = { $seq } is one below the next number: a keep-alive probe, "are you still there?"
segment-datagram = A UDP datagram of { $len } bytes: no connection, no number, no acknowledgment.

# What each state means: state-NAME, where no rule tells why it was entered.
state-closed = There is no connection.
state-listen = Waiting for anyone's SYN.
state-syn-sent = The SYN is sent; waiting for the SYN,ACK.
state-syn-received = Both SYNs have passed; waiting for the ACK of our own.
state-established = Open: data may flow both ways.
state-fin-wait-1 = This end closed first; waiting for the ACK of its FIN.
state-fin-wait-2 = Its FIN is acknowledged; waiting for the peer's FIN.
state-close-wait = The peer has closed; waiting for the program on this side to close too.
state-closing = Both closed at once; waiting for the ACK of the FIN.
state-last-ack = The peer closed first, now this end too; waiting for the last ACK.
state-time-wait = All is said; waiting 2MSL until old segments are dead.
