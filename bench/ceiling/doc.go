// Package ceiling is a seeder that does as little as can be done: what a
// machine can serve over its own loopback, to which clients are compared, and
// which the load generator must outrun to be believed.
//
// # Contract
//
// Serve lays the whole content out in memory in the form in which it goes over
// the wire, every block behind its 13 bytes of header, and answers requests from
// there by sendfile, or from pipes. Requests for blocks that follow each other are
// one range to send, however many they are. It returns when its context ends.
//
//	accepted --handshake--> open --requests--> sending --+
//	                         ^                           |
//	                         +----- all is sent ---------+
//
// It knows one torrent, unchokes everybody at once, and reads of messages no
// more than requests and their lengths: have, interest and cancel are nothing
// to it. What is sent is true to the content, in whatever order it is asked
// for.
//
// # Who owns what
//
// A thread owns its connections and an epoll set; a further goroutine accepts
// and deals them out in turn. The image is shared and read only.
//
// # Limits
//
// The image takes the size of the content in memory, in huge pages where there
// are some, or in the kernel's own. A connection is closed when it asks for
// anything but whole blocks of 16 KiB, as the generator does, or for more than
// maxRuns ranges at a time. Linux only.
//
// # Specifications
//
// BEP 3, and have-all of BEP 6.
package ceiling
