package s3source_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithy "github.com/aws/smithy-go"

	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs/qlogstest/s3test"
	"github.com/promptlogs/qlogs/qlogs/source"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

const (
	explainKey    = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	explainUser   = "User: arn:aws:sts::111122223333:assumed-role/reader/session is not authorized to perform: "
	explainRegion = "X-Amz-Bucket-Region"
)

// failure returns the error of a request for the only object, or for a listing.
func failure(t *testing.T, s *server, opts *s3source.Options, op string, fault s3mem.Fault) error {
	t.Helper()
	o := find(t, s.source(nil), s.keys[0])
	s.fail(op, fault)
	var err error
	if op == "GetObject" {
		_, err = read(t.Context(), s.source(opts), o, 0)
	} else {
		_, err = list(t, s.source(opts), source.ListInput{})
	}
	if err == nil {
		t.Fatalf("%s has no error", op)
	}
	return err
}

func TestErrors(t *testing.T) {
	sentinels := []error{fs.ErrPermission, fs.ErrNotExist, source.ErrArchived, source.ErrChanged, errors.ErrUnsupported}
	for _, tt := range []struct {
		op    string
		fault s3mem.Fault
		want  error    // of the sentinels; nil is none
		code  string   // the SDK's
		says  []string // parts of the text
		not   string   // no part of it, if not empty
	}{
		{"ListObjectsV2", s3mem.Fault{Status: 403}, fs.ErrPermission, "AccessDenied", []string{"s3:ListBucket", `bucket "logs"`, "AccessDenied"}, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 403, Code: "AllAccessDisabled"}, fs.ErrPermission, "AllAccessDisabled", []string{"AllAccessDisabled"}, "s3:ListBucket"},
		{"ListObjectsV2", s3mem.Fault{Status: 403, Code: "SignatureDoesNotMatch"}, fs.ErrPermission, "SignatureDoesNotMatch", nil, "s3:ListBucket"},
		{"ListObjectsV2", s3mem.Fault{Status: 404, Code: "NoSuchBucket"}, fs.ErrNotExist, "NoSuchBucket", []string{`bucket "logs": no such bucket: check its name`, "or the same store"}, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 301, Code: "PermanentRedirect"}, nil, "PermanentRedirect", nil, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 400, Code: "InvalidArgument"}, nil, "InvalidArgument", nil, ""},
		{"GetObject", s3mem.Fault{Status: 403}, fs.ErrPermission, "AccessDenied", []string{"s3:GetObject", `bucket "logs"`, "kms:Decrypt"}, ""},
		{"GetObject", s3mem.Fault{Status: 403, Code: "InvalidObjectState"}, source.ErrArchived, "InvalidObjectState", []string{"restore"}, ""},
		{"GetObject", s3mem.Fault{Status: 404}, fs.ErrNotExist, "NoSuchKey", nil, ""},
		{"GetObject", s3mem.Fault{Status: 404, Code: "NoSuchVersion"}, fs.ErrNotExist, "NoSuchVersion", nil, ""},
		{"GetObject", s3mem.Fault{Status: 404, Code: "NoSuchBucket"}, fs.ErrNotExist, "NoSuchBucket", []string{`bucket "logs": no such bucket: check its name`, "or the same store"}, ""},
		{"GetObject", s3mem.Fault{Status: 412, Code: "PreconditionFailed"}, source.ErrChanged, "PreconditionFailed", nil, ""},
		{"GetObject", s3mem.Fault{Status: 400, Code: "InvalidRequest"}, nil, "InvalidRequest", nil, ""},
		{
			"GetObject", s3mem.Fault{Status: 400, Code: "InvalidRequest", Message: "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object."},
			errors.ErrUnsupported, "InvalidRequest", []string{"SSE-C", "copy it"}, "",
		},
		{
			"GetObject", s3mem.Fault{Status: 400, Code: "InvalidArgument", Message: "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key."},
			errors.ErrUnsupported, "InvalidArgument", []string{"encrypted"}, "",
		},
		{
			"GetObject", s3mem.Fault{Status: 400, Code: "InvalidArgument", Message: "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4."},
			nil, "InvalidArgument", []string{"credentials"}, "SSE-C",
		},
		{
			"GetObject", s3mem.Fault{Status: 400, Code: "InvalidArgument", Message: "Requests specifying Server Side Encryption with AWS KMS managed keys must be made over a secure connection."},
			nil, "InvalidArgument", []string{"https"}, "SSE-C",
		},
		{"GetObject", s3mem.Fault{Status: 400, Code: "KMS.DisabledException", Message: "the key to decrypt with is disabled"}, nil, "KMS.DisabledException", []string{"enable it"}, "SSE-C"},
		{"GetObject", s3mem.Fault{Status: 405, Code: "MethodNotAllowed"}, errors.ErrUnsupported, "MethodNotAllowed", []string{"requests of this kind"}, ""},
		{"GetObject", s3mem.Fault{Status: 405, Code: "MethodNotAllowed", Header: http.Header{"X-Amz-Delete-Marker": {"true"}}}, fs.ErrNotExist, "MethodNotAllowed", []string{"delete marker"}, ""},
		{"GetObject", s3mem.Fault{Status: 501, Code: "NotImplemented"}, errors.ErrUnsupported, "NotImplemented", []string{"s3:GetObject"}, ""},
		{"GetObject", s3mem.Fault{Status: 403, Code: "AccessDenied", Message: "encrypted"}, fs.ErrPermission, "AccessDenied", nil, "SSE-C"},
	} {
		t.Run(fmt.Sprintf("%s %d %s", tt.op, tt.fault.Status, tt.fault.Code), func(t *testing.T) {
			s := newServer(t, 1)
			err := failure(t, s, nil, tt.op, tt.fault)
			for _, sentinel := range sentinels {
				if got := errors.Is(err, sentinel); got != (sentinel == tt.want) {
					t.Errorf("errors.Is(%v, %v) = %t", err, sentinel, got)
				}
			}
			var api smithy.APIError
			if !errors.As(err, &api) || api.ErrorCode() != tt.code {
				t.Errorf("error = %v, want the SDK's error with the code %s in it", err, tt.code)
			}
			for _, part := range tt.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error = %q, want it to say %s", err, part)
				}
			}
			if tt.not != "" && strings.Contains(err.Error(), tt.not) {
				t.Errorf("error = %q, want no %s in it: another permission does not help", err, tt.not)
			}
			want := 1
			if tt.op == "ListObjectsV2" && tt.code == "InvalidArgument" { // which may mean the optional header, or the encoding
				want = 3
			}
			if tt.op == "ListObjectsV2" {
				want++ // to find the object
			}
			if n := len(s.requests(tt.op)); n != want {
				t.Errorf("%d requests, want %d", n, want)
			}
		})
	}
}

