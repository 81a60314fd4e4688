package load

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"time"

	"spate/proto/metainfo"
)

// WaitWeb is Wait for a web server: it returns once the target has the first
// byte of a torrent's file.
func WaitWeb(ctx context.Context, target netip.AddrPort, t *metainfo.Torrent) error {
	return waitFor(ctx, func() error { return probeWeb(ctx, target, webPath(t)) })
}

func probeWeb(ctx context.Context, target netip.AddrPort, path string) error {
	ctx, cancel := context.WithTimeout(ctx, probePatience)
	defer cancel()
	var dialer net.Dialer
	c, err := dialer.DialContext(ctx, "tcp", target.String())
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(probePatience)); err != nil {
		return err
	}
	if _, err := c.Write(span{0, 0}.appendGet(nil, path)); err != nil {
		return err
	}
	var head []byte
	for buf := make([]byte, maxHead); len(head) < maxHead; {
		n, err := c.Read(buf)
		head = append(head, buf[:n]...)
		if end := bytes.Index(head, []byte(headEnd)); end >= 0 {
			_, err := decodeHead(head[:end+len(headEnd)])
			return err
		}
		if err != nil {
			return err
		}
	}
	return ErrHead
}
