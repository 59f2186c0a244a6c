# COUNT clients at once (arguments PORT COUNT): all connect, then all talk, then all leave.
import socket
import sys
import threading

port, count = int(sys.argv[1]), int(sys.argv[2])
connected = threading.Barrier(count)
talked = threading.Barrier(count)
failures = []


def client(number):
    try:
        with socket.create_connection(('127.0.0.1', port), timeout=60) as s:
            connected.wait(60)
            for round in range(3):
                message = b'client %d says %d' % (number, round)
                s.sendall(message)
                answer = b''
                while len(answer) < len(message):
                    part = s.recv(1024)
                    assert part, 'hung up on'
                    answer += part
                assert answer == message.upper(), answer
            # Nobody leaves before everybody was served: they are served at once.
            talked.wait(60)
    except Exception as problem:
        failures.append((number, repr(problem)))
        connected.abort()
        talked.abort()


threads = [threading.Thread(target=client, args=(number,)) for number in range(count)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print('failures', failures[:3], flush=True)
sys.exit(bool(failures))
