package memfs

import (
	"maps"
	"math/rand/v2"
	"path"
	"slices"
)

// sectorSize is what a disk writes whole, and so the grain of a torn page.
const sectorSize = 512

// Crash returns the folder as a start after a power cut would find it. m stays
// as it is, so that several ends of one story can be looked at; it may be called
// by a fault function, and then finds the folder as it is before that operation.
func (m *FS) Crash(rng *rand.Rand) *FS {
	m.mu.Lock()
	defer m.mu.Unlock()
	after := New(m.root)
	after.now, after.space = m.now, m.space
	for _, dir := range slices.Sorted(maps.Keys(m.dirs)) { // a folder comes before those in it
		if after.isDir(path.Dir(dir)) && (m.dirs[dir] || rng.IntN(2) == 0) {
			after.dirs[dir] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		in, was := m.files[name], m.durable[name]
		if in != was && rng.IntN(2) == 0 {
			in = was
		}
		after.keep(name, in, rng)
	}
	for _, name := range slices.Sorted(maps.Keys(m.durable)) {
		if m.files[name] == nil && rng.IntN(2) == 0 {
			after.keep(name, m.durable[name], rng)
		}
	}
	after.durable = maps.Clone(after.files)
	return after
}

// keep puts into m what a power cut has left of a file, if its folder is there.
func (m *FS) keep(name string, in *inode, rng *rand.Rand) {
	if in != nil && m.isDir(path.Dir(name)) {
		m.files[name] = in.crashed(rng)
	}
}

// crashed is the inode that a power cut leaves.
func (in *inode) crashed(rng *rand.Rand) *inode {
	kept := in.durable.clone()
	if rng.IntN(2) == 0 {
		kept.size = in.live.size
	}
	if rng.IntN(2) == 0 {
		kept.mtime = in.live.mtime
	}
	for _, n := range slices.Sorted(maps.Keys(in.live.pages)) {
		page := in.live.pages[n]
		old := in.durable.pages[n]
		if old != nil && &old[0] == &page[0] {
			continue
		}
		switch rng.IntN(3) {
		case 0:
			kept.pages[n] = page
		case 1:
			kept.pages[n] = torn(old, page, rng)
		}
	}
	after := &inode{number: in.number, live: kept}
	after.truncate(kept.size)
	after.durable = after.live.clone()
	return after
}

// torn is a page of which some sectors were written and some not; old is nil
// where there was a hole.
func torn(old, page []byte, rng *rand.Rand) []byte {
	mixed := make([]byte, pageSize)
	copy(mixed, old)
	for at := 0; at < pageSize; at += sectorSize {
		if rng.IntN(2) == 0 {
			copy(mixed[at:at+sectorSize], page[at:])
		}
	}
	return mixed
}
