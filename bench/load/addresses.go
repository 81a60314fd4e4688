package load

import (
	"net/netip"
	"sync/atomic"
)

// Loopback returns a source of local addresses for connections to this
// machine: 127.1.0.1 first, and another one each time. Some clients keep one
// connection an address. It is safe for several goroutines.
func Loopback() func() netip.Addr {
	var last atomic.Uint32
	last.Store(1 << 16)
	return func() netip.Addr {
		n := last.Add(1)
		return netip.AddrFrom4([4]byte{127, byte(n >> 16), byte(n >> 8), byte(n)})
	}
}
