# What is odd about a packet: defect-KEY, one for each variant of wire::Defect.

defect-cut-off = The capture holds fewer bytes of this packet than it had on the wire.
defect-bad-ip-checksum = The IP header's checksum is wrong: some router or host damaged or miscomputed the header.
defect-bad-checksum = The checksum is wrong: the receiver discards the packet as if it had never come.
defect-offloaded-checksum = The checksum is not finished yet: it holds only the pseudo-header's sum, and the network card was to do the rest. Normal in captures taken on the sending host.
defect-bad-ip-length = The IP header names a length that cannot be: longer than the frame, or shorter than the header itself.
defect-bad-data-offset = The data offset is below 5 words or points past the end of the segment, so where the text begins is unknown.
defect-bad-option-length = An option says it is 0 or 1 bytes long; the options after it cannot be found.
defect-option-overrun = An option says it is longer than the room left for options.
defect-wrong-option-size = An option has a length that its kind does not allow.
defect-syn-fin = SYN and FIN together, "open" and "close" in one breath: no correct TCP sends this, scanners do.
defect-syn-rst = SYN and RST together, "open" and "abort" in one breath: no correct TCP sends this.
defect-no-flags = No control bit at all: after the handshake every segment carries ACK. A "null scan" looks like this.
defect-reserved-bits = A reserved header bit is set; it must be zero.
defect-syn-option-outside-syn = An option that may only be offered on a SYN stands on another segment.
defect-ack-field-without-ack = The acknowledgment field holds a number although ACK is not set; the number means nothing.
defect-urgent-without-urg = The urgent pointer holds a number although URG is not set; the number means nothing.
defect-port-zero = Port 0 is reserved; nothing can listen there.
defect-fragment = A later fragment of an IP packet: the TCP or UDP header was in the first one.
defect-bad-udp-length = The UDP length field does not agree with the packet's size.
defect-bad-extension-header = An IPv6 extension header runs past the end of the packet.
defect-repeated-option = The same option stands twice.
defect-option-padding-not-zero = Bytes after the end-of-options mark are not zero.
defect-first-fragment = The first fragment of an IP packet: the rest comes in others, so the checksum cannot be verified here.
