# Answers the first datagram with each of its arguments (bytes as hex), then waits for its input's end.
import socket
import sys

s = socket.socket(type=socket.SOCK_DGRAM)
s.bind(('127.0.0.1', 0))
print('port', s.getsockname()[1], flush=True)
msg, addr = s.recvfrom(65536)
print('got', len(msg), flush=True)
for data in sys.argv[1:]:
    s.sendto(bytes.fromhex(data), addr)
sys.stdin.read()
