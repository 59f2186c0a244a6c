//! Packets parsed and built, ours beside the peers, in one run: `cargo bench --bench wire`.
//!
//! Every contestant does the same work from the IP header on: it reads all fields, verifies the IP and
//! the TCP checksum and walks the options; or writes a SYN with five options and both checksums.
//! Compare only numbers of one run. A sample is a thousand packets, so that the clock does not count.

#![allow(clippy::unwrap_used, clippy::panic)] // a benchmark that cannot run has to say so

use divan::{Bencher, black_box};
use handshake::wire::{Flags, Ip, Options, Segment, SeqNumber, TcpOption, Transport, decode_ip, encode_ip};

fn main() {
    divan::main();
}

const SRC: [u8; 4] = [10, 0, 0, 1];
const DST: [u8; 4] = [10, 0, 0, 2];

/// Linux's SYN: mss, sackOK, timestamps, nop, wscale.
fn syn_options() -> Options {
    let mut options = Options::NONE;
    let fit = options.push(&TcpOption::Mss(black_box(1460)))
        && options.push(&TcpOption::SackPermitted)
        && options.push(&TcpOption::Timestamps { val: black_box(0x0102_0304), ecr: 0 })
        && options.push(&TcpOption::Nop)
        && options.push(&TcpOption::WindowScale(black_box(7)));
    assert!(fit);
    options
}

fn segment(flags: Flags, options: Options) -> Segment {
    Segment {
        src_port: 49152,
        dst_port: 80,
        seq: SeqNumber(1000),
        ack: SeqNumber(if flags.ack() { 5001 } else { 0 }),
        flags,
        window: 64240,
        options,
        ..Segment::default()
    }
}

fn ip() -> Ip {
    Ip { src: SRC.into(), dst: DST.into(), id: 7, ..Ip::default() }
}

/// The IP packet of a 74-octet frame.
fn syn() -> Vec<u8> {
    built(&segment(Flags::SYN, syn_options()), &[])
}

/// The IP packet of a 66-octet frame.
fn ack() -> Vec<u8> {
    built(&segment(Flags::ACK, Options::only_timestamps(0x0102_0304, 0x0506_0708)), &[])
}

/// The IP packet of a 1514-octet frame.
fn full() -> Vec<u8> {
    let text: Vec<u8> = (0..1448u32).map(|n| (n * 7) as u8).collect();
    built(&segment(Flags::ACK.with(Flags::PSH), Options::only_timestamps(0x0102_0304, 0x0506_0708)), &text)
}

fn built(segment: &Segment, text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_ip(&ip(), &Transport::Tcp(*segment), text, &mut bytes);
    bytes
}

mod ours {
    use super::*;

    pub(crate) fn parse(bencher: Bencher<'_, '_>, bytes: &[u8]) {
        assert!(decode_ip(bytes).unwrap().defects.is_empty());
        bencher.bench_local(|| {
            black_box(&decode_ip(black_box(bytes)));
        });
    }
}

mod etherparse_ {
    use super::*;
    use etherparse::{NetSlice, SlicedPacket, TransportSlice};

    fn run(bytes: &[u8]) -> (SlicedPacket<'_>, bool, usize) {
        let packet = SlicedPacket::from_ip(bytes).unwrap();
        let (Some(NetSlice::Ipv4(ip)), Some(TransportSlice::Tcp(tcp))) = (&packet.net, &packet.transport)
        else {
            unreachable!("the packets here are TCP in IPv4")
        };
        let header = ip.header();
        let fine = header.to_header().calc_header_checksum() == header.header_checksum()
            && tcp.calc_checksum_ipv4(header.source(), header.destination()) == Ok(tcp.checksum());
        let options = tcp.options_iterator().flatten().count();
        (packet, fine, options)
    }

    pub(crate) fn parse(bencher: Bencher<'_, '_>, bytes: &[u8]) {
        assert!(run(bytes).1);
        bencher.bench_local(|| {
            black_box(&run(black_box(bytes)));
        });
    }
}

