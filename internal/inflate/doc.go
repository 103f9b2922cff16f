// Package inflate decompresses whole gzip files that lie in memory, in safe Go,
// at more than twice the speed of decoders that read from an io.Reader
// (go test -bench . ./internal/inflate).
//
// It follows RFC 1951 and RFC 1952 and gives the verdict of [compress/gzip] on every
// input: what that accepts comes out with the same bytes, what that refuses is refused.
// The one difference are zero bytes behind a member, which it passes over.
// A refusal has no details. Package gunzip, its only user, leaves all such files to a
// library's decoder, so that a fault here costs time and never data; building with
// the tag qlogs_noinflate leaves this package out of the binary altogether.
//
// The speed comes from three things. Input and output are slices, so that nothing has to
// be resumable within a symbol. A loop runs without a check of either buffer's end for as
// long as both have slack, with 64 bits of input in a register. And a single lookup in a
// table gives a symbol's base value, its extra bits and the length of its code.
//
// The design of those tables and the way to build them follow libdeflate by Eric Biggers
// (https://github.com/ebiggers/libdeflate, MIT license).
package inflate
