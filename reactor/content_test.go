package reactor

import (
	"crypto/sha1"
	"errors"
	"syscall"
	"testing"

	"spate/disk"
	"spate/disk/resume"
	"spate/disk/vfs"
	"spate/disk/vfs/memfs"
	"spate/proto/bitfield"
	"spate/proto/metainfo"
)

// TestUnsafeContentIsNotRemembered: where the content cannot be made durable, or
// is not where it was written, no state says that it is there, and the torrent
// is to end. A state folder that fails is another matter.
func TestUnsafeContentIsNotRemembered(t *testing.T) {
	data := make([]byte, 20_000)
	one, two := sha1.Sum(data[:16<<10]), sha1.Sum(data[16<<10:])
	meta, err := (&metainfo.Builder{
		Name: "f", PieceLength: 16 << 10, Pieces: append(one[:], two[:]...),
		Files: []metainfo.File{{Path: []string{"f"}, Length: int64(len(data))}},
	}).Build()
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, fail func(files, state *memfs.FS), unsafe, kept bool) {
		t.Helper()
		files, state := memfs.New("/data"), memfs.New("/state")
		d := disk.New(disk.Config{Hashers: 1, Folder: func(string) vfs.FS { return files }})
		defer d.Close()
		store, err := d.Open(meta, "/data")
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		written := make(chan disk.PutResult, 2)
		store.Put(0, data[:16<<10], func(r disk.PutResult) { written <- r })
		if r := <-written; r.Status != disk.Written {
			t.Fatal(r)
		}
		c := &content{store: store, memory: &memory{fs: state, dir: resume.NewDir(state)}, meta: meta, folder: "/data"}
		have := bitfield.New(2)
		have.Set(0)
		fail(files, state)
		err = saved(c, have)
		ue := (*unsafeError)(nil)
		if errors.As(err, &ue) != unsafe || (err == nil) != kept {
			t.Errorf("%s: %v, want one that ends the torrent: %v", what, err, unsafe)
		}
		state.SetFault(nil)
		if _, err := c.memory.dir.Load(meta.InfoHash, "/data"); (err == nil) != kept {
			t.Errorf("%s: the state that is found: %v", what, err)
		}
	}
	fault := func(kind string) func(memfs.Op) error {
		return func(op memfs.Op) error {
			if op.Kind == kind {
				return syscall.EIO
			}
			return nil
		}
	}
	check("nothing fails", func(_, _ *memfs.FS) {}, false, true)
	for _, kind := range []string{"sync", "syncdir", "stat", "present"} {
		check(kind, func(files, _ *memfs.FS) { files.SetFault(fault(kind)) }, true, false)
	}
	check("removed", func(files, _ *memfs.FS) { _ = files.Remove("f") }, true, false)
	for _, kind := range []string{"open", "write", "sync", "rename"} {
		check("state: "+kind, func(_, state *memfs.FS) { state.SetFault(fault(kind)) }, false, false)
	}
}
