// Package s3mem is an S3 server that keeps its buckets in memory.
//
// A [Server] is an [net/http.Handler] that speaks the part of the S3 API that
// a reader of logs and the upload code of tests need, with path-style
// addresses: HeadBucket, CreateBucket, GetBucketLocation, ListObjectsV2,
// GetObject, HeadObject, PutObject and DeleteObject. Every other operation is
// answered with 501 NotImplemented. Signatures are not checked.
//
// [Server.Intercept] sees each request before it is answered and can have it
// fail in the ways S3 and networks fail.
package s3mem
