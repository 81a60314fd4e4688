package announce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"spate/proto/tracker"
)

// Limits of the real transport.
const (
	// RedirectsMost is enough for http to https and for one move of a tracker.
	RedirectsMost = 5
	// connectTimeout bounds the dial and the TLS handshake each, so that a
	// dead host gives way to the next tracker before RequestTimeout.
	connectTimeout = 10 * time.Second
	// headersMost bounds an answer's header; trackers send a few hundred bytes.
	headersMost = 64 << 10
)

// StatusError is an HTTP status other than 2xx whose body is no answer.
type StatusError struct {
	Status string // such as "404 Not Found"
}

func (e *StatusError) Error() string { return "tracker answered HTTP " + e.Status }

// HTTP announces over HTTP and HTTPS. Each request is a goroutine and a
// connection of its own: torrents come back to a tracker after half an hour,
// and a request on a reused connection may be sent twice when the server
// closes it, which would count an event twice.
type HTTP struct {
	client *http.Client
	agent  string
}

// NewHTTP returns a transport that calls itself userAgent. It heeds the
// environment's proxy settings.
func NewHTTP(userAgent string) *HTTP {
	return &HTTP{
		agent: userAgent,
		client: &http.Client{
			Timeout: RequestTimeout,
			Transport: &http.Transport{
				Proxy:                  http.ProxyFromEnvironment,
				DialContext:            (&net.Dialer{Timeout: connectTimeout}).DialContext,
				TLSHandshakeTimeout:    connectTimeout,
				MaxResponseHeaderBytes: headersMost,
				DisableKeepAlives:      true,
				ForceAttemptHTTP2:      true,
			},
			CheckRedirect: func(_ *http.Request, via []*http.Request) error {
				if len(via) > RedirectsMost {
					return fmt.Errorf("more than %d redirects", RedirectsMost)
				}
				return nil
			},
		},
	}
}

// Announce implements Transport.
func (h *HTTP) Announce(ctx context.Context, announce string, req tracker.Request, done func(tracker.Response, error)) {
	go func() { done(h.ask(ctx, announce, req)) }()
}

// ask sends one announce and reads the answer.
func (h *HTTP) ask(ctx context.Context, announce string, req tracker.Request) (tracker.Response, error) {
	target, err := req.URL(announce)
	if err != nil {
		return tracker.Response{}, err
	}
	get, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return tracker.Response{}, plain(err)
	}
	get.Header.Set("User-Agent", h.agent)
	answer, err := h.client.Do(get)
	if err != nil {
		return tracker.Response{}, plain(err)
	}
	defer answer.Body.Close()
	// The limit counts bytes after decompression, which is what costs memory.
	body, err := io.ReadAll(io.LimitReader(answer.Body, tracker.MaxBodyBytes+1))
	if err != nil {
		return tracker.Response{}, plain(err)
	}
	return judge(req.Event, answer.StatusCode, answer.Status, body)
}

// judge says what an answer means. A refusal counts under any status, for
// trackers send it with 4xx too; to `stopped` some answer with nothing at all.
func judge(event tracker.Event, code int, status string, body []byte) (tracker.Response, error) {
	resp, err := tracker.ParseResponse(body)
	var refusal *tracker.Failure
	switch good := code/100 == 2; {
	case errors.As(err, &refusal):
		return tracker.Response{}, err
	case !good:
		return tracker.Response{}, &StatusError{status}
	case event == tracker.EventStopped:
		return resp, nil
	default:
		return resp, err
	}
}

// plain takes the URL out of net/http's errors: it may hold a pass key, and
// whoever reads the error is told the tracker's name anyway.
func plain(err error) error {
	var withURL *url.Error
	if !errors.As(err, &withURL) {
		return err
	}
	if withURL.Timeout() {
		return ErrTimeout
	}
	return withURL.Err
}
