// Package stores has the S3 servers of tests: one in process that fails as a test says
// ([MemS3]), and a real one ([RealS3]).
package stores
