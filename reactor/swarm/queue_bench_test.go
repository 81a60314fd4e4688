package swarm

import (
	"testing"
	"time"

	"spate/proto/wire"
	"spate/reactor/histogram"
)

// BenchmarkRequestQueue is one request in and out, with the one in
// sampleRequests that is timed.
func BenchmarkRequestQueue(b *testing.B) {
	epoch := time.Now()
	in := &intake{clock: func() time.Duration { return time.Since(epoch) }, waits: &histogram.Histogram{}}
	for _, c := range []struct {
		name   string
		intake *intake
	}{{"bare", nil}, {"counted", in}} {
		b.Run(c.name, func(b *testing.B) {
			q := requestQueue{intake: c.intake}
			b.ReportAllocs()
			for b.Loop() {
				for range 64 {
					q.push(wire.Request{Length: 16 << 10}, ReqQ)
				}
				for range 64 {
					q.pop()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/64, "ns/request")
		})
	}
}

// BenchmarkNote is what a turn costs for the census: of a peer that stands as
// it stood, and of one that does not.
func BenchmarkNote(b *testing.B) {
	r := newRig(b, testPiece, 0, testPiece)
	b.Run("same", func(b *testing.B) {
		for b.Loop() {
			r.p.note()
		}
	})
	b.Run("changed", func(b *testing.B) {
		for b.Loop() {
			r.p.peerInterested = !r.p.peerInterested
			r.p.note()
		}
	})
}
