// Package vfs is the file system as package disk sees it: one folder, whose
// files are named by slash-separated relative paths. Dir is the real one;
// package memfs is one in memory with faults and power cuts.
//
// # Contract
//
//   - Nothing outside the folder is created, written, renamed or removed, whatever
//     the names and the symbolic links inside it say, and whoever changes links
//     meanwhile: Dir stands on os.Root, which opens a path element by element.
//     What would need it fails with ErrOutside.
//   - Files are read through symbolic links wherever they lead, for people lay
//     out content by links; by its name alone nothing outside is read.
//   - The folder itself need not exist: reading gives fs.ErrNotExist, and it is
//     made by the first MkdirAll or Open with Create.
//   - Only regular files are opened; a FIFO, a device or a directory in a file's
//     place gives ErrNotRegular and does not block.
//   - Every error is a *fs.PathError with the full path, so that its text is one
//     clear line: "write /data/a.iso: no space left on device".
//   - A folder in use is the one that was opened, whatever its path leads to
//     later; Present tells whether that is another.
//   - A write is durable after File.Sync; the name of a new file (or a rename)
//     after SyncDir of its folder. Nothing less is promised after a power cut.
//
// All methods are safe for use by several goroutines.
package vfs
