package qlogs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	smithyendpoints "github.com/aws/smithy-go/endpoints"

	"github.com/promptlogs/qlogs/internal/testutil"
	"github.com/promptlogs/qlogs/internal/testutil/s3mem"
	"github.com/promptlogs/qlogs/qlogs"
	"github.com/promptlogs/qlogs/qlogs/source/s3source"
)

// An optionsStub shows options, as the SDK's client does.
type optionsStub struct {
	s3source.API
	options s3.Options
}

func (s optionsStub) Options() s3.Options { return s.options }

type archiveResolver struct{}

func (archiveResolver) ResolveEndpoint(context.Context, s3.EndpointParameters) (smithyendpoints.Endpoint, error) {
	return smithyendpoints.Endpoint{}, nil
}

// TestArchivedByEndpoint: a class alone says that an object is archived where the listing
// would say otherwise if it were restored, which is so at AWS.
func TestArchivedByEndpoint(t *testing.T) {
	at := func(endpoint string) func(s3source.API) s3source.API {
		return func(api s3source.API) s3source.API {
			return optionsStub{api, s3.Options{BaseEndpoint: &endpoint}}
		}
	}
	for _, tt := range []struct {
		name string
		api  func(s3source.API) s3source.API
		aws  bool
	}{
		{"no endpoint", func(api s3source.API) s3source.API { return optionsStub{api, s3.Options{Region: "eu-west-1"}} }, true},
		{"a client with its defaults", func(api s3source.API) s3source.API { return optionsStub{api, s3.New(s3.Options{}).Options()} }, true},
		{"regional", at("https://s3.eu-west-1.amazonaws.com"), true},
		{"with a port", at("https://s3.eu-west-1.amazonaws.com:443/"), true},
		{"upper case", at("https://S3.EU-WEST-1.AMAZONAWS.COM"), true},
		{"dual stack", at("https://s3.dualstack.eu-west-1.amazonaws.com"), true},
		{"FIPS", at("https://s3-fips.us-gov-west-1.amazonaws.com"), true},
		{"of a VPC", at("https://bucket.vpce-0a1b2c3d-4e5f6a7b.s3.us-east-1.vpce.amazonaws.com"), true},
		{"China", at("https://s3.cn-north-1.amazonaws.com.cn"), true},
		{"api.aws", at("https://s3.us-east-1.api.aws"), true},
		{"another store", at("https://objects.example.com"), false},
		{"of this machine", at("http://127.0.0.1:9000"), false},
		{"AWS's name before another", at("https://s3.amazonaws.com.example.com"), false},
		{"AWS's name at the end of another", at("https://notamazonaws.com"), false},
		{"no URL", at("://"), false},
		{"a resolver of the caller's", func(api s3source.API) s3source.API {
			return optionsStub{api, s3.Options{EndpointResolverV2: archiveResolver{}}}
		}, false},
		{"without options", func(api s3source.API) s3source.API { return api }, false},
	} {
		for _, class := range []types.ObjectStorageClass{types.ObjectStorageClassGlacier, types.ObjectStorageClassDeepArchive} {
			for _, status := range []struct {
				name   string
				status *types.RestoreStatus
				want   bool
			}{
				{"none", nil, tt.aws},
				{"in progress", &types.RestoreStatus{IsRestoreInProgress: aws.Bool(true)}, true},
				{"restored", &types.RestoreStatus{IsRestoreInProgress: aws.Bool(false), RestoreExpiryDate: aws.Time(time.Now().Add(time.Hour))}, false},
			} {
				stub := &s3Stub{pages: []*s3.ListObjectsV2Output{{Contents: []types.Object{{Key: aws.String("k"), StorageClass: class, RestoreStatus: status.status}}}}}
				objs, err := confList(t, s3source.New(tt.api(stub), "logs", nil), qlogs.ListInput{})
				if err != nil || len(objs) != 1 || objs[0].Archived != status.want {
					t.Errorf("%s, %s, status %s: List = %+v, %v, want Archived = %t", tt.name, class, status.name, objs, err, status.want)
				}
			}
		}
	}
}

// TestArchivedByAnswer: where the listing does not tell, the answer to the request does.
func TestArchivedByAnswer(t *testing.T) {
	for _, class := range []string{"GLACIER", "DEEP_ARCHIVE", "INTELLIGENT_TIERING", "STANDARD", "COLD"} {
		for _, refused := range []bool{false, true} {
			for _, body := range [][]byte{cursorFile(cursorRecord("a", 1)), cursorLarge(cursorRecord("a", 1))} {
				key := cursorKey(cursorChats, 1)
				api := archiveAPI{body: body, key: key, class: class}
				if refused {
					mem, client := testutil.MemS3(t)
					mem.Put("logs", key, body)
					mem.Intercept(func(r s3mem.Request) *s3mem.Fault {
						if r.Op == "GetObject" {
							return &s3mem.Fault{Status: http.StatusForbidden, Code: "InvalidObjectState"}
						}
						return nil
					})
					api.refuse = client
				}
				s := qlogs.New(s3source.New(api, "logs", nil), nil).Scan(qlogs.Query{})
				var pairs []string
				for e, err := range s.Records(t.Context()) {
					var bad *qlogs.ObjectError
					switch {
					case err == nil:
						pairs = append(pairs, e.Record.RequestID())
					case errors.As(err, &bad) && errors.Is(err, qlogs.ErrArchived) && !bad.Retryable:
						pairs = append(pairs, "archived")
					default:
						pairs = append(pairs, err.Error())
					}
				}
				want := "a"
				if refused {
					want = "archived"
				}
				contractSame(t, fmt.Sprintf("pairs of class %s, refused %t", class, refused), pairs, []string{want})
			}
		}
	}
}

// An archiveAPI has one object of a class.
type archiveAPI struct {
	key, class string
	body       []byte
	refuse     *s3.Client // if not nil
}

func (a archiveAPI) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	out := &s3.ListObjectsV2Output{}
	rest, within := strings.CutPrefix(a.key, aws.ToString(in.Prefix))
	if folder, _, deeper := strings.Cut(rest, "/"); within && deeper && in.Delimiter != nil {
		out.CommonPrefixes = []types.CommonPrefix{{Prefix: aws.String(aws.ToString(in.Prefix) + folder + "/")}}
	} else if within {
		out.Contents = []types.Object{{Key: &a.key, Size: aws.Int64(int64(len(a.body))), ETag: aws.String(`"e"`), StorageClass: types.ObjectStorageClass(a.class)}}
	}
	return out, nil
}

func (a archiveAPI) GetObject(ctx context.Context, in *s3.GetObjectInput, opts ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	if a.refuse != nil {
		return a.refuse.GetObject(ctx, in, opts...)
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(string(a.body))), ContentLength: aws.Int64(int64(len(a.body)))}, nil
}
