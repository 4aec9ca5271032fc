package input

import (
	"encoding/binary"
	"errors"
	"net"

	"golang.org/x/sys/unix"
)

// dropCounter follows the kernel's count of datagrams it dropped because the
// receive buffer was full; it comes with each datagram.
type dropCounter struct{ last uint32 }

func watchDrops(conn *net.UDPConn) (*dropCounter, error) {
	d := &dropCounter{}
	raw, err := conn.SyscallConn()
	if err != nil {
		return d, err
	}
	var refused error
	err = raw.Control(func(fd uintptr) { refused = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1) })
	return d, errors.Join(err, refused)
}

// see returns how many were dropped since the last call.
func (d *dropCounter) see(oob []byte) uint32 {
	if len(oob) == 0 {
		return 0
	}
	msgs, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return 0
	}
	for _, m := range msgs {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_RXQ_OVFL && len(m.Data) >= 4 {
			total := binary.NativeEndian.Uint32(m.Data)
			lost := total - d.last
			d.last = total
			return lost
		}
	}
	return 0
}
