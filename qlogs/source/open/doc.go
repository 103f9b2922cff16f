// Package open turns a URI or a path into a
// [github.com/promptlogs/qlogs/qlogs/source.Source] and a prefix, so that a program opens a
// bucket, a directory or a zip file with one call:
//
//	src, prefix, err := open.URI(ctx, "s3://my-bucket/prompt-logs", nil)
//	if err != nil {
//		return err
//	}
//	scan := qlogs.New(src, nil).Scan(qlogs.Query{Prefix: prefix})
//
// # Credentials
//
// A bucket is read with AWS's default configuration, the same that the AWS CLI uses. The
// first of these that is there gives the credentials:
//
//  1. [Options].Profile;
//  2. the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a web identity token
//     as in EKS;
//  3. the profile that AWS_PROFILE names, or the profile "default", of ~/.aws/config and
//     ~/.aws/credentials: keys, a role, a sign-in (aws sso login, aws login) or a program;
//  4. the role of the container, or of the EC2 instance. A Lambda function has its role in
//     the environment.
//
// With [Options].RoleARN these credentials assume that role, and the role reads the bucket.
// Credentials that expire are renewed while a scan or a Follow goes on.
//
// # Region
//
// URI asks S3 for the Region of the bucket, with one HeadBucket request, so that a bucket in
// any Region can be read. It asks nothing if [Options].Region is set. Other stores need not
// answer: if [Options].Endpoint, AWS_ENDPOINT_URL_S3 or the profile names another endpoint,
// and that does not say a Region, the configuration's Region is used, or us-east-1.
//
// Where the configuration names no Region, the look-up and AssumeRole go to one of the
// partition of AWS that the role or the access point is of: us-east-1, cn-north-1 in China,
// us-gov-west-1 in GovCloud.
//
// # Permissions
//
// The credentials need s3:ListBucket on the bucket and s3:GetObject on its objects, and
// kms:Decrypt if a KMS key encrypts them: package
// [github.com/promptlogs/qlogs/qlogs/source/s3source] says more. HeadBucket needs none: S3
// names the Region in a denial as well. To assume a role, the caller's own policy has to allow
// sts:AssumeRole on the role, unless the role's trust policy names the caller itself and
// both are of one account. The role's trust policy has to trust the caller in any case, with
// sts:ExternalId as a condition if there is an external id.
//
// # Costs
//
// One HeadBucket request for each call without [Options].Region, and one AssumeRole request,
// which is free, for each hour with [Options].RoleARN.
//
// # Dependencies
//
// This package links the AWS SDK with all of its ways to get credentials. A program that
// reads directories alone needs no more than source.Dir. A program that has an *s3.Client
// already needs no more than s3source.New.
package open
