// Package interop tests spate against the clients that people use: each of them
// as the only seeder of a `spate get`, and as a leecher of a `spate seed`, found
// through a tracker alone. The tests run real processes over real sockets, and
// need the build tag interop:
//
//	go test -tags interop ./cmd/internal/interop
//
// A client is a small file: what to run, given a .torrent, a folder and a port.
// One that is not installed fails its tests; `make test` installs all of them.
package interop
