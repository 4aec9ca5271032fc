package query

import (
	"net/netip"
	"strings"
)

// network reads a CIDR block. ok is false where the text is not meant as one:
// no address, or no number after the slash. bits is the longest prefix there can
// be; a block of zero value means that the one written is longer.
func network(text string) (block netip.Prefix, bits int, ok bool) {
	host, length, found := strings.Cut(text, "/")
	if !found || length == "" || strings.Trim(length, "0123456789") != "" {
		return netip.Prefix{}, 0, false
	}
	addr, err := netip.ParseAddr(host)
	if err != nil || addr.Zone() != "" {
		return netip.Prefix{}, 0, false
	}
	block, err = netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, addr.BitLen(), true
	}
	if addr.Is4In6() && block.Bits() >= 96 {
		block = netip.PrefixFrom(addr.Unmap(), block.Bits()-96)
	}
	return block.Masked(), addr.BitLen(), true
}

// InNetwork reports whether s is an IP address inside the block. An IPv4 address
// written as IPv6 (::ffff:10.0.0.1) is that IPv4 address, and a zone (%eth0) does
// not count.
func InNetwork(block netip.Prefix, s string) bool {
	addr, err := netip.ParseAddr(s)
	return err == nil && block.Contains(addr.Unmap().WithZone(""))
}
