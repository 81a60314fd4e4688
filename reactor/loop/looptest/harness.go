package looptest

import (
	"net/netip"
	"testing"
	"time"

	"spate/reactor/loop"
)

// Harness is a pair of networks under test and the way to let time pass for
// them.
type Harness struct {
	// Server is the network that listens, Client the one that dials. They are
	// not started, can reach each other, and may be the same kind of object
	// on two hosts. The suite starts and stops them.
	Server, Client loop.Network
	// ListenAddr is what Server.Listen is called with. The address that it
	// returns must be one that Client can dial.
	ListenAddr string
	// Refused is an address that refuses connections from Client at once; the
	// zero value leaves out the test that needs it.
	Refused netip.AddrPort
	// Silent is an address that never answers Client's dials; the zero value
	// leaves out the test that needs it.
	Silent netip.AddrPort
	// File makes an open file with the given content, closed at the end of
	// the test. content stays unchanged.
	File func(t *testing.T, content []byte) loop.File
	// RunUntil lets the networks run until cond is true or their clock has
	// advanced by limit, and returns the last value of cond. cond may be
	// called any number of times, from this goroutine only, and never from
	// inside a handler.
	RunUntil func(cond func() bool, limit time.Duration) bool
}

// pollInterval is how often Poll looks: short beside the suite's time limits,
// long beside the cost of looking.
const pollInterval = time.Millisecond

// Poll is a RunUntil for networks that run by themselves in real time.
func Poll(cond func() bool, limit time.Duration) bool {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	again := time.NewTicker(pollInterval)
	defer again.Stop()
	for !cond() {
		select {
		case <-again.C:
		case <-deadline.C:
			return cond()
		}
	}
	return true
}
