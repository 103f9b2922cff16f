// Package s3source makes a bucket of S3, or of a store that speaks its protocol, a
// [github.com/promptlogs/qlogs/qlogs/source.Source].
//
// The caller brings an *s3.Client of the AWS SDK, and with it credentials, Region,
// endpoint, HTTP client and retries. Package
// [github.com/promptlogs/qlogs/qlogs/source/open] makes one from a URI and AWS's default
// configuration.
package s3source
