//go:build invariants

package swarm

import (
	"fmt"

	"spate/picker/pipeline"
	"spate/proto/wire"
)

// holder is a store that tells what it holds, as that of a simulation does.
type holder interface {
	Holds(index int) bool
}

// broken ends the program: something here is not as the rest has it.
func broken(format string, args ...any) {
	panic("swarm: invariant: " + fmt.Sprintf(format, args...))
}

// Verify looks the whole loop over between two turns, and panics where a count
// is not that of the structures, a limit is passed, or something is said to be
// had that the store does not hold. Only a build with the tag invariants does so.
func (h *Host) Verify() {
	var sum standings
	for _, p := range h.strangers {
		if p.joined || p.closed {
			broken("%v is among the strangers, joined %t, closed %t", p.Remote(), p.joined, p.closed)
		}
		sum.add(p)
		p.verify()
	}
	dialing, own := int64(0), int64(0)
	for _, t := range h.torrents {
		for i, p := range t.active {
			if p.t != t || p.at != i || t.tags[i] != tag(p.hs.PeerID) || t.slots[p.id] != p || !p.joined || p.closed {
				broken("%v is at %d of its torrent's peers, said to be at %d", p.Remote(), i, p.at)
			}
			sum.add(p)
			p.verify()
			p.verifyDownload()
		}
		t.verify()
		dialing += int64(t.roster.busy)
	}
	for _, p := range h.strangers {
		if p.t != nil {
			own++
		}
	}
	h.verifySums(&sum, dialing, own)
	if h.held != sum.held || h.held > maxHeldLoop {
		broken("%d bytes are held, said to be %d", sum.held, h.held)
	}
	if sum.again != h.turns.line.Len() && h.turns.serving == nil && sum.again > h.turns.line.Len() {
		broken("%d peers wait for a turn, %d are in the line", sum.again, h.turns.line.Len())
	}
}

// verifySums compares the loop's counts with a recount. The peers of a torrent
// that was stopped in this very instant are counted until their connections are
// closed, and found nowhere.
func (h *Host) verifySums(sum *standings, dialing, own int64) {
	in, c := &h.intake, &h.census
	if in.received != in.served+in.cancelled+in.dropped+int64(in.queued) {
		broken("%d requests received, %d served, %d cancelled, %d dropped, %d queued", in.received, in.served, in.cancelled, in.dropped, in.queued)
	}
	leaving := int64(0)
	for i, n := range c.peers {
		if leaving += n - sum.peers[i]; n < sum.peers[i] {
			broken("%d peers are %v, said to be %d", sum.peers[i], PeerState(i), n)
		}
	}
	if leaving > 0 {
		return
	}
	if in.queued != sum.queued || c.requests != sum.requests || c.control != sum.control {
		broken("%d requests wait, said to be %d; queues of %d and %d bytes, said to be %d and %d",
			sum.queued, in.queued, sum.requests, sum.control, c.requests, c.control)
	}
	if c.dialing < 0 || c.dialing+own < dialing {
		broken("%d dials and %d of ours without a handshake, %d said to be under way", c.dialing, own, dialing)
	}
}

// standings is what a recount of the peers finds.
type standings struct {
	peers             [PeerStates]int64
	requests, control int64
	queued, held      int
	again             int
}

func (s *standings) add(p *Peer) {
	if p.noted.counted {
		s.peers[p.noted.state]++
	}
	s.requests += int64(p.noted.requests)
	s.control += int64(p.noted.control)
	s.queued += p.up.queue.len()
	s.held += len(p.held)
	if p.again {
		s.again++
	}
}

// mostControl is what a peer's control queue may come to, in bytes: maxControl,
// and on top of it what one turn adds without looking at it, which are the
// rejects of a choke, a pipeline of requests, and the greeting.
func (p *Peer) mostControl() int {
	most := maxControl + (ReqQ+pipeline.MaxOutstanding)*wire.RequestLen + wire.HandshakeLen + 1<<10
	if p.t != nil {
		most += p.t.meta.Info.NumPieces()/8 + 1
	}
	return most
}

