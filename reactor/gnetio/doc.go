// Package gnetio is the network over real sockets.
package gnetio
