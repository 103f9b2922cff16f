package open

import (
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// Options are options of [URI]. The zero value of each field is the default. All of them
// concern buckets; a directory or a zip file is opened without.
type Options struct {
	// Profile is the profile of the shared configuration files to use, as --profile is for
	// the AWS CLI. It goes before credentials in the environment. Empty uses AWS's default
	// configuration.
	Profile string

	// RoleARN is a role to assume, such as arn:aws:iam::111122223333:role/reader. Empty
	// assumes none. The session has the name "qlogs" and lasts an hour; it is renewed five
	// minutes before its end.
	RoleARN string

	// ExternalID is the external id that the role's trust policy asks for.
	ExternalID string

	// Region is the bucket's Region. If it is empty, S3 is asked, with one HeadBucket
	// request, unless the ARN of an access point says it.
	Region string

	// Endpoint is the URL of an S3-compatible store, such as https://minio.example:9000.
	// Empty is AWS, or what AWS_ENDPOINT_URL_S3 or the profile says.
	Endpoint string

	// PathStyle puts the bucket's name into the path of requests, as most S3-compatible
	// stores need it, and not into the host name.
	PathStyle bool

	// InFlight is qlogs.Options.InFlight of the client that reads the source; 64. If several
	// read it at the same time, the sum. That many connections stay open between requests,
	// and Lists more, but never fewer than 100: enough for the default.
	InFlight int

	// Lists is qlogs.Options.Lists of the client that reads the source; 12. If several read
	// it at the same time, the sum.
	Lists int

	// S3 is passed on to [s3source.New].
	S3 s3source.Options

	// LoadOptions change how the AWS configuration is loaded, for what has no field here:
	// credentials or an HTTP client of your own, or the code of an MFA device. They are
	// applied last, so they win over the fields above. They may be called more than once.
	LoadOptions []func(*config.LoadOptions) error
}
