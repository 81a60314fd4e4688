// Package config turns flags, environment and configuration file into the one
// Transfer that get and seed run by, and into the plain values of the other
// commands.
//
// # Contract
//
// A command registers its flags on a pflag.FlagSet by the functions of this
// package (Rate, Value, Duration, Addr, ...), which share one shape: a parser
// that either gives a valid value or one clear error. After the command line
// has been parsed, Load fills the flags that were not given there:
//
//	flag --up-limit 1MiB   beats   SPATE_UP_LIMIT=1MiB   beats   up-limit: 1MiB in the file
//
// so every value goes through the same parser, wherever it was written, and
// its error names the place. The file is YAML with flag names as keys. A key
// that no command knows is an error; one that only another command knows is
// left alone, so that one file serves all commands. Variables that begin with
// SPATE_ and name no flag are left alone as well.
//
// A list is repeated on the command line, a list (or one string) in the file,
// and separated by spaces in the environment.
//
// # Limits
//
// A configuration file may have MaxFileSize bytes.
package config
