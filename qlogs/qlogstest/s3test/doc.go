// Package s3test has an S3 server in the process of a test, for programs that read from a
// bucket.
//
//	server := s3test.New()
//	defer server.Close()
//	server.Put("logs", key, body)
//	src := s3source.New(server.Client(), "logs", nil)
//
// A [Server] keeps its buckets in memory and speaks the part of the S3 API that a reader of
// logs needs, and that stores objects: HeadBucket, CreateBucket, GetBucketLocation,
// ListObjectsV2, GetObject, HeadObject, PutObject and DeleteObject, with path-style
// addresses. PutObject knows the conditions If-Match and If-None-Match, and user metadata. The
// server answers every other operation with 501 NotImplemented. It checks neither
// signatures nor rights. Objects have one version, whose id is "null".
//
// To test what happens if requests fail, put a handler before the server with
// [Server.Wrap], or read from a source of package sourcetest, which needs no network.
//
// The package links the AWS SDK. For logs to put into the buckets see package qlogstest.
package s3test
