// Package interop tests spate against the clients that people use, as real
// processes over real sockets: each of them as the only seeder of a `spate
// get`, and as a leecher of a `spate seed`, found through a tracker alone, with
// torrents of a single file and of many, some of them empty, with names beyond
// ASCII, or across the borders of pieces. In the end the receiving side has
// the same bytes in the same files. Both ends have to dial and to accept, where
// the client can do both. And each, started again, goes on from what it has kept.
//
//	go test ./bench/interop
//
// A client that is not installed has its tests skipped with the reason. Two
// tests run at a time, and the suite stays under four minutes on two cores.
package interop
