// Package raw is the raw data of a run of the harness: a file of JSON lines
// that is written while measuring, and from which every report is made.
//
// # Contract
//
// The first line is an object with one key, "header": the machine, the
// checkout, the clients and the whole configuration. Every further line is one
// result.Result, in the order of their making.
//
// A Writer writes each line with one system call as soon as it is there, so
// that a run which is interrupted keeps what it measured. What a crash can
// leave is a last line without its end: it is left out when reading, and
// Run.Torn says so. Anything else that is no such line is an error with its
// file and line.
//
// Keys that this version does not know are passed over, so that older programs
// read newer files.
//
// # Limits
//
// MaxLine and MaxResults bound what is read, and MaxFigures what one result may
// have; figures are finite numbers.
package raw
