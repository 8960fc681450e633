-- SPDX-License-Identifier: GPL-2.0
-- Wireshark dissector of RRDP and of the resolution of its node numbers.
--
-- What follows the header depends on options that both SYNs of a connection
-- offered: without them its words are shown as they are. A checksum covers the node
-- numbers, which are in no frame: it is verified where the preferences name them.

local rrdp = Proto("rrdp", "RRDP")
local resolve = Proto("rrdp_resolve", "RRDP node resolution")

local VERSION, HEADER = 1, 14
-- A frame that holds less is padded by whoever sends it.
local SHORTEST = 46
local VMNET_PORT = 4789
-- Twice the largest window.
local AHEAD = 2 * 8191

rrdp.prefs.ethertype = Pref.uint("EtherType", 0x88B5, "The module's ethertype=")
rrdp.prefs.nodes = Pref.string("Nodes", "",
	"Node numbers, to verify checksums: 02:00:00:00:00:01=1, 02:00:00:00:00:02=2")
resolve.prefs.ethertype = Pref.uint("EtherType", 0x88B6, "EtherType of node resolution")

local FLAGS = {
	{ "syn", "SYN", 0x80 }, { "ack", "ACK", 0x40 }, { "eack", "EACK", 0x20 },
	{ "rst", "RST", 0x10 }, { "nul", "NUL", 0x08 }, { "more", "MORE", 0x04 },
}

-- From the least significant bit on.
local OPTIONS = { "sequenced", "cksum_hdr", "xseq", "credit", "more", "eackr" }

-- ---- fields ----

local f = {
	flags = ProtoField.uint8("rrdp.flags", "Flags", base.HEX, nil, 0xfc),
	version = ProtoField.uint8("rrdp.version", "Version", base.DEC, nil, 0x03),
	hlen = ProtoField.uint8("rrdp.hlen", "Header length, in words"),
	sport = ProtoField.uint16("rrdp.srcport", "Source port"),
	dport = ProtoField.uint16("rrdp.dstport", "Destination port"),
	port = ProtoField.uint16("rrdp.port", "Source or destination port"),
	len = ProtoField.uint16("rrdp.len", "Data length"),
	seq = ProtoField.uint16("rrdp.seq", "Sequence number"),
	ack = ProtoField.uint16("rrdp.ack", "Acknowledgment number"),
	checksum = ProtoField.uint16("rrdp.checksum", "Checksum", base.HEX),
	status = ProtoField.uint8("rrdp.checksum.status", "Checksum status", base.DEC,
		{ [0] = "Bad", [1] = "Good", [2] = "Unverified" }),
	max_out = ProtoField.uint16("rrdp.syn.max_out", "Most segments unacknowledged"),
	max_size = ProtoField.uint16("rrdp.syn.max_size", "Largest segment"),
	options = ProtoField.uint16("rrdp.syn.options", "Options", base.HEX),
	epoch = ProtoField.uint32("rrdp.syn.epoch", "Epoch", base.HEX),
	credit = ProtoField.uint16("rrdp.credit", "Credit"),
	eack = ProtoField.uint16("rrdp.eack", "Received out of order"),
	first = ProtoField.uint16("rrdp.eack.first", "Received out of order, from"),
	last = ProtoField.uint16("rrdp.eack.last", "Received out of order, up to"),
	word = ProtoField.uint16("rrdp.word", "Word of unknown meaning"),
	data = ProtoField.bytes("rrdp.data", "Data"),
	train = ProtoField.bytes("rrdp.train", "Data of the segments that follow"),
	padding = ProtoField.bytes("rrdp.padding", "Padding"),
}
for _, flag in ipairs(FLAGS) do
	f["flag_" .. flag[1]] = ProtoField.bool("rrdp.flags." .. flag[1], flag[2], 8, nil, flag[3])
end
for i, name in ipairs(OPTIONS) do
	f["option_" .. name] = ProtoField.bool("rrdp.option." .. name, name:upper(), 16, nil,
		2 ^ (i - 1))
end

local r = {
	op = ProtoField.uint16("rrdp_resolve.op", "Operation", base.DEC,
		{ "Request", "Reply", "Announce" }),
	sender = ProtoField.uint32("rrdp_resolve.sender", "Sender node"),
	target = ProtoField.uint32("rrdp_resolve.target", "Target node"),
}

local function malformed(name, text)
	return ProtoExpert.new(name, text, expert.group.MALFORMED, expert.severity.ERROR)
end

