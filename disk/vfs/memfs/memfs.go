package memfs

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"sync"
	"syscall"

	"spate/disk/vfs"
)

// Op is one operation, as a fault function sees it.
type Op struct {
	// Kind is open, read, write, sync, truncate, stat, mkdir, rename, remove,
	// syncdir, present or free.
	Kind string
	// Name is the file's or the folder's.
	Name string
	// Off and Len are the range of a read or write.
	Off int64
	Len int
}

// FS is a folder in memory. It implements vfs.FS.
type FS struct {
	mu      sync.Mutex
	root    string
	now     int64
	files   map[string]*inode
	durable map[string]*inode // names that survive a power cut
	dirs    map[string]bool   // whether the folder's name survives one
	space   int64             // pages that may still be stored
	fault   func(Op) error
	open    int
}

// New makes an empty folder. root is how messages name it.
func New(root string) *FS {
	return &FS{
		root:    root,
		files:   map[string]*inode{},
		durable: map[string]*inode{},
		dirs:    map[string]bool{".": true},
		space:   1 << 40,
	}
}

// SetFault sets the function that is asked before each operation; nil for
// none. It may block.
func (m *FS) SetFault(f func(Op) error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fault = f
}

// SetSpace sets how many bytes may still be stored, in whole pages.
func (m *FS) SetSpace(bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.space = bytes / pageSize
}

// Descriptors returns how many files are open.
func (m *FS) Descriptors() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.open
}

// Names returns the names of all files, sorted.
func (m *FS) Names() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.files))
}

// Bytes returns a copy of a file's content, nil where there is no such file.
func (m *FS) Bytes(name string) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	in := m.files[name]
	if in == nil {
		return nil
	}
	b := make([]byte, in.live.size)
	in.readAt(b, 0)
	return b
}

// begin asks the fault function, then locks m unless it failed.
func (m *FS) begin(op Op) error {
	m.mu.Lock()
	fault := m.fault
	m.mu.Unlock()
	if fault != nil {
		if err := fault(op); err != nil {
			return m.fail(op.Kind, op.Name, err)
		}
	}
	m.mu.Lock()
	m.now++
	return nil
}

func (m *FS) fail(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: m.Path(name), Err: err}
}

// Path implements vfs.FS.
func (m *FS) Path(name string) string { return path.Join(m.root, name) }

// Open implements vfs.FS.
func (m *FS) Open(name string, mode vfs.Mode) (vfs.File, error) {
	if err := m.begin(Op{Kind: "open", Name: name}); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	in := m.files[name]
	switch {
	case !fs.ValidPath(name):
		return nil, m.fail("open", name, fs.ErrInvalid)
	case m.isDir(name):
		return nil, m.fail("open", name, vfs.ErrNotRegular)
	case in == nil && mode != vfs.Create, in == nil && !m.isDir(path.Dir(name)):
		return nil, m.fail("open", name, syscall.ENOENT)
	case in == nil:
		in = newInode(m.now)
		m.files[name] = in
	}
	m.open++
	return &file{m: m, in: in, name: name, write: mode != vfs.Read}, nil
}

// Stat implements vfs.FS.
func (m *FS) Stat(name string) (vfs.Stamp, error) {
	if err := m.begin(Op{Kind: "stat", Name: name}); err != nil {
		return vfs.Stamp{}, err
	}
	defer m.mu.Unlock()
	in := m.files[name]
	if in == nil {
		return vfs.Stamp{}, m.fail("stat", name, syscall.ENOENT)
	}
	return in.stamp(), nil
}

// MkdirAll implements vfs.FS.
func (m *FS) MkdirAll(name string) error {
	if err := m.begin(Op{Kind: "mkdir", Name: name}); err != nil {
		return err
	}
	defer m.mu.Unlock()
	for ; name != "."; name = path.Dir(name) {
		if m.files[name] != nil {
			return m.fail("mkdir", name, syscall.ENOTDIR)
		}
		if !m.isDir(name) {
			m.dirs[name] = false
		}
	}
	return nil
}

// isDir tells whether there is a folder of the name.
func (m *FS) isDir(name string) bool {
	_, ok := m.dirs[name]
	return ok
}

// Rename implements vfs.FS.
func (m *FS) Rename(from, to string) error {
	if err := m.begin(Op{Kind: "rename", Name: from}); err != nil {
		return err
	}
	defer m.mu.Unlock()
	if m.files[from] == nil {
		return m.fail("rename", from, syscall.ENOENT)
	}
	m.drop(to)
	m.files[to] = m.files[from]
	delete(m.files, from)
	return nil
}

// Remove implements vfs.FS.
func (m *FS) Remove(name string) error {
	if err := m.begin(Op{Kind: "remove", Name: name}); err != nil {
		return err
	}
	defer m.mu.Unlock()
	if m.files[name] == nil {
		return m.fail("remove", name, syscall.ENOENT)
	}
	m.drop(name)
	return nil
}

// drop removes a name and gives its space back.
func (m *FS) drop(name string) {
	if in := m.files[name]; in != nil {
		m.space += int64(len(in.live.pages))
		delete(m.files, name)
	}
}

// SyncDir implements vfs.FS.
func (m *FS) SyncDir(name string) error {
	if err := m.begin(Op{Kind: "syncdir", Name: name}); err != nil {
		return err
	}
	defer m.mu.Unlock()
	if !m.isDir(name) {
		return m.fail("sync", name, syscall.ENOENT)
	}
	for dir := range m.dirs {
		if path.Dir(dir) == name {
			m.dirs[dir] = true
		}
	}
	maps.DeleteFunc(m.durable, func(f string, _ *inode) bool { return path.Dir(f) == name })
	for f, in := range m.files {
		if path.Dir(f) == name {
			m.durable[f] = in
		}
	}
	return nil
}

// Present implements vfs.FS.
func (m *FS) Present() error {
	if err := m.begin(Op{Kind: "present", Name: "."}); err != nil {
		return err
	}
	m.mu.Unlock()
	return nil
}

// Free implements vfs.FS.
func (m *FS) Free() (int64, error) {
	if err := m.begin(Op{Kind: "free", Name: "."}); err != nil {
		return 0, err
	}
	defer m.mu.Unlock()
	return m.space * pageSize, nil
}

// Close implements vfs.FS.
func (m *FS) Close() error { return nil }
