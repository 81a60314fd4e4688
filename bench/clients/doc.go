// Package clients runs BitTorrent clients under test: one file a client behind
// one small interface, for the interop tests and for the measurements.
//
// # Contract
//
// A Client is asked whether it is Available, and Started with a Task: torrents,
// a folder that holds their content or is empty, an address to listen on and a
// scratch folder for everything the client keeps for itself. It then runs as a
// Process, in a process group of its own, until Stop.
//
//	Start ---> running ---> ended by itself    Done is closed, Err tells how
//	              |
//	              +-- Stop: SIGTERM, and SIGKILL after Grace --> ended
//
// Started again with the same Task, a client goes on from what it has kept in
// the scratch folder, and checks no content again. How many torrents it can be
// asked for is among its Traits.
//
// nginx is no client but a web server, which serves the content's file and takes
// part in seeding alone; so does spate without its cache.
//
// A Creator is a tool that makes torrents, and runs to its end.
//
// Several processes may run at once, each with its own scratch folder and port.
// A client finds peers through the torrent's tracker alone, or is dialed. When
// it has started it may still be reading or verifying content: whoever connects
// tries again until the client answers.
//
// # The field is level
//
// Each client does the same work: TCP alone, no DHT, PEX or local discovery, no
// limit on rates, connections or upload slots, no allocation ahead of the data.
// Congestion control is the system's for all of them. Those that can encrypt do
// so with peers that can, as their users have it; with the peers of a
// measurement they speak plain text. What else a client needs is in its file,
// with the reason. All of them may open the same number of descriptors. Proxies
// in the environment are kept from them.
//
// Clients that are libraries run in programs of a few lines, whose source is in
// bench/rivals and which `make bench-clients` builds.
//
// # Limits
//
// A client ends within Grace, and GracePerTorrent for each torrent, or is
// killed. It has maxOpen descriptors, if the system allows as many. A Log is
// cut to its last maxLog bytes.
//
// # What it does not do
//
// It installs nothing and measures nothing.
package clients