// Errors of S3 say what they mean and what to do, are of the right class, and hold
// the SDK's own.
func TestErrorsExplained(t *testing.T) {
	for _, tt := range []struct {
		op    string
		fault s3mem.Fault
		opts  *s3source.Options
		class error    // fs.ErrPermission or none
		says  []string // parts of the text
		not   string   // no part of it, if not empty
	}{
		{"GetObject", s3mem.Fault{Status: 400, Code: "ExpiredToken"}, nil, fs.ErrPermission, []string{"credentials have expired"}, "s3:GetObject"},
		{"GetObject", s3mem.Fault{Status: 403, Code: "ExpiredTokenException"}, nil, fs.ErrPermission, []string{"credentials have expired"}, ""},
		{"GetObject", s3mem.Fault{Status: 400, Code: "TokenRefreshRequired"}, nil, fs.ErrPermission, []string{"credentials have expired"}, ""},
		{"GetObject", s3mem.Fault{Status: 400, Code: "RequestExpired"}, nil, fs.ErrPermission, []string{"credentials have expired"}, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 400, Code: "ExpiredToken"}, nil, fs.ErrPermission, []string{"credentials have expired"}, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 400, Code: "InvalidToken"}, nil, fs.ErrPermission, []string{"session token is not valid"}, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 403, Code: "InvalidAccessKeyId"}, nil, fs.ErrPermission, []string{"access key is not known"}, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 403, Code: "SignatureDoesNotMatch"}, nil, fs.ErrPermission, []string{"secret key does not belong"}, "s3:ListBucket"},
		{"ListObjectsV2", s3mem.Fault{Status: 403, Code: "RequestTimeTooSkewed"}, nil, fs.ErrPermission, []string{"clock of this computer"}, ""},

		{"GetObject", s3mem.Fault{Status: 403, Message: "Access Denied"}, nil, fs.ErrPermission, []string{`need s3:GetObject on the objects of bucket "logs", and kms:Decrypt`, "s3source.Options.RequesterPays"}, "ExpectedBucketOwner"},
		{"GetObject", s3mem.Fault{Status: 403, Message: explainUser + `s3:GetObject on resource: "arn:aws:s3:::logs/k" because no identity-based policy allows the s3:GetObject action`}, nil, fs.ErrPermission, []string{"need s3:GetObject"}, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 403}, nil, fs.ErrPermission, []string{`need s3:ListBucket on bucket "logs";`}, "kms:Decrypt"},
		{"ListObjectsV2", s3mem.Fault{Status: 403}, &s3source.Options{RequesterPays: true}, fs.ErrPermission, []string{"s3:ListBucket"}, "RequesterPays"},
		{"ListObjectsV2", s3mem.Fault{Status: 403}, &s3source.Options{ExpectedBucketOwner: s3test.Owner}, fs.ErrPermission, []string{"has to be owned by the account 111122223333, as s3source.Options.ExpectedBucketOwner says"}, ""},

		{"GetObject", s3mem.Fault{Status: 403, Message: explainUser + "kms:Decrypt on resource: " + explainKey + " because no identity-based policy allows the kms:Decrypt action"}, nil, fs.ErrPermission, []string{"need kms:Decrypt on the KMS key " + explainKey + ", by"}, "s3:GetObject"},
		{"GetObject", s3mem.Fault{Status: 403, Message: explainUser + "kms:Decrypt on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"}, nil, fs.ErrPermission, []string{"need kms:Decrypt on the KMS key that the objects are encrypted with"}, ""},
		{"GetObject", s3mem.Fault{Status: 403, Code: "KMS.AccessDeniedException", Message: "The ciphertext refers to a customer master key that you are not allowed to access."}, nil, fs.ErrPermission, []string{"need kms:Decrypt on the KMS key that"}, ""},
		{"GetObject", s3mem.Fault{Status: 400, Code: "KMS.DisabledException", Message: explainKey + " is disabled."}, nil, nil, []string{"the KMS key " + explainKey + " cannot be used: enable it"}, ""},
		{"GetObject", s3mem.Fault{Status: 400, Code: "KMS.KMSInvalidStateException", Message: explainKey + " is pending deletion."}, nil, nil, []string{"the KMS key " + explainKey + " cannot be used", "cancel its deletion"}, ""},
		{"GetObject", s3mem.Fault{Status: 404, Code: "KMS.NotFoundException", Message: "Invalid keyId"}, nil, nil, []string{"the KMS key that the objects are encrypted with cannot be used"}, ""},

		{"ListObjectsV2", s3mem.Fault{Status: 301, Code: "PermanentRedirect", Header: http.Header{explainRegion: {"eu-west-1"}}}, nil, nil, []string{`bucket "logs" is in Region "eu-west-1", not in the S3 client's "us-east-1": set the client's Region to "eu-west-1"`}, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 301, Code: "PermanentRedirect"}, nil, nil, []string{`bucket "logs" is not in the S3 client's Region "us-east-1": set the client's Region to the bucket's, which BucketRegion finds`}, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 301, Code: "MovedPermanently"}, nil, nil, []string{"which BucketRegion finds"}, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 307, Code: "TemporaryRedirect", Header: http.Header{explainRegion: {"eu-west-1"}}}, nil, nil, []string{`set the client's Region to "eu-west-1"`}, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 307, Code: "TemporaryRedirect", Header: http.Header{explainRegion: {"us-east-1"}}}, nil, nil, nil, "set the client's Region"},
		{"ListObjectsV2", s3mem.Fault{Status: 400, Code: "AuthorizationHeaderMalformed", Message: "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'"}, nil, nil, []string{`set the client's Region to "eu-west-1"`}, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 400, Code: "AuthorizationHeaderMalformed", Header: http.Header{explainRegion: {"eu-west-1"}}}, nil, nil, []string{`set the client's Region to "eu-west-1"`}, ""},
		{"ListObjectsV2", s3mem.Fault{Status: 400, Code: "AuthorizationHeaderMalformed", Message: `The authorization header is malformed; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`}, nil, nil, []string{"mal-formed"}, "set the client's Region"},
		{"GetObject", s3mem.Fault{Status: 400, Code: "IllegalLocationConstraintException", Message: "The af-south-1 location constraint is incompatible for the region specific endpoint this request was sent to."}, nil, nil, []string{`set the client's Region to "af-south-1"`}, ""},
	} {
		t.Run(fmt.Sprintf("%s %d %s", tt.op, tt.fault.Status, tt.fault.Code), func(t *testing.T) {
			err := failure(t, newServer(t, 1), tt.opts, tt.op, tt.fault)
			for _, class := range []error{fs.ErrPermission, fs.ErrNotExist, source.ErrChanged, source.ErrArchived} {
				if got := errors.Is(err, class); got != (class == tt.class) {
					t.Errorf("errors.Is(%v, %v) = %t", err, class, got)
				}
			}
			var api smithy.APIError
			if !errors.As(err, &api) || tt.fault.Code != "" && api.ErrorCode() != tt.fault.Code {
				t.Errorf("error = %v, want the SDK's error with the code %s in it", err, tt.fault.Code)
			}
			for _, part := range tt.says {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error = %q, want it to say %q", err, part)
				}
			}
			if tt.not != "" && strings.Contains(strings.ReplaceAll(err.Error(), tt.fault.Message, ""), tt.not) {
				t.Errorf("error = %q, want no %q in it", err, tt.not)
			}
		})
	}
}

