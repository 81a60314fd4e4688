package peer

import (
	"fmt"
	"hash/crc32"
	"math/rand/v2"

	"spate/proto/wire"
)

// recorder is a Handler that writes down what it is told, and gives every
// block a destination unless discard says otherwise.
type recorder struct {
	m         *Machine
	events    []string
	announced []wire.Request // blocks, in the order of OnPiece
	dst       []byte
	pause     bool
	fast      bool
	pieces    int // 0 leaves the number unknown
	discard   func(r wire.Request) bool
	fail      map[string]error // by event
}

func (r *recorder) log(format string, args ...any) error {
	e := fmt.Sprintf(format, args...)
	r.events = append(r.events, e)
	return r.fail[e]
}

func (r *recorder) OnHandshake(h wire.Handshake) error {
	r.m.SetFast(r.fast)
	if r.pieces > 0 {
		r.m.SetPieces(r.pieces)
	}
	if err := r.log("handshake %x", h.PeerID); err != nil || !r.pause {
		return err
	}
	return ErrPause
}
func (r *recorder) OnKeepAlive() error             { return r.log("keep-alive") }
func (r *recorder) OnChoke() error                 { return r.log("choke") }
func (r *recorder) OnUnchoke() error               { return r.log("unchoke") }
func (r *recorder) OnInterested() error            { return r.log("interested") }
func (r *recorder) OnNotInterested() error         { return r.log("not interested") }
func (r *recorder) OnHave(i uint32) error          { return r.log("have %d", i) }
func (r *recorder) OnBitfield(b []byte) error      { return r.log("bitfield %x", b) }
func (r *recorder) OnHaveAll() error               { return r.log("have all") }
func (r *recorder) OnHaveNone() error              { return r.log("have none") }
func (r *recorder) OnRequest(q wire.Request) error { return r.log("request %v", q) }
func (r *recorder) OnCancel(q wire.Request) error  { return r.log("cancel %v", q) }
func (r *recorder) OnReject(q wire.Request) error  { return r.log("reject %v", q) }
func (r *recorder) OnSuggest(i uint32) error       { return r.log("suggest %d", i) }
func (r *recorder) OnAllowedFast(i uint32) error   { return r.log("allowed fast %d", i) }
func (r *recorder) OnPort(p uint16) error          { return r.log("port %d", p) }
func (r *recorder) OnExtended(id byte, p []byte) error {
	return r.log("extended %d, %d bytes %08x", id, len(p), crc32.ChecksumIEEE(p))
}
func (r *recorder) OnPiece(q wire.Request) ([]byte, error) {
	r.dst = nil
	r.announced = append(r.announced, q)
	if r.discard == nil || !r.discard(q) {
		r.dst = make([]byte, q.Length)
	}
	return r.dst, r.log("piece %v", q)
}
func (r *recorder) OnBlock(q wire.Request) error { return r.log("%s", blockEvent(q, r.dst)) }

// blockEvent is the event of a block that arrived in dst, or nowhere.
func blockEvent(q wire.Request, dst []byte) string {
	if dst == nil {
		return fmt.Sprintf("block %v thrown away", q)
	}
	return fmt.Sprintf("block %v %08x", q, crc32.ChecksumIEEE(dst))
}

const testPieces = 1000

// testDiscard throws every fifth piece's blocks away.
func testDiscard(q wire.Request) bool { return q.Index%5 == 0 }

// fill makes n bytes of content.
func fill(rng *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	return b
}

// stream is a valid stream of n random messages, and the events it stands for.
func stream(rng *rand.Rand, n int) (data []byte, events []string) {
	add := func(b []byte, format string, args ...any) {
		data = b
		events = append(events, fmt.Sprintf(format, args...))
	}
	h := wire.Handshake{PeerID: [20]byte(fill(rng, 20))}
	add(wire.AppendHandshake(data, h), "handshake %x", h.PeerID)
	extended := func() {
		p, id := fill(rng, rng.IntN(2000)), byte(rng.Uint32())
		e := &recorder{}
		_ = e.OnExtended(id, p)
		add(wire.AppendExtended(data, id, p), "%s", e.events[0])
	}
	if rng.IntN(2) == 0 {
		extended()
	}
	switch rng.IntN(4) {
	case 0:
		bits := fill(rng, testPieces/8)
		add(wire.AppendBitfield(data, bits), "bitfield %x", bits)
	case 1:
		add(wire.AppendHaveAll(data), "have all")
	case 2:
		add(wire.AppendHaveNone(data), "have none")
	}
	for range n {
		i := rng.Uint32N(testPieces)
		q := wire.Request{Index: i, Begin: rng.Uint32N(1 << 20), Length: 1 + rng.Uint32N(1<<rng.IntN(17))}
		switch rng.IntN(18) {
		case 0:
			add(wire.AppendKeepAlive(data), "keep-alive")
		case 1:
			add(wire.AppendChoke(data), "choke")
		case 2:
			add(wire.AppendUnchoke(data), "unchoke")
		case 3:
			add(wire.AppendInterested(data), "interested")
		case 4:
			add(wire.AppendNotInterested(data), "not interested")
		case 5:
			add(wire.AppendHave(data, i), "have %d", i)
		case 6:
			add(wire.AppendSuggest(data, i), "suggest %d", i)
		case 7:
			add(wire.AppendAllowedFast(data, i), "allowed fast %d", i)
		case 8:
			add(wire.AppendPort(data, uint16(i)), "port %d", i)
		case 9:
			add(wire.AppendCancel(data, q), "cancel %v", q)
		case 10:
			add(wire.AppendReject(data, q), "reject %v", q)
		case 11:
			extended()
		case 12: // an id that nobody knows makes no event
			data = append(data, 0, 0, byte(i>>8), byte(i), 99)
			data = append(data, make([]byte, max(int(i), 1)-1)...)
			if i == 0 {
				data = data[:len(data)-1]
				events = append(events, "keep-alive")
			}
		case 13, 14:
			for range rng.IntN(10) {
				add(wire.AppendRequest(data, q), "request %v", q)
				q.Begin++
			}
		default:
			for range rng.IntN(6) {
				if rng.IntN(20) == 0 {
					q.Length = 0
				}
				block := fill(rng, int(q.Length))
				add(wire.AppendPieceHeader(data, q.Index, q.Begin, q.Length), "piece %v", q)
				data = append(data, block...)
				if testDiscard(q) {
					block = nil
				}
				events = append(events, blockEvent(q, block))
				q.Begin += q.Length
				q.Length = max(q.Length, 1)
			}
		}
	}
	return data, events
}

// segment is a random length of the stream, 1 byte to 64 KiB, short ones as
// likely as long ones.
func segment(rng *rand.Rand) int { return 1 + rng.IntN(1<<rng.IntN(17)) }

// readv copies from data into bufs, at most n bytes, and returns how many.
func readv(bufs [][]byte, data []byte, n int) int {
	data = data[:min(n, len(data))]
	done := 0
	for _, b := range bufs {
		done += copy(b, data[done:])
	}
	return done
}
