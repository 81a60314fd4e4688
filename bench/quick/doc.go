// Command quick compares spate with other clients in a few minutes: seeding to
// 1, 50 and 500 connections, and downloading from one fast seeder.
//
//	go run ./bench/quick [flags]
//
// It prints a Markdown report on stdout and what it is doing on stderr. With
// -readme it replaces the figures in that file, with -out it keeps the raw data
// in that folder. Run by root it works in a network namespace of its own, in
// which the congestion control is pinned for all sides; otherwise with what the
// system has, and says so. Clients that are not installed are reported as
// absent. SIGINT stops it cleanly, with a report on what was measured until
// then.
package main
