package open_test

import "testing"

func TestNoURI(t *testing.T) {
	environment(t, "", keys("CALLER")...)
	const forms = "give s3://bucket/prefix, a directory, file:///directory or a zip file"
	const id = "AKIA" + canary + canary + canary
	leave, misspelt := []string{"write s3://bucket/prefix", "leave keys to the AWS configuration"}, []string{"the path, which is not shown", forms}
	for _, tt := range []struct {
		uri  string
		says []string
	}{
		{"", []string{"the URI is empty", forms}},
		{"gs://logs/" + canary, []string{"the scheme gs is not known", forms, "write a source.Source"}},
		{"AZ://logs", []string{"the scheme az is not known"}},
		{"s3a://logs/p", []string{"the scheme s3a is not known: write s3://bucket/prefix"}},
		{"https://my-bucket.s3.amazonaws.com/p?X-Amz-Signature=" + canary, []string{"write s3://bucket/prefix", "open.Options.Endpoint"}},
		{"https://user:" + canary + "@minio.example/logs", []string{"https is not a scheme for logs"}},

		{"s3://", []string{"names no bucket"}},
		{"s3:///p", []string{"names no bucket"}},
		{"s3:/my-bucket/p", []string{"has to start with s3://"}},
		{"arn:aws:s3:::my-bucket/p", []string{"has to start with s3://"}},
		{"s3://arn:aws:s3:::my-bucket/p", []string{"write s3://, the bucket's name or the ARN of an access point"}},
		{"s3://KEY:" + canary + "@my-bucket/p", []string{"leave keys to the AWS configuration"}},
		{"s3://" + canary + "@my-bucket", []string{"write s3://bucket/prefix"}},
		{"s3:///KEY:" + canary + "@my-bucket/p", []string{"write s3://bucket/prefix"}},
		{"s3:/KEY:" + canary + "@my-bucket/p", []string{"write s3://bucket/prefix"}},
		{"s3:KEY:" + canary + "@my-bucket/p", []string{"write s3://bucket/prefix"}},
		{"s3://" + id + ":" + canary + "/" + canary + "/" + canary + "@my-bucket/p", leave},
		{"S3://" + id + ":" + canary + "/" + canary + "@my-bucket/p", leave},
		{"s3://" + id + ":" + canary + "/" + canary, leave},
		{"s3://" + id + ":" + canary + "%2F" + canary + "@my-bucket/p", leave},
		{"s3://" + id + "%3A" + canary + "/" + canary + "%40my-bucket/p", leave},
		{"s3://" + id + "/" + canary + "@my-bucket/p", leave},
		{"s3://" + id + "/" + canary + "/my-bucket", leave},
		{"s3://" + canary + "/" + canary + "@my-bucket/p", leave},
		{"s3://my-bucket@" + id + ":" + canary + "/p", leave},
		{"s3://my-bucket?secret=" + canary, leave},
		{"s3://my-bucket#" + canary, leave},
		{"s3://my-bucket:" + canary, leave},
		{"s3://my bucket " + canary + "/p", leave},
		{"s3://arn:aws:s3:eu-west-1:111122223333:accesspoint/" + canary + "@reader/p", []string{"the ARN of an access point"}},
		{"arn:aws:s3:::" + canary, []string{"has to start with s3://"}},
		{"s3a://" + id + ":" + canary + "@my-bucket/p", []string{"write s3://bucket/prefix"}},
		{"HTTPS://" + id + ":" + canary + "@minio.example/my-bucket", []string{"https is not a scheme for logs"}},

		// Each of these is a path, and none that exists.
		{" s3://" + id + ":" + canary + "/" + canary + "@my-bucket/p", misspelt},
		{"\"s3://" + id + ":" + canary + "\"", misspelt},
		{"https:/" + id + ":" + canary + "@minio.example/my-bucket", misspelt},
		{id + ":" + canary + "/" + canary + "@my-bucket/p", misspelt},
		{id + "/" + canary, misspelt},
		{"id:" + canary + "/" + canary, misspelt},
		{"//my-bucket.s3.amazonaws.com/p?X-Amz-Signature=" + canary, misspelt},

		{"file:", []string{"names no whole path"}},
		{"file://", []string{"names no whole path"}},
		{"file:mirror", []string{"names no whole path", "write file:///directory"}},
		{"file://mirror/logs", []string{"names a host", "write file:///directory"}},
		{"file://user:" + canary + "@/mirror", []string{"names a host"}},
		{"file:///mirror/%zz" + canary, []string{"is not valid: write % as %25"}},
		{"file:///mirror?" + canary, []string{"write them as %3F and %23"}},
		{"file:///mirror#1", []string{"write them as %3F and %23"}},
	} {
		checkFails(t, tt.uri, nil, tt.says...)
	}
}
