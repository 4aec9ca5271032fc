package sample

import "strconv"

// windows makes a Windows event of the next template in the host's run.
func (s *Stream) windows(dst []byte) []byte {
	p, d := s.p, &s.draw
	r := &d.host.run
	if r.left == 0 {
		set := p.templates[p.sets.at(mix(d.words[2]))]
		*r = run{set: set, at: scale(uint32(d.words[3]), len(set)), left: shortestRun + scale(uint32(d.words[3]>>32), longestRun-shortestRun), seed: mix(d.words[3]), begun: s.clock.at.Unix()}
	}
	t := r.set[r.at]
	r.left--
	if r.at++; r.at == len(r.set) {
		r.at = 0
	}
	if d.needle >= 0 {
		t = p.created[scale(uint32(d.words[2]), len(p.created))]
	}
	if t.powershell {
		s.truth.PowerShell++
	}
	for i := range t.parts {
		dst = append(dst, t.parts[i].literal...)
		dst = s.slot(dst, t.parts[i].slot)
	}
	d.host.records++
	return append(dst, t.tail...)
}

func (s *Stream) slot(dst []byte, sl slot) []byte {
	d := &s.draw
	inRun := func() uint64 { return mix(d.host.run.seed ^ uint64(sl.of)) }
	switch sl.kind {
	case slotTime:
		return s.clock.append(dst, sl.form)
	case slotRecord:
		return strconv.AppendUint(dst, d.host.records, 10)
	case slotHost:
		return append(dst, d.host.name...)
	case slotPID, slotTID:
		n := 4 * (inRun()%4000 + 16)
		if sl.form == 1 {
			return appendHex(dst, n, hexDigits(n), lowerHex)
		}
		return strconv.AppendUint(dst, n, 10)
	case slotGUID:
		return s.guid(dst, inRun(), alphabet(sl.form))
	case slotLogon:
		x := mix(d.host.seed+uint64(sl.of)) & 0xffffff
		return appendHex(dst, x, hexDigits(x), lowerHex)
	case slotUser:
		if d.needle >= 0 && needles[d.needle].at == inUser {
			return append(dst, needles[d.needle].text...)
		}
		return appendAccount(dst, s.account(sl.of))
	case slotDomain:
		return append(dst, d.unit.domain...)
	case slotRID:
		return appendInt(dst, 1100+s.account(sl.of))
	case slotAddress:
		x := mix(d.host.seed + uint64(sl.of))
		if x&1 == 0 {
			return append(dst, d.host.address...)
		}
		return append(dst, s.hosts[d.unit.first+d.unit.busy.at(mix(x))].address...)
	case slotPort:
		return appendInt(dst, 49152+int(inRun()%16384))
	case slotExtra:
		if d.needle >= 0 && needles[d.needle].at == inCommandLine {
			return append(dst, needles[d.needle].text...)
		}
	}
	return dst
}

// guid writes an identity the way Sysmon makes them: machine, start, number.
func (s *Stream) guid(dst []byte, x uint64, digits string) []byte {
	d := &s.draw
	start := uint64(d.host.run.begun) - x>>48
	dst = append(appendHex(dst, d.host.seed, 8, digits), '-')
	dst = append(appendHex(dst, start, 4, digits), '-')
	dst = append(appendHex(dst, start>>16, 4, digits), '-')
	dst = append(dst, "0000-0010"...)
	return appendHex(dst, x, 8, digits)
}
