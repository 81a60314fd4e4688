// Package catalog is what the engine keeps of torrents that nobody asks for: a
// row each, of some hundred bytes, so that a hundred thousand of them are a
// table and not objects.
//
// # Rows
//
//	                 not all there
//	Checking ----------------------------> Gone <---- ended, from any state
//	   |   ^
//	   |   | files are not as recorded
//	   v   |      asked for            loaded
//	Resting ---------------> Waking -----------> Awake
//	   ^                                         |   ^
//	   |             nobody left                 v   | somebody came
//	   +---------------------------------------- Settling
//
// A Table holds the rows and finds them by info-hash. What is needed only to
// wake a row (where its .torrent lies, what its files were like) is its Record,
// which stands in a journal; the row has the place.
//
// # Contract
//
// A Table is changed by one goroutine; others may look at it while that one
// does not, under a lock of the engine's. A row keeps its ID, and an ID is never
// used again.
//
// # Limits
//
// MaxRows. Table.Bytes tells what a table takes.
package catalog