// A bucket in us-east-1 is named by no Region where S3 speaks of constraints.
func TestErrorOfTheOldestRegion(t *testing.T) {
	s := newServer(t, 1)
	s.client = s3.New(s.client.Options(), func(o *s3.Options) { o.Region = "ap-east-1" })
	s.fail("ListObjectsV2", s3mem.Fault{Status: 400, Code: "IllegalLocationConstraintException", Message: "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to."})
	_, err := list(t, s.source(nil), source.ListInput{})
	if want := `in Region "us-east-1", not in the S3 client's "ap-east-1"`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error = %v, want %q", err, want)
	}
}

// If a client does not show its Region, errors do without it.
func TestErrorOfAnUnknownClient(t *testing.T) {
	s := newServer(t, 1)
	s.fail("ListObjectsV2", s3mem.Fault{Status: 301, Code: "PermanentRedirect", Header: http.Header{explainRegion: {"eu-west-1"}}})
	_, err := list(t, s3source.New(explainAPI{s.client}, "logs", nil), source.ListInput{})
	if want := `in Region "eu-west-1", not in the S3 client's: set the client's Region to "eu-west-1"`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error = %v, want %q", err, want)
	}
}

// An explainAPI is no *s3.Client.
type explainAPI struct{ client *s3.Client }