mod smoltcp_ {
    use super::*;
    use smoltcp::phy::ChecksumCapabilities;
    use smoltcp::wire::{Ipv4Packet, Ipv4Repr, TcpPacket, TcpRepr};

    fn run<'a>(bytes: &'a [u8], caps: &ChecksumCapabilities) -> (Ipv4Repr, TcpRepr<'a>) {
        let packet = Ipv4Packet::new_checked(bytes).unwrap();
        let ip = Ipv4Repr::parse(&packet, caps).unwrap();
        let tcp = TcpPacket::new_checked(packet.payload()).unwrap();
        let repr = TcpRepr::parse(&tcp, &ip.src_addr.into(), &ip.dst_addr.into(), caps).unwrap();
        (ip, repr)
    }

    pub(crate) fn parse(bencher: Bencher<'_, '_>, bytes: &[u8]) {
        let caps = ChecksumCapabilities::default();
        bencher.bench_local(|| {
            black_box(&run(black_box(bytes), black_box(&caps)));
        });
    }
}

mod pnet_ {
    use super::*;
    use pnet::packet::Packet;
    use pnet::packet::ipv4::{self, Ipv4Packet};
    use pnet::packet::tcp::{self, TcpPacket};

    fn run(bytes: &[u8]) -> (u32, u32, u16, u8, u16, bool, usize) {
        let ip = Ipv4Packet::new(bytes).unwrap();
        let start = usize::from(ip.get_header_length()) * 4;
        let end = usize::from(ip.get_total_length());
        let tcp = TcpPacket::new(&bytes[start..end]).unwrap();
        let fine = ipv4::checksum(&ip) == ip.get_checksum()
            && tcp::ipv4_checksum(&tcp, &ip.get_source(), &ip.get_destination()) == tcp.get_checksum();
        let options = tcp.get_options_iter().map(|option| option.packet().len()).sum();
        (
            tcp.get_sequence(),
            tcp.get_acknowledgement(),
            tcp.get_source() ^ tcp.get_destination(),
            tcp.get_flags(),
            tcp.get_window(),
            fine,
            options,
        )
    }

    pub(crate) fn parse(bencher: Bencher<'_, '_>, bytes: &[u8]) {
        assert!(run(bytes).5);
        bencher.bench_local(|| {
            black_box(&run(black_box(bytes)));
        });
    }
}

macro_rules! parse {
    ($name:ident, $packet:ident) => {
        mod $name {
            #[divan::bench(sample_size = 1000, sample_count = 200)]
            fn handshake(bencher: divan::Bencher<'_, '_>) {
                crate::ours::parse(bencher, &crate::$packet());
            }
            #[divan::bench(sample_size = 1000, sample_count = 200)]
            fn etherparse(bencher: divan::Bencher<'_, '_>) {
                crate::etherparse_::parse(bencher, &crate::$packet());
            }
            #[divan::bench(sample_size = 1000, sample_count = 200)]
            fn smoltcp(bencher: divan::Bencher<'_, '_>) {
                crate::smoltcp_::parse(bencher, &crate::$packet());
            }
            #[divan::bench(sample_size = 1000, sample_count = 200)]
            fn pnet_packet(bencher: divan::Bencher<'_, '_>) {
                crate::pnet_::parse(bencher, &crate::$packet());
            }
        }
    };
}

parse!(parse_syn_74, syn);
parse!(parse_ack_66, ack);
parse!(parse_full_1514, full);

mod build_syn_5_options {
    use super::*;

    #[divan::bench(sample_size = 1000, sample_count = 200)]
    fn handshake(bencher: Bencher<'_, '_>) {
        let mut out = Vec::with_capacity(128);
        let ip = ip();
        bencher.bench_local(|| {
            out.clear();
            let segment = segment(black_box(Flags::SYN), syn_options());
            encode_ip(black_box(&ip), &Transport::Tcp(segment), &[], &mut out);
            black_box(&mut out);
        });
    }

