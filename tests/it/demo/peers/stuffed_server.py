# Accepts one call and reads nothing until its buffers are full; says so, waits for a line on its
# input, then reads a message behind its length and answers it in capitals.
import array
import fcntl
import socket
import struct
import termios
import time

s = socket.socket()
s.bind(('127.0.0.1', 0))
s.listen(5)
print('port', s.getsockname()[1], flush=True)
conn, addr = s.accept()
waiting = array.array('i', [0])
before, quiet = 0, 0
while quiet < 5:
    time.sleep(0.02)
    fcntl.ioctl(conn, termios.FIONREAD, waiting)
    quiet = quiet + 1 if waiting[0] and waiting[0] == before else 0
    before = waiting[0]
print('full', flush=True)
input()
stream = conn.makefile('rb')
prefix = stream.read(4)
message = stream.read(*struct.unpack('!I', prefix))
conn.sendall(prefix + message.upper())
assert stream.read() == b''
conn.close()
