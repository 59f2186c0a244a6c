#!/usr/bin/env python3
"""Makes the captures in this directory anew: unshare -n python3 tests/captures/make.py

Needs Linux, root (or a user namespace), iproute2, tcpdump, dumpcap and editcap. Everything happens in
the network namespace that `unshare -n` made. The times, ports and sequence numbers differ at every
run, so tests must not depend on them.
"""
import os, socket, struct, subprocess, sys, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))


def sh(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def path(name):
    return os.path.join(HERE, name)


class Capture:
    """A capture program that runs while the block does."""

    def __init__(self, *words):
        self.words = words

    def __enter__(self):
        self.program = subprocess.Popen(self.words, stderr=subprocess.PIPE, text=True)
        for line in self.program.stderr:
            if "istening on" in line or "File:" in line:
                break
        time.sleep(0.3)

    def __exit__(self, *_):
        time.sleep(0.6)
        self.program.terminate()
        self.program.communicate()


def tcpdump(name, *words):
    return Capture("tcpdump", "-Z", "root", "--immediate-mode", "-U", "-n", "-w", path(name), *words)


def converse(family, host, port, text=b"hello", pause=0.0):
    """Handshake, a line there, a line back, close by the client, close by the server."""
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen()

    def serve():
        peer, _ = listener.accept()
        while data := peer.recv(65536):
            time.sleep(pause)
            peer.sendall(data.upper())
        time.sleep(pause)
        peer.close()

    thread = threading.Thread(target=serve)
    thread.start()
    client = socket.create_connection((host, port))
    time.sleep(pause)
    client.sendall(text)
    got = b""
    while len(got) < len(text):
        got += client.recv(65536)
    time.sleep(pause)
    client.close()
    thread.join()
    listener.close()


def offload_off(name):
    """ETHTOOL_STXCSUM 0 and ETHTOOL_SGSO/STSO 0: the kernel then writes whole checksums itself."""
    import array, fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for command in (0x17, 0x1F, 0x24):
            value = array.array("B", struct.pack("II", command, 0))
            request = struct.pack("16sP", name.encode(), value.buffer_info()[0])
            fcntl.ioctl(s, 0x8946, request)


def frames(name):
    """The records of a little-endian pcap file: header, then (seconds, fraction, original, octets)."""
    data = open(path(name), "rb").read()
    at, records = 24, []
    while at < len(data):
        sec, frac, kept, original = struct.unpack_from("<IIII", data, at)
        records.append((sec, frac, original, data[at + 16 : at + 16 + kept]))
        at += 16 + kept
    return data[:24], records


def rewrite(name, source, order, link, change, magic=0xA1B2C3D4):
    """Writes a pcap file by hand from the frames of another."""
    _, records = frames(source)
    with open(path(name), "wb") as out:
        out.write(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link))
        for sec, frac, _, octets in records:
            octets = change(octets)
            out.write(struct.pack(order + "IIII", sec, frac, len(octets), len(octets)) + octets)


