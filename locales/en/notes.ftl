# What is said beside the segments: why packets were lost, what faults did, what befell a host.

note-lost-fault = Lost on the way, as the scenario asked (fault: { $fault }).
note-lost-random = Lost on the way, by the link's random loss.
note-lost-host-down = Lost: the host it was sent to is down.
note-lost-no-route = Lost: no host has this address.
note-lost-corrupted = Damaged on the way; the receiver finds the checksum wrong and discards it in silence.
note-fault-touched = Fault { $fault }: { $act }.
note-crashed = The host crashes: every connection it had is forgotten, and nobody is told.
note-restarted = The host is up again. It remembers nothing of its old connections.
note-exited = The program ends with exit code { $code }.
note-killed = The program is ended by the signal { $signal }.
note-io-uring = The program uses io_uring. Calls that it makes that way are not seen; their segments are.
