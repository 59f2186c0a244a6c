#!/usr/bin/env python3
"""Makes the captures beside it: real kernels, real tcpdump, two network namespaces and between
them a relay that loses, delays, doubles and reorders what it is told to. Needs root and Linux."""
import fcntl, heapq, os, random, select, socket, struct, subprocess, sys, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
A, B = "10.9.0.1", "10.9.0.2"

def sh(*words):
    subprocess.run(words, check=True)

def ns(name):
    fd = os.open(f"/var/run/netns/{name}", os.O_RDONLY)
    libc_setns(fd); os.close(fd)

import ctypes
LIBC = ctypes.CDLL("libc.so.6", use_errno=True)
def libc_setns(fd):
    if LIBC.setns(fd, 0x40000000) != 0: raise OSError(ctypes.get_errno(), "setns")

class Net:
    """Namespaces hs-a and hs-b, a tun device in each, a relay thread between them."""
    def __init__(self, delay=0.005, fault=None):
        self.delay, self.fault, self.stop = delay, fault or (lambda *_: None), False
        self.tuns = {}
        for name, addr, peer in (("hs-a", A, B), ("hs-b", B, A)):
            subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL)
            sh("ip", "netns", "add", name)
            fd = self.within(name, self.open_tun)
            self.tuns[name] = fd
            for words in (f"addr add {addr} peer {peer} dev tun0", "link set tun0 up mtu 1500", "link set lo up"):
                sh("ip", "-n", name, *words.split())
            for key in ("net.ipv6.conf.all.disable_ipv6=1", "net.ipv4.tcp_no_metrics_save=1"):
                subprocess.run(["ip", "netns", "exec", name, "sysctl", "-qw", key])
        self.queue, self.count, self.seen = [], 0, {}
        self.thread = threading.Thread(target=self.relay); self.thread.start()
    @staticmethod
    def open_tun():
        fd = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH", b"tun0", 0x0001 | 0x1000))
        return fd
    def within(self, name, call, *args):
        result = {}
        def body():
            ns(name); result["value"] = call(*args)
        thread = threading.Thread(target=body); thread.start(); thread.join()
        return result.get("value")
    def sysctl(self, name, key):
        subprocess.run(["ip", "netns", "exec", name, "sysctl", "-qw", key], check=True)
    def inject(self, to, packet, at=0.0):
        self.count += 1
        heapq.heappush(self.queue, (time.monotonic() + at, self.count, self.tuns[to], packet))
    def relay(self):
        ends = {self.tuns["hs-a"]: ("hs-b", "a"), self.tuns["hs-b"]: ("hs-a", "b")}
        while not self.stop:
            now = time.monotonic()
            while self.queue and self.queue[0][0] <= now:
                _, _, fd, packet = heapq.heappop(self.queue)
                os.write(fd, packet)
            wait = min(0.05, max(0.0, self.queue[0][0] - now)) if self.queue else 0.05
            for fd in select.select(list(ends), [], [], wait)[0]:
                packet = os.read(fd, 65536)
                to, source = ends[fd]
                self.seen[source] = self.seen.get(source, 0) + 1
                act = self.fault(source, self.seen[source], packet)
                if act == "lose": continue
                delay = self.delay + (act[1] if isinstance(act, tuple) else 0.0)
                self.inject(to, packet, delay)
                if act == "double": self.inject(to, packet, delay + 0.0005)
    def close(self):
        self.stop = True; self.thread.join()
        for fd in self.tuns.values(): os.close(fd)
        for name in self.tuns: subprocess.run(["ip", "netns", "del", name])

class Dump:
    def __init__(self, out, name=None, dev="tun0", extra=()):
        prefix = ["ip", "netns", "exec", name] if name else []
        self.process = subprocess.Popen(prefix + ["tcpdump", "-i", dev, "-U", "--immediate-mode", "-Z", "root",
            "-w", os.path.join(HERE, out), *extra], stderr=subprocess.PIPE)
        self.process.stderr.readline(); time.sleep(0.3)
    def close(self):
        time.sleep(0.4); self.process.terminate(); self.process.wait()

