// Package bencode reads and writes bencoding (BEP 3): a strict scan with
// limits in front of github.com/zeebo/bencode, which maps values to Go types.
//
// # Contract
//
// Everything that comes from outside is scanned before anything is decoded or
// allocated for it. The decoder behind recurses and believes lengths; the scan
// is what makes both safe. After a scan without error the input is one whole
// value within the limits, so that decoding it takes memory in proportion to
// its size and a bounded stack.
//
// The scan refuses, with the offset:
//
//   - a string that claims more bytes than are left;
//   - leading zeros, in integers and in lengths, "-0", and an empty integer;
//   - integers outside int64;
//   - dictionary keys that are not strings;
//   - the same key twice in a dictionary, because two readers would not agree
//     on what it says;
//   - bytes behind the value, where the whole input must be one value.
//
// Keys that are not in order are accepted. BEP 3 demands the order, but many
// torrents lack it, and the info-hash is taken from the raw bytes, so nothing
// depends on it. Marshal writes them in order.
//
// # Decoding into Go types
//
// Struct fields are named by `bencode:"key,omitempty"` tags; unknown keys are
// dropped. Strings go into string and []byte, integers into the integer types
// and bool, lists into slices, dictionaries into structs and map[string]T. Raw
// keeps a value undecoded. An interface field takes int64, string, []any or
// map[string]any, which is the way to accept a field of any type. Decoding
// truncates integers that do not fit their field: use int64 and check the
// range.
//
// # Looking in place
//
// Decoding takes many times the memory of its input when that is made of tiny
// values. Large input is looked at by a View: nothing is allocated for what is
// refused or not wanted. A .torrent, which may have 64 MiB, is read so.
//
// # Who owns which buffer
//
// Decoded values are copies. A View, and all that it yields, lies in the data
// that was looked at, which must not change.
//
// # Limits
//
// Each reader of outside data names the size, depth, number of tokens and
// number of keys that it accepts; Limits has a preset for each kind.
package bencode
