package session

import (
	"crypto/rand"
	"net/netip"
	"runtime"

	"spate/bench/load"
	"spate/bench/usage"
	"spate/proto/metainfo"
)

// Options is a load, and what to look at beside it. Fields that are as in
// load.Config mean what they mean there.
type Options struct {
	Target      netip.AddrPort
	Torrent     *metainfo.Torrent
	Role        load.Role
	Conns       int
	Outstanding int
	// Loops is the generator's; 0 is Loops(Conns).
	Loops     int
	Content   load.Source
	SeedShare float64
	Verify    bool
	Ramp      float64
	Churn     float64
	SlowShare float64
	SlowRate  int
	Corrupt   float64
	// Congestion is the TCP congestion control of the generator's
	// connections, "" the system's.
	Congestion string
	// Usage looks at the client's process; nil leaves it out.
	Usage func() (usage.Usage, error)
}

// maxLoops bounds the loops that are taken by default: on a machine with four
// cores it leaves two to the client.
const maxLoops = 2

// Loops is how many loops carry that many connections by default.
func Loops(conns int) int {
	return max(1, min(conns, maxLoops, runtime.NumCPU()))
}

// draw is chance.
func draw(b []byte) { _, _ = rand.Read(b) } // never fails

func (o *Options) config() load.Config {
	return load.Config{
		Loops: o.Loops, Target: o.Target, Torrent: o.Torrent, Role: o.Role, Conns: o.Conns,
		SeedShare: o.SeedShare, Outstanding: o.Outstanding, Verify: o.Verify,
		SlowShare: o.SlowShare, SlowRate: o.SlowRate, Content: o.Content, Corrupt: o.Corrupt,
		Ramp: o.Ramp, Churn: o.Churn, Draw: draw,
	}
}
