# Accepts one call, waits for something, says bytes (argument 1, as hex), then behaves as told by
# argument 2:
#   close    hangs up
#   reset    resets the connection
#   mute     hangs up without an answer, at once
#   hold     stays until a line comes on its input, then hangs up
import socket
import struct
import sys

data, mode = bytes.fromhex(sys.argv[1]), sys.argv[2]
s = socket.socket()
s.bind(('127.0.0.1', 0))
s.listen(5)
print('port', s.getsockname()[1], flush=True)
conn, addr = s.accept()
if mode == 'mute':
    conn.shutdown(socket.SHUT_WR)
    while conn.recv(65536):
        pass
else:
    print('got', conn.recv(65536), flush=True)
    conn.sendall(data)
    if mode == 'reset':
        conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    elif mode == 'hold':
        input()
conn.close()
