# The notes' first UDP client, asked once for each line of its input.
import socket
import sys

ip_port = ('127.0.0.1', int(sys.argv[1]))
udp_sk = socket.socket(type=socket.SOCK_DGRAM)
while True:
    try:
        msg = input('>>: ')
    except EOFError:
        break
    udp_sk.sendto(msg.encode('utf-8'), ip_port)
    back_msg, addr = udp_sk.recvfrom(1024)
    print('answer', back_msg.decode('utf-8'), addr, flush=True)
udp_sk.close()
