package swarm

// fail stops the download after storage failed. What is there is still served.
// One of the pieces that could not be written is kept, to find out by whether the
// cause is gone without fetching anything again; the others are fetched anew.
func (t *Torrent) fail(err error) {
	if t.stopped && !t.trying {
		return // one of several pieces that were under way
	}
	if !t.stopped {
		for _, p := range t.active {
			p.sendInterest(false)
			t.releaseRequests(p)
		}
	}
	t.stopped, t.trying = true, false
	t.host.Observer.Failed(t, err)
}

// Resume has a download go on that storage had failed, if what could not be
// written then can be. Otherwise the Observer is told again.
func (t *Torrent) Resume() {
	switch o := t.stuck; {
	case !t.stopped || t.removed || t.trying:
	case o == nil || t.pick == nil:
		t.proceed()
	default:
		t.stuck, t.trying = nil, true
		t.finish(o)
	}
}

// proceed lets peers be asked again.
func (t *Torrent) proceed() {
	t.stopped, t.trying = false, false
	if t.pick == nil {
		return
	}
	for _, p := range t.active {
		p.sendInterest(t.pick.Interesting(p.id))
		t.host.later(p)
	}
	t.dialMore()
	t.host.Observer.Resumed(t)
}

// dropStuck gives up the piece that could not be written.
func (t *Torrent) dropStuck() {
	if t.stuck != nil {
		t.host.Buffers.Put(t.stuck.buf)
		t.stuck = nil
	}
}
