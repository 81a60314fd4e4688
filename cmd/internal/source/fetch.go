package source

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"spate/reactor/webget"
)

// Timeout is how long a URL may take to deliver a .torrent in all: the largest
// of them within it is 1 MB/s.
const Timeout = 60 * time.Second

// ErrTimeout says that a URL did not deliver within Timeout.
var ErrTimeout = fmt.Errorf("no answer within %s", Timeout)

func fetch(ctx context.Context, from string) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, Timeout, ErrTimeout)
	defer cancel()
	client := webget.New(webget.Config{Header: http.Header{
		"Accept": {"application/x-bittorrent, */*"}, "User-Agent": {"spate"},
	}})
	defer client.Close()
	answer, err := client.Get(ctx, from)
	if err != nil {
		return nil, cause(ctx, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answers %s", webget.Status(answer))
	}
	if answer.ContentLength > MaxSize() {
		return nil, ErrTooLarge
	}
	data, err := readAll(answer.Body, min(max(answer.ContentLength, 0), partBytes))
	return data, cause(ctx, err)
}

// cause prefers the reason why ctx ended to what it made of err.
func cause(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
