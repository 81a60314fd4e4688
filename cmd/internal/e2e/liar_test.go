package e2e

import (
	"testing"
	"time"

	"spate/proto/wire"
)

// liar is a seed of which one block in so many is wrong.
type liar struct {
	addr  string
	ended chan lies // one for each connection
}

// lies is what a liar gave to one connection.
type lies struct{ blocks, wrong int }

// lie starts a liar at an address, port 0 for any, that takes its time for each
// block.
func (l *lab) lie(at string, tor *torrent, oneIn int, pace time.Duration) *liar {
	l.Helper()
	liar := &liar{ended: make(chan lies, 1000)}
	liar.addr = l.serveAt(at, func(p *rawPeer) { liar.ended <- serveLies(p, tor, oneIn, pace) })
	return liar
}

// serveLies serves one connection until it ends.
func serveLies(p *rawPeer, tor *torrent, oneIn int, pace time.Duration) (gave lies) {
	p.promise(tor)
	for {
		id, body, err := p.next()
		if err != nil {
			return gave
		}
		if id != wire.MsgRequest {
			continue
		}
		time.Sleep(pace)
		r := request(body)
		b := wire.AppendPieceHeader(nil, r.Index, r.Begin, r.Length)
		b = append(b, tor.piece(int(r.Index))[r.Begin:][:r.Length]...)
		if gave.blocks%oneIn == 0 {
			b[len(b)-1]++
			gave.wrong++
		}
		gave.blocks++
		if p.send(b) != nil {
			return gave
		}
	}
}

// TestLiar: wrong blocks are found out, never kept and never served on, and the
// peer that sends them is dropped; beside it an honest seed completes the
// download.
func TestLiar(t *testing.T) {
	check := func(name string, oneIn int) {
		t.Run(name, func(t *testing.T) {
			l := parallel(t)
			tor := l.single(8<<20, 64<<10)
			liar := l.lie("127.0.0.1:0", tor, oneIn, 0)
			seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers", "--up-limit", "4MiB")
			addr := seed.ready()
			get := l.spate("get", tor.path, "-d", l.path("got"), "--no-trackers", "--seed", "--up-limit", "4MiB",
				"--peer", liar.addr, "--peer", addr)
			w := l.watch(tor, get.ready())
			gave := <-liar.ended
			get.on("complete")
			tor.same(l.path("got"))
			get.stop()
			<-w.ended
			l.Logf("a liar gave %d blocks, %d of them wrong, before it was dropped; %d bytes fetched for %d; %d blocks were served on and right",
				gave.blocks, gave.wrong, get.last("stopped").Downloaded, tor.length(), w.served.Load())
			if gave.wrong == 0 {
				l.Error("the liar was never asked")
			}
		})
	}
	check("always", 1)
	check("now and then", 20)
}
