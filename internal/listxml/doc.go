// Package listxml reads pages of S3 listings, many times as fast as the SDK does.
//
// It knows the documents that S3 and the stores like it write, and of those it makes
// what the SDK makes of them. All else it refuses, to be read by the SDK: whatever
// could be read in another way, or is an error to the SDK, and what nobody writes in
// such a document. Elements that are new are skipped, as the SDK does. What the library
// has no use for is read nevertheless: so a page is right if it equals the SDK's.
package listxml
