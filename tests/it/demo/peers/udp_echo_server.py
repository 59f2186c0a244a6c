# The notes' first UDP server: one message, one answer. Port 0 is chosen by the kernel and printed.
import socket

udp_sk = socket.socket(type=socket.SOCK_DGRAM)
udp_sk.bind(('127.0.0.1', 0))
print('port', udp_sk.getsockname()[1], flush=True)
msg, addr = udp_sk.recvfrom(1024)
print('got', msg, addr, flush=True)
udp_sk.sendto(b'hello', addr)
udp_sk.close()
