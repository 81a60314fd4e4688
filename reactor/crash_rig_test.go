package reactor

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"path"
	"sync"
	"testing"
	"time"

	"spate/disk"
	"spate/disk/resume"
	"spate/disk/vfs"
	"spate/disk/vfs/memfs"
	"spate/proto/bitfield"
	"spate/reactor/sim"
)

// dataDir and stateDir are where a machine under test has its content and its
// resume state.
const (
	dataDir  = "/data"
	stateDir = "/state"
)

// errNoPower is what every operation fails with on a machine that is off.
var errNoPower = errors.New("no power")

// machine is the real disk, resume state and engine of one client in a simulated
// world, over files in memory. It lives through several processes.
type machine struct {
	t       *testing.T
	w       *sim.World
	host    *sim.Host
	content *sim.Content
	peers   []netip.AddrPort
	locks   *resume.Locks
	chance  *rand.Rand

	data, state *memfs.FS
	plan        plan

	process *process
	held    int            // files that processes had open when they fell
	written *bitfield.Bits // pieces that were reported as written, in all processes
	saved   *bitfield.Bits // pieces of the latest state that was reported as saved
	fetched int64          // payload bytes of the processes that have ended
}

// plan is the fault of a run: at the n-th operation on files an error, or the end
// of the process.
type plan struct {
	concerns func(memfs.Op) bool // which operations are counted; nil for all

	mu    sync.Mutex
	n     int // 0 for none
	fault error
	end   func() // in the place of fault
	ops   int
	hit   bool
	dead  bool // no operation does anything
}

// strike is the fault function of both folders.
func (p *plan) strike(op memfs.Op) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return errNoPower
	}
	if p.concerns != nil && !p.concerns(op) {
		return nil
	}
	if p.ops++; p.ops != p.n {
		return nil
	}
	p.hit = true
	if p.end == nil {
		return p.fault
	}
	p.end()
	p.dead = true
	return errNoPower
}

// set begins to count anew.
func (p *plan) set(n int, fault error, end func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n, p.fault, p.end = n, fault, end
	p.ops, p.hit, p.dead = 0, false, false
}

func (p *plan) struck() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hit
}

// mount puts folders into the machine.
func (m *machine) mount(data, state *memfs.FS) {
	m.data, m.state = data, state
	data.SetFault(m.plan.strike)
	state.SetFault(m.plan.strike)
}

// process is one run of the program.
type process struct {
	m       *machine
	disk    *disk.Disk
	keep    *content
	engine  *Engine
	torrent *Torrent
	found   *bitfield.Bits // what was believed or found at the start
	errors  []error
	over    bool // ended, or to be taken as such
}

// start runs the program. An error is that of the check at the start; there is no
// process then.
func (m *machine) start() error {
	p := &process{m: m}
	m.held = m.data.Descriptors()
	p.disk = disk.New(disk.Config{
		Hashers: 1, Readers: 1, Files: 2, Folder: func(string) vfs.FS { return m.data },
	})
	memory := &memory{fs: m.state, dir: resume.NewDir(m.state), locks: m.locks}
	var err error
	if p.keep, err = openContent(p.disk, memory, m.content.Meta(), dataDir); err != nil {
		m.t.Fatal(err)
	}
	if err = p.keep.store.CreateEmpty(); err == nil {
		p.found, err = p.keep.known(context.Background(), func(err error) { p.errors = append(p.errors, err) })
	}
	if err != nil {
		p.close()
		return err
	}
	m.believed(p.found)
	p.engine, err = Build(Config{Seed: m.chance.Uint64() | 1, Listen: ":6881", NoTrackers: true}, Parts{
		Network: m.host, Transport: m.host.Announcer(), Buffers: m.w.Buffers(0),
		Wall: func() time.Time { return time.Unix(0, 0) }, Emit: p.event, Backlog: p.disk.QueuedBytes,
	})
	if err != nil {
		m.t.Fatal(err)
	}
	p.torrent, err = p.engine.Attach(m.content.Meta(), simStore{diskStore{p.keep.store}, p}, p.found.Clone(), AddOptions{Peers: m.peers})
	if err != nil {
		m.t.Fatal(err)
	}
	m.process = p
	return nil
}

func (p *process) event(ev Event) {
	if ev.Err != nil && !p.over {
		p.errors = append(p.errors, ev.Err)
	}
}

// close gives back what a process had, as its end does.
func (p *process) close() {
	p.over = true
	p.keep.Close()
	p.disk.Close()
}

// fall ends the process at once, in whatever it does.
func (m *machine) fall() {
	p := m.process
	m.process = nil
	m.fetched += p.torrent.Stats().Downloaded
	for _, err := range p.errors {
		m.placed(err)
	}
	m.host.Cut(true)
	p.over = true
	if err := m.host.Stop(); err != nil {
		m.t.Error(err)
	}
	m.host.Cut(false)
	p.close()
}

// leave stops the process cleanly, unless it falls meanwhile.
func (m *machine) leave() {
	done := false
	m.process.engine.BeginStop(time.Second, func() { done = true })
	m.w.RunUntil(func() bool { return done || m.off() }, time.Minute)
	if !done && !m.off() {
		m.t.Fatal("the engine does not stop")
	}
	m.fall()
}

// off tells whether the machine was hit by what ends it.
func (m *machine) off() bool {
	m.plan.mu.Lock()
	defer m.plan.mu.Unlock()
	return m.plan.dead
}

// complete tells whether all content is there.
func (p *process) complete() bool {
	select {
	case <-p.torrent.Complete():
		return true
	default:
		return false
	}
}

// bytes is what stands in the files of a piece, nil where something is missing.
func (m *machine) bytes(piece int) (b []byte) {
	info := m.content.Meta().Info
	from := int64(piece) * info.PieceLength
	end := from + int64(info.PieceSize(piece))
	for _, f := range info.Files {
		lo, hi := max(from, f.Offset), min(end, f.Offset+f.Length)
		if lo >= hi {
			continue
		}
		file := m.data.Bytes(path.Join(f.Path...))
		if int64(len(file)) < hi-f.Offset {
			return nil
		}
		b = append(b, file[lo-f.Offset:hi-f.Offset]...)
	}
	return b
}

// good tells whether a piece is on the disk as it should be.
func (m *machine) good(piece int) bool {
	info := m.content.Meta().Info
	want := make([]byte, info.PieceSize(piece))
	_, _ = m.content.ReadAt(want, int64(piece)*info.PieceLength)
	return bytes.Equal(m.bytes(piece), want)
}

// size is how many bytes pieces are.
func (m *machine) size(have *bitfield.Bits) (n int64) {
	for i := have.Next(0); i >= 0; i = have.Next(i + 1) {
		n += int64(m.content.Meta().Info.PieceSize(i))
	}
	return n
}

// believed checks what a start has found: nothing but what is there.
func (m *machine) believed(found *bitfield.Bits) {
	m.t.Helper()
	for i := found.Next(0); i >= 0; i = found.Next(i + 1) {
		if !m.good(i) {
			m.t.Errorf("piece %d is believed and is not there", i)
		}
	}
}