// verify holds what is kept of a connection to its limits.
func (p *Peer) verify() {
	u := &p.up
	most := ReqQ
	if !p.fast {
		most = plainRequests
	}
	// The queue may have one more: a block that could not be read goes back.
	if n := u.queue.len(); n > most+1 || cap(u.queue.buf) > 2*most+shrinkQueue || int(u.queue.ahead) > n {
		broken("%v has %d requests in the queue, in memory for %d, the one followed at %d", p.Remote(), n, cap(u.queue.buf), u.queue.ahead)
	}
	if p.closing {
		return // a fault leaves the machine wherever it was
	}
	p.m.Verify()
	if p.joined && p.t.roster.bans.Has(p.conn.Remote()) {
		broken("%v is banned and connected", p.Remote())
	}
	if p.amChoking && u.queue.len() > 0 {
		broken("%v is choked and has %d requests in the queue", p.Remote(), u.queue.len())
	}
	if n := len(p.ctl); n > p.mostControl() {
		broken("%v has %d bytes of control messages in the queue, %d at the most", p.Remote(), n, p.mostControl())
	}
	if len(p.held) > maxHeld || !p.waiting && p.held != nil {
		broken("%v has %d bytes held", p.Remote(), len(p.held))
	}
	if u.left < 0 || u.hdrLeft < 0 || u.left > MaxBlock || u.whole != nil && u.image != nil || u.staged != 0 {
		broken("%v: %d bytes left of a header, %d of a block, %d staged", p.Remote(), u.hdrLeft, u.left, u.staged)
	}
	if u.warm > u.queue.len() {
		broken("%v: %d of %d requests are warm", p.Remote(), u.warm, u.queue.len())
	}
}

// verifyDownload holds what is asked of a peer against the picker.
func (p *Peer) verifyDownload() {
	t, d := p.t, &p.down
	if d.aside != nil && d.into == nil {
		broken("%v has memory for a block that goes nowhere", p.Remote())
	}
	if t.pick == nil || p.closing {
		return
	}
	if d.into != nil && t.open[d.into.index] != d.into {
		broken("%v writes to piece %d, which is not open", p.Remote(), d.into.index)
	}
	out := t.pick.Outstanding(p.id)
	if pipe := d.pipe.Outstanding(); pipe != out || out > pipeline.MaxOutstanding {
		broken("%v: %d blocks are requested, the pipeline says %d", p.Remote(), out, pipe)
	}
	if t.stopped {
		return
	}
	if p.have != nil && t.pick.Interesting(p.id) != p.amInterested {
		broken("%v is of interest: %t, and was told %t", p.Remote(), t.pick.Interesting(p.id), p.amInterested)
	}
}

// verify holds a torrent against its picker, its store and its limits.
func (t *Torrent) verify() {
	if len(t.tags) != len(t.active) || len(t.free)+len(t.active) != len(t.slots) || t.puts < 0 {
		broken("%d peers with %d tags in %d slots, %d of them free; %d pieces on their way to the disk",
			len(t.active), len(t.tags), len(t.slots), len(t.free), t.puts)
	}
	if r := t.room; r != nil && (r.taken.Load() > r.most+1 || r.taken.Load() < int64(len(t.active))) {
		broken("%d of %d places are taken, by %d peers here", r.taken.Load(), r.most, len(t.active))
	}
	t.roster.verify()
	t.verifyHave()
	if t.pick == nil {
		return
	}
	t.pick.Verify()
	open, _ := t.pick.OpenPieces()
	for index, o := range t.open {
		if !t.pick.Opened(int(index)) || o.index != index || len(o.buf) != t.meta.Info.PieceSize(int(index)) {
			broken("piece %d has a buffer of %d bytes and is open: %t", index, len(o.buf), t.pick.Opened(int(index)))
		}
	}
	if len(t.open)+t.puts > open {
		broken("%d buffers and %d pieces on their way to the disk for %d open pieces", len(t.open), t.puts, open)
	}
	for piece := range t.meta.Info.NumPieces() {
		n := 0
		for _, p := range t.active {
			if p.have != nil && p.have.Has(piece) {
				n++
			}
		}
		if a := t.pick.Availability(piece); n != a {
			broken("piece %d is had by %d peers, the picker says %d", piece, n, a)
		}
	}
}

// verifyHave holds what is said to be had against the picker and the store.
func (t *Torrent) verifyHave() {
	if t.have != nil && t.pick != nil && (t.have.Count() != t.pick.Have().Count() || t.have.AnyNotIn(t.pick.Have())) {
		broken("%d pieces are had, the picker has %d", t.have.Count(), t.pick.Have().Count())
	}
	store, ok := t.store.(holder)
	if !ok {
		return
	}
	for piece := range t.meta.Info.NumPieces() {
		if (t.have == nil || t.have.Has(piece)) && !store.Holds(piece) {
			broken("piece %d is said to be had and is not on the disk", piece)
		}
	}
}

// verify recounts the addresses.
func (r *roster) verify() {
	busy := 0
	for i := range r.list {
		c := &r.list[i]
		if at, ok := r.index[c.addr]; !ok || at != i {
			broken("%v is at %d, said to be at %d", c.addr, i, at)
		}
		if c.state == candidateDialing {
			busy++
		}
	}
	if busy != r.busy || busy > dialBurst || len(r.index) != len(r.list) || len(r.list) > maxCandidates {
		broken("%d dials, said to be %d; %d addresses, %d of them found", busy, r.busy, len(r.list), len(r.index))
	}
}