func (a explainAPI) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, opts ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	return a.client.ListObjectsV2(ctx, in, opts...)
}

func (a explainAPI) GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	return a.client.GetObject(ctx, in, opts...)
}

// A version takes another permission.
func TestErrorOfAVersion(t *testing.T) {
	s := newServer(t, 1)
	s.fail("GetObject", s3mem.Fault{Status: 403})
	for version, want := range map[string]string{"": "need s3:GetObject on", "v1": "need s3:GetObjectVersion on"} {
		o := find(t, s.source(nil), s.keys[0])
		o.VersionID = version
		if _, err := read(t.Context(), s.source(nil), o, 0); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("version %q: error = %v, want %q", version, err, want)
		}
	}
}

// Credentials that cannot be had are told from those that S3 refuses: what another
// service says of them is no denial of S3.
func TestNoCredentials(t *testing.T) {
	denied := &smithy.OperationError{ServiceID: "STS", OperationName: "AssumeRole", Err: &smithy.GenericAPIError{Code: "AccessDenied", Message: "not authorized to perform: sts:AssumeRole"}}
	none := explainNobody(t)
	for _, tt := range []struct {
		name     string
		provider aws.CredentialsProvider
		want     string // of the cause
	}{
		{"a role that is denied", explainFailing(denied), "sts:AssumeRole"},
		{"a program that fails", explainFailing(errors.New("exit status 1")), "exit status 1"},
		{"nothing configured", none, "IMDS"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, 1)
			s.client = s3.New(s.client.Options(), func(o *s3.Options) { o.Credentials = tt.provider })
			_, err := list(t, s.source(nil), source.ListInput{})
			if err == nil {
				t.Fatal("List has no error")
			}
			for _, part := range []string{"the S3 client has no credentials to sign with", tt.want} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error = %q, want %q in it", err, part)
				}
			}
			if errors.Is(err, fs.ErrPermission) || strings.Contains(err.Error(), "s3:ListBucket") {
				t.Errorf("error = %q, want none of a permission on the bucket", err)
			}
			if n := len(s.requests("ListObjectsV2")); n != 0 {
				t.Errorf("%d requests, want none", n)
			}
		})
	}
}

