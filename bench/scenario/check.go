package scenario

import (
	"context"
	"fmt"
	"os"
	"time"

	"spate/bench/clients"
	"spate/bench/content"
	"spate/bench/result"
	"spate/proto/metainfo"
)

// checkTimeout bounds a check: 4 GiB at 40 MB/s.
const checkTimeout = 2 * time.Minute

// Check is a start with complete content, of which the client knows nothing,
// until it says that it has all pieces. The time runs from the start of the
// process to the first look that finds all; between two looks are 20 ms.
// Nothing is subtracted: the start of the process and the loading of the
// torrent are in it. The content is in the page cache.
//
// The reference is the hash of the same file by openssl, which is a process
// from its start to its end.
type Check struct {
	// Bytes is the length of the content, and Place where it lies.
	Bytes int64
	Place string
	// Creators have among them the reference, clients.OpenSSL; the others are
	// left alone.
	Creators []clients.Creator

	content *content.Single
}

// Name implements Scenario.
func (*Check) Name() string { return result.Check }

// Clients is who is measured: those asked for, and the reference.
func (s *Check) Clients(asked []clients.Client) []clients.Client {
	all := append([]clients.Client{}, asked...)
	for _, c := range s.Creators {
		if c.Name() == clients.OpenSSL {
			all = append(all, tool{c})
		}
	}
	return all
}

// Prepare implements Scenario.
func (s *Check) Prepare(ctx context.Context, env *Env) (err error) {
	s.content, err = settledContent(ctx, env, s.Place, s.Bytes)
	return err
}

// settledContent is content that has reached the disk, so that nothing is still
// written while it is measured.
func settledContent(ctx context.Context, env *Env, place string, size int64) (*content.Single, error) {
	c, err := env.Content(ctx, place, size)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return c, file.Sync()
}

// Skip implements Scenario.
func (*Check) Skip(c clients.Client) string { return missing(c) }

// Measure implements Scenario.
func (s *Check) Measure(ctx context.Context, env *Env, c clients.Client, round int, emit func(result.Result)) {
	res := env.blank(s, c, round, result.Setting{Bytes: s.Bytes, Content: Warm, Place: s.Place})
	err := s.content.Warm()
	if err == nil {
		if t, ok := c.(tool); ok {
			err = t.measure(ctx, env, s.content, &res)
		} else {
			err = s.check(ctx, env, c, &res)
		}
	}
	if err != nil {
		fail(&res, err)
	}
	if ctx.Err() == nil {
		emit(res)
	}
}

func (s *Check) check(ctx context.Context, env *Env, c clients.Client, res *result.Result) error {
	o := seeding(s.content)
	o.place = s.Place
	r, err := env.start(c, o)
	if err != nil {
		return err
	}
	defer func() { _ = r.end() }() // what is left over lies in the Env's folder
	begun := time.Now()
	if err := r.whole(ctx, []*metainfo.Torrent{s.content.Meta}, checkTimeout); err != nil {
		return fmt.Errorf("%w%s", err, r.lastWords())
	}
	took := time.Since(begun)
	used, err := r.usage()
	if err != nil {
		return err
	}
	worked(res, s.Bytes, took, used.User, used.System)
	res.Set("rss_anon", float64(used.Anon))
	res.Set("threads", float64(used.Threads))
	return nil
}
