# Says bytes (argument 2, as hex) to PORT (argument 1), then behaves as told by argument 3:
#   answer   prints one answer and leaves
#   drip     sends byte for byte, each after the answer to the one before
#   leave    leaves without reading
#   reset    resets the connection
#   die      dies of SIGKILL with the connection open, when a line comes on its input
#   hold     prints one answer, stays until a line comes on its input, then leaves
#   more     after an answer waits for a line, says the same again, and listens
#   listen   goes on reading until the server hangs up
import os
import signal
import socket
import struct
import sys

port, data, mode = int(sys.argv[1]), bytes.fromhex(sys.argv[2]), sys.argv[3]
s = socket.socket()
s.connect(('127.0.0.1', port))
print('me', s.getsockname()[1], flush=True)
if mode == 'drip':
    for byte in data:
        s.sendall(bytes([byte]))
        assert s.recv(1024) == bytes([byte]).upper()
    print('fine', flush=True)
elif data:
    s.sendall(data)
if mode == 'answer':
    print('answer', s.recv(65536), flush=True)
elif mode == 'reset':
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
elif mode == 'die':
    input()
    os.kill(os.getpid(), signal.SIGKILL)
elif mode == 'hold':
    print('answer', s.recv(65536), flush=True)
    input()
elif mode in ('listen', 'more'):
    if mode == 'more':
        s.recv(65536)
        input()
        s.sendall(data)
    got = b''
    while True:
        part = s.recv(65536)
        if not part:
            break
        got += part
    print('all', got, flush=True)
s.close()
