# The socket demos. Lines stay below 75 columns: explanations are indented by five.

## What is said
demo-udp-waiting = UDP server on { $address }, waiting for datagrams. Ctrl-C ends it.
demo-tcp-waiting = TCP server on { $address }, waiting for calls. Ctrl-C ends it.
demo-timeline-calls-only = The timeline shows this end's calls alone, without the segments.
    .help =
        Without a role, `handshake demo { $demo }` runs both ends in a network of
        their own and shows the segments too. That needs no permission.
demo-udp-sending-to = Each line goes to { $address } as one datagram. Ctrl-D ends.
demo-connected = Connected to { $address }.
demo-call-from = A call from { $address }
demo-message-from = Message from [{ $address }]: { $text }
demo-message-from-friend = Message from [{ $address }] { $name }: { $text }
demo-answer-from = { $text }  (from { $address })
demo-heard = { $text }
demo-heard-from = [{ $address }] { $text }
demo-said = Said: { $text }
demo-said-together = Sent { $messages } messages, { $bytes } bytes in all, without a pause between them.
demo-answered = Answered: { $text }
demo-hung-up = { $address } has hung up.
demo-hung-up-wordless = { $address } has hung up without a word.
demo-we-hang-up = { $address } keeps the line open; we hang up.
demo-bye = Bye.
demo-friend = { $number }  { $name }  { $address }
demo-unknown-friend = Nobody called "{ $name }" is in the address book.
demo-datagram-refused = Nobody listens on { $address }.
demo-no-answer-yet = No answer within { $seconds } s.
demo-message-too-long = A message of { $bytes } bytes is too long: its length does not fit into 4 bytes.
demo-text-goes-on = ... ({ $more } more characters)

## Prompts
demo-prompt = >>:
demo-reply-prompt = Your reply:
demo-friend-prompt = Whom to talk with (name or number):
demo-chat-prompt = To { $name } (quit ends the chat):

## Why something happened
demo-why-wide =
    { $address } is not a loopback address: everyone who can reach this
    machine can reach this program.
demo-why-escaped =
    That text holds control characters, which a terminal obeys instead of
    showing (colours, moving the cursor, clearing the screen). They are shown
    as \x1b and the like. The notes' print() would hand them to your
    terminal.
demo-why-not-utf8 =
    Bytes in that which are no UTF-8: { $bytes }, shown as \xNN. Perhaps the peer
    writes GBK. The notes' decode('utf-8') would raise UnicodeDecodeError and
    end the program.
demo-why-cut-character =
    That read ended inside a character, { $bytes } of its bytes wait for the next
    read: a Chinese character is 3 bytes long, and TCP cuts anywhere. The
    notes' decode('utf-8') would raise UnicodeDecodeError here.
demo-why-empty-datagram =
    A datagram may be empty: recvfrom() then gives 0 bytes, and that is a
    message like any other. Only in TCP do 0 bytes mean that the peer has
    hung up.
demo-why-long-datagram =
    That was one datagram of { $bytes } bytes. recvfrom(1024) of the notes would
    have given 1024 of them, and the other { $lost } would be gone for good: the
    rest of a datagram does not wait for the next recvfrom().
demo-why-datagram-refused =
    The other machine answered with ICMP "port unreachable": no program is
    bound to that port. Start the server first. The notes' client never
    learns of this and waits in recvfrom() for ever.
demo-why-silence =
    UDP promises nothing: the datagram or the answer may be lost, or nobody
    answers. An answer that comes later is still shown. The notes' client
    would wait in recvfrom() for ever.
demo-why-late =
    That came when nobody waited for it: an answer that took longer, or a
    second one. The notes' client would take it for the answer to the next
    message.
demo-why-somebody-else =
    That is not from { $address }: a UDP socket takes datagrams from
    anybody. The sender's address is all that tells them apart.
demo-why-hung-up =
    recv() gave 0 bytes: the peer has closed its side (FIN), and nothing more
    will come. The notes' loop would go on reading 0 bytes without end.
demo-why-waiting =
    Still no answer from { $address }. The connection stands; recv()
    waits until something comes. The message was sent without a line's end,
    as the notes do it: does the server wait for one? Ctrl-C ends.
demo-why-buffer-full =
    That read filled the buffer of { $bytes } bytes: a long message comes in
    several reads, and several short ones may come in one. TCP carries bytes
    and knows no messages (try --framed at both ends).
demo-why-many-reads =
    That came in { $reads } reads ({ $bytes } bytes): TCP carries bytes and knows no
    messages. One recv(1024), as in the notes, gives the first piece; the
    rest would be taken for the beginning of the next message.
demo-why-stuck-together =
    Messages sent: { $messages }. What came back: { $bytes } bytes, in { $reads } recv(). Where one
    message ends and the next begins, TCP does not say: they stick together.
    With --framed at both ends each goes behind its length.
demo-why-kept-apart =
    Messages that came back whole: { $messages }, out of { $bytes } bytes in { $reads } recv(). The
    length in front of each says where it ends, however the reads fall.
demo-why-many-in-one-read =
    One recv() of { $bytes } bytes held { $messages } messages. The length in front of each
    says where it ends; without it they would be one text.
demo-why-one-in-many-reads =
    That message of { $bytes } bytes came in { $reads } reads. The length in front of it
    said how much to wait for; without it each read would pass for a message.
