// Package scenario measures one client at one kind of work: seeding to many
// connections, downloading from fast seeders, and more, a file each.
//
// # Contract
//
// An Env holds the folders and the content that are the same for all clients
// and rounds, and how to measure. A Scenario Prepares what it shares once, and
// then Measures one client in one round; whoever runs it takes clients and
// rounds in turn. Measure starts the client afresh, waits until it is ready,
// puts the load of package load on it, and ends it; it gives one result for
// each of its settings. The client's start, loading and verifying are no part
// of a measurement unless they are what is measured, and neither is the
// warm-up. What a client can tell by itself is not asked: bytes are counted by
// the generator, CPU time and memory come from the system.
//
//	Prepare --> Measure(client A, round 1) --> Measure(B, 1) --> Measure(A, 2) ...
//
// A result always comes; when the measurement failed it says why. Only one that
// was interrupted gives none.
//
// # What is measured
//
//   - Seed: payload that arrived whole at the leechers, over Options.Duration;
//     CPU time of the client over the same time. Warm content lies in memory,
//     and the first load of a client goes on until it has been sent several
//     times before anything is measured. Cold content lies on disk, and neither
//     the page cache nor the client, which is started again for each load, has
//     any of it: then the measurement begins with the first byte, and ends when
//     as much was sent as there is.
//   - Get: the time from the seeders' first dial until the client says that it
//     has everything; CPU time until the content was found whole in its folder,
//     so that what it still writes counts. Memory is the most that was seen
//     meanwhile.
//   - Ceiling: what Seed measures, of a seeder that only calls sendfile. The
//     share of it that a client reached stands beside the client's figures.
//   - Loops, Stalled, Peers, Torrents, Check and Create: see the types, each of which says from
//     when to when.
//   - Mixed: the time from the start of the first leecher until the content is
//     whole in the folder of each, against the least time in which lines of
//     these rates can carry it; the seed is ready and announced by then. Copies
//     and surplus are what went over the lines, without headers.
//   - Link: as Seed, from a client in a network namespace at the far end of a
//     line (package netlab), with the share of the line's rate that arrives as
//     payload.
//   - start_s of Seed runs from the start of the process to the first byte of
//     the first load, and so contains the verifying of warm content.
//   - Memory is RssAnon at the end of the load, if nothing else is said.
//
// The generator's own CPU time stands beside them. Near one second a second for
// each of its loops, the generator was the limit and not the client, and the
// result says so.
//
// Congestion control is what the system, or the network namespace, has for all
// sides.
//
// # Ends
//
// A client that ends by itself ends its measurement at once, with its last line
// in the result. One that was measured is killed, with its process group, and
// its folders are removed: nothing it would still save is of use. So an
// interruption is over within a second or two.
//
// # Limits
//
// A start may take readyTimeout, the first payload unchokeTimeout, a download
// getTimeout; scenarios say more in their files. Clients that serve a handful
// of peers, or are slow to let more in, are measured with less connections; see
// clients.Traits.
package scenario
