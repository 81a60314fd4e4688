package webget

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"
)

// Limits of a request.
const (
	// RedirectsMost is enough for http to https and for one move of a server.
	RedirectsMost = 5
	// ConnectTimeout bounds the dial and the TLS handshake each, so that a
	// dead host gives way to another server before its caller gives up.
	ConnectTimeout = 10 * time.Second
	// HeaderTimeout bounds the wait from a request that was sent to the end of
	// the answer's header: a busy tracker takes some seconds.
	HeaderTimeout = 20 * time.Second
	// HeadersMost bounds an answer's header, in bytes; servers send a few
	// hundred.
	HeadersMost = 64 << 10
	// ErrorMost bounds the text of an error, in bytes: those of net/http and of
	// certificates quote what the server sent, at any length.
	ErrorMost = 256
	// idleTimeout is how long a connection is kept for the next request to its
	// host: a collection of a thousand torrents has one each few seconds.
	idleTimeout = 30 * time.Second
)

// Errors of requests.
var (
	// ErrTimeout says that the server did not answer in time.
	ErrTimeout = errors.New("no answer in time")
	// ErrRedirects says that the server redirects more than RedirectsMost
	// times.
	ErrRedirects = fmt.Errorf("more than %d redirects", RedirectsMost)
	// ErrDowngrade says that an https server redirects to http.
	ErrDowngrade = errors.New("not following a redirect from https to http")
	// ErrScheme says that a URL, or a redirect, is neither http nor https.
	ErrScheme = errors.New("neither an http nor an https URL")
)

// Config is how a Client asks.
type Config struct {
	// Header goes with each request.
	Header http.Header
	// LocalPath is how a path must end to be asked at a loopback address; ""
	// is how all do.
	LocalPath string
	// Kept and KeptPerHost bound the connections that are kept open while
	// nothing is asked.
	Kept, KeptPerHost int
}

// Client asks HTTP and HTTPS servers; see the package comment.
type Client struct {
	cfg     Config
	clients [reaches]*http.Client
	proxied *http.Client
	public  func(net.Conn) bool // whether the other end is on the Internet
}

// New returns a Client. It heeds the environment's proxy settings.
func New(cfg Config) *Client {
	c := &Client{cfg: cfg, proxied: newClient(cfg, anywhere, http.ProxyFromEnvironment), public: publicConn}
	for r := range reaches {
		c.clients[r] = newClient(cfg, r, nil)
	}
	return c
}

func newClient(cfg Config, r reach, proxy func(*http.Request) (*url.URL, error)) *http.Client {
	dialer := &net.Dialer{Timeout: ConnectTimeout, Control: r.control}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  proxy,
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    ConnectTimeout,
			ResponseHeaderTimeout:  HeaderTimeout,
			MaxResponseHeaderBytes: HeadersMost,
			MaxIdleConns:           cfg.Kept,
			MaxIdleConnsPerHost:    cfg.KeptPerHost,
			IdleConnTimeout:        idleTimeout,
			ForceAttemptHTTP2:      true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Close closes the connections that are kept. The Client may be used on.
func (c *Client) Close() {
	for _, h := range c.clients {
		h.CloseIdleConnections()
	}
	c.proxied.CloseIdleConnections()
}

// Get asks target and follows redirects. The answer is of any status; its body
// is the caller's to close. Errors are ErrTimeout, *AddressError, those above,
// or the network's, and one line without the URL.
func (c *Client) Get(ctx context.Context, target string) (*http.Response, error) {
	at, err := url.Parse(target)
	if err != nil {
		return nil, plain(err)
	}
	fromPublic := false
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(i httptrace.GotConnInfo) { fromPublic = fromPublic || c.public(i.Conn) },
	})
	for redirects := 0; ; redirects++ {
		answer, err := c.once(ctx, at, fromPublic)
		if err != nil {
			return nil, plain(err)
		}
		next, err := answer.Location()
		if answer.StatusCode/100 != 3 || err != nil {
			return answer, nil
		}
		discard(answer)
		if redirects == RedirectsMost {
			return nil, ErrRedirects
		}
		if at, err = follow(at, next); err != nil {
			return nil, err
		}
	}
}

// follow is where a redirect leads, if it may.
func follow(from, to *url.URL) (*url.URL, error) {
	switch {
	case to.Scheme != "http" && to.Scheme != "https":
		return nil, fmt.Errorf("redirect: %w", ErrScheme)
	case from.Scheme == "https" && to.Scheme == "http":
		return nil, ErrDowngrade
	}
	next := *to
	next.User = nil // it would log in elsewhere with what a stranger chose
	if to.Host == from.Host {
		next.User = from.User
	}
	return &next, nil
}

// once sends one request; fromPublic says that a public address redirected here.
func (c *Client) once(ctx context.Context, at *url.URL, fromPublic bool) (*http.Response, error) {
	if at.Scheme != "http" && at.Scheme != "https" {
		return nil, ErrScheme
	}
	get := (&http.Request{
		Method: http.MethodGet, URL: at, Host: at.Host, Header: c.cfg.Header.Clone(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}).WithContext(ctx)
	client := c.clients[c.reachOf(at, fromPublic)]
	if proxy, err := http.ProxyFromEnvironment(get); proxy != nil || err != nil {
		client = c.proxied
	}
	return client.Do(get)
}

// reachOf returns how far a request may reach. A connection that is kept open
// serves requests of the same reach only.
func (c *Client) reachOf(at *url.URL, fromPublic bool) reach {
	switch {
	case fromPublic:
		return publicOnly
	case strings.HasSuffix(at.Path, c.cfg.LocalPath):
		return anywhere
	default:
		return noLoopback
	}
}

// discard reads what little a redirect says, so that its connection can be used
// again.
func discard(answer *http.Response) {
	_, _ = io.CopyN(io.Discard, answer.Body, HeadersMost) // if it fails, so will the next use
	answer.Body.Close()
}

// Body reads an answer: up to most bytes after decompression, which is what costs
// memory, and one more where there is more.
func Body(answer *http.Response, most int) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(answer.Body, int64(most)+1))
	return body, plain(err)
}

// Status is an answer's status without the words that the server chose.
func Status(answer *http.Response) string {
	if text := http.StatusText(answer.StatusCode); text != "" {
		return fmt.Sprintf("%d %s", answer.StatusCode, text)
	}
	return fmt.Sprint(answer.StatusCode)
}

// plain takes the URL out of net/http's errors, and bounds what is left.
func plain(err error) error {
	var withURL *url.Error
	if errors.As(err, &withURL) {
		if err = withURL.Err; withURL.Timeout() {
			return ErrTimeout
		}
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return ErrTimeout
	case len(err.Error()) > ErrorMost:
		return errors.New(strings.ToValidUTF8(err.Error()[:ErrorMost], "") + "…")
	default:
		return err
	}
}
