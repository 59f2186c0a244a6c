//! The options of a connection: what is offered, what was agreed, what each segment carries.

use super::{Connection, Context, Negotiated};
use crate::tcp::{Rule, State};
use crate::wire::{Options, SackBlock, SackBlocks, Segment, TcpOption};

impl Connection {
    /// The MSS to assume when the peer names none: 536, for IPv6 1220.
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.7.1
    //# If an MSS Option is not received at connection setup, TCP
    //# implementations MUST assume a default send MSS of 536 (576 - 40) for
    //# IPv4 or 1220 (1280 - 60) for IPv6 (MUST-15).
    pub(super) fn default_mss(&self) -> u16 {
        if self.ip.src.is_ipv4() { 536 } else { 1220 }
    }

    /// The MSS we announce: the largest packet of the link less the fixed headers.
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.7.1
    //# The MSS value to be sent in an MSS Option should be equal to the
    //# effective MTU minus the fixed IP and TCP headers.
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.7.1
    //# where MMS_R is the maximum size for a transport-layer message that can be received (and
    //# reassembled at the IP layer) (MUST-67).
    fn own_mss(&self) -> u16 {
        self.settings.mtu.saturating_sub(if self.ip.src.is_ipv4() { 40 } else { 60 })
    }

    /// The text a full segment carries: the agreed MSS less the options of every segment.
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.7.1
    //# The maximum size of a segment that a TCP endpoint really sends, the
    //# "effective send MSS", MUST be the smaller (MUST-16) of the send MSS
    //# [...] and the largest transmission size permitted by the IP layer
    pub(super) fn size_text(&mut self) {
        let options = if self.negotiated.timestamps { 12 } else { 0 };
        self.negotiated.text_mss = self.negotiated.mss.min(self.own_mss()).saturating_sub(options).max(1);
    }

    /// The text a full segment carries.
    pub(super) fn text_mss(&self) -> u16 {
        self.negotiated.text_mss
    }

    /// The most text a segment of ours carries now. Linux fills at most half of the largest window it
    /// has seen, so that the peer may acknowledge before it is closed.
    pub(super) fn send_mss(&self) -> u32 {
        let mss = u32::from(self.text_mss());
        let window = self.tcb.max_snd_wnd;
        if !self.settings.policy.linux || window == 0 {
            return mss;
        }
        let limit = if window > 536 { window / 2 } else { window };
        mss.min(limit.max(48))
    }

    /// Takes in the options of the peer's SYN. Only what both offer is used.
    pub(in crate::tcp) fn negotiate(&mut self, segment: &Segment) {
        let settings = &self.settings;
        let (mut mss, mut shift, mut stamp, mut sack) = (None, None, None, false);
        for option in &segment.options {
            // Of an option that comes twice the first counts.
            match option {
                TcpOption::Mss(told) => mss = mss.or(Some(told)),
                TcpOption::WindowScale(told) => shift = shift.or(Some(told)),
                TcpOption::Timestamps { val, .. } => stamp = stamp.or(Some(val)),
                TcpOption::SackPermitted => sack = true,
                _ => {}
            }
        }
        let scale = settings.window_scale.zip(shift);
        self.negotiated = Negotiated {
            mss: mss.unwrap_or(self.default_mss()).max(64),
            text_mss: 0,
            // RFC 7323 §2.3: a shift above 14 counts as 14.
            snd_scale: scale.map_or(0, |(_, shift)| shift.min(14)),
            rcv_scale: scale.map_or(0, |(shift, _)| shift.min(14)),
            timestamps: settings.timestamps && stamp.is_some(),
            sack: settings.sack && sack,
        };
        self.size_text();
        if let (true, Some(val)) = (self.negotiated.timestamps, stamp) {
            self.ts_recent = val;
        }
    }