local e = {
	short = malformed("rrdp.short", "Shorter than a header"),
	version = malformed("rrdp.version.unknown", "Unknown version"),
	hlen = malformed("rrdp.hlen.bad", "Impossible header length"),
	flags = malformed("rrdp.flags.bad", "Flags that exclude each other"),
	len = malformed("rrdp.len.bad", "Data where none may be, or more than the frame holds"),
	words = malformed("rrdp.words.bad", "Words that no option explains"),
	options = ProtoExpert.new("rrdp.options.unknown", "Options that are not known",
		expert.group.PROTOCOL, expert.severity.WARN),
	checksum = ProtoExpert.new("rrdp.checksum.bad", "Wrong checksum",
		expert.group.CHECKSUM, expert.severity.ERROR),
	cut = ProtoExpert.new("rrdp.cut", "The capture has only the start of the frame",
		expert.group.UNDECODED, expert.severity.NOTE),
}

local re = {
	short = malformed("rrdp_resolve.short", "Shorter than 10 octets"),
	op = malformed("rrdp_resolve.op.unknown", "Unknown operation"),
	node = malformed("rrdp_resolve.node.none", "A node without a number"),
}

local function values(t)
	local list = {}

	for _, v in pairs(t) do
		list[#list + 1] = v
	end
	return list
end

rrdp.fields, rrdp.experts = values(f), values(e)
resolve.fields, resolve.experts = values(r), values(re)

-- ---- checksum ----

local BAD, GOOD, UNVERIFIED = 0, 1, 2
local nodes = {}

local function read_nodes(text)
	nodes = {}
	for mac, number in text:gmatch("([%x:]+)=(%d+)") do
		nodes[mac:lower()] = tonumber(number)
	end
end

-- Sum of the 16-bit words of @number, which may have 64 bits.
local function words(number)
	local sum = 0

	while number > 0 do
		sum = sum + number % 0x10000
		number = math.floor(number / 0x10000)
	end
	return sum
end

local function sum_of(buf, len, sum)
	for i = 0, len - 2, 2 do
		sum = sum + buf(i, 2):uint()
	end
	if len % 2 == 1 then
		sum = sum + buf(len - 1, 1):uint() * 0x100
	end
	while sum > 0xffff do
		sum = sum % 0x10000 + math.floor(sum / 0x10000)
	end
	return sum
end

-- The part of the pseudo-header that follows from the connection.
local function sum_of_xseq(known)
	return words(known.epochs[1]) + words(known.epochs[2]) +
		words(math.floor(known.seq / 0x10000)) + words(math.floor(known.ack / 0x10000))
end

-- Whether the checksum is right, or why nobody can tell.
local function verify(buf, s, known, pinfo)
	local from, to = nodes[tostring(pinfo.dl_src)], nodes[tostring(pinfo.dl_dst)]
	local plain = s.on.syn or s.on.rst
	local options = known.options or {}
	local covered = options.cksum_hdr and s.hlen or s.hlen + s.len
	local sum

	if not from or not to then
		return UNVERIFIED, "the preferences do not name both nodes"
	elseif not plain and not known.options then
		return UNVERIFIED, "the capture has not both SYNs"
	elseif s.train and covered > s.hlen then
		return UNVERIFIED, "its segments were not cut yet"
	elseif covered > buf:len() then
		return UNVERIFIED, "the capture has only the start"
	end

	sum = words(from) + words(to)
	if plain or not options.xseq then
		return sum_of(buf, covered, sum) == 0xffff and GOOD or BAD
	end
	-- The answer to a SYN of another incarnation is summed without.
	if s.hlen == HEADER and s.len == 0 and sum_of(buf, covered, sum) == 0xffff then
		return GOOD
	end
	return sum_of(buf, covered, sum + sum_of_xseq(known)) == 0xffff and GOOD or BAD
end

-- ---- connections ----

-- By both ends, and what the first look at a frame found out about its segment.
local conns, found = {}, {}

function rrdp.init()
	conns, found = {}, {}
end

-- The key of the connection of segment @s, and which of its ends sent it, 1 or 2.
local function ends_of(s, pinfo)
	local from = tostring(pinfo.dl_src) .. " " .. s.sport
	local to = tostring(pinfo.dl_dst) .. " " .. s.dport

	if from < to then
		return from .. " " .. to, 1
	end
	return to .. " " .. from, 2
end

-- Options in force, nil until both ends have said theirs.
local function in_force(conn)
	local a, b = conn.offer[1], conn.offer[2]
	local both = {}

	if not a or not b then
		return nil
	end
	for _, name in ipairs(OPTIONS) do
		both[name] = a.options[name] and b.options[name]
	end
	both.more = both.more and both.sequenced
	both.xseq = both.xseq and a.epoch ~= 0 and b.epoch ~= 0
	return both
end

-- The 64-bit number nearest to @near that ends in the 16 bits @low.
local function expand(near, low)
	return near + (low - near + 0x8000) % 0x10000 - 0x8000
end

-- What earlier segments of @conn tell about @s.
local function recall(conn, side, s)
	local high, peer_high = conn.high[side], conn.high[3 - side]
	local known = { options = in_force(conn), part = conn.more[side] == s.seq }

	if known.options then
		known.seq, known.ack = expand(high, s.seq), expand(peer_high, s.ack)
		known.epochs = { conn.offer[1].epoch, conn.offer[2].epoch }
	end
	return known
end

-- A SYN: the first of a connection, or of another incarnation of it.
local function remember_syn(key, side, s)
	local conn = conns[key]
	local old = conn and conn.offer[side]

	if not conn or (old and (old.seq ~= s.seq or old.epoch ~= s.epoch)) then
		conn = { offer = {}, high = {}, more = {} }
		conns[key] = conn
	end
	conn.offer[side] = { seq = s.seq, epoch = s.epoch, options = s.options }
	conn.high[side] = conn.high[side] or 0x10000 + s.seq
end

local function remember(conn, side, s, known)
	-- No receiver takes what is further ahead.
	if known.seq and not s.on.rst and known.seq > conn.high[side] and
	   known.seq <= conn.high[side] + AHEAD then
		conn.high[side] = known.seq
	end
	if s.on.more then
		conn.more[side] = (s.seq + 1) % 0x10000
	end
end

-- What has to be known of earlier segments to understand @s, and its checksum.
local function learn(buf, s, pinfo)
	local key, side = ends_of(s, pinfo)
	local conn = conns[key] or { offer = {}, high = {}, more = {} }
	local known = recall(conn, side, s)

	known.status, known.why = verify(buf, s, known, pinfo)
	-- What was altered on its way teaches nothing.
	if known.status == BAD then
		return known
	end
	if s.on.syn then
		remember_syn(key, side, s)
	else
		remember(conn, side, s, known)
	end
	return known
end

-- Frames are looked at again, and in any order, when the first look is over.
local function knowledge(buf, s, pinfo)
	local key = pinfo.number .. " " .. ends_of(s, pinfo)

	if not pinfo.visited or not found[key] then
		found[key] = learn(buf, s, pinfo)
	end
	return found[key]
end

-- ---- segments ----

local function names_of_flags(s)
	local names = {}

	for _, flag in ipairs(FLAGS) do
		if s.on[flag[1]] then
			names[#names + 1] = flag[2]
		end
	end
	return table.concat(names, ", ")
end

local function show_flags(buf, s, tree)
	local item = tree:add(f.flags, buf(0, 1)):append_text(" (" .. names_of_flags(s) .. ")")

	for _, flag in ipairs(FLAGS) do
		item:add(f["flag_" .. flag[1]], buf(0, 1))
	end
	return item
end

-- The header, as much of it as there is; false if it is not all there.
local function show_header(buf, s, tree)
	local layout = {
		{ 2, "sport", f.port }, { 4, "dport", f.port }, { 6, "len" }, { 8, "seq" },
		{ 10, "ack" }, { 12, "checksum" },
	}

	if buf:len() < 1 then
		return false
	end
	s.on = {}
	for i, flag in ipairs(FLAGS) do
		s.on[flag[1]] = buf(0, 1):bitfield(i - 1, 1) == 1
	end
	s.version = buf(0, 1):bitfield(6, 2)
	s.flags_item = show_flags(buf, s, tree)
	s.version_item = tree:add(f.version, buf(0, 1))
	if buf:len() < 2 then
		return false
	end
	s.hlen = 2 * buf(1, 1):uint()
	s.hlen_item = tree:add(f.hlen, buf(1, 1)):append_text(" (" .. s.hlen .. " octets)")
	for _, l in ipairs(layout) do
		local off, name, either = l[1], l[2], l[3]

		if buf:len() < off + 2 then
			return false
		end
		s[name] = buf(off, 2):uint()
		s[name .. "_item"] = tree:add(f[name], buf(off, 2))
		if either then
			tree:add(either, buf(off, 2)):set_hidden()
		end
	end
	return true
end

-- RFC 908: what may stand together.
local function flags_agree(s)
	local on = s.on
	local kinds = (on.syn and 1 or 0) + (on.rst and 1 or 0) + (on.nul and 1 or 0)

	if kinds == 0 then
		return on.ack
	end
	return kinds == 1 and not on.eack and not on.more and (not on.nul or on.ack)
end

-- What is wrong with the header, if anything, and the item that shows it.
local function fault(s, total)
	if s.version ~= VERSION then
		return e.version, s.version_item
	elseif s.hlen < HEADER or s.hlen > total or (s.on.syn and s.hlen < HEADER + 6) then
		return e.hlen, s.hlen_item
	elseif not flags_agree(s) then
		return e.flags, s.flags_item
	elseif s.hlen + s.len > total or (s.len > 0 and (s.on.syn or s.on.rst or s.on.nul)) then
		return e.len, s.len_item
	end
end

-- What a SYN offers.
local function read_syn(buf, s)
	s.options = {}
	for i, name in ipairs(OPTIONS) do
		s.options[name] = buf(18, 2):bitfield(16 - i, 1) == 1
	end
	s.epoch = s.hlen >= 24 and buf(20, 4):uint() or 0
end

local function show_options(range, s, tree)
	local item = tree:add(f.options, range)
	local names = {}

	for _, name in ipairs(OPTIONS) do
		item:add(f["option_" .. name], range)
		if s.options[name] then
			names[#names + 1] = name:upper()
		end
	end
	item:append_text(" (" .. table.concat(names, ", ") .. ")")
	if range:uint() >= 2 ^ #OPTIONS then
		item:add_proto_expert_info(e.options)
	end
end

-- Returns where it ends.
local function show_syn(buf, s, tree)
	tree:add(f.max_out, buf(14, 2))
	tree:add(f.max_size, buf(16, 2))
	show_options(buf(18, 2), s, tree)
	if s.hlen < 24 then
		return 20
	end
	tree:add(f.epoch, buf(20, 4))
	return 24
end

local function show_checksum(buf, s, known, tree)
	if known.status == UNVERIFIED then
		s.checksum_item:append_text(" [unverified: " .. known.why .. "]")
	else
		s.checksum_item:append_text(known.status == GOOD and " [right]" or " [wrong]")
	end
	tree:add(f.status, buf(12, 2), known.status):set_generated()
	if known.status == BAD then
		s.checksum_item:add_proto_expert_info(e.checksum)
	end
end

local function show_ranges(buf, off, s, tree)
	while off + 4 <= s.hlen do
		tree:add(f.first, buf(off, 2))
		tree:add(f.last, buf(off + 2, 2))
		off = off + 4
	end
	return off
end

-- The variable part of a segment that is no SYN. Returns where it ends.
local function show_lists(buf, s, known, tree, info)
	local off, options = HEADER, known.options

	if options.credit and off < s.hlen then
		tree:add(f.credit, buf(off, 2))
		info[#info + 1] = "Credit=" .. buf(off, 2):uint()
		off = off + 2
	end
	if not s.on.eack then
		return off
	elseif options.eackr then
		return show_ranges(buf, off, s, tree)
	end
	while off < s.hlen do
		tree:add(f.eack, buf(off, 2))
		off = off + 2
	end
	return off
end

local function show_words(buf, off, s, tree, why)
	while off < s.hlen do
		local item = tree:add(f.word, buf(off, 2))

		if why then
			item:add_proto_expert_info(why)
		end
		off = off + 2
	end
end

local by_port = DissectorTable.new("rrdp.port", "RRDP port", ftypes.UINT16, base.DEC, rrdp)

-- A message in one segment goes to whoever knows the port.
local function show_data(buf, s, known, pinfo, tree, root)
	local data

	if s.len == 0 then
		return
	end
	data = buf(s.hlen, math.min(s.len, buf:len() - s.hlen))
	tree:add(f.data, data)
	if s.on.more or s.train or known.part or data:len() < s.len then
		return
	end
	for _, port in ipairs({ s.dport, s.sport }) do
		local dissector = by_port:get_dissector(port)

		if dissector then
			dissector:call(data:tvb(), pinfo, root)
			return
		end
	end
end

local function show_rest(buf, s, tree)
	local off = s.hlen + s.len

	if buf:len() > off then
		tree:add(s.train and f.train or f.padding, buf(off))
	end
end

-- A virtual device takes several segments as one frame with the first's header. Less
-- may be a frame check sequence.
local function is_train(buf, s)
	return s.len > 0 and buf:reported_len() > math.max(SHORTEST, s.hlen + s.len) + 4
end

local function summary(s)
	local info = {
		s.sport .. " \226\134\146 " .. s.dport .. " [" .. names_of_flags(s) .. "]",
		"Seq=" .. s.seq,
	}

	if s.on.ack then
		info[3] = "Ack=" .. s.ack
	end
	info[#info + 1] = "Len=" .. s.len
	return info
end

-- A segment whose header is all there and right.
local function show_segment(buf, s, pinfo, tree, root)
	local info = summary(s)
	local known, off

	if s.on.syn then
		read_syn(buf, s)
	end
	s.train = is_train(buf, s)
	known = knowledge(buf, s, pinfo)
	show_checksum(buf, s, known, tree)
	if s.on.syn then
		off = show_syn(buf, s, tree)
	elseif known.options then
		off = show_lists(buf, s, known, tree, info)
	end
	show_words(buf, off or HEADER, s, tree, off and e.words)
	pinfo.cols.info:set(table.concat(info, " ") .. (s.train and " and more" or ""))
	show_data(buf, s, known, pinfo, tree, root)
	show_rest(buf, s, tree)
end

-- The start of a frame whose rest was not captured.
local function show_cut(buf, pinfo, tree)
	tree:add_proto_expert_info(e.cut)
	pinfo.cols.info:set("[cut]")
	return buf:len()
end

local function show_malformed(tree, item, why, pinfo, text)
	(item or tree):add_proto_expert_info(why)
	pinfo.cols.info:set("[malformed: " .. text .. "]")
end

function rrdp.dissector(buf, pinfo, root)
	local s = {}
	local tree = buf:len() > 0 and root:add(rrdp, buf()) or root:add(rrdp)
	local cut = buf:len() < buf:reported_len()
	local why, item

	pinfo.cols.protocol:set("RRDP")
	if not show_header(buf, s, tree) then
		if cut and buf:reported_len() >= HEADER then
			return show_cut(buf, pinfo, tree)
		end
		show_malformed(tree, nil, e.short, pinfo, "too short")
		return buf:len()
	end
	tree:append_text(", " .. s.sport .. " > " .. s.dport)
	why, item = fault(s, buf:reported_len())
	if why then
		show_malformed(tree, item, why, pinfo, "header")
		if s.version == VERSION and buf:len() > HEADER then
			tree:add(f.data, buf(HEADER))
		end
	elseif s.hlen > buf:len() then
		show_cut(buf, pinfo, tree)
	else
		show_segment(buf, s, pinfo, tree, root)
	end
	return buf:len()
end

-- ---- node resolution ----

local OPERATIONS = {
	function(sender, target)
		return "Who has node " .. target .. "? Tell node " .. sender
	end,
	function(sender, target, mac)
		return "Node " .. sender .. " is at " .. mac
	end,
	function(sender, target, mac)
		return "Node " .. sender .. " is at " .. mac .. " (announcement)"
	end,
}

function resolve.dissector(buf, pinfo, root)
	local tree = buf:len() > 0 and root:add(resolve, buf()) or root:add(resolve)
	local op, sender, target, say

	pinfo.cols.protocol:set("RRDP-NODE")
	if buf:len() >= 2 then
		op = buf(0, 2):uint()
		say = OPERATIONS[op]
		local item = tree:add(r.op, buf(0, 2))
		if not say then
			item:add_proto_expert_info(re.op)
		end
	end
	if buf:len() >= 6 then
		sender = buf(2, 4):uint()
		local item = tree:add(r.sender, buf(2, 4))
		if sender == 0 then
			item:add_proto_expert_info(re.node)
		end
	end
	if buf:len() < 10 then
		tree:add_proto_expert_info(re.short)
		pinfo.cols.info:set("[malformed: too short]")
		return buf:len()
	end
	target = buf(6, 4):uint()
	tree:add(r.target, buf(6, 4))
	pinfo.cols.info:set(say and say(sender, target, tostring(pinfo.dl_src)) or
		"[malformed: operation " .. op .. "]")
	if buf:len() > 10 then
		tree:add(f.padding, buf(10))
	end
	return buf:len()
end

-- ---- where they belong ----

local table_of_types = DissectorTable.get("ethertype")

-- Follows the preference: @proto was registered with the EtherType @was.
local function follow(proto, was)
	if was ~= proto.prefs.ethertype then
		if was then
			table_of_types:remove(was, proto)
		end
		table_of_types:add(proto.prefs.ethertype, proto)
	end
	return proto.prefs.ethertype
end

local rrdp_type, resolve_type = follow(rrdp), follow(resolve)

function rrdp.prefs_changed()
	rrdp_type = follow(rrdp, rrdp_type)
	read_nodes(rrdp.prefs.nodes)
end

function resolve.prefs_changed()
	resolve_type = follow(resolve, resolve_type)
end

read_nodes(rrdp.prefs.nodes)

-- Frames of vmnet, in the format of VXLAN.
local vxlan = DissectorTable.get("udp.port"):get_dissector(VMNET_PORT)
if vxlan then
	by_port:add(VMNET_PORT, vxlan)
end
