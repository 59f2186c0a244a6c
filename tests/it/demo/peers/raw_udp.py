# Sends datagrams (arguments: PORT, then bytes as hex) and prints the answer to each.
import socket
import sys

s = socket.socket(type=socket.SOCK_DGRAM)
s.settimeout(30)
for data in sys.argv[2:]:
    s.sendto(bytes.fromhex(data), ('127.0.0.1', int(sys.argv[1])))
    print('answer', *s.recvfrom(65536), flush=True)