    /// The options' octets are kept from one segment to the next.
    #[divan::bench(sample_size = 1000, sample_count = 200)]
    fn handshake_options_kept(bencher: Bencher<'_, '_>) {
        let mut out = Vec::with_capacity(128);
        let (ip, options) = (ip(), syn_options());
        bencher.bench_local(|| {
            out.clear();
            let segment = segment(black_box(Flags::SYN), *black_box(&options));
            encode_ip(black_box(&ip), &Transport::Tcp(segment), &[], &mut out);
            black_box(&mut out);
        });
    }

    #[divan::bench(sample_size = 1000, sample_count = 200)]
    fn etherparse(bencher: Bencher<'_, '_>) {
        use etherparse::{PacketBuilder, TcpOptionElement};
        let mut out = Vec::with_capacity(128);
        bencher.bench_local(|| {
            out.clear();
            PacketBuilder::ipv4(black_box(SRC), DST, 64)
                .tcp(49152, 80, 1000, 64240)
                .syn()
                .options(&[
                    TcpOptionElement::MaximumSegmentSize(1460),
                    TcpOptionElement::SelectiveAcknowledgementPermitted,
                    TcpOptionElement::Timestamp(0x0102_0304, 0),
                    TcpOptionElement::Noop,
                    TcpOptionElement::WindowScale(7),
                ])
                .unwrap()
                .write(&mut out, &[])
                .unwrap();
            black_box(&mut out);
        });
    }

    #[divan::bench(sample_size = 1000, sample_count = 200)]
    fn smoltcp(bencher: Bencher<'_, '_>) {
        use smoltcp::phy::ChecksumCapabilities;
        use smoltcp::wire::{
            IpProtocol, Ipv4Packet, Ipv4Repr, TcpControl, TcpPacket, TcpRepr, TcpSeqNumber, TcpTimestampRepr,
        };
        let caps = ChecksumCapabilities::default();
        let mut out = [0u8; 64];
        bencher.bench_local(|| {
            let tcp = TcpRepr {
                src_port: 49152,
                dst_port: 80,
                control: black_box(TcpControl::Syn),
                seq_number: TcpSeqNumber(1000),
                ack_number: None,
                window_len: 64240,
                window_scale: Some(black_box(7)),
                max_seg_size: Some(black_box(1460)),
                sack_permitted: true,
                sack_ranges: [None; 3],
                timestamp: Some(TcpTimestampRepr::new(black_box(0x0102_0304), 0)),
                payload: &[],
            };
            let len = tcp.buffer_len();
            let ip = Ipv4Repr {
                src_addr: black_box(SRC).into(),
                dst_addr: DST.into(),
                next_header: IpProtocol::Tcp,
                payload_len: len,
                hop_limit: 64,
            };
            let mut packet = Ipv4Packet::new_unchecked(&mut out[..20 + len]);
            ip.emit(&mut packet, black_box(&caps));
            let mut view = TcpPacket::new_unchecked(packet.payload_mut());
            tcp.emit(&mut view, &ip.src_addr.into(), &ip.dst_addr.into(), black_box(&caps));
            black_box(&mut out);
        });
    }

    #[divan::bench(sample_size = 1000, sample_count = 200)]
    fn pnet_packet(bencher: Bencher<'_, '_>) {
        use pnet::packet::ip::IpNextHeaderProtocols;
        use pnet::packet::ipv4::{self, MutableIpv4Packet};
        use pnet::packet::tcp::{self, MutableTcpPacket, TcpOption as PnetOption};
        let mut out = [0u8; 60];
        bencher.bench_local(|| {
            let (head, body) = out.split_at_mut(20);
            let mut ip = MutableIpv4Packet::new(head).unwrap();
            ip.set_version(4);
            ip.set_header_length(5);
            ip.set_total_length(60);
            ip.set_ttl(64);
            ip.set_next_level_protocol(IpNextHeaderProtocols::Tcp);
            ip.set_source(black_box(SRC).into());
            ip.set_destination(DST.into());
            ip.set_checksum(0);
            let sum = ipv4::checksum(&ip.to_immutable());
            ip.set_checksum(sum);
            let mut tcp = MutableTcpPacket::new(body).unwrap();
            tcp.set_source(49152);
            tcp.set_destination(80);
            tcp.set_sequence(1000);
            tcp.set_data_offset(10);
            tcp.set_flags(2);
            tcp.set_window(64240);
            tcp.set_options(&[
                PnetOption::mss(1460),
                PnetOption::sack_perm(),
                PnetOption::timestamp(0x0102_0304, 0),
                PnetOption::nop(),
                PnetOption::wscale(7),
            ]);
            tcp.set_checksum(0);
            let sum = tcp::ipv4_checksum(&tcp.to_immutable(), &SRC.into(), &DST.into());
            tcp.set_checksum(sum);
            black_box(&mut out);
        });
    }
}

