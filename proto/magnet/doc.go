// Package magnet reads and writes magnet links to torrents.
//
//	magnet:?xt=urn:btih:HASH&xt=urn:btmh:HASH&dn=NAME&tr=URL&ws=URL&x.pe=HOST:PORT&so=0,2,4-6
//
// # Contract
//
// Parse takes a link from anywhere and String writes one; what was parsed and
// written parses to the same Magnet. The link must name a torrent (xt), and
// file numbers (so) must be readable, for guessing would download the wrong
// content. All else only helps: trackers, web seeds and peers that cannot be
// used are left out, and unknown parameters are not kept.
//
// # Limits
//
// MaxBytes, MaxPeers and MaxRanges, and those of package metainfo for trackers
// and web seeds. Of trackers, web seeds and peers the surplus is left out;
// going past the others is an error.
//
// # BEPs
//
//   - BEP 9: xt, dn, tr, x.pe. The info-hash may be hexadecimal or base32, and
//     parameters may be numbered (tr.1), as other programs write them.
//   - BEP 19: ws, which no BEP defines for magnet links, but clients write.
//   - BEP 52: urn:btmh is kept as text.
//   - BEP 53: so.
//
// # What it does not do
//
// It fetches nothing and resolves no name. xs, as and mt are not read.
package magnet
