package announce

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
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

// AnswerError is an answer that is no tracker's.
type AnswerError struct {
	Err error // of proto/tracker
}

func (e *AnswerError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *AnswerError) Unwrap() error { return e.Err }

// idleTimeout is how long a connection is kept for the next announce to its
// host: a collection of a thousand torrents has one each few seconds.
const idleTimeout = 30 * time.Second

// HTTP announces over HTTP and HTTPS. Each request is a goroutine; connections
// are kept for a while and used again. One that the server closes at the moment
// of its use is asked again over another, so a tracker that did count the
// announce counts it twice; that costs it a number in its statistics, where a
// connection for each announce costs it more.
//
// Torrents are by strangers, so what they may have us ask is limited: a tracker
// at a loopback address needs a path that ends in "/announce", and from a public
// address no redirect leads to a private one. With a proxy from the environment
// this is left to the proxy.
type HTTP struct {
	clients [reaches]*http.Client
	proxied *http.Client
	agent   string
}

// NewHTTP returns a transport that calls itself userAgent. It heeds the
// environment's proxy settings.
func NewHTTP(userAgent string) *HTTP {
	h := &HTTP{agent: userAgent, proxied: newClient(anywhere, http.ProxyFromEnvironment)}
	for r := range reaches {
		h.clients[r] = newClient(r, nil)
	}
	return h
}

func newClient(r reach, proxy func(*http.Request) (*url.URL, error)) *http.Client {
	dialer := &net.Dialer{Timeout: connectTimeout, Control: r.control}
	return &http.Client{
		Timeout: RequestTimeout,
		Transport: &http.Transport{
			Proxy:                  proxy,
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    connectTimeout,
			MaxResponseHeaderBytes: headersMost,
			MaxIdleConns:           StopInFlight,
			MaxIdleConnsPerHost:    StopPerHost, // as many as there can be, so none is closed to be opened again
			IdleConnTimeout:        idleTimeout,
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Close closes the connections that are kept. The transport may be used on.
func (h *HTTP) Close() {
	for _, c := range h.clients {
		c.CloseIdleConnections()
	}
	h.proxied.CloseIdleConnections()
}

// Announce implements Transport.
func (h *HTTP) Announce(ctx context.Context, announce string, req tracker.Request, done func(tracker.Response, error)) {
	go func() { done(h.ask(ctx, announce, req)) }()
}

// ask sends one announce, follows redirects and reads the answer.
func (h *HTTP) ask(ctx context.Context, announce string, req tracker.Request) (tracker.Response, error) {
	target, err := req.URL(announce)
	if err != nil {
		return tracker.Response{}, err
	}
	fromPublic := false
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) { fromPublic = fromPublic || publicConn(i.Conn) },
	})
	for redirects := 0; ; redirects++ {
		answer, err := h.get(ctx, target, fromPublic)
		if err != nil {
			return tracker.Response{}, plain(err)
		}
		next, err := answer.Location()
		if answer.StatusCode/100 != 3 || err != nil {
			return read(req.Event, answer)
		}
		discard(answer)
		if redirects == RedirectsMost {
			return tracker.Response{}, fmt.Errorf("more than %d redirects", RedirectsMost)
		}
		target = next.String()
	}
}

// get sends one request; fromPublic says that a public address redirected here.
func (h *HTTP) get(ctx context.Context, target string, fromPublic bool) (*http.Response, error) {
	get, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, err
	}
	get.Header.Set("User-Agent", h.agent)
	client := h.clients[reachOf(get, fromPublic)]
	if proxy, err := http.ProxyFromEnvironment(get); proxy != nil || err != nil {
		client = h.proxied
	}
	return client.Do(get)
}

// read reads an answer. The limit counts bytes after decompression, which is
// what costs memory.
func read(event tracker.Event, answer *http.Response) (tracker.Response, error) {
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, tracker.MaxBodyBytes+1))
	if err != nil {
		return tracker.Response{}, plain(err)
	}
	return judge(event, answer.StatusCode, answer.Status, body)
}

// discard reads what little a redirect says, so that its connection can be used
// again.
func discard(answer *http.Response) {
	_, _ = io.CopyN(io.Discard, answer.Body, headersMost) // if it fails, so will the next use
	answer.Body.Close()
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
	case err != nil:
		return tracker.Response{}, &AnswerError{err}
	default:
		return resp, nil
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
