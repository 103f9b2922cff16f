// Package source is the contract between a scan and where the objects lie, and two
// kinds of places: directories ([Dir]) and file systems ([FS]).
//
// A bucket is a source by package [github.com/promptlogs/qlogs/qlogs/source/s3source].
// This package does not need the AWS SDK, so a program that reads a directory does not
// link it.
//
// # Writing a source
//
// A type with the three methods of [Source] is enough. Its errors tell the reader what to
// do: [ErrNoStore], [ErrChanged], [ErrArchived], [ErrAnonymous], [KeyError] and
// fs.ErrNotExist. A source that sends requests calls [StartRequest] and [StartAttempt], so that
// they are counted and a request that stalls is told from one that waits its turn. Package
// [github.com/promptlogs/qlogs/qlogs/source/sourcetest] tests whether a source keeps the
// contract.
//
// Source will not get further methods. What a source can do beyond it is an interface of
// its own, such as [Local], that a source may satisfy. A source that wraps another one
// has a method
//
//	Unwrap() Source
//
// so that [As] finds what the inner source can do. If a wrapper makes that untrue, such as
// one that reads a directory over a slow network, the wrapper has the method itself, or no
// Unwrap.
package source
