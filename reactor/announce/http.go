package announce

import (
	"context"
	"errors"
	"net/http"

	"spate/proto/tracker"
	"spate/reactor/webget"
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

// HTTP announces over HTTP and HTTPS. Each request is a goroutine; connections
// are kept for a while and used again. One that the server closes at the moment
// of its use is asked again over another, so a tracker that did count the
// announce counts it twice; that costs it a number in its statistics, where a
// connection for each announce costs it more.
//
// Torrents are by strangers, so what they may have us ask is limited (package
// webget): a tracker at a loopback address needs a path that ends in
// "/announce", and from a public address no redirect leads to a private one.
type HTTP struct{ client *webget.Client }

// NewHTTP returns a transport that calls itself userAgent. It heeds the
// environment's proxy settings.
func NewHTTP(userAgent string) *HTTP {
	return &HTTP{webget.New(webget.Config{
		Header:      http.Header{"User-Agent": {userAgent}},
		LocalPath:   "/announce",
		Kept:        StopInFlight,
		KeptPerHost: StopPerHost, // as many as there can be, so none is closed to be opened again
	})}
}

// Close closes the connections that are kept. The transport may be used on.
func (h *HTTP) Close() { h.client.Close() }

// Announce implements Transport.
func (h *HTTP) Announce(ctx context.Context, announce string, req tracker.Request, done func(tracker.Response, error)) {
	go func() { done(h.ask(ctx, announce, req)) }()
}

// ask sends one announce and reads the answer, within RequestTimeout in all.
func (h *HTTP) ask(ctx context.Context, announce string, req tracker.Request) (tracker.Response, error) {
	target, err := req.URL(announce)
	if err != nil {
		return tracker.Response{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, RequestTimeout)
	defer cancel()
	answer, err := h.client.Get(ctx, target)
	if err != nil {
		return tracker.Response{}, timedOut(err)
	}
	defer answer.Body.Close()
	body, err := webget.Body(answer, tracker.MaxBodyBytes)
	if err != nil {
		return tracker.Response{}, timedOut(err)
	}
	return judge(req.Event, answer.StatusCode, webget.Status(answer), body)
}

// timedOut says of a time-out what the Announcer says of its own.
func timedOut(err error) error {
	if errors.Is(err, webget.ErrTimeout) {
		return ErrTimeout
	}
	return err
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
