package swarm

import "errors"

// ErrLater is what Greet answers while the torrent of a handshake is being
// loaded: the peer and what it sends are kept until Resume or Close. It is no
// reason that a connection ends with.
var ErrLater = errors.New("torrent is being loaded")

const (
	// maxHeld is how much is kept of what a peer sends before its torrent is
	// there, in bytes: its bitfield, and a few requests.
	maxHeld = 32 << 10
	// maxHeldLoop is the same for all peers of a loop.
	maxHeldLoop = 8 << 20
)

// hold keeps what a peer sends behind its handshake.
func (p *Peer) hold(data []byte) error {
	p.waiting = true
	if len(p.held)+len(data) > maxHeld || p.host.held+len(data) > maxHeldLoop {
		return ErrHasty
	}
	p.held = append(p.held, data...)
	p.host.held += len(data)
	return nil
}

// letGo forgets what hold kept, and returns it.
func (p *Peer) letGo() []byte {
	data := p.held
	p.host.held -= len(data)
	p.held, p.waiting = nil, false
	return data
}

// Resume asks for the torrent of a waiting peer's handshake once more.
func (p *Peer) Resume() {
	if p.closing || !p.waiting {
		return
	}
	if err := p.enter(p.letGo()); err != nil {
		p.Close(err)
		return
	}
	p.turn()
}

// Torrent is the info-hash that the peer's handshake named.
func (p *Peer) Torrent() [20]byte { return p.hs.InfoHash }

// Waiting tells whether the peer waits for its torrent.
func (p *Peer) Waiting() bool { return p.waiting }