// The SDK may come to name that step otherwise: another service's error is told in
// any case.
func TestNoCredentialsByService(t *testing.T) {
	inner := &smithy.OperationError{ServiceID: "SSO", OperationName: "GetRoleCredentials", Err: &smithy.GenericAPIError{Code: "AccessDenied"}}
	for service, want := range map[string]bool{"S3": true, "SSO": false} {
		outer := &smithy.OperationError{ServiceID: service, OperationName: "GetObject", Err: fmt.Errorf("sign: %w", inner)}
		api := &stub{get: func(*s3.GetObjectInput) (*s3.GetObjectOutput, error) { return nil, outer }}
		_, err := s3source.New(api, "logs", nil).Open(t.Context(), source.Object{Key: "k", Size: 1}, 0)
		if got := strings.Contains(fmt.Sprint(err), "no credentials to sign with"); got != want || errors.Is(err, fs.ErrPermission) == want {
			t.Errorf("an error of SSO within one of %s is %v", service, err)
		}
	}
}

func explainFailing(err error) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return aws.Credentials{}, err })
}

// explainNobody returns the SDK's own provider where there are no credentials at all.
func explainNobody(t *testing.T) aws.CredentialsProvider {
	t.Helper()
	dir := t.TempDir()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": dir + "/config", "AWS_SHARED_CREDENTIALS_FILE": dir + "/credentials", "AWS_CA_BUNDLE": "",
	} {
		t.Setenv(name, value)
	}
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRegion(s3test.Region))
	if err != nil {
		t.Fatal(err)
	}
	return cfg.Credentials
}
