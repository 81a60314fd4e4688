// Package content makes what clients are measured with: files of chance, their
// torrents, and whether they lie in the page cache.
//
// # Contract
//
// A Single is one file and its torrent, a Collection is many small ones. Both are
// made in a folder that the caller gives, and removes: the same bytes each time,
// of which no two pieces agree, and on disk when they are there. Their torrents
// name a tracker that refuses connections, unless another one is asked for.
// What a client has written is held against the file by Verify.
//
// Warm and Evict bring a Single into the page cache and out of it, and Reheat out
// of it and in again. Cold is what can be seen to be: a file that others map, or
// that lies in memory, is ErrWarm.
//
// # Limits
//
// A Collection holds 4 KiB a torrent, and the metainfo of all in memory. Evict
// needs Linux, and gives up after evictTimeout.
package content
