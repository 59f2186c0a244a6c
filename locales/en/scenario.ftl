# What is wrong with a scenario. Of each problem: what is wrong, .label at the place, .help the way out.

scenario-did-you-mean = Did you mean “{ $near }”? { $help }

scenario-not-toml = This is not valid TOML.
    .label = { $detail }
    .help = A scenario is a TOML file: `key = value` lines, [tables] and [[lists of tables]]. See docs/scenarios.md.
scenario-unknown-key = { $place ->
        [top] A scenario has no key “{ $key }”.
       *[other] There is no key “{ $key }” in { $place }.
    }
    .label = not known here
    .help = Known here: { $choices }.
scenario-missing-key = { $place ->
        [top] The scenario lacks “{ $key }”.
       *[other] { $place } lacks “{ $key }”.
    }
    .label = “{ $key }” is missing
    .help = { $key ->
        [title] Add a line such as: title = {"{"} en = "The SYN is lost", zh = "第一次握手丢失" {"}"}
        [notes] Add a lesson in both languages: notes = {"{"} en = "…", zh = "…" {"}"}
        [en] Both languages are needed: {"{"} en = "…", zh = "…" {"}"}
        [zh] Both languages are needed: {"{"} en = "…", zh = "…" {"}"}
        [hosts] Add who takes part: [hosts], then a line such as client = "10.0.0.1" for each.
        [script] Add what is done: [[script]], then at = "0ms" and do = "server listen 80".
        [addr] Add the host's address: addr = "10.0.0.1"
        [do] Add what is done: do = "client connect server:80"
        [match] Add which packets are meant: match = "client SYN #1"
        [act] Add what happens to them: act = "lose"
       *[other] Add a line: { $key } = …
    }
scenario-wrong-type = “{ $key }” has the wrong type.
    .label = this is { $found ->
        [string] a text
        [integer] a whole number
        [float] a number
        [boolean] true or false
        [array] a list
        [table] a table
       *[other] a { $found }
    }
    .help = { $expected ->
        [string] Write a text in quotes.
        [integer] Write a whole number without quotes.
        [boolean] Write true or false, without quotes.
        [table] Write a table: {"{"} key = value, … {"}"}
        [list] Write a list: ["…", "…"]
        [time] Write a time with its unit in quotes, such as "200ms" or "1.5s".
        [chance] Write a number from 0 to 1, or a text such as "20%".
        [ports] Write the lowest and the highest port: [49152, 65535]
       *[localized] Write both languages: {"{"} en = "…", zh = "…" {"}"}
    }
scenario-empty-text = A text is empty.
    .label = nothing here
    .help = Write something between the quotes, or leave the line out.
scenario-unclosed-quote = A quotation mark is not closed.
    .label = opened here
    .help = Close it with the same mark. Inside a TOML string in double quotes, use single ones: do = "client send 'hello'"

scenario-time-not-a-number = A time is not understood.
    .label = “{ $found }” does not begin with a number
    .help = Write a number and a unit, such as "10ms", "1.5s" or "2min".
scenario-time-negative = A time is negative.
    .label = “{ $found }” lies before the beginning
    .help = Every scenario begins at 0; time runs forward only.
scenario-time-without-unit = A time has no unit.
    .label = “{ $found }” of what?
    .help = Write it in quotes with ns, us, ms, s, min or h: "10ms".
scenario-time-unknown-unit = A time has an unknown unit.
    .label = “{ $found }” is not understood
    .help = The units are ns, us, ms, s, min and h: "10ms".
scenario-time-too-long = A time is too long.
    .label = “{ $found }” is more than a hundred years
    .help = Virtual time is cheap, but not that cheap.
scenario-until-before-from = A fault ends before it begins.
    .label = not later than “from”
    .help = Let “until” be later than “from”.
scenario-known-twice = A known difference is about segments or about states, not both.
    .label = one too many
    .help = Write two [[lab.known]], one with “segments” and one with “states”.
scenario-after-the-end = A step lies after the end of the scenario.
    .label = never reached: the scenario ends at { $until }
    .help = Move the step forward, or let “until” be later.
scenario-two-triggers = An entry of the script has two beginnings.
    .label = beside “at”
    .help = Use “at” alone, or “when” with or without “after”, or “after” alone.

scenario-bad-number = A number is not understood or too large.
    .label = “{ $found }”
    .help = Write a whole number from 0 to { $max }.
