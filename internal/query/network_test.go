package query

import (
	"net/netip"
	"testing"
)

// Every address at the edges of a block of every size is told right, also where
// IPv4 is written as IPv6.
func TestNetworkEdges(t *testing.T) {
	for _, base := range []string{"10.85.170.129", "255.255.255.255", "0.0.0.0", "192.168.100.10"} {
		addr := netip.MustParseAddr(base)
		for bits := range 33 {
			block := netip.PrefixFrom(addr, bits).Masked()
			first := block.Addr()
			last := first.As4()
			for i := bits; i < 32; i++ {
				last[i/8] |= 0x80 >> (i % 8)
			}
			end := netip.AddrFrom4(last)
			for _, a := range []netip.Addr{first, first.Prev(), end, end.Next()} {
				if !a.IsValid() {
					continue
				}
				want := block.Contains(a)
				for _, s := range []string{a.String(), "::ffff:" + a.String()} {
					if got := InNetwork(block, s); got != want {
						t.Errorf("%s holds %s: %v, want %v", block, s, got, want)
					}
				}
			}
		}
	}
}
