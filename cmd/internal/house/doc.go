// Package house holds the shape of the project by tests: which package may
// import which. The table in imports_test.go says the same as the depguard
// rules of .golangci.yml, but needs nothing except the go command, so that a
// broken arrow fails `go test ./...` as well as the lint.
package house
