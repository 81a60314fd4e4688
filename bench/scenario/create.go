package scenario

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"spate/bench/clients"
	"spate/bench/content"
	"spate/bench/result"
	"spate/proto/metainfo"
)

// createTimeout bounds the making of a torrent.
const createTimeout = 2 * time.Minute

// Create is making a torrent of a file in the page cache, with the same piece
// length for all tools: from the start of the process to its end. The result is
// read back, and must have the right hashes. The reference is openssl, which
// hashes the file in one thread and makes no torrent.
type Create struct {
	// Bytes is the length of the content, and Place where it lies.
	Bytes int64
	Place string
	// Creators are what is measured; clients themselves make no torrents.
	Creators []clients.Creator

	content *content.Single
}

// Name implements Scenario.
func (*Create) Name() string { return result.Create }

// Clients is who is measured, whoever was asked for.
func (s *Create) Clients([]clients.Client) []clients.Client {
	var all []clients.Client
	for _, c := range s.Creators {
		all = append(all, tool{c})
	}
	return all
}

// Prepare implements Scenario.
func (s *Create) Prepare(ctx context.Context, env *Env) (err error) {
	s.content, err = settledContent(ctx, env, s.Place, s.Bytes)
	return err
}

// Skip implements Scenario.
func (*Create) Skip(c clients.Client) string {
	if _, ok := c.(tool); !ok {
		return "makes no torrents"
	}
	return missing(c)
}

// missing says why a tool cannot run; clients that are absent are not asked.
func missing(c clients.Client) string {
	if t, ok := c.(tool); ok {
		if err := t.Available(); err != nil {
			return "cannot run: " + err.Error()
		}
	}
	return ""
}

// Measure implements Scenario.
func (s *Create) Measure(ctx context.Context, env *Env, c clients.Client, round int, emit func(result.Result)) {
	res := env.blank(s, c, round, result.Setting{Bytes: s.Bytes, Content: Warm, Place: s.Place})
	err := s.content.Warm()
	if err == nil {
		t, ok := c.(tool)
		if !ok {
			err = errNoClient
		} else {
			err = t.measure(ctx, env, s.content, &res)
		}
	}
	if err != nil {
		fail(&res, err)
	}
	if ctx.Err() == nil {
		emit(res)
	}
}

// tool is a creator in the place of a client.
type tool struct{ clients.Creator }

// errNoClient says that a tool was taken for a client, or the other way round.
var errNoClient = errors.New("it is a tool that makes torrents or a client, and the other is wanted")

// Traits implements clients.Client.
func (tool) Traits() clients.Traits { return clients.Traits{} }

// Start implements clients.Client; there is nothing to start.
func (tool) Start(clients.Task) (*clients.Process, error) { return nil, errNoClient }

// measure runs the tool over content.
func (t tool) measure(ctx context.Context, env *Env, c *content.Single, res *result.Result) error {
	ctx, cancel := context.WithTimeoutCause(ctx, createTimeout, fmt.Errorf("not done after %v", createTimeout))
	defer cancel()
	dir, err := env.folder(res.Setting.Place, t.Name())
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // what is left over lies in the Env's folder
	m := clients.Making{
		Content: c.File, Output: filepath.Join(dir, "made.torrent"),
		PieceLength: c.Meta.Info.PieceLength, Scratch: dir,
	}
	cost, err := t.Create(ctx, m)
	if err != nil {
		return err
	}
	if t.Name() != clients.OpenSSL {
		if err := made(c, m.Output); err != nil {
			return err
		}
	}
	worked(res, c.Meta.Info.Length, cost.Took, cost.User, cost.System)
	return nil
}

// worked fills in what hashing so many bytes took from a start to its end.
func worked(res *result.Result, bytes int64, took, user, system time.Duration) {
	res.Set("bytes", float64(bytes))
	res.Set("took_s", took.Seconds())
	res.Set("mb_per_s", float64(bytes)/mega/took.Seconds())
	res.Set("user_s", user.Seconds())
	res.Set("system_s", system.Seconds())
	cpu := (user + system).Seconds()
	res.Set("cpu_s", cpu)
	if cpu > 0 { // it comes in steps
		res.Set("mb_per_cpu_s", float64(bytes)/mega/cpu)
	}
}

// errMade says that a .torrent is not one of the content.
var errMade = errors.New("the torrent that was made has other pieces than the content")

// made looks whether a .torrent has the hashes of the content.
func made(c *content.Single, name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	got, err := metainfo.Parse(text)
	if err != nil {
		return err
	}
	want := c.Meta.Info
	if got.Info.PieceLength != want.PieceLength || got.Info.Length != want.Length {
		return errMade
	}
	for i := range want.NumPieces() {
		if got.Info.PieceHash(i) != want.PieceHash(i) {
			return errMade
		}
	}
	return nil
}