scenario-number-too-small = “{ $key }” is too small.
    .label = less than { $min }
    .help = The least that makes sense is { $min }.
scenario-bad-port = A port is not understood.
    .label = “{ $found }”
    .help = A port is a whole number from 1 to 65535.
scenario-port-missing = A port is missing.
    .label = which port of “{ $found }”?
    .help = Write HOST:PORT, such as server:80.
scenario-bad-payload = What is to be sent is not understood.
    .label = “{ $found }” is neither a text in quotes nor a size
    .help = Write a text in quotes ('hello') or a number of octets (100, 10KB, 1MiB).
scenario-bad-chance = A chance lies outside of 0 to 1.
    .label = “{ $found }”
    .help = Write a number from 0 (never) to 1 (always), or a text such as "20%".
scenario-bad-bandwidth = A bandwidth is not understood.
    .label = “{ $found }”
    .help = Write a number and a unit: "10Mbit", "56kbit" or "1Gbit" (bits a second).
scenario-bad-count = A count is not understood.
    .label = “{ $found }”
    .help = #1 is the first such packet, #2..4 the second to the fourth, #3.. all from the third on.
scenario-bad-sequence-number = A sequence number is not understood.
    .label = “{ $found }”
    .help = Write the number itself (1001), or +1 to count from the initial sequence number; in an injected segment also server.rcv_nxt-1.
scenario-unknown-variable = There is no variable “{ $found }”.
    .label = not a variable of a connection
    .help = The variables are { $choices }.

scenario-no-hosts = Nobody takes part.
    .label = no host here
    .help = Add a line for each host, such as client = "10.0.0.1".
scenario-bad-host-name = “{ $found }” cannot be a host's name.
    .label = a word of the language, or with a mark in it
    .help = Choose another word without spaces and marks; any, udp, the verbs and the keys of [expect] are taken.
scenario-bad-address = An address is not understood or cannot be a host's.
    .label = “{ $found }”
    .help = Write an IPv4 or IPv6 address of one host, such as "10.0.0.1" or "fd00::1".
scenario-address-taken = Two hosts have the same address.
    .label = { $found } is “{ $host }”'s already
    .help = Give each host an address of its own.
scenario-no-common-family = The two hosts have no kind of address in common.
    .label = “{ $host }” cannot be reached from here
    .help = Give both an IPv4 address, or both an IPv6 address: addr = ["10.0.0.1", "fd00::1"]
scenario-bad-topic = A topic is not understood.
    .label = “{ $found }”
    .help = Write "interview/11" for a question of the bank, or "rfc9293#3.5" for a section of an RFC.
scenario-unknown-choice = “{ $key }” cannot be “{ $found }”.
    .label = not one of the choices
    .help = Choose one of: { $choices }.

scenario-nothing-happens = Nothing happens in this scenario.
    .label = no step here
    .help = Add [[script]] with at = "0ms" and do = "server listen 80".
scenario-unknown-host = There is no host “{ $found }”.
    .label = not in [hosts]
    .help = The hosts are { $choices }.
scenario-host-missing = Who is to “{ $verb }”?
    .label = the host is missing before this
    .help = Begin with a host's name: client connect server:80
scenario-unknown-verb = “{ $found }” is nothing that a host can do.
    .label = not a verb
    .help = The verbs are { $choices }.
scenario-word-missing = The line ends too early.
    .label = { $expected } should follow
    .help = It is written: { $usage }
scenario-word-left-over = There is a word too many.
    .label = “{ $word }” is not understood here
    .help = It is written: { $usage }
scenario-unknown-word = “{ $found }” is not understood.
    .label = not one of the choices
    .help = Choose one of: { $choices }.
scenario-bad-socket-name = “{ $found }” cannot be a socket's name.
    .label = a verb, or with a mark in it
    .help = Choose another word of letters and digits, such as c1.
scenario-unknown-socket = “{ $host }” has no socket “{ $found }”.
    .label = no line makes it
    .help = A name is made by `HOST NAME connect …`, `HOST NAME listen …` or `HOST accept as NAME`. Known: { $choices }.
scenario-unknown-option = There is no socket option “{ $found }”.
    .label = not an option
    .help = The options are { $choices }. What a whole host does otherwise stands in [hosts].
