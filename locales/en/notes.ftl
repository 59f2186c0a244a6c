# What is said beside the segments: why packets were lost, what faults did, what befell a host.

note-lost-fault = Lost on the way (fault: { $fault }).
note-lost-random = Lost on the way, by the link's random loss.
note-lost-host-down = Lost: the host it was sent to is down.
note-lost-no-route = Lost: no host has this address.
note-lost-corrupted = Damaged on the way; the receiver finds the checksum wrong and discards it in silence.
note-fault-touched = A fault of the scenario touched it: { $fault }.
note-crashed = The host crashes: every connection it had is forgotten, and nobody is told.
note-restarted = The host is up again. It remembers nothing of its old connections.
note-exited = The program ends with exit code { $code }.
note-killed = The program is ended by the signal { $signal }.
note-foreign-calls = The program makes system calls in the 32-bit way. These are not seen; their segments are.
note-io-uring = The program uses io_uring. Calls that it makes that way are not seen; their segments are.
note-text = { $text }
note-end-of-stream = recv() returns 0: everything is read, and the peer has sent its FIN.

# What a failed call means: error-ERRNO.
error-econnrefused = ECONNREFUSED: the other host answered with RST; nobody listens on that port.
error-econnreset = ECONNRESET: the peer tore the connection down with a RST.
error-etimedout = ETIMEDOUT: nothing came back for too long; the host is silent or cannot be reached.
error-epipe = EPIPE: this direction is closed already, so nothing can be sent any more.
error-econnaborted = ECONNABORTED: the connection was aborted on this side.
error-eaddrinuse = EADDRINUSE: another socket uses this address and port.
error-eaddrnotavail = EADDRNOTAVAIL: no local port is free, or the address is not this host's.
error-enotconn = ENOTCONN: the socket is not connected.
error-eisconn = EISCONN: the socket is connected already, or still connecting.
error-einval = EINVAL: this cannot be done with this socket.
error-eagain = EAGAIN: nothing there yet; the call would have to wait.
error-enetunreach = ENETUNREACH: there is no way to that address.
note-injected = Made by the scenario, not by the TCP of this host.