def flags(packet): return packet[(packet[0] & 15) * 4 + 13]
def text(packet): return len(packet) - (packet[0] & 15) * 4 - (packet[(packet[0] & 15) * 4 + 12] >> 4) * 4

def sock(reuse=True):
    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); return s

def read_all(c):
    total = 0
    while True:
        got = c.recv(65536)
        if not got: return total
        total += len(got)

def pair(net, serve, call, port=80):
    """Runs a server in hs-b and a client in hs-a, each in its namespace, to their ends."""
    ready = threading.Event()
    def server():
        ns("hs-b"); l = sock(); l.bind((B, port)); l.listen(8); ready.set()
        c, _ = l.accept(); serve(c); l.close()
    def client():
        ns("hs-a"); ready.wait(); s = sock(); call(s, (B, port))
    threads = [threading.Thread(target=f) for f in (server, client)]
    for t in threads: t.start()
    for t in threads: t.join()

def linger0(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)); s.close()

def lo():
    """Live loopback: what any program does."""
    dump = Dump("lo.pcap", dev="lo", extra=["tcp port 47001 or tcp port 47002 or tcp port 47003"])
    def one(family, addr, how):
        l = socket.socket(family); l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        l.bind((addr, 47001)); l.listen(4)
        c = socket.socket(family); c.connect((addr, 47001)); s, _ = l.accept()
        how(c, s); c.close(); s.close(); l.close(); time.sleep(0.1)
    def request(c, s):
        c.sendall(b"GET / HTTP/1.0\r\n\r\n"); s.recv(100); s.sendall(b"x" * 3000); s.close(); read_all(c)
    def half(c, s):
        c.sendall(b"question"); c.shutdown(socket.SHUT_WR); read_all(s); s.sendall(b"answer" * 10); time.sleep(0.05); s.sendall(b"more"); s.close(); read_all(c)
    def abort(c, s):
        c.sendall(b"hello"); time.sleep(0.05); linger0(c)
    def unread(c, s):
        c.sendall(b"never read"); time.sleep(0.05); s.close(); time.sleep(0.05)
    def late(c, s):
        s.close(); time.sleep(0.05); c.sendall(b"too late"); time.sleep(0.05)
    def big(c, s):
        t = threading.Thread(target=read_all, args=(s,)); t.start(); c.sendall(b"y" * 20000); c.shutdown(socket.SHUT_WR); t.join()
    for how in (request, half, abort, unread, late, big): one(socket.AF_INET, "127.0.0.1", how)
    for how in (request, half): one(socket.AF_INET6, "::1", how)
    refused = socket.socket()
    try: refused.connect(("127.0.0.1", 47002))
    except OSError: pass
    # The same four numbers again.
    for _ in range(2):
        l = sock(); l.bind(("127.0.0.1", 47003)); l.listen(1)
        c = sock(); c.bind(("127.0.0.1", 47103)); c.connect(("127.0.0.1", 47003)); s, _ = l.accept()
        s.sendall(b"hi"); s.close(); read_all(c); c.close(); l.close(); time.sleep(1.2)
        # The server's end is in TIME-WAIT; the client's port is free.
    dump.close()