demo-why-partial-send =
    send() took { $first } of { $bytes } bytes at first: it may take less than it is
    offered and says how much. The rest went in { $calls } calls in all. The notes
    ignore what send() returns; Python's sendall() does not.
demo-why-deaf-peer =
    { $address } sends but does not read our answers: its buffers and
    ours are full, and send() would wait. If it waits in its own send(), both
    wait for ever: whoever sends much must read meanwhile.
demo-why-said-after-answer =
    The caller was still talking: TCP does not say where a message ends, so
    the answer came too early. The rest is read before the line is closed:
    closing with something unread sends RST, and the peer may lose the
    answer.
demo-why-unasked =
    That came without being asked for: the rest of an earlier answer, or a
    server that speaks on its own.

## What went wrong, and in .help the way out
demo-error-bad-address = "{ $given }" is no address
    .help =
        Write a port (9000), or host and port: 127.0.0.1:9000, [::1]:9000,
        localhost:9000.
demo-error-unknown-host = Nobody knows a machine called "{ $host }"
demo-error-friends-at = { $file }, line { $line }, column { $column }: { $problem }
    .help =
        Each line is NAME = "HOST:PORT", with quotes around names that are not
        plain ASCII.
demo-error-friends = { $file }: { $problem }
    .help = A list of friends has lines NAME = "HOST:PORT".
demo-error-address-in-use = { $address } is taken: another program has it (EADDRINUSE)
    .help = End it, or choose another port; "ss -lntup" shows who has it.
demo-error-not-my-address =
    { $address } is no address of this machine
    .help = 127.0.0.1 always is one.
demo-error-no-local-port = No free port or address is left here to call { $address } from
demo-error-port-needs-permission =
    Port { $port } needs permission (ports below 1024 usually do)
    .help =
        Choose a higher one, or allow it:
        sudo sysctl net.ipv4.ip_unprivileged_port_start={ $port }
demo-error-connect-refused =
    Nobody listens on { $address } (ECONNREFUSED)
    .help =
        The SYN was answered with RST. Start the server first. The notes ignore
        what connect_ex() returns, and their client fails later, in send() or
        recv().
demo-error-datagram-refused = Nobody listens on { $address } (ECONNREFUSED)
demo-error-connect-timed-out = No answer from { $address }, not even a refusal (ETIMEDOUT)
    .help = The machine is off, or a firewall swallows the SYN.
demo-error-peer-silent =
    { $address } does not acknowledge what was sent (ETIMEDOUT)
demo-error-reset = { $address } has reset the connection (RST, ECONNRESET)
    .help =
        Its program died, or closed the line with something unread. What was
        under way is lost.
demo-error-broken-pipe = { $address } takes nothing more: the line is closed (EPIPE)
demo-error-unreachable = No network leads to { $address } ({ $reason })
demo-error-datagram-too-long = That is too long for one datagram (EMSGSIZE)
    .help =
        UDP over IPv4 carries 65507 bytes at most. Send it in pieces, or over
        TCP.
demo-error-no-descriptor = No descriptor is left to take another call
    .help =
        Callers wait in the kernel's queue until somebody hangs up. "ulimit -n"
        shows the limit.
demo-error-forbidden = The system forbids { $call }() for { $address } ({ $reason })
demo-error-socket = { $call }() for { $address } failed ({ $reason })
demo-error-no-answer = { $address } has hung up without an answer
demo-error-cut-short =
    { $address } hung up inside a message: { $have } of { $announced } bytes came
demo-error-cut-length =
    { $address } hung up inside a length: { $have } of 4 bytes came
demo-error-frame-too-long =
    { $address } announces a message of { $announced } bytes; { $longest } is the limit
    .help = Does it send lengths at all? Both ends need --framed.
demo-error-not-framed =
    { $address } sends no lengths: its first 4 bytes are "{ $letters }"
    .help = As a length they would be { $announced }. Both ends need --framed.
demo-error-input = The input cannot be read ({ $reason })
demo-error-output = The output takes nothing more ({ $reason })
demo-error-resources = The system has no descriptor or thread left ({ $reason })

## Usage
demo-usage-does-not-fit = { $option } means nothing to { $demo }.
    .help = It is for: { $fits }.

## The figure
demo-figure-title = The calls, and the segments they caused:
demo-figure-title-datagrams = The calls, and the datagrams they sent:
demo-figure-socket = buys a telephone
demo-figure-bind = gives it a number
demo-figure-listen = switches it on
demo-figure-accept = waits for a call
demo-figure-bytes = { $bytes ->
        [one] 1 byte
       *[other] { $bytes } bytes
    }
demo-figure-opening =
    Opening: { $segments } segments, all exchanged by the kernels. connect() comes back
    after the second; accept() only takes a connection that is ready.
demo-figure-closing =
    Closing: { $segments } segments, a FIN and its ACK for each direction. Who closes
    first waits in TIME-WAIT; recv() = 0 is how the other end learns of it.
demo-figure-closing-merged =
    Closing: { $segments } segments, not four: the second end closed so soon that its FIN
    carried the ACK of the first FIN. Who closes first waits in TIME-WAIT;
    recv() = 0 is how the other end learns of it.
demo-figure-reset = An RST ended it at once: nothing is confirmed, nothing waits.
demo-figure-datagrams =
    Datagrams: { $datagrams }. Each sendto() sends one, and each recvfrom() takes one:
    no opening, no acknowledgment, no closing. UDP has no states.
demo-figure-left-out = Left out: { $segments } plain acknowledgments of data.
