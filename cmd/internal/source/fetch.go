package source

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"spate/cmd/internal/errtext"
)

// Timeout is how long a URL may take to deliver a .torrent in all: the largest
// of them within it is 1 MB/s.
const Timeout = 60 * time.Second

// ErrTimeout says that a URL did not deliver within Timeout.
var ErrTimeout = fmt.Errorf("no answer within %s", Timeout)

func fetch(ctx context.Context, from string) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, Timeout, ErrTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, http.NoBody)
	if err != nil {
		return nil, errtext.Reason(err)
	}
	req.Header.Set("Accept", "application/x-bittorrent, */*")
	req.Header.Set("User-Agent", "spate")
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, cause(ctx, errtext.Reason(err))
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answers %s", answer.Status)
	}
	if answer.ContentLength > MaxSize() {
		return nil, ErrTooLarge
	}
	data, err := readAll(answer.Body)
	return data, cause(ctx, err)
}

// cause prefers the reason why ctx ended to what it made of err.
func cause(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}