    /// The options of a SYN, or of a SYN,ACK, which answers only what was offered.
    pub(super) fn push_syn_options(&self, cx: &Context<'_>, is_answer: bool, options: &mut Options) {
        let settings = &self.settings;
        if settings.mss_option {
            //= https://www.rfc-editor.org/rfc/rfc9293#section-3.7.1
            //# TCP endpoints MUST implement both sending and receiving the MSS Option (MUST-14).
            options.push(&TcpOption::Mss(self.own_mss()));
        }
        let sack = if is_answer { self.negotiated.sack } else { settings.sack };
        let timestamps = if is_answer { self.negotiated.timestamps } else { settings.timestamps };
        let scale = if is_answer && !self.scale_agreed() { None } else { settings.window_scale };
        // The layout Linux uses: SACK-permitted and timestamps share the padding.
        match (sack, timestamps) {
            (true, true) => {
                options.push(&TcpOption::SackPermitted);
                options.push(&self.timestamps(cx));
            }
            (true, false) => {
                options.push_bytes(&[1, 1]);
                options.push(&TcpOption::SackPermitted);
            }
            (false, true) => {
                options.push_bytes(&[1, 1]);
                options.push(&self.timestamps(cx));
            }
            (false, false) => {}
        }
        if let Some(shift) = scale {
            options.push(&TcpOption::Nop);
            options.push(&TcpOption::WindowScale(shift));
        }
        if let Some(fast_open) = self.fast_open {
            options.push(&TcpOption::FastOpen(fast_open.octets()));
            while !options.as_bytes().len().is_multiple_of(4) && options.push(&TcpOption::Nop) {}
        }
    }

    fn scale_agreed(&self) -> bool {
        self.negotiated.rcv_scale > 0 || self.negotiated.snd_scale > 0
    }

    /// The options of any other segment.
    //= https://www.rfc-editor.org/rfc/rfc9293#section-3.2
    //# This field may be sent in the initial connection request (i.e., in segments with the SYN control
    //# bit set) and MUST NOT be sent in other segments (MUST-65).
    pub(super) fn options(&mut self, cx: &mut Context<'_>) -> Options {
        let mut options = Options::NONE;
        if self.negotiated.timestamps {
            options.push_bytes(&[1, 1]);
            options.push(&self.timestamps(cx));
        }
        if self.negotiated.sack {
            self.push_sack(cx, &mut options);
        }
        options
    }

    /// What came twice, and what is held ahead of gaps.
    fn push_sack(&mut self, cx: &mut Context<'_>, options: &mut Options) {
        let duplicate = self.duplicate.take();
        // To Linux a FIN that came ahead of missing text is held like text.
        let fin = self.fin_ahead.filter(|_| self.settings.policy.linux);
        let held = self.receive.has_held() || fin.is_some();
        if duplicate.is_some() || held {
            let room = if self.negotiated.timestamps { 3 } else { 4 };
            let mut blocks = SackBlocks::EMPTY;
            //= https://www.rfc-editor.org/rfc/rfc2883#section-4
            //# When D-SACK is used, the first block of the SACK option should be a D-SACK block
            //# specifying the sequence numbers for the duplicate segment that triggers the
            //# acknowledgement.
            if duplicate.is_some() {
                cx.tell(crate::tcp::event::What::Rule(Rule::ReportsDuplicate));
            }
            let mut held: Vec<SackBlock> = self.receive.blocks().collect();
            if let Some(at) = fin {
                match held.iter_mut().find(|block| block.right == at) {
                    Some(block) => block.right = at + 1,
                    None => held.insert(0, SackBlock { left: at, right: at + 1 }),
                }
            }
            for block in duplicate.into_iter().chain(held).take(room) {
                blocks.push(block);
            }
            options.push_bytes(&[1, 1]);
            options.push(&TcpOption::Sack(blocks));
        }
    }

    fn timestamps(&self, cx: &Context<'_>) -> TcpOption<'static> {
        let echo = if self.tcb.state == State::SynSent { 0 } else { self.ts_recent };
        TcpOption::Timestamps { val: ts_clock(cx.now), ecr: echo }
    }
}

/// The timestamp clock: milliseconds, never 0 (RFC 7323 §5.4).
pub(in crate::tcp) fn ts_clock(now: crate::time::Instant) -> u32 {
    (now.as_nanos() / 1_000_000) as u32 + 1
}
