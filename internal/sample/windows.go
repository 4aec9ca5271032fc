package sample

import (
	"strconv"
	"time"
)

// windows makes a Windows event of a template.
func (s *Stream) windows(dst []byte) []byte {
	p, d := s.p, &s.draw
	var t *template
	if d.needle >= 0 {
		t = p.created[scale(uint32(d.words[2]), len(p.created))]
	} else {
		set := p.templates[p.sets.at(mix(d.words[2]))]
		t = set[scale(uint32(d.words[3]), len(set))]
	}
	if t.powershell {
		s.truth.PowerShell++
	}
	for i := range t.parts {
		dst = append(dst, t.parts[i].literal...)
		dst = s.slot(dst, t, t.parts[i].slot)
	}
	dst = append(dst, t.tail...)
	d.host.records++
	return dst
}

// process is one that lives on the host; its number, identity and start agree.
func (s *Stream) process(variable uint8) uint64 {
	d := &s.draw
	i := (s.p.process.at(mix(d.words[1])) + 11*int(variable)) % processes
	return mix(d.host.seed ^ uint64(i)<<8)
}

// fresh is a number that no other event has.
func (s *Stream) fresh(variable uint8) uint64 { return mix(s.draw.words[3] + uint64(variable)) }

func (s *Stream) slot(dst []byte, t *template, sl slot) []byte {
	d := &s.draw
	switch sl.kind {
	case slotTime:
		return s.clock.append(dst, sl.form)
	case slotRecord:
		return strconv.AppendUint(dst, d.host.records, 10)
	case slotHost:
		return append(dst, d.host.name...)
	case slotPID, slotTID:
		x := s.process(sl.variable)
		if sl.kind == slotTID {
			x = mix(x + d.words[3]>>62)
		} else if t.process && sl.variable == 1 {
			x = s.fresh(0)
		}
		n := 4 * (x%4000 + 16)
		if sl.form == 1 {
			return appendHex(dst, n, hexDigits(n), lowerHex)
		}
		return strconv.AppendUint(dst, n, 10)
	case slotGUID, slotNewGUID:
		return s.guid(dst, t, sl)
	case slotLogon:
		x := mix(d.host.seed+77+uint64(sl.variable)) & 0xffffff
		return appendHex(dst, x, hexDigits(x), lowerHex)
	case slotUser:
		if d.needle >= 0 && needles[d.needle].at == inUser && sl.variable == 0 {
			return append(dst, needles[d.needle].text...)
		}
		return appendAccount(dst, s.account(d, sl.variable))
	case slotDomain:
		return append(dst, d.unit.domain...)
	case slotRID:
		return appendInt(dst, 1100+s.account(d, sl.variable))
	case slotAddress:
		if sl.variable == 0 {
			return append(dst, d.host.address...)
		}
		return append(dst, s.hosts[d.unit.first+d.unit.busy.at(mix(d.words[2]+uint64(sl.variable)))].address...)
	case slotPort:
		return appendInt(dst, 49152+int(s.fresh(sl.variable)%16384))
	case slotExtra:
		if d.needle >= 0 && needles[d.needle].at == inCommandLine {
			return append(dst, needles[d.needle].text...)
		}
	}
	return dst
}

// guid writes an identity the way Sysmon makes them: machine, start, number.
func (s *Stream) guid(dst []byte, t *template, sl slot) []byte {
	d, digits := &s.draw, alphabet(sl.form)
	x := s.process(sl.variable)
	start := uint64(s.p.options.Start.Unix()) - x>>44
	if sl.kind == slotNewGUID || t.process && sl.variable == 0 {
		x = s.fresh(sl.variable)
		start = uint64(s.clock.at.Add(-time.Millisecond).Unix())
	}
	dst = append(appendHex(dst, d.host.seed, 8, digits), '-')
	dst = append(appendHex(dst, start&0xffff, 4, digits), '-')
	dst = append(appendHex(dst, start>>16, 4, digits), '-')
	dst = append(dst, "0000-0010"...)
	return appendHex(dst, x, 8, digits)
}
