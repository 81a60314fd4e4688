// Package utp stands in for github.com/anacrolix/go-utp, with the names that
// anacrolix/torrent refers to, and opens no socket. Every client under test
// speaks TCP alone, so none of this is reached; the program is built from one
// module less.
package utp

import (
	"context"
	"errors"
	"log/slog"
	"net"
)

// Default names the implementation.
const Default = "none"

// ErrOff is what every attempt to open a socket gets.
var ErrOff = errors.New("uTP is off")

// Option would set up a socket.
type Option func()

// WithLogger does nothing.
func WithLogger(*slog.Logger) Option { return func() {} }

// FirewallCallback would tell whether to refuse a peer.
type FirewallCallback = func(net.Addr) bool

// Socket is what a uTP socket can do.
type Socket interface {
	net.PacketConn
	Accept() (net.Conn, error)
	Addr() net.Addr
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
	SetFirewallCallback(FirewallCallback)
}

// NewSocket fails with ErrOff.
func NewSocket(string, string, ...Option) (Socket, error) { return nil, ErrOff }

// NewSocketFromPacketConn fails with ErrOff.
func NewSocketFromPacketConn(net.PacketConn, ...Option) (Socket, error) { return nil, ErrOff }
