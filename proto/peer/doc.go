// Package peer is the reading end of one peer connection: a state machine that
// turns the byte stream into calls of a Handler. It does no IO, reads no clock,
// and is told of bytes only by Input, or by Filled when they were read straight
// to where Scatter or a Forecast said, or by Discarded when nobody wants them.
//
// # Contract
//
//	Init
//	  |
//	  v        68 bytes                 length, id, fixed part
//	handshake ----------> head <---------------------------------+
//	   OnHandshake         | ^ fixed messages: On... at once      |
//	                       | +------------------------------------+
//	                       |                                      |
//	                       +-- piece: OnPiece --> block --OnBlock-+
//	                       +-- bitfield, extended -> body --On...-+
//	                       +-- unknown id -------> skip ----------+
//
// Every way of cutting a stream into Inputs and Scatters gives the same calls
// in the same order. A message of fixed length is delivered once it is all
// there; a block is announced once its 13 bytes of header are there. An error
// ends the connection, whoever found it: a Fault when the peer broke the
// protocol, otherwise what the Handler returned. After one the Machine must not
// be fed again.
//
// OnHandshake finds the torrent and calls SetFast and SetPieces. Without the
// latter (a torrent whose metadata is not there yet) indices are unchecked and
// a bitfield may have any length up to a limit; SetPieces may follow at any
// time, and what came before is then for the handler to judge.
//
// # Moving a connection
//
// A Machine holds no pointer into itself and nothing of its loop: a copy of the
// value goes on where the original stood. OnHandshake returns ErrPause to stop
// Input right behind the handshake; the caller takes the Machine's value and
// the bytes that were not consumed to the other loop and feeds them there.
//
// # Who owns which buffer
//
//   - Input's data is the caller's and read only; a body or block that lies in
//     it whole is passed on or copied straight from there.
//   - The destination that OnPiece returns is the handler's, and written to
//     only from then until OnBlock, DropPayload or an error.
//   - The Machine keeps the start of a head in itself (17 bytes, and 68 for the
//     handshake). It allocates for one thing alone: a bitfield or extended
//     message that did not arrive in one piece, in proportion to what has
//     arrived, and gives that up when the message is delivered.
//   - Scatter's scratch is the caller's, and may be one for a whole loop, as
//     may a Forecast.
//   - A Forecast also lets the socket write to destinations of blocks that are
//     only expected, and what lands there may be anything. So a Predictor names
//     none but blocks asked of this peer alone that have not arrived. They
//     count as arrived when OnBlock says so, and by then hold the right bytes.
//
// # Limits
//
// Blocks, extended messages, and bitfields of unknown length by Config;
// messages of unknown ids by MaxUnknown. All other lengths are exact. A
// connection with nothing under way takes the size of a Machine, at most 160
// bytes.
//
// # Specifications
//
// BEP 3, 5 (port), 6 and 10, with these deviations:
//
//   - BEP 3 and 6 want one bitfield, have-all or have-none, right behind the
//     handshake. Clients put the extension handshake, port, allowed-fast and
//     choke or interest messages before it, and aria2 sends a bitfield in the
//     middle of a transfer when that is shorter than the have messages due. So
//     each may come at any time, any number of times.
//   - Unknown ids are skipped, as later BEPs add some.
//   - An empty piece message is passed on (OnPiece with length 0): BitComet
//     refuses requests in that way.
//   - Extended and port messages are passed on whatever the handshake
//     announced.
//
// # What it does not do
//
// It does not write, nor know what was asked for: an answer to no request of
// ours, a block outside its piece, too many requests, or silence are for the
// handler to punish. Choke and interest are kept there as well. It does not
// decrypt: the cipher (MSE) sits in front of Input.
package peer
