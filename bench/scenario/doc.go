// Package scenario measures one client at one kind of work: seeding to many
// connections, or downloading from a fast seeder.
//
// # Contract
//
// A Lab holds content and a torrent of it, the same for all clients and rounds.
// Seed and Get start a client afresh, wait until it is ready, put the load of
// package load on it, and end it; each gives one Result a load. The client's
// start, loading and verifying are no part of a measurement, and neither is
// the warm-up. What a client can tell by itself is not asked: bytes are counted
// by the generator, CPU time and memory come from the system.
//
// A Result always comes; when the measurement failed it says why.
//
// # What is measured
//
//   - Seed: payload that arrived whole at the leechers, over a time of
//     Options.Duration; CPU time of the client over the same time.
//   - Get: the time from the seeder's connection until the client announced
//     that it has everything; CPU time until the content was found whole in
//     its folder, so that what it still writes counts.
//   - Memory is RssAnon at the end of the load.
//
// The generator's own CPU time stands beside them. Near one second a second for
// each of its loops, the generator was the limit and not the client.
//
// Everything runs on one machine over loopback; congestion control is what the
// system has for all.
package scenario
