package reactor

import (
	"net/netip"
	"slices"
	"sync/atomic"
)

// own is where peers reach this engine. Loops read it while the control writes.
type own struct {
	listen   atomic.Pointer[netip.AddrPort] // nil when we do not listen
	external atomic.Pointer[netip.Addr]     // as the tracker saw it that told last (BEP 24)
}

// isOwn tells whether a dial to an address would come back to us. A tracker that
// lies about our address keeps us from dialing one peer that has our port, and
// no other.
func (e *Engine) isOwn(to netip.AddrPort) bool {
	listen := e.own.listen.Load()
	if listen == nil || to.Port() != listen.Port() {
		return false
	}
	ip := to.Addr().Unmap()
	if external := e.own.external.Load(); external != nil && ip == external.Unmap() {
		return true
	}
	if at := listen.Addr().Unmap(); !at.IsUnspecified() {
		return ip == at
	}
	return ip.IsLoopback() || e.parts.Addresses != nil && slices.Contains(e.parts.Addresses(), ip)
}
