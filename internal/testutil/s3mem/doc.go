// Package s3mem is the S3 server of package s3test with faults. [Server.Intercept] sees each
// request before it is answered, and can have it fail in the ways S3 and networks fail.
package s3mem