def lo_both():
    """Loopback captured on both of its sides, as a plain packet socket sees it: every frame twice."""
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)); tap.bind(("lo", 0))
    frames, stop = [], threading.Event()
    def take():
        tap.settimeout(0.2)
        while not stop.is_set():
            try: data, _ = tap.recvfrom(65536)
            except TimeoutError: continue
            frames.append((time.time_ns(), data))
    thread = threading.Thread(target=take); thread.start(); time.sleep(0.2)
    for family, addr in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        l = socket.socket(family); l.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        l.bind((addr, 47011)); l.listen(1)
        c = socket.socket(family); c.connect((addr, 47011)); s, _ = l.accept()
        for _ in range(3):
            c.sendall(b"question"); s.recv(100); s.sendall(b"answer" * 20); c.recv(1000); time.sleep(0.06)
        s.close(); read_all(c); c.close(); l.close()
    time.sleep(0.3); stop.set(); thread.join()
    def ours(frame):
        ip = frame[14:]
        at = 40 if ip[:1] and ip[0] >> 4 == 6 else 20
        return len(ip) > at + 4 and 47011 in struct.unpack(">HH", ip[at:at + 4])
    with open(os.path.join(HERE, "lo-both.pcap"), "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for at, frame in frames:
            if ours(frame):
                out.write(struct.pack("<IIII", at // 10**9, at % 10**9, len(frame), len(frame)) + frame)

def loss():
    """Loss, reordering and doubling on the way, captured at both ends."""
    rng = random.Random(7)
    def fault(source, n, packet):
        roll = rng.random()
        if n < 4: return None
        if roll < 0.06: return "lose"
        if roll < 0.10: return "double"
        if roll < 0.14: return ("delay", 0.004)
    net = Net(delay=0.01, fault=fault)
    ends = [Dump("loss-client.pcap", "hs-a", extra=["-s", "120"]), Dump("loss-server.pcap", "hs-b", extra=["-s", "120"])]
    def serve(c):
        c.recv(100); c.sendall(b"d" * 120000); c.shutdown(socket.SHUT_WR); read_all(c); c.close()
    def call(s, to):
        s.connect(to); s.sendall(b"give"); read_all(s); s.sendall(b"u" * 60000); s.close(); time.sleep(1.0)
    pair(net, serve, call); time.sleep(0.5)
    for end in ends: end.close()
    net.close()

def handshake_loss():
    """SYN, SYN,ACK, the third segment and the FINs are lost once each; a SYN is never answered."""
    lost = set()
    def fault(source, n, packet):
        kind = (source, flags(packet) & 0x13)
        if kind == ("a", 0x10) and text(packet): return None
        if kind not in lost and kind != ("b", 0x10):
            lost.add(kind); return "lose"
    net = Net(delay=0.005, fault=fault)
    dump = Dump("handshake-loss.pcap", "hs-a")
    def serve(c): c.sendall(b"welcome"); read_all(c); c.close()
    def call(s, to):
        s.connect(to); s.recv(100); s.close(); time.sleep(1.5)
    pair(net, serve, call)
    net.fault = lambda *_: "lose"
    def never():
        ns("hs-a"); s = sock(); s.settimeout(3.5)
        try: s.connect((B, 81))
        except OSError: pass
        s.close()
    t = threading.Thread(target=never); t.start(); t.join()
    dump.close(); net.close()

def window():
    """A receiver that does not read: the window fills, closes, is probed and opens again."""
    net = Net(delay=0.002)
    dump = Dump("window.pcap", "hs-a", extra=["-s", "100"])
    def serve(c):
        time.sleep(2.5)
        got = 0
        while got < 60000: got += len(c.recv(4000)); time.sleep(0.01)
        c.close()
    ready = threading.Event()
    def server():
        ns("hs-b"); l = sock(); l.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8000)
        l.bind((B, 80)); l.listen(1); ready.set(); c, _ = l.accept(); serve(c); l.close()
    def client():
        ns("hs-a"); ready.wait(); s = sock(); s.connect((B, 80)); s.sendall(b"w" * 60000); s.shutdown(socket.SHUT_WR); read_all(s); s.close()
    threads = [threading.Thread(target=f) for f in (server, client)]
    for t in threads: t.start()
    for t in threads: t.join()
    dump.close(); net.close()

def keepalive():
    """Keep-alives of Linux, then the peer's end vanishes and they go unanswered."""
    net = Net(delay=0.002)
    dump = Dump("keepalive.pcap", "hs-a")
    def serve(c): c.recv(10); time.sleep(6.5); c.close()
    def call(s, to):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 3)):
            s.setsockopt(socket.IPPROTO_TCP, option, value)
        s.connect(to); s.sendall(b"x"); time.sleep(2.6); net.fault = lambda *_: "lose"; time.sleep(4.5); s.close()
    pair(net, serve, call)
    dump.close(); net.close()