/// A capture of 10,000 frames in memory, read; ours decodes every packet besides.
mod read_capture_10k {
    use super::*;
    use handshake::time::Instant;
    use handshake::wire::LinkType;
    use handshake::wire::capture::{PcapngWriter, Reader};
    use pcap_parser::traits::PcapReaderIterator;
    use pcap_parser::{LegacyPcapReader, PcapError, PcapNGReader};

    const FRAMES: u32 = 10_000;

    fn packets() -> Vec<Vec<u8>> {
        vec![syn(), ack(), full(), ack()]
    }

    fn pcap() -> Vec<u8> {
        let mut file = vec![0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0];
        file.extend([0; 8]);
        file.extend(262_144u32.to_le_bytes());
        file.extend(101u32.to_le_bytes());
        let packets = packets();
        for (number, packet) in (0..FRAMES).zip(packets.iter().cycle()) {
            let len = packet.len() as u32;
            for field in [number, 0, len, len] {
                file.extend(field.to_le_bytes());
            }
            file.extend(packet);
        }
        file
    }

    fn pcapng() -> Vec<u8> {
        let mut writer = PcapngWriter::new(Vec::new()).unwrap();
        let wire = writer.add_interface(LinkType::RawIp, "wire").unwrap();
        let packets = packets();
        for (number, packet) in (0..FRAMES).zip(packets.iter().cycle()) {
            writer.write(wire, Instant::from_nanos(number.into()), packet, None).unwrap();
        }
        writer.finish().unwrap()
    }

    fn ours(file: &[u8], decode: bool) -> u64 {
        let mut reader = Reader::open(file).unwrap();
        let mut octets = 0;
        while let Some(record) = reader.next_record().unwrap() {
            octets += record.data.len() as u64;
            if decode {
                black_box(&record.packet());
            }
        }
        octets
    }

    fn theirs(mut reader: impl PcapReaderIterator) -> u64 {
        let mut octets = 0;
        loop {
            match reader.next() {
                Ok((len, block)) => {
                    black_box(&block);
                    octets += len as u64;
                    reader.consume(len);
                }
                Err(PcapError::Eof) => return octets,
                Err(PcapError::Incomplete(_)) => reader.refill().unwrap(),
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    #[divan::bench]
    fn pcap_handshake(bencher: Bencher<'_, '_>) {
        let file = pcap();
        bencher.bench_local(|| ours(black_box(&file), false));
    }

    #[divan::bench]
    fn pcap_handshake_decoded(bencher: Bencher<'_, '_>) {
        let file = pcap();
        bencher.bench_local(|| ours(black_box(&file), true));
    }

    #[divan::bench]
    fn pcap_parser(bencher: Bencher<'_, '_>) {
        let file = pcap();
        bencher.bench_local(|| theirs(LegacyPcapReader::new(1 << 20, black_box(&file[..])).unwrap()));
    }

    #[divan::bench]
    fn pcapng_handshake(bencher: Bencher<'_, '_>) {
        let file = pcapng();
        bencher.bench_local(|| ours(black_box(&file), false));
    }

    #[divan::bench]
    fn pcapng_handshake_decoded(bencher: Bencher<'_, '_>) {
        let file = pcapng();
        bencher.bench_local(|| ours(black_box(&file), true));
    }

    #[divan::bench]
    fn pcapng_parser(bencher: Bencher<'_, '_>) {
        let file = pcapng();
        bencher.bench_local(|| theirs(PcapNGReader::new(1 << 20, black_box(&file[..])).unwrap()));
    }
}
