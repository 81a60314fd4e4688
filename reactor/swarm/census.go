package swarm

// requestSize is what a request takes in a queue, in bytes.
const requestSize = 12

// PeerState is what a connection is for at the moment.
type PeerState uint8

// The states of a connection.
const (
	// PeerHandshaking: its torrent is not known yet.
	PeerHandshaking PeerState = iota
	// PeerIdle: it wants nothing.
	PeerIdle
	// PeerChoked: it wants something and may not ask.
	PeerChoked
	// PeerUnchoked: it may ask, and waits for nothing.
	PeerUnchoked
	// PeerServed: it has asked for what has not left yet.
	PeerServed
	// PeerStates is the number of states.
	PeerStates
)

// String is the state's name.
func (s PeerState) String() string {
	return [PeerStates]string{"handshaking", "idle", "choked", "unchoked", "served"}[s]
}

// census counts the peers of a loop. It is kept as they change, so that peers
// which do nothing cost nothing.
type census struct {
	peers             [PeerStates]int64
	requests, control int64 // bytes of memory in the peers' queues
	dialing           int64
}

// standing is what a census has of one peer.
type standing struct {
	counted           bool
	state             PeerState
	requests, control int32 // bytes
}

// state is what the peer does.
func (p *Peer) state() PeerState {
	switch {
	case !p.joined:
		return PeerHandshaking
	case p.up.sending() || p.up.queue.len() > 0 || p.up.state != uploadIdle:
		return PeerServed
	case !p.peerInterested:
		return PeerIdle
	case p.amChoking:
		return PeerChoked
	}
	return PeerUnchoked
}

// note counts the peer as it stands; after each of its turns.
func (p *Peer) note() {
	if p.closed {
		return
	}
	p.count(standing{
		counted:  true,
		state:    p.state(),
		requests: int32(cap(p.up.queue.buf) * requestSize),
		control:  int32(cap(p.ctl)),
	})
}

// uncount ends what is counted of a peer that leaves the loop.
func (p *Peer) uncount() { p.count(standing{}) }

func (p *Peer) count(s standing) {
	c := &p.host.census
	was := p.noted
	if s == was {
		return
	}
	p.noted = s
	if was.counted {
		c.peers[was.state]--
	}
	if s.counted {
		c.peers[s.state]++
	}
	c.requests += int64(s.requests - was.requests)
	c.control += int64(s.control - was.control)
}

// QueueBudget is how much memory the queues of requests and of control messages
// may take with so many peers and loops, in bytes.
func QueueBudget(peers, loops int) (requests, control int64) {
	requests = int64(peers)*ReqQ*requestSize + int64(loops)*(loopRequests+plainRequests)*requestSize
	return requests, int64(peers) * maxControl
}