def middle():
    """tcpdump begins when the connection is open; then it closes. On Linux cooked frames."""
    net = Net(delay=0.002)
    box = {}
    def serve(c):
        c.recv(10); c.sendall(b"first"); box["ready"].wait(); c.recv(10); c.sendall(b"second"); read_all(c); c.close()
    def call(s, to):
        s.connect(to); s.sendall(b"a"); s.recv(10)
        box["dump"] = Dump("middle.pcap", "hs-a", dev="any"); box["ready"].set()
        s.sendall(b"b"); s.recv(10); s.close(); time.sleep(0.3)
    box["ready"] = threading.Event()
    pair(net, serve, call)
    box["dump"].close(); net.close()

def crossing():
    """Simultaneous open and close: the SYNs and the FINs cross on a long way."""
    net = Net(delay=0.1)
    dump = Dump("crossing.pcap", "hs-a")
    barrier = threading.Barrier(2)
    def end(name, me, peer):
        ns(name); s = sock(); s.bind((me, 4000)); barrier.wait(); s.connect((peer, 4000))
        time.sleep(0.5); s.sendall(b"hello"); s.recv(10); time.sleep(0.5); barrier.wait(); s.close(); time.sleep(1)
    threads = [threading.Thread(target=end, args=args) for args in (("hs-a", A, B), ("hs-b", B, A))]
    for t in threads: t.start()
    for t in threads: t.join()
    dump.close(); net.close()

def checksum(data):
    if len(data) % 2: data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16: total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF

def forge(src, dst, sport, dport, seq, ack, bits, data=b""):
    tcp = struct.pack(">HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x50, bits, 1024, 0, 0) + data
    ends = socket.inet_aton(src) + socket.inet_aton(dst)
    total = checksum(ends + struct.pack(">HH", 6, len(tcp)) + tcp)
    tcp = tcp[:16] + struct.pack(">H", total) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0x7777, 0, 64, 6, 0) + ends
    return ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:] + tcp

def blind():
    """An attacker's SYN and resets on an open connection: outside, inside, and exactly at the window's edge."""
    net = Net(delay=0.002); state = {}
    def fault(source, n, packet):
        at = (packet[0] & 15) * 4
        if source == "a" and text(packet): state["a"] = struct.unpack(">HHII", packet[at:at + 12])
    net.fault = fault
    dump = Dump("blind.pcap", "hs-b")
    def serve(c):
        c.recv(10); time.sleep(2.2)
        try: c.recv(10)
        except OSError: pass
        c.close()
    def call(s, to):
        s.connect(to); s.sendall(b"12345"); time.sleep(0.3)
        sport, dport, seq, ack = state["a"]; nxt = seq + 5
        for wait, bits, number in ((0.3, 4, nxt + 500000000), (0.3, 4, nxt + 1000), (0.6, 2, nxt + 5000), (0.3, 4, nxt)):
            net.inject("hs-b", forge(A, B, sport, dport, number, 0, bits)); time.sleep(wait)
        time.sleep(0.5)
        try: s.sendall(b"still here?")
        except OSError: pass
        time.sleep(0.3); s.close()
    pair(net, serve, call)
    dump.close(); net.close()

if __name__ == "__main__":
    for name in sys.argv[1:] or ["lo", "lo_both", "loss", "handshake_loss", "window", "keepalive", "middle", "crossing", "blind"]:
        print(name, flush=True); globals()[name]()