def big_endian_pcapng(name, source):
    """A big-endian pcapng file of two sections, written by hand: in the first, times in 1/1024 s with an
    offset; in the second, simple packets of an interface that cuts frames off at 60 octets."""
    _, records = frames(source)

    def block(kind, body):
        size = len(body) + 12
        return struct.pack(">II", kind, size) + body + struct.pack(">I", size)

    def option(code, value):
        return struct.pack(">HH", code, len(value)) + value + bytes(-len(value) % 4)

    section = block(0x0A0D0D0A, struct.pack(">IHHq", 0x1A2B3C4D, 1, 0, -1))
    with open(path(name), "wb") as out:
        out.write(section)
        options = option(2, b"first") + option(9, b"\x8a") + option(14, struct.pack(">q", 1_000_000_000))
        out.write(block(1, struct.pack(">HHI", 1, 0, 0) + options + option(0, b"")))
        for sec, frac, _, octets in records[:5]:
            ticks = (sec - 1_000_000_000) * 1024 + frac * 1024 // 1_000_000
            body = struct.pack(">IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(octets), len(octets))
            comments = option(1, "握手".encode()) + option(1, b"second comment") + option(0, b"")
            out.write(block(6, body + octets + bytes(-len(octets) % 4) + comments))
        out.write(section)
        out.write(block(1, struct.pack(">HHI", 1, 0, 60) + option(2, b"second") + option(0, b"")))
        for _, _, _, octets in records[5:]:
            kept = octets[:60]
            out.write(block(3, struct.pack(">I", len(octets)) + kept + bytes(-len(kept) % 4)))


def main():
    sh("ip", "link", "set", "lo", "up")
    v4, v6 = socket.AF_INET, socket.AF_INET6
    with tcpdump("loopback.pcap", "-i", "lo"):
        converse(v4, "127.0.0.1", 8080)
    with tcpdump("loopback-ipv6-nanoseconds.pcap", "-i", "lo", "--time-stamp-precision=nano"):
        converse(v6, "::1", 8080)
    with Capture("dumpcap", "-q", "-i", "lo", "-w", path("loopback.pcapng")):
        converse(v4, "127.0.0.1", 8081)
    with tcpdump("any-cooked.pcap", "-i", "any", "-y", "LINUX_SLL"):
        converse(v4, "127.0.0.1", 8080, pause=0.05)
    with tcpdump("any-cooked-v2.pcap", "-i", "any", "-y", "LINUX_SLL2"):
        converse(v6, "::1", 8080, pause=0.05)
    with tcpdump("snaplen-60.pcap", "-i", "lo", "-s", "60"):
        converse(v4, "127.0.0.1", 8080, b"a text that the capture cuts off")

    # Two ends in two namespaces, with whole checksums, a small MTU and fragments.
    sh("ip", "link", "add", "near", "mtu", "1500", "type", "veth", "peer", "name", "far")
    holder = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; exec sleep 600"], stdout=subprocess.PIPE)
    holder.stdout.readline()
    inside = ["nsenter", "-t", str(holder.pid), "-n"]
    try:
        sh("ip", "link", "set", "far", "netns", str(holder.pid))
        offload_off("near")
        sh("ip", "addr", "add", "10.9.0.1/24", "dev", "near")
        sh("ip", "addr", "add", "fd09::1/64", "dev", "near", "nodad")
        sh("ip", "link", "set", "near", "up")
        sh(*inside, "ip", "addr", "add", "10.9.0.2/24", "dev", "far")
        sh(*inside, "ip", "addr", "add", "fd09::2/64", "dev", "far", "nodad")
        sh(*inside, "ip", "link", "set", "far", "up")
        server = (
            "import sys; sys.path.insert(0, %r); import make, socket, array; make.offload_off('far'); "
            "make.echo()" % HERE
        )
        echo = subprocess.Popen([*inside, sys.executable, "-B", "-c", server], stdout=subprocess.PIPE)
        echo.stdout.readline()
        with tcpdump("veth-fragments.pcap", "-i", "near", "tcp or udp or ip[6:2] & 0x3fff != 0 or (ip6 and ip6[6] == 44)"):
            with socket.create_connection(("10.9.0.2", 9)) as client:
                client.sendall(b"x" * 3000)
                left = 3000
                while left:
                    left -= len(client.recv(4096))
            for family, host in ((v4, "10.9.0.2"), (v6, "fd09::2")):
                with socket.socket(family, socket.SOCK_DGRAM) as s:
                    s.setsockopt(socket.IPPROTO_IP, 10, 0)  # IP_MTU_DISCOVER: fragment
                    s.sendto(b"short", (host, 9))
                    s.recv(9000)
                    s.sendto(b"y" * 3000, (host, 9))
                    s.recv(9000)
        echo.terminate()
        # The same frames with one VLAN tag, then with two, sent as they are and captured at the other end.
        _, records = frames("loopback.pcap")
        with Capture(*inside, "tcpdump", "-Z", "root", "--immediate-mode", "-U", "-n", "-i", "far", "-w", path("vlan.pcap"), "ether[12:2] = 0x8100 or ether[12:2] = 0x88a8 or vlan"):
            raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
            raw.bind(("near", 0))
            for tags in ("81000005", "88a80007" + "81000005"):
                for _, _, _, octets in records:
                    raw.send(octets[:12] + bytes.fromhex(tags) + octets[12:])
                    time.sleep(0.002)
    finally:
        holder.kill()

    # By hand from the first capture: what is rare on machines of today.
    rewrite("big-endian.pcap", "loopback.pcap", ">", 1, lambda octets: octets)
    rewrite("raw-ip.pcap", "loopback.pcap", "<", 101, lambda octets: octets[14:])
    rewrite("bsd-null-big-endian.pcap", "loopback.pcap", ">", 0, lambda octets: b"\0\0\0\2" + octets[14:])
    rewrite("bsd-null.pcap", "loopback.pcap", "<", 0, lambda octets: b"\2\0\0\0" + octets[14:])
    rewrite("bsd-loop.pcap", "loopback.pcap", "<", 108, lambda octets: b"\0\0\0\2" + octets[14:])
    big_endian_pcapng("big-endian.pcapng", "loopback.pcap")
    whole = open(path("loopback.pcap"), "rb").read()
    open(path("cut-off.pcap"), "wb").write(whole[:-20])


def echo():
    """Echoes TCP and UDP on port 9 until it is ended."""
    tcp = socket.create_server(("", 9))
    for family, host in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "fd09::2")):
        udp = socket.socket(family, socket.SOCK_DGRAM)
        udp.bind((host, 9))

        def answer(udp=udp):
            while True:
                data, peer = udp.recvfrom(9000)
                udp.sendto(data, peer)

        threading.Thread(target=answer, daemon=True).start()
    print(flush=True)
    while True:
        peer, _ = tcp.accept()
        while data := peer.recv(4096):
            peer.sendall(data)
        peer.close()


if __name__ == "__main__":
    main()