scenario-bad-direction = From where to where?
    .label = “{ $found }” has no >
    .help = Write FROM>TO without spaces, such as client>server or client:40000>server:80.
scenario-unknown-fault = No fault is called “{ $found }”.
    .label = there is no such name
    .help = Give the fault a name: [[fault]] with name = "{ $found }". Named faults: { $choices }.

scenario-unknown-flags = “{ $found }” are no control bits.
    .label = not understood
    .help = Write bits joined by commas, such as SYN,ACK; none is no bit. Known: { $choices }.
scenario-unknown-packet-word = “{ $found }” says nothing about a packet.
    .label = not understood
    .help = Known: { $choices }.
scenario-unknown-condition = There is no condition “{ $found }”.
    .label = not understood
    .help = The conditions are { $choices }.
scenario-second-kind = A packet cannot be both “{ $first }” and “{ $second }”.
    .label = a second kind
    .help = Join control bits by commas without spaces: SYN,ACK.
scenario-unknown-condition-word = “{ $found }” is neither a state nor a packet.
    .label = not understood
    .help = Write HOST STATE, such as server CLOSE-WAIT, or a packet, such as client FIN or client SYN arrives. Known: { $choices }.
scenario-unknown-state = There is no state “{ $found }”.
    .label = not a state
    .help = The states are { $choices }.
scenario-unknown-act = A fault cannot “{ $found }”.
    .label = not understood
    .help = It can { $choices }.

scenario-unknown-expectation = “{ $key }” cannot be expected.
    .label = neither a host nor a list
    .help = Known here: { $choices }; also "HOST with HOST" for the states of some connections only.
scenario-unknown-call = There is no call “{ $found }”.
    .label = not a call
    .help = The calls are { $choices }.
scenario-unknown-outcome = “{ $found }” is nothing that a call returns.
    .label = not understood
    .help = Write ok, a number of octets, end, or an error's name. Known: { $choices }.
scenario-unknown-rule = There is no rule “{ $found }”.
    .label = not a rule
    .help = Rules have the names that `run --format json` shows, such as listen-answers-syn.
scenario-count-in-list = A count has no meaning in a list of segments.
    .label = its place in the list says which one it is
    .help = Leave the # out.

# After a run: what the scenario said in vain, and where it was wrong.
scenario-dead-fault = A fault never touched a packet.
    .label = no packet was “{ $fault }”
    .help = Correct which packets are meant, or leave the fault out. `run` shows what was sent.
scenario-dead-fault-count = A fault never touched a packet.
    .label = only { $count } such packets were sent
    .help = Correct the count behind #, or leave the fault out.
scenario-dead-condition = A step never came.
    .label = what it waits for never happened
    .help = Correct “when”, or see with `run` why it does not happen.
scenario-dead-after = A step never came.
    .label = the calls before it never returned
    .help = Use “at” or “when”, or see with `run` why they do not return.
scenario-states-differ = “{ $host }” goes through other states.
    .label = here it enters { $found }
    .help = Its states were: { $all }.
scenario-states-missing = “{ $host }” goes through fewer states.
    .label = it never comes to this
    .help = Its states were: { $all }.
scenario-states-extra = “{ $host }” goes through more states.
    .label = after this it enters { $found }
    .help = Its states were: { $all }. Write "..." for any more.
scenario-segment-differs = Another segment is sent.
    .label = number { $position } is: { $found }
    .help = Correct the line, or the scenario. "..." stands for any segments.
scenario-segment-missing = A segment is not sent.
    .label = nothing more is sent after { $position ->
        [1] the beginning
       *[other] the segment before
    }
    .help = Correct the line, or the scenario.
scenario-segment-extra = More segments are sent.
    .label = after this: { $found }
    .help = Add it, or write "..." for any more.
scenario-return-missing = A call does not return this.
    .label = it returns: { $found }
    .help = The returns of “{ $host }” stand in their order; others may lie between.
scenario-delivered-differs = “{ $host }” receives another number of octets.
    .label = { $found } octets, not { $expected }
    .help = Only what recv() returned counts: is there a recv, and does it read on (recv all)?
scenario-delivered-garbled = “{ $host }” receives other octets.
    .label = the number is right, the octets are not
    .help = Compare with what is sent.
scenario-rule-missing = A rule does not fire.
    .label = “{ $rule }” does not fire on “{ $host }” here
    .help = The rules of a host stand in their order; `run --format json` shows which fire.
