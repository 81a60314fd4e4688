package e2e

import (
	"testing"

	"spate/proto/wire"
)

// stranger is what answers where a get dials.
type stranger struct {
	what   string
	behave func(p *rawPeer, tor *torrent)
}

var strangers = []stranger{
	{"hangs up", func(*rawPeer, *torrent) {}},
	{"says nothing", func(p *rawPeer, _ *torrent) { _ = p.closed() }},
	{"talks of something else", func(p *rawPeer, _ *torrent) {
		_ = p.send([]byte("220 mail.example ESMTP ready and waiting for you to say what you want\r\n"))
		_ = p.closed()
	}},
	{"has another torrent", func(p *rawPeer, _ *torrent) {
		_ = p.handshake([20]byte(noise(20)), true)
		_ = p.closed()
	}},
	{"promises and never sends", func(p *rawPeer, tor *torrent) {
		p.promise(tor)
		_ = p.closed()
	}},
	{"rejects everything", func(p *rawPeer, tor *torrent) {
		p.promise(tor)
		for {
			id, body, err := p.next()
			if err != nil {
				return
			}
			if id == wire.MsgRequest {
				_ = p.send(append([]byte{0, 0, 0, 13, byte(wire.MsgReject)}, body...))
			}
		}
	}},
	{"chokes and unchokes", func(p *rawPeer, tor *torrent) {
		p.promise(tor)
		for {
			id, _, err := p.next()
			if err != nil {
				return
			}
			if id == wire.MsgRequest {
				_ = p.send(wire.AppendUnchoke(wire.AppendChoke(nil)))
			}
		}
	}},
	{"serves well and stops", func(p *rawPeer, tor *torrent) { serveSome(p, tor, 100) }},
	{"sends one block and no more", func(p *rawPeer, tor *torrent) { serveSome(p, tor, 1) }},
	{"sends half a block and stops", func(p *rawPeer, tor *torrent) {
		p.promise(tor)
		body, err := p.until(wire.MsgRequest)
		if err != nil {
			return
		}
		r := request(body)
		_ = p.send(append(wire.AppendPieceHeader(nil, r.Index, r.Begin, r.Length), make([]byte, r.Length/2)...))
		_ = p.closed()
	}},
}

// serveSome answers so many requests and keeps silent then.
func serveSome(p *rawPeer, tor *torrent, blocks int) {
	p.promise(tor)
	for ; blocks > 0; blocks-- {
		body, err := p.until(wire.MsgRequest)
		if err != nil {
			return
		}
		r := request(body)
		b := wire.AppendPieceHeader(nil, r.Index, r.Begin, r.Length)
		if p.send(append(b, tor.piece(int(r.Index))[r.Begin:][:r.Length]...)) != nil {
			return
		}
	}
	_ = p.closed()
}

// TestStrangers: whoever answers where a get dials, one honest seed is enough.
func TestStrangers(t *testing.T) {
	const size = 4 << 20
	check := func(name string, who []stranger) {
		t.Run(name, func(t *testing.T) {
			l := parallel(t)
			tor := l.single(size, 64<<10)
			seed := l.spate("seed", tor.path, "-d", tor.dir, "--no-trackers", "--up-limit", "4MiB")
			args := []string{"get", tor.path, "-d", l.path("got"), "--no-trackers"}
			for _, s := range who {
				args = append(args, "--peer", l.serve(func(p *rawPeer) { s.behave(p, tor) }))
			}
			get := l.run(0, append(args, "--peer", seed.ready())...)
			tor.same(l.path("got"))
			l.Logf("complete after %.1f s beside a peer that %s; %.2f copies fetched", get.last("complete").Seconds,
				name, float64(get.last("stopped").Downloaded)/size)
			if said := get.said(); said != "" {
				l.Errorf("get said %q", said)
			}
		})
	}
	for _, s := range strangers {
		check(s.what, []stranger{s})
	}
	check("is one of all these", strangers)
}
