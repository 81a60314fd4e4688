// Package safetext makes text by strangers safe to show: names in torrents, what
// trackers say, URLs. Everything that the command prints passes through it where
// it leaves: the log, events, the progress display, errors, tables and the
// labels of metrics.
//
// # Contract
//
//   - Escape keeps what is visible, in any script, and writes everything else as
//     \uXXXX: control characters, which a terminal obeys; marks that turn the
//     direction of writing; line and paragraph separators; bytes that are no
//     UTF-8. It is one line then, and what was there can be told. The form is
//     that of JSON, so that a line of JSON means the same after it.
//   - Line and Short cut besides: a line at LineMost, a name at a number of
//     characters.
//   - URL and Source shorten what in a URL may be secret: logins, pass keys in
//     paths and queries.
//   - Writer escapes whatever is written to it, one line a Write.
//
// # What it does not do
//
// It does not guess at secrets in free text: errors are made without URLs in the
// first place (reactor/webget). What a user asks to see, such as the magnet link
// of `spate info`, is shown in full.
package safetext
