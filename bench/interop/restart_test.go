package interop

import (
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"testing"

	"spate/bench/clients"
	"spate/bench/load"
	"spate/proto/metainfo"
)

// TestRestart starts a client again with what it has kept from its first start.
// It then serves without another check: it has all pieces, although a byte of
// the content is another, which only a check would find.
func TestRestart(t *testing.T) {
	exchange(t, contents[:1], func(l *lab, c clients.Client) {
		task := l.task(clients.Seed)
		l.launch(c, task)
		l.complete(task)
		l.must(l.client.Stop())
		change(l, filepath.Join(l.data, contents[0].root))
		l.launch(c, task)
		l.complete(task)
	})
}

// change changes a byte of a file behind the back of all that go by its size
// and times.
func change(l *lab, name string) {
	l.Helper()
	info, err := os.Stat(name)
	l.must(err)
	bytes, err := os.ReadFile(name)
	l.must(err)
	bytes[len(bytes)/2]++
	l.must(os.WriteFile(name, bytes, 0o600))
	l.must(os.Chtimes(name, info.ModTime(), info.ModTime()))
}

// complete waits until the client answers and says that it has every piece.
func (l *lab) complete(task clients.Task) {
	l.Helper()
	bytes, err := os.ReadFile(l.torrent)
	l.must(err)
	torrent, err := metainfo.Parse(bytes)
	l.must(err)
	ctx, cancel := context.WithTimeout(l.Context(), patience)
	defer cancel()
	draw := func(b []byte) { _, _ = rand.Read(b) } // never fails
	l.must(load.Wait(ctx, task.Listen, torrent, torrent.Info.NumPieces(), draw))
}
