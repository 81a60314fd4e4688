// Package report says what was measured. From the raw data of a run it makes
//
//   - Short and Long: Markdown, for a README and for reading on;
//   - Page: one HTML file that needs nothing else, with plots;
//   - Bench: the Go benchmark format, for benchstat.
//
// Files writes all of them beside the raw data.
//
// # What a table says
//
// A figure is the median over the rounds, with its 95 % interval (package
// stats). × is its ratio to the first client's, paired within the rounds: what
// slows the machine for a while slows both. Where the interval of the ratio
// leaves room for no difference, "≈ 1" stands there and no number, so that
// noise is not read as a result. ≥ marks what could be more: the generator was
// as busy as it can be in one of the rounds. The best of a column is bold, with
// all whose interval reaches it.
//
// Clients that are absent, and measurements that failed, are listed with the
// reason; a client that is left out silently would look as if it was not asked.
//
// # Packages
//
//	raw      the file of a run: header and results
//	table    results grouped into cells, and the texts of numbers
//	chart    a plot as SVG
//	regress  two runs compared
//	sample   made-up runs for tests
package report
