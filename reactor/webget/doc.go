// Package webget asks HTTP servers that strangers name: the trackers of
// torrents and what those redirect to. A URL of a stranger must not steer us
// to services that the stranger cannot reach, and what comes back must not
// cost more than it may.
//
//	c := webget.New(webget.Config{Header: header, LocalPath: "/announce"})
//	answer, err := c.Get(ctx, url)        // follows redirects
//	body, err := webget.Body(answer, most)
//
// # Where a request goes
//
// Names say nothing: what counts is the address that is connected to, looked at
// after each resolution and just before the connect (net.Dialer.Control), so
// that neither a name of two faces nor 2130706433, 0x7f.1 or [::ffff:127.0.0.1]
// gets past it.
//
//   - Only http and https, also behind redirects; https does not become http.
//   - A loopback address is asked only under paths that end in
//     Config.LocalPath.
//   - Once a public address was spoken to, no redirect leads to one that is not.
//   - A redirect brings no user and password of its own.
//   - A kept connection serves requests that may reach as far as that which
//     opened it, and no others.
//
// With a proxy from the environment the addresses are left to the proxy, which
// is asked in our place.
//
// # Contract
//
// Methods may be called from any goroutine. The context of Get bounds all of
// it, the reading of the body too; the caller gives it a deadline, and closes
// the body.
//
// # Limits
//
// RedirectsMost, ConnectTimeout, HeaderTimeout, HeadersMost, ErrorMost, and the
// most that Body is called with, counted after decompression.
//
// Errors never hold the URL, which may hold a pass key: whoever reads them is
// told elsewhere what was asked.
package webget
